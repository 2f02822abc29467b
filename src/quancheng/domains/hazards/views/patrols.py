"""Pages of walks (网格巡查) and of the ledger of what was seen on them (排查台账), and of the terms."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.hazards.duties import READ
from quancheng.domains.hazards.forms import patrols as forms
from quancheng.domains.hazards.loops.patrol import PATROL
from quancheng.domains.hazards.models import Patrol, PatrolRoute, PatrolVisit, VisitResult
from quancheng.domains.hazards.queries import patrols as queries
from quancheng.domains.hazards.services import patrols as services
from quancheng.domains.hazards.views.patrol_places import type_choices
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.views.words import in_language, point
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted, StaleState
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.actors import actor_of


def is_late(row: Patrol) -> bool:
    """Whether its day is over and nobody walked it."""
    return row.status == "DUE" and row.due_date < Calendar().local_date(timezone.now())


def _late() -> Q:
    return Q(status="DUE", due_date__lt=Calendar().local_date(timezone.now()))


class PatrolList(ListPage):
    """Walks that are owed, were made, or were not (网格巡查任务)."""

    code = "hazards.patrols"
    title = gettext_lazy("网格巡查")
    columns = (
        Column("title", gettext_lazy("巡查任务"), link=True, card="title", width="wide"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("owner", gettext_lazy("巡查单位"), value=lambda row: row.owner_org.name, sort="owner_org__pinyin",
               card="meta"),
        Column("due_date", gettext_lazy("巡查日期"), sort="due_date", card="meta"),
        Column("late", gettext_lazy("逾期"), value=lambda row: _("是") if is_late(row) else ""),
        Column("walker_name", gettext_lazy("巡查人")),
        Column("walked_at", gettext_lazy("巡查时间"), sort="walked_at"),
        Column("visit_count", gettext_lazy("巡查点数"), numeric=True, sort="visit_count"),
        Column("clue_count", gettext_lazy("线索数"), numeric=True, sort="clue_count"),
        Column("unentered_count", gettext_lazy("未能进入数"), numeric=True, sort="unentered_count", shown=False),
        Column("is_extra", gettext_lazy("加巡"), value=lambda row: _("是") if row.is_extra else "", shown=False),
        Column("note", gettext_lazy("巡查说明"), width="wide", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("巡查任务、巡查人"), pinned=True, fields=("title", "walker_name")),
        Choice(name="status", label=gettext_lazy("状态"), choices=PATROL.choices, field="status", multiple=True,
               pinned=True),
        Flag(name="late", label=gettext_lazy("只看逾期的"), condition=lambda actor: _late()),
        Flag(name="mine", label=gettext_lazy("只看本人路线的"),
             condition=lambda actor: Q(route__in=queries.routes_walked_by(actor))),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Dates(name="due", label=gettext_lazy("巡查日期"), field="due_date"),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有巡查任务")

    def queryset(self, actor: Actor) -> QuerySet[Patrol]:
        return queries.list_patrols(actor=actor)

    def url_of(self, row: Patrol) -> str:
        return reverse("hazards:patrol", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [(gettext_lazy("排查台账"), reverse("hazards:patrol_visits"))]


class PatrolPage(ObjectPage[Patrol]):
    """One walk: what was seen at each place, or why it was not made."""

    template = "hazards/object.html"
    back = (gettext_lazy("网格巡查"), lambda: reverse("hazards:patrols"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Patrol:
        return queries.get_patrol(actor=actor, patrol_id=kwargs["pk"])

    def head(self, row: Patrol, actor: Actor) -> ObjectHead:
        shown = [marks.badge(_("逾期"), "active")] if is_late(row) else []
        if row.is_extra:
            shown.append(marks.badge(_("加巡"), "plain"))
        return ObjectHead(title=row.title, subtitle=row.owner_org.name, marks=shown)

    def facts(self, row: Patrol, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("巡查路线"), value=row.route.name),
            Fact(label=_("巡查日期"), value=row.due_date),
            Fact(label=_("巡查人"), value=row.walker_name),
            Fact(label=_("巡查时间"), value=row.walked_at),
            Fact(label=_("巡查说明"), value=row.note, wide=True),
            Fact(label=_("存疑"), value="；".join(in_language(one) for one in row.doubts), wide=True),
        ]

    def tabs(self, row: Patrol, actor: Actor) -> Sequence[Tab]:
        if row.status != "WALKED":
            stops, labels = queries.stops_of(row.route), queries.type_labels()
            lines = [(one, labels.get(one.place.type, one.place.type)) for one in stops]
            return [Tab(name="stops", label=_("巡查点"), count=len(stops), template="hazards/_patrol_stops.html",
                        context=lambda: {"stops": lines})]  # fmt: skip
        visits = queries.visits_of(row)
        held = files_of_many(PatrolVisit, [one.pk for one in visits])
        return [Tab(name="visits", label=_("巡查结果"), count=len(visits), template="hazards/_patrol_visits.html",
                    context=lambda: {"visits": [(one, held.get(one.pk, [])) for one in visits]})]  # fmt: skip

    def actions(self, row: Patrol, actor: Actor) -> Sequence[Action]:
        found = super().actions(row, actor)
        if not found or not services.may_excuse(actor, row.route):
            return []
        url, walks = reverse("hazards:patrol_walk", args=[row.pk]), services.walks(actor, row.route)
        return [
            Action(name=one.name, label=one.label, primary=one.primary, url=url) if one.name == "walk" else one
            for one in found
            if one.name != "walk" or walks
        ]

    def perform(
        self, *, actor: Actor, row: Patrol, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "excuse":
            raise NotFound
        services.excuse_patrol(actor=actor, row=row, reason=given["reason"], now=now, client_id=client_id)


class _Walk(CreatePage):
    """Base of the pages on which a walk is recorded at a desk, place by place."""

    title = gettext_lazy("记录巡查")
    lead = gettext_lazy("逐个巡查点选择结果；发现线索的自动报镇街受理。提交后不能修改。")
    duty = services.WALK
    button = gettext_lazy("提交巡查结果")

    route: PatrolRoute
    patrol: Patrol | None = None

    def prepare(self, actor: Actor) -> None:
        """:raises NotPermitted: no officer of the route."""
        if not services.walks(actor, self.route):
            raise NotPermitted(_("只有该路线的网格员可以记录巡查。"))
        self.stops = queries.stops_of(self.route)

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Form:
        return forms.WalkForm(*args, stops=self.stops, **kwargs)

    def _show(self, request: HttpRequest, form: Form, *, status: int = 200) -> HttpResponse:
        context = {
            "page": self, "form": form, "route": self.route, "patrol": self.patrol, "back_url": self.back_url(),
            "client_id": request.POST.get("client_id") or str(uuid.uuid4()),
        }  # fmt: skip
        return render(request, "hazards/patrol_walk.html", context, status=status)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        visits = []
        for stop in self.stops:
            key = stop.place_id
            photos = receive_uploads(actor=actor, uploads=given[f"photos_{key}"], now=now)
            visits.append(services.VisitSpec(
                place=key, result=given[f"place_{key}"], note=given[f"note_{key}"], kind=given[f"kind_{key}"],
                photos=tuple(photos),
            ))  # fmt: skip
        spec = services.WalkSpec(visits=visits, note=given["note"])
        made = services.record_walk(
            actor=actor, route=self.route, spec=spec, now=now, patrol=self.patrol, client_id=client_id
        )
        return reverse("hazards:patrol", args=[made.pk])


class WalkPatrol(_Walk):
    """A walk that is owed is recorded."""

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.patrol = queries.get_patrol(actor=actor, patrol_id=kwargs["pk"])
        self.route = self.patrol.route
        self.prepare(actor)
        if self.patrol.is_closed and self.request.method != "POST":
            raise StaleState(_("该任务为“%(state)s”，不能再记录。") % {"state": self.patrol.status_label})

    def back_url(self) -> str:
        return reverse("hazards:patrol", args=[self.patrol.pk if self.patrol else None])


class WalkRoute(_Walk):
    """A walk over a route is recorded: of what is owed for the day, else one out of turn."""

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.route = queries.get_route(actor=actor, route_id=kwargs["pk"])
        self.prepare(actor)

    def back_url(self) -> str:
        return reverse("hazards:patrol_route", args=[self.route.pk])


class VisitList(ListPage):
    """The screening ledger (排查台账): places as they were seen, by day, place, result and officer."""

    code = "hazards.patrol_visits"
    title = gettext_lazy("网格排查台账")
    columns = (
        Column("place", gettext_lazy("巡查点"), value=lambda row: row.place.name, link=True, sort="place__name",
               card="title", width="wide"),
        Column("type", gettext_lazy("巡查点类型"), value=lambda row: row.type_label, sort="place__type", card="meta"),
        Column("at", gettext_lazy("到点时间"), sort="at", card="meta"),
        Column("result", gettext_lazy("巡查结果"), value=lambda row: row.get_result_display(), sort="result",
               card="meta"),
        Column("note", gettext_lazy("说明"), width="wide"),
        Column("walker", gettext_lazy("巡查人"), value=lambda row: row.patrol.walker_name, sort="patrol__walker_name"),
        Column("owner", gettext_lazy("巡查单位"), value=lambda row: row.patrol.owner_org.name,
               sort="patrol__owner_org__pinyin"),
        Column("route", gettext_lazy("巡查路线"), value=lambda row: row.patrol.route.name, shown=False),
        Column("clue", gettext_lazy("线索"), value=lambda row: row.clue.code if hasattr(row, "clue") else ""),
        Column("address", gettext_lazy("地址"), value=lambda row: row.place.address, width="wide", shown=False),
        Column("distance_m", gettext_lazy("距巡查点（米）"), numeric=True, sort="distance_m", shown=False),
        Column("point", gettext_lazy("记录位置"), value=lambda row: point(row.lon, row.lat), shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("巡查点、说明、巡查人"), pinned=True,
               fields=("place__name", "note", "patrol__walker_name")),
        Dates(name="at", label=gettext_lazy("到点时间"), field="at", times=True),
        Choice(name="result", label=gettext_lazy("巡查结果"), choices=VisitResult.choices, field="result",
               multiple=True, pinned=True),
        Choice(name="type", label=gettext_lazy("巡查点类型"), choices=type_choices, field="place__type",
               multiple=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(patrol__area__path__startswith=path)),
        Choice(name="place", label=gettext_lazy("巡查点"), choices=queries.place_choices, field="place"),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有巡查记录")

    def queryset(self, actor: Actor) -> QuerySet[PatrolVisit]:
        return queries.list_visits(actor=actor)

    def url_of(self, row: PatrolVisit) -> str:
        return reverse("hazards:patrol", args=[row.patrol_id])


class Terms(View):
    """The terms in force, and what was set before."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require(READ)
        today = Calendar().local_date(timezone.now())
        known, past, labels = queries.terms_on(today), queries.past_terms(), forms.term_labels()
        context = {
            "figures": [(label, getattr(known, name)) for name, label in labels.items()],
            "past": [(one, [(label, getattr(one, name)) for name, label in labels.items()]) for one in past],
            "is_ours": any(one.from_date <= today for one in past), "may_set": actor.has(services.SET_TERMS),
        }  # fmt: skip
        return render(request, "hazards/patrol_terms.html", context)


class NewTerms(CreatePage):
    title = gettext_lazy("设置网格线索时限")
    lead = gettext_lazy("起用日期之后的步骤按新的时限；已经开始计时的不变。")
    duty = services.SET_TERMS
    form = forms.TermsForm
    back = "hazards:patrol_terms"
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        today = Calendar().local_date(now)
        known = queries.terms_on(today)
        return {**{name: getattr(known, name) for name in queries.TERM_NAMES}, "from_date": today}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        figures = {name: given[name] for name in queries.TERM_NAMES}
        services.set_patrol_terms(
            actor=actor, figures=figures, reason=given["reason"], from_date=given["from_date"], now=now,
            client_id=client_id,
        )  # fmt: skip
        return reverse("hazards:patrol_terms")
