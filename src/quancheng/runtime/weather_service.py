"""A small weather service, to try the intake of warnings on: a storm that comes, grows and goes, told over REST."""

from __future__ import annotations

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

#: What is told one after the other: kind, colour; an empty colour ends the warning.
SCENES: dict[str, tuple[tuple[str, str], ...]] = {
    "thunderstorm": (
        ("LIGHTNING", "YELLOW"), ("WIND", "BLUE"), ("LIGHTNING", "ORANGE"), ("LIGHTNING", "RED"), ("LIGHTNING", ""),
        ("WIND", ""),
    ),
    "fog": (("FOG", "YELLOW"), ("FOG", "ORANGE"), ("FOG", "")),
    "rain": (("RAINSTORM", "BLUE"), ("RAINSTORM", "ORANGE"), ("RAINSTORM", "")),
    "heat": (("HEAT", "YELLOW"), ("HEAT", "RED"), ("HEAT", "")),
}  # fmt: skip
_WORDS = {"LIGHTNING": "雷电", "WIND": "大风", "RAINSTORM": "暴雨", "FOG": "大雾", "HEAT": "高温"}
_COLOURS = {"BLUE": "蓝色", "YELLOW": "黄色", "ORANGE": "橙色", "RED": "红色"}


@dataclass(frozen=True, slots=True)
class House:
    """Where the warnings go: the house's address, and a token of an office with the duty 发布和解除气象预警."""

    url: str
    token: str

    def post(self, path: str, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        """Status and answer of the intake."""
        request = urllib.request.Request(  # noqa: S310 - the address is the operator's own
            f"{self.url.rstrip('/')}/api/v1/permits/{path}", data=json.dumps(body).encode(), method="POST",
            headers={
                "Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": key,
            },
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read() or b"{}")


def tell_scene(house: House, scene: str, *, area: str, minutes: int, run: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Tell a scene step by step; the caller waits between them. Warnings of one run have a reference each."""
    standing: dict[str, str] = {}
    for number, (kind, colour) in enumerate(SCENES[scene]):
        # The same step of the same run tried again does nothing twice.
        key = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{run} {number}"))
        if not colour:
            status, told = house.post(f"weather-warnings/{standing[kind]}/end", {"note": "天气系统移出"}, key)
        else:
            now = datetime.now(UTC).replace(microsecond=0)
            body = {
                "kind": kind, "colour": colour, "area_code": area, "issuer": "示例气象台", "reference": f"{run}-{kind}",
                "text": f"{_WORDS[kind]}{_COLOURS[colour]}预警（演示）", "valid_from": now.isoformat(),
                "issued_at": now.isoformat(),
                "valid_to": (now + timedelta(minutes=minutes)).isoformat(),
            }  # fmt: skip
            status, told = house.post("weather-warnings", body, key)
            standing[kind] = told.get("id", "")
        yield status, told
        if status >= 400:
            return


def service_command(arguments: list[str]) -> int:
    """``quancheng dev weather-service``: tells one scene and ends; 1 where the house refused."""
    parser = argparse.ArgumentParser(prog="quancheng dev weather-service", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="of the house")
    parser.add_argument("--token", required=True, help="API token of an office that may issue warnings")
    parser.add_argument("--scene", choices=sorted(SCENES), default="thunderstorm")
    parser.add_argument("--area", default="", help="code of the division; empty: the office's own area")
    parser.add_argument("--minutes", type=int, default=60, help="how long each warning holds")
    parser.add_argument("--pause", type=float, default=20, metavar="S", help="seconds between two steps")
    given = parser.parse_args(arguments)
    run = f"DEMO{datetime.now(UTC):%Y%m%d%H%M%S}"
    worst = 0
    for status, told in tell_scene(
        House(given.url, given.token), given.scene, area=given.area, minutes=given.minutes, run=run
    ):
        worst = max(worst, status)
        print(json.dumps({"status": status, **told}, ensure_ascii=False), flush=True)
        if status < 400:
            time.sleep(given.pause)
    if worst >= 400:
        print("the house refused the last step; the rest was not told", file=sys.stderr)
    return 1 if worst >= 400 else 0
