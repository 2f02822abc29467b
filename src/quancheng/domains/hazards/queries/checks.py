"""Reads of check tasks, of what is due, of stoppages and special periods."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from quancheng.domains.hazards.models import CheckDue, CheckTask, SpecialPeriod, StopReview, UnitStop
from quancheng.domains.hazards.queries.department_checklists import for_enterprise, with_aspect
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import keys_seen, seen
from quancheng.domains.risk.kinds import Mode
from quancheng.domains.risk.models import Measure, Post, PostPerson
from quancheng.domains.risk.queries.risks import list_measures
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas import queries as areas
from quancheng.kernel.areas.models import Area
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.law.models import Kind, LegalText
from quancheng.kernel.law.queries import not_withdrawn
from quancheng.kernel.people.models import Membership, User

Row = TypeVar("Row")
STANDING = Q(ended_date__isnull=True)
#: Neither done nor under a stoppage: open until it closes, then missed.
OWED = Q(done_at__isnull=True, covered_by__isnull=True)


def list_tasks(*, actor: Actor) -> QuerySet[CheckTask]:
    """Check tasks that stand, of the enterprises that the actor may see, with what a list shows of each."""
    rows = CheckTask.objects.filter(STANDING, file__in=keys_seen(actor=actor))
    # Not one join for all: to plan it took the database longer than to read the rows.
    rows = rows.select_related("file__enterprise", "unit", "post").prefetch_related("measure", "checklist", "person")
    return rows.order_by("file", "work_type", "unit", "pk")


def get_task(*, actor: Actor, task_id: uuid.UUID) -> CheckTask:
    """Raise NotFound for absent and for out of scope alike; ended ones are read too."""
    return _found(_tasks(actor).filter(pk=task_id).first())


def _tasks(actor: Actor) -> QuerySet[CheckTask]:
    return CheckTask.objects.filter(file__in=keys_seen(actor=actor)).select_related(
        "file__enterprise", "file__area", "object", "unit__object", "unit__facility", "measure__event", "checklist",
        "post", "person",
    )  # fmt: skip


def list_dues(*, actor: Actor) -> QuerySet[CheckDue]:
    """Instances of the enterprises that the actor may see, the newest first, with what a list shows of each."""
    rows = CheckDue.objects.filter(file__in=keys_seen(actor=actor))
    rows = rows.select_related("file__enterprise", "post", "person", "task__unit", "covered_by")
    return rows.order_by("-due_at", "pk")


def get_due(*, actor: Actor, due_id: uuid.UUID) -> CheckDue:
    """Raise NotFound for absent and for out of scope alike."""
    return _found(_dues(actor).filter(pk=due_id).first())


def _dues(actor: Actor) -> QuerySet[CheckDue]:
    return CheckDue.objects.filter(file__in=keys_seen(actor=actor)).select_related(
        "file__enterprise", "file__area", "post", "person", "task__unit__object", "task__unit__facility",
        "task__measure__event", "task__checklist", "task__object", "covered_by",
    )  # fmt: skip


def posts_held_by(actor: Actor) -> QuerySet[PostPerson]:
    """Keys of the posts that the actor holds at his own enterprise now."""
    held = PostPerson.objects.filter(user=actor.user_id, until_date__isnull=True, post__ended_date__isnull=True)
    return held.filter(post__file=actor.organisation_id).values("post")  # type: ignore[return-value]


def list_my_dues(*, actor: Actor, now: datetime) -> QuerySet[CheckDue]:
    """What this person checks today (今日排查): named as he is or of his posts; open, missed today, or done today."""
    if actor.user_id is None or actor.organisation_id is None:
        return CheckDue.objects.none()
    calendar = Calendar()
    today = calendar.local_date(now)
    begins, ends = calendar.start_of(today), calendar.end_of(today)
    rows = _dues(actor).filter(mine_q(actor), file=actor.organisation_id, opens_at__lte=ends)
    return rows.filter(closes_at__gt=begins).order_by("task__unit__object", "task__unit", "due_at", "pk")


def mine_q(actor: Actor) -> Q:
    """What is for this very person: his by name, or of a post of his and nobody's by name."""
    return Q(person=actor.user_id) | Q(person__isnull=True, post__in=posts_held_by(actor))


def list_owed(*, actor: Actor, now: datetime) -> QuerySet[CheckDue]:
    """What this person has still to do now; bare, for counts."""
    if actor.user_id is None or actor.organisation_id is None or actor.supervises:
        return CheckDue.objects.none()
    rows = CheckDue.objects.filter(OWED, mine_q(actor), file=actor.organisation_id)
    return rows.filter(opens_at__lte=now, closes_at__gt=now)


