"""The channel of live values (实时值频道): what processors tell over NATS, for the tags that open pages show."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

import nats
from django.conf import settings
from django.db import connections
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from quancheng.domains.monitoring.queries import live as queries
from quancheng.domains.monitoring.queries.readings import StoreAway
from quancheng.kernel.events.channels import Channel, Watched, register
from quancheng.stream import live

#: Tags that one browser shows at once.
MOST = 500


def register_all() -> None:
    """Add the channel; called once, when the app is ready."""
    register(Channel("values", MOST, queries.scopes, queries.latest, follow))


async def follow(watched: Watched) -> None:
    """Subscribe to the enterprises whose tags are watched, and to no other, until cancelled."""
    client: Client | None = None
    held: dict[uuid.UUID, Subscription] = {}
    helpers: set[asyncio.Task[None]] = set()

    async def hear(message: Msg) -> None:
        watched.tell({
            str(one["tag"]): queries.content(
                int(one["at"]), float(one["value"]), int(one["quality"]), int(one["level"])
            )
            for one in live.unpack(message.data)
            if str(one["tag"]) in watched.keys
        })  # fmt: skip

    async def again() -> None:
        """What was told while the connection was away is in the store."""
        task = asyncio.create_task(_catch_up(watched))
        helpers.add(task)
        task.add_done_callback(helpers.discard)

    try:
        while True:
            keys = await watched.next()
            wanted = await _in_thread(functools.partial(queries.enterprises, keys))
            if client is None:
                client = await nats.connect(
                    settings.NATS_URL, max_reconnect_attempts=-1, reconnect_time_wait=0.5, reconnected_cb=again
                )
            for one in wanted - held.keys():
                held[one] = await client.subscribe(live.subject_of(one), cb=hear)
            for one in held.keys() - wanted:
                await held.pop(one).unsubscribe()
            # Once it answers, it has the subscriptions too.
            await client.flush()
            watched.follows(keys)
    finally:
        for task in helpers:
            task.cancel()
        if client is not None:
            with contextlib.suppress(Exception):
                await client.close()


async def _catch_up(watched: Watched) -> None:
    with contextlib.suppress(StoreAway):
        watched.tell(await _in_thread(lambda: queries.latest(watched.keys)))


def _in_thread(work: Callable[[], Any]) -> Coroutine[Any, Any, Any]:
    """Database work in a thread; its connection is given back at the end."""

    def run() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    return asyncio.to_thread(run)
