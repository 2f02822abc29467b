"""The register of isolation: planned, applied, shown to be without energy by another; what permits may meanwhile."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.domains.permits.factories import (
    FOUND,
    NOW,
    accepted,
    crew_of,
    make_draft,
    make_permit,
    own_file,
    prepare,
    sign_all,
)
from tests.domains.permits.isolation_factories import BREAKER, PLATE, apply, link, planned, verified, verify
from tests.domains.permits.test_refusals import refused as refused_codes
from tests.domains.registry.factories import make_unit
from tests.domains.risk.factories import make_object
from tests.domains.risk.test_plans import upload
from tests.factories import client_of, make_district
from tests.kernel.exchange.importing import exported

from quancheng.domains.permits.models import IsolationPoint, LinkRole, Permit
from quancheng.domains.permits.queries.audit_facts import _plate
from quancheng.domains.permits.queries.blocks import blocks_of
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.queries.retention import list_isolations_gone
from quancheng.domains.permits.services import clock, drafting, figures, isolations, preparing, working
from quancheng.domains.risk.services.plans import add_plan, draw_mark
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db


# The point's own course -----------------------------------------------------------------------------------------------


def test_a_point_is_planned_applied_and_verified_by_two_people_on_its_pages(at):
    district = make_district()
    crew = crew_of(district)
    safety, head = client_of(crew.safety), client_of(crew.head)
    assert safety.get("/permits/isolations/new").status_code == 200
    assert safety.post("/permits/isolations/new", {**BREAKER, "lock_no": ""}).status_code == 422
    assert safety.post("/permits/isolations/new", {**BREAKER, "energy": "RADIATION"}).status_code == 422
    assert safety.post("/permits/isolations/new", BREAKER).status_code == 303
    point = IsolationPoint.objects.get()
    page = f"/permits/isolations/{point.pk}"
    assert safety.post("/permits/isolations/new", BREAKER).status_code == 409
    applied = {"act": "apply", "person": str(crew.worker.pk), "words": ""}
    assert safety.post(page, applied).status_code == 303
    trial = {"act": "verify", "proof": "TRY_START", "result": "试启动不动作"}
    # The account that told of the application does not verify it, nor does who applied it.
    assert safety.post(page, {**trial, "person": str(crew.guardian.pk)}).status_code == 403
    assert head.post(page, {**trial, "person": str(crew.worker.pk)}).status_code == 422
    assert head.post(page, {**trial, "proof": "BLEED", "person": str(crew.guardian.pk)}).status_code == 422
    point.refresh_from_db()
    assert point.status == "APPLIED"
    assert head.post(page, {**trial, "person": str(crew.guardian.pk)}).status_code == 303
    point.refresh_from_db()
    assert (point.status, point.verified_person_id) == ("VERIFIED", crew.guardian.pk)
    assert point.review_at == at[0] + timedelta(days=30)
    shown = head.get(page).content.decode()
    assert "试启动不能启动" in shown
    assert crew.worker.name in shown
    assert "DL-07" in head.get("/permits/isolations").content.decode()


def test_what_a_plate_must_have_by_annex_a_is_asked_and_a_weak_one_refused():
    crew = crew_of(make_district())
    with pytest.raises(Invalid) as caught:
        planned(crew, **{**PLATE, "material": "", "drawing": "", "rated_mpa": Decimal("0.1")})
    assert set(caught.value.fields) == {"material", "drawing", "rated_mpa"}
    assert planned(crew, **PLATE).needs_blind is True


def test_a_planned_point_is_corrected_on_its_page_and_one_that_stands_is_not(at):
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_permit(district, "BL", crew=crew, to="DRAFT")
    plate = planned(crew, permit=permit, role=LinkRole.FITS, **PLATE)
    own, page = client_of(crew.safety), f"/permits/isolations/{plate.pk}/change"
    assert 'value="MB-01"' in own.get(page).content.decode()
    typed = {name: str(value) for name, value in PLATE.items()} | {"needs_blind": "1"}
    assert own.post(page, {**typed, **BREAKER, "needs_blind": ""}).status_code == 422
    assert own.post(page, {**typed, "material": "16MnR"}).status_code == 303
    plate.refresh_from_db()
    assert (plate.material, plate.tag) == ("16MnR", "MB-01")
    assert client_of(district.department).get(page).status_code == 403
    point = verified(crew)
    standing = f"/permits/isolations/{point.pk}/change"
    assert own.post(standing, {**BREAKER, "lock_no": "S-08"}).status_code == 409
    point.refresh_from_db()
    assert point.lock_no == "S-07"


def test_a_point_that_failed_its_trial_is_applied_anew_and_then_verified():
    crew = crew_of(make_district())
    point = apply(crew, planned(crew))
    isolations.fail_point(actor=crew.head, point=point, reason="试启动转动", now=NOW)
    with pytest.raises(StaleState):
        verify(crew, point)
    isolations.apply_point(actor=crew.head, point=point, person=crew.worker, now=NOW)
    with pytest.raises(NotPermitted):
        verify(crew, point)
    # Who verified in vain may have applied before: the newest application alone counts.
    isolations.verify_point(
        actor=crew.safety, point=point, person=crew.guardian, proof="VOLTAGE_TEST", result="无电压", now=NOW
    )
    assert point.status == "VERIFIED"


def test_the_second_of_two_who_verify_or_remove_at_once_is_refused():
    crew = crew_of(make_district())
    point = apply(crew, planned(crew))
    seen = IsolationPoint.objects.select_related("file").get(pk=point.pk)
    verify(crew, point)
    with pytest.raises(StaleState):
        verify(crew, seen)
    seen = IsolationPoint.objects.select_related("file").get(pk=point.pk)
    isolations.remove_point(actor=crew.safety, point=point, person=crew.worker, now=NOW)
    with pytest.raises(StaleState):
        isolations.remove_point(actor=crew.safety, point=seen, person=crew.worker, now=NOW)


def test_the_same_plan_sent_twice_is_one_point():
    crew = crew_of(make_district())
    key, told = uuid.uuid4(), isolations.Planned(**BREAKER)
    same = {"actor": crew.safety, "file": crew.leader.file, "planned": told, "now": NOW, "client_id": key}
    assert isolations.plan_point(**same).pk == isolations.plan_point(**same).pk
    assert IsolationPoint.objects.count() == 1


def test_another_than_who_applied_it_removes_it_with_leave_and_reason_alone():
    district = make_district()
    crew = crew_of(district)
    point = verified(crew)
    with pytest.raises(Invalid):
        isolations.remove_point(actor=crew.head, point=point, person=crew.guardian, now=NOW)
    isolations.remove_point(actor=crew.head, point=point, person=crew.guardian, reason="实施人已离岗", now=NOW)
    assert (point.status, point.remove_reason) == ("REMOVED", "实施人已离岗")
    # The number is free again.
    assert planned(crew).status == "PLANNED"


def test_another_enterprise_neither_sees_nor_changes_a_point_and_an_office_reads_it(at):
    district = make_district()
    crew = crew_of(district)
    point = verified(crew)
    page = f"/permits/isolations/{point.pk}"
    assert client_of(district.other_enterprise).get(page).status_code == 404
    office = client_of(district.department)
    assert office.get(page).status_code == 200
    assert office.post(page, {"act": "remove", "person": str(crew.worker.pk)}).status_code in (403, 422)
    assert "DL-07" not in client_of(district.other_enterprise).get("/permits/isolations").content.decode()
    point.refresh_from_db()
    assert point.status == "VERIFIED"


# Permits --------------------------------------------------------------------------------------------------------------


@pytest.mark.clause("S1-4a")
@pytest.mark.clause("S4-C3.3.1a")
def test_work_is_refused_on_its_page_until_its_point_is_verified(at):
    district = make_district()
    crew = crew_of(district, "TE")
    permit = make_permit(district, "TE", crew=crew, to="PREPARING")
    point = apply(crew, planned(crew, permit=permit))
    own = client_of(crew.safety)
    refused = own.post(f"/permits/{permit.pk}", {"act": "present"})
    assert refused.status_code == 409
    assert "C-34" in refused.content.decode()
    assert "DL-07" in refused.content.decode()
    verify(crew, point, at[0])
    assert own.post(f"/permits/{permit.pk}", {"act": "present"}).status_code == 303
    permit.refresh_from_db()
    at[0] = sign_all(crew, permit, now=at[0])
    # Lifted after the issue: no start.
    isolations.lift_point(actor=crew.safety, point=point, reason="挂牌丢失", now=at[0])
    permit.refresh_from_db()
    assert permit.status == "ISSUED"
    refused = own.post(f"/permits/{permit.pk}", {"act": "start"})
    assert refused.status_code == 409
    assert "C-34" in refused.content.decode()
    assert "隔离已失效" in refused.content.decode()
    apply(crew, point, at[0])
    verify(crew, point, at[0])
    assert own.post(f"/permits/{permit.pk}", {"act": "start"}).status_code == 303
    permit.refresh_from_db()
    assert permit.status == "WORKING"


def test_of_a_confined_space_the_register_answers_for_the_points_it_has_and_the_statement_for_the_rest():
    district = make_district()
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew, to="PREPARING")
    present = lambda: preparing.present_permit(  # noqa: E731
        actor=crew.safety, permit=permit, now=NOW + timedelta(minutes=6)
    )
    # Stated as verified at the place, and open in the register under the same number.
    point = planned(crew, permit=permit, **{**PLATE, "tag": "B-1", "stood_since": NOW.date() - timedelta(days=9)})
    assert "C-34" in refused_codes(present)
    apply(crew, point)
    verify(crew, point, proof="POSITION")
    # A "no" at the place holds against the register.
    preparing.check_site(
        actor=crew.safety, permit=permit, found={**FOUND, "isolations_verified": False}, now=NOW + timedelta(minutes=5)
    )
    assert "C-34" in refused_codes(present)
    preparing.check_site(actor=crew.safety, permit=permit, found=FOUND, now=NOW + timedelta(minutes=6))
    present()
    assert permit.status == "APPROVING"


def test_a_locked_valve_in_the_register_does_not_stand_for_a_blind_plate():
    district = make_district()
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew, to="PREPARING")
    valve = verify(crew, apply(crew, planned(
        crew, tag="B-1", device="VALVE_LOCK", energy="PROCESS", needs_blind=False, place="进料阀"
    )), proof="BLEED", result="放净无压")  # fmt: skip
    link(crew, permit, valve)
    found = refused_codes(lambda: preparing.present_permit(
        actor=crew.safety, permit=permit, now=NOW + timedelta(minutes=6)
    ))  # fmt: skip
    assert {"C-34", "P-01"} <= found


def test_a_point_stays_while_a_permit_in_force_relies_on_it_and_the_refusal_names_it(at):
    district = make_district()
    crew = crew_of(district, "TE")
    permit = make_permit(district, "TE", crew=crew, to="WORKING")
    point = verified(crew)
    link(crew, permit, point)
    page = f"/permits/isolations/{point.pk}"
    own = client_of(crew.safety)
    remove = {"act": "remove", "person": str(crew.worker.pk), "reason": ""}
    refused = own.post(page, remove)
    assert refused.status_code == 409
    assert permit.number in refused.content.decode()
    working.suspend_work(actor=crew.safety, permit=permit, stop_reason="BREAK", now=at[0])
    assert own.post(page, remove).status_code == 409
    working.finish_work(actor=crew.safety, permit=permit, note="已恢复", now=at[0])
    assert own.post(page, remove).status_code == 303
    point.refresh_from_db()
    assert point.status == "REMOVED"
    # What became of it since does not speak against work that had begun with it verified.
    assert not [one for one in blocks_of(permit, at[0]) if one.code == "C-34"]


@pytest.mark.clause("S1-4b")
def test_work_stops_when_its_point_is_found_open_by_an_inspector_or_by_somebody_of_the_enterprise(at):
    district = make_district()
    crew = crew_of(district, "TE")
    permit = make_permit(district, "TE", crew=crew, to="WORKING")
    point = verified(crew)
    link(crew, permit, point)
    page = f"/permits/isolations/{point.pk}"
    assert client_of(district.other_town).post(page, {"act": "lift", "reason": "锁已打开"}).status_code == 404
    assert client_of(district.department).post(page, {"act": "lift", "reason": ""}).status_code == 422
    assert client_of(district.department).post(page, {"act": "lift", "reason": "锁已打开"}).status_code == 303
    permit.refresh_from_db()
    assert (permit.status, permit.stop_reason) == ("SUSPENDED", "VIOLATION")
    assert JournalEntry.objects.filter(act="permits.permit.unisolated", subject_id=permit.pk).count() == 1
    preparing.check_site(actor=crew.safety, permit=permit, found=FOUND, now=at[0])
    resume = lambda: working.resume_work(actor=crew.safety, permit=permit, now=at[0])  # noqa: E731
    assert "C-34" in refused_codes(resume)
    point.refresh_from_db()
    apply(crew, point, at[0])
    verify(crew, point, at[0])
    resume()
    permit.refresh_from_db()
    assert permit.status == "WORKING"


def test_the_clock_stops_work_whose_point_is_open_whatever_opened_it():
    district = make_district()
    crew = crew_of(district, "TE")
    permit = make_permit(district, "TE", crew=crew, to="WORKING")
    point = verified(crew)
    link(crew, permit, point)
    IsolationPoint.objects.filter(pk=point.pk).update(status="LIFTED")
    clock.keep_time(now=permit.started_at + timedelta(minutes=3))
    permit.refresh_from_db()
    assert permit.status == "SUSPENDED"


def test_a_permit_that_is_signed_takes_verified_points_alone_and_lets_none_go():
    district = make_district()
    crew = crew_of(district, "TE")
    permit = make_permit(district, "TE", crew=crew)
    point = planned(crew)
    with pytest.raises(Conflict):
        link(crew, permit, point)
    verify(crew, apply(crew, point))
    link(crew, permit, point)
    with pytest.raises(StaleState):
        isolations.unlink_point(actor=crew.safety, permit=permit, point=point, now=NOW)
    assert permit.isolation_links.count() == 1
    draft = make_draft(district, "TE", crew)
    link(crew, draft, point)
    isolations.unlink_point(actor=crew.safety, permit=draft, point=point, now=NOW)
    assert draft.isolation_links.count() == 0


def test_a_permit_without_points_in_the_register_is_asked_as_before():
    district = make_district()
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew, to="WORKING")
    assert permit.status == "WORKING"
    assert load_rows(permit).relied_on == []


def test_a_renewed_permit_relies_on_what_the_former_did():
    district = make_district()
    crew = crew_of(district, "TE")
    permit = make_permit(district, "TE", crew=crew)
    point = verified(crew)
    link(crew, permit, point)
    working.void_permit(actor=crew.head, permit=permit, event="WORK_CHANGED", reason="内容变更", now=NOW)
    made = drafting.renew_permit(actor=crew.safety, former=permit, draft=_same(permit), now=NOW)
    assert [one.point_id for one in made.isolation_links.all()] == [point.pk]


def _same(permit: Permit) -> drafting.Draft:
    names = ("kind", "level", "place", "content", "apply_unit", "work_unit", "window_start", "window_end", "work")
    return drafting.Draft(**{name: getattr(permit, name) for name in names})


# Blind plates ---------------------------------------------------------------------------------------------------------


def test_a_plate_is_put_in_under_its_own_permit_in_work_and_the_ledger_is_told_before_the_work_is_finished(at):
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_permit(district, "BL", crew=crew, to="DRAFT")
    plate = planned(crew, permit=permit, role=LinkRole.FITS, **PLATE)
    with pytest.raises(Conflict):
        planned(crew, permit=permit, role=LinkRole.FITS, **{**PLATE, "tag": "MB-02"})
    prepare(crew, permit)
    preparing.present_permit(actor=crew.safety, permit=permit, now=NOW + timedelta(minutes=6))
    at[0] = sign_all(crew, permit, now=NOW + timedelta(minutes=6))
    with pytest.raises(Conflict, match=r"7\.11"):
        apply(crew, plate, at[0])
    working.start_work(actor=crew.safety, permit=permit, now=at[0])
    with pytest.raises(Conflict, match=r"7\.4"):
        working.finish_work(actor=crew.safety, permit=permit, note="已恢复", now=at[0])
    apply(crew, plate, at[0])
    verify(crew, plate, at[0], proof="BLEED", result="放净无压")
    working.finish_work(actor=crew.safety, permit=permit, note="已恢复", now=at[0])
    own = client_of(crew.head)
    assert 'value="MB-01"' in own.get(f"/permits/{permit.pk}?act=accept").content.decode()
    given = accepted("BL")
    with pytest.raises(Invalid) as caught:
        working.accept_work(
            actor=crew.head, permit=permit, note="合格", now=at[0], items=given["items"], plate_no="MB-09"
        )
    assert "plate_no" in caught.value.fields
    working.accept_work(actor=crew.head, permit=permit, note="合格", now=at[0], **given)
    assert _plate(permit, at[0]) == {
        "plate_registered": True, "plate_updated": True, "blind_days": 0, "blind_checked": True
    }
    late = at[0] + timedelta(days=100)
    assert _plate(permit, late)["blind_checked"] is False
    assert _plate(permit, late)["blind_days"] == 100


def test_a_point_is_planned_linked_and_let_go_on_the_page_of_its_permit():
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_permit(district, "BL", crew=crew, to="DRAFT")
    own, page = client_of(crew.safety), f"/permits/{permit.pk}"
    assert "与本票的关系" in own.get(f"{page}/isolations/new").content.decode()
    typed = {name: str(value) for name, value in PLATE.items()}
    assert own.post(f"{page}/isolations/new", typed).status_code == 422
    assert own.post(f"{page}/isolations/new", {**typed, "role": "FITS"}).status_code == 303
    plate = IsolationPoint.objects.get()
    assert [(one.point_id, one.role) for one in permit.isolation_links.all()] == [(plate.pk, "FITS")]
    assert "MB-01" in own.get(f"{page}?tab=isolations").content.decode()
    cancel = {"act": "cancel", "reason": "不用了"}
    assert own.post(f"/permits/isolations/{plate.pk}", cancel).status_code == 409
    assert own.post(page, {"act": "no_isolation", "point": str(plate.pk)}).status_code == 303
    assert permit.isolation_links.count() == 0
    assert own.post(page, {"act": "isolation", "point": str(plate.pk), "role": "RELIES"}).status_code == 303
    assert client_of(district.department).get(f"{page}/isolations/new").status_code == 403
    assert client_of(district.other_enterprise).get(f"{page}/isolations/new").status_code == 404
    assert client_of(district.department).post(page, {"act": "no_isolation", "point": str(plate.pk)}).status_code in (
        403, 422,
    )  # fmt: skip
    assert permit.isolation_links.count() == 1


def test_a_plate_is_taken_out_under_its_own_permit_and_not_while_others_rely_on_it(at):
    district = make_district()
    crew = crew_of(district, "BL")
    plate = planned(crew, **{**PLATE, "stood_since": NOW.date() - timedelta(days=40)})
    apply(crew, plate)
    verify(crew, plate, proof="POSITION", result="牌号与图一致")
    with pytest.raises(Conflict, match=r"7\.11"):
        isolations.remove_point(actor=crew.safety, point=plate, person=crew.worker, now=NOW)
    second = crew_of(district, "CS", order=740)
    space = make_permit(district, "CS", crew=second, to="WORKING", content="清罐")
    link(crew, space, plate)
    permit = make_permit(district, "BL", crew=crew, to="DRAFT", work={"operations": ["REMOVE"]})
    Permit.objects.filter(pk=permit.pk).update(lon=Decimal("118.512"))
    permit.refresh_from_db()
    link(crew, permit, plate, LinkRole.FITS)
    prepare(crew, permit)
    preparing.present_permit(actor=crew.safety, permit=permit, now=NOW + timedelta(minutes=6))
    at[0] = sign_all(crew, permit, now=NOW + timedelta(minutes=6))
    with pytest.raises(Conflict, match=space.number):
        working.start_work(actor=crew.safety, permit=permit, now=at[0])
    working.finish_work(actor=crew.safety, permit=space, note="已恢复", now=at[0])
    working.start_work(actor=crew.safety, permit=permit, now=at[0])
    # Another than who put it in: the permit is the leave.
    isolations.remove_point(actor=crew.safety, point=plate, person=crew.guardian, now=at[0])
    working.finish_work(actor=crew.safety, permit=permit, note="已恢复", now=at[0])
    assert (plate.status, permit.status) == ("REMOVED", "FINISHED")


def test_the_ledger_lists_what_stands_too_long_by_the_days_of_each_enterprise_and_exports_it(at):
    district = make_district()
    crew = crew_of(district)
    old = planned(crew, tag="DL-01", stood_since=NOW.date() - timedelta(days=40))
    apply(crew, old)
    verify(crew, old)
    verified(crew, tag="DL-02")
    own = client_of(crew.safety)
    page = own.get("/permits/isolations", {"long": "1"}).content.decode()
    assert "DL-01" in page
    assert "DL-02" not in page
    assert "DL-01" not in own.get("/permits/isolations", {"unchecked": "1"}).content.decode()
    figures.set_figure(
        actor=crew.head, file=own_file(district), name="isolation_review_d", value="50",
        from_date=at[0].date(), reason="检修期", now=at[0],
    )  # fmt: skip
    assert "DL-01" not in own.get("/permits/isolations", {"long": "1"}).content.decode()
    at[0] += timedelta(days=51)
    own = client_of(crew.safety)
    assert "DL-02" in own.get("/permits/isolations", {"unchecked": "1"}).content.decode()
    old.refresh_from_db()
    isolations.check_point(actor=crew.safety, point=old, result="牌锁完好", now=at[0])
    listed = own.get("/permits/isolations", {"unchecked": "1", "device": "ELEC_LOTO"}).content.decode()
    assert "DL-01" not in listed
    assert "DL-02" in listed
    assert own.get("/permits/isolations", {"device": "WATER_SEAL"}).status_code == 422
    sheet = exported(own, "/permits/isolations?device=ELEC_LOTO&export=xlsx")
    assert any("锁号" in row for row in sheet)
    assert {row[0] for row in sheet if row[0] and str(row[0]).startswith("DL-")} == {"DL-01", "DL-02"}


# The plan, REST, retention --------------------------------------------------------------------------------------------


def test_points_stand_on_the_plan_with_their_device_and_state_and_in_the_list_beside_it(at):
    district = make_district()
    crew = crew_of(district)
    file = crew.leader.file
    unit = make_unit(district.enterprise, file, name="罐组一")
    parent = make_object(district.enterprise, file, place=unit)
    plan = add_plan(
        actor=district.enterprise, file=file, name="总平面图", upload=upload(), edition=NOW.date() - timedelta(days=10),
        now=NOW,
    )  # fmt: skip
    draw_mark(actor=district.enterprise, plan=plan, subject_id=parent.pk, points=[(400, 300)], now=NOW)
    planned(crew, unit=unit, **{**PLATE, "tag": "MB-11"})
    verified(crew, unit=unit)
    planned(crew, tag="DL-99")
    answer = client_of(district.town).get(f"/permits/sites/{file.pk}")
    page = answer.content.decode()
    spots = {one.point.tag: one for one in answer.context["isolations"]}
    assert (spots["MB-11"].symbol, spots["DL-07"].symbol) == ("plate", "power")
    assert (spots["MB-11"].is_drawn, spots["DL-99"].is_drawn) == (True, False)
    assert 'class="pmt-iso verified"' in page
    assert spots["DL-07"].shape in page
    assert f'href="/permits/isolations/{spots["DL-99"].point.pk}"' in page
    assert client_of(district.other_enterprise).get(f"/permits/sites/{file.pk}").status_code == 404


def test_a_plan_with_many_points_lists_what_is_open_first_and_says_how_many_it_leaves_out(at, monkeypatch):
    district = make_district()
    crew = crew_of(district)
    unit = make_unit(district.enterprise, crew.leader.file, name="罐组一")
    for n in (1, 2):
        planned(crew, tag=f"DL-0{n}", unit=unit)
    late = verified(crew, tag="DL-99")
    isolations.lift_point(actor=crew.safety, point=late, reason="锁不见了", now=at[0])
    monkeypatch.setattr("quancheng.domains.permits.queries.isolation_maps.MOST", 2)
    town = client_of(district.town)
    answer = town.get(f"/permits/sites/{crew.leader.file.pk}")
    assert [one.point.tag for one in answer.context["isolations"]] == ["DL-99", "DL-01"]
    assert "另有1个隔离点未列出" in answer.content.decode()
    shown = town.get("/permits/isolations", {"unit": str(unit.pk)}).content.decode()
    assert "DL-02" in shown
    assert "DL-99" not in shown
    assert f"示例甲化工有限公司 {unit.code} 罐组一" in shown


def test_programs_read_the_register_and_which_permits_rely_on_a_point(at):
    district = make_district()
    crew = crew_of(district, "TE")
    permit = make_permit(district, "TE", crew=crew, to="DRAFT")
    point = planned(crew, permit=permit)
    api = "/api/v1/permits/isolations"
    town = client_of(district.town)
    listed = town.get(api, {"device": "ELEC_LOTO", "status": "PLANNED"}).json()
    assert [one["tag"] for one in listed["items"]] == ["DL-07"]
    whole = town.get(f"{api}/{point.pk}").json()
    assert [one["role"] for one in whole["permits"]] == ["RELIES"]
    assert crew.worker.name not in str(whole)
    assert client_of(district.other_enterprise).get(f"{api}/{point.pk}").status_code == 404
    assert town.get(api, {"device": "WATER_SEAL"}).status_code == 422


def test_a_point_goes_three_years_after_its_end_and_an_open_one_never():
    district = make_district()
    crew = crew_of(district)
    gone, standing = verified(crew, tag="DL-01"), verified(crew, tag="DL-02")
    isolations.remove_point(actor=crew.safety, point=gone, person=crew.worker, now=NOW)
    found = list(list_isolations_gone(NOW + timedelta(days=1)))
    assert gone in found
    assert standing not in found
