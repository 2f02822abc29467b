"""What is owed in numbers stands at the head of Today and in the hint of the inbox's count, one line
and not one each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.factories import make_district
from tests.support.pages import Someone, sign_in
from tests.web.test_today import item

from quancheng.kernel.pages import errands, nav
from quancheng.kernel.pages.errands import Errand
from quancheng.kernel.work.queries import list_my_items


@pytest.fixture
def counted() -> Iterator[None]:
    """Steps stand in for what an app would count."""
    errands.register(Errand(
        "demo.checks", "示例排查", "web:inbox", "checklist", unit="项",
        open=lambda actor, now: list_my_items(actor=actor),
        late=lambda actor, now: list_my_items(actor=actor).filter(due_at__lt=now),
    ))  # fmt: skip
    yield
    errands.unregister("demo.checks")


@pytest.mark.django_db
def test_errands_are_counted_at_the_head_of_today_and_in_the_hint(
    demo_pages: Someone, client: Client, counted: None
) -> None:
    actor = sign_in("demo.fast.open")
    assert "示例排查" not in client.get("/demo/today").content.decode()
    item(actor, "一", hours=-5)
    item(actor, "二", hours=5)
    text = client.get("/demo/today").content.decode()
    assert "示例排查 <strong>2</strong>项" in text
    assert "超时 1" in text
    found = errands.errands_of(actor, timezone.now() + timedelta(days=1))
    assert [(one.open, one.late) for one in found] == [("2", "2")]


@pytest.mark.django_db
def test_the_inboxs_count_hints_at_what_is_counted_beside_it(counted: None) -> None:
    actor = make_district().officer
    item(actor, "一", hours=5, duty="work.urge", person_id=actor.user_id)
    hints = [entry.hint for group in nav.menu_for(actor, "/") for entry in group.entries if entry.hint]
    assert hints == ["示例排查 1"]
