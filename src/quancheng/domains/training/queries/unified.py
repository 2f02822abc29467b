"""The one way of the four main posts (四个统一): what it is made of, and what may be chosen for it."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q, QuerySet

from quancheng.domains.training.models import Course, PaperRule, Programme, UnifiedWay
from quancheng.domains.training.queries.courses import list_courses
from quancheng.domains.training.queries.papers import usable_rules
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Reach

#: Main person, actual controller, technical head, safety director (S3-7.2b).
FOUR_POSTS = ("main_head", "actual_controller", "technology_head", "safety_director")


def names_the_four(programme: Programme) -> bool:
    """Whether the four main posts learn by a programme."""
    return set(FOUR_POSTS) <= set(programme.roles)


def material_choices(*, actor: Actor, programme: Programme) -> QuerySet[Course]:
    """Courses of the actor's office on a programme that are still given."""
    rows = list_courses(actor=actor).filter(programme=programme, ended_date__isnull=True, reach=Reach.PUBLIC)
    return rows.filter(owner_org=actor.organisation_id)


def paper_choices(*, actor: Actor) -> QuerySet[PaperRule]:
    """Rules of offices, which everybody may use."""
    return usable_rules(actor=actor).filter(reach=Reach.PUBLIC)


def ways_of(programme: Programme) -> list[UnifiedWay]:
    """What was the one way of a programme from when to when, the newest first; one query."""
    rows = UnifiedWay.objects.filter(programme=programme).select_related("course", "rule", "office")
    return list(rows.order_by("-from_date", "-pk"))


def ways_on(programme: Programme, day: date) -> QuerySet[UnifiedWay]:
    """What was the one way on a day: two on the day of a change, none where any way counted."""
    lasting = Q(to_date__isnull=True) | Q(to_date__gte=day)
    return UnifiedWay.objects.filter(lasting, programme=programme, from_date__lte=day)


def is_material_on(programme: Programme, course: Course | None, day: date) -> bool:
    """Whether a course was the one material of a programme on a day; one query where the programme had one."""
    if course is None or not programme.is_unified_on(day):
        return False
    return ways_on(programme, day).filter(course=course).exists()


def begun_before(programme: Programme, day: date, began_at: datetime | None) -> bool:
    """Whether something began on a day before the one way was set for that same day: it could not be known."""
    ways = list(ways_on(programme, day)) if began_at is not None else []
    return began_at is not None and bool(ways) and all(
        one.from_date == day and one.set_at is not None and began_at < one.set_at for one in ways
    )  # fmt: skip
