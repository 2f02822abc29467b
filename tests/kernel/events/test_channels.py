"""Channels: what browsers watch is merged, held to what they may see, and followed only while it is watched."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.factories import District, make_district

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.scope import Scope
from quancheng.kernel.errors import Invalid
from quancheng.kernel.events import channels
from quancheng.kernel.events.channels import PAUSE_S, Channel, Watched
from quancheng.kernel.events.hub import Hub, Listener, News

SYSTEM = Actor(kind="system", name="test")


@dataclass
class Source:
    """A channel of which a test tells what happens. ``asked``: every set of keys that it was to follow."""

    scopes_of: dict[str, Scope] = field(default_factory=dict)
    stands: dict[str, Any] = field(default_factory=dict)
    asked: list[set[str]] = field(default_factory=list)
    watched: Watched | None = None
    ends: int = 0

    def scopes(self, keys: Collection[str]) -> Mapping[str, Scope]:
        return {key: self.scopes_of[key] for key in keys if key in self.scopes_of}

    def latest(self, keys: Collection[str]) -> Mapping[str, Any]:
        return {key: self.stands[key] for key in keys if key in self.stands}

    async def follow(self, watched: Watched) -> None:
        self.watched = watched
        try:
            while True:
                keys = await watched.next()
                self.asked.append(set(keys))
                watched.follows(keys)
        finally:
            self.ends += 1


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    made = Source()
    channel = Channel("test", 3, made.scopes, made.latest, made.follow)
    monkeypatch.setitem(channels._channels, "test", channel)
    return made


def test_an_address_asks_for_keys_of_channels_and_is_refused_whatever_else_it_says(source: Source) -> None:
    assert channels.read(["test:1,2,,2"]) == {"test": frozenset({"1", "2"})}
    assert channels.read(["test:"]) == channels.read([]) == {}
    for asked in (["none:1"], ["test:1,2,3,4"], ["test:1", "test:2"], ["test:" + "1" * 41], ["1,2"]):
        with pytest.raises(Invalid):
            channels.read(asked)


def test_what_a_browser_has_not_fetched_gives_way_to_what_is_newer() -> None:
    async def act() -> None:
        listener = Listener(uuid.uuid4(), SYSTEM, {}, {"test": frozenset({"1", "2"})})
        for value in range(10_000):
            listener.tell("test", {"1": value, "3": value})
        listener.tell("test", {"2": "first"})
        listener.tell("test", {"1": "stood before", "2": "stood before"}, is_newer=False)
        assert isinstance(await asyncio.wait_for(listener.queue.get(), 1), News)
        assert listener.take() == {"test": {"1": 9_999, "2": "first"}}
        began = asyncio.get_running_loop().time()
        listener.tell("test", {"1": 0})
        assert listener.queue.empty()
        await asyncio.wait_for(listener.queue.get(), 2 * PAUSE_S)
        assert asyncio.get_running_loop().time() - began > 0.9 * PAUSE_S
        listener.tell("test", {"1": 1})
        listener.end("lost")
        assert listener.take() == {}
        assert listener.queue.qsize() == 1

    asyncio.run(act())


@pytest.mark.django_db(transaction=True)
def test_only_what_is_watched_and_may_be_seen_is_followed_and_told(source: Source) -> None:
    district = make_district()
    town, other = _scope(district.town_org), _scope(district.other_town_org)
    source.scopes_of = {"1": town, "2": other}
    source.stands = {"1": "stands", "2": "stands"}

    async def act() -> None:
        hub = Hub(lambda _keys, _now: {})
        async with hub.listen(uuid.uuid4(), district.town, {"test": frozenset({"1", "2", "9"})}) as mine:
            assert source.asked[-1] == {"1"}
            await mine.queue.get()
            assert mine.take() == {"test": {"1": "stands"}}
            async with hub.listen(uuid.uuid4(), district.other_town, {"test": frozenset({"1", "2"})}) as his:
                await his.queue.get()
                assert his.take() == {"test": {"2": "stands"}}
                assert source.asked[-1] == {"1", "2"}
                assert source.watched is not None
                source.watched.tell({"1": "new", "2": "new"})
                await asyncio.gather(mine.queue.get(), his.queue.get())
                assert (mine.take(), his.take()) == ({"test": {"1": "new"}}, {"test": {"2": "new"}})
                # What is no longer his to see, he hears no more.
                del source.scopes_of["2"]
                hub._renew = lambda keys, _now: {each.sign_in: each.actor for each in (mine, his)}
                await hub.renew()
                source.watched.tell({"2": "secret"})
                await asyncio.sleep(PAUSE_S * 1.2)
                assert his.queue.empty()
                assert source.asked[-1] == {"1"}
            assert source.ends == 0
        assert source.ends == 1

    asyncio.run(act())


@pytest.mark.django_db(transaction=True)
def test_a_channel_that_breaks_off_is_followed_anew_and_a_strange_one_ends_no_stream(source: Source) -> None:
    district: District = make_district()
    source.scopes_of = {"1": _scope(district.town_org)}
    calls = 0

    async def broken(watched: Watched) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError("away")
        await source.follow(watched)

    async def act() -> None:
        channels._channels["test"] = Channel("test", 3, source.scopes, source.latest, broken)
        hub = Hub(lambda _keys, _now: {})
        async with hub.listen(uuid.uuid4(), district.town, {"test": frozenset({"1"})}) as mine:
            assert source.asked == [{"1"}]
            assert not mine.ended

    asyncio.run(act())


def _scope(organisation: Any) -> Scope:
    return Scope(owner_org=str(organisation.pk), area_path=organisation.area.path)
