"""The texts of a meeting: its agenda, the draft of its minutes, the minutes as a document.

Official papers are Chinese whatever the reader's language, so these texts are not translated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from quancheng.domains.duty.models import Attendee, Decision, Meeting
from quancheng.kernel.papers.render.blocks import Heading, KeyValues, Paragraph, Table
from quancheng.kernel.papers.render.paper import ReportDoc
from quancheng.kernel.papers.render.word import render_report_docx

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def agenda_of(meeting: Meeting, sheet: Mapping[str, Any]) -> list[str]:
    """The agenda that the facts make: what there is nothing to say about is left out; added points come last."""
    lights = sheet["lights"]
    points = [f"通报任务进展：超期 {lights['red']} 项，临期或滞后 {lights['yellow']} 项，已完成 {lights['done']} 项"]
    for name, said in (
        ("overdue", "研究超期任务 {count} 项"),
        ("blocked", "协调受阻任务 {count} 项"),
        ("waiting", "督促接收任务 {count} 项"),
        ("problems", "研究未销号问题 {count} 项"),
    ):
        count = sheet.get(name, {}).get("count", 0)
        if count:
            points.append(said.format(count=count))
    former = sheet["former"]
    if former["rows"]:
        points.append(f"听取“{former['title']}”议定事项落实情况")
    if meeting.trigger:
        points.insert(0, f"研判：{meeting.trigger}")
    if meeting.theme:
        points.append(f"围绕“{meeting.theme}”部署下一步工作")
    return [*points, *meeting.points]


def draft_minutes(meeting: Meeting, attendees: Sequence[Attendee], decisions: Sequence[Decision]) -> str:
    """Minutes as far as the records write them; a person completes them."""
    there = [one.org.label for one in attendees if one.attendance in ("present", "substitute")]
    away = [
        f"{one.org.label}（{one.get_attendance_display()}）"
        for one in attendees
        if one.attendance in ("leave", "absent")
    ]
    parts = []
    if meeting.held_at is not None:
        moment = timezone.localtime(meeting.held_at)
        place = f"在{meeting.place}" if meeting.place else ""
        parts.append(f"{moment.year}年{moment.month}月{moment.day}日，{meeting.chair}{place}主持召开{meeting.title}。")
    if there:
        parts.append(f"出席：{'、'.join(there)}。")
    if away:
        parts.append(f"未到会：{'、'.join(away)}。")
    if meeting.sheet:
        parts.append("会议听取和研究了以下事项：")
        parts += [f"{number}. {point}。" for number, point in enumerate(agenda_of(meeting, meeting.sheet), 1)]
    if decisions:
        parts.append("会议议定：")
        for one in decisions:
            due = f"{one.due_date.year}年{one.due_date.month}月{one.due_date.day}日"
            units = "、".join(org.label for org in one.leads.all())
            parts.append(f"{one.order}. {one.text.rstrip('。')}。（责任单位：{units}；完成时限：{due}前）")
    return "\n".join(parts)


def day_of(meeting: Meeting) -> date:
    """The day that the minutes bear: when they went out, else when the meeting was held, else when it must be."""
    moment = meeting.circulated_at or meeting.held_at
    return timezone.localtime(moment).date() if moment else meeting.due_date


def minutes_document(meeting: Meeting, decisions: Sequence[Decision], *, day: date, is_demo: bool) -> bytes:
    """The minutes as a Word file: head, text, and the decisions as a table."""
    held = timezone.localtime(meeting.held_at).strftime("%Y-%m-%d %H:%M") if meeting.held_at else ""
    blocks: list[Any] = [
        KeyValues(
            (
                ("纪要编号", meeting.number),
                ("召开时间", held),
                ("地点", meeting.place),
                ("主持人", meeting.chair),
            )
        ),
        Heading(1, "会议情况"),
        *[Paragraph(line) for line in meeting.minutes.splitlines() if line.strip()],
    ]
    if decisions:
        rows = tuple(
            (
                str(one.order),
                one.text,
                "、".join(org.label for org in one.leads.all()),
                one.due_date.isoformat(),
            )
            for one in decisions
        )
        blocks += [
            Heading(1, "议定事项"),
            Table(("序号", "议定事项", "责任单位", "完成时限"), rows, (1, 6, 3, 2)),
        ]
    return render_report_docx(
        ReportDoc(
            title=f"{meeting.title}纪要",
            blocks=tuple(blocks),
            subtitle=meeting.theme,
            prepared_by=meeting.owner_org.name,
            date=day,
            cover=False,
            is_demo=is_demo,
        )
    )
