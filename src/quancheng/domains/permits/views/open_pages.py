"""A permit at its place, opened by the code on its paper or placard: for anybody, without script or shell.

Who is signed in and may see the permit lands on its own page, where the enterprise's people stop the work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.views import View

from quancheng.domains.permits.queries import open_pages as queries
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.permits.services.opening import count_opening
from quancheng.domains.permits.views import words
from quancheng.kernel.people.middleware import actor_beyond_steps, origin_of

_LANGUAGES = {"zh": "zh-hans", "en": "en"}


class OpenPage(View):
    """Base: counts the address, chooses the language from the address; nothing is for search engines."""

    http_method_names = ["get", "head"]
    place = ""
    #: Whether each opening counts; else the page itself counts what it does not know.
    is_counted = True

    @classmethod
    def as_view(cls, **given: Any) -> Any:
        return login_not_required(super().as_view(**given))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        chosen = _LANGUAGES.get(request.GET.get("lang", ""), translation.get_language() or "zh-hans")
        with translation.override(chosen):
            self.now = timezone.now()
            self.language = "en" if chosen == "en" else "zh"
            if self.is_counted:
                self.count(request)
            answer = super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(answer)
        answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return answer

    def count(self, request: HttpRequest) -> None:
        count_opening(place=self.place, address=origin_of(request).address or "", now=self.now)

    def page(
        self, request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
    ) -> HttpResponse:
        other = "zh" if self.language == "en" else "en"
        is_large = request.GET.get("big") == "1"

        def here(**more: str) -> str:
            given = {"lang": self.language, "big": "1" if is_large else "", **more}
            return f"{request.path}?{urlencode({name: value for name, value in given.items() if value})}"

        frame = {
            "language": self.language, "other_language": here(lang=other), "is_large": is_large, "now": self.now,
            "other_size": here(big="" if is_large else "1"), "again": here(),
            "other_language_name": "中文" if other == "zh" else "English",
        }  # fmt: skip
        return render(request, template, {**frame, **context}, status=status)


class OpenMark(OpenPage):
    """How the permit stands now."""

    place = "mark"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        mark = queries.find_mark(code)
        if mark is None:
            return self.page(request, "permits/open_none.html", {}, status=404)
        own = reverse("permits:permit", args=[mark.permit_id])
        if queries.own_page_of(mark, actor_beyond_steps(request), VIEW):
            return redirect(own)
        live = queries.live_of(mark.permit, self.now)
        context = {
            "live": live, "level": words.level_shown(mark.permit),
            "sign_in_url": f"{reverse('people:sign_in')}?{urlencode({'next': request.path})}",
        }  # fmt: skip
        return self.page(request, "permits/open_permit.html", context)
