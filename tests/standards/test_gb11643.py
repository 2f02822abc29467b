"""What a resident identity number says."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.kernel.vault.services import check_resident_id
from quancheng.standards import gb11643


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 999))
def test_birth_and_sex_are_read_and_the_check_character_is_that_of_the_vault(born: date, order: int) -> None:
    first = f"990102{born:%Y%m%d}{order:03d}"
    number = first + gb11643.check_character(first)
    assert check_resident_id(number) == number
    assert gb11643.read(number) == gb11643.Told(born, "male" if order % 2 else "female")


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2000, 9, 9), date(2026, 9, 8), 25),
        (date(2000, 9, 9), date(2026, 9, 9), 26),
        (date(2000, 2, 29), date(2026, 2, 28), 25),
        (date(2000, 2, 29), date(2026, 3, 1), 26),
    ],
)
def test_a_year_more_on_the_day_of_birth(born: date, day: date, age: int) -> None:
    assert gb11643.age_on(born, day) == age


@pytest.mark.parametrize("text", ["", "99010220000101", "9901022000010112X"])
def test_what_is_not_seventeen_digits_has_no_check_character(text: str) -> None:
    with pytest.raises(ValueError, match="17 digits"):
        gb11643.check_character(text)
    with pytest.raises(ValueError, match="18 characters"):
        gb11643.read(text)
