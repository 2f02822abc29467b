"""Colours as they stand and as they stood at the end of any day (四色的现状与历史), as parts of one query a level.

What stood is the newest record before the end of the day of whatever was in the list then. ``RiskColour`` tells static
and present levels, assessments tell the inherent one, colours of the enterprise itself come from its gradings.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.kinds import ColourOf, Stage
from quancheng.domains.risk.models import RiskAssessment, RiskColour, RiskEvent, RiskObject
from quancheng.kernel.calendar import Calendar

_COLUMN = {ColourOf.PRESENT: "present_level", ColourOf.RESIDUAL: "static_level", ColourOf.INHERENT: "inherent_level"}


def end_of(day: date) -> datetime:
    """The first moment after a day, by the district's calendar."""
    return Calendar().start_of(day + timedelta(days=1))


def stood(day: date | None, *above: str) -> Q:
    """What stood in the list at the end of a day (None: stands now), with each of what it belongs to."""
    found = Q()
    for name in ("", *above):
        prefix = f"{name}__" if name else ""
        ended = Q(**{f"{prefix}ended_date__isnull": True})
        if day is not None:
            ended |= Q(**{f"{prefix}ended_date__gt": day})
        found &= ended
    return found if day is None else found & Q(created_at__lt=end_of(day))


def _newest(of: ColourOf, day: date) -> Subquery:
    """Level of the row outside at the end of a day, from its newest record."""
    rows = RiskColour.objects.filter(subject_id=OuterRef("pk"), at__lt=end_of(day)).order_by("-at", "-pk")
    return Subquery(rows.values(_COLUMN[of])[:1])


def _newest_inherent(day: date) -> Subquery:
    rows = RiskAssessment.objects.filter(event=OuterRef("pk"), stage=Stage.INHERENT, at__lt=end_of(day))
    return Subquery(rows.order_by("-at", "-pk").values("level")[:1])


def event_level(of: ColourOf, day: date | None) -> Any:
    """Level of an event, as an annotation of events."""
    if day is None:
        return F(_COLUMN[of])
    return _newest_inherent(day) if of == ColourOf.INHERENT else _newest(of, day)


def unit_level(of: ColourOf, day: date | None) -> Any:
    """Level of a unit: its own where it is recorded, the gravest of its events' for the inherent one."""
    if of == ColourOf.INHERENT:
        return _gravest(_events(of, day), "unit")
    return F(_COLUMN[of]) if day is None else _newest(of, day)


def object_level(of: ColourOf, day: date | None) -> Any:
    """Level of an object, as of a unit."""
    if of == ColourOf.INHERENT:
        return _gravest(_events(of, day), "unit__object")
    return F(_COLUMN[of]) if day is None else _newest(of, day)


def _events(of: ColourOf, day: date | None) -> QuerySet[RiskEvent]:
    return RiskEvent.objects.filter(stood(day, "unit", "unit__object")).annotate(level=event_level(of, day))


def level_of_file(of: ColourOf, day: date | None) -> Any:
    """Level of the enterprise's file outside, as an annotation of files."""
    if of == ColourOf.GRADED:
        if day is None:
            return F("graded__present_level")
        rows = RiskColour.objects.filter(subject_id=OuterRef("pk"), subject="file", at__lt=end_of(day))
        return Subquery(rows.order_by("-at", "-pk").values("present_level")[:1])
    if of == ColourOf.INHERENT:
        return _gravest(_events(of, day), "unit__object__file")
    objects = RiskObject.objects.filter(stood(day)).annotate(level=object_level(of, day))
    return _gravest(objects, "file")


def _gravest(rows: QuerySet[Any], parent: str) -> Subquery:
    """The gravest ``level`` among the rows whose parent is the row outside."""
    below = rows.filter(**{parent: OuterRef("pk")}).order_by()
    return Subquery(below.values(parent).annotate(worst=Min("level")).values("worst"))


def with_levels(rows: QuerySet[Enterprise], of: ColourOf, day: date | None) -> QuerySet[Enterprise]:
    """Files with ``level``, the gravest first, those without one last."""
    found = rows.annotate(level=level_of_file(of, day))
    return found.order_by(F("level").asc(nulls_last=True), "pinyin", "pk")


def earliest_day() -> date | None:
    """The first day of which a colour is recorded."""
    first = RiskColour.objects.aggregate(first=Min("at"))["first"]
    return None if first is None else Calendar().local_date(first)
