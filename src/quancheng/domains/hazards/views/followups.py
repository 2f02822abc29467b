"""What follows a danger: reports of a major one, and looks again at what was closed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.forms import findings as forms
from quancheng.domains.hazards.forms.majors import FullReportForm
from quancheng.domains.hazards.models import MajorReport, Recheck
from quancheng.domains.hazards.models.findings import ReportKind
from quancheng.domains.hazards.queries import findings as queries
from quancheng.domains.hazards.services.majors import full_text, send_report
from quancheng.domains.hazards.services.rechecks import record_recheck
from quancheng.domains.hazards.views.words import finding_link
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage


class ReportPage(ObjectPage[MajorReport]):
    """One report that a major danger calls for."""

    template = "hazards/object.html"
    forms = {"send": forms.SeenForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> MajorReport:
        return queries.get_report(actor=actor, report_id=kwargs["pk"])

    def head(self, row: MajorReport, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.get_kind_display(), code=row.finding.code)

    def facts(self, row: MajorReport, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.finding.file)),
            Fact(label=_("隐患"), value=finding_link(row.finding)),
            Fact(label=_("报告时限"), value=row.due_at),
            Fact(label=_("报告时间"), value=row.sent_at),
            Fact(label=_("报告内容"), value=row.text, wide=True),
        ]

    def form_for(
        self, action: Action, row: MajorReport, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "send" and row.kind == ReportKind.FULL:
            return FullReportForm(data)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: MajorReport, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        text = full_text(**given) if "treatment" in given else given["text"]
        send_report(actor=actor, report=row, text=text, now=now, client_id=client_id)


class RecheckList(ListPage):
    """Looks again at closed dangers (复查)."""

    code = "hazards.rechecks"
    title = gettext_lazy("隐患复查")
    columns = (
        Column("title", gettext_lazy("复查事项"), link=True, card="title", width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.finding.file.enterprise.name, card="meta"),
        Column("due_date", gettext_lazy("复查时限"), sort="due_date", card="meta"),
        Column("drawn", gettext_lazy("随机抽取"), value=lambda row: _("是") if row.is_drawn else ""),
        Column("closed_at", gettext_lazy("复查时间"), sort="closed_at"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("隐患、企业"), fields=("title", "finding__file__enterprise__name"),
               pinned=True),
        Flag(name="open", label=gettext_lazy("只看待复查的"), condition=lambda actor: Q(closed_at__isnull=True)),
        Dates(name="seen", label=gettext_lazy("复查时间"), field="closed_at", times=True),
        Flag(name="failed", label=gettext_lazy("只看不合格的"), condition=lambda actor: Q(status="FAILED")),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有复查")

    def queryset(self, actor: Actor) -> QuerySet[Recheck]:
        return queries.list_rechecks(actor=actor)

    def url_of(self, row: Recheck) -> str:
        return reverse("hazards:recheck", args=[row.pk])


class RecheckPage(ObjectPage[Recheck]):
    """One look again."""

    template = "hazards/object.html"
    back = (gettext_lazy("隐患复查"), lambda: reverse("hazards:rechecks"))
    forms = {"pass": forms.SeenForm, "fail": forms.SeenForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Recheck:
        return queries.get_recheck(actor=actor, recheck_id=kwargs["pk"])

    def head(self, row: Recheck, actor: Actor) -> ObjectHead:
        drawn = [marks.badge(_("随机抽取"), "plain")] if row.is_drawn else []
        return ObjectHead(title=row.finding.name, code=row.finding.code, marks=drawn)

    def facts(self, row: Recheck, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.finding.file)),
            Fact(label=_("隐患"), value=finding_link(row.finding)),
            Fact(label=_("整改情况"), value=row.finding.result, wide=True),
            Fact(label=_("复查时限"), value=row.due_date),
            Fact(label=_("复查情况"), value=row.text, wide=True),
        ]

    def perform(
        self, *, actor: Actor, row: Recheck, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        record_recheck(
            actor=actor, recheck=row, passed=name == "pass", text=given["text"], now=now, client_id=client_id
        )  # fmt: skip
