"""What a printed code of a card or a board opens: what stands on the print, as it is now; who is signed in goes on.

These pages stand without the shell and without JavaScript, for old phones; nothing of them is for search engines.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from quancheng.domains.registry.services.codes import knock, read_code, spelled
from quancheng.domains.registry.views.codes import style_link
from quancheng.domains.risk.card_sheets import sheets_of
from quancheng.domains.risk.models import CardMark, Post, RiskBoard
from quancheng.domains.risk.queries.boards import content_of
from quancheng.domains.risk.queries.card_facts import facts_of
from quancheng.domains.risk.queries.cards import card_in_force, find_mark, visible_card
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.open import OpenPage
from quancheng.kernel.people.middleware import actor_beyond_steps, origin_of


class OpenMark(OpenPage):
    """The clear card of a post, or what a board says; the same answer for a code that never was and one withdrawn."""

    def count(self, request: HttpRequest) -> None:
        knock(door="page", address=origin_of(request).address or "", limit=settings.CODE_RATE, now=self.now)

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        mark = find_mark(read_code(code))
        told = None if mark is None else self._contents(request, mark, self.now)
        if told is None or mark is None:
            return self.page(request, "registry/code_none.html", {}, status=404)
        return self.page(request, "risk/mark.html", {**told, "spelled": spelled(mark.code)})

    def _contents(self, request: HttpRequest, mark: CardMark, now: Any) -> dict[str, Any] | None:
        if mark.board is not None:
            return self._board(mark.board, now)
        return self._card(request, mark.post) if mark.post is not None else None

    def _board(self, board: RiskBoard, now: Any) -> dict[str, Any] | None:
        if board.ended_date is not None:
            return None
        return {"content": content_of(board, on=Calendar().local_date(now)), "file": board.file, "board": board}

    def _card(self, request: HttpRequest, post: Post) -> dict[str, Any] | None:
        card = card_in_force(post)
        if card is None:
            return None
        sheet = sheets_of(card, facts_of(post), language=self.language, only=("worker_card",))["worker_card"]
        actor = actor_beyond_steps(request)
        own = reverse("risk:card", args=[card.pk])
        return {
            "sheet": sheet, "card": card, "file": card.file,
            "own_url": own if actor is not None and visible_card(actor, card.pk) is not None else "",
            "sign_in_url": "" if actor else f"{reverse('people:sign_in')}?{urlencode({'next': own})}",
        }  # fmt: skip

    def frame(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().frame(request), "style": style_link()}
