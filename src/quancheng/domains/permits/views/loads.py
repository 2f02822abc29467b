"""The cumulative picture of risk (累积风险) by unit."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views import View

from quancheng.domains.permits.queries import loads as queries
from quancheng.domains.permits.views import words
from quancheng.domains.permits.views.alarms import alarm_named
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.people.actors import actor_of


def colour_mark(colour: str) -> SafeString:
    word = {"red": _("红"), "orange": _("橙"), "yellow": _("黄"), "blue": _("蓝")}[colour]
    return marks.warning(colour, word)


def load_rows(actor: Actor, file: Enterprise | None) -> list[dict[str, Any]]:
    """Units as page and board show them: all of the reader's own enterprise, else those where anything is open."""
    found = queries.list_loads(actor=actor, now=timezone.now(), file=file.pk if file is not None else None)
    return [
        {
            "load": one, "mark": colour_mark(one.colour), "alarms": [(each, alarm_named(each)) for each in one.alarms],
            "enterprise": "" if file is not None else words.enterprise_of(one.unit.file),
        }
        for one in found
    ]  # fmt: skip


class Loads(View):
    """Every unit with all that is open there."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            raise unknown_parameter(name)
        rows = load_rows(actor, own_file(actor=actor))
        return render(request, "permits/loads.html", {"rows": rows, "most": queries.MOST})
