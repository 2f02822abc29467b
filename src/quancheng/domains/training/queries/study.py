"""What regulators learned, and how many of them are trained this year (S2-17)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import BooleanField, Case, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from quancheng.domains.training.models import Programme, RegulatorFile, StudyRecord
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.people.models import Membership, Organisation
from quancheng.kernel.people.queries import list_people

STUDY = "training.study"
INDUCTION, YEARLY = "regulator-induction", "regulator-yearly"


def list_regulators(*, actor: Actor, on: date) -> QuerySet[Membership]:
    """People of supervising offices with their hours: the whole district's for who supervises it generally, else one's
    own office's. ``is_covered``: the year's hours are there, or, of one appointed this year, those of induction.

    :raises NotPermitted: no office.
    """
    actor.require(STUDY)
    if not actor.supervises:
        raise NotPermitted
    rows = list_people(actor=actor).filter(organisation__supervises=True)
    if not (actor.general and actor.whole_district):
        rows = rows.filter(organisation=actor.organisation_id)
    first, yearly = _demanded()
    known = RegulatorFile.objects.filter(user=OuterRef("user"))  # scope: of people whom the directory gave
    hours = StudyRecord.objects.filter(user=OuterRef("user"), struck_at__isnull=True, held_date__lte=on)

    def total(rows: QuerySet[StudyRecord]) -> Coalesce:
        summed = rows.order_by().values("user").annotate(sum=Sum("hours")).values("sum")
        field: DecimalField[Decimal, Decimal] = DecimalField(max_digits=7, decimal_places=1)
        return Coalesce(Subquery(summed, output_field=field), Value(Decimal(0)), output_field=field)

    counted = rows.annotate(
        year_hours=total(hours.filter(held_date__year=on.year)),
        induction_hours=total(hours.filter(programme__code=INDUCTION)),
        appointed_date=Subquery(known.values("appointed_date")[:1]),
        education=Subquery(known.values("education")[:1]),
        studying=Subquery(known.values("studying")[:1]),
    )  # fmt: skip
    new = Q(appointed_date__year=on.year, induction_hours__gte=first)
    return counted.annotate(
        is_covered=Case(
            When(Q(year_hours__gte=yearly) | new, then=True), default=False, output_field=BooleanField()
        ),
        induction_short=Case(
            When(Q(appointed_date__year=on.year, induction_hours__lt=first), then=True), default=False,
            output_field=BooleanField(),
        ),
    )  # fmt: skip


def coverage_of_offices(*, actor: Actor, on: date) -> list[tuple[Organisation, int, int]]:
    """Office, people, those trained this year; by office. A person counts once in each office that he serves."""
    found: dict[uuid.UUID, tuple[Organisation, int, int]] = {}
    for one in list_regulators(actor=actor, on=on):
        org, people, trained = found.get(one.organisation_id, (one.organisation, 0, 0))
        found[one.organisation_id] = (org, people + 1, trained + bool(one.is_covered))  # type: ignore[attr-defined]
    return sorted(found.values(), key=lambda row: (row[0].pinyin, str(row[0].pk)))


def get_regulator(*, actor: Actor, user_id: uuid.UUID, on: date) -> Membership:
    found = list_regulators(actor=actor, on=on).filter(user=user_id).first()
    if found is None:
        raise NotFound
    return found


def file_of(user_id: uuid.UUID) -> RegulatorFile | None:
    """What is known of somebody whom :func:`get_regulator` gave to the actor."""
    return RegulatorFile.objects.filter(user=user_id).first()  # scope: see there


def studies_of(user_id: uuid.UUID) -> Sequence[StudyRecord]:
    """What he learned, the newest first."""
    rows = StudyRecord.objects.filter(user=user_id).select_related("programme")  # scope: see get_regulator
    return list(rows.order_by("-held_date", "-pk"))


def get_study(*, actor: Actor, study_id: uuid.UUID) -> StudyRecord:
    """One record of one's own office."""
    actor.require(STUDY)
    rows = StudyRecord.objects.visible_to(actor).filter(owner_org=actor.organisation_id, pk=study_id)
    found = rows.select_related("user", "programme").first()
    if found is None:
        raise NotFound
    return found


def list_studies(*, actor: Actor) -> QuerySet[StudyRecord]:
    """Records of study that the actor may see, the newest first."""
    actor.require(STUDY)
    rows = StudyRecord.objects.visible_to(actor).select_related("user", "programme", "owner_org")
    return rows.order_by("-held_date", "-pk")


def _demanded() -> tuple[int, int]:
    hours = dict(Programme.objects.filter(code__in=[INDUCTION, YEARLY]).values_list("code", F("first_hours")))
    yearly = Programme.objects.filter(code=YEARLY).values_list("yearly_hours", flat=True).first()
    return hours.get(INDUCTION, 0), yearly or 0
