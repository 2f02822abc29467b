"""Distance checks (间距核查), S3-4.2a: what was found, cases that a department coordinates, required distances."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views import View

from quancheng.domains.registry.kinds import Kind, PlaceKind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import point
from quancheng.domains.risk.forms import layout as forms
from quancheng.domains.risk.forms.zones import kind_choices
from quancheng.domains.risk.kinds import LayoutOutcome, LayoutVerdict
from quancheng.domains.risk.loops.layout import LAYOUT
from quancheng.domains.risk.models import ExternalDistance, LayoutCase, LayoutCheck
from quancheng.domains.risk.queries import layout as queries
from quancheng.domains.risk.services import layout as services
from quancheng.domains.risk.services import layout_cases as cases
from quancheng.domains.risk.services.keeping import may_keep
from quancheng.domains.risk.views import words
from quancheng.domains.risk.views.keeping import FilePage
from quancheng.domains.risk.views.zones import kind as zone_kind
from quancheng.domains.risk.views.zones import today
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Asked, Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed, told
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.models import LINKS
from quancheng.standards.risk.layout import MISSING, SOURCES, TARGETS, screenings

_STATES = {code: state.label for code, state in LAYOUT.states.items()}
_TONES = {1: "active", 2: "active", 3: "plain", 4: "done"}
_NOT_TAKEN_UP = gettext_lazy("未提出")
TOWN = Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
              narrows=lambda path: Q(file__area__path__startswith=path))  # fmt: skip


def target_name(row: Any) -> str:
    """The zone or the place of a check or a case."""
    return row.zone.name if row.zone else row.place.name if row.place else ""


def target_kind(row: Any) -> str:
    if row.zone:
        return _("规划分区：%(kind)s") % {"kind": zone_kind(row.zone.kind)}
    return str(PlaceKind(row.place.kind).label) if row.place else ""


def target_link(row: Any) -> Any:
    if row.zone:
        return format_html('<a href="{}">{}</a>', reverse("risk:zone", args=[row.zone.pk]), row.zone.name)
    if row.place is None:
        return ""
    return format_html('<a href="{}">{}</a>', reverse("registry:place", args=[row.place.pk]), row.place.name)


def basis(row: LayoutCheck) -> str:
    """On what a required distance rests: a report, the district's rule, or a value that ships."""
    if row.own is not None:
        return _("评估报告：%(report)s") % {"report": row.own}
    if row.required_m is None:
        return ""
    if row.rule is not None:
        return f"{row.rule.basis} [{row.rule.mark}]"
    shipped = screenings().get((row.source, row.target))
    return f"{told(shipped.basis)} [{shipped.mark}]" if shipped else ""


def missing(row: LayoutCheck) -> str:
    return listed(told(MISSING[code]) for code in row.missing)


def verdict(row: Any) -> Any:
    return marks.badge(LayoutVerdict(row.verdict).label, _TONES[row.verdict])


def handled(row: Any) -> str:
    """How far the case of a check has come."""
    return str(_STATES[row.case_status] if row.case_status else _NOT_TAKEN_UP)


def _handled_choices() -> list[tuple[str, Any]]:
    return [("none", _NOT_TAKEN_UP), *LAYOUT.choices]


