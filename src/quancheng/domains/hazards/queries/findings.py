"""Reads of hidden dangers: lists, one with everything of it, what is like it, what is open on a measure."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from quancheng.domains.hazards.loops.finding import NOT_COUNTED
from quancheng.domains.hazards.models import Finding, MajorReport, Recheck
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Measure, RiskUnit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import digest_of, plain
from quancheng.kernel.errors import NotFound
from quancheng.kernel.names import clean
from quancheng.standards.hidden_dangers.levels import DUPLICATE_DAYS, Seen, is_repeat, repeats_since

#: So many of them are shown.
MOST_DOUBLES = 20


def list_findings(*, actor: Actor) -> QuerySet[Finding]:
    """Dangers that the actor may see, the newest first."""
    rows = Finding.objects.visible_to(actor).select_related("file__enterprise", "file__area", "unit", "supervisor")
    return rows.order_by("-found_at", "pk")


def get_finding(*, actor: Actor, finding_id: uuid.UUID) -> Finding:
    """Raise NotFound for absent and for out of scope alike."""
    rows = Finding.objects.visible_to(actor).select_related(
        "file__enterprise", "unit", "object", "measure__event__unit", "supervisor", "rectifier", "accepted_by",
        "finder_org", "learned",
    )  # fmt: skip
    # Most have none of these, and to plan the join of all took the database longer than to read the row.
    rows = rows.prefetch_related("repeat_of", "reopens", "merged_into", "push_reply__push", "diagnosis")
    found = rows.filter(pk=finding_id).first()
    if found is None:
        raise NotFound
    return found


def get_report(*, actor: Actor, report_id: uuid.UUID) -> MajorReport:
    """Raise NotFound for absent and for out of scope alike."""
    rows = MajorReport.objects.visible_to(actor).select_related("finding__file__enterprise")
    found = rows.filter(pk=report_id).first()
    if found is None:
        raise NotFound
    return found


def list_rechecks(*, actor: Actor) -> QuerySet[Recheck]:
    """Looks again that the actor may see, open ones first."""
    rows = Recheck.objects.visible_to(actor).select_related("finding__file__enterprise")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "due_date", "pk")


def get_recheck(*, actor: Actor, recheck_id: uuid.UUID) -> Recheck:
    """Raise NotFound for absent and for out of scope alike."""
    rows = Recheck.objects.visible_to(actor).select_related("finding__file__enterprise", "finding__measure")
    found = rows.filter(pk=recheck_id).first()
    if found is None:
        raise NotFound
    return found


def reports_of(row: Finding) -> Sequence[MajorReport]:
    """Reports of a danger that the caller got through its own query."""
    return list(row.reports.order_by("due_at", "pk"))


def rechecks_of(row: Finding, *, actor: Actor) -> Sequence[Recheck]:
    """Looks again at a danger, for who may know of them: not the enterprise before they are done."""
    return list(Recheck.objects.visible_to(actor).filter(finding=row).order_by("-created_at", "pk"))


def reopened_as(row: Finding) -> Sequence[Finding]:
    """The dangers that take this one up again because it was closed although it stood (虚假整改)."""
    if row.closed_at is None:
        return ()
    if not hasattr(row, "taken_up"):
        row.taken_up = list(row.reopened_as.order_by("pk"))  # type: ignore[attr-defined]
    found: Sequence[Finding] = row.taken_up  # type: ignore[attr-defined]
    return found


def earlier_like(
    *, file: Enterprise, criterion: str, item: str, place: str, unit: RiskUnit | None, found_at: datetime,
    besides: Finding | None = None,
) -> Finding | None:  # fmt: skip
    """The last danger that a new one repeats: ``standards.hidden_dangers.levels.is_repeat`` decides, here it is read.

    The place is the text that people wrote; where they wrote none, the risk unit.
    """
    alike = Q(pk__in=[])
    if criterion:
        alike |= Q(criterion=criterion)
    if item:
        alike |= Q(checklist_item=item)
    calendar = Calendar()
    found = calendar.local_date(found_at)
    later = Seen(str(file.pk), _place(place, unit.pk if unit else None), found, criterion, item)
    rows = Finding.objects.filter(alike, file=file, found_at__lte=found_at)
    rows = rows.filter(found_at__gte=calendar.start_of(repeats_since(found)))
    rows = rows.exclude(status__in=NOT_COUNTED)
    if besides is not None:
        rows = rows.exclude(pk=besides.pk)
    for one in rows.order_by("-found_at", "-pk"):
        place_then, day_then = _place(one.place, one.unit_id), calendar.local_date(one.found_at)
        if is_repeat(later, Seen(str(one.file_id), place_then, day_then, one.criterion, one.checklist_item)):
            return one
    return None


def _place(text: str, unit: uuid.UUID | None) -> str:
    return clean(text).casefold() or (str(unit) if unit else "")


def doubles_of(row: Finding) -> Sequence[Finding]:
    """Open dangers of the same enterprise that may be the same: criterion or place alike, found within 90 days."""
    return list(like_it(row).order_by("found_at", "pk")[:MOST_DOUBLES])


def like_it(row: Finding) -> QuerySet[Finding]:
    """The same, not yet read."""
    near = timedelta(days=DUPLICATE_DAYS)
    alike = Q(pk__in=[])
    if row.criterion:
        alike |= Q(criterion=row.criterion)
    if row.place:
        alike |= Q(place=row.place)
    if row.unit_id:
        alike |= Q(unit=row.unit_id)
    rows = Finding.objects.filter(
        alike, file=row.file_id, closed_at__isnull=True, found_at__range=(row.found_at - near, row.found_at + near)
    )
    return rows.exclude(pk=row.pk).exclude(status="DRAFT")


def open_on_measure(measure: Measure, *, besides: Finding) -> bool:
    """Whether another open danger says that a measure does not work."""
    rows = Finding.objects.filter(measure=measure, closed_at__isnull=True).exclude(pk=besides.pk)
    return rows.exclude(status="DRAFT").exists()


def not_drawn_for() -> Sequence[Finding]:
    """Closed dangers that nobody was yet drawn for, in no scope: for the nightly draw."""
    rows = Finding.objects.filter(status="CLOSED", is_drawn__isnull=True)
    return list(rows.order_by("closed_at", "pk")[:10_000])


def shown_of(row: Finding) -> dict[str, Any]:
    """What a person sees of a danger who puts it right, as plain data: for the pack, and when it changed meanwhile."""
    return {
        "id": str(row.pk), "code": row.code, "status": row.status, "state": row.status_label, "name": row.name,
        "description": row.description, "place": row.place, "unit": row.unit.name if row.unit else "",
        "is_major": row.is_major, "grade": row.grade, "deadline": row.deadline.isoformat() if row.deadline else "",
        "rectifier": row.rectifier.name if row.rectifier else "", "found_at": row.found_at.isoformat(),
        "cause": row.cause, "version": version_of(row),
    }  # fmt: skip


def version_of(row: Finding) -> str:
    """Changes with what a danger says, how grave it is, who puts it right by when, and how far it is."""
    said = [
        row.status, row.status_at, row.name, row.description, row.place, row.unit_id, row.is_major, row.grade,
        row.criterion, row.deadline, row.rectifier_id, row.cause, row.result, row.plan,
    ]  # fmt: skip
    return digest_of({"said": plain(said)})[:32]


def units_of(file: Enterprise) -> QuerySet[RiskUnit]:
    """Risk units of a file in which a danger can be found."""
    rows = RiskUnit.objects.filter(object__file=file, ended_date__isnull=True, object__ended_date__isnull=True)
    return rows.select_related("object").order_by("object__code", "code", "pk")


def measures_of(file: Enterprise) -> QuerySet[Measure]:
    """Measures of a file that can fail."""
    rows = Measure.objects.filter(
        event__unit__object__file=file, ended_date__isnull=True, event__ended_date__isnull=True,
        event__unit__ended_date__isnull=True, event__unit__object__ended_date__isnull=True,
    )  # fmt: skip
    return rows.select_related("event__unit").order_by("event__unit__code", "event", "pk")
