"""When hot work is managed one level higher (升级管理): on holidays, rest days, at night, in special periods, in wind.

Source: GB 30871-2022, 5.1.1 and 5.2.15. The standard gives no hours for night: 20:00 to 06:00 of the legal time is
ours and may only be widened [D]. What is judged are the planned slots of work, not the bare validity: a permit of 72 h
whose work is done by day need not be upgraded for the nights between. One touched slot upgrades the whole permit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Protocol

from quancheng.standards.gb30871.basis import BadInput, Doubt, Slot, Why, at, clause, local, stamp
from quancheng.standards.gb30871.parameters import STANDARD, Parameters
from quancheng.standards.wording import Text

#: Reason to its alarm of AQ 3064.2-2025, table A.4; strong wind has none there.
REASONS = {"HOLIDAY": "40", "RESTDAY": "41", "NIGHT": "42", "SPECIAL": "43", "WIND": "WTH"}
NAMES: dict[str, Text] = {
    "HOLIDAY": Text("节假日", "statutory holiday"),
    "RESTDAY": Text("公休日", "weekly rest day"),
    "NIGHT": Text("夜间", "night"),
    "SPECIAL": Text("特殊时段", "special period"),
    "WIND": Text("五级及以上大风", "wind of Beaufort 5 or more"),
}
#: How an enterprise upgrades: the level rises with all that hangs on it, or only who approves.
MODES: dict[str, Text] = {
    "LEVEL_UP": Text("提级：级别、有效期、分析、视频均按上一级", "the level rises with all that hangs on it"),
    "APPROVER_UP": Text("提级审批：级别不变，由上一级审批", "the level stays, who approves is one level higher"),
}
_SLOTS_MOST = 400
_LONGEST = timedelta(days=400)


class DayCalendar(Protocol):
    """What is asked of a calendar; the caller brings it along."""

    def kind_of(self, day: date) -> str:
        """``WORK``, ``REST`` or ``HOLIDAY``."""
        ...

    def knows(self, year: int) -> bool:
        """Whether the year's official arrangement is known."""
        ...


@dataclass(frozen=True, slots=True)
class OfficialCalendar:
    """The yearly arrangement as a value: days that differ from the week.

    ``days`` holds True for a day worked to make up, False for a day off; every day off of the arrangement counts as a
    holiday (节假日), other Saturdays and Sundays as rest days (公休日). ``years`` are those whose arrangement is known;
    in others the week alone decides and the answer says so.
    """

    days: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def kind_of(self, day: date) -> str:
        works = self.days.get(day)
        if works is None:
            return "REST" if day.weekday() >= 5 else "WORK"
        return "WORK" if works else "HOLIDAY"

    def knows(self, year: int) -> bool:
        return year in self.years


@dataclass(frozen=True, slots=True)
class SpecialPeriod:
    """A stretch in which work is managed more strictly: an event, extreme weather, start-up, a key time (重点时段).

    ``is_ban``: special work is forbidden altogether, by order of the district.
    """

    name: str
    slot: Slot
    is_ban: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one slot is upgraded; ``alarm`` is what follows where the permit was not."""

    code: str
    slot: Slot
    why: Why

    @property
    def alarm(self) -> str:
        return REASONS[self.code]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the enterprise's house brings along: calendar, special periods, figures, way of upgrading."""

    calendar: DayCalendar = field(default_factory=OfficialCalendar)
    special_periods: Sequence[SpecialPeriod] = ()
    parameters: Parameters = STANDARD
    mode: str = "LEVEL_UP"

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            said = ", ".join(MODES)
            raise BadInput("mode", Text(f"应为以下之一：{said}", f"must be one of {said}"))


#: The week alone, nothing special, every figure at the standard's.
PLAIN = Surroundings()


def upgrade_reasons(slots: Sequence[Slot], around: Surroundings = PLAIN) -> tuple[Reason, ...]:
    """Why the planned slots demand an upgrade; the first slot that tells a reason stands for it, in order of REASONS.

    :raises BadInput: more slots, or a longer one, than any permit has.
    """
    if len(slots) > _SLOTS_MOST:
        raise BadInput("slots", Text(f"最多{_SLOTS_MOST}个时段", f"at most {_SLOTS_MOST} slots"))
    found: dict[str, Reason] = {}
    for place, slot in enumerate(slots):
        if slot.length > _LONGEST:
            raise BadInput(f"slots[{place}]", Text("时段超过400天", "a slot is longer than 400 days"))
        for reason in _of_slot(slot, around):
            found.setdefault(reason.code, reason)
    return tuple(found[code] for code in REASONS if code in found)


def reasons_now(moment: datetime, around: Surroundings = PLAIN) -> tuple[Reason, ...]:
    """Why work at this very moment demands an upgrade, for starts and resumptions."""
    return upgrade_reasons([Slot(moment, moment + timedelta(seconds=1))], around)


def calendar_doubts(slots: Sequence[Slot], calendar: DayCalendar) -> tuple[Doubt, ...]:
    """A doubt for each year whose official arrangement the calendar does not know."""
    years = sorted({day.year for slot in slots for day in slot.days()})
    return tuple(
        Doubt(
            "calendar",
            Text(
                f"{year}年节假日安排未知，只按周六、周日判定",
                f"the arrangement of holidays of {year} is not known: by the week alone",
            ),
        )
        for year in years
        if not calendar.knows(year)
    )


@lru_cache(1024)
def touches_night(slot: Slot, parameters: Parameters = STANDARD) -> bool:
    """Whether a slot touches the night; a slot that ends as the night begins does not."""
    first = local(slot.start).date() - timedelta(days=1)
    for number in range(len(slot.days()) + 1):
        day = first + timedelta(days=number)
        night = Slot(at(day, parameters.night_from), at(day + timedelta(days=1), parameters.night_to))
        if slot.overlaps(night):
            return True
    return False


def _of_slot(slot: Slot, around: Surroundings) -> list[Reason]:
    found = []
    days = {around.calendar.kind_of(day): day for day in reversed(slot.days())}
    for code, kind in (("HOLIDAY", "HOLIDAY"), ("RESTDAY", "REST")):
        if kind in days:
            day = f"{days[kind]:%Y-%m-%d}"
            text = Text(f"{day}为{NAMES[code].zh}", f"{day} is a {NAMES[code].en}")
            found.append(_reason(code, slot, text, "V"))
    if touches_night(slot, around.parameters):
        begin, end = around.parameters.night_from, around.parameters.night_to
        text = Text(
            f"{stamp(slot.start)}至{stamp(slot.end)}涉及夜间（{begin:%H:%M}至{end:%H:%M}）",
            f"{stamp(slot.start)} to {stamp(slot.end)} touches the night ({begin:%H:%M} to {end:%H:%M})",
        )
        found.append(_reason("NIGHT", slot, text, "D"))
    for period in around.special_periods:
        if period.slot.overlaps(slot):
            text = Text(f"处于特殊时段“{period.name}”", f"within the special period {period.name!r}")
            found.append(_reason("SPECIAL", slot, text, "V"))
            break
    return found


def _reason(code: str, slot: Slot, text: Text, mark: str) -> Reason:
    return Reason(code, slot, Why(f"HW-UP-{code}", clause("5.1.1"), mark, text, "slots"))
