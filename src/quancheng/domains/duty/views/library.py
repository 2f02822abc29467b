"""The plan library (文件库): a year's plans by unit, what is in force, whose yearly points are missing."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views import View

from quancheng.domains.duty.models.plans import PlanKind
from quancheng.domains.duty.queries import library as queries
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.people.actors import actor_of

LEVELS = {
    "district": _("区级"),
    "town": _("镇（街道）"),
    "village": _("村（社区）"),
    "enterprise": _("企业"),
}
VALIDITY = {
    queries.IN_FORCE: (_("有效"), "done"),
    queries.SUPERSEDED: (_("已被替代"), "quiet"),
    queries.EXPIRED: (_("已到期"), "quiet"),
    queries.IN_REVIEW: (_("待审核"), "active"),
}


class Library(View):
    """The year's plans on one page."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        given = request.GET
        for name in given:
            if name not in ("year", "kind", "level", "validity"):
                raise unknown_parameter(name)
        today = timezone.localdate()
        text = given.get("year") or str(today.year)
        if not (text.isascii() and text.isdigit() and 1990 <= int(text) <= 2100):
            raise unknown_parameter("year")
        asked = {name: given.get(name, "") for name in ("kind", "level", "validity")}
        for name, allowed in (("kind", PlanKind.values), ("level", LEVELS), ("validity", VALIDITY)):
            if asked[name] and asked[name] not in allowed:
                raise unknown_parameter(name)
        year = int(text)
        shelves = queries.list_shelves(actor=actor, year=year, today=today, **asked)
        kept = {name: value for name, value in asked.items() if value}
        context = {
            "year": year,
            "years": [(near, "?" + urlencode({"year": near, **kept})) for near in (year - 1, year + 1)],
            "asked": asked,
            "kinds": PlanKind.choices,
            "levels": LEVELS.items(),
            "validities": [(code, label) for code, (label, _kind) in VALIDITY.items()],
            "missing": sum(one.is_missing for one in shelves),
            "shelves": [(one, [(plan, marks.badge(*VALIDITY[worth])) for plan, worth in one.plans]) for one in shelves],
            "may_import": actor.has("duty.plans.import"),
        }
        return render(request, "duty/library.html", context)