class CheckList(ListPage):
    """Every enterprise against the zones and places near it, the gravest first."""

    code = "risk.layout_checks"
    title = gettext_lazy("间距核查")
    columns = (
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               link=True, card="title", width="wide"),
        Column("target", gettext_lazy("分区或敏感目标"), value=target_name, card="meta", width="wide"),
        Column("target_kind", gettext_lazy("用途、类别"), value=target_kind),
        Column("metres", gettext_lazy("实测距离（米）"), sort="metres", numeric=True, card="meta"),
        Column("required_m", gettext_lazy("要求距离（米）"), sort="required_m", numeric=True, card="meta"),
        Column("verdict", pgettext_lazy("layout", "核查结果"), value=lambda row: row.get_verdict_display(),
               render=verdict, sort="verdict", card="meta"),
        Column("conflict", gettext_lazy("用途冲突"), value=lambda row: _("是") if row.is_conflict else "",
               sort="is_conflict"),
        Column("handled", gettext_lazy("协调情况"), value=handled, sort="case_status"),
        Column("missing", gettext_lazy("还缺"), value=missing, width="wide"),
        Column("basis", gettext_lazy("依据"), value=basis, width="wide", shown=False),
        Column("class", gettext_lazy("防护目标类别"), value=lambda row: told(TARGETS[row.target]), shown=False),
        Column("source", gettext_lazy("企业类型"), value=lambda row: told(SOURCES[row.source]), shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else "",
               sort="file__area__path", shown=False),
        Column("checked_at", pgettext_lazy("layout", "核查时间"), sort="checked_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、分区、敏感目标"), pinned=True,
               fields=("file__enterprise__name", "zone__name", "place__name"), pinyin=("file__pinyin",)),
        Choice(name="verdict", label=pgettext_lazy("layout", "核查结果"), multiple=True, pinned=True, field="verdict",
               choices=[(str(code), label) for code, label in LayoutVerdict.choices]),
        Flag(name="conflict", label=gettext_lazy("只看用途冲突"), pinned=True,
             condition=lambda actor: Q(is_conflict=True)),
        Choice(name="handled", label=gettext_lazy("协调情况"), choices=lambda actor: _handled_choices(), multiple=True,
               narrows=lambda value: Q(case_status__isnull=True) if value == "none" else Q(case_status=value)),
        Flag(name="late", label=gettext_lazy("只看协调超期的"),
             condition=lambda actor: queries.is_late(today(), "case_")),
        Choice(name="zone", label=gettext_lazy("规划用途"), choices=lambda actor: kind_choices(),
               field="zone__kind", multiple=True),
        Choice(name="link", label=gettext_lazy("链条环节"), choices=LINKS,
               narrows=lambda value: Q(file__links__contains=[value])),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="file__kind", multiple=True),
        TOWN,
    )  # fmt: skip
    summary = "risk/_layout_sums.html"
    template = "risk/layout_list.html"
    empty_title = gettext_lazy("没有需要核查的间距")

    def queryset(self, actor: Actor) -> QuerySet[LayoutCheck]:
        return queries.list_checks(actor=actor)

    def url_of(self, row: LayoutCheck) -> str:
        return reverse("risk:layout_check", args=[row.pk])

    def summary_context(self, actor: Actor, asked: Asked) -> dict[str, Any]:
        found = queries.sums(asked.rows)
        here = reverse("risk:layout_checks")
        sums: list[tuple[Any, int, str]] = [
            (label, found.get(str(code), 0), f"{here}?verdict={code}") for code, label in LayoutVerdict.choices
        ]  # fmt: skip
        sums.append((_("用途冲突"), found["conflict"], f"{here}?conflict=1"))
        return {"sums": sums, "unplaced": queries.without_place(actor=actor)}


