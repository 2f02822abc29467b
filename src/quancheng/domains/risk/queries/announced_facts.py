"""What the system knows of the numbers of an announcement (公告事项取数), each with its source and the rows behind it.

Rooms above tell what they know by :func:`register_facts`: open major dangers and stops, later permits of special work.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, Q, Sum

from quancheng.domains.registry.models import Enterprise, Facility, Holding, Project, Unit
from quancheng.domains.risk.models import EnterpriseRisk, RiskObject
from quancheng.standards.wording import Text

#: Rows behind a fact that are named.
MOST_ROWS = 10

_FILE = Text("企业档案", "Enterprise's file")
_GRADED = Text("企业安全风险分级", "Grading of the enterprise")
_LIST = Text("风险分级管控清单", "Risk list")
_PROJECTS = Text("建设项目试生产", "Projects in trial production")


@dataclass(frozen=True, slots=True)
class Fact:
    """A value that rows tell. ``binds``: what is announced against it is a contradiction; else it is proposed."""

    value: int
    source: Text
    rows: tuple[str, ...] = ()
    binds: bool = True


#: For many files at once: by file and code of a number (``standards.risk.commitment``) what is known on a day.
Provider = Callable[[Collection[uuid.UUID], date], Mapping[uuid.UUID, Mapping[str, Fact]]]
_providers: dict[str, Provider] = {}


def register_facts(name: str, provider: Provider) -> None:
    """Let a room tell facts; of two that know a number the one registered later counts."""
    _providers[name] = provider


def unregister_facts(name: str) -> None:
    """Take a provider out again: for tests."""
    _providers.pop(name, None)


def facts_of(files: Collection[uuid.UUID], on: date) -> dict[uuid.UUID, dict[str, Fact]]:
    """Everything known of these files on a day, by the code of the number."""
    found: dict[uuid.UUID, dict[str, Fact]] = {pk: {} for pk in files}
    for provider in (_from_registry, _from_risks, *_providers.values()):
        for pk, facts in provider(files, on).items():
            found[pk] |= facts
    return found


def _from_registry(files: Collection[uuid.UUID], on: date) -> Mapping[uuid.UUID, Mapping[str, Fact]]:
    """Units, tanks, processes, grades and stock out of the files; who stopped for long runs nothing."""
    ids = list(files)
    names: dict[uuid.UUID, list[str]] = {pk: [] for pk in ids}
    grades: dict[uuid.UUID, dict[int, list[str]]] = {pk: {} for pk in ids}
    for unit in Unit.objects.filter(file__in=ids, ended_date__isnull=True).order_by("file", "code"):
        if unit.kind == "production":
            names[unit.file_id].append(str(unit))
        if unit.legal_grade is not None:
            grades[unit.file_id].setdefault(unit.legal_grade, []).append(unit.name)
    tanks: dict[uuid.UUID, list[str]] = {pk: [] for pk in ids}
    processes: dict[uuid.UUID, set[str]] = {pk: set() for pk in ids}
    standing = Facility.objects.filter(
        unit__file__in=ids, unit__ended_date__isnull=True, decommissioned_date__isnull=True
    ).order_by("unit__file", "code")
    for file, kind, code, held in standing.values_list("unit__file", "kind", "code", "processes"):
        if kind == "tank":
            tanks[file].append(code)
        processes[file].update(one for one in held if one != "none")
    sums = Holding.objects.filter(file__in=ids, ended_date__isnull=True).order_by().values("file")
    stock = {row["file"]: row for row in sums.annotate(tonnes=Sum("present_t"), told=Count("present_t"))}
    lives = dict(Enterprise.objects.filter(pk__in=ids).values_list("pk", "life"))
    trials: Counter[Any] = Counter(
        Project.objects.filter(owner_org__in=ids, status="TRIAL").values_list("owner_org", flat=True)
    )
    found: dict[uuid.UUID, Mapping[str, Fact]] = {}
    for pk in ids:
        count = len(names[pk])
        running = 0 if lives.get(pk) == "stopped" else count
        named = tuple(names[pk][:MOST_ROWS])
        facts = {
            "units": Fact(count, _FILE, named),
            "running": Fact(running, _FILE, named),
            "stopped": Fact(count - running, _FILE, binds=False),
            "tanks": Fact(len(tanks[pk]), _FILE, tuple(tanks[pk][:MOST_ROWS])),
            "processes": Fact(len(processes[pk]), _FILE, tuple(sorted(processes[pk]))),
            "trial": Fact(min(trials[pk], count), _PROJECTS, binds=False),
        }
        for grade in (1, 2, 3, 4):
            held_by = grades[pk].get(grade, [])
            facts[f"hazards_{grade}"] = Fact(len(held_by), _FILE, tuple(held_by[:MOST_ROWS]))
        if pk in stock and stock[pk]["told"]:
            facts["chemicals_t"] = Fact(round(stock[pk]["tonnes"]), _FILE, binds=False)
        found[pk] = facts
    return found


def _from_risks(files: Collection[uuid.UUID], on: date) -> Mapping[uuid.UUID, Mapping[str, Fact]]:
    """The colour of the enterprise where it is graded; else the worst of its risk list, which is only proposed."""
    ids = list(files)
    found: dict[uuid.UUID, Mapping[str, Fact]] = {}
    live = RiskObject.objects.filter(file__in=ids, ended_date__isnull=True, present_level__isnull=False)
    worst = live.order_by().values("file").annotate(level=Min("present_level"))
    for row in worst:
        found[row["file"]] = {"level": Fact(row["level"], _LIST, binds=False)}
    for one in EnterpriseRisk.objects.filter(Q(file__in=ids), present_level__isnull=False):
        found[one.file_id] = {"level": Fact(int(one.present_level or 4), _GRADED)}
    return found
