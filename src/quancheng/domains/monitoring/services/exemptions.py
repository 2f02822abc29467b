"""Exemptions from the limits of the standard (报警限值豁免): granted by the office in charge on a paper, and ended."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import Tag, TagExemption, TagStatus
from quancheng.domains.monitoring.queries.limits import LEGAL_LEVELS, exemption_of, legal_limits
from quancheng.domains.monitoring.services.tags import note_tag
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean
from quancheng.standards.signals.gb50493 import LegalLimits

EXEMPT = "monitoring.exempt"
#: Longest that an exemption may last [D].
LONGEST_DAYS = 366


def may_exempt(actor: Actor, tag: Tag) -> bool:
    """Whether the actor decides for the office in charge of the enterprise."""
    return tag.file.supervisor_id == actor.organisation_id and actor.has(EXEMPT) and tag.file.merged_into_id is None


def grant_exemption(
    *, actor: Actor, tag: Tag, known: Mapping[str, Any], evidence: Sequence[uuid.UUID], now: datetime
) -> TagExemption:
    """Let limits of a tag go beyond the standard's until a day.

    :param known: ``l``, ``h``, ``hh``: how far, in the tag's unit, at least one; ``until_date``, ``reason``,
        ``document_no``. :param evidence: uploads of the actor: the paper.
    :raises Invalid: by field. :raises Conflict: the standard sets nothing for this tag. :raises StaleState: it ended.
    """
    if not may_exempt(actor, tag):
        raise NotPermitted
    legal = legal_limits(kind=tag.kind, unit=tag.unit, medium=tag.medium, range_hi=tag.range_hi)
    if legal is None:
        raise Conflict(_("标准没有规定该点位的报警限值，不需要豁免。"))
    wrong = _faults(tag, legal, known, Calendar().local_date(now))
    if not evidence:
        wrong["papers"] = _("请上传批准文件。")
    if wrong:
        raise Invalid(fields=wrong)
    given = {name: known.get(name) for name in (*LEGAL_LEVELS, "until_date")}
    with transaction.atomic():
        _touch(actor, tag, exempted_until=known["until_date"])
        row = _decide(actor, tag, known["reason"], now, document_no=clean(known["document_no"])[:80], **given)
        attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        note_tag(actor, "monitoring.tag.exempt", tag, now, {**given, "document_no": row.document_no})
    tag.refresh_from_db()
    return row


def end_exemption(*, actor: Actor, tag: Tag, reason: str, now: datetime) -> TagExemption:
    """End the exemption that stands, before its day. :raises Invalid: no reason. :raises StaleState: none stands."""
    if not may_exempt(actor, tag):
        raise NotPermitted
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    with transaction.atomic():
        _touch(actor, tag, exempted_until=None)
        if exemption_of(tag, today=Calendar().local_date(now)) is None:
            raise StaleState(_("该点位没有有效的豁免。"))
        row = _decide(actor, tag, reason, now, is_granted=False)
        note_tag(actor, "monitoring.tag.exempt_end", tag, now, {"reason": row.reason})
    tag.refresh_from_db()
    return row


def _decide(actor: Actor, tag: Tag, reason: str, now: datetime, **given: Any) -> TagExemption:
    return TagExemption.objects.create(
        tag=tag, reason=clean(reason)[:500], office_id=tag.file.supervisor_id, by_name=actor.name, decided_at=now,
        **given,
    )  # fmt: skip


def _touch(actor: Actor, tag: Tag, *, exempted_until: date | None) -> None:
    """Who is just changing the tag's limits under what stood before is refused by its version."""
    mine = Tag.objects.visible_to(actor).filter(pk=tag.pk).exclude(status__in=(TagStatus.ENDED, TagStatus.FOUND))
    if not mine.update(exempted_until=exempted_until, version=F("version") + 1):
        raise StaleState(_("该点位的状态已改变，请刷新后核对。"))


def _faults(tag: Tag, legal: LegalLimits, known: Mapping[str, Any], today: date) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    for name, limit in (("reason", 500), ("document_no", 80)):
        if not clean(known.get(name) or ""):
            wrong[name] = _("请填写此项。")
        elif len(clean(known[name])) > limit:
            wrong[name] = _("最多%(count)s个字。") % {"count": limit}
    until = known.get("until_date")
    if until is None or not today <= until <= today + timedelta(days=LONGEST_DAYS):
        wrong["until_date"] = _("截止日期须在今天起一年内。")
    if all(known.get(name) is None for name in LEGAL_LEVELS):
        wrong["h"] = _("请至少填写一个允许的限值。")
    for name in LEGAL_LEVELS:
        value, by_law = known.get(name), getattr(legal, name)
        if value is None:
            continue
        if by_law is None:
            wrong[name] = _("标准没有规定这个限值。")
        elif (value >= by_law) if name == "l" else (value <= by_law):
            wrong[name] = _("没有超出法定限值%(limit)s，不需要豁免。") % {"limit": f"{by_law:g}"}
        elif (tag.range_lo is not None and value < tag.range_lo) or (tag.range_hi is not None and value > tag.range_hi):
            wrong[name] = _("超出该点位的量程。")
    return wrong
