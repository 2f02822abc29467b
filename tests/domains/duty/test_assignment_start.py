"""Assignments know the day on which their task begins: those that stood before learn it, new ones are born with it."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection
from tests.domains.duty.factories import make_assignment
from tests.factories import make_district

from quancheng.domains.duty.models import Assignment


@pytest.mark.django_db
def test_assignments_that_stood_before_take_over_the_start_of_their_task(monkeypatch: pytest.MonkeyPatch):
    district = make_district()
    days = [date(2026, 9, 1), date(2026, 8, 15), date(2026, 7, 1)]
    keys = [make_assignment(district, start_date=day).pk for day in days]
    migration = import_module("quancheng.domains.duty.migrations.0018_assignment_start_filled")
    monkeypatch.setattr(migration, "BATCH", 2)
    with connection.cursor() as cursor:
        # Stands before the real table, which takes no empty day any more.
        cursor.execute("CREATE TEMPORARY TABLE duty_assignment ON COMMIT DROP AS SELECT * FROM duty_assignment")
        cursor.execute("UPDATE duty_assignment SET start_date = NULL")
    migration.take_over(None, SimpleNamespace(connection=connection))
    held = dict(Assignment.objects.values_list("pk", "start_date"))
    assert [held[key] for key in keys] == days
