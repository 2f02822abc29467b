"""What the index of an enterprise is worked out from (指数取数): the registry's rows, and what other rooms tell.

A room above tells by :func:`register_factor`, :func:`register_share`, :func:`register_score`,
:func:`register_floor`. What no room tells is "not known": it takes no part, and its weight is told.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from quancheng.domains.registry.models import Enterprise, Holding, Unit
from quancheng.domains.registry.queries.derived import KEY_CHEMICALS, running_facilities
from quancheng.domains.risk.models import Reaction
from quancheng.standards.risk.dynamic_index import (
    Seen,
    chemical_score,
    exposure_score,
    hazard_score,
    process_score,
)

#: Rows behind a value that are named.
MOST_ROWS = 20
_TOXIC, _GAS, _CORROSIVE = "急性毒性", "gas", "皮肤腐蚀"
#: Processes whose reactions count more where they are of grade 4 or 5: nitration, peroxidation and their like. [G]
_SEVERE_GRADES = (4, 5)


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs of one dynamic factor at one enterprise, with the rows behind them."""

    seen: tuple[Seen, ...] = ()
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the management score: 0 to 1, with what it is counted from."""

    value: float
    rows: tuple[str, ...] = ()


@dataclass(slots=True)
class Facts:
    """All that is known of one enterprise at a time."""

    static: dict[str, float | None] = field(default_factory=dict)
    static_rows: dict[str, tuple[str, ...]] = field(default_factory=dict)
    shares: dict[str, Share] = field(default_factory=dict)
    #: The management score itself, 0 to 1, where a room published one; then the shares take no part.
    score: Share | None = None
    factors: dict[str, Signs] = field(default_factory=dict)
    floors: dict[str, tuple[str, ...]] = field(default_factory=dict)


Files = Collection[uuid.UUID]
_factors: dict[str, Callable[[Files, datetime], Mapping[uuid.UUID, Signs]]] = {}
_shares: dict[str, Callable[[Files, datetime], Mapping[uuid.UUID, Share]]] = {}
_scores: list[Callable[[Files, datetime], Mapping[uuid.UUID, Share]]] = []
_floors: dict[str, Callable[[Files, datetime], Mapping[uuid.UUID, Sequence[str]]]] = {}


def register_factor(code: str, function: Callable[[Files, datetime], Mapping[uuid.UUID, Signs]]) -> None:
    """Let a room tell a dynamic factor of ``standards.risk.dynamic_index``; a file that it leaves out is not known."""
    _factors[code] = function


def register_share(code: str, function: Callable[[Files, datetime], Mapping[uuid.UUID, Share]]) -> None:
    """Let a room tell a part of the management score; a file that it leaves out is not known."""
    _shares[code] = function


def register_score(function: Callable[[Files, datetime], Mapping[uuid.UUID, Share]]) -> None:
    """Let a room tell the management score of files for which it has published one."""
    _scores.append(function)


def register_floor(code: str, function: Callable[[Files, datetime], Mapping[uuid.UUID, Sequence[str]]]) -> None:
    """Let a room tell for which files a floor holds, with the rows that say so."""
    _floors[code] = function


def facts_of(files: Files, now: datetime) -> dict[uuid.UUID, Facts]:
    """What is known of these files, in a fixed number of queries."""
    found = {pk: Facts() for pk in files}
    _static(found)
    for code, factor in _factors.items():
        for pk, signs in factor(files, now).items():
            found[pk].factors[code] = signs
    for code, share in _shares.items():
        for pk, one in share(files, now).items():
            found[pk].shares[code] = one
    for score in _scores:
        for pk, one in score(files, now).items():
            found[pk].score = one
    for code, floor in _floors.items():
        for pk, rows in floor(files, now).items():
            found[pk].floors[code] = tuple(rows)[:MOST_ROWS]
    return found


def _static(found: dict[uuid.UUID, Facts]) -> None:
    grades: dict[uuid.UUID, list[int]] = {}
    named: dict[uuid.UUID, list[str]] = {}
    units = Unit.objects.filter(file__in=found, ended_date__isnull=True).order_by("code", "pk")
    for pk, name, grade in units.values_list("file_id", "name", "legal_grade"):
        levels = grades.setdefault(pk, [])
        if grade is not None:
            levels.append(int(grade))
            named.setdefault(pk, []).append(f"{name}：{grade}级")
    processes: dict[uuid.UUID, set[str]] = {}
    for pk, codes in running_facilities().filter(unit__file__in=found).values_list("unit__file_id", "processes"):
        processes.setdefault(pk, set()).update(set(codes) - {"none"})
    severe = Reaction.objects.filter(file__in=found, status__in=("IN_FORCE", "DUE"), grade__in=_SEVERE_GRADES)
    reactions: dict[uuid.UUID, list[str]] = {}
    for pk, title, grade in severe.order_by("title", "pk").values_list("file_id", "title", "grade"):
        reactions.setdefault(pk, []).append(f"{title}：{grade}级")
    chemicals = _chemicals(found)
    people = Enterprise.objects.filter(pk__in=found).values_list("pk", "staff_count", "exposed_population")
    exposure = {pk: (staff, others) for pk, staff, others in people}
    for pk, facts in found.items():
        rows = facts.static_rows
        facts.static["H"] = hazard_score(grades[pk]) if pk in grades else None
        rows["H"] = tuple(named.get(pk, ())[:MOST_ROWS])
        running = processes.get(pk)
        grave = reactions.get(pk, [])
        facts.static["P"] = (
            None if running is None else process_score(key_processes=len(running), has_severe=bool(grave))
        )
        rows["P"] = (*sorted(running or ()), *grave)[:MOST_ROWS]
        kinds, families, names = chemicals.get(pk, (set(), set(), []))
        facts.static["C"] = chemical_score(sorted(kinds), families=len(families)) if kinds else None
        rows["C"] = tuple(names[:MOST_ROWS])
        staff, others = exposure.get(pk, (None, None))
        told = staff is not None or others is not None
        facts.static["E"] = (
            exposure_score(on_site=staff or 0, within_500m=others or 0, near_school_or_hospital=False) if told else None
        )
        rows["E"] = tuple(
            f"{word} {value}" for word, value in (("从业人数", staff), ("500米内人口", others)) if value is not None
        )


def _chemicals(found: Files) -> dict[uuid.UUID, tuple[set[str], set[str], list[str]]]:
    """By file: kinds of the table, families of hazards, names."""
    held = Holding.objects.filter(
        file__in=found, ended_date__isnull=True, facility__decommissioned_date__isnull=True
    ).order_by("chemical__pinyin", "pk")
    fields = held.values_list(
        "file_id", "chemical__name", "chemical__state", "chemical__hazard_classes", "chemical__lists"
    )
    told: dict[uuid.UUID, tuple[set[str], set[str], list[str]]] = {}
    for pk, name, state, classes, lists in fields:
        kinds, families, names = told.setdefault(pk, (set(), set(), []))
        kinds.add(kind_of(state, classes, lists))
        families.update(one.split("，")[0].split(",")[0] for one in classes)
        if name not in names:
            names.append(name)
    return told


def kind_of(state: str, classes: Sequence[str], lists: Sequence[str]) -> str:
    """The kind of ``index_static`` that a chemical is, the gravest that its classes allow. [D]

    Petrol, which the catalogue has as a flammable liquid of category 2 with a star, counts as class 1.
    """
    text = "；".join(classes)
    is_gas = state == _GAS or "加压气体" in text
    if "爆炸物" in text or (is_gas and _TOXIC in text):
        return "TOXIC_GAS"
    if "易燃气体" in text:
        return "KEY_LIQUEFIED" if KEY_CHEMICALS in lists else "FLAMMABLE_GAS"
    if _TOXIC in text:
        return "FLAMMABLE_GAS"
    if "易燃液体" in text:
        grave = any(word in text for word in ("类别1", "类别 1", "类别2*", "类别 2*"))
        return "LIQUID_1" if grave or KEY_CHEMICALS in lists else "LIQUID_2"
    return "CORROSIVE" if _CORROSIVE in text else "OTHER"
