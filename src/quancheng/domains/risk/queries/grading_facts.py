"""What the registry and the risk list already tell of a grading (分级评估自动取数), each with the rows behind it.

A room above tells whether a case holds that forces a colour, by :func:`register_forcing`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q

from quancheng.domains.registry.models import Enterprise, Facility, Holding, PostHolder, Unit
from quancheng.domains.registry.queries.derived import (
    HIGHLY_TOXIC,
    KEY_CHEMICALS,
    facts_of_many,
    two_key_one_major,
)
from quancheng.domains.registry.queries.posts import PostRow, post_rows
from quancheng.domains.risk.models import RiskEvent
from quancheng.standards.risk.basis import months_later
from quancheng.standards.risk.verdict import scheme_of

#: Rows behind an answer that are named; further ones are counted.
MOST_ROWS = 20
#: GB 50156 asks nothing of the age; the table of petrol stations does, in months [D].
_OLD_TANK_MONTHS = 240


@dataclass(frozen=True, slots=True)
class Known:
    """A value that rows tell. ``is_whole``: nothing is left to ask; otherwise it is where the form begins."""

    value: str
    rows: tuple[str, ...] = ()
    is_whole: bool = True


#: For many files at once: which of them the case holds for, None where it is not known of a file.
Forcing = Callable[[Collection[uuid.UUID], date], Mapping[uuid.UUID, "Known | None"]]
_forcing: dict[str, Forcing] = {}


def register_forcing(code: str, function: Forcing) -> None:
    """Let a room tell of a case: a code of ``standards.risk.verdict.forced_colours``, or a criterion of trade."""
    _forcing[code] = function


def forcing_facts(files: Collection[uuid.UUID], on: date) -> dict[uuid.UUID, dict[str, Known]]:
    """What the rooms above tell of these files, by file and case."""
    found: dict[uuid.UUID, dict[str, Known]] = {pk: {} for pk in files}
    for code, function in _forcing.items():
        for pk, known in function(files, on).items():
            if known is not None and pk in found:
                found[pk][code] = known
    return found


def known_answers(file: Enterprise, scheme: str, on: date) -> dict[str, Known]:
    """Answers that need not be asked, or not from nothing, by the code of the question."""
    tellers: dict[str, Callable[[Enterprise, date], dict[str, Known]]] = {
        "guide19": _guide, "station": _station, "paper": _paper, "trade": _trade,
    }  # fmt: skip
    return {**tellers[scheme](file, on), **forcing_facts([file.pk], on)[file.pk]}


def hazards_of(file_id: uuid.UUID) -> dict[str, int]:
    """Units that are a major hazard, by id with their legal grade."""
    rows = Unit.objects.filter(file=file_id, ended_date__isnull=True, legal_grade__isnull=False)
    return {str(pk): int(grade or 0) for pk, grade in rows.order_by("pk").values_list("pk", "legal_grade")}


def scheme_for(file: Enterprise) -> str | None:
    """The way of grading of an enterprise's class; None where none speaks of it."""
    found = scheme_of(file.kind)
    return None if found is None else found.code


@dataclass(frozen=True, slots=True)
class PlanNeed:
    """Why an enterprise owes a plan of its own (一企一策), in both languages."""

    zh: str
    en: str


def plan_needs(file: Enterprise, level: int | None) -> list[PlanNeed]:
    """What calls for a plan (S3-4.3e): red; a major hazard of grade 1 or 2; units with toxic, flammable or explosive
    chemicals that are on the lists of key or highly toxic ones.
    """
    found = []
    if level == 1:
        found.append(PlanNeed("企业风险等级为红色", "The enterprise is red"))
    units = list(file.units.filter(ended_date__isnull=True).order_by("code"))
    found += [
        PlanNeed(f"{one.name}：{one.legal_grade}级重大危险源", f"{one.name}: major hazard of grade {one.legal_grade}")
        for one in units
        if one.legal_grade is not None and one.legal_grade <= 2
    ]
    held = _holdings(file).filter(chemical__lists__overlap=[KEY_CHEMICALS, HIGHLY_TOXIC])
    by_unit: dict[str, list[str]] = {}
    for one in held:
        names = by_unit.setdefault(one.facility.unit.name, [])
        if one.chemical.name not in names and _is_dangerous(one):
            names.append(one.chemical.name)
    found += [
        PlanNeed(f"{unit}：有毒有害、易燃易爆（{'、'.join(names)}）",
                 f"{unit}: toxic, flammable or explosive ({', '.join(names)})")
        for unit, names in by_unit.items()
        if names
    ]  # fmt: skip
    return found


