"""The hub: one LISTEN connection per web process, from which every open browser stream is fed.

Runs inside the server's event loop; database work happens in a thread, whose connection is given back at once.
Nothing here waits for a browser: whoever reads too slowly is let go and comes back with the last event it saw.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
import weakref
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from asgiref.sync import sync_to_async
from django.db import connections
from django.utils import timezone

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.scope import Scope, covers
from quancheng.kernel.events import queries
from quancheng.kernel.events.models import Event
from quancheng.kernel.events.services import ACTORS_CHANNEL, CHANNEL

log = logging.getLogger("quancheng.events")

#: Actors are made anew this often, and at once when roles, places or sessions change.
RENEW_S = 60.0
#: Changes within this time are answered by one renewal.
RENEW_PAUSE_S = 0.5
#: Events of this time are fetched by one query.
GATHER_S = 0.03
#: Events that a browser may be behind before it is let go.
QUEUE = 256
_RECONNECT_S = (0.5, 1, 2, 5, 10)

#: Makes the actors of many sign-ins anew; a key that is missing in the answer has ended.
Renew = Callable[[Collection[uuid.UUID], datetime], dict[uuid.UUID, Actor]]


@dataclass(eq=False)
class Listener:
    """One open stream. ``sign_in`` is the session that carries it; ``ended`` tells why it was closed."""

    sign_in: uuid.UUID
    actor: Actor
    queue: asyncio.Queue[Event | None] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    ended: str = ""

    def end(self, why: str) -> None:
        """Close it: what waits is dropped, the reader wakes up."""
        if self.ended:
            return
        self.ended = why
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)

    def offer(self, event: Event, scope: Scope) -> None:
        if self.ended or not covers(self.actor, scope):
            return
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            self.end("slow")


class Hub:
    """The listeners of one event loop. Works while there are any."""

    def __init__(self, renew: Renew) -> None:
        self._renew = renew
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._changed = asyncio.Event()

    @property
    def size(self) -> int:
        return len(self._listeners)

    def count_of(self, user_id: uuid.UUID | None) -> int:
        return sum(1 for each in self._listeners if each.actor.user_id == user_id)

    @contextlib.asynccontextmanager
    async def listen(self, sign_in: uuid.UUID, actor: Actor) -> AsyncIterator[Listener]:
        """Join. On return every event that commits from now on will be offered."""
        listener = Listener(sign_in, actor)
        self._listeners.add(listener)
        try:
            if self._task is None or self._task.done():
                self._ready.clear()
                self._task = asyncio.create_task(self._work(), name="events-hub")
            await self._ready.wait()
            yield listener
        finally:
            self._listeners.discard(listener)
            if not self._listeners and self._task is not None:
                task, self._task = self._task, None
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _work(self) -> None:
        """Listen until cancelled; a lost connection ends all streams, which come back and resume."""
        failures = 0
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_actors())
            while True:
                try:
                    async with await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True) as link:
                        await link.execute(f"LISTEN {CHANNEL}")
                        await link.execute(f"LISTEN {ACTORS_CHANNEL}")
                        failures = 0
                        self._ready.set()
                        await self._hear(link)
                except psycopg.Error as trouble:
                    log.warning("events: the listening connection was lost (%s)", type(trouble).__name__)
                self._ready.clear()
                for listener in list(self._listeners):
                    listener.end("lost")
                await asyncio.sleep(_RECONNECT_S[min(failures, len(_RECONNECT_S) - 1)])
                failures += 1

    async def _hear(self, link: psycopg.AsyncConnection[Any]) -> None:
        while True:
            ids: list[uuid.UUID] = []
            # Wait for the first as long as it takes, then gather what follows at its heels.
            async for notice in link.notifies(stop_after=1):
                self._note(notice, ids)
            async for notice in link.notifies(timeout=GATHER_S):
                self._note(notice, ids)
            if ids:
                events = await _in_thread(queries.list_by_ids, ids=ids)
                for event in events:
                    scope = Scope.from_dict(event.scope)
                    for listener in list(self._listeners):
                        listener.offer(event, scope)

    def _note(self, notice: psycopg.Notify, ids: list[uuid.UUID]) -> None:
        if notice.channel == CHANNEL:
            ids.append(uuid.UUID(notice.payload))
        else:
            self._changed.set()

    async def _keep_actors(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), RENEW_S)
                await asyncio.sleep(RENEW_PAUSE_S)
            self._changed.clear()
            try:
                await self.renew()
            except Exception:
                # Without knowing who may still listen, nobody may.
                log.exception("events: actors could not be renewed, all streams end")
                for listener in list(self._listeners):
                    listener.end("lost")

    async def renew(self) -> None:
        """Make all actors anew; streams whose session ended, end."""
        keys = {listener.sign_in for listener in self._listeners}
        if not keys:
            return
        actors = await _in_thread(self._renew, keys, timezone.now())
        for listener in list(self._listeners):
            if listener.sign_in not in keys:
                continue
            actor = actors.get(listener.sign_in)
            if actor is None or actor.user_id != listener.actor.user_id:
                listener.end("signed_out")
            else:
                listener.actor = actor


_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


def hub_of_this_loop(renew: Renew) -> Hub:
    """The hub of the running event loop; one per web process in practice."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub(renew)
    return _hubs[loop]


async def _in_thread(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Database work in a thread of the loop's pool; its connection is closed, or given back, at the end."""

    def run() -> Any:
        try:
            return work(*args, **kwargs)
        finally:
            connections.close_all()

    return await sync_to_async(run, thread_sensitive=False)()


def _parameters() -> dict[str, Any]:
    """How Django connects, without its pool: this connection is ours for as long as anybody listens."""
    wanted = dict(connections["default"].get_connection_params())
    for name in ("pool", "cursor_factory", "context", "prepare_threshold"):
        wanted.pop(name, None)
    return wanted
