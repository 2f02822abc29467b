"""Approval by risk on a permit: the enterprise's table moves the approver up, with the reasons on the page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.domains.permits.factories import (
    ELSEWHERE,
    NOW,
    START,
    WORK,
    crew_of,
    make_draft,
    make_permit,
    own_file,
    prepare,
    sign_all,
    sign_next,
)
from tests.domains.registry.factories import make_unit
from tests.domains.risk.factories import make_object
from tests.factories import client_of, make_actor, make_district

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.queries.approval_risk import reckon
from quancheng.domains.permits.queries.blocks import level_of_permit, next_signature, steps_of
from quancheng.domains.permits.queries.loading import is_seal_whole, load_rows
from quancheng.domains.permits.queries.papers import paper_of
from quancheng.domains.permits.queries.permits import people_of
from quancheng.domains.permits.services import auditing, figures, preparing, working
from quancheng.domains.risk.models import RiskObject

pytestmark = pytest.mark.django_db
#: A day later, so that nobody is at two places.
NEXT = {"window_start": START + timedelta(days=1), "window_end": START + timedelta(days=1, hours=8)}


@pytest.fixture
def district():
    return make_district()


def switch_on(crew, district, *, at=NOW - timedelta(days=30), **known):
    """What the enterprise set, a month ago if nothing else is told."""
    told = {"risk_department_from": 10, "risk_leader_from": 30, "risk_new_crew": 10, **known}
    for name, value in told.items():
        figures.set_figure(
            actor=crew.head, file=own_file(district), name=name, value=str(value), from_date=at.date(),
            reason="按风险审批", now=at,
        )  # fmt: skip


def at_the_approver(crew, permit):
    """Sign up to the step that issues; which signature is next then."""
    now = NOW + timedelta(minutes=10)
    for n in range(9):
        rows = load_rows(permit)
        level = level_of_permit(rows, now)
        wanted = next_signature(rows, level)
        if wanted.step == steps_of(permit, level)[-1]:
            return wanted
        sign_next(crew, permit, now + timedelta(minutes=n))
    raise AssertionError(permit.status)


def test_a_score_of_facts_moves_the_approver_up_and_the_page_says_why(district, at):
    crew = crew_of(district, "HW")
    switch_on(crew, district, risk_department_from=10, risk_leader_from=0)
    permit = make_permit(district, "HW", crew=crew, to="APPROVING")
    wanted = at_the_approver(crew, permit)
    assert (wanted.step, wanted.role) == ("APPROVER", "SAFETY_DEPT")
    at[0] = NOW + timedelta(minutes=20)
    page = client_of(crew.head).get(reverse("permits:permit", args=[permit.pk])).content.decode()
    assert "班组首次在本企业作业" in page
    assert "安全管理部门" in page
    assert "F-15" in page


def test_the_leader_is_asked_from_his_bound_and_nobody_else_signs_for_him(district, at):
    crew = crew_of(district, "CS")
    switch_on(crew, district, risk_leader_from=30)
    permit = make_permit(district, "CS", crew=crew, to="APPROVING")
    wanted = at_the_approver(crew, permit)
    assert (wanted.step, wanted.role) == ("APPROVER", "RESP_LEADER")
    officer = make_actor(district.enterprise_org, "enterprise.safety", name="某安全员乙")
    at[0] = NOW + timedelta(minutes=20)
    shown = client_of(officer).get(reverse("permits:permit", args=[permit.pk])).content.decode()
    assert "主管领导" in shown
    assert 'act=sign"' not in shown
    sign_all(crew, permit, now=NOW + timedelta(minutes=21))
    assert permit.status == "ISSUED"
    signed = dict(permit.signatures.filter(withdrawn_at__isnull=True).values_list("step", "role"))
    assert (signed["LOCAL_UNIT"], signed["APPROVER"]) == ("LOCAL_UNIT", "RESP_LEADER")
    steps = [one.label for one in paper_of(permit=permit, actor=crew.head, now=at[0]).signed]
    assert steps.index("所在单位意见") + 1 == steps.index("审批部门意见") == len(steps) - 2


def test_table_b1_stands_where_nothing_is_switched_on_or_the_score_is_low(district, at):
    crew = crew_of(district, "HW")
    permit = make_permit(district, "HW", crew=crew, to="APPROVING")
    assert at_the_approver(crew, permit).role == "LOCAL_UNIT"
    at[0] = NOW + timedelta(minutes=20)
    page = client_of(crew.head).get(reverse("permits:permit", args=[permit.pk])).content.decode()
    assert "风险审批" not in page


def test_the_unit_that_approves_confined_spaces_and_blinding_signs_before_whom_the_risk_asks_for(district):
    """Table B.1 is the floor: nobody is left out because somebody higher is asked for."""
    crew = crew_of(district, "BL")
    switch_on(crew, district)
    permit = make_permit(district, "BL", crew=crew, to="APPROVING")
    seen = []
    while permit.status == "APPROVING":
        rows = load_rows(permit)
        wanted = next_signature(rows, level_of_permit(rows, NOW))
        seen.append((wanted.step, wanted.role))
        sign_next(crew, permit, NOW + timedelta(minutes=10 + len(seen)))
    assert seen[-2:] == [("LOCAL_UNIT", "LOCAL_UNIT"), ("APPROVER", "RESP_LEADER")]


def test_a_table_that_was_set_after_the_request_moves_nobody_until_it_is_asked_for_anew(district):
    crew = crew_of(district, "HW")
    permit = make_permit(district, "HW", crew=crew, to="PREPARING")
    # On the day of the request, an hour after it.
    switch_on(crew, district, at=NOW + timedelta(minutes=5))
    preparing.present_permit(actor=crew.safety, permit=permit, now=NOW + timedelta(minutes=6))
    assert permit.approval_risk == {}
    assert at_the_approver(crew, permit).role == "LOCAL_UNIT"
    # Booked before the table was set, and asked for after it.
    late = make_draft(district, "EX", crew, at=ELSEWHERE, place="另一地点")
    prepare(crew, late, now=NOW + timedelta(minutes=30))
    preparing.present_permit(actor=crew.safety, permit=late, now=NOW + timedelta(minutes=36))
    assert late.booked_at < NOW
    assert late.approval_risk["role"] != late.approval_risk["table"] or late.approval_risk["score"] > 0


def test_what_was_reckoned_when_it_was_presented_stands_under_the_seal(district, at):
    crew = crew_of(district, "HW")
    switch_on(crew, district, risk_leader_from=0)
    permit = make_permit(district, "HW", crew=crew, to="APPROVING")
    told = Permit.objects.get(pk=permit.pk).approval_risk
    assert (told["role"], told["table"]) == ("SAFETY_DEPT", "LOCAL_UNIT")
    assert {"NEW_CREW"} <= {one["code"] for one in told["reasons"]}
    assert told["score"] == sum(one["points"] for one in told["reasons"])
    switch_on(crew, district, at=NOW + timedelta(minutes=8), risk_department_from=900, risk_leader_from=999)
    assert at_the_approver(crew, permit).role == "SAFETY_DEPT"
    sign_all(crew, permit, now=NOW + timedelta(minutes=21))
    at[0] = NOW + timedelta(minutes=30)
    page = client_of(crew.head).get(reverse("permits:permit", args=[permit.pk])).content.decode()
    assert "班组首次在本企业作业" in page
    assert is_seal_whole(permit, people_of(permit))
    Permit.objects.filter(pk=permit.pk).update(approval_risk=told | {"role": "LOCAL_UNIT"})
    permit.refresh_from_db()
    assert not is_seal_whole(permit, people_of(permit))


def test_the_audit_finds_who_approved_below_the_one_that_the_risk_asked_for(district):
    crew = crew_of(district, "CS")
    switch_on(crew, district)
    permit = make_permit(district, "CS", crew=crew)
    now = NOW + timedelta(hours=1)
    assert "A-004" not in auditing.audit_permit(permit=permit, moment="NIGHT", now=now).failed
    permit.signatures.filter(step="APPROVER").update(role="LOCAL_UNIT")
    again = auditing.audit_permit(permit=permit, moment="NIGHT", now=now + timedelta(minutes=1))
    assert "A-004" in again.failed


def reckoned(crew, permit):
    rows = load_rows(permit)
    found = reckon(rows, level_of_permit(rows, NOW), "LOCAL_UNIT", NOW)
    return {one.code: one.points for one in found.score.reasons}


def test_a_crew_is_new_by_its_people_and_not_by_its_companys_name(district):
    crew = crew_of(district, "EX")
    switch_on(crew, district)
    make_permit(district, "EX", crew=crew, to="WORKING")
    same = make_draft(district, "EX", crew, work_unit="另一检修公司", at=ELSEWHERE, place="另一地点")
    assert "NEW_CREW" not in reckoned(crew, same)
    strangers = crew_of(district, "EX", order=760)
    others = make_draft(district, "EX", strangers, at=ELSEWHERE, place="另一地点")
    assert "NEW_CREW" in reckoned(crew, others)


def test_open_alarms_and_the_level_of_the_unit_give_points(district):
    crew = crew_of(district, "EX")
    switch_on(crew, district)
    unit = make_unit(district.enterprise, own_file(district), name="加氢单元")
    draft = make_draft(district, "EX", crew, unit=unit, at=ELSEWHERE, place="单元北侧", **NEXT)
    assert {"RED", "ORANGE", "ALARM"} & set(reckoned(crew, draft)) == set()
    running = make_permit(district, "EX", crew=crew, unit=unit, to="WORKING")
    working.suspend_work(
        actor=crew.safety, permit=running, stop_reason="GAS_ALARM", now=running.started_at + timedelta(minutes=1)
    )
    made = make_object(district.enterprise, own_file(district), place=unit)
    RiskObject.objects.filter(pk=made.pk).update(static_level=1, present_level=1)
    told = reckoned(crew, draft)
    assert (told["RED"], told["ALARM"], "ORANGE" in told) == (20, 10, False)


def test_the_level_that_the_facts_demand_now_gives_the_points(district):
    crew = crew_of(district, "HW")
    switch_on(crew, district)
    hot = WORK["HW"]["hot_work"] | {"hazard_place": True, "on_running_equipment": True}
    draft = make_draft(district, "HW", crew, work=WORK["HW"] | {"hazard_place": True, "hot_work": hot})
    assert (draft.level, draft.effective) == ("II", "")
    assert "HIGH" in reckoned(crew, draft)
