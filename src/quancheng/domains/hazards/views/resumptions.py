"""Pages of review reports (审查报告), and of running again after a stop (复产申请)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.forms import resumptions as forms
from quancheng.domains.hazards.loops.resumption import RESUMPTION
from quancheng.domains.hazards.models import Resumption
from quancheng.domains.hazards.queries import resumptions as queries
from quancheng.domains.hazards.services import resumptions as services
from quancheng.domains.hazards.services import review_reports as report_services
from quancheng.domains.hazards.views.of_finding import OwnFindingPage
from quancheng.domains.hazards.views.words import coded, finding_link
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Fact, ObjectHead, ObjectPage, Tab


def report_spec(
    *, actor: Actor, given: Mapping[str, Any], now: datetime
) -> report_services.ReportSpec | None:  # fmt: skip
    """What a form told of a report; None where it did not ask for one."""
    if "report_files" not in given:
        return None
    files = receive_uploads(actor=actor, uploads=given["report_files"], now=now)
    names = ("maker_kind", "maker", "made_date", "verdict", "conclusion")
    return report_services.ReportSpec(files=tuple(files), **{name: given[name] for name in names})


class NewReport(OwnFindingPage):
    """The enterprise hands in what an expert or an agency found."""

    title = gettext_lazy("提交审查报告")
    lead = gettext_lazy("由专家或服务机构出具，写明结论；监管部门据此现场复核，没有报告不能销号。")
    duty = report_services.ACCEPT
    form = forms.ReviewReportForm
    button = gettext_lazy("提交")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        spec = report_spec(actor=actor, given=given, now=now) or report_services.ReportSpec()
        report_services.hand_in_report(actor=actor, row=self.finding, spec=spec, now=now, client_id=client_id)
        return self.back_url() + "?tab=review_reports"


class ResumptionList(ListPage):
    """Applications to run again (复产申请台账)."""

    code = "hazards.resumptions"
    title = gettext_lazy("复产申请")
    columns = (
        Column("title", gettext_lazy("申请事项"), link=True, card="title", width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("stop", gettext_lazy("停产范围"), value=lambda row: coded("stop", row.stop), card="meta"),
        Column("supervisor", gettext_lazy("监管部门"), value=lambda row: row.supervisor.label),
        Column("created_at", gettext_lazy("申请时间"), sort="created_at"),
        Column("visited_date", gettext_lazy("现场审查日期"), sort="visited_date"),
        Column("closed_at", gettext_lazy("办结时间"), sort="closed_at"),
        Column("assessor", gettext_lazy("评估专家或机构"), shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("隐患、企业"), pinned=True, fields=("title", "file__enterprise__name")),
        Choice(name="status", label=gettext_lazy("状态"), choices=RESUMPTION.choices, field="status", multiple=True,
               pinned=True),
        Flag(name="open", label=gettext_lazy("只看待审查的"), condition=lambda actor: Q(closed_at__isnull=True)),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
        Dates(name="applied", label=gettext_lazy("申请时间"), field="created_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有复产申请")

    def queryset(self, actor: Actor) -> QuerySet[Resumption]:
        return queries.list_resumptions(actor=actor)

    def url_of(self, row: Resumption) -> str:
        return reverse("hazards:resumption", args=[row.pk])


class NewResumption(OwnFindingPage):
    """The enterprise applies to run again."""

    title = gettext_lazy("申请恢复生产")
    lead = gettext_lazy("书面申请并附评估报告；监管部门十日内现场审查，同意前不得恢复生产。")
    duty = services.APPLY
    form = forms.ResumptionForm
    button = gettext_lazy("提交申请")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        files = receive_uploads(actor=actor, uploads=given["report"], now=now)
        told = {name: given[name] for name in ("text", "assessor_kind", "assessor", "assessment")}
        spec = services.ResumptionSpec(files=tuple(files), **told)
        made = services.apply_resumption(actor=actor, row=self.finding, spec=spec, now=now, client_id=client_id)
        return reverse("hazards:resumption", args=[made.pk])


class ResumptionPage(ObjectPage[Resumption]):
    """One application: what stood still, what was assessed, what the review on site found."""

    template = "hazards/object.html"
    back = (gettext_lazy("复产申请"), lambda: reverse("hazards:resumptions"))
    forms = {"allow": forms.AllowForm, "refuse": forms.RefuseForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Resumption:
        return queries.get_resumption(actor=actor, resumption_id=kwargs["pk"])

    def head(self, row: Resumption, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.finding.name, code=row.finding.code, subtitle=_("复产申请"))

    def facts(self, row: Resumption, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("隐患"), value=finding_link(row.finding), wide=True),
            Fact(label=_("停产范围"), value=coded("stop", row.stop)),
            Fact(label=_("监管部门"), value=row.supervisor.label),
            Fact(label=_("申请时间"), value=row.created_at),
            Fact(label=_("申请内容"), value=row.text, wide=True),
            Fact(label=_("评估方"), value=f"{row.get_assessor_kind_display()} · {row.assessor}"),
            Fact(label=_("评估结论"), value=row.assessment, wide=True),
            Fact(label=_("现场审查日期"), value=row.visited_date, filled_by=_("监管部门")),
            Fact(label=_("审查人"), value=row.reviewer_name),
            Fact(label=_("审查意见"), value=row.review, wide=True),
        ]

    def tabs(self, row: Resumption, actor: Actor) -> Sequence[Tab]:
        held = list(files_of(row))
        return [Tab(name="files", label=_("评估报告、材料"), count=len(held), template="registry/_files.html",
                    context=lambda: {"files": held})]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: Resumption, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}

        def decide(allowed: bool, text: str) -> None:
            evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
            services.decide_resumption(
                **common, allowed=allowed, visited=given["visited"], text=text, evidence=evidence
            )  # fmt: skip

        acts: dict[str, Callable[[], Any]] = {
            "allow": lambda: decide(True, given["text"]),
            "refuse": lambda: decide(False, given["reason"]),
            "withdraw": lambda: services.withdraw_resumption(**common, reason=given["reason"]),
        }
        acts[name]()
