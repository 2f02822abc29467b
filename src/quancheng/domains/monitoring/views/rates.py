"""How enterprises are connected (在线率): all of them, one with its days, streets compared."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.monitoring.models import FileDay
from quancheng.domains.monitoring.queries import outages, rates
from quancheng.domains.monitoring.queries.rates import Minutes
from quancheng.domains.monitoring.queries.readings import StoreAway
from quancheng.domains.monitoring.queries.sources import sources_of
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Asked, Column, ListPage
from quancheng.kernel.people.actors import actor_of

#: Days of the table of one enterprise, and of the comparison of streets.
DAYS, AREA_DAYS = 60, 30


def percent(value: float | None) -> str:
    """A rate; a dash where nothing was due. Never rounded up to what was not reached."""
    return "—" if value is None else f"{int(value * 100) / 100:.2f} %"


def _connected(row: Any) -> str:
    if row.is_off:
        return _("离线")
    if not row.linked:
        return _("未接入")
    return _("部分点位断线") if row.silent else _("在线")


def connection_badge(row: Any) -> Any:
    """How an enterprise of ``list_connection`` is connected now."""
    tone = "active" if row.is_off or row.silent else "done" if row.linked else "plain"
    return marks.badge(_connected(row), tone)


def _below() -> Q:
    return Q(rate_30__lt=outages.rules().target)


class ConnectionList(ListPage):
    """Enterprises with something to be monitored: connected or not, on line or not, and how much of the time."""

    code = "monitoring.connection"
    title = gettext_lazy("接入与在线率")
    summary = "monitoring/_area_rates.html"
    columns = (
        Column("name", gettext_lazy("企业"), value=lambda row: row.enterprise.name, link=True, sort="pinyin",
               card="title", width="wide"),
        Column("state", gettext_lazy("状态"), value=_connected, render=connection_badge, card="meta"),
        Column("sources", gettext_lazy("在线接入源"), numeric=True,
               value=lambda row: f"{row.on_line or 0} / {row.linked or 0}"),
        Column("live_tags", gettext_lazy("启用点位"), value=lambda row: row.live_tags or 0, numeric=True,
               sort="live_tags"),
        Column("silent", gettext_lazy("未恢复断线"), value=lambda row: row.silent or 0, numeric=True, sort="silent"),
        Column("rate_1", gettext_lazy("昨日在线率"), value=lambda row: row.rate_1,
               render=lambda row: percent(row.rate_1), numeric=True, sort="rate_1", card="meta"),
        Column("rate_30", gettext_lazy("30天在线率"), value=lambda row: row.rate_30,
               render=lambda row: percent(row.rate_30), numeric=True, sort="rate_30", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业名称"), fields=("enterprise__name",), pinned=True),
        Flag(name="unconnected", label=gettext_lazy("只看未接入的"), pinned=True,
             condition=lambda actor: Q(linked__isnull=True)),
        Flag(name="offline", label=gettext_lazy("只看现在离线的"), pinned=True,
             condition=lambda actor: Q(is_off=True)),
        Flag(name="silent", label=gettext_lazy("只看有断线的"), condition=lambda actor: Q(silent__gt=0)),
        Flag(name="below", label=gettext_lazy("只看30天在线率不达标的"), condition=lambda actor: _below(), pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有须监测的设施")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return rates.list_connection(actor=actor, today=Calendar().local_date(timezone.now()))

    def url_of(self, row: Enterprise) -> str:
        return reverse("monitoring:file_rates", args=[row.pk])

    def summary_context(self, actor: Actor, asked: Asked) -> dict[str, Any]:
        today = Calendar().local_date(timezone.now())
        areas = rates.area_rates(actor=actor, today=today, days=AREA_DAYS)
        whole = rates.summed(one.minutes for one in areas)
        target = outages.rules().target
        return {
            "whole": percent(whole.rate), "target": f"{target:g} %",
            "areas": [(one.name, one.path, one.files, percent(one.minutes.rate), _is_met(one.minutes, target))
                      for one in areas] if actor.supervises else [],
        }  # fmt: skip


def _is_met(minutes: Minutes, target: float) -> bool | None:
    return None if minutes.rate is None else minutes.rate >= target


class FileRates(View):
    """One enterprise: now, today so far, and its days as a chart and a table."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        file = get_enterprise(actor=actor, file_id=pk)
        for name in request.GET:
            raise unknown_parameter(name)
        now = timezone.now()
        today = Calendar().local_date(now)
        days = rates.file_days(file=file, first=today - timedelta(days=DAYS), last=today - timedelta(days=1))
        target = outages.rules().target
        running = outages.list_outages(actor=actor).filter(file=file, ended_at__isnull=True)
        context = {
            "file": file, "target": f"{target:g} %", "outages": list(running[:20]), "sources": list(
                sources_of(file).select_related("state")),
            "days": [_line(one, target) for one in days], "option": _option(days, target) if days else None,
            "month": percent(rates.summed(_minutes(one) for one in days[:30]).rate), "now": now,
        }  # fmt: skip
        try:
            so_far = rates.by_file(rates.today_of([file.pk], now=now)).get(file.pk, Minutes())
        except StoreAway:
            context["is_away"] = True
        else:
            context |= {"today": percent(so_far.rate), "today_minutes": so_far}
        return render(request, "monitoring/file_rates.html", context)


def _minutes(day: FileDay) -> Minutes:
    return Minutes(day.valid_min, day.due_min)


def _line(day: FileDay, target: float) -> tuple[Any, ...]:
    minutes = _minutes(day)
    met = _is_met(minutes, target)
    return day.day, day.tags, minutes.valid, minutes.due, day.planned_min, percent(minutes.rate), met


def _option(days: Sequence[FileDay], target: float) -> dict[str, Any]:
    """The chart: one point a day, and the line of the target."""
    told = [(one.day.isoformat(), _minutes(one).rate) for one in reversed(days)]
    lowest = min([target, *(value for _day, value in told if value is not None)])
    mark = {"symbol": "none", "silent": True, "data": [{"yAxis": target, "name": _("目标")}]}
    return {
        "xAxis": {"type": "category", "data": [day for day, _value in told]},
        "yAxis": {"type": "value", "max": 100, "min": max(0, int(lowest) - 1)},
        "series": [{
            "name": _("在线率（%）"), "type": "line", "markLine": mark,
            "data": [None if value is None else round(value, 2) for _day, value in told],
        }],
        "grid": {"left": 8, "right": 40, "top": 36, "bottom": 8, "containLabel": True},
    }  # fmt: skip
