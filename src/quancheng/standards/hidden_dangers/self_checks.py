"""How often the main person of a unit leads a check for major hidden dangers (主要负责人带队排查), and when statistics
of hidden dangers are due (隐患统计报送时限).

Source: three-year campaign on root causes 2024-2026, as the domain's facts tell it: once a quarter, in high-risk trades
once a month [G]; which classes are high-risk [G]: those that make, hold, sell or carry dangerous goods. A district may
say otherwise. What has no licence has no main person to hold to it and owes none.
Statistics: each quarter before the 15th of the month after it, each year before 31 January [G]; we count both days as
the last that are in time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from quancheng.standards.hidden_dangers.data import rows

#: Lengths that fill a year evenly; months.
RHYTHMS = (1, 2, 3, 4, 6, 12)
#: Kinds of statistics.
QUARTER, YEAR = "quarter", "year"
#: Day of the month on which the statistics of a quarter are due, in the first month after it.
QUARTER_DAY = 15
#: Month and day on which the statistics of a year are due, in the year after it.
YEAR_DAY = (1, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedRhythm:
    """Every how many months: in high-risk classes, and in the others."""

    high: frozenset[str]
    others: frozenset[str]
    high_months: int = 1
    other_months: int = 3

    def __post_init__(self) -> None:
        for name in ("high_months", "other_months"):
            if getattr(self, name) not in RHYTHMS:
                raise ValueError(f"{name}: {getattr(self, name)} does not fill a year evenly")

    def months_for(self, classes: Collection[str]) -> int | None:
        """Every how many months a unit of these classes owes a check, the shortest of what they ask; None: never."""
        found = [self.high_months for one in classes if one in self.high]
        found += [self.other_months for one in classes if one in self.others]
        return min(found, default=None)


@cache
def led_rhythm() -> LedRhythm:
    """What ships [G]."""
    by_months: Mapping[str, int] = {row["class"]: int(row["months"]) for row in rows("led_checks")}
    return LedRhythm(
        high=frozenset(code for code, months in by_months.items() if months == 1),
        others=frozenset(code for code, months in by_months.items() if months != 1),
    )


def span_before(kind: str, due: date) -> tuple[date, date]:
    """First and last day of the quarter or year whose statistics are due on a day. ValueError for an unknown kind."""
    if kind == YEAR:
        return date(due.year - 1, 1, 1), date(due.year - 1, 12, 31)
    if kind != QUARTER:
        raise ValueError(f"no kind of statistics {kind!r}")
    begin = date(due.year, (due.month - 1) // 3 * 3 + 1, 1)
    last = begin - timedelta(days=1)
    return date(last.year, last.month - 2, 1), last
