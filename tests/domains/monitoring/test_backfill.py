"""What is filled up later is a report for people, with how late it was, and never an alarm."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.domains.monitoring.alarm_scene import PARTITION, tell
from tests.domains.monitoring.tag_scene import LEVEL, Scene, make_scene, make_tag
from tests.factories import NOW, client_of, make_actor

from quancheng.domains.monitoring.models import Alarm, LimitEvent, PastAlarm, Source, Tag
from quancheng.domains.monitoring.queries.tags import known_tags
from quancheng.domains.monitoring.services import backfill, processing
from quancheng.domains.monitoring.services.backfill import PastPassed, tell_past
from quancheng.domains.monitoring.services.tags import enter_tag
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.people.models import Membership
from quancheng.stream import threads
from quancheng.stream.envelope import Received
from quancheng.stream.processors.book import Book
from quancheng.stream.processors.decoding import Decoder
from quancheng.stream.processors.judging import Judge
from quancheng.stream.processors.keeper import DatabaseKeeper
from quancheng.stream.processors.register import _row
from quancheng.stream.processors.storing import Place, Step

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keeper closes the connection of its thread, which here is the test's own."""
    monkeypatch.setattr(threads, "connection", SimpleNamespace(close=lambda: None))
    monkeypatch.setattr(threads, "close_old_connections", lambda: None)


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def ms(at: Any) -> int:
    return round(at.timestamp() * 1000)


class Processor:
    """The parts of a processor between stream and records, at times that are told."""

    def __init__(self, now: Any) -> None:
        self.book = Book()
        self.judge = Judge(self.book, now_ms=ms(now))
        self.judge.renew([_row(tag) for tag in known_tags(today=NOW.date())], now_ms=ms(now))
        self.decoder, self.keeper, self.seq = Decoder(self.book), DatabaseKeeper(lambda _one: None), 0

    def take(self, source: Source, *readings: tuple[str, Any, float], now: Any) -> None:
        body = {"hist": True, "d": [{"t": code, "ts": ms(at), "v": value} for code, at, value in readings]}
        messages = [Received(source.number, "json", "", ms(now), json.dumps(body).encode())]
        decoded = self.decoder.decode(messages, now_ms=ms(now))
        assert not decoded.unknown
        changes, late = self.judge.judge(messages, decoded.readings, now_ms=ms(now))
        past = self.judge.past.judge(self.book, decoded.readings)
        done, self.seq = processing.take_over(PARTITION), self.seq + 1
        place = Place(done.epoch, "s", self.seq, self.judge.pack())
        step = Step(decoded, changes, late, past)
        if changes:
            assert self.keeper.tell(PARTITION, place, step, self.book)
            step.past = []
        assert self.keeper.finish(PARTITION, place, step, self.book)


def filled_up(scene: Scene, *, times: int = 1) -> Tag:
    """A level that was too high from four to three hours ago, told now, several times."""
    tag = make_tag(scene, source=scene.source, on_delay_s=0.0, off_delay_s=0.0, deadband=0.0)
    scene.source.refresh_from_db()
    for _time in range(times):
        processor = Processor(NOW)
        for minutes, value in ((-300, 1000.0), (-240, 2300.0), (-235, 2310.0), (-230, 2310.0), (-180, 1000.0)):
            # More often than the time for which a course goes on.
            for second in range(0, 3_000 if minutes in (-300, -230) else 240, 120):
                at = NOW + minutes * MINUTE + timedelta(seconds=second)
                processor.take(scene.source, (tag.code, at, value), now=NOW)
    return tag


def test_a_limit_passed_while_the_source_was_cut_off_is_reported_and_raises_nothing(scene: Scene) -> None:
    tag = filled_up(scene)
    rows = {row.limit: row for row in PastAlarm.objects.filter(tag=tag)}
    assert set(rows) == {"H", "HH"}
    assert (rows["HH"].began_at, rows["HH"].value, rows["HH"].limit_value) == (NOW - 4 * HOUR, 2300.0, 2275.0)
    assert rows["HH"].ended_at == NOW - 3 * HOUR
    assert not Alarm.objects.exists()
    assert not LimitEvent.objects.exists()
    browser = client_of(scene.district.enterprise)
    page = browser.get(reverse("monitoring:past_alarms")).content.decode()
    assert "高高报" in page
    assert "2300 mm" in page
    assert reverse("monitoring:trend", args=[tag.pk]) in page
    found = browser.get("/api/v1/monitoring/past-alarms?type=HH").json()["items"]
    assert [(one["tag_id"], one["value"]) for one in found] == [(str(tag.pk), 2300.0)]
    assert browser.get("/api/v1/monitoring/past-alarms?type=ROC").status_code == 422
    # Who does not see the tag sees none of it.
    other = client_of(scene.district.other_enterprise)
    assert "2300 mm" not in other.get(reverse("monitoring:past_alarms")).content.decode()
    assert other.get("/api/v1/monitoring/past-alarms").json()["items"] == []
    assert "2300 mm" in client_of(scene.district.department).get(reverse("monitoring:past_alarms")).content.decode()


def test_what_is_filled_up_again_stands_once(scene: Scene) -> None:
    tag = filled_up(scene, times=2)
    assert PastAlarm.objects.filter(tag=tag, limit="HH").count() == 1
    # From the middle of it, by a source that lost its place.
    processor = Processor(NOW)
    processor.take(scene.source, (tag.code, NOW - 3.5 * HOUR, 2310.0), now=NOW)
    assert PastAlarm.objects.filter(tag=tag).count() == 2


