"""Reads of tags (监测点位)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from quancheng.domains.monitoring.models import Tag, TagExemption, TagStatus
from quancheng.domains.registry.models import Enterprise, Facility, Unit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people.models import User


def list_tags(*, actor: Actor) -> QuerySet[Tag]:
    """Tags that the actor may see, by enterprise and code."""
    rows: QuerySet[Tag] = Tag.objects.visible_to(actor)
    related = ("file__enterprise", "unit_place", "facility", "source", "area", "partner", "pair_split")
    return rows.select_related(*related).order_by("file__pinyin", "code", "pk")


def is_split() -> Q:
    """Tags whose clock and that of their partner are too far apart to be compared, as they are to be."""
    judged = Q(status=TagStatus.LIVE, source__isnull=False)
    other = Q(partner__status=TagStatus.LIVE, partner__source__isnull=False)
    return Q(pair_split__partner=F("partner")) & judged & other


def get_tag(*, actor: Actor, tag_id: uuid.UUID) -> Tag:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_tags(actor=actor).filter(pk=tag_id).first()
    if found is None:
        raise NotFound
    return found


def tags_by_numbers(*, actor: Actor, numbers: Collection[int]) -> list[Tag]:
    """Tags under these numbers, in their order. :raises NotFound: there is none, or the actor may not see it."""
    rows = {row.number: row for row in list_tags(actor=actor).filter(number__in=numbers)}
    if len(rows) < len(set(numbers)):
        raise NotFound
    return [rows[number] for number in dict.fromkeys(numbers)]


def beside(*, actor: Actor, tag: Tag, most: int) -> list[tuple[str, str, str]]:
    """Other tags of the same enterprise that the actor may see: code, name, English name."""
    rows: QuerySet[Tag] = Tag.objects.visible_to(actor).filter(file=tag.file_id).exclude(pk=tag.pk)
    named = rows.exclude(status=TagStatus.ENDED).order_by("code", "pk").values_list("code", "name", "name_en")
    return list(named[:most])


@dataclass(frozen=True, slots=True)
class KnownTag:
    """A tag as processors know it."""

    number: int
    enterprise: uuid.UUID
    source: int
    code: str
    key: str
    status: str
    scale: float
    shift: float
    range_lo: float | None
    range_hi: float | None
    limits: tuple[float | None, float | None, float | None, float | None]
    deadband: float
    on_delay_s: float
    off_delay_s: float
    stale_after_s: int
    is_calibrated: bool
    roc_limit: float | None
    roc_window_s: int
    flat_after_s: int | None
    flat_within: float | None
    is_by_exception: bool
    kind: str
    reorder_s: int
    partner: int | None
    partner_as: str
    apart_limit: float | None
    apart_delay_s: float
    travel_s: float | None


_COLUMNS = (
    "number", "file_id", "source__number", "code", "key", "status", "scale", "shift", "range_lo", "range_hi",
    "ll", "l", "h", "hh", "deadband", "on_delay_s", "off_delay_s", "stale_after_s", "calibrated_until",
    "roc_limit", "roc_window_s", "flat_after_s", "flat_within", "is_by_exception", "kind",
    "source__reorder_s", "partner__number", "partner_as", "apart_limit", "apart_delay_s", "travel_s",
)  # fmt: skip


def known_tags(*, today: date, enterprises: Collection[uuid.UUID] | None = None) -> Sequence[KnownTag]:
    """Every tag that a source tells and that has not ended, by number. In no scope: for processors.

    :param today: a day; a calibration that ended before it is over. :param enterprises: of these alone; None: of all.
    """
    rows = Tag.objects.filter(source__isnull=False).exclude(status=TagStatus.ENDED).order_by("number")
    if enterprises is not None:
        rows = rows.filter(file__in=enterprises)
    return [_known(row, today) for row in rows.values_list(*_COLUMNS).iterator(chunk_size=10_000)]


def register_marks() -> dict[uuid.UUID, tuple[int, int]]:
    """Of each enterprise a mark that is another once anything changed of what :func:`known_tags` tells of its tags, the
    day apart. Versions of rows are compared, since no column says of every change when it was committed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tag.file_id, count(*), sum(hashtextextended("
            "concat_ws(' ', tag.ctid, tag.xmin, source.number, source.reorder_s, tag.partner_id), 0)) "
            "FROM monitoring_tag tag JOIN monitoring_source source ON source.id = tag.source_id GROUP BY tag.file_id"
        )
        return {file: (count, int(mark)) for file, count, mark in cursor.fetchall()}


def _known(row: Sequence[Any], today: date) -> KnownTag:
    number, enterprise, source, code, key, status, scale, shift, range_lo, range_hi = row[:10]
    ll, low, high, hh, deadband, on_s, off_s, stale_s, until = row[10:19]
    return KnownTag(
        number, enterprise, source, code, key, status, scale, shift, range_lo, range_hi, (ll, low, high, hh), deadband,
        on_s, off_s, stale_s, until is None or until >= today, *row[19:],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TagChange:
    """One act on a tag out of the journal."""

    at: datetime
    act: str
    who: str
    facts: dict[str, Any]


def changes_of(tag: Tag, *, limit: int = 100) -> list[TagChange]:
    """The last acts on a tag that a query gave, the newest first; who sees the tag sees who made them."""
    found = JournalEntry.objects.filter(subject_type=Tag.row_type(), subject_id=tag.pk)
    names = User.objects.filter(pk=OuterRef("user_id")).values("name")
    entries = found.annotate(who=Subquery(names[:1])).order_by("-at", "-pk")[:limit]
    return [TagChange(one.at, one.act, one.who or one.system_name, one.facts) for one in entries]


def exemptions_of(tag: Tag) -> Sequence[TagExemption]:
    """Every decision about the limits of a tag that a query gave, the newest first."""
    return list(tag.exemptions.select_related("office").order_by("-decided_at", "-pk"))


def visible_exemption(actor: Actor, pk: uuid.UUID) -> TagExemption | None:
    """A decision about a tag that the actor may see; for the files that it holds."""
    seen: QuerySet[Tag] = Tag.objects.visible_to(actor)
    return TagExemption.objects.filter(pk=pk, tag__in=seen).first()


def tags_among(*, actor: Actor, codes: Collection[str]) -> QuerySet[Tag]:
    """Tags under these codes that the actor may see; for imports."""
    return list_tags(actor=actor).filter(code__in=codes)


def facilities_of(file: Enterprise, *, also: uuid.UUID | None = None) -> QuerySet[Facility]:
    """Facilities in service of a file that a query gave, at which a tag may hang; and the one at which it hangs."""
    found = Facility.objects.filter(Q(decommissioned_date__isnull=True) | Q(pk=also), unit__file=file)
    return found.select_related("unit__file__enterprise").order_by("unit__code", "code", "pk")


def partners_of(file: Enterprise, *, but: uuid.UUID | None = None) -> QuerySet[Tag]:
    """Tags of a file that a query gave with which another one, ``but``, may be compared, by code."""
    found = Tag.objects.filter(file=file, status__in=(TagStatus.LIVE, TagStatus.SERVICE))
    return (found if but is None else found.exclude(pk=but)).order_by("code", "pk")


def unit_of(tag: Tag) -> uuid.UUID | None:
    """The unit in which a tag is, its own or that of its facility. :param tag: with ``facility`` read."""
    return tag.unit_place_id or (tag.facility.unit_id if tag.facility is not None else None)


def units_of(file: Enterprise, *, also: uuid.UUID | None = None) -> QuerySet[Unit]:
    """Units that stand of a file that a query gave; and the one to which a tag belongs."""
    return Unit.objects.filter(Q(ended_date__isnull=True) | Q(pk=also), file=file).order_by("code", "pk")


def is_lacking_limits() -> Q:
    """Tags that never alarm; switches that only tell a state are not meant to."""
    unset = Q(ll__isnull=True, l__isnull=True, h__isnull=True, hh__isnull=True, partner__isnull=True)
    return unset & ~Q(kind="discrete")


def is_beyond_service(*, now: datetime) -> Q:
    """Tags under repair or calibration beyond the end that was planned."""
    return Q(status=TagStatus.SERVICE, service_until__lt=now)


def is_unlawful(*, today: date) -> Q:
    """Tags whose limits go beyond the standard's and whose exemption has ended."""
    return Q(is_loosened=True) & (Q(exempted_until__isnull=True) | Q(exempted_until__lt=today))
