"""What a danger is taken for (定级): which criterion, which grade is proposed, by when it is usually put right."""

from __future__ import annotations

from datetime import date, datetime

from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.queries.findings import earlier_like
from quancheng.domains.hazards.queries.terms import colour_of, terms_on
from quancheng.kernel.calendar import Calendar
from quancheng.standards.hidden_dangers import levels
from quancheng.standards.hidden_dangers.checklists import known_item
from quancheng.standards.hidden_dangers.criteria import criteria, criteria_on


def repeated(row: Finding, criterion: str, item: str) -> Finding | None:
    """The danger that this one repeats, by the criterion and item as they are known now."""
    return earlier_like(file=row.file, criterion=criterion, item=item, place=row.place, unit=row.unit,
                        found_at=row.found_at, besides=row)  # fmt: skip


def proposed_grade(row: Finding, *, criterion: str = "", item: str = "") -> tuple[levels.Grade, Finding | None]:
    """The inner grade that the house proposes, and the earlier danger because of which it is one higher.

    The nature of the checklist's item, or general, raised by one where the danger repeats; a person decides.
    """
    criterion, item = criterion or row.criterion, item or row.checklist_item
    if criterion or row.is_major:
        return levels.Grade.MAJOR, repeated(row, criterion, item)
    # An item of a list of the district's own has no grade here.
    base = known_item(item).grade if is_item(item) else levels.Grade.GENERAL
    like = repeated(row, criterion, item)
    return (base if like is None else levels.raised(base)), like


def below_major(grade: levels.Grade) -> levels.Grade:
    """A grade that may be taken without a person's word: nothing is made major by a proposal."""
    order = list(levels.Grade)
    return min(grade, levels.Grade.SERIOUS, key=order.index)


def usual_grade(row: Finding) -> levels.Grade:
    """The grade of what is put right before anybody graded it: the proposed one, major excepted."""
    return below_major(proposed_grade(row)[0])


def asks_lesson(row: Finding) -> bool:
    """Whether the lesson (举一反三) is asked when it is put right: of what is graver, or would be graded so."""
    return row.is_serious or (not row.grade and usual_grade(row) == levels.Grade.SERIOUS)


def is_criterion(code: str, at: datetime) -> bool:
    """Whether it is a criterion, and was in force when the danger was found."""
    known = criteria().get(code)
    if known is None or not known.is_criterion:
        return False
    return any(one.criterion.code == code for one in criteria_on(Calendar().local_date(at), known.family))


def usual_deadline(row: Finding, major: bool) -> date | None:
    """The day of the default term by the colour of the place; None for a major one, whose plan says it."""
    level = levels.Level.MAJOR if major else levels.Level.GENERAL
    calendar = Calendar()
    # The table of the day of registration, by which the longest term is told as well.
    found = terms_on(calendar.local_date(row.created_at)).default_deadline(
        level, found_at=row.found_at, colour=colour_of(row), is_measure_failed=row.measure_id is not None
    )
    return None if found is None else calendar.local_date(found)


def is_item(code: str) -> bool:
    """Whether there is such an item of a checklist."""
    try:
        known_item(code)
    except ValueError:
        return False
    return True
