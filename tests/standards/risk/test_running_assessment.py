"""The yearly assessment: points of the elements, sums, what lacks its reason; and the lists of the responsible
persons.
"""

from datetime import date
from decimal import Decimal

import pytest

from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.guarantors import ROLES, SIGN_BOARD, duties, rhythms, tasks, work_type
from quancheng.standards.risk.running_assessment import Given, assess, elements, template_on, templates

FULL = [2, 2, 4, 2, 5, 5, 2, 4, 4, 5, 14, 5, 30, 6, 10, 10]


def given_all(**changes):
    told = {one.code: Given(points=one.full) for one in elements()}
    return {**told, **changes}


def test_the_elements_have_their_points():
    assert [one.full for one in elements()] == FULL
    by_a = {}
    for one in elements():
        by_a.setdefault(one.a_code, []).append(one.full)
        assert (one.mark, one.hint_mark) == ("V", "D")
    assert {code: sum(points) for code, points in by_a.items()} == {one.a_code: one.a_full for one in elements()}
    assert [sum(points) for points in by_a.values()] == [10, 20, 24, 30, 6, 10, 10]


def test_full_points_are_a_hundred_and_ten():
    found = assess(given_all())
    assert (found.base, found.extra, found.total) == (100, 10, 110)
    assert (found.missing, found.errors, found.grade.code) == ((), {}, "excellent")


def test_less_than_full_needs_its_reason_but_for_the_extra():
    found = assess(given_all(B11=Given(points=9), B16=Given(points=0)))
    assert set(found.errors) == {"B11"}
    assert found.grade is None
    found = assess(given_all(B11=Given(points=Decimal("4.5"), reason="三次任务未做"), B16=Given(points=0)))
    assert (found.base, found.errors, found.grade.code) == (Decimal("90.5"), {}, "excellent")
    assert dict(found.by_a)["A3"] == Decimal("14.5")


def test_points_out_of_range_are_refused_at_their_element():
    found = assess(given_all(B1=Given(points=3), B2=Given(points=-1, reason="无")))
    assert set(found.errors) == {"B1", "B2"}
    assert found.base == 96


def test_a_veto_makes_the_total_nought_and_the_grade_the_lowest():
    found = assess(given_all(), vetoed=["V3"])
    assert (found.base, found.extra, found.total, found.is_vetoed) == (100, 10, 0, True)
    assert found.grade.code == "poor"
    with pytest.raises(BadInput):
        assess(given_all(), vetoed=["V9"])


def test_a_table_counts_from_its_day_on():
    first = templates()[0]
    assert template_on(first.starts) == first
    assert template_on(date(2026, 9, 8)).code == "EV1"
    assert template_on(date(2000, 1, 1)) == first
    assert [one.code for one in elements("EV1")] == [f"B{number}" for number in range(1, 17)]


def test_what_nobody_assessed_leaves_it_without_grade():
    found = assess({"B13": Given(points=30)})
    assert len(found.missing) == 14
    assert found.grade is None
    with pytest.raises(BadInput):
        assess({"B17": Given(points=1)})


def test_the_lists_of_tasks_have_nine_nine_and_ten():
    assert {role: [task.number for task in tasks(role)] for role in ROLES} == {
        "main": list(range(1, 10)),
        "technical": list(range(1, 10)),
        "operation": list(range(1, 11)),
    }
    assert {task.mark for task in tasks()} == {"D"}


def test_the_tasks_have_their_cycles():
    assert [(task.every, task.unit) for task in tasks("main")] == [
        (6, "month"),
        (3, "month"),
        (3, "month"),
        (3, "month"),
        (1, "month"),
        (6, "month"),
        (1, "month"),
        (1, "month"),
        (1, "year"),
    ]
    assert [(task.every, task.unit) for task in tasks("technical")] == [
        (1, "month"),
        (3, "month"),
        (6, "month"),
        (6, "month"),
        (1, "year"),
        (3, "month"),
        (3, "month"),
        (3, "month"),
        (6, "month"),
    ]
    assert {(task.every, task.unit) for task in tasks("operation")} == {(7, "day")}
    assert tasks("technical")[2].code == "technical-3"


def test_the_persons_have_duties_and_a_rhythm():
    assert [len(duties(role)) for role in ROLES] == [7, 6, 4]
    assert [(one.every, one.unit) for one in rhythms("main", is_high_risk=True)] == [(3, "month"), (1, "month")]
    assert [(one.every, one.unit) for one in rhythms("main", is_high_risk=False)] == [(3, "month"), (3, "month")]
    assert [(one.every, one.unit) for one in rhythms("technical", is_high_risk=True)] == [(3, "month")]
    assert [(one.every, one.unit) for one in rhythms("operation", is_high_risk=False)] == [(7, "day")]
    assert [work_type(role) for role in ROLES] == [1, 2, 3]
    assert len(SIGN_BOARD) == 8
    with pytest.raises(BadInput):
        duties("cook")
