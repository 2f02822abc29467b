"""Figures of a process as Prometheus reads them (运行指标): the text format 0.0.4, served on a port of its own.

Served without a password: the port belongs on the loopback, or behind a wall where the collector stands elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import resource
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: A request is given up after this long, and a longer head is none.
REQUEST_S, HEAD_BYTES = 5.0, 8_192
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure with its samples. ``kind``: ``counter`` or ``gauge``; labels by name."""

    name: str
    kind: str
    help: str
    samples: Sequence[tuple[Mapping[str, str], float]]

    @classmethod
    def one(cls, name: str, kind: str, text: str, value: float) -> Metric:
        """A figure without labels."""
        return cls(name, kind, text, [({}, value)])

    @classmethod
    def by(cls, name: str, kind: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
        """A figure by one label."""
        return cls(name, kind, text, [({label: each}, value) for each, value in sorted(values.items())])


def written(metrics: Iterable[Metric]) -> str:
    """The metrics as text."""
    lines = []
    for metric in metrics:
        lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.kind}"]
        for labels, value in metric.samples:
            inner = ",".join(f'{name}="{_escaped(told)}"' for name, told in labels.items())
            lines.append(f"{metric.name}{'{' + inner + '}' if inner else ''} {_number(value)}")
    return "\n".join(lines) + "\n"


def of_process(prefix: str) -> list[Metric]:
    """What every process tells: memory and CPU time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return [
        Metric.one(f"{prefix}_memory_bytes", "gauge", "Resident memory.", memory_bytes()),
        Metric.one(f"{prefix}_cpu_seconds_total", "counter", "CPU time.", used.ru_utime + used.ru_stime),
    ]


def memory_bytes() -> int:
    """Resident memory of this process now; its peak where the system does not tell."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def serve(host: str, port: int, figures: Callable[[], Iterable[Metric]]) -> asyncio.Server:
    """Answer ``GET /metrics`` until the server is closed. :raises OSError: the port is taken."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), REQUEST_S)
            method, path, *_rest = head.split(b" ", 2)
            is_known = method in (b"GET", b"HEAD") and path.partition(b"?")[0] == b"/metrics"
            body = written(figures()).encode() if is_known else b"not found\n"
            status = "200 OK" if is_known else "404 Not Found"
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: {len(body)}\r\n"
                "Connection: close\r\n\r\n".encode()
                + (b"" if method == b"HEAD" else body)
            )
            await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, host, port, limit=HEAD_BYTES)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    """As the format writes numbers: 3, 2.5, +Inf, NaN."""
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else repr(value) if value % 1 else str(int(value))
