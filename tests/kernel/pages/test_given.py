"""Keys and days of an address are read or refused by name, never guessed."""

from __future__ import annotations

import uuid
from datetime import date

import pytest

from quancheng.kernel.errors import Invalid, NotFound
from quancheng.kernel.pages.given import asked_day, asked_key, known_key


def test_what_is_no_key_is_none_or_not_found() -> None:
    key = uuid.uuid4()
    assert known_key(str(key)) == asked_key(str(key)) == key
    assert known_key("") is None
    with pytest.raises(NotFound):
        asked_key("7")


@pytest.mark.parametrize("text", ["2026-02-30", "heute", "0001-01-01", "9999-12-31"])
def test_what_is_no_day_that_one_can_reckon_with_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        asked_day(text, "first")
    assert list(refused.value.fields) == ["first"]


def test_an_empty_day_is_none_and_a_day_is_itself() -> None:
    assert asked_day("", "first") is None
    assert asked_day("2026-10-31", "first") == date(2026, 10, 31)
