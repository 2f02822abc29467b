"""Figures of a process as Prometheus reads them, served on a port of its own."""

from __future__ import annotations

import asyncio
import math
import re
import urllib.error
import urllib.request
from http.client import HTTPResponse

import pytest

from quancheng.stream import metrics
from quancheng.stream.metrics import Metric

LINE = re.compile(r'[a-z_]+(\{[a-z]+="([^"\\\n]|\\.)*"\})? \S+\Z')


def test_metrics_are_written_in_the_text_format() -> None:
    text = metrics.written([
        Metric.one("quancheng_x_connections", "gauge", "Connections now.", 3),
        Metric.by("quancheng_x_total", "counter", "By reason.", "reason", {'a"b\\c\nd': 2.5, "a": 1}),
        Metric.one("quancheng_x_far", "gauge", "Far.", math.inf),
    ])  # fmt: skip
    assert text == (
        "# HELP quancheng_x_connections Connections now.\n# TYPE quancheng_x_connections gauge\n"
        "quancheng_x_connections 3\n# HELP quancheng_x_total By reason.\n# TYPE quancheng_x_total counter\n"
        'quancheng_x_total{reason="a"} 1\nquancheng_x_total{reason="a\\"b\\\\c\\nd"} 2.5\n'
        "# HELP quancheng_x_far Far.\n# TYPE quancheng_x_far gauge\nquancheng_x_far +Inf\n"
    )
    assert all(LINE.match(line) for line in text.splitlines() if not line.startswith("#"))


def test_every_process_tells_its_memory_and_time() -> None:
    memory, seconds = metrics.of_process("quancheng_x")
    assert memory.samples[0][1] > 1_000_000
    assert seconds.samples[0][1] > 0


@pytest.mark.parametrize(("path", "status"), [("/metrics", 200), ("/metrics?x=1", 200), ("/", 404)])
def test_they_are_served_under_one_address_alone(path: str, status: int) -> None:
    async def act() -> tuple[int, str]:
        server = await metrics.serve("127.0.0.1", 0, lambda: metrics.of_process("quancheng_x"))
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await asyncio.to_thread(fetch, f"http://127.0.0.1:{port}{path}")

    found, text = asyncio.run(act())
    assert found == status
    assert ("quancheng_x_memory_bytes" in text) == (status == 200)


def test_a_request_that_is_none_is_dropped() -> None:
    async def act() -> bytes:
        server = await metrics.serve("127.0.0.1", 0, list)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
            writer.write(b"x" * 20_000)
            return await asyncio.wait_for(reader.read(), 5)

    assert asyncio.run(act()) == b""


def fetch(url: str) -> tuple[int, str]:
    try:
        answer: HTTPResponse = urllib.request.urlopen(url, timeout=5)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    with answer:
        return answer.status, answer.read().decode()
