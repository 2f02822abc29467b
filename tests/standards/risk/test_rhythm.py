"""Forms of screening, special periods, and signs of made-up records."""

from datetime import date, datetime, timedelta

import pytest

from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.check_cycles import CHINA
from quancheng.standards.risk.record_flags import FLAGS, CheckRecord, Limits, flags
from quancheng.standards.risk.rhythm import (
    NEEDS,
    UNITS,
    dates,
    extra_measures,
    extra_rounds,
    forms,
    in_force,
    special_periods,
)

NOW = datetime(2026, 6, 29, 8, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("code", "times", "every", "unit", "mark"),
    [
        ("DAILY_PATROL", 1, 2, "hour", "G"),
        ("DAILY_PATROL_KEY", 1, 1, "hour", "V"),
        ("DAILY_PROFESSIONAL", 2, 1, "day", "V"),
        ("DAILY_WORKSHOP", 1, 7, "day", "G"),
        ("DAILY_PLANT", 1, 1, "month", "V"),
        ("SEASONAL", 1, 3, "month", "V"),
        ("HOLIDAY", None, None, "before_each", "G"),
        ("COMPREHENSIVE_ENTERPRISE", 1, 6, "month", "V"),
        ("COMPREHENSIVE_PLANT", 1, 3, "month", "V"),
        ("ANALOGY", None, None, "at_once", "V"),
        ("RESTART", None, None, "before_each", "G"),
        ("EXPERT_HIGH", 1, 1, "year", "D"),
        ("EXPERT_OTHER", 1, 3, "year", "D"),
        ("HAZOP_KEY", 1, 3, "year", "V"),
        ("HAZOP_OTHER", 1, 5, "year", "V"),
        ("TEAM_DAY", 1, 1, "day", "G"),
        ("DEPARTMENT_WEEK", 1, 7, "day", "G"),
        ("MANAGER_MONTH", 1, 1, "month", "G"),
        ("MAIN_MAJOR", 1, 3, "month", "G"),
        ("MAIN_MAJOR_HIGH", 1, 1, "month", "G"),
    ],
)
def test_each_form_has_its_frequency(code, times, every, unit, mark):
    form = {one.code: one for one in forms()}[code]
    assert (form.times, form.every, form.unit, form.mark) == (times, every, unit, mark)


def test_the_table_is_whole():
    assert len(forms()) == 20
    assert {one.unit for one in forms()} <= set(UNITS)
    assert {one.needs for one in forms()} - {""} == set(NEEDS)
    assert [one.code for one in forms() if one.bound == "at_most"] == ["DAILY_PATROL", "DAILY_PATROL_KEY"]
    assert len(extra_rounds()) == 6
    assert [one.mark for one in extra_measures()] == ["D"] * 4


SPRING = date(2026, 2, 17)


@pytest.mark.parametrize(
    ("code", "begins", "ends"),
    [
        ("NEW_YEAR", date(2026, 1, 1), date(2026, 1, 3)),
        ("SPRING_FESTIVAL", date(2026, 2, 16), date(2026, 2, 24)),
        ("QINGMING", date(2026, 4, 4), date(2026, 4, 6)),
        ("MAY_DAY", date(2026, 5, 1), date(2026, 5, 5)),
        ("FLOOD", date(2026, 6, 1), date(2026, 9, 30)),
        ("HEAT", date(2026, 6, 1), date(2026, 9, 30)),
        ("NATIONAL_DAY", date(2026, 10, 1), date(2026, 10, 7)),
        ("EXAM", date(2026, 6, 7), date(2026, 6, 10)),
        ("FIREWORKS_SALE", date(2026, 2, 6), date(2026, 3, 3)),
        ("FROST", date(2026, 12, 1), date(2027, 2, 28)),
    ],
)
def test_a_period_has_its_days(code, begins, ends):
    assert dates(code, 2026, spring_festival=SPRING) == (begins, ends)


def test_what_a_notice_gives_is_not_computed():
    given_ones = {code for code in special_periods() if dates(code, 2026, spring_festival=SPRING) is None}
    assert given_ones == {"TWO_SESSIONS", "EVENT", "START_STOP", "OVERHAUL"}
    assert dates("SPRING_FESTIVAL", 2026) is None
    assert len(special_periods()) == 14


def test_winter_ends_on_the_last_of_february():
    assert dates("FROST", 2027)[1] == date(2028, 2, 29)


def test_a_day_lies_in_its_periods():
    assert [one.code for one in in_force(date(2026, 6, 8))] == ["FLOOD", "HEAT", "EXAM"]
    assert [one.code for one in in_force(date(2026, 2, 17), {2026: SPRING})] == [
        "SPRING_FESTIVAL",
        "FIREWORKS_SALE",
        "FROST",
    ]
    assert in_force(date(2026, 10, 20)) == ()


def test_a_spring_festival_that_cannot_be_is_refused():
    with pytest.raises(BadInput):
        dates("SPRING_FESTIVAL", 2026, spring_festival=date(2026, 3, 1))
    with pytest.raises(BadInput):
        dates("CARNIVAL", 2026)


def record(number, *, seconds=0, person="赵一", **changes):
    moment = NOW - timedelta(days=1) + timedelta(seconds=seconds)
    return CheckRecord(**{"code": f"{number:03}", "person": person, "at": moment, "status": 0, **changes})


def codes(rows, **more):
    return [flag.code for flag in flags(rows, now=NOW, **more)]


def test_more_than_ten_records_in_a_minute():
    assert codes([record(n, seconds=6 * n) for n in range(10)]) == []
    found = flags([record(n, seconds=6 * n) for n in range(11)], now=NOW)
    assert [(flag.code, len(flag.records)) for flag in found] == [("BURST", 11)]
    assert codes([record(n, seconds=7 * n) for n in range(30)]) == []
    assert codes([record(n, seconds=6 * n, person=f"甲{n % 2}") for n in range(11)]) == []


def test_one_device_for_more_than_five_persons_a_day():
    rows = [record(n, person=f"甲{n}", device="IMEI-1") for n in range(6)]
    assert codes(rows) == ["SHARED_DEVICE"]
    assert codes(rows[:5]) == []
    assert codes([record(n, person=f"甲{n}", device="IMEI-1", seconds=86400 * (n % 2)) for n in range(6)]) == []


def test_far_off_shift_and_the_same_photo():
    assert codes([record(1, distance_m=200), record(2, distance_m=201)]) == ["FAR"]
    assert codes([record(1, in_shift=False), record(2, in_shift=True), record(3)]) == ["OFF_SHIFT"]
    assert codes([record(1, photos=("a", "a")), record(2, photos=("b",))]) == []
    found = flags([record(1, photos=("a",)), record(2, photos=("b", "a"))], now=NOW)
    assert [(flag.code, flag.records) for flag in found] == [("REPEATED_PHOTO", ("001", "002"))]


def test_four_weeks_of_nothing_but_normal():
    weekly = [record(n, seconds=-86400 * 7 * n) for n in range(4)]
    assert codes(weekly) == ["ALWAYS_NORMAL"]
    assert codes(weekly[:3]) == []
    assert codes([*weekly[:3], record(9, seconds=-86400 * 21, status=1)]) == []
    assert codes(weekly[:3], limits=Limits(normal_weeks=3)) == ["ALWAYS_NORMAL"]


def test_the_signs_have_their_words_and_a_naive_time_is_refused():
    assert len(FLAGS) == 6
    with pytest.raises(BadInput):
        record(1, at=datetime(2026, 6, 1))  # noqa: DTZ001
