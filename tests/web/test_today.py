"""Today: what waits for me, the most urgent first, and nothing else."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser
from tests.support.browser import DESK, PHONE, watched_page
from tests.support.pages import SOMEONE, Someone, organisation, sign_in

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.work.models import WorkItem


def item(actor: Actor, title: str, *, hours: int, duty: str = "demo.fast.open", **more: Any) -> WorkItem:
    """A step due so many hours from now."""
    now = timezone.now()
    return WorkItem.objects.create(
        owner_org_id=more.pop("owner_org_id", actor.organisation_id),
        subject_type="demo.thing",
        subject_id=uuid.uuid4(),
        loop_code="demo.thing",
        state="OPEN",
        duty=duty,
        title=title,
        entered_at=now - timedelta(days=10),
        due_at=now + timedelta(hours=hours),
        **more,
    )


@pytest.mark.django_db
def test_the_most_urgent_stands_first_and_others_work_does_not_appear(demo_pages: Someone, client: Client) -> None:
    actor = sign_in("demo.fast.open")
    item(actor, "下周到期的事", hours=150)
    item(actor, "已经超期的事", hours=-30)
    item(actor, "别的单位的事", hours=1, owner_org_id=organisation(5).pk)
    item(actor, "别的职责的事", hours=1, duty="demo.other")
    item(actor, "办完的事", hours=1, done_at=timezone.now())
    text = client.get("/demo/today").content.decode()
    assert text.index("已经超期的事") < text.index("下周到期的事")
    assert "超期 30 小时" in text
    for absent in ("别的单位的事", "别的职责的事", "办完的事"):
        assert absent not in text


@pytest.mark.django_db
def test_nothing_to_do_is_said_and_an_administrator_is_shown_his_way(demo_pages: Someone, client: Client) -> None:
    actor = sign_in("demo.fast.open")
    assert "今天没有待办事项" in client.get("/demo/today").content.decode()
    values = {name: getattr(actor, name) for name in actor.__slots__}
    SOMEONE.actor = Actor(**values | {"administrator": "system"})
    text = client.get("/demo/today").content.decode()
    assert "管理员不办理业务事项" in text


@pytest.mark.django_db
def test_today_costs_the_same_queries_with_one_item_and_with_many(
    demo_pages: Someone, client: Client, django_assert_max_num_queries: Any
) -> None:
    actor = sign_in("demo.fast.open")
    for number in range(30):
        item(actor, f"事项{number}", hours=number)
    with django_assert_max_num_queries(8):
        client.get("/demo/today")


@pytest.mark.django_db
def test_the_ledger_of_waiting_things_filters_the_late_ones(demo_pages: Someone, client: Client) -> None:
    actor = sign_in("demo.fast.open")
    item(actor, "已经超期的事", hours=-30)
    item(actor, "明天的事", hours=24)
    text = client.get("/demo/todo?late=1").content.decode()
    assert "已经超期的事" in text
    assert "明天的事" not in text


@pytest.mark.parametrize(("size", "dark"), [(DESK, False), (PHONE, True)], ids=["desk", "phone"])
@pytest.mark.django_db(transaction=True)
def test_today_draws_without_complaint(
    live_server: Any, demo_pages: Someone, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    actor = sign_in("demo.fast.open", "demo.other")
    for number in range(12):
        item(actor, f"督促第{number + 1}家企业完成整改并上报佐证材料", hours=number * 20 - 50,
             duty="demo.other" if number % 3 == 0 else "demo.fast.open", urged_count=number % 2)  # fmt: skip
    assert Organisation.objects.count() == 1
    with watched_page(browser, size=size, dark=dark) as seen:
        seen.goto(f"{live_server.url}/demo/today")
        seen.picture(f"today-{size[0]}")
        assert seen.complaints == []
        assert not seen.overflows()
