"""The trial upper platform as a process of its own, as an operator starts it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.running import PYTHON

from quancheng.runtime.place import ROOT

KEY, SECRET = "trial-key-16byte", "trial-secret"


class Upper:
    """:ivar url: its address; ``/a``, ``/b`` and ``/c`` are its three ways."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def post(self, path: str, **what: Any) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}{path}", json.dumps(what).encode(), timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def order(self, **orders: Any) -> None:
        """How it behaves from now on."""
        self.post("/orders", **orders)

    def rows(self, table: str) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.get("/rows")["tables"][table]
        return found

    def calls(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("/calls")["calls"]
        return found


@contextmanager
def upper_platform(*arguments: str) -> Iterator[Upper]:
    """Start it on a free port; ended by its own process id."""
    command = [str(PYTHON), "-m", "quancheng.runtime", "dev", "upper-platform", "--port", "0", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        try:
            said = re.search(r"http://127\.0\.0\.1:\d+", process.stderr.readline())
            assert said is not None
            yield Upper(said.group())
        finally:
            process.terminate()
            process.wait(10)
