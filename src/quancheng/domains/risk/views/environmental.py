"""Key environmental facilities (重点环保设施): the register, one facility, enterprises that lack something."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.risk.forms import environmental as forms
from quancheng.domains.risk.kinds import Screening
from quancheng.domains.risk.loops.environmental import ENVIRONMENTAL
from quancheng.domains.risk.models import EnvironmentalFacility
from quancheng.domains.risk.queries import environmental as queries
from quancheng.domains.risk.services import environmental as services
from quancheng.domains.risk.services.analyses import may_analyse
from quancheng.domains.risk.views import words
from quancheng.domains.risk.views.keeping import AnalystPage, KeeperPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import told
from quancheng.standards.risk.environmental import facility_kinds

_TOWN = Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path))  # fmt: skip
_TONES = {"none": "done", "general": "active", "major": "active"}


def kind(code: str) -> str:
    found = facility_kinds().get(code)
    return code if found is None else told(found.name)


def _screening(row: EnvironmentalFacility) -> str:
    return str(Screening(row.screening).label) if row.screening else pgettext("environmental", "未排查")


def _screened(row: EnvironmentalFacility) -> Any:
    if not row.screening:
        return format_html('<span class="qc-muted">{}</span>', _screening(row))
    return marks.badge(_screening(row), _TONES[row.screening])


def _missing(actor: Actor) -> Q:
    return queries.is_missing(timezone.localdate())


class FacilityList(ListPage):
    """The register of key environmental facilities with their assessment state."""

    code = "risk.environmental_facilities"
    title = gettext_lazy("重点环保设施")
    columns = (
        Column("title", gettext_lazy("设施名称"), link=True, sort="title", card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               card="meta"),
        Column("kind", gettext_lazy("环保设施类别"), value=lambda row: kind(row.kind), sort="kind", card="meta"),
        Column("status", gettext_lazy("评估状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("assessed_date", gettext_lazy("评估日期"), sort="assessed_date"),
        Column("assessed_by", gettext_lazy("评估单位")),
        Column("screening", pgettext_lazy("environmental", "排查结果"), sort="screening", render=_screened,
               value=lambda row: _screening(row)),
        Column("review_date", gettext_lazy("下次评估日期"), sort="review_date", card="meta"),
        Column("due_date", gettext_lazy("评估期限"), sort="due_date", shown=False),
        Column("listed", gettext_lazy("列入风险清单"), value=lambda row: _("是") if row.is_listed else _("否")),
        Column("media", gettext_lazy("涉及的危险物质"), shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
        Column("code", gettext_lazy("编号"), sort="code", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("设施、企业、编号"), pinned=True,
               fields=("title", "code", "file__enterprise__name")),
        Choice(name="kind", label=gettext_lazy("环保设施类别"), field="kind", multiple=True, pinned=True,
               choices=lambda actor: [(code, kind(code)) for code in facility_kinds()]),
        Choice(name="status", label=gettext_lazy("评估状态"), choices=ENVIRONMENTAL.choices, field="status",
               multiple=True, pinned=True),
        Choice(name="screening", label=pgettext_lazy("environmental", "排查结果"), choices=Screening.choices,
               field="screening", multiple=True),
        Flag(name="missing", label=gettext_lazy("只看没有有效评估的"), condition=_missing),
        Flag(name="late", label=gettext_lazy("只看评估超期的"),
             condition=lambda actor: queries.is_late(timezone.localdate())),
        Dates(name="review", label=gettext_lazy("下次评估日期"), field="review_date"),
        _TOWN,
    )  # fmt: skip
    empty_title = gettext_lazy("还没有登记重点环保设施")

    def queryset(self, actor: Actor) -> QuerySet[EnvironmentalFacility]:
        return queries.list_facilities(actor=actor)

    def url_of(self, row: EnvironmentalFacility) -> str:
        return reverse("risk:environmental_facility", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        found = [(gettext_lazy("按企业查看"), reverse("risk:environmental_files"))]
        file = own_file(actor=actor)
        if file is not None and may_analyse(actor, file.pk):
            url = reverse("risk:environmental_facility_new", args=[file.pk])
            found.append((gettext_lazy("登记环保设施"), url))
        return found


class FileList(ListPage):
    """Enterprises: what is in the register, what of it lacks an assessment, what only the file tells."""

    code = "risk.environmental_files"
    title = gettext_lazy("企业环保设施安全评估情况")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True, sort="pinyin",
               card="title", width="wide"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("entered", gettext_lazy("已登记"), value=lambda row: row.entered_count, sort="entered_count",
               numeric=True, card="meta"),
        Column("missing", gettext_lazy("没有有效评估"), value=lambda row: row.missing_count, sort="missing_count",
               numeric=True, card="meta"),
        Column("untold", gettext_lazy("档案中有而未登记"), value=lambda row: row.untold_count, sort="untold_count",
               numeric=True, card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("enterprise__name",), pinned=True,
               pinyin=("pinyin",)),
        Flag(name="gaps", label=gettext_lazy("只看有缺项或未登记的"), condition=lambda actor: queries.has_gaps(),
             pinned=True),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="kind", multiple=True),
        _TOWN,
    )  # fmt: skip
    empty_title = gettext_lazy("没有企业")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_enterprises(actor=actor, on=timezone.localdate())

    def url_of(self, row: Enterprise) -> str:
        return reverse("risk:file", args=[row.pk]) + "?tab=environmental"


class FacilityPage(ObjectPage[EnvironmentalFacility]):
    """One facility: what it is, how it was assessed, whether it stands in the risk list."""

    template = "risk/object.html"
    back = (gettext_lazy("重点环保设施"), lambda: reverse("risk:environmental_facilities"))
    forms = {"assess": forms.AssessmentForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> EnvironmentalFacility:
        return queries.get_facility(actor=actor, facility_id=kwargs["pk"])

    def head(self, row: EnvironmentalFacility, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code, subtitle=kind(row.kind))

    def facts(self, row: EnvironmentalFacility, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        return [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("环保设施类别"), value=kind(row.kind)),
            Fact(label=_("登记设施"), value=str(row.facility or "")),
            Fact(label=_("列入风险清单"), value=_listed(row), wide=True),
            Fact(label=_("位置"), value=row.place, filled_by=own),
            Fact(label=_("涉及的危险物质"), value=row.media, filled_by=own),
            Fact(label=_("投用日期"), value=row.in_use_date),
            Fact(label=_("评估日期"), value=row.assessed_date, filled_by=own),
            Fact(label=_("评估单位"), value=row.assessed_by, filled_by=own),
            Fact(label=_("评估报告编号"), value=row.report_no),
            Fact(label=pgettext("environmental", "排查结果"), value=_screened(row)),
            Fact(label=_("发现的问题和处置"), value=row.screening_text, wide=True),
            Fact(label=_("下次评估日期"), value=row.review_date),
        ]

    def tabs(self, row: EnvironmentalFacility, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(EnvironmentalFacility, [row.pk]).get(row.pk, [])
        past = queries.assessments_of(row)
        return [
            Tab(name="past", label=_("历次评估"), count=len(past), template="risk/_environmental_past.html",
                context=lambda: {"assessments": past}),
            Tab(name="files", label=_("评估报告"), count=len(files), template="registry/_files.html",
                context=lambda: {"files": files}),
        ]  # fmt: skip

    def actions(self, row: EnvironmentalFacility, actor: Actor) -> Sequence[Action]:
        found = [
            Action(name=one.name, label=one.label, asks=True, primary=one.primary and row.status != "ASSESSED")
            for one in super().actions(row, actor)
        ]
        if row.status != "ENDED" and may_analyse(actor, row.file_id):
            url = reverse("risk:environmental_facility_change", args=[row.pk])
            found.append(Action(name="fill", label=_("修改"), url=url))
        return found

    def perform(
        self, *, actor: Actor, row: EnvironmentalFacility, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        if name == "assess":
            kept = receive_uploads(actor=actor, uploads=given["papers"] or [], now=now)
            known = {one: given[one] for one in services.ASSESSED}
            services.assess_facility(**common, known=known, evidence=kept)
        elif name in ("order", "change", "end"):
            services.answer_facility(**common, name=name, reason=given["reason"])
        else:
            raise NotFound


class NewFacility(AnalystPage):
    title = gettext_lazy("登记环保设施")
    lead = gettext_lazy("每套设施一项；登记后在期限内完成安全风险评估和隐患排查。")
    form = forms.FacilityForm
    button = gettext_lazy("保存")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_facility(
            actor=actor, file=self.file, known=self.asked.known(), now=now, client_id=client_id
        )
        return reverse("risk:environmental_facility", args=[made.pk])


class ChangeFacility(KeeperPage):
    title = gettext_lazy("修改环保设施")
    form = forms.FacilityForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_facility(actor=actor, facility_id=kwargs["pk"])
        if not may_analyse(actor, self.row.file_id):
            raise NotPermitted

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.asked = forms.FacilityForm(*args, file=self.row.file, **kwargs)
        return self.asked

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {name: getattr(self.row, name) for name in services.FIELDS}

    def back_url(self) -> str:
        return reverse("risk:environmental_facility", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.change_facility(actor=actor, row=self.row, known=self.asked.known(), now=now)
        return self.back_url()


def environmental_tab(row: Enterprise, actor: Actor) -> Tab:
    """What an enterprise's page says of its environmental facilities; read when it is opened."""

    def context() -> dict[str, Any]:
        rows = [(one, kind(one.kind), _screened(one)) for one in queries.facilities_of_file(row)]
        return {"facilities": rows}

    label = pgettext("environmental", "环保设施")
    return Tab(name="environmental", label=label, template="risk/_environmental.html", context=context)


def _listed(row: EnvironmentalFacility) -> Any:
    units = queries.units_of(row)
    if not units:
        return marks.badge(_("未列入"), "active")
    links = [(reverse("risk:unit", args=[one.pk]), str(one)) for one in units]
    return format_html_join("、", '<a href="{}">{}</a>', links)
