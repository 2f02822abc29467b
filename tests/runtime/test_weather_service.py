"""The trial weather service as a program: what it sends, and that it ends when the house refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from quancheng.runtime.weather_service import service_command


class House(ThreadingHTTPServer):
    """Takes warnings with the right token and keeps what it was told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told: list[tuple[str, dict[str, Any], str]] = []


class _Handler(BaseHTTPRequestHandler):
    server: House

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        right = self.headers["Authorization"] == "Bearer right"
        self.server.told.append((self.path, body, self.headers["Idempotency-Key"]))
        status = 401 if not right else 200 if self.path.endswith("/end") else 201
        answer = json.dumps({"id": f"w-{body.get('kind', '')}"} if right else {"code": "token"}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def house() -> Iterator[House]:
    server = House()
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def run(house: House, *more: str) -> int:
    return service_command(["--url", f"http://127.0.0.1:{house.server_port}", "--pause", "0", *more])


def test_a_fog_comes_thickens_and_goes_under_one_reference(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(house, "--token", "right", "--scene", "fog", "--area", "990102") == 0
    paths = [path.removeprefix("/api/v1/permits/") for path, _body, _key in house.told]
    assert paths == ["weather-warnings", "weather-warnings", "weather-warnings/w-FOG/end"]
    first, second = (body for _path, body, _key in house.told[:2])
    assert (first["colour"], second["colour"], first["area_code"]) == ("YELLOW", "ORANGE", "990102")
    assert first["reference"] == second["reference"]
    assert len({key for _path, _body, key in house.told}) == 3
    assert capsys.readouterr().out.count("\n") == 3


def test_it_ends_where_the_house_refuses(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(house, "--token", "wrong", "--scene", "rain") == 1
    assert len(house.told) == 1
    assert '"status": 401' in capsys.readouterr().out
