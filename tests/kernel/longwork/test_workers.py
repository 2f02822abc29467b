"""Real workers: what hangs is ended when its time is up, what is cancelled stops, what was killed is begun anew."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.factories import District
from tests.kernel.longwork import kinds

from quancheng.kernel.access.models import ClientAct
from quancheng.kernel.longwork import services, tending
from quancheng.kernel.longwork.models import LongWork
from quancheng.runtime.place import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def workers(district: District) -> Iterator[Start]:
    """Starts workers on the test's database; what still runs at the end is ended."""
    begun: list[subprocess.Popen[bytes]] = []

    def begin(queue: str, **more: str) -> subprocess.Popen[bytes]:
        place = connections["default"].settings_dict
        url = f"postgresql://{place['USER']}:{place['PASSWORD']}@/{place['NAME']}?host={place['HOST']}"
        environment = {**os.environ, **more, "DATABASE_URL": url, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        environment.pop("PYTEST_CURRENT_TEST", None)
        command = [sys.executable, "-m", "tests.kernel.longwork.worker", queue]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
        begun.append(process)
        return process

    yield begin
    for process in begun:
        if process.poll() is None:
            process.kill()
            process.wait(10)
    until(lambda: _others() == 0)


def start(district: District, kind: str, how: str = "query") -> LongWork:
    return services.start_work(actor=district.officer, kind=kind, title="挂起", params={"how": how}, now=timezone.now())


def until(true: Callable[[], bool], wait_s: float = 60) -> None:
    end = time.monotonic() + wait_s
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def state_of(work: LongWork) -> str:
    work.refresh_from_db()
    return work.state


def _others() -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("how", ["query", "python"])
def test_what_hangs_in_a_query_or_in_a_loop_is_ended_and_its_worker_goes_on(
    district: District, workers: Start, tmp_path: Path, how: str
) -> None:
    work = start(district, "test.hang_briefly", how)
    worker = workers("slow", **{kinds.BEGAN: str(tmp_path / "began")})
    until(lambda: state_of(work) == "failed")
    assert "超过时限" in work.message
    assert not ClientAct.objects.filter(act="test.mark").exists()
    after = services.start_work(
        actor=district.officer, kind="test.write", title="数数", params={"numbers": 2}, now=timezone.now()
    )
    until(lambda: state_of(after) == "done")
    assert worker.poll() is None


def test_what_hangs_in_a_call_that_never_returns_ends_with_its_process(
    district: District, workers: Start, tmp_path: Path
) -> None:
    work = start(district, "test.hang_briefly", "call")
    worker = workers("slow", **{kinds.BEGAN: str(tmp_path / "began")})
    assert worker.wait(60) == 1
    assert ProcrastinateJob.objects.get(pk=work.job_id).status == "failed"
    tending.fail_orphans(now=timezone.now())
    assert state_of(work) == "failed"
    assert not ClientAct.objects.filter(act="test.mark").exists()


def test_any_job_that_hangs_is_ended_and_its_connection_closed(
    district: District, workers: Start, tmp_path: Path
) -> None:
    from tests.kernel.longwork.tasks import hang_in_query

    job = hang_in_query.defer(limit_s=2)
    worker = workers("now", **{kinds.BEGAN: str(tmp_path / "began")})
    until(lambda: ProcrastinateJob.objects.get(pk=job).status == "failed")
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")
        assert cursor.fetchone() == (0,)
    assert worker.poll() is None


def test_cancelled_while_it_hangs_it_stops_and_leaves_nothing(
    district: District, workers: Start, tmp_path: Path
) -> None:
    work, began = start(district, "test.hang"), tmp_path / "began"
    workers("slow", **{kinds.BEGAN: str(began)})
    until(began.exists)
    services.cancel_work(actor=district.officer, work=work, now=timezone.now())
    until(lambda: not ProcrastinateJob.objects.filter(pk=work.job_id).exists())
    assert state_of(work) == "cancelled"
    assert not ClientAct.objects.filter(act="test.mark").exists()


def test_killed_with_its_worker_it_is_begun_anew_by_another_and_ends_once(
    district: District, workers: Start, tmp_path: Path
) -> None:
    work, began = start(district, "test.hang"), tmp_path / "began"
    first = workers("slow", **{kinds.BEGAN: str(began)})
    until(began.exists)
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    assert state_of(work) == "running"
    workers("slow")
    until(lambda: state_of(work) == "done", wait_s=90)
    assert (work.attempt, work.message) == (2, "done")
