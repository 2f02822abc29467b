"""My long work (我的后台任务): the list, and one with its progress, which a browser asks for every two seconds."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.longwork import queries, services
from quancheng.kernel.longwork.kinds import all_kinds, kind_of
from quancheng.kernel.longwork.models import LongWork, State
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage
from quancheng.kernel.pages.respond import is_htmx
from quancheng.kernel.people.actors import actor_of

_TONES = {
    State.WAITING: "plain", State.RUNNING: "active", State.DONE: "done", State.FAILED: "plain",
    State.CANCELLED: "quiet",
}  # fmt: skip


def _kind_label(work: LongWork) -> str:
    kind = kind_of(work.kind)
    return str(kind.label) if kind else work.kind


def _badge(work: LongWork) -> Any:
    return marks.badge(work.get_state_display(), _TONES[State(work.state)])


def _progress_text(work: LongWork) -> str:
    return f"{work.done} / {work.total}" if work.total else str(work.done or "")


class WorkList(ListPage):
    """One's own, the latest first."""

    code = "longwork.mine"
    title = gettext_lazy("我的后台任务")
    columns = (
        Column("title", gettext_lazy("后台任务"), link=True, card="title", width="wide", sort="title"),
        Column("kind", gettext_lazy("类别"), value=_kind_label, sort="kind"),
        Column("state", gettext_lazy("状态"), value=lambda row: row.get_state_display(), render=_badge, sort="state",
               card="meta"),
        Column("progress", gettext_lazy("进度"), value=_progress_text, numeric=True, card="meta"),
        Column("created_at", gettext_lazy("提交时间"), sort="created_at", card="meta"),
        Column("ended_at", gettext_lazy("结束时间"), sort="ended_at"),
        Column("expires_at", gettext_lazy("文件保留至"), sort="expires_at"),
    )  # fmt: skip
    filters = (
        Choice(name="state", label=gettext_lazy("状态"), field="state", choices=State.choices, multiple=True,
               pinned=True),
        Choice(name="kind", label=gettext_lazy("类别"), field="kind", multiple=True, pinned=True,
               choices=lambda actor: [(kind.code, kind.label) for kind in all_kinds()]),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有后台任务")
    empty_hint = gettext_lazy("大批量导出、导入和编制材料会在后台办理，离开页面也会继续。")

    def queryset(self, actor: Actor) -> QuerySet[LongWork]:
        return queries.list_work(actor=actor)


class WorkPage(ObjectPage[LongWork]):
    """One piece of long work: how far it is, its result, and cancelling it."""

    back = (gettext_lazy("我的后台任务"), lambda: reverse("longwork:list"))
    part = "longwork/_work.html"

    def get_row(self, actor: Actor, **kwargs: Any) -> LongWork:
        return queries.get_work(actor=actor, work_id=kwargs["pk"])

    def head(self, row: LongWork, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, marks=[_badge(row)], subtitle=_kind_label(row))

    def facts(self, row: LongWork, actor: Actor) -> Sequence[Fact]:
        facts = [Fact(label=_("提交时间"), value=row.created_at), Fact(label=_("开始时间"), value=row.began_at)]
        if not row.is_open:
            facts.append(Fact(label=_("结束时间"), value=row.ended_at))
        if row.expires_at:
            facts.append(Fact(label=_("文件保留至"), value=row.expires_at))
        return facts

    def actions(self, row: LongWork, actor: Actor) -> Sequence[Action]:
        if row.is_open:
            return [Action(name="cancel", label=_("取消任务"), confirm=_("取消后已处理的部分不会保留，确定取消吗？"))]
        found = queries.result_of(row)
        actions = []
        if found is not None:
            url = reverse("files:download", args=[found.pk])
            actions.append(Action(name="download", label=_("下载文件"), primary=True, url=url, icon="download"))
        if row.link:
            actions.append(Action(name="open", label=_("查看结果"), primary=not actions, url=row.link))
        return actions

    def history(self, row: LongWork, actor: Actor) -> Sequence[HistoryLine]:
        lines = [HistoryLine(at=row.created_at, who=actor.name, what=_("已提交"))]
        if row.began_at:
            anew = row.attempt > 1
            what = _("重新开始（第%(number)s次）") % {"number": row.attempt} if anew else _("已开始")
            lines.append(HistoryLine(at=row.began_at, who=_("系统"), what=what))
        if row.ended_at:
            who = actor.name if row.state == State.CANCELLED else _("系统")
            lines.append(HistoryLine(at=row.ended_at, who=who, what=row.get_state_display()))
        return lines[::-1]

    def perform(
        self,
        *,
        actor: Actor,
        row: LongWork,
        name: str,
        given: Mapping[str, Any],
        now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:
        if name != "cancel":
            raise NotFound
        services.cancel_work(actor=actor, work=row, now=now)

    def more_context(self, row: LongWork, actor: Actor) -> dict[str, Any]:
        return {"result": queries.result_of(row)}


@require_safe
def progress(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The part of the page that moves; when the work has ended the whole page comes anew, with what can be done."""
    work = queries.get_work(actor=actor_of(request), work_id=pk)
    if not is_htmx(request):
        return redirect(work.get_absolute_url())
    answer = render(request, "longwork/_progress.html", {"row": work})
    if not work.is_open:
        answer.headers["HX-Refresh"] = "true"
    return answer
