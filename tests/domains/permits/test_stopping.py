"""What stops work that runs, and what keeps work that stands or is issued from going on."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from tests.domains.permits.factories import (
    ELSEWHERE,
    FOUND,
    LEARNED,
    NOW,
    PLACE,
    crew_of,
    draft_of,
    make_draft,
    make_permit,
    own_file,
    sign_all,
)
from tests.domains.permits.test_black_list import bar
from tests.domains.permits.test_refusals import refused, submit
from tests.domains.registry.factories import make_facility, make_unit
from tests.factories import client_of, make_district

from quancheng.domains.permits.forms.widgets import SignatureField
from quancheng.domains.permits.models import PermitPerson, SpaceEntry, StopOrder
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.queries.orders import is_for
from quancheng.domains.permits.services import clock, drafting, guarding, orders, preparing, simops, working
from quancheng.domains.training.models import Person
from quancheng.kernel.errors import Invalid
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=20)
HANDED = {
    "educated_on": LEARNED, "medical_on": LEARNED, "exam_score": Decimal(90), "experience_years": Decimal(3),
    "briefing": "核对作业票和措施，交底完毕",
}  # fmt: skip


def told(crew, activity, at, **known):
    given = {"starts_at": at, "ends_at": at + timedelta(hours=2), **known}
    operation = simops.Operation(
        activity=activity, place="装卸台", lon=PLACE.lon, lat=PLACE.lat, contact="当班5频道", **given
    )
    return simops.tell_operation(actor=crew.safety, file=crew.leader.file, told=operation, now=at)


def state(permit):
    permit.refresh_from_db()
    return permit.status, permit.stop_reason


def test_loading_of_trucks_beside_hot_work_stops_it_once_it_begins():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, crew=crew, to="WORKING")
    told(crew, "TRUCK_LOADING", LATER, starts_at=LATER + timedelta(minutes=45))
    clock.keep_time(now=LATER + timedelta(minutes=1))
    assert state(permit) == ("WORKING", "")
    clock.keep_time(now=LATER + timedelta(minutes=46))
    assert state(permit) == ("SUSPENDED", "SIMOPS")


def test_an_operation_told_after_the_issue_is_coordinated_before_the_start():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, crew=crew)
    row = told(crew, "PRESSURE_TEST", LATER)
    start = lambda: working.start_work(actor=crew.safety, permit=permit, now=LATER)  # noqa: E731
    assert "C-23" in refused(start)
    words = {"coordinator": "某值班长", "measures": "试压期间停火"}
    simops.coordinate(actor=crew.head, permit=permit, other=row.pk, rule="S-17", now=LATER, **words)
    start()
    assert permit.status == "WORKING"


def test_a_meeting_stated_on_the_spot_is_not_coordinated_by_another_ones_coordinator():
    district = make_district()
    crew = crew_of(district)
    permit = make_permit(district, crew=crew)
    row = told(crew, "PRESSURE_TEST", LATER)
    words = {"coordinator": "某值班长", "measures": "试压期间停火"}
    simops.coordinate(actor=crew.head, permit=permit, other=row.pk, rule="S-17", now=LATER, **words)
    met = {"conflicts": [{"rule": "M-HW-EX", "result": "CONDITIONAL", "other": "EX-1"}]}
    preparing.check_site(actor=crew.safety, permit=permit, found={**FOUND, **met}, now=LATER)
    assert "C-23" in refused(lambda: working.start_work(actor=crew.safety, permit=permit, now=LATER))


def test_nobody_guards_a_second_job_by_a_hand_over():
    district = make_district()
    first, second = crew_of(district, "BL"), crew_of(district, "EX", order=740)
    make_permit(district, "BL", crew=first)
    permit = make_permit(district, "EX", crew=second, at=ELSEWHERE)
    outgoing = PermitPerson.objects.get(permit=permit, part="GUARDIAN")
    assert "C-09" in refused(lambda: guarding.hand_over(
        actor=second.safety, permit=permit, part="GUARDIAN", person=first.guardian, outgoing=outgoing, now=LATER,
        **HANDED,
    ))  # fmt: skip
    outgoing.refresh_from_db()
    assert outgoing.ended_at is None


@pytest.mark.parametrize("part", ["GUARDIAN", "LEADER"])
def test_a_black_listed_guardian_or_leader_is_refused_at_the_application(part):
    district = make_district()
    crew = crew_of(district, "EX")
    permit = make_draft(district, "EX", crew)
    bar(district, person=PermitPerson.objects.get(permit=permit, part=part).person)
    assert "C-27" in refused(submit(permit, crew))


@pytest.mark.parametrize("part", ["WORKER", "GUARDIAN", "LEADER"])
def test_who_is_black_listed_while_he_works_is_stopped(part):
    district = make_district()
    permit = make_permit(district, "BL", to="WORKING")
    bar(district, person=PermitPerson.objects.get(permit=permit, part=part).person)
    clock.keep_time(now=LATER)
    assert state(permit) == ("SUSPENDED", "VIOLATION")


def test_a_leader_who_left_begins_no_work():
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_permit(district, "BL", crew=crew)
    Person.objects.filter(pk=crew.leader.pk).update(left_date=NOW.date())
    assert "C-27" in refused(lambda: working.start_work(actor=crew.safety, permit=permit, now=LATER))


def test_an_order_for_a_unit_holds_for_permits_that_name_none_and_a_facility_tells_the_unit():
    district = make_district()
    crew = crew_of(district, "BL")
    file = own_file(district)
    unit = make_unit(district.enterprise, file)
    permit = make_permit(district, "BL", crew=crew, to="WORKING")
    target = orders.Target(file=file, unit=unit)
    row = orders.order_stop(
        actor=district.department, target=target, cause="UNIT_UPSET", reason="装置波动", now=LATER
    )
    assert state(permit) == ("SUSPENDED", "UNIT_UPSET")
    assert is_for(row, permit)
    facility = make_facility(district.enterprise, unit)
    made = drafting.draft_permit(
        actor=crew.safety, file=file, draft=draft_of("BL", facility=facility), now=LATER
    )
    assert made.unit_id == unit.pk
    other = make_unit(district.enterprise, file, name="罐区二", code="U-09")
    with pytest.raises(Invalid) as caught:
        drafting.draft_permit(
            actor=crew.safety, file=file, draft=draft_of("BL", facility=facility, unit=other), now=LATER
        )
    assert "facility" in caught.value.fields


def test_a_gas_alarm_sends_what_is_issued_back_and_what_stands_to_a_new_test():
    district = make_district()
    crew, other = crew_of(district), crew_of(district, "BL", order=740)
    stands = make_permit(district, crew=crew, to="WORKING")
    issued = make_permit(district, "BL", crew=other, at=ELSEWHERE)
    working.suspend_work(actor=crew.safety, permit=stands, stop_reason="BREAK", now=LATER)
    at = LATER + timedelta(minutes=5)
    unit = make_unit(district.enterprise, own_file(district))
    given = {"file": stands.file_id, "unit": unit.pk, "reason": "GAS_ALARM", "words": "可燃气体高报"}
    assert orders.suspend_at(**given, now=at) == 0
    assert state(stands) == ("SUSPENDED", "GAS_ALARM")
    assert stands.stopped_at == at
    assert state(issued)[0] == "PREPARING"
    assert not issued.signatures.filter(step="APPROVER", withdrawn_at__isnull=True).exists()
    assert JournalEntry.objects.filter(act="permits.permit.ordered").count() == 2
    preparing.check_site(actor=crew.safety, permit=stands, found=FOUND, now=at + timedelta(minutes=1))
    later = at + timedelta(minutes=2)
    assert refused(lambda: working.resume_work(actor=crew.safety, permit=stands, now=later))


def test_who_is_inside_when_a_permit_is_made_void_is_told_of_shown_and_let_out(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    district = make_district()
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew, to="WORKING")
    worker = PermitPerson.objects.get(permit=permit, part="WORKER")
    guarding.enter_space(actor=crew.safety, permit=permit, person=worker, tools=1, now=LATER)
    working.void_permit(actor=crew.head, permit=permit, event="SERIOUS_VIOLATION", reason="违章", now=LATER)
    assert Notice.objects.filter(kind="permits.inside").exists()
    client = client_of(crew.safety)
    assert "已作废，空间内有人" in client.get("/permits/board").content.decode()
    assert "登记离开" in client.get(f"/permits/{permit.pk}?tab=guarding").content.decode()
    url = f"/permits/{permit.pk}/space/{SpaceEntry.objects.get().pk}/leave"
    assert client.get(url).status_code == 200
    assert client.post(url, {"tools": "1"}).status_code == 303
    assert "已作废，空间内有人" not in client.get("/permits/board").content.decode()


def test_an_order_is_for_an_enterprise_or_a_circle_and_for_a_unit_of_a_named_enterprise(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    district = make_district()
    file = own_file(district)
    unit = make_unit(district.enterprise, file)
    office, url = client_of(district.department), "/permits/orders/new"
    words = {"cause": "EVACUATION", "reason": "紧急撤离"}
    circle = {"lon": str(PLACE.lon), "lat": str(PLACE.lat), "radius_m": "500"}
    for target in ({"unit": str(unit.pk), **circle}, {"file": str(file.pk), **circle}):
        assert office.post(url, {**words, **target}).status_code == 422
    assert not StopOrder.objects.exists()
    assert office.post(url, {**words, "file": str(file.pk), "unit": str(unit.pk)}).status_code == 303


def test_addresses_and_pictures_of_other_letters_are_refused_and_nothing_breaks():
    for address in ("/w/%00", "/v/%00", "/w/" + "示" * 22):
        assert Client().get(address).status_code in (302, 404)
    with pytest.raises(ValidationError):
        SignatureField(required=True).clean("data:image/png;base64,签名")


def test_one_permit_that_cannot_be_read_holds_up_no_other(monkeypatch):
    district = make_district()
    first, second = crew_of(district, "BL"), crew_of(district, "EX", order=740)
    broken = make_permit(district, "BL", crew=first, to="WORKING")
    permit = make_permit(district, "EX", crew=second, to="WORKING", at=ELSEWHERE)
    Person.objects.filter(pk=second.leader.pk).update(left_date=NOW.date())
    read = clock.load_rows

    def failing(*_args, **_known):
        raise ZeroDivisionError

    monkeypatch.setattr(clock, "load_many", failing)
    monkeypatch.setattr(clock, "load_rows", lambda row: failing() if row.pk == broken.pk else read(row))
    monkeypatch.setattr(clock, "watch_guardians", failing)
    clock.keep_time(now=LATER)
    assert state(broken)[0] == "WORKING"
    assert state(permit)[0] == "SUSPENDED"


def test_the_end_of_the_window_is_told_like_every_other_stop():
    district = make_district()
    permit = make_permit(district, "BL", to="WORKING")
    clock.keep_time(now=permit.window_end + timedelta(seconds=1))
    assert state(permit) == ("SUSPENDED", "EXPIRED")
    assert Notice.objects.filter(kind="permits.stopped").exists()


def test_who_came_by_a_hand_over_is_sealed_when_it_is_presented_anew_and_who_left_signs_no_more_but_may_come_back():
    district = make_district()
    crew, spare = crew_of(district, "BL"), crew_of(district, "EX", order=740)
    permit = make_permit(district, "BL", crew=crew)
    old = PermitPerson.objects.get(permit=permit, part="GUARDIAN")
    known = {"actor": crew.safety, "permit": permit, "part": "GUARDIAN", **HANDED}
    guarding.hand_over(**known, person=spare.guardian, outgoing=old, now=LATER)
    new = PermitPerson.objects.get(permit=permit, part="GUARDIAN", ended_at__isnull=True)
    guarding.hand_over(**known, person=crew.guardian, outgoing=new, now=LATER)
    back = PermitPerson.objects.get(permit=permit, part="GUARDIAN", ended_at__isnull=True)
    assert (back.person_id, back.pk == old.pk) == (crew.guardian.pk, False)
    guarding.hand_over(**known, person=spare.guardian, outgoing=back, now=LATER)
    # One who is replaced already is replaced by nobody else.
    with pytest.raises(Invalid):
        guarding.hand_over(**known, person=crew.guardian, outgoing=new, now=LATER)
    unit = make_unit(district.enterprise, own_file(district))
    orders.suspend_at(file=permit.file_id, unit=unit.pk, reason="GAS_ALARM", words="高报", now=LATER)
    permit.refresh_from_db()
    at = LATER + timedelta(minutes=1)
    preparing.check_site(actor=crew.safety, permit=permit, found=FOUND, now=at)
    present = lambda: preparing.present_permit(actor=crew.safety, permit=permit, now=at)  # noqa: E731
    assert refused(present)
    people = [one.pk for one in PermitPerson.objects.filter(permit=permit, ended_at__isnull=True)]
    preparing.brief(
        actor=crew.safety, permit=permit, briefer="某班长", place="空压站", content="交底", attended=people, now=at
    )
    present()
    guard = PermitPerson.objects.get(permit=permit, part="GUARDIAN", ended_at__isnull=True)
    assert guard.joined_at is None
    sign_all(crew, permit, now=at)
    assert permit.status == "ISSUED"
    assert load_rows(permit).is_unaltered
    PermitPerson.objects.filter(pk=guard.pk).update(tasks=["OTHER"])
    assert not load_rows(permit).is_unaltered
