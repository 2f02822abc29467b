"""Approval by risk on a permit: the enterprise's table moves the approver up, with the reasons on the page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.domains.permits.factories import NOW, crew_of, make_permit, own_file, sign_all, sign_next
from tests.factories import client_of, make_actor, make_district

from quancheng.domains.permits.queries.blocks import level_of_permit, next_signature
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.services import figures

pytestmark = pytest.mark.django_db


@pytest.fixture
def district():
    return make_district()


def switch_on(crew, district, *, days=30, **known):
    """What the enterprise set so many days ago."""
    at = NOW - timedelta(days=days)
    told = {"risk_department_from": 10, "risk_leader_from": 30, "risk_new_crew": 10, **known}
    for name, value in told.items():
        figures.set_figure(
            actor=crew.head, file=own_file(district), name=name, value=str(value), from_date=at.date(),
            reason="按风险审批", now=at,
        )  # fmt: skip


def at_the_approver(crew, permit):
    """Sign up to the step of the approver; which signature is next then."""
    now = NOW + timedelta(minutes=10)
    for n in range(9):
        rows = load_rows(permit)
        wanted = next_signature(rows, level_of_permit(rows, now))
        if wanted.step in ("APPROVER", "LOCAL_UNIT") and wanted.role != "LOCAL_UNIT":
            return wanted
        if wanted.step == "APPROVER":
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
    assert (wanted.step, wanted.role) == ("LOCAL_UNIT", "RESP_LEADER")
    officer = make_actor(district.enterprise_org, "enterprise.safety", name="某安全员乙")
    at[0] = NOW + timedelta(minutes=20)
    shown = client_of(officer).get(reverse("permits:permit", args=[permit.pk])).content.decode()
    assert "主管领导" in shown
    assert 'act=sign"' not in shown
    sign_all(crew, permit, now=NOW + timedelta(minutes=21))
    assert permit.status == "ISSUED"
    assert permit.signatures.get(step="LOCAL_UNIT", withdrawn_at__isnull=True).role == "RESP_LEADER"


def test_table_b1_stands_where_nothing_is_switched_on_or_the_score_is_low(district, at):
    crew = crew_of(district, "HW")
    permit = make_permit(district, "HW", crew=crew, to="APPROVING")
    assert at_the_approver(crew, permit).role == "LOCAL_UNIT"
    at[0] = NOW + timedelta(minutes=20)
    page = client_of(crew.head).get(reverse("permits:permit", args=[permit.pk])).content.decode()
    assert "风险审批" not in page


def test_a_table_that_was_set_after_the_booking_moves_nobody(district):
    crew = crew_of(district, "HW")
    permit = make_permit(district, "HW", crew=crew, to="APPROVING")
    switch_on(crew, district, days=0)
    assert at_the_approver(crew, permit).role == "LOCAL_UNIT"
