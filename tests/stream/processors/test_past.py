"""Limits in what is filled up later: the same as the reference tells, beside what is live and touching none of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stream.processors.test_judging import GOOD, NAN, START, Found, Scene, Told, courses, reference, row

from quancheng.stream.processors.decoding import Readings
from quancheng.stream.processors.evaluation import NAMES
from quancheng.stream.store.schema import CLOCK_BAD, HISTORY

LIMITS: dict[str, Any] = {"limits": (10.0, 20.0, 80.0, 90.0), "deadband": 5.0}
HOUR = 3_600


def fill_up(scene: Scene, *readings: Told, flags: int = HISTORY) -> list[Found]:
    """Readings come in one step, an hour late."""
    place = np.array([scene.book.places[one[0]] for one in readings], np.int64)
    at = np.array([START + 1000 * one[1] for one in readings], np.int64)
    columns = Readings(
        place, at, np.array([one[2] for one in readings], float), np.array([one[3] for one in readings], np.int64),
        np.full(len(at), flags), at + 1000 * HOUR,
    )  # fmt: skip
    scene._take(*scene.judge.judge([], columns, now_ms=START + 2000 * HOUR))
    return [
        (int(scene.book.numbers[one.tag]), NAMES[one.limit], one.is_raised, (one.at_ms - START) / 1000)
        for one in scene.judge.past.judge(scene.book, columns)
    ]


@settings(max_examples=60, deadline=None)
@given(courses(), st.integers(0, 6), st.integers(0, 6), st.randoms(use_true_random=False))
def test_the_past_is_judged_as_it_would_have_been(course: list[Told], on_s: int, off_s: int, chance: Any) -> None:
    """However it is cut into steps, and restarted between; and nothing of it is live."""
    rows = [row(one, on_delay_ms=1000 * on_s, off_delay_ms=1000 * off_s, **LIMITS) for one in (1, 2, 3)]
    scene, done, found = Scene(rows), 0, []
    while done < len(course):
        size = chance.randint(1, 30)
        part = course[done : done + size]
        found += fill_up(scene, *chance.sample(part, len(part)))
        if chance.random() < 0.5:
            scene.restart(rows, 2 * HOUR)
        done += size
    expected = [one for one in reference(rows, course) if one[1] in NAMES[:4]]
    assert sorted(found) == expected
    assert scene.told == []


def test_what_is_live_and_what_is_past_touch_nothing_of_each_other() -> None:
    scene = Scene([row(1, limits=(NAN, NAN, 80.0, NAN), on_delay_ms=10_000)])
    scene.come((1, 5_000, 95.0, GOOD))
    assert fill_up(scene, (1, 100, 95.0, GOOD), (1, 105, 95.0, GOOD)) == []
    scene.come((1, 5_010, 95.0, GOOD))
    assert scene.told == [(1, "H", True, 5_010)]
    assert fill_up(scene, (1, 110, 95.0, GOOD)) == [(1, "H", True, 110)]
    assert fill_up(scene, (1, 115, 10.0, GOOD)) == [(1, "H", False, 115)]
    assert scene.told == [(1, "H", True, 5_010)]


def test_an_earlier_or_a_later_outage_does_not_go_on_from_what_was_filled_up_before() -> None:
    scene = Scene([row(1, limits=(NAN, NAN, 80.0, NAN))])
    assert fill_up(scene, (1, 50_000, 95.0, GOOD)) == [(1, "H", True, 50_000)]
    # The end of the one before is not known.
    assert fill_up(scene, (1, 60_000, 10.0, GOOD)) == []
    assert fill_up(scene, (1, 20_000, 95.0, GOOD)) == [(1, "H", True, 20_000)]
    assert fill_up(scene, (1, 20_010, 10.0, GOOD)) == [(1, "H", False, 20_010)]


def test_a_clock_gone_wrong_a_found_tag_and_what_is_live_are_not_looked_at() -> None:
    scene = Scene([row(1, limits=(NAN, NAN, 80.0, NAN)), row(2, is_judged=False, limits=(NAN, NAN, 80.0, NAN))])
    assert fill_up(scene, (1, 100, 95.0, GOOD), flags=HISTORY | CLOCK_BAD) == []
    assert fill_up(scene, (2, 100, 95.0, GOOD)) == []
    assert fill_up(scene, (1, 100, 95.0, GOOD), flags=0) == []
    assert scene.told == [(1, "H", True, 100)]


def test_a_changed_limit_begins_the_past_anew() -> None:
    scene = Scene([row(1, limits=(NAN, NAN, 80.0, NAN))])
    assert fill_up(scene, (1, 100, 85.0, GOOD)) == [(1, "H", True, 100)]
    scene.renew([row(1, limits=(NAN, NAN, 90.0, NAN))], now=HOUR)
    assert fill_up(scene, (1, 110, 85.0, GOOD)) == []
    assert fill_up(scene, (1, 120, 95.0, GOOD)) == [(1, "H", True, 120)]


@pytest.mark.parametrize("on_delay_ms", [0, 4_000])
def test_a_part_that_is_told_again_is_neither_another_passing_nor_undoes_one(on_delay_ms: int) -> None:
    rows = [row(1, limits=(NAN, NAN, 80.0, NAN), on_delay_ms=on_delay_ms)]
    scene, begins = Scene(rows), 2 + on_delay_ms // 1000
    assert fill_up(scene, *[(1, at, 95.0, GOOD) for at in range(2, 11)]) == [(1, "H", True, begins)]
    assert fill_up(scene, (1, 8, 95.0, GOOD)) == []
    scene.restart(rows, 2 * HOUR)
    # From the middle, and beyond it.
    assert fill_up(scene, *[(1, at, 95.0, GOOD) for at in range(5, 10)]) == []
    assert fill_up(scene, *[(1, at, 95.0, GOOD) for at in range(9, 14)]) == []
    assert fill_up(scene, (1, 14, 10.0, GOOD)) == [(1, "H", False, 14)]
    # What one step brings of before and of after is both looked at.
    found = fill_up(scene, *[(1, at - 5_000, 95.0, GOOD) for at in range(5_000, 5_010)], (1, 15, 10.0, GOOD))
    assert found == [(1, "H", True, on_delay_ms // 1000)]


def test_a_delay_that_runs_is_not_broken_by_a_reading_told_twice() -> None:
    scene = Scene([row(1, limits=(NAN, NAN, 80.0, NAN), on_delay_ms=10_000)])
    assert fill_up(scene, (1, 100, 95.0, GOOD), (1, 105, 95.0, GOOD)) == []
    assert fill_up(scene, (1, 105, 95.0, GOOD)) == []
    assert fill_up(scene, (1, 111, 95.0, GOOD)) == [(1, "H", True, 111)]
