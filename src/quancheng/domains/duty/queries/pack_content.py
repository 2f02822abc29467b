"""Documents made from what the house knows: the situation pack (情况通报) and the district's merged report (汇总).

Official papers stay Chinese, so their words are no translatable strings. The blocks are plain values and can be frozen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q

from quancheng.domains.duty.lights import RED, YELLOW, light_case
from quancheng.domains.duty.models import Assignment, Pack, Plan, Progress, Report, ReportDuty
from quancheng.domains.duty.queries.reports import late_q, list_reports, reports_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.papers.render.blocks import (
    Block,
    Heading,
    KeyValues,
    Paragraph,
    Table,
    block_from_dict,
    block_to_dict,
)
from quancheng.kernel.papers.render.paper import ReportDoc, arabic_date

#: Rows of a table of the pack; what is beyond is said.
MOST_ROWS = 60


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit's line of the pack."""

    org: str
    total: int
    done: int
    on_time: int
    red: int
    yellow: int


def situation(*, actor: Actor, plans: Sequence[Plan], first: date, last: date, now: datetime) -> tuple[Block, ...]:
    """The blocks of a situation pack on some plans and days: figures as they are now, texts of the days.

    A rate with nothing to divide by reads ``—``, never 100%.
    """
    calendar = Calendar()
    since, until = calendar.start_of(first), calendar.end_of(last)
    work = (
        Assignment.objects.visible_to(actor)
        .filter(task__plan__in=plans, parent__isnull=True)
        .exclude(status="CANCELLED")
        .annotate(light=light_case(now=now))
    )
    rows = _units(work)
    total, done = sum(row.total for row in rows), sum(row.done for row in rows)
    red, yellow = sum(row.red for row in rows), sum(row.yellow for row in rows)
    on_time = sum(row.on_time for row in rows)
    period = f"{arabic_date(first)}至{arabic_date(last)}"
    closed = work.filter(closed_at__range=(since, until)).count()
    said = list(
        Progress.objects.filter(assignment__in=work, at__range=(since, until))
        .select_related("org")
        .only("problems", "next_steps", "org__name", "org__short_name")
        .order_by("org__pinyin", "assignment__task__code", "at", "pk")
    )
    blocks: list[Block] = [
        Heading(1, "总体情况"),
        Paragraph(
            f"{period}，围绕{_titles(plans)}，全区共分解落实承办任务{total}项，涉及{len(rows)}个单位。"
            f"截至{arabic_date(calendar.local_date(now))}，已办结{done}项，办结率{rate(done, total)}；"
            f"其中按期办结{on_time}项，按期率{rate(on_time, done)}。"
            f"本期新办结{closed}项，各单位报告进展{len(said)}次。"
            f"当前临期或滞后{yellow}项，超期{red}项。"
        ),
        KeyValues(
            (
                ("承办任务", f"{total}项"),
                ("已办结", f"{done}项（{rate(done, total)}）"),
                ("绿灯", f"{total - red - yellow}项"),
                ("黄灯（临期或滞后）", f"{yellow}项"),
                ("红灯（超期）", f"{red}项"),
                ("本期办结", f"{closed}项"),
            ),
            caption="任务总体情况",
        ),
        Heading(1, "各单位完成情况"),
        _unit_table(rows),
        Heading(1, "超期任务"),
        *_overdue(work),
        Heading(1, "信息报送情况"),
        *_reporting(actor, plans, first, last, now),
        Heading(1, "存在问题"),
        *_said((one.org.label, one.problems) for one in said),
    ]
    reports = list(list_reports(actor=actor).filter(duty__plan__in=plans, submitted_at__range=(since, until)))
    blocks += [
        Heading(1, "经验做法"),
        *_said((one.org.label, one.good_practice) for one in reports),
        Heading(1, "下步打算"),
        *_said((one.org.label, one.next_steps) for one in reports or said),
    ]
    return tuple(blocks)


def _units(work: Any) -> list[UnitRow]:
    found = (
        work.order_by()
        .values("org_id", "org__name", "org__short_name", "org__pinyin")
        .annotate(
            total=Count("pk"),
            done=Count("pk", Q(status="DONE")),
            on_time=Count(
                "pk", Q(status="DONE") & (Q(submitted_at__date__lte=F("due_date")) | Q(due_date__isnull=True))
            ),
            red=Count("pk", Q(light=RED)),
            yellow=Count("pk", Q(light=YELLOW)),
        )
        .order_by("-red", "-yellow", "org__pinyin", "org_id")
    )
    return [
        UnitRow(
            row["org__short_name"] or row["org__name"],
            row["total"],
            row["done"],
            row["on_time"],
            row["red"],
            row["yellow"],
        )
        for row in found
    ]


def _unit_table(rows: Sequence[UnitRow]) -> Block:
    if not rows:
        return Paragraph("本期没有承办任务。")
    lines = [
        (str(number), row.org, str(row.total), str(row.done), rate(row.done, row.total), str(row.yellow), str(row.red))
        for number, row in enumerate(rows[:MOST_ROWS], 1)
    ]
    return Table(("序号", "单位", "任务数", "已办结", "办结率", "黄灯", "红灯"), tuple(lines), (1, 5, 2, 2, 2, 2, 2))


