"""Who asks: the actor of each request from its session; every address closed that does not say it is open."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.utils import timezone

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotSignedIn
from quancheng.kernel.pages.errors import is_api, refusal
from quancheng.kernel.pages.respond import is_htmx
from quancheng.kernel.people import signing
from quancheng.kernel.people.actors import actor_for, known_of
from quancheng.kernel.people.models import SignIn

SIGN_IN_KEY = "sign_in"
Answer = HttpResponseBase | Awaitable[HttpResponseBase]


class ActorMiddleware:
    """Sets ``request.actor`` (an Actor, or None), ``request.sign_in`` and closes every view but the open ones.

    A view is open when it carries ``login_not_required`` of ``django.contrib.auth.decorators``. The API is answered for
    by its own authentication, which accepts tokens too. Whoever must change his password, or owes a second factor,
    reaches only views marked :func:`before_duty` until that is done.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Answer]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        if self.is_async:
            return self._later(request)
        identify(request)
        return self.get_response(request)

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        await sync_to_async(identify)(request)
        answer = self.get_response(request)
        return answer if isinstance(answer, HttpResponseBase) else await answer

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        owed = _owed(request)
        if owed and is_api(request):
            # The API knows no pages to send anybody to: for it, nobody is signed in yet.
            request.actor = None  # type: ignore[attr-defined]
        if not getattr(view, "login_required", True):
            return None
        if getattr(request, "actor", None) is None:
            return refusal(request, NotSignedIn())
        if getattr(view, "before_duty", False):
            return None
        if not owed:
            return None
        if is_htmx(request):
            return HttpResponse(status=200, headers={"HX-Redirect": redirect(owed)["Location"]})
        return redirect(owed)


def before_duty(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that somebody may use who still owes a new password or a second factor."""
    view.before_duty = True  # type: ignore[attr-defined]
    return view


def identify(request: HttpRequest) -> None:
    """Find the session's actor; costs no query where the browser sent no session."""
    request.actor = None  # type: ignore[attr-defined]
    request.sign_in = None  # type: ignore[attr-defined]
    known = request.session.get(SIGN_IN_KEY)
    if not known:
        return
    now = timezone.now()
    is_act = "text/event-stream" not in request.headers.get("Accept", "")
    found = signing.present_sign_in(sign_in_id=uuid.UUID(known), now=now, is_act=is_act)
    if found is None:
        request.session.flush()
        return
    request.sign_in = found  # type: ignore[attr-defined]
    if found.membership is not None:
        request.actor = actor_for(found.membership, now=now, known=known_of(found))  # type: ignore[attr-defined]
    else:
        # Somebody without a place sees and does nothing but his own account.
        request.actor = Actor(  # type: ignore[attr-defined]
            kind="person", name=found.user.name, user_id=found.user_id
        )


def actor_beyond_steps(request: HttpRequest) -> Actor | None:
    """The actor on a page that is open to everybody; None too while he still owes a password or a second factor."""
    return None if _owed(request) else getattr(request, "actor", None)


def begin_session(request: HttpRequest, sign_in: SignIn) -> None:
    """Bind a browser to a session just opened, under a new key; nothing of what it held before is kept."""
    request.session.flush()
    request.session[SIGN_IN_KEY] = str(sign_in.pk)
    rotate_token(request)


def origin_of(request: HttpRequest) -> signing.Origin:
    """From where a request comes. Behind a proxy of ours its last ``X-Forwarded-For`` entry counts."""
    text = request.META.get("REMOTE_ADDR", "")
    if getattr(settings, "BEHIND_PROXY", False):
        text = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or text
    try:
        address = str(ipaddress.ip_address(text))
    except ValueError:
        address = None
    return signing.Origin(address, request.headers.get("User-Agent", ""))


def _owed(request: HttpRequest) -> str:
    """The page that this session must pass first; empty where there is none."""
    sign_in: SignIn | None = getattr(request, "sign_in", None)
    if sign_in is None:
        return ""
    if sign_in.user.must_change_password and not sign_in.is_by_provider:
        return "people:password"
    return "people:second_factor" if sign_in.must_enrol else ""
