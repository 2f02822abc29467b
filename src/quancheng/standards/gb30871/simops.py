"""Simultaneous work (交叉作业): what two jobs near each other in space and time may not do, or only with a coordinator.

Source: GB 30871-2022, 4.7, 5.2.8 to 5.2.10, 6.7, 7.6, 7.10, 8.2.8, 8.2.10, 9.2.10, 11.5 [V]; the matrix for all other
pairs is ours [D] and stands in the same table. Places are circles in a plane of metres (any projection that keeps
lengths over a kilometre), with heights where they are known. A radius holds in all directions; a height that is not
known conflicts. Who has both permits of one job (``job_group``) has its coordination already: the matrix' conditions
do not count within a group, what is forbidden does.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from quancheng.standards.gb30871.basis import BadInput, Slot, Why, clause, several, table, text_of
from quancheng.standards.gb30871.kinds import kinds
from quancheng.standards.gb30871.parameters import STANDARD, Parameters
from quancheng.standards.wording import Text

#: What happens beside permits and enters the same rules.
ACTIVITIES: dict[str, Text] = {
    "VENT_GAS": Text("排放可燃气体", "release of combustible gas"),
    "DISCHARGE_LIQUID": Text("排放可燃液体", "discharge of combustible liquid"),
    "DEWATERING": Text("脱水", "dewatering"),
    "SAMPLING": Text("采样", "sampling"),
    "SOLVENT_CLEANING": Text("溶剂清洗", "solvent cleaning"),
    "PAINTING": Text("喷漆、刷漆", "painting"),
    "DUST_SWEEPING": Text("清扫可燃粉尘", "sweeping combustible dust"),
    "SCAFFOLD_REMOVAL": Text("拆除脚手架", "scaffold removal"),
    "LEAK_PRONE": Text("易泄漏设备", "leak-prone equipment"),
    "DG_TRAIN": Text("危险货物列车", "train with dangerous goods"),
    "TRUCK_LOADING": Text("装卸车", "loading of trucks"),
    "RADIOGRAPHY": Text("射线探伤", "radiography"),
    "STARTUP_SHUTDOWN": Text("开停车", "start-up or shutdown"),
    "PRESSURE_TEST": Text("试压", "pressure test"),
    "CATALYST_CHANGE": Text("更换催化剂", "catalyst change"),
    "SANDBLASTING": Text("喷砂", "sand blasting"),
    "OTHER": Text("其他", "other"),
}
RESULTS = ("LOW", "CONDITIONAL", "FORBID")
#: Room in metres that is added to the swing of a crane, and the swing of one that is not known [D].
SWING_ROOM_M, SWING_UNKNOWN_M = 1.0, 20.0
#: How far what falls or is scattered reaches aside where nobody told the extent of a place: the widest radius of a
#: fall, that of more than 30 m [D].
SCATTER_UNKNOWN_M = 6.0
#: Within how many metres a line, space, dike, structure or system that is not known may be that of the other job [D].
TIE_UNKNOWN_M = 15.0
_FARTHEST_M = 1e7
_AS_HOT_WORK = {"SANDBLASTING": "HW"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job or activity: where and when. Coordinates and radii in metres, heights above any common level.

    Names of line, confined space, dike, structure and system join jobs that touch the same; ``serves`` is the unit to
    which a closed road leads. An empty name says that there is none; None is not known, and whatever is within
    :data:`TIE_UNKNOWN_M` may be the same. Digging of which nobody says how is done by hand. ``swing_m`` of a crane and
    ``controlled_m`` of radiography reach from the middle. ``radius_m`` None is not known: distances are then measured
    from the point, but what may fall or be scattered from it reaches :data:`SCATTER_UNKNOWN_M`.

    :raises BadInput: an activity that is none, or a number that no place has.
    """

    code: str
    activity: str
    slot: Slot
    x_m: float
    y_m: float
    radius_m: float | None = None
    z_min_m: float | None = None
    z_max_m: float | None = None
    level: str = ""
    job_group: str = ""
    zone: str = ""
    hazard_place: bool | None = None
    line: str | None = None
    space: str | None = None
    dike: str | None = None
    structure: str | None = None
    system: str | None = None
    serves: str | None = None
    swing_m: float | None = None
    controlled_m: float | None = None
    hand_digging: bool | None = None

    def __post_init__(self) -> None:
        if self.activity not in ACTIVITIES and self.activity not in kinds():
            raise BadInput("activity", Text(f"没有作业类型{self.activity}", f"there is no activity {self.activity}"))
        for name in ("x_m", "y_m", "z_min_m", "z_max_m"):
            value = getattr(self, name)
            if value is not None and not abs(value) <= _FARTHEST_M:
                raise BadInput(name, Text("坐标应为有限的数", "a coordinate must be a finite number"))
        for name in ("radius_m", "swing_m", "controlled_m"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 10_000:
                raise BadInput(name, Text("应在0到10000之间", "must lie between 0 and 10000"))
        if self.z_min_m is not None and self.z_max_m is not None and self.z_max_m < self.z_min_m:
            raise BadInput("z_max_m", Text("上限低于下限", "lies below the lower end"))


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: activities ``a`` and ``b`` (``*``: any), how they meet, from which distance, and what follows."""

    code: str
    a: str
    b: frozenset[str]
    relation: str
    radius_m: float
    result: str
    why: Why

    @property
    def is_matrix(self) -> bool:
        return self.code.startswith("M-")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two jobs that meet under a rule: gap in metres between their edges, time in which both run, what follows."""

    first: str
    second: str
    result: str
    rule: str
    distance_m: float
    overlap: Slot
    why: Why

    @property
    def is_forbidden(self) -> bool:
        return self.result == "FORBID"


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, those of the standard first."""
    return tuple(
        Rule(
            row["code"],
            row["a"],
            frozenset(several(row["b"])),
            row["relation"],
            float(row["radius_m"] or 0),
            row["result"],
            Why(row["code"], clause(row["clause"]), row["mark"], text_of(row), "place"),
        )
        for row in table("simops")
    )


@cache
def _rules_of(first: str, second: str) -> tuple[tuple[Rule, bool], ...]:
    """Rules for two activities in this order; True where the pair stands the other way round in the rule."""
    found = []
    # Sand blasting throws sparks: it is hot work whatever it is called (3.1).
    first, second = (_AS_HOT_WORK.get(one, one) for one in (first, second))
    for rule in rules():
        if rule.a == first and (second in rule.b or "*" in rule.b):
            found.append((rule, False))
        if rule.a == second and (first in rule.b or "*" in rule.b) and first != second:
            found.append((rule, True))
    return tuple(found)


def may_conflict(first: str, second: str) -> bool:
    """Whether any rule names two activities."""
    return bool(_rules_of(first, second))


def reach_m(job: Job) -> float:
    """How far from its middle a job may matter, the distances of rules not included."""
    swing = (SWING_UNKNOWN_M if job.swing_m is None else job.swing_m) + SWING_ROOM_M if job.activity == "LF" else 0.0
    return max(job.radius_m or 0.0, swing, job.controlled_m or 0.0)


@cache
def widest_m() -> float:
    """The farthest distance of any rule."""
    return max(rule.radius_m for rule in rules())


def gap_m(first: Job, second: Job) -> float:
    """Metres between the edges of two places in the plan; 0 where they touch or overlap. A place whose extent is not
    known is a point."""
    apart = math.hypot(first.x_m - second.x_m, first.y_m - second.y_m)
    return max(apart - (first.radius_m or 0.0) - (second.radius_m or 0.0), 0.0)


def _is_stacked(first: Job, second: Job, gap: float) -> bool:
    """Whether one of two places may lie above the other."""
    is_known = first.radius_m is not None and second.radius_m is not None
    return gap <= (0.0 if is_known else SCATTER_UNKNOWN_M)


def _is_lower(one: Job, other: Job) -> bool:
    """Whether a place is known to reach lower than another, by whichever end of each is known."""
    low, least = (job.z_max_m if job.z_min_m is None else job.z_min_m for job in (one, other))
    return low is not None and least is not None and low < least


def _rise_m(first: Job, second: Job) -> float:
    """Metres between the heights of two places; 0 where they overlap or are not known."""
    above = (first.z_min_m - second.z_max_m) if first.z_min_m is not None and second.z_max_m is not None else 0.0
    below = (second.z_min_m - first.z_max_m) if second.z_min_m is not None and first.z_max_m is not None else 0.0
    return max(above, below, 0.0)


def together(first: Job, second: Job, parameters: Parameters = STANDARD) -> Slot | None:
    """The time in which both run, each with its preparation; None where they do not meet."""
    before = timedelta(minutes=float(parameters.preparation_min))
    start = max(first.slot.start, second.slot.start) - before
    end = min(first.slot.end, second.slot.end)
    return Slot(start, end) if start < end else None


def _meet(rule: Rule, a: Job, b: Job, gap: float) -> bool:
    relation = rule.relation
    if relation.startswith("same_"):
        name = {"same_target": "serves"}.get(relation, relation[5:])
        own, other = getattr(a, name), getattr(b, name)
        if own is None or other is None:
            return gap <= TIE_UNKNOWN_M and "" not in (own, other)
        return bool(own) and own == other
    # Sparks and slag fall as far as there is to fall: below hot work the plan alone counts.
    rise = 0.0 if rule.a == "HW" and _is_lower(b, a) else _rise_m(a, b)
    is_near = gap <= rule.radius_m and rise <= rule.radius_m
    if relation == "near":
        return is_near
    if relation == "near_in_hazard_place":
        return is_near and b.hazard_place is not False
    if relation == "hand_digging":
        return a.hand_digging is not False and b.hand_digging is not False and gap < rule.radius_m
    if relation == "stacked":
        return _is_stacked(a, b, gap)
    if relation == "near_or_stacked":
        return is_near or _is_stacked(a, b, gap)
    if relation == "below":
        return _is_stacked(a, b, gap) and (a.z_min_m is None or b.z_min_m is None or b.z_min_m < a.z_min_m)
    apart = math.hypot(a.x_m - b.x_m, a.y_m - b.y_m)
    if relation == "swing":
        return apart <= reach_m(a) + (b.radius_m or 0.0)
    if relation == "swings":
        return apart <= reach_m(a) + reach_m(b)
    # Radiography: its controlled area, or where that is not told the distance of the rule.
    return apart <= (rule.radius_m if a.controlled_m is None else a.controlled_m) + (b.radius_m or 0.0)


def conflicts_of(first: Job, second: Job, parameters: Parameters = STANDARD) -> tuple[Conflict, ...]:
    """Every rule under which two jobs meet, gravest first; empty where they may run together freely."""
    found = _rules_of(first.activity, second.activity)
    overlap = together(first, second, parameters) if found else None
    if overlap is None:
        return ()
    gap = gap_m(first, second)
    is_group = bool(first.job_group) and first.job_group == second.job_group
    hits = []
    for rule, turned in found:
        if is_group and rule.is_matrix and rule.result != "FORBID":
            continue
        # A load of one's own job, or a crane's own lift, is no other work in its swing; people in a space below are.
        if is_group and rule.code == "S-10" and "CS" not in (first.activity, second.activity):
            continue
        a, b = (second, first) if turned else (first, second)
        met = _meet(rule, a, b, gap)
        if not met and rule.a in rule.b and not turned:
            met = _meet(rule, b, a, gap)
        if not met and first.activity == second.activity and "*" in rule.b:
            met = _meet(rule, b, a, gap)
        if met:
            hits.append(Conflict(first.code, second.code, rule.result, rule.code, round(gap, 2), overlap, rule.why))
    hits.sort(key=lambda hit: -RESULTS.index(hit.result))
    return tuple(hits)


def verdict(first: Job, second: Job, parameters: Parameters = STANDARD) -> str:
    """FORBID, CONDITIONAL (coordinator, joint analysis, more measures) or LOW."""
    found = conflicts_of(first, second, parameters)
    return found[0].result if found else "LOW"


# Jobs of one zone ----------------------------------------------------------------------------------------------------

#: Most special hot work and hot work at once in one zone [D].
ZONE_SPECIAL_MOST, ZONE_HOT_MOST = 1, 3


@dataclass(frozen=True, slots=True)
class Crowded:
    """More jobs in a zone at one time than are allowed: their codes, the most, and why."""

    zone: str
    jobs: tuple[str, ...]
    most: int
    why: Why


def crowded(jobs: Iterable[Job], beside: Job | None = None) -> tuple[Crowded, ...]:
    """Zones with more hot work at one time than allowed.

    :param beside: moments at which this job runs alone count: a busier one earlier or later is not its matter.
    """
    zones: dict[str, list[Job]] = {}
    for job in jobs:
        if _AS_HOT_WORK.get(job.activity, job.activity) == "HW" and job.zone:
            zones.setdefault(job.zone, []).append(job)
    found = []
    for zone, hot in sorted(zones.items()):
        special = [job for job in hot if job.level == "S"]
        for some, most, code, name in (
            (special, ZONE_SPECIAL_MOST, "ZONE-SPECIAL", Text("特级动火", "special hot work")),
            (hot, ZONE_HOT_MOST, "ZONE-HOT", Text("动火", "hot work")),
        ):
            busiest = _busiest(some, beside)
            if len(busiest) > most:
                text = Text(
                    f"区域内同时{name.zh}{len(busiest)}处，最多{most}处",
                    f"{name.en} at {len(busiest)} points of one zone at once, at most {most}",
                )
                codes = tuple(job.code for job in busiest)
                found.append(Crowded(zone, codes, most, Why(code, clause("4.7"), "D", text, "zone")))
    return tuple(found)


def _busiest(jobs: Sequence[Job], beside: Job | None) -> list[Job]:
    """The most jobs that run at one time, the earliest such time; only while one of them runs, where it is told."""
    if beside is not None:
        jobs = [job for job in jobs if job.slot.start < beside.slot.end and beside.slot.start < job.slot.end]
    if not jobs:
        return []
    starts, ends = sorted(job.slot.start for job in jobs), sorted(job.slot.end for job in jobs)
    # Nobody comes but at a start, and what stood before the one beside began is counted when it begins.
    first = starts[0] if beside is None else beside.slot.start
    moments = sorted({max(at, first) for at in starts})
    busiest = max(moments, key=lambda at: bisect_right(starts, at) - bisect_right(ends, at))
    return [job for job in jobs if job.slot.start <= busiest < job.slot.end]
