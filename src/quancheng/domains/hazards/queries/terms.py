"""Reads of the terms within which dangers are put right, and the last day that a plan may name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from quancheng.domains.hazards.models import Finding, TermRule
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.loops.models import MoveRecord
from quancheng.standards.hidden_dangers.levels import Level
from quancheng.standards.hidden_dangers.terms import Terms, default_terms, upper_end
from quancheng.standards.risk.colours import Colour


def terms_on(day: date) -> Terms:
    """What counts on a day: what ships, or what the district set by then."""
    rule = TermRule.objects.filter(from_date__lte=day).order_by("-from_date", "-entered_at").first()
    return Terms(**rule.figures) if rule else default_terms()


def past_terms() -> Sequence[TermRule]:
    """What was set, the newest first."""
    return list(TermRule.objects.select_related("entered_by").order_by("-from_date", "-entered_at")[:50])


def colour_of(row: Finding) -> str:
    """The present colour of the place, blue where nobody assessed it."""
    known = row.unit.present_level if row.unit is not None else None
    return Colour(known or Colour.BLUE).name.lower()


def was_ordered(row: Finding) -> bool:
    """Whether the supervisor set the term when it graded the danger: then a longer one has its approval."""
    records = MoveRecord.objects.filter(subject_type=row.row_type(), subject_id=row.pk)
    return records.filter(move="order").exists()


@dataclass(frozen=True, slots=True)
class UpperEnd:
    """The last day of the longest term, and how many days that term has."""

    day: date
    days: int


def upper_end_of(row: Finding, *, major: bool, today: date) -> UpperEnd:
    """How long a danger may take to be put right without the regulator's word, from the day it was registered on.

    The table of the day of registration counts. Where the term from there on is over already while no plan stands,
    because nobody made one or the grade was changed, it begins today: late grading is its own fault and not a reason to
    allow no plan at all. [D]
    """
    begin = Calendar().local_date(row.created_at)
    days = terms_on(begin).longest_days(
        Level.MAJOR if major else Level.GENERAL, colour=colour_of(row), is_measure_failed=row.measure_id is not None
    )
    last = upper_end(begin, days)
    if last < today and not row.is_planned:
        last = upper_end(today, days)
    return UpperEnd(last, days)
