"""Pages of regulators: who they are, what they learned, how many are trained this year."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.training.forms import study as forms
from quancheng.domains.training.forms.orders import StrikeForm
from quancheng.domains.training.models import Education
from quancheng.domains.training.queries import study as queries
from quancheng.domains.training.queries.education import hours_said
from quancheng.domains.training.queries.study import STUDY
from quancheng.domains.training.services import study as services
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.models import Membership


def education_said(code: str | None) -> str:
    return str(Education(code).label) if code else ""


class RegulatorList(ListPage):
    """Regulators and their hours (监管人员学习)."""

    code = "training.regulators"
    title = gettext_lazy("监管人员学习")
    duty = STUDY
    columns = (
        Column("name", gettext_lazy("姓名"), value=lambda row: row.user.name, link=True, sort="user__pinyin",
               card="title"),
        Column("org", gettext_lazy("单位"), value=lambda row: row.organisation.label, sort="organisation__pinyin",
               card="meta", width="wide"),
        Column("post", gettext_lazy("职务"), sort="post"),
        Column("is_covered", gettext_lazy("本年培训"), sort="is_covered", card="meta",
               value=lambda row: _("已达标") if row.is_covered else _("未达标")),
        Column("year_hours", gettext_lazy("本年学时"), numeric=True, sort="year_hours", card="meta",
               value=lambda row: hours_said(row.year_hours)),
        Column("induction_hours", gettext_lazy("入职培训学时"), numeric=True, sort="induction_hours",
               value=lambda row: hours_said(row.induction_hours)),
        Column("appointed_date", gettext_lazy("任监管岗位日期"), sort="appointed_date"),
        Column("education", gettext_lazy("学历"), value=lambda row: education_said(row.education)),
        Column("studying", gettext_lazy("在读学历"), value=lambda row: education_said(row.studying)),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("姓名、单位"), pinned=True, fields=("user__name", "organisation__name"),
               pinyin=("user__pinyin",)),
        Flag(name="short", label=gettext_lazy("只看本年未达标的"), condition=lambda actor: Q(is_covered=False)),
        Flag(name="new", label=gettext_lazy("只看入职培训未完成的"), condition=lambda actor: Q(induction_short=True)),
        Flag(name="studying", label=gettext_lazy("只看在读提升学历的"),
             condition=lambda actor: Q(studying__in=Education.values)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有监管人员")

    def queryset(self, actor: Actor) -> QuerySet[Membership]:
        return queries.list_regulators(actor=actor, on=timezone.localdate())

    def url_of(self, row: Membership) -> str:
        return reverse("training:regulator", args=[row.user_id])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("监管人员培训覆盖率"), reverse("training:regulator_coverage"))]


class RegulatorCoverage(View):
    """How many of each office are trained this year (S2-17)."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        for name in request.GET:
            raise unknown_parameter(name)
        rows = queries.coverage_of_offices(actor=actor_of(request), on=timezone.localdate())
        people, trained = sum(row[1] for row in rows), sum(row[2] for row in rows)
        told = [(org, number, done, done * 1000 // number / 10) for org, number, done in rows]
        context = {"rows": told, "people": people, "trained": trained, "year": timezone.localdate().year,
                   "rate": trained * 1000 // people / 10 if people else None}  # fmt: skip
        return render(request, "training/regulator_coverage.html", context)


class RegulatorPage(ObjectPage[Membership]):
    """One regulator: his education and what he learned."""

    duty = STUDY
    back = (gettext_lazy("监管人员学习"), lambda: reverse("training:regulators"))
    forms: ClassVar = {"study": forms.StudyForm}
    own_acts: ClassVar = {"study": gettext_lazy("登记学习"), "keep": gettext_lazy("修改学习档案")}

    def get_row(self, actor: Actor, **kwargs: Any) -> Membership:
        return queries.get_regulator(actor=actor, user_id=kwargs["pk"], on=timezone.localdate())

    def head(self, row: Membership, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.user.name, subtitle=row.organisation.label)

    def facts(self, row: Membership, actor: Actor) -> Sequence[Fact]:
        known = queries.file_of(row.user_id)
        own = _("所在单位")
        studying = ""
        if known is not None and known.studying:
            studying = f"{known.get_studying_display()} {known.studying_until}"
        return [
            Fact(label=_("职务"), value=row.post),
            Fact(label=_("任监管岗位日期"), value=known.appointed_date if known else None, filled_by=own),
            Fact(label=_("学历"), value=known.get_education_display() if known else None, filled_by=own),
            Fact(label=_("专业"), value=known.major if known else ""),
            Fact(label=_("在读学历"), value=studying),
            Fact(label=_("入职培训学时"), value=hours_said(row.induction_hours)),  # type: ignore[attr-defined]
            Fact(label=_("本年学时"), value=hours_said(row.year_hours)),  # type: ignore[attr-defined]
            Fact(label=_("本年培训"), value=_("已达标") if row.is_covered else _("未达标")),  # type: ignore[attr-defined]
        ]

    def tabs(self, row: Membership, actor: Actor) -> Sequence[Tab]:
        found = queries.studies_of(row.user_id)
        keeps = actor.organisation_id == row.organisation_id
        return [
            Tab(name="studies", label=_("学习记录"), count=len(found), template="training/_studies.html",
                context=lambda: {"studies": found, "keeps": keeps}),
        ]  # fmt: skip

    def actions(self, row: Membership, actor: Actor) -> Sequence[Action]:
        if actor.organisation_id != row.organisation_id:
            return []
        return [
            Action(name="study", label=_("登记学习"), asks=True, primary=True),
            Action(name="keep", label=_("修改学习档案"), asks=True),
        ]

    def form_for(
        self, action: Action, row: Membership, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "keep":
            known = queries.file_of(row.user_id)
            names = forms.RegulatorForm.base_fields
            return forms.RegulatorForm(data, initial={one: getattr(known, one) for one in names} if known else None)
        return super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Membership, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "study":
            services.record_study(actor=actor, place=row, now=now, client_id=client_id, **given)
        elif name == "keep":
            services.keep_file(actor=actor, place=row, known=given, now=now)
        else:
            raise NotFound


class StrikeStudy(CreatePage):
    title = gettext_lazy("作废学习记录")
    duty = STUDY
    form = StrikeForm
    button = gettext_lazy("作废")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.study = queries.get_study(actor=actor, study_id=kwargs["pk"])
        self.lead = self.study.title  # type: ignore[misc]

    def back_url(self) -> str:
        return reverse("training:regulator", args=[self.study.user_id])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.strike_study(actor=actor, study=self.study, reason=given["reason"], now=now)
        return self.back_url()
