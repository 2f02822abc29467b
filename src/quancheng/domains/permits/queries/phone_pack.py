"""What a phone takes along of special work (离线数据包): today's permits of its person's enterprise, with all that one
needs at the place to confirm, test, look and count without signal.

Whoever of the enterprise sees permits may stop work, so all of them take the permits along; who works on them tells the
rest. A permit leaves the pack when it ends.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, When

from quancheng.domains.permits.loops.permit import BEGUN
from quancheng.domains.permits.models import (
    GasTest,
    GuardianItemChange,
    Permit,
    PermitMeasure,
    PermitPerson,
    SpaceEntry,
)
from quancheng.domains.permits.queries.advice import hint_said, hinted_measures, switched_on
from quancheng.domains.permits.queries.facts import Around, read_facts, setting_at
from quancheng.domains.permits.queries.fire_watch import watches_of
from quancheng.domains.permits.queries.guardian_items import item_changes, items_at, items_of
from quancheng.domains.permits.queries.guarding import last_looks
from quancheng.domains.permits.queries.papers import place_of
from quancheng.domains.permits.queries.permits import VIEW, WORK, list_permits, people_of_many
from quancheng.domains.permits.queries.staying import limit_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.words import told
from quancheng.standards.gb30871 import gas, gas_times, tickets, watching
from quancheng.standards.gb30871.basis import BadInput
from quancheng.standards.gb30871.checks.gas_and_time import scene_of
from quancheng.standards.gb30871.checks.model import Case as CheckCase
from quancheng.standards.gb30871.endings import STOP_REASONS
from quancheng.standards.gb30871.gases import UNITS, combustible_limit, gas_named, gases, toxic_limit
from quancheng.standards.gb30871.kinds import levels
from quancheng.standards.gb30871.parameters import Parameters
from quancheng.standards.gb30871.upgrades import Surroundings

#: Permits and newest gas values of each that are taken along. [D]
MOST, MOST_GAS = 40, 30
#: How long before its window a permit is taken along: the next shift prepares. [D]
AHEAD = timedelta(hours=24)
#: Work that may be told from the place, or is awaited there.
_TAKEN = ("PREPARING", "APPROVING", "ISSUED", "WORKING", "SUSPENDED")
#: Reasons for which people stop work on the spot, those of danger first; the end of the window is the clock's.
_REASONS = (
    "GAS_ALARM", "UNIT_UPSET", "EVACUATION", "VIOLATION", "GUARDIAN_ABSENT", "WEATHER", "SIMOPS", "WORKER_UNKNOWN",
    "OUT_OF_ZONE", "BREAK",
)  # fmt: skip


def pack(actor: Actor, now: datetime) -> dict[str, Any]:
    """Plain data of the actor's own enterprise; nothing for offices, and for who does not see permits. Twelve queries
    at most, whatever the number of permits."""
    found: dict[str, Any] = {"permits": [], "kinds": {}, "gas": {}, "reasons": [], "may_work": False, "more": False}
    if actor.supervises or actor.organisation_id is None or not actor.has(VIEW):
        return found
    # Whatever became of the permit: who is inside is counted out.
    inside = Exists(SpaceEntry.objects.filter(permit=OuterRef("pk"), left_at__isnull=True))
    begun = Q(status__in=BEGUN)
    watched = Q(status="FINISHED", kind="HW") & ~Q(fire_watch__ended_at__isnull=False)
    rows = list_permits(actor=actor).filter(file=actor.organisation_id).filter(
        begun | Q(inside) | watched
        | Q(status__in=_TAKEN, window_start__lte=now + AHEAD, window_end__gte=now)
    )  # fmt: skip
    # Where there are more than a phone takes along, what is over and only watched goes first; of the rest his own stay,
    # then what runs, then what comes next.
    named = PermitPerson.objects.filter(permit=OuterRef("pk"), ended_at__isnull=True, person__name=actor.name)
    first = Case(When(Q(requester=actor.user_id) | Exists(named), then=0), default=1)
    runs = Case(When(begun | Q(inside), then=0), default=1)
    over = Case(When(Q(status="FINISHED") & ~Q(inside), then=1), default=0)
    taken = list(rows.select_related("file__area").order_by(over, first, runs, "window_start", "pk")[: MOST + 1])
    found["more"] = len(taken) > MOST
    changes = item_changes()
    found |= {"permits": _permits(actor, taken[:MOST], now, changes), "may_work": actor.has(WORK)}
    if taken:
        found["kinds"] = {
            kind: _kind(kind, items_at(kind, now, changes)) for kind in sorted({one.kind for one in taken})
        }  # fmt: skip
        found["gas"] = _gas_words()
        found["reasons"] = [{"code": code, "name": told(STOP_REASONS[code])} for code in _REASONS]
    return found


def _permits(
    actor: Actor, rows: Sequence[Permit], now: datetime, changes: Sequence[GuardianItemChange]
) -> list[dict[str, Any]]:
    keys = [one.pk for one in rows]
    people: dict[uuid.UUID, list[PermitPerson]] = {key: [] for key in keys}
    for one in people_of_many(keys):
        if one.ended_at is None:
            people[one.permit_id].append(one)
    measures: dict[uuid.UUID, dict[str, PermitMeasure]] = {key: {} for key in keys}
    for row in PermitMeasure.objects.filter(permit__in=keys, applies__isnull=False):
        measures[row.permit_id][row.code] = row
    tests: dict[uuid.UUID, list[GasTest]] = {key: [] for key in keys}
    for test in GasTest.objects.filter(permit__in=keys).order_by("-sampled_at", "-pk"):
        tests[test.permit_id].append(test)
    inside: dict[uuid.UUID, list[SpaceEntry]] = {key: [] for key in keys}
    for entry in SpaceEntry.objects.filter(permit__in=keys, left_at__isnull=True).order_by("entered_at", "pk"):
        inside[entry.permit_id].append(entry)
    looks, around, watches = last_looks(rows), Around(), watches_of(rows, now)
    found = [
        {
            **_head(one, actor, people[one.pk]),
            "measures": {
                code: {"applies": row.applies, "filled": row.filled, "by": row.confirmed_name, "at": row.confirmed_at}
                for code, row in sorted(measures[one.pk].items())
            },
            "hints": _hints(one, around.figures_of(one.file_id, now)),
            "gas": _gas(one, tests[one.pk], around.of(one, now)),
            "guard": {
                "every_min": watching.every_min(one.kind, one.effective or one.level),
                "last_at": looks.get(one.pk), "since": one.status_at if one.status == "WORKING" else None,
            },
            # How long somebody stays in the space at a time; of hot work that ended until when it is watched.
            "stay_min": int(limit_of(one, around.figures_of(one.file_id, now)).total_seconds() // 60),
            "fire_watch_until": watches[one.pk].awaited if one.pk in watches else None,
            # What its work began with, whatever the list says by now.
            "items": _items(items_of(one, now, changes)),
            "inside": [
                {"person": entry.person_id, "at": entry.entered_at, "tools": entry.tools_in}
                for entry in inside[one.pk]
            ],
        }
        for one in rows
    ]  # fmt: skip
    # Those of the person himself stand first.
    return sorted(found, key=lambda one: not one["is_mine"])


def _hints(one: Permit, figures: Parameters) -> dict[str, str]:
    """While measures are decided: what like jobs needed, by the measure's code."""
    if one.status != "PREPARING" or not switched_on(figures):
        return {}
    return {code: hint_said(hint) for code, hint in hinted_measures(one).items()}


