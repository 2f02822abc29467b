"""The risk briefing of an area for a period (风险简报) from data: what stands, what changed, what is worst."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, Value, When

from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.kinds import ColourOf, ObjectKind
from quancheng.domains.risk.models import Grading, Measure, RiskObject
from quancheng.domains.risk.queries import levels
from quancheng.domains.risk.queries.changes import WAYS, between, list_changes
from quancheng.domains.risk.queries.open_items import OpenItem, open_majors
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar

WORST, MOST_CHANGES, MOST_NEW = 10, 30, 30


@dataclass(frozen=True, slots=True)
class Worst:
    """One of the worst enterprises, with why."""

    file: Any
    level: int
    #: Objects at that level, by name, and the measures that failed below them.
    named: Sequence[str]
    failed: Sequence[str]


@dataclass(frozen=True, slots=True)
class Briefing:
    """What the briefing says; levels are None where nobody assessed."""

    first: date
    last: date
    area: str
    before: Counter[int | None]
    after: Counter[int | None]
    ups: int
    downs: int
    changes: Sequence[Any]
    worst: Sequence[Worst]
    majors: Sequence[OpenItem]
    #: Objects that came into the lists, major hazards first, and gradings published, the gravest first: so many of
    #: each as a briefing names, with how many there are.
    new_objects: Sequence[RiskObject]
    new_object_count: int
    gradings: Sequence[Grading]
    grading_count: int


def briefing(*, actor: Actor, town: str, area: str, first: date, last: date, today: date) -> Briefing:
    """The state at the end of ``last`` beside that before ``first``, and what happened between.

    :param town: path of a street or town, or empty for all that the actor sees; :param area: its name.
    """
    calendar = Calendar()
    begin, end = calendar.start_of(first), levels.end_of(last)
    files = seen(actor=actor)
    objects = RiskObject.objects.visible_to(actor).select_related("file__enterprise")
    gradings = Grading.objects.visible_to(actor)
    changed = between(list_changes(actor=actor), begin, end).filter(subject="object")
    if town:
        files = files.filter(area__path__startswith=town)
        objects = objects.filter(file__area__path__startswith=town)
        gradings = gradings.filter(file__area__path__startswith=town)
        changed = changed.filter(file__area__path__startswith=town)
    day = None if last >= today else last
    ups, downs = changed.filter(WAYS["up"]), changed.filter(WAYS["down"])
    is_hazard = Case(When(kind=ObjectKind.MAJOR_HAZARD, then=Value(0)), default=Value(1), output_field=IntegerField())
    new = objects.filter(created_at__gte=begin, created_at__lt=end).order_by(is_hazard, "created_at", "pk")
    published = gradings.filter(published_at__gte=begin, published_at__lt=end)
    return Briefing(
        first, last, area,
        before=_counted(files, first - timedelta(days=1)), after=_counted(files, day),
        ups=ups.count(), downs=downs.count(),
        changes=list(changed.filter(WAYS["up"] | WAYS["down"])[:MOST_CHANGES]),
        worst=_worst(files, day), majors=open_majors(actor=actor, town=town),
        new_objects=list(new[:MOST_NEW]), new_object_count=new.count(),
        gradings=list(published.defer("answers", "result").select_related("file__enterprise")
                      .order_by("level", "published_at", "pk")[:MOST_NEW]),
        grading_count=published.count(),
    )  # fmt: skip


def _counted(files: Any, day: date | None) -> Counter[int | None]:
    rows = files.order_by().annotate(level=levels.level_of_file(ColourOf.PRESENT, day))
    return Counter(dict(rows.values_list("level").annotate(number=Count("pk"))))


def _worst(files: Any, day: date | None) -> list[Worst]:
    rows = files.select_related("enterprise").annotate(level=levels.level_of_file(ColourOf.PRESENT, day))
    found = list(rows.filter(level__isnull=False).order_by("level", "pinyin", "pk")[:WORST])
    ids = [one.pk for one in found]
    objects = RiskObject.objects.filter(levels.stood(day), file__in=ids).annotate(
        at_level=levels.object_level(ColourOf.PRESENT, day)
    )
    gravest: dict[Any, list[RiskObject]] = {}
    level_of = {one.pk: one.level for one in found}
    for one in objects.order_by("code", "pk"):
        if one.at_level == level_of[one.file_id]:
            gravest.setdefault(one.file_id, []).append(one)
    failed: dict[Any, list[str]] = {}
    if day is None:
        lost = Measure.objects.filter(
            Q(failed_at__isnull=False),
            levels.stood(None, "event", "event__unit", "event__unit__object"),
            event__unit__object__file__in=ids,
        )
        for file, text in lost.order_by("failed_at", "pk").values_list(F("event__unit__object__file"), "text"):
            failed.setdefault(file, []).append(text)
    return [
        Worst(one, one.level, [each.name for each in gravest.get(one.pk, ())][:5], failed.get(one.pk, [])[:5])
        for one in found
    ]
