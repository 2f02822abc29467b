"""Pages of environmental management (环境管理): risk assessments, disposal, and what a file's page says of both."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.forms import environment as forms
from quancheng.domains.registry.kinds import RiskGrade, WasteWay
from quancheng.domains.registry.models import (
    Chemical,
    ChemicalEnvironment,
    Enterprise,
    EnvironmentRecord,
    WasteArrangement,
)
from quancheng.domains.registry.queries import enterprises
from quancheng.domains.registry.queries import environment as queries
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import seen_files, shown
from quancheng.domains.registry.services import environment as services
from quancheng.domains.registry.services.environment import may_keep_environment
from quancheng.domains.registry.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, NotPermitted, Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed

_SHOWN = 200


def attributes(row: ChemicalEnvironment | None) -> str:
    """How a chemical is managed for the environment, in words; empty for not at all."""
    if row is None:
        return ""
    told = [_("重点环境管理危险化学品")] if row.is_key else []
    if row.is_new_pollutant:
        told.append(_("重点管控新污染物"))
    if row.new_substance:
        kind = _("新化学物质%(kind)s") % {"kind": row.get_new_substance_display()}
        told.append(" ".join(filter(None, (kind, row.new_substance_no))))
    return listed(told)


def chemical_facts(row: Chemical) -> list[Fact]:
    """Of a chemical's page."""
    found = queries.environment_of(row)
    said = ""
    if found is not None:
        said = _("依据：%(source)s；%(mark)s。") % {"source": found.source, "mark": words.mark(found.mark)}
    value = attributes(found) or (_("不在名录内") if found is not None else "")
    return [Fact(label=_("环境管理属性"), value=value, help=said, wide=True)]


def chemical_form(row: Chemical, data: Any) -> django_forms.Form:
    """The form by which who keeps the register says how a chemical is managed."""
    found = queries.environment_of(row)
    known = {name: getattr(found, name) for name in services.CHEMICAL_FIELDS} if found else {"mark": "D"}
    return words.versioned(forms.ChemicalEnvironmentForm, data, known, found.version if found else 0)


# Risk assessments -------------------------------------------------------------------------------------------------


def _due(row: EnvironmentRecord) -> bool:
    return row.assessed_date is None or (row.review_date is not None and row.review_date < timezone.localdate())


def _state(row: EnvironmentRecord) -> str:
    if row.assessed_date is None:
        return str(_("未评估"))
    return str(_("应复核") if _due(row) else _("在有效期内"))


