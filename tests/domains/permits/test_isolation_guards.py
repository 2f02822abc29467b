"""What keeps a point of isolation where somebody depends on it: plates that come out, people inside, a "no" said."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.domains.permits.factories import (
    ELSEWHERE,
    FOUND,
    NOW,
    PLACE,
    accepted,
    crew_of,
    make_permit,
    prepare,
    sign_all,
)
from tests.domains.permits.isolation_factories import PLATE, apply, link, planned, verified, verify
from tests.domains.permits.test_refusals import refused as refused_codes
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import IsolationLink, IsolationPoint, LinkRole, Permit, PermitPerson, PersonalLock
from quancheng.domains.permits.queries.blocks import blocks_of
from quancheng.domains.permits.queries.loading import is_seal_whole, load_rows
from quancheng.domains.permits.queries.permits import people_of
from quancheng.domains.permits.services import clock, drafting, guarding, isolations, locks, preparing, working
from quancheng.kernel.errors import Conflict, Invalid, StaleState
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db


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
    # How far the flange was opened nobody knows: a blinding permit fits it anew before anybody relies on it.
    plate.refresh_from_db()
    assert plate.status == "LIFTED"
    assert "C-34" in own.post(f"/permits/{waiting.pk}", {"act": "present"}).content.decode()


def test_issued_and_running_work_upon_a_plate_stands_when_it_comes_out_and_none_names_it_then(at):
    district = make_district()
    crew, second, third = crew_of(district, "BL"), crew_of(district, "TE", order=740), crew_of(district, order=780)
    plate = standing_plate(crew)
    issued = make_permit(district, "TE", crew=second, to="APPROVING")
    link(crew, issued, plate)
    out, at[0] = removal(district, crew, plate)
    # The other order: signed through while it comes out it is refused at each signature.
    assert "C-34" in refused_codes(lambda: sign_all(second, issued, now=at[0]))
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
    assert "C-34" in refused_codes(lambda: working.resume_work(actor=crew.safety, permit=permit, now=at[0]))
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


# What is entered ------------------------------------------------------------------------------------------------------


def change_of(point, **known):
    told = {**PLATE, "tag": point.tag, **known}
    return isolations.Planned(**told)


def test_a_plate_that_stood_before_the_register_is_entered_by_the_head_with_his_reason(at):
    district = make_district()
    crew = crew_of(district, "BL")
    plate = planned(crew, **PLATE, stood_since=NOW.date() - timedelta(days=1))
    page = f"/permits/isolations/{plate.pk}"
    given = {"act": "apply", "person": str(crew.worker.pk), "words": "凭纸质作业票装设"}
    assert client_of(crew.safety).post(page, {**given, "words": " "}).status_code == 422
    assert client_of(crew.head).post(page, {**given, "words": ""}).status_code == 422
    permit = make_permit(district, "BL", crew=crew, to="DRAFT")
    with pytest.raises(Conflict, match="建账前"):
        link(crew, permit, plate, LinkRole.FITS)
    assert client_of(crew.head).post(page, given).status_code == 303
    entry = JournalEntry.objects.filter(subject_id=plate.pk, act="permits.isolation.apply").get()
    assert "凭纸质作业票装设" in str(entry.facts)


def test_a_plate_of_a_blinding_permit_never_stood_before(at):
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_permit(district, "BL", crew=crew, to="DRAFT")
    plate = planned(crew, permit=permit, role=LinkRole.FITS, **PLATE)
    told = change_of(plate, stood_since=NOW.date() - timedelta(days=1))
    with pytest.raises(Invalid) as caught:
        isolations.change_point(actor=crew.safety, point=plate, planned=told, now=NOW)
    assert "stood_since" in caught.value.fields
    IsolationPoint.objects.filter(pk=plate.pk).update(stood_since=NOW.date() - timedelta(days=1))
    plate.refresh_from_db()
    with pytest.raises(Conflict, match=r"7\.11"):
        isolations.apply_point(actor=crew.head, point=plate, person=crew.worker, words="已在位", now=NOW)


def test_what_a_presented_permit_names_is_not_written_anew_nor_over_what_another_wrote(at):
    district = make_district()
    crew = crew_of(district, "BL")
    plate = planned(crew, **PLATE)
    own, page = client_of(crew.safety), f"/permits/isolations/{plate.pk}/change"
    seen = own.get(page).context["form"]["seen"].value()
    typed = {name: str(value) for name, value in PLATE.items()}
    isolations.change_point(actor=crew.safety, point=plate, planned=change_of(plate, place="甲"), now=at[0])
    assert own.post(page, {**typed, "seen": seen}).status_code == 409
    assert own.post(page, {**typed, "seen": "昨天"}).status_code == 422
    seen = own.get(page).context["form"]["seen"].value()
    assert own.post(page, {**typed, "place": "乙", "seen": seen}).status_code == 303
    plate.refresh_from_db()
    assert plate.place == "乙"
    permit = make_permit(district, "BL", crew=crew, to="DRAFT")
    link(crew, permit, plate, LinkRole.FITS)
    prepare(crew, permit)
    preparing.present_permit(actor=crew.safety, permit=permit, now=NOW + timedelta(minutes=6))
    refused = own.post(page, {**typed, "seen": own.get(page).context["form"]["seen"].value()})
    assert refused.status_code == 409
    assert permit.number in refused.content.decode()
    with pytest.raises(StaleState):
        isolations.change_point(
            actor=crew.safety, point=planned(crew), planned=change_of(plate, tag="X"), now=NOW, seen=NOW - timedelta(1)
        )


@pytest.mark.parametrize("kind", ["HW", "CS"])
def test_one_point_in_the_register_is_not_the_list_that_nobody_told(kind):
    district = make_district()
    crew = crew_of(district, kind)
    permit = make_permit(district, kind, crew=crew, to="PREPARING")
    link(crew, permit, verified(crew))
    whole = permit.work
    told = {name: value for name, value in whole.items() if name != "isolations"}
    Permit.objects.filter(pk=permit.pk).update(work=told)
    present = lambda: preparing.present_permit(  # noqa: E731
        actor=crew.safety, permit=permit, now=NOW + timedelta(minutes=6)
    )
    assert "C-34" in refused_codes(present)
    Permit.objects.filter(pk=permit.pk).update(work=whole)
    present()
    assert permit.status == "APPROVING"


# Lines, and the same request again ------------------------------------------------------------------------------------


def test_a_line_is_taken_while_blinding_upon_it_stands_however_its_name_is_written(at):
    district = make_district()
    crew, second = crew_of(district, "BL"), crew_of(district, "BL", order=740)
    permits = []
    for who, tag, line, place in ((crew, "MB-01", "进料线L-101", PLACE), (second, "MB-02", "进料线 l-101", ELSEWHERE)):
        permit = make_permit(district, "BL", crew=who, to="DRAFT", at=place)
        planned(crew, permit=permit, role=LinkRole.FITS, **{**PLATE, "tag": tag, "equipment": line})
        prepare(who, permit)
        preparing.present_permit(actor=who.safety, permit=permit, now=NOW + timedelta(minutes=6))
        at[0] = sign_all(who, permit, now=NOW + timedelta(minutes=6))
        permits.append(permit)
    first, other = permits
    working.start_work(actor=crew.safety, permit=first, now=at[0])
    start = lambda: working.start_work(actor=crew.safety, permit=other, now=at[0])  # noqa: E731
    assert "C-25" in refused_codes(start)
    working.suspend_work(actor=crew.safety, permit=first, stop_reason="BREAK", now=at[0])
    assert "C-25" in refused_codes(start)
    apply(crew, IsolationPoint.objects.get(tag="MB-01"), at[0])
    start()
    assert other.status == "WORKING"


def test_a_report_that_comes_twice_stops_no_work_that_went_on_since(at):
    district = make_district()
    crew = crew_of(district, "TE")
    permit = make_permit(district, "TE", crew=crew, to="WORKING")
    point = verified(crew)
    link(crew, permit, point)
    lift = {"actor": crew.safety, "reason": "挂牌丢失", "now": at[0], "client_id": uuid.uuid4()}
    isolations.lift_point(point=IsolationPoint.objects.get(pk=point.pk), **lift)
    permit.refresh_from_db()
    assert permit.status == "SUSPENDED"
    point.refresh_from_db()
    verify(crew, apply(crew, point, at[0]), at[0])
    preparing.check_site(actor=crew.safety, permit=permit, found=FOUND, now=at[0])
    working.resume_work(actor=crew.safety, permit=permit, now=at[0])
    isolations.lift_point(point=point, **lift)
    permit.refresh_from_db()
    assert (point.status, permit.status) == ("VERIFIED", "WORKING")


def test_the_same_request_again_does_nothing_and_is_not_refused(at):
    district = make_district()
    crew = crew_of(district, "TE")
    permit = make_permit(district, "TE", crew=crew, to="WORKING")
    point = verified(crew)
    own, page = client_of(crew.safety), f"/permits/{permit.pk}"
    tied = {"act": "isolation", "point": str(point.pk), "role": "RELIES", "client_id": str(uuid.uuid4())}
    worker = PermitPerson.objects.get(permit=permit, part="WORKER")
    card = f"/permits/isolations/{point.pk}"
    hang = {"act": "hang", "worker": str(worker.pk), "lock_no": "P-01", "client_id": str(uuid.uuid4())}
    assert [own.post(page, tied).status_code, own.post(card, hang).status_code] == [303, 303]
    same = {"actor": crew.safety, "now": at[0]}
    key, lock = uuid.uuid4(), PersonalLock.objects.get()
    assert own.post(page, tied).status_code in (303, 422)
    for _ in range(2):
        locks.take_lock(lock=lock, person=crew.worker, client_id=key, **same)
    working.finish_work(permit=permit, note="已恢复", **same)
    gone = uuid.uuid4()
    for _ in range(2):
        isolations.remove_point(point=point, person=crew.worker, client_id=gone, **same)
    acts = list(JournalEntry.objects.filter(subject_id__in=(permit.pk, point.pk)).values_list("act", flat=True))
    for act in ("permits.isolation.link", "permits.lock.hang", "permits.lock.take", "permits.isolation.remove"):
        assert acts.count(act) == 1



def test_a_draft_renewed_twice_by_the_same_request_names_its_points_once():
    district = make_district()
    crew = crew_of(district, "TE")
    permit = make_permit(district, "TE", crew=crew)
    link(crew, permit, verified(crew))
    working.void_permit(actor=crew.head, permit=permit, event="WORK_CHANGED", reason="内容变更", now=NOW)
    PermitPerson.objects.filter(permit=permit).update(ended_at=NOW)
    names = ("kind", "level", "place", "content", "apply_unit", "work_unit", "window_start", "window_end", "work")
    draft = drafting.Draft(**{name: getattr(permit, name) for name in names})
    same = {"actor": crew.safety, "former": permit, "draft": draft, "now": NOW, "client_id": uuid.uuid4()}
    made = [drafting.renew_permit(**same) for _ in range(2)]
    assert made[0].pk == made[1].pk
    assert made[0].isolation_links.count() == 1
