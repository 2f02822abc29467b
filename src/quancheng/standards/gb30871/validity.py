"""How long a permit may count, and whether its window stands (有效期).

Source: GB 30871-2022, 5.1.5 (hot work), 6.10 (confined space), 8.2.11 (height), 10.8 (temporary electricity), 4.16:
there is no extension, what passes its end needs a new permit. Where the standard gives no number the default is
ours [D].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from quancheng.standards.gb30871.basis import Slot, Why, clause, shown, stamp
from quancheng.standards.gb30871.kinds import kinds, known_kind, level_of
from quancheng.standards.gb30871.parameters import STANDARD, Parameters, bounds
from quancheng.standards.gb30871.upgrades import PLAIN, Surroundings, upgrade_reasons
from quancheng.standards.wording import Text

_HOT = {"S": "hw_valid_h_special", "I": "hw_valid_h_1", "II": "hw_valid_h_2"}
_FIGURES = {
    "CS": "cs_valid_h", "BL": "bl_valid_h", "WH": "wh_valid_d", "LF": "lf_valid_h",
    "EX": "ex_valid_d", "RC": "rc_valid_d",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Longest:
    """The longest validity of a permit and the rule that says so."""

    length: timedelta
    why: Why

    @property
    def hours(self) -> Decimal:
        return Decimal(self.length // timedelta(seconds=1)) / 3600


@dataclass(frozen=True, slots=True)
class Window:
    """Whether a window stands: what speaks against, and its longest."""

    longest: Longest
    problems: tuple[Why, ...]

    @property
    def is_allowed(self) -> bool:
        return not self.problems


def longest_validity(
    kind: str, effective: str = "", parameters: Parameters = STANDARD, *, special_reason: bool = False
) -> Longest:
    """The longest validity of a kind at its effective level.

    ``effective`` is ``""`` for kinds without levels. ``special_reason``: a special case of temporary electricity with
    its reason written, up to 30 days. BadInput for a kind or level that is none.
    """
    known_kind(kind)
    if kind == "HW":
        level_of(kind, effective)
        name = _HOT[effective]
    elif kind == "TE":
        name = "te_valid_max_d" if special_reason else "te_valid_d"
        if parameters.te_valid_max_d < parameters.te_valid_d:
            name = "te_valid_max_d"  # the most in any case binds the usual case too
    else:
        name = _FIGURES[kind]
    value: Decimal = getattr(parameters, name)
    length = _span(value, in_hours=_is_hours(name))
    bound = bounds()[name]
    unit = Text("小时", "hours") if _is_hours(name) else Text("天", "days")
    text = Text(f"{bound.text.zh}{shown(value)}{unit.zh}", f"{bound.text.en}: {shown(value)} {unit.en}")
    return Longest(length, Why(f"VALID-{name}", bound.clause, bound.mark, text, "window"))


def check_window(
    kind: str,
    effective: str,
    window: Slot,
    parameters: Parameters = STANDARD,
    *,
    special_reason: bool = False,
    linked: Slot | None = None,
) -> Window:
    """Whether a window is short enough and, for temporary electricity, inside that of the hot work or confined space
    permit that it serves (``linked``)."""
    longest = longest_validity(kind, effective, parameters, special_reason=special_reason)
    problems = []
    if window.length > longest.length:
        problems.append(longest.why)
    if kind == "TE" and linked is not None and not linked.encloses(window):
        text = Text(
            f"临时用电{stamp(window.start)}至{stamp(window.end)}超出所服务作业的{stamp(linked.start)}至{stamp(linked.end)}",
            f"temporary electricity {stamp(window.start)} to {stamp(window.end)} lies outside the work that it serves, "
            f"{stamp(linked.start)} to {stamp(linked.end)}",
        )
        problems.append(Why("VALID-TE-LINKED", clause("10.8"), "V", text, "linked"))
    return Window(longest, tuple(problems))


def slots_outside(window: Slot, slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """Planned slots that do not lie within the window."""
    return tuple(slot for slot in slots if not window.encloses(slot))


def split(slots: Sequence[Slot], around: Surroundings = PLAIN) -> tuple[tuple[Slot, ...], tuple[Slot, ...]]:
    """Planned slots of hot work parted into those that need no upgrade and those that do: two permits, not one."""
    raised = {slot for slot in slots if upgrade_reasons([slot], around)}
    return tuple(slot for slot in slots if slot not in raised), tuple(slot for slot in slots if slot in raised)


def may_work(moment: datetime, windows: Sequence[Slot]) -> bool:
    """Whether work may run at a time: only while the permit and all related ones are valid."""
    return bool(windows) and all(window.holds(moment) for window in windows)


def needs_reconfirmation(kind: str, moment: datetime, stopped_at: datetime | None) -> Why | None:
    """Work at height over several days is confirmed anew after each break before it goes on (8.2.11)."""
    if kind != "WH" or stopped_at is None or moment <= stopped_at:
        return None
    text = Text("中断后继续作业前，应重新确认作业条件", "conditions are confirmed anew after a break")
    return Why("WH-RECONFIRM", clause("8.2.11"), "V", text, "stopped_at")


def replacement_needed(
    *, content: bool, scope: bool, place: bool, validity_passed: bool, conditions: bool
) -> Why | None:
    """Whether a change makes a new permit necessary; None where the permit may go on.

    ``conditions``: process, work condition, method or environment changed; then the analysis is made anew too.
    """
    if conditions:
        text = Text(
            "工艺、条件、方式或环境变化，应重新分析、重新办票", "conditions changed: a new analysis and a new permit"
        )
        return Why("CHANGE-CONDITIONS", clause("4.17"), "V", text, "conditions")
    changed = [("content", content), ("scope", scope), ("place", place), ("validity_passed", validity_passed)]
    for fact, is_changed in changed:
        if is_changed:
            text = Text(
                "内容、范围、地点变更或超过有效期，应重新办票",
                "content, scope or place changed, or the end passed: a new permit",
            )
            return Why("CHANGE-WORK", clause("4.16"), "V", text, fact)
    return None


def all_longest(parameters: Parameters = STANDARD) -> dict[tuple[str, str], Longest]:
    """The longest validity of every kind and level."""
    found = {("HW", level): longest_validity("HW", level, parameters) for level in _HOT}
    return found | {(kind, ""): longest_validity(kind, "", parameters) for kind in kinds() if kind != "HW"}


def _is_hours(name: str) -> bool:
    return bounds()[name].unit == "h"


def _span(value: Decimal, *, in_hours: bool) -> timedelta:
    return timedelta(seconds=int(value * (3600 if in_hours else 86400)))
