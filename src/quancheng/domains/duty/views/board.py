"""The supervision board (督办看板)."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from quancheng.domains.duty.queries import board as queries
from quancheng.domains.duty.services.board import urge_organisation
from quancheng.kernel.errors import NotFound
from quancheng.kernel.loops.declare import loop_of
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.work.models import WorkItem
from quancheng.kernel.work.services import urge

#: Names are shown for every bar; a long one is cut, and the table below the chart has it whole.
_EVERY_NAME = {"interval": 0, "width": 140, "overflow": "truncate"}
#: Bars of the chart: the units with the most trouble.
MOST_BARS = 15


class BoardView(View):
    """What each unit owes, every figure leading to its rows; urging a unit or a single step."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require("duty.supervise")
        for name in request.GET:
            raise unknown_parameter(name)
        now = timezone.now()
        board = queries.get_board(actor=actor, now=now)
        context: dict[str, Any] = {
            "stats": [
                (_("未办结"), board.total("open"), _rows(open="1")),
                (_("临期或滞后"), board.total("near"), _rows(light="yellow")),
                (_("超期"), board.total("overdue"), _rows(light="red")),
                (_("逾期未报"), board.total("late_reports"), _reports()),
                (_("未签收"), board.total("receipts"), f"{reverse('duty:receipts')}?status=SENT"),
            ],
            "units": [(unit, _links(unit)) for unit in board.units],
            "plans": [(plan, f"{reverse('duty:wall')}?plan={plan.plan_id}") for plan in board.plans],
            "items": [(item, _page_of(item)) for item in board.late_items],
            "option": _option(board.units[:MOST_BARS]),
            "can_urge": actor.has("work.urge"),
            "now": now,
        }
        return render(request, "duty/board.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require("duty.supervise")
        now = timezone.now()
        note = request.POST.get("note", "")
        if "item" in request.POST:
            item = queries.get_late_item(actor=actor, item_id=_uuid(request.POST["item"]), now=now)
            if item is None:
                raise NotFound
            urge(actor=actor, item=item, note=note, now=now)
            count = 1
        else:
            count = urge_organisation(
                actor=actor, organisation_id=_uuid(request.POST.get("org", "")), note=note, now=now
            )
        said = ngettext("已催办 %(count)s 项。", "已催办 %(count)s 项。", count) % {"count": count}
        return redirect_to(request, reverse("duty:board"), toast=said)


def _rows(**given: Any) -> str:
    return f"{reverse('duty:assignments')}?{urlencode(given)}"


def _reports(**given: Any) -> str:
    query = urlencode({**given, "late": "1", "status": ["DUE", "APPROVAL"]}, doseq=True)
    return f"{reverse('duty:reports')}?{query}"


def _links(unit: queries.UnitLine) -> dict[str, str]:
    org = str(unit.org_id)
    return {
        "open": _rows(org=org, open="1"),
        "near": _rows(org=org, light="yellow"),
        "overdue": _rows(org=org, light="red"),
        "done": _rows(org=org, status="DONE"),
        "late_reports": _reports(org=org),
        "receipts": f"{reverse('duty:receipts')}?{urlencode({'status': 'SENT', 'org': org})}",
    }


def _page_of(item: WorkItem) -> str:
    name = loop_of(item.loop_code, item.loop_version).url_name
    return reverse(name, args=[item.subject_id]) if name else ""


def _option(units: list[queries.UnitLine]) -> dict[str, Any]:
    """Stacked bars of units: overdue, near, the rest of what is open."""
    shown = list(reversed(units))
    parts = (
        (_("超期"), [unit.overdue for unit in shown], "#d63939"),
        (_("临期或滞后"), [unit.near for unit in shown], "#f5b800"),
        (_("正常"), [max(0, unit.open - unit.overdue - unit.near) for unit in shown], "#2fb344"),
    )
    return {
        "xAxis": {"type": "value", "minInterval": 1},
        "yAxis": {"type": "category", "data": [unit.name for unit in shown], "axisLabel": _EVERY_NAME},
        "series": [
            {"type": "bar", "stack": "work", "name": name, "data": data, "itemStyle": {"color": colour}}
            for name, data, colour in parts
        ],
    }


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound from None
