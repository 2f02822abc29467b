"""What keeps a point of isolation where somebody depends on it: plates that come out, people inside, a "no" said."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.domains.permits.factories import FOUND, NOW, accepted, crew_of, make_permit, prepare, sign_all
from tests.domains.permits.isolation_factories import PLATE, apply, link, planned, verified, verify
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import IsolationLink, IsolationPoint, LinkRole, Permit, PermitPerson, PersonalLock
from quancheng.domains.permits.queries.blocks import blocks_of
from quancheng.domains.permits.queries.loading import is_seal_whole, load_rows
from quancheng.domains.permits.queries.permits import people_of
from quancheng.domains.permits.services import clock, guarding, isolations, locks, preparing, working
from quancheng.domains.permits.services.checking import Refused
from quancheng.kernel.errors import Conflict
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """The clock of pages, which a test moves on."""
    now = [NOW + timedelta(minutes=30)]
    monkeypatch.setattr("django.utils.timezone.now", lambda: now[0])
    return now


def codes(call):
    with pytest.raises(Refused) as caught:
        call()
    return {one["code"] for one in caught.value.facts["answers"]}


def standing_plate(crew, **known):
    """A plate that stood before the register was kept, verified."""
    plate = planned(crew, **{**PLATE, "stood_since": NOW.date() - timedelta(days=40), **known})
    return verify(crew, apply(crew, plate), proof="POSITION", result="牌号与图一致")


def removal(district, crew, plate, *, to="WORKING"):
    """A permit to take a plate out, at another place; answers it and the time."""
    permit = make_permit(district, "BL", crew=crew, to="DRAFT", work={"operations": ["REMOVE"]})
    Permit.objects.filter(pk=permit.pk).update(lon=Decimal("118.512"))
    permit.refresh_from_db()
    link(crew, permit, plate, LinkRole.FITS)
    prepare(crew, permit)
    at = NOW + timedelta(minutes=6)
    preparing.present_permit(actor=crew.safety, permit=permit, now=at)
    at = sign_all(crew, permit, now=at)
    if to == "WORKING":
        working.start_work(actor=crew.safety, permit=permit, now=at)
    return permit, at


# Plates that come out -------------------------------------------------------------------------------------------------


@pytest.mark.clause("S4-C3.3.1a")
def test_nothing_starts_upon_a_plate_that_is_being_taken_out_though_it_was_named_before(at):
    district = make_district()
    crew, second = crew_of(district, "BL"), crew_of(district, "TE", order=740)
    plate = standing_plate(crew)
    waiting = make_permit(district, "TE", crew=second, to="PREPARING")
    link(crew, waiting, plate)
    out, at[0] = removal(district, crew, plate)
    plate.refresh_from_db()
    assert plate.status == "VERIFIED"
    own = client_of(crew.safety)
    for state in ("WORKING", "SUSPENDED"):
        refused = own.post(f"/permits/{waiting.pk}", {"act": "present"})
        assert refused.status_code == 409
        assert "C-34" in refused.content.decode()
        assert "盲板正在抽出" in refused.content.decode()
        if state == "WORKING":
            working.suspend_work(actor=crew.safety, permit=out, stop_reason="BREAK", now=at[0])
    working.void_permit(actor=crew.head, permit=out, event="WORK_CHANGED", reason="不抽了", now=at[0])
    assert own.post(f"/permits/{waiting.pk}", {"act": "present"}).status_code == 303


def test_issued_and_running_work_upon_a_plate_stands_when_it_comes_out_and_none_names_it_then(at):
    district = make_district()
    crew, second, third = crew_of(district, "BL"), crew_of(district, "TE", order=740), crew_of(district, order=780)
    plate = standing_plate(crew)
    issued = make_permit(district, "TE", crew=second, to="APPROVING")
    link(crew, issued, plate)
    out, at[0] = removal(district, crew, plate)
    # The other order: signed through while it comes out it is refused at each signature.
    assert "C-34" in codes(lambda: sign_all(second, issued, now=at[0]))
    other = make_permit(district, "HW", crew=third, to="DRAFT")
    with pytest.raises(Conflict, match="正在"):
        link(crew, other, plate)
    Permit.objects.filter(pk=issued.pk).update(status="WORKING", issued_at=at[0], started_at=at[0])
    clock.keep_time(now=at[0] + timedelta(minutes=1))
    issued.refresh_from_db()
    assert issued.status == "SUSPENDED"
    assert "C-34" in {one.code for one in blocks_of(issued, at[0])}
    assert out.status == "WORKING"


# Somebody inside ------------------------------------------------------------------------------------------------------


@pytest.fixture
def inside(at):
    """Work in a space that relies on a breaker and a plate; its worker is inside, his lock on the breaker."""
    district = make_district()
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew, to="WORKING")
    breaker, plate = verified(crew), standing_plate(crew)
    for point in (breaker, plate):
        link(crew, permit, point)
    worker = PermitPerson.objects.get(permit=permit, part="WORKER")
    lock = locks.hang_lock(actor=crew.safety, point=breaker, worker=worker, lock_no="P-01", now=at[0])
    entry = guarding.enter_space(actor=crew.safety, permit=permit, person=worker, tools=0, now=at[0])
    return district, crew, permit, breaker, plate, lock, entry


@pytest.mark.clause("S4-C3.3.1a")
def test_points_of_a_void_permit_stay_while_somebody_is_inside(inside, at):
    district, crew, permit, breaker, plate, lock, entry = inside
    PersonalLock.objects.filter(pk=lock.pk).update(taken_at=at[0], taken_by="某人")
    working.void_permit(actor=crew.head, permit=permit, event="WORK_CHANGED", reason="内容变更", now=at[0])
    page, own = f"/permits/isolations/{breaker.pk}", client_of(crew.safety)
    remove = {"act": "remove", "person": str(crew.worker.pk), "reason": ""}
    refused = own.post(page, remove)
    assert refused.status_code == 409
    assert permit.number in refused.content.decode()
    second = crew_of(district, "BL", order=740)
    out, then = removal(district, second, plate, to="ISSUED")
    with pytest.raises(Conflict, match=permit.number):
        working.start_work(actor=crew.safety, permit=out, now=then)
    guarding.leave_space(actor=crew.safety, permit=permit, entry=entry, tools=0, now=at[0])
    assert own.post(page, remove).status_code == 303
    working.start_work(actor=crew.safety, permit=out, now=then)
    assert out.status == "WORKING"


@pytest.mark.clause("S4-C3.3.1a")
def test_a_lock_hangs_while_its_owner_is_inside_whoever_would_take_it(inside, at):
    _district, crew, permit, breaker, _plate, lock, entry = inside
    page = f"/permits/isolations/{breaker.pk}"
    take = {"act": "take", "lock": str(lock.pk), "person": str(crew.worker.pk)}
    force = {"act": "force", "lock": str(lock.pk), "person": str(crew.guardian.pk), "is_away": "on", "reason": "已离开"}
    for client, act in ((client_of(crew.safety), take), (client_of(crew.head), force)):
        refused = client.post(page, act)
        assert refused.status_code == 409
        assert crew.worker.name in refused.content.decode()
    lock.refresh_from_db()
    assert lock.taken_at is None
    guarding.leave_space(actor=crew.safety, permit=permit, entry=entry, tools=0, now=at[0])
    assert client_of(crew.head).post(page, force).status_code == 303
    entry = JournalEntry.objects.get(subject_id=permit.pk, act="permits.lock.force")
    assert (entry.facts["witness"], entry.facts["is_away"]) == (str(crew.guardian.pk), True)


# A "no" at the place --------------------------------------------------------------------------------------------------


@pytest.mark.clause("S4-C3.3.1a")
def test_a_no_at_the_place_refuses_start_and_resumption_and_stops_running_work(at):
    district = make_district()
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew)
    own, page = client_of(crew.safety), f"/permits/{permit.pk}"

    def say(is_verified):
        at[0] += timedelta(minutes=1)
        found = {**FOUND, "isolations_verified": is_verified}
        preparing.check_site(actor=crew.safety, permit=permit, found=found, now=at[0])

    say(False)
    refused = own.post(page, {"act": "start"})
    assert refused.status_code == 409
    assert "C-34" in refused.content.decode()
    say(True)
    assert own.post(page, {"act": "start"}).status_code == 303
    say(False)
    clock.keep_time(now=at[0])
    permit.refresh_from_db()
    assert permit.status == "SUSPENDED"
    at[0] += timedelta(minutes=1)
    say(False)
    assert "C-34" in codes(lambda: working.resume_work(actor=crew.safety, permit=permit, now=at[0]))
    say(True)
    working.resume_work(actor=crew.safety, permit=permit, now=at[0])
    assert permit.status == "WORKING"


# What is signed -------------------------------------------------------------------------------------------------------


@pytest.mark.clause("S4-C3.3.1a")
def test_the_plate_of_a_blinding_permit_is_chosen_before_it_is_presented_and_sealed_with_it(at):
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_permit(district, "BL", crew=crew, to="DRAFT")
    plate = planned(crew, permit=permit, role=LinkRole.FITS, **PLATE)
    other = planned(crew, **{**PLATE, "tag": "MB-02"})
    own, page = client_of(crew.safety), f"/permits/{permit.pk}"
    prepare(crew, permit)
    preparing.present_permit(actor=crew.safety, permit=permit, now=NOW + timedelta(minutes=6))
    given = {"act": "isolation", "point": str(other.pk)}
    assert own.post(page, {**given, "role": "FITS"}).status_code == 409
    IsolationLink.objects.filter(permit=permit).delete()
    with pytest.raises(Conflict, match="提交签字"):
        link(crew, permit, other, LinkRole.FITS)
    assert not load_rows(permit).is_unaltered
    assert not is_seal_whole(permit, list(people_of(permit)))
    IsolationLink.objects.create(
        permit=permit, point=other, role=LinkRole.FITS, linked_by="某人", linked_at=NOW, is_sealed=True
    )
    assert not load_rows(permit).is_unaltered
    IsolationLink.objects.filter(permit=permit).update(point=plate)
    assert load_rows(permit).is_unaltered
    assert is_seal_whole(permit, list(people_of(permit)))
    IsolationPoint.objects.filter(pk=plate.pk).update(rated_mpa=Decimal("0.3"))
    assert not load_rows(permit).is_unaltered


def test_points_that_came_later_or_were_named_before_points_were_sealed_leave_the_seal_whole(at):
    district = make_district()
    crew = crew_of(district, "TE")
    permit = make_permit(district, "TE", crew=crew)
    link(crew, permit, verified(crew))
    assert load_rows(permit).is_unaltered
    assert is_seal_whole(permit, list(people_of(permit)))
    later = make_permit(district, "TE", crew=crew_of(district, "TE", order=740), to="PREPARING")
    link(crew, later, verified(crew, tag="DL-08"))
    preparing.present_permit(actor=crew.safety, permit=later, now=NOW + timedelta(minutes=6))
    assert load_rows(later).is_unaltered
    IsolationLink.objects.filter(permit=later).delete()
    assert not load_rows(later).is_unaltered


def test_a_plate_comes_out_by_name_once_there_is_a_register_of_plates(at):
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_permit(district, "BL", crew=crew, work={"operations": ["REMOVE"]})
    plate = standing_plate(crew)
    own = client_of(crew.safety)
    refused = own.post(f"/permits/{permit.pk}", {"act": "start"})
    assert refused.status_code == 409
    assert "盲板台账" in refused.content.decode()
    second = crew_of(district, "BL", order=740)
    waiting = make_permit(district, "BL", crew=second, to="PREPARING", work={"operations": ["REMOVE"]})
    assert own.post(f"/permits/{waiting.pk}", {"act": "present"}).status_code == 409
    # Of work that began before the register did, the plate that its acceptance tells holds nothing any more.
    Permit.objects.filter(pk=permit.pk).update(status="WORKING", started_at=at[0])
    permit.refresh_from_db()
    working.finish_work(actor=crew.safety, permit=permit, note="已恢复", now=at[0])
    working.accept_work(actor=crew.head, permit=permit, note="合格", now=at[0], **accepted("BL"))
    plate.refresh_from_db()
    assert (permit.status, plate.status) == ("ACCEPTED", "LIFTED")
    assert permit.number in plate.lift_reason
