"""Many more tasks by COPY: like the originals in everything, and in agreement with themselves."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from tests.domains.duty.factories import make_task
from tests.factories import NOW, District, make_district, make_file

from quancheng.domains.duty.models import Assignment, Instalment, Progress, Task
from quancheng.domains.duty.queries.tasks import list_assignments
from quancheng.domains.duty.scale import disagreements, multiply
from quancheng.domains.duty.services import work
from quancheng.domains.duty.services.tasks import Milestone, TargetSpec
from quancheng.domains.duty.services.work import ProgressSpec
from quancheng.kernel.journal.models import JournalEntry, JournalWaiting
from quancheng.kernel.journal.services import entry_digest, seal
from quancheng.kernel.journal.verify import verify
from quancheng.kernel.loops.services import available_moves, history
from quancheng.kernel.work.models import WorkItem
from quancheng.kernel.work.queries import list_my_items

pytestmark = pytest.mark.django_db

#: What the text format of COPY must escape, and a sign that Python takes for the end of a line.
AWKWARD = '第一行\n第二行\t"引号"\\N \u2028 完'


@pytest.fixture
def district() -> District:
    """Two tasks of a plan, one with a report, a file, a figure and milestones; one just assigned; one not of a plan."""
    district = make_district()
    leads = [(district.department_org, "区应急局"), (district.town_org, "甲街道")]
    target = TargetSpec(indicator="检查", phrase="14座", value=Decimal(14), unit="座")
    milestones = [Milestone("m1", "第一期", date(2026, 9, 30)), Milestone("m2", "第二期", date(2026, 10, 31))]
    make_task(district, origin="plan", code="2026-001-1", leads=leads, targets=[target], milestones=milestones)
    make_task(district, origin="plan", code="2026-001-10", text=AWKWARD)
    make_task(district, origin="manual", code="M-1")
    mine = Assignment.objects.get(task__code="2026-001-1", org=district.department_org)
    work.accept(actor=district.department, assignment=mine, now=NOW)
    figures = {str(mine.task.targets.get().pk): "7"}
    evidence = [make_file(district.department)]
    spec = ProgressSpec(percent=50, text=AWKWARD, figures=figures, evidence=evidence)
    work.report_progress(actor=district.department, assignment=mine, spec=spec, now=NOW)
    work.ask_extension(
        actor=district.department, assignment=mine, to_date=date(2026, 11, 30), reason="施工未完。", now=NOW
    )
    return district


def test_a_scale_of_four_makes_four_times_the_tasks_of_plans_and_no_other(district: District) -> None:
    multiply(scale=4)
    assert Task.objects.filter(origin="plan").count() == 8
    assert Task.objects.filter(origin="manual").count() == 1
    assert Assignment.objects.filter(task__origin="plan").count() == 12
    assert Instalment.objects.count() == 16
    assert Progress.objects.filter(text=AWKWARD.strip()).count() == 4
    assert set(Task.objects.filter(code__startswith="2026-001-10").values_list("text", flat=True)) == {AWKWARD.strip()}


def test_rows_work_items_moves_and_journal_agree_and_a_missing_one_is_found(district: District) -> None:
    multiply(scale=3)
    assert disagreements() == []
    copy = Assignment.objects.get(task__code="2026-001-1x1", org=district.department_org)
    WorkItem.objects.filter(subject_id=copy.pk).update(done_at=NOW)
    Task.objects.filter(code="2026-001-10x1").update(status="DONE")
    assert disagreements() == [
        "duty.task: 1 closed rows with an open work item",
        "duty.task: 1 rows that do not stand where their last move left them",
        "duty.assignment: 1 open rows whose open work item is missing or stands elsewhere",
    ]


def test_a_copy_is_a_row_like_any_other(district: District) -> None:
    multiply(scale=2)
    actor = district.department
    copy = list_assignments(actor=actor, now=NOW).get(task__code="2026-001-1x1", org=district.department_org)
    assert [record.move for record in history(copy)] == ["report", "accept", ""]
    assert copy.figures == {str(copy.task.targets.get().pk): "7"}
    assert "2026-001-1x1 开展危险化学品专项检查" in {item.title for item in list_my_items(actor=actor)}
    assert not list_assignments(actor=district.enterprise, now=NOW).exists()
    assert "submit" not in {choice.name for choice in available_moves(actor, copy)}, "its milestones are its own"
    spec = ProgressSpec(percent=60, text="继续推进。")
    work.report_progress(actor=actor, assignment=copy, spec=spec, now=NOW + timedelta(days=1))
    assert Assignment.objects.get(task__code="2026-001-1", org=district.department_org).progress == 50


def test_the_journal_of_the_copies_can_be_sealed_and_stands(district: District) -> None:
    before = JournalEntry.objects.count()
    multiply(scale=3)
    assert all(entry.digest == entry_digest(entry) for entry in JournalEntry.objects.all())
    assert JournalEntry.objects.count() > before
    while JournalWaiting.objects.exists():
        seal(now=NOW)
    assert verify(now=NOW).is_sound


def test_identifiers_of_copies_keep_their_time_and_version(district: District) -> None:
    multiply(scale=2)
    for code in ("2026-001-1", "2026-001-10"):
        one, two = Task.objects.get(code=code), Task.objects.get(code=f"{code}x1")
        assert one.pk != two.pk
        assert two.pk.version == 7
        assert one.pk.int >> 80 == two.pk.int >> 80


def test_one_is_the_district_itself_and_less_is_refused(district: District) -> None:
    assert multiply(scale=1) == 0
    with pytest.raises(ValueError, match="smaller"):
        multiply(scale=0)


def test_references_of_copies_are_checked_like_any_others(district: District) -> None:
    multiply(scale=2)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
