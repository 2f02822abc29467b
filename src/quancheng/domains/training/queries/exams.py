"""Reads of exams: who sits, what came of it; names of people are for who has the duty to look at them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import (
    Exam,
    ExamKind,
    ExamSitting,
    Person,
    PersonPost,
    Programme,
    SittingFact,
    SittingItem,
)
from quancheng.domains.training.models.exams import GRACE, ExamQuerySet, SittingQuerySet
from quancheng.domains.training.models.persons import PersonQuerySet
from quancheng.domains.training.queries.papers import SET_EXAMS, policy
from quancheng.domains.training.queries.persons import VIEW, is_himself, list_persons
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.people.models import User
from quancheng.kernel.people.queries import list_people

SPOT = "training.spot"


def list_exams(*, actor: Actor) -> ExamQuerySet:
    """Exams that the actor may see, the newest first, with how many sit, came and passed.

    :raises NotPermitted: his duties do not ask him to.
    """
    actor.require(VIEW)
    rows: ExamQuerySet = Exam.objects.visible_to(actor).select_related(
        "programme", "owner_org", "enterprise", "rule", "created_by"
    )
    return rows.annotate(
        listed=Count("sittings"), came=Count("sittings", filter=Q(sittings__started_at__isnull=False)),
        passed=Count("sittings", filter=Q(sittings__is_passed=True, sittings__not_counted="")),
        failed=Count("sittings", filter=Q(sittings__is_passed=False)),
    ).order_by("-opens_at", "pk")  # fmt: skip


def of_people_at(file_id: uuid.UUID) -> Q:
    """Exams of one enterprise, and those that people of it sit: a condition, so that counts stay those of the exam."""
    sat = ExamSitting.objects.filter(exam=OuterRef("pk"), person__file=file_id)
    return Q(file=file_id) | Q(Exists(sat))


def get_exam(*, actor: Actor, exam_id: uuid.UUID) -> Exam:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_exams(actor=actor).filter(pk=exam_id).first()
    if found is None:
        raise NotFound
    return found


def runs(actor: Actor, exam: Exam) -> bool:
    """Whether the actor runs an exam: of its own organisation, with the duty for its kind."""
    duty = SPOT if exam.is_spot else SET_EXAMS
    return actor.has(duty) and actor.organisation_id == exam.owner_org_id


def is_own_paper(actor: Actor, sitting: ExamSitting) -> bool:
    """Whether the actor sits it himself, as a user or as somebody at work at his enterprise."""
    return (sitting.user_id is not None and sitting.user_id == actor.user_id) or is_himself(actor, sitting.person)


def list_sittings(*, actor: Actor) -> SittingQuerySet:
    """Who sat or sits, as far as the actor may see it, the newest first. :raises NotPermitted: without the duty."""
    actor.require(VIEW)
    rows: SittingQuerySet = ExamSitting.objects.visible_to(actor).select_related(
        "exam__programme", "exam__owner_org", "person", "user", "enterprise"
    )
    return rows.order_by("-created_at", "pk")


def get_sitting(*, actor: Actor, sitting_id: uuid.UUID) -> ExamSitting:
    """One's own too. Raise NotFound for absent and for out of scope alike."""
    found = None
    if actor.has(VIEW):
        found = list_sittings(actor=actor).filter(pk=sitting_id).first()
    if found is None and actor.user_id is not None:
        found = own_sittings(actor=actor).filter(pk=sitting_id).first()
    if found is None:
        raise NotFound
    return found


def own_sittings(*, actor: Actor) -> SittingQuerySet:
    """Exams that the actor sits himself, by the time they begin."""
    rows: SittingQuerySet = ExamSitting.objects.filter(user=actor.user_id, user__isnull=False).select_related(
        "exam__programme", "exam__owner_org", "person", "user", "enterprise"
    )
    return rows.order_by("-exam__opens_at", "pk")


def sittings_of(exam: Exam) -> Sequence[ExamSitting]:
    """Of an exam that a query gave to the actor, in the order in which they were listed."""
    rows = ExamSitting.objects.filter(exam=exam).select_related("person", "user", "exam", "enterprise")
    return list(rows.order_by("created_at", "pk"))


