"""Messages that were put aside, put into the stream again after a fix (存疑报文重新处理).

A person asks; a gateway, which has the stream at hand, looks for what is asked every few seconds and does it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import AsideMessage, Source
from quancheng.domains.monitoring.queries.asides import replayable
from quancheng.domains.monitoring.services.processing import Unread, put_aside_and_count
from quancheng.domains.monitoring.services.sources import may_keep
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, NotPermitted


def ask_replay(*, actor: Actor, row: Source, reason: str = "", now: datetime) -> int:
    """Ask that what was put aside of a source be read again; how many messages.

    What fails again is put aside anew. Readings keep their times and, where they told none, that of their first
    arrival: what is old by now becomes history and raises no alarm.

    :param reason: only what was put aside for it; empty: for any. :raises Conflict: nothing can be read again, or the
        source is blocked.
    """
    if not may_keep(actor, row.file):
        raise NotPermitted
    if row.blocked_at is not None:
        raise Conflict(_("该接入源已停用，请先恢复。"))
    with transaction.atomic():
        rows = replayable(row)
        count = (rows.filter(reason=reason) if reason else rows).update(asked_at=now)
        if not count:
            raise Conflict(_("没有可以重新处理的报文。"))
        journal.record(
            actor=actor, act="monitoring.source.replay", subject_type=Source.row_type(), subject_id=row.pk,
            org_id=row.file_id, facts={"reason": reason, "count": count}, now=now,
        )  # fmt: skip
    return count


def note_replayed(pks: Collection[int], *, unread: Sequence[Unread] = (), now: datetime) -> None:
    """The stream has these messages again, and with them what else was said of them. For gateways.

    :param unread: those among them that the stream did not get, for the source may still not send them.
    """
    with transaction.atomic():
        rows = AsideMessage.objects.filter(pk__in=pks)
        for source, at, form, topic in rows.values_list("source", "at", "form", "topic").distinct():
            others = AsideMessage.objects.filter(source=source, at=at, form=form, topic=topic, body=b"")
            others.filter(replayed_at__isnull=True).update(asked_at=now, replayed_at=now)
        rows.update(replayed_at=now)
        if unread:
            put_aside_and_count(unread, now=now)
