"""What a process tells of itself (进程运行数据): into the records every ten seconds, and to Prometheus when asked."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from quancheng.domains.monitoring.services.house_watch import note_figures
from quancheng.stream.metrics import Metric, memory_bytes, serve
from quancheng.stream.threads import kept

log = logging.getLogger(__name__)
EVERY_S = 10.0
HOST = "127.0.0.1"


@dataclass
class Teller:
    """Tells what a process is like until cancelled.

    :param name: ``gateway`` or ``process``. :param figures: for the records; :param metrics: for Prometheus.
    :param port: on the loopback; 0: none is opened.
    """

    name: str
    figures: Callable[[], Awaitable[Mapping[str, Any]]]
    metrics: Callable[[], Iterable[Metric]]
    port: int = 0
    every_s: float = EVERY_S
    started_at: datetime = field(default_factory=timezone.now)

    async def tell(self) -> None:
        server: asyncio.Server | None = None
        if self.port:
            try:
                server = await serve(HOST, self.port, self.metrics)
            except OSError as taken:
                # The work goes on without anybody looking.
                log.warning("figures cannot be served on port %s: %s", self.port, taken.strerror)
        address = f"{HOST}:{self.port}" if server is not None else ""
        is_failing = False
        try:
            while True:
                try:
                    await self._note(address)
                except Exception:
                    if not is_failing:
                        log.exception("figures wait for the database")
                    is_failing = True
                else:
                    is_failing = False
                await asyncio.sleep(self.every_s)
        finally:
            if server is not None:
                server.close()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(server.wait_closed(), 1.0)

    async def _note(self, address: str) -> None:
        told = {**await self.figures(), "memory_bytes": memory_bytes(), "metrics": address}
        await asyncio.to_thread(
            kept(note_figures), name=self.name, machine=socket.gethostname(), pid=os.getpid(),
            started_at=self.started_at, figures=told, now=timezone.now(),
        )  # fmt: skip
