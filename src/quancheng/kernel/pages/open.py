"""Pages that anybody opens without signing in: counted by address, in the language of the address, listed nowhere.

For what is printed on paper or stands on a screen: a code, a placard, a card, a gate. They have no shell and no script.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views import View

from quancheng.kernel import throttle
from quancheng.kernel.people.middleware import origin_of
from quancheng.kernel.throttle import Bound

_LANGUAGES = {"zh": "zh-hans", "en": "en"}
_MINUTE = timedelta(minutes=1)


class Unlisted(View):
    """Base of a view without sign-in: nothing of it is kept by a cache or by a search engine."""

    @classmethod
    def as_view(cls, **given: Any) -> Any:
        return login_not_required(super().as_view(**given))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.now = timezone.now()
        answer = self.prepare(request, kwargs) or super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(answer)
        answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return answer

    def prepare(self, request: HttpRequest, arguments: dict[str, Any]) -> HttpResponse | None:
        """Before the method: find what the address names. ``arguments`` are the method's, to be taken out of.

        :returns: an answer that takes the method's place; None to go on.
        """
        return None


class OpenPage(Unlisted):
    """Base of a page to be read: language and type size stand in the address (``lang``, ``big``)."""

    http_method_names = ["get", "head"]
    #: Where its openings are counted, and by which code a refusal is known to machines; empty where it counts itself.
    place = ""
    busy = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        chosen = _LANGUAGES.get(request.GET.get("lang", ""), translation.get_language() or "zh-hans")
        with translation.override(chosen):
            self.language = "en" if chosen == "en" else "zh"
            self.is_large = request.GET.get("big") == "1"
            return super().dispatch(request, *args, **kwargs)

    def prepare(self, request: HttpRequest, arguments: dict[str, Any]) -> HttpResponse | None:
        self.count(request)
        return None

    def count(self, request: HttpRequest) -> None:
        """Count an opening of the address. :raises TooMany: too often within a minute."""
        throttle.count_use(
            place=self.place, address=origin_of(request).address or "", bound=Bound(settings.CODE_RATE, _MINUTE),
            now=self.now, sentence=_("查询过于频繁，请稍后再试。"), code=self.busy,
        )  # fmt: skip

    def kept(self, request: HttpRequest) -> Mapping[str, str]:
        """What of the address its links take along, besides language and size."""
        return {}

    def frame(self, request: HttpRequest) -> dict[str, Any]:
        """What every such page needs: its other language, its other size, itself again."""

        def here(**other: str) -> str:
            given = {"lang": self.language, "big": "1" if self.is_large else "", **self.kept(request), **other}
            return f"{request.path}?{urlencode({name: value for name, value in given.items() if value})}"

        other = "zh" if self.language == "en" else "en"
        return {
            "language": self.language, "is_large": self.is_large, "now": self.now, "again": here(),
            "other_language": here(lang=other), "other_size": here(big="" if self.is_large else "1"),
            "other_language_name": "中文" if other == "zh" else "English",
        }  # fmt: skip

    def page(
        self, request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
    ) -> HttpResponse:
        return render(request, template, {**self.frame(request), **context}, status=status)
