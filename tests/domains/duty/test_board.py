"""The supervision board: figures that open their rows, what is missing, and urging."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.domains.duty.factories import make_task
from tests.domains.duty.plan_text import commit
from tests.factories import District, client_of, make_district

from quancheng.domains.duty.models import Assignment, Receipt
from quancheng.domains.duty.queries.board import get_board
from quancheng.kernel.schedule.services import generate
from quancheng.kernel.work.models import WorkAct, WorkItem

pytestmark = pytest.mark.django_db
URL = "duty:board"


@pytest.fixture
def district() -> District:
    """A task overdue, one near, one green for the department; one green for a town."""
    district = make_district()
    today = timezone.localdate()
    for days in (-20, 3, 90):
        make_task(district, start_date=today - timedelta(days=60), due_date=today + timedelta(days=days))
    make_task(district, leads=[(district.town_org, "甲街道")], start_date=today, due_date=today + timedelta(days=90))
    return district


def test_the_board_counts_what_each_unit_owes(district: District) -> None:
    board = get_board(actor=district.director, now=timezone.now())
    lines = {unit.org_id: (unit.open, unit.near, unit.overdue) for unit in board.units}
    assert lines == {district.department_org.pk: (3, 1, 1), district.town_org.pk: (1, 0, 0)}


def test_the_chart_names_every_bar_it_shows(district: District) -> None:
    option = client_of(district.director).get(reverse(URL)).context["option"]
    assert len(option["yAxis"]["data"]) == 2
    assert option["yAxis"]["axisLabel"]["interval"] == 0


def test_every_figure_opens_exactly_its_rows(district: District) -> None:
    client = client_of(district.director)
    page = client.get(reverse(URL)).content.decode()
    found = re.findall(r'<td class="qc-num"><a href="([^"]+)">(\d+)</a></td>', page)
    assert len(found) == 12
    for url, number in found:
        answer = client.get(unescape(url))
        assert answer.status_code == 200
        assert answer.context["last_number"] == int(number), url


def test_late_reports_missing_receipts_and_reporters_stand_on_the_board(district: District) -> None:
    now = timezone.now()
    commit(district, now - timedelta(days=45), period_to=(now + timedelta(days=200)).date())
    generate(now=now)
    board = get_board(actor=district.director, now=now)
    town = next(unit for unit in board.units if unit.org_id == district.town_org.pk)
    assert town.late_reports >= 1
    assert town.receipts == Receipt.objects.filter(org=district.town_org, status="SENT").count() == 1
    assert town.lacks_reporter
    page = client_of(district.director).get(reverse(URL)).content.decode()
    assert "未确定信息报送员" in page
    assert len(board.plans) == 1


@pytest.mark.clause("S5-G1")
def test_a_department_without_a_list_of_its_own_is_flagged(district: District) -> None:
    """A department that has entered no duty or task list of its own is flagged on the supervision board."""
    lines = {unit.org_id: unit for unit in get_board(actor=district.director, now=timezone.now()).units}
    assert lines[district.department_org.pk].lacks_plan
    assert not lines[district.town_org.pk].lacks_plan
    assert "未制定本部门任务清单" in client_of(district.director).get(reverse(URL)).content.decode()


def test_urging_a_unit_reminds_it_of_all_that_is_late(district: District) -> None:
    client = client_of(district.director)
    WorkItem.objects.filter(owner_org=district.department_org).update(due_at=timezone.now() - timedelta(days=1))
    late = WorkItem.objects.overdue(now=timezone.now()).filter(owner_org=district.department_org).count()
    assert client.post(reverse(URL), {"org": str(district.department_org.pk)}).status_code == 303
    assert late == 3
    assert WorkAct.objects.filter(act="urge", item__owner_org=district.department_org).count() == late
    assert not WorkAct.objects.filter(item__owner_org=district.town_org).exists()
    WorkItem.objects.filter(owner_org=district.town_org).update(due_at=timezone.now() + timedelta(days=1))
    assert client.post(reverse(URL), {"org": str(district.town_org.pk)}).status_code == 409


def test_one_late_step_can_be_urged_from_the_board(district: District) -> None:
    item = WorkItem.objects.filter(owner_org=district.department_org).order_by("pk")[0]
    WorkItem.objects.filter(pk=item.pk).update(due_at=timezone.now() - timedelta(days=3))
    client = client_of(district.director)
    assert client.post(reverse(URL), {"item": str(item.pk)}).status_code == 303
    item.refresh_from_db()
    assert item.urged_count == 1
    assert client.post(reverse(URL), {"item": str(district.town_org.pk)}).status_code == 404


def test_who_supervises_nothing_gets_no_board(district: District) -> None:
    assert client_of(district.department).get(reverse(URL)).status_code == 403


@pytest.mark.parametrize("number", [0, 12])
def test_the_board_costs_the_same_however_many_tasks(
    district: District, number: int, django_assert_max_num_queries: object
) -> None:
    for _count in range(number):
        make_task(district)
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        get_board(actor=district.director, now=timezone.now())
    assert Assignment.objects.count() == 4 + number
