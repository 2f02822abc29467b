"""Pages of workshops' temporary storage (车间暂存) and of the papers of storage places (储存场所资料)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.forms import Form
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.forms.storage_checks import PaperForm, WorkshopLimitForm
from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import PlacePaper, Unit
from quancheng.domains.registry.queries import storage_checks as queries
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import shown
from quancheng.domains.registry.services import storage_checks as services
from quancheng.domains.registry.services.enterprises import may_keep
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed


def _today() -> date:
    return Calendar().local_date(timezone.now())


def _place(row: Any) -> str:
    return f"{row.code} {row.name}"


def _area(row: Any) -> str:
    return row.file.area.name if row.file.area else ""


# Workshops -----------------------------------------------------------------------------------------------------------


def _state(row: Any) -> str:
    if row.limit_t is None:
        return _("未设暂存限量") if row.present_t else _("无暂存")
    return _("超过暂存限量") if row.present_t > row.limit_t else _("未超量")


def _state_mark(row: Any) -> Any:
    wrong = bool(row.present_t) if row.limit_t is None else row.present_t > row.limit_t
    return marks.badge(_state(row), "active" if wrong else "done")


class WorkshopList(ListPage):
    """Workshops with what lies in them for a while, and how much may."""

    code = "registry.workshops"
    title = gettext_lazy("车间暂存")
    columns = (
        Column("name", gettext_lazy("车间（生产单元）"), value=_place, link=True, sort="code", card="title",
               width="wide"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta", width="wide"),
        Column("present_t", gettext_lazy("实际存量（吨）"), numeric=True, sort="present_t", card="meta",
               render=lambda row: shown(row.present_t)),
        Column("limit_t", gettext_lazy("暂存限量（吨）"), numeric=True, sort="limit_t", card="meta",
               render=lambda row: shown(row.limit_t)),
        Column("percent", gettext_lazy("占限量（%）"), numeric=True, sort="percent",
               value=lambda row: "" if row.percent is None else f"{row.percent:.0f}"),
        Column("state", gettext_lazy("状态"), value=_state, render=_state_mark, card="meta"),
        Column("source", gettext_lazy("依据"), width="wide",
               value=lambda row: row.workshop.source if getattr(row, "workshop", None) else ""),
        Column("area", gettext_lazy("所在镇街"), value=_area, sort="file__area__path"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.file.get_kind_display(), sort="file__kind",
               shown=False),
        Column("supervisor", gettext_lazy("监管牵头部门"), value=lambda row: row.file.supervisor.label, shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、车间"), pinned=True,
               fields=("file__enterprise__name", "code", "name")),
        Flag(name="over", label=gettext_lazy("只看超量"), pinned=True, condition=lambda actor: queries.is_over()),
        Flag(name="unset", label=gettext_lazy("只看未设限量的"), pinned=True,
             condition=lambda actor: queries.is_unset()),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="file__kind", multiple=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有设暂存场所的车间")

    def queryset(self, actor: Actor) -> QuerySet[Unit]:
        return queries.list_workshops(actor=actor)

    def url_of(self, row: Unit) -> str:
        return reverse("registry:workshop", args=[row.pk])


class WorkshopPage(ObjectPage[Unit]):
    """One workshop: what lies in it, how much may, and the warning where it is more."""

    back = (gettext_lazy("车间暂存"), lambda: reverse("registry:workshops"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Unit:
        return queries.get_workshop(actor=actor, unit_id=kwargs["pk"])

    def head(self, row: Any, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, code=row.code, subtitle=_("车间暂存"), marks=[_state_mark(row)])

    def facts(self, row: Any, actor: Actor) -> Sequence[Fact]:
        known = getattr(row, "workshop", None)
        unit = format_html('<a href="{}?tab=stock">{}</a>', reverse("registry:unit", args=[row.pk]), row)
        warning = ""
        if row.finding is not None:
            url = reverse("registry:storage_finding", args=[row.finding])
            warning = format_html('<a href="{}">{}</a>', url, _("超过暂存限量"))
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("单元"), value=unit),
            Fact(label=_("实际存量（吨）"), value=shown(row.present_t)),
            Fact(label=_("暂存限量（吨）"), value=shown(row.limit_t), filled_by=_("企业")),
            Fact(label=_("依据"), value=known.source if known else "", filled_by=_("企业"), wide=True),
            *([Fact(label=_("预警"), value=warning)] if warning else []),
        ]

    def actions(self, row: Unit, actor: Actor) -> Sequence[Action]:
        if not may_keep(actor, row.file):
            return ()
        url = reverse("registry:workshop_limit", args=[row.pk])
        return [Action(name="limit", label=_("登记暂存限量"), primary=True, url=url)]


class SetWorkshopLimit(CreatePage):
    title = gettext_lazy("登记暂存限量")
    lead = gettext_lazy("保存后立即与现有存量核对，以后每次出入库、盘点都核对；超过的列为储存问题，由企业限期整改。")
    duty = None
    form = WorkshopLimitForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_workshop(actor=actor, unit_id=kwargs["pk"])
        if not may_keep(actor, self.row.file):
            raise NotPermitted

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        known = getattr(self.row, "workshop", None)
        if known is None:
            return {"version": 0}
        return {"limit_t": f"{known.limit_t.normalize():f}", "source": known.source, "version": known.version}

    def back_url(self) -> str:
        return reverse("registry:workshop", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.set_workshop_limit(actor=actor, unit=self.row, now=now, **given)
        return self.back_url()


# Papers --------------------------------------------------------------------------------------------------------------


def _missing(names: Sequence[str]) -> str:
    """``齐全``, or which goods have none."""
    return _("缺：%(names)s") % {"names": listed(names)} if names else _("齐全")


def _plan(row: Any) -> str:
    return _("有") if row.has_plan else _("没有")


class PapersList(ListPage):
    """Storage places with what their papers lack: ledger, labels, data sheets, plan."""

    code = "registry.place_papers"
    title = gettext_lazy("储存场所资料核查")
    columns = (
        Column("name", gettext_lazy("储存场所"), value=_place, link=True, sort="code", card="title", width="wide"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta", width="wide"),
        Column("ledger", gettext_lazy("台账"), value=lambda row: _missing(row.no_ledger), card="meta"),
        Column("label", gettext_lazy("安全标签"), value=lambda row: _missing(row.no_label), card="meta"),
        Column("sheet", gettext_lazy("安全技术说明书"), value=lambda row: _missing(row.no_sheet), card="meta"),
        Column("plan", gettext_lazy("应急预案或现场处置方案"), value=_plan, card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=_area, sort="file__area__path"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.file.get_kind_display(), sort="file__kind",
               shown=False),
        Column("supervisor", gettext_lazy("监管牵头部门"), value=lambda row: row.file.supervisor.label, shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、场所"), pinned=True,
               fields=("file__enterprise__name", "code", "name")),
        Flag(name="lacking", label=gettext_lazy("只看不齐全的"), pinned=True,
             condition=lambda actor: queries.is_lacking()),
        Flag(name="no_plan", label=gettext_lazy("只看没有预案的"), condition=lambda actor: Q(has_plan=False)),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="file__kind", multiple=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有存放物品的储存场所")

    def queryset(self, actor: Actor) -> QuerySet[Unit]:
        return queries.list_papers(actor=actor, on=_today())

    def url_of(self, row: Unit) -> str:
        return reverse("registry:place_papers_of", args=[row.pk])


class PapersPage(ObjectPage[Unit]):
    """One storage place: what its papers lack, and what was entered."""

    back = (gettext_lazy("储存场所资料核查"), lambda: reverse("registry:place_papers"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Unit:
        return queries.get_papers(actor=actor, unit_id=kwargs["pk"], on=_today())

    def head(self, row: Any, actor: Actor) -> ObjectHead:
        is_whole = row.has_plan and not (row.no_ledger or row.no_label or row.no_sheet)
        badge = marks.badge(_("齐全"), "done") if is_whole else marks.badge(_("不齐全"), "active")
        return ObjectHead(title=row.name, code=row.code, subtitle=_("储存场所资料"), marks=[badge])

    def facts(self, row: Any, actor: Actor) -> Sequence[Fact]:
        unit = format_html('<a href="{}?tab=stock">{}</a>', reverse("registry:unit", args=[row.pk]), row)
        days = _("每种物品%(days)s天内登记过出入库或盘点。[D]") % {"days": queries.LEDGER_DAYS}
        return [
            Fact(label=_("企业"), value=link_to(row.file)),
            Fact(label=_("储存场所"), value=unit),
            Fact(label=_("台账"), value=_missing(row.no_ledger), help=days, wide=True),
            Fact(label=_("安全标签"), value=_missing(row.no_label), wide=True),
            Fact(label=_("安全技术说明书"), value=_missing(row.no_sheet), wide=True,
                 help=_("本企业含量80%以上的产品已有的标签和已发布的说明书算在内；混合物的不算。[D]")),
            Fact(label=_("应急预案或现场处置方案"), value=_plan(row)),
        ]  # fmt: skip

    def tabs(self, row: Unit, actor: Actor) -> Sequence[Tab]:
        return [Tab("papers", _("已登记的资料"), template="registry/_place_papers.html",
                    context=lambda: _papers(row))]  # fmt: skip

    def actions(self, row: Unit, actor: Actor) -> Sequence[Action]:
        if not may_keep(actor, row.file):
            return ()
        url = reverse("registry:place_paper_new", args=[row.pk])
        return [Action(name="paper", label=_("登记资料"), primary=True, url=url)]


def _papers(row: Unit) -> dict[str, Any]:
    rows = queries.papers_of(row)
    files = files_of_many(PlacePaper, [one.pk for one in rows]) if rows else {}
    today = _today()
    return {"rows": [
        (one, one.until_date is not None and one.until_date < today, files.get(one.pk, [])) for one in rows
    ]}  # fmt: skip


class NewPaper(CreatePage):
    title = gettext_lazy("登记资料")
    duty = None
    form = PaperForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_papers(actor=actor, unit_id=kwargs["pk"], on=_today())
        if not may_keep(actor, self.row.file):
            raise NotPermitted

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Form:
        return PaperForm(*args, unit=self.row, **kwargs)

    def back_url(self) -> str:
        return reverse("registry:place_papers_of", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        papers = receive_uploads(actor=actor, uploads=given["papers"], now=now)
        services.enter_paper(actor=actor, unit=self.row, known=given, evidence=papers, now=now, client_id=client_id)
        return self.back_url()