def shows_paper(actor: Actor, sitting: ExamSitting, now: datetime) -> bool:
    """Whether a marked paper is shown: when its exam is over, and before to who runs the exam and does not sit it."""
    is_mine = is_own_paper(actor, sitting)
    is_over = sitting.exam.closes_at + GRACE <= now
    return sitting.marked_at is not None and (is_over or (runs(actor, sitting.exam) and not is_mine))


def get_paper(*, actor: Actor, sitting_id: uuid.UUID, now: datetime) -> Sequence[SittingItem]:
    """A marked paper, for whoever sees people. Raise NotFound for one that is not shown yet, as for absent ones."""
    found = list_sittings(actor=actor).filter(pk=sitting_id).first()
    if found is None or not shows_paper(actor, found, now):
        raise NotFound
    return items_of(found)


def items_of(sitting: ExamSitting) -> Sequence[SittingItem]:
    """His paper, in its order; of a sitting that a query gave to the actor."""
    return list(SittingItem.objects.filter(sitting=sitting).select_related("version").order_by("place"))


def facts_of(sitting: ExamSitting) -> Sequence[SittingFact]:
    """What was noted while he sat, the newest first."""
    return list(SittingFact.objects.filter(sitting=sitting).order_by("-at", "-pk"))


def is_handed_in(row: Model) -> bool:
    """Whether what a sitting holds stands."""
    return isinstance(row, ExamSitting) and row.handed_in_at is not None


def photos_of(sitting: ExamSitting) -> Sequence[FileLink]:
    """Pictures of himself that he took at the start."""
    return list(files_of(sitting).order_by("added_at", "pk"))


def persons_at(*, actor: Actor, files: Collection[Enterprise], roles: Collection[str]) -> PersonQuerySet:
    """Who works at these enterprises now, those who hold one of these roles where some are named."""
    rows = list_persons(actor=actor).at_work().filter(file__in=[one.pk for one in files])
    if roles:
        posts = PersonPost.objects.filter(role__code__in=list(roles), to_date__isnull=True)
        rows = rows.filter(pk__in=posts.values("person"))
    return rows


def enterprises_of(exam: Exam) -> list[uuid.UUID]:
    """Enterprises whose people sit an exam that a query gave to the actor."""
    if exam.file_id is not None:
        return [exam.file_id]
    found = ExamSitting.objects.filter(exam=exam, person__isnull=False).values_list("person__file", flat=True)
    return list(found.distinct())


def regulators(*, actor: Actor) -> QuerySet[User]:
    """Users at offices in the actor's directory, who may sit an exam of regulators; nobody for others."""
    if not actor.supervises:
        return User.objects.none()
    places = list_people(actor=actor).order_by().filter(organisation__supervises=True)
    return User.objects.filter(pk__in=places.values("user")).order_by("pinyin", "pk")


# What follows of results ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chance:
    """Whether somebody may sit a programme's exam now: ``resit``, or not before he was taught anew (``barred``)."""

    is_resit: bool = False
    is_barred: bool = False


def failures_of(person: Person, programme: Programme) -> list[datetime]:
    """Times of his failures in a programme's formal exams since he last passed one that counts, the newest first."""
    found: list[datetime] = []
    rows = ExamSitting.objects.filter(
        person=person, exam__programme=programme, exam__kind=ExamKind.FORMAL, marked_at__isnull=False, not_counted=""
    )
    for is_passed, marked_at in rows.order_by("-marked_at", "-pk").values_list("is_passed", "marked_at"):
        if is_passed or marked_at is None:
            break
        found.append(marked_at)
    return found


def chance_of(person: Person, programme: Programme, now: datetime, *, taught_since: datetime | None) -> Chance:
    """Once again within so many days of a failure; then not before the hours were done anew.

    :param taught_since: when the hours of an order that followed were done; failures before it count no more.
    """
    failed = [one for one in failures_of(person, programme) if taught_since is None or one > taught_since]
    if not failed:
        return Chance()
    is_late = now > failed[0] + timedelta(days=policy().resit_days)
    return Chance(is_resit=True, is_barred=len(failed) > 1 or is_late)
