"""What a printed code of a card or a board opens: what stands on the print, as it is now; who is signed in goes on.

These pages stand without the shell and without JavaScript, for old phones; nothing of them is for search engines.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.views import View

from quancheng.domains.registry.services.codes import knock, read_code, spelled
from quancheng.domains.registry.views.codes import style_link
from quancheng.domains.risk.card_sheets import sheets_of
from quancheng.domains.risk.models import CardMark, Post, RiskBoard
from quancheng.domains.risk.queries.boards import content_of
from quancheng.domains.risk.queries.card_facts import facts_of
from quancheng.domains.risk.queries.cards import card_in_force, find_mark, visible_card
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.people.middleware import actor_beyond_steps, origin_of

_LANGUAGES = {"zh": "zh-hans", "en": "en"}


class OpenMark(View):
    """The clear card of a post, or what a board says; the same answer for a code that never was and one withdrawn."""

    http_method_names = ["get", "head"]

    @classmethod
    def as_view(cls, **given: Any) -> Any:
        return login_not_required(super().as_view(**given))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        chosen = _LANGUAGES.get(request.GET.get("lang", ""), translation.get_language() or "zh-hans")
        with translation.override(chosen):
            self.language = "en" if chosen == "en" else "zh"
            answer = super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(answer)
        answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return answer

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        now = timezone.now()
        knock(door="page", address=origin_of(request).address or "", limit=settings.CODE_RATE, now=now)
        mark = find_mark(read_code(code))
        told = None if mark is None else self._contents(request, mark, now)
        if told is None or mark is None:
            return render(request, "registry/code_none.html", self._frame(request), status=404)
        context = {**self._frame(request), **told, "spelled": spelled(mark.code), "now": now}
        return render(request, "risk/mark.html", context)

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

    def _frame(self, request: HttpRequest) -> dict[str, Any]:
        def here(**other: str) -> str:
            given = {"lang": self.language, "big": request.GET.get("big", ""), **other}
            return f"{request.path}?{urlencode({name: value for name, value in given.items() if value})}"

        is_large = request.GET.get("big") == "1"
        other = "zh" if self.language == "en" else "en"
        return {
            "language": self.language, "is_large": is_large, "style": style_link(), "other_language": here(lang=other),
            "other_size": here(big="" if is_large else "1"),
            "other_language_name": "中文" if other == "zh" else "English",
        }  # fmt: skip
