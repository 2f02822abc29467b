"""Reads of check records and of the signs that some were made up."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from quancheng.domains.hazards.models import CheckAnswer, CheckDue, CheckRecord, Finding, RecordFlag
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import keys_seen
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound


def list_records(*, actor: Actor) -> QuerySet[CheckRecord]:
    """Records of the enterprises that the actor may see, the newest first."""
    return (
        CheckRecord.objects.filter(file__in=keys_seen(actor=actor))
        .select_related("file__enterprise", "file__area", "unit", "post", "due", "edition__text")
        .order_by("-at", "pk")
    )


def get_record(*, actor: Actor, record_id: uuid.UUID) -> CheckRecord:
    """Raise NotFound for absent and for out of scope alike."""
    rows = list_records(actor=actor).select_related("task", "measure", "object")
    found = rows.filter(pk=record_id).first()
    if found is None:
        raise NotFound
    return found


def answers_of(row: CheckRecord) -> Sequence[CheckAnswer]:
    """Answers of a record that the caller got through its own query, in the order of the checklist."""
    return list(row.answers.select_related("clause").order_by("clause__position", "clause__place"))


def findings_of(row: CheckRecord) -> Sequence[Finding]:
    """Hidden dangers that a record made."""
    return list(Finding.objects.filter(check_record=row).order_by("code", "pk"))


def flags_of(row: CheckRecord) -> Sequence[RecordFlag]:
    """Signs that a record is one of."""
    return list(RecordFlag.objects.filter(file=row.file_id, records__contains=[row.pk]).order_by("found_at", "pk"))


def list_flags(*, actor: Actor) -> QuerySet[RecordFlag]:
    """Signs that the actor may see, those that nobody judged first. The enterprise sees only what was confirmed."""
    rows = RecordFlag.objects.filter(file__in=Enterprise.objects.visible_to(actor).values("pk"))
    if not actor.supervises and not actor.is_system:
        rows = rows.filter(verdict=RecordFlag.Verdict.CONFIRMED)
    return rows.select_related("file__enterprise", "file__area", "judged_by").order_by("judged_at", "-found_at", "pk")


def list_open_flags(*, actor: Actor) -> QuerySet[RecordFlag]:
    """Signs that nobody judged yet, bare, for counts: for who supervises, none for anybody else."""
    if not actor.supervises:
        return RecordFlag.objects.none()
    return RecordFlag.objects.filter(file__in=Enterprise.objects.visible_to(actor).values("pk"), verdict="")


def get_flag(*, actor: Actor, flag_id: uuid.UUID) -> RecordFlag:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_flags(actor=actor).filter(pk=flag_id).first()
    if found is None:
        raise NotFound
    return found


def records_of_flag(row: RecordFlag) -> Sequence[CheckRecord]:
    """The records that show a sign."""
    rows = CheckRecord.objects.filter(file=row.file_id, pk__in=row.records).select_related("unit", "task")
    return list(rows.order_by("at", "pk")[:200])


def confirmed_flags(files: Collection[uuid.UUID], *, first: datetime, until: datetime) -> Sequence[dict[str, Any]]:
    """``file`` and ``number``: how many signs a regulator confirmed in a span, until before its end (V3). They count
    for the week of his word: that of the records is frozen by then."""
    rows = RecordFlag.objects.filter(
        file__in=list(files), verdict=RecordFlag.Verdict.CONFIRMED, judged_at__gte=first, judged_at__lt=until
    )
    return list(rows.order_by().values("file").annotate(number=Count("pk")))  # type: ignore[arg-type]


def list_old_dues(before: datetime) -> QuerySet[CheckDue]:
    """Instances that closed before a moment: for retention; records keep what was checked."""
    return CheckDue.objects.filter(closes_at__lt=before)


def own_records(actor: Actor) -> Q:
    """What the actor recorded himself."""
    return Q(person=actor.user_id)