def _is_dangerous(one: Holding) -> bool:
    words = ("易燃", "爆炸", "急性毒性", "自燃", "遇水")
    return any(word in named for named in one.chemical.hazard_classes for word in words)


# Parts -----------------------------------------------------------------------------------------------------------


def _known(names: Iterable[str], *, value: str | None = None, whole: bool = True) -> Known:
    listed = list(names)
    rows = listed[:MOST_ROWS] + ([f"… {len(listed)}"] if len(listed) > MOST_ROWS else [])
    return Known(str(len(listed)) if value is None else value, tuple(rows), whole)


def _yes(rows: list[str], *, whole: bool = True) -> Known:
    return _known(rows, value="1" if rows else "0", whole=whole)


def _holdings(file: Enterprise) -> Any:
    return (
        Holding.objects.filter(
            file=file, ended_date__isnull=True, facility__decommissioned_date__isnull=True,
            facility__unit__ended_date__isnull=True,
        )
        .select_related("chemical", "facility__unit")
        .order_by("chemical__pinyin", "pk")
    )  # fmt: skip


def _facilities(file: Enterprise) -> list[Facility]:
    rows = Facility.objects.filter(unit__file=file, decommissioned_date__isnull=True, unit__ended_date__isnull=True)
    return list(rows.select_related("unit").order_by("unit__code", "code", "pk"))


def _fitted(facilities: list[Facility], told: Callable[[Facility], str], *, counts: bool = False) -> Known | None:
    """Where something is missing; whole only where it is told of each. None where nothing is told."""
    answers = [(one, told(one)) for one in facilities]
    lacking = [f"{one.unit.name} {one.code}" for one, answer in answers if answer == "no"]
    whole = all(answer for _one, answer in answers)
    if not whole and not lacking:
        return None
    # One case decides a yes or no; a count is not done while places are untold.
    whole = whole or (bool(lacking) and not counts)
    return _known(lacking, value=str(len(lacking)) if counts else ("1" if lacking else "0"), whole=whole)


def _put(found: dict[str, Known], code: str, known: Known | None) -> None:
    if known is not None:
        found[code] = known


def _guide(file: Enterprise, on: date) -> dict[str, Known]:
    holdings, facilities = list(_holdings(file)), _facilities(file)
    units = {one.unit_id: one.unit for one in facilities}
    majors = [one for one in units.values() if one.legal_grade is not None]
    worst = min((one.legal_grade for one in majors if one.legal_grade), default=None)
    found: dict[str, Known] = {}
    if units:
        named = [f"{one.name}：{one.legal_grade}级" for one in majors]
        found["A1"] = _known(named, value="" if worst is None else str(worst))
    if holdings:
        explosive, toxic, key = _chemicals(holdings)
        found |= {"A2a": _known(explosive), "A2b": _known(toxic), "A2c": _known(key)}
    _processes(found, facilities)
    grave = [one for one in facilities if one.unit.legal_grade in (1, 2)]
    tanks = [one for one in grave if one.kind == "tank"]
    dangerous = {
        one.facility_id for one in holdings if HIGHLY_TOXIC in one.chemical.lists or one.chemical.state == "gas"
    }
    if units:
        _put(found, "E1b", _fitted([one for one in tanks if one.pk in dangerous], lambda one: one.sis))
        _put(found, "E1c", _fitted(tanks, lambda one: one.shut_off or one.unit.shut_off))
        watched = [one for one in facilities if one.kind == "tank" and one.unit.legal_grade is not None]
        _put(found, "E1d", _fitted(watched, lambda one: one.alarm, counts=True))
        lacking = [one.name for one in units.values() if one.gas_detection == "no"]
        found["E1e"] = _known(lacking, whole=False)
        undesigned = [f"{one.unit.name} {one.code}" for one in facilities if one.design == "none"]
        told = all(one.design for one in facilities)
        if undesigned or told:
            found["R2"] = _yes(undesigned)
    found |= _posts(file, on)
    return found


def _chemicals(holdings: list[Holding]) -> tuple[list[str], list[str], list[str]]:
    """Explosives; those highly toxic by inhalation; other key regulated ones. Each chemical once, in the first."""
    explosive: dict[str, None] = {}
    toxic: dict[str, None] = {}
    key: dict[str, None] = {}
    for one in holdings:
        chemical = one.chemical
        if any(word.startswith("爆炸物") for word in chemical.hazard_classes):
            explosive[chemical.name] = None
        elif HIGHLY_TOXIC in chemical.lists and any("急性毒性-吸入" in word for word in chemical.hazard_classes):
            toxic[chemical.name] = None
        elif KEY_CHEMICALS in chemical.lists:
            key[chemical.name] = None
    return list(explosive), list(toxic), list(key)


