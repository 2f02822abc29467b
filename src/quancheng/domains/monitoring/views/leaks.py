"""Leak objects (泄漏监测对象): every kind of sensor of one place, and what they say together."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from quancheng.domains.monitoring.queries.leaks import LeakObject, leak_objects
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.words import listed, told
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.signals import gb50493, leaks

_PAGE = 50
_TONES = {"confirmed": "active", "suspected": "active", "check": "plain", "alarm": "plain", "normal": "done"}


class LeakList(View):
    """Places that sensors watch for leaks, the gravest first."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name not in ("town", "state", "page"):
                raise unknown_parameter(name)
        town, state = request.GET.get("town", ""), request.GET.get("state", "")
        towns = town_choices(actor)
        if town not in ("", *(path for path, _name in towns)):
            raise unknown_parameter("town")
        if state not in ("", *leaks.STATES):
            raise unknown_parameter("state")
        found = leak_objects(actor=actor, town=town)
        shown = [one for one in found if state in ("", one.state)]
        page = Paginator(shown, _PAGE).get_page(request.GET.get("page"))
        counts = [(told(name), sum(one.state == code for one in found), code) for code, name in leaks.STATES.items()]
        context = {
            "page": page, "lines": [_line(one) for one in page], "town": town, "state": state, "towns": towns,
            "states": [(code, told(name)) for code, name in leaks.STATES.items()], "counts": counts,
            "window": round(leaks.RULE.together_s / 60),
        }  # fmt: skip
        return render(request, "monitoring/leaks.html", context)


def _line(one: LeakObject) -> dict[str, object]:
    gas = gb50493.gases().get(one.medium)
    return {
        "one": one, "state": marks.badge(told(leaks.STATES[one.state]), _TONES[one.state]),
        "advice": told(leaks.ADVICE[one.state]), "medium": one.medium if gas is None else told(gas.name),
        "kinds": listed(told(leaks.SENSORS[code]) for code in one.kinds),
        "is_single": len(one.kinds) == 1,
        "sensors": [(each.tag, told(leaks.SENSORS[each.sensor]), each.type or _("正常"), each.since)
                    for each in one.sensors],
    }  # fmt: skip
