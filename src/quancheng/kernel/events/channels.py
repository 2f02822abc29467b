"""Channels (实时频道): what browsers watch beside events, such as values of sensors; a domain registers its own.

A channel tells the newest content of a key and nothing else: what a browser has not fetched yet gives way to what is
newer, so that nobody who reads slowly keeps anything waiting. What must not be merged is an event.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from quancheng.kernel.access.scope import Scope
from quancheng.kernel.errors import Invalid

#: Least time between two messages of one channel to one browser: a key is told twice a second at most.
PAUSE_S = 0.5
#: How long a browser that begins to watch waits for the channel to follow what it asks for.
FOLLOW_S = 2.0
#: Characters of a key.
_MOST_KEY = 40


@dataclass(frozen=True, slots=True)
class Channel:
    """A kind of live content.

    :param name: type of its messages in the event stream.
    :param most: keys that one browser may watch.
    :param scopes: who may see what stands under these keys; a key that means nothing is left out. In a thread.
    :param latest: what stands under these keys now, as JSON can tell it; called when a browser begins. In a thread.
    :param follow: tells what is new of ``Watched.keys`` until it is cancelled; run in the loop while there are any.
    """

    name: str
    most: int
    scopes: Callable[[Collection[str]], Mapping[str, Scope]]
    latest: Callable[[Collection[str]], Mapping[str, Any]]
    follow: Callable[[Watched], Coroutine[Any, Any, None]]


@dataclass(eq=False)
class Watched:
    """What the browsers of one process watch of a channel; :meth:`tell` is given by the hub."""

    tell: Callable[[Mapping[str, Any]], None]
    keys: frozenset[str] = frozenset()
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _version: int = 0
    _followed: int = 0
    _settled: asyncio.Event = field(default_factory=asyncio.Event)

    def ask(self, keys: frozenset[str]) -> None:
        """These keys are watched from now on."""
        if keys != self.keys:
            self.keys = keys
            self._version += 1
            self.changed.set()

    async def next(self) -> frozenset[str]:
        """Wait until other keys are watched; answers them. For :attr:`Channel.follow`."""
        await self.changed.wait()
        self.changed.clear()
        return self.keys

    def follows(self, keys: frozenset[str]) -> None:
        """What is new of these keys is heard of from now on. For :attr:`Channel.follow`."""
        if keys == self.keys:
            self._followed = self._version
            self._settled.set()

    async def settled(self) -> None:
        """Return once what is watched now is followed. :raises TimeoutError: it takes too long."""
        wanted = self._version
        async with asyncio.timeout(FOLLOW_S):
            while self._followed < wanted:
                self._settled.clear()
                await self._settled.wait()


_channels: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    """Add a channel, from an app's ``ready``."""
    _channels[channel.name] = channel


def get(name: str) -> Channel:
    return _channels[name]


def read(asked: Sequence[str]) -> dict[str, frozenset[str]]:
    """What an address asks to watch: ``name:key,key…``, once a channel. :raises Invalid: anything else, or too much."""
    found: dict[str, frozenset[str]] = {}
    for one in asked:
        name, _colon, listed = one.partition(":")
        channel = _channels.get(name)
        keys = frozenset(listed.split(",")) - {""}
        if channel is None or name in found or any(len(key) > _MOST_KEY for key in keys):
            raise Invalid(_("实时内容的请求有误，请刷新页面。"), code="watch_unknown")
        if len(keys) > channel.most:
            raise Invalid(_("同时查看的实时内容不能超过%(most)s项。") % {"most": channel.most}, code="watch_too_many")
        if keys:
            found[name] = keys
    return found
