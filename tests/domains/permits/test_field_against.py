"""What a phone tells against the work is never lost, and what it tells for the work is never fresher than it was."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from tests.domains.permits.factories import make_draft
from tests.domains.permits.test_field import GAS, MIN, Site, _jpeg, code
from tests.factories import make_actor

from quancheng.domains.permits.models import (
    FieldRecord,
    GasTest,
    GuardianCheck,
    Permit,
    PermitMeasure,
    PermitPerson,
    PermitSiteCheck,
    SpaceEntry,
)
from quancheng.domains.permits.queries.field import was_silent
from quancheng.domains.permits.queries.phone_pack import pack
from quancheng.domains.permits.services import clock, preparing, working
from quancheng.domains.permits.services import field as services
from quancheng.domains.permits.services.figures import set_figure
from quancheng.kernel.errors import Conflict
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_file
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.loops.models import MoveRecord
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.phone.services import DeviceTime
from quancheng.standards.gb30871 import watching

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(monkeypatch):
    return lambda kind="HW", to="WORKING": Site(monkeypatch, kind, to)


@pytest.mark.clause("S4-C3.3.1b")
def test_looks_count_that_were_made_while_the_clock_held_the_work_for_want_of_them(site):
    here = site()
    begun = here.permit.started_at
    clock.watch_guardians(now=begun + 121 * MIN)
    here.permit.refresh_from_db()
    assert (here.permit.status, here.permit.stop_reason) == ("SUSPENDED", "GUARDIAN_ABSENT")
    here.at = begun + 200 * MIN
    for minutes in (55, 110, 170):
        told = here.look(made=begun + minutes * MIN)
        assert code(told) == ("COUNTED", "")
        assert any("收不到记录" in one for one in told["doubts"]) == (minutes == 170)
    assert GuardianCheck.objects.count() == 3
    # Nothing starts by itself again.
    assert here.permit.status == "SUSPENDED"


def test_a_space_whose_records_wait_on_the_phone_is_looked_at_all_the_same(site):
    here = site("CS")
    begun = here.permit.started_at
    looks = {"actor": here.crew.safety, "permit": here.permit, "guardian": here.person("GUARDIAN")}
    items = {one.key: True for one in watching.guardian_items("CS")}
    for minutes in (29, 58, 87, 116, 145):
        services.guarding.look(**looks, items=items, now=begun + minutes * MIN)
    clock.watch_running(now=begun + 150 * MIN)
    here.permit.refresh_from_db()
    stop = MoveRecord.objects.get(subject_id=here.permit.pk, move="stop")
    assert "C-55" in stop.given["note"]
    here.at = begun + 170 * MIN
    assert code(here.look(made=begun + 160 * MIN)) == ("COUNTED", "")
    assert not was_silent(here.permit, begun + 140 * MIN)


def test_a_stop_for_more_than_silence_is_none(site):
    here = site()
    working.stop(here.permit, "GAS_ALARM", here.at, "C-55 记录超时（150 min）；C-19 气体不合格")
    assert not was_silent(here.permit, here.at)
    here.at += MIN
    assert code(here.look()) == ("KEPT", "NOT_WORKING")


def test_a_clock_that_is_turned_makes_nothing_fresh(site):
    here = site()
    # Made two hours ago; then the clock was set back by two hours: device and server agree on nothing but now.
    made = here.at - 2 * MIN
    GasTest.objects.all().delete()
    told = here.send("gas", GAS, made=made, off=120 * MIN)
    assert told["outcome"] == "COUNTED"
    assert GasTest.objects.get().sampled_at == made - 120 * MIN
    here.send("site-checks", {"answers": {"identified": "1"}}, made=made, off=120 * MIN)
    assert PermitSiteCheck.objects.latest("id").checked_at == made - 120 * MIN
    # Set back further than the act: nobody knows when it was; a value that fails counts now.
    assert code(here.send("gas", GAS, made=here.at + 20 * MIN)) == ("KEPT", "CLOCK")
    assert code(here.look(made=here.at + 20 * MIN)) == ("KEPT", "CLOCK")
    assert GasTest.objects.count() == 1
    assert here.send("gas", {**GAS, "value": "3"}, made=here.at + 20 * MIN)["status"] == "SUSPENDED"
    assert GasTest.objects.get(verdict="FAIL").sampled_at == here.at


def test_numbers_that_contradict_the_times_make_nothing_fresh_either_way(site):
    here = site()
    device = str(uuid.uuid4())
    assert code(here.look(made=here.at - 5 * MIN, device_id=device, number=5)) == ("COUNTED", "")
    assert code(here.send("gas", GAS, made=here.at - 8 * MIN, device_id=device, number=6)) == ("KEPT", "CLOCK")
    assert code(here.send("gas", GAS, made=here.at - 2 * MIN, device_id=device, number=4)) == ("KEPT", "CLOCK")
    assert here.send("stops", {"stop_reason": "BREAK"}, made=here.at - 9 * MIN, device_id=device, number=7)["outcome"]
    assert here.permit.status == "SUSPENDED"


@pytest.mark.clause("S1-4b")
def test_an_alarm_during_a_break_is_why_it_rests_from_then_on(site):
    here = site()
    working.suspend_work(actor=here.crew.safety, permit=here.permit, stop_reason="BREAK", now=here.at)
    here.at += 10 * MIN
    pressed = here.at - 4 * MIN
    told = here.send("stops", {"stop_reason": "GAS_ALARM", "remark": "报警器响"}, made=pressed)
    assert (code(told), told["status"]) == (("COUNTED", ""), "SUSPENDED")
    assert (here.permit.stop_reason, here.permit.stopped_at) == ("GAS_ALARM", pressed)
    raised = JournalEntry.objects.get(act="permits.stop.raise")
    assert (raised.facts["before"], raised.facts["reason"]) == ("BREAK", "GAS_ALARM")
    assert Notice.objects.filter(kind="permits.stopped").exists()
    # What asks for less changes nothing, nor does the same again.
    assert code(here.send("stops", {"stop_reason": "WEATHER"})) == ("KEPT", "STANDS")
    assert code(here.send("stops", {"stop_reason": "EVACUATION"}, made=pressed - MIN)) == ("KEPT", "STANDS")
    assert here.permit.stop_reason == "GAS_ALARM"


def test_a_stop_of_what_has_not_begun_sends_it_back_and_is_told(site):
    here = site(to="ISSUED")
    told = here.send("stops", {"stop_reason": "UNIT_UPSET", "remark": "波动"}, made=here.at - MIN)
    assert (told["outcome"], told["status"]) == ("COUNTED", "PREPARING")
    back = MoveRecord.objects.get(subject_id=here.permit.pk, move="unfit")
    assert back.given["reason"] == "装置异常；波动"
    assert Notice.objects.filter(kind="permits.stopped").exists()
    assert code(here.send("stops", {"stop_reason": "GAS_ALARM"})) == ("KEPT", "NOT_BEGUN")


def test_a_bad_look_stops_the_work_whoever_left_meanwhile_and_a_good_one_is_kept(site):
    here = site()
    PermitPerson.objects.filter(pk=here.person("GUARDIAN").pk).update(ended_at=here.at - 5 * MIN)
    assert code(here.look(made=here.at - 2 * MIN)) == ("KEPT", "NOT_GUARDIAN")
    told = here.look("PPE", made=here.at - 2 * MIN, items={"PPE": False}, remark="")
    assert (told["outcome"], told["status"]) == ("COUNTED", "SUSPENDED")
    assert "检查人当时已不是监护人" in told["doubts"]
    assert GuardianCheck.objects.get().is_good is False


@pytest.mark.parametrize("status", ["ISSUED", "FINISHED"])
def test_who_went_in_is_inside_whatever_became_of_the_permit_and_bars_its_acceptance(site, status):
    here = site("CS", to="ISSUED" if status == "ISSUED" else "WORKING")
    worker = here.person("WORKER")
    if status == "FINISHED":
        working.finish_work(actor=here.crew.safety, permit=here.permit, note="完工", now=here.at)
    PermitPerson.objects.filter(pk=worker.pk).update(ended_at=here.at - 8 * MIN)
    here.at += MIN
    told = here.send("entries", {"person_id": str(worker.pk), "tools": 2}, made=here.at - 2 * MIN)
    assert (told["outcome"], told["status"]) == ("COUNTED", status)
    assert "该人员当时已不在作业票上" in told["doubts"]
    assert Notice.objects.filter(kind="permits.stopped_inside").exists()
    if status == "FINISHED":
        items = {one.key: True for one in watching.acceptance_items("CS")}
        with pytest.raises(Conflict):
            working.accept_work(actor=here.crew.head, permit=here.permit, note="", items=items, now=here.at)
    assert here.send("exits", {"person_id": str(worker.pk), "tools": 2})["outcome"] == "COUNTED"
    assert not SpaceEntry.objects.filter(left_at__isnull=True).exists()


def test_a_way_out_that_comes_home_before_the_way_in_counts_once_that_is_there(site):
    here = site("CS")
    body = {"person_id": str(here.person("WORKER").pk), "tools": 2}
    left = here.at - MIN
    assert code(here.send("exits", body, made=left)) == ("KEPT", "NOT_INSIDE")
    assert here.send("entries", body, made=here.at - 6 * MIN)["outcome"] == "COUNTED"
    assert SpaceEntry.objects.get().left_at == left
    assert set(FieldRecord.objects.values_list("outcome", flat=True)) == {"COUNTED"}


def test_each_measure_is_judged_by_its_own_time(site):
    here = site(to="PREPARING")
    rows = [
        {"code": "HW-03", "applies": False, "made_at": (here.at - MIN).isoformat()},
        {"code": "HW-04", "applies": False, "made_at": (here.at - timedelta(hours=17)).isoformat()},
    ]
    PermitMeasure.objects.filter(code__in=("HW-03", "HW-04")).update(applies=True, confirmed_at=here.at - 40 * MIN)
    told = here.send("measures", {"rows": rows})
    assert code(told) == ("PARTLY", "NOT_PREPARING")
    assert not PermitMeasure.objects.get(code="HW-03").applies
    assert PermitMeasure.objects.get(code="HW-04").applies


def test_an_urgent_act_comes_without_its_photos_and_once_more_with_them(site):
    here = site()
    key, made = str(uuid.uuid4()), here.at - MIN
    told = here.send("gas", {**GAS, "value": "3"}, made=made, key=key)
    assert told["status"] == "SUSPENDED"
    photo = receive_file(actor=here.crew.safety, content=_jpeg(), name="现场.jpg", now=here.at)
    for _again in range(2):
        same = here.send("gas", {**GAS, "value": "3"}, made=made, key=key, photo_ids=[str(photo.pk)])
        assert same["id"] == told["id"]
    row = FieldRecord.objects.get()
    assert files_of(row).count() == 1
    # One that never arrived takes nothing from the act.
    told = here.send("gas", {**GAS, "value": "4"}, photo_ids=[str(uuid.uuid4())])
    assert told["outcome"] == "COUNTED"
    assert "1个附件没有送达" in told["doubts"]


def test_a_stop_that_failed_is_made_when_the_phone_asks_again(site, monkeypatch):
    here = site()
    told = services.Told(time=DeviceTime.told(made_at=here.at, sent_at=here.at, now=here.at))
    sample = preparing.Sample(
        quantity="COMBUSTIBLE", gas="methane", value=Decimal("2.5"), unit="%VOL", sampled_at=here.at, point="一",
        instrument="JC-01", calibration_due=None, analyst="某分析人",
    )  # fmt: skip
    given = {"actor": here.crew.safety, "permit": here.permit, "sample": sample, "told": told, "now": here.at}

    def broken(*_args, **_known):
        raise RuntimeError("a bug of ours")

    key = uuid.uuid4()
    with monkeypatch.context() as patched:
        patched.setattr(preparing, "stop_for_gas", broken)
        for _try in range(2):
            with pytest.raises(RuntimeError):
                services.tell_gas(**given, client_id=key)
    assert services.NO_STOP in FieldRecord.objects.get().doubts
    later = replace(told, time=DeviceTime.told(made_at=here.at, sent_at=here.at + MIN, now=here.at + MIN))
    row = services.tell_gas(**{**given, "told": later, "now": here.at + MIN}, client_id=key)
    assert (row.permit.status, row.permit.stop_reason) == ("SUSPENDED", "GAS_ALARM")
    assert services.NO_STOP not in row.doubts
    assert GasTest.objects.filter(verdict="FAIL").count() == 1


@pytest.mark.parametrize(
    ("kind", "work"), [("EX", {"depth_m": 2, "dangerous_lines": True}), ("WH", {"breathing_apparatus": False})]
)
def test_air_that_is_poor_in_oxygen_fails_in_deep_pits_and_at_height(site, kind, work):
    here = site(kind, to="PREPARING")
    here.permit.work |= work
    here.permit.save(update_fields=["work"])
    oxygen = {**GAS, "quantity": "OXYGEN", "gas": "oxygen", "value": "17"}
    here.send("gas", oxygen)
    assert GasTest.objects.latest("entered_at").verdict == "FAIL"
    (row,) = pack(here.crew.safety, here.at)["permits"]
    assert row["gas"]["setting"] == "CONFINED_SPACE"


def test_the_enterprise_s_own_limit_holds_at_the_place_and_at_the_desk(site):
    here = site("CS")
    set_figure(
        actor=here.crew.head, file=here.permit.file, name="comb_limit_ge4", value="0.3",
        from_date=timezone.localdate(here.at), reason="本单位从严", now=here.at,
    )  # fmt: skip
    here.permit.work["other_gases"] = ["methane", "unheard_of"]
    here.permit.save(update_fields=["work"])
    (row,) = pack(here.crew.safety, here.at)["permits"]
    assert (row["gas"]["limits"]["high_lel"], row["gas"]["limits"]["others"]) == (Decimal("0.3"), Decimal("0.2"))
    here.permit.work["other_gases"] = []
    here.permit.save(update_fields=["work"])
    here.send("gas", {**GAS, "value": "0.4"})
    assert GasTest.objects.latest("entered_at").verdict == "FAIL"


def test_one_s_own_permit_is_taken_along_however_many_there_are(site, monkeypatch):
    here = site()
    monkeypatch.setattr("quancheng.domains.permits.queries.phone_pack.MOST", 2)
    late = make_draft(here.district, "LF", here.crew)
    others = [late, *(make_draft(here.district, "LF", here.crew) for _each in range(3))]
    Permit.objects.filter(pk__in=[one.pk for one in others]).update(status="PREPARING", requester=None)
    Permit.objects.filter(pk=late.pk).update(window_start=late.window_start + timedelta(hours=6))
    reader = make_actor(here.district.enterprise_org, "enterprise.safety", name="某读者")
    Permit.objects.filter(pk=late.pk).update(requester=reader.user_id)
    told = pack(reader, here.at)
    assert told["more"]
    assert [one["id"] for one in told["permits"]] == [late.pk, here.permit.pk]
