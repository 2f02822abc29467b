"""Personal locks at points of isolation: hung by who works, taken off by himself, or by leave with a second person."""

from __future__ import annotations

import pytest
from tests.domains.permits.factories import accepted, crew_of, make_permit
from tests.domains.permits.isolation_factories import link, verified
from tests.domains.training.factories import make_person
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import PermitPerson, PersonalLock
from quancheng.domains.permits.services import isolations, locks, working
from quancheng.kernel.errors import Conflict, Invalid, StaleState
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def locked_work(at):
    """Running work with a personal lock of its worker upon its point."""
    district = make_district()
    crew = crew_of(district, "TE")
    permit = make_permit(district, "TE", crew=crew, to="WORKING")
    point = verified(crew)
    link(crew, permit, point)
    worker = PermitPerson.objects.get(permit=permit, part="WORKER")
    own = client_of(crew.safety)
    page = f"/permits/isolations/{point.pk}"
    hung = own.post(page, {"act": "hang", "worker": str(worker.pk), "lock_no": "P-01", "team": "电气班"})
    assert hung.status_code == 303
    return district, crew, permit, point, PersonalLock.objects.get()


def test_nobody_takes_off_the_lock_of_another(locked_work, at):
    _district, crew, permit, point, lock = locked_work
    own, page = client_of(crew.safety), f"/permits/isolations/{point.pk}"
    taken = {"act": "take", "lock": str(lock.pk)}
    refused = own.post(page, {**taken, "person": str(crew.guardian.pk)})
    assert refused.status_code == 409
    assert crew.worker.name in refused.content.decode()
    lock.refresh_from_db()
    assert lock.taken_at is None
    assert own.post(page, {**taken, "person": str(crew.worker.pk)}).status_code == 303
    lock.refresh_from_db()
    assert lock.taken_at == at[0]
    acts = JournalEntry.objects.filter(subject_id=permit.pk, act__startswith="permits.lock.").values_list("act")
    assert {act for (act,) in acts} == {"permits.lock.hang", "permits.lock.take"}


def test_work_is_not_accepted_and_a_point_not_removed_while_a_lock_hangs(locked_work, at):
    _district, crew, permit, point, lock = locked_work
    working.finish_work(actor=crew.safety, permit=permit, note="已恢复", now=at[0])
    accept = lambda: working.accept_work(  # noqa: E731
        actor=crew.head, permit=permit, note="合格", now=at[0], **accepted("TE")
    )
    with pytest.raises(Conflict, match="P-01"):
        accept()
    with pytest.raises(Conflict, match="P-01"):
        isolations.remove_point(actor=crew.safety, point=point, person=crew.worker, now=at[0])
    locks.take_lock(actor=crew.safety, lock=lock, person=crew.worker, now=at[0])
    accept()
    isolations.remove_point(actor=crew.safety, point=point, person=crew.worker, now=at[0])
    assert (permit.status, point.status) == ("ACCEPTED", "REMOVED")


def test_the_head_lets_a_lock_be_removed_with_a_second_person_and_a_reason(locked_work, at):
    district, crew, _permit, point, lock = locked_work
    page, own = f"/permits/isolations/{point.pk}", client_of(crew.head)
    forced = {"act": "force", "lock": str(lock.pk), "is_away": "on", "reason": "锁主已回家，电话确认"}
    assert own.post(page, {**forced, "person": str(crew.worker.pk)}).status_code == 422
    assert own.post(page, {**forced, "person": str(crew.guardian.pk), "is_away": ""}).status_code == 422
    assert own.post(page, {**forced, "person": str(crew.guardian.pk), "reason": ""}).status_code == 422
    office = client_of(district.department)
    assert office.post(page, {**forced, "person": str(crew.guardian.pk)}).status_code in (403, 422)
    lock.refresh_from_db()
    assert lock.taken_at is None
    assert own.post(page, {**forced, "person": str(crew.guardian.pk)}).status_code == 303
    lock.refresh_from_db()
    assert (lock.is_forced, lock.witness_id) == (True, crew.guardian.pk)
    assert "锁主已回家" in own.get(f"{page}?tab=locks").content.decode()


def test_a_lock_hangs_for_people_of_permits_in_force_alone(locked_work, at):
    district, crew, permit, point, _lock = locked_work
    stranger = PermitPerson(permit=permit, person=make_person(district, order=799, name="某外人"), part="WORKER")
    stranger.ended_at = at[0]
    with pytest.raises(Invalid):
        locks.hang_lock(actor=crew.safety, point=point, worker=stranger, lock_no="P-02", now=at[0])
    guardian = PermitPerson.objects.get(permit=permit, part="GUARDIAN")
    with pytest.raises(Conflict):
        locks.hang_lock(actor=crew.safety, point=point, worker=guardian, lock_no="P-01", now=at[0])
    working.finish_work(actor=crew.safety, permit=permit, note="已恢复", now=at[0])
    with pytest.raises(StaleState):
        locks.hang_lock(actor=crew.safety, point=point, worker=guardian, lock_no="P-02", now=at[0])
