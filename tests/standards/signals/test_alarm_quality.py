"""Quality of an alarm system: floods, chattering, figures of a period."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.signals import alarm_quality as aq
from quancheng.standards.signals.alarm_quality import Flood, Occurrence
from quancheng.standards.signals.basis import Refused

TIMES = st.lists(st.integers(0, 4000), max_size=60)


def some(key, *spans, priority=3):
    return [Occurrence(key=key, raised_s=at, cleared_s=end, priority=priority) for at, end in spans]


def test_three_rounds_in_a_minute_chatter():
    assert aq.chattering(some("A", (0, 5), (20, 25), (50, 60))) == ("A",)
    assert aq.chattering(some("A", (0, 5), (20, 25), (50, 60.1))) == ()
    assert aq.chattering(some("A", (0, 5), (20, 25), (50, None))) == ()
    assert aq.chattering([*some("A", (0, 5), (20, 25)), *some("B", (30, 31))]) == ()


def test_noise_every_eight_seconds_is_told_within_a_minute():
    rounds = some("A", *((8 * k, 8 * k + 4) for k in range(4)))
    assert aq.chattering(rounds) == ("A",)
    assert rounds[2].cleared_s < 60


def test_short_and_alone_is_fleeting():
    assert len(aq.fleeting(some("A", (0, 9.9)))) == 1
    assert aq.fleeting(some("A", (0, 10))) == ()
    assert aq.fleeting(some("A", (0, None))) == ()
    assert aq.fleeting(some("A", (0, 5), (30, 300))) == ()
    assert len(aq.fleeting(some("A", (0, 5), (60.1, 300)))) == 1


def test_more_than_a_day_is_standing():
    alarms = some("A", (0, None), (5, 10))
    assert len(aq.standing(alarms, now_s=86400.1)) == 1
    assert aq.standing(alarms, now_s=86400) == ()


def test_a_flood_begins_with_the_tenth_and_ends_below_five():
    times = [10.0 * k for k in range(10)]
    assert aq.floods(times, now_s=10_000) == (Flood(0, 90, 650, 10, 10),)
    assert aq.floods(times, now_s=649) == (Flood(0, 90, None, 10, 10),)
    assert aq.floods(times[:9], now_s=10_000) == ()
    assert aq.floods([60.0 * k for k in range(10)], now_s=10_000)[0].start_s == 540
    assert aq.floods([66.7 * k for k in range(40)], now_s=10_000) == ()
    prolonged = aq.floods([*times, 650, 651], now_s=10_000)
    assert [(one.count, one.end_s) for one in prolonged] == [(12, 670)]


def test_forty_alarms_in_five_minutes_are_one_flood():
    (flood,) = aq.floods([7.5 * k for k in range(40)], now_s=10_000)
    assert (flood.count, flood.most) == (40, 40)


@given(TIMES)
def test_floods_are_what_a_look_at_every_instant_finds(times):
    active, spans = False, []
    for at in range(5000):
        count = sum(at - 600 < one <= at for one in times)
        if not active and count >= 10 and at in times:
            active = True
            spans.append([at, None])
        elif active and count < 5:
            active = False
            spans[-1][1] = at
    found = aq.floods(times, now_s=4999)
    assert [[one.start_s, one.end_s] for one in found] == spans
    assert sum(one.count for one in found) <= len(times)


@given(TIMES)
def test_the_peak_is_that_of_the_fullest_window(times):
    expected = max((sum(at <= one < at + 600 for one in times) for at in range(-600, 4020, 60)), default=0)
    assert aq.peak(times) == expected


def test_two_that_always_come_together_are_duplicates():
    pairs = [*some("A", *((1000 * k, None) for k in range(10))), *some("B", *((1000 * k + 5, None) for k in range(10)))]
    (found,) = aq.duplicates(pairs, period_s=86400)
    assert (found.keys, found.together, found.share) == (("A", "B"), 10, 1.0)
    assert found.lift == pytest.approx(10 / (10 * 10 * 10 / 86400))
    assert aq.duplicates(pairs, period_s=100) == ()


@pytest.mark.parametrize(("apart", "together"), [(5.1, 10), (5, 8)])
def test_farther_apart_or_not_often_enough_is_no_duplicate(apart, together):
    later = [1000 * k + (apart if k < together else 500) for k in range(10)]
    pairs = [*some("A", *((1000 * k, None) for k in range(10))), *some("B", *((at, None) for at in later))]
    assert aq.duplicates(pairs, period_s=86400) == ()


def test_few_together_or_one_much_more_often_are_no_duplicates():
    few = [*some("A", *((1000 * k, None) for k in range(4))), *some("B", *((1000 * k, None) for k in range(4)))]
    assert aq.duplicates(few, period_s=86400) == ()
    unequal = [*some("A", *((100 * k, None) for k in range(100))), *some("B", *((100 * k, None) for k in range(20)))]
    assert aq.duplicates(unequal, period_s=86400) == ()


def test_bad_actors_are_the_ten_of_a_week():
    alarms = [one for k in range(12) for one in some(f"T{k:02d}", *((100 + n, None) for n in range(k + 1)))]
    alarms += some("old", *((0, None) for _ in range(50)))
    found = aq.bad_actors(alarms, now_s=7 * 86400)
    assert (len(found), found[0], found[-1]) == (10, ("T11", 12), ("T02", 3))


@pytest.mark.parametrize(("share", "expected"), [(0, 1), (0.5, 2.5), (1, 4), (0.95, 3.85)])
def test_percentiles_lie_between(share, expected):
    assert aq.percentile([4, 1, 3, 2], share) == pytest.approx(expected)


@pytest.mark.parametrize(("values", "share", "code"), [([], 0.5, "NO_VALUES"), ([1], 1.1, "BAD_SHARE")])
def test_what_has_no_percentile_is_refused(values, share, code):
    with pytest.raises(Refused, match=code):
        aq.percentile(values, share)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0, 1), st.floats(0, 1))
def test_percentiles_grow_with_the_share(values, one, other):
    low, high = sorted((one, other))
    assert min(values) <= aq.percentile(values, low) <= aq.percentile(values, high) + 1e-6 <= max(values) + 2e-6


DAY = 86400.0


def figures(alarms, days=1.0):
    return {one.code: one for one in aq.kpis(alarms, start_s=0, end_s=days * DAY)}


def test_the_figures_of_a_day():
    alarms = [
        Occurrence(key="A", raised_s=0, cleared_s=3600, acknowledged_s=60, priority=1, is_false=True),
        Occurrence(key="B", raised_s=1800, cleared_s=7200, acknowledged_s=2000, priority=2, is_false=False),
        Occurrence(key="A", raised_s=40_000, cleared_s=None, priority=1),
        Occurrence(key="C", raised_s=DAY, cleared_s=None),
    ]
    found = figures(alarms)
    assert list(found) == list(aq.TARGETS)
    values = {code: one.value for code, one in found.items()}
    assert values["per_day"] == pytest.approx(3)
    assert values["per_hour"] == pytest.approx(3 / 24)
    assert (values["hours_over_30"], values["peak"], values["in_flood"]) == (0, 1, 0)
    assert (values["top_10"], values["chattering"], values["fleeting"]) == (1, 0, 0)
    assert (values["acknowledged"], values["mtta_s"], values["false_rate"]) == (0.5, 130, 0.5)
    assert values["in_alarm"] == pytest.approx((7200 + DAY - 40_000) / DAY)
    assert (values["high"], values["medium"]) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert found["per_day"].grade == "met"
    assert found["acknowledged"].grade == "missed"
    assert found["mtta_s"].grade == ""


@pytest.mark.parametrize(("count", "grade"), [(150, "met"), (151, "manageable"), (300, "manageable"), (301, "missed")])
def test_alarms_a_day_against_the_target(count, grade):
    alarms = [Occurrence(key=f"T{k}", raised_s=k * 280.0, cleared_s=k * 280.0 + 60) for k in range(count)]
    assert figures(alarms)["per_day"].grade == grade


def test_a_flood_and_standing_alarms_show_in_the_figures():
    burst = [Occurrence(key=f"T{k}", raised_s=1000 + k, cleared_s=2000) for k in range(40)]
    found = figures(burst)
    assert (found["peak"].value, found["peak"].grade) == (40, "missed")
    assert found["in_flood"].value == pytest.approx((1000 + 35 + 600 - 1009) / DAY)
    assert found["periods_over_10"].value == pytest.approx(1 / 144)
    stale = [Occurrence(key=f"S{k}", raised_s=10, cleared_s=None if k else 3 * DAY) for k in range(5)]
    assert (figures(stale)["standing"].value, figures(stale)["standing"].grade) == (0, "met")
    assert (figures(stale, 3)["standing"].value, figures(stale, 3)["standing"].grade) == (5, "missed")


def test_an_empty_period_measures_nothing_that_needs_alarms():
    found = figures([])
    assert found["per_day"].value == 0
    assert [code for code, one in found.items() if one.value is None] == [
        "top_10", "acknowledged", "mtta_s", "false_rate", "high", "medium"]  # fmt: skip
    with pytest.raises(Refused, match="BAD_PERIOD"):
        aq.kpis([], start_s=1, end_s=1)


@pytest.mark.parametrize(
    ("count", "expected"),
    [(9, "manageable"), (10, "hard"), (19, "hard"), (20, "excessive"), (100, "excessive"), (101, "unusable")],
)
def test_the_first_ten_minutes_after_an_upset(count, expected):
    assert aq.upset(count) == expected


@given(
    st.lists(st.tuples(st.integers(0, 200_000), st.none() | st.integers(1, 100_000), st.integers(1, 4)), max_size=40)
)
def test_shares_are_shares(told):
    alarms = [
        Occurrence(key=str(at % 7), raised_s=at, cleared_s=lasted and at + lasted, priority=level)
        for at, lasted, level in told
    ]
    for one in aq.kpis(alarms, start_s=0, end_s=150_000):
        if one.value is not None:
            assert one.value >= 0
            share = {"hours_over_30", "periods_over_10", "in_flood", "top_10", "acknowledged", "in_alarm", "high"}
            assert one.code not in share or one.value <= 1 + 1e-9
