"""Planned offline periods (停用报备): filed beforehand, ended early, marked where they are too long or too many."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import OfflineNotice, PlannedReason, Source
from quancheng.domains.monitoring.queries.outages import often_since, rules, tags_of_source
from quancheng.domains.monitoring.services.sources import may_keep
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

#: A period that began so shortly ago is still filed beforehand: the clock of who fills in the form. [D]
JUST_NOW = timedelta(minutes=10)
LONGEST = timedelta(days=366)


def file_notice(
    *, actor: Actor, source: Source, tags: Sequence[int], known: Mapping[str, Any], now: datetime,
    client_id: uuid.UUID | None = None,
) -> OfflineNotice:  # fmt: skip
    """Tell beforehand that a source, or some of its tags, will be silent.

    :param tags: numbers; none: all of the source. :param known: ``begins_at``, ``ends_at`` (aware), ``reason``,
        ``detail``, ``measures``. :raises Invalid: by field; a period that lies in the past.
    """
    if not may_keep(actor, source.file):
        raise NotPermitted
    given = {name: clean(known.get(name) or "") for name in ("detail", "measures")}
    wrong = _faults(source, tags, known, given, now)
    if wrong:
        raise Invalid(fields=wrong)
    figures = rules()
    begins, ends = known["begins_at"], known["ends_at"]
    body = {"source": source.pk, "tags": sorted(tags), "begins_at": begins, "ends_at": ends,
            "reason": known["reason"], **given}  # fmt: skip

    def make() -> uuid.UUID:
        row = OfflineNotice.objects.create(
            **source.file.row_scope(), file=source.file, source=source, tags=sorted(tags), begins_at=begins,
            ends_at=ends, reason=known["reason"], detail=given["detail"][:500], measures=given["measures"][:1000],
            is_long=ends - begins > timedelta(days=figures.longest_planned_days),
            is_often=often_since(source.file, now) >= figures.most_planned, by_name=actor.name, created_at=now,
        )  # fmt: skip
        _note(actor, "monitoring.notice.file", row, now, body)
        return row.pk

    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="monitoring.notice.file", body=body, now=now, make=make)
    return OfflineNotice.objects.select_related("file__enterprise", "source", "area").get(pk=pk)


def end_notice(*, actor: Actor, row: OfflineNotice, now: datetime) -> OfflineNotice:
    """End a period before its time, or withdraw one that has not begun. :raises StaleState: it is over."""
    if not may_keep(actor, row.file):
        raise NotPermitted
    with transaction.atomic():
        mine = OfflineNotice.objects.visible_to(actor).filter(pk=row.pk, cancelled_at__isnull=True, ends_at__gt=now)
        if not mine.update(cancelled_at=now):
            raise StaleState(_("该报备已结束。"))
        _note(actor, "monitoring.notice.end", row, now, {"ends_at": row.ends_at})
    row.refresh_from_db()
    return row


def _faults(
    source: Source, tags: Sequence[int], known: Mapping[str, Any], given: Mapping[str, str], now: datetime
) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    begins, ends = known.get("begins_at"), known.get("ends_at")
    if begins is None or begins < now - JUST_NOW:
        wrong["begins_at"] = _("须事先报备，开始时间不能早于现在。")
    if ends is None or (begins is not None and ends <= begins):
        wrong["ends_at"] = _("应晚于开始时间。")
    elif begins is not None and ends - begins > LONGEST:
        wrong["ends_at"] = _("一次报备最长一年。")
    if known.get("reason") not in PlannedReason.values:
        wrong["reason"] = _("请选择报备原因。")
    if not given["detail"]:
        wrong["detail"] = _("请写明情况。")
    if not given["measures"]:
        wrong["measures"] = _("请写明停用期间的人工监测措施。")
    if tags and set(tags) - set(tags_of_source(source).values_list("number", flat=True)):
        wrong["tags"] = _("请选择该接入源在用的点位。")
    return wrong


def _note(actor: Actor, act: str, row: OfflineNotice, now: datetime, facts: Mapping[str, Any]) -> None:
    journal.record(
        actor=actor, act=act, subject_type=OfflineNotice.row_type(), subject_id=row.pk, org_id=row.file_id,
        facts=facts, now=now,
    )  # fmt: skip
