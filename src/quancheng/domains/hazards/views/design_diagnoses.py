"""Pages of design diagnoses: the district by year, the records, one with its defects, who is to be screened."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.hazards.forms import design_diagnoses as forms
from quancheng.domains.hazards.models import DesignDiagnosis, DiagnosisKind
from quancheng.domains.hazards.queries import design_diagnoses as queries
from quancheng.domains.hazards.services import design_diagnoses as services
from quancheng.domains.hazards.services.design_diagnoses import KEEP, DefectSpec, DiagnosisSpec
from quancheng.domains.hazards.views.check_words import share
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise, own_file
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.models import LINKS

#: The year whose findings are all to be closed first (S4-C3.3.2a).
TARGET_YEAR = 2022
_MARKS = (
    ("has_process", gettext_lazy("重点监管工艺")), ("has_chemical", gettext_lazy("重点监管危险化学品")),
    ("has_hazard", gettext_lazy("重大危险源")),
)  # fmt: skip


class DiagnosisList(ListPage):
    """Design diagnoses and proofs of regular design (安全设计诊断)."""

    code = "hazards.design_diagnoses"
    title = gettext_lazy("安全设计诊断")
    imports = ("hazards.design_defects",)
    columns = (
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, link=True,
               sort="file__enterprise__pinyin", card="title", width="wide"),
        Column("year", gettext_lazy("年度"), value=lambda row: str(row.year), sort="year", card="meta"),
        Column("kind", gettext_lazy("类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("institute", gettext_lazy("设计单位"), sort="institute"),
        Column("qualification", gettext_lazy("设计资质"), shown=False),
        Column("report_number", gettext_lazy("报告（文件）编号"), sort="report_number"),
        Column("dated", gettext_lazy("报告（文件）日期"), sort="dated"),
        Column("found", gettext_lazy("发现问题"), numeric=True, sort="found"),
        Column("closed", gettext_lazy("已销号"), numeric=True, sort="closed"),
        Column("open", gettext_lazy("未销号"), numeric=True, sort="open", card="meta"),
        Column("oldest", gettext_lazy("最早未销号的发现日期"), sort="oldest"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else "",
               sort="file__area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、设计单位、编号"), pinned=True,
               fields=("file__enterprise__name", "institute", "report_number")),
        Choice(name="year", label=gettext_lazy("年度"), choices=forms.year_choices, field="year", pinned=True),
        Choice(name="kind", label=gettext_lazy("类别"), choices=DiagnosisKind.choices, field="kind"),
        Flag(name="open", label=gettext_lazy("只看有未销号问题的"), condition=lambda actor: Q(open__gt=0)),
        Choice(name="link", label=gettext_lazy("链条环节"), choices=LINKS,
               narrows=lambda code: Q(file__links__contains=[code])),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有登记安全设计诊断")
    empty_hint = gettext_lazy("登记诊断报告或正规设计文件；诊断发现的问题逐条登记为隐患，按隐患治理流程销号。")

    def queryset(self, actor: Actor) -> QuerySet[DesignDiagnosis]:
        return queries.list_diagnoses(actor=actor)

    def url_of(self, row: DesignDiagnosis) -> str:
        return reverse("hazards:design_diagnosis", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        if actor.supervises:
            return [(gettext_lazy("分年度情况"), reverse("hazards:design_board"))]
        return [(gettext_lazy("登记诊断或设计文件"), reverse("hazards:design_own_new"))] if actor.has(KEEP) else []


class OwnNew(View):
    """Leads to the form for one's own enterprise, or to the page that opens its file."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(KEEP)
        file = own_file(actor=actor)
        return redirect("registry:own_new") if file is None else redirect("hazards:design_new", file.pk)


