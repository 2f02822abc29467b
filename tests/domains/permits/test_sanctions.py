"""A sanction to test: work stands, crews are clear, two people sign; then isolation is proved anew by two."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.domains.permits.factories import FOUND, crew_of, make_permit, samples, sign_all, typed_at_place
from tests.domains.permits.isolation_factories import BREAKER, PLATE, apply, link, planned, verified, verify
from tests.domains.permits.test_papers import pdf_text
from tests.factories import NOW, client_of, make_actor, make_district

from quancheng.domains.permits.models import IsolationPoint, PermitPerson, Sanction
from quancheng.domains.permits.services import (
    clock,
    figures,
    guarding,
    isolations,
    locks,
    preparing,
    sanctions,
    working,
)
from quancheng.domains.permits.services.checking import Refused
from quancheng.kernel.calendar.working import ZONE
from quancheng.kernel.errors import Conflict
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db


def typed(moment):
    return moment.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")


class Place:
    """Running work of a kind that relies on a breaker, with its pages and their clock."""

    def __init__(self, at, kind="CS"):
        self.at = at
        self.district = make_district()
        self.crew = crew_of(self.district, kind)
        self.permit = make_permit(self.district, kind, crew=self.crew, to="PREPARING")
        self.point = verified(self.crew)
        link(self.crew, self.permit, self.point)
        moment = NOW + timedelta(minutes=6)
        preparing.present_permit(actor=self.crew.safety, permit=self.permit, now=moment)
        moment = sign_all(self.crew, self.permit, now=moment)
        working.start_work(actor=self.crew.safety, permit=self.permit, now=moment)
        at[0] = moment + timedelta(minutes=5)
        self.safety, self.head = client_of(self.crew.safety), client_of(self.crew.head)
        self.url = f"/permits/{self.permit.pk}"
        self.worker = PermitPerson.objects.get(permit=self.permit, part="WORKER")

    @property
    def now(self):
        return self.at[0]

    def later(self, minutes):
        self.at[0] += timedelta(minutes=minutes)

    def asked(self, **known):
        ends = typed(self.now + timedelta(hours=1))
        told = {"points": [str(self.point.pk)], "purpose": "电机点动试转", "ends_at": ends, **known}
        return self.safety.post(f"{self.url}/sanctions/new", told)

    def page(self):
        return f"/permits/sanctions/{Sanction.objects.get().pk}"

    def clear(self, **known):
        told = {"act": "clear", "permit": str(self.permit.pk), "workers": [str(self.worker.pk)],
                "image": typed_at_place(self.now)["image"], **known}  # fmt: skip
        return self.safety.post(self.page(), told)

    def grant(self, client=None):
        return (client or self.head).post(self.page(), {"act": "grant"})

    def states(self):
        self.permit.refresh_from_db()
        self.point.refresh_from_db()
        return self.permit.status, self.permit.stop_reason, self.point.status, Sanction.objects.get().status


def test_points_are_lifted_under_two_signatures_with_the_crew_clear_and_proved_anew_before_work_goes_on(at):
    here = Place(at)
    assert here.safety.get(f"{here.url}/sanctions/new").status_code == 200
    assert here.asked(purpose="").status_code == 422
    assert here.asked().status_code == 303
    assert here.states() == ("SUSPENDED", "TEST", "VERIFIED", "ASKED")
    # Nobody was signed clear yet, and who asked does not sign for the local unit.
    here.later(1)
    unclear = here.grant()
    assert unclear.status_code == 409
    assert "逐人签认清场" in unclear.content.decode()
    assert here.clear(workers=[]).status_code == 422
    assert here.clear(image="").status_code == 422
    assert here.clear().status_code == 303
    assert here.grant(here.safety).status_code == 403
    assert here.grant().status_code == 303
    assert here.states() == ("SUSPENDED", "TEST", "TESTING", "GRANTED")
    assert Sanction.objects.get().granted_user_id == here.crew.head.user_id
    # Nothing goes on meanwhile, and the point is not applied before the test is over.
    here.later(5)
    blocks = here.head.get(f"{here.url}?tab=blocks").content.decode()
    assert "C-65" in blocks
    assert "试运授权" in blocks
    with pytest.raises(Refused) as refused:
        working.resume_work(actor=here.crew.safety, permit=here.permit, now=here.now)
    assert {"C-34", "C-65"} <= {one["code"] for one in refused.value.facts["answers"]}
    with pytest.raises(Conflict, match="结束试运"):
        apply(here.crew, here.point, now=here.now)
    assert here.safety.post(here.page(), {"act": "end", "result": ""}).status_code == 422
    assert here.safety.post(here.page(), {"act": "end", "result": "转向正确"}).status_code == 303
    assert here.states()[2:] == ("TESTING", "RESTORING")
    apply(here.crew, here.point, now=here.now)
    with pytest.raises(Refused):
        working.resume_work(actor=here.crew.safety, permit=here.permit, now=here.now)
    verify(here.crew, here.point, now=here.now)
    assert here.states() == ("SUSPENDED", "TEST", "VERIFIED", "CLOSED")
    # What was kept out may have come in: the gas is tested anew.
    preparing.check_site(actor=here.crew.safety, permit=here.permit, found=FOUND, now=here.now)
    with pytest.raises(Refused) as refused:
        working.resume_work(actor=here.crew.safety, permit=here.permit, now=here.now)
    assert "C-65" not in {one["code"] for one in refused.value.facts["answers"]}
    for one in samples("CS", here.now, phase="RESUME"):
        preparing.enter_gas(actor=here.crew.safety, permit=here.permit, sample=one, now=here.now)
    working.resume_work(actor=here.crew.safety, permit=here.permit, now=here.now)
    assert here.permit.status == "WORKING"
    acts = set(JournalEntry.objects.filter(act__startswith="permits.sanction").values_list("act", flat=True))
    assert {"permits.sanction.enter", "permits.sanction.clear", "permits.sanction.grant", "permits.sanction.end",
            "permits.sanction.restore"} <= acts  # fmt: skip


def test_nobody_is_inside_and_no_lock_hangs_when_points_are_lifted(at):
    here = Place(at)
    guarding.enter_space(actor=here.crew.safety, permit=here.permit, person=here.worker, tools=0, now=here.now)
    lock = locks.hang_lock(
        actor=here.crew.safety, point=here.point, worker=here.worker, lock_no="P-1", now=here.now
    )
    assert here.asked().status_code == 303
    inside = here.clear()
    assert inside.status_code == 409
    assert "还有1人" in inside.content.decode()
    entry = here.permit.entries.get()
    guarding.leave_space(actor=here.crew.safety, permit=here.permit, entry=entry, tools=0, now=here.now)
    assert here.clear().status_code == 303
    hanging = here.grant()
    assert hanging.status_code == 409
    assert "P-1" in hanging.content.decode()
    locks.take_lock(actor=here.crew.safety, lock=lock, person=here.crew.worker, now=here.now)
    assert here.grant().status_code == 303


def test_who_leads_the_work_and_who_signs_for_the_local_unit_are_two_people(at):
    here = Place(at)
    here.asked()
    here.clear()
    namesake = make_actor(here.district.enterprise_org, "enterprise.head", name=here.crew.leader.name)
    refused = here.grant(client_of(namesake))
    assert refused.status_code == 403
    assert "两个人" in refused.content.decode()


def test_a_test_ends_within_the_hours_that_the_enterprise_set_and_overdue_is_told_once(at):
    here = Place(at)
    assert here.asked(ends_at=typed(here.now + timedelta(hours=5))).status_code == 422
    figures.set_figure(
        actor=here.crew.head, file=here.permit.file, name="test_most_h", value="1", from_date=here.now.date(),
        reason="缩短", now=here.now,
    )  # fmt: skip
    assert here.asked(ends_at=typed(here.now + timedelta(minutes=62))).status_code == 422
    assert here.asked(ends_at=typed(here.now + timedelta(minutes=50))).status_code == 303
    row = Sanction.objects.get()
    here.clear()
    assert here.grant().status_code == 303
    for minutes in (70, 71):
        sanctions.watch_sanctions(now=row.ends_at + timedelta(minutes=minutes))
    told = Notice.objects.filter(kind="permits.test_over")
    assert told.count() == told.values("user").distinct().count() > 0
    at[0] = row.ends_at + timedelta(minutes=5)
    assert "试运超时" in client_of(here.crew.head).get("/permits/sanctions").content.decode()


def test_a_plate_and_a_point_that_is_not_verified_are_lifted_by_no_test(at):
    here = Place(at)
    plate = planned(here.crew, **{**PLATE, "stood_since": (NOW - timedelta(days=9)).date()})
    verify(here.crew, apply(here.crew, plate), proof="POSITION")
    link(here.crew, here.permit, plate)
    loose = apply(here.crew, planned(here.crew, **{**BREAKER, "tag": "DL-08", "lock_no": "S-08"}))
    assert loose.status == "APPLIED"
    offered = here.safety.get(f"{here.url}/sanctions/new").content.decode()
    assert "DL-07" in offered
    assert "MB-01" not in offered
    assert here.asked(points=[str(plate.pk)]).status_code == 422
    assert not Sanction.objects.exists()


def test_a_test_that_is_dropped_lifts_nothing_and_the_paper_and_rest_tell_of_one(at):
    here = Place(at)
    here.asked()
    assert here.safety.post(here.page(), {"act": "drop", "reason": "改天试"}).status_code == 303
    assert here.states()[2:] == ("VERIFIED", "DROPPED")
    printed = here.safety.post(f"{here.url}/paper", {"what": "1", "medium": "pdf"})
    assert "试运授权（未授权）：DL-07，电机点动试转" in pdf_text(printed.content)
    told = client_of(here.district.department).get("/api/v1/permits/sanctions").json()
    assert [one["status"] for one in told["items"]] == ["DROPPED"]
    one = client_of(here.district.department).get(f"/api/v1/permits/sanctions/{told['items'][0]['id']}").json()
    assert one["points"] == ["DL-07"]


def test_a_removed_point_closes_its_sanction_where_nothing_relies_on_it_any_more(at):
    here = Place(at)
    here.asked()
    here.clear()
    here.grant()
    row = Sanction.objects.get()
    working.finish_work(actor=here.crew.safety, permit=here.permit, note="完", now=here.now)
    with pytest.raises(Conflict, match="结束试运"):
        isolations.remove_point(actor=here.crew.safety, point=here.point, person=here.crew.worker, now=here.now)
    sanctions.end_test(actor=here.crew.safety, sanction=row, result="好", now=here.now)
    point = IsolationPoint.objects.select_related("file").get(pk=here.point.pk)
    isolations.remove_point(actor=here.crew.safety, point=point, person=here.crew.worker, now=here.now)
    assert here.states()[2:] == ("REMOVED", "CLOSED")
    clock.keep_time(now=here.now)