def _head(one: Permit, actor: Actor, crew: Sequence[PermitPerson]) -> dict[str, Any]:
    level = levels(one.kind).get(one.effective or one.level)
    stopped = STOP_REASONS.get(one.stop_reason) if one.status == "SUSPENDED" else None
    # Accounts and files of persons are not linked: who bears the name of somebody on the permit is taken for him.
    is_mine = one.requester_id == actor.user_id or any(each.person.name == actor.name for each in crew)
    return {
        "id": one.pk, "number": one.number, "kind": one.kind, "kind_name": one.get_kind_display(),
        "level": told(level.name) if level is not None and (one.effective or one.level) else "",
        "status": one.status, "status_name": str(one.status_label), "status_at": one.status_at,
        "stopped": told(stopped) if stopped else "", "place": place_of(one), "content": one.content,
        "work_unit": one.work_unit, "window_start": one.window_start, "window_end": one.window_end,
        "is_mine": is_mine, "people_inside": one.work.get("people_inside"),
        "people": [
            {"id": each.pk, "name": each.person.name, "part": each.part, "part_name": each.get_part_display()}
            for each in crew
        ],
    }  # fmt: skip


def _gas(one: Permit, tests: Sequence[GasTest], around: Surroundings) -> dict[str, Any]:
    """What is to be tested, where it is measured against, how old it may be, and the newest values."""
    figures = around.parameters
    wanted, cadence = _demands(one, around)
    others = [gas_named(name) for name in one.work.get("other_gases", ())]
    lowest = None
    if others:
        lowest = combustible_limit([each for each in others if each is not None], figures).value
        if None in others:
            # A gas that nobody knows: the stricter of all limits.
            lowest = min(lowest, figures.comb_limit_lt4)
    return {
        "setting": setting_at(one, around), "demands": wanted, "max_age_min": figures.max_gas_age_min,
        "log_min": cadence.record_min if cadence else None,
        "limits": {
            "high_lel": figures.comb_limit_ge4, "low_lel": figures.comb_limit_lt4, "others": lowest,
            "o2_min": figures.o2_min, "o2_max": figures.o2_max, "o2_rich": figures.o2_max_rich,
        },
        "rows": [
            {
                "quantity": test.quantity, "gas": test.gas, "value": test.value.normalize(), "unit": test.unit,
                "position": test.position, "point": test.point, "verdict": test.verdict, "at": test.sampled_at,
                "instrument": test.instrument, "calibration_due": test.calibration_due, "analyst": test.analyst,
                "calibrated_with": test.calibrated_with, "correction": test.correction,
            }
            for test in tests[:MOST_GAS]
        ],
    }  # fmt: skip


