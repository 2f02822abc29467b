"""A database is born a demonstration or real, once and for life."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.utils import ProgrammingError

from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.errors import Conflict, Invalid
from quancheng.kernel.house.models import House
from quancheng.kernel.house.queries import house_kind, is_demo
from quancheng.kernel.house.services import found_house

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def _found(kind: str = "demo", code: str = "990001") -> House:
    return found_house(actor=system_actor("setup"), kind=kind, district_code=code, district_name="示范区", now=NOW)


@pytest.mark.django_db
def test_before_birth_a_database_is_neither_demo_nor_real():
    assert house_kind() == ""
    assert is_demo() is False


@pytest.mark.django_db
def test_a_database_born_as_demo_says_so():
    _found()
    assert house_kind() == "demo"
    assert is_demo() is True


@pytest.mark.django_db
def test_a_demo_never_becomes_real():
    _found("demo")
    with pytest.raises(Conflict):
        _found("real")
    assert house_kind() == "demo"


@pytest.mark.django_db
def test_the_same_birth_told_twice_is_one_birth():
    assert _found().pk == _found().pk
    assert House.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "code"), [("test", "990001"), ("demo", "")])
def test_an_unknown_kind_or_no_district_is_refused(kind: str, code: str):
    with pytest.raises(Invalid):
        _found(kind, code)
    assert not House.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["UPDATE house_house SET kind = 'real'", "DELETE FROM house_house"])
def test_the_application_role_cannot_rewrite_the_birth(query: str):
    _found()
    with pytest.raises(ProgrammingError), connection.cursor() as cursor:
        cursor.execute(query)
