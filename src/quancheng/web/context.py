"""What the shell shows around every page, as the template variable ``shell``; asked for only when drawn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.house.models import DEMO
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.pages import nav
from quancheng.kernel.people.models import Membership
from quancheng.web.today import told_waiting

THEMES = ("light", "dark")


class Shell:
    """Lazy: a part for htmx, which draws no shell, costs no query."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def actor(self) -> Actor | None:
        actor = getattr(self._request, "actor", None)
        return actor if isinstance(actor, Actor) else None

    @property
    def frame(self) -> str:
        """The template that a page about anything extends: with the menu for those signed in."""
        return "web/shell.html" if self.actor else "web/plain.html"

    @cached_property
    def menu(self) -> list[nav.Group]:
        return nav.menu_for(self.actor, self._request.path) if self.actor else []

    @cached_property
    def quick(self) -> nav.QuickItem | None:
        return nav.quick_for(self.actor) if self.actor else None

    @cached_property
    def is_demo(self) -> bool:
        """As the query for the session found it, or one query."""
        kind = getattr(getattr(self._request, "sign_in", None), "house_kind", None)
        return is_demo() if kind is None else bool(kind == DEMO)

    @property
    def theme(self) -> str:
        """``light`` or ``dark`` where the person chose; empty follows the device."""
        chosen = self._request.COOKIES.get("qc_theme", "")
        return chosen if chosen in THEMES else ""

    @property
    def path(self) -> str:
        return self._request.path

    @property
    def full_path(self) -> str:
        """Where a switch of language comes back to: a form's answer cannot be asked for again."""
        return self._request.get_full_path() if self._request.method == "GET" else self._request.path

    @cached_property
    def memberships(self) -> Sequence[Membership]:
        """The places of the person signed in, for the switch of identity; none where he has but one. One query."""
        if self.actor is None or self.actor.user_id is None:
            return ()
        if not getattr(getattr(self._request, "sign_in", None), "has_more_places", True):
            return ()
        mine = Membership.objects.current().filter(user=self.actor.user_id)
        return list(mine.select_related("organisation").order_by("organisation__pinyin", "pk"))

    @cached_property
    def inbox_count(self) -> str:
        return self._count("web:inbox")

    @cached_property
    def waiting(self) -> str:
        """What waits for the person, counted anew: for an answer that brings the count up to date. One query."""
        return told_waiting(self.actor) if self.actor else ""

    @property
    def inbox_tabs(self) -> list[nav.Entry]:
        """待办, 已办, 抄送, 消息: the menu's entries with their counts."""
        names = {_url(name) for name in ("web:inbox", "web:done", "web:copies", "notices:list")}
        return [entry for group in self.menu for entry in group.entries if entry.url in names]

    @cached_property
    def notices_count(self) -> str:
        return self._count("notices:list")

    def _count(self, *names: str) -> str:
        """The count that the menu already shows behind one of these entries."""
        urls = {url for url in map(_url, names) if url}
        entries = (entry for group in self.menu for entry in group.entries)
        return next((entry.count for entry in entries if entry.url in urls and entry.count), "")

    @property
    def home_url(self) -> str:
        return _url("web:today") or "/"

    @property
    def search_url(self) -> str:
        return _url("search:search") if self.actor else ""

    @property
    def inbox_url(self) -> str:
        return _url("web:inbox")

    @property
    def notices_url(self) -> str:
        return _url("notices:list")

    @property
    def profile_url(self) -> str:
        return _url("people:profile")

    @property
    def logout_url(self) -> str:
        return _url("people:logout")

    @property
    def switch_url(self) -> str:
        return _url("people:switch")

    @property
    def stream_url(self) -> str:
        return _url("events:stream") if self.actor else ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor."""
    return {"shell": Shell(request)}


def _url(name: str) -> str:
    """The address under a name; empty where the app that has it is not built in."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
