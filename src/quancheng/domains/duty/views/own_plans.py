"""Pages of plans that units make themselves: demanded, written, handed in, judged."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.duty.forms import own_plans as forms
from quancheng.domains.duty.forms.tasks import OptionalReasonForm
from quancheng.domains.duty.loops.own_plan import OWN_PLAN
from quancheng.domains.duty.models import OwnPlan
from quancheng.domains.duty.queries import own_plans as queries
from quancheng.domains.duty.services import own_plans as services
from quancheng.domains.duty.services.own_plans import CALL, WRITE, CallSpec
from quancheng.domains.duty.views.page import DomainPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, Invalid, NotPermitted, Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.fields import lines
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Organisations, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, Tab
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.people.actors import actor_of


def _late(actor: Actor) -> Q:
    return queries.late_q(now=timezone.now())


def _mark(row: OwnPlan, today: date) -> Any:
    if row.status == "DUE" and row.submitted_at is None and row.due_date < today:
        return marks.light("red", _("逾期未交"))
    if row.is_late:
        return marks.light("yellow", _("迟交"))
    return marks.badge(row.status_label, "done" if row.is_closed else "active")


class OwnPlanList(ListPage):
    """Units' own plans (自定计划)."""

    code = "duty.own_plans"
    title = gettext_lazy("自定计划")
    columns = (
        Column("org", gettext_lazy("制定单位"), value=lambda row: row.org.label, link=True, sort="org__pinyin",
               card="title"),
        Column("call", gettext_lazy("计划名称"), value=lambda row: row.call.title, sort="call__title", card="meta",
               width="wide"),
        Column("due_date", gettext_lazy("提交时限"), sort="due_date", card="meta"),
        Column("submitted_at", gettext_lazy("提交时间"), sort="submitted_at"),
        Column("items", gettext_lazy("任务数"), value=lambda row: len(row.items.all()), numeric=True),
        Column("gaps", gettext_lazy("缺项"), value=lambda row: len(queries.gaps_of(row)), numeric=True),
        Column("returned", gettext_lazy("退回次数"), value=lambda row: row.returned_count, numeric=True,
               sort="returned_count", shown=False),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=lambda row: _mark(row, timezone.localdate())),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("org__name", "call__title"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=OWN_PLAN.choices, field="status", multiple=True,
               pinned=True),
        Flag(name="late", label=gettext_lazy("只看逾期和迟交"), condition=_late),
        Dates(name="due", label=gettext_lazy("提交时限"), field="due_date"),
        Organisations(name="org", label=gettext_lazy("制定单位"), field="org"),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有要求单位制定的计划")
    empty_hint = gettext_lazy("上级文件要求企业自己制定计划时，在这里向企业提出，企业在线制定并提交。")

    def queryset(self, actor: Actor) -> QuerySet[OwnPlan]:
        return queries.list_own_plans(actor=actor)

    def url_of(self, row: OwnPlan) -> str:
        return reverse("duty:own_plan", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("要求制定计划"), reverse("duty:plan_call_new"))] if actor.has(CALL) else []


class NewCall(CreatePage):
    title = gettext_lazy("要求制定计划")
    lead = gettext_lazy("所选单位各收到一项待办，在时限前列出任务、措施、责任人和完成时间并提交；缺项不能提交。")
    duty = CALL
    form = forms.CallForm
    back = "duty:own_plans"
    button = gettext_lazy("发出要求")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        spec = CallSpec(**{**given, "topics": lines(given["topics"]), "orgs": list(given["orgs"])})
        services.call_for_plans(actor=actor, spec=spec, now=now, client_id=client_id)
        return reverse("duty:own_plans")


