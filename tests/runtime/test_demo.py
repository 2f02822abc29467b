"""The demo district: loads whole, and agrees with itself."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from quancheng.domains.duty.demo_texts import key_points
from quancheng.domains.duty.models import Assignment, Campaign, ChartLink, Plan, Task
from quancheng.domains.hazards.loops.patrol import PATROL_CLUE
from quancheng.domains.hazards.models import Patrol, PatrolClue, PatrolRecheck
from quancheng.domains.monitoring.models import Source, Tag
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.ladder.models import Escalation
from quancheng.kernel.loops.declare import loop_of
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.work.models import WorkItem
from quancheng.runtime import demo

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.mark.slow
@pytest.mark.django_db
def test_the_district_has_the_structure_of_a_real_one_and_its_loops_items_and_journal_agree() -> None:
    demo.load(seed=1, scale=1, now=NOW)
    kinds = Counter(Organisation.objects.values_list("kind", flat=True))
    assert kinds["town"] == 12
    assert kinds["department"] >= 20
    assert Plan.objects.filter(kind__in=("key_points", "scheme"), status="RUNNING").count() >= 3
    assert ChartLink.objects.filter(task__plan__owner_org__kind="town").exists()
    assert Campaign.objects.filter(rounds=2, status="RUNNING").exists()
    assert Plan.objects.filter(status="CLOSED").exists()
    states = Counter(Assignment.objects.values_list("status", flat=True))
    assert {"ASSIGNED", "IN_PROGRESS", "SUBMITTED", "CONTINUING", "DONE"} <= set(states)
    assert WorkItem.objects.overdue(now=NOW).exists()
    assert Task.objects.filter(status="DONE").exists()
    assert {"PROPOSED", "SIGNED"} <= set(Escalation.objects.values_list("status", flat=True))
    assert set(PATROL_CLUE.codes) == set(PatrolClue.objects.values_list("status", flat=True))
    assert {"DUE", "WALKED", "MISSED"} == set(Patrol.objects.values_list("status", flat=True))
    assert set(PatrolRecheck.objects.values_list("status", flat=True)) == {"SENT", "ANSWERED"}
    assert {account.username for account in demo.accounts()} >= {"office", "officer", "emb", "street1", "auditor"}
    assert set(Tag.objects.values_list("status", flat=True)) >= {"live", "service"}
    assert not Source.objects.exclude(digest=b"").exists(), "the demo hands out no secrets"
    for row in Assignment.objects.all():
        state = loop_of(row.loop_code, row.loop_version).states[row.status]
        items = WorkItem.objects.open().filter(subject_id=row.pk)
        assert items.count() == (0 if state.is_final else 1)
        assert JournalEntry.objects.filter(subject_id=row.pk).exists()


def test_the_plans_are_the_same_on_the_same_day() -> None:
    first = key_points(NOW.date(), number=1, months_ago=6)
    assert first == key_points(NOW.date(), number=1, months_ago=6)
    assert "2026年11月底前" in first
