"""Moves: what one costs, and that of two at once one wins whatever the actor's scope is made of."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from tests.domains.duty.factories import make_assignment
from tests.factories import NOW, District, make_district

from quancheng.domains.duty.models import Assignment
from quancheng.domains.duty.services import work
from quancheng.kernel.errors import StaleState
from quancheng.kernel.loops.models import MoveRecord


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def test_a_move_costs_few_queries(district: District) -> None:
    row = make_assignment(district)
    row.refresh_from_db()
    with CaptureQueriesContext(connection) as asked:
        work.accept(actor=district.department, assignment=row, now=NOW)
    statements = [one["sql"] for one in asked if "SAVEPOINT" not in one["sql"]]
    # Somebody else's step; row; record; journal and its queue; item closed, task, its new owner, item opened; shares;
    # area; event, its readers, their deliveries and jobs.
    assert len(statements) <= 15


def test_a_move_reads_back_what_others_changed_and_keeps_what_it_knew(district: District) -> None:
    row = make_assignment(district)
    task = row.task
    Assignment.objects.filter(pk=row.pk).update(printed="改过的单位")
    work.accept(actor=district.department, assignment=row, now=NOW)
    assert (row.status, row.printed) == ("IN_PROGRESS", "改过的单位")
    assert row.task is task
    assert Assignment.objects.get(pk=row.pk).status == "IN_PROGRESS"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_in_one_street_who_accept_at_once_one_wins() -> None:
    district = make_district()
    pk = make_assignment(district, leads=[(district.town_org, "甲街道")]).pk
    moved, told = threading.Event(), []

    def second() -> None:
        try:
            row = Assignment.objects.get(pk=pk)
            moved.wait(timeout=60)
            work.accept(actor=district.town, assignment=row, now=NOW)
        except StaleState as refusal:
            told.append(str(refusal))
        finally:
            connections.close_all()

    thread = threading.Thread(target=second)
    thread.start()
    with transaction.atomic():
        work.accept(actor=district.town, assignment=Assignment.objects.get(pk=pk), now=NOW)
        moved.set()
        with connection.cursor() as cursor:
            waiting = False
            while not waiting and thread.is_alive():
                cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
                waiting = cursor.fetchone()[0]
    thread.join(timeout=60)
    assert len(told) == 1
    assert MoveRecord.objects.filter(subject_id=pk, move="accept").count() == 1
