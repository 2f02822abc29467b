"""What holds for every job: its connection is closed after it, and it is ended when its time is up.

A job that is over its time is first ended from outside (its query broken off, :class:`OutOfTime` raised in its thread).
One that does not end even so, since it hangs in a call that never returns, is given up: it counts as failed, and its
process ends, to be started anew by the supervisor; the other jobs of the process are retaken.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from django.db import connections
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job
from procrastinate.worker import Worker

from quancheng.kernel.longwork.ending import OutOfTime, raise_in, take_back

log = logging.getLogger("quancheng.work")

#: Seconds that a job of a queue may take; a job whose arguments name ``limit_s`` has that time instead.
LIMITS_S = {"now": 120.0, "clock": 1800.0, "slow": 1800.0, "default": 1800.0}
#: Tasks that may take longer than their queue says, with why.
LONGER_S = {
    # Reads every entry of the journal.
    "people.verify_journal": 4 * 3600.0,
}
#: After its time is up a job has so long to end before its process does.
PARTING_S = 10.0


@dataclass(slots=True)
class _Hands:
    """The thread that has a job in hand, and its connection."""

    thread: int
    connection: Any


class Limits:
    """Middlewares of one worker process.

    :param give_up: called when a job did not end: the process must.
    """

    def __init__(self, give_up: Callable[[], None]) -> None:
        self._give_up = give_up
        self._hands: dict[int, _Hands] = {}
        self._lock = threading.Lock()

    def in_thread(self, call_next: Callable[[], Any], context: JobContext, worker: Worker) -> Any:
        """Around the job, in its thread: leave no connection open, and say whose thread it is."""
        number, thread = _number(context.job), threading.get_ident()
        with self._lock:
            self._hands[number] = _Hands(thread, connections["default"])
        try:
            return call_next()
        finally:
            with self._lock:
                self._hands.pop(number, None)
                take_back(thread)
            connections.close_all()

    async def around(self, call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: Worker) -> Any:
        """Around the job, on the loop: wait for so long, then end it.

        :raises OutOfTime: it was ended, or given up.
        """
        job, task = context.job, asyncio.ensure_future(call_next())
        limit = limit_of(job)
        done, _pending = await asyncio.wait({task}, timeout=limit)
        if not done:
            log.error("job %s (%s) took longer than %g s and is ended", job.id, job.task_name, limit)
            await asyncio.to_thread(self._end, _number(job))
            done, _pending = await asyncio.wait({task}, timeout=PARTING_S)
        if not done:
            log.error("job %s (%s) cannot be ended: this process ends", job.id, job.task_name)
            self._give_up()
            raise OutOfTime
        return task.result()

    def _end(self, number: int) -> None:
        with self._lock:
            hands = self._hands.get(number)
            if hands is not None:
                raise_in(hands.thread, hands.connection)


def limit_of(job: Job) -> float:
    """Seconds that a job may take."""
    own = job.task_kwargs.get("limit_s")
    if isinstance(own, int | float):
        return float(own)
    return LONGER_S.get(job.task_name, LIMITS_S.get(job.queue, LIMITS_S["slow"]))


def _number(job: Job) -> int:
    if job.id is None:
        raise ValueError("a job without a number is not in the queue")
    return job.id
