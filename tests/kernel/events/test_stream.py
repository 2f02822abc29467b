"""The live stream on a real web server: who hears what, how it ends, and how a browser comes back."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connections, transaction
from django.utils import timezone
from tests.factories import NOW, District, house_actor, make_district
from tests.support.signing import signed_in
from tests.support.webserver import web_server

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.scope import Scope
from quancheng.kernel.events.hub import QUEUE, Listener
from quancheng.kernel.events.models import Event
from quancheng.kernel.events.services import publish
from quancheng.kernel.people.models import Membership, Organisation, SignIn
from quancheng.kernel.work.models import WorkItem


@pytest.fixture
def district(transactional_db: None) -> District:
    return make_district()


@pytest.fixture
def server(district: District, tmp_path: Path) -> Iterator[str]:
    with web_server(tmp_path) as address:
        yield address


class Browser:
    """An EventSource of the simplest kind, in a thread: what it got, and whether the server ended it."""

    def __init__(self, address: str, actor: Actor, last: str = "") -> None:
        self.cookie = signed_in(actor).cookies["sessionid"].value
        self.events: list[dict[str, Any]] = []
        self.lines: list[str] = []
        self.status = 0
        self.is_open = threading.Event()
        self.ended = threading.Event()
        headers = {"Accept": "text/event-stream", "Cookie": f"sessionid={self.cookie}"}
        if last:
            headers["Last-Event-ID"] = last
        self._client = httpx.Client(timeout=httpx.Timeout(5, read=60), trust_env=False)
        self._thread = threading.Thread(target=self._read, args=(f"{address}/stream", headers), daemon=True)
        self._thread.start()
        assert self.is_open.wait(20)

    def _read(self, url: str, headers: dict[str, str]) -> None:
        with suppress(httpx.HTTPError), self._client.stream("GET", url, headers=headers) as answer:
            self.status = answer.status_code
            for line in answer.iter_lines():
                self.is_open.set()
                self.lines.append(line)
                if line.startswith("data: "):
                    self.events.append(json.loads(line.removeprefix("data: ")))
        self.is_open.set()
        self.ended.set()

    def await_events(self, count: int, wait_s: float = 15) -> list[dict[str, Any]]:
        until = time.monotonic() + wait_s
        while len(self.events) < count:
            assert time.monotonic() < until, f"only {self.events}"
            time.sleep(0.02)
        return self.events

    def close(self) -> None:
        self._client.close()


@contextmanager
def browsing(address: str, actor: Actor, last: str = "") -> Iterator[Browser]:
    browser = Browser(address, actor, last)
    try:
        yield browser
    finally:
        browser.close()


def happen(organisation: Organisation, kind: str = "test.done") -> Event:
    item = WorkItem.objects.create(
        owner_org=organisation, area=organisation.area, subject_type="t.row", subject_id=uuid.uuid4(),
        loop_code="t.row", state="OPEN", duty="t.do", title="某事项", entered_at=NOW, due_at=NOW,
    )  # fmt: skip
    with transaction.atomic():
        return publish(kind, item, actor=house_actor(), now=NOW, facts={"to": None})


def test_each_browser_hears_at_once_what_its_actor_may_see_and_nothing_else(server: str, district: District) -> None:
    with browsing(server, district.town) as town, browsing(server, district.other_town) as other:
        with browsing(server, district.director) as office:
            begun = time.monotonic()
            event = happen(district.town_org)
            (got,) = town.await_events(1)
            assert time.monotonic() - begun < 5
            last = happen(district.other_town_org)
            office.await_events(2)
            other.await_events(1)
        assert [each["id"] for each in other.events] == [str(last.pk)]
        assert [each["id"] for each in town.events] == [str(event.pk)]
    assert got == {
        "id": str(event.pk),
        "kind": "test.done",
        "subject_type": "work.workitem",
        "subject_id": str(event.subject_id),
        "at": "2026-09-08T01:00:00+00:00",
    }
    assert f"id: {event.pk}" in town.lines


@pytest.mark.slow
def test_a_browser_that_comes_back_gets_what_it_missed(server: str, district: District) -> None:
    first, missed = happen(district.town_org), happen(district.town_org)
    happen(district.other_town_org)
    with browsing(server, district.town, last=str(first.pk)) as browser:
        assert [each["id"] for each in browser.await_events(1)] == [str(missed.pk)]
        later = happen(district.town_org)
        assert browser.await_events(2)[1]["id"] == str(later.pk)
    with browsing(server, district.town, last=str(uuid.uuid4())) as browser:
        assert browser.await_events(1)[0]["kind"] == "stream.reset"


def test_signing_out_ends_the_stream_and_the_browser_is_told_not_to_come_back(server: str, district: District) -> None:
    with browsing(server, district.town) as browser:
        SignIn.objects.filter(user_id=district.town.user_id).update(ended_at=timezone.now(), ended_why="revoked")
        assert browser.ended.wait(15)
        assert browser.events == [{"kind": "stream.signed_out"}]
        happen(district.town_org)
        headers = {"Accept": "text/event-stream", "Cookie": f"sessionid={browser.cookie}"}
        assert httpx.get(f"{server}/stream", headers=headers, trust_env=False).status_code == 204
    assert httpx.get(f"{server}/stream", trust_env=False).status_code == 204


@pytest.mark.slow
def test_a_change_of_place_changes_at_once_what_is_heard(server: str, district: District) -> None:
    with browsing(server, district.department) as browser:
        Organisation.objects.filter(pk=district.department_org.pk).update(general=True)
        time.sleep(1.5)
        seen = happen(district.town_org)
        assert browser.await_events(1)[0]["id"] == str(seen.pk)
        Organisation.objects.filter(pk=district.department_org.pk).update(general=False)
        time.sleep(1.5)
        happen(district.town_org)
        own = happen(district.department_org)
        assert browser.await_events(2)[1]["id"] == str(own.pk)
        Membership.objects.filter(pk=district.department.membership_id).update(valid_to=timezone.now())
        assert browser.ended.wait(15)


@pytest.mark.slow
def test_open_streams_hold_no_connection_of_the_pages_and_pages_are_still_served(
    server: str, district: District
) -> None:
    """The pool has twelve connections; twice as many streams must leave the pages theirs."""
    actors = [district.town, district.other_town, district.director]
    browsers = [Browser(server, actors[number % 3]) for number in range(24)]
    try:
        assert httpx.get(f"{server}/alive", trust_env=False, timeout=10).text == "ok"
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            assert cursor.fetchone()[0] <= 10
        happen(district.town_org)
        browsers[0].await_events(1)
    finally:
        for browser in browsers:
            browser.close()


def test_a_listener_that_reads_too_slowly_is_let_go_and_the_others_are_not() -> None:
    actor = Actor(kind="system", name="test")
    scope = Scope(owner_org=str(uuid.uuid4()))

    async def scene() -> tuple[Listener, Listener]:
        slow, quick = Listener(uuid.uuid4(), actor), Listener(uuid.uuid4(), actor)
        for _n in range(QUEUE + 1):
            event = Event(kind="test.done", subject_id=uuid.uuid4(), at=NOW)
            slow.offer(event, scope)
            quick.offer(event, scope)
            quick.queue.get_nowait()
        return slow, quick

    slow, quick = asyncio.run(scene())
    assert (slow.ended, slow.queue.qsize()) == ("slow", 1)
    assert quick.ended == ""