def _overdue(work: Any) -> list[Block]:
    late = list(work.filter(light=RED).select_related("task", "org").order_by("due_date", "pk")[: MOST_ROWS + 1])
    if not late:
        return [Paragraph("目前没有超期任务。")]
    lines = tuple(
        (one.task.code, one.task.title, one.org.label, str(one.due_date or one.review_date), f"{one.progress}%")
        for one in late[:MOST_ROWS]
    )
    blocks: list[Block] = [Table(("编号", "任务", "责任单位", "时限", "进度"), lines, (2, 6, 3, 2, 1))]
    if len(late) > MOST_ROWS:
        blocks.append(Paragraph(f"超期任务较多，以上为时限最早的{MOST_ROWS}项。"))
    return blocks


def _reporting(actor: Actor, plans: Sequence[Plan], first: date, last: date, now: datetime) -> list[Block]:
    due = Report.objects.visible_to(actor).filter(duty__plan__in=plans, due_date__range=(first, last))
    due = due.exclude(status="CANCELLED")
    whole = due.count()
    late = list(due.filter(late_q(now=now)).select_related("org", "duty").order_by("due_date", "org__pinyin", "pk"))
    if not whole:
        return [Paragraph("本期没有到期的报告。")]
    text = f"本期应报{whole}份，按时报送率{rate(whole - len(late), whole)}。"
    if not late:
        return [Paragraph(text + "各单位均按时报送。")]
    lines = tuple(
        (one.label, one.org.label, str(one.due_date), "迟报" if one.submitted_at else "未报")
        for one in late[:MOST_ROWS]
    )
    return [Paragraph(text + "迟报和未报情况如下。"), Table(("期次", "单位", "时限", "情况"), lines, (2, 4, 2, 1))]


def _said(pairs: Iterable[tuple[str, str]]) -> list[Block]:
    """What units said, each text once under its unit's name."""
    by_org: dict[str, list[str]] = defaultdict(list)
    for org, text in pairs:
        for line in text.splitlines():
            if line.strip() and line.strip() not in by_org[org]:
                by_org[org].append(line.strip())
    found: list[Block] = [Paragraph(f"{org}：{' '.join(lines)}") for org, lines in by_org.items() if lines]
    return found or [Paragraph("本期各单位没有报告。")]


def _titles(plans: Sequence[Plan]) -> str:
    return "、".join(f"《{plan.title}》" for plan in plans)


def rate(part: int, whole: int) -> str:
    """A share in per cent with one decimal place; ``—`` where there is nothing to divide by."""
    return f"{part * 100 / whole:.1f}%" if whole else "—"


# The district's report -------------------------------------------------------------------------------------------

_SECTIONS = (
    ("progress", "工作进展"),
    ("results", "主要成效"),
    ("problems", "存在问题"),
    ("next_steps", "下步打算"),
)


def merged(*, actor: Actor, duty: ReportDuty, period: str, label: str, now: datetime) -> ReportDoc:
    """All units' submitted reports of a period as one, under the standard headings; who did not report is named."""
    reports = reports_of(actor=actor, duty=duty, period=period)
    handed = [one for one in reports if one.status in ("SUBMITTED", "ACCEPTED")]
    missing = [one.org.label for one in reports if one.status in ("DUE", "APPROVAL")]
    figures: dict[str, int] = defaultdict(int)
    for one in handed:
        for name, number in one.figures.items():
            figures[name] += int(number)
    total, done = figures["total"], figures["done"]
    blocks: list[Block] = [
        Paragraph(
            f"{label}应报单位{len(reports)}个，已报{len(handed)}个。已报单位共承办任务{total}项，已办结{done}项，"
            f"办结率{rate(done, total)}；本期办结{figures['closed_in_period']}项，超期{figures['red']}项。"
        )
    ]
    if missing:
        blocks.append(Paragraph(f"尚未报送的单位：{'、'.join(missing)}。"))
    for name, heading in _SECTIONS:
        blocks.append(Heading(1, heading))
        blocks += _said((one.org.label, getattr(one, name)) for one in handed)
    if any(one.good_practice for one in handed):
        blocks.append(Heading(1, "经验做法"))
        blocks += _said((one.org.label, one.good_practice) for one in handed)
    return ReportDoc(
        title=f"关于{label}工作情况的报告",
        subtitle=duty.plan.title,
        prepared_by=actor.organisation_name,
        date=Calendar().local_date(now),
        blocks=tuple(blocks),
        cover=False,
        is_demo=is_demo(),
    )


# Freezing --------------------------------------------------------------------------------------------------------


def frozen(blocks: Iterable[Block]) -> dict[str, Any]:
    """Blocks as a pack keeps them."""
    return {"blocks": [block_to_dict(block) for block in blocks]}


def document_of(pack: Pack, *, prepared_by: str) -> ReportDoc:
    """A pack as a document, from what was frozen when it was made."""
    content: Mapping[str, Any] = pack.content
    return ReportDoc(
        title=pack.title,
        subtitle=f"{arabic_date(pack.first_date)}至{arabic_date(pack.last_date)}",
        prepared_by=prepared_by,
        date=Calendar().local_date(pack.made_at),
        blocks=tuple(block_from_dict(data) for data in content["blocks"]),
        cover=False,
        is_demo=is_demo(),
    )
