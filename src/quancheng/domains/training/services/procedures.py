"""Procedures and rules issued by enterprises, replaced by new editions, read and acknowledged by their people."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import DocumentKind, DocumentReading, Person, RuleDocument, WorkRole
from quancheng.domains.training.queries.procedures import TEXT, concerned_by, is_in_force
from quancheng.domains.training.services.courses import note_on
from quancheng.domains.training.services.keeping import require_keeper
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean


def issue_document(
    *, actor: Actor, file: Enterprise, kind: str, role: WorkRole | None, title: str, edition: str, approved_by: str,
    in_force_date: date, text: Sequence[uuid.UUID], now: datetime, replaces: RuleDocument | None = None,
) -> RuleDocument:  # fmt: skip
    """Issue a document, or a new edition of one: what it replaces ends the day before it comes into force.

    :param text: the file with its text. :raises NotPermitted: not the enterprise itself. :raises Invalid: by field.
    :raises Conflict: the edition stands already. :raises StaleState: the former one ended.
    """
    require_keeper(actor, file)
    wrong: dict[str, Text] = {}
    for name, value in (("title", title), ("edition", edition), ("approved_by", approved_by)):
        if not clean(value):
            wrong[name] = _("请填写此项。")
    if kind not in DocumentKind.values:
        wrong["kind"] = _("没有这个选项。")
    elif kind == DocumentKind.PROCEDURE and role is None:
        wrong["role"] = _("操作规程须选择适用的岗位。")
    if not text:
        wrong["text"] = _("请上传文件正文。")
    if replaces is not None and in_force_date <= replaces.in_force_date:
        wrong["in_force_date"] = _("新版的施行日期应晚于原版。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        if replaces is not None:
            ended = in_force_date - timedelta(days=1)
            rows = RuleDocument.objects.filter(pk=replaces.pk, ended_date__isnull=True)
            if not rows.update(ended_date=ended):
                raise StaleState(_("原版已废止。"))
        try:
            with transaction.atomic():
                row = RuleDocument.objects.create(
                    **file.row_scope(), file=file, kind=kind, role=role, title=clean(title)[:120],
                    edition=clean(edition)[:20], in_force_date=in_force_date, approved_by=clean(approved_by)[:60],
                    replaces=replaces, created_at=now,
                )  # fmt: skip
        except IntegrityError as twice:
            raise Conflict(fields={"edition": _("该文件已有此版次。")}) from twice
        attach_files(actor=actor, row=row, file_ids=list(text), now=now, role=TEXT)
        note_on(actor, "training.document.issue", row, now, {"title": row.title, "edition": row.edition})
    return row


def acknowledge(
    *, actor: Actor, document: RuleDocument, persons: Sequence[Person], read_date: date, signature: str, now: datetime
) -> int:
    """Enter who read an edition and signed for it; who did already stays as he is. Returns how many were new.

    :raises Invalid: nobody, a day to come or before it was in force. :raises Conflict: it is no longer in force.
    """
    require_keeper(actor, document.file)
    wrong: dict[str, Text] = {}
    if not persons:
        wrong["people"] = _("请选择人员。")
    if read_date > Calendar().local_date(now):
        wrong["read_date"] = _("签收日期不能晚于今天。")
    elif read_date < document.in_force_date:
        wrong["read_date"] = _("签收日期不能早于施行日期。")
    if not clean(signature):
        wrong["signature"] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)
    if not is_in_force(document, Calendar().local_date(now)):
        raise Conflict(_("该版已废止，请签收现行版。"))
    with transaction.atomic():
        allowed = set(concerned_by(document).filter(pk__in=[one.pk for one in persons]).values_list("pk", flat=True))
        known = set(DocumentReading.objects.filter(document=document).values_list("person", flat=True))
        rows = [
            DocumentReading(
                document=document, person=one, read_date=read_date, signature=clean(signature)[:60], created_at=now
            )
            for one in persons
            if one.pk in allowed - known
        ]
        DocumentReading.objects.bulk_create(rows)
        note_on(actor, "training.document.read", document, now, {"title": document.title, "number": len(rows)})
    return len(rows)


def end_document(*, actor: Actor, document: RuleDocument, reason: str, now: datetime) -> None:
    """A document is in force no longer, without another in its place. :raises Invalid: no reason."""
    require_keeper(actor, document.file)
    if not clean(reason):
        raise Invalid(fields={"reason": _("请填写此项。")})
    with transaction.atomic():
        rows = RuleDocument.objects.filter(pk=document.pk, ended_date__isnull=True)
        if not rows.update(ended_date=Calendar().local_date(now)):
            raise StaleState(_("原版已废止。"))
        note_on(actor, "training.document.end", document, now, {"title": document.title, "reason": clean(reason)[:200]})
