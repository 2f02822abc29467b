"""Counting for the eye: several query sets in one query, none further than anybody reads."""

from __future__ import annotations

from typing import Any

import pytest
from tests.factories import make_district

from quancheng.kernel.counting import count_up_to, told
from quancheng.kernel.people.models import Organisation


@pytest.mark.django_db
def test_several_are_counted_in_one_query_and_no_further_than_is_read(django_assert_num_queries: Any) -> None:
    make_district()
    every = Organisation.objects.order_by("pinyin")
    with django_assert_num_queries(1):
        found = count_up_to(3, {"all": every, "towns": every.filter(kind="town"), "none": every.none()})
    assert found == {"all": 4, "towns": 2, "none": 0}
    assert (told(3, 3), told(found["all"], 3)) == ("3", "3+")


@pytest.mark.django_db
def test_where_nothing_can_match_nothing_is_asked(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert count_up_to(3, {"none": Organisation.objects.none()}) == {"none": 0}
