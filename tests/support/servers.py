"""Real servers that are not ours to start: what an operator names by ``DATABASE_URL`` and its like."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from quancheng.runtime.databases import APP, DATABASE, OWNER
from quancheng.runtime.engines.ports import answers, free_port
from quancheng.runtime.engines.postgres import Postgres


class NetworkPostgres(Postgres):
    """PostgreSQL as a database team runs it: by TCP, with passwords, roles and database made as the docs say."""

    tcp_port = 0

    def command(self) -> list[str]:
        more = ("-c", "listen_addresses=127.0.0.1", "-c", f"port={self.tcp_port}") if self.tcp_port else ()
        return [*super().command(), *more]

    def start(self) -> subprocess.Popen[bytes]:
        self.prepare()
        child = self.spawn()
        self.wait(child)
        self.ensure_database()
        self.stop(child)
        with (self.data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 127.0.0.1/32 scram-sha-256\n")
        self.tcp_port = free_port()
        child = self.spawn()
        await_port(self.tcp_port, child)
        return child

    def url(self, role: str, *, password: str | None = None) -> str:
        word = self.password(role) if password is None else password
        return f"postgresql://{role}:{word}@127.0.0.1:{self.tcp_port}/{DATABASE}"

    def addresses(self) -> dict[str, str]:
        return {"DATABASE_URL": self.url(APP), "DATABASE_OWNER_URL": self.url(OWNER)}

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url(OWNER)) as link:
            return link.execute(query).fetchall()


class Bucket:
    """An S3 server (SeaweedFS) that checks signatures, with one bucket."""

    key, secret, name = "quancheng-test", "a-key-for-tests-only", "evidence"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def addresses(self) -> dict[str, str]:
        return {
            "FILES_URL": f"s3://{self.name}/house?endpoint={self.endpoint}&region=us-east-1",
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
        }

    def start(self) -> None:
        """Its parts are grown together and talk by network; each gets a port of its own."""
        self.folder.mkdir(parents=True, exist_ok=True)
        identity = {"name": "test", "credentials": [{"accessKey": self.key, "secretKey": self.secret}],
                    "actions": ["Admin", "Read", "Write", "List"]}  # fmt: skip
        (self.folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        parts = ("master", "volume", "filer", "s3")
        ports = {name: free_port() for part in parts for name in (f"{part}.port", f"{part}.port.grpc")}
        self.port = ports["s3.port"]
        command = [
            str(Path(sys.executable).parent / "weed"), "server", f"-dir={self.folder}", "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1", "-filer", "-s3", f"-s3.config={self.folder / 's3.json'}", "-s3.port.iceberg=0",
            "-master.volumeSizeLimitMB=64", *(f"-{name}={port}" for name, port in ports.items()),
        ]  # fmt: skip
        with (self.folder / "log").open("wb") as log:
            self.child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        await_port(self.port, self.child)
        self._make_bucket()

    def client(self):  # type: ignore[no-untyped-def]
        import boto3

        return boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id=self.key,
                            aws_secret_access_key=self.secret)  # fmt: skip

    def _make_bucket(self) -> None:
        from botocore.exceptions import ClientError

        until = time.monotonic() + 60
        while True:
            try:
                self.client().create_bucket(Bucket=self.name)
            except ClientError:
                # Its port is open before its store is.
                assert time.monotonic() < until, (self.folder / "log").read_text()[-2000:]
                time.sleep(0.2)
            else:
                return

    def objects(self) -> list[str]:
        found = self.client().list_objects_v2(Bucket=self.name).get("Contents", [])
        return [one["Key"] for one in found]

    def stop(self) -> None:
        if self.child is not None:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def await_port(port: int, child: subprocess.Popen[bytes], wait_s: float = 60) -> None:
    until = time.monotonic() + wait_s
    while not answers(port):
        assert child.poll() is None, "the server ended at once"
        assert time.monotonic() < until, "the server does not answer"
        time.sleep(0.03)
