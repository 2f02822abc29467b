"""The risk list (风险分级管控清单): one list of events, and objects, units, events and measures each."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from django import forms as django_forms
from django.db.models import F, Model, Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import versioned
from quancheng.domains.risk.forms import risks as forms
from quancheng.domains.risk.kinds import AnalysisMethod, Level, Method, ObjectKind
from quancheng.domains.risk.models import Measure, RiskEvent, RiskObject, RiskUnit
from quancheng.domains.risk.queries import risks as queries
from quancheng.domains.risk.queries.analyses import analyses_of, interval_of, lopa_of
from quancheng.domains.risk.services import risks as services
from quancheng.domains.risk.services.analyses import may_analyse
from quancheng.domains.risk.services.keeping import may_keep
from quancheng.domains.risk.views import extras, words
from quancheng.domains.risk.views.keeping import FilePage, KeeperPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab

RowT = TypeVar("RowT", bound=Model)
_LEVELS = [(str(code), label) for code, label in Level.choices]
_END = gettext_lazy("撤销")


def _file(event: RiskEvent) -> Any:
    return event.unit.object.file


class EventList(ListPage):
    """The risk list (风险分级管控清单): one line an event."""

    code = "risk.events"
    title = gettext_lazy("风险分级管控清单")
    columns = (
        Column("name", gettext_lazy("风险事件"), link=True, card="title", width="wide"),
        Column("level", gettext_lazy("现状风险"), value=lambda row: row.get_present_level_display() or "",
               render=words.raised, sort="present_level", card="meta"),
        Column("static", gettext_lazy("静态风险"), value=lambda row: row.get_static_level_display() or "",
               render=lambda row: words.colour(row.static_level), sort="static_level"),
        Column("inherent", gettext_lazy("固有风险"), value=lambda row: row.get_inherent_level_display() or "",
               render=lambda row: words.colour(row.inherent_level), sort="inherent_level"),
        Column("file", gettext_lazy("企业"), value=lambda row: _file(row).enterprise.name,
               sort="unit__object__file__enterprise__pinyin", card="meta"),
        Column("object", gettext_lazy("风险分析对象"), value=lambda row: row.unit.object.name),
        Column("unit", gettext_lazy("风险分析单元"), value=lambda row: row.unit.name, card="meta"),
        Column("post", gettext_lazy("责任岗位"), value=lambda row: row.unit.post.name if row.unit.post else ""),
        Column("layer", gettext_lazy("管控层级"), value=lambda row: row.get_layer_display(), sort="layer"),
        Column("measures", gettext_lazy("措施数"), value=lambda row: row.measure_count, numeric=True,
               sort="measure_count"),
        Column("failed", gettext_lazy("失效措施数"), value=lambda row: row.failed_count, numeric=True,
               sort="failed_count"),
        Column("accident", gettext_lazy("可能导致的事故类型"), value=lambda row: words.accident(row.accident),
               shown=False),
        Column("consequence", gettext_lazy("可能后果"), shown=False, width="wide"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("事件、单元、企业"), pinned=True,
               fields=("name", "unit__name", "unit__object__file__enterprise__name")),
        Choice(name="level", label=gettext_lazy("现状风险"), choices=_LEVELS, field="present_level", multiple=True,
               pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(unit__object__area__path__startswith=path)),
        Flag(name="raised", label=gettext_lazy("只看升高的"),
             condition=lambda actor: Q(present_level__lt=F("static_level"))),
        Flag(name="open", label=gettext_lazy("只看未评估的"), condition=lambda actor: Q(static_level__isnull=True)),
    )  # fmt: skip
    imports = ("risk.list", "risk.own_list")
    empty_title = gettext_lazy("还没有风险事件")

    def queryset(self, actor: Actor) -> QuerySet[RiskEvent]:
        return queries.list_events(actor=actor)

    def url_of(self, row: RiskEvent) -> str:
        return reverse("risk:event", args=[row.pk])


class ObjectList(ListPage):
    """Risk analysis objects (风险分析对象)."""

    code = "risk.objects"
    title = gettext_lazy("风险分析对象")
    columns = (
        Column("name", gettext_lazy("对象名称"), link=True, card="title", width="wide"),
        Column("code", gettext_lazy("对象编码"), sort="code", card="meta"),
        Column("kind", gettext_lazy("对象类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("level", gettext_lazy("现状风险"), value=lambda row: row.get_present_level_display() or "",
               render=words.raised, sort="present_level", card="meta"),
        Column("static", gettext_lazy("静态风险"), value=lambda row: row.get_static_level_display() or "",
               render=lambda row: words.colour(row.static_level), sort="static_level"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else ""),
        Column("department", gettext_lazy("责任部门")),
        Column("head", gettext_lazy("责任人")),
        Column("units", gettext_lazy("单元数"), value=lambda row: row.unit_count, numeric=True, sort="unit_count"),
        Column("updated_at", gettext_lazy("更新时间"), sort="updated_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("对象、编码、企业"), pinned=True,
               fields=("name", "code", "file__enterprise__name")),
        Choice(name="level", label=gettext_lazy("现状风险"), choices=_LEVELS, field="present_level", multiple=True,
               pinned=True),
        Choice(name="kind", label=gettext_lazy("对象类别"), choices=ObjectKind.choices, field="kind", multiple=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有风险分析对象")

    def queryset(self, actor: Actor) -> QuerySet[RiskObject]:
        return queries.list_objects(actor=actor)

    def url_of(self, row: RiskObject) -> str:
        return reverse("risk:object", args=[row.pk])


class NewObject(FilePage):
    title = gettext_lazy("增加风险分析对象")
    lead = gettext_lazy("每个重大危险源是一个对象；其他生产装置、储存单元、场所和作业活动也可以是对象。")
    form = forms.ObjectForm
    button = gettext_lazy("保存")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.ObjectForm(*args, file=self.file, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_object(actor=actor, file=self.file, known=given, now=now, client_id=client_id)
        return reverse("risk:object", args=[made.pk])


class NewUnit(KeeperPage):
    title = gettext_lazy("增加风险分析单元")
    lead = gettext_lazy("一个储罐或罐组、一套反应系统、一台压缩机、一个装卸区、一项关键作业，各是一个单元。")
    form = forms.UnitForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.parent = queries.get_object(actor=actor, object_id=kwargs["pk"])
        self.allow(actor, self.parent.file)

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.UnitForm(*args, file=self.parent.file, **kwargs)

    def back_url(self) -> str:
        return reverse("risk:object", args=[self.parent.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_unit(actor=actor, parent=self.parent, known=given, now=now, client_id=client_id)
        return reverse("risk:unit", args=[made.pk])


class NewEvent(KeeperPage):
    title = gettext_lazy("增加风险事件")
    form = forms.EventForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.unit = queries.get_unit(actor=actor, unit_id=kwargs["pk"])
        self.allow(actor, self.unit.object.file)

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.EventForm(*args, accidents=words.accidents(), **kwargs)

    def back_url(self) -> str:
        return reverse("risk:unit", args=[self.unit.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_event(actor=actor, unit=self.unit, known=given, now=now, client_id=client_id)
        return reverse("risk:event", args=[made.pk])


class NewMeasure(KeeperPage):
    title = gettext_lazy("增加管控措施")
    lead = gettext_lazy("一条措施只写一道可以检查的屏障；工程技术、维护保养、人员操作、应急措施四类都应考虑。")
    form = forms.MeasureForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.event = queries.get_event(actor=actor, event_id=kwargs["pk"])
        self.allow(actor, _file(self.event))

    def back_url(self) -> str:
        return reverse("risk:event", args=[self.event.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.enter_measure(actor=actor, event=self.event, known=given, now=now, client_id=client_id)
        return reverse("risk:event", args=[self.event.pk])


class _ListedPage(ObjectPage[RowT], Generic[RowT]):
    """What an object, a unit, an event and a measure share: changed and ended by whoever keeps the list."""

    template = "risk/object.html"

    def file_of(self, row: RowT) -> Any:
        raise NotImplementedError

    def is_ended(self, row: Any) -> bool:
        return row.ended_date is not None

    def form_of(self, row: RowT, data: Any) -> django_forms.Form:
        raise NotImplementedError

    def more(self, row: RowT) -> Sequence[Action]:
        return ()

    def change(self, actor: Actor, row: RowT, given: Mapping[str, Any], now: datetime) -> None:
        raise NotImplementedError

    def end(self, actor: Actor, row: RowT, reason: str, now: datetime) -> None:
        raise NotImplementedError

    def actions(self, row: RowT, actor: Actor) -> Sequence[Action]:
        if self.is_ended(row) or not may_keep(actor, self.file_of(row)):
            return ()
        return [
            *self.more(row),
            Action(name="change", label=_("修改"), asks=True),
            Action(name="end", label=_END, asks=True),
        ]

    def form_for(
        self, action: Action, row: RowT, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "change": lambda: self.form_of(row, data), "end": lambda: forms.EndForm(data),
        }  # fmt: skip
        return makers[action.name]() if action.name in makers else super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: RowT, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "change":
            self.change(actor, row, given, now)
        elif name == "end":
            self.end(actor, row, given["reason"], now)
        else:
            raise NotFound

    def way_back(self, row: RowT) -> tuple[Any, str] | None:
        """Up the path of clicks: an event to its unit, a unit to its object, an object to the site."""
        if isinstance(row, RiskObject):
            return _("厂区四色分布图"), reverse("risk:site", args=[row.file_id])
        if isinstance(row, RiskUnit):
            return row.object.name, reverse("risk:object", args=[row.object_id])
        if isinstance(row, RiskEvent):
            return row.unit.name, reverse("risk:unit", args=[row.unit_id])
        return super().way_back(row)

    def _marks(self, row: Any) -> list[Any]:
        ended: list[Any] = [marks.badge(_("已撤销"), "quiet")] if row.ended_date else []
        return [words.raised(row), *ended] if hasattr(row, "present_level") else ended

    def _colour_tab(self, row: Any) -> Tab:
        past = queries.colours_of(row.pk)
        return Tab(name="colours", label=_("变色记录"), count=len(past), template="risk/_colours.html",
                   context=lambda: {"past": past})  # fmt: skip


class ObjectOfRisk(_ListedPage[RiskObject]):
    """One risk analysis object: its units, events and measures as one tree, and how its colour changed."""

    def get_row(self, actor: Actor, **kwargs: Any) -> RiskObject:
        return queries.get_object(actor=actor, object_id=kwargs["pk"])

    def file_of(self, row: RiskObject) -> Any:
        return row.file

    def head(self, row: RiskObject, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, code=row.code, subtitle=row.get_kind_display(), marks=self._marks(row))

    def facts(self, row: RiskObject, actor: Actor) -> Sequence[Fact]:
        place = ""
        if row.place is not None:
            place = format_html('<a href="{}">{}</a>', reverse("registry:unit", args=[row.place_id]), row.place.name)
        return [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("登记单元"), value=place),
            Fact(label=_("责任部门"), value=row.department),
            Fact(label=_("责任人"), value=row.head),
            Fact(label=_("静态风险"), value=words.colour(row.static_level), filled_by=_("企业")),
            Fact(label=_("现状风险"), value=words.raised(row)),
        ]

    def tabs(self, row: RiskObject, actor: Actor) -> Sequence[Tab]:
        units = queries.units_of(row)
        return [
            Tab(name="units", label=_("单元、事件、措施"), count=len(units), template="risk/_tree.html",
                context=lambda: {"units": units}),
            self._colour_tab(row),
        ]  # fmt: skip

    def more(self, row: RiskObject) -> Sequence[Action]:
        return [Action(name="unit", label=_("增加单元"), url=reverse("risk:unit_new", args=[row.pk]), primary=True)]

    def form_of(self, row: RiskObject, data: Any) -> django_forms.Form:
        known = {name: getattr(row, name) for name in services.OBJECT_FIELDS}
        return versioned(forms.ObjectForm, data, known, row.version, file=row.file)

    def change(self, actor: Actor, row: RiskObject, given: Mapping[str, Any], now: datetime) -> None:
        services.change_object(actor=actor, row=row, version=given["version"], changes=given, now=now)

    def end(self, actor: Actor, row: RiskObject, reason: str, now: datetime) -> None:
        services.end_object(actor=actor, row=row, reason=reason, now=now)


class UnitOfRisk(_ListedPage[RiskUnit]):
    """One risk analysis unit with its events."""

    def get_row(self, actor: Actor, **kwargs: Any) -> RiskUnit:
        return queries.get_unit(actor=actor, unit_id=kwargs["pk"])

    def file_of(self, row: RiskUnit) -> Any:
        return row.object.file

    def head(self, row: RiskUnit, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, code=row.code, subtitle=row.object.name, marks=self._marks(row))

    def facts(self, row: RiskUnit, actor: Actor) -> Sequence[Fact]:
        facility = ""
        if row.facility is not None:
            facility = format_html(
                '<a href="{}">{}</a>', reverse("registry:facility", args=[row.facility_id]), row.facility
            )
        return [
            Fact(label=_("企业"), value=words.link_to(row.object.file)),
            Fact(label=_("风险分析对象"), value=words.link("object", row.object)),
            Fact(label=_("登记设施"), value=facility),
            Fact(label=_("责任岗位"), value="" if row.post is None else words.link("post", row.post),
                 filled_by=_("企业")),
            Fact(label=_("静态风险"), value=words.colour(row.static_level), filled_by=_("企业")),
            Fact(label=_("现状风险"), value=words.raised(row)),
        ]  # fmt: skip

    def tabs(self, row: RiskUnit, actor: Actor) -> Sequence[Tab]:
        events = queries.events_of(row)
        return [
            Tab(name="events", label=_("风险事件"), count=len(events), template="risk/_events.html",
                context=lambda: {"events": events}),
            Tab(name="analyses", label=_("风险分析"), template="risk/_analyses.html",
                context=lambda: {"analyses": analyses_of(row), "scenarios": lopa_of(row),
                                 "interval": interval_of(row)}),
            self._colour_tab(row),
        ]  # fmt: skip

    def more(self, row: RiskUnit) -> Sequence[Action]:
        url = reverse("risk:event_new", args=[row.pk])
        return [
            Action(name="event", label=_("增加风险事件"), url=url, primary=True),
            Action(name="lopa", label=_("新建保护层分析"), url=reverse("risk:lopa_new", args=[row.pk])),
        ]

    def actions(self, row: RiskUnit, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        if not self.is_ended(row) and may_analyse(actor, row.object.file_id):
            found += [
                Action(name=f"analyse_{code}", label=_("分析（%(method)s）") % {"method": code},
                       url=reverse("risk:analysis_new", args=[row.pk, code.lower()]))
                for code in AnalysisMethod.values
            ]  # fmt: skip
        return found

    def form_of(self, row: RiskUnit, data: Any) -> django_forms.Form:
        known = {name: getattr(row, name) for name in services.UNIT_FIELDS}
        return versioned(forms.UnitForm, data, known, row.version, file=row.object.file)

    def change(self, actor: Actor, row: RiskUnit, given: Mapping[str, Any], now: datetime) -> None:
        services.change_unit(actor=actor, row=row, version=given["version"], changes=given, now=now)

    def end(self, actor: Actor, row: RiskUnit, reason: str, now: datetime) -> None:
        services.end_unit(actor=actor, row=row, reason=reason, now=now)


class EventOfRisk(_ListedPage[RiskEvent]):
    """One risk event: what stands against it, how it was assessed, why it has its colour."""

    def get_row(self, actor: Actor, **kwargs: Any) -> RiskEvent:
        return queries.get_event(actor=actor, event_id=kwargs["pk"])

    def file_of(self, row: RiskEvent) -> Any:
        return _file(row)

    def head(self, row: RiskEvent, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, subtitle=row.unit.name, marks=self._marks(row))

    def facts(self, row: RiskEvent, actor: Actor) -> Sequence[Fact]:
        own = _("企业")
        return [
            Fact(label=_("企业"), value=words.link_to(_file(row))),
            Fact(label=_("风险分析单元"), value=words.link("unit", row.unit)),
            Fact(label=_("可能导致的事故类型"), value=words.accident(row.accident), filled_by=own),
            Fact(label=_("管控层级"), value=row.get_layer_display(), filled_by=own),
            Fact(label=_("固有风险"), value=words.colour(row.inherent_level), filled_by=own,
                 help=_("没有任何管控措施时的风险。")),
            Fact(label=_("剩余风险"), value=words.colour(row.residual_level), filled_by=own,
                 help=_("现有管控措施都有效时的风险。")),
            Fact(label=_("现状风险"), value=words.raised(row), help=_("措施失效时升高，验收后恢复。")),
            Fact(label=_("可能后果"), value=row.consequence, wide=True),
        ]  # fmt: skip

    def tabs(self, row: RiskEvent, actor: Actor) -> Sequence[Tab]:
        measures, assessed = queries.measures_of(row), queries.assessments_of(row)
        return [
            Tab(name="measures", label=_("管控措施"), count=len(measures), template="risk/_measures.html",
                context=lambda: {"measures": measures}),
            Tab(name="assessed", label=_("评估记录"), count=len(assessed), template="risk/_assessed.html",
                context=lambda: {"assessed": [(one, words.steps(one.steps)) for one in assessed]}),
            self._colour_tab(row),
        ]  # fmt: skip

    def more(self, row: RiskEvent) -> Sequence[Action]:
        return [
            Action(name="measure", label=_("增加措施"), url=reverse("risk:measure_new", args=[row.pk]),
                   primary=row.static_level is not None),
            *(Action(name=f"assess_{code}", label=_("评估（%(method)s）") % {"method": code},
                     url=reverse("risk:assess", args=[row.pk, code.lower()]), primary=row.static_level is None)
              for code in Method.values),
            Action(name="lopa", label=_("保护层分析"), url=reverse("risk:event_lopa_new", args=[row.pk])),
        ]  # fmt: skip

    def form_of(self, row: RiskEvent, data: Any) -> django_forms.Form:
        known = {name: getattr(row, name) for name in services.EVENT_FIELDS}
        return versioned(forms.EventForm, data, known, row.version, accidents=words.accidents())

    def change(self, actor: Actor, row: RiskEvent, given: Mapping[str, Any], now: datetime) -> None:
        services.change_event(actor=actor, row=row, version=given["version"], changes=given, now=now)

    def end(self, actor: Actor, row: RiskEvent, reason: str, now: datetime) -> None:
        services.end_event(actor=actor, row=row, reason=reason, now=now)


class MeasureOfRisk(_ListedPage[Measure]):
    """One control measure."""

    def get_row(self, actor: Actor, **kwargs: Any) -> Measure:
        return queries.get_measure(actor=actor, measure_id=kwargs["pk"])

    def file_of(self, row: Measure) -> Any:
        return _file(row.event)

    def head(self, row: Measure, actor: Actor) -> ObjectHead:
        lost = [marks.badge(_("已失效"), "active")] if row.failed_at else []
        return ObjectHead(title=_("管控措施"), subtitle=row.get_subcategory_display(), marks=[*lost, *self._marks(row)])

    def facts(self, row: Measure, actor: Actor) -> Sequence[Fact]:
        shown = [
            Fact(label=_("企业"), value=words.link_to(_file(row.event))),
            Fact(label=_("风险事件"), value=words.link("event", row.event), wide=True),
            Fact(label=_("措施内容"), value=row.text, wide=True),
            Fact(label=_("排查内容"), value=row.check_text, wide=True),
            Fact(label=_("管控方式"), value=row.get_mode_display()),
            Fact(label=_("措施类别"), value=row.get_category_display()),
            Fact(label=_("企业自定小类"), value=row.own_class),
        ]
        if row.failed_at is not None:
            shown += [Fact(label=_("失效时间"), value=row.failed_at),
                      Fact(label=_("失效原因"), value=row.failed_because, wide=True)]  # fmt: skip
        return shown

    def tabs(self, row: Measure, actor: Actor) -> Sequence[Tab]:
        return extras.tabs_of(row, actor)

    def actions(self, row: Measure, actor: Actor) -> Sequence[Action]:
        """A room above may act on a measure that its list's keeper may not change."""
        added = extras.actions_of(row, actor) if row.ended_date is None else []
        return [*added, *super().actions(row, actor)]

    def form_of(self, row: Measure, data: Any) -> django_forms.Form:
        known = {name: getattr(row, name) for name in services.MEASURE_FIELDS}
        return versioned(forms.MeasureForm, data, known, row.version)

    def change(self, actor: Actor, row: Measure, given: Mapping[str, Any], now: datetime) -> None:
        services.change_measure(actor=actor, row=row, version=given["version"], changes=given, now=now)

    def end(self, actor: Actor, row: Measure, reason: str, now: datetime) -> None:
        services.end_measure(actor=actor, row=row, reason=reason, now=now)