def in_state(code: str, now: datetime) -> Q:
    """Instances in a state of :func:`state_of`."""
    return {
        "done": Q(done_at__isnull=False), "covered": Q(done_at__isnull=True, covered_by__isnull=False),
        "open": OWED & Q(closes_at__gt=now), "missed": OWED & Q(closes_at__lte=now),
    }[code]  # fmt: skip


def state_of(row: CheckDue, now: datetime) -> str:
    """The state of an instance: ``done``, ``covered``, ``open`` or ``missed``."""
    if row.done_at is not None:
        return "done"
    if row.covered_by_id is not None:
        return "covered"
    return "open" if row.closes_at > now else "missed"


def _counts(now: datetime) -> dict[str, Any]:
    return {
        "planned": Count("pk"), "done": Count("pk", filter=Q(done_at__isnull=False)),
        "missed": Count("pk", filter=Q(done_at__isnull=True, closes_at__lte=now)),
    }  # fmt: skip


def levels_of(file: Enterprise, *, first: datetime, until: datetime, now: datetime) -> Sequence[dict[str, Any]]:
    """Per level, post and holder's count the same for one file (分层级排查情况), the highest level first."""
    rows = CheckDue.objects.filter(file=file, due_at__gte=first, due_at__lt=until, covered_by__isnull=True)
    found: list[dict[str, Any]] = list(
        rows.values("post__layer", "post", "post__name", "post__department", "person", "person__name")
        .annotate(**_counts(now))
        .order_by("post__layer", "post__name", "post", "person")  # type: ignore[arg-type]
    )
    leaders: dict[uuid.UUID, list[str]] = {}
    held = PostPerson.objects.filter(post__in={row["post"] for row in found if row["post"]}, until_date__isnull=True)
    for post, name in held.order_by("since_date", "pk").values_list("post", "user__name"):
        leaders.setdefault(post, []).append(name)
    return [{**row, "leaders": [] if row["person"] else leaders.get(row["post"], [])} for row in found]


def uncovered_measures(*, actor: Actor) -> QuerySet[Measure]:
    """Inspection measures (管控方式为隐患排查) that no standing task checks, of whoever the actor may see."""
    tasks = CheckTask.objects.filter(STANDING, measure=OuterRef("pk"))
    return list_measures(actor=actor).filter(~Exists(tasks), mode=Mode.INSPECTION)


def tasks_of_measure(measure: Measure) -> Sequence[CheckTask]:
    """Standing tasks of a measure that the caller got through its own query."""
    return list(CheckTask.objects.filter(STANDING, measure=measure).select_related("post", "person").order_by("pk"))


def standing_of(units: Collection[uuid.UUID]) -> Sequence[CheckTask]:
    """Standing tasks of units, for a stoppage that moves them."""
    return list(CheckTask.objects.filter(STANDING, unit__in=units).order_by("pk"))


def list_stops(*, actor: Actor) -> QuerySet[UnitStop]:
    """Stoppages that the actor may see: those that go on first, then the newest."""
    return (
        UnitStop.objects.filter(file__in=keys_seen(actor=actor))
        .select_related("file__enterprise", "file__area", "unit__object")
        .order_by(F("ends_at").desc(nulls_first=True), "-begins_at", "pk")
    )


def get_stop(*, actor: Actor, stop_id: uuid.UUID) -> UnitStop:
    """Raise NotFound for absent and for out of scope alike."""
    return _found(list_stops(actor=actor).filter(pk=stop_id).first())


def stops_at(unit_id: uuid.UUID | None, at: datetime) -> bool:
    """Whether a unit was stopped at a moment."""
    if unit_id is None:
        return False
    rows = UnitStop.objects.filter(unit=unit_id, begins_at__lte=at)
    return rows.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at)).exists()


def list_stop_reviews(*, actor: Actor) -> QuerySet[StopReview]:
    """Looks at stoppages that the actor may see, open ones first."""
    rows = StopReview.objects.visible_to(actor).select_related("file__enterprise", "object", "stop__unit")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "pk")


def get_stop_review(*, actor: Actor, review_id: uuid.UUID) -> StopReview:
    """Raise NotFound for absent and for out of scope alike."""
    return _found(list_stop_reviews(actor=actor).filter(pk=review_id).first())


