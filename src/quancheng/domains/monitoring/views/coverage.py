"""What must be monitored and what is (监测接入情况): by enterprise, then place by place with its sensors."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.monitoring.models import Tag
from quancheng.domains.monitoring.queries import coverage as queries
from quancheng.domains.monitoring.queries import rates
from quancheng.domains.monitoring.queries.coverage import Coverage, Place, Share
from quancheng.domains.monitoring.queries.rates import Minutes
from quancheng.domains.monitoring.queries.readings import StoreAway
from quancheng.domains.monitoring.services.sources import may_keep
from quancheng.domains.monitoring.views.rates import connection_badge, percent
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.registry.views.words import hazard
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.words import told
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.signals import tags as standard

_PAGE = 50
_SHOWS = {
    "all": gettext_lazy("全部"), "lacking": gettext_lazy("只看缺少的"), "hazards": gettext_lazy("只看重大危险源"),
    "storage": gettext_lazy("只看储存设施"),
}  # fmt: skip


class CoverageList(View):
    """Enterprises with how much of what must be monitored is."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name not in ("town", "lacking", "page"):
                raise unknown_parameter(name)
        town, lacking = request.GET.get("town", ""), request.GET.get("lacking", "")
        towns = town_choices(actor)
        if town not in ("", *(value for value, _name in towns)):
            raise unknown_parameter("town")
        if lacking not in ("", "1"):
            raise unknown_parameter("lacking")
        files = queries.list_files(actor=actor)
        if town:
            files = files.filter(area__path__startswith=town)
        found = queries.coverage(actor=actor, files=list(files))
        shown = [one for one in found if one.parameters.lacking] if lacking else found
        page = Paginator(shown, _PAGE).get_page(request.GET.get("page"))
        states = rates.list_connection(actor=actor, today=Calendar().local_date(timezone.now())).in_bulk(
            [one.file.pk for one in page]
        )
        context = {
            "page": page, "lines": [(one, *_connection(states.get(one.file.pk))) for one in page], "towns": towns,
            "town": town, "lacking": lacking,
            "whole": {name: _sum(getattr(one, name) for one in found) for name in ("hazards", "storage")},
        }  # fmt: skip
        return render(request, "monitoring/coverage.html", context)


def _sum(shares: Any) -> Share:
    both = list(shares)
    return Share(sum(one.met for one in both), sum(one.all for one in both))


def _connection(row: Any) -> tuple[Any, str]:
    """How an enterprise is connected now, and its rate of yesterday."""
    return ("", percent(None)) if row is None else (connection_badge(row), percent(row.rate_1))


class FileCoverage(View):
    """One enterprise: unit by unit, facility by facility, parameter by parameter, with the tags that tell it."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        file = get_enterprise(actor=actor, file_id=pk)
        for name in request.GET:
            if name != "show":
                raise unknown_parameter(name)
        show = request.GET.get("show", "all")
        if show not in _SHOWS:
            raise unknown_parameter("show")
        (found,) = queries.coverage(actor=actor, files=[file])
        sensors = queries.sensors(actor=actor, file=file)
        now, is_away = timezone.now(), False
        yesterday = Calendar().local_date(now) - timedelta(days=1)
        known = rates.tag_days(actor=actor, file=file, first=yesterday, last=yesterday)
        try:
            today = {one.tag.pk: Minutes(one.valid, one.due) for one in rates.today_of([file.pk], now=now)}
        except StoreAway:
            today, is_away = {}, True
        silent = rates.silent_numbers(actor=actor, file=file)
        context = {
            "file": file, "whole": found, "show": show, "shows": list(_SHOWS.items()), "is_away": is_away,
            "shown": _units(found, Told(sensors, silent, known, today), show), "may_keep": may_keep(actor, file),
        }  # fmt: skip
        return render(request, "monitoring/file_coverage.html", context)


@dataclass(frozen=True, slots=True)
class Told:
    """Tags of each facility, numbers of those that are silent, minutes of yesterday and of today by tag."""

    sensors: Mapping[uuid.UUID, Sequence[Tag]]
    silent: Collection[int]
    yesterday: Mapping[uuid.UUID, Minutes]
    today: Mapping[uuid.UUID, Minutes]

    def rate(self, tags: Iterable[Tag]) -> str:
        """Yesterday's and today's rate of these tags together."""
        both = list(tags)
        return f"{percent(rates.of_tags(self.yesterday, both).rate)} / {percent(rates.of_tags(self.today, both).rate)}"


def _units(found: Coverage, told_of: Told, show: str) -> list[tuple[Any, ...]]:
    """Units in their order with the places that are asked for; units without any are left out."""
    hazards = {one.pk for one in found.hazard_units}
    lines = []
    for unit in dict.fromkeys([*found.hazard_units, *(one.facility.unit for one in found.places)]):
        of_unit = found.places_of(unit)
        asked = [one for one in of_unit if _is_asked(one, unit.pk in hazards, show)]
        places = [_place(one, told_of, show) for one in asked]
        if any(place[2] for place in places) or (unit.pk in hazards and show in ("all", "hazards")):
            grade = hazard(unit.legal_grade) if unit.pk in hazards else ""
            mine = [tag for one in of_unit for tag in told_of.sensors.get(one.facility.pk, ())]
            lines.append((unit, grade, found.is_hazard_met(unit), told_of.rate(mine), places))
    return lines


def _is_asked(place: Place, of_hazard: bool, show: str) -> bool:
    return {"hazards": of_hazard, "storage": place.is_storage}.get(show, True)


def _place(place: Place, told_of: Told, show: str) -> tuple[Any, ...]:
    mine = told_of.sensors.get(place.facility.pk, ())
    needs = [
        (told(standard.PARAMETERS[one.due.parameter]), told(one.due.note), one.due.mark, one.is_met,
         [(tag, tag.get_status_display(), _link(tag, told_of.silent), told_of.rate([tag]))
          for tag in mine if tag.parameter == one.due.parameter])
        for one in (place.lacking if show == "lacking" else place.needs)
    ]  # fmt: skip
    return place.facility, told(standard.MONITORED[place.kind]), needs, told_of.rate(mine)


def _link(tag: Tag, silent: Collection[int]) -> str:
    """How a tag is connected now."""
    if tag.source is None:
        return _("没有接入源")
    if not tag.source.is_open:
        return _("接入源未启用")
    if tag.source.state.last_at is None:
        return _("未接入")
    if tag.number in silent:
        return _("无有效数据")
    return _("接入源在线") if tag.source.state.is_online else _("接入源离线")
