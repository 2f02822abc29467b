"""The ledgers of one's own work: what waits, what was done, what was copied, each with its count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.domains.duty.factories import make_assignment
from tests.domains.duty.test_problems import make_problem
from tests.factories import NOW, District, client_of, make_actor, make_district

from quancheng.domains.duty.services import work as duty_work
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Share
from quancheng.kernel.people.models import Membership, User
from quancheng.kernel.people.services import delegate
from quancheng.kernel.work.models import WorkAct, WorkItem
from quancheng.kernel.work.services import take_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


def shown(actor: Actor, query: str = "", *, page: str = "web:inbox") -> str:
    return client_of(actor).get(reverse(page) + query).content.decode()


def test_the_inbox_shows_ones_own_the_units_and_what_one_stands_in_for(district: District) -> None:
    colleague = make_actor(district.department_org, "department.officer", name="乙某")
    deputy = make_actor(district.department_org, "department.reporter", name="丙某")
    today = timezone.localdate()
    delegate(
        actor=colleague, to_user=User.objects.get(pk=deputy.user_id), first_day=today, last_day=today, reason="出差",
        now=timezone.now(),
    )  # fmt: skip
    make_assignment(district, title="未领办的事")
    taken = make_assignment(district, title="乙某领办的事")
    take_item(actor=colleague, item=WorkItem.objects.get(subject_id=taken.pk), now=NOW)
    mine = shown(district.department)
    assert "未领办的事" in mine
    assert "乙某领办的事" not in mine
    assert "乙某领办的事" in shown(district.department, "?whose=unit")
    assert "乙某领办的事" in shown(colleague, "?whose=taken")
    assert "未领办的事" not in shown(colleague, "?whose=taken")
    standing_in = shown(deputy, "?whose=deputy")
    assert "乙某领办的事" in standing_in
    assert "未领办的事" not in standing_in
    assert client_of(deputy).get(reverse("web:inbox") + "?whose=everybody").status_code == 422
    first_page = client_of(deputy).get("/").content.decode()
    assert "代 乙某" in first_page
    assert "乙某领办的事" not in shown(district.town, "?whose=unit")


def test_what_a_deputy_did_is_recorded_with_the_name_he_stood_in_for(district: District) -> None:
    absent = make_actor(district.department_org, "department.officer", name="乙某")
    deputy = make_actor(district.department_org, "department.reporter", name="丙某")
    assignment = make_assignment(district)
    take_item(actor=absent, item=WorkItem.objects.get(subject_id=assignment.pk), now=NOW)
    today = timezone.localdate()
    delegate(
        actor=absent, to_user=User.objects.get(pk=deputy.user_id), first_day=today, last_day=today, reason="出差",
        now=timezone.now(),
    )  # fmt: skip
    client = client_of(deputy)
    page = reverse("duty:assignment", args=[assignment.pk])
    assert client.post(page, {"act": "accept"}).status_code == 303
    assert "丙某（代乙某）" in client.get(page).content.decode()
    # What he does with an item itself as well: with what the absent colleague took, or with that one's duty alone.
    other = make_assignment(district)
    take_item(actor=absent, item=WorkItem.objects.get(subject_id=other.pk), now=NOW)
    page = reverse("duty:assignment", args=[other.pk])
    for act in ("give_back", "take"):
        assert client.post(page, {"act": f"item-{act}", "note": ""}).status_code == 303
    assert list(WorkAct.objects.filter(item__subject_id=other.pk).order_by("pk").values_list("act", "instead_of")) == [
        ("take", ""), ("give_back", "乙某"), ("take", "乙某"),
    ]  # fmt: skip
    assert client.get(page).content.decode().count("丙某（代乙某）") == 2
    assert Membership.objects.filter(user_id=deputy.user_id).count() == 1


def test_the_inbox_is_narrowed_by_duty_and_by_the_day_it_is_due(district: District) -> None:
    assignment = make_assignment(district, title="月底到期的事")
    item = WorkItem.objects.get(subject_id=assignment.pk)
    WorkItem.objects.filter(pk=item.pk).update(due_at=timezone.now() + timedelta(days=3))
    day = timezone.localdate() + timedelta(days=3)
    assert "月底到期的事" in shown(district.department, f"?duty={item.duty}&due_from={day}&due_to={day}")
    assert "月底到期的事" not in shown(district.department, f"?due_from={day + timedelta(days=1)}")
    assert client_of(district.department).get(reverse("web:inbox") + "?duty=nothing").status_code == 422


def test_done_work_tells_outcome_person_and_day_for_oneself_and_for_the_unit(district: District) -> None:
    colleague = make_actor(district.department_org, "department.officer", name="乙某")
    assignment = make_assignment(district, title="已经签收的事")
    duty_work.accept(actor=colleague, assignment=assignment, now=NOW)
    own = shown(colleague, page="web:done")
    for text in ("已经签收的事", "乙某", "2026-09-08"):
        assert text in own
    assert "已经签收的事" not in shown(district.department, page="web:done")
    assert "已经签收的事" in shown(district.department, "?whose=unit", page="web:done")
    assert "已经签收的事" not in shown(district.town, "?whose=unit", page="web:done")


def test_a_copy_stands_among_the_copies_until_somebody_reads_it_and_work_owed_does_not(district: District) -> None:
    assignment = make_assignment(
        district, title="牵头单位的事", supports=[(district.town_org, "甲街道")], due_date=date(2026, 10, 31)
    )
    share = Share.objects.get(subject_id=assignment.task_id, to_org=district.town_org)
    text = shown(district.town, page="web:copies")
    assert "牵头单位的事" in text
    assert "配合" in text
    assert "牵头单位的事" not in shown(district.department, page="web:copies"), "what is owed waits in the inbox"
    assert "牵头单位的事" not in shown(district.other_town, page="web:copies")
    url = reverse("web:copy", args=[share.pk])
    assert client_of(district.other_town).get(url).status_code == 404
    ahead = client_of(district.town)
    for answer in (ahead.head(url), ahead.get(url, headers={"Sec-Purpose": "prefetch;prerender"})):
        assert (answer.status_code, answer["Cache-Control"].count("no-store")) == (302, 1)
        share.refresh_from_db()
        assert share.seen_at is None, "whoever looks ahead has read nothing"
    answer = client_of(district.town).get(url)
    assert answer["Location"] == reverse("duty:task", args=[assignment.task_id])
    share.refresh_from_db()
    assert share.seen_by_id == district.town.user_id
    assert "牵头单位的事" not in shown(district.town, "?unseen=1", page="web:copies")


@pytest.mark.parametrize("page", ["web:inbox", "web:done", "web:copies", "notices:list"])
def test_the_four_ledgers_lead_to_each_other_count_sort_and_export(district: District, page: str) -> None:
    make_assignment(district)
    client = client_of(district.department)
    text = client.get(reverse(page)).content.decode()
    for name in ("web:inbox", "web:done", "web:copies", "notices:list"):
        assert f'class="qc-tab" href="{reverse(name)}"' in text
    assert client.get(reverse(page) + "?part=count").status_code == 200
    assert client.get(reverse(page) + "?export=xlsx").status_code == 200


def test_today_shows_four_weeks_with_holidays_and_what_is_due_on_each_day(district: District) -> None:
    item = WorkItem.objects.get(subject_id=make_assignment(district).pk)
    day = timezone.localdate() + timedelta(days=6)
    WorkItem.objects.filter(pk=item.pk).update(due_at=timezone.now() + timedelta(days=6))
    text = client_of(district.department).get("/").content.decode()
    assert text.count('<span class="qc-month-day">') == 28
    assert f"?due_from={day}&amp;due_to={day}" in text


def test_what_was_finished_on_a_row_that_was_archived_has_no_link_and_says_so(district: District) -> None:
    problem = make_problem(district)
    item = WorkItem.objects.get(subject_id=problem.pk)
    WorkItem.objects.filter(pk=item.pk).update(done_at=NOW, done_by=district.director.user_id)
    link = f'href="{reverse("duty:problem", args=[problem.pk])}"'
    done = shown(district.director, "?whose=unit", page="web:done")
    assert link in done
    assert "原记录已归档" not in done
    type(problem).objects.filter(pk=problem.pk).delete()
    done = shown(district.director, "?whose=unit", page="web:done")
    assert item.title in done
    assert link not in done
    assert "原记录已归档" in done