class EnvironmentList(ListPage):
    """Environmental risk assessments of the district (环境风险评估)."""

    code = "registry.environments"
    title = gettext_lazy("环境风险评估")
    columns = (
        Column("file", gettext_lazy("企业名称"), value=lambda row: str(row.file.enterprise), link=True,
               sort="file__enterprise__pinyin", card="title", width="wide"),
        Column("unit", gettext_lazy("单元"), value=lambda row: row.unit.code if row.unit else "", sort="unit__code"),
        Column("grade", gettext_lazy("环境风险等级"), value=lambda row: row.get_grade_display(), sort="grade",
               card="meta"),
        Column("state", gettext_lazy("状态"), value=_state, card="meta",
               render=lambda row: marks.badge(_state(row), "active" if _due(row) else "done")),
        Column("assessed_date", gettext_lazy("环境风险评估日期"), sort="assessed_date"),
        Column("review_date", gettext_lazy("下次复核日期"), sort="review_date", card="meta"),
        Column("institute", gettext_lazy("评估单位")),
        Column("plan_no", gettext_lazy("突发环境事件应急预案备案编号")),
        Column("registration_no", gettext_lazy("环境管理登记编号")),
        Column("registration_until", gettext_lazy("环境管理登记有效期至"), sort="registration_until"),
        Column("verified_at", gettext_lazy("核验时间"), sort="verified_at"),
        Column("identified_date", gettext_lazy("环境危害识别日期"), sort="identified_date", shown=False),
        Column("plan_date", gettext_lazy("预案备案日期"), sort="plan_date", shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
        Column("remark", gettext_lazy("备注"), shown=False, width="wide"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、备案编号"), pinned=True,
               fields=("file__enterprise__name", "plan_no", "registration_no")),
        Choice(name="grade", label=gettext_lazy("环境风险等级"), choices=RiskGrade.choices, field="grade",
               multiple=True, pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Dates(name="review", label=gettext_lazy("下次复核日期"), field="review_date"),
        Flag(name="late", label=gettext_lazy("只看应复核或未评估"), pinned=True,
             condition=lambda actor: queries.is_overdue(on=timezone.localdate())),
        Flag(name="unplanned", label=gettext_lazy("只看没有预案备案"), condition=lambda actor: Q(plan_no="")),
        Flag(name="lapsed", label=gettext_lazy("只看登记已过期"),
             condition=lambda actor: Q(registration_until__lt=timezone.localdate())),
        Flag(name="unverified", label=gettext_lazy("只看未核验"), condition=lambda actor: Q(verified_at__isnull=True)),
    )  # fmt: skip
    imports = ("registry.environments",)
    empty_title = gettext_lazy("还没有环境风险评估")

    def queryset(self, actor: Actor) -> QuerySet[EnvironmentRecord]:
        return queries.list_records(actor=actor)

    def url_of(self, row: EnvironmentRecord) -> str:
        return reverse("registry:environment", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        found = [(gettext_lazy("废弃危险化学品处置"), reverse("registry:wastes"))]
        if actor.supervises:
            found.append((gettext_lazy("缺少评估的企业"), reverse("registry:enterprises") + "?gap=ENVIRONMENT"))
        return found


class _EnvironmentNew(CreatePage):
    """Something entered into what a file says of the environment, by the enterprise or by the ecology office."""

    duty = None
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = enterprises.get_enterprise(actor=actor, file_id=kwargs["pk"])
        if not may_keep_environment(actor, self.file.pk):
            raise NotPermitted

    def back_url(self) -> str:
        return reverse("registry:enterprise", args=[self.file.pk]) + "?tab=environment"


class NewEnvironment(_EnvironmentNew):
    title = gettext_lazy("登记环境风险评估")
    lead = gettext_lazy("企业整体一条；需要单独评估的单元各一条。由生态环境部门核验。")
    form = forms.EnvironmentForm

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        units = self.file.units.filter(ended_date__isnull=True).order_by("code", "pk")
        return forms.EnvironmentForm(*args, units=units, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
        made = services.enter_environment(
            actor=actor, file=self.file, unit=given["unit"], known=given, evidence=evidence, now=now,
            client_id=client_id,
        )  # fmt: skip
        return reverse("registry:environment", args=[made.pk])


class NewWaste(_EnvironmentNew):
    title = gettext_lazy("登记废弃危险化学品处置安排")
    form = forms.WasteForm

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.arrange_waste(actor=actor, file=self.file, known=given, now=now, client_id=client_id)
        return reverse("registry:waste", args=[made.pk])


def _file_link(row: Any, actor: Actor) -> Any:
    """The enterprise, as a link for who may open its file: the ecology office sees records of others too."""
    is_seen = bool(seen_files(actor=actor, ids=[row.file_id]))
    return words.link_to(row.file) if is_seen else str(row.file.enterprise)


class EnvironmentPage(ObjectPage[EnvironmentRecord]):
    """One record: the assessment, the plan, the registration; changed by the enterprise, verified by the office."""

    template = "registry/object.html"
    back = (gettext_lazy("环境风险评估"), lambda: reverse("registry:environments"))

    def get_row(self, actor: Actor, **kwargs: Any) -> EnvironmentRecord:
        return queries.get_record(actor=actor, record_id=kwargs["pk"])

    def head(self, row: EnvironmentRecord, actor: Actor) -> ObjectHead:
        shown_marks = [marks.badge(_state(row), "active" if _due(row) else "done")]
        subtitle = str(row.unit) if row.unit else _("整个企业")
        return ObjectHead(title=str(row.file.enterprise), subtitle=subtitle, marks=shown_marks)

    def facts(self, row: EnvironmentRecord, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        verified = _("未核验")
        if row.verified_at is not None:
            office = row.verified_by.label if row.verified_by else ""
            verified = " ".join(filter(None, (office, _("%(day)s 已核验") % {"day": words.day(row.verified_at)})))
        return [
            Fact(label=_("企业"), value=_file_link(row, actor)),
            Fact(label=_("环境危害识别日期"), value=row.identified_date, filled_by=own),
            Fact(label=_("环境风险评估日期"), value=row.assessed_date, filled_by=own),
            Fact(label=_("评估单位"), value=row.institute, filled_by=own),
            Fact(label=_("环境风险等级"), value=row.get_grade_display(), filled_by=own),
            Fact(label=_("下次复核日期"), value=row.review_date, filled_by=own),
            Fact(label=_("突发环境事件应急预案备案编号"), value=row.plan_no, filled_by=own),
            Fact(label=_("预案备案日期"), value=row.plan_date),
            Fact(label=_("环境管理登记编号"), value=row.registration_no),
            Fact(label=_("环境管理登记有效期至"), value=row.registration_until),
            Fact(label=_("备注"), value=row.remark, wide=True),
            Fact(label=_("核验情况"), value=verified),
        ]

    def tabs(self, row: EnvironmentRecord, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(EnvironmentRecord, [row.pk]).get(row.pk, [])
        return [Tab(name="files", label=_("报告和材料"), count=len(files), template="registry/_files.html",
                    context=lambda: {"files": files})]  # fmt: skip

    def history(self, row: EnvironmentRecord, actor: Actor) -> Sequence[HistoryLine]:
        return words.changes(row.file, ("environment", row.pk))

    def actions(self, row: EnvironmentRecord, actor: Actor) -> Sequence[Action]:
        if row.file.merged_into_id is not None or not may_keep_environment(actor, row.file_id):
            return []
        found = []
        if row.verified_at is None and row.file_id != actor.organisation_id:
            found.append(Action(name="verify", label=_("核验"), asks=True, primary=True))
        return [*found, Action(name="change", label=_("修改"), asks=True, primary=not found)]

    def form_for(
        self, action: Action, row: EnvironmentRecord, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name == "verify":
            return words.versioned(forms.VerifyEnvironmentForm, data, {}, row.version)
        known = {name: getattr(row, name) for name in services.RECORD_FIELDS}
        return words.versioned(forms.EnvironmentChangeForm, data, known, row.version, files=files)

    def perform(
        self, *, actor: Actor, row: EnvironmentRecord, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "verify":
            services.verify_environment(
                actor=actor, record=row, version=given["version"], remark=given["remark"], now=now
            )
        elif name == "change":
            changes = {key: value for key, value in given.items() if key in services.RECORD_FIELDS}
            evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
            services.change_environment(
                actor=actor, record=row, version=given["version"], changes=changes, evidence=evidence, now=now
            )
        else:
            raise NotFound


# Disposal --------------------------------------------------------------------------------------------------------


def _standing(row: WasteArrangement, known: Mapping[str, bool], on: date) -> Any:
    """Whether the handler's licence stands here, and the arrangement still runs, as a mark."""
    if row.ended_date is not None:
        return marks.badge(_("已停止"), "quiet")
    if row.until_date is not None and row.until_date < on:
        return marks.badge(_("委托已过期"), "active")
    if row.way != WasteWay.ENTRUST:
        return ""
    if row.handler_licence_no not in known:
        return marks.badge(_("许可证未在本区登记"), "plain")
    return marks.badge(_("许可证有效") if known[row.handler_licence_no] else _("许可证已失效"),
                       "done" if known[row.handler_licence_no] else "active")  # fmt: skip


class WasteList(ListPage):
    """Where waste hazardous chemicals go (废弃危险化学品处置)."""

    code = "registry.wastes"
    title = gettext_lazy("废弃危险化学品处置")
    columns = (
        Column("name", gettext_lazy("废弃危险化学品"), link=True, sort="name", card="title", width="wide"),
        Column("file", gettext_lazy("企业名称"), value=lambda row: str(row.file.enterprise),
               sort="file__enterprise__pinyin", card="meta", width="wide"),
        Column("waste_code", gettext_lazy("危险废物代码"), sort="waste_code"),
        Column("way", gettext_lazy("处置方式"), value=lambda row: row.get_way_display(), sort="way", card="meta"),
        Column("year_t", gettext_lazy("年产生量（吨）"), numeric=True, sort="year_t",
               render=lambda row: shown(row.year_t)),
        Column("handler_name", gettext_lazy("受托单位"), sort="handler_name"),
        Column("handler_licence_no", gettext_lazy("受托单位许可证编号")),
        Column("until_date", gettext_lazy("委托有效期至"), sort="until_date", card="meta"),
        Column("how", gettext_lazy("处置方法和去向"), shown=False, width="wide"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", shown=False),
        Column("ended_date", gettext_lazy("停止日期"), sort="ended_date", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、企业、受托单位"), pinned=True,
               fields=("name", "file__enterprise__name", "handler_name", "waste_code")),
        Choice(name="way", label=gettext_lazy("处置方式"), choices=WasteWay.choices, field="way", pinned=True),
        Flag(name="lapsed", label=gettext_lazy("只看委托已过期"),
             condition=lambda actor: Q(until_date__lt=timezone.localdate(), ended_date__isnull=True)),
        Flag(name="standing", label=gettext_lazy("不看已停止的"), condition=lambda actor: Q(ended_date__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有登记处置安排")

    def queryset(self, actor: Actor) -> QuerySet[WasteArrangement]:
        return queries.list_arrangements(actor=actor)

    def url_of(self, row: WasteArrangement) -> str:
        return reverse("registry:waste", args=[row.pk])


class WastePage(ObjectPage[WasteArrangement]):
    """One arrangement of disposal."""

    template = "registry/object.html"
    back = (gettext_lazy("废弃危险化学品处置"), lambda: reverse("registry:wastes"))

    def get_row(self, actor: Actor, **kwargs: Any) -> WasteArrangement:
        return queries.get_arrangement(actor=actor, arrangement_id=kwargs["pk"])

    def head(self, row: WasteArrangement, actor: Actor) -> ObjectHead:
        on = timezone.localdate()
        mark = _standing(row, queries.handlers_known([row.handler_licence_no], on=on), on)
        return ObjectHead(title=row.name, code=row.waste_code, marks=[mark] if mark else [])

    def facts(self, row: WasteArrangement, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=_file_link(row, actor)),
            Fact(label=_("处置方式"), value=row.get_way_display()),
            Fact(label=_("处置方法和去向"), value=row.how, wide=True),
            Fact(label=_("年产生量（吨）"), value=shown(row.year_t)),
            Fact(label=_("受托单位"), value=row.handler_name),
            Fact(label=_("受托单位许可证编号"), value=row.handler_licence_no),
            Fact(label=_("委托有效期至"), value=row.until_date),
            *([Fact(label=_("停止日期"), value=row.ended_date)] if row.ended_date else []),
        ]

    def history(self, row: WasteArrangement, actor: Actor) -> Sequence[HistoryLine]:
        return words.changes(row.file, ("arrangement", row.pk))

    def actions(self, row: WasteArrangement, actor: Actor) -> Sequence[Action]:
        if row.ended_date is not None or not may_keep_environment(actor, row.file_id):
            return []
        return [Action(name="end", label=_("停止"), confirm=_("停止后不再作为有效的处置安排，记录保留。确定停止？"))]

    def perform(
        self, *, actor: Actor, row: WasteArrangement, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "end":
            raise NotFound
        services.end_waste(actor=actor, row=row, now=now)


# What an enterprise's page says ----------------------------------------------------------------------------------


def enterprise_tab(row: Enterprise, actor: Actor, count: int) -> Tab:
    """Assessments, disposal and what it holds of environmental lists; read when it is opened."""

    def context() -> dict[str, Any]:
        on = timezone.localdate()
        records = queries.list_records(actor=actor).filter(file=row)[:_SHOWN]
        rows = list(queries.list_arrangements(actor=actor).filter(file=row)[:_SHOWN])
        known = queries.handlers_known([one.handler_licence_no for one in rows], on=on)
        return {
            "records": [(one, _due(one)) for one in records],
            "arrangements": [(one, _standing(one, known, on)) for one in rows],
            "watched": [
                (one, attributes(queries.environment_of(one.chemical))) for one in queries.watched_held(row)[:_SHOWN]
            ],
        }

    return Tab(name="environment", label=_("环境管理"), count=count, template="registry/_environment.html",
               context=context)  # fmt: skip


def actions(file: Enterprise, actor: Actor) -> list[Action]:
    """What the enterprise itself, or the ecology office, enters."""
    if file.merged_into_id is not None or not may_keep_environment(actor, file.pk):
        return []
    return [
        Action(name="environment", label=_("登记环境风险评估"),
               url=reverse("registry:environment_new", args=[file.pk])),
        Action(name="waste", label=_("登记废弃处置安排"), url=reverse("registry:waste_new", args=[file.pk])),
    ]  # fmt: skip
