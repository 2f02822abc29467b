"""The smallest valid permit of each kind, and the way of one through its life."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import count
from typing import Any

from PIL import Image
from tests.domains.training.factories import make_certificate, make_person, own_file
from tests.factories import NOW, District, make_actor
from tests.support.replay import replayed

from quancheng.domains.permits.models import Permit, PermitPerson
from quancheng.domains.permits.queries.blocks import level_of_permit, next_signature
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.services import drafting, preparing, signing, working
from quancheng.domains.permits.services.positions import Place, Position, place_permit
from quancheng.domains.training.models import Person
from quancheng.kernel.access.actor import Actor
from quancheng.standards.gb30871 import tickets, watching

__all__ = [
    "ELSEWHERE", "HERE", "NOW", "PLACE", "STEPS", "Crew", "accepted", "crew_of", "draft_of", "make_draft",
    "make_permit", "prepare", "sign_all", "standing",
]  # fmt: skip

#: 09:00 of a Tuesday in Shanghai, when the window begins.
START = datetime(2026, 9, 8, 1, 0, tzinfo=UTC)
#: Where the work is, and where somebody stands who signs.
PLACE = Place(lon=Decimal("118.500000"), lat=Decimal("37.400000"), radius_m=Decimal(2))
HERE = Position(lon=Decimal("118.500050"), lat=Decimal("37.400000"), accuracy_m=Decimal(6), age_s=Decimal(4))
#: A kilometre away: no rule reaches so far.
ELSEWHERE = Place(lon=Decimal("118.512000"), lat=Decimal("37.400000"), radius_m=Decimal(2))
_drawn = count(1)
LEARNED = date(2026, 3, 2)
LEVELS = {"HW": "II", "WH": "2", "LF": "3"}
TASKS = {"HW": ["GRIND"], "TE": ["WORKER"], "WH": ["INSTALLER"], "LF": ["CRANE_OPERATOR"]}
#: Which certificate of the catalogue each of these tasks needs.
HELD = {"HW": "OW-TOOLS", "TE": "SO-1-02", "WH": "SO-3-02", "LF": "SE-Q2"}
_COMMON: dict[str, Any] = {
    "is_contractor": False, "filing_needed": False, "licence_valid": True, "hazard_place": False, "outdoor": True,
    "needs_plan": False,
    "questions": {
        "height_m": 0, "confined_space": False, "pit_m": 0, "dangerous_area": False, "sparks": False,
        "vehicle_without_arrestor": False, "tool_not_ex": False, "blinds": 0, "temporary_power": False, "lift_t": 0,
        "dig_m": 0, "piling_or_levelling": False, "road_blocked": False,
    },
}  # fmt: skip
LIFT_FLAGS = (
    "complex_shape", "low_stiffness", "slender", "precious", "special_conditions", "dangerous_equipment_near",
)  # fmt: skip
WORK: dict[str, dict[str, Any]] = {
    "HW": {
        "hot_work": {
            "hazard_place": False, "on_running_equipment": False, "in_major_hazard_dike": False, "on_pipe_rack": False,
            "outdoor": True, "wind_beaufort": 2, "under_pressure": False,
        },
        "methods": ["GRIND"], "isolations": [], "sections": 1, "in_vessel": False, "outer_wall": False, "large": False,
        "oxygen_service": False, "circumstances": {"held_flammable": False},
        "site": {"explosive_medium": False, "under_pressure": False},
    },
    "CS": {"isolations": [{"tag": "B-1", "type": "BLIND", "blind_needed": True}], "people_inside": 2,
           "large": False, "circumstances": {"held_toxic_or_flammable": True},
           "site": {"oxygen_ventilation": False}},
    "BL": {"plates": 1, "operations": ["INSERT"]},
    "WH": {"height": {"height_m": 8, "factors": [], "situations": []}, "toxic_place": False,
           "site": {"work_below": False}},
    "LF": {"lifting": {"mass_t": 5, **dict.fromkeys(LIFT_FLAGS, False)},
           "site": {"anchor": "NONE", "cranes": [{"load_t": 5, "capacity_t": 25}]}},
    "TE": {"high_voltage": False, "site": {"generator_fed_in": False, "cable_joints": False}},
    "EX": {"depth_m": 1, "dangerous_lines": False, "departments_concerned": ["FIRE", "POWER"]},
    "RC": {"site": {"traffic_plan": True, "fire_lane": True}},
}  # fmt: skip
FOUND: dict[str, Any] = {
    "weather": {"wind_beaufort": 2, "fog": False, "heavy_snow": False, "rainstorm": False, "rain": False,
                "snow": False},
    "zone": {"locked_by": "", "people": 1, "capacity": 30, "is_banned": False}, "conflicts": [], "identified": True,
    "isolations_verified": True, "other_on_line": False, "site": {
        "manual_log_plan": True, "personal_detectors": True, "under_pressure": False, "oxygen_ventilation": False,
        "work_below": False, "generator_fed_in": False, "cable_joints": False, "fire_lane": True,
    },
}  # fmt: skip
#: What is prepared, in the order in which it is; leave one out and nothing is issued.
STEPS = ("analysis", "measures", "site", "gas", "briefing")


@dataclass(slots=True)
class Crew:
    """Who is at work, and the two accounts of the enterprise."""

    safety: Actor
    head: Actor
    leader: Person
    worker: Person
    guardian: Person


@replayed
def crew_of(district: District, kind: str = "HW", *, order: int = 700) -> Crew:
    own_file(district)
    # A guardian's certificate counts one year.
    day = NOW.date() - timedelta(days=100)
    one_year = {"issued_date": day, "valid_from": day, "valid_to": day + timedelta(days=364)}
    names = ("某负责人", "某作业人", "某监护人")
    people = [make_person(district, order=order + n, name=name) for n, name in enumerate(names)]
    if kind in HELD:
        own = one_year if HELD[kind].startswith("OW") else {"valid_to": day + timedelta(days=1100)}
        make_certificate(district, people[1], HELD[kind], number=f"示证{order}", **own)
        if kind == "TE":
            # Who leads electricians is one.
            make_certificate(district, people[0], HELD[kind], number=f"示领{order}", **own)
    make_certificate(district, people[2], "OW-GUARD", number=f"示监{order}", **one_year)
    head = make_actor(district.enterprise_org, "enterprise.head", name="某主要负责人")
    return Crew(district.enterprise, head, *people)


def typed_at_place(now: datetime, **known: Any) -> dict[str, str]:
    """What a phone at the place sends with a signature: its position, and a name that nobody wrote before."""
    out, shade = BytesIO(), next(_drawn)
    Image.new("RGB", (64, 24), (shade % 256, shade // 256, 90)).save(out, "PNG")
    where = {"lon": "118.500050", "lat": "37.400000", "accuracy_m": 6, "age_s": 3}
    told = {**where, "device_ms": int(now.timestamp() * 1000), **known}
    picture = base64.b64encode(out.getvalue()).decode()
    return {"position": json.dumps(told), "image": f"data:image/png;base64,{picture}"}


def draft_of(kind: str, **known: Any) -> drafting.Draft:
    work = {**_COMMON, **WORK[kind], **known.pop("work", {})}
    given: dict[str, Any] = {
        "kind": kind, "level": LEVELS.get(kind, ""), "place": "空压站外墙", "content": "更换支架",
        "apply_unit": "设备部", "work_unit": "检修班", "window_start": START,
        "window_end": START + timedelta(hours=8), **known,
    }  # fmt: skip
    return drafting.Draft(work=work, **given)


@replayed
def make_draft(
    district: District, kind: str = "HW", crew: Crew | None = None, *, now: datetime = NOW, **known: Any
) -> Permit:
    crew, at = crew or crew_of(district, kind), known.pop("at", PLACE)
    permit = drafting.draft_permit(actor=crew.safety, file=own_file(district), draft=draft_of(kind, **known), now=now)
    if not permit.is_emergency:
        # Booked in time: the day before its work.
        Permit.objects.filter(pk=permit.pk).update(booked_at=min(now, permit.window_start) - timedelta(days=1))
        permit.refresh_from_db()
    place_permit(actor=crew.safety, permit=permit, place=at, now=now)
    told: dict[str, Any] = {"educated_on": LEARNED, "medical_on": LEARNED, "now": now}
    for person, part in ((crew.leader, "LEADER"), (crew.guardian, "GUARDIAN"), (crew.worker, "WORKER")):
        tasks = TASKS.get(kind, ["WORKER"]) if part == "WORKER" else ()
        figures = {"exam_score": Decimal(90), "experience_years": Decimal(3)} if part == "GUARDIAN" else {}
        drafting.add_person(actor=crew.safety, permit=permit, person=person, part=part, tasks=tasks, **told, **figures)
    return permit


def _analysis(crew: Crew, permit: Permit, at: datetime) -> None:
    steps = [{"step": "打磨", "hazard": "火花飞溅", "measure": "设接火盆，专人监护"}]
    preparing.analyse(actor=crew.safety, permit=permit, steps=steps, participants=["某负责人", "某班长"], now=at)


def _measures(crew: Crew, permit: Permit, at: datetime) -> None:
    for row in tickets.measures(permit.kind):
        if row.applies != "other":
            filled = dict.fromkeys(row.parameters, "1")
            preparing.confirm_measure(
                actor=crew.safety, permit=permit, code=row.code, applies=True, filled=filled, now=at
            )


def samples(kind: str, at: datetime, **known: Any) -> list[preparing.Sample]:
    """What a kind asks to be tested, all of it good."""
    same: dict[str, Any] = {
        "sampled_at": at, "instrument": "JC-01", "calibration_due": date(2027, 1, 1), "analyst": "某分析人",
        "point": "取样点一", **known,
    }  # fmt: skip
    if kind == "HW":
        return [preparing.Sample(quantity="COMBUSTIBLE", value=Decimal("0.05"), unit="%VOL", gas="methane", **same)]
    if kind != "CS":
        return []
    inside = {"position": "INSIDE", **same}
    return [
        preparing.Sample(quantity="COMBUSTIBLE", value=Decimal("0.05"), unit="%VOL", gas="methane", **inside),
        preparing.Sample(quantity="TOXIC", value=Decimal("1"), unit="mg/m3", gas="hydrogen_sulfide", **inside),
        preparing.Sample(quantity="OXYGEN", value=Decimal("20.8"), unit="%VOL", gas="oxygen", **inside),
    ]


def _gas(crew: Crew, permit: Permit, at: datetime) -> None:
    for one in samples(permit.kind, at):
        preparing.enter_gas(actor=crew.safety, permit=permit, sample=one, now=at)


def _briefing(crew: Crew, permit: Permit, at: datetime) -> None:
    people = [one.pk for one in PermitPerson.objects.filter(permit=permit)]
    preparing.brief(
        actor=crew.safety, permit=permit, briefer="某班长", place="空压站", content="火花、高处、应急",
        attended=people, now=at,
    )  # fmt: skip


def _site(crew: Crew, permit: Permit, at: datetime) -> None:
    preparing.check_site(actor=crew.safety, permit=permit, found=FOUND, now=at)


DO: Mapping[str, Callable[[Crew, Permit, datetime], None]] = {
    "analysis": _analysis, "measures": _measures, "site": _site, "gas": _gas, "briefing": _briefing
}  # fmt: skip


def prepare(crew: Crew, permit: Permit, *, without: str = "", now: datetime = NOW) -> None:
    """Submit, take up, and prepare all but one step."""
    drafting.submit_permit(actor=crew.safety, permit=permit, now=now)
    drafting.take_up(actor=crew.head, permit=permit, now=now)
    for n, step in enumerate(STEPS):
        if step != without:
            DO[step](crew, permit, now + timedelta(minutes=n))


def sign_next(crew: Crew, permit: Permit, at: datetime) -> None:
    """Give the next signature by somebody who may."""
    rows = load_rows(permit)
    wanted = next_signature(rows, level_of_permit(rows, at))
    part = signing.ON_THE_SPOT.get(wanted.step) if wanted else None
    person = next((one for one in rows.crew if one.part == part), None)
    signing.sign_permit(actor=crew.head, permit=permit, person=person, position=standing(permit), now=at)


def standing(permit: Permit) -> Position:
    """Where somebody stands who signs at the place of a permit."""
    return replace(HERE, lon=(permit.lon or Decimal(0)) + Decimal("0.000050"), lat=permit.lat or Decimal(0))


def accepted(kind: str) -> dict[str, Any]:
    """The conditions of an acceptance, all met."""
    return {"items": {one.key: True for one in watching.acceptance_items(kind)}, "plate_no": "MB-01"}


def sign_all(crew: Crew, permit: Permit, *, now: datetime = NOW) -> datetime:
    """Sign until it is issued, and check hot work; answers the minute after the last."""
    at = now
    while permit.status == "APPROVING" or (permit.kind == "HW" and not _is_checked(permit)):
        sign_next(crew, permit, at)
        at += timedelta(minutes=1)
    return at


def _is_checked(permit: Permit) -> bool:
    return permit.signatures.filter(step="SHIFT_LEADER").exists()


@replayed
def make_permit(
    district: District, kind: str = "HW", *, crew: Crew | None = None, to: str = "ISSUED", **known: Any
) -> Permit:
    """A permit that came as far as that state, by the services alone."""
    crew = crew or crew_of(district, kind)
    permit = make_draft(district, kind, crew, **known)
    if to == "DRAFT":
        return permit
    prepare(crew, permit)
    if to == "PREPARING":
        return permit
    at = NOW + timedelta(minutes=6)
    preparing.present_permit(actor=crew.safety, permit=permit, now=at)
    if to == "APPROVING":
        return permit
    at = sign_all(crew, permit, now=at)
    if to == "ISSUED":
        return permit
    working.start_work(actor=crew.safety, permit=permit, now=at)
    return permit
