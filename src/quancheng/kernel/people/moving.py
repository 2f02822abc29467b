"""An enterprise moves (迁址): its rows follow it into the new area, and figures still know where it was on a day."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.apps import apps
from django.db import models, transaction
from django.db.models import Case, F, OuterRef, Q, Subquery, UUIDField, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.access.models import Scoped, subject_type_of
from quancheng.kernel.errors import Invalid
from quancheng.kernel.people.models import Organisation, OrganisationMove

#: Rows that change in one transaction.
BATCH = 1000
#: So long after a move the clock looks again for rows that were just being written while the organisation moved.
STRAGGLERS = timedelta(days=2)
MOVER = system_actor("mover")


def note_move(
    *, actor: Actor, organisation: Organisation, to_area: uuid.UUID | None, on: date, now: datetime
) -> OrganisationMove | None:
    """Write down, in the transaction that changes an organisation's area, where it comes from, and queue its rows.

    None where the area stays.

    :raises Invalid: it moved again after that day: the moves would contradict each other.
    """
    if organisation.area_id == to_area:
        return None
    last = OrganisationMove.objects.filter(organisation=organisation, moved_on__gt=on).order_by("-moved_on").first()
    if last is not None:
        raise Invalid(fields={"moved_on": _("不能早于上一次迁入日期（%(day)s）。") % {"day": last.moved_on}})
    from quancheng.kernel.people.jobs import restamp as job

    found = OrganisationMove.objects.create(
        organisation=organisation, from_area_id=organisation.area_id, to_area_id=to_area, moved_on=on, recorded_at=now
    )
    job.defer(organisation_id=str(organisation.pk))
    return found


def scoped_models() -> Iterator[type[Scoped]]:
    """Every kind of row with the columns of scope whose rows may change."""
    for model in sorted(apps.get_models(), key=subject_type_of):
        if issubclass(model, Scoped) and not getattr(model, "append_only", False):
            yield model


def restamp(*, organisation_id: uuid.UUID, now: datetime) -> int:
    """Move the rows that concern an organisation after it, each move in the order it was recorded; returns how many.

    Only rows that stood in the area it left: a second site elsewhere keeps its own. Killed in between, the next run
    goes on where this one was; run again, it finds nothing. Each batch is one transaction with its journal entry.
    """
    count = 0
    seat = Organisation.objects.values_list("area_id", flat=True).get(pk=organisation_id)
    moves = OrganisationMove.objects.filter(organisation_id=organisation_id)
    waiting = moves.filter(Q(restamped_at__isnull=True) | Q(recorded_at__gt=now - STRAGGLERS))
    for step in waiting.order_by("recorded_at", "pk"):
        # Where it lies again by now nothing need leave.
        for model in scoped_models() if step.from_area_id != seat else ():
            while done := _restamp_batch(model, step, now):
                count += done
        moves.filter(pk=step.pk, restamped_at__isnull=True).update(restamped_at=now)
    return count


def restamp_all(*, now: datetime) -> int:
    """What the clock does each night: moves whose rows have not followed yet, and stragglers of the last ones."""
    waiting = OrganisationMove.objects.filter(Q(restamped_at__isnull=True) | Q(recorded_at__gt=now - STRAGGLERS))
    ids = sorted(set(waiting.values_list("organisation_id", flat=True)))
    return sum(restamp(organisation_id=pk, now=now) for pk in ids)


def area_on(*, organisation: Organisation, day: date) -> uuid.UUID | None:
    """The area in which an organisation lay on a day."""
    moves = OrganisationMove.objects.filter(organisation=organisation)
    before = moves.filter(moved_on__lte=day).order_by("-moved_on", "-recorded_at").first()
    if before is not None:
        return before.to_area_id
    after = moves.order_by("moved_on", "recorded_at").first()
    return after.from_area_id if after is not None else organisation.area_id


def fact_area(day: str) -> Case:
    """For figures: the area of a scoped row on the day of the fact, which the field ``day`` (a date) gives.

    A row at another site than its enterprise's seat keeps its own area.
    """
    moves = OrganisationMove.objects.filter(organisation=OuterRef("enterprise"))
    before = moves.filter(moved_on__lte=OuterRef(day)).order_by("-moved_on", "-recorded_at").values("to_area")[:1]
    after = moves.filter(moved_on__gt=OuterRef(day)).order_by("moved_on", "recorded_at").values("from_area")[:1]
    known = Coalesce(Subquery(before), Subquery(after), F("area"), output_field=UUIDField())
    at_seat = Q(area=F("enterprise__area"))
    return Case(When(at_seat, then=known), default=F("area"), output_field=UUIDField())


def _restamp_batch(model: type[Scoped], step: OrganisationMove, now: datetime) -> int:
    rows: models.Manager[Scoped] = model._default_manager
    with transaction.atomic():
        left = rows.filter(enterprise=step.organisation_id, area=step.from_area_id)
        if step.from_area_id is None:
            left = rows.filter(enterprise=step.organisation_id, area__isnull=True)
        pks = list(left.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not pks:
            return 0
        count = left.filter(pk__in=pks).update(area=step.to_area_id)
        if count:
            journal.record(
                actor=MOVER, act="people.organisation.restamp", subject_type="people.organisation",
                subject_id=step.organisation_id, org_id=step.organisation_id, now=now,
                facts={
                    "rows": subject_type_of(model), "count": count, "from": step.from_area_id, "to": step.to_area_id,
                    "first": pks[0], "last": pks[-1],
                },
            )  # fmt: skip
        return count
