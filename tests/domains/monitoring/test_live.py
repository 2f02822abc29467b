"""Live values on a real web server, from a processor's voice to an event stream: who gets which, and how it begins."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.domains.monitoring.live_scene import Site, make_site
from tests.support.signing import signed_in

from quancheng.domains.monitoring.models import Tag
from quancheng.kernel.access.actor import Actor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(nats_url: str, telemetry_url: str) -> Site:
    return make_site(nats_url, telemetry_url)


class Stream:
    """A browser's stream that watches some tags: by number what was told, in its order."""

    def __init__(self, address: str, actor: Actor, tags: list[Tag]) -> None:
        self.told: list[dict[str, Any]] = []
        cookie = signed_in(actor).cookies["sessionid"].value
        self._headers = {"Accept": "text/event-stream", "Cookie": f"sessionid={cookie}"}
        self._client = httpx.Client(timeout=httpx.Timeout(5, read=60), trust_env=False)
        watch = ",".join(str(tag.number) for tag in tags)
        threading.Thread(target=self._read, args=(f"{address}/stream?watch=values:{watch}",), daemon=True).start()

    def _read(self, url: str) -> None:
        kind = ""
        with suppress(httpx.HTTPError), self._client.stream("GET", url, headers=self._headers) as answer:
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: ") and kind == "values":
                    self.told.append(json.loads(line.removeprefix("data: ")))
                elif not line:
                    kind = ""

    def wait(self, count: int) -> list[dict[str, Any]]:
        until = time.monotonic() + 15
        while len(self.told) < count:
            assert time.monotonic() < until, f"only {self.told}"
            time.sleep(0.02)
        return self.told

    def close(self) -> None:
        self._client.close()


@contextmanager
def watching(address: str, actor: Actor, *tags: Tag) -> Iterator[Stream]:
    stream = Stream(address, actor, list(tags))
    try:
        yield stream
    finally:
        stream.close()


def test_a_browser_gets_what_stands_and_then_what_is_new_of_the_tags_it_may_see(site: Site, tmp_path: Path) -> None:
    district = site.scene.district
    site.write((site.level, 5_000, 1843.25))
    site.stand(site.level, "H", value=2200, limit_value=2126)
    with (
        site.serve(tmp_path) as address,
        watching(address, district.enterprise, site.level) as mine,
        watching(address, district.other_enterprise, site.level, site.gas) as stranger,
        watching(address, district.town, site.level, site.gas) as town,
    ):
        (first,) = mine.wait(1)
        assert list(first) == [str(site.level.number)]
        assert first[str(site.level.number)][1:] == [1843.25, 192, 3]
        town.wait(1)
        site.tell((site.level, 1900, 0), (site.gas, 12.5, 0))
        assert mine.wait(2)[1][str(site.level.number)][1:] == [1900.0, 192, 0]
        merged: dict[str, Any] = {}
        while len(merged) < 2:
            for told in list(town.told)[1:]:
                merged |= told
            time.sleep(0.02)
        assert merged[str(site.gas.number)][1] == 12.5
        # A hundred values in a moment are two messages at most: the newest counts.
        before = len(mine.told)
        site.tell(*[(site.level, value, 4) for value in range(100)])
        assert mine.wait(before + 1)
        time.sleep(1.2)
        assert len(mine.told) <= before + 2
        assert mine.told[-1][str(site.level.number)][1:] == [99.0, 192, 4]
        assert stranger.told == []
        assert str(site.gas.number) not in {key for told in mine.told for key in told}


def test_an_address_that_asks_for_too_much_is_refused(site: Site, tmp_path: Path) -> None:
    cookie = signed_in(site.scene.district.enterprise).cookies["sessionid"].value
    with site.serve(tmp_path) as address:
        for asked in ("values:" + ",".join(map(str, range(501))), "none:1"):
            answer = httpx.get(
                f"{address}/stream", params={"watch": asked}, headers={"Cookie": f"sessionid={cookie}"}, trust_env=False
            )
            assert answer.status_code == 422
