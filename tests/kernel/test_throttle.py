"""How often an address used what is open: bounds, networks, things that count apart, two at once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import NOW

from quancheng.kernel.access.models import AddressUse
from quancheng.kernel.errors import TooMany
from quancheng.kernel.throttle import Bound, count_use

HOUR = timedelta(hours=1)


def passes(address: str | None = "203.0.113.9", *, most: int = 2, at: timedelta = timedelta(), **more: Any) -> bool:
    given: dict[str, Any] = {"place": "test", "bound": Bound(most, HOUR), "now": NOW + at, **more}
    try:
        count_use(address=address, **given)
    except TooMany:
        return False
    return True


@pytest.mark.django_db
def test_a_use_counts_for_exactly_so_long_and_a_refusal_does_not() -> None:
    assert [passes(), passes(at=HOUR / 2)] == [True, True]
    assert not any(passes(at=HOUR - timedelta(seconds=left)) for left in (60, 2, 1))
    assert passes(at=HOUR)
    assert not passes(at=HOUR)
    assert passes(at=HOUR * 3 / 2)
    assert AddressUse.objects.count() == 4


@pytest.mark.django_db
def test_addresses_places_and_things_count_apart_but_a_network_of_ipv6_together() -> None:
    one = {"most": 1}
    assert passes(**one)
    assert passes("203.0.113.10", **one)
    assert passes(place="elsewhere", **one)
    assert [passes(about="a", **one), passes(about="b", **one), passes(about="a", **one)] == [True, True, False]
    assert passes("2001:db8:1:2::1", **one)
    assert not passes("2001:db8:1:2:ffff::9", **one)
    assert not passes("2001:db8:1:2::1", about="a", **one)
    assert passes("2001:db8:1:3::1", **one)
    assert [passes(None, **one), passes("", **one)] == [True, False]
    assert not AddressUse.objects.filter(address_digest__contains="203.0").exists()


@pytest.mark.django_db
def test_everybody_together_has_a_bound_of_his_own() -> None:
    day = Bound(3, timedelta(days=1))
    assert [passes(f"203.0.113.{number}", together=day) for number in range(5)] == [True, True, True, False, False]
    assert passes("203.0.113.9", together=day, at=timedelta(days=1))


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_pass_than_the_bound() -> None:
    passed: list[bool] = []

    def ask() -> None:
        try:
            passed.append(passes(most=3, together=Bound(50, HOUR)))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (passed.count(True), len(passed)) == (3, 8)


@pytest.mark.django_db
@given(st.lists(st.integers(0, 7200), max_size=30), st.integers(1, 4))
def test_no_time_of_the_bound_ever_holds_more_uses_than_it_allows(seconds: list[int], most: int) -> None:
    AddressUse.objects.all().delete()
    passed = [at for at in sorted(seconds) if passes(most=most, at=timedelta(seconds=at))]
    for first in passed:
        assert sum(1 for at in passed if first <= at < first + 3600) <= most
