"""Events: written with their act, delivered at least once, never lost to a kill; polled without a gap."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.factories import NOW, District, house_actor, make_actor, make_district, make_org
from tests.support.retention import retire
from tests.support.signing import signed_in

from quancheng.kernel.access.models import ClientAct
from quancheng.kernel.errors import Invalid, NotFound, NotPermitted
from quancheng.kernel.events import queries
from quancheng.kernel.events.models import Delivery, Event
from quancheng.kernel.events.services import (
    MAX_ATTEMPTS,
    deliver,
    publish,
    retry_delivery,
    subscribe,
    unsubscribe,
)
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.work.models import WorkItem
from quancheng.runtime.place import ROOT


@pytest.fixture
def heard() -> Iterator[list[uuid.UUID]]:
    """A subscriber of ``test.*`` that keeps the ids it was given."""
    ids: list[uuid.UUID] = []

    def handler(event: Event, now: datetime) -> None:
        ids.append(event.pk)

    subscribe("test.*", handler, name="test.keeper")
    yield ids
    unsubscribe("test.keeper")


def row(organisation: Organisation) -> WorkItem:
    return WorkItem.objects.create(
        owner_org=organisation, area=organisation.area, subject_type="t.row", subject_id=uuid.uuid4(),
        loop_code="t.row", state="OPEN", duty="t.do", title="某事项", entered_at=NOW, due_at=NOW,
    )  # fmt: skip


def happen(organisation: Organisation, kind: str = "test.done") -> Event:
    with transaction.atomic():
        return publish(kind, row(organisation), actor=house_actor(), now=NOW)


def jobs_of(event_id: uuid.UUID) -> int:
    return ProcrastinateJob.objects.filter(task_name="events.deliver", args__event_id=str(event_id)).count()


@pytest.mark.django_db
def test_an_event_and_its_jobs_stand_in_the_acts_transaction(heard: list[uuid.UUID]) -> None:
    org = make_org()
    event = happen(org)
    assert jobs_of(event.pk) == 1
    assert Delivery.objects.get().subscriber == "test.keeper"
    with transaction.atomic():
        undone = publish("test.done", row(org), actor=house_actor(), now=NOW)
        transaction.set_rollback(True)
    assert jobs_of(undone.pk) == 0
    assert list(Event.objects.values_list("pk", flat=True)) == [event.pk]


def test_an_event_outside_a_transaction_is_refused(transactional_db: None) -> None:
    item = row(make_org())
    with pytest.raises(RuntimeError):
        publish("test.done", item, actor=house_actor(), now=NOW)


@pytest.mark.django_db
def test_a_delivered_event_is_never_handed_over_again(heard: list[uuid.UUID]) -> None:
    event = happen(make_org())
    assert deliver(event_id=event.pk, subscriber="test.keeper", now=NOW)
    assert not deliver(event_id=event.pk, subscriber="test.keeper", now=NOW)
    assert heard == [event.pk]


@pytest.mark.django_db
def test_a_failing_handler_leaves_nothing_of_its_own_and_says_where_it_failed() -> None:
    def fails(event: Event, now: datetime) -> None:
        ClientAct.objects.create(id=event.pk, act="test.half", body_digest="", at=now)
        raise ValueError("the private detail")

    subscribe("test.*", fails, name="test.fails")
    try:
        event = happen(make_org())
        with pytest.raises(ValueError, match="private"):
            deliver(event_id=event.pk, subscriber="test.fails", now=NOW)
    finally:
        unsubscribe("test.fails")
    delivery = Delivery.objects.get()
    assert (delivery.attempts, delivery.done_at) == (1, None)
    assert delivery.failure.startswith("ValueError in fails:")
    assert "private" not in delivery.failure
    assert not ClientAct.objects.exists()


@pytest.mark.slow
def test_a_worker_killed_in_the_handler_loses_nothing(transactional_db: None, tmp_path: Path) -> None:
    """kill -9 while the handler runs: its half is rolled back, the job is retaken, the event handled once."""
    import tests.kernel.events.handlers as handlers

    subscribe("test.*", handlers.slow, name=handlers.NAME)
    try:
        event = happen(make_org())
    finally:
        unsubscribe(handlers.NAME)
    began = tmp_path / "began"
    first = _worker({handlers.BEGAN: str(began)})
    try:
        _until(began.exists)
        first.send_signal(signal.SIGKILL)
        first.wait(10)
        _until(lambda: not _others())
        assert Delivery.objects.get().done_at is None
        assert not ClientAct.objects.exists()
        second = _worker({})
        try:
            _until(lambda: Delivery.objects.get().done_at is not None, wait_s=90)
        finally:
            _stop(second)
    finally:
        _stop(first)
    assert ClientAct.objects.get().pk == event.pk


def _worker(more: dict[str, str]) -> subprocess.Popen[bytes]:
    """A worker on the test's database, as the application's role."""
    place = connections["default"].settings_dict
    url = f"postgresql://{place['USER']}:{place['PASSWORD']}@/{place['NAME']}?host={place['HOST']}"
    environment = {**os.environ, **more, "DATABASE_URL": url, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    environment.pop("PYTEST_CURRENT_TEST", None)
    command = [sys.executable, "-m", "tests.kernel.events.worker"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        process.wait(15)


def _others() -> int:
    """Sessions of other processes on this database; the server may need a moment to see that one is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def _until(is_so: Callable[[], object], wait_s: float = 30) -> None:
    until = time.monotonic() + wait_s
    while not is_so():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.05)


