"""A partition worked through on a real JetStream and a real store: nothing lost, nothing doubled, whatever happens."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import nats
import numpy as np
import pytest
from clickhouse_connect.driver.client import Client as StoreClient
from nats.aio.client import Client
from nats.aio.msg import Msg

from quancheng.stream import live
from quancheng.stream.envelope import Received
from quancheng.stream.messages import Publisher, StreamSettings, ensure_streams
from quancheng.stream.processors.book import Book, TagRow
from quancheng.stream.processors.decoding import Aside, Rebirth
from quancheng.stream.processors.processor import Processor
from quancheng.stream.processors.storing import BeginAnew, Place, Step
from quancheng.stream.store import client as store
from quancheng.stream.store.schema import CLOCK_BAD, HISTORY
from quancheng.stream.store.writer import Writer

NAN = float("nan")


def row(number: int, *, high: float = 80, on_ms: int = 0) -> TagRow:
    return TagRow(
        number=number, enterprise=UUID(int=1), source=5, keys=(f"T{number}",), is_judged=True, is_in_service=True,
        scale=1, shift=0, range_lo=0, range_hi=100, limits=(NAN, NAN, high, NAN), deadband=2, on_delay_ms=on_ms,
        off_delay_ms=0, stale_ms=60_000, cap=192,
    )  # fmt: skip


class Slow(Writer):
    """Writes nothing before it is told to."""

    def __init__(self, client: StoreClient) -> None:
        super().__init__(client)
        self.answers = threading.Event()

    def write(self, tables: Mapping[str, store.Rows]) -> None:
        assert self.answers.wait(20)
        super().write(tables)


@dataclass
class Notes:
    """Keeps what a processor writes down, in memory; an epoch ends what earlier owners write."""

    epoch: int = 0
    stream: str = ""
    seq: int = 0
    content: bytes = b""
    told: list[tuple[int, str, int]] = field(default_factory=list)
    past: list[tuple[int, bool, int]] = field(default_factory=list)
    put_aside: list[Aside] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    is_away: bool = False
    #: Away once what limits did is told.
    is_cut: bool = False

    def take_over(self, partition: int) -> Place:
        self.epoch += 1
        return Place(self.epoch, self.stream, self.seq, self.content)

    def tell(self, partition: int, place: Place, step: Step, book: Book) -> bool:
        if self.is_away:
            raise ConnectionError
        if place.epoch != self.epoch:
            return False
        assert place.seq == self.seq
        self.stream, self.content = place.stream, place.content
        self.note_past(step, book)
        for one in step.changes:
            self.told.append((int(book.numbers[one.tag]), "raised" if one.is_raised else "cleared", one.at_ms))
        return True

    def finish(self, partition: int, place: Place, step: Step, book: Book) -> bool:
        if self.is_away or self.is_cut:
            raise ConnectionError
        if place.epoch != self.epoch:
            return False
        self.stream, self.seq, self.content = place.stream, place.seq, place.content
        self.note_past(step, book)
        self.put_aside += step.decoded.asides
        for key, count in step.decoded.unknown.get(5, {}).items():
            self.names[key] = self.names.get(key, 0) + count
        return True

    def note_past(self, step: Step, book: Book) -> None:
        self.past += [(int(book.numbers[one.tag]), one.is_raised, one.at_ms) for one in step.past]

    def rebirths(self, rebirths: Sequence[Rebirth]) -> None:
        pass


@dataclass
class Scene:
    client: Client
    settings: StreamSettings
    telemetry: str
    notes: Notes = field(default_factory=Notes)
    rows: list[TagRow] = field(default_factory=lambda: [row(1), row(2)])
    now: int = field(default_factory=lambda: int(time.time()) * 1000)

    #: The sequence that stood when a test looked.
    seen: int = -1

    def processor(self, *, renew_s: float = 5.0, writer: Writer | None = None) -> Processor:
        return Processor(
            client=self.client, settings=self.settings, partition=0, telemetry=store.connect(self.telemetry),
            keeper=self.notes, rows=lambda: self.rows, renew_s=renew_s, writer=writer,
        )  # fmt: skip

    async def send(self, *bodies: object) -> None:
        publisher = Publisher(self.client, self.settings)
        for body in bodies:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            await publisher.put(0, Received(5, "json", "", self.now, content))

    def batch(self, *told: tuple[int, int, float]) -> dict[str, object]:
        """Of number of the tag, seconds before now, value."""
        return {"d": [{"t": f"T{tag}", "ts": self.now - 1000 * before, "v": value} for tag, before, value in told]}

    async def work(self, processor: Processor, until: Callable[[], bool]) -> None:
        """Run a processor until something holds."""
        task = asyncio.ensure_future(processor.run())
        for _try in range(1_200):
            if until() or task.done():
                break
            await asyncio.sleep(0.05)
        if task.done():
            task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert until()

    def stored(self) -> list[tuple[int, int, float]]:
        rows = store.raw(store.connect(self.telemetry), [1, 2], self.now - 40 * 86_400_000, self.now + 10_000_000)
        return [(int(one["tag"]), (self.now - int(one["at"])) // 1000, float(one["value"])) for one in rows]


@asynccontextmanager
async def scene(nats_url: str, telemetry_url: str) -> AsyncIterator[Scene]:
    settings = StreamSettings(space=f"t{uuid4().hex}_", partitions=1, keep_bytes=64 * 1024**2, aside_bytes=1024**2)
    client = await nats.connect(nats_url)
    store.ensure_tables(store.connect(telemetry_url))
    try:
        await ensure_streams(client.jetstream(), settings)
        yield Scene(client, settings, telemetry_url)
    finally:
        for name in (settings.signals, settings.aside):
            await client.jetstream().delete_stream(name)
        await client.close()


Act = Callable[[Scene], Awaitable[None]]


@pytest.fixture
def played(nats_url: str, telemetry_url: str) -> Callable[[Act], None]:
    def play(act: Act) -> None:
        async def whole() -> None:
            async with scene(nats_url, telemetry_url) as made:
                await act(made)

        asyncio.run(whole())

    return play


def test_readings_are_stored_judged_and_acknowledged(played: Callable[[Act], None]) -> None:
    async def act(made: Scene) -> None:
        processor = made.processor()
        await made.send(made.batch((1, 3, 50), (2, 3, 60)), made.batch((1, 2, 85), (1, 1, 70)))
        await made.work(processor, lambda: processor.figures.readings == 4)
        assert made.stored() == [(1, 3, 50.0), (1, 2, 85.0), (1, 1, 70.0), (2, 3, 60.0)]
        assert [(tag, what) for tag, what, _at in made.notes.told] == [(1, "raised"), (1, "cleared")]
        (last,) = store.latest(store.connect(made.telemetry), [1])
        assert last["value"] == 70
        await made.work(made.processor(), lambda: True)
        assert len(made.notes.told) == 2

    played(act)


def test_what_was_judged_is_told_to_who_watches_its_enterprise(played: Callable[[Act], None]) -> None:
    async def act(made: Scene) -> None:
        heard: list[tuple[int, float, int]] = []

        async def hear(message: Msg) -> None:
            heard.extend((int(one["tag"]), float(one["value"]), int(one["level"])) for one in live.unpack(message.data))

        await made.client.subscribe(live.subject_of(UUID(int=1), space=made.settings.space), cb=hear)
        await made.send(made.batch((1, 2, 50), (2, 2, 60)), made.batch((1, 1, 85)))
        await made.work(made.processor(), lambda: len(heard) > 1)
        assert {tag: told for tag, *told in heard} == {1: [85.0, 3], 2: [60.0, 0]}
        assert made.stored()

    played(act)


def test_what_cannot_be_read_is_put_aside_and_the_rest_is_kept(played: Callable[[Act], None]) -> None:
    async def act(made: Scene) -> None:
        processor = made.processor()
        mixed = {"d": [{"t": "T1", "ts": made.now, "v": "warm"}, {"t": "T1", "ts": made.now - 5000, "v": 5},
                       {"t": "other", "ts": made.now, "v": 1}]}  # fmt: skip
        await made.send(b"not json", mixed, b'{"d":[{"t":"T2","ts":%d,"v":NaN}]}' % made.now)
        await made.work(processor, lambda: processor.figures.messages == 3)
        assert sorted(one.reason for one in made.notes.put_aside) == ["MALFORMED", "NOT_FINITE", "VALUE_TEXT"]
        assert made.notes.names == {"other": 1}
        assert made.stored() == [(1, 5, 5.0)]

    played(act)


def test_a_restart_goes_on_with_the_delays_that_ran(played: Callable[[Act], None]) -> None:
    async def act(made: Scene) -> None:
        made.rows = [row(1, on_ms=10_000), row(2)]
        first = made.processor()
        await made.send(made.batch((1, 20, 85)))
        await made.work(first, lambda: first.figures.readings == 1)
        second = made.processor()
        await made.send(made.batch((1, 15, 86)), made.batch((1, 9, 87)))
        await made.work(second, lambda: second.figures.readings == 2)
        assert [(tag, what, (made.now - at) // 1000) for tag, what, at in made.notes.told] == [(1, "raised", 9)]

    played(act)


def test_a_restart_goes_on_with_the_window_of_a_rate(played: Callable[[Act], None]) -> None:
    async def act(made: Scene) -> None:
        made.rows = [replace(row(1, high=NAN), roc_limit=6.0), row(2)]
        first = made.processor()
        # Of a quick signal the store gives what the window held.
        await made.send(
            *(made.batch((1, 40 + one, 50 - one / 5), (2, 40 + one, 1)) for one in range(18, -1, -1)),
            made.batch((1, 1000, 9)),
        )
        await made.work(first, lambda: first.figures.readings == 39)
        second = made.processor()
        await made.send(*(made.batch((1, one, 58 - one / 5)) for one in range(39, 5, -1)))
        await made.work(second, lambda: second.figures.readings == 34)
        # Four fifths of a minute after the first reading, of which the second processor saw thirty seconds.
        assert [(what, (made.now - at) // 1000) for _tag, what, at in made.notes.told] == [("raised", 9)]

    played(act)


def test_a_limit_that_goes_while_it_is_passed_is_told_to_end_though_nothing_comes(
    played: Callable[[Act], None],
) -> None:
    async def act(made: Scene) -> None:
        processor = made.processor(renew_s=0.1)
        await made.send(made.batch((1, 3, 85)))

        async def take_away() -> None:
            while not (made.notes.told and made.notes.seq):
                await asyncio.sleep(0.05)
            made.seen, made.rows = made.notes.seq, [row(1, high=NAN), row(2)]

        changing = asyncio.ensure_future(take_away())
        await made.work(processor, lambda: len(made.notes.told) == 2)
        await changing
        assert [what for _tag, what, _at in made.notes.told] == ["raised", "cleared"]
        assert made.notes.seq == made.seen
        again = made.processor()
        await made.send(made.batch((1, 1, 99)))
        await made.work(again, lambda: again.figures.readings == 1)
        assert len(made.notes.told) == 2

    played(act)


def test_what_waits_for_others_is_judged_when_nothing_more_comes(played: Callable[[Act], None]) -> None:
    async def act(made: Scene) -> None:
        made.rows = [replace(row(1), wait_ms=1_000), row(2)]
        await made.send(made.batch((1, 1, 50)), made.batch((1, 2, 85)))
        await made.work(made.processor(), lambda: len(made.notes.told) == 2)
        assert [(what, (made.now - at) // 1000) for _tag, what, at in made.notes.told] == [
            ("raised", 2),
            ("cleared", 1),
        ]

    played(act)


def test_a_step_that_was_not_written_down_is_done_again_and_doubles_nothing(played: Callable[[Act], None]) -> None:
    async def act(made: Scene) -> None:
        made.notes.is_away = True
        await made.send(made.batch((1, 3, 85)))
        with pytest.raises(ConnectionError):
            await made.work(made.processor(), lambda: made.notes.seq > 0)
        made.notes.is_away = False
        again = made.processor()
        await made.send(made.batch((1, 1, 90)))
        await made.work(again, lambda: again.figures.readings == 2)
        assert made.stored() == [(1, 3, 85.0), (1, 1, 90.0)]
        assert len(made.notes.told) == 1

    played(act)


def test_a_step_that_was_cut_off_after_its_events_were_told_tells_them_once(played: Callable[[Act], None]) -> None:
    async def act(made: Scene) -> None:
        made.notes.is_cut = True
        await made.send(made.batch((1, 3, 85), (2, 3, 50)))
        with pytest.raises(ConnectionError):
            await made.work(made.processor(), lambda: made.notes.seq > 0)
        assert [what for _tag, what, _at in made.notes.told] == ["raised"]
        made.notes.is_cut = False
        again = made.processor()
        await made.send(made.batch((1, 1, 70)))
        await made.work(again, lambda: again.figures.readings == 3)
        assert made.stored() == [(1, 3, 85.0), (1, 1, 70.0), (2, 3, 50.0)]
        assert [what for _tag, what, _at in made.notes.told] == ["raised", "cleared"]

    played(act)


def test_history_is_told_with_the_states_that_know_of_it(played: Callable[[Act], None]) -> None:
    async def act(made: Scene) -> None:
        writer = Slow(store.connect(made.telemetry))
        made.notes.is_cut = True
        processor = made.processor(writer=writer)

        async def send() -> None:
            hour = 3_600
            # A limit was passed an hour ago; then one is passed now, before anything of it is written down.
            await made.send({"hist": True, **made.batch((2, hour, 50), (2, hour - 9, 95), (2, hour - 18, 96))})
            await asyncio.sleep(1)
            await made.send(made.batch((1, 5, 85)))
            while not made.notes.told:
                await asyncio.sleep(0.05)
            assert [(tag, is_raised) for tag, is_raised, _at in made.notes.past] == [(2, True)]
            writer.answers.set()

        sending = asyncio.ensure_future(send())
        with pytest.raises(ConnectionError):
            await made.work(processor, lambda: made.notes.seq > 0)
        await sending
        made.notes.is_cut = False
        again = made.processor()
        await made.send({"hist": True, **made.batch((2, 3_600 - 27, 40))})
        await made.work(again, lambda: again.figures.readings == 5)
        assert [(tag, is_raised) for tag, is_raised, _at in made.notes.past] == [(2, True), (2, False)]

    played(act)


def test_a_store_that_does_not_answer_delays_nobody_who_is_told(played: Callable[[Act], None]) -> None:
    async def act(made: Scene) -> None:
        writer = Slow(store.connect(made.telemetry))
        processor = made.processor(writer=writer)

        async def send() -> None:
            await made.send(made.batch((1, 9, 50)))
            await asyncio.sleep(1)
            # The first is being written still.
            await made.send(made.batch((1, 5, 85)))
            while not made.notes.told:
                await asyncio.sleep(0.05)
            assert (processor.done_seq, made.stored()) == (0, [])
            await made.send(made.batch((1, 3, 60)))
            while len(made.notes.told) < 2:
                await asyncio.sleep(0.05)
            writer.answers.set()

        sending = asyncio.ensure_future(send())
        await made.work(processor, lambda: processor.figures.readings == 3)
        await sending
        assert [what for _tag, what, _at in made.notes.told] == ["raised", "cleared"]
        assert made.stored() == [(1, 9, 50.0), (1, 5, 85.0), (1, 3, 60.0)]

    played(act)


def test_of_two_owners_the_first_writes_no_more(played: Callable[[Act], None]) -> None:
    async def act(made: Scene) -> None:
        first = made.processor()
        task = asyncio.ensure_future(first.run())
        await made.send(made.batch((1, 5, 85)))
        while first.figures.readings < 1:
            await asyncio.sleep(0.05)
        made.notes.take_over(0)
        await made.send(made.batch((1, 4, 50)))
        with pytest.raises(BeginAnew):
            await asyncio.wait_for(task, 20)
        assert len(made.notes.told) == 1

    played(act)


def test_late_future_and_ancient_times(played: Callable[[Act], None]) -> None:
    async def act(made: Scene) -> None:
        processor = made.processor()
        hour, year = 3_600, 365 * 86_400
        await made.send(
            made.batch((1, hour, 95)), made.batch((1, 0, 50)), made.batch((2, year, 7)), made.batch((2, -hour, 8))
        )
        await made.work(processor, lambda: processor.figures.readings == 4)
        # An alarm of an hour ago raises nothing now; a time of last year or to come is that of arrival.
        assert made.notes.told == []
        rows = store.raw(store.connect(made.telemetry), [1, 2], made.now - 90_000_000, made.now + 1000)
        told = {(int(one["tag"]), float(one["value"])): int(one["flags"]) for one in rows}
        assert told[(1, 95.0)] & HISTORY
        assert not told[(1, 50.0)]
        assert {flags & CLOCK_BAD for (tag, _value), flags in told.items() if tag == 2} == {CLOCK_BAD}

    played(act)


def test_shuffled_messages_leave_the_same_readings(played: Callable[[Act], None]) -> None:
    async def act(made: Scene) -> None:
        pick = np.random.default_rng(3)
        bodies = [made.batch((1, 60 - number, number), (2, 60 - number, number * 2)) for number in range(40)]
        doubled = [bodies[place] for place in pick.permutation(np.repeat(np.arange(40), 2))]
        processor = made.processor()
        await made.send(*doubled)
        await made.work(processor, lambda: processor.figures.readings == 160)
        assert made.stored() == sorted(
            [(1, 60 - number, float(number)) for number in range(40)]
            + [(2, 60 - number, float(number * 2)) for number in range(40)],
            key=lambda one: (one[0], -one[1]),
        )

    played(act)


def test_a_stream_that_was_made_anew_is_read_from_its_beginning(played: Callable[[Act], None]) -> None:
    async def act(made: Scene) -> None:
        first = made.processor()
        await made.send(made.batch((1, 30, 10)), made.batch((1, 29, 11)))
        await made.work(first, lambda: first.figures.readings == 2)
        await made.client.jetstream().delete_stream(made.settings.signals)
        await ensure_streams(made.client.jetstream(), made.settings)
        await made.send(made.batch((1, 5, 12)))
        second = made.processor()
        await made.work(second, lambda: second.figures.readings == 1)
        assert [value for _tag, _before, value in made.stored()] == [10.0, 11.0, 12.0]

    played(act)


def test_a_delivery_that_went_missing_begins_the_partition_anew(played: Callable[[Act], None]) -> None:
    async def act(made: Scene) -> None:
        processor = made.processor()
        task = asyncio.ensure_future(processor.run())
        await made.send(made.batch((1, 30, 10)))
        while processor.figures.readings < 1:
            await asyncio.sleep(0.05)
        processor._delivered -= 1  # as if the one before had been swallowed
        await made.send(made.batch((1, 20, 11)))
        with pytest.raises(BeginAnew):
            await asyncio.wait_for(task, 20)
        again = made.processor()
        await made.work(again, lambda: again.figures.readings == 1)
        assert [value for _tag, _before, value in made.stored()] == [10.0, 11.0]

    played(act)


def test_poison_harms_its_own_message_alone(played: Callable[[Act], None]) -> None:
    async def act(made: Scene) -> None:
        processor = made.processor()
        huge = b'{"d":[{"t":"T1","ts":%d,"v":1e400},{"t":"x\\u0000y","ts":%d,"v":1}]}' % (made.now, made.now)
        odd = {"d": [{"t": "T1", "ts": made.now - 9000, "v": 1, "q": one} for one in (256, 280, 131, 70)]}
        await made.send(huge, odd, made.batch((2, 1, 33)))
        await made.work(processor, lambda: processor.figures.messages == 3)
        rows = store.raw(store.connect(made.telemetry), [1, 2], made.now - 60_000, made.now + 1)
        assert made.notes.told == []
        assert [float(one["value"]) for one in rows if one["tag"] == 2] == [33]

    played(act)
