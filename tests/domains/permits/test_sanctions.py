"""A sanction to test: work stands, crews are clear, two people sign; then isolation is proved anew by two."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.domains.permits.factories import ELSEWHERE, FOUND, crew_of, make_permit, samples, sign_all, typed_at_place
from tests.domains.permits.isolation_factories import BREAKER, PLATE, apply, link, planned, verified, verify
from tests.domains.permits.test_papers import pdf_text
from tests.factories import NOW, client_of, make_actor, make_district

from quancheng.domains.permits.models import CrewClearance, IsolationPoint, LinkRole, Permit, PermitPerson, Sanction
from quancheng.domains.permits.services import (
    clock,
    field,
    figures,
    guarding,
    isolations,
    locks,
    orders,
    preparing,
    sanctions,
    working,
)
from quancheng.domains.permits.services.checking import Refused
from quancheng.kernel.calendar.working import ZONE
from quancheng.kernel.errors import Conflict
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.phone.services import DeviceTime

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
        told = {"act": f"clear-{self.permit.pk}", "workers": [str(self.worker.pk)],
                "image": typed_at_place(self.now)["image"], **known}  # fmt: skip
        return self.safety.post(self.page(), told)

    def another(self, *, order=800, to="ISSUED", kind="HW"):
        """Other work that relies on the breaker as well, a kilometre away, with its own crew."""
        crew = crew_of(self.district, kind, order=order)
        permit = make_permit(self.district, kind, crew=crew, to="PREPARING", at=ELSEWHERE, place=f"{order}号门")
        link(crew, permit, self.point)
        moment = NOW + timedelta(minutes=6)
        preparing.present_permit(actor=crew.safety, permit=permit, now=moment)
        moment = sign_all(crew, permit, now=moment)
        if to != "ISSUED":
            working.start_work(actor=crew.safety, permit=permit, now=moment)
        if to == "SUSPENDED":
            working.suspend_work(actor=crew.safety, permit=permit, stop_reason="VIOLATION", now=moment)
        if to == "FINISHED":
            working.finish_work(actor=crew.safety, permit=permit, note="完", now=moment)
        return crew, permit

    def clear_other(self, permit):
        worker = PermitPerson.objects.get(permit=permit, part="WORKER", ended_at__isnull=True)
        return self.clear(act=f"clear-{permit.pk}", workers=[str(worker.pk)])

    def proved_anew(self):
        """The test is over, and two people applied and verified the breaker anew."""
        sanctions.end_test(actor=self.crew.safety, sanction=Sanction.objects.get(), result="好", now=self.now)
        apply(self.crew, self.point, now=self.now)
        verify(self.crew, self.point, now=self.now)

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
    loose = verified(here.crew, **{**BREAKER, "tag": "DL-08", "lock_no": "S-08"})
    link(here.crew, here.permit, loose)
    assert "DL-08" in here.safety.get(f"{here.url}/sanctions/new").content.decode()
    isolations.lift_point(actor=here.crew.safety, point=loose, reason="锁不见了", now=here.now)
    offered = here.safety.get(f"{here.url}/sanctions/new").content.decode()
    assert "DL-07" in offered
    assert "MB-01" not in offered
    assert "DL-08" not in offered
    for point in (plate, loose):
        assert here.asked(points=[str(point.pk)]).status_code == 422
        assert here.asked(points=[str(here.point.pk), str(point.pk)]).status_code == 422
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


@pytest.mark.parametrize("to", ["ISSUED", "SUSPENDED"])
def test_whatever_relies_on_it_is_tested_anew_after_the_proof_whyever_it_stood(at, to):
    here = Place(at)
    crew, other = here.another(to=to)
    assert here.asked().status_code == 303
    assert here.clear().status_code == 303
    unclear = here.grant()
    assert unclear.status_code == 409
    assert str(other) in unclear.content.decode()
    assert here.clear_other(other).status_code == 303
    assert here.grant().status_code == 303
    go = {"ISSUED": working.start_work, "SUSPENDED": working.resume_work}[to]
    # Drawn while the breaker was open: it says nothing of the place after the proof.
    here.later(1)
    for one in samples("HW", here.now):
        preparing.enter_gas(actor=crew.safety, permit=other, sample=one, now=here.now)
    preparing.check_site(actor=crew.safety, permit=other, found=FOUND, now=here.now)
    here.later(1)
    here.proved_anew()
    assert here.states()[3] == "CLOSED"
    here.later(1)
    with pytest.raises(Refused) as refused:
        go(actor=crew.safety, permit=other, now=here.now)
    assert "C-01" in {one["code"] for one in refused.value.facts["answers"]}
    for one in samples("HW", here.now):
        preparing.enter_gas(actor=crew.safety, permit=other, sample=one, now=here.now)
    with pytest.raises(Refused):
        go(actor=crew.safety, permit=other, now=here.now)
    preparing.check_site(actor=crew.safety, permit=other, found=FOUND, now=here.now)
    go(actor=crew.safety, permit=other, now=here.now)
    assert other.status == "WORKING"


def test_a_gas_value_that_failed_before_the_proof_is_not_forgotten_by_it(at):
    here = Place(at)
    here.asked()
    here.clear()
    here.grant()
    bad, *_rest = samples("CS", here.now, phase="RESUME", point="取样点二")
    preparing.enter_gas(
        actor=here.crew.safety, permit=here.permit, sample=replace(bad, value=Decimal("3")), now=here.now
    )
    here.later(1)
    here.proved_anew()
    preparing.check_site(actor=here.crew.safety, permit=here.permit, found=FOUND, now=here.now)
    for one in samples("CS", here.now, phase="RESUME"):
        preparing.enter_gas(actor=here.crew.safety, permit=here.permit, sample=one, now=here.now)
    with pytest.raises(Refused) as refused:
        working.resume_work(actor=here.crew.safety, permit=here.permit, now=here.now)
    assert "C-03" in {one["code"] for one in refused.value.facts["answers"]}


def test_nothing_starts_or_goes_on_while_a_test_is_asked_for_and_a_crew_is_clear_since_it_stands_alone(at):
    here = Place(at)
    _crew, other = here.another()
    here.asked()
    for act, permit in ((working.resume_work, here.permit), (working.start_work, other)):
        permit.refresh_from_db()
        with pytest.raises(Refused) as refused:
            act(actor=here.crew.safety, permit=permit, now=here.now)
        assert "C-65" in {one["code"] for one in refused.value.facts["answers"]}
    assert here.clear().status_code == 303
    assert here.clear_other(other).status_code == 303
    # Something graver was told from the place since: who signed before signs anew.
    here.later(2)
    here.permit.refresh_from_db()
    working.stop_graver(
        actor=here.crew.safety, permit=here.permit, stop_reason="VIOLATION", note="有人返回", now=here.now, at=here.now
    )
    stale = here.grant()
    assert stale.status_code == 409
    assert "逐人签认清场" in stale.content.decode()
    assert here.clear().status_code == 303
    assert CrewClearance.objects.filter(permit=here.permit).count() == 2
    assert here.grant().status_code == 303


def test_a_crew_of_running_work_is_signed_clear_by_nobody(at):
    here = Place(at)
    here.asked()
    Permit.objects.filter(pk=here.permit.pk).update(status="WORKING", stop_reason="", stopped_at=None)
    refused = here.clear()
    assert refused.status_code == 409
    assert "须先暂停" in refused.content.decode()
    assert not CrewClearance.objects.exists()


def test_finished_work_counts_until_it_is_accepted_and_nothing_is_granted_once_the_own_work_is_over(at):
    here = Place(at)
    _crew, other = here.another(to="FINISHED")
    here.asked()
    assert here.clear().status_code == 303
    refused = here.grant()
    assert refused.status_code == 409
    assert str(other) in refused.content.decode()
    assert here.clear_other(other).status_code == 303
    here.permit.refresh_from_db()
    working.finish_work(actor=here.crew.safety, permit=here.permit, note="完", now=here.now)
    over = here.grant()
    assert over.status_code == 409
    assert "已完工或终止" in over.content.decode()
    clock.keep_time(now=here.now)
    assert here.states()[2:] == ("VERIFIED", "DROPPED")


def test_a_request_past_its_end_lapses_so_that_its_points_may_be_asked_for_anew(at):
    here = Place(at)
    here.asked()
    here.clear()
    here.later(61)
    here.safety, here.head = client_of(here.crew.safety), client_of(here.crew.head)
    late = here.grant()
    assert late.status_code == 409
    assert "截止时间已过" in late.content.decode()
    clock.keep_time(now=here.now)
    assert here.states()[2:] == ("VERIFIED", "DROPPED")
    assert "DL-07" in here.safety.get(f"{here.url}/sanctions/new").content.decode()


@pytest.mark.parametrize("reason", ["GAS_ALARM", "UNIT_UPSET", "EVACUATION", "SOS", "INSPECTOR_ORDER"])
def test_no_test_is_asked_for_or_granted_where_work_stands_for_something_grave(at, reason):
    here = Place(at)
    _crew, other = here.another(to="SUSPENDED")
    here.asked()
    here.clear()
    here.clear_other(other)
    Permit.objects.filter(pk=other.pk).update(stop_reason=reason)
    refused = here.grant()
    assert refused.status_code == 409
    assert "本系统要求：试运授权" in refused.content.decode()
    assert str(other) in refused.content.decode()
    here.safety.post(here.page(), {"act": "drop", "reason": "先处置"})
    assert here.asked().status_code == 409
    assert here.states()[2:] == ("VERIFIED", "DROPPED")


def test_no_test_is_asked_for_or_granted_under_a_stop_order(at):
    here = Place(at)
    here.asked()
    here.clear()
    row = orders.order_stop(
        actor=here.crew.head, target=orders.Target(file=here.permit.file), cause="WEATHER", reason="雷电", now=here.now
    )
    refused = here.grant()
    assert refused.status_code == 409
    assert row.number in refused.content.decode()
    here.safety.post(here.page(), {"act": "drop", "reason": "先处置"})
    assert here.asked().status_code == 409
    orders.release_order(actor=here.crew.head, order=row, note="雷电过去", now=here.now)
    assert here.asked().status_code == 303


def blinding(here, **known):
    """Somebody fits a plate on a line of the enterprise."""
    crew = crew_of(here.district, "BL", order=830)
    permit = make_permit(here.district, "BL", crew=crew, to="PREPARING", at=ELSEWHERE, place="管廊")
    plate = planned(crew, **{**PLATE, "tag": "MB-09", **known})
    link(crew, permit, plate, role=LinkRole.FITS)
    moment = NOW + timedelta(minutes=6)
    preparing.present_permit(actor=crew.safety, permit=permit, now=moment)
    sign_all(crew, permit, now=moment)
    return crew, permit


def test_a_point_is_lifted_for_no_test_while_blinding_opens_its_line_nor_the_other_way_round(at):
    here = Place(at)
    IsolationPoint.objects.filter(pk=here.point.pk).update(equipment="氮气 总管")
    crew, permit = blinding(here, equipment="氮气总管")
    here.asked()
    here.clear()
    with pytest.raises(Refused) as refused:
        working.start_work(actor=crew.safety, permit=permit, now=here.now)
    assert "C-65" in {one["code"] for one in refused.value.facts["answers"]}
    Permit.objects.filter(pk=permit.pk).update(status="WORKING", started_at=here.now)
    opened = here.grant()
    assert opened.status_code == 409
    assert "抽堵盲板" in opened.content.decode()
    here.safety.post(here.page(), {"act": "drop", "reason": "先装盲板"})
    assert here.asked().status_code == 409
    IsolationPoint.objects.filter(tag="MB-09").update(equipment="另一管线")
    assert here.asked().status_code == 303


def test_a_signature_is_bound_to_whom_it_found_clear_for_which_test(at):
    here = Place(at)
    here.asked()
    here.clear()
    first = CrewClearance.objects.get()
    for table, changes in ((Sanction, {"purpose": "换成送料试运"}), (CrewClearance, {"workers": [str(first.leader_id),
                           *first.workers]}), (CrewClearance, {"image_seal": first.seal})):  # fmt: skip
        row = table.objects.get()
        before = {name: getattr(row, name) for name in changes}
        table.objects.update(**changes)
        refused = here.grant()
        assert refused.status_code == 409
        assert "逐人签认清场" in refused.content.decode()
        assert "签认内容已被改动" in here.head.get(here.page()).content.decode()
        table.objects.update(**before)
    assert here.clear(workers=[str(here.worker.pk), str(first.leader_id)]).status_code == 422
    assert here.grant().status_code == 303


def test_each_crew_is_signed_clear_by_itself_in_any_order(at):
    here = Place(at)
    _crew, other = here.another()
    here.asked()
    page = here.safety.get(here.page()).content.decode()
    for permit in (here.permit, other):
        assert f"act=clear-{permit.pk}" in page
        assert here.safety.get(f"{here.page()}?act=clear-{permit.pk}").status_code == 200
    assert here.clear_other(other).status_code == 303
    assert here.clear().status_code == 303
    assert here.safety.post(here.page(), {"act": "restore"}).status_code in (403, 404, 422)
    assert here.grant().status_code == 303


def test_a_late_entry_from_a_phone_under_a_test_is_told_to_who_granted_it(at):
    here = Place(at)
    here.asked()
    here.clear()
    here.grant()
    granter = Sanction.objects.get().granted_user_id
    at_door = here.now
    here.later(2)
    record = field.tell_entry(
        actor=here.crew.safety, permit=here.permit, person=here.worker, tools=0, now=here.now, client_id=None,
        told=field.Told(time=DeviceTime(at_door, timedelta())),
    )  # fmt: skip
    assert any("试运临时解除" in one["zh"] for one in record.doubts)
    told = Notice.objects.filter(kind="permits.entered_under_test")
    assert {granter, here.crew.safety.user_id} <= set(told.values_list("user", flat=True))
    assert set(told.values_list("data__count", flat=True)) == {"1"}


def test_work_that_is_issued_takes_no_point_of_which_a_test_is_asked_for(at):
    here = Place(at)
    loose = verified(here.crew, **{**BREAKER, "tag": "DL-08", "lock_no": "S-08"})
    link(here.crew, here.permit, loose)
    _crew, other = here.another()
    here.asked(points=[str(loose.pk)])
    with pytest.raises(Conflict, match="试运"):
        link(here.crew, other, loose, now=here.now)
    here.safety.post(here.page(), {"act": "drop", "reason": "改天试"})
    link(here.crew, other, loose, now=here.now)
