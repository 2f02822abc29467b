"""Key supervised processes (重点监管工艺监控情况): what does not conform first."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from quancheng.domains.monitoring.queries.key_processes import SYSTEMS, ProcessPlace, process_places
from quancheng.domains.monitoring.views import words
from quancheng.domains.registry.models import Facility
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.words import listed, told
from quancheng.kernel.people.actors import actor_of

_PAGE = 50


class KeyProcessList(View):
    """Facilities in which key processes run, with what they lack."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name not in ("town", "lacking", "page"):
                raise unknown_parameter(name)
        town, lacking = request.GET.get("town", ""), request.GET.get("lacking", "")
        towns = town_choices(actor)
        if town not in ("", *(path for path, _name in towns)):
            raise unknown_parameter("town")
        if lacking not in ("", "1"):
            raise unknown_parameter("lacking")
        found = process_places(actor=actor, town=town)
        page = Paginator([one for one in found if not (lacking and one.conforms)], _PAGE)
        shown = page.get_page(request.GET.get("page"))
        context = {
            "page": shown, "lines": [_line(one) for one in shown], "town": town, "towns": towns, "lacking": lacking,
            "all": len(found), "met": sum(one.conforms for one in found), "systems": [_label(one) for one in SYSTEMS],
        }  # fmt: skip
        return render(request, "monitoring/key_processes.html", context)


def _label(name: str) -> str:
    return str(Facility._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _line(one: ProcessPlace) -> dict[str, Any]:
    return {
        "one": one, "processes": [told(each.name) for each in one.processes],
        "watched": listed(words.kind(kind) for kind in one.watched),
        "lacking": listed(words.kind(kind) for kind in one.lacking),
        "systems": listed(_label(name) for name in one.systems),
    }  # fmt: skip