def _processes(found: dict[str, Known], facilities: list[Facility]) -> None:
    told = [one for one in facilities if one.processes]
    codes = sorted({code for one in told for code in one.processes if code != "none"})
    if not told:
        return
    running = [one for one in facilities if one.kind in ("equipment", "reactor")]
    found["A3"] = _known(codes, whole=all(one.processes for one in running))
    keyed = [one for one in told if set(one.processes) - {"none"}]
    _put(found, "E1a", _fitted(keyed, _controls))


def _controls(one: Facility) -> str:
    if "no" in (one.dcs, one.esd):
        return "no"
    return one.dcs and one.esd


def _posts(file: Enterprise, on: date) -> dict[str, Known]:
    marks = two_key_one_major(file)
    facts = facts_of_many([file], {file.pk: marks})[file.pk]
    holders = list(PostHolder.objects.filter(file=file, left_date__isnull=True).order_by("post", "pk"))
    rows = post_rows(file, holders=holders, on=on, marks=marks, facts=facts)
    by_code: dict[str, PostRow] = {one.post.code: one for one in rows}
    found: dict[str, Known] = {}
    managers = by_code.get("SAFETY_MANAGER")
    if managers is not None and managers.holders:
        late = [
            one.name for one in managers.holders
            if not one.certificate_no or (one.valid_to is not None and one.valid_to < on)
        ]  # fmt: skip
        # The main person holds no post of that list: he is asked for.
        found["F1a"] = _known(late, whole=False)
    engineers = by_code.get("REGISTERED_SAFETY_ENGINEER")
    if engineers is not None and engineers.requirement is not None and holders:
        named = [one.name for one in engineers.holders]
        found["F1d"] = _known(named, value="1" if engineers.lacking else "0", whole=not engineers.requirement.doubts)
    return found


def _station(file: Enterprise, on: date) -> dict[str, Known]:
    tanks = [one for one in _facilities(file) if one.kind == "tank"]
    found: dict[str, Known] = {}
    if tanks:
        old = [
            f"{one.code}（{one.commissioned_date}）" for one in tanks
            if one.commissioned_date is not None and months_later(one.commissioned_date, _OLD_TANK_MONTHS) < on
        ]  # fmt: skip
        if old or all(one.commissioned_date for one in tanks):
            found["S3b"] = _yes(old)
        if all(one.seepage in ("double_wall", "pool") for one in tanks):
            found["S3a"] = _yes([])
        _put(found, "S4b", _fitted(tanks, lambda one: one.shut_off or one.unit.shut_off))
    if (told := _posts(file, on).get("F1a")) is not None:
        found["S5"] = Known("0" if told.value == "0" else "1", told.rows, is_whole=told.value != "0")
    return found


def _paper(file: Enterprise, on: date) -> dict[str, Known]:
    stored = [one.chemical.name for one in _holdings(file) if one.present_t]
    found = {"STORES_GOODS": _yes(stored, whole=bool(stored))}
    if (told := _posts(file, on).get("F1a")) is not None:
        found["P5"] = Known("0" if told.value == "0" else "1", told.rows, is_whole=told.value != "0")
    return found


def _trade(file: Enterprise, on: date) -> dict[str, Known]:
    """Points of the risk list, as far as it is assessed: an event that nobody assessed leaves the rest to be asked."""
    counted = RiskEvent.objects.filter(
        unit__object__file=file, ended_date__isnull=True, unit__ended_date__isnull=True,
        unit__object__ended_date__isnull=True,
    ).aggregate(
        total=Count("pk"), assessed=Count("pk", filter=Q(residual_level__isnull=False)),
        residual_red_points=Count("pk", filter=Q(residual_level=1)),
        reduced_red_points=Count("pk", filter=Q(inherent_level=1, residual_level__gt=1)),
        orange_points=Count("pk", filter=Q(residual_level=2)),
    )  # fmt: skip
    if not counted["total"]:
        return {}
    whole = counted["assessed"] == counted["total"]
    said = f"风险事件 {counted['assessed']} / {counted['total']}"
    return {
        code: Known(str(counted[code]), (said,), whole)
        for code in ("residual_red_points", "reduced_red_points", "orange_points")
    }
