"""Deviations and commands that are not followed: the same as the reference tells, however readings come."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stream.processors.test_judging import FAULT, GOOD, HELD, START, UNCERTAIN, Found, Scene, Told, row

from quancheng.standards.signals.alarms import Pair, deviation, discrepancy
from quancheng.stream.processors.book import TagRow
from quancheng.stream.processors.judging import pack_columns, unpack_columns
from quancheng.stream.store.schema import HISTORY, LATE

#: 1 and 2 are redundant, 3 follows 2, too; 4 tells whether 5 is followed.
ROWS = [
    row(1, partner=2, apart=10.0, apart_ms=4_000, off_delay_ms=3_000, stale_ms=9_000),
    row(2, stale_ms=7_000),
    row(3, partner=2, apart=30.0, apart_ms=0),
    row(4, partner=5, apart=0.0, apart_ms=6_000, is_command=True),
    row(5),
]


def pairs() -> dict[int, tuple[str, int, Pair]]:
    return {
        1: ("DEV", 2, Pair(deviation(10.0, 4.0, 3.0), (9.0, 7.0))),
        3: ("DEV", 2, Pair(deviation(30.0, 0.0), (0.0, 7.0))),
        4: ("DISC", 5, Pair(discrepancy(4.0))),
    }


def reference(course: Sequence[Told]) -> list[Found]:
    found: list[Found] = []
    for number, (name, partner, pair) in pairs().items():
        mine = [one for one in course if one[0] in (number, partner)]
        for at, told in groupby(mine, key=lambda one: one[1]):
            sides = {0 if one[0] == number else 1: (one[2], one[3]) for one in told}
            event = pair.step(float(at), sides)
            if event is not None:
                found.append((number, name, event.kind == "raise", event.at_s))
    return sorted(found)


def of_pairs(scene: Scene) -> list[Found]:
    return sorted(one for one in scene.told if one[1] in ("DEV", "DISC"))


@st.composite
def courses(draw: Any) -> list[Told]:
    """Readings of the five, with runs of a value and of a quality, and gaps longer than anything stands for."""
    found: list[Told] = []
    for number in (1, 2, 3, 4, 5):
        values = [0.0, 1.0] if number > 3 else [50.0, 59.0, 60.0, 61.0, 62.0, 95.0]
        at = draw(st.integers(0, 5))
        for _run in range(draw(st.integers(1, 6))):
            value = draw(st.sampled_from(values))
            quality = draw(st.sampled_from([GOOD, GOOD, GOOD, UNCERTAIN, HELD, FAULT]))
            step = draw(st.sampled_from([1, 2, 4]))
            for _index in range(draw(st.integers(1, 8))):
                found.append((number, at, value, quality))
                at += step
            at += draw(st.sampled_from([0, 0, 5, 20]))
    return sorted(found, key=lambda one: (one[1], one[0]))


@settings(max_examples=150, deadline=None)
@given(courses(), st.randoms(use_true_random=False))
def test_arrays_tell_of_pairs_what_the_reference_tells(course: list[Told], chance: random.Random) -> None:
    """However moments are cut into steps, each told twice, and restarted between."""
    scene = Scene(ROWS)
    moments = [list(told) for _at, told in groupby(course, key=lambda one: one[1])]
    while moments:
        size = chance.randint(1, 12)
        part = [one for moment in moments[:size] for one in moment]
        del moments[:size]
        scene.come(*chance.sample(part, len(part)))
        before = len(of_pairs(scene))
        if chance.random() < 0.5:
            scene.restart(ROWS, part[-1][1])
        scene.come(*part)
        assert len(of_pairs(scene)) == before
    assert of_pairs(scene) == reference(course)


def test_a_side_that_comes_late_counts_from_the_next_moment_on() -> None:
    scene = Scene([row(1, partner=2, apart=10.0), row(2)])
    scene.come((1, 0, 50.0, GOOD), (2, 0, 50.0, GOOD))
    scene.come((1, 10, 50.0, GOOD))
    scene.come((2, 5, 90.0, GOOD))
    assert scene.told == []
    scene.come((1, 11, 50.0, GOOD))
    assert scene.told == [(1, "DEV", True, 11)]
    assert scene.values == [("DEV", 40.0, 10.0)]


def apart(rows: list[TagRow] | None = None) -> Scene:
    scene = Scene(rows or [row(1, partner=2, apart=10.0), row(2), row(3)])
    scene.come((1, 0, 50.0, GOOD), (2, 0, 70.0, GOOD))
    assert scene.told == [(1, "DEV", True, 0)]
    return scene


@pytest.mark.parametrize(
    "changes",
    [{1: {"partner": 3}}, {1: {"partner": 0}}, {1: {"apart": 12.0}}, {2: {"is_in_service": False}}, {2: None}],
    ids=["other partner", "none", "other limit", "partner under repair", "partner ended"],
)
@pytest.mark.parametrize("is_restarted", [False, True])
def test_what_is_compared_otherwise_or_no_more_ends(changes: dict[int, Any], is_restarted: bool) -> None:
    scene = apart()
    rows = [
        replace(one, **(changes.get(one.number) or {})) for one in scene.rows if changes.get(one.number, {}) is not None
    ]
    (scene.restart if is_restarted else scene.renew)(rows, now=5)
    scene.idle(5)
    assert scene.told[1:] == [(1, "DEV", False, 5)]
    # By the new limit it begins anew; with another partner nothing is known of it yet.
    scene.come((1, 6, 50.0, GOOD))
    assert scene.told[2:] == ([(1, "DEV", True, 6)] if "apart" in changes.get(1, {}) else [])


def test_what_a_late_partner_told_calls_nobody_and_history_is_compared_with_nothing() -> None:
    scene = Scene([row(1, partner=2, apart=10.0), row(2)])
    scene.come((1, 0, 50.0, GOOD), (2, 0, 50.0, GOOD))
    scene.come((2, 1, 90.0, GOOD), flags=HISTORY)
    assert scene.told == []
    scene.come((2, 2, 90.0, GOOD), flags=LATE)
    assert (scene.told, scene.late) == ([(1, "DEV", True, 2)], [True])


def test_a_command_is_followed_in_time_or_told_while_the_source_speaks() -> None:
    """Both tell changes alone: the valve says nothing more, its source does."""
    valve = row(1, partner=2, apart=0.0, apart_ms=30_000, is_command=True, is_by_exception=True, stale_ms=90_000)
    rows = [valve, row(2, is_by_exception=True, stale_ms=90_000), row(3)]
    scene = Scene(rows)
    scene.come((1, 0, 0.0, GOOD), (2, 0, 0.0, GOOD))
    scene.come((2, 10, 1.0, GOOD))
    scene.come((1, 30, 1.0, GOOD), (3, 45, 1.0, GOOD))
    assert scene.told == []
    scene.come((2, 60, 0.0, GOOD))
    scene.restart(rows, 70)
    scene.come((3, 89, 1.0, GOOD))
    assert scene.told == []
    scene.come((3, 91, 1.0, GOOD))
    assert scene.told == [(1, "DISC", True, 91)]
    assert scene.values == [("DISC", 1.0, 30.0)]
    scene.come((1, 95, 0.0, GOOD))
    assert scene.told[1:] == [(1, "DISC", False, 95)]


def test_a_faulty_side_stops_the_clock() -> None:
    scene = Scene([row(1, partner=2, apart=10.0, apart_ms=10_000), row(2)])
    scene.come((1, 0, 50.0, GOOD), (2, 0, 70.0, GOOD))
    scene.come((2, 6, 70.0, FAULT))
    scene.come((1, 12, 50.0, GOOD))
    scene.come((2, 16, 70.0, GOOD))
    scene.come((2, 19, 70.0, GOOD))
    assert scene.told == []
    scene.come((1, 20, 50.0, GOOD))
    assert scene.told == [(1, "DEV", True, 20)]


def valve(**known: Any) -> Scene:
    """1 tells whether 2 is followed; both tell changes alone, and 3 is of the same source."""
    known = {"partner": 2, "apart": 0.0, "apart_ms": 30_000, "is_command": True, **known}
    scene = Scene([row(1, is_by_exception=True, **known), row(2, is_by_exception=True), row(3)])
    scene.come((1, 0, 0.0, GOOD), (2, 0, 0.0, GOOD))
    return scene


def test_a_command_that_was_followed_by_a_clock_behind_raises_nothing() -> None:
    scene = valve()
    scene.come((2, 20, 1.0, GOOD))
    scene.come((1, 12, 1.0, GOOD), after=10)
    for at in (40, 60, 90):
        scene.come((3, at, 1.0, GOOD))
    assert scene.told == []


def test_what_stood_ends_with_a_moment_that_was_judged_already() -> None:
    scene = valve()
    scene.come((2, 20, 1.0, GOOD))
    scene.come((3, 55, 1.0, GOOD))
    assert scene.told == [(1, "DISC", True, 55)]
    # By its own clock it moved before it was called stuck: it ends no earlier than that.
    scene.come((1, 50, 1.0, GOOD), after=6)
    assert scene.told[1:] == [(1, "DISC", False, 56)]


@pytest.mark.parametrize("late_s", [40, 600])
def test_a_clock_behind_or_a_backlog_makes_no_run_longer(late_s: int) -> None:
    scene = valve()
    scene.come((2, 10, 1.0, GOOD), after=late_s, flags=LATE if late_s > 60 else 0)
    assert scene.told == []
    scene.come((1, 15, 1.0, GOOD), after=late_s, flags=LATE if late_s > 60 else 0)
    scene.come((3, late_s + 90, 1.0, GOOD))
    assert scene.told == []
    # One that is not followed is told by the clock of the device, once the source spoke on for so long.
    scene.come((2, 120, 0.0, GOOD), after=late_s)
    scene.come((3, late_s + 149, 1.0, GOOD))
    assert scene.told == []
    scene.come((3, late_s + 151, 1.0, GOOD))
    assert scene.told == [(1, "DISC", True, 151)]


def test_a_deviation_of_tags_that_tell_changes_alone_ends_while_the_source_speaks() -> None:
    scene = valve(apart=10.0, apart_ms=0, is_command=False, off_delay_ms=5_000)
    scene.come((1, 10, 50.0, GOOD))
    scene.come((1, 20, 0.0, GOOD))
    scene.come((3, 24, 1.0, GOOD))
    assert scene.told == [(1, "DEV", True, 10)]
    scene.come((3, 26, 1.0, GOOD))
    assert scene.told[1:] == [(1, "DEV", False, 26)]


@pytest.mark.parametrize("apart_s", [60, 120])
def test_two_sources_of_one_minute_are_compared_at_one_moment(apart_s: int) -> None:
    """A tank is filled quickly; the second gauge comes a step later. Then it stops while the first goes on."""
    rows = [row(1, partner=2, apart=50.0, apart_ms=1_000 * apart_s, off_delay_ms=30_000), row(2, source=2)]
    scene = Scene(rows)
    for minute in range(20):
        scene.come((1, 60 * minute, 80.0 * minute, GOOD))
        if minute % 3 == 1:
            scene.restart(rows, 60 * minute)
        scene.come((2, 60 * minute, 80.0 * minute, GOOD))
    assert scene.told == []
    for minute in range(20, 24):
        scene.come((1, 60 * minute, 1600.0 + 80 * (minute % 2), GOOD))
        # Equal to what the first told a minute before or after, and never to what it tells now.
        scene.come((2, 60 * minute, 1680.0 - 80 * (minute % 2), GOOD))
    assert scene.told == [(1, "DEV", True, 60 * 20 + apart_s)]


# Clocks that are too far apart ---------------------------------------------------------------------------------------


def splits(scene: Scene, until: int, *, behind: int, begin: int = 0) -> list[tuple[int, int | None]]:
    """Both sides tell each second while the clock of the second is behind; by when it was told, since when."""
    told = []
    for at in range(begin, until):
        scene.come((1, at, 50.0, GOOD))
        told += [(at, one) for one in scene.judge.splits]
        scene.come((2, at - behind, 90.0, GOOD), after=behind, flags=HISTORY if behind > 900 else 0)
        told += [(at, one) for one in scene.judge.splits]
    return [(at, None if one.since_ms is None else (one.since_ms - START) // 1000) for at, one in told]


@pytest.mark.parametrize("behind", [30, 2_000], ids=["half a minute", "so far that it is history"])
def test_a_pair_whose_clocks_are_too_far_apart_is_told_once_with_since_when(behind: int) -> None:
    """It would never be compared, however far apart it is; a minute must have passed."""
    scene = Scene([row(1, partner=2, apart=10.0, stale_ms=9_000), row(2, stale_ms=7_000)])
    assert splits(scene, 120, behind=behind) == [(60, 0)]
    assert of_pairs(scene) == []


def test_a_pair_that_agrees_again_is_told_and_compared() -> None:
    scene = Scene([row(1, partner=2, apart=10.0, stale_ms=9_000), row(2, stale_ms=7_000)])
    assert splits(scene, 90, behind=30) == [(60, 0)]
    scene.restart(scene.rows, 90)
    assert splits(scene, 100, behind=30, begin=90) == [], "what was told is kept over a restart"
    assert [since for _at, since in splits(scene, 110, behind=0, begin=100)] == [None]
    assert of_pairs(scene)[0][:3] == (1, "DEV", True)


def test_sides_that_differ_by_less_or_are_silent_are_not_told_of() -> None:
    """The first word on a pair says that it can be compared, for an earlier one may stand."""
    scene = Scene([row(1, partner=2, apart=10.0, stale_ms=9_000), row(2, stale_ms=7_000)])
    assert splits(scene, 120, behind=5) == [(0, None)]
    for at in range(120, 300):
        scene.come((1, at, 50.0, GOOD))
        assert scene.judge.splits == []


def test_states_that_the_version_before_saved_say_nothing_of_clocks() -> None:
    scene = Scene([row(1, partner=2, apart=10.0, stale_ms=9_000), row(2, stale_ms=7_000)])
    scene.come((1, 0, 50.0, GOOD), (2, 0, 50.0, GOOD))
    kept = dict(unpack_columns(scene.judge.pack()))
    for name in ("pair_split_from", "pair_split_told"):
        del kept[name]
    later = Scene(scene.rows)
    later.judge.unpack(pack_columns(**kept), now_ms=START)
    later.come((1, 1, 50.0, GOOD), (2, 1, 50.0, GOOD))
    assert [one.since_ms for one in later.judge.splits] == [None]
