"""Usual and longest terms of putting a danger right (默认期限、最长期限), with the table that a district may change.

Source: the usual terms by colour are defaults of the platform [D]; the longest term of a major danger follows that of a
listed one, one year in one city's rule [V]; the longest terms of general dangers are ours [D].
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from quancheng.standards.hidden_dangers.levels import COLOURS, Level, limits
from quancheng.standards.risk.basis import BadInput
from quancheng.standards.wording import Text

#: No term of a table is longer than this, in days.
MOST_DAYS = 1095


@dataclass(frozen=True, slots=True)
class Terms:
    """The table: hours of the usual terms of general dangers by the colour of the place (red: where a measure failed),
    and days of the longest ones; that of a major danger for any colour.

    :raises BadInput: none at all, a graver place that gives more time, or a usual term over the longest.
    """

    usual_blue_h: int
    usual_yellow_h: int
    usual_orange_h: int
    usual_red_h: int
    longest_blue_d: int
    longest_yellow_d: int
    longest_orange_d: int
    longest_red_d: int
    longest_major_d: int

    def __post_init__(self) -> None:
        for name in self.__slots__:
            most = MOST_DAYS * (24 if name.endswith("_h") else 1)
            if not 1 <= getattr(self, name) <= most:
                raise BadInput(name, Text(f"应在1到{most}之间", f"must lie between 1 and {most}"))
        for milder, graver in pairwise(COLOURS):
            for kind in ("usual_{}_h", "longest_{}_d"):
                if getattr(self, kind.format(graver)) > getattr(self, kind.format(milder)):
                    raise BadInput(kind.format(graver), Text(
                        "风险更高的，期限不能更长", "a graver place must not give more time"
                    ))  # fmt: skip
        for colour in COLOURS:
            if getattr(self, f"usual_{colour}_h") > 24 * getattr(self, f"longest_{colour}_d"):
                raise BadInput(f"usual_{colour}_h", Text(
                    "默认期限不能超过最长期限", "the usual term must not be over the longest"
                ))  # fmt: skip

    def usual(self, *, colour: str, is_measure_failed: bool) -> timedelta:
        """The usual term of a general danger; of a red place without a failed measure that of an orange one."""
        known = "orange" if colour == "red" and not is_measure_failed else colour
        return timedelta(hours=getattr(self, f"usual_{known}_h"))

    def longest_days(self, level: Level, *, colour: str, is_measure_failed: bool = False) -> int:
        """Days that a plan may take at most. :raises ValueError: unknown colour."""
        if colour not in COLOURS:
            raise ValueError(f"no colour {colour!r}; there are {', '.join(COLOURS)}")
        if level is Level.MAJOR:
            return self.longest_major_d
        known = "orange" if colour == "red" and not is_measure_failed else colour
        days: int = getattr(self, f"longest_{known}_d")
        return days

    def default_deadline(
        self, level: Level, *, found_at: datetime, colour: str, is_measure_failed: bool = False
    ) -> datetime | None:
        """When a general danger should be gone unless somebody sets another day; None for a major one."""
        if level is Level.MAJOR:
            return None
        return found_at + self.usual(colour=colour, is_measure_failed=is_measure_failed)


def default_terms() -> Terms:
    """The table that ships."""
    known = limits()

    def hours(code: str) -> int:
        limit = known[code]
        return int(limit.amount or 0) * (1 if limit.unit == "hours" else 24)

    def days(code: str) -> int:
        return int(known[code].amount or 0)

    usual = {f"usual_{colour}_h": hours(f"GENERAL_{colour.upper()}") for colour in COLOURS}
    longest = {f"longest_{colour}_d": days(f"LONGEST_{colour.upper()}") for colour in COLOURS}
    return Terms(**usual, **longest, longest_major_d=days("LONGEST_MAJOR"))


def upper_end(begin: date, days: int) -> date:
    """The last day of a longest term that begins on a day."""
    return begin + timedelta(days=days)