def list_periods(*, actor: Actor) -> QuerySet[SpecialPeriod]:
    """Special periods that were ever switched on, the newest first: of the district and its towns, which everybody may
    know, and of the enterprises that the actor sees."""
    rows = SpecialPeriod.objects.filter(Q(file__isnull=True) | Q(file__in=keys_seen(actor=actor)))
    return rows.select_related("area", "file__enterprise").order_by("-last_date", "-first_date", "pk")


def get_period(*, actor: Actor, period_id: uuid.UUID) -> SpecialPeriod:
    """:raises NotFound: there is none that the actor may see."""
    return _found(list_periods(actor=actor).filter(pk=period_id).first())


def periods_on(day: date, *, file: Enterprise | None) -> Sequence[SpecialPeriod]:
    """Those that are on at a day for an enterprise; without one, for the whole district."""
    rows = SpecialPeriod.objects.filter(cancelled_at__isnull=True, first_date__lte=day, last_date__gte=day)
    rows = rows.filter(file=None, area=None) if file is None else rows
    path = file.area.path if file is not None and file.area is not None else ""
    found = rows.select_related("area").order_by("first_date", "pk")
    return [one for one in found if file is None or one.is_for(file.pk, path)]


def periods_within(first: date, last: date, *, file: Enterprise) -> Sequence[SpecialPeriod]:
    """Those that are on at some day from first to last for an enterprise."""
    rows = SpecialPeriod.objects.filter(cancelled_at__isnull=True, first_date__lte=last, last_date__gte=first)
    path = file.area.path if file.area is not None else ""
    return [one for one in rows.select_related("area").order_by("first_date", "pk") if one.is_for(file.pk, path)]


def period_towns(actor: Actor) -> QuerySet[Area]:
    """Towns for which the actor may switch a period on."""
    home = areas.home()
    if home is None or not actor.supervises:
        return Area.objects.none()
    return areas.list_below(home, levels=("street",)).filter(path__startswith=actor.area_path)


def checklists(file: Enterprise | None = None) -> QuerySet[LegalText]:
    """What a task can be made from: checklists of the law register, and the screening guide with its areas.

    :param file: whose task it is: of departments' own checklists those that are for it.
    """
    rows = LegalText.objects.filter(not_withdrawn(), Q(kind=Kind.CHECKLIST) | Q(pk="HDG78")).order_by("code")
    today = Calendar().local_date(timezone.now())
    return rows if file is None else with_aspect(rows, on=today).filter(for_enterprise(file))


def list_completion(*, actor: Actor, now: datetime) -> QuerySet[Enterprise]:
    """Enterprises that the actor may see, with ``task_count``, what of the last seven days was ``planned``, ``done``
    and ``missed``, how many inspection measures are ``bare`` of a task, and of ``post_count`` posts how many,
    ``post_covered``, have one."""
    calendar = Calendar()
    first = calendar.start_of(calendar.local_date(now) - timedelta(days=6))
    week = CheckDue.objects.filter(file=OuterRef("pk"), due_at__gte=first, due_at__lt=now, covered_by__isnull=True)

    def number(rows: QuerySet[Any], group: str = "file") -> Any:
        counted = rows.order_by().values(group).annotate(number=Count("pk")).values("number")
        return Coalesce(Subquery(counted), 0)

    tasks = CheckTask.objects.filter(STANDING, file=OuterRef("pk"))
    busy = CheckTask.objects.filter(STANDING, measure=OuterRef("pk"))
    bare = Measure.objects.filter(
        ~Exists(busy), ended_date__isnull=True, mode=Mode.INSPECTION, event__ended_date__isnull=True,
        event__unit__ended_date__isnull=True, event__unit__object__ended_date__isnull=True,
        event__unit__object__file=OuterRef("pk"),
    )  # fmt: skip
    posts = Post.objects.filter(file=OuterRef("pk"), ended_date__isnull=True)
    rows = seen(actor=actor).select_related("enterprise", "area").annotate(
        task_count=number(tasks), planned=number(week), done=number(week.filter(done_at__isnull=False)),
        missed=number(week.filter(done_at__isnull=True, closes_at__lte=now)),
        bare=number(bare, "event__unit__object__file"), post_count=number(posts),
        post_covered=number(posts.filter(Exists(CheckTask.objects.filter(STANDING, post=OuterRef("pk"))))),
    )  # fmt: skip
    return rows.order_by("pinyin", "pk")


def staff_of(file: Enterprise) -> QuerySet[User]:
    """Who has a place at an enterprise now."""
    there = Membership.objects.current().filter(organisation=file.pk).values("user")
    return User.objects.filter(pk__in=there).order_by("pinyin", "pk")


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row
