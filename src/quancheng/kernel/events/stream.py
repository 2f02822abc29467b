"""``/stream``: live events for one browser, as server-sent events.

Each message carries the event's id and kind and which row it concerns, no content and no personal data: the page
fetches what it shows, with its own rights. A browser that comes back names the last event it saw and gets the rest.
What it watches besides (:mod:`.channels`) stands in the address, ``?watch=name:key,key``, and comes as messages of
that name, first what stands, then what is new. One that opens another address names the last event in ``seen``.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_not_required
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, NotSignedIn, TooMany
from quancheng.kernel.events import channels, queries
from quancheng.kernel.events.hub import Hub, Listener, News, hub_of_this_loop
from quancheng.kernel.events.models import Event
from quancheng.kernel.events.renewal import actors_of
from quancheng.kernel.pages.errors import refusal, unknown_parameter
from quancheng.kernel.people.models import SignIn

#: This often a beat keeps proxies from closing a quiet stream, and tells the browser that it is not cut off.
HEARTBEAT_S = 15.0
#: Events that a returning browser is given; one that missed more is told to load its page anew.
MOST_MISSED = 500
#: Streams of one person in one web process: browsers, not tabs.
MOST_STREAMS = 12
#: How long a browser waits before it comes back.
RETRY_MS, RETRY_SLOW_MS = 2000, 5000
_TIGHT: dict[str, Any] = {"separators": (",", ":"), "ensure_ascii": False}


@login_not_required
async def stream(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Authenticate, give the database connection back, then feed until the browser or the session goes."""
    if not isinstance(request, ASGIRequest):
        # A server of the older kind would gather the whole stream before it sends any of it, so it has none.
        return HttpResponse(status=204)
    try:
        actor, sign_in = _whose(request)
        watches = _asked(request)
        hub = hub_of_this_loop(actors_of)
        if hub.count_of(actor.user_id) >= MOST_STREAMS:
            raise TooMany(_("同时打开的实时连接过多，请关闭其他浏览器后重试。"), code="too_many_streams")
    except DomainError as refused:
        if refused.status == 401:
            # An EventSource cannot sign in; 204 is how it is told not to come back.
            return HttpResponse(status=204)
        return await sync_to_async(refusal)(request, refused)
    await sync_to_async(_give_back)()
    seen = request.headers.get("Last-Event-ID") or request.GET.get("seen", "")
    response = StreamingHttpResponse(_feed(hub, sign_in, actor, seen, watches), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    # nginx holds answers back unless told not to.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _give_back() -> None:
    """Close this request's connections, or return them to the pool: the stream may last for hours."""
    for each in connections.all(initialized_only=True):
        if not each.in_atomic_block:
            each.close()


def _whose(request: HttpRequest) -> tuple[Actor, uuid.UUID]:
    actor, sign_in = getattr(request, "actor", None), getattr(request, "sign_in", None)
    if not isinstance(actor, Actor) or not isinstance(sign_in, SignIn) or actor.membership_id is None:
        raise NotSignedIn
    if sign_in.must_enrol or sign_in.user.must_change_password:
        raise NotSignedIn
    return actor, sign_in.pk


def _asked(request: HttpRequest) -> dict[str, frozenset[str]]:
    """What the browser wants to watch. :raises Invalid: the address is none of ours."""
    for name in request.GET:
        if name not in ("watch", "seen"):
            raise unknown_parameter(name)
    return channels.read(request.GET.getlist("watch"))


async def _feed(
    hub: Hub, sign_in: uuid.UUID, actor: Actor, seen: str, watches: Mapping[str, frozenset[str]]
) -> AsyncIterator[bytes]:
    async with hub.listen(sign_in, actor, watches) as listener:
        yield f"retry: {RETRY_MS}\n\n".encode()
        for missed in await _missed(seen, listener.actor):
            yield missed
        while not listener.ended:
            yield await _next(listener)
        if listener.ended == "slow":
            yield f"retry: {RETRY_SLOW_MS}\n\n".encode()
        elif listener.ended == "signed_out":
            yield _message({"kind": "stream.signed_out"})


async def _next(listener: Listener) -> bytes:
    """The next message, or a beat; empty where the stream ended."""
    try:
        event = await asyncio.wait_for(listener.queue.get(), HEARTBEAT_S)
    except TimeoutError:
        return b"event: beat\ndata\n\n"
    if isinstance(event, News):
        told = listener.take().items()
        return b"".join(f"event: {name}\ndata: {json.dumps(found, **_TIGHT)}\n\n".encode() for name, found in told)
    return b"" if event is None else _of(event)


async def _missed(seen: str, actor: Actor) -> list[bytes]:
    """What happened since the last event that the browser saw, as far as the actor may know."""
    try:
        event_id = uuid.UUID(seen)
    except ValueError:
        return []

    def fetch() -> list[Event] | None:
        try:
            return queries.list_since(event_id=event_id, limit=MOST_MISSED)
        finally:
            connections.close_all()

    events = await sync_to_async(fetch, thread_sensitive=False)()
    if events is None:
        return [_message({"kind": "stream.reset", "at": timezone.now().isoformat()})]
    return [_of(event) for event in queries.visible(events, actor)]


def _of(event: Event) -> bytes:
    data = {
        "id": str(event.pk),
        "kind": event.kind,
        "subject_type": event.subject_type,
        "subject_id": str(event.subject_id),
        "at": event.at.isoformat(),
    }
    return f"id: {event.pk}\n".encode() + _message(data)


def _message(data: dict[str, str]) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()
