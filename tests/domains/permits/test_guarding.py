"""While work runs: guardians look, hand over and count; a third party observes; work is accepted item by item."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.domains.permits.factories import FOUND, LEARNED, accepted, crew_of, make_permit
from tests.domains.training.factories import make_certificate, make_person
from tests.factories import NOW, client_of, make_district

from quancheng.domains.permits.models import (
    GuardianCheck,
    HandOver,
    PermitAcceptance,
    PermitObserver,
    PermitPerson,
    SpaceEntry,
)
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.services import clock, guarding, preparing, working
from quancheng.domains.permits.services.checking import Refused
from quancheng.kernel.errors import Conflict, Invalid, StaleState
from quancheng.kernel.notices.models import Notice
from quancheng.standards.gb30871 import watching

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(monkeypatch):
    """Running work of a kind, and the clock of its pages."""

    def of(kind="HW"):
        district = make_district()
        crew = crew_of(district, kind)
        permit = make_permit(district, kind, crew=crew, to="WORKING")
        at = [permit.started_at + timedelta(minutes=1)]
        monkeypatch.setattr("django.utils.timezone.now", lambda: at[0])
        return district, crew, permit, at

    return of


def good(kind, prefix="item_"):
    return {f"{prefix}{one.key}": "1" for one in watching.guardian_items(kind)}


def second_guardian(district, *, certified=True):
    person = make_person(district, order=790, name="接班监护人")
    if certified:
        day = NOW.date() - timedelta(days=100)
        given = {"issued_date": day, "valid_from": day, "valid_to": day + timedelta(days=364)}
        make_certificate(district, person, "OW-GUARD", number="示监790", **given)
    return person


def handed(person, outgoing, **known):
    return {
        "person": str(person.pk), "outgoing": str(outgoing.pk), "part": "GUARDIAN", "educated_on": LEARNED.isoformat(),
        "medical_on": LEARNED.isoformat(), "exam_score": "90", "experience_years": "3",
        "briefing": "核对作业票和措施，交底完毕", **known,
    }  # fmt: skip


@pytest.mark.clause("S4-C3.3.1b")
def test_a_guardian_looks_item_by_item_and_one_bad_item_stops_the_work(running):
    district, crew, permit, at = running()
    client, url = client_of(crew.safety), f"/permits/{permit.pk}/look"
    guardian = PermitPerson.objects.get(permit=permit, part="GUARDIAN")
    assert client.get(url).status_code == 200
    told = {"guardian": str(guardian.pk), **good("HW")}
    assert client.post(url, {**told, "item_PPE": ""}).status_code == 422
    assert client.post(url, told).status_code == 303
    assert GuardianCheck.objects.get().is_good
    at[0] += timedelta(minutes=5)
    bad = {**told, "item_HW_EXTINGUISHERS": "0"}
    assert client.post(url, bad).status_code == 422
    assert client.post(url, {**bad, "remark": "灭火器压力不足"}).status_code == 303
    permit.refresh_from_db()
    assert (permit.status, permit.stop_reason) == ("SUSPENDED", "VIOLATION")
    page = client_of(district.department).get(f"/permits/{permit.pk}?tab=guarding").content.decode()
    assert "灭火器可用" in page
    assert "某监护人" in page
    assert client.post(url, told).status_code == 409


def test_an_overdue_look_is_told_once_and_stops_the_work_after_twice_the_time(running):
    _district, _crew, permit, _at = running()
    begun = permit.started_at
    clock.watch_guardians(now=begun + timedelta(minutes=59))
    assert not Notice.objects.filter(kind="permits.guard_overdue").exists()
    for minutes in (60, 61):
        clock.watch_guardians(now=begun + timedelta(minutes=minutes))
    told = Notice.objects.filter(kind="permits.guard_overdue").count()
    assert told == 2
    assert clock.watch_guardians(now=begun + timedelta(minutes=119)) == 0
    assert clock.watch_guardians(now=begun + timedelta(minutes=120)) == 1
    permit.refresh_from_db()
    assert (permit.status, permit.stop_reason) == ("SUSPENDED", "GUARDIAN_ABSENT")


@pytest.mark.clause("S4-C3.3.1b")
def test_a_guardian_hands_over_while_work_stands_to_one_with_a_certificate_alone(running):
    district, crew, permit, at = running()
    client, url = client_of(crew.safety), f"/permits/{permit.pk}/hand-over"
    outgoing = PermitPerson.objects.get(permit=permit, part="GUARDIAN")
    person = second_guardian(district, certified=False)
    # Work must stand meanwhile.
    assert client.post(url, handed(person, outgoing)).status_code == 409
    working.suspend_work(actor=crew.safety, permit=permit, stop_reason="GUARDIAN_ABSENT", now=at[0])
    assert client.get(url).status_code == 200
    refused = client.post(url, handed(person, outgoing))
    assert refused.status_code == 409
    assert "C-08" in refused.content.decode()
    assert not HandOver.objects.exists()
    day = NOW.date() - timedelta(days=100)
    given = {"issued_date": day, "valid_from": day, "valid_to": day + timedelta(days=364)}
    make_certificate(district, person, "OW-GUARD", number="示监790", **given)
    assert client.post(url, handed(person, outgoing)).status_code == 303
    rows = load_rows(permit)
    assert [one.person.name for one in rows.crew if one.part == "GUARDIAN"] == ["接班监护人"]
    # What was signed stands: who came is told beside it.
    assert rows.is_unaltered
    at[0] += timedelta(minutes=1)
    preparing.check_site(actor=crew.safety, permit=permit, found=FOUND, now=at[0])
    working.resume_work(actor=crew.safety, permit=permit, now=at[0])
    assert permit.status == "WORKING"
    assert "接班监护人" in client.get(f"/permits/{permit.pk}?tab=guarding").content.decode()


def test_nobody_finishes_a_confined_space_while_people_or_tools_are_inside(running):
    _district, crew, permit, at = running("CS")
    client, url = client_of(crew.safety), f"/permits/{permit.pk}"
    worker = PermitPerson.objects.get(permit=permit, part="WORKER")
    guardian = PermitPerson.objects.get(permit=permit, part="GUARDIAN")
    assert client.post(f"{url}/space/new", {"person": str(guardian.pk), "tools": "1"}).status_code == 422
    assert client.post(f"{url}/space/new", {"person": str(worker.pk), "tools": "3"}).status_code == 303
    assert client.post(f"{url}/space/new", {"person": str(worker.pk), "tools": "1"}).status_code == 409
    at[0] += timedelta(minutes=10)
    finish = {"act": "finish", "note": "清点"}
    assert "还有1人" in client.post(url, finish).content.decode()
    entry = SpaceEntry.objects.get()
    assert client.post(f"{url}/space/{entry.pk}/leave", {"tools": "2"}).status_code == 303
    assert client.post(f"{url}/space/{entry.pk}/leave", {"tools": "2"}).status_code == 409
    assert "相差1件" in client.post(url, finish).content.decode()
    guarding.enter_space(actor=crew.safety, permit=permit, person=worker, tools=0, now=at[0])
    again = SpaceEntry.objects.get(left_at__isnull=True)
    guarding.leave_space(actor=crew.safety, permit=permit, entry=again, tools=1, now=at[0])
    assert client.post(url, finish).status_code == 303


@pytest.mark.clause("S1-4c")
def test_a_third_party_observes_a_permit_sent_by_an_office_and_what_it_found_stops_the_work(running):
    district, crew, permit, _at = running()
    office, url = client_of(district.department), f"/permits/{permit.pk}/observers"
    assert office.get(f"{url}/new").status_code == 200
    assert office.post(f"{url}/new", {"org_name": "示例安全技术服务公司", "name": ""}).status_code == 422
    assert office.post(f"{url}/new", {"org_name": "示例安全技术服务公司", "name": "某旁站人"}).status_code == 303
    row = PermitObserver.objects.get()
    page = client_of(crew.safety).get(f"/permits/{permit.pk}?tab=guarding").content.decode()
    assert "示例安全技术服务公司" in page
    told = {"is_good": "0", "result": "接火盆未放置"}
    # Who sent the third party reports what it saw.
    assert client_of(crew.safety).post(f"{url}/{row.pk}", told).status_code == 403
    assert office.post(f"{url}/{row.pk}", told).status_code == 303
    assert office.post(f"{url}/{row.pk}", told).status_code == 409
    permit.refresh_from_db()
    assert permit.status == "SUSPENDED"
    assert "接火盆未放置" in office.get(f"/permits/{permit.pk}?tab=guarding").content.decode()
    assert client_of(district.other_enterprise).get(f"{url}/new").status_code == 404


def test_work_is_accepted_condition_by_condition(running):
    _district, crew, permit, at = running("BL")
    working.finish_work(actor=crew.safety, permit=permit, note="完工", now=at[0])
    client, url = client_of(crew.head), f"/permits/{permit.pk}"
    assert "盲板状态、挂牌和盲板图已更新" in client.get(f"{url}?act=accept").content.decode()
    met = {f"item_{one.key}": "1" for one in watching.acceptance_items("BL")}
    told = {"act": "accept", "note": "合格", **met}
    assert client.post(url, told).status_code == 422
    assert client.post(url, {**told, "plate_no": "MB-1", "item_BL_LEAK": "0"}).status_code == 422
    assert client.post(url, {**told, "plate_no": "MB-1"}).status_code == 303
    row = PermitAcceptance.objects.get()
    assert (row.plate_state, row.plate_no, row.items["BL_LEAK"]) == ("INSERTED", "MB-1", True)


def test_only_one_who_may_is_added_to_running_work(running):
    district, crew, permit, at = running()
    working.suspend_work(actor=crew.safety, permit=permit, stop_reason="BREAK", now=at[0])
    person = make_person(district, order=795, name="无证作业人")
    known = {"educated_on": LEARNED, "medical_on": LEARNED, "briefing": "交底"}
    with pytest.raises(Refused) as caught:
        guarding.hand_over(
            actor=crew.safety, permit=permit, part="WORKER", person=person, tasks=["GRIND"], now=at[0], **known
        )
    assert "C-10" in {one["code"] for one in caught.value.facts["answers"]}
    assert not PermitPerson.objects.filter(permit=permit, person=person).exists()
    assert permit.people.count() == 3


def test_acceptance_needs_every_condition_by_service_too(running):
    _district, crew, permit, at = running("EX")
    working.finish_work(actor=crew.safety, permit=permit, note="完工", now=at[0])
    working.accept_work(actor=crew.head, permit=permit, note="合格", now=at[0], **accepted("EX"))
    assert permit.status == "ACCEPTED"
    with pytest.raises(StaleState):
        working.accept_work(actor=crew.head, permit=permit, note="合格", now=at[0], **accepted("EX"))
    with pytest.raises((Conflict, StaleState)):
        guarding.enter_space(
            actor=crew.safety, permit=permit, person=permit.people.filter(part="WORKER").get(), tools=0, now=at[0]
        )
    assert Decimal(watching.every_min("HW", "S")) == watching.every_min("CS", "") == 30


def test_what_is_asked_of_every_kind_concerns_every_look_and_every_acceptance(running):
    _district, crew, permit, at = running("EX")
    guardian = PermitPerson.objects.get(permit=permit, part="GUARDIAN")
    url = f"/permits/{permit.pk}/look"
    told = {"guardian": str(guardian.pk), **good("EX"), "item_TICKET": "-"}
    assert client_of(crew.safety).post(url, told).status_code == 422
    nothing = dict.fromkeys(one.key for one in watching.guardian_items("EX"))
    with pytest.raises(Invalid) as caught:
        guarding.look(actor=crew.safety, permit=permit, guardian=guardian, items=nothing, now=at[0])
    assert "item_TICKET" in caught.value.fields
    assert "item_EX_WATER" not in caught.value.fields
    working.finish_work(actor=crew.safety, permit=permit, note="完工", now=at[0])
    nothing = dict.fromkeys(one.key for one in watching.acceptance_items("EX"))
    with pytest.raises(Invalid) as caught:
        working.accept_work(actor=crew.head, permit=permit, note="合格", items=nothing, now=at[0])
    assert "item_PEOPLE" in caught.value.fields
