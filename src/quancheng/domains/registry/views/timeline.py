"""The whole timeline of an enterprise (时间线): everything that happened to it, fetched when it is looked at."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries import enterprises
from quancheng.domains.registry.queries import timeline as queries
from quancheng.domains.registry.queries.timeline import Event
from quancheng.domains.registry.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text
from quancheng.kernel.loops.declare import loop_of
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.respond import respond
from quancheng.kernel.people.actors import actor_of


@dataclass(frozen=True, slots=True)
class Told:
    """An event as its page shows it."""

    at: datetime
    source: Text
    what: str
    note: str
    who: str
    url: str


class Timeline(View):
    """One page of the stream, or the part that the file's page fetches."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        file: Enterprise = enterprises.get_enterprise(actor=actor, file_id=pk)
        for name in request.GET:
            if name not in ("group", "from"):
                raise unknown_parameter(name)
        group, text = request.GET.get("group", ""), request.GET.get("from", "") or "0"
        if group and group not in queries.GROUPS:
            raise unknown_parameter("group")
        if not (text.isascii() and text.isdigit() and len(text) <= 5) or int(text) > queries.LAST:
            raise unknown_parameter("from")
        first = int(text)
        context = {"file": file, **stream(actor, file, group=group, first=first)}
        return respond(request, page="registry/timeline.html", part="registry/_timeline.html", context=context)


def stream(actor: Actor, file: Enterprise, *, group: str = "", first: int = 0) -> dict[str, Any]:
    """What ``_timeline.html`` needs."""
    events, has_more = queries.timeline(actor=actor, file=file, group=group, first=first)
    path = reverse("registry:timeline", args=[file.pk])
    groups = [("", _("全部")), *queries.GROUPS.items()]
    step, has_more = queries.PAGE, has_more and first + queries.PAGE <= queries.LAST
    return {
        "events": [told(one) for one in events],
        "groups": [(f"{path}?group={code}" if code else path, label, code == group) for code, label in groups],
        "newer": f"{path}?group={group}&from={max(first - step, 0)}" if first else "",
        "older": f"{path}?group={group}&from={first + step}" if has_more else "",
    }


def told(event: Event) -> Told:
    """An event in words."""
    what, note = _words(event)
    return Told(event.at, queries.GROUPS[event.group], what, note, event.by, _url(event))


def _words(event: Event) -> tuple[str, str]:
    more = event.more
    if event.group == "change":
        return words.act(event.what), words.what(more)
    if event.group == "assessment":
        basis = _("法定计算") if event.what == "legal" else _("现状计算")
        result = words.hazard(more.get("grade")) or _("未构成重大危险源")
        return f"{more.get('unit', '')} {basis}：{result}", _("法定等级保持不变") if more.get("is_held") else ""
    if event.group == "licence" and "number" in more:
        named = f"{words.licence_kind(more['kind'])} {more['number']}"
        sentence = _("%(licence)s 发证") if event.what == "issued" else _("%(licence)s 有效期届满")
        return sentence % {"licence": named}, ""
    if "loop" in more:
        loop = loop_of(more["loop"], more["version"])
        move, _arrow, target = event.what.partition(">")
        step, state = loop.moves.get(move), loop.states.get(target)
        label = step.label if step else _("建立")
        given = more.get("given") or {}
        said = "；".join(str(given[name]) for name in ("text", "reason") if given.get(name))
        return f"{loop.name}：{label}（{state.label if state else target}）", said[:300]
    return str(more.get("title") or event.what), str(more.get("note") or "")


def _url(event: Event) -> str:
    if event.subject is None:
        return ""
    if event.group == "assessment":
        return reverse("registry:assessment", args=[event.subject])
    if event.group == "licence" and "number" in event.more:
        return reverse("registry:licence", args=[event.subject])
    if "loop" in event.more:
        return reverse(loop_of(event.more["loop"], event.more["version"]).url_name, args=[event.subject])
    return reverse(event.more["url"], args=[event.subject]) if event.more.get("url") else ""
