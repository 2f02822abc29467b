"""Permits of every kind, worked to their end, that no rule of the audit finds fault with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.standards.gb30871.made import AROUND
from tests.standards.gb30871.permits import START, WINDOW, good, reading, special

from quancheng.standards.gb30871 import roles, tickets
from quancheng.standards.gb30871.audit import shapes
from quancheng.standards.gb30871.audit.registry import audit, rules
from quancheng.standards.gb30871.basis import Slot
from quancheng.standards.gb30871.endings import Weather
from quancheng.standards.gb30871.facts import PermitFacts
from quancheng.standards.gb30871.levels import HotWork, Lifting
from quancheng.standards.gb30871.upgrades import Surroundings

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOON = START + 3 * HOUR
#: All rules in force on the days of these tests.
RULES = tuple(replace(one, valid_from=date(2022, 10, 1)) for one in rules())
HAZARDS = "着火、灼烫、触电、中毒窒息、残火；喷出；高处坠落；吊物坠落；坍塌；车辆伤人；应急救援"


def signed(kind: str, level: str) -> tuple[shapes.Signed, ...]:
    """Every signature of annex A, two minutes apart, each by another hand and device on the spot."""
    row = roles.approval(kind, level)
    before = [*row.steps_to_issue, *(["SHIFT_LEADER"] if kind == "HW" else [])]
    times = {step: START - (60 - 2 * place) * MINUTE for place, step in enumerate(before)}
    times["ACCEPTOR"] = NOON + 40 * MINUTE
    if "COUNTERSIGNER" in row.steps:
        times.setdefault("COUNTERSIGNER", START - 30 * MINUTE)
    people = {"GUARDIAN": "guardian", "WORK_LEADER": "leader"}
    return tuple(
        shapes.Signed(
            step=step, role=row.approver if step == "APPROVER" else step, person=people.get(step, f"signer {step}"),
            signed_at=at, distance_m=Decimal(3), position_age_s=Decimal(10), accuracy_m=Decimal(5),
            device=f"device {step}", image=f"image {step}",
        )
        for step, at in times.items()
    )  # fmt: skip


def confirmed(kind: str) -> tuple[shapes.Confirmed, ...]:
    return tuple(
        shapes.Confirmed(
            code=row.code, applies=True, confirmed_by="x", filled=frozenset(row.parameters),
            confirmed_at=START - 90 * MINUTE + place * MINUTE, distance_m=Decimal(2),
        )
        for place, row in enumerate(tickets.measures(kind))
    )  # fmt: skip


def clean(kind: str, *, facts: dict[str, Any] | None = None, **more: object) -> shapes.AuditedPermit:
    """A permit of a kind of which everything is known and nothing is wrong."""
    told: dict[str, Any] = {
        "now": None, "stopped_at": None, "stop_reason": "", "started_at": START, "filing_needed": True,
        "records": tuple(START + n * HOUR for n in range(1, 4)), "briefed_at": START - HOUR, "sections": 1,
        "circumstances": {"rotating_parts": False, "held_flammable": False}, **(facts or {}),
    }  # fmt: skip
    base = special(**told) if told.pop("special", False) else good(kind, **told)
    return of_facts(base, **more)


def of_facts(facts: PermitFacts, **more: object) -> shapes.AuditedPermit:
    known: dict[str, Any] = {
        "facts": facts,
        "state": "ARCHIVED",
        "now": START + 30 * HOUR,
        "applied_at": START - 24 * HOUR,
        "issued_at": START - 20 * MINUTE,
        "finished_at": NOON,
        "accepted_at": NOON + 40 * MINUTE,
        "signatures": signed(facts.kind, facts.level),
        "elsewhere": (),
        "measures": confirmed(facts.kind),
        "hazards": HAZARDS,
        "alike_elsewhere": 0,
        "sides": frozenset({"LOCAL_UNIT", "WORK_UNIT"}),
        "briefing_distance_m": Decimal(5),
        "stretches": (Slot(START, NOON),),
        "breaks": (),
        "seen": (START + HOUR,),
        "absences": (),
        "rounds": tuple(START + n * 30 * MINUTE for n in range(1, 6)),
        "unlisted": 0,
        "upsets": (),
        "weathers": (shapes.WeatherAt(at=START + HOUR, weather=Weather(wind_beaufort=3)),),
        "changed": False,
        "accept_photos": 2,
        "inside_enterprise": True,
        "place_distance_m": Decimal(5),
        "filing_due": START - 12 * HOUR,
        "filed_at": START - 20 * HOUR,
        "emergency_percent": Decimal(5),
        "bookings": 40,
        "ticket_kept": True,
        "video_kept": True,
        "uploads": (shapes.Upload(event_at=START, uploaded_at=START + MINUTE),),
        "missing_upstream": False,
        "limits_used": (),
        "gas_without_unit": 0,
        "continuous": tuple(START + n * 4 * MINUTE for n in range(46)),
        "video": shapes.Video(coverage_percent=Decimal(99), is_ex_rated=True),
        "inside_fixed_area": True,
        "counts": shapes.Counts(people_in=2, people_out=2, tools_in=5, tools_out=5),
        "guardian_inside": False,
        "most_inside": 2,
        "plate_registered": True,
        "plate_updated": True,
        "blind_days": 10,
        "blind_checked": False,
        "reconfirmations": (),
        "removed_at": NOON,
        "sketch": True,
        "both_routes_closed": False,
        "reopened_at": NOON + HOUR,
    }
    return shapes.AuditedPermit(**{**known, **more})


def changed(permit: shapes.AuditedPermit, **facts: Any) -> shapes.AuditedPermit:
    """With other facts."""
    return replace(permit, facts=replace(permit.facts, **facts))


def findings(permit: shapes.AuditedPermit, around: Surroundings = AROUND) -> set[str]:
    """Codes of the rules that fail."""
    return {one.code for one in audit(permit, "NIGHT", around, RULES) if one.outcome == "FAIL"}


def resigned(permit: shapes.AuditedPermit, step: str, **values: Any) -> shapes.AuditedPermit:
    """With one signature changed."""
    found = permit.signatures or ()
    return replace(permit, signatures=tuple(replace(one, **values) if one.step == step else one for one in found))


def unsigned(permit: shapes.AuditedPermit, step: str) -> shapes.AuditedPermit:
    return replace(permit, signatures=tuple(one for one in permit.signatures or () if one.step != step))


def remeasured(permit: shapes.AuditedPermit, code: str, **values: Any) -> shapes.AuditedPermit:
    rows = permit.measures or ()
    return replace(permit, measures=tuple(replace(one, **values) if one.code == code else one for one in rows))


def hot(permit: shapes.AuditedPermit, **values: Any) -> shapes.AuditedPermit:
    return changed(permit, hot_work=replace(permit.facts.hot_work or HotWork(), **values))


def load(permit: shapes.AuditedPermit, **values: Any) -> shapes.AuditedPermit:
    return changed(permit, lifting=replace(permit.facts.lifting or Lifting(mass_t=Decimal(1)), **values))


def worker(permit: shapes.AuditedPermit, **values: Any) -> shapes.AuditedPermit:
    """With all workers changed."""
    return changed(permit, workers=tuple(replace(one, **values) for one in permit.facts.workers or ()))


def guardian(permit: shapes.AuditedPermit, **values: Any) -> shapes.AuditedPermit:
    return changed(permit, guardians=tuple(replace(one, **values) for one in permit.facts.guardians or ()))


def certified(permit: shapes.AuditedPermit, **values: Any) -> shapes.AuditedPermit:
    """With all certificates of all workers changed."""
    return changed(permit, workers=tuple(
        replace(one, certificates=tuple(replace(each, **values) for each in one.certificates))
        for one in permit.facts.workers or ()
    ))  # fmt: skip



__all__ = [
    "AROUND", "HOUR", "MINUTE", "NOON", "RULES", "START", "WINDOW", "certified", "changed", "clean",
    "findings", "guardian", "hot", "load", "of_facts", "reading", "remeasured", "resigned", "signed", "unsigned",
    "worker",
]  # fmt: skip
