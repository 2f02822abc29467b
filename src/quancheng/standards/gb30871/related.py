"""Which permits one job needs together (关联作业), and whether they stand.

Source: GB 30871-2022, 4.6: work of two or more kinds follows the rules of each and takes out each permit. The
questions are ours [D]. Related permits are symmetric and each names the others.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache

from quancheng.standards.gb30871.basis import BadInput, Slot, Why, all_finite, clause, table, text_of
from quancheng.standards.gb30871.gas_times import DEEP_M
from quancheng.standards.gb30871.kinds import kinds, known_kind
from quancheng.standards.gb30871.levels import LEAST_HEIGHT_M
from quancheng.standards.wording import Text

#: States in which a related permit counts at the start of work. A suspended one stands still for a reason, which holds
#: for whatever leans on it.
LIVE = ("ISSUED", "READY", "WORKING")
LEAST_LIFT_T, LEAST_DIG_M = Decimal(10), Decimal("0.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What the booking asks; None: not answered, and taken as yes. Figures in metres, tonnes, number of blinds; 0 says
    that there is none of it."""

    height_m: Decimal | None = None
    confined_space: bool | None = None
    pit_m: Decimal | None = None
    dangerous_area: bool | None = None
    sparks: bool | None = None
    vehicle_without_arrestor: bool | None = None
    tool_not_ex: bool | None = None
    blinds: int | None = None
    temporary_power: bool | None = None
    lift_t: Decimal | None = None
    dig_m: Decimal | None = None
    piling_or_levelling: bool | None = None
    road_blocked: bool | None = None

    def __post_init__(self) -> None:
        all_finite(self)
        if self.blinds is not None and not 0 <= self.blinds <= 1000:
            raise BadInput("blinds", Text("应在0到1000之间", "must lie between 0 and 1000"))


@dataclass(frozen=True, slots=True)
class Needed:
    """One related permit that the job needs, how many of it, and why."""

    kind: str
    count: int
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedPermit:
    """One related permit as it stands; ``is_linked``: both permits name each other."""

    kind: str
    number: str = ""
    state: str = ""
    window: Slot | None = None
    is_linked: bool = False

    def __post_init__(self) -> None:
        known_kind(self.kind)


@cache
def _rules() -> dict[str, Why]:
    return {
        row["kind"]: Why(row["code"], clause(row["clause"]), row["mark"], text_of(row), row["question"])
        for row in table("related")
    }


@lru_cache(256)
def needed(answers: Questions, own_kind: str = "", *, unanswered: bool = True) -> tuple[Needed, ...]:
    """The permits that a job needs besides that of its own kind, in the standard's order. A second blind needs a
    permit of its own besides a blinding permit.

    :param unanswered: whether a question that nobody answered counts as yes; else as no, so that what is surely needed
        remains.
    """
    counts = dict.fromkeys(kinds(), 0)
    told = {each.name: getattr(answers, each.name) for each in fields(answers)}
    yes = {name: unanswered if value is None else bool(value) for name, value in told.items()}

    def reaches(name: str, least: Decimal, *, itself: bool = False) -> bool:
        value = told[name]
        return unanswered if value is None else value > least or (itself and value == least)

    counts["WH"] = int(reaches("height_m", LEAST_HEIGHT_M, itself=True))
    deep_pit = reaches("pit_m", DEEP_M) and yes["dangerous_area"]
    counts["CS"] = int(yes["confined_space"] or deep_pit)
    unfit = yes["dangerous_area"] and (yes["vehicle_without_arrestor"] or yes["tool_not_ex"])
    counts["HW"] = int(yes["sparks"] or unfit)
    counts["BL"] = int(unanswered) if answers.blinds is None else answers.blinds
    counts["TE"] = int(yes["temporary_power"])
    counts["LF"] = int(reaches("lift_t", LEAST_LIFT_T, itself=True))
    counts["EX"] = int(reaches("dig_m", LEAST_DIG_M) or yes["piling_or_levelling"])
    counts["RC"] = int(yes["road_blocked"])
    if own_kind:
        known_kind(own_kind)
        counts[own_kind] = max(counts[own_kind] - 1, 0)
    return tuple(Needed(kind, count, _rules()[kind]) for kind, count in counts.items() if count)


def open_questions(answers: Questions, own_kind: str = "") -> tuple[str, ...]:
    """The questions that nobody answered and on which it still hangs whether a further permit is needed."""
    surely = needed(answers, own_kind, unanswered=False)
    if surely == needed(answers, own_kind):
        return ()
    return tuple(each.name for each in fields(answers) if getattr(answers, each.name) is None)


@dataclass(frozen=True, slots=True)
class RelatedProblem:
    """A related permit that is missing (alarm 61), not linked (62) or not valid (61)."""

    kind: str
    alarm: str
    why: Why


def _may_begin(window: Slot, now: datetime) -> bool:
    """Whether work may begin at a time: not in the last moment of a permit."""
    return window.holds(now) and now < window.end


def problems(
    demanded: tuple[Needed, ...], related: tuple[RelatedPermit, ...], now: datetime
) -> tuple[RelatedProblem, ...]:
    """What is wrong with the related permits when work is to start."""
    found = []
    for need in demanded:
        of_kind = [permit for permit in related if permit.kind == need.kind]
        standing = [permit for permit in of_kind if permit.state in LIVE]
        live = [permit for permit in standing if permit.window and _may_begin(permit.window, now)]
        name = kinds()[need.kind].name
        if len(live) < need.count:
            text = Text(
                f"缺少有效的{name.zh}票（应有{need.count}张，有{len(live)}张）",
                f"of {need.count} permits for {name.en}, {len(live)} are valid",
            )
            found.append(RelatedProblem(need.kind, "61", Why("REL-MISSING", clause("4.6"), "V", text, need.why.fact)))
    for permit in related:
        if not permit.is_linked and permit.state in (*LIVE, "SUSPENDED"):
            name = kinds()[permit.kind].name
            text = Text(
                f"{name.zh}票{permit.number}未相互关联", f"the permit {permit.number} for {name.en} is not linked"
            )
            found.append(RelatedProblem(permit.kind, "62", Why("REL-UNLINKED", clause("4.6"), "V", text, "related")))
    return tuple(found)