class CheckPage(ObjectPage[LayoutCheck]):
    """One pair: what was measured, what is required and by what, what is missing, how it is handled."""

    template = "risk/object.html"
    back = (gettext_lazy("间距核查"), lambda: reverse("risk:layout_checks"))

    def get_row(self, actor: Actor, **kwargs: Any) -> LayoutCheck:
        return queries.get_check(actor=actor, check_id=kwargs["pk"])

    def head(self, row: LayoutCheck, actor: Actor) -> ObjectHead:
        name = row.file.enterprise.name if row.file.enterprise else ""
        shown = [verdict(row), *([marks.badge(_("用途冲突"), "active")] if row.is_conflict else [])]
        return ObjectHead(title=f"{name}—{target_name(row)}", subtitle=_("间距核查"), marks=shown)

    def facts(self, row: LayoutCheck, actor: Actor) -> Sequence[Fact]:
        own: Any = basis(row)
        if row.own is not None:
            own = format_html('<a href="{}">{}</a>', reverse("risk:external_distance", args=[row.own.pk]), own)
        case: Any = _NOT_TAKEN_UP
        if row.case_id is not None:  # type: ignore[attr-defined]
            address = reverse("risk:layout_case", args=[row.case_id])  # type: ignore[attr-defined]
            case = format_html('<a href="{}">{}</a>', address, handled(row))
        return [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("分区或敏感目标"), value=target_link(row)),
            Fact(label=_("用途、类别"), value=target_kind(row)),
            Fact(label=_("防护目标类别"), value=told(TARGETS[row.target])),
            Fact(label=_("企业类型"), value=told(SOURCES[row.source])),
            Fact(label=_("实测距离（米）"), value=row.metres, help=_("两者最近的边缘之间；0为相接或在其中。")),
            Fact(label=_("要求距离（米）"), value=row.required_m),
            Fact(label=_("依据"), value=own, wide=True),
            Fact(label=_("还缺"), value=missing(row) or "", wide=True),
            Fact(label=_("说明"), value=_says(row), wide=True),
            Fact(label=_("协调情况"), value=case),
            Fact(label=pgettext("layout", "核查时间"), value=row.checked_at),
        ]

    def actions(self, row: LayoutCheck, actor: Actor) -> Sequence[Action]:
        is_open = row.case_status not in (None, "SETTLED")  # type: ignore[attr-defined]
        if not actor.has(cases.COORDINATE) or is_open or not cases.is_wanting(row):
            return []
        return [Action(name="open", label=_("提出协调"), asks=True, primary=True)]

    def form_for(
        self, action: Action, row: LayoutCheck, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        return forms.OpenCaseForm(data, actor=actor)

    def perform(
        self, *, actor: Actor, row: LayoutCheck, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "open":
            raise NotFound
        cases.open_case(actor=actor, check=row, org=given["org"], grounds=given["grounds"], now=now,
                        client_id=client_id)  # fmt: skip


def _says(row: LayoutCheck) -> str:
    """What a verdict means, in a sentence."""
    return str({
        LayoutVerdict.SHORT: _("小于评估报告给出的外部安全防护距离。"),
        LayoutVerdict.BELOW: _("小于筛查值。筛查值只用于发现问题，是否符合以评估报告为准。"),
        LayoutVerdict.UNKNOWN: _("资料不全，不能说符合或不符合；大于筛查值不等于符合。"),
        LayoutVerdict.MEETS: _("不小于评估报告给出的外部安全防护距离。"),
    }[LayoutVerdict(row.verdict)])  # fmt: skip


class CaseList(ListPage):
    """Cases that departments coordinate, open ones first."""

    code = "risk.layout_cases"
    title = gettext_lazy("布局问题协调")
    columns = (
        Column("title", gettext_lazy("企业和目标"), link=True, sort="title", card="title", width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("verdict", pgettext_lazy("layout", "核查结果"), value=lambda row: row.get_verdict_display(),
               render=verdict, sort="verdict"),
        Column("conflict", gettext_lazy("用途冲突"), value=lambda row: _("是") if row.is_conflict else ""),
        Column("metres", gettext_lazy("实测距离（米）"), sort="metres", numeric=True),
        Column("required_m", gettext_lazy("要求距离（米）"), sort="required_m", numeric=True),
        Column("org", gettext_lazy("协调部门"), value=lambda row: row.owner_org.name, sort="owner_org__name",
               card="meta"),
        Column("due_date", gettext_lazy("协调期限"), sort="due_date", card="meta"),
        Column("outcome", gettext_lazy("落实方式"), value=lambda row: row.get_outcome_display(), sort="outcome"),
        Column("document", gettext_lazy("落实文件"), shown=False),
        Column("document_date", gettext_lazy("落实文件日期"), sort="document_date", shown=False),
        Column("code", gettext_lazy("编号"), sort="code", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、目标、编号"), fields=("title", "code"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=LAYOUT.choices, field="status", multiple=True,
               pinned=True),
        Flag(name="late", label=gettext_lazy("只看超期的"), pinned=True,
             condition=lambda actor: queries.is_late(today())),
        Choice(name="outcome", label=gettext_lazy("落实方式"), choices=LayoutOutcome.choices, field="outcome",
               multiple=True),
        Dates(name="due", label=gettext_lazy("协调期限"), field="due_date"),
        TOWN,
    )  # fmt: skip
    empty_title = gettext_lazy("没有布局问题")

    def queryset(self, actor: Actor) -> QuerySet[LayoutCase]:
        return queries.list_cases(actor=actor)

    def url_of(self, row: LayoutCase) -> str:
        return reverse("risk:layout_case", args=[row.pk])


class CasePage(ObjectPage[LayoutCase]):
    """One case: what was found, what is found now, how it is coordinated and settled."""

    template = "risk/object.html"
    back = (gettext_lazy("布局问题协调"), lambda: reverse("risk:layout_cases"))
    forms = {"coordinate": forms.CoordinateForm, "progress": forms.ProgressForm, "settle": forms.SettleForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> LayoutCase:
        return queries.get_case(actor=actor, case_id=kwargs["pk"])

    def head(self, row: LayoutCase, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code, subtitle=_("布局问题协调"))

    def facts(self, row: LayoutCase, actor: Actor) -> Sequence[Fact]:
        now = queries.check_now(row)
        found = _("已不在核查范围内") if now is None else _("%(verdict)s，距离%(metres)s米") % {
            "verdict": now.get_verdict_display(), "metres": now.metres}  # fmt: skip
        if now is not None:
            found = format_html('<a href="{}">{}</a>', reverse("risk:layout_check", args=[now.pk]), found)
        return [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("分区或敏感目标"), value=target_link(row)),
            Fact(label=_("提出时的核查结果"), value=verdict(row)),
            Fact(label=_("实测距离（米）"), value=row.metres),
            Fact(label=_("要求距离（米）"), value=row.required_m),
            Fact(label=_("用途冲突"), value=_("是") if row.is_conflict else _("否")),
            Fact(label=_("现在的核查结果"), value=found),
            Fact(label=_("提出理由"), value=row.grounds, wide=True),
            Fact(label=_("提出人"), value=row.opened_by),
            Fact(label=_("协调部门"), value=row.owner_org.name),
            Fact(label=_("协调情况"), value=row.plan, wide=True, filled_by=_("协调部门")),
            Fact(label=_("协调期限"), value=row.due_date),
            Fact(label=_("落实方式"), value=row.get_outcome_display()),
            Fact(label=_("落实情况"), value=row.settled, wide=True),
            Fact(label=_("落实文件"), value=row.document),
            Fact(label=_("落实文件日期"), value=row.document_date),
        ]

    def tabs(self, row: LayoutCase, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(LayoutCase, [row.pk]).get(row.pk, [])
        return [Tab(name="files", label=_("佐证材料"), count=len(files), template="registry/_files.html",
                    context=lambda: {"files": files})]  # fmt: skip

    def actions(self, row: LayoutCase, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        first = next((one.name for one in found if one.primary), "")
        return [Action(name=one.name, label=one.label, asks=True, primary=one.name == first) for one in found]

    def perform(
        self, *, actor: Actor, row: LayoutCase, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name not in ("coordinate", "progress", "settle"):
            raise NotFound
        kept = receive_uploads(actor=actor, uploads=given.pop("evidence") or [], now=now)  # type: ignore[attr-defined]
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id, "evidence": kept}
        if name == "settle":
            cases.settle_case(**common, **given)
        else:
            cases.coordinate_case(**common, name=name, **given)


class DistanceRules(View):
    """The distances in force, and what the district set before."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        rows = [
            {
                "source": told(SOURCES[one.source]), "target": told(TARGETS[one.target]), "metres": one.metres,
                "basis": one.rule.basis if one.rule else told(one.shipped.basis) if one.shipped else "",
                "mark": one.rule.mark if one.rule else one.shipped.mark if one.shipped else "",
                "from_date": one.rule.from_date if one.rule else None,
            }
            for one in queries.required_on(today()).values()
        ]  # fmt: skip
        past = [(one, told(SOURCES[one.source]), told(TARGETS[one.target])) for one in queries.past_rules()]
        context = {"rows": rows, "past": past, "may_set": actor.has(services.RULES)}
        return render(request, "risk/distance_rules.html", context)


class NewDistanceRule(CreatePage):
    title = gettext_lazy("设置间距要求")
    lead = gettext_lazy("自起用日期起代替原值，原值保留。这里的距离用于筛查，不能据以认定符合。")
    duty = services.RULES
    form = forms.DistanceForm
    back = "risk:distance_rules"
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"from_date": today(), "mark": "D"}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.set_distance(actor=actor, now=now, client_id=client_id, **given)
        return reverse("risk:distance_rules")


class NewExternalDistance(FilePage):
    title = gettext_lazy("登记外部安全防护距离")
    lead = gettext_lazy("按评估报告填写，间距核查随即重新计算；以前的报告保留。")
    form = forms.ReportForm
    button = gettext_lazy("保存")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.asked = forms.ReportForm(*args, file=self.file, **kwargs)
        return self.asked

    def back_url(self) -> str:
        return reverse("risk:file", args=[self.file.pk]) + "?tab=layout"

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        kept = receive_uploads(actor=actor, uploads=given["papers"] or [], now=now)
        services.tell_distance(
            actor=actor, file=self.file, known=self.asked.known(), evidence=kept, now=now, client_id=client_id
        )
        return self.back_url()


class ExternalDistancePage(ObjectPage[ExternalDistance]):
    """What one report asks."""

    template = "risk/object.html"

    def get_row(self, actor: Actor, **kwargs: Any) -> ExternalDistance:
        return queries.get_distance(actor=actor, distance_id=kwargs["pk"])

    def way_back(self, row: ExternalDistance) -> tuple[Any, str]:
        return gettext_lazy("规划与间距"), reverse("risk:file", args=[row.file_id]) + "?tab=layout"

    def head(self, row: ExternalDistance, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.report, code=row.report_no, subtitle=_("外部安全防护距离"))

    def facts(self, row: ExternalDistance, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("单元"), value=str(row.unit) if row.unit else _("整个厂区")),
            Fact(label=_("确定方法"), value=row.get_way_display()),
            Fact(label=_("TNT当量（kg）"), value=row.tnt_kg),
            Fact(label=_("一类防护目标（米）"), value=row.first_m),
            Fact(label=_("二类防护目标（米）"), value=row.second_m),
            Fact(label=_("三类防护目标（米）"), value=row.third_m),
            Fact(label=_("起算点（CGCS2000）"), value=point(row.lon, row.lat) if row.lon is not None else _("厂界")),
            Fact(label=_("评估报告日期"), value=row.report_date),
            Fact(label=_("评估单位"), value=row.institute),
            Fact(label=_("登记人"), value=row.entered_by),
        ]

    def tabs(self, row: ExternalDistance, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(ExternalDistance, [row.pk]).get(row.pk, [])
        return [Tab(name="files", label=_("评估报告文件"), count=len(files), template="registry/_files.html",
                    context=lambda: {"files": files})]  # fmt: skip


def layout_tab(row: Enterprise, actor: Actor) -> Tab:
    """What an enterprise's page says of zones and places near it; read when it is opened."""

    def context() -> dict[str, Any]:
        checks = [(one, target_name(one), target_kind(one), verdict(one)) for one in queries.checks_of(row)]
        new = reverse("risk:external_distance_new", args=[row.pk]) if may_keep(actor, row) else ""
        return {"checks": checks, "distances": queries.distances_of(row), "new_url": new}

    return Tab(name="layout", label=_("规划与间距"), template="risk/_layout.html", context=context)
