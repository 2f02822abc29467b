"""Reads of outages (断线), planned offline periods (停用报备) and the figures of both (监测质量口径)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Least

from quancheng.domains.monitoring.models import HouseTrouble, OfflineNotice, Outage, Source, Tag, TagStatus, WatchRule
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.signals.online import NAMES, Rules


def rules() -> Rules:
    """The figures as the district set them last, else the usual ones. One query."""
    found = list_rules().first()
    return Rules() if found is None else Rules(**{name: found.figures[name] for name in NAMES if name in found.figures})


def list_rules() -> QuerySet[WatchRule]:
    """What was set, the newest first. Everybody may read it."""
    return WatchRule.objects.order_by("-entered_at", "-pk")


def list_outages(*, actor: Actor) -> QuerySet[Outage]:
    """Outages that the actor may see: those that last first, then the newest."""
    rows: QuerySet[Outage] = Outage.objects.visible_to(actor)
    return rows.select_related("file__enterprise", "source", "facility", "area").order_by(
        F("ended_at").desc(nulls_first=True), "-began_at", "pk"
    )


def get_outage(*, actor: Actor, outage_id: uuid.UUID) -> Outage:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_outages(actor=actor).filter(pk=outage_id).first()
    if found is None:
        raise NotFound
    return found


def list_notices(*, actor: Actor) -> QuerySet[OfflineNotice]:
    """Planned offline periods that the actor may see, the latest first."""
    rows: QuerySet[OfflineNotice] = OfflineNotice.objects.visible_to(actor)
    return rows.select_related("file__enterprise", "source", "area").order_by("-begins_at", "pk")


def get_notice(*, actor: Actor, notice_id: uuid.UUID) -> OfflineNotice:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_notices(actor=actor).filter(pk=notice_id).first()
    if found is None:
        raise NotFound
    return found


def tags_named(actor: Actor, numbers: Sequence[int]) -> list[Tag]:
    """The tags under these numbers that the actor may see, by code."""
    return list(Tag.objects.visible_to(actor).filter(number__in=numbers).order_by("code", "pk"))


def tags_of_source(source: Source) -> QuerySet[Tag]:
    """Tags in use of a source that a query gave, by code."""
    return source.tags.filter(status__in=(TagStatus.LIVE, TagStatus.SERVICE)).order_by("code", "pk")


def is_running(now: datetime) -> Q:
    """Planned periods that hold at a moment."""
    return Q(begins_at__lte=now, ends_at__gt=now) & (Q(cancelled_at__isnull=True) | Q(cancelled_at__gt=now))


def planned(
    begin: datetime, end: datetime, *, sources: Collection[uuid.UUID] | None = None
) -> list[tuple[int, frozenset[int], datetime, datetime]]:
    """Planned periods that touch a span: number of the source, numbers of tags (none: all), begin, end. In no scope.

    :param sources: of these alone; None: of all.
    """
    rows = OfflineNotice.objects.filter(begins_at__lt=end, ends_at__gt=begin).annotate(
        until=Least("ends_at", "cancelled_at")
    )
    if sources is not None:
        rows = rows.filter(source__in=sources)
    return [
        (source, frozenset(tags), begins, until)
        for source, tags, begins, until in rows.values_list("source__number", "tags", "begins_at", "until")
        if until > begins
    ]


def plans_over(after: datetime, until: datetime) -> set[uuid.UUID]:
    """Sources that were to be silent as a whole, of which that ended or was cancelled in a span. In no scope."""
    ended = Q(cancelled_at__isnull=True, ends_at__gt=after, ends_at__lte=until)
    rows = OfflineNotice.objects.filter(ended | Q(cancelled_at__gt=after, cancelled_at__lte=until), tags=[])
    return set(rows.values_list("source_id", flat=True))


def house_gaps(begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """When the platform itself did not work, within a span. In no scope: for clocks."""
    rows = HouseTrouble.objects.filter(code__in=HouseTrouble.OURS, began_at__lt=end).exclude(ended_at__lte=begin)
    return [(max(began, begin), min(ended or end, end)) for began, ended in rows.values_list("began_at", "ended_at")]


def house_settled_at() -> datetime | None:
    """When the platform last began to work again; None where it always did."""
    rows = HouseTrouble.objects.filter(code__in=HouseTrouble.OURS, ended_at__isnull=False)
    return rows.order_by("-ended_at").values_list("ended_at", flat=True).first()


def is_house_down() -> bool:
    """Whether something of the platform's own does not work now."""
    return HouseTrouble.objects.filter(code__in=HouseTrouble.OURS, ended_at__isnull=True).exists()


def often_since(file: Enterprise, now: datetime) -> int:
    """Planned periods of a file that were filed within 30 days."""
    return OfflineNotice.objects.filter(file=file, created_at__gt=now - timedelta(days=30)).count()


def lasting(outage: Outage, now: datetime) -> timedelta:
    """How long it lasts, or lasted."""
    return (outage.ended_at or now) - outage.began_at
