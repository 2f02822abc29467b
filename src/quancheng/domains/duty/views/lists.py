"""Ledgers of plans, tasks and assignments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.lights import GREEN, LABELS, RED, YELLOW
from quancheng.domains.duty.loops.plan import PLAN, RECEIPT
from quancheng.domains.duty.loops.task import ASSIGNMENT, TASK
from quancheng.domains.duty.models import Assignment, Plan, Receipt, Task
from quancheng.domains.duty.models.tasks import TaskKind
from quancheng.domains.duty.queries import plans as plan_queries
from quancheng.domains.duty.queries import tasks as task_queries
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Filter, Flag, Organisations, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.words import listed


def light_mark(row: Assignment) -> Any:
    """The light of an assignment as shape and word; grey work has a plain badge."""
    return colour_mark(row.light)  # type: ignore[attr-defined]


def task_light_mark(row: Assignment) -> Any:
    """The same where the clock of the present step stands beside it: it says that it speaks of the whole task."""
    colour: str = row.light  # type: ignore[attr-defined]
    if colour not in marks.LIGHTS:
        return colour_mark(colour)
    return marks.light(colour, _("任务灯：%(word)s") % {"word": LABELS[colour]})


def colour_mark(colour: str) -> Any:
    """A light as shape and word; one that is no colour is a plain badge."""
    return marks.light(colour) if colour in marks.LIGHTS else marks.badge(LABELS[colour], "quiet")


class PlanList(ListPage):
    """Plans (计划文件)."""

    code = "duty.plans"
    title = _("计划文件")
    columns = (
        Column("title", _("标题"), sort="title", link=True, card="title", width="wide"),
        Column("number", _("文号"), sort="number", card="meta"),
        Column("issuer", _("发文机关"), sort="issuer"),
        Column("document_date", _("成文日期"), sort="document_date", card="meta"),
        Column(
            "progress",
            _("办结"),
            value=lambda row: f"{row.closed_count}/{row.task_count}",
            numeric=True,
            sort=("closed_count",),
        ),
        Column(
            "status", _("状态"), value=lambda row: row.status_label, sort="status", card="meta",
            render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active"),
        ),
        Column("imported_at", _("导入时间"), sort="imported_at", shown=False),
        Column("code", _("编号"), sort="code", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=_("关键词"), fields=("title", "number", "issuer"), pinned=True),
        Choice(name="status", label=_("状态"), choices=PLAN.choices, field="status", multiple=True, pinned=True),
        Dates(name="date", label=_("成文日期"), field="document_date"),
    )
    empty_title = _("还没有计划文件")
    empty_hint = _("导入一份文件，系统会读出其中的任务，经审核后下达。")

    def queryset(self, actor: Actor) -> QuerySet[Plan]:
        return plan_queries.list_plans(actor=actor)

    def url_of(self, row: Plan) -> str:
        if row.status == "REVIEW":
            return reverse("duty:review", args=[row.pk])
        return reverse("duty:plan", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(_("导入文件"), reverse("duty:import"))] if actor.has("duty.plans.import") else []


def _leads(row: Task) -> str:
    return listed(lead.org.label for lead in row.leads)  # type: ignore[attr-defined]


class TaskList(ListPage):
    """Tasks as they were issued (任务)."""

    code = "duty.tasks"
    title = _("任务")
    columns = (
        Column("code", _("编号"), sort="code", card="meta"),
        Column("title", _("任务"), link=True, sort="title", card="title", width="wide"),
        Column("leads", _("责任单位"), value=_leads, card="meta", width="wide"),
        Column("kind", _("时限类型"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("due_date", _("完成时限"), sort="due_date", card="meta"),
        Column("review_date", _("复核日期"), sort="review_date", shown=False),
        Column("deadline_phrase", _("时限（原文）"), shown=False, width="wide"),
        Column("plan", _("计划文件"), value=lambda row: row.plan.title if row.plan else "", sort="plan__title",
               shown=False, width="wide"),
        Column("level1", _("一级任务"), shown=False, width="wide"),
        Column("level2", _("二级任务"), shown=False, width="wide"),
        Column("origin", _("来源"), value=lambda row: row.get_origin_display(), sort="origin", shown=False),
        Column("owner", _("交办单位"), value=lambda row: row.owner_org.label, sort="owner_org__pinyin", shown=False),
        Column("status", _("状态"), value=lambda row: row.status_label, sort="status",
               render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active")),
    )  # fmt: skip
    filters = (
        Search(name="q", label=_("关键词"), fields=("title", "text", "code"), pinned=True),
        Choice(name="status", label=_("状态"), choices=TASK.choices, field="status", multiple=True, pinned=True),
        Choice(name="kind", label=_("时限类型"), choices=TaskKind.choices, field="kind", multiple=True, pinned=True),
        Organisations(name="org", label=_("责任单位"), field="assignments__org"),
        Dates(name="due", label=_("完成时限"), field="due_date"),
        Choice(name="plan", label=_("计划文件"), field="plan",
               choices=lambda actor: plan_queries.list_plan_choices(actor=actor)),
    )  # fmt: skip
    empty_title = _("还没有任务")
    empty_hint = _("任务由计划文件、会议议定或直接交办产生。")

    def queryset(self, actor: Actor) -> QuerySet[Task]:
        return task_queries.list_tasks(actor=actor)

    def url_of(self, row: Task) -> str:
        return reverse("duty:task", args=[row.pk])


def _light(value: str) -> Q:
    return Q(light=value)


_ASSIGNMENT_COLUMNS = (
    Column("light", _("灯"), value=lambda row: str(LABELS[row.light]), render=light_mark, sort="light", card="meta"),
    Column("code", _("编号"), value=lambda row: row.task.code, sort="task__code"),
    Column("title", _("任务"), value=lambda row: row.task.title, link=True, sort="task__title", card="title",
           width="wide"),
    Column("org", _("责任单位"), value=lambda row: row.org.label, sort="org__pinyin", card="meta"),
    Column("due_date", _("完成时限"), sort="due_date", card="meta"),
    Column("progress", _("进度"), value=lambda row: row.progress, render=lambda row: f"{row.progress}%",
           sort="progress", numeric=True),
    Column("status", _("状态"), value=lambda row: row.status_label, sort="status",
           render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active")),
    Column("person", _("承办人"), value=lambda row: row.person.name if row.person else "", sort="person__pinyin"),
    Column("last_report", _("最近进展"), width="wide", shown=False),
    Column("last_report_at", _("最近报告"), sort="last_report_at", shown=False),
    Column("review_date", _("复核日期"), sort="review_date", shown=False),
    Column("first_due_date", _("原定时限"), sort="first_due_date", shown=False),
    Column("plan", _("计划文件"), value=lambda row: row.task.plan.title if row.task.plan else "",
           sort="task__plan__title", shown=False, width="wide"),
)  # fmt: skip
_ASSIGNMENT_FILTERS: tuple[Filter, ...] = (
    Search(name="q", label=_("关键词"), fields=("task__title", "task__text", "task__code"), pinned=True),
    Choice(name="light", label=_("灯"), choices=[(code, LABELS[code]) for code in (RED, YELLOW, GREEN)],
           narrows=_light, multiple=True, pinned=True),
    Choice(name="status", label=_("状态"), choices=ASSIGNMENT.choices, field="status", multiple=True, pinned=True),
    Choice(name="kind", label=_("时限类型"), choices=TaskKind.choices, field="kind", multiple=True),
    Dates(name="due", label=_("完成时限"), field="due_date"),
    Flag(name="open", label=_("只看未办结"), condition=lambda actor: ~Q(status__in=ASSIGNMENT.finals)),
)  # fmt: skip


def open_first(rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """What is still open stands first, the nearest deadline on top; what is done follows, the latest first."""
    closed = Case(When(status__in=ASSIGNMENT.finals, then=Value(1)), default=Value(0), output_field=IntegerField())
    return rows.annotate(is_done=closed).order_by("is_done", F("due_date").asc(nulls_last=True), "pk")


_PLAN_FILTER = Choice(
    name="plan",
    label=_("计划文件"),
    field="task__plan",
    choices=lambda actor: plan_queries.list_plan_choices(actor=actor),
)


class AssignmentList(ListPage):
    """Who works on what, with its light (任务承办情况)."""

    code = "duty.assignments"
    title = _("承办情况")
    columns = _ASSIGNMENT_COLUMNS
    filters: ClassVar[tuple[Filter, ...]] = (
        *_ASSIGNMENT_FILTERS,
        Organisations(name="org", label=_("责任单位"), field="org"),
        _PLAN_FILTER,
    )
    empty_title = _("还没有承办任务")

    def queryset(self, actor: Actor) -> QuerySet[Assignment]:
        return open_first(task_queries.list_assignments(actor=actor, now=timezone.now()))

    def url_of(self, row: Assignment) -> str:
        return reverse("duty:assignment", args=[row.pk])


class OwnAssignmentList(AssignmentList):
    """What one's own organisation works on (本单位承办)."""

    code = "duty.own"
    title = _("本单位承办")
    filters = _ASSIGNMENT_FILTERS
    empty_title = _("本单位目前没有承办任务")
    empty_hint = _("收到任务后会出现在这里，也会出现在今日待办中。")

    def queryset(self, actor: Actor) -> QuerySet[Assignment]:
        return open_first(task_queries.list_own_assignments(actor=actor, now=timezone.now()))


class ReceiptList(ListPage):
    """Receipts of plans (文件签收)."""

    code = "duty.receipts"
    title = _("文件签收")
    columns = (
        Column("plan", _("计划文件"), value=lambda row: row.plan.title, link=True, sort="plan__title", card="title",
               width="wide"),
        Column("org", _("单位"), value=lambda row: row.org.label, sort="org__pinyin", card="meta"),
        Column("capacity", _("主送或抄送"), value=lambda row: row.get_capacity_display(), sort="capacity"),
        Column("status", _("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active")),
        Column("received_at", _("签收时间"), sort="received_at"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=_("关键词"), fields=("plan__title", "plan__number", "org__name"), pinned=True),
        Choice(name="status", label=_("状态"), choices=RECEIPT.choices, field="status", multiple=True, pinned=True),
        Organisations(name="org", label=_("单位"), field="org"),
    )
    empty_title = _("没有需要签收的文件")

    def queryset(self, actor: Actor) -> QuerySet[Receipt]:
        return plan_queries.list_receipts(actor=actor)

    def url_of(self, row: Receipt) -> str:
        return reverse("duty:receipt", args=[row.pk])
