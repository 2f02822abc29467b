"""Reports missed twice in a row begin the climb at the urging letter, once the first miss was warned of."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.factories import NOW, District, make_district
from tests.kernel.ladder.factories import make_item

from quancheng.kernel.ladder.models import Escalation
from quancheng.kernel.ladder.services.climbing import climb
from quancheng.kernel.ladder.services.deciding import drop_escalation, sign_escalation
from quancheng.kernel.papers.models import Service
from quancheng.kernel.papers.services import serving
from quancheng.kernel.schedule.models import Occurrence, RecurringRule
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def district() -> District:
    return make_district()


def make_months(district: District, *, done_late: bool = False) -> tuple[WorkItem, WorkItem]:
    """The department's reports of August, forty days late, and of September, three days late."""
    rule = RecurringRule.objects.create(
        owner_org=district.office_org, code="monthly", name="每月进展", generator="test.report", recurrence="monthly",
        figures={"day": 20}, first_day=date(2026, 1, 1), created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    august = make_item(district, due_in_days=-33, ladder="report", title="8月进展报告", subject_type="duty.report")
    september = make_item(district, due_in_days=-3, ladder="report", title="9月进展报告", subject_type="duty.report")
    for period, item in (("2026-08", august), ("2026-09", september)):
        assert item.due_at is not None
        Occurrence.objects.create(
            rule=rule, period=period, org=district.department_org, due_date=item.due_at.date(),
            subject_type=item.subject_type, subject_id=item.subject_id, created_at=NOW,
        )  # fmt: skip
    if done_late:
        WorkItem.objects.filter(pk=august.pk).update(done_at=NOW - DAY, outcome="submit")
    return august, september


def warn_of_august(district: District, august: WorkItem) -> None:
    """The warning of the first miss, signed and served while September was not late yet."""
    WorkItem.objects.exclude(pk=august.pk).update(due_at=NOW + 60 * DAY)
    climb(now=NOW - 30 * DAY)
    row = Escalation.objects.get()
    sign_escalation(actor=district.director, escalation=row, now=NOW - 30 * DAY)
    serving.send_service(actor=district.officer, service=Service.objects.get(), now=NOW - 30 * DAY)


def test_the_second_miss_in_a_row_begins_at_the_urging_letter(district: District) -> None:
    august, september = make_months(district)
    due = september.due_at
    warn_of_august(district, august)
    WorkItem.objects.filter(pk=august.pk).update(done_at=NOW - 20 * DAY, outcome="submit")
    WorkItem.objects.filter(pk=september.pk).update(due_at=due)
    climb(now=NOW)
    row = Escalation.objects.get(item=september)
    assert (row.step, row.rung_name, row.trigger) == (2, "督促函", "missed_in_a_row")


def test_without_a_warning_of_the_first_miss_it_begins_at_the_warning(district: District) -> None:
    _august, september = make_months(district, done_late=True)
    climb(now=NOW)
    row = Escalation.objects.get(item=september)
    assert (row.step, row.trigger) == (1, "overdue")


def test_a_dropped_warning_is_no_warning(district: District) -> None:
    august, september = make_months(district)
    climb(now=NOW - DAY)
    drop_escalation(
        actor=district.director, escalation=Escalation.objects.get(item=august), reason="已沟通", now=NOW - DAY
    )
    Escalation.objects.filter(item=september).delete()
    WorkItem.objects.filter(loop_code="ladder.escalation", done_at=None).update(done_at=NOW)
    climb(now=NOW)
    assert Escalation.objects.get(item=september).step == 1


def test_a_first_report_in_time_makes_the_next_miss_the_first(district: District) -> None:
    august, september = make_months(district)
    due = september.due_at
    warn_of_august(district, august)
    assert august.due_at is not None
    WorkItem.objects.filter(pk=august.pk).update(done_at=august.due_at - DAY, outcome="submit")
    WorkItem.objects.filter(pk=september.pk).update(due_at=due)
    climb(now=NOW)
    assert Escalation.objects.get(item=september).step == 1
