"""Reads of what was put aside (存疑报文)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Func, IntegerField, Max, Q, QuerySet

from quancheng.domains.monitoring.models import AsideMessage, Form, Source

#: Of a message so much is kept; one that has so much may have been longer, and cannot be read again.
MOST_KEPT = 65_536


class _Octets(Func):
    function = "octet_length"
    output_field = IntegerField()


def asides_of(source: Source) -> QuerySet[AsideMessage]:
    """What was put aside of a source that a query gave, the newest first; with its ``size`` in bytes, not its body."""
    rows = AsideMessage.objects.filter(source=source).annotate(size=_Octets("body")).defer("body")
    return rows.order_by("-at", "-pk")


def _is_replayable() -> Q:
    # What an edge node tells of Sparkplug B means something only after what it told before.
    return Q(asked_at__isnull=True, size__gt=0, size__lt=MOST_KEPT) & ~Q(form=Form.SPARKPLUG)


def replayable(source: Source) -> QuerySet[AsideMessage]:
    """Messages of a source that a query gave which can be read again and were not yet asked for."""
    return AsideMessage.objects.filter(source=source).annotate(size=_Octets("body")).filter(_is_replayable())


@dataclass(frozen=True, slots=True)
class Reason:
    """Why messages of a source were put aside: how many are kept, can be read again, are on their way, were."""

    code: str
    kept: int
    replayable: int
    asked: int
    replayed: int
    last_at: datetime


def reasons_of(source: Source) -> Sequence[Reason]:
    """Of a source that a query gave, the latest reason first."""
    rows = AsideMessage.objects.filter(source=source).annotate(size=_Octets("body")).values("reason")
    told = rows.annotate(
        kept=Count("pk"), can=Count("pk", filter=_is_replayable()), last=Max("at"),
        asked=Count("pk", filter=Q(asked_at__isnull=False, replayed_at__isnull=True)),
        replayed=Count("pk", filter=Q(replayed_at__isnull=False)),
    )  # fmt: skip
    return [
        Reason(one["reason"], one["kept"], one["can"], one["asked"], one["replayed"], one["last"])
        for one in told.order_by("-last", "reason")
    ]


@dataclass(frozen=True, slots=True)
class Replay:
    """A message that is to be put into the stream again, with what its source may send now."""

    pk: int
    source: int
    enterprise: uuid.UUID
    forms: Sequence[str]
    most_bytes: int
    form: str
    topic: str
    at: datetime
    body: bytes


def replays_due(limit: int) -> list[Replay]:
    """What was asked for, in the order in which it came. In no scope: for gateways."""
    rows = AsideMessage.objects.filter(
        asked_at__isnull=False, replayed_at__isnull=True, source__blocked_at__isnull=True
    )
    found = rows.order_by("at", "pk").select_related("source")[:limit]
    return [
        Replay(
            one.pk, one.source.number, one.source.file_id, one.source.forms, one.source.most_bytes, one.form, one.topic,
            one.at, bytes(one.body),
        )
        for one in found
    ]  # fmt: skip
