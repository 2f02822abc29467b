"""The permit board (许可看板): of one's own enterprise, of those that an office supervises, and on a screen."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django import forms as django_forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views import View

from quancheng.domains.permits.forms.papers import ScreenForm
from quancheng.domains.permits.models import Kind
from quancheng.domains.permits.queries import board as queries
from quancheng.domains.permits.queries.open_pages import find_screen
from quancheng.domains.permits.queries.outside import at_work, list_outside
from quancheng.domains.permits.queries.permits import SIGN_UNIT, list_permits
from quancheng.domains.permits.services import screens
from quancheng.domains.permits.services.checking import said
from quancheng.domains.permits.views import words
from quancheng.domains.permits.views.loads import load_rows
from quancheng.domains.permits.views.outside import level_of, outside_mark
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import own_file, required_file
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Scoped
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.open import OpenPage
from quancheng.kernel.pages.respond import respond
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.gb30871 import roles

Row = TypeVar("Row", bound=Scoped)
#: What a column of the board is called.
_COLUMNS = {
    "VOID": pgettext_lazy("permit board", "已作废，空间内有人"),
    "WORKING": pgettext_lazy("permit board", "作业中"), "SUSPENDED": pgettext_lazy("permit board", "暂停"),
    "ISSUED": pgettext_lazy("permit board", "已签发"), "APPROVING": pgettext_lazy("permit board", "待签字"),
    "FINISHED": pgettext_lazy("permit board", "待验收"),
}  # fmt: skip


class BoardPage(View):
    """The board of what the reader sees, narrowed by kind, town and words; drawn anew by events."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor, now = actor_of(request), timezone.now()
        rows = narrowed(request, actor, list_permits(actor=actor))
        file = own_file(actor=actor)
        keeps = file is not None and actor.has(SIGN_UNIT)
        towns = [] if file is not None else town_choices(actor)
        context = {
            **drawn(queries.board_of(queries.on_board(actor=actor, rows=rows), now)),
            "external": external_rows(request, actor, now), "now": now, "is_open": False,
            "shows_enterprise": file is None, "file": file, "keeps": keeps,
            "kinds": [(code, label, code == request.GET.get("kind")) for code, label in Kind.choices],
            "towns": [(path, name, path == request.GET.get("town")) for path, name in towns],
            "q": request.GET.get("q", ""),
            # Read where the whole page is drawn alone.
            "loads": lambda: load_rows(actor, file),
            "screens": screen_rows(file) if file is not None and keeps else [],
        }  # fmt: skip
        return respond(request, page="permits/board.html", part="permits/_board.html", context=context)


def external_rows(request: HttpRequest, actor: Actor, moment: datetime, *, more: Sequence[str] = ()) -> list[Any]:
    """Permits of other systems at work at a moment, narrowed as the page is, with level and mark. One query."""
    rows = narrowed(request, actor, list_outside(actor=actor).select_related("file"), more=more)
    return [(one, level_of(one), outside_mark(one)) for one in at_work(rows, moment)]


def narrowed(
    request: HttpRequest, actor: Actor, rows: QuerySet[Row], *, more: Sequence[str] = ()
) -> QuerySet[Row]:  # fmt: skip
    """Permits by kind, town and words of the address. :raises Invalid: it asks for something else."""
    for name in request.GET:
        if name not in ("kind", "town", "q", *more):
            raise unknown_parameter(name)
    kind, town = request.GET.get("kind", ""), request.GET.get("town", "")
    text = request.GET.get("q", "").strip()[:60].replace("\0", "")
    if kind and kind not in Kind.values:
        raise unknown_parameter("kind")
    if town and town not in {path for path, _name in town_choices(actor)}:
        raise unknown_parameter("town")
    if kind:
        rows = rows.filter(kind=kind)
    if town:
        rows = rows.filter(area__path__startswith=town)
    return rows.filter(enterprise__name__contains=text) if text else rows


def drawn(board: queries.Board) -> dict[str, Any]:
    """A board as its template draws it: columns by state, each card with its words."""
    columns = []
    for state, cards in board.groups:
        told = [(card, words.level_shown(card.permit), step_word(card)) for card in cards]
        columns.append((state, _COLUMNS[state], told))
    return {"board": board, "columns": columns}


def step_word(card: queries.Card) -> str:
    """What is signed next, in words."""
    if not card.next_step:
        return ""
    name = said(roles.roles()[card.next_step].name)
    return f"{name} · {said(roles.DEPARTMENTS[card.next_department])}" if card.next_department else name


def screen_rows(file: Enterprise) -> list[tuple[Any, str]]:
    return [
        (one, reverse("work:board", args=[one.token]) if one.revoked_at is None else "")
        for one in queries.screens_of(file)
    ]  # fmt: skip


class NewScreen(CreatePage):
    title = gettext_lazy("生成看板屏地址")
    lead = gettext_lazy("地址不需要登录即可打开，不显示人员全名；泄露或更换屏幕时请停用后重新生成。")
    duty: ClassVar[str | None] = SIGN_UNIT
    form = ScreenForm
    back = "permits:board"
    button = gettext_lazy("生成地址")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = required_file(actor=actor)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        screens.make_screen(actor=actor, file=self.file, name=given["name"], now=now)
        return reverse("permits:board")


class RevokeScreen(CreatePage):
    title = gettext_lazy("停用看板屏地址")
    lead = gettext_lazy("停用后该地址不再显示任何内容，不能恢复。")
    duty = SIGN_UNIT
    form = django_forms.Form
    back = "permits:board"
    button = gettext_lazy("停用")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        file = own_file(actor=actor)
        if file is None:
            raise NotFound
        self.screen = queries.get_screen(file=file, screen_id=kwargs["pk"])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        screens.revoke_screen(actor=actor, screen=self.screen, now=now)
        return reverse("permits:board")


class OpenBoard(OpenPage):
    """The board on a screen of the control room: large letters, no sign-in, drawn anew every four seconds."""

    place, busy = "permits.screen", "permit_busy"

    def prepare(self, request: HttpRequest, arguments: dict[str, Any]) -> HttpResponse | None:
        # A screen that is known asks day and night: unknown addresses alone are counted.
        return None

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        screen = find_screen(token)
        if screen is None:
            self.count(request)
            return self.page(request, "permits/open_none.html", {}, status=404)
        context = {
            **drawn(queries.board_of(queries.of_file(screen.file), self.now)), "is_open": True, "screen": screen,
            "company": screen.file.enterprise.name if screen.file.enterprise else _("企业"), "shows_enterprise": False,
        }  # fmt: skip
        return self.page(request, "permits/board_screen.html", context)
