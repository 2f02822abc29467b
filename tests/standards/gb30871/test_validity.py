"""How long permits count, what may be changed of the figures, and when a new permit is needed."""

from datetime import time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.standards.gb30871.made import AROUND, MONDAY, TUESDAY, slot, when

from quancheng.standards.gb30871 import validity
from quancheng.standards.gb30871.basis import BadInput, Slot
from quancheng.standards.gb30871.parameters import STANDARD, Loosened, Parameters, bounds, with_changes
from quancheng.standards.gb30871.validity import check_window, longest_validity

LONGEST_H = {
    ("HW", "S"): 8, ("HW", "I"): 8, ("HW", "II"): 72, ("CS", ""): 24, ("BL", ""): 24, ("WH", ""): 168, ("LF", ""): 24,
    ("TE", ""): 360, ("EX", ""): 360, ("RC", ""): 360,
}  # fmt: skip


def test_every_kind_has_its_longest_validity_with_a_clause():
    found = validity.all_longest()
    assert {key: longest.hours for key, longest in found.items()} == LONGEST_H
    assert all(longest.why.clause.startswith("GB 30871-2022, ") for longest in found.values())


@pytest.mark.parametrize(("key", "hours"), LONGEST_H.items())
def test_the_longest_window_stands_and_a_second_more_does_not(key, hours):
    start = when(f"{MONDAY} 08:00")
    assert check_window(*key, Slot(start, start + timedelta(hours=hours))).is_allowed
    assert not check_window(*key, Slot(start, start + timedelta(hours=hours, seconds=1))).is_allowed


def test_temporary_electricity_may_count_30_days_with_a_reason_and_no_more():
    start = when(f"{MONDAY} 08:00")
    month = Slot(start, start + timedelta(days=30))
    assert not check_window("TE", "", month).is_allowed
    assert check_window("TE", "", month, special_reason=True).is_allowed
    assert not check_window("TE", "", Slot(start, start + timedelta(days=31)), special_reason=True).is_allowed


def test_temporary_electricity_stays_inside_the_work_that_it_serves_tv_18():
    hot = slot(TUESDAY, "08:00", "16:00")
    found = check_window("TE", "", slot(TUESDAY, "06:00", "18:00"), linked=hot)
    assert [(why.code, why.clause) for why in found.problems] == [("VALID-TE-LINKED", "GB 30871-2022, 10.8")]
    assert check_window("TE", "", hot, linked=hot).is_allowed


def test_slots_that_need_an_upgrade_are_parted_from_the_others_tv_04():
    by_day, evening = slot(MONDAY, "08:00", "17:00"), slot(TUESDAY, "19:00", "22:00")
    assert validity.split([by_day, evening], AROUND) == ((by_day,), (evening,))
    assert validity.slots_outside(slot(MONDAY, "08:00", "18:00"), [by_day, evening]) == (evening,)


def test_work_runs_only_while_all_related_permits_are_valid():
    windows = [slot(MONDAY, "08:00", "16:00"), slot(MONDAY, "09:00", "18:00")]
    wanted = {"08:30": False, "09:00": True, "16:00": True, "16:01": False}
    assert {clock: validity.may_work(when(f"{MONDAY} {clock}"), windows) for clock in wanted} == wanted


def test_height_is_confirmed_anew_after_a_break():
    now = when(f"{TUESDAY} 08:00")
    assert validity.needs_reconfirmation("WH", now, now - timedelta(hours=12)).clause.endswith("8.2.11")
    assert validity.needs_reconfirmation("WH", now, None) is None
    assert validity.needs_reconfirmation("CS", now, now - timedelta(hours=12)) is None


@pytest.mark.parametrize("fact", ["content", "scope", "place", "validity_passed", "conditions"])
def test_each_change_makes_a_new_permit_necessary(fact):
    facts = dict.fromkeys(["content", "scope", "place", "validity_passed", "conditions"], False)
    assert validity.replacement_needed(**facts) is None
    why = validity.replacement_needed(**{**facts, fact: True})
    assert (why.fact, why.clause[-4:]) == (fact, "4.17" if fact == "conditions" else "4.16")


# Figures -------------------------------------------------------------------------------------------------------------


def test_the_figures_of_the_class_are_those_of_the_table():
    assert {name: getattr(STANDARD, name) for name in bounds()} == {name: one.default for name, one in bounds().items()}
    assert set(bounds()) == set(Parameters.__dataclass_fields__)


@pytest.mark.parametrize("bound", bounds().values(), ids=lambda bound: bound.name)
def test_a_figure_may_reach_its_bounds_and_nothing_beyond(bound):
    for value in (bound.low, bound.high):
        assert getattr(with_changes({bound.name: value}), bound.name) == value
    if isinstance(bound.low, time):
        looser = {"night_from": time(20, 1), "night_to": time(5, 59)}[bound.name]
        beyond = [looser]
    else:
        beyond = [bound.high + Decimal("0.001"), bound.low - Decimal("0.001")]
    for value in beyond:
        with pytest.raises(Loosened) as refused:
            with_changes({bound.name: value})
        assert refused.value.clause == bound.clause
        assert bound.clause in refused.value.reason.zh


@pytest.mark.parametrize(
    "changes",
    [{"hw_valid_h": Decimal(8)}, {"cs_valid_h": time(1)}, {"night_from": Decimal(20)}, {"cs_valid_h": Decimal("NaN")}],
)
def test_a_figure_of_the_wrong_name_or_sort_is_refused(changes):
    with pytest.raises(BadInput):
        with_changes(changes)


@given(st.integers(1, 72), st.integers(1, 72), st.integers(1, 100))
def test_a_stricter_figure_never_allows_more(first, second, hours):
    strict, loose = (
        with_changes({"hw_valid_h_2": Decimal(value)}) for value in (min(first, second), max(first, second))
    )
    start = when(f"{MONDAY} 00:00")
    window = Slot(start, start + timedelta(hours=hours))
    assert check_window("HW", "II", window, loose).is_allowed or not check_window("HW", "II", window, strict).is_allowed
    assert longest_validity("HW", "II", strict).length <= longest_validity("HW", "II", loose).length
