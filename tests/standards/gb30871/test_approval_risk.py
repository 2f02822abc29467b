"""Approval by risk: points move the approver up, and never below table B.1."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.gb30871.approval_risk import RiskFacts, approval_score, approver_by_risk
from quancheng.standards.gb30871.basis import BadInput
from quancheng.standards.gb30871.parameters import STANDARD, with_changes
from quancheng.standards.gb30871.roles import approvals, may_approve

ON = with_changes({"risk_department_from": Decimal(30), "risk_leader_from": Decimal(60)})


def test_each_fact_adds_its_points_and_says_so():
    plain = approval_score(RiskFacts(kind="RC"), ON)
    assert (plain.points, plain.reasons) == (0, ())
    full = RiskFacts(
        kind="HW", level="S", is_odd_hours=True, is_contractor=True, colour="ORANGE", unit_colour="RED", open_alarms=2,
        met=1, is_new_crew=True,
    )  # fmt: skip
    score = approval_score(full, ON)
    assert {one.code: one.points for one in score.reasons} == {
        "HIGH": 30, "ODD_HOURS": 10, "CONTRACTOR": 10, "RED": 20, "ALARM": 20, "MET": 10, "NEW_CREW": 10,
    }  # fmt: skip
    assert score.points == 110
    assert all(one.text.zh and one.text.en for one in score.reasons)


def test_points_are_the_enterprises_own():
    own = with_changes({"risk_contractor": Decimal(0), "risk_met": Decimal(25)})
    score = approval_score(RiskFacts(kind="RC", is_contractor=True, met=2), own)
    assert {one.code: one.points for one in score.reasons} == {"MET": 50}


@pytest.mark.parametrize(
    ("kind", "table", "score", "role"),
    [
        ("HW", "LOCAL_UNIT", 29, "LOCAL_UNIT"), ("HW", "LOCAL_UNIT", 30, "SAFETY_DEPT"),
        ("HW", "LOCAL_UNIT", 60, "RESP_LEADER"), ("HW", "RESP_LEADER", 30, "RESP_LEADER"),
        ("CS", "LOCAL_UNIT", 59, "SAFETY_DEPT"), ("BL", "LOCAL_UNIT", 30, "SPECIALIST_DEPT"),
        ("WH", "SPECIALIST_DEPT", 60, "PLANT_DIRECTOR"), ("WH", "SPECIALIST_DEPT", 30, "SPECIALIST_DEPT"),
        ("TE", "POWER_UNIT", 999, "POWER_UNIT"),
    ],
)  # fmt: skip
def test_the_bounds_move_the_approver_up(kind, table, score, role):
    assert approver_by_risk(kind, table, score, ON) == role


@given(st.sampled_from(sorted(approvals())), st.integers(0, 5000), st.integers(0, 999), st.integers(0, 999))
def test_nobody_below_table_b1_ever_approves(row, score, department, leader):
    figures = with_changes({"risk_department_from": Decimal(department), "risk_leader_from": Decimal(leader)})
    approver = approvals()[row].approver
    found = approver_by_risk(row[0], approver, score, figures)
    assert may_approve(found, approver)


def test_who_switched_nothing_on_keeps_the_table():
    for (kind, _level), row in approvals().items():
        assert approver_by_risk(kind, row.approver, 10_000, STANDARD) == row.approver
    with pytest.raises(BadInput):
        approver_by_risk("HW", "NOBODY", 100, ON)
