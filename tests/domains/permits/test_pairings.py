"""Portable detectors that go with a permit: paired with one at a time, read by the clock, never typed."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from tests.domains.monitoring.alarm_scene import raised
from tests.domains.permits.factories import FOUND, crew_of, make_permit
from tests.domains.permits.instrument_scene import Scene
from tests.factories import client_of

from quancheng.domains.monitoring.services.special_work import hear_alarm
from quancheng.domains.permits.models import DetectorPairing
from quancheng.domains.permits.queries import instruments as known_instruments
from quancheng.domains.permits.services import clock, preparing
from quancheng.domains.permits.services.pairing_clock import keep_pairings
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.kernel.events.models import Event
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db
MIN = timedelta(minutes=1)
PORTABLE = {"is_portable": True, "calibration_gas": "74-82-8", "unit_place": None}


@pytest.fixture
def scene(telemetry_url: str, settings: Any, at: list[datetime]) -> Any:
    return lambda to="ISSUED", kind="CS": Scene(telemetry_url, settings, to, at, kind)


def pair(here: Any, code: str = "P1", permit: Any = None, **known: Any) -> Any:
    url = reverse("permits:detector_pair", args=[(permit or here.permit).pk])
    given = {
        "instrument": code, "position": "INSIDE", "point": "人孔下2米", "analyst": "某分析人",
        "client_id": str(uuid.uuid4()), **known,
    }  # fmt: skip
    return here.client.post(url, given)


def by_rest(client: Any, permit: Any, code: str = "P1", **known: Any) -> Any:
    body = {"instrument": code, "point": "人孔下2米", "analyst": "某分析人", **known}
    url = f"/api/v1/permits/permits/{permit.pk}/detectors"
    return client.post(url, json.dumps(body), content_type="application/json")


def test_a_portable_detector_that_tells_something_is_paired_and_parted_by_the_enterprise_alone(scene: Any) -> None:
    here = scene()
    tag = here.tag("P1", **PORTABLE)
    fixed = here.tag("F1")
    here.tell(fixed, 1.0)
    silent = pair(here)
    assert silent.status_code == 422
    assert "没有上传读数" in silent.content.decode()
    assert "登记为便携式" in by_rest(here.client, here.permit, "F1").json()["fields"]["instrument"]
    here.tell(tag, 1.0)
    assert by_rest(client_of(here.district.department), here.permit).status_code == 403
    assert by_rest(client_of(here.district.other_enterprise), here.permit).status_code == 404
    assert pair(here).status_code == 303
    row = DetectorPairing.objects.get()
    assert (row.permit_id, row.instrument, row.point, row.gas) == (here.permit.pk, "P1", "人孔下2米", "methane")
    assert JournalEntry.objects.filter(act="permits.detector.pair", subject_id=here.permit.pk).exists()
    page = here.client.get(reverse("permits:permit", args=[here.permit.pk]) + "?tab=detectors").content.decode()
    assert "P1" in page
    assert "解除配对" in page
    part = here.client.post(reverse("permits:detector_part", args=[here.permit.pk, row.pk]))
    assert part.status_code == 303
    row.refresh_from_db()
    assert row.ended_at == here.now
    assert by_rest(here.client, here.permit).status_code == 201
    listed = here.client.get(f"/api/v1/permits/permits/{here.permit.pk}/detectors").json()
    assert [one["ended_at"] is None for one in listed] == [True, False]


def test_a_detector_goes_with_one_permit_at_a_time_and_is_free_when_its_work_is_over(scene: Any) -> None:
    here = scene()
    here.tell(here.tag("P1", **PORTABLE), 1.0)
    assert pair(here).status_code == 303
    # Whoever works elsewhere is another crew.
    other = make_permit(here.district, "CS", crew=crew_of(here.district, "CS", order=800), to="PREPARING")
    here.tell(here.tag("P2", **PORTABLE), 1.0)
    taken = pair(here, permit=other)
    assert taken.status_code == 409
    assert "同一时间只能用于一张作业票" in taken.content.decode()
    type(here.permit).objects.filter(pk=here.permit.pk).update(status="FINISHED")
    here.tell(here.tag("P3", **PORTABLE), 1.0)
    assert pair(here, permit=other).status_code == 303
    assert DetectorPairing.objects.filter(ended_at__isnull=True).get().permit_id == other.pk


def test_while_work_runs_readings_are_recorded_at_the_interval_of_the_kind_without_anybodys_act(scene: Any) -> None:
    here = scene("WORKING")
    tag = here.tag("P1", **PORTABLE)
    here.tell(tag, 1.0)
    assert pair(here).status_code == 303
    assert keep_pairings(now=here.now) == 1
    row = here.tests().get()
    assert (row.phase, row.position, row.is_manual, row.verdict) == ("PERIODIC", "INSIDE", False, "PASS")
    assert row.message["pairing"] == str(DetectorPairing.objects.get().pk)
    # Each minute it is looked at, and written down again a little before the next record is due, two hours later.
    for minutes, made in ((1, 0), (113, 0), (1, 1)):
        here.clock[0] += minutes * MIN
        here.tell(tag, 1.0)
        assert keep_pairings(now=here.now) == made, minutes
    assert here.tests().count() == 2
    own = client_of(here.crew.safety)
    page = own.get(reverse("permits:permit", args=[here.permit.pk]) + "?tab=gas").content.decode()
    assert "仪器读数" in page


def test_a_value_that_fails_is_recorded_at_once_and_suspends(scene: Any) -> None:
    here = scene("WORKING")
    tag = here.tag("P1", **PORTABLE)
    here.tell(tag, 1.0)
    assert pair(here).status_code == 303
    keep_pairings(now=here.now)
    here.clock[0] += MIN
    key = here.tell(tag, 11.0)
    clock.keep_time(now=here.now)
    here.permit.refresh_from_db()
    assert (here.permit.status, here.permit.stop_reason) == ("SUSPENDED", "GAS_ALARM")
    assert here.tests().get(verdict="FAIL").reading == key
    assert keep_pairings(now=here.now) == 0


def test_silence_longer_than_the_detectors_limit_is_told_once_and_counts_as_no_test(scene: Any) -> None:
    here = scene("WORKING")
    tag = here.tag("P1", **PORTABLE)
    here.tell(tag, 1.0)
    assert pair(here).status_code == 303
    keep_pairings(now=here.now)
    here.clock[0] += 2 * MIN
    assert keep_pairings(now=here.now) == 0
    here.clock[0] += MIN
    assert keep_pairings(now=here.now) == 0
    assert here.tests().count() == 1
    told = Notice.objects.filter(kind="permits.detector", subject_id=here.permit.pk)
    # Once to each who holds the duty.
    assert told.count() == told.values("user").distinct().count() > 0
    page = here.client.get(reverse("permits:permit", args=[here.permit.pk]) + "?tab=detectors").content.decode()
    assert "检测仪没有上传读数" in page
    # What lets nothing go on by its quality counts as no test either; when it tells again nothing is told of it.
    here.tell(tag, 1.0)
    keep_pairings(now=here.now)
    assert DetectorPairing.objects.get().trouble == ""


def test_while_the_store_is_away_no_detector_is_silent(scene: Any, monkeypatch: Any) -> None:
    here = scene("WORKING")
    here.tell(here.tag("P1", **PORTABLE), 1.0)
    assert pair(here).status_code == 303

    def away(*_given: Any) -> Any:
        raise known_instruments.InstrumentsAway("away")

    monkeypatch.setitem(known_instruments._providers, "monitoring", away)
    here.clock[0] += 5 * MIN
    assert keep_pairings(now=here.now) == 0
    assert not Notice.objects.filter(kind="permits.detector").exists()


def test_what_is_wrong_with_one_enterprises_detectors_keeps_the_clock_from_no_other(
    scene: Any, monkeypatch: Any
) -> None:
    here = scene("WORKING")
    tag = here.tag("P1", **PORTABLE)
    here.tell(tag, 1.0)
    assert pair(here).status_code == 303
    row = DetectorPairing.objects.get()
    # Of another enterprise, whose detectors cannot be read.
    theirs = open_own_file(actor=here.district.other_enterprise, kind="depot", known={}, now=here.now)
    row.pk, row.file, row.instrument = uuid.uuid4(), theirs, "X9"
    row.save(force_insert=True)
    real, asked = known_instruments._providers["monitoring"], []

    def broken(*given: Any) -> Any:
        asked.append(given)
        if len(asked) > 1:
            raise ValueError("broken")
        return real(*given)

    monkeypatch.setitem(known_instruments._providers, "monitoring", broken)
    here.tell(tag, 1.0, ago_s=1)
    assert keep_pairings(now=here.now) == 1
    assert len(asked) == 2


def test_an_alarm_of_a_paired_detector_stops_the_work_that_it_goes_with_and_no_unit(scene: Any) -> None:
    here = scene("WORKING")
    tag = here.tag("P1", **{**PORTABLE, "unit_place": here.unit}, h=25.0, hh=50.0)
    here.tell(tag, 1.0)
    heard = Event.objects.get(kind="monitoring.alarm.enter", subject_id=raised(tag, "H", at=here.now, value=30).pk)
    hear_alarm(heard, here.now)
    here.permit.refresh_from_db()
    # It goes with nothing yet, and where it is registered says nothing of where it is.
    assert here.permit.status == "WORKING"
    assert pair(here).status_code == 303
    here.clock[0] += MIN
    here.tell(tag, 30.0, ago_s=1)
    hear_alarm(heard, here.now)
    here.permit.refresh_from_db()
    assert (here.permit.status, here.permit.stop_reason) == ("SUSPENDED", "GAS_ALARM")


#: What detectors of a confined space measure, and what of it lets work go on.
OXYGEN = {**PORTABLE, "kind": "oxygen", "unit": "%vol", "medium": "", "calibration_gas": ""}
TOXIC = {**PORTABLE, "kind": "toxic", "unit": "mg/m3", "medium": "7783-06-4", "calibration_gas": ""}
CHANNELS = {"P1": (PORTABLE, 1.0), "P2": (OXYGEN, 20.9), "P3": (TOXIC, 1.0)}


def pair_all(here: Any, *codes: str) -> dict[str, Any]:
    """Pair detectors of these channels; their tags."""
    tags = {}
    for code in codes or CHANNELS:
        known, value = CHANNELS[code]
        tags[code] = here.tag(code, **known)
        here.tell(tags[code], value)
        answer = pair(here, code)
        assert answer.status_code == 303, answer.content.decode()
    return tags


def start(here: Any) -> Any:
    given = {"act": "start", "client_id": str(uuid.uuid4()), "from_state": "ISSUED"}
    return here.client.post(reverse("permits:permit", args=[here.permit.pk]), given)


def test_a_confined_space_starts_by_a_paired_detector_that_tells_and_by_none_that_is_silent(scene: Any) -> None:
    here = scene()
    found = {**FOUND, "site": {**FOUND["site"], "manual_log_plan": False}}
    preparing.check_site(actor=here.crew.safety, permit=here.permit, found=found, now=here.now)
    page = start(here)
    assert page.status_code == 409
    assert "C-32" in page.content.decode()
    # Of a part of what is asked there is no continuous test, unless somebody states the rest.
    pair_all(here, "P1")
    part = start(here).content.decode()
    assert "C-32" in part
    assert "有毒气体、氧含量：没有配对" in part
    pair_all(here, "P2", "P3")
    # They fell silent: whatever somebody stated, they do not stream.
    DetectorPairing.objects.update(heard_at=here.now - 10 * MIN)
    stated = {**FOUND, "site": {**FOUND["site"], "manual_log_plan": False, "detector_paired": True}}
    preparing.check_site(actor=here.crew.safety, permit=here.permit, found=stated, now=here.now)
    assert "C-32" in start(here).content.decode()
    keep_pairings(now=here.now)
    assert start(here).status_code == 303
    here.permit.refresh_from_db()
    assert here.permit.status == "WORKING"


def test_a_reading_out_of_calibration_counts_as_no_test(scene: Any) -> None:
    here = scene("WORKING")
    tag = here.tag("P1", **PORTABLE)
    here.tell(tag, 1.0)
    assert pair(here).status_code == 303
    type(tag).objects.filter(pk=tag.pk).update(calibrated_until=here.now.date() - timedelta(days=1))
    assert keep_pairings(now=here.now) == 0
    assert "检定" in DetectorPairing.objects.get().trouble
    late = pair(here)
    assert late.status_code == 422
    assert Decimal(1) not in here.tests().values_list("value", flat=True)


DOUBTS = {
    "out of calibration": {"calibrated_until": date(2026, 1, 1)},
    "under repair": {"status": "service", "service_until": datetime(2027, 1, 1, tzinfo=UTC)},
    "no longer portable": {"is_portable": False},
}


@pytest.mark.parametrize("change", DOUBTS.values(), ids=DOUBTS)
def test_what_counts_as_no_test_lets_no_work_begin_whatever_was_stated(scene: Any, change: dict[str, Any]) -> None:
    here = scene()
    tag = here.tag("P1", **PORTABLE)
    here.tell(tag, 1.0)
    assert pair(here).status_code == 303
    stated = {**FOUND, "site": {**FOUND["site"], "manual_log_plan": False, "detector_paired": True}}
    preparing.check_site(actor=here.crew.safety, permit=here.permit, found=stated, now=here.now)
    type(tag).objects.filter(pk=tag.pk).update(**change)
    here.tell(tag, 1.0, ago_s=1)
    assert keep_pairings(now=here.now) == 0
    refused = start(here)
    assert refused.status_code == 409
    assert "C-32" in refused.content.decode()
    # Nobody is told while nobody works.
    assert not Notice.objects.filter(kind="permits.detector").exists()


def test_a_doubtful_message_is_no_message_and_none_that_may_be_paired(scene: Any) -> None:
    here = scene()
    tag = here.tag("P1", **PORTABLE)
    here.tell(tag, 1.0, quality=80)
    doubted = pair(here)
    assert doubted.status_code == 422
    assert "仪器读数质量为" in doubted.content.decode()
    here.tell(tag, 1.0, ago_s=3)
    assert pair(here).status_code == 303
    heard = DetectorPairing.objects.get().heard_at
    here.clock[0] += MIN
    here.tell(tag, 1.0, quality=80)
    keep_pairings(now=here.now)
    row = DetectorPairing.objects.get()
    assert (row.heard_at, bool(row.trouble)) == (heard, True)


def test_a_detector_whose_own_limit_is_a_day_is_silent_after_the_figure_of_the_house(scene: Any) -> None:
    here = scene("WORKING")
    here.tell(here.tag("P1", **{**PORTABLE, "stale_after_s": 86_400}), 1.0)
    assert pair(here).status_code == 303
    keep_pairings(now=here.now)
    here.clock[0] += 5 * MIN
    keep_pairings(now=here.now)
    assert "没有上传读数" in DetectorPairing.objects.get().trouble


def test_a_value_that_fails_before_work_sends_the_permit_back(scene: Any) -> None:
    here = scene()
    tag = here.tag("P1", **PORTABLE)
    here.tell(tag, 1.0)
    assert pair(here).status_code == 303
    here.tell(tag, 30.0, ago_s=1)
    assert keep_pairings(now=here.now) == 1
    here.permit.refresh_from_db()
    assert here.permit.status == "PREPARING"
    assert here.tests().get().verdict == "FAIL"
    # While it is prepared anew, people test and detectors are tried: nothing is written down by itself.
    here.clock[0] += MIN
    here.tell(tag, 30.0)
    assert keep_pairings(now=here.now) == 0


def test_a_value_that_fails_while_work_stands_is_kept_once(scene: Any) -> None:
    here = scene("WORKING")
    tag = here.tag("P1", **PORTABLE)
    here.tell(tag, 1.0)
    assert pair(here).status_code == 303
    known = {"status": "SUSPENDED", "stop_reason": "BREAK", "stopped_at": here.now}
    type(here.permit).objects.filter(pk=here.permit.pk).update(**known)
    for value, made in ((1.0, 0), (30.0, 1), (31.0, 0)):
        here.clock[0] += MIN
        here.tell(tag, value)
        assert keep_pairings(now=here.now) == made, value
    assert here.tests().get().verdict == "FAIL"


@pytest.mark.parametrize(("to", "after"), [("WORKING", "SUSPENDED"), ("ISSUED", "PREPARING")])
def test_an_alarm_that_has_passed_by_when_it_is_heard_stops_all_the_same(scene: Any, to: str, after: str) -> None:
    here = scene(to)
    tag = here.tag("P1", **PORTABLE, h=25.0, hh=50.0)
    here.tell(tag, 1.0)
    assert pair(here).status_code == 303
    heard = Event.objects.get(kind="monitoring.alarm.enter", subject_id=raised(tag, "H", at=here.now, value=30).pk)
    hear_alarm(heard, here.now)
    here.permit.refresh_from_db()
    assert here.permit.status == after


def test_a_paired_detector_that_stays_silent_stops_work_with_a_continuous_test(scene: Any) -> None:
    here = scene("WORKING")
    found = {**FOUND, "site": {**FOUND["site"], "manual_log_plan": False, "detector_paired": True}}
    preparing.check_site(actor=here.crew.safety, permit=here.permit, found=found, now=here.now)
    tags = pair_all(here)
    clock.keep_time(now=here.now)
    for minutes, status in ((3, "WORKING"), (1, "WORKING"), (2, "SUSPENDED")):
        here.clock[0] += minutes * MIN
        for code in ("P1", "P3"):
            here.tell(tags[code], 1.0)
        clock.keep_time(now=here.now)
        here.permit.refresh_from_db()
        assert here.permit.status == status, (minutes, here.permit.stop_reason)
    assert here.permit.stop_reason == "GAS_ALARM"
    told = [str(one.facts) for one in JournalEntry.objects.filter(subject_id=here.permit.pk)]
    assert any("C-32" in one and "氧含量 6" in one for one in told)


def test_records_of_one_of_the_gases_are_no_records_of_a_confined_space(scene: Any) -> None:
    here = scene("WORKING")
    tags = pair_all(here, "P2")
    stated = here.permit.started_at
    for _minute in range(0, 125, 25):
        here.clock[0] += 25 * MIN
        here.tell(tags["P2"], 20.9)
        keep_pairings(now=here.now)
    assert here.now - stated > timedelta(minutes=120)
    assert here.tests().exists()
    clock.watch_running(now=here.now)
    here.permit.refresh_from_db()
    assert here.permit.status == "SUSPENDED"


def test_of_running_work_no_part_of_its_continuous_test_is_taken_away(scene: Any) -> None:
    here = scene("WORKING")
    found = {**FOUND, "site": {**FOUND["site"], "manual_log_plan": False, "detector_paired": True}}
    preparing.check_site(actor=here.crew.safety, permit=here.permit, found=found, now=here.now)
    pair_all(here)
    row = DetectorPairing.objects.get(instrument="P1")
    url = reverse("permits:detector_part", args=[here.permit.pk, row.pk])
    refused = here.client.post(url)
    assert refused.status_code == 409
    assert "须连续检测" in refused.content.decode()
    # Another of the same stands in for it.
    here.tell(here.tag("P4", **PORTABLE), 1.0)
    assert pair(here, "P4").status_code == 303
    assert here.client.post(url).status_code == 303
    row.refresh_from_db()
    assert row.ended_at == here.now


def test_what_a_detector_of_another_job_told_is_no_test_of_this_one(scene: Any) -> None:
    here = scene()
    here.tell(here.tag("P1", **PORTABLE), 1.0)
    other = make_permit(here.district, "CS", crew=crew_of(here.district, "CS", order=800), to="PREPARING")
    assert pair(here, permit=other).status_code == 303
    refused = here.take("P1", position="INSIDE", distance_m="")
    assert refused.status_code == 422
    assert "不能代表本作业点" in refused.content.decode()
    assert not here.tests().exists()
    # Permits of one job are at one place.
    here.permit.related.add(other)
    assert here.take("P1", position="INSIDE", distance_m="").status_code == 303
