"""Planning zones (规划分区), S3-4.2a: the register with its editions, one zone, entering by hand and from a file."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from quancheng.domains.registry.points import System
from quancheng.domains.risk.forms import zones as forms
from quancheng.domains.risk.models import PlanningZone
from quancheng.domains.risk.queries import layout as layout_queries
from quancheng.domains.risk.queries import zones as queries
from quancheng.domains.risk.services import zones as services
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted, Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import grouped, told
from quancheng.standards.gb36894 import CLASSES
from quancheng.standards.risk.layout import class_of, zone_kinds

_PAST = gettext_lazy("已失效")
_COMING = gettext_lazy("未生效")
_NOW = gettext_lazy("现行")


def today() -> date:
    """The day by the calendar of the district, as the services count."""
    return Calendar().local_date(timezone.now())


def kind(code: str) -> str:
    found = zone_kinds().get(code)
    return code if found is None else told(found.name)


def swatch(code: str) -> Any:
    """A kind of zone with the colour that the map gives it."""
    return format_html(
        '<span class="risk-zone-kind"><svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">'
        '<rect x="1" y="1" width="12" height="12" fill="{}" fill-opacity="0.55" stroke="{}"/></svg>{}</span>',
        zone_kinds()[code].hue, zone_kinds()[code].hue, kind(code),
    )  # fmt: skip


def standing(zone: PlanningZone) -> Text:
    """Whether an edition counts today."""
    day = today()
    if zone.to_date is not None and zone.to_date < day:
        return _PAST
    return _COMING if zone.from_date > day else _NOW


def people(zone: PlanningZone) -> str:
    """The population by day and by night; empty where nobody said."""
    parts = []
    if zone.population_day is not None:
        parts.append(_("白天%(count)s人") % {"count": grouped(zone.population_day)})
    if zone.population_night is not None:
        parts.append(_("夜间%(count)s人") % {"count": grouped(zone.population_night)})
    return _("，").join(parts)


class ZoneList(ListPage):
    """Zones in force; editions of other days by the filter."""

    code = "risk.zones"
    title = gettext_lazy("规划分区")
    columns = (
        Column("name", gettext_lazy("分区名称"), link=True, sort="name", card="title", width="wide"),
        Column("code", gettext_lazy("分区编号"), sort="code", card="meta"),
        Column("kind", gettext_lazy("规划用途"), value=lambda row: kind(row.kind),
               render=lambda row: swatch(row.kind), sort="kind", card="meta"),
        Column("standing", pgettext_lazy("zone", "效力"), value=lambda row: str(standing(row)), card="meta"),
        Column("population_day", gettext_lazy("白天人口"), sort="population_day", numeric=True),
        Column("population_night", gettext_lazy("夜间人口"), sort="population_night", numeric=True),
        Column("document", gettext_lazy("规划文件"), sort="document", width="wide"),
        Column("document_no", gettext_lazy("文件编号"), shown=False),
        Column("from_date", gettext_lazy("生效日期"), sort="from_date"),
        Column("to_date", gettext_lazy("失效日期"), sort="to_date"),
        Column("org", gettext_lazy("责任部门"), value=lambda row: row.owner_org.name, sort="owner_org__name"),
        Column("population_source", gettext_lazy("人口数据来源"), shown=False),
        Column("population_date", gettext_lazy("人口数据日期"), shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("分区名称、编号、规划文件"), pinned=True,
               fields=("name", "code", "document", "document_no")),
        Choice(name="kind", label=gettext_lazy("规划用途"), field="kind", multiple=True, pinned=True,
               choices=lambda actor: forms.kind_choices()),
        Choice(name="standing", label=pgettext_lazy("zone", "效力"), pinned=True, multiple=True,
               choices=(("now", _NOW), ("coming", _COMING), ("past", _PAST)),
               narrows=lambda value: {
                   "now": queries.in_force(today()),
                   "coming": Q(from_date__gt=today()),
                   "past": Q(to_date__lt=today()),
               }[value]),
        Flag(name="uncounted", label=gettext_lazy("只看未填人口的"),
             condition=lambda actor: Q(population_day__isnull=True, population_night__isnull=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有规划分区")

    def queryset(self, actor: Actor) -> QuerySet[PlanningZone]:
        return queries.list_zones(actor=actor, on=today())

    def url_of(self, row: PlanningZone) -> str:
        return reverse("risk:zone", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        seeing = [(gettext_lazy("分区图"), reverse("risk:layout_map"))]
        if not actor.has(services.KEEP):
            return seeing
        return [
            (gettext_lazy("登记规划分区"), reverse("risk:zone_new")),
            (gettext_lazy("从GeoJSON导入"), reverse("risk:zones_import")),
            *seeing,
        ]


class ZonePage(ObjectPage[PlanningZone]):
    """One edition of a zone, with the others under its code and the distances measured to it."""

    template = "risk/object.html"
    back = (gettext_lazy("规划分区"), lambda: reverse("risk:zones"))
    forms = {"end": forms.EndForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> PlanningZone:
        return queries.get_zone(actor=actor, zone_id=kwargs["pk"])

    def head(self, row: PlanningZone, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, code=row.code, subtitle=kind(row.kind), marks=[marks.badge(standing(row))])

    def facts(self, row: PlanningZone, actor: Actor) -> Sequence[Fact]:
        object_class, assumed = class_of(zone_kinds()[row.kind].object_class, row.population)
        found = CLASSES.get(object_class)
        protected = _("不作为防护目标") if found is None else told(found.name)
        limits = "" if found is None else f"{found.new_limit:.0E} / {found.in_service_limit:.0E}"
        office = _("责任部门")
        return [
            Fact(label=_("规划用途"), value=swatch(row.kind)),
            Fact(label=_("责任部门"), value=row.owner_org.name),
            Fact(label=_("规划文件"), value=row.document, wide=True),
            Fact(label=_("文件编号"), value=row.document_no),
            Fact(label=_("生效日期"), value=row.from_date),
            Fact(label=_("失效日期"), value=row.to_date),
            Fact(label=pgettext("zone", "失效原因"), value=row.end_reason),
            Fact(label=_("白天人口"), value=row.population_day, filled_by=office),
            Fact(label=_("夜间人口"), value=row.population_night, filled_by=office),
            Fact(label=_("人口数据来源"), value=row.population_source),
            Fact(label=_("人口数据日期"), value=row.population_date),
            Fact(label=_("防护目标类别"), value=_("%(name)s（人数未填，按此类核查）") % {"name": protected} if assumed
                 else protected, wide=True),
            Fact(label=_("个人风险基准（每年，新建/在役）"), value=limits),
            Fact(label=pgettext("zone", "范围"), value=_("%(count)s个顶点，CGCS2000") % {
                "count": len(row.polygon["coordinates"][0]) - 1}),
            Fact(label=_("登记人"), value=row.entered_by),
        ]  # fmt: skip

    def tabs(self, row: PlanningZone, actor: Actor) -> Sequence[Tab]:
        editions = queries.editions_of(row)
        near = layout_queries.list_checks(actor=actor).filter(key=f"zone:{row.code}")
        checks = list(near[:200])
        return [
            Tab(name="checks", label=_("间距核查"), count=len(checks), template="risk/_zone_checks.html",
                context=lambda: {"checks": checks}),
            Tab(name="editions", label=_("各版本"), count=len(editions), template="risk/_zone_editions.html",
                context=lambda: {"editions": [(one, kind(one.kind), standing(one)) for one in editions],
                                 "zone": row}),
        ]  # fmt: skip

    def actions(self, row: PlanningZone, actor: Actor) -> Sequence[Action]:
        if not services.may_keep_zone(actor, row) or row.to_date is not None:
            return []
        url = reverse("risk:zone_change", args=[row.pk])
        return [
            Action(name="edition", label=_("登记新版本"), url=url, primary=True),
            _end(),
        ]

    def _lost_action(self, name: str, row: PlanningZone) -> Action:
        # The second of two clicks: the service tells whether it is the same request.
        return _end() if name == "end" else super()._lost_action(name, row)

    def perform(
        self, *, actor: Actor, row: PlanningZone, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "end":
            raise NotFound
        services.end_zone(actor=actor, zone=row, day=given["day"], reason=given["reason"], now=now,
                          client_id=client_id)  # fmt: skip


def _end() -> Action:
    return Action(name="end", label=_("分区失效"), asks=True)


class NewZone(CreatePage):
    title = gettext_lazy("登记规划分区")
    lead = gettext_lazy("按现行规划填写；规划变化时登记同一编号的新版本，原版本保留。")
    duty = services.KEEP
    form = forms.ZoneForm
    template = "risk/zone_form.html"
    back = "risk:zones"
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"from_date": today(), "system": System.CGCS2000}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        known = {name: given.get(name) for name in services.FIELDS}
        made = services.put_zone(actor=actor, known=known, system=given["system"], now=now, client_id=client_id)
        return reverse("risk:zone", args=[made.pk])


class ChangeZone(NewZone):
    title = gettext_lazy("登记分区新版本")
    lead = gettext_lazy("原版本到新版本生效前一天为止，不会被覆盖。")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_zone(actor=actor, zone_id=kwargs["pk"])
        if not services.may_keep_zone(actor, self.row):
            raise NotPermitted

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        stands = {name: getattr(self.row, name) for name in services.FIELDS}
        return {**stands, **super().initial(actor, now)}

    def back_url(self) -> str:
        return reverse("risk:zone", args=[self.row.pk])

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = super()._form(actor, *args, **kwargs)
        # An edition is one of this zone, whatever was sent.
        form.fields["code"].disabled = True
        form.initial["code"] = self.row.code
        return form


class ImportZones(CreatePage):
    """Zones of a plan from a file; what is wrong is told feature by feature and then nothing is entered."""

    title = gettext_lazy("从GeoJSON导入规划分区")
    lead = gettext_lazy("全部无误才会保存；编号已有的登记为新版本。")
    duty = services.KEEP
    form = forms.ZoneFileForm
    back = "risk:zones"
    button = gettext_lazy("导入")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"from_date": today(), "system": System.CGCS2000}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        form = forms.ZoneFileForm(*args, **kwargs)
        if form.is_bound and form.is_valid():
            self.checked = services.check_zones(
                form.cleaned_data["geojson"], form.common(), system=form.cleaned_data["system"], actor=actor,
                now=timezone.now(),
            )  # fmt: skip
            faults = self.checked.faults
            for fault in faults[:_MOST_FAULTS]:
                form.add_error("geojson", fault)
            if len(faults) > _MOST_FAULTS:
                form.add_error("geojson", _("共%(count)s处，这里列出前%(shown)s处。") % {
                    "count": len(faults), "shown": _MOST_FAULTS})  # fmt: skip
        return form

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.put_zones(actor=actor, checked=self.checked, now=now, client_id=client_id)
        return reverse("risk:zones")


#: Faults of a file that are listed on the page.
_MOST_FAULTS = 50


def map_lines(zone: PlanningZone) -> list[str]:
    """What the map says of a zone when it is touched: use, population, plan."""
    counted = people(zone) or pgettext("zone", "人口未填")
    return [kind(zone.kind), counted, " ".join(one for one in (zone.document, zone.document_no) if one)]
