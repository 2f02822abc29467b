"""Pages of groups, supervision visits, and of the measures taken against units."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.duty.forms import visits as forms
from quancheng.domains.duty.loops.visit import VISIT
from quancheng.domains.duty.models import Visit, WorkGroup
from quancheng.domains.duty.models.visits import GroupKind, VisitKind
from quancheng.domains.duty.queries import visits as queries
from quancheng.domains.duty.services import visits as services
from quancheng.domains.duty.services.visits import GROUPS, VISITS, GroupSpec, VisitSpec
from quancheng.domains.duty.views.page import DomainPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.fields import lines
from quancheng.kernel.pages.filters import Choice, Dates, Organisations, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, Tab
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.actors import actor_of


def _heads(row: WorkGroup) -> str:
    return listed(one.name for one in row.now if one.role == "1head")  # type: ignore[attr-defined]


class GroupList(ListPage):
    """Leading and work groups (领导小组、工作组)."""

    code = "duty.groups"
    title = gettext_lazy("领导小组和工作组")
    columns = (
        Column("title", gettext_lazy("名称"), link=True, sort="title", card="title", width="wide"),
        Column("kind", gettext_lazy("组别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("head", gettext_lazy("组长"), value=_heads, card="meta"),
        Column("members", gettext_lazy("成员数"), value=lambda row: len(row.now), numeric=True),
        Column("office", gettext_lazy("办公室所在单位"), value=lambda row: row.office.label, sort="office__pinyin"),
        Column("campaign", gettext_lazy("所属专项行动"), value=lambda row: row.campaign.title if row.campaign else "",
               shown=False),
        Column("founded_date", gettext_lazy("成立日期"), sort="founded_date"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("title", "duties", "office__name"), pinned=True),
        Choice(name="kind", label=gettext_lazy("组别"), choices=GroupKind.choices, field="kind", pinned=True),
    )
    empty_title = gettext_lazy("还没有领导小组和工作组")

    def queryset(self, actor: Actor) -> QuerySet[WorkGroup]:
        return queries.list_groups(actor=actor)

    def url_of(self, row: WorkGroup) -> str:
        return reverse("duty:group", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("成立小组"), reverse("duty:group_new"))] if actor.has(GROUPS) else []


class NewGroup(CreatePage):
    title = gettext_lazy("成立小组")
    duty = GROUPS
    form = forms.GroupForm
    back = "duty:groups"
    button = gettext_lazy("保存")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        group = services.found_group(actor=actor, spec=GroupSpec(**given), now=now, client_id=client_id)
        return reverse("duty:group", args=[group.pk])


class GroupPage(DomainPage[WorkGroup]):
    """One group: head, deputies, members, its office, its meetings and visits."""

    back = (gettext_lazy("领导小组和工作组"), lambda: reverse("duty:groups"))

    def get_row(self, actor: Actor, **kwargs: Any) -> WorkGroup:
        return queries.get_group(actor=actor, group_id=kwargs["pk"])

    def head(self, row: WorkGroup, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, subtitle=row.get_kind_display())

    def facts(self, row: WorkGroup, actor: Actor) -> Sequence[Fact]:
        office = " ".join(filter(None, (row.office.name, row.section)))
        found = [
            Fact(label=_("组长"), value=_heads(row), filled_by=row.owner_org.label),
            Fact(label=_("办公室"), value=office),
            Fact(label=_("成立日期"), value=row.founded_date),
            Fact(label=_("工作职责"), value=row.duties, wide=True),
        ]
        if row.plan:
            url = reverse("duty:plan", args=[row.plan.pk])
            found.append(Fact(label=_("计划文件"), value=format_html('<a href="{}">{}</a>', url, row.plan.title)))
        if row.campaign:
            url = reverse("duty:campaign", args=[row.campaign.pk])
            value = format_html('<a href="{}">{}</a>', url, row.campaign.title)
            found.append(Fact(label=_("所属专项行动"), value=value))
        return found

    def tabs(self, row: WorkGroup, actor: Actor) -> Sequence[Tab]:
        members = list(row.now)  # type: ignore[attr-defined]
        meetings = list(queries.list_group_meetings(actor=actor, group=row)[:100])
        visits = list(queries.list_visits(actor=actor).filter(group=row)[:100])
        return [
            Tab(name="members", label=_("成员"), count=len(members), template="duty/_group_members.html",
                context=lambda: {"members": members}),
            Tab(name="meetings", label=_("会议"), count=len(meetings), template="duty/_meetings.html",
                context=lambda: {"meetings": meetings}),
            Tab(name="visits", label=_("督导检查"), count=len(visits), template="duty/_visits.html",
                context=lambda: {"visits": visits}),
        ]  # fmt: skip

    def actions(self, row: WorkGroup, actor: Actor) -> Sequence[Action]:
        if row.owner_org_id != actor.organisation_id or not actor.has(GROUPS):
            return ()
        found = [Action(name="name", label=_("增加成员"), asks=True, primary=True)]
        if row.now:  # type: ignore[attr-defined]
            found.append(Action(name="leave", label=_("成员退出"), asks=True))
        return found

    def form_for(
        self, action: Action, row: WorkGroup, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "leave":
            return forms.LeaveForm(data, group=row)
        return forms.MemberForm(data, actor=actor)

    def perform(
        self, *, actor: Actor, row: WorkGroup, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "name":
            services.name_member(
                actor=actor, group=row, role=given["role"], org=given["org"], name=given["name"], post=given["post"],
                now=now,
            )  # fmt: skip
        elif name == "leave":
            member = next(one for one in row.now if str(one.pk) == given["member"])  # type: ignore[attr-defined]
            services.leave_group(actor=actor, group=row, member=member, now=now)
        else:
            raise NotFound


class VisitList(ListPage):
    """Supervision visits (督导检查)."""

    code = "duty.visits"
    title = gettext_lazy("督导检查")
    columns = (
        Column("code", gettext_lazy("编号"), sort="code"),
        Column("subject", gettext_lazy("督导内容"), link=True, sort="subject", card="title", width="wide"),
        Column("org", gettext_lazy("被督导单位"), value=lambda row: row.org.label, sort="org__pinyin", card="meta"),
        Column("kind", gettext_lazy("督导方式"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("planned_date", gettext_lazy("计划日期"), sort="planned_date", card="meta"),
        Column("visited_date", gettext_lazy("督导日期"), sort="visited_date"),
        Column("findings", gettext_lazy("发现问题"), value=lambda row: row.finding_count, numeric=True,
               sort="finding_count"),
        Column("open", gettext_lazy("待处理"), value=lambda row: row.open_count, numeric=True, sort="open_count"),
        Column("reason", gettext_lazy("督导缘由"), shown=False, width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active")),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("subject", "code", "org__name"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=VISIT.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="kind", label=gettext_lazy("督导方式"), choices=VisitKind.choices, field="kind", pinned=True),
        Dates(name="date", label=gettext_lazy("督导日期"), field="visited_date"),
        Organisations(name="org", label=gettext_lazy("被督导单位"), field="org"),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有督导检查")

    def queryset(self, actor: Actor) -> QuerySet[Visit]:
        return queries.list_visits(actor=actor)

    def url_of(self, row: Visit) -> str:
        return reverse("duty:visit", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("安排督导"), reverse("duty:visit_new"))] if actor.has(VISITS) else []


class NewVisit(CreatePage):
    title = gettext_lazy("安排督导")
    lead = gettext_lazy("督导后逐项处理发现的问题：下达任务、发警示提醒函、约谈，或当场整改。")
    duty = VISITS
    form = forms.VisitForm
    back = "duty:visits"
    button = gettext_lazy("保存")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        visit = services.plan_visit(actor=actor, spec=VisitSpec(**given), now=now, client_id=client_id)
        return reverse("duty:visit", args=[visit.pk])


class VisitPage(DomainPage[Visit]):
    """One visit: what was seen, what was found, what became of it."""

    back = (gettext_lazy("督导检查"), lambda: reverse("duty:visits"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Visit:
        return queries.get_visit(actor=actor, visit_id=kwargs["pk"])

    def head(self, row: Visit, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.subject, code=row.code, subtitle=row.org.name)

    def facts(self, row: Visit, actor: Actor) -> Sequence[Fact]:
        group = None
        if row.group:
            group = format_html('<a href="{}">{}</a>', reverse("duty:group", args=[row.group_id]), row.group.title)
        found = [
            Fact(label=_("督导方式"), value=row.get_kind_display()),
            Fact(label=_("被督导单位"), value=row.org.name),
            Fact(label=_("计划日期"), value=row.planned_date),
            Fact(label=_("督导日期"), value=row.visited_date, filled_by=row.owner_org.label),
            Fact(label=_("督导人员"), value=row.inspectors, filled_by=row.owner_org.label),
            Fact(label=_("督导情况"), value=row.text, wide=True),
        ]
        if group:
            found.insert(2, Fact(label=_("督导组"), value=group))
        if row.reason and row.owner_org_id == actor.organisation_id:
            found.insert(2, Fact(label=_("督导缘由"), value=row.reason, wide=True))
        return found

    def tabs(self, row: Visit, actor: Actor) -> Sequence[Tab]:
        findings = queries.list_findings(visit=row)
        files = files_of_many(Visit, [row.pk]).get(row.pk, [])
        # A paper in draft is its office's own matter.
        own = row.owner_org_id == actor.organisation_id
        return [
            Tab(name="findings", label=_("发现的问题"), count=len(findings), template="duty/_visit_findings.html",
                context=lambda: {"findings": findings, "own": own}),
            Tab(name="files", label=_("现场材料"), count=len(files), template="duty/_files.html",
                context=lambda: {"files": files}),
        ]  # fmt: skip

    def actions(self, row: Visit, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        own = row.owner_org_id == actor.organisation_id
        if own and row.status == "MADE" and row.open_count and actor.has(VISITS):  # type: ignore[attr-defined]
            found = [
                Action(name="settle", label=_("处理问题"), asks=True, primary=True),
                *(Action(name=one.name, label=one.label, asks=one.asks) for one in found),
            ]
        return found

    def form_for(
        self, action: Action, row: Visit, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "record": lambda: forms.VisitRecordForm(data, files),
            "settle": lambda: forms.SettleForm(data, visit=row),
        }
        return makers[action.name]() if action.name in makers else super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Visit, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "record":
            evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
            services.record_visit(
                actor=actor, visit=row, visited_date=given["visited_date"], inspectors=given["inspectors"],
                text=given["text"], findings=lines(given["findings"]), evidence=evidence, now=now,
                client_id=client_id,
            )  # fmt: skip
        elif name == "settle":
            finding = next(one for one in queries.list_findings(visit=row) if str(one.pk) == given["finding"])
            services.settle_finding(
                actor=actor, visit=row, finding=finding, outcome=given["outcome"], due_date=given["due_date"],
                place=given["place"], now=now,
            )  # fmt: skip
        else:
            services.end_visit(
                actor=actor, visit=row, name=name, reason=given.get("reason", ""), now=now, client_id=client_id
            )


class Measures(View):
    """How often each measure was taken against each unit in a period (督办统计)."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require("duty.supervise")
        for name in request.GET:
            if name not in ("first", "last"):
                raise unknown_parameter(name)
        today = timezone.localdate()
        form = forms.PeriodForm({"first": str(today.replace(month=1, day=1)), "last": str(today), **request.GET.dict()})
        counted = queries.MeasureTable([], ())
        if form.is_valid():
            first, last = form.cleaned_data["first"], form.cleaned_data["last"]
            counted = queries.count_measures(actor=actor, first=first, last=last)
        labels = (
            _("警示提醒函"), _("督促函"), _("通报"), _("约谈"), _("挂牌督办"), _("曝光"), _("督导检查"), _("暗访"),
        )  # fmt: skip
        context = {
            "form": form,
            "labels": labels,
            "lines": counted.lines,
            "totals": counted.totals,
            "total": sum(counted.totals),
        }
        return render(request, "duty/measures.html", context, status=422 if form.errors else 200)
