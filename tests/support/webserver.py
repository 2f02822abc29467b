"""The web process as it really runs, on the test's database: for what the test client and its server cannot do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import connections

from quancheng.runtime.engines.ports import answers, free_port
from quancheng.runtime.place import ROOT


@contextmanager
def web_server(folder: Path, *, port: int = 0, more: Mapping[str, str] | None = None) -> Iterator[str]:
    """granian on the test's database, as the application's role; its address.

    :param folder: its state folder, which a second server of the same sessions may share.
    :param more: of its environment, such as where engines are.
    """
    port, place = port or free_port(), connections["default"].settings_dict
    url = f"postgresql://{place['USER']}:{place['PASSWORD']}@/{place['NAME']}?host={place['HOST']}"
    environment = {**os.environ, **(more or {}), "DATABASE_URL": url, "PYTHONPATH": str(ROOT / "src")}
    environment["QUANCHENG_VAR"] = str(folder)
    # Sessions are signed: the server must know the key of the client that made them.
    key = folder / "secrets" / "django"
    key.parent.mkdir(exist_ok=True)
    key.write_text(settings.SECRET_KEY)
    command = [sys.executable, "-m", "quancheng.runtime", "web", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        until = time.monotonic() + 60
        while not answers(port):
            assert process.poll() is None, "the web server ended at once"
            assert time.monotonic() < until, "the web server does not answer"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        if process.poll() is None:
            process.kill()
            process.wait(5)
