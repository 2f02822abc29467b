"""Space layout: classes of protected objects, distances that ship, and what a measured distance means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.gb36894 import CLASSES, class_of_people
from quancheng.standards.risk import layout
from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.layout import Verdict, judge

SURE: dict[str, Any] = {
    "rule_m": None, "has_report": True, "at_start": False, "of_unit": False, "has_boundary": True, "has_edge": True,
    "assumed": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("people", "code"), [(0, "third"), (29, "third"), (30, "second"), (99, "second"), (100, "first")]
)
def test_the_class_of_an_object_follows_from_its_people(people: int, code: str) -> None:
    assert class_of_people(people) == code


def test_people_that_nobody_counted_make_the_strictest_class_and_no_number_is_refused() -> None:
    assert layout.class_of("people", None) == ("first", True)
    assert layout.class_of_place("water", None) == ("water", False)
    with pytest.raises(BadInput):
        class_of_people(-1)


def test_new_installations_have_stricter_limits_than_those_in_service() -> None:
    assert [f"{one.new_limit:.0E} {one.in_service_limit:.0E}" for one in CLASSES.values()] == [
        "3E-7 3E-6", "3E-6 1E-5", "1E-5 3E-5",
    ]  # fmt: skip


def test_whatever_ships_is_of_known_sources_targets_and_marks() -> None:
    for (source, target), one in layout.screenings().items():
        assert source in layout.SOURCES
        assert target in layout.TARGETS
        assert one.mark in ("V", "G", "D")
        assert one.metres > 0
    assert layout.CONFLICT in layout.screenings()
    classes = {one.object_class for one in layout.zone_kinds().values()}
    assert classes <= {*CLASSES, "people", ""}


@pytest.mark.parametrize(
    ("kind", "grade", "source"),
    [("depot", 1, "hazard_high"), ("user", 3, "hazard_low"), ("depot", None, "plant"),
     ("petrol_station", None, "station"), ("laboratory", None, "user"), ("carrier", 1, ""), ("trader_paper", None, "")],
)  # fmt: skip
def test_an_enterprise_asks_the_row_of_its_gravest_danger(kind: str, grade: int | None, source: str) -> None:
    assert layout.source_of(kind, grade) == source


@pytest.mark.parametrize(("metres", "verdict"), [(299, Verdict.SHORT), (300, Verdict.MEETS), (301, Verdict.MEETS)])
def test_a_report_is_met_at_its_distance(metres: int, verdict: Verdict) -> None:
    assert judge(metres=metres, own_m=300, **SURE).verdict == verdict


@given(
    st.integers(0, 3000), st.none() | st.integers(0, 3000), st.none() | st.integers(0, 3000), st.booleans(),
    st.booleans(), st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
def test_nothing_is_met_without_a_report_and_what_is_not_known_says_what_is_missing(
    metres: int, own: int | None, rule: int | None, start: bool, unit: bool, boundary: bool, edge: bool, assumed: bool
) -> None:
    found = judge(
        metres=metres, own_m=own, rule_m=rule, has_report=own is not None, at_start=start, of_unit=unit,
        has_boundary=boundary, has_edge=edge, assumed=assumed,
    )  # fmt: skip
    assert set(found.missing) <= set(layout.MISSING)
    if found.verdict == Verdict.MEETS:
        assert own is not None
        assert metres >= own
        assert boundary or start
        assert edge
    if found.verdict == Verdict.UNKNOWN:
        assert found.missing
    if own is None:
        assert found.verdict in (Verdict.BELOW, Verdict.UNKNOWN)
