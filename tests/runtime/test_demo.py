"""The demo district: loads whole, agrees with itself, and is the same for the same seed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from quancheng.domains.duty.models import Assignment, Plan, Task
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.loops.declare import loop_of
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.work.models import WorkItem
from quancheng.runtime import demo

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.fixture
def loaded(db: None) -> None:
    demo.load(seed=1, scale=1, now=NOW)


def test_the_district_has_the_structure_of_a_real_one_with_work_in_progress_and_some_of_it_late(loaded: None) -> None:
    kinds = Counter(Organisation.objects.values_list("kind", flat=True))
    assert kinds["town"] == 12
    assert kinds["department"] >= 20
    assert Plan.objects.filter(status="RUNNING").count() == 3
    states = Counter(Assignment.objects.values_list("status", flat=True))
    assert {"ASSIGNED", "IN_PROGRESS", "SUBMITTED", "CONTINUING", "DONE"} <= set(states)
    assert WorkItem.objects.overdue(now=NOW).exists()
    assert Task.objects.filter(status="DONE").exists()
    assert {account.username for account in demo.accounts()} >= {"office", "officer", "emb", "street1", "auditor"}


def test_loops_work_items_and_journal_agree_on_every_row(loaded: None) -> None:
    for row in Assignment.objects.all():
        state = loop_of(row.loop_code, row.loop_version).states[row.status]
        items = WorkItem.objects.open().filter(subject_id=row.pk)
        assert items.count() == (0 if state.is_final else 1)
        assert JournalEntry.objects.filter(subject_id=row.pk).exists()


def test_the_same_seed_gives_the_same_district(loaded: None) -> None:
    from django.db import transaction

    def picture() -> list[tuple[str, str, str, int]]:
        rows = Assignment.objects.order_by("task__code", "org__name")
        return list(rows.values_list("task__code", "org__name", "status", "progress"))

    first = picture()
    with transaction.atomic():
        from quancheng.domains.duty.demo_texts import key_points

        assert key_points(NOW.date(), number=1, months_ago=6) == key_points(NOW.date(), number=1, months_ago=6)
    assert first == picture()
