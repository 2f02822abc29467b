"""Announcements open to everybody: the screen at a gate, the list by town, one announcement. No script needed.

Each address is counted, so that nobody reads the district's list by machine for long.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from quancheng.domains.risk.queries import open_announcements as queries
from quancheng.domains.risk.views import words
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.open import OpenPage
from quancheng.kernel.pages.words import told

#: Rows of one page of the public list.
_ROWS = 100


class _OpenPage(OpenPage):
    """Base: knows the day, and keeps what was asked for in its links."""

    place, busy = "risk.announced", "announced_busy"

    def prepare(self, request: HttpRequest, arguments: dict[str, Any]) -> HttpResponse | None:
        self.day = Calendar().local_date(self.now)
        return super().prepare(request, arguments)

    def kept(self, request: HttpRequest) -> Mapping[str, str]:
        return {name: request.GET.get(name, "") for name in ("town", "q", "day")}


class OpenList(_OpenPage):
    """Who announced on a day (承诺公告公众查询), by town and name; today's where no day is asked for."""

    def get(self, request: HttpRequest) -> HttpResponse:
        town, text = request.GET.get("town", ""), request.GET.get("q", "").strip()[:60].replace("\0", "")
        towns = queries.towns()
        wrong = ""
        day = self.day
        try:
            day = date.fromisoformat(request.GET["day"]) if request.GET.get("day") else self.day
        except ValueError:
            wrong = _("日期应写作 2026-10-31 的形式。")
        if town and town not in {path for path, _name in towns}:
            wrong = _("没有这个镇街。")
        rows = [] if wrong else list(queries.published_on(day, town=town, text=text)[: _ROWS + 1])
        context = {
            "rows": rows[:_ROWS], "is_more": len(rows) > _ROWS, "towns": [(p, name, p == town) for p, name in towns],
            "q": text, "day": day, "wrong": wrong,
        }  # fmt: skip
        return self.page(request, "risk/open_list.html", context, status=422 if wrong else 200)


class OpenAnnouncement(_OpenPage):
    """One published announcement as anybody reads it."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        found = queries.shown(pk)
        if found is None:
            return self.page(request, "risk/open_none.html", {}, status=404)
        return self.page(request, "risk/open_announcement.html", {"shown": found, "groups": _groups(found)})


class Screen(_OpenPage):
    """The screen at the gate (厂区门口公示屏): large letters, dark or light, drawn anew by itself."""

    place = "risk.screen"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        found = queries.on_screen(token, day=self.day, now=self.now)
        if found is None:
            return self.page(request, "risk/open_none.html", {}, status=404)
        context = {
            "screen": found, "groups": _groups(found.shown) if found.shown else [], "token": token,
            "is_light": request.GET.get("light") == "1", "day": self.day,
        }  # fmt: skip
        template = "risk/_screen.html" if request.GET.get("part") == "1" else "risk/screen.html"
        return self.page(request, template, context)


class ScreenData(_OpenPage):
    """The same for a screen that draws it itself: JSON."""

    place = "risk.screen"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        found = queries.on_screen(token, day=self.day, now=self.now)
        if found is None:
            return JsonResponse({"code": "not_found"}, status=404)
        told_data: dict[str, Any] = {
            "company": found.company, "today": self.day.isoformat(), "is_todays": found.is_todays,
            "is_overdue": found.is_due, "at": self.now.isoformat(), "announcement": None,
        }  # fmt: skip
        if found.shown is not None:
            row, edition = found.shown.row, found.shown.edition
            told_data["announcement"] = {
                "day": row.day.isoformat(), "edition": edition.number, "published_at": edition.published_at.isoformat(),
                "is_late": row.is_late, "is_controlled": edition.is_controlled, "level": row.level,
                "commitment": edition.commitment, "committer": edition.committer, "values": found.shown.values,
            }  # fmt: skip
        return JsonResponse(told_data, json_dumps_params={"ensure_ascii": False})


def _groups(shown: queries.Shown) -> list[tuple[str, list[tuple[str, Any]]]]:
    return [
        (told(name), [(told(one.name), words.number_value(one, value)) for one, value in lines])
        for name, lines in shown.groups
    ]