class NewDiagnosis(CreatePage):
    title = gettext_lazy("登记诊断或设计文件")
    lead = gettext_lazy("登记由谁、何时、对哪些单元作了安全设计诊断，或登记正规设计文件；发现的问题随后登记或导入。")
    duty = KEEP
    form = forms.DiagnosisForm
    button = gettext_lazy("保存")
    back = "hazards:design_diagnoses"

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = get_enterprise(actor=actor, file_id=kwargs["pk"])
        if not services.may_keep(actor, self.file):
            raise NotPermitted

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"year": Calendar().local_date(now).year}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.DiagnosisForm(*args, file=self.file, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        files = tuple(receive_uploads(actor=actor, uploads=given["files"], now=now))
        spec = DiagnosisSpec(**{**given, "units": list(given["units"]), "files": files})
        made = services.enter_diagnosis(actor=actor, file=self.file, spec=spec, now=now, client_id=client_id)
        return reverse("hazards:design_diagnosis", args=[made.pk])


class DiagnosisPage(ObjectPage[DesignDiagnosis]):
    """One record: by whom, of what, with its report; its defects and how far each has come."""

    template = "hazards/object.html"
    back = (gettext_lazy("安全设计诊断"), lambda: reverse("hazards:design_diagnoses"))
    forms = {"end": forms.EndForm}
    own_acts = {"end": gettext_lazy("作废")}

    def get_row(self, actor: Actor, **kwargs: Any) -> DesignDiagnosis:
        return queries.get_diagnosis(actor=actor, diagnosis_id=kwargs["pk"])

    def head(self, row: DesignDiagnosis, actor: Actor) -> ObjectHead:
        name = row.file.enterprise.name if row.file.enterprise else ""
        ended = [marks.badge(_("已作废"), "quiet")] if row.ended_at else []
        return ObjectHead(title=f"{name} {row.year}", subtitle=row.get_kind_display(), marks=ended)

    def facts(self, row: DesignDiagnosis, actor: Actor) -> Sequence[Fact]:
        units = listed(f"{one.code} {one.name}" for one in row.units.all())
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("年度"), value=str(row.year)),
            Fact(label=_("设计单位"), value=row.institute),
            Fact(label=_("设计资质"), value=row.qualification),
            Fact(label=_("报告（文件）编号"), value=row.report_number),
            Fact(label=_("报告（文件）日期"), value=row.dated),
            Fact(label=_("涉及单元"), value=units or _("整个企业"), wide=True),
            Fact(label=_("说明"), value=row.text, wide=True),
            Fact(label=_("登记人"), value=f"{row.by_name} · {row.by_org.label}"),
            *((Fact(label=_("作废理由"), value=row.ended_reason, wide=True),) if row.ended_at else ()),
        ]

    def tabs(self, row: DesignDiagnosis, actor: Actor) -> Sequence[Tab]:
        defects, held = queries.defects_of(row, actor=actor), list(files_of(row))
        return [
            Tab(name="defects", label=_("发现的问题"), count=len(defects), template="hazards/_check_findings.html",
                context=lambda: {"findings": defects}),
            Tab(name="files", label=_("报告和文件"), count=len(held), template="hazards/_check_photos.html",
                context=lambda: {"held": held, "signed": []}),
        ]  # fmt: skip

    def actions(self, row: DesignDiagnosis, actor: Actor) -> Sequence[Action]:
        if row.ended_at is not None or not services.may_keep(actor, row.file):
            return ()
        found = []
        if row.kind == DiagnosisKind.DIAGNOSIS:
            sheet = f"{reverse('exchange:import_new', args=['hazards.design_defects'])}?diagnosis={row.pk}"
            found = [
                Action(name="defect", label=_("登记问题"), primary=True,
                       url=reverse("hazards:design_defect_new", args=[row.pk])),
                Action(name="import", label=_("导入问题"), url=sheet),
            ]  # fmt: skip
        if row.by_org_id == actor.organisation_id:
            found.append(Action(name="end", label=self.own_acts["end"], asks=True))
        return found

    def perform(
        self, *, actor: Actor, row: DesignDiagnosis, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "end":
            raise NotFound
        services.end_diagnosis(actor=actor, row=row, reason=given["reason"], now=now, client_id=client_id)


class NewDefect(CreatePage):
    title = gettext_lazy("登记诊断发现的问题")
    lead = gettext_lazy("每个问题是一条隐患，来源为安全设计诊断，按隐患治理流程整改、验收、销号。")
    duty = KEEP
    form = forms.DefectForm
    button = gettext_lazy("提交")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_diagnosis(actor=actor, diagnosis_id=kwargs["pk"])
        if not services.may_keep(actor, self.row.file):
            raise NotPermitted

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.DefectForm(*args, file=self.row.file, **kwargs)

    def back_url(self) -> str:
        return reverse("hazards:design_diagnosis", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        photos = tuple(receive_uploads(actor=actor, uploads=given["photos"], now=now))
        spec = DefectSpec(**{**given, "photos": photos})
        services.add_defect(actor=actor, row=self.row, spec=spec, now=now, client_id=client_id)
        return self.back_url()


class DesignBoard(View):
    """The district by year (分年度情况): diagnoses, defects found, closed and open; who is to be screened."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name != "year":
                raise unknown_parameter(name)
        year = request.GET.get("year", "")
        offered = dict(forms.year_choices(actor))
        if year and year not in offered:
            raise unknown_parameter("year")
        dangers, records = reverse("hazards:findings"), reverse("hazards:design_diagnoses")
        screen = reverse("hazards:design_screen")

        def to(base: str, **given: str) -> str:
            return f"{base}?{urlencode(given)}"

        lines = [
            (one, to(records, year=str(one.year), kind="diagnosis"), to(dangers, design=str(one.year)),
             to(dangers, design=str(one.year), ended="1"), to(dangers, design=str(one.year), open="1"),
             share(one.closed, one.found), to(dangers, design=str(one.year), open="1", sort="found_at"))
            for one in queries.by_year(actor=actor, year=int(year) if year else None)
        ]  # fmt: skip
        counts = queries.screened(actor=actor)
        lacking = [(label, counts[mark], to(screen, proof="no", mark=mark)) for mark, label in _MARKS]
        context = {
            "lines": lines, "years": [(code, code == year) for code in offered], "year": year,
            "target": TARGET_YEAR, "total": counts["total"], "total_url": screen, "unproven": counts["unproven"],
            "unproven_url": to(screen, proof="no"), "lacking": lacking,
            "target_open": next((one.open for one, *_rest in lines if one.year == TARGET_YEAR), 0),
        }  # fmt: skip
        return render(request, "hazards/design_board.html", context)


def _marks(row: Any) -> str:
    return listed(str(label) for mark, label in _MARKS if getattr(row, mark))


def _proof(row: Any) -> str:
    found = [(row.diagnosed, _("安全设计诊断")), (row.formal, _("正规设计")), (row.verified, _("设计复核通过"))]
    return listed(word for holds, word in found if holds) or _("无")


class ScreenList(ListPage):
    """Enterprises of two key points and one major, with what proves their design (两重点一重大企业设计排查)."""

    code = "hazards.design_screen"
    title = gettext_lazy("“两重点一重大”企业设计排查")
    has_acts = True
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True,
               sort="enterprise__pinyin", card="title", width="wide"),
        Column("marks", gettext_lazy("两重点一重大"), value=_marks, card="meta", width="wide"),
        Column("proof", gettext_lazy("设计证明"), value=_proof, card="meta"),
        Column("undesigned", gettext_lazy("档案中有未经正规设计的设施"),
               value=lambda row: _("是") if row.undesigned else "", sort="undesigned"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", card="meta"),
        Column("supervisor", gettext_lazy("监管部门"), value=lambda row: row.supervisor.label, shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("enterprise__name",), pinned=True),
        Choice(name="proof", label=gettext_lazy("设计证明"), pinned=True,
               choices=(("no", gettext_lazy("没有诊断或正规设计证明（待排查）")), ("yes", gettext_lazy("有"))),
               narrows=lambda code: queries.UNPROVEN if code == "no" else ~queries.UNPROVEN),
        Choice(name="mark", label=gettext_lazy("两重点一重大"), choices=_MARKS, narrows=lambda mark: Q(**{mark: True})),
        Flag(name="undesigned", label=gettext_lazy("只看有未经正规设计设施的"),
             condition=lambda actor: Q(undesigned=True)),
        Choice(name="link", label=gettext_lazy("链条环节"), choices=LINKS,
               narrows=lambda code: Q(links__contains=[code])),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有这样的企业")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_screened(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        return reverse("registry:enterprise", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [(gettext_lazy("分年度情况"), reverse("hazards:design_board"))]

    def acts(self, row: Any, actor: Actor) -> Any:
        if row.diagnosed or row.formal or not services.may_keep(actor, row):
            return ""
        address = reverse("hazards:design_new", args=[row.pk])
        return format_html('<a class="btn btn-sm" href="{}">{}</a>', address, _("登记诊断或设计文件"))


def enterprise_tab(row: Enterprise, actor: Actor) -> Tab:
    """What proves an enterprise's design, for its own page; read when it is opened."""

    def context() -> dict[str, Any]:
        new = reverse("hazards:design_new", args=[row.pk]) if services.may_keep(actor, row) else ""
        return {"diagnoses": queries.diagnoses_of(row, actor=actor), "new_url": new}

    return Tab(name="design", label=_("设计诊断"), template="hazards/_design_diagnoses.html", context=context)