def test_the_list_says_how_late_it_was_and_narrows(scene: Scene) -> None:
    tag = make_tag(scene)
    note(tag, "HH", at=NOW - 5 * HOUR)
    note(tag, "L", at=NOW - 30 * HOUR, value=200.0)
    note(tag, "L", at=NOW - 29 * HOUR, value=260.0, is_raised=False)
    browser = client_of(scene.district.enterprise)
    page = browser.get(reverse("monitoring:past_alarms")).content.decode()
    assert all(said in page for said in ("5 小时", "30 小时", "未见恢复", "1 小时"))
    narrowed = browser.get(f"{reverse('monitoring:past_alarms')}?limit=L").content.decode()
    assert "200 mm" in narrowed
    assert "2300 mm" not in narrowed
    assert browser.get(f"{reverse('monitoring:past_alarms')}?limit=ROC").status_code == 422


def note(tag: Tag, limit: str, *, at: Any, value: float = 2300.0, is_raised: bool = True) -> None:
    done = processing.take_over(PARTITION)
    passed = [PastPassed(tag.number, limit, is_raised, at, value, getattr(tag, limit.lower()))]
    assert processing.write_down(PARTITION, done, past=passed, now=NOW)


def test_those_on_duty_are_told_once_in_one_notice(scene: Scene) -> None:
    shift = make_actor(scene.district.enterprise_org, "enterprise.safety", name="班长")
    worker = make_actor(scene.district.enterprise_org, "enterprise.worker", name="操作工")
    tag = make_tag(scene)
    note(tag, "HH", at=NOW - 5 * HOUR)
    note(tag, "H", at=NOW - 5 * HOUR)
    assert tell_past(now=NOW) == 2
    assert tell_past(now=NOW + MINUTE) == 0
    notice = Notice.objects.get(user=shift.user_id, kind="monitoring.past_alarms")
    assert notice.data["count"] == 2
    assert "1号罐液位 高高报 2300 mm" in notice.data["lines"][0]["title"]
    assert not Notice.objects.filter(user=worker.user_id).exists()
    assert not Notice.objects.exclude(kind="monitoring.past_alarms").exists()


def test_the_office_hears_of_the_gravest_and_of_all_where_nobody_is_in_the_enterprise(scene: Scene) -> None:
    tag = make_tag(scene)
    note(tag, "HH", at=NOW - 5 * HOUR)
    note(tag, "H", at=NOW - 5 * HOUR)
    assert tell_past(now=NOW) == 2
    watch = scene.district.department
    assert Notice.objects.get(user=watch.user_id, kind="monitoring.past_alarms").data["count"] == 1
    Membership.objects.filter(organisation=scene.district.enterprise_org).delete()
    note(tag, "H", at=NOW - 3 * HOUR)
    assert tell_past(now=NOW) == 1
    assert Notice.objects.get(user=watch.user_id, kind="monitoring.past_alarms").data["count"] == 2


def test_what_nobody_could_be_told_is_not_called_told(scene: Scene) -> None:
    Membership.objects.all().delete()
    note(make_tag(scene), "HH", at=NOW - 5 * HOUR)
    assert tell_past(now=NOW) == 0
    assert PastAlarm.objects.get().told_at is None


def test_one_enterprise_that_cannot_be_told_keeps_no_other_waiting(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = make_tag(scene)
    actor = scene.district.other_enterprise
    other = open_own_file(actor=actor, kind="depot", known={}, now=NOW)
    twin = enter_tag(actor=actor, file=other, code="Y.1", known=LEVEL, now=NOW)
    note(tag, "HH", at=NOW - 5 * HOUR)
    note(twin, "HH", at=NOW - 5 * HOUR)
    title = backfill._title

    def fails(file: Enterprise, row: PastAlarm) -> str:
        if file.pk == min(tag.file_id, other.pk):
            raise ValueError
        return title(file, row)

    monkeypatch.setattr(backfill, "_title", fails)
    assert tell_past(now=NOW) == 1
    assert PastAlarm.objects.filter(told_at__isnull=True).count() == 1


def test_an_end_told_again_ends_nothing_older_and_queries_do_not_grow(scene: Scene) -> None:
    tag = make_tag(scene)
    note(tag, "HH", at=NOW - 400 * HOUR)
    for _time in range(2):
        note(tag, "HH", at=NOW - 5 * HOUR)
        note(tag, "HH", at=NOW - 4 * HOUR, is_raised=False)
    rows = PastAlarm.objects.order_by("began_at").values_list("began_at", "ended_at")
    assert list(rows) == [(NOW - 400 * HOUR, None), (NOW - 5 * HOUR, NOW - 4 * HOUR)]
    counts = []
    for start, many in ((100, 1), (300, 40)):
        passed = [
            PastPassed(tag.number, "HH", number % 2 == 0, NOW - start * HOUR + number * MINUTE, 2300.0, 2275.0)
            for number in range(2 * many)
        ]
        with CaptureQueriesContext(connection) as asked:
            backfill.note_past(passed, now=NOW)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert PastAlarm.objects.filter(ended_at__isnull=True).count() == 1
    assert PastAlarm.objects.count() == 43


def test_what_was_late_and_still_counted_says_how_late_in_the_events(scene: Scene) -> None:
    tag = make_tag(scene)
    tell(tag, "HH", at=NOW - 8 * MINUTE, is_late=True, now=NOW)
    tell(tag, "HH", at=NOW - 6 * MINUTE, is_raised=False, is_late=True, now=NOW)
    assert not Alarm.objects.exists()
    tell(make_tag(scene, "X.2"), "HH", at=NOW, now=NOW)
    browser = client_of(scene.district.enterprise)
    events = browser.get(f"{reverse('monitoring:events')}?late=1").content.decode()
    assert "8 分钟" in events
    assert "X.2" not in events
