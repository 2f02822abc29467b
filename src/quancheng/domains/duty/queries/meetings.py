"""Reads of meetings, and the status sheet (会议材料) that is laid before them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from quancheng.domains.duty.models import (
    Assignment,
    Attendee,
    Decision,
    Meeting,
    MeetingReceipt,
    MeetingSeries,
    Problem,
)
from quancheng.domains.duty.queries.problems import open_problems
from quancheng.domains.duty.queries.tasks import count_lights
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound

#: Rows of each part of the sheet; what lies beyond is counted.
SHEET_ROWS = 30


def list_meetings(*, actor: Actor) -> QuerySet[Meeting]:
    """Meetings that the actor may see, the next first, with counts of units invited and of decisions."""
    return (
        Meeting.objects.visible_to(actor)
        .select_related("owner_org", "series")
        .annotate(
            unit_count=Count("attendees", distinct=True),
            there_count=Count(
                "attendees", Q(attendees__attendance__in=("present", "substitute")), distinct=True
            ),
            decision_count=Count("decisions", distinct=True),
        )
        .order_by("-due_date", "pk")
    )  # fmt: skip


def get_meeting(*, actor: Actor, meeting_id: uuid.UUID) -> Meeting:
    """Raise NotFound for absent and for out of scope alike."""
    found = Meeting.objects.visible_to(actor).select_related("owner_org", "series").filter(pk=meeting_id).first()
    if found is None:
        raise NotFound
    return found


def list_attendees(*, meeting: Meeting) -> list[Attendee]:
    """Units invited to a meeting that the caller was given."""
    return list(meeting.attendees.select_related("org").order_by("org__pinyin", "pk"))


def list_decisions(*, actor: Actor, meeting: Meeting) -> list[Decision]:
    """Decisions of a meeting that the caller was given, with the assignments of their tasks that he may see."""
    assignments = Assignment.objects.visible_to(actor).select_related("org").order_by("org__pinyin")
    return list(
        meeting.decisions.select_related("task")
        .prefetch_related("leads", Prefetch("task__assignments", queryset=assignments, to_attr="parts"))
        .order_by("order")
    )


def list_series(*, actor: Actor) -> QuerySet[MeetingSeries]:
    """Series that the actor may see."""
    return (
        MeetingSeries.objects.visible_to(actor)
        .select_related("owner_org")
        .annotate(
            meeting_count=Count("meetings"),
            open_count=Count("meetings", Q(meetings__status="PLANNED")),
        )
        .order_by("title", "pk")
    )


def get_series(*, actor: Actor, series_id: uuid.UUID) -> MeetingSeries:
    found = list_series(actor=actor).filter(pk=series_id).first()
    if found is None:
        raise NotFound
    return found


def list_meeting_receipts(*, actor: Actor, meeting: Meeting | None = None) -> QuerySet[MeetingReceipt]:
    """Receipts of minutes that the actor may see: all of a meeting's for its office, one's own for an addressee."""
    found = MeetingReceipt.objects.visible_to(actor).select_related("meeting", "org").order_by("org__pinyin", "pk")
    return found if meeting is None else found.filter(meeting=meeting)


def get_meeting_receipt(*, actor: Actor, receipt_id: uuid.UUID) -> MeetingReceipt:
    found = list_meeting_receipts(actor=actor).filter(pk=receipt_id).first()
    if found is None:
        raise NotFound
    return found


def status_sheet(*, actor: Actor, meeting: Meeting, now: datetime) -> dict[str, Any]:
    """What stands now, as plain values that can be frozen: lights, overdue and blocked work, former decisions.

    Counted over what the actor may see; each part holds at most ``SHEET_ROWS`` rows and says how many there are.
    """
    today = Calendar().local_date(now)
    open_ = Assignment.objects.visible_to(actor).filter(parent__isnull=True).select_related("task", "org")
    open_ = open_.exclude(status__in=("DONE", "CANCELLED")).order_by("due_date", "pk")
    return {
        "at": now.isoformat(),
        "lights": count_lights(actor=actor, now=now),
        "overdue": _part(open_.filter(due_date__lt=today).exclude(status="CONTINUING")),
        "blocked": _part(open_.filter(status__in=("DECLINED", "SUSPENDED"))),
        "waiting": _part(open_.filter(status="ASSIGNED")),
        "problems": open_problems(actor=actor, limit=SHEET_ROWS),
        "former": _former(actor, meeting),
    }


def sheet_for(*, actor: Actor, meeting: Meeting, now: datetime) -> dict[str, Any]:
    """The sheet as this actor may read it: live before the meeting, as it was frozen from then on.

    What was frozen is the office's view. Others read its figures, but of its rows only those in their own scope.
    """
    if not meeting.sheet:
        return status_sheet(actor=actor, meeting=meeting, now=now)
    sheet: dict[str, Any] = meeting.sheet
    if meeting.owner_org_id == actor.organisation_id:
        return sheet
    read = dict(sheet)
    doors: tuple[tuple[str, QuerySet[Any]], ...] = (
        ("overdue", Assignment.objects.visible_to(actor)),
        ("blocked", Assignment.objects.visible_to(actor)),
        ("waiting", Assignment.objects.visible_to(actor)),
        ("problems", Problem.objects.visible_to(actor)),
    )
    for name, visible in doors:
        part = sheet[name]
        wanted = [row["id"] for row in part["rows"]]
        seen = {str(pk) for pk in visible.filter(pk__in=wanted).values_list("pk", flat=True)}
        read[name] = {**part, "rows": [row for row in part["rows"] if row["id"] in seen]}
    former = sheet["former"].get("id")
    if former and not Meeting.objects.visible_to(actor).filter(pk=former).exists():
        read["former"] = {"title": "", "rows": []}
    return read


def _part(rows: QuerySet[Assignment]) -> dict[str, Any]:
    return {"count": rows.count(), "rows": [_line(row) for row in rows[:SHEET_ROWS]]}


def _line(row: Assignment) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "code": row.task.code,
        "title": row.task.title,
        "org": row.org.label,
        "due": row.due_date.isoformat() if row.due_date else "",
        "state": row.status_label,
        "progress": row.progress,
    }


def _former(actor: Actor, meeting: Meeting) -> dict[str, Any]:
    """Decisions of the last meeting of the same series (or of the same office and kind), with how far they are."""
    before = Meeting.objects.visible_to(actor).exclude(pk=meeting.pk).filter(held_at__isnull=False)
    if meeting.held_at is not None:
        before = before.filter(held_at__lt=meeting.held_at)
    same = Q(series=meeting.series_id) if meeting.series_id else Q(kind=meeting.kind, owner_org=meeting.owner_org_id)
    last = before.filter(same).order_by("-held_at", "pk").first()
    if last is None:
        return {"title": "", "rows": []}
    rows = [
        {
            "text": decision.text,
            "due": decision.due_date.isoformat(),
            "units": "；".join(
                f"{part.org.label}：{part.status_label} {part.progress}%" for part in decision.task.parts  # type: ignore[attr-defined]
            )
            if decision.task
            else "",
        }
        for decision in list_decisions(actor=actor, meeting=last)
    ]
    return {"id": str(last.pk), "title": last.title, "rows": rows}
