"""An installation's life: what is done is sealed, what was interrupted is taken up, what is lost is brought back."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.support.content import Moves, losses, read_content
from tests.support.running import PYTHON, Installation, prepared_state, signed_in

from quancheng.runtime.databases import conninfo, settings_from_app, settings_from_owner
from quancheng.runtime.place import ROOT, Place

pytestmark = pytest.mark.slow

FOUND = """
from datetime import datetime, UTC
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.house.services import found_house
found_house(actor=system_actor("setup"), kind="real", district_code="990001", district_name="示范区",
            now=datetime.now(UTC))
"""


MAKE_ROOT = """
from datetime import datetime, UTC
from quancheng.kernel.journal.services import make_root
make_root(now=datetime.now(UTC))
"""


#: What the clocks of both systems write while they run: once an hour what they looked for, and what is missing.
RESTORED = Moves(
    passing=frozenset({"procrastinate_workers", "procrastinate_periodic_defers", "procrastinate_jobs",
                       "procrastinate_events", "monitoring_partitionstate", "monitoring_processfigure"}),
    growing=frozenset({"hazards_checkrun", "monitoring_housetrouble"}),
    columns={("hazards_checkrun", "until"): "", ("hazards_checkrun", "at"): "",
             ("monitoring_housetrouble", "ended_at"): ""},
)  # fmt: skip


@pytest.fixture(scope="module")
def born() -> Iterator[Installation]:
    """A running installation that has a house and one entry in its journal."""
    made = Installation(of=prepared_state())
    try:
        made.start()
        made.await_ready()
        done = command(made.place, "dev", "manage", "shell", "--no-imports", "-c", FOUND)
        assert done.returncode == 0, done.stderr
        yield made
    finally:
        made.clear()


def command(place: Place, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PYTHON, "-m", "quancheng.runtime", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "QUANCHENG_VAR": str(place.var)},
        capture_output=True,
        text=True,
        timeout=1200,
    )


def ask(place: Place, query: str, *given: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(conninfo(settings_from_app(place)), autocommit=True) as link:
        cursor = link.execute(query, given)
        return cursor.fetchall() if cursor.description else []


def await_true(place: Place, query: str, wait_s: float) -> None:
    until = time.monotonic() + wait_s
    while not ask(place, query)[0][0]:
        assert time.monotonic() < until, f"not true after {wait_s} s: {query}"
        time.sleep(0.2)


def test_an_entry_of_the_journal_is_sealed_within_seconds(born: Installation):
    await_true(
        born.place,
        "SELECT count(*) = 1 AND (SELECT count(*) FROM journal_journalwaiting) = 0 FROM journal_journalseal",
        wait_s=10,
    )


def test_a_job_whose_worker_was_killed_is_retaken_within_a_minute(born: Installation):
    # A house that is born about the hour of the nightly root has that one too.
    ((roots,),) = ask(born.place, "SELECT count(*) FROM journal_journalroot")
    (worker,) = ask(
        born.place, "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
    )[0]
    (job,) = ask(
        born.place,
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, worker_id) "
        "VALUES ('clock', 'journal.root', '{\"timestamp\": 0}', 'doing', %s) RETURNING id",
        worker,
    )[0]
    await_true(born.place, f"SELECT NOT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE id = {job})", wait_s=60)
    assert ask(born.place, "SELECT count(*) FROM journal_journalroot")[0][0] > roots


def test_the_doctor_of_a_running_installation_finds_nothing_to_mend(born: Installation):
    said = command(born.place, "doctor")
    assert said.returncode == 0, said.stdout
    assert "real, 示范区" in said.stdout


def test_a_real_database_is_neither_reset_nor_filled_with_a_demo(born: Installation):
    for arguments in (("demo", "reset"), ("demo", "load")):
        said = command(born.place, *arguments)
        assert said.returncode == 1
        assert len(said.stderr.splitlines()) == 1
    assert ask(born.place, "SELECT kind FROM house_house") == [("real",)]


def test_a_backup_brought_back_elsewhere_holds_the_same_and_its_journal_stands(born: Installation, tmp_path: Path):
    kept = born.place.folder("files", "ab") / "abcdef"
    kept.write_bytes(b"evidence")
    rooted = command(born.place, "dev", "manage", "shell", "--no-imports", "-c", MAKE_ROOT)
    assert rooted.returncode == 0, rooted.stderr
    before = read_content(conninfo(settings_from_owner(born.place)))
    assert before["journal_journalentry"]
    saved = command(born.place, "backup", str(tmp_path / "saved"))
    assert saved.returncode == 0, saved.stderr
    assert "The keys are not in it" in saved.stdout
    everything = b"".join(path.read_bytes() for path in (tmp_path / "saved").rglob("*") if path.is_file())
    for secret in (born.place.var / "secrets").iterdir():
        assert secret.read_bytes() not in everything

    other = Installation()
    try:
        restored = command(other.place, "restore", str(tmp_path / "saved"))
        assert restored.returncode == 0, restored.stderr
        other.start()
        other.await_ready()
        after = read_content(conninfo(settings_from_owner(other.place)))
        assert losses(before, after, RESTORED) == []
        assert ask(other.place, "SELECT kind FROM house_house") == [("real",)]
        assert (other.place.var / "files/ab/abcdef").read_bytes() == b"evidence"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(other.place, "DELETE FROM journal_journalentry")
        assert command(other.place, "journal", "verify").returncode == 0
        roots = {path.name: path.read_bytes() for path in (born.place.var / "roots").iterdir()}
        assert roots
        assert {path.name: path.read_bytes() for path in (other.place.var / "roots").iterdir()} == roots
        other.stop()
        again = command(other.place, "restore", str(tmp_path / "saved"))
        assert "holds data already" in again.stderr
    finally:
        other.clear()


def test_a_damaged_backup_is_refused(born: Installation, tmp_path: Path):
    assert command(born.place, "backup", str(tmp_path / "saved")).returncode == 0
    with (tmp_path / "saved/records.dump").open("ab") as file:
        file.write(b"x")
    refused = command(Place(tmp_path / "v"), "restore", str(tmp_path / "saved"))
    assert refused.returncode == 1
    assert "altered or damaged" in refused.stderr


def test_a_demo_is_loaded_once_and_a_plan_is_imported_as_one_of_its_users(tmp_path: Path):
    # The tables stand already: how they are made is tested elsewhere, and the reset below makes them too.
    demo = Installation(of=prepared_state(), arguments=())
    try:
        demo.start()
        demo.await_ready(1200)
        demo.await_said(r"officer +\S+ +安委办工作人员")
        plan = tmp_path / "plan.txt"
        plan.write_text(
            "示范区2026年危险化学品安全监管工作方案\n\n一、重点任务\n1. 开展储罐区检查，2026年6月底前完成。"
            "（责任单位：区应急局）\n"
        )
        imported = command(demo.place, "plan", "import", str(plan), "--user", "officer")
        assert imported.returncode == 0, imported.stderr
        assert "drafts to review" in imported.stdout
        refused = command(demo.place, "plan", "import", str(plan), "--user", "enterprise1")
        assert refused.returncode == 2
        assert len(refused.stderr.splitlines()) == 1
        # Under everybody's feet, while it runs: the plan is gone, the district is there anew, and it serves.
        reset = command(demo.place, "demo", "reset")
        assert reset.returncode == 0, reset.stderr
        assert ask(demo.place, "SELECT count(*) FROM duty_plan WHERE starts_with(title, '示范区2026')") == [(0,)]
        with signed_in(demo, "officer", "Qinglan-2026") as client:
            assert client.get("/").status_code == 200
        assert command(demo.place, "journal", "verify").returncode == 0
        assert demo.stop() < 10
        demo.start()
        demo.await_ready()
        assert "district loaded" not in demo.said
    finally:
        demo.clear()
