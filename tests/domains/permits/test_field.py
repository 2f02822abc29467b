"""What a phone tells late: judged by when it happened, kept whatever becomes of it, counted once."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from PIL import Image
from tests.domains.permits.factories import crew_of, make_permit
from tests.factories import client_of, make_actor, make_district

from quancheng.domains.permits.models import (
    FieldRecord,
    GasTest,
    GuardianCheck,
    PermitMeasure,
    PermitPerson,
    PermitSiteCheck,
    SpaceEntry,
)
from quancheng.domains.permits.queries.field import state_at
from quancheng.domains.permits.queries.phone_pack import pack
from quancheng.domains.permits.services import clock, guarding, orders, preparing, signing, working
from quancheng.domains.permits.services import field as services
from quancheng.domains.permits.services.guardian_items import set_item
from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_file
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.loops.models import MoveRecord
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.phone.parts import pack_for
from quancheng.kernel.phone.services import DeviceTime
from quancheng.standards.gb30871 import watching

pytestmark = pytest.mark.django_db
MIN = timedelta(minutes=1)
GAS = {
    "quantity": "COMBUSTIBLE", "gas": "methane", "value": "0.05", "unit": "%VOL", "point": "取样点一",
    "instrument": "JC-01", "calibration_due": "2027-01-01", "analyst": "某分析人",
}  # fmt: skip


class Site:
    """A permit on the way, the phone of the enterprise, and the clock of the server."""

    def __init__(self, monkeypatch, kind, to):
        self.district = make_district()
        self.crew = crew_of(self.district, kind)
        self.permit = make_permit(self.district, kind, crew=self.crew, to=to)
        self.at = self.permit.status_at + 10 * MIN
        self.client = client_of(self.crew.safety)
        monkeypatch.setattr("django.utils.timezone.now", lambda: self.at)

    def person(self, part):
        return PermitPerson.objects.get(permit=self.permit, part=part)

    def send(self, what, body, *, made=None, off=timedelta(), expect=201, key="", client=None, sent=None, **more):
        """Tell what happened at ``made``, by a clock that is ``off`` behind ours."""
        sent = (sent or self.at) - off
        told = {"device": {"made_at": ((made or self.at) - off).isoformat(), "sent_at": sent.isoformat()}}
        answer = (client or self.client).post(
            f"/api/v1/permits/permits/{self.permit.pk}/field/{what}", {**told, **body, **more},
            content_type="application/json", HTTP_IDEMPOTENCY_KEY=key or str(uuid.uuid4()),
        )  # fmt: skip
        assert answer.status_code == expect, (answer.status_code, answer.content.decode()[:600])
        self.permit.refresh_from_db()
        return answer.json()

    def look(self, *bad, **more):
        items = {one.key: one.key not in bad for one in watching.guardian_items(self.permit.kind)}
        body = {"guardian_id": str(self.person("GUARDIAN").pk), "items": items, "remark": "有问题" if bad else ""}
        return self.send("looks", body, **more)


@pytest.fixture
def site(monkeypatch):
    return lambda kind="HW", to="WORKING": Site(monkeypatch, kind, to)


def code(answer):
    return answer["outcome"], answer["reason_code"]


def test_a_gas_value_counts_from_its_sampling_and_one_that_is_long_past_is_kept_without_counting(site):
    here = site()
    sampled = here.at - 5 * MIN
    assert code(here.send("gas", GAS, made=sampled)) == ("COUNTED", "")
    row = GasTest.objects.order_by("-entered_at").first()
    assert (row.sampled_at, row.entered_at, row.verdict) == (sampled, here.at, "PASS")
    here.at += timedelta(hours=6)
    late = here.send("gas", GAS, made=here.at - 40 * MIN)
    assert code(late) == ("COUNTED", "")
    assert "发生40分钟后送达" in late["doubts"]
    # Twelve hours are the limit of the page too.
    here.at += timedelta(hours=14)
    before = GasTest.objects.count()
    assert code(here.send("gas", GAS, made=here.at - timedelta(hours=12, minutes=1))) == ("KEPT", "TOO_OLD")
    assert GasTest.objects.count() == before
    kept = FieldRecord.objects.latest("received_at")
    assert (kept.body["value"], kept.outcome) == ("0.05", "KEPT")


def test_a_failing_gas_value_counts_whenever_it_comes_and_its_stop_bears_both_times(site):
    here = site()
    sampled = here.at - 8 * MIN
    told = here.send("gas", {**GAS, "value": "2.5"}, made=sampled, off=30 * MIN)
    assert (told["outcome"], told["status"], here.permit.stop_reason) == ("COUNTED", "SUSPENDED", "GAS_ALARM")
    stop = MoveRecord.objects.get(subject_id=here.permit.pk, move="stop")
    assert (stop.at, stop.device_at) == (here.at, sampled - 30 * MIN)
    assert GasTest.objects.get(verdict="FAIL").sampled_at == sampled
    entry = JournalEntry.objects.filter(act="permits.field.record").latest("at")
    assert (entry.facts["outcome"], entry.facts["kind"]) == ("COUNTED", "GAS")
    # A day later, with the work finished meanwhile, it is still one that failed.
    working.finish_work(actor=here.crew.safety, permit=here.permit, note="完工", now=here.at)
    here.at += timedelta(hours=30)
    assert here.send("gas", {**GAS, "value": "3"}, made=sampled)["outcome"] == "COUNTED"
    assert GasTest.objects.filter(verdict="FAIL").count() == 2
    assert here.permit.status == "FINISHED"
    assert code(here.send("gas", GAS, made=sampled)) == ("KEPT", "NOT_ON_SITE")


def test_a_failing_value_is_kept_once_though_its_stop_fails(site, monkeypatch):
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
        with pytest.raises(RuntimeError):
            services.tell_gas(**given, client_id=key)
    assert GasTest.objects.filter(verdict="FAIL").count() == 1
    assert services.tell_gas(**given, client_id=key).outcome == "COUNTED"
    assert (GasTest.objects.filter(verdict="FAIL").count(), FieldRecord.objects.count()) == (1, 1)


def test_a_failing_value_sends_an_issued_permit_back(site):
    here = site(to="ISSUED")
    assert here.send("gas", {**GAS, "value": "2.5"}, made=here.at - 2 * MIN)["status"] == "PREPARING"


def test_measures_count_while_the_permit_is_prepared_and_never_after_it_was_presented(site):
    here = site(to="PREPARING")
    row = {"code": "HW-03", "applies": False, "filled": {}}
    done = here.at - 3 * MIN
    told = here.send("measures", {"rows": [{**row, "made_at": (here.at - 4 * MIN).isoformat()}]}, made=done)
    assert told["outcome"] == "COUNTED"
    assert PermitMeasure.objects.get(permit=here.permit, code="HW-03").confirmed_at == here.at - 4 * MIN
    # Somebody at the desk decided it later: his word stands.
    preparing.confirm_measure(
        actor=here.crew.safety, permit=here.permit, code="HW-03", applies=True, filled={}, now=here.at
    )
    other = {"code": "HW-04", "applies": True, "filled": {}}
    told = here.send("measures", {"rows": [row, other]}, made=done)
    assert code(told) == ("PARTLY", "NEWER")
    assert PermitMeasure.objects.get(permit=here.permit, code="HW-03").applies
    assert PermitMeasure.objects.get(permit=here.permit, code="HW-04").confirmed_at == done
    assert code(here.send("measures", {"rows": [row]}, made=done)) == ("KEPT", "NEWER")
    assert here.send("measures", {"rows": [{**row, "code": "HW-99"}]}, expect=404)
    preparing.present_permit(actor=here.crew.safety, permit=here.permit, now=here.at)
    seal = here.permit.seal
    told = here.send("measures", {"rows": [row]}, made=done)
    assert code(told) == ("KEPT", "PRESENTED")
    assert "退回准备" in told["reason"]
    assert (PermitMeasure.objects.get(permit=here.permit, code="HW-03").applies, here.permit.seal) == (True, seal)


def test_a_measure_told_before_the_presentation_does_not_come_back_after_a_rejection(site):
    here = site(to="PREPARING")
    done = here.at - MIN
    preparing.present_permit(actor=here.crew.safety, permit=here.permit, now=here.at)
    here.at += MIN
    signing.reject_permit(actor=here.crew.head, permit=here.permit, reason="措施不全", now=here.at)
    here.at += MIN
    assert state_at(here.permit, done) == "PREPARING"
    told = here.send("measures", {"rows": [{"code": "HW-03", "applies": False}]}, made=done)
    # What was signed meanwhile was read by signers: the older word does not undo it.
    assert code(told) == ("KEPT", "PRESENTED")


@pytest.mark.clause("S4-C3.3.1b")
def test_a_look_counts_at_its_time_and_a_bad_one_stops_the_work_on_arrival(site):
    here = site()
    made = here.at - 4 * MIN
    assert code(here.look(made=made)) == ("COUNTED", "")
    assert GuardianCheck.objects.get().checked_at == made
    bad = here.look("PPE", made=here.at - 2 * MIN)
    assert (bad["outcome"], bad["status"]) == ("COUNTED", "SUSPENDED")
    assert MoveRecord.objects.get(subject_id=here.permit.pk, move="stop").device_at == here.at - 2 * MIN
    # He looked while work ran; that the office stopped it meanwhile takes nothing from it.
    here.at += MIN
    assert code(here.look(made=here.at - 5 * MIN)) == ("COUNTED", "")
    assert here.permit.status == "SUSPENDED"
    assert code(here.look()) == ("KEPT", "NOT_WORKING")
    assert GuardianCheck.objects.count() == 3


def test_a_look_that_was_due_before_does_not_silence_what_is_overdue_now(site):
    here = site()
    begun = here.permit.started_at
    clock.watch_guardians(now=begun + 61 * MIN)
    here.permit.refresh_from_db()
    assert here.permit.guard_told_at is not None
    here.at = begun + 100 * MIN
    here.look(made=begun + 5 * MIN)
    assert here.permit.guard_told_at is not None
    here.look(made=begun + 70 * MIN)
    assert here.permit.guard_told_at is None


def test_who_handed_over_since_was_guardian_when_he_looked_and_no_stranger_ever_is(site):
    here = site()
    made = here.at - 4 * MIN
    guardian = here.person("GUARDIAN")
    PermitPerson.objects.filter(pk=guardian.pk).update(ended_at=here.at - MIN)
    assert here.look(made=made)["outcome"] == "COUNTED"
    assert code(here.look(made=here.at)) == ("KEPT", "NOT_GUARDIAN")
    items = {one.key: True for one in watching.guardian_items("HW")}
    worker = str(here.person("WORKER").pk)
    here.send("looks", {"guardian_id": worker, "items": items}, expect=422)
    here.send("looks", {"guardian_id": str(uuid.uuid4()), "items": items}, expect=422)
    assert FieldRecord.objects.count() == 2


@pytest.mark.clause("S1-4b")
def test_a_stop_on_the_spot_stands_since_it_was_pressed_and_stops_again_what_went_on(site):
    here = site()
    pressed = here.at - 5 * MIN
    told = here.send("stops", {"stop_reason": "GAS_ALARM", "remark": "闻到气味"}, made=pressed)
    assert (told["outcome"], told["status"], here.permit.stopped_at) == ("COUNTED", "SUSPENDED", pressed)
    move = MoveRecord.objects.get(subject_id=here.permit.pk, move="suspend")
    assert (move.at, move.device_at, move.given["note"]) == (here.at, pressed, "闻到气味")
    assert code(here.send("stops", {"stop_reason": "BREAK"}, made=pressed)) == ("KEPT", "STANDS")
    here.send("stops", {"stop_reason": "EXPIRED"}, expect=422)


def test_a_stop_that_comes_after_work_went_on_stops_it_again(site):
    here = site()
    pressed = here.permit.status_at - MIN
    told = here.send("stops", {"stop_reason": "UNIT_UPSET"}, made=pressed)
    assert (told["status"], here.permit.stopped_at) == ("SUSPENDED", here.at)
    assert any("叫停早于本次开工" in one for one in told["doubts"])


def test_whoever_is_inside_is_told_also_where_work_was_stopped_by_the_office_meanwhile(site):
    here = site("CS")
    person, first = str(here.person("WORKER").pk), here.at - 6 * MIN
    target = orders.Target(permit=here.permit)
    orders.order_stop(actor=here.crew.head, target=target, cause="UNIT_UPSET", reason="装置波动", now=here.at - 3 * MIN)
    here.permit.refresh_from_db()
    assert here.permit.status == "SUSPENDED"
    told = here.send("entries", {"person_id": person, "tools": 3}, made=first)
    assert told["outcome"] == "COUNTED"
    assert Notice.objects.filter(kind="permits.stopped_inside").exists()
    assert code(here.send("entries", {"person_id": person, "tools": 3}, made=here.at - MIN)) == ("KEPT", "INSIDE")
    assert here.send("exits", {"person_id": person, "tools": 3}, made=here.at - 2 * MIN)["outcome"] == "COUNTED"
    entry = SpaceEntry.objects.get()
    assert (entry.entered_at, entry.left_at, entry.tools_out) == (first, here.at - 2 * MIN, 3)
    assert code(here.send("exits", {"person_id": person, "tools": 3})) == ("KEPT", "NOT_INSIDE")
    guardian = str(here.person("GUARDIAN").pk)
    here.send("entries", {"person_id": guardian, "tools": 0}, expect=422)


def test_a_space_that_is_fuller_than_its_permit_says_so_and_loses_nobody(site):
    here = site("CS")
    here.permit.work["people_inside"] = 1
    here.permit.save(update_fields=["work"])
    for part in ("WORKER", "LEADER"):
        told = here.send("entries", {"person_id": str(here.person(part).pk), "tools": 0}, made=here.at - 2 * MIN)
    assert SpaceEntry.objects.filter(left_at__isnull=True).count() == 2
    assert "空间内2人，超过票面1人" in told["doubts"]


def test_the_place_is_told_with_the_page_s_own_questions(site):
    here = site(to="PREPARING")
    made = here.at - 7 * MIN
    answers = {"zone_state": "CLEAR", "identified": "1", "weather__wind_beaufort": "3", "site__unit_stable": "0"}
    assert here.send("site-checks", {"answers": answers}, made=made)["outcome"] == "COUNTED"
    row = PermitSiteCheck.objects.order_by("-checked_at").first()
    assert row.checked_at == made
    assert row.found["zone"] == {"locked_by": ""}
    assert row.found["weather"] == {"wind_beaufort": 3}
    for wrong in ({"nothing": "1"}, {"weather__wind_beaufort": "viel"}, {}):
        here.send("site-checks", {"answers": wrong}, expect=422)


def test_the_same_act_again_counts_once_and_a_second_phone_adds_its_own(site):
    here = site()
    key = str(uuid.uuid4())
    made = here.at - MIN
    one = here.look(made=made, key=key)
    here.at += MIN
    assert here.look(made=made, key=key)["id"] == one["id"]
    assert GuardianCheck.objects.count() == 1
    items = {"guardian_id": str(here.person("GUARDIAN").pk), "items": {}}
    assert here.send("looks", items, made=made, key=key, expect=409)["code"] == "client_id_reused"
    other = client_of(here.crew.head)
    assert here.look(made=made, client=other)["id"] != one["id"]
    assert FieldRecord.objects.count() == 2


def test_clocks_are_put_right_and_what_was_turned_is_said(site):
    here = site()
    made, device = here.at - 3 * MIN, str(uuid.uuid4())
    told = here.look(made=made, off=5 * MIN, device_id=device, number=2)
    # A slow clock makes a look older than it was, never fresher.
    assert GuardianCheck.objects.get().checked_at == made - 5 * MIN
    assert FieldRecord.objects.get().happened_at == made
    assert any("慢5.0分钟" in one for one in told["doubts"])
    # An act with a later number that bears an earlier time.
    told = here.look(made=made - 5 * MIN, off=5 * MIN, device_id=device, number=3)
    assert any("时钟可能被调整" in one for one in told["doubts"])
    # Set back between the act and its sending: it happened when it came in, at the latest.
    told = here.look(made=here.at + 20 * MIN, device_id=device, number=4)
    assert any("往回拨" in one for one in told["doubts"])
    assert told["happened_at"] == told["received_at"]


def test_far_from_the_place_and_with_photos(site):
    here = site()
    photo = receive_file(actor=here.crew.safety, content=_jpeg(), name="现场.jpg", now=here.at)
    told = here.look(lon="118.512000", lat="37.400000", accuracy_m="8", photo_ids=[str(photo.pk)])
    row = FieldRecord.objects.get(pk=told["id"])
    assert row.distance_m > 1000
    assert any("距作业点" in one for one in told["doubts"])
    assert files_of(row).count() == 1
    page = here.client.get(f"/permits/{here.permit.pk}?tab=guarding").content.decode()
    assert "现场.jpg" in page
    assert "距作业点" in page


def _jpeg():
    out = BytesIO()
    Image.new("RGB", (40, 30), (10, 200, 90)).save(out, "JPEG")
    out.seek(0)
    return out


def test_a_late_record_of_a_permit_that_ended_stands_on_its_page_with_the_reason(site):
    here = site()
    made = here.at - 2 * MIN
    working.void_permit(actor=here.crew.head, permit=here.permit, event="SERIOUS_VIOLATION", reason="违章", now=here.at)
    told = here.look(made=made)
    assert code(told) == ("KEPT", "NOT_ON_SITE")
    assert here.permit.status == "VOID"
    assert not GuardianCheck.objects.exists()
    page = here.client.get(f"/permits/{here.permit.pk}?tab=guarding").content.decode()
    assert "未计入，留存" in page
    assert "已不在现场作业阶段" in page


def test_a_look_by_the_list_that_the_phone_knew_before_the_start_counts_with_a_doubt(site):
    here = site()
    permit = here.permit
    made = {"actor": here.district.director, "kind": "HW", "clause": "本区规定", "mark": "D", "reason": "事故后",
            "valid_from": permit.started_at.date(), "now": permit.started_at - timedelta(seconds=1)}  # fmt: skip
    set_item(code="HOSE", is_on=True, zh="软管无破损", **made)
    gone = watching.guardian_items("HW")[-1]
    set_item(**{**made, "kind": gone.kind}, code=gone.code, is_on=False, zh=gone.text.zh)
    assert code(here.look())[0] == "COUNTED"
    assert gone.key in GuardianCheck.objects.get().items, "kept as it was told"
    doubts = [one["zh"] for row in FieldRecord.objects.all() for one in row.doubts]
    assert any("清单不一致" in one for one in doubts)
    here.look(gone.key)
    here.permit.refresh_from_db()
    assert here.permit.status == "SUSPENDED"
    assert GuardianCheck.objects.get(is_good=False).items[gone.key] is False
    stopped = MoveRecord.objects.filter(subject_id=permit.pk, move="stop").latest("at")
    assert gone.text.zh in json.dumps(stopped.given, ensure_ascii=False)


def test_nobody_else_tells_anything_and_who_only_sees_may_stop(site):
    here = site()
    items = {"guardian_id": str(here.person("GUARDIAN").pk), "items": {}}
    here.send("looks", items, client=client_of(here.district.department), expect=403)
    here.send("stops", {"stop_reason": "BREAK"}, client=client_of(here.district.department), expect=403)
    here.send("looks", items, client=client_of(here.district.other_enterprise), expect=404)
    worker = make_actor(here.district.enterprise_org, "enterprise.worker", name="某员工")
    here.send("stops", {"stop_reason": "BREAK"}, client=client_of(worker), expect=403)
    assert here.permit.status == "WORKING"
    sees = replace(worker, duties=frozenset({"permits.view"}))
    told = services.Told(time=DeviceTime.told(made_at=here.at, sent_at=here.at, now=here.at))
    same = {"permit": here.permit, "told": told, "now": here.at, "client_id": None}
    look = {"guardian": here.person("GUARDIAN"), "items": {}, "remark": ""}
    with pytest.raises(NotPermitted):
        services.tell_look(actor=sees, **look, **same)
    services.tell_stop(actor=sees, stop_reason="VIOLATION", remark="", **same)
    here.permit.refresh_from_db()
    assert here.permit.status == "SUSPENDED"
    assert FieldRecord.objects.count() == 1


def test_the_pack_has_today_s_permits_of_the_enterprise_alone_until_they_end(site):
    here = site("CS")
    told = json.loads(pack_for(actor=here.crew.safety, now=here.at)[0])["permits"]
    (row,) = told["permits"]
    assert (row["id"], row["status"], row["guard"]["every_min"]) == (str(here.permit.pk), "WORKING", 30)
    assert {one["quantity"] for one in row["gas"]["demands"]} == {"COMBUSTIBLE", "TOXIC", "OXYGEN"}
    assert row["gas"]["setting"] == "CONFINED_SPACE"
    assert row["gas"]["rows"][0]["at"]
    assert {one["part"] for one in row["people"]} == {"GUARDIAN", "LEADER", "WORKER"}
    assert told["kinds"]["CS"]["items"]
    assert told["may_work"]
    guarding.enter_space(
        actor=here.crew.safety, permit=here.permit, person=here.person("WORKER"), tools=2, now=here.at
    )
    told = json.loads(pack_for(actor=here.crew.safety, now=here.at)[0])["permits"]
    assert told["permits"][0]["inside"][0]["tools"] == 2
    for other in (here.district.department, here.district.other_enterprise):
        assert json.loads(pack_for(actor=other, now=here.at)[0])["permits"]["permits"] == []
    entry = SpaceEntry.objects.get()
    guarding.leave_space(actor=here.crew.safety, permit=here.permit, entry=entry, tools=2, now=here.at)
    working.void_permit(actor=here.crew.head, permit=here.permit, event="SERIOUS_VIOLATION", reason="违章", now=here.at)
    assert json.loads(pack_for(actor=here.crew.safety, now=here.at)[0])["permits"]["permits"] == []


def test_the_pack_costs_the_same_whatever_the_number_of_permits(site, django_assert_max_num_queries):
    here = site(to="PREPARING")
    with django_assert_max_num_queries(11):
        pack(here.crew.safety, here.at)
