"""Reads of courses, plans and sessions."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Count, F, Model, Q, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce, Concat

from quancheng.domains.training.models import (
    Course,
    Enrolment,
    Person,
    PlanLine,
    TrainingPlan,
    TrainingSession,
)
from quancheng.domains.training.queries.persons import VIEW
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.errors import NotFound
from quancheng.kernel.people.models import Membership, User

TEACH = "training.teach"
#: Role in which a course holds its materials.
MATERIAL = "material"


def list_courses(*, actor: Actor) -> ScopedQuerySet[Course]:
    """Courses of one's own organisation, of enterprises that one supervises, and those that offices offer."""
    actor.require(VIEW)
    rows = Course.objects.visible_to(actor).select_related("programme", "owner_org", "enterprise")
    return rows.order_by("ended_date", "title", "pk")


def get_course(*, actor: Actor, course_id: uuid.UUID) -> Course:
    found = list_courses(actor=actor).filter(pk=course_id).first()
    if found is None:
        raise NotFound
    return found


def has_ended(row: Model) -> bool:
    """Whether a course or a document counts no more: its files are only added to."""
    return getattr(row, "ended_date", None) is not None


def list_plans(*, actor: Actor) -> QuerySet[TrainingPlan]:
    """Plans with how many classes they foresee and how many sessions were held, the newest year first. One query.

    A plan that is not published is read by its own organisation alone.
    """
    actor.require(VIEW)
    rows = TrainingPlan.objects.visible_to(actor).select_related("owner_org", "enterprise")
    rows = rows.filter(Q(published_at__isnull=False) | Q(owner_org=actor.organisation_id))
    held = Q(lines__sessions__status__in=["HELD", "CHECKED"])
    counted = rows.annotate(
        classes=Count("lines", distinct=True), begun=Count("lines", filter=held, distinct=True)
    )
    return counted.order_by("-year", "title", "pk")


def get_plan(*, actor: Actor, plan_id: uuid.UUID) -> TrainingPlan:
    found = list_plans(actor=actor).filter(pk=plan_id).first()
    if found is None:
        raise NotFound
    return found


def lines_of(plan: TrainingPlan) -> Sequence[PlanLine]:
    """Classes of a plan with what became of them: sessions held, people who were there. One query."""
    # A class of several days is one, held when a day of it is; who was there on several is one too.
    held = Q(sessions__status__in=["HELD", "CHECKED"])
    there = held & Q(sessions__enrolments__outcome="credited")
    taught = Coalesce("sessions__first_day", "sessions")
    seat = "sessions__enrolments__"
    who = [Cast(each, TextField()) for each in (taught, F(f"{seat}person"), F(f"{seat}user"))]
    rows = PlanLine.objects.filter(plan=plan).select_related("programme").annotate(
        held=Count(taught, filter=held, distinct=True),
        trained=Count(Concat(*who), filter=there, distinct=True),
    )  # fmt: skip
    return list(rows.order_by("month", "pk"))


def own_lines(*, actor: Actor) -> QuerySet[PlanLine]:
    """Classes of published plans of one's own, for a session that carries one out."""
    mine = TrainingPlan.objects.visible_to(actor).filter(owner_org=actor.organisation_id, published_at__isnull=False)
    return PlanLine.objects.filter(plan__in=mine).select_related("plan").order_by("-plan__year", "month", "pk")


def list_sessions(*, actor: Actor) -> QuerySet[TrainingSession]:
    """Sessions with how many enrolled and how many signed in, the newest first. One query."""
    actor.require(VIEW)
    rows = TrainingSession.objects.visible_to(actor).select_related("course__programme", "owner_org", "enterprise")
    counted = rows.annotate(
        enrolled=Count("enrolments"), there=Count("enrolments", filter=Q(enrolments__signed_at__isnull=False))
    )
    return counted.order_by("-starts_at", "pk")


def get_session(*, actor: Actor, session_id: uuid.UUID) -> TrainingSession:
    found = list_sessions(actor=actor).filter(pk=session_id).first()
    if found is None:
        raise NotFound
    return found


def days_of(session: TrainingSession) -> Sequence[TrainingSession]:
    """All days of the class of a session that a query gave to the actor, in their order; one query."""
    first = session.first_day_id or session.pk
    rows = TrainingSession.objects.filter(Q(pk=first) | Q(first_day=first))  # scope: they have that of the first
    return list(rows.order_by("day_number"))


def seats_of(session: TrainingSession, *, actor: Actor) -> Sequence[Enrolment]:
    """Who enrolled, as far as the actor may see them: persons in his scope, colleagues of regulators. One query."""
    rows = Enrolment.objects.filter(session=session).select_related(
        "person__enterprise", "user", "sent_by", "record", "study"
    )
    seen = Q(person__in=Person.objects.visible_to(actor).values("pk"))
    if actor.supervises:
        seen |= Q(user__isnull=False)
    return list(rows.filter(seen).order_by("sent_by__pinyin", "person__pinyin", "user__pinyin", "pk"))


def open_session(session_id: uuid.UUID) -> TrainingSession | None:
    """A planned session for the page of its door, that nobody need sign in for: who holds its fresh code is there."""
    rows = TrainingSession.objects.filter(pk=session_id, status="PLANNED")  # scope: told by the signed code
    return rows.select_related("course", "owner_org").first()


def may_enrol(*, actor: Actor, session: TrainingSession) -> QuerySet[Person]:
    """People of one's own enterprise at work who have no seat yet, by name."""
    rows = Person.objects.visible_to(actor).filter(file=actor.organisation_id, left_date__isnull=True)
    taken = Enrolment.objects.filter(session=session, person__isnull=False).values("person")
    return rows.exclude(pk__in=taken).order_by("pinyin", "pk")


def may_enrol_colleagues(*, actor: Actor, session: TrainingSession) -> QuerySet[User]:
    """People of one's own office who have no seat yet, by name."""
    places = Membership.objects.current().filter(organisation=actor.organisation_id)
    taken = Enrolment.objects.filter(session=session, user__isnull=False).values("user")
    return User.objects.filter(pk__in=places.values("user")).exclude(pk__in=taken).order_by("pinyin", "pk")


def clashing(
    *, persons: Collection[uuid.UUID] = (), users: Collection[uuid.UUID] = (), session: TrainingSession,
    signed_only: bool = False,
) -> QuerySet[Enrolment]:  # fmt: skip
    """Seats of these people in other sessions at the same time."""
    who = Q(person__in=list(persons)) | Q(user__in=list(users))
    rows = Enrolment.objects.filter(
        who, session__starts_at__lt=session.ends_at, session__ends_at__gt=session.starts_at
    ).exclude(session=session)
    rows = rows.exclude(session__status="CANCELLED").select_related("session__course", "person", "user")
    return rows.filter(signed_at__isnull=False) if signed_only else rows


def minutes_of(starts_at: datetime, ends_at: datetime) -> int:
    return int((ends_at - starts_at).total_seconds() // 60)
