"""Pages of the rooms of governance: support, study, rules, results, proposals, vetoes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.duty.forms import governance as forms
from quancheng.domains.duty.loops.governance import PROPOSAL, VETO
from quancheng.domains.duty.models import Proposal, RuleRecord, StudyRecord, SupportItem, Veto
from quancheng.domains.duty.models.governance import ProposalKind, SupportKind
from quancheng.domains.duty.queries import governance as queries
from quancheng.domains.duty.services import governance as services
from quancheng.domains.duty.views.duty_lists import year_of
from quancheng.domains.duty.views.page import DomainPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Fact, ObjectHead, Tab
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.people.actors import actor_of


class SupportList(ListPage):
    """Support items (支持事项)."""

    code = "duty.support"
    title = gettext_lazy("支持事项")
    columns = (
        Column("title", gettext_lazy("支持事项"), link=True, sort="title", card="title", width="wide"),
        Column("org", gettext_lazy("受支持单位"), value=lambda row: row.org.label, sort="org__pinyin", card="meta"),
        Column("kind", gettext_lazy("支持方式"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("amount", gettext_lazy("金额（元）"), sort="amount", numeric=True),
        Column("given_date", gettext_lazy("日期"), sort="given_date"),
        Column("owner", gettext_lazy("支持单位"), value=lambda row: row.owner_org.label, sort="owner_org__pinyin"),
    )
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("title", "org__name"), pinned=True),
        Choice(name="kind", label=gettext_lazy("支持方式"), choices=SupportKind.choices, field="kind", pinned=True),
        Dates(name="date", label=gettext_lazy("日期"), field="given_date"),
    )
    empty_title = gettext_lazy("还没有支持事项")

    def queryset(self, actor: Actor) -> QuerySet[SupportItem]:
        return queries.list_support(actor=actor)

    def url_of(self, row: SupportItem) -> str:
        return reverse("duty:support", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("登记支持"), reverse("duty:support_new"))] if actor.has(services.RECORDS) else []


class NewSupport(CreatePage):
    title = gettext_lazy("登记支持")
    duty = services.RECORDS
    form = forms.SupportForm
    back = "duty:supports"
    button = gettext_lazy("登记支持")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        return reverse("duty:support", args=[services.record_support(actor=actor, **given, now=now).pk])


class SupportPage(DomainPage[SupportItem]):
    back = (gettext_lazy("支持事项"), lambda: reverse("duty:supports"))

    def get_row(self, actor: Actor, **kwargs: Any) -> SupportItem:
        return queries.get_support(actor=actor, item_id=kwargs["pk"])

    def facts(self, row: SupportItem, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("受支持单位"), value=row.org.name),
            Fact(label=_("支持方式"), value=row.get_kind_display()),
            Fact(label=_("金额（元）"), value=row.amount),
            Fact(label=_("日期"), value=row.given_date),
            Fact(label=_("支持单位"), value=row.owner_org.name),
            Fact(label=_("说明"), value=row.text, wide=True),
        ]


class StudyList(ListPage):
    """Study records (学习记录)."""

    code = "duty.studies"
    title = gettext_lazy("学习记录")
    columns = (
        Column("topic", gettext_lazy("学习主题"), link=True, sort="topic", card="title", width="wide"),
        Column("owner", gettext_lazy("单位"), value=lambda row: row.owner_org.label, sort="owner_org__pinyin",
               card="meta"),
        Column("held_date", gettext_lazy("学习日期"), sort="held_date", card="meta"),
        Column("attendees", gettext_lazy("参加人员"), width="wide"),
        Column("material", gettext_lazy("学习材料"), width="wide", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("topic", "owner_org__name"), pinned=True),
        Dates(name="date", label=gettext_lazy("学习日期"), field="held_date", pinned=True),
    )
    empty_title = gettext_lazy("还没有学习记录")

    def queryset(self, actor: Actor) -> QuerySet[StudyRecord]:
        return queries.list_studies(actor=actor)

    def url_of(self, row: StudyRecord) -> str:
        return reverse("duty:study", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("登记学习"), reverse("duty:study_new"))] if actor.has(services.STUDIES) else []


class NewStudy(CreatePage):
    title = gettext_lazy("登记学习")
    duty = services.STUDIES
    form = forms.StudyForm
    back = "duty:studies"
    button = gettext_lazy("登记学习")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
        row = services.record_study(actor=actor, **{**given, "evidence": evidence}, now=now)
        return reverse("duty:study", args=[row.pk])


class StudyPage(DomainPage[StudyRecord]):
    back = (gettext_lazy("学习记录"), lambda: reverse("duty:studies"))

    def get_row(self, actor: Actor, **kwargs: Any) -> StudyRecord:
        return queries.get_study(actor=actor, study_id=kwargs["pk"])

    def facts(self, row: StudyRecord, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("单位"), value=row.owner_org.name),
            Fact(label=_("学习日期"), value=row.held_date),
            Fact(label=_("参加人员"), value=row.attendees, wide=True),
            Fact(label=_("学习材料"), value=row.material, wide=True),
            Fact(label=_("学习情况"), value=row.text, wide=True),
        ]

    def tabs(self, row: StudyRecord, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(StudyRecord, [row.pk]).get(row.pk, [])
        return [Tab(name="files", label=_("佐证材料"), count=len(files), template="duty/_files.html",
                    context=lambda: {"files": files})]  # fmt: skip


class RuleList(ListPage):
    """Rules that grew out of tasks (制度成果)."""

    code = "duty.rules"
    title = gettext_lazy("制度成果")
    columns = (
        Column("title", gettext_lazy("制度名称"), link=True, sort="title", card="title", width="wide"),
        Column("number", gettext_lazy("文号"), sort="number", card="meta"),
        Column("in_force_from", gettext_lazy("施行日期"), sort="in_force_from", card="meta"),
        Column("task", gettext_lazy("来源任务"), value=lambda row: f"{row.task.code} {row.task.title}",
               sort="task__code", width="wide"),
        Column("owner", gettext_lazy("制定单位"), value=lambda row: row.owner_org.label, sort="owner_org__pinyin"),
    )  # fmt: skip
    filters = (Search(name="q", label=gettext_lazy("关键词"), fields=("title", "text", "number"), pinned=True),)
    empty_title = gettext_lazy("还没有制度成果")

    def queryset(self, actor: Actor) -> QuerySet[RuleRecord]:
        return queries.list_rules(actor=actor)

    def url_of(self, row: RuleRecord) -> str:
        return reverse("duty:rule", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("登记制度"), reverse("duty:rule_new"))] if actor.has(services.RECORDS) else []


class NewRule(CreatePage):
    title = gettext_lazy("登记制度")
    duty = services.RECORDS
    form = forms.RuleForm
    back = "duty:rules"
    button = gettext_lazy("登记制度")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        return reverse("duty:rule", args=[services.record_rule(actor=actor, **given, now=now).pk])


class RulePage(DomainPage[RuleRecord]):
    back = (gettext_lazy("制度成果"), lambda: reverse("duty:rules"))

    def get_row(self, actor: Actor, **kwargs: Any) -> RuleRecord:
        return queries.get_rule(actor=actor, rule_id=kwargs["pk"])

    def facts(self, row: RuleRecord, actor: Actor) -> Sequence[Fact]:
        url = reverse("duty:task", args=[row.task_id])
        return [
            Fact(label=_("来源任务"), value=format_html('<a href="{}">{}</a>', url, str(row.task)), wide=True),
            Fact(label=_("文号"), value=row.number),
            Fact(label=_("施行日期"), value=row.in_force_from),
            Fact(label=_("制定单位"), value=row.owner_org.name),
            Fact(label=_("主要内容"), value=row.text, wide=True),
        ]


class Results(View):
    """The year's results of units, best first, vetoed ones last; from here the rules propose."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor, year = actor_of(request), year_of(request)
        context = {
            "lines": queries.list_results(actor=actor, year=year, now=timezone.now()),
            "year": year,
            "years": (year - 1, year + 1),
            "may_supervise": actor.has(services.SUPERVISE),
        }
        return render(request, "duty/results.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Let the rules propose."""
        actor = actor_of(request)
        made = services.propose(actor=actor, year=year_of(request), now=timezone.now())
        toast = _("新提出 %(count)s 项建议。") % {"count": len(made)}
        return redirect_to(request, reverse("duty:proposals"), toast=toast)


class ProposalList(ListPage):
    """Proposals of reward, talk, key supervision (奖惩建议)."""

    code = "duty.proposals"
    title = gettext_lazy("奖惩建议")
    duty = services.SUPERVISE
    columns = (
        Column("org", gettext_lazy("单位"), value=lambda row: row.org.label, link=True, sort="org__pinyin",
               card="title"),
        Column("kind", gettext_lazy("建议类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("year", gettext_lazy("年度"), value=lambda row: str(row.year), sort="year"),
        Column("rule", gettext_lazy("依据规则"), width="wide"),
        Column("proposed_at", gettext_lazy("提出时间"), sort="proposed_at"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active")),
    )  # fmt: skip
    filters = (
        Choice(name="kind", label=gettext_lazy("建议类别"), choices=ProposalKind.choices, field="kind", pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=PROPOSAL.choices, field="status", pinned=True),
    )
    empty_title = gettext_lazy("还没有奖惩建议")
    empty_hint = gettext_lazy("在年度成绩页面按规则提出；是否采纳由人决定。")

    def queryset(self, actor: Actor) -> QuerySet[Proposal]:
        return queries.list_proposals(actor=actor)

    def url_of(self, row: Proposal) -> str:
        return reverse("duty:proposal", args=[row.pk])


class ProposalPage(DomainPage[Proposal]):
    back = (gettext_lazy("奖惩建议"), lambda: reverse("duty:proposals"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Proposal:
        return queries.get_proposal(actor=actor, proposal_id=kwargs["pk"])

    def head(self, row: Proposal, actor: Actor) -> ObjectHead:
        return ObjectHead(title=f"{row.get_kind_display()}：{row.org.label}", code=str(row.year))

    def facts(self, row: Proposal, actor: Actor) -> Sequence[Fact]:
        colours = row.facts["colours"]
        return [
            Fact(label=_("依据规则"), value=row.rule, wide=True),
            Fact(label=_("得分"), value=row.facts["score"]),
            Fact(label=_("办结任务"), value=row.facts["done"]),
            Fact(label=_("橙色任务"), value=colours["orange"]),
            Fact(label=_("红色任务"), value=colours["red"]),
            Fact(label=_("一票否决"), value=row.facts["vetoed"]),
        ]

    def perform(
        self, *, actor: Actor, row: Proposal, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        services.decide(actor=actor, row=row, name=name, reason=given["reason"], now=now, client_id=client_id)


class VetoList(ListPage):
    """Vetoes (一票否决)."""

    code = "duty.vetoes"
    title = gettext_lazy("一票否决")
    columns = (
        Column("org", gettext_lazy("单位"), value=lambda row: row.org.label, link=True, sort="org__pinyin",
               card="title"),
        Column("year", gettext_lazy("年度"), value=lambda row: str(row.year), sort="year", card="meta"),
        Column("event_date", gettext_lazy("事故日期"), sort="event_date", card="meta"),
        Column("reason", gettext_lazy("否决理由"), width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active")),
    )  # fmt: skip
    filters = (Choice(name="status", label=gettext_lazy("状态"), choices=VETO.choices, field="status", pinned=True),)
    empty_title = gettext_lazy("没有一票否决")

    def queryset(self, actor: Actor) -> QuerySet[Veto]:
        return queries.list_vetoes(actor=actor)

    def url_of(self, row: Veto) -> str:
        return reverse("duty:veto", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("登记否决"), reverse("duty:veto_new"))] if actor.has(services.SUPERVISE) else []


class NewVeto(CreatePage):
    title = gettext_lazy("登记否决")
    lead = gettext_lazy("该单位事故当年的成绩不论任务完成情况，一律记为一票否决。")
    duty = services.SUPERVISE
    form = forms.VetoForm
    back = "duty:vetoes"
    button = gettext_lazy("登记否决")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        return reverse("duty:veto", args=[services.veto(actor=actor, **given, now=now, client_id=client_id).pk])


class VetoPage(DomainPage[Veto]):
    back = (gettext_lazy("一票否决"), lambda: reverse("duty:vetoes"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Veto:
        return queries.get_veto(actor=actor, veto_id=kwargs["pk"])

    def head(self, row: Veto, actor: Actor) -> ObjectHead:
        return ObjectHead(title=_("一票否决：%(org)s %(year)s") % {"org": row.org.label, "year": row.year})

    def facts(self, row: Veto, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("单位"), value=row.org.name),
            Fact(label=_("事故日期"), value=row.event_date),
            Fact(label=_("否决理由"), value=row.reason, wide=True),
            Fact(label=_("登记单位"), value=row.owner_org.name),
        ]

    def perform(
        self, *, actor: Actor, row: Veto, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        services.decide(actor=actor, row=row, name=name, reason=given["reason"], now=now, client_id=client_id)
