"""Dynamic clearing of major dangers (动态清零) and looking back for responsibility (责任倒查): definitions [D]."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from quancheng.standards.wording import Text

#: Days that a major danger may stay open without being listed before it is an alarm.
ALARM_DAYS = 90
#: Days before a finding within which a check that said normal is looked into.
MISSED_DAYS = 30
#: Repetitions from which on somebody is asked why.
REPEATS = 3


@dataclass(frozen=True, slots=True)
class Major:
    """A major danger in the ledger.

    :ivar deadline: last day; None where none is set.
    :ivar has_interim: valid interim measures stand.
    :ivar is_listed: under listed supervision (挂牌督办).
    :ivar is_long: a listed project of long duration, which the target of a quarter leaves out.
    :ivar closed: the day it was closed; None while it is open.
    """

    found: date
    deadline: date | None
    has_interim: bool
    has_plan: bool
    is_listed: bool = False
    is_long: bool = False
    closed: date | None = None

    def is_open_on(self, on: date) -> bool:
        """Found by then and not closed by the end of the day."""
        return self.found <= on and (self.closed is None or self.closed > on)


@dataclass(frozen=True, slots=True)
class Clearing:
    """Where the ledger stands on a day.

    :ivar is_zero: nothing open is overdue, and all that is open has interim measures and a plan.
    :ivar new, closed: found and closed within the quarter so far.
    :ivar stock: open and found before the quarter; ``to_clear`` without listed long projects: nought at its end.
    :ivar oldest_days: age of the oldest open one; None where none is open.
    :ivar alarms: open longer than 90 days without listing.
    """

    is_zero: bool
    new: int
    closed: int
    open: int
    overdue: int
    unprotected: int
    stock: int
    to_clear: int
    oldest_days: int | None
    alarms: int


def quarter_start(on: date) -> date:
    """The first day of a day's quarter."""
    return date(on.year, 3 * ((on.month - 1) // 3) + 1, 1)


def clearing(rows: Iterable[Major], *, on: date) -> Clearing:
    """The figures of a ledger on a day. A danger without deadline is not overdue, but lacks its plan."""
    first, every = quarter_start(on), tuple(rows)
    open_ = [one for one in every if one.is_open_on(on)]
    overdue = sum(1 for one in open_ if one.deadline is not None and one.deadline < on)
    unprotected = sum(1 for one in open_ if not (one.has_interim and one.has_plan))
    stock = [one for one in open_ if one.found < first]
    ages = [(on - one.found).days for one in open_]
    return Clearing(
        is_zero=not overdue and not unprotected,
        new=sum(1 for one in every if first <= one.found <= on),
        closed=sum(1 for one in every if one.closed is not None and first <= one.closed <= on),
        open=len(open_),
        overdue=overdue,
        unprotected=unprotected,
        stock=len(stock),
        to_clear=sum(1 for one in stock if not (one.is_listed and one.is_long)),
        oldest_days=max(ages, default=None),
        alarms=sum(1 for one in open_ if (on - one.found).days > ALARM_DAYS and not one.is_listed),
    )


@dataclass(frozen=True, slots=True)
class LookbackFacts:
    """What is known of a danger when somebody asks whether to look back.

    :ivar last_normal: the last check of the same thing that said normal; None where there was none.
    """

    is_major: bool
    found: date
    last_normal: date | None = None
    is_listed_overdue: bool = False
    is_falsely_closed: bool = False
    repeats: int = 0
    led_to_accident: bool = False


#: Why responsibility is looked back for.
TRIGGERS: dict[str, Text] = {
    "missed": Text("应查出未查出：30日内的检查结果为正常", "Missed: a check within 30 days before said normal"),
    "listed_overdue": Text("挂牌督办超期", "Listed and overdue"),
    "false_closing": Text("虚假销号", "Falsely closed"),
    "repeated": Text("重复出现3次以上", "Repeated three times or more"),
    "accident": Text("引发事故", "Led to an accident"),
}


def lookback_triggers(facts: LookbackFacts) -> tuple[str, ...]:
    """Codes of :data:`TRIGGERS` that hold, in their order; empty where nothing asks for it.

    ``missed`` asks for a major danger and a check no later than the finding and no earlier than 30 days before.

    :raises ValueError: fewer than no repetitions.
    """
    if facts.repeats < 0:
        raise ValueError("a count is not negative")
    normal = facts.last_normal
    holds = {
        "missed": facts.is_major and normal is not None and 0 <= (facts.found - normal).days <= MISSED_DAYS,
        "listed_overdue": facts.is_listed_overdue,
        "false_closing": facts.is_falsely_closed,
        "repeated": facts.repeats >= REPEATS,
        "accident": facts.led_to_accident,
    }
    return tuple(code for code in TRIGGERS if holds[code])
