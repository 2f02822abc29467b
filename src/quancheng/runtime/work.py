"""The worker process: takes jobs from the queues, retakes those whose worker was killed, seals the journal."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

log = logging.getLogger("quancheng.work")

#: Queue to the number of its jobs that run at once in one process.
CONCURRENCY = {"now": 4, "clock": 2, "slow": 2}
#: Tasks that name no queue are treated as long ones, so that they cannot hold up a person's act.
COMPANIONS = {"slow": ["slow", "default"]}
HEARTBEAT_S = 10
#: A worker that was silent that long is dead; its jobs are retaken, at the latest one round later.
SILENT_S = 30
ROUND_S = 10
#: A job that was begun so often and lost its worker again may be what ends the workers: it is given up.
MOST_RETAKES = 5
SEAL_PAUSE_S = 1.0
#: After a signal running jobs get this long; the supervisor's whole stop has ten seconds.
GRACE_S = 1.8
#: After this long the process ends whatever still hangs; a job cut off is retaken.
LIMIT_S = 2.6


async def run(queues: Sequence[str]) -> bool:
    """Work on the queues until SIGTERM or SIGINT; False where the database went away before.

    :param queues: names out of ``CONCURRENCY``; the process that has ``now`` also seals the journal.
    """
    from procrastinate.contrib.django import app as proxy

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _ask_to_stop, stop)
    from quancheng.runtime.limits import Limits

    hung: list[bool] = []

    def give_up() -> None:
        hung.append(True)
        _ask_to_stop(stop)

    limits = Limits(give_up)
    connector = proxy.connector.get_worker_connector()  # type: ignore[attr-defined]
    with proxy.replace_connector(connector) as app:
        async with app.open_async():
            workers = [
                asyncio.create_task(
                    app.run_worker_async(
                        queues=COMPANIONS.get(queue, [queue]),
                        name=f"{queue}-{os.getpid()}",
                        concurrency=CONCURRENCY[queue],
                        install_signal_handlers=False,
                        shutdown_graceful_timeout=GRACE_S,
                        update_heartbeat_interval=HEARTBEAT_S,
                        stalled_worker_timeout=SILENT_S,
                        delete_jobs="successful",
                        task_middleware=[limits.in_thread],
                        worker_middleware=[limits.around],
                    ),
                    name=queue,
                )
                for queue in queues
            ]
            helpers = [asyncio.create_task(_retake(app, stop))]
            if "now" in queues:
                helpers.append(asyncio.create_task(_seal(stop)))
            waiting = asyncio.create_task(stop.wait())
            # A worker that ends by itself has lost its database: end, and be started anew.
            await asyncio.wait([waiting, *workers], return_when=asyncio.FIRST_COMPLETED)
            asked = stop.is_set()
            stop.set()
            for task in workers:
                task.cancel()
            results = await asyncio.gather(*workers, return_exceptions=True)
            for helper in (*helpers, waiting):
                helper.cancel()
            await asyncio.gather(*helpers, waiting, return_exceptions=True)
    lost = [result for result in results if isinstance(result, Exception)]
    for result in lost:
        log.error("a worker ended: %s", result.__cause__ or result)
    return asked and not lost and not hung


def _ask_to_stop(stop: asyncio.Event) -> None:
    """Stop, and stop for certain: with its database gone a worker would wait for it while taking its leave."""
    stop.set()
    watchdog = threading.Timer(LIMIT_S, os._exit, args=(1,))
    watchdog.daemon = True
    watchdog.start()


async def _retake(app: object, stop: asyncio.Event) -> None:
    """Give back to their queues the jobs of workers that fell silent."""
    from procrastinate.jobs import Status

    manager = app.job_manager  # type: ignore[attr-defined]
    while not stop.is_set():
        try:
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_S):
                if job.attempts >= MOST_RETAKES:
                    log.error(
                        "job %s (%s) lost its worker %s times and is given up", job.id, job.task_name, job.attempts
                    )
                    await manager.finish_job(job, status=Status.FAILED, delete_job=False)
                    continue
                log.warning("job %s (%s) lost its worker and is retaken", job.id, job.task_name)
                await manager.retry_job(job, retry_at=datetime.now(UTC) + timedelta(seconds=1))
        except Exception:
            log.exception("could not look for jobs without a worker")
        await _pause(stop, ROUND_S)


async def _seal(stop: asyncio.Event) -> None:
    """Number and chain the journal's new entries within seconds (one sealer at a time, whoever comes first)."""
    from asgiref.sync import sync_to_async

    while not stop.is_set():
        try:
            await sync_to_async(_seal_once, thread_sensitive=False)()
        except Exception:
            log.exception("the journal could not be sealed just now; it is tried again")
            await _pause(stop, 5)
        await _pause(stop, SEAL_PAUSE_S)


def _seal_once() -> None:
    from django.db import close_old_connections

    from quancheng.kernel.journal.services import seal

    close_old_connections()
    try:
        seal(now=datetime.now(UTC))
    finally:
        close_old_connections()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def work_command(arguments: list[str]) -> int:
    """``quancheng work [QUEUE ...]``: all queues where none is named."""
    import argparse

    parser = argparse.ArgumentParser(prog="quancheng work", description="Take jobs from the queues until stopped.")
    parser.add_argument("queues", nargs="*", metavar="QUEUE", help=f"out of {', '.join(CONCURRENCY)}; default all")
    queues = parser.parse_args(arguments).queues or list(CONCURRENCY)
    unknown = sorted(set(queues) - set(CONCURRENCY))
    if unknown:
        parser.error(f"unknown queue {', '.join(unknown)}")
    from quancheng.runtime.cli import set_up_django

    set_up_django()
    return 0 if asyncio.run(run(queues)) else 1
