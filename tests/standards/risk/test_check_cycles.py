"""Due moments by hand, what is overdue, what is done, which cycles cannot be; and what must hold of any cycle."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.check_cycles import (
    AS_UNITS,
    CHINA,
    DAYS,
    UNITS,
    Cycle,
    Record,
    Stop,
    check,
    doubts,
    due_moments,
    is_covered,
    is_done,
    is_hourly_overdue,
    is_overdue,
    overlaps,
    stop_flags,
)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def weekdays(day):
    return day.weekday() < 5


#: A Monday.
START = at("2026-06-01T08:00")


def cycle(every, unit, *, start=START, window=None, days="every"):
    begin, end = window or (None, None)
    return Cycle(every=Decimal(every), unit=unit, starts_at=start, window_start=begin, window_end=end, days=days)


HOURLY = cycle(2, "hour", window=(time(8), time(17)))


def dues(one, since, until, stops=()):
    return due_moments(one, since=at(since), until=at(until), is_working_day=weekdays, stops=stops)


def moments(one, since, until, stops=()):
    return [due.due_at.strftime("%m-%d %H:%M") for due in dues(one, since, until, stops)]


def test_hours_fall_inside_the_window_alone():
    assert moments(HOURLY, "2026-06-01", "2026-06-02T09:00") == [
        "06-01 08:00",
        "06-01 10:00",
        "06-01 12:00",
        "06-01 14:00",
        "06-01 16:00",
        "06-02 08:00",
    ]


def test_an_end_that_is_a_moment_counts_and_one_beyond_does_not():
    assert moments(cycle(3, "hour", window=(time(8), time(17))), "2026-06-01", "2026-06-02")[-1] == "06-01 17:00"
    assert moments(cycle(4, "hour", window=(time(8), time(15, 59))), "2026-06-01", "2026-06-02") == [
        "06-01 08:00",
        "06-01 12:00",
    ]


def test_parts_of_an_hour_and_a_day_that_begins_late():
    half = cycle("0.5", "hour", window=(time(8), time(9)), start=at("2026-06-01T08:20"))
    assert moments(half, "2026-06-01", "2026-06-03") == [
        "06-01 08:30",
        "06-01 09:00",
        "06-02 08:00",
        "06-02 08:30",
        "06-02 09:00",
    ]


def test_an_hour_window_closes_before_the_next_day_opens():
    whole = cycle(5, "hour", window=(time(0), time(23, 59, 59)), start=at("2026-06-01"))
    found = dues(whole, "2026-06-01", "2026-06-03")
    assert [due.due_at.hour for due in found[:5]] == [0, 5, 10, 15, 20]
    assert found[4].closes_at == at("2026-06-02")


@pytest.mark.parametrize(
    ("one", "since", "until", "expected"),
    [
        (cycle(1, "day"), "2026-06-01", "2026-06-04", ["06-01 08:00", "06-02 08:00", "06-03 08:00"]),
        (cycle(7, "day"), "2026-06-02", "2026-06-20", ["06-08 08:00", "06-15 08:00"]),
        (
            cycle(1, "month", start=at("2026-01-31T09:00")),
            "2026-01-01",
            "2026-05-01",
            ["01-31 09:00", "02-28 09:00", "03-31 09:00", "04-30 09:00"],
        ),
        (cycle(3, "month"), "2026-06-02", "2027-01-01", ["09-01 08:00", "12-01 08:00"]),
        (cycle(1, "year", start=at("2024-02-29T08:00")), "2025-01-01", "2026-12-31", ["02-28 08:00", "02-28 08:00"]),
    ],
)
def test_days_months_and_years(one, since, until, expected):
    assert moments(one, since, until) == expected


def test_days_that_are_none_of_the_tasks_are_skipped():
    assert moments(cycle(1, "day", days="working"), "2026-06-05", "2026-06-09") == ["06-05 08:00", "06-08 08:00"]
    assert moments(cycle(1, "day", days="off"), "2026-06-05", "2026-06-09") == ["06-06 08:00", "06-07 08:00"]
    assert moments(cycle(12, "hour", window=(time(8), time(9)), days="working"), "2026-06-05", "2026-06-09") == [
        "06-05 08:00",
        "06-08 08:00",
    ]


def test_a_longer_task_moves_to_the_next_day_of_its_period():
    saturday = cycle(7, "day", start=at("2026-06-06T08:00"), days="working")
    found = dues(saturday, "2026-06-01", "2026-06-20")
    assert [due.due_at.strftime("%m-%d") for due in found] == ["06-08", "06-15"]
    assert [(due.key, due.is_moved) for due in found] == [("2026-06-06", True), ("2026-06-13", True)]


def test_a_stoppage_moves_a_monthly_check_and_swallows_what_it_covers():
    monthly = cycle(1, "month")
    short = Stop(begins_at=at("2026-06-30"), ends_at=at("2026-07-03"))
    assert moments(monthly, "2026-06-01", "2026-08-01", [short]) == ["06-01 08:00", "07-03 08:00"]
    long = Stop(begins_at=at("2026-06-30"), ends_at=at("2026-08-01T09:00"))
    assert moments(monthly, "2026-06-01", "2026-09-01", [long]) == ["06-01 08:00", "08-02 08:00"]
    assert moments(cycle(1, "day"), "2026-06-29", "2026-07-05", [short]) == [
        "06-29 08:00",
        "07-03 08:00",
        "07-04 08:00",
    ]
    ends_in_the_window = Stop(begins_at=at("2026-06-01T09:00"), ends_at=at("2026-06-01T14:00"))
    assert moments(HOURLY, "2026-06-01", "2026-06-02", [ends_in_the_window]) == [
        "06-01 08:00",
        "06-01 14:00",
        "06-01 16:00",
    ]


@pytest.mark.parametrize(
    ("one", "since", "closes"),
    [
        (HOURLY, "2026-06-01", "2026-06-01T10:00"),
        (cycle(7, "day"), "2026-06-01", "2026-06-02"),
        (cycle(1, "month"), "2026-06-01", "2026-07-01"),
        (cycle(1, "year"), "2026-06-01", "2027-06-01"),
    ],
)
def test_when_a_task_is_overdue(one, since, closes):
    due = dues(one, since, "2026-06-03")[0]
    assert due.closes_at == at(closes)
    assert not is_overdue(due, now=at(closes) - timedelta(seconds=1))
    assert is_overdue(due, now=at(closes))
    assert not is_overdue(due, now=at(closes), done_at=at(closes) - timedelta(seconds=1))
    assert is_overdue(due, now=at(closes), done_at=at(closes))


@pytest.mark.parametrize(
    ("now", "last", "expected"),
    [
        ("2026-06-01T09:59", None, False),
        ("2026-06-01T10:00", None, False),
        ("2026-06-01T10:01", None, True),
        ("2026-06-01T11:00", "2026-06-01T09:30", False),
        ("2026-06-01T11:31", "2026-06-01T09:30", True),
        ("2026-06-02T09:00", "2026-06-01T16:00", False),
        ("2026-06-01T20:00", "2026-06-01T16:00", False),
        ("2026-06-01T07:00", None, False),
    ],
)
def test_hours_are_overdue_by_the_last_check(now, last, expected):
    found = is_hourly_overdue(HOURLY, last_check=last and at(last), now=at(now), is_working_day=weekdays)
    assert found is expected


def test_hours_that_run_day_and_night_go_on_over_midnight_but_not_over_a_day_off():
    whole = cycle(2, "hour", window=(time(0), time(23, 59, 59)), days="working")

    def late(now, last):
        return is_hourly_overdue(whole, last_check=at(last), now=at(now), is_working_day=weekdays)

    assert late("2026-06-03T01:01", "2026-06-02T23:00")
    assert not late("2026-06-03T00:59", "2026-06-02T23:00")
    assert not late("2026-06-08T01:30", "2026-06-05T23:00")
    assert late("2026-06-08T02:01", "2026-06-05T23:00")
    assert not late("2026-06-06T12:00", "2026-06-05T23:00")


def test_a_stoppage_holds_hours_back():
    stop = Stop(begins_at=at("2026-06-01T08:30"), ends_at=at("2026-06-01T13:00"))

    def late(now):
        return is_hourly_overdue(HOURLY, last_check=None, now=at(now), is_working_day=weekdays, stops=[stop])

    assert [late("2026-06-01T12:00"), late("2026-06-01T14:30"), late("2026-06-01T15:01")] == [False, False, True]
    with pytest.raises(ValueError, match="not a task of hours"):
        is_hourly_overdue(cycle(1, "day"), last_check=None, now=START, is_working_day=weekdays)


@pytest.mark.parametrize(
    ("status", "is_stopped", "expected"),
    [(0, False, True), (1, False, True), (3, False, True), (2, False, False), (2, True, True)],
)
def test_which_record_does_a_task(status, is_stopped, expected):
    due = dues(cycle(1, "day"), "2026-06-01", "2026-06-02")[0]
    stops = [Stop(begins_at=at("2026-06-01T10:00"))] if is_stopped else []
    assert is_done(due, [Record(at=at("2026-06-01T11:00"), status=status)], stops=stops) is expected
    assert not is_done(due, [Record(at=at("2026-06-02"), status=0)])


def test_what_a_stoppage_covers_is_not_planned():
    due = dues(cycle(1, "day"), "2026-06-01", "2026-06-02")[0]
    assert is_covered(due, [Stop(begins_at=at("2026-06-01"), ends_at=at("2026-06-02"))])
    assert is_covered(due, [Stop(begins_at=at("2026-05-01"))])
    assert not is_covered(due, [Stop(begins_at=at("2026-06-01T00:01"))])


GOOD = {
    "every": Decimal(1),
    "unit": "day",
    "starts_at": START,
    "window_start": None,
    "window_end": None,
    "days": "every",
}
WINDOW = {"unit": "hour", "window_start": time(8), "window_end": time(17)}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, set()),
        ({**WINDOW, "every": Decimal("0.5")}, set()),
        ({"every": Decimal(0)}, {"every"}),
        ({"every": Decimal(-1)}, {"every"}),
        ({"every": Decimal("NaN")}, {"every"}),
        ({"every": None}, {"every"}),
        ({"every": Decimal(100)}, {"every"}),
        ({"every": Decimal("1.5")}, {"every"}),
        ({**WINDOW, "every": Decimal("1.005")}, {"every"}),
        ({**WINDOW, "every": Decimal(25)}, {"every"}),
        ({**WINDOW, "every": Decimal("0.05")}, {"every"}),
        ({"unit": "week"}, {"unit"}),
        ({"days": "sundays"}, {"days"}),
        ({"starts_at": None}, {"starts_at"}),
        ({"starts_at": datetime(2026, 6, 1)}, {"starts_at"}),  # noqa: DTZ001
        ({"window_start": time(8)}, {"window_start"}),
        ({"unit": "hour"}, {"window_start", "window_end"}),
        ({**WINDOW, "window_end": time(8)}, {"window_end"}),
        ({**WINDOW, "window_start": time(22), "window_end": time(6)}, {"window_end"}),
    ],
)
def test_what_is_wrong_with_a_cycle_is_said_at_its_field(changes, fields):
    assert set(check(**{**GOOD, **changes})) == fields
    if fields:
        with pytest.raises(BadInput):
            Cycle(**{**GOOD, **changes})


def test_a_cycle_longer_than_its_window_is_odd():
    assert len(doubts(cycle(10, "hour", window=(time(8), time(17))))) == 1
    assert doubts(HOURLY) == doubts(cycle(1, "day")) == ()


@pytest.mark.parametrize(
    ("a", "b", "meet"),
    [
        (HOURLY, cycle(1, "hour", window=(time(17), time(20))), True),
        (HOURLY, cycle(1, "hour", window=(time(17, 1), time(20))), False),
        (HOURLY, cycle(1, "day"), False),
        (cycle(7, "day"), cycle(7, "day", start=at("2026-06-02T08:00")), False),
        (cycle(7, "day"), cycle(14, "day", start=at("2026-06-15T08:00")), True),
        (cycle(2, "day"), cycle(3, "day", start=at("2026-06-02T08:00")), True),
        (cycle(1, "day", days="working"), cycle(1, "day", days="off"), False),
        (cycle(3, "month"), cycle(6, "month"), True),
        (cycle(6, "month"), cycle(6, "month", start=at("2026-07-01T08:00")), False),
        (cycle(1, "month", start=at("2026-01-31T08:00")), cycle(1, "month", start=at("2026-01-30T08:00")), True),
        (cycle(1, "month"), cycle(1, "month", start=at("2026-06-02T08:00")), False),
        (cycle(1, "year"), cycle(2, "year"), True),
    ],
)
def test_cycles_that_ask_twice(a, b, meet):
    found = overlaps([a, b])
    assert [(one.first, one.second) for one in found] == ([(0, 1)] if meet else [])


def test_stoppages_that_a_regulator_should_look_at():
    now = at("2026-06-30")
    short = Stop(begins_at=at("2026-05-31"), ends_at=at("2026-06-30"), unit="一区")
    long = Stop(begins_at=at("2026-05-30"), unit="二区")
    assert [flag.code for flag in stop_flags([short], units=10, now=now)] == []
    assert [flag.code for flag in stop_flags([long], units=10, now=now)] == ["LONG"]
    several = [Stop(begins_at=at("2026-06-29"), unit=name) for name in ("一区", "二区", "三区")]
    assert stop_flags(several, units=10, now=now) == ()
    assert [flag.code for flag in stop_flags(several, units=9, now=now)] == ["MANY"]


def test_what_is_no_stoppage_or_no_span_is_refused():
    with pytest.raises(BadInput):
        Stop(begins_at=START, ends_at=START)
    with pytest.raises(BadInput):
        Stop(begins_at=datetime(2026, 6, 1))  # noqa: DTZ001
    with pytest.raises(BadInput):
        dues(HOURLY, "2026-01-01", "2028-01-01")


def test_the_words_are_those_of_the_exchange_format():
    assert [name.zh for name in UNITS.values()] == ["小时", "天", "月", "年"]
    assert list(DAYS) == ["every", "working", "off"]
    assert AS_UNITS == {"week": (7, "day"), "quarter": (3, "month"), "half_year": (6, "month")}


@st.composite
def cycles(draw):
    unit, start = draw(st.sampled_from(list(UNITS))), draw(st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31)))  # noqa: DTZ001
    days = draw(st.sampled_from(list(DAYS)))
    every = draw(st.integers(1, 24 if unit == "hour" else 40))
    window = None
    if unit == "hour":
        begin = draw(st.integers(0, 22))
        window = (time(begin), time(draw(st.integers(begin + 1, 23)), 30))
    return cycle(every, unit, start=start.replace(microsecond=0, tzinfo=CHINA), window=window, days=days)


@st.composite
def stoppages(draw):
    found = []
    for _ in range(draw(st.integers(0, 3))):
        begin = draw(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31))).replace(tzinfo=CHINA)  # noqa: DTZ001
        length = draw(st.one_of(st.none(), st.integers(1, 90 * 24)))
        found.append(Stop(begins_at=begin, ends_at=length and begin + timedelta(hours=length)))
    return found


@given(cycles(), stoppages())
def test_no_moment_falls_on_a_skipped_day_or_in_a_stoppage_and_windows_never_overlap(one, stops):
    found = dues(one, "2026-01-01", "2027-01-31", stops)
    for due in found:
        assert one.days == "every" or weekdays(due.due_at.date()) == (one.days == "working")
        assert not any(stop.holds(due.due_at) for stop in stops)
        assert due.opens_at <= due.due_at < due.closes_at
        assert due.due_at >= one.starts_at
        if one.unit == "hour":
            assert one.window_start <= due.due_at.time() <= one.window_end
    for earlier, later in pairwise(found):
        assert earlier.closes_at <= later.opens_at
    assert len({due.key for due in found}) == len(found)


@given(cycles(), stoppages(), st.dates(date(2026, 1, 1), date(2027, 1, 31)))
def test_asked_in_two_parts_it_is_the_same(one, stops, cut):
    whole = dues(one, "2026-01-01", "2027-01-31", stops)
    parts = dues(one, "2026-01-01", str(cut), stops) + dues(one, str(cut), "2027-01-31", stops)
    assert parts == whole


@given(cycles(), stoppages())
def test_a_stoppage_adds_nothing_and_keeps_the_keys(one, stops):
    if one.unit == "hour":
        free = {due.key for due in dues(one, "2026-01-01", "2027-01-31")}
        assert {due.key for due in dues(one, "2026-01-01", "2027-01-31", stops)} <= free
    else:
        free = {due.key for due in dues(one, "2022-01-01", "2029-01-31")}
        assert {due.key for due in dues(one, "2022-01-01", "2028-01-31", stops)} <= free
