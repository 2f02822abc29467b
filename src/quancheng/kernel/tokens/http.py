"""How a request to the API becomes an actor: by a token, else by the session of somebody signed in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotPermitted, NotSignedIn
from quancheng.kernel.people.middleware import origin_of
from quancheng.kernel.tokens import services

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class TokenActor(HttpBearer):
    """``Authorization: Bearer qct_….…``: the actor of the token's membership, with the token's duties."""

    def __call__(self, request: HttpRequest) -> Actor | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        scheme, _space, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            # Never the session instead: a program that sends credentials must learn that they were not taken.
            raise NotSignedIn(services.WRONG, code="bad_token")
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        actor = services.actor_by_token(
            presented=token,
            address=origin_of(request).address or "",
            is_write=request.method not in SAFE,
            now=timezone.now(),
        )
        request.actor = actor  # type: ignore[attr-defined]
        return actor


class SessionActor(APIKeyCookie):
    """The session of somebody signed in, as our own pages use it; writes carry the CSRF token."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Actor | None:
        actor = getattr(request, "actor", None)
        if not isinstance(actor, Actor):
            return None
        if check_csrf(request) is not None:
            raise NotPermitted(_("请求缺少有效的防伪标记（X-CSRFToken）。"), code="csrf")
        return actor

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        return getattr(request, "actor", None)
