"""Permits on the district's map and on the plan of one site (作业分布图), now and at an hour to come."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views import View

from quancheng.domains.permits.models import Kind
from quancheng.domains.permits.queries import maps as queries
from quancheng.domains.permits.queries.isolation_maps import isolation_spots, standing_at
from quancheng.domains.permits.queries.isolations import list_isolations
from quancheng.domains.permits.queries.map_meetings import Meeting, meetings_of
from quancheng.domains.permits.queries.outside import MOST_SHOWN, at_work, list_outside
from quancheng.domains.permits.queries.permits import list_permits
from quancheng.domains.permits.queries.simops import sides_of
from quancheng.domains.permits.views import words
from quancheng.domains.permits.views.boards import external_rows, narrowed
from quancheng.domains.permits.views.outside import level_of, outside_mark
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise, own_file
from quancheng.domains.risk.kinds import ColourOf
from quancheng.domains.risk.queries import plans
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.respond import respond
from quancheng.kernel.people.actors import actor_of

#: Hours ahead that one may look.
MOST_HOURS = 48
COLOURS = (("tone", _("按状态着色")), ("level", _("按级别着色")), ("kind", _("按作业类别着色")))
#: A hue of each kind, beside its letters.
_KINDS = {"HW": "hot", "CS": "space", "BL": "blind", "WH": "height", "LF": "lift", "TE": "power", "EX": "dig",
          "RC": "road"}  # fmt: skip
_KEYS = ("in", "of")


def hours_of(request: HttpRequest) -> int:
    """How many hours ahead one looks. :raises Invalid: it is none of 0 to 48."""
    text = request.GET.get("in", "0") or "0"
    if not text.isascii() or not text.isdigit() or int(text) > MOST_HOURS:
        raise unknown_parameter("in")
    return int(text)


def colour_of(request: HttpRequest) -> str:
    """What the colours tell. :raises Invalid: nothing that there is."""
    chosen = request.GET.get("of", "tone")
    if chosen not in dict(COLOURS):
        raise unknown_parameter("of")
    return chosen


def painted(spot: queries.Spot, of: str) -> str:
    """The class that gives a spot its colour."""
    if of == "kind":
        return _KINDS[spot.permit.kind]
    return f"level-{spot.level_colour or 'none'}" if of == "level" else spot.tone


def frame(request: HttpRequest, hours: int, of: str, moment: datetime) -> dict[str, Any]:
    """What both pages say of the moment and the colours."""
    return {
        "hours": hours, "most_hours": MOST_HOURS, "moment": moment, "of": of,
        "marks": [(hour, hour) for hour in (0, 6, 12, 24, 36, 48)],
        "colours": [(code, label, code == of) for code, label in COLOURS], "path": request.path,
    }  # fmt: skip


def painted_outside(spot: queries.OutsideSpot, of: str) -> str:
    """The class that gives a permit of another system its colour."""
    if of == "kind":
        return _KINDS[spot.permit.kind]
    return f"level-{spot.level_colour or 'none'}" if of == "level" else spot.tone


def listed(spots: list[queries.Spot], of: str) -> list[tuple[Any, str, str]]:
    """Each permit with its class of colour and its level, for the drawing and the list beside it."""
    return [(one, painted(one, of), words.level_shown(one.permit)) for one in spots]


def met_on(found: list[Meeting]) -> dict[str, Any]:
    """What meets: the lines of the drawing, and the same in words. Of a neighbour no more than his page tells."""
    sides = sides_of([one.met for one in found])
    lines = []
    for one in found:
        own = one.second.permit.file_id if one.second is not None else None
        lines.append((one, words.met_rows([one.met], sides, own)[0]))
    return {"meetings": lines, "crossings": [one for one in found if one.is_drawn]}


class PermitMap(View):
    """The district: permits at their enterprises, with the same permits as a list."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor, now = actor_of(request), timezone.now()
        hours, of = hours_of(request), colour_of(request)
        rows = narrowed(request, actor, list_permits(actor=actor), more=_KEYS).select_related("file")
        moment = now + timedelta(hours=hours)
        external = external_rows(request, actor, moment, more=_KEYS)
        at_moment = queries.at_moment(rows, moment, is_now=hours == 0)
        drawing = queries.draw(at_moment, moment, [one for one, _level, _mark in external])
        own = own_file(actor=actor)
        context = {
            **frame(request, hours, of, moment), **met_on(meetings_of(drawing.all, moment)),
            "drawing": drawing, "spots": listed(list(drawing.spots), of),
            "rows": listed(drawing.all, of), "dot": queries.DOT,
            "external": external, "external_most": MOST_SHOWN if len(external) == MOST_SHOWN else 0,
            "side": queries.OUTSIDE_SIDE,
            "outside_spots": [(one, painted_outside(one, of), level_of(one.permit)) for one in drawing.outside],
            "kinds": [(code, label, code == request.GET.get("kind")) for code, label in Kind.choices],
            "towns": [] if own else [
                (path, name, path == request.GET.get("town")) for path, name in town_choices(actor)
            ],
            "site_url": reverse("permits:site", args=[own.pk]) if own else "",
        }  # fmt: skip
        return respond(request, page="permits/map.html", part="permits/_map.html", context=context)


class PermitSite(View):
    """The plan of one site in the colours of its risks, with its permits upon it."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor, now = actor_of(request), timezone.now()
        permits = list_permits(actor=actor)
        points, outside = list_isolations(actor=actor), list_outside(actor=actor).filter(file=pk)
        file = get_enterprise(actor=actor, file_id=pk)
        for name in request.GET:
            if name not in ("plan", *_KEYS):
                raise unknown_parameter(name)
        hours, of = hours_of(request), colour_of(request)
        moment = now + timedelta(hours=hours)
        editions = plans.editions_on(plans.plans_of(file), Calendar().local_date(now))
        chosen = request.GET.get("plan", "")
        shown = next((one for one in editions if str(one.pk) == chosen), editions[0] if editions else None)
        if chosen and (shown is None or str(shown.pk) != chosen):
            raise unknown_parameter("plan")
        places = plans.places_of(file, None)
        standing, left_out = standing_at(points, file.pk)
        view = plans.plan_views(editions, places, ColourOf.PRESENT, shown)
        found = queries.at_moment(permits.filter(file=file), moment, is_now=hours == 0)
        drawn, missing = queries.spots_on_plan(found, view, places, moment)
        context = {
            **frame(request, hours, of, moment), **met_on(meetings_of([*drawn, *missing], moment)),
            "file": file, "view": view, "shown": shown, "editions": editions,
            "link": None if shown is None else plans.picture_of(shown), "spots": listed(drawn, of),
            "rows": listed([*drawn, *missing], of), "missing": len(missing), "overlay": "permits/_site_pins.svg",
            "isolations": isolation_spots(standing, view, places), "unlisted": left_out,
            "dot": view.em if view is not None else 0,
            "external": [(one, level_of(one), outside_mark(one)) for one in at_work(outside, moment)],
        }  # fmt: skip
        return respond(request, page="permits/site.html", part="permits/_site.html", context=context)
