"""What happened, by time (事件时间线): of one enterprise or of all that one may see, live at the top."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.monitoring.queries import timeline as queries
from quancheng.domains.monitoring.queries.timeline import Asked, Happening
from quancheng.domains.monitoring.views import words
from quancheng.domains.monitoring.views.wall import what_of
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.given import asked_day, asked_key
from quancheng.kernel.pages.respond import respond
from quancheng.kernel.people.actors import actor_of

SIZE = 50
KINDS: dict[str, Any] = {
    "": gettext_lazy("全部"), "limits": gettext_lazy("报警与恢复"), "raised": gettext_lazy("只看报警"),
    "gravest": gettext_lazy("只看高高报、低低报"), "sources": gettext_lazy("接入源上线、离线"),
}  # fmt: skip
_PARAMETERS = ("file", "town", "kind", "from", "to", "until", "passed")


class TimelinePage(View):
    """The timeline with its filters; pages lead back in time."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        asked, given = _read(request, actor)
        file = get_enterprise(actor=actor, file_id=asked.file) if asked.file is not None else None
        found, following = queries.timeline(actor=actor, asked=asked, size=SIZE)
        older = "" if following is None else "?" + urlencode(
            {**given, "until": following[0].isoformat(), "passed": following[1]}
        )  # fmt: skip
        context = {
            "file": file, "lines": [line(one) for one in found], "older": older,
            "newest": "?" + urlencode(given) if asked.until is not None else "", "given": given,
            "kinds": [(code, name, code == asked.kind) for code, name in KINDS.items()],
            "towns": [(code, name, code == asked.town) for code, name in town_choices(actor)] if file is None else [],
            "is_first": asked.until is None,
        }  # fmt: skip
        return respond(request, page="monitoring/timeline.html", part="monitoring/_timeline.html", context=context)


def line(one: Happening) -> dict[str, Any]:
    """A happening as the template draws it."""
    if one.limit is not None:
        row = one.limit
        colour = words.COLOURS[row.limit]
        limit = "" if row.limit_value is None else _("限值 %(limit)s") % {
            "limit": words.quantity(row.limit_value, row.tag.unit)
        }  # fmt: skip
        word = what_of(row)
        return {
            "at": one.at, "what": marks.warning(colour, word) if row.is_raised else marks.badge(word, "quiet"),
            "file": row.tag.file, "tag": row.tag, "name": words.tag_name(row.tag),
            "value": words.quantity(row.value, row.tag.unit), "limit": limit, "is_late": row.is_late,
        }  # fmt: skip
    source = one.source
    what = marks.badge(_("上线"), "plain") if one.is_up else marks.badge(_("离线"), "active")
    return {"at": one.at, "what": what, "file": source.file if source else None, "source": source}


def _read(request: HttpRequest, actor: Actor) -> tuple[Asked, dict[str, str]]:
    """What the address asks for, and what of it a further page keeps. :raises Invalid: it asks for nothing of ours."""
    for name in request.GET:
        if name not in _PARAMETERS:
            raise unknown_parameter(name)
    given = {name: request.GET[name] for name in ("file", "town", "kind", "from", "to") if request.GET.get(name)}
    kind, town = given.get("kind", ""), given.get("town", "")
    if kind not in KINDS:
        raise unknown_parameter("kind")
    if town and town not in (code for code, _name in town_choices(actor)):
        raise unknown_parameter("town")
    begin, end = asked_day(given.get("from", ""), "from"), asked_day(given.get("to", ""), "to")
    passed = request.GET.get("passed", "0")
    if not (passed.isascii() and passed.isdigit() and len(passed) < 6):
        raise unknown_parameter("passed")
    return Asked(
        file=asked_key(given["file"]) if "file" in given else None, town=town, kind=kind,
        begin=None if begin is None else _midnight(begin),
        end=None if end is None else _midnight(end) + timedelta(days=1), until=_until(request), passed=int(passed),
    ), given  # fmt: skip


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _until(request: HttpRequest) -> datetime | None:
    text = request.GET.get("until", "")
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or timezone.is_naive(found):
        raise Invalid(fields={"until": _("翻页标记有误，请回到第一页。")})
    return found
