"""The engines that tests share, and the one page of the runtime's own."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from pathlib import Path
from threading import Thread

import clickhouse_connect
import nats
import psycopg
import pytest
from django.test import Client

from quancheng.runtime.engines.postgres import Postgres
from quancheng.runtime.place import Place


def test_a_message_published_to_nats_is_kept_and_read(nats_url: str):
    async def course() -> bytes:
        link = await nats.connect(nats_url)
        stream = link.jetstream()
        await stream.add_stream(name="kept", subjects=["kept.*"])
        await stream.publish("kept.one", b"hello")
        reader = await stream.pull_subscribe("kept.*", durable="reader")
        (message,) = await reader.fetch(1, timeout=5)
        await link.close()
        return bytes(message.data)

    assert asyncio.run(course()) == b"hello"


def test_nats_lets_nobody_in_without_the_password(nats_url: str):
    address = "nats://" + nats_url.rpartition("@")[2]

    async def course() -> None:
        await nats.connect(address, allow_reconnect=False, max_reconnect_attempts=0)

    with pytest.raises(nats.errors.Error):
        asyncio.run(course())


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_telemetry_database_of_its_own(telemetry_url: str, turn: int):
    with clickhouse_connect.get_client(dsn=telemetry_url) as client:
        client.command("CREATE TABLE t (x Int32) ENGINE = MergeTree ORDER BY x")
        assert client.query("SELECT count() FROM t").result_rows == [(0,)]


@pytest.mark.django_db
def test_the_process_says_that_it_and_its_database_are_alive(client: Client):
    answer = client.get("/alive")
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_every_answer_carries_the_content_security_policy(client: Client):
    for path in ("/alive", "/nowhere", "/static/web/css/nothing.css"):
        policy = client.get(path)["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy


def test_a_server_that_was_killed_at_work_is_followed_by_another_at_once():
    """Its helper counts on and holds the memory that the two would share, for a second or two."""
    folder = Path(tempfile.mkdtemp(prefix="qc-k-"))
    folder.chmod(0o711)
    server = Postgres(Place(folder), fast=True)

    def count() -> None:
        with contextlib.suppress(psycopg.OperationalError), server.connect() as link:
            link.execute("SELECT count(*) FROM generate_series(1, 6000000)")

    try:
        server.prepare()
        first = server.spawn()
        server.wait(first)
        helper = Thread(target=count)
        helper.start()
        with server.connect() as link:
            while link.execute("SELECT 1 FROM pg_stat_activity WHERE query LIKE '%generate_series(1, 6%'").rowcount < 2:
                pass
        first.kill()
        first.wait()
        second = server.spawn()
        server.wait(second)
        server.stop(second)
        assert second.returncode == 0
        helper.join()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
