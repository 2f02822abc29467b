"""Engines that others run, named by their addresses: used, not started, not stopped, and told of when they fail."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.support.engines import StoreProcess
from tests.support.running import Installation, clean_environment, found_office, signed_in
from tests.support.servers import Bucket, NetworkPostgres

from quancheng.runtime.databases import APP, OWNER
from quancheng.runtime.engines import children
from quancheng.runtime.engines.nats import Nats
from quancheng.runtime.engines.ports import free_port
from quancheng.runtime.place import Place

pytestmark = pytest.mark.slow

PLAN = "示范区2026年工作方案\n\n一、重点任务\n1. 开展储罐区检查，2026年6月底前完成。（责任单位：区应急局）\n"


@dataclass
class Outside:
    """Four servers and the addresses that name them."""

    postgres: NetworkPostgres
    nats: Nats
    store: StoreProcess
    bucket: Bucket
    processes: dict[str, subprocess.Popen[bytes]]

    @property
    def addresses(self) -> dict[str, str]:
        return {
            **self.postgres.addresses(),
            **self.bucket.addresses(),
            "NATS_URL": self.nats.url,
            "TELEMETRY_URL": self.store.url("default"),
        }


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    folder = Path(tempfile.mkdtemp(prefix="qc-o-"))
    folder.chmod(0o711)
    postgres, nats = NetworkPostgres(Place(folder / "p"), fast=True), Nats(Place(folder / "n"))
    store, bucket = StoreProcess(folder / "s"), Bucket(folder / "b")
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        running["postgres"] = postgres.start()
        nats.prepare()
        running["nats"] = nats.spawn()
        nats.wait(running["nats"])
        store.start()
        bucket.start()
        assert store.child is not None
        assert bucket.child is not None
        running |= {"store": store.child, "bucket": bucket.child}
        yield Outside(postgres, nats, store, bucket, running)
    finally:
        bucket.stop()
        for child in running.values():
            if child.poll() is None:
                child.send_signal(signal.SIGINT)
                child.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def installation() -> Iterator[Installation]:
    made = Installation()
    yield made
    made.clear()


def test_servers_named_by_address_are_used_and_nothing_of_ours_is_started_in_their_place(
    outside: Outside, installation: Installation, tmp_path: Path
):
    addresses = outside.addresses
    installation.start(environment=clean_environment() | addresses)
    installation.await_ready()
    assert set(children.noted(installation.place)) == {"web", "work-now", "work-slow", "gateway", "process"}
    assert {path.name for path in installation.place.var.iterdir()} & {"postgres", "nats", "store", "files"} == set()
    for name in ("DATABASE_URL", "NATS_URL", "TELEMETRY_URL", "FILES_URL"):
        assert f"outside, as {name} says" in installation.said

    base = f"http://127.0.0.1:{installation.port}"
    installation.await_said(r"/set-up\?token=\S+\n")
    token = re.search(r"(/set-up\?token=\S+)", installation.said)
    assert token
    with httpx.Client(base_url=base, follow_redirects=True, timeout=60) as client:
        page = client.get(token[1])
        assert page.status_code == 200
        assert 'name="kind"' in page.text or "初始化" in page.text

    # A document goes to the bucket and comes back the same.
    found_office(installation, **addresses)
    (tmp_path / "plan.txt").write_text(PLAN)
    imported = installation.command("plan", "import", str(tmp_path / "plan.txt"), "--user", "officer", **addresses)
    assert imported.returncode == 0, imported.stderr
    assert outside.postgres.ask("SELECT kind FROM house_house") == [("real",)]
    assert [name.split("/")[0] for name in outside.bucket.objects()] == ["house"]
    link = outside.postgres.ask("SELECT id FROM files_filelink")[0][0]
    with signed_in(installation, "officer", "Qinglan-2026") as client:
        assert client.get(f"/files/{link}").text == PLAN

    looked = installation.command("doctor", **addresses)
    assert looked.returncode == 0, looked.stdout
    refused = outside.postgres.ask("SELECT has_table_privilege('quancheng_app', 'journal_journalentry', 'DELETE')")
    assert refused == [(False,)]

    # Records go into a backup; the bucket keeps its own copies, which is said.
    saved = installation.command("backup", str(tmp_path / "saved"), **addresses)
    assert saved.returncode == 0, saved.stderr
    assert f"Files lie in s3://{outside.bucket.name}" in saved.stdout

    assert installation.stop() < 10
    assert installation.processes() == []
    assert [name for name, child in outside.processes.items() if child.poll() is not None] == []
    assert outside.postgres.ask("SELECT kind FROM house_house") == [("real",)]


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("DATABASE_URL", "postgresql://q:x@127.0.0.1:{free}/q", r"PostgreSQL at 127.0.0.1:\d+ .*refused"),
        ("DATABASE_URL", "{app}", r"DATABASE_URL: PostgreSQL .*password authentication failed"),
        ("DATABASE_OWNER_URL", "{owner}", r"DATABASE_OWNER_URL: PostgreSQL .*password authentication failed"),
        ("DATABASE_URL", "mysql://a@b/c", r"DATABASE_URL must look like"),
        ("NATS_URL", "nats://quancheng:x@127.0.0.1:{free}", r"NATS_URL: NATS with JetStream at 127.0.0.1:\d+"),
        ("NATS_URL", "nats://quancheng:wrong-word@127.0.0.1:{nats}", r"NATS_URL: .*[Aa]uthorization"),
        ("TELEMETRY_URL", "clickhouse://quancheng:x@127.0.0.1:{free}/default", r"TELEMETRY_URL: ClickHouse at"),
        ("TELEMETRY_URL", "clickhouse://quancheng:wrong-word@127.0.0.1:{store}/default", r"TELEMETRY_URL: ClickHouse"),
        ("FILES_URL", "s3://evidence/house?endpoint=http://127.0.0.1:{free}", r"FILES_URL: The bucket at evidence"),
        ("FILES_URL", "s3://nowhere/house?endpoint=http://127.0.0.1:{bucket}", r"FILES_URL: .*404"),
        ("FILES_URL", "ftp://somewhere/x", r"FILES_URL=ftp://somewhere/x: known are"),
        ("AWS_SECRET_ACCESS_KEY", "wrong-word", r"FILES_URL: .*403"),
    ],
)  # fmt: skip
def test_what_does_not_answer_or_lets_us_not_in_is_one_clear_line(
    outside: Outside, installation: Installation, name: str, wrong: str, said: str
):
    word = "wrong-word"
    filled = wrong.format(
        free=free_port(), nats=outside.nats.port, store=outside.store.port, bucket=outside.bucket.port,
        app=outside.postgres.url(APP, password=word), owner=outside.postgres.url(OWNER, password=word),
    )  # fmt: skip
    given = clean_environment() | outside.addresses | {name: filled}
    installation.start(environment=given | {"AWS_EC2_METADATA_DISABLED": "true"})
    assert installation.await_end() == 1
    lines = [line for line in installation.said.splitlines() if not line.startswith("[")]
    assert len(lines) == 1, installation.said
    assert re.search(said, lines[0])
    assert word not in installation.said
    assert installation.processes() == []
