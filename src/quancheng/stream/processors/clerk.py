"""The clerk of a partition (报警生成): comes behind its processor and makes alarms of what was written down."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from django.utils import timezone

from quancheng.domains.monitoring.services import alarm_clerk, alarm_clock, alarm_peaks
from quancheng.stream.threads import kept

log = logging.getLogger(__name__)

#: Looks by itself so often, where nobody wakes it, also at what waits.
LOOK_S, TICK_S = 2.0, 1.0
#: Peaks of alarms are looked for so often.
PEAKS_S = 5.0


class Clerk:
    """Works beside one processor. :param is_behind: whether the processor has a backlog."""

    def __init__(self, partition: int, is_behind: Callable[[], bool]) -> None:
        self.partition, self._is_behind = partition, is_behind
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """From any thread: something was written down."""
        self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Work until cancelled. What goes wrong here stops no reading: it is logged and tried again."""
        work = kept(self._work)
        while True:
            self._woken.clear()
            try:
                is_more = await asyncio.to_thread(work)
            except Exception:
                log.exception("the clerk of partition %s tries again", self.partition)
                await asyncio.sleep(LOOK_S)
                continue
            if is_more:
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK_S)

    def _work(self) -> bool:
        """Whether there is more to do at once."""
        taken = alarm_clerk.take_events(self.partition, now=timezone.now())
        if not taken:
            alarm_clerk.look_again(self.partition, is_behind=self._is_behind(), now=timezone.now())
        return taken == alarm_clerk.MOST_EVENTS


async def keep_time(ticked: Callable[[], None]) -> None:
    """What time does to alarms, again and again, until cancelled. One process of all does it.

    :param ticked: hears that it has gone round once more.
    """
    tick = kept(lambda: alarm_clock.tick(now=timezone.now()))
    peaks = asyncio.create_task(_fill_peaks())
    try:
        while True:
            await asyncio.to_thread(tick)
            ticked()
            await asyncio.sleep(TICK_S)
    finally:
        peaks.cancel()


async def _fill_peaks() -> None:
    """Beside the clock and not in it: the store may keep it waiting, and nobody must be told later for that."""
    fill = kept(lambda: alarm_peaks.fill_peaks(now=timezone.now()))
    while True:
        try:
            await asyncio.to_thread(fill)
        except Exception:
            log.exception("peaks of alarms are looked for again")
        await asyncio.sleep(PEAKS_S)