@pytest.mark.django_db
def test_events_go_after_a_year_unless_a_subscriber_still_waits(heard: list[uuid.UUID]) -> None:
    org = make_org()
    done, waiting = happen(org), happen(org)
    deliver(event_id=done.pk, subscriber="test.keeper", now=NOW)
    assert retire("events.event", timezone.now() + timedelta(days=364)) == 0
    retire("events.event", timezone.now() + timedelta(days=366))
    assert Event.objects.get().pk == waiting.pk


# Polling ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def district(transactional_db: None) -> District:
    return make_district()


def test_polling_gives_each_event_of_visible_rows_once_and_in_order(district: District) -> None:
    mine = [happen(district.town_org) for _n in range(5)]
    happen(district.other_town_org)
    after, got = "", []
    for _request in range(4):
        answer = queries.poll(actor=district.town, after=after, limit=2)
        got += [event.pk for event in answer.events]
        after = answer.cursor
    assert got == [event.pk for event in mine]
    assert not answer.more
    later = happen(district.town_org)
    assert [event.pk for event in queries.poll(actor=district.town, after=after).events] == [later.pk]


def test_an_event_that_becomes_certain_late_is_not_passed_over(district: District) -> None:
    """One transaction writes first and commits last: a poll in between must stop before it."""
    written, commit = threading.Event(), threading.Event()
    slow_ids: list[uuid.UUID] = []

    def slow() -> None:
        with transaction.atomic():
            slow_ids.append(publish("test.slow", row(district.town_org), actor=house_actor(), now=NOW).pk)
            written.set()
            commit.wait(20)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(20)
    quick = happen(district.town_org)
    first = queries.poll(actor=district.town, after="")
    commit.set()
    thread.join(20)
    second = queries.poll(actor=district.town, after=first.cursor)
    assert [event.pk for event in [*first.events, *second.events]] == [slow_ids[0], quick.pk]


def test_the_poll_takes_patterns_and_refuses_a_cursor_that_is_not_ours(district: District) -> None:
    happen(district.town_org, "test.one")
    wanted = happen(district.town_org, "test.two")
    assert [event.pk for event in queries.poll(actor=district.town, after="", pattern="*.two").events] == [wanted.pk]
    for bad in ("x", "2026-01-01_x", f"2026-01-01T00:00:00_{uuid.uuid4()}", "_"):
        with pytest.raises(Invalid):
            queries.poll(actor=district.town, after=bad)


def test_the_api_polls_with_the_cursor_it_gave(district: District) -> None:
    event = happen(district.town_org)
    client = signed_in(district.town)
    first = client.get("/api/v1/events").json()
    assert first["items"] == [
        {
            "id": str(event.pk),
            "kind": "test.done",
            "subject_type": "work.workitem",
            "subject_id": str(event.subject_id),
            "at": "2026-09-08T01:00:00Z",
        }
    ]
    assert client.get("/api/v1/events", {"after": first["cursor"]}).json()["items"] == []
    assert client.get("/api/v1/events", {"after": "nonsense"}).status_code == 422
    assert signed_in(district.other_town).get("/api/v1/events").json()["items"] == []


# Operators -------------------------------------------------------------------------------------------------------


def failed_delivery(organisation: Organisation) -> Delivery:
    subscribe("test.*", lambda event, now: None, name="test.keeper")
    try:
        event = happen(organisation)
    finally:
        unsubscribe("test.keeper")
    Delivery.objects.filter(event=event).update(attempts=MAX_ATTEMPTS, failure="ValueError in f:1", failed_at=NOW)
    return Delivery.objects.get(event=event)


@pytest.mark.django_db
def test_operators_see_failed_deliveries_without_content_and_queue_them_anew() -> None:
    district = make_district()
    operator = make_actor(make_org("示例区大数据局", supervises=False), "admin.system")
    delivery = failed_delivery(district.town_org)
    client = signed_in(operator)
    page = client.get("/events/failed").content.decode()
    assert "test.keeper" in page
    assert "ValueError in f:1" in page
    assert "某事项" not in page
    before = jobs_of(delivery.event_id)
    assert client.post(f"/events/failed/{delivery.pk}/retry").status_code == 303
    assert jobs_of(delivery.event_id) == before + 1
    assert "test.keeper" not in client.get("/events/failed").content.decode()
    with pytest.raises(NotFound):
        retry_delivery(actor=operator, delivery_id=delivery.pk, now=timezone.now())


@pytest.mark.django_db
def test_without_the_duty_failed_deliveries_are_neither_seen_nor_retried() -> None:
    district = make_district()
    delivery = failed_delivery(district.town_org)
    client = signed_in(district.director)
    assert client.get("/events/failed").status_code == 403
    assert client.post(f"/events/failed/{delivery.pk}/retry").status_code == 403
    with pytest.raises(NotPermitted):
        retry_delivery(actor=district.director, delivery_id=delivery.pk, now=NOW)
    assert Delivery.objects.get().attempts == MAX_ATTEMPTS
