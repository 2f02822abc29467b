"""Pages of campaigns."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.duty.forms import campaigns as forms
from quancheng.domains.duty.forms.tasks import OptionalReasonForm
from quancheng.domains.duty.loops.campaign import CAMPAIGN
from quancheng.domains.duty.models import Campaign, CampaignUnit
from quancheng.domains.duty.queries import campaigns as queries
from quancheng.domains.duty.services import campaigns as services
from quancheng.domains.duty.services.campaigns import MANAGE, CampaignSpec
from quancheng.domains.duty.views.page import DomainPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.fields import lines
from quancheng.kernel.pages.filters import Choice, Dates, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, Tab


class CampaignList(ListPage):
    """Campaigns (专项行动)."""

    code = "duty.campaigns"
    title = gettext_lazy("专项行动")
    columns = (
        Column("code", gettext_lazy("编号"), sort="code"),
        Column("title", gettext_lazy("行动名称"), link=True, sort="title", card="title", width="wide"),
        Column("leader", gettext_lazy("组长"), sort="leader"),
        Column("period_from", gettext_lazy("开始日期"), sort="period_from"),
        Column("period_to", gettext_lazy("结束日期"), sort="period_to", card="meta"),
        Column("coverage", gettext_lazy("覆盖"), value=lambda row: f"{row.reached_count}/{row.unit_count}",
               numeric=True, card="meta"),
        Column("target", gettext_lazy("行动目标"), width="wide", shown=False),
        Column("owner", gettext_lazy("组织单位"), value=lambda row: row.owner_org.label, sort="owner_org__pinyin"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active")),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("title", "code", "target"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=CAMPAIGN.choices, field="status", multiple=True,
               pinned=True),
        Dates(name="end", label=gettext_lazy("结束日期"), field="period_to"),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有专项行动")

    def queryset(self, actor: Actor) -> QuerySet[Campaign]:
        return queries.list_campaigns(actor=actor)

    def url_of(self, row: Campaign) -> str:
        return reverse("duty:campaign", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("筹备行动"), reverse("duty:campaign_new"))] if actor.has(MANAGE) else []


class NewCampaign(CreatePage):
    title = gettext_lazy("筹备行动")
    lead = gettext_lazy("启动后每个覆盖单位收到检查清单；审核通过时，存在问题的检查项自动列入问题清单。")
    duty = MANAGE
    form = forms.CampaignForm
    back = "duty:campaigns"
    button = gettext_lazy("保存")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        spec = _spec(given)
        campaign = services.prepare_campaign(actor=actor, spec=spec, now=now, client_id=client_id)
        return reverse("duty:campaign", args=[campaign.pk])


def _spec(given: Mapping[str, Any]) -> CampaignSpec:
    more = {"orgs": list(given["orgs"]), "items": lines(given["items"]), "rounds": given["rounds"] or 1}
    return CampaignSpec(**{**given, **more})


class CampaignPage(DomainPage[Campaign]):
    """One campaign: its coverage, its units, its checklist, its tasks and what it found."""

    back = (gettext_lazy("专项行动"), lambda: reverse("duty:campaigns"))
    need_fields = {"report": (gettext_lazy("行动总结"), gettext_lazy("成效、问题和下步打算；覆盖情况由系统统计。"))}

    def get_row(self, actor: Actor, **kwargs: Any) -> Campaign:
        return queries.get_campaign(actor=actor, campaign_id=kwargs["pk"])

    def head(self, row: Campaign, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code, subtitle=row.owner_org.label)

    def facts(self, row: Campaign, actor: Actor) -> Sequence[Fact]:
        figures = row.figures or queries.figures_of(row)
        reached = _("%(coverage)s%%（%(reached)s/%(units)s）") % figures
        by_round = [_("第 %(round)s 轮 %(coverage)s%%（%(reached)s/%(units)s）") % one
                    for one in figures.get("rounds", ())]  # fmt: skip
        return [
            Fact(label=_("行动目标"), value=row.target, wide=True),
            Fact(label=_("组长"), value=row.leader),
            Fact(label=_("组织单位"), value=row.owner_org.name),
            Fact(label=_("开始日期"), value=row.period_from),
            Fact(label=_("结束日期"), value=row.period_to),
            Fact(label=_("覆盖率"), value=reached),
            *([Fact(label=_("轮次"), value="；".join([str(row.rounds), *by_round]))] if row.rounds > 1 else []),
            Fact(label=_("发现问题"), value=figures["wrong"]),
            *([Fact(label=_("来源任务"), value=_task_link(row), wide=True)] if row.task else []),
            Fact(label=_("行动内容"), value=row.text, wide=True),
            Fact(label=_("行动总结"), value=row.report, filled_by=row.owner_org.label, wide=True),
        ]

    def tabs(self, row: Campaign, actor: Actor) -> Sequence[Tab]:
        units = list(queries.list_units(actor=actor, campaign=row))
        items = list(row.items.order_by("order"))
        tasks = list(queries.list_campaign_tasks(actor=actor, campaign=row))
        problems = list(queries.list_campaign_problems(actor=actor, campaign=row))
        return [
            Tab(name="units", label=_("覆盖单位"), count=len(units), template="duty/_campaign_units.html",
                context=lambda: {"units": units, "planned": row.orgs.order_by("pinyin") if not units else ()}),
            Tab(name="items", label=_("检查清单"), count=len(items), template="duty/_campaign_items.html",
                context=lambda: {"items": items}),
            Tab(name="tasks", label=_("任务"), count=len(tasks), template="duty/_campaign_tasks.html",
                context=lambda: {"tasks": tasks}),
            Tab(name="problems", label=_("问题"), count=len(problems), template="duty/_problems.html",
                context=lambda: {"problems": problems}),
        ]  # fmt: skip

    def actions(self, row: Campaign, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        own = row.owner_org_id == actor.organisation_id
        if own and row.status == "PLANNED" and actor.has(MANAGE):
            found.append(Action(name="revise", label=_("完善方案"), asks=True, primary=not row.items.exists()))
        if own and row.status == "RUNNING" and actor.has(MANAGE) and row.round_open < row.rounds:  # type: ignore[attr-defined]
            words = {"round": row.round_open + 1}  # type: ignore[attr-defined]
            found.append(Action(name="open_round", label=_("开启第 %(round)s 轮") % words,
                                confirm=_("各覆盖单位将再次收到检查清单。")))  # fmt: skip
        if own and row.status in ("PLANNED", "RUNNING") and actor.has("duty.tasks.assign"):
            found.append(Action(name="add_task", label=_("下达任务"), asks=True))
        return found

    def form_for(
        self, action: Action, row: Campaign, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "add_task":
            return forms.CampaignTaskForm(data, actor=actor)
        if action.name == "revise":
            known = {name: getattr(row, name) for name in ("title", "leader", "target", "rounds", "text",
                                                           "answers_itself", "version")}  # fmt: skip
            known |= {name: getattr(row, name).isoformat() for name in ("period_from", "period_to")}
            items = "\n".join(item.text for item in row.items.order_by("order"))
            orgs = list(row.orgs.values_list("pk", flat=True))
            return forms.SchemeForm(data, actor=actor, initial={**known, "items": items, "orgs": orgs})
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Campaign, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "campaign": row, "now": now}
        if name == "start":
            services.start_campaign(**common, client_id=client_id)
        elif name == "revise":
            version = given["version"]
            spec = _spec({key: value for key, value in given.items() if key != "version"})
            services.revise_campaign(**common, spec=spec, version=version)
        elif name == "open_round":
            services.open_round(**common)
        elif name == "report":
            services.report_campaign(**common, report=given["report"], client_id=client_id)
        elif name == "add_task":
            services.issue_campaign_task(
                **common, text=given["text"], leads=list(given["leads"]), due_date=given["due_date"]
            )
        else:
            services.end_campaign(**common, name=name, reason=given.get("reason", ""), client_id=client_id)


def _task_link(row: Campaign) -> Any:
    if row.task is None:
        return None
    url = reverse("duty:task", args=[row.task.pk])
    return format_html('<a href="{}">{} {}</a>', url, row.task.code, row.task.title)


class CampaignUnitPage(DomainPage[CampaignUnit]):
    """One covered unit: its answers and its evidence."""

    back = (gettext_lazy("专项行动"), lambda: reverse("duty:campaigns"))

    def get_row(self, actor: Actor, **kwargs: Any) -> CampaignUnit:
        return queries.get_unit(actor=actor, unit_id=kwargs["pk"])

    def head(self, row: CampaignUnit, actor: Actor) -> ObjectHead:
        return ObjectHead(title=f"{row.campaign.title}：{row.org.label}", code=row.campaign.code)

    def facts(self, row: CampaignUnit, actor: Actor) -> Sequence[Fact]:
        url = reverse("duty:campaign", args=[row.campaign_id])
        return [
            Fact(label=_("专项行动"), value=format_html('<a href="{}">{}</a>', url, row.campaign.title), wide=True),
            Fact(label=_("覆盖单位"), value=row.org.name),
            Fact(label=_("填报单位"), value=row.checker.name),
            *([Fact(label=_("轮次"), value=row.round)] if row.campaign.rounds > 1 else []),
            Fact(label=_("完成时限"), value=row.due_date),
            Fact(label=_("填报时间"), value=row.submitted_at, filled_by=row.checker.label),
        ]

    def tabs(self, row: CampaignUnit, actor: Actor) -> Sequence[Tab]:
        answers = list(row.answers.all())
        files = files_of_many(CampaignUnit, [row.pk]).get(row.pk, [])
        return [
            Tab(name="answers", label=_("检查结果"), count=len(answers), template="duty/_campaign_answers.html",
                context=lambda: {"answers": answers}),
            Tab(name="files", label=_("佐证材料"), count=len(files), template="duty/_files.html",
                context=lambda: {"files": files}),
        ]  # fmt: skip

    def actions(self, row: CampaignUnit, actor: Actor) -> Sequence[Action]:
        return [
            Action(name=one.name, label=one.label, primary=one.primary, asks=True)
            for one in loopview.actions_of(row, actor)
        ]

    def form_for(
        self, action: Action, row: CampaignUnit, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "submit": lambda: forms.ChecklistForm(
                data, files, items=list(row.campaign.items.order_by("order")), answers=list(row.answers.all())
            ),
            "accept": lambda: OptionalReasonForm(data),
        }
        return makers[action.name]() if action.name in makers else super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: CampaignUnit, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "unit": row, "now": now, "client_id": client_id}
        if name == "submit":
            evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
            services.answer_checklist(**common, answers=_answers(given), evidence=evidence)
        else:
            services.judge_unit(**common, name=name, reason=given["reason"])


def _answers(given: Mapping[str, Any]) -> dict[uuid.UUID, tuple[str, str]]:
    """The form's pairs of fields by question."""
    found = {name.removeprefix("answer_"): value for name, value in given.items() if name.startswith("answer_")}
    return {uuid.UUID(pk): (value, given.get(f"text_{pk}", "")) for pk, value in found.items()}