class OwnPlanPage(DomainPage[OwnPlan]):
    """One unit's plan: what it contains, what it lacks."""

    back = (gettext_lazy("自定计划"), lambda: reverse("duty:own_plans"))
    forms: ClassVar[Mapping[str, type[django_forms.Form]]] = {
        "submit": forms.SubmitPlanForm,
        "accept": OptionalReasonForm,
    }

    def get_row(self, actor: Actor, **kwargs: Any) -> OwnPlan:
        return queries.get_own_plan(actor=actor, plan_id=kwargs["pk"])

    def head(self, row: OwnPlan, actor: Actor) -> ObjectHead:
        today = timezone.localdate()
        late = row.is_late or (row.status == "DUE" and row.submitted_at is None and row.due_date < today)
        return ObjectHead(title=row.call.title, subtitle=row.org.name, marks=[_mark(row, today)] if late else [])

    def facts(self, row: OwnPlan, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("制定单位"), value=row.org.name),
            Fact(label=_("要求单位"), value=row.owner_org.name),
            Fact(label=_("计划期间"), value=f"{row.call.period_from} — {row.call.period_to}"),
            Fact(label=_("提交时限"), value=row.due_date),
            Fact(label=_("提交时间"), value=row.submitted_at, filled_by=row.org.label),
            Fact(label=_("须覆盖的内容"), value="；".join(row.call.topics), wide=True),
            Fact(label=_("要求"), value=row.call.text, wide=True),
            Fact(label=_("完整性"), value="；".join(queries.gaps_of(row)) or _("完整"), wide=True),
        ]

    def tabs(self, row: OwnPlan, actor: Actor) -> Sequence[Tab]:
        items = list(row.items.all())
        files = files_of_many(OwnPlan, [row.pk]).get(row.pk, [])
        return [
            Tab(name="items", label=_("任务清单"), count=len(items), template="duty/_own_plan_items.html",
                context=lambda: {"items": items}),
            Tab(name="files", label=_("计划原件"), count=len(files), template="duty/_files.html",
                context=lambda: {"files": files}),
        ]  # fmt: skip

    def actions(self, row: OwnPlan, actor: Actor) -> Sequence[Action]:
        found = [
            Action(name=one.name, label=one.label, primary=one.primary and one.name != "cancel", asks=True)
            for one in loopview.actions_of(row, actor)
        ]
        if row.status == "DUE" and row.org_id == actor.organisation_id and actor.has(WRITE):
            url = reverse("duty:own_plan_write", args=[row.pk])
            found.insert(0, Action(name="write", label=_("编制任务清单"), url=url))
        return found

    def perform(
        self, *, actor: Actor, row: OwnPlan, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "submit":
            evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
            services.submit_plan(actor=actor, plan=row, evidence=evidence, now=now, client_id=client_id)
        else:
            services.judge_plan(actor=actor, plan=row, name=name, reason=given["reason"], now=now, client_id=client_id)


class OwnPlanWrite(View):
    """Writing the tasks of one's own plan, line by line; what is incomplete may be saved and is said."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        plan = self._open(actor, pk)
        if plan.status != "DUE":
            return redirect("duty:own_plan", pk=pk)
        return self._show(request, plan, forms.ItemsForm(plan=plan))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        plan = self._open(actor, pk)
        form = forms.ItemsForm(request.POST, plan=plan)
        if not form.is_valid():
            return self._show(request, plan, form, status=422)
        version = request.POST.get("version", "")
        if not (version.isascii() and version.isdigit()) or len(version) > 9:
            raise Invalid(fields={"version": _("请刷新页面后重试。")})
        try:
            services.save_items(actor=actor, plan=plan, items=form.items(), version=int(version), now=timezone.now())
        except DomainError as refused:
            return self._show(request, plan, form, status=tell(form, refused))
        gaps = queries.gaps_of(queries.get_own_plan(actor=actor, plan_id=pk))
        toast = _("已保存，还缺 %(count)s 处。") % {"count": len(gaps)} if gaps else _("已保存，可以提交。")
        url = request.path if "more" in request.POST else reverse("duty:own_plan", args=[pk])
        return redirect_to(request, url, toast=toast)

    def _open(self, actor: Actor, pk: uuid.UUID) -> OwnPlan:
        plan = queries.get_own_plan(actor=actor, plan_id=pk)
        actor.require(WRITE)
        if plan.org_id != actor.organisation_id:
            raise NotPermitted(_("该计划由其他单位制定。"), code="other_organisation")
        return plan

    def _show(self, request: HttpRequest, plan: OwnPlan, form: forms.ItemsForm, *, status: int = 200) -> HttpResponse:
        context = {"plan": plan, "form": form, "gaps": queries.gaps_of(plan)}
        return render(request, "duty/own_plan_write.html", context, status=status)
