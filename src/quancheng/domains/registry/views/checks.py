"""Pages of checks, stoppages, design re-verifications and laboratories."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms as django_forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.forms import checks as forms
from quancheng.domains.registry.kinds import CheckKind, FacilityKind, LabKind
from quancheng.domains.registry.loops.checks import REVERIFICATION, STOPPAGE
from quancheng.domains.registry.models import CheckRecord, Enterprise, Facility, Laboratory, Reverification, Stoppage
from quancheng.domains.registry.queries import checks as queries
from quancheng.domains.registry.queries import enterprises
from quancheng.domains.registry.services import checks as services
from quancheng.domains.registry.services.enterprises import ENTER, KEEP, VERIFY, may_keep
from quancheng.domains.registry.views import words
from quancheng.domains.registry.views.keeping import FilePage
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab


def _mark(row: Any) -> Any:
    return marks.badge(row.status_label, "done" if row.is_closed else "active")


# Check records ----------------------------------------------------------------------------------------------------


class CheckList(ListPage):
    """Checks by checklist (检查记录)."""

    code = "registry.checks"
    title = gettext_lazy("检查记录")
    columns = (
        Column("file", gettext_lazy("企业"), value=lambda row: str(row.file.enterprise), link=True,
               sort="file__enterprise__pinyin", card="title", width="wide"),
        Column("kind", gettext_lazy("检查类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("wrong_count", gettext_lazy("不符合项"), numeric=True, sort="wrong_count", card="meta"),
        Column("day", gettext_lazy("检查日期"), sort="day", card="meta"),
        Column("org", gettext_lazy("检查单位"), value=lambda row: row.org.label if row.org else ""),
        Column("by_name", gettext_lazy("检查人")),
        Column("checklist", gettext_lazy("检查清单"), width="wide"),
        Column("recorded_at", gettext_lazy("登记时间"), sort="recorded_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业"), fields=("file__enterprise__name",), pinned=True),
        Choice(name="kind", label=gettext_lazy("检查类别"), choices=CheckKind.choices, field="kind", multiple=True,
               pinned=True),
        Dates(name="day", label=gettext_lazy("检查日期"), field="day"),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有检查记录")

    def queryset(self, actor: Actor) -> QuerySet[CheckRecord]:
        return queries.list_checks(actor=actor)

    def url_of(self, row: CheckRecord) -> str:
        return reverse("registry:check", args=[row.pk])


class CheckRecordPage(ObjectPage[CheckRecord]):
    """One checklist as it was answered."""

    template = "registry/object.html"
    back = (gettext_lazy("检查记录"), lambda: reverse("registry:checks"))

    def get_row(self, actor: Actor, **kwargs: Any) -> CheckRecord:
        return queries.get_check(actor=actor, check_id=kwargs["pk"])

    def head(self, row: CheckRecord, actor: Actor) -> ObjectHead:
        return ObjectHead(title=str(row.file.enterprise), subtitle=row.get_kind_display())

    def facts(self, row: CheckRecord, actor: Actor) -> Sequence[Fact]:
        found = [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("检查清单"), value=row.checklist),
            Fact(label=_("检查日期"), value=row.day),
            Fact(label=_("检查人"), value=f"{row.org.label if row.org else ''} {row.by_name}".strip()),
            Fact(label=_("不符合项"), value=row.wrong_count),
            Fact(label=_("检查结论"), value=row.text, wide=True),
        ]
        for name, matter in (("stoppage", row.stoppage), ("reverification", row.reverification),
                             ("laboratory", row.laboratory)):  # fmt: skip
            if matter is not None:
                link = format_html('<a href="{}">{}</a>', reverse(f"registry:{name}", args=[matter.pk]), str(matter))
                found.append(Fact(label=_("关联事项"), value=link))
        return found

    def tabs(self, row: CheckRecord, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(CheckRecord, [row.pk]).get(row.pk, [])
        return [
            Tab(name="answers", label=_("检查结果"), count=len(row.answers), template="registry/_check_answers.html",
                context=lambda: {"answers": row.answers}),
            Tab(name="files", label=_("佐证材料"), count=len(files), template="registry/_files.html",
                context=lambda: {"files": files}),
        ]  # fmt: skip


class _ChecklistPage(CreatePage):
    """A checklist to be gone through: whatever asks for it, one form and one record."""

    duty = None
    form = forms.ChecklistForm
    button = gettext_lazy("提交")
    kind: str
    file: Enterprise
    census: Any = None

    def matter(self) -> dict[str, Any]:
        """What the record hangs on."""
        return {}

    def back_url(self) -> str:
        return reverse("registry:enterprise", args=[self.file.pk])

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        _name, items = queries.items_of(self.kind, census=self.census, on=_today())
        return self.form(*args, items=items, **kwargs)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"day": _today().isoformat()}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
        made = self.record(actor, forms.spec_of(given, evidence), now, client_id)
        return reverse("registry:check", args=[made.pk])

    def record(
        self, actor: Actor, spec: services.CheckSpec, now: datetime, client_id: uuid.UUID | None
    ) -> CheckRecord:  # fmt: skip
        raise NotImplementedError


def _today() -> date:
    return Calendar().local_date(timezone.now())


class SelfCheck(_ChecklistPage):
    """An enterprise answers the questions of a census (摸底自查)."""

    title = gettext_lazy("摸底自查")
    lead = gettext_lazy("逐项如实填报；存在问题的写明具体情况，走访人员会现场核对。")
    kind = CheckKind.CENSUS

    def open(self, actor: Actor, **kwargs: Any) -> None:
        actor.require(KEEP)
        self.file = enterprises.get_own_file(actor=actor)
        self.census = queries.get_self_check(file=self.file, census_id=kwargs["pk"])

    def record(self, actor: Actor, spec: services.CheckSpec, now: datetime, client_id: uuid.UUID | None) -> CheckRecord:
        return services.answer_census(
            actor=actor, file=self.file, census=self.census, spec=spec, now=now, client_id=client_id
        )


class StoppageCheck(_ChecklistPage):
    title = gettext_lazy("停产检查")
    lead = gettext_lazy("停产期间按清单检查设备维护和危险化学品存放；留存的品种、数量在“存量”中更新。")
    kind = CheckKind.STOPPED

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_stoppage(actor=actor, stoppage_id=kwargs["pk"])
        self.file = self.row.file
        _require_keeper(actor, self.file)

    def back_url(self) -> str:
        return reverse("registry:stoppage", args=[self.row.pk])

    def record(self, actor: Actor, spec: services.CheckSpec, now: datetime, client_id: uuid.UUID | None) -> CheckRecord:
        return services.check_stoppage(actor=actor, stoppage=self.row, spec=spec, now=now, client_id=client_id)


class LaboratoryCheck(_ChecklistPage):
    title = gettext_lazy("实验室检查")
    kind = CheckKind.LABORATORY

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_laboratory(actor=actor, laboratory_id=kwargs["pk"])
        self.file = self.row.file
        _require_keeper(actor, self.file)

    def back_url(self) -> str:
        return reverse("registry:laboratory", args=[self.row.pk])

    def record(self, actor: Actor, spec: services.CheckSpec, now: datetime, client_id: uuid.UUID | None) -> CheckRecord:
        return services.record_check(
            actor=actor, file=self.file, kind=self.kind, spec=spec, now=now, laboratory=self.row, client_id=client_id
        )


def _require_keeper(actor: Actor, file: Enterprise) -> None:
    actor.require(KEEP if file.pk == actor.organisation_id else ENTER)


# Stoppages --------------------------------------------------------------------------------------------------------


class StoppageList(ListPage):
    """What stands still for long (长期停产停用)."""

    code = "registry.stoppages"
    title = gettext_lazy("停产停用")
    columns = (
        Column("code", gettext_lazy("编号"), sort="code"),
        Column("title", gettext_lazy("停产对象"), link=True, sort="title", card="title", width="wide"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", card="meta"),
        Column("since_date", gettext_lazy("停产日期"), sort="since_date"),
        Column("resume_date", gettext_lazy("预计恢复日期"), sort="resume_date"),
        Column("last_check", gettext_lazy("最近检查"), sort="last_check"),
        Column("next_check_date", gettext_lazy("下次检查日期"), sort="next_check_date", card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=_mark),
        Column("reason", gettext_lazy("停产原因"), width="wide", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、编号"), fields=("title", "code"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=STOPPAGE.choices, field="status", pinned=True),
        Dates(name="next", label=gettext_lazy("下次检查日期"), field="next_check_date"),
    )
    empty_title = gettext_lazy("没有停产停用的单位")

    def queryset(self, actor: Actor) -> QuerySet[Stoppage]:
        return queries.list_stoppages(actor=actor)

    def url_of(self, row: Stoppage) -> str:
        return reverse("registry:stoppage", args=[row.pk])


class NewStoppage(FilePage):
    title = gettext_lazy("登记停产停用")
    lead = gettext_lazy("登记后七日内填报第一次停产检查，此后按间隔检查，直到恢复生产。")
    form = forms.StopForm
    button = gettext_lazy("登记")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.StopForm(*args, units=self.file.units.filter(ended_date__isnull=True).order_by("code"), **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.stop(actor=actor, file=self.file, now=now, client_id=client_id, **given)
        return reverse("registry:stoppage", args=[made.pk])


class StoppagePage(ObjectPage[Stoppage]):
    """One stoppage: its checks, and which hazardous chemicals are still on hand."""

    template = "registry/object.html"
    back = (gettext_lazy("停产停用"), lambda: reverse("registry:stoppages"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Stoppage:
        return queries.get_stoppage(actor=actor, stoppage_id=kwargs["pk"])

    def head(self, row: Stoppage, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code)

    def facts(self, row: Stoppage, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("停产单元"), value=str(row.unit) if row.unit else _("整个企业")),
            Fact(label=_("停产日期"), value=row.since_date),
            Fact(label=_("预计恢复日期"), value=row.resume_date, filled_by=_("企业")),
            Fact(label=_("停产原因"), value=row.reason, wide=True),
            Fact(label=_("检查间隔（天）"), value=row.every_days),
            Fact(label=_("下次检查日期"), value=row.next_check_date),
        ]

    def tabs(self, row: Stoppage, actor: Actor) -> Sequence[Tab]:
        held = list(queries.holdings_at(row)[:500])
        made = list(row.checks.select_related("org").order_by("-recorded_at", "-pk")[:200])
        return [
            Tab(name="stock", label=_("现存危险化学品"), count=len(held), template="registry/_holdings.html",
                context=lambda: {"holdings": held, "with_place": True}),
            Tab(name="checks", label=_("检查记录"), count=len(made), template="registry/_check_records.html",
                context=lambda: {"checks": made}),
        ]  # fmt: skip

    def actions(self, row: Stoppage, actor: Actor) -> Sequence[Action]:
        url = reverse("registry:stoppage_check", args=[row.pk])
        found = [
            Action(name=one.name, label=one.label, primary=one.primary, asks=one.name != "check",
                   url=url if one.name == "check" else "")
            for one in super().actions(row, actor)
        ]  # fmt: skip
        if not row.is_closed and row.file.pk != actor.organisation_id and may_keep(actor, row.file):
            found.append(Action(name="look", label=_("登记现场检查"), url=url))
        return found

    def form_for(
        self, action: Action, row: Stoppage, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        return forms.ReasonForm(data) if action.name in ("resume", "end") else django_forms.Form(data)

    def perform(
        self, *, actor: Actor, row: Stoppage, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        services.end_stoppage(
            actor=actor, stoppage=row, name=name, text=given.get("text", ""), now=now, client_id=client_id
        )


# Design re-verifications ------------------------------------------------------------------------------------------


class ReverificationList(ListPage):
    """Design re-verifications of chemical users (设计复核)."""

    code = "registry.reverifications"
    title = gettext_lazy("设计复核")
    columns = (
        Column("code", gettext_lazy("编号"), sort="code"),
        Column("title", gettext_lazy("复核单位"), link=True, sort="title", card="title", width="wide"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.file.get_kind_display(), sort="file__kind"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", card="meta"),
        Column("due_date", gettext_lazy("复核时限"), sort="due_date", card="meta"),
        Column("mend_date", gettext_lazy("整改时限"), sort="mend_date"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=_mark),
        Column("case", gettext_lazy("案件编号或链接")),
        Column("owner", gettext_lazy("复核部门"), value=lambda row: row.owner_org.label, shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、编号"), fields=("title", "code"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=REVERIFICATION.choices, field="status",
               multiple=True, pinned=True),
        Dates(name="due", label=gettext_lazy("复核时限"), field="due_date"),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有设计复核")

    def queryset(self, actor: Actor) -> QuerySet[Reverification]:
        return queries.list_reverifications(actor=actor)

    def url_of(self, row: Reverification) -> str:
        return reverse("registry:reverification", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("启动设计复核"), reverse("registry:reverification_new"))] if actor.has(VERIFY) else []


class OpenReverifications(CreatePage):
    title = gettext_lazy("启动设计复核")
    lead = gettext_lazy("每家逐项复核：正规设计或安全设计诊断、措施落实、新增建筑和设备。")
    duty = VERIFY
    form = forms.OpenReverificationsForm
    back = "registry:reverifications"
    button = gettext_lazy("启动")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.open_reverifications(actor=actor, now=now, **given)
        return reverse("registry:reverifications")


class ReverificationPage(ObjectPage[Reverification]):
    """One re-verification: its three items each time they were looked at, the mending, the case."""

    template = "registry/object.html"
    back = (gettext_lazy("设计复核"), lambda: reverse("registry:reverifications"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Reverification:
        return queries.get_reverification(actor=actor, reverification_id=kwargs["pk"])

    def head(self, row: Reverification, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code, subtitle=row.owner_org.label)

    def facts(self, row: Reverification, actor: Actor) -> Sequence[Fact]:
        case: Any = row.case
        if row.case.startswith(("https://", "http://")):
            case = format_html('<a href="{}" rel="noreferrer">{}</a>', row.case, row.case)
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("复核部门"), value=row.owner_org.label),
            Fact(label=_("复核时限"), value=row.due_date),
            Fact(label=_("整改时限"), value=row.mend_date),
            Fact(label=_("整改情况"), value=row.mended, wide=True),
            Fact(label=_("案件编号或链接"), value=case, wide=True),
        ]

    def tabs(self, row: Reverification, actor: Actor) -> Sequence[Tab]:
        made = list(row.checks.select_related("org").order_by("-recorded_at", "-pk")[:200])
        newest = made[0].answers if made else []
        return [
            Tab(name="answers", label=_("复核结果"), count=len(newest), template="registry/_check_answers.html",
                context=lambda: {"answers": newest}),
            Tab(name="checks", label=_("检查记录"), count=len(made), template="registry/_check_records.html",
                context=lambda: {"checks": made}),
        ]  # fmt: skip

    def actions(self, row: Reverification, actor: Actor) -> Sequence[Action]:
        return [
            Action(name=one.name, label=one.label, primary=one.primary, asks=True)
            for one in super().actions(row, actor)
        ]

    def form_for(
        self, action: Action, row: Reverification, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "pass": lambda: forms.ChecklistForm(data, files, items=_items(), initial={"day": _today().isoformat()}),
            "demand": lambda: forms.DemandForm(data, files, items=_items(), initial={"day": _today().isoformat()}),
            "mended": lambda: forms.MendedForm(data),
            "punish": lambda: forms.PunishForm(data),
        }
        return makers[action.name]() if action.name in makers else super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Reverification, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "name": name, "now": now, "client_id": client_id}
        if name in ("pass", "demand"):
            evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
            services.judge_reverification(
                **common, spec=forms.spec_of(given, evidence), mend_date=given.get("mend_date")
            )
        else:
            services.step_reverification(**common, text=given.get("case") or given.get("text", ""))


def _items() -> list[queries.Item]:
    return queries.items_of(CheckKind.DESIGN, census=None, on=_today())[1]


# Laboratories -----------------------------------------------------------------------------------------------------


class LaboratoryList(ListPage):
    """Laboratories (实验室)."""

    code = "registry.laboratories"
    title = gettext_lazy("实验室")
    columns = (
        Column("room", gettext_lazy("楼栋和房间"), link=True, sort="room", card="title", width="wide"),
        Column("file", gettext_lazy("单位"), value=lambda row: str(row.file.enterprise),
               sort="file__enterprise__pinyin", card="meta", width="wide"),
        Column("kind", gettext_lazy("实验室类别"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("section", gettext_lazy("所属学院（科室）"), sort="section"),
        Column("head", gettext_lazy("实验室负责人"), sort="head"),
        Column("safety_officer", gettext_lazy("安全员")),
        Column("people_count", gettext_lazy("常驻人数"), numeric=True, sort="people_count"),
        Column("trained_count", gettext_lazy("已受安全教育人数"), numeric=True, sort="trained_count"),
        Column("last_check", gettext_lazy("最近检查"), sort="last_check", card="meta"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("单位、房间、负责人"), fields=("file__enterprise__name", "room", "head"),
               pinned=True),
        Choice(name="kind", label=gettext_lazy("实验室类别"), choices=LabKind.choices, field="kind", pinned=True),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有登记实验室")

    def queryset(self, actor: Actor) -> QuerySet[Laboratory]:
        return queries.list_laboratories(actor=actor)

    def url_of(self, row: Laboratory) -> str:
        return reverse("registry:laboratory", args=[row.pk])


class NewLaboratory(CreatePage):
    title = gettext_lazy("登记实验室")
    lead = gettext_lazy("登记负责人和人员；化学品在该设施的存量中登记。")
    duty = None
    form = forms.LaboratoryForm
    button = gettext_lazy("登记")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.facility = enterprises.get_facility(actor=actor, facility_id=kwargs["pk"])
        _require_keeper(actor, self.facility.unit.file)

    def back_url(self) -> str:
        return reverse("registry:facility", args=[self.facility.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_laboratory(
            actor=actor, facility=self.facility, known=given, now=now, client_id=client_id
        )  # fmt: skip
        return reverse("registry:laboratory", args=[made.pk])


class LaboratoryPage(ObjectPage[Laboratory]):
    """One laboratory: who answers for it, what it holds, how it was checked."""

    template = "registry/object.html"
    back = (gettext_lazy("实验室"), lambda: reverse("registry:laboratories"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Laboratory:
        return queries.get_laboratory(actor=actor, laboratory_id=kwargs["pk"])

    def head(self, row: Laboratory, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.room, subtitle=row.get_kind_display())

    def facts(self, row: Laboratory, actor: Actor) -> Sequence[Fact]:
        own = _("单位")
        url = reverse("registry:facility", args=[row.facility_id])
        facility = format_html('<a href="{}">{}</a>', url, str(row.facility))
        return [
            Fact(label=_("单位"), value=link_to(row.file)),
            Fact(label=_("设施"), value=facility),
            Fact(label=_("所属学院（科室）"), value=row.section),
            Fact(label=_("实验室负责人"), value=row.head, filled_by=own),
            Fact(label=_("安全员"), value=row.safety_officer, filled_by=own),
            Fact(label=_("常驻人数"), value=row.people_count, filled_by=own),
            Fact(label=_("已受安全教育人数"), value=row.trained_count, filled_by=own),
        ]

    def tabs(self, row: Laboratory, actor: Actor) -> Sequence[Tab]:
        held = list(queries.held_in(row)[:500])
        made = list(row.checks.select_related("org").order_by("-recorded_at", "-pk")[:200])
        return [
            Tab(name="stock", label=_("化学品"), count=len(held), template="registry/_holdings.html",
                context=lambda: {"holdings": held, "with_place": False}),
            Tab(name="checks", label=_("检查记录"), count=len(made), template="registry/_check_records.html",
                context=lambda: {"checks": made}),
        ]  # fmt: skip

    def history(self, row: Laboratory, actor: Actor) -> Sequence[HistoryLine]:
        return words.changes(row.file, ("laboratory", row.pk))

    def actions(self, row: Laboratory, actor: Actor) -> Sequence[Action]:
        if not may_keep(actor, row.file):
            return []
        return [
            Action(name="check", label=_("登记检查"), primary=True,
                   url=reverse("registry:laboratory_check", args=[row.pk])),
            Action(name="change", label=_("修改"), asks=True),
        ]  # fmt: skip

    def form_for(
        self, action: Action, row: Laboratory, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        known = {name: getattr(row, name) for name in services.LAB_FIELDS}
        return words.versioned(forms.LaboratoryForm, data, known, row.version)

    def perform(
        self, *, actor: Actor, row: Laboratory, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        changes = {key: value for key, value in given.items() if key in services.LAB_FIELDS}
        services.change_laboratory(actor=actor, laboratory=row, version=given["version"], changes=changes, now=now)


# What an enterprise's page says of checks ---------------------------------------------------------------------------


def check_tab(row: Enterprise, actor: Actor) -> Tab:
    """Checks made there, and for the enterprise itself the self-checks that wait; read when it is opened."""

    def context() -> dict[str, Any]:
        waiting = []
        if row.pk == actor.organisation_id and actor.has(KEEP):
            waiting = [
                (_("填报自查：%(title)s") % {"title": one.title}, reverse("registry:census_self_check", args=[one.pk]))
                for one in queries.open_self_checks(row)
            ]
        return {"checks": list(queries.checks_of(row)[:200]), "waiting": waiting}

    return Tab(name="checks", label=_("检查记录"), template="registry/_check_records.html", context=context)


def laboratory_action(row: Facility) -> list[Action]:
    """For a facility that is a laboratory: its registration, or the page that makes it."""
    if row.kind != FacilityKind.LABORATORY:
        return []
    known = queries.laboratory_at(row)
    if known is not None:
        return [Action(name="laboratory", label=_("实验室信息"), url=reverse("registry:laboratory", args=[known]))]
    return [Action(name="laboratory", label=_("登记实验室"), url=reverse("registry:laboratory_new", args=[row.pk]))]