def _demands(one: Permit, around: Surroundings) -> tuple[list[dict[str, Any]], gas_times.Cadence | None]:
    try:
        facts = read_facts(one.kind, one.effective or one.level, one.work)
    except BadInput:
        # The desk says what cannot be read; the place tests what it finds.
        return [], None
    scene = scene_of(facts, CheckCase("work", around, None, {}))
    wanted = [
        {"quantity": each.quantity, "why": told(each.why.text), "clause": each.why.clause,
         "positions": sorted({name for place in each.places for name in place})}
        for each in gas_times.demands(scene)
    ]  # fmt: skip
    return wanted, gas_times.cadence(scene, around.parameters)


def _items(asked: Sequence[watching.Item]) -> list[dict[str, Any]]:
    return [
        {"key": one.key, "text": told(one.text), "clause": one.clause, "is_common": one.kind == "*"} for one in asked
    ]


def _kind(kind: str, asked: Sequence[watching.Item]) -> Mapping[str, Any]:
    """What is the same for every permit of a kind: the form's measures, and the guardian's list as it stands, which a
    phone that was not renewed yet looks for here."""
    return {
        "measures": [
            {
                "code": row.code, "number": row.number, "text": told(row.text), "is_other": row.applies == "other",
                "sign": row.sign, "sign_name": told(tickets.SIGNS[row.sign]),
                "figures": [{"name": name, "label": told(tickets.figure(name))} for name in row.parameters],
            }
            for row in tickets.measures(kind)
        ],
        "items": _items(asked),
        "is_space": kind == "CS",
    }  # fmt: skip


def _gas_words() -> Mapping[str, Any]:
    return {
        "quantities": [{"code": code, "name": told(text)} for code, text in gas.QUANTITIES.items()],
        "positions": [{"code": code, "name": told(text)} for code, text in gas.POSITIONS.items()],
        "units": list(UNITS),
        "gases": [
            {"code": code, "name": told(one.name), "lel": one.lel, "molar_mass": one.molar_mass,
             "limit": limit.value if (limit := toxic_limit(one)) else None}
            for code, one in gases().items()
        ],
    }  # fmt: skip
