"""What a major hazard must have beside its measured parameters: by kind, grade, contents and day."""

from __future__ import annotations

from datetime import date

import pytest

from quancheng.standards.signals import tags
from quancheng.standards.signals.basis import Refused
from quancheng.standards.signals.installations import LIMITED, TRAITS, asked_of, every
from quancheng.standards.wording import MARKS

TODAY = date(2026, 1, 1)


def codes(kind: str, grade: int, *traits: str, on: date = TODAY) -> set[str]:
    return {one.code for one in asked_of(kind, grade=grade, traits=traits, on=on)}


def test_each_row_says_what_it_rests_on_and_how_sure_that_is() -> None:
    for one in every():
        assert one.mark in MARKS
        assert one.traits <= TRAITS.keys()
        assert all((*one.text, *one.basis))
    assert tags.PARAMETERS.keys() >= LIMITED


@pytest.mark.parametrize(
    ("kind", "grade", "traits", "expected"),
    [
        ("tank", 4, (), {"records", "video"}),
        ("tank", 2, (), {"records", "video", "emergency_stop", "shut_off"}),
        ("bay", 2, (), {"records", "emergency_stop"}),
        ("tank", 3, ("toxic_gas",), {"records", "video", "shut_off", "leak_treatment"}),
        ("tank", 1, ("liquefied_gas",), {"records", "video", "emergency_stop", "shut_off", "safety_system"}),
        ("bay", 4, ("highly_toxic",), {"records", "video"}),
        ("bay", 4, ("watched", "guarded"), {"records", "video", "entry"}),
        ("tank", 4, ("large_volume",), {"records", "video", "level_points"}),
        ("equipment", 3, (), {"records", "automation"}),
    ],
)
def test_what_is_asked(kind: str, grade: int, traits: tuple[str, ...], expected: set[str]) -> None:
    assert codes(kind, grade, *traits) == expected


def test_what_was_not_in_force_yet_is_not_asked() -> None:
    assert codes("tank", 1, "toxic_gas", on=date(2011, 11, 30)) == {"video"}
    assert codes("tank", 2, on=date(2011, 12, 1)) == {"records", "video", "emergency_stop"}


def test_what_nobody_knows_is_refused() -> None:
    with pytest.raises(Refused, match="UNKNOWN_TRAIT"):
        codes("tank", 1, "sour")
    with pytest.raises(Refused, match="BAD_GRADE"):
        codes("tank", 5)
