"""Pages of reports of evaluation, their spot checks, and services under contract."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.queries.enterprises import required_file
from quancheng.domains.training.forms import pools as forms
from quancheng.domains.training.models import AgencyReport, ReportKind, RuleGroup, ServiceContract, ServiceKind
from quancheng.domains.training.queries import pools as queries
from quancheng.domains.training.queries.outside_rules import figures, names_of
from quancheng.domains.training.queries.pools import SERVE, SPOT, VIEW
from quancheng.domains.training.services.pools import agencies as services
from quancheng.domains.training.views.violations import files_tab
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted, Text
from quancheng.kernel.files.holders import is_shown
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed


def _spot(actor: Actor) -> Q:
    return Q(told_doubts__gte=figures()["report_spot"], checked=0)


class ReportList(ListPage):
    """Reports of evaluation (安全评价报告)."""

    code = "training.agency_reports"
    title = gettext_lazy("安全评价报告")
    duty = VIEW
    columns = (
        Column("number", gettext_lazy("报告编号"), link=True, sort="number", card="title"),
        Column("agency", gettext_lazy("评价机构"), value=lambda row: row.agency.name, sort="agency__pinyin",
               card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name, sort="enterprise__pinyin",
               card="meta", width="wide"),
        Column("kind", gettext_lazy("评价类别"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("report_date", gettext_lazy("报告日期"), sort="report_date", card="meta"),
        Column("next_due", gettext_lazy("下次评价期限"), sort="next_due", card="meta"),
        Column("filed_date", gettext_lazy("备案日期"), sort="filed_date"),
        Column("problem_count", gettext_lazy("提出问题数"), numeric=True, sort="problem_count"),
        Column("told_doubts", gettext_lazy("疑点分"), numeric=True, sort="told_doubts", card="meta"),
        Column("checked", gettext_lazy("抽查次数"), numeric=True, sort="checked"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("报告、机构、企业"), pinned=True,
               fields=("number", "agency__name", "enterprise__name")),
        Choice(name="kind", label=gettext_lazy("评价类别"), choices=ReportKind.choices, field="kind"),
        Flag(name="spot", label=gettext_lazy("只看抽查名单"), condition=_spot),
        Flag(name="due", label=gettext_lazy("只看评价到期的"),
             condition=lambda actor: Q(next_due__lt=timezone.localdate())),
    )  # fmt: skip
    empty_title = gettext_lazy("没有安全评价报告")

    def queryset(self, actor: Actor) -> QuerySet[AgencyReport]:
        return queries.list_reports(actor=actor)

    def url_of(self, row: AgencyReport) -> str:
        return reverse("training:agency_report", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("登记评价报告"), reverse("training:agency_report_new"))] if actor.has(SERVE) else []


class ReportPage(ObjectPage[AgencyReport]):
    """One report with its doubts and spot checks."""

    back = (gettext_lazy("安全评价报告"), lambda: reverse("training:agency_reports"))

    def get_row(self, actor: Actor, **kwargs: Any) -> AgencyReport:
        return queries.get_report(actor=actor, report_id=kwargs["pk"])

    def head(self, row: AgencyReport, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.number, subtitle=row.agency.name)

    def facts(self, row: AgencyReport, actor: Actor) -> Sequence[Fact]:
        names = names_of(RuleGroup.FIELD)
        return [
            Fact(label=_("企业"), value=row.enterprise.name if row.enterprise else ""),
            Fact(label=_("评价机构"), value=row.agency.name),
            Fact(label=_("评价类别"), value=row.get_kind_display()),
            Fact(label=_("业务范围"), value=names.get(row.field, row.field)),
            Fact(label=_("合同签订日期"), value=row.contract_date),
            Fact(label=_("现场勘验日期"), value=row.site_date),
            Fact(label=_("报告日期"), value=row.report_date),
            Fact(label=_("下次评价期限"), value=row.next_due),
            Fact(label=_("备案日期"), value=row.filed_date, filled_by=_("企业")),
            Fact(label=_("评价结论"), value=row.conclusion, wide=True),
            Fact(label=_("提出问题数"), value=row.problem_count),
            Fact(label=_("已整改数"), value=row.rectified_count),
            Fact(label=_("报告载明的重大危险源数"), value=row.hazard_count),
        ]

    def tabs(self, row: AgencyReport, actor: Actor) -> Sequence[Tab]:
        checks = queries.spot_checks_of(row)
        tabs = [
            Tab(name="team", label=_("评价人员"), template="training/_agency_team.html",
                context=lambda: {"team": list(row.team.order_by("name", "pk"))}),
            Tab(name="files", label=_("附件"), template="training/_files.html",
                context=lambda: {"files": _files(row, actor), "hides": False}),
        ]  # fmt: skip
        if actor.supervises:
            names = names_of(RuleGroup.DOUBT)
            told = [(names.get(one["code"], one["code"]), _facts(one)) for one in row.doubts]
            tabs.insert(0, Tab(name="doubts", label=_("疑点"), count=len(row.doubts),
                               template="training/_agency_doubts.html",
                               context=lambda: {"doubts": told, "score": row.doubt_score}))  # fmt: skip
        tabs.insert(1, Tab(name="checks", label=_("抽查和处罚"), count=len(checks),
                           template="training/_spot_checks.html", context=lambda: {"checks": checks}))  # fmt: skip
        return tabs

    def actions(self, row: AgencyReport, actor: Actor) -> Sequence[Action]:
        if not (actor.has(SPOT) and actor.supervises):
            return ()
        url = reverse("training:agency_check", args=[row.pk])
        return [Action(name="check", label=_("登记抽查"), primary=True, url=url)]


def _files(row: AgencyReport, actor: Actor) -> list[Any]:
    return [one for one in files_of(row) if is_shown(actor, row, one.role)]


def _facts(found: Mapping[str, Any]) -> str:
    """What a doubt was found by, for people of the office."""
    shown = [found[name] for name in ("names", "certificates") if found.get(name)]
    texts = [listed(one) for one in shown]
    texts += [str(found[name]) for name in ("count", "percent", "days") if name in found]
    if "told" in found:
        texts.append(f"{found['told']} / {found['registered']}")
    return " ".join(texts)


class NewReport(CreatePage):
    title = gettext_lazy("登记评价报告")
    duty = SERVE
    form = forms.ReportForm
    back = "training:agency_reports"
    button = gettext_lazy("登记")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = super()._form(actor, *args, **kwargs)
        form.fields["agency"].queryset = queries.agencies(actor=actor)  # type: ignore[attr-defined]
        return form

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = services.enter_report(
            actor=actor, file=required_file(actor=actor), agency=given["agency"], known=given, team=given["team"],
            files=receive_uploads(actor=actor, uploads=given["files"], now=now),
            photos=receive_uploads(actor=actor, uploads=given["photos"], now=now), now=now, client_id=client_id,
        )  # fmt: skip
        return reverse("training:agency_report", args=[row.pk])


class NewCheck(CreatePage):
    title = gettext_lazy("登记抽查")
    duty = SPOT
    form = forms.SpotForm
    button = gettext_lazy("登记")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_report(actor=actor, report_id=kwargs["pk"])
        self.lead = f"{self.row.agency.name} {self.row.number}"  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("training:agency_report", args=[self.row.pk]) + "?tab=checks"

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        files = receive_uploads(actor=actor, uploads=given["files"], now=now)
        services.check_report(actor=actor, row=self.row, known=given, files=files, now=now, client_id=client_id)
        return self.back_url()


class ServiceList(ListPage):
    """Services under contract (安全管家)."""

    code = "training.services"
    title = gettext_lazy("安全技术服务合同")
    duty = VIEW
    columns = (
        Column("number", gettext_lazy("合同编号"), link=True, sort="number", card="title"),
        Column("provider", gettext_lazy("服务机构（专家）"), value=lambda row: row.provider.name, card="meta",
               sort="provider__pinyin"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name, sort="enterprise__pinyin",
               card="meta", width="wide"),
        Column("kinds", gettext_lazy("服务内容"), value=lambda row: kinds_text(row.kinds), width="wide"),
        Column("to_date", gettext_lazy("合同期限止"), sort="to_date", card="meta"),
        Column("visits_a_year", gettext_lazy("每年服务次数"), numeric=True, sort="visits_a_year"),
        Column("visit_count", gettext_lazy("已服务次数"), numeric=True, sort="visit_count", card="meta"),
        Column("amount_yuan", gettext_lazy("合同金额（元）"), numeric=True, sort="amount_yuan", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("合同、机构、企业"), pinned=True,
               fields=("number", "provider__name", "enterprise__name")),
        Choice(name="kind", label=gettext_lazy("服务内容"), choices=ServiceKind.choices, pinned=True,
               narrows=lambda code: Q(kinds__contains=[code])),
    )  # fmt: skip
    empty_title = gettext_lazy("没有安全技术服务合同")

    def queryset(self, actor: Actor) -> QuerySet[ServiceContract]:
        return queries.list_services(actor=actor)

    def url_of(self, row: ServiceContract) -> str:
        return reverse("training:service", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("登记服务合同"), reverse("training:service_new"))] if actor.has(SERVE) else []


def kinds_text(kinds: Sequence[str]) -> str:
    return listed(ServiceKind(one).label for one in kinds)


class ServicePage(ObjectPage[ServiceContract]):
    """One contract with its visits."""

    back = (gettext_lazy("安全技术服务合同"), lambda: reverse("training:services"))

    def get_row(self, actor: Actor, **kwargs: Any) -> ServiceContract:
        return queries.get_service(actor=actor, contract_id=kwargs["pk"])

    def head(self, row: ServiceContract, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.number, subtitle=row.provider.name)

    def facts(self, row: ServiceContract, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=row.enterprise.name if row.enterprise else ""),
            Fact(label=_("服务机构（专家）"), value=row.provider.name),
            Fact(label=_("服务内容"), value=kinds_text(row.kinds)),
            Fact(label=_("合同期限"), value=f"{row.from_date} – {row.to_date}"),
            Fact(label=_("合同金额（元）"), value=row.amount_yuan),
            Fact(label=_("每年服务次数"), value=row.visits_a_year),
        ]

    def tabs(self, row: ServiceContract, actor: Actor) -> Sequence[Tab]:
        visits = queries.visits_of(row)
        return [
            Tab(name="visits", label=_("服务记录"), count=len(visits), template="training/_service_visits.html",
                context=lambda: {"visits": visits}),
            files_tab(row),
        ]  # fmt: skip

    def actions(self, row: ServiceContract, actor: Actor) -> Sequence[Action]:
        if not (actor.has(SERVE) and actor.organisation_id == row.file_id):
            return ()
        url = reverse("training:service_visit", args=[row.pk])
        return [Action(name="visit", label=_("登记服务"), primary=True, url=url)]


class NewService(CreatePage):
    title = gettext_lazy("登记服务合同")
    duty = SERVE
    form = forms.ServiceForm
    back = "training:services"
    button = gettext_lazy("登记")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = super()._form(actor, *args, **kwargs)
        form.fields["provider"].queryset = queries.list_members(actor=actor)  # type: ignore[attr-defined]
        return form

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        files = receive_uploads(actor=actor, uploads=given["files"], now=now)
        row = services.enter_service(
            actor=actor, file=required_file(actor=actor), provider=given["provider"], known=given, files=files,
            now=now, client_id=client_id,
        )  # fmt: skip
        return reverse("training:service", args=[row.pk])


class NewVisit(CreatePage):
    title = gettext_lazy("登记服务")
    duty = SERVE
    form = forms.VisitForm
    button = gettext_lazy("登记")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_service(actor=actor, contract_id=kwargs["pk"])
        if self.row.file_id != actor.organisation_id:
            raise NotPermitted
        self.lead = f"{self.row.provider.name} {self.row.number}"  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("training:service", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        files = receive_uploads(actor=actor, uploads=given["files"], now=now)
        services.record_visit(actor=actor, row=self.row, now=now, client_id=client_id, **{**given, "files": files})
        return self.back_url()
