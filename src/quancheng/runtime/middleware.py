"""Headers that every answer carries, whoever made it."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, ClassVar, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from whitenoise.middleware import WhiteNoiseMiddleware

Answer = HttpResponseBase | Awaitable[HttpResponseBase]


class SecurityHeaders:
    """Adds the content security policy and a permissions policy; a view may set a stricter policy of its own."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Answer]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        answer = self.get_response(request)
        return _dress(answer) if isinstance(answer, HttpResponseBase) else _dress_later(answer)


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise, whose answers are read whole where we serve asynchronously.

    Django would do the same with a file's synchronous iterator, and warn each time. The largest file is a megabyte.
    What is served does not change while a process runs, so that the files are looked at once in it.
    """

    files: dict[str, Any]
    _looked_at: ClassVar[dict[str, Any]] = {}

    def add_files_from_finders(self) -> None:
        if not self._looked_at:
            super().add_files_from_finders()
            self._looked_at.update(self.files)
        self.files = dict(self._looked_at)

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponseBase:
        answer: HttpResponseBase = WhiteNoiseMiddleware.serve(static_file, request)
        if not isinstance(request, ASGIRequest) or not isinstance(answer, StreamingHttpResponse):
            return answer
        whole = HttpResponse(b"".join(cast("Iterable[bytes]", answer.streaming_content)), status=answer.status_code)
        whole.headers = answer.headers
        answer.close()
        return whole


class Proxied:
    """Behind one trusted proxy: the caller's address is what that proxy appended last to ``X-Forwarded-For``.

    What stands before it came from the caller and may be invented. Installed only where ``QUANCHENG_BEHIND_PROXY``
    says that nobody reaches us past the proxy.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Answer]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        last = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        with suppress(ValueError):
            request.META["REMOTE_ADDR"] = str(ip_address(last))
        return self.get_response(request)


class ChosenLanguage(LocaleMiddleware):
    """Chinese first, English by the switch: pages follow what was chosen, not what the browser's maker set.

    Programs have no switch, so the API follows ``Accept-Language``.
    """

    def process_request(self, request: HttpRequest) -> None:
        if request.path.startswith("/api/"):
            super().process_request(request)
            return
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        translation.activate(chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = translation.get_language()


class Gate:
    """One password before everything, for a demo that is open to other machines (``--open-demo``).

    Tokens of the API pass: they are secrets themselves, and share the header. The supervisor's probe passes, it says
    nothing but ok.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Answer]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        header = request.headers.get("Authorization", "")
        wanted = "Basic " + b64encode(f"demo:{settings.GATE}".encode()).decode()
        token = header.startswith("Bearer ") and request.path.startswith("/api/")
        if token or request.path == "/alive" or hmac.compare_digest(header.encode(), wanted.encode()):
            return self.get_response(request)
        refusal = HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="demo", charset="UTF-8"'})
        return _at_once(refusal) if iscoroutinefunction(self.get_response) else refusal


async def _at_once(response: HttpResponseBase) -> HttpResponseBase:
    return response


async def _dress_later(answer: Awaitable[HttpResponseBase]) -> HttpResponseBase:
    return _dress(await answer)


def _dress(response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
    # Inspectors photograph and are located; nothing else is asked of the device.
    response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
    return response
