"""How work items follow the loops: closed and opened by each move; called by ``kernel.loops`` alone."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from quancheng.kernel.errors import Conflict, NotPermitted
from quancheng.kernel.people.models import Membership
from quancheng.kernel.work.models import WorkItem, WorkItemQuerySet

if TYPE_CHECKING:
    from quancheng.kernel.access.actor import Actor
    from quancheng.kernel.calendar import Calendar
    from quancheng.kernel.loops.declare import Loop, State
    from quancheng.kernel.loops.models import LoopRow


def follow(
    *, actor: Actor, row: LoopRow, loop: Loop, source: str, move: str, now: datetime, calendar: Calendar
) -> None:
    """Close the step that was done and open the next one; a move that stays in its state only moves the deadline."""
    state = loop.states[row.status]
    if source == row.status and not state.is_final:
        _refresh(row=row, loop=loop, state=state, calendar=calendar)
        return
    if source:
        _open_items(row).update(done_at=now, done_by_id=actor.user_id, outcome=move)
    if not state.is_final:
        _open(row=row, loop=loop, state=state, is_first=not source, now=now, calendar=calendar)


def rehome(*, row: LoopRow, loop: Loop) -> None:
    """Let the open step follow a row that names another organisation now; its deadline stays, its person does not."""
    holder = loop.states[row.status].holder
    organisation: uuid.UUID | None = getattr(row, f"{holder.field}_id", None) if holder else None
    if organisation is not None:
        _open_items(row).exclude(owner_org=organisation).update(owner_org_id=organisation, person=None)


def repeople(*, row: LoopRow, loop: Loop) -> None:
    """Let the open step follow a row that names another person now; who does not stand in the organisation is none."""
    state = loop.states[row.status]
    holder = state.holder
    if holder is None or not state.person:
        return
    named: uuid.UUID | None = getattr(row, f"{state.person}_id")
    if named is not None:
        places = Membership.objects.current().filter(organisation_id=getattr(row, f"{holder.field}_id"))
        named = named if places.filter(user_id=named).exists() else None
    _open_items(row).update(person_id=named)


def take_out(row: LoopRow) -> None:
    """Take out the items of a row that is itself taken out. Without a look at who refers to one: acts are only added.

    :raises Conflict: somebody took, urged or dated one anew, or it climbed a ladder.
    """
    found = WorkItem.objects.filter(subject_type=row.row_type(), subject_id=row.pk)
    for item in found:
        used = item.person_id is not None or item.urged_count > 0
        for relation in WorkItem._meta.related_objects:
            there = relation.related_model._default_manager.filter(**{relation.field.name: item.pk})
            used = used or there.exists()
        if used:
            raise Conflict(_("“%(title)s”已在办理。") % {"title": item.title})
    found._raw_delete(found.db)


def refuse_others_item(*, actor: Actor, row: LoopRow, duty: str) -> None:
    """Raise NotPermitted where a colleague has taken the item: a chief, or who stands in for him, may still act."""
    if actor.is_chief or actor.is_system:
        return
    item = _open_items(row).filter(duty=duty, person__isnull=False).select_related("person").first()
    if item is None or item.person_id == actor.user_id or item.person_id in actor.acts_for:
        return
    raise NotPermitted(
        _("该事项已由%(name)s领办，请先由其转办。") % {"name": item.person.name if item.person else ""},
        code="taken_by_colleague",
    )


def instead_of(*, actor: Actor, row: LoopRow) -> str:
    """The absent colleague whose item the actor does (代办); empty for his own. A query for deputies alone."""
    if not actor.acts_for:
        return ""
    item = _open_items(row).filter(person_id__in=actor.acts_for).select_related("person").first()
    return item.person.name if item is not None and item.person is not None else ""


def _open_items(row: LoopRow) -> WorkItemQuerySet:
    return WorkItem.objects.filter(subject_type=row.row_type(), subject_id=row.pk, done_at__isnull=True)


@dataclass(frozen=True, slots=True)
class Dates:
    """Until when a step is owed, and the years that were only guessed at on the way."""

    due_at: datetime | None
    review_at: datetime | None
    assumed_years: list[int]


def dates_of(row: LoopRow, state: State, calendar: Calendar) -> Dates:
    """The dates of a row's present step; the calendar is a fresh one, so that its guesses are those of this step."""
    due = state.due(row, row.status_at, calendar) if state.due else None
    review = state.review(row, row.status_at, calendar) if state.review else None
    return Dates(due, review, sorted(calendar.assumed))


def _refresh(*, row: LoopRow, loop: Loop, state: State, calendar: Calendar) -> None:
    _open_items(row).update(**asdict(dates_of(row, state, calendar)), title=loop.title(row)[:300])


def _open(*, row: LoopRow, loop: Loop, state: State, is_first: bool, now: datetime, calendar: Calendar) -> None:
    holder = state.holder
    if holder is None:
        raise ValueError(f"{loop.code}.{row.status} has no owner")
    organisation: uuid.UUID | None = getattr(row, f"{holder.field}_id")
    if organisation is None:
        raise ValueError(f"{loop.code}.{row.status}: {holder.field} is empty, so nobody would owe the step")
    dates = dates_of(row, state, calendar)
    WorkItem.objects.create(
        **row.scope_columns(owner=organisation),
        subject_type=row.row_type(),
        subject_id=row.pk,
        loop_code=loop.code,
        loop_version=loop.version,
        state=row.status,
        duty=holder.duty,
        title=loop.title(row)[:300],
        person_id=_person(row=row, state=state, is_first=is_first, organisation=organisation, duty=holder.duty),
        entered_at=now,
        due_at=dates.due_at,
        review_at=dates.review_at,
        assumed_years=dates.assumed_years,
        ladder=loop.ladder,
    )


def _person(*, row: LoopRow, state: State, is_first: bool, organisation: uuid.UUID, duty: str) -> uuid.UUID | None:
    """Whom the row names, else who had this step before, as long as he still stands in the organisation.

    One query; none where the row has just entered its loop and names nobody.
    """
    places = Membership.objects.current().filter(organisation_id=organisation)
    named: uuid.UUID | None = getattr(row, f"{state.person}_id") if state.person else None
    if named is not None:
        return named if places.filter(user_id=named).exists() else None
    if is_first:
        return None
    before = WorkItem.objects.filter(
        subject_type=row.row_type(), subject_id=row.pk, owner_org_id=organisation, duty=duty, person__isnull=False
    )
    last = (
        before.order_by("-entered_at", "-pk")
        .values_list("person_id", Exists(places.filter(user_id=OuterRef("person_id"))))
        .first()
    )
    return last[0] if last is not None and last[1] else None
