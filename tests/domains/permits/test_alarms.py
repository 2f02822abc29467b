"""Work alarms: what raises them, who deals with them, what the house settles, who is told while nobody does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.urls import reverse
from tests.domains.permits.exchange import hear
from tests.domains.permits.factories import DO, NOW, PLACE, crew_of, make_draft, make_permit, prepare, samples
from tests.domains.permits.test_refusals import refused
from tests.domains.permits.test_stopping import HANDED
from tests.factories import District, client_of, make_district

from quancheng.domains.permits.models import Permit, PermitPerson, WorkAlarm
from quancheng.domains.permits.queries.alarms import NO_SOURCE
from quancheng.domains.permits.queries.blocks import checks
from quancheng.domains.permits.services import alarms, clock, guarding, preparing, simops, working
from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.work.models import WorkItem
from quancheng.standards.aq3064 import alarm_codes

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=20)


@pytest.fixture
def district() -> District:
    return make_district()


def codes(permit: Permit) -> dict[str, str]:
    """State of each alarm of a permit, by code."""
    return dict(WorkAlarm.objects.filter(permit=permit).values_list("code", "status"))


def expired(district: District) -> WorkAlarm:
    permit = make_permit(district, "HW", to="WORKING")
    clock.keep_time(now=permit.window_end + timedelta(minutes=1))
    return WorkAlarm.objects.get(permit=permit)


def test_a_refused_presentation_raises_the_alarm_of_each_failing_check_and_the_next_settles_it(district):
    crew = crew_of(district)
    permit = make_draft(district, "HW", crew)
    prepare(crew, permit, without="gas")
    at = NOW + timedelta(minutes=6)
    present = lambda now: preparing.present_permit(actor=crew.safety, permit=permit, now=now)  # noqa: E731
    assert refused(lambda: present(at)) == {"C-01"}
    row = WorkAlarm.objects.get(permit=permit)
    assert (row.code, row.level, row.source, row.move, row.status) == ("01", 2, "REFUSED", "present", "RAISED")
    assert "C-01" in row.words
    refused(lambda: present(at + timedelta(minutes=1)))
    row.refresh_from_db()
    assert (row.count, row.began_at, row.last_at) == (2, at, at + timedelta(minutes=1))
    DO["gas"](crew, permit, at)
    present(at + timedelta(minutes=2))
    hear(LATER)
    row.refresh_from_db()
    assert (row.status, row.ended_at, row.handler) == ("CLOSED", at + timedelta(minutes=2), "系统")
    assert not WorkItem.objects.filter(subject_id=row.pk, done_at__isnull=True).exists()


def test_work_past_its_window_alarms_once_and_work_within_it_does_not(district):
    permit = make_permit(district, "HW", to="WORKING")
    clock.keep_time(now=NOW + timedelta(minutes=30))
    assert codes(permit) == {}
    for minutes in (1, 2):
        clock.keep_time(now=permit.window_end + timedelta(minutes=minutes))
    assert codes(permit) == {"10": "RAISED"}


def test_a_guardian_who_does_not_look_is_an_alarm_of_level_one(district):
    permit = make_permit(district, "HW", to="WORKING")
    clock.watch_guardians(now=NOW + timedelta(hours=3))
    row = WorkAlarm.objects.get(permit=permit)
    assert (row.code, row.level, row.ack_by) == ("31", 1, NOW + timedelta(hours=3, minutes=2))


def test_a_gas_value_beyond_its_limit_alarms_and_stays_in_this_house(district):
    permit = make_permit(district, "HW", to="WORKING")
    crew_actor = district.enterprise
    bad = replace(samples("HW", LATER)[0], value=Decimal("3"))
    preparing.enter_gas(actor=crew_actor, permit=permit, sample=bad, now=LATER)
    row = WorkAlarm.objects.get(permit=permit)
    assert (row.code, row.source, permit.status) == ("GAS", "GAS", "SUSPENDED")
    page = client_of(crew_actor).get(reverse("permits:alarm", args=[row.pk])).content.decode()
    assert "不上报" in page


@pytest.mark.parametrize(("reason", "raised"), [("GUARDIAN_ABSENT", {"31": "RAISED"}), ("BREAK", {})])
def test_somebody_who_suspends_for_an_absent_guardian_raises_it_and_for_a_break_nothing(district, reason, raised):
    permit = make_permit(district, "HW", to="WORKING")
    working.suspend_work(actor=district.enterprise, permit=permit, stop_reason=reason, now=LATER)
    assert codes(permit) == raised


def test_what_nobody_approved_in_time_alarms_once(district):
    permit = make_permit(district, "HW", to="APPROVING")
    Permit.objects.filter(pk=permit.pk).update(window_start=NOW + timedelta(minutes=10))
    assert alarms.watch_approvals(now=NOW + timedelta(minutes=9)) == 0
    assert alarms.watch_approvals(now=LATER) == 1
    assert alarms.watch_approvals(now=LATER) == 0
    assert codes(permit) == {"APT": "RAISED"}


def test_the_enterprise_acknowledges_and_disposes_by_its_page_and_others_may_not(district):
    row = expired(district)
    url = reverse("permits:alarm", args=[row.pk])
    assert client_of(district.other_enterprise).get(url).status_code == 404
    office = client_of(district.department)
    assert office.get(url).status_code == 200
    assert office.post(url, {"act": "acknowledge"}).status_code == 403
    own = client_of(district.enterprise)
    assert own.post(url, {"act": "close", "text": ""}).status_code == 422
    assert own.post(url, {"act": "acknowledge"}).status_code == 303
    assert own.post(url, {"act": "close", "text": "作业已停止，人员撤离"}).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.result, row.handler) == ("CLOSED", "作业已停止，人员撤离", district.enterprise.name)
    assert own.post(url, {"act": "close", "text": "再次"}).status_code in (403, 409, 422)
    listed = office.get(reverse("permits:alarms"), {"code": "10"}).content.decode()
    assert url in listed
    assert url not in client_of(district.other_enterprise).get(reverse("permits:alarms")).content.decode()
    assert url in own.get(reverse("permits:permit", args=[row.permit_id]), {"tab": "alarms"}).content.decode()


@pytest.mark.parametrize("code", sorted(set(alarm_codes()) - NO_SOURCE))
def test_each_code_with_a_source_is_told_by_a_check_a_stop_or_the_clock(code):
    told = {one.alarm for one in checks()} | set(alarms.OF_REASON.values()) | set(alarms.AUDITED) | {"APT", alarms.STAY}
    # Of what several codes share one check, the check itself tells which.
    told |= {"40", "41", "42", "43", "62"}
    assert code in told


def test_a_false_alarm_says_why(district):
    row = expired(district)
    with pytest.raises(Invalid):
        alarms.act_on_alarm(actor=district.enterprise, row=row, name="false", now=LATER)
    with pytest.raises(NotPermitted):
        alarms.act_on_alarm(actor=district.other_enterprise, row=row, name="false", text="误报", now=LATER)
    alarms.act_on_alarm(actor=district.enterprise, row=row, name="false", text="时钟错误", now=LATER)
    assert (row.status, row.result) == ("FALSE", "时钟错误")


def test_what_nobody_acknowledges_is_told_to_the_leaders_and_then_to_the_office_once_each(district):
    row = expired(district)
    began = row.began_at
    told = Notice.objects.filter(kind="permits.alarm_unheard")
    assert alarms.tell_unheard(now=began + timedelta(minutes=10)) == 0
    assert alarms.tell_unheard(now=began + timedelta(minutes=11)) == 1
    assert alarms.tell_unheard(now=began + timedelta(minutes=12)) == 0
    first = set(told.values_list("user", flat=True))
    assert alarms.tell_unheard(now=began + timedelta(minutes=16)) == 1
    assert set(told.values_list("user", flat=True)) > first
    assert alarms.tell_unheard(now=began + timedelta(minutes=30)) == 0


def test_programs_read_alarms_of_those_they_may_see(district):
    row = expired(district)
    answer = client_of(district.department).get("/api/v1/permits/alarms", {"code": "10"}).json()
    assert [one["id"] for one in answer["items"]] == [str(row.pk)]
    assert client_of(district.other_enterprise).get("/api/v1/permits/alarms").json()["items"] == []
    assert client_of(district.department).get("/api/v1/permits/alarms", {"code": "99"}).status_code == 422


def test_gas_that_sent_a_permit_back_has_ended_when_it_is_issued_anew_and_what_came_again_goes_on(district):
    permit = make_permit(district, "HW", to="ISSUED")
    row = alarms.raise_alarm(permit=permit, code="GAS", source="GAS", now=NOW)
    other = alarms.raise_alarm(permit=permit, code="OOZ", source="WATCH", now=NOW)
    moved = SimpleNamespace(kind="permits.permit.issue", subject_id=permit.pk, at=LATER)
    alarms.hear_permit(moved, LATER)
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.ended_at, row.status, other.ended_at) == (LATER, "RAISED", None)
    again = LATER + timedelta(minutes=10)
    alarms.raise_alarm(permit=permit, code="GAS", source="GAS", now=again)
    alarms.hear_permit(moved, again)
    row.refresh_from_db()
    assert (row.ended_at, row.last_at) == (None, again)
    alarms.hear_permit(SimpleNamespace(kind="permits.permit.start", subject_id=permit.pk, at=again), again)
    other.refresh_from_db()
    assert other.ended_at == again


def test_an_alarm_that_comes_again_after_its_end_is_told_upwards_again(district, monkeypatch):
    permit = make_permit(district, "HW", to="WORKING")
    told = []
    monkeypatch.setattr(alarms, "tell_alarm", lambda **known: told.append(known["now"]))
    row = alarms.raise_alarm(permit=permit, code="31", source="WATCH", now=NOW)
    alarms.raise_alarm(permit=permit, code="31", source="WATCH", now=LATER)
    assert told == []
    WorkAlarm.objects.filter(pk=row.pk).update(ended_at=LATER)
    alarms.raise_alarm(permit=permit, code="31", source="WATCH", now=LATER)
    assert told == [LATER]


def test_a_refused_hand_over_is_settled_by_the_next_that_succeeds(district):
    crew, spare = crew_of(district, "BL"), crew_of(district, "EX", order=740)
    permit = make_permit(district, "BL", crew=crew)
    old = PermitPerson.objects.get(permit=permit, part="GUARDIAN")
    row = alarms.raise_alarm(permit=permit, code="20", source="REFUSED", now=LATER, refused="hand_over")
    guarding.hand_over(
        actor=crew.safety, permit=permit, part="GUARDIAN", person=spare.guardian, outgoing=old,
        now=LATER + timedelta(minutes=1), **HANDED,
    )  # fmt: skip
    row.refresh_from_db()
    assert (row.status, row.handler) == ("CLOSED", "系统")


def test_a_forbidden_meeting_that_is_gone_settles_its_alarm_and_one_that_stopped_work_waits_for_people(district):
    first, second = (make_permit(district, kind, to="PREPARING", at=PLACE, crew=crew_of(district, kind, order=order))
                     for kind, order in (("HW", 700), ("BL", 740)))  # fmt: skip
    simops.record_conflicts(now=NOW)
    assert codes(first) == codes(second) == {"SIM": "RAISED"}
    WorkAlarm.objects.filter(permit=first).update(source="WATCH")
    simops.record_conflicts(now=LATER)
    assert codes(second) == {"SIM": "RAISED"}
    Permit.objects.filter(pk=second.pk).update(status="CANCELLED")
    simops.record_conflicts(now=LATER)
    assert (codes(first), codes(second)) == ({"SIM": "RAISED"}, {"SIM": "CLOSED"})
    assert WorkAlarm.objects.get(permit=first).ended_at == LATER
