"""The hub: one LISTEN connection per web process, from which every open browser stream is fed.

Runs inside the server's event loop; database work happens in a thread, whose connection is given back at once.
Nothing here waits for a browser: whoever reads too slowly is let go and comes back with the last event it saw. What
browsers watch besides (:mod:`.channels`) goes the same way, merged: of each key the newest content alone waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import uuid
import weakref
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from asgiref.sync import sync_to_async
from django.db import connections
from django.utils import timezone

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.scope import Scope, covers
from quancheng.kernel.events import channels, queries
from quancheng.kernel.events.channels import PAUSE_S, Channel, Watched
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


@dataclass(frozen=True, slots=True)
class News:
    """That there is something new of what is watched: taken with :meth:`Listener.take`."""


_NEWS = News()


@dataclass(eq=False)
class Listener:
    """One open stream. ``sign_in`` is the session that carries it; ``ended`` tells why it was closed.

    :ivar watches: by channel the keys that it asked for; ``allowed``: those that its actor may see.
    """

    sign_in: uuid.UUID
    actor: Actor
    watches: Mapping[str, frozenset[str]] = field(default_factory=dict)
    allowed: dict[str, frozenset[str]] = field(default_factory=dict)
    queue: asyncio.Queue[Event | News | None] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    ended: str = ""
    _news: dict[str, dict[str, Any]] = field(default_factory=dict)
    _bell: asyncio.TimerHandle | None = None
    _taken_at: float = float("-inf")

    def end(self, why: str) -> None:
        """Close it: what waits is dropped, the reader wakes up."""
        if self.ended:
            return
        self.ended = why
        if self._bell is not None:
            self._bell.cancel()
        self._news.clear()
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)

    def offer(self, event: Event, scope: Scope) -> None:
        if self.ended or not covers(self.actor, scope):
            return
        self._put(event)

    def tell(self, channel: str, found: Mapping[str, Any], *, is_newer: bool = True) -> None:
        """Something new under some keys. :param is_newer: what waits already gives way to it."""
        mine = {key: found[key] for key in self.allowed.get(channel, frozenset()) & found.keys()}
        if self.ended or not mine:
            return
        waiting = self._news.get(channel, {})
        self._news[channel] = {**waiting, **mine} if is_newer else {**mine, **waiting}
        if self._bell is None:
            loop = asyncio.get_running_loop()
            self._bell = loop.call_at(max(loop.time(), self._taken_at + PAUSE_S), self._put, _NEWS)

    def take(self) -> dict[str, dict[str, Any]]:
        """What is new, by channel and key; nothing more comes before the pause is over."""
        found, self._news = self._news, {}
        self._bell, self._taken_at = None, asyncio.get_running_loop().time()
        return found

    def _put(self, what: Event | News) -> None:
        if self.ended:
            return
        try:
            self.queue.put_nowait(what)
        except asyncio.QueueFull:
            self.end("slow")


@dataclass(eq=False)
class _Followed:
    """A channel that somebody watches, with the task that follows it."""

    channel: Channel
    watched: Watched
    task: asyncio.Task[None]


class Hub:
    """The listeners of one event loop. Works while there are any."""

    def __init__(self, renew: Renew) -> None:
        self._renew = renew
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._changed = asyncio.Event()
        self._followed: dict[str, _Followed] = {}

    @property
    def size(self) -> int:
        return len(self._listeners)

    def count_of(self, user_id: uuid.UUID | None) -> int:
        return sum(1 for each in self._listeners if each.actor.user_id == user_id)

    @contextlib.asynccontextmanager
    async def listen(
        self, sign_in: uuid.UUID, actor: Actor, watches: Mapping[str, frozenset[str]] | None = None
    ) -> AsyncIterator[Listener]:
        """Join. On return every event that commits from now on will be offered, and what is watched begins with what
        stands now.

        :param watches: keys by channel, of :func:`.channels.read`; those that the actor may not see are never told.
        """
        listener = Listener(sign_in, actor, watches or {})
        self._listeners.add(listener)
        try:
            if self._task is None or self._task.done():
                self._ready.clear()
                self._task = asyncio.create_task(self._work(), name="events-hub")
            await self._ready.wait()
            if listener.watches:
                await self._begin(listener)
            yield listener
        finally:
            self._listeners.discard(listener)
            await self._follow_what_is_watched()
            if not self._listeners and self._task is not None:
                task, self._task = self._task, None
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _begin(self, listener: Listener) -> None:
        """Follow what a new listener watches, then tell it what stands."""
        await self._allow([listener])
        await self._follow_what_is_watched()
        for name, keys in listener.allowed.items():
            followed = self._followed.get(name)
            if not keys or followed is None:
                continue
            try:
                await followed.watched.settled()
            except TimeoutError:
                log.warning("events: the channel %s is not followed yet", name)
            try:
                found = await _in_thread(channels.get(name).latest, keys)
            except Exception:
                # What comes from now on is told all the same.
                log.exception("events: what stands in the channel %s could not be read", name)
            else:
                listener.tell(name, found, is_newer=False)

    async def _allow(self, listeners: Collection[Listener]) -> None:
        """Find out what each of them may see of what it watches, by one question a channel."""
        asked: dict[str, set[str]] = {}
        for listener in listeners:
            for name, keys in listener.watches.items():
                asked.setdefault(name, set()).update(keys)
        known = {name: await _in_thread(channels.get(name).scopes, keys) for name, keys in asked.items()}
        for listener in listeners:
            listener.allowed = {
                name: frozenset(key for key in keys & known[name].keys() if covers(listener.actor, known[name][key]))
                for name, keys in listener.watches.items()
            }

    async def _follow_what_is_watched(self) -> None:
        """Begin, change and end what is followed, as the listeners that are left want it."""
        wanted: dict[str, set[str]] = {}
        for listener in self._listeners:
            for name, allowed in listener.allowed.items():
                wanted.setdefault(name, set()).update(allowed)
        for name, keys in wanted.items():
            if keys and name not in self._followed:
                channel, watched = channels.get(name), Watched(functools.partial(self._tell, name))
                task = asyncio.create_task(_follow(channel, watched), name=f"channel-{name}")
                self._followed[name] = _Followed(channel, watched, task)
            if name in self._followed:
                self._followed[name].watched.ask(frozenset(keys))
        for name in [name for name in self._followed if not wanted.get(name)]:
            followed = self._followed.pop(name, None)
            if followed is not None:
                followed.task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await followed.task

    def _tell(self, name: str, found: Mapping[str, Any]) -> None:
        for listener in self._listeners:
            listener.tell(name, found)

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
        watching = [each for each in self._listeners if each.watches and not each.ended]
        if watching:
            await self._allow(watching)
            await self._follow_what_is_watched()


async def _follow(channel: Channel, watched: Watched) -> None:
    """Follow a channel until cancelled, whatever happens to it."""
    failures = 0
    while True:
        began = asyncio.get_running_loop().time()
        try:
            watched.changed.set()
            await channel.follow(watched)
        except Exception:
            if asyncio.get_running_loop().time() - began > RENEW_S:
                failures = 0
            # Where it fails again and again, once is enough to see why.
            log.exception("events: the channel %s broke off", channel.name, exc_info=not failures)
        await asyncio.sleep(_RECONNECT_S[min(failures, len(_RECONNECT_S) - 1)])
        failures += 1


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
