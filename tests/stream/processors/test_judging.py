"""All that is told of tags: the same as the reference objects tell, however readings come, across restarts and
changes of limits."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quancheng.standards.signals.alarms import Diagnosis, Latch, RateOfChange, Stuck, Threshold
from quancheng.stream.envelope import Received
from quancheng.stream.processors import window
from quancheng.stream.processors.batch import NEVER
from quancheng.stream.processors.book import Book, TagRow
from quancheng.stream.processors.conditions.rate import SAMPLES
from quancheng.stream.processors.decoding import Readings
from quancheng.stream.processors.evaluation import NAMES
from quancheng.stream.processors.judging import Judge
from quancheng.stream.store.client import POINT
from quancheng.stream.store.schema import HISTORY, LATE

NAN = float("nan")
START = 1_800_000_000_000
GOOD, UNCERTAIN, HELD, LOST, FAULT = 192, 80, 68, 24, 16
#: Number of the tag, seconds after the start, value, quality.
Told = tuple[int, int, float, int]
#: The same of what is found: number, name, whether it began, seconds.
Found = tuple[int, str, bool, float]


def row(number: int, **known: Any) -> TagRow:
    plain = TagRow(
        number=number, enterprise=UUID(int=1), source=5, keys=(f"T{number}",), is_judged=True, is_in_service=True,
        scale=1, shift=0, range_lo=NAN, range_hi=NAN, limits=(NAN, NAN, NAN, NAN), deadband=0, on_delay_ms=0,
        off_delay_ms=0, stale_ms=0, cap=GOOD,
    )  # fmt: skip
    return replace(plain, **known)


@dataclass
class Scene:
    """A judge, and what it told. ``arrive``: seconds after which each reading arrives."""

    rows: list[TagRow]
    start: int = START
    told: list[Found] = field(default_factory=list)
    values: list[tuple[str, float, float]] = field(default_factory=list)
    late: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.book = Book()
        self.book.renew(self.rows)
        self.judge = Judge(self.book, now_ms=self.start)

    def come(self, *readings: Told, after: float = 0, spoke: Sequence[tuple[int, float]] = (), flags: int = 0,
             now: float | None = None) -> None:  # fmt: skip
        """Readings come in one step, each ``after`` seconds, and words of sources (number, seconds)."""
        place = [self.book.places[one[0]] for one in readings]
        at = np.array([START + 1000 * one[1] for one in readings], np.int64)
        arrived = at + int(1000 * after)
        messages = [Received(self.book.rows[one].source, "json", "", int(when), b"")  # type: ignore[union-attr]
                    for one, when in zip(place, arrived, strict=True)]  # fmt: skip
        messages += [Received(source, "json", "", START + int(1000 * when), b"") for source, when in spoke]
        newest = max((one.arrived_ms for one in messages), default=START)
        columns = Readings(
            np.array(place, np.int64), at, np.array([one[2] for one in readings], float),
            np.array([one[3] for one in readings], np.int64), np.full(len(at), flags), arrived,
        )  # fmt: skip
        self._take(*self.judge.judge(messages, columns, now_ms=newest if now is None else START + int(1000 * now)))

    def idle(self, now: float) -> None:
        """Nothing comes."""
        none = np.empty(0, np.int64)
        columns = Readings(none, none, np.empty(0), none, none, none)
        self._take(*self.judge.judge([], columns, now_ms=START + int(1000 * now)))

    def renew(self, rows: list[TagRow], now: float) -> None:
        self.judge.renew(rows, now_ms=START + int(1000 * now))

    def restart(self, rows: list[TagRow], now: float, read: Any = None) -> None:
        """Another processor goes on from what this one packed."""
        content = self.judge.pack()
        self.book = Book()
        self.book.renew(rows)
        self.judge = Judge(self.book, now_ms=START + int(1000 * now))
        self.judge.unpack(content, now_ms=START + int(1000 * now))
        if read is not None:
            self.judge.refill(read)

    def _take(self, changes: list[Any], late: list[bool]) -> None:
        for one in changes:
            number, name = int(self.book.numbers[one.tag]), NAMES[one.limit]
            self.told.append((number, name, one.is_raised, (one.at_ms - START) / 1000))
            self.values.append((name, one.value, one.bound))
        self.late += late


CONDITIONS = {
    "limits": (10.0, 20.0, 80.0, 90.0), "deadband": 5.0, "roc_limit": 73.0, "roc_window_ms": 20_000,
    "flat_after_ms": 12_000, "flat_within": 6.0, "stale_ms": 9_000,
}  # fmt: skip


def reference(rows: Sequence[TagRow], readings: Sequence[Told]) -> list[Found]:
    """What the reference objects tell of readings that come one after another."""
    found: list[Found] = []
    for tag in rows:
        on_s, off_s = tag.on_delay_ms / 1000, tag.off_delay_ms / 1000
        states: dict[str, Any] = {
            name: Threshold(limit, tag.deadband, Latch(on_s, off_s), sign=-1 if name[0] == "L" else 1)
            for name, limit in zip(NAMES, tag.limits, strict=False)
        }
        states["ROC"] = RateOfChange(tag.roc_limit / 60, tag.roc_window_ms / 1000, Latch(off_delay_s=off_s))
        if tag.flat_after_ms:
            states["FLAT"] = Stuck(tag.flat_within, tag.flat_after_ms / 1000, tag.stale_ms / 1000)
        states["INSTR"] = Diagnosis(30.0)
        for number, at, value, quality in readings:
            if number == tag.number:
                for name, state in states.items():
                    event = state.step(value, quality, float(at))
                    if event is not None:
                        found.append((number, name, event.kind == "raise", event.at_s))
    return sorted(found)


def without_silence(told: list[Found]) -> list[Found]:
    return sorted(one for one in told if one[1] != "STALE")


@st.composite
def courses(draw: Any) -> list[Told]:
    """Readings of three tags in the order of their times, with runs of a value, of a quality, and gaps."""
    found: list[Told] = []
    for number in (1, 2, 3):
        at = draw(st.integers(0, 5))
        for _run in range(draw(st.integers(1, 6))):
            value, quality = draw(st.sampled_from([5.0, 15.0, 50.0, 54.0, 85.0, 95.0])), draw(
                st.sampled_from([GOOD, GOOD, GOOD, UNCERTAIN, HELD, LOST, FAULT])
            )  # fmt: skip
            slope, step = draw(st.sampled_from([0, 0, 1, 2, -2])), draw(st.sampled_from([1, 2, 4]))
            for index in range(draw(st.integers(1, 14))):
                found.append((number, at, value + slope * index, quality))
                at += step
            at += draw(st.sampled_from([0, 0, 7, 30]))
    return sorted(found, key=lambda one: (one[1], one[0]))


@settings(max_examples=60, deadline=None)
@given(courses(), st.integers(0, 6), st.integers(0, 6), st.randoms(use_true_random=False))
def test_arrays_tell_what_the_reference_tells(course: list[Told], on_s: int, off_s: int, chance: random.Random) -> None:
    """However the readings are cut into steps, each told twice, and restarted between."""
    rows = [row(one, on_delay_ms=1000 * on_s, off_delay_ms=1000 * off_s, **CONDITIONS) for one in (1, 2, 3)]
    scene, done = Scene(rows), 0
    while done < len(course):
        size = chance.randint(1, 30)
        part = course[done : done + size]
        # Within a step the order is of no account.
        scene.come(*chance.sample(part, len(part)))
        before = len(without_silence(scene.told))
        scene.come(*part, now=course[-1][1])
        assert len(without_silence(scene.told)) == before
        done += size
    assert without_silence(scene.told) == reference(rows, course)


@settings(max_examples=30, deadline=None)
@given(courses(), st.randoms(use_true_random=False))
def test_what_overtook_others_within_the_window_is_judged_in_order(course: list[Told], chance: random.Random) -> None:
    """Any permutation in which no reading is overtaken by more than the window tells the same."""
    # What has stood still for a moment begins anew after a restart.
    rows = [row(one, wait_ms=5_000, on_delay_ms=2000, **CONDITIONS | {"flat_after_ms": 0}) for one in (1, 2, 3)]
    scene = Scene(rows)
    delayed = sorted(((one[1] + chance.randint(0, 4), one) for one in course * 2), key=lambda one: one[0])
    for when, one in delayed:
        scene.come(one, after=when - one[1])
        if chance.random() < 0.1:
            # What waits survives a restart. Windows of rates are read back from the store, which has it all.
            scene.restart(rows, when, reading_of(course, until=when))
    scene.idle(delayed[-1][0] + 10)
    assert not scene.judge.is_owing
    assert without_silence(scene.told) == reference(rows, course)


def reading_of(course: Sequence[Told], *, until: float) -> Any:
    """Reads from a store that holds a course."""

    def read(numbers: Sequence[int], begin_ms: int, end_ms: int, slot_ms: int) -> Any:
        found, last = [], {}
        for number, at, value, quality in sorted(course, key=lambda one: (one[0], one[1])):
            ms = START + 1000 * at
            if number in numbers and begin_ms <= ms <= end_ms and quality >= GOOD and last.get(number) != ms // slot_ms:
                last[number] = ms // slot_ms
                found.append((number, ms, value))
        return np.array(found, POINT)

    return read


def test_a_restart_goes_on_with_everything_that_ran() -> None:
    rows = [row(1, on_delay_ms=4000, off_delay_ms=6000, **CONDITIONS), row(2)]
    rise = [(1, at, 50.0 + 3 * at, GOOD) for at in range(24)]
    fault = [(1, at, 0.0, FAULT) for at in range(24, 60)]
    still = [(1, at, 50.0, GOOD) for at in range(60, 160)]
    course = rise + fault + still
    scene = Scene(rows)
    for one in course:
        scene.come(one)
        scene.restart(rows, one[1], reading_of(course, until=one[1]))
    expected = reference(rows[:1], course)
    assert {one[1] for one in expected} == {"H", "HH", "ROC", "INSTR", "FLAT"}
    # What stands still for less than a minute begins anew; this one stands for longer.
    assert [one for one in without_silence(scene.told) if one[1] != "FLAT"] == [
        one for one in expected if one[1] != "FLAT"
    ]


def test_a_quick_signal_is_thinned_to_what_a_window_holds() -> None:
    scene = Scene([row(1, roc_limit=30.0)])
    for start in range(0, 200):
        at = START + start * 1000 + np.arange(0, 1000, 100)
        columns = Readings(np.zeros(10, np.int64), at, (at - START) / 1000, np.full(10, GOOD), np.zeros(10, int), at)
        scene._take(*scene.judge.judge([], columns, now_ms=int(at[-1])))
        assert scene.judge.rates._count.max() <= SAMPLES
    # A unit a second is told after four fifths of the window, at the second evaluation.
    assert [one[:3] for one in scene.told] == [(1, "ROC", True)]
    assert 48 <= scene.told[0][3] <= 51
    assert scene.values[0] == ("ROC", pytest.approx(60), 30)


def test_a_changed_limit_ends_what_it_had_begun() -> None:
    first = row(1, limits=(NAN, NAN, 80.0, 90.0))
    scene = Scene([first])
    scene.come((1, 0, 95.0, GOOD))
    assert [one[1] for one in scene.told] == ["H", "HH"]
    scene.renew([replace(first, limits=(NAN, NAN, 85.0, 90.0))], now=5)
    assert scene.judge.is_owing
    scene.idle(5)
    assert scene.told[2:] == [(1, "H", False, 5)]
    assert scene.values[2] == ("H", 95, 80)
    # By the new limit it begins anew; the other one stands.
    scene.come((1, 6, 95.0, GOOD))
    assert scene.told[3:] == [(1, "H", True, 6)]
    assert scene.values[3] == ("H", 95, 85)


@pytest.mark.parametrize("after", [[], "service"])
def test_a_tag_that_ends_or_is_repaired_leaves_no_alarm_standing(after: Any) -> None:
    rows = [row(1, limits=(NAN, NAN, 80.0, NAN), stale_ms=60_000)]
    ended = [replace(rows[0], is_in_service=False)] if after else []
    scene = Scene(rows)
    scene.come((1, 0, 95.0, GOOD))
    scene.come(spoke=[(5, 30)])
    scene.come(spoke=[(5, 61)])
    assert scene.told == [(1, "H", True, 0), (1, "STALE", True, 61)]
    scene.renew(ended, now=70)
    scene.idle(70)
    assert sorted(scene.told[2:]) == [(1, "H", False, 70), (1, "STALE", False, 70)]
    scene.come(spoke=[(5, 200)])
    assert len(scene.told) == 4


@pytest.mark.parametrize("after", [[], "other"])
def test_what_was_changed_while_no_processor_ran_ends_too(after: Any) -> None:
    rows = [row(1, limits=(NAN, NAN, 80.0, NAN)), row(2, limits=(NAN, NAN, 80.0, NAN))]
    scene = Scene(rows)
    scene.come((1, 0, 95.0, GOOD), (2, 0, 96.0, GOOD))
    changed = [replace(rows[0], limits=(NAN, NAN, 99.0, NAN))] if after else []
    scene.restart([*changed, rows[1]], now=20)
    scene.idle(20)
    assert scene.told[2:] == [(1, "H", False, 20)]
    scene.come((2, 21, 5.0, GOOD))
    assert scene.told[3:] == [(2, "H", False, 21)]


def test_a_tag_is_stale_while_its_source_speaks_and_is_told_again_at_once() -> None:
    scene = Scene([row(1, stale_ms=60_000), row(2, stale_ms=60_000), row(3, source=6, stale_ms=60_000)])
    scene.come((1, 0, 1.0, GOOD), (2, 0, 1.0, GOOD), (3, 0, 1.0, GOOD))
    for at in range(10, 60, 10):
        scene.come((2, at, 1.0, GOOD), (1, at, 1.0, LOST))
    assert scene.told == []
    scene.come((2, 61, 1.0, GOOD))
    assert scene.told == [(1, "STALE", True, 61)]
    assert scene.values == [("STALE", 61, 60)]
    scene.come((1, 70, 1.0, UNCERTAIN))
    assert scene.told[1:] == [(1, "STALE", False, 70)]
    assert scene.values[1] == ("STALE", 70, 60)


def test_a_source_that_was_silent_as_a_whole_makes_no_tag_stale() -> None:
    scene = Scene([row(1, stale_ms=60_000), row(2, stale_ms=60_000)])
    scene.come((1, 0, 1.0, GOOD), (2, 30, 1.0, GOOD))
    scene.idle(600)
    # It is back, and tells one tag first: the other one is due from here.
    scene.come((2, 700, 1.0, GOOD))
    scene.come((2, 750, 1.0, GOOD))
    assert scene.told == []
    scene.come((2, 761, 1.0, GOOD))
    assert scene.told == [(1, "STALE", True, 761)]


def test_a_backlog_makes_nobody_stale_and_neither_does_the_end_of_an_edge_node() -> None:
    """The processor began at 3,600 s; what it reads first arrived before."""
    scene = Scene([row(1, stale_ms=60_000), row(2, stale_ms=60_000)], start=START + 3_600_000)
    scene.come((1, 0, 1.0, GOOD), now=3_600)
    for at in range(10, 3_600, 50):
        scene.come((2, at, 1.0, GOOD), now=3_601)
    assert scene.told == []
    topic = "spBv1.0/g/NDEATH/n"
    none = np.empty(0, np.int64)
    scene._take(*scene.judge.judge(
        [Received(5, "sparkplug", topic, START + 3_700_000, b"")], Readings(none, none, np.empty(0), none, none, none),
        now_ms=START + 3_700_000,
    ))  # fmt: skip
    assert scene.told == []
    scene.come((2, 3_659, 1.0, GOOD))
    assert scene.told == []
    scene.come((2, 3_661, 1.0, GOOD))
    assert scene.told == [(1, "STALE", True, 3_661)]


def test_a_stale_tag_stays_so_across_a_restart_and_ends_with_a_reading_of_the_backlog() -> None:
    rows = [row(1, stale_ms=60_000), row(2, stale_ms=60_000)]
    scene = Scene(rows)
    scene.come((1, 0, 1.0, GOOD), (2, 30, 1.0, GOOD))
    scene.come((2, 61, 1.0, GOOD))
    scene.restart(rows, now=500)
    scene.come((1, 90, 1.0, GOOD), now=501)
    assert scene.told == [(1, "STALE", True, 61), (1, "STALE", False, 90)]
    assert scene.values[1] == ("STALE", 90, 60)
    assert scene.late == [False, True]


def test_what_was_heard_before_a_silence_ends_nothing_when_it_is_read_again() -> None:
    rows = [row(1, stale_ms=60_000), row(2, stale_ms=60_000)]
    scene = Scene(rows)
    scene.come((1, 0, 1.0, GOOD), (2, 30, 1.0, GOOD))
    scene.come((2, 61, 1.0, GOOD))
    scene.restart(rows, now=62)
    scene.come((1, 0, 1.0, GOOD), (2, 30, 1.0, GOOD), (2, 61, 1.0, GOOD), now=62)
    assert scene.told == [(1, "STALE", True, 61)]
    scene.come((1, 70, 1.0, GOOD))
    assert scene.told[1:] == [(1, "STALE", False, 70)]


def test_a_faulty_instrument_of_a_tag_that_tells_changes_alone() -> None:
    scene = Scene([row(1, is_by_exception=True, flat_after_ms=1000), row(2)])
    scene.come((1, 0, 1.0, GOOD), (1, 10, 0.0, FAULT))
    scene.come((2, 39, 1.0, GOOD))
    assert scene.told == []
    scene.come((2, 41, 1.0, GOOD))
    assert scene.told == [(1, "INSTR", True, 41)]
    assert scene.values == [("INSTR", FAULT, 30)]
    # Standing still is what it is meant to do.
    scene.come((1, 60, 1.0, GOOD), (1, 90, 1.0, GOOD))
    assert scene.told[1:] == [(1, "INSTR", False, 60)]


def test_history_is_judged_by_nothing_and_late_calls_nobody() -> None:
    scene = Scene([row(1, limits=(NAN, NAN, 80.0, NAN))])
    scene.come((1, 0, 95.0, GOOD), flags=HISTORY)
    assert scene.told == []
    scene.come((1, 1, 95.0, GOOD), flags=LATE)
    assert (scene.told, scene.late) == ([(1, "H", True, 1)], [True])


def test_a_full_window_lets_go_those_that_wait_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "MOST_HELD", 3)
    scene = Scene([row(1, wait_ms=5_000, limits=(NAN, NAN, 80.0, NAN)), row(2, wait_ms=5_000)])
    scene.come((1, 3, 95.0, GOOD))
    scene.come((1, 2, 10.0, GOOD), after=2, now=4)
    scene.come((2, 4, 1.0, GOOD), (2, 5, 1.0, GOOD), now=5)
    # The first one goes, and with it the one that it had overtaken.
    assert scene.told == [(1, "H", True, 3)]
    assert scene.judge.window.held.place.tolist() == [1, 1]
    assert scene.judge.state.last_ms[1] == NEVER


def test_states_that_the_first_version_packed_go_on_and_what_is_limited_no_more_ends() -> None:
    out = io.BytesIO()
    never = np.full((2, 4), NEVER)
    active = np.array([[False, False, True, False], [False, False, False, True]])
    np.savez(
        out, numbers=np.array([7, 8, 9]), stirred=np.array([0, 2]), last_ms=np.full(3, START), is_active=active,
        since=never, clear_since=never, bad_ms=np.full(2, NEVER),
    )  # fmt: skip
    book = Book()
    book.renew([row(8), row(7, limits=(NAN, NAN, 25.0, 50.0))])
    judge = Judge(book, now_ms=START)
    judge.unpack(out.getvalue(), now_ms=START)
    assert judge.state.is_active[book.places[7]].tolist() == [False, False, True, *[False] * 7]
    assert judge.state.last_ms[book.places[8]] == START
    (ended,) = judge._ended
    assert (book.numbers[ended.tag], NAMES[ended.limit], ended.is_raised) == (9, "HH", False)
