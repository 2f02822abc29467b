"""The reminder: automatic, once per step, one notice a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import NOW, District, make_district
from tests.kernel.ladder.factories import make_item

from quancheng.kernel.calendar import Calendar
from quancheng.kernel.ladder.models import Escalation, LadderRung, ReminderMark
from quancheng.kernel.ladder.services.reminding import remind
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def district() -> District:
    return make_district()


def test_seven_three_one_and_no_days_before_each_once(district: District) -> None:
    make_item(district, due_in_days=8)
    told = [remind(now=NOW + number * DAY) for number in range(11)]
    assert told == [0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0]
    assert remind(now=NOW + 8 * DAY) == 0
    assert not Escalation.objects.exists()


def test_one_notice_a_day_for_each_person_however_many_items(district: District) -> None:
    for number in range(4):
        make_item(district, due_in_days=3, title=f"事项{number}")
    make_item(district, due_in_days=7, person_id=district.department_head.user_id)
    assert remind(now=NOW) == 5
    counts = {one.user_id: one.data["count"] for one in Notice.objects.all()}
    assert counts == {district.department.user_id: 4, district.department_head.user_id: 5}
    make_item(district, due_in_days=1)
    assert remind(now=NOW + timedelta(hours=2)) == 1
    assert Notice.objects.count() == 2


def test_an_outage_is_not_made_up_step_by_step(district: District) -> None:
    make_item(district, due_in_days=8)
    assert remind(now=NOW + 6 * DAY) == 1  # the steps of seven and three days are behind: one notice
    assert ReminderMark.objects.count() == 2
    assert remind(now=NOW + 7 * DAY) == 1


def test_what_was_handed_over_today_is_not_called_due_soon(district: District) -> None:
    make_item(district, due_in_days=3, entered_at=NOW)
    assert remind(now=NOW) == 0
    assert remind(now=NOW + 2 * DAY) == 1


def test_a_new_deadline_is_reminded_of_anew(district: District) -> None:
    item = make_item(district, due_in_days=1)
    assert remind(now=NOW) == 1
    calendar = Calendar()
    WorkItem.objects.filter(pk=item.pk).update(due_at=calendar.end_of(calendar.local_date(NOW) + 4 * DAY))
    assert remind(now=NOW + DAY) == 1


def test_what_is_done_overdue_or_without_deadline_is_left_alone(district: District) -> None:
    make_item(district, due_in_days=1, done_at=NOW)
    make_item(district, due_in_days=-1)
    make_item(district, due_at=None, review_at=NOW + DAY)
    assert remind(now=NOW) == 0


def test_reports_have_days_of_their_own_and_items_without_ladder_the_usual_ones(district: District) -> None:
    make_item(district, due_in_days=8, ladder="report")
    assert [remind(now=NOW + number * DAY) for number in range(9)] == [0, 0, 0, 1, 0, 0, 1, 0, 1]
    LadderRung.objects.filter(kind="report", step=0).update(remind_days=[4])
    make_item(district, due_in_days=4, ladder="report")
    assert remind(now=NOW) == 1
    make_item(district, due_in_days=7, ladder="")
    assert remind(now=NOW) == 1
