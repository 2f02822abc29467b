"""Numbers of an announcement among themselves and against facts; the promise; a draw that anybody can repeat."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.risk import commitment


def numbers(**changed: int) -> dict[str, int]:
    found = {one.code: 0 for one in commitment.NUMBERS} | {"level": 4}
    return found | changed


def test_running_stopped_and_under_overhaul_make_all_units() -> None:
    assert commitment.faults(numbers(units=3, running=1, stopped=1, overhaul=1)) == []
    wrong = commitment.faults(numbers(units=3, running=1, stopped=1))
    assert [one.field for one in wrong] == ["units"]
    assert commitment.faults(numbers(units=3, running=1, stopped=1), sums=False) == []
    assert [one.field for one in commitment.faults(numbers(units=1, stopped=2))] == ["stopped"]


@pytest.mark.parametrize(("code", "value"), [("hot_1", -1), ("pilot", 2), ("level", 0), ("level", 5), ("tanks", 10**9)])
def test_a_number_out_of_its_range_is_a_fault(code: str, value: int) -> None:
    assert [one.field for one in commitment.faults(numbers(**{code: value}))] == [code]


def test_only_the_direction_that_hides_something_contradicts() -> None:
    facts = {"major_dangers": 1, "running": 2, "level": 2, "units": 3, "hazards_1": 1, "hot_1": 1, "stopped": 0}
    honest = numbers(major_dangers=1, running=1, level=1, units=3, hazards_1=1, hot_1=1, stopped=2)
    assert commitment.contradictions(honest, facts) == []
    false = numbers(running=3, level=3, units=2)
    found = {(one.reason, one.code) for one in commitment.contradictions(false, facts)}
    assert found == {
        ("MAJOR_DANGER", "major_dangers"), ("RUNNING", "running"), ("LEVEL", "level"), ("UNITS", "units"),
        ("HAZARDS", "hazards_1"), ("WORK", "hot_1"),
    }  # fmt: skip


def test_the_promise_says_numbers_day_and_person_and_the_interface_its_flags() -> None:
    values = numbers(units=2, running=2, hot_special=1, confined=2, height=3, starting=1, contractor=4, hazards_2=1)
    said = commitment.promise(values, day=date(2026, 9, 8), company="示例公司", person="示例甲")
    assert "2026年9月8日" in said
    assert "特级、一级、二级动火分别为1、0、0处，受限空间2处，其他特殊作业3处" in said
    assert "1处重大危险源包保责任已到位" in said
    assert said.endswith("承诺人：示例甲。")
    told = commitment.as_national(values)
    assert (told["firesNumber"], told["openParking"], told["openParkingNumber"], told["contractor"]) == (1, 1, 1, 1)
    assert told["trialProduction"] == 0


@given(st.sets(st.uuids().map(str), min_size=1, max_size=40), st.integers(1, 50), st.text(max_size=20))
def test_a_draw_is_the_same_again_and_a_smaller_one_its_beginning(pool: set[str], size: int, seed: str) -> None:
    drawn = commitment.draw(pool, seed=seed, size=size)
    assert drawn == commitment.draw(sorted(pool, reverse=True), seed=seed, size=size)
    assert len(drawn) == min(size, len(pool))
    assert set(drawn) <= pool
    assert commitment.draw(pool, seed=seed, size=size - 1) == drawn[: size - 1]
    assert commitment.digest_of_pool(pool) == commitment.digest_of_pool(sorted(pool, reverse=True))
