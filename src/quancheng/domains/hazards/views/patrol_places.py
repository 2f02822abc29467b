"""Pages of patrol places and routes (巡查点、巡查路线)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.forms import patrols as forms
from quancheng.domains.hazards.models import PatrolCycle, PatrolPlace, PatrolRoute
from quancheng.domains.hazards.queries import patrols as queries
from quancheng.domains.hazards.queries.rounds import name_of
from quancheng.domains.hazards.services import patrol_places as services
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import seen_files
from quancheng.domains.registry.views import words
from quancheng.domains.registry.views.words import link_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab

#: Visits of a place that its page shows; the ledger has all.
SHOWN = 50


def type_choices(actor: Actor) -> list[tuple[str, str]]:
    return queries.type_choices()


def _officers(row: PatrolRoute) -> str:
    return "、".join(one.name for one in row.officers.all())


def _ended(row: PatrolPlace | PatrolRoute) -> list[Fact]:
    if row.ended_date is None:
        return []
    return [Fact(label=_("停用日期"), value=row.ended_date), Fact(label=_("停用原因"), value=row.ended_reason)]


#: What is done to a place or a route besides walking it.
_ACTS = {"change": gettext_lazy("修改"), "end": gettext_lazy("停用")}


def _state(row: PatrolPlace | PatrolRoute) -> list[Any]:
    return [marks.badge(_("已停用"), "quiet")] if row.ended_date is not None else []


class PlaceList(ListPage):
    """Places that grid officers look at (巡查点)."""

    code = "hazards.patrol_places"
    title = gettext_lazy("巡查点")
    columns = (
        Column("name", gettext_lazy("名称"), link=True, sort="name", card="title", width="wide"),
        Column("type", gettext_lazy("巡查点类型"), value=lambda row: row.type_label, sort="type", card="meta"),
        Column("address", gettext_lazy("地址"), width="wide", card="meta"),
        Column("owner", gettext_lazy("所属村（社区）或镇街"), value=lambda row: row.owner_org.name,
               sort="owner_org__pinyin"),
        Column("person", gettext_lazy("现场负责人")),
        Column("file", gettext_lazy("关联企业"),
               value=lambda row: row.file.enterprise.name if row.file is not None else ""),
        Column("last_at", gettext_lazy("最近巡查"), sort="last_at"),
        Column("ended_date", gettext_lazy("停用日期"), sort="ended_date", shown=False),
        Column("system", gettext_lazy("坐标系"), value=lambda row: "CGCS2000" if row.lon is not None else "",
               shown=False),
        Column("lon", gettext_lazy("经度"), shown=False, numeric=True),
        Column("lat", gettext_lazy("纬度"), shown=False, numeric=True),
        Column("code", gettext_lazy("统一社会信用代码"), shown=False,
               value=lambda row: row.file.enterprise.credit_code or "" if row.is_file_seen else ""),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、地址"), pinned=True, fields=("name", "address")),
        Choice(name="type", label=gettext_lazy("巡查点类型"), choices=type_choices, field="type", multiple=True,
               pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Flag(name="standing", label=gettext_lazy("只看在用的"), condition=lambda actor: Q(ended_date__isnull=True)),
        Flag(name="unrouted", label=gettext_lazy("只看未列入路线的"),
             condition=lambda actor: Q(ended_date__isnull=True, stops__isnull=True)),
    )  # fmt: skip
    imports = ("hazards.patrol_places",)
    empty_title = gettext_lazy("还没有巡查点")

    def queryset(self, actor: Actor) -> QuerySet[PatrolPlace]:
        return queries.list_places(actor=actor)

    def url_of(self, row: PatrolPlace) -> str:
        return reverse("hazards:patrol_place", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        found: list[tuple[Text, str]] = [(gettext_lazy("巡查路线"), reverse("hazards:patrol_routes"))]
        if actor.has(services.KEEP):
            found.insert(0, (gettext_lazy("登记巡查点"), reverse("hazards:patrol_place_new")))
        return found


class NewPlace(CreatePage):
    title = gettext_lazy("登记巡查点")
    duty = services.KEEP
    form = forms.PlaceForm
    back = "hazards:patrol_places"
    button = gettext_lazy("保存")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.PlaceForm(*args, actor=actor, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_place(actor=actor, owner=given["owner"], known=given, now=now, client_id=client_id)
        return reverse("hazards:patrol_place", args=[made.pk])


class PlacePage(ObjectPage[PatrolPlace]):
    """One place: what it is, what to look at there, how it was found."""

    template = "hazards/object.html"
    back = (gettext_lazy("巡查点"), lambda: reverse("hazards:patrol_places"))
    forms = {"end": forms.EndForm}
    own_acts = _ACTS

    def get_row(self, actor: Actor, **kwargs: Any) -> PatrolPlace:
        return queries.get_place(actor=actor, place_id=kwargs["pk"])

    def head(self, row: PatrolPlace, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, subtitle=getattr(row, "type_label", row.type), marks=_state(row))

    def facts(self, row: PatrolPlace, actor: Actor) -> Sequence[Fact]:
        looks, mark = queries.looks_of([row.type]).get(row.type, ([], ""))
        return [
            Fact(label=_("所属村（社区）或镇街"), value=row.owner_org.name),
            Fact(label=_("地址"), value=row.address, wide=True),
            Fact(label=_("经纬度（CGCS2000）"), value=words.point(row.lon, row.lat)),
            Fact(label=_("现场负责人"), value=row.person),
            Fact(label=_("关联企业"), value=_file(row.file, actor)),
            Fact(label=_("查看内容"), value="；".join(looks), wide=True, help=words.mark(mark) if mark else ""),
            *_ended(row),
        ]

    def tabs(self, row: PatrolPlace, actor: Actor) -> Sequence[Tab]:
        visits = list(queries.visits_at(row)[:SHOWN])
        routes = queries.routes_with(row)
        more = f"{reverse('hazards:patrol_visits')}?place={row.pk}"
        return [
            Tab(name="visits", label=_("巡查记录"), count=len(visits), template="hazards/_patrol_visits_at.html",
                context=lambda: {"visits": visits, "more": more}),
            Tab(name="routes", label=_("巡查路线"), count=len(routes), template="hazards/_patrol_routes.html",
                context=lambda: {"routes": routes}),
        ]  # fmt: skip

    def actions(self, row: PatrolPlace, actor: Actor) -> Sequence[Action]:
        found: list[Action] = []
        if row.ended_date is not None:
            return found
        if actor.has(queries.WALK) and actor.organisation_id == row.owner_org_id:
            url = reverse("hazards:patrol_clue_new", args=[row.pk])
            found.append(Action(name="clue", label=_("上报线索"), url=url, primary=True))
        if services.may_keep(actor, row.owner_org_id):
            found += [Action(name=name, label=label, asks=True) for name, label in _ACTS.items()]
        return found

    def form_for(
        self, action: Action, row: PatrolPlace, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name != "change":
            return super().form_for(action, row, actor, data, files)
        known = {name: getattr(row, name) for name in services.FIELDS if name != "file"}
        is_seen = row.file is not None and bool(seen_files(actor=actor, ids=[row.file.pk]))
        enterprise = row.file.enterprise if row.file is not None and is_seen else None
        code = enterprise.credit_code or "" if enterprise is not None else ""
        return forms.ChangePlaceForm(data, actor=actor, initial={**known, "code": code, "version": row.version})

    def history(self, row: PatrolPlace, actor: Actor) -> Sequence[HistoryLine]:
        return ()

    def perform(
        self, *, actor: Actor, row: PatrolPlace, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "change":
            changes = {key: value for key, value in given.items() if key in services.FIELDS}
            version = given["version"] or row.version
            services.change_place(actor=actor, row=row, version=version, changes=changes, now=now)
        elif name == "end":
            services.end_place(actor=actor, row=row, reason=given["reason"], now=now, client_id=client_id)
        else:
            raise NotFound


class RouteList(ListPage):
    """Routes on which places are looked at (巡查路线)."""

    code = "hazards.patrol_routes"
    title = gettext_lazy("巡查路线")
    columns = (
        Column("name", gettext_lazy("路线名称"), link=True, sort="name", card="title", width="wide"),
        Column("owner", gettext_lazy("所属村（社区）或镇街"), value=lambda row: row.owner_org.name,
               sort="owner_org__pinyin", card="meta"),
        Column("cycle", gettext_lazy("巡查周期"), value=lambda row: row.get_cycle_display(), sort="cycle", card="meta"),
        Column("stop_count", gettext_lazy("巡查点数"), numeric=True, sort="stop_count"),
        Column("officers", gettext_lazy("网格员"), value=_officers, card="meta"),
        Column("starts_date", gettext_lazy("起始日期"), sort="starts_date"),
        Column("ended_date", gettext_lazy("停用日期"), sort="ended_date", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("路线名称"), pinned=True, fields=("name",)),
        Choice(name="cycle", label=gettext_lazy("巡查周期"), choices=PatrolCycle.choices, field="cycle",
               multiple=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Flag(name="standing", label=gettext_lazy("只看在用的"), condition=lambda actor: Q(ended_date__isnull=True)),
        Flag(name="late", label=gettext_lazy("只看有逾期未巡的"),
             condition=lambda actor: queries.late_routes(Calendar().local_date(timezone.now()))),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有巡查路线")

    def queryset(self, actor: Actor) -> QuerySet[PatrolRoute]:
        return queries.list_routes(actor=actor)

    def url_of(self, row: PatrolRoute) -> str:
        return reverse("hazards:patrol_route", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("设置巡查路线"), reverse("hazards:patrol_route_new"))] if actor.has(services.KEEP) else []


class NewRoute(CreatePage):
    title = gettext_lazy("设置巡查路线")
    lead = gettext_lazy("从起始日期起按周期产生巡查任务，列入网格员的今日待办。")
    duty = services.KEEP
    form = forms.RouteForm
    back = "hazards:patrol_routes"
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"cycle": PatrolCycle.WORKDAYS, "starts_date": Calendar().local_date(now)}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return forms.RouteForm(*args, actor=actor, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.enter_route(actor=actor, owner=given["owner"], spec=_spec(given), now=now, client_id=client_id)
        return reverse("hazards:patrol_route", args=[made.pk])


class RoutePage(ObjectPage[PatrolRoute]):
    """One route: its places in their order, who walks it, the walks."""

    template = "hazards/object.html"
    back = (gettext_lazy("巡查路线"), lambda: reverse("hazards:patrol_routes"))
    forms = {"end": forms.EndForm}
    own_acts = _ACTS

    def get_row(self, actor: Actor, **kwargs: Any) -> PatrolRoute:
        return queries.get_route(actor=actor, route_id=kwargs["pk"])

    def head(self, row: PatrolRoute, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, subtitle=row.owner_org.name, marks=_state(row))

    def facts(self, row: PatrolRoute, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("网格员"), value=_officers(row)),
            Fact(label=_("巡查周期"), value=row.get_cycle_display()),
            Fact(label=_("起始日期"), value=row.starts_date),
            *_ended(row),
        ]

    def tabs(self, row: PatrolRoute, actor: Actor) -> Sequence[Tab]:
        stops, labels = queries.stops_of(row), queries.type_labels()
        walks = list(queries.list_patrols(actor=actor).filter(route=row)[:SHOWN])
        lines = [(one, labels.get(one.place.type, one.place.type)) for one in stops]
        return [
            Tab(name="stops", label=_("巡查点"), count=len(stops), template="hazards/_patrol_stops.html",
                context=lambda: {"stops": lines}),
            Tab(name="walks", label=_("巡查任务"), count=len(walks), template="hazards/_patrol_walks.html",
                context=lambda: {"walks": walks}),
        ]  # fmt: skip

    def actions(self, row: PatrolRoute, actor: Actor) -> Sequence[Action]:
        found: list[Action] = []
        if row.ended_date is not None:
            return found
        if actor.has(queries.WALK) and any(one.pk == actor.user_id for one in row.officers.all()):
            url = reverse("hazards:patrol_route_walk", args=[row.pk])
            found.append(Action(name="walk", label=_("记录巡查"), url=url, primary=True))
        if services.may_keep(actor, row.owner_org_id):
            found += [Action(name=name, label=label, asks=True) for name, label in _ACTS.items()]
        return found

    def form_for(
        self, action: Action, row: PatrolRoute, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name != "change":
            return super().form_for(action, row, actor, data, files)
        initial = {
            "name": row.name, "cycle": row.cycle, "starts_date": row.starts_date, "version": row.version,
            "places": "\n".join(one.place.name for one in queries.stops_of(row)),
            "officers": [str(one.pk) for one in row.officers.all()],
        }  # fmt: skip
        form = forms.ChangeRouteForm(data, actor=actor, initial=initial)
        form.owner_id = row.owner_org_id
        return form

    def perform(
        self, *, actor: Actor, row: PatrolRoute, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "change":
            version = given["version"] or row.version
            services.change_route(actor=actor, row=row, version=version, spec=_spec(given), now=now)
        elif name == "end":
            services.end_route(actor=actor, row=row, reason=given["reason"], now=now, client_id=client_id)
        else:
            raise NotFound


def _file(file: Enterprise | None, actor: Actor) -> Any:
    """The enterprise, leading to its file for who may open it."""
    if file is None:
        return ""
    if seen_files(actor=actor, ids=[file.pk]):
        return link_to(file)
    return name_of(file)


def _spec(given: Mapping[str, Any]) -> services.RouteSpec:
    return services.RouteSpec(
        name=given["name"], places=given["places"], officers=[uuid.UUID(one) for one in given["officers"]],
        cycle=given["cycle"], starts_date=given["starts_date"],
    )  # fmt: skip
