"""Doubts about an announcement (公告疑点): late, or against what the system knows. Each reason once.

By the district's rule a doubt is told at once, so that a room above registers a hidden danger
(``risk.doubt.raise``, ``risk.doubt.find``), or the enterprise is asked first.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from quancheng.domains.risk.announcement_rules import mode_of
from quancheng.domains.risk.models import Announcement, Doubt
from quancheng.domains.risk.queries.announced_facts import Fact
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.errors import Invalid
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.work.models import WorkItem
from quancheng.standards.risk import commitment
from quancheng.standards.wording import Text

CLOCK = system_actor("risk", "risk.announcements.publish", "risk.announcements.check")
_YES = {0: Text("无", "none"), 1: Text("有", "open")}
_LEVELS = {1: Text("重大", "major"), 2: Text("较大", "larger"), 3: Text("一般", "general"), 4: Text("低", "low")}


def doubt_late(*, row: Announcement, now: datetime) -> Doubt | None:
    """Doubt that an announcement was made in time; in the caller's transaction, or its own."""
    due = timezone.localtime(row.due_at)
    at = None if row.published_at is None else timezone.localtime(row.published_at)
    zh = f"应在{due:%Y-%m-%d %H:%M}前公告，" + (f"实际公告于{at:%H:%M}" if at else "到时没有公告")
    en = f"due by {due:%Y-%m-%d %H:%M}, " + (f"published at {at:%H:%M}" if at else "not published by then")
    return raise_doubt(row=row, reason="LATE", said=[Text(zh, en)], now=now)


def compare(*, row: Announcement, facts: Mapping[str, Fact], now: datetime) -> list[Doubt]:
    """Doubt what contradicts the facts; in the transaction that publishes."""
    known = {code: one.value for code, one in facts.items() if one.binds}
    by_reason: dict[str, list[Text]] = {}
    for one in commitment.contradictions(row.values, known):
        by_reason.setdefault(one.reason, []).append(_sentence(one, facts[one.code]))
    if row.is_controlled:
        below = [one.name for one in row.studies.filter(is_controlled=False).order_by("name")]
        if below:
            names = "、".join(below)
            text = Text(f"公告：风险受控；{names}报告未受控（来源：逐级研判）",
                        f"Announced: under control; not so reported by {names} (source: study below)")  # fmt: skip
            by_reason.setdefault("BELOW", []).append(text)
    made = [raise_doubt(row=row, reason=reason, said=said, now=now) for reason, said in by_reason.items()]
    return [one for one in made if one is not None]


def raise_doubt(*, row: Announcement, reason: str, said: Sequence[Text], now: datetime) -> Doubt | None:
    """Doubt an announcement for one reason; None where it is doubted already or the district does not compare."""
    mode = mode_of(row.modes, reason)
    if mode == "off":
        return None
    with transaction.atomic():
        Announcement.objects.select_for_update(no_key=True).filter(pk=row.pk).values_list("pk").get()
        if Doubt.objects.filter(announcement=row, reason=reason).exists():
            return None
        made = Doubt(
            **row.scope_columns(), announcement=row, supervisor_id=row.supervisor_id, title=row.title, day=row.day,
            reason=reason, said=[{"zh": one.zh, "en": one.en} for one in said], created_at=now,
        )  # fmt: skip
        facts = {"announcement": row.pk, "reason": reason, "said": [one.zh for one in said]}
        made = enter(actor=CLOCK, row=made, now=now, facts=facts)
        Announcement.objects.filter(pk=row.pk).update(doubt_count=F("doubt_count") + 1)
        row.doubt_count += 1
        if mode == "finding":
            move(actor=CLOCK, row=made, name="raise", now=now, changes={"closed_at": now})
    return made


def explain_doubt(
    *, actor: Actor, row: Doubt, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> Doubt:
    """The enterprise says how it comes. :raises Invalid: no word."""
    if not clean(text):
        raise Invalid(fields={"text": _("请写明情况。")})
    said = clean(text)[:1000]
    move(actor=actor, row=row, name="explain", now=now, given={"text": said}, changes={"text": said},
         client_id=client_id)  # fmt: skip
    return row


def judge_doubt(
    *, actor: Actor, row: Doubt, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Doubt:
    """The office accepts what was said (``accept``), or has a hidden danger registered (``find``)."""
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明核实意见。")})
    said = clean(reason)[:1000]
    move(actor=actor, row=row, name=name, now=now, given={"reason": said},
         changes={"decision": said, "closed_at": now}, client_id=client_id)  # fmt: skip
    return row


def raise_unanswered(*, now: datetime) -> int:
    """What the enterprise did not explain in time is told as if nobody had asked."""
    due = WorkItem.objects.filter(
        subject_type=Doubt.row_type(), state="ASKED", done_at__isnull=True, due_at__lt=now
    ).values_list("subject_id", flat=True)
    rows = list(Doubt.objects.filter(pk__in=list(due[:1000]), status="ASKED").order_by("pk"))
    for row in rows:
        move(actor=CLOCK, row=row, name="raise", now=now, changes={"closed_at": now})
    return len(rows)


def note_finding(*, doubt_id: uuid.UUID, code: str, url: str) -> None:
    """A room above registered a hidden danger because of a doubt: its code and page; in the caller's transaction."""
    Doubt.objects.filter(pk=doubt_id).update(finding_code=code[:20], finding_url=url[:200])


def _sentence(one: commitment.Contradiction, fact: Fact) -> Text:
    number = commitment.BY_CODE[one.code]
    words: dict[int, Text] = {"yes": _YES, "level": _LEVELS}.get(number.kind, {})

    def shown(value: int, language: str) -> Any:
        found = words.get(value)
        return value if found is None else found.in_language(language)

    rows = f"：{'、'.join(fact.rows)}" if fact.rows else ""
    return Text(
        f"{number.name.zh}：公告为{shown(one.announced, 'zh')}，系统为{shown(one.fact, 'zh')}"
        f"（来源：{fact.source.zh}{rows}）",
        f"{number.name.en}: announced {shown(one.announced, 'en')}, known {shown(one.fact, 'en')} "
        f"(source: {fact.source.en}{': ' + ', '.join(fact.rows) if fact.rows else ''})",
    )
