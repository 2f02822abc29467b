"""What is reported of sources, also while nobody can write it down."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tests.support.mqtt import run

from quancheng.stream.envelope import Received
from quancheng.stream.gateways.mqtt.watch import Report, Watch, sent_at_ms

AT = 1_781_487_000_000


def message(source: int = 1, late_ms: int = 40, form: str = "json", body: bytes = b"") -> Received:
    return Received(source, form, "t", AT + late_ms, body or b'{"v":1,"ts":%d,"d":[]}' % AT)


class Desk:
    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.is_closed = False

    async def __call__(self, reports: Sequence[Report]) -> None:
        if self.is_closed:
            raise OSError("no database")
        self.reports += reports


def test_only_what_changed_is_reported_and_only_once() -> None:
    async def act() -> None:
        desk = Desk()
        watch = Watch(desk)
        watch.came(1, AT)
        watch.came(2, AT)
        for late_ms in (900, 40, 300):
            watch.arrived(message(late_ms=late_ms), 10)
        watch.rejected(1, "topic")
        await watch.flush()
        size = 3 * len(message().body)
        assert desk.reports == [
            Report(1, 1, AT, None, AT + 300, 3, size, 30, {"topic": 1}, 40),
            Report(2, 1, AT, None, None, 0, 0, 0, {}, None),
        ]
        await watch.flush()
        assert len(desk.reports) == 2
        watch.gone(1, AT + 1)
        await watch.flush()
        assert desk.reports[2:] == [Report(1, 0, AT, AT + 1, AT + 300, 0, 0, 0, {}, None)]

    run(act)


def test_what_could_not_be_reported_comes_with_the_next() -> None:
    async def act() -> None:
        desk = Desk()
        watch = Watch(desk)
        desk.is_closed = True
        watch.arrived(message(), 1)
        watch.rejected(1, "form", 2)
        await watch.flush()
        watch.arrived(message(), 1)
        watch.rejected(1, "form")
        await watch.flush()
        desk.is_closed = False
        await watch.flush()
        assert [(one.messages, one.points, one.rejected, one.clock_ms) for one in desk.reports] == [
            (2, 2, {"form": 3}, 40)
        ]

    run(act)


def test_the_last_report_is_written_at_the_end() -> None:
    async def act() -> None:
        desk, ending = Desk(), asyncio.Event()
        watch = Watch(desk, every_s=1000)
        task = asyncio.create_task(watch.keep(ending))
        watch.came(1, AT)
        ending.set()
        await task
        assert len(desk.reports) == 1

    run(act)


def test_the_time_of_the_device_is_found_where_it_is_cheap() -> None:
    assert sent_at_ms(message()) == AT
    assert sent_at_ms(message(body=b'{"D":[{"ts": 1781487000000,"values":{}}]}')) == AT
    assert sent_at_ms(message(body=b'{"ts":17814870000001}')) is None
    assert sent_at_ms(message(body=b"\xff")) is None
    vector = bytes.fromhex("08c0b399c7ec331214100318c0b399c7ec33200a690000000000803a401807")
    assert sent_at_ms(message(form="sparkplug", body=vector)) == AT
    assert sent_at_ms(message(form="sparkplug", body=b"\x12")) is None
    assert sent_at_ms(message(form="sparkplug", body=b"\x08" + b"\xff" * 20)) is None
