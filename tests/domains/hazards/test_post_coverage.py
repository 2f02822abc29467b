"""Whether every post and everybody screens: an enterprise sees its own, an office those that it supervises."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.domains.hazards.check_factories import Plant, first_due, make_plant
from tests.domains.risk.factories import make_event, make_measure, make_object, make_post, make_unit
from tests.factories import NOW, District, client_of, make_actor, make_district, make_org
from tests.kernel.exchange.importing import exported

from quancheng.domains.hazards.models import CheckTask
from quancheng.domains.hazards.queries.post_coverage import Period, period_of
from quancheng.domains.hazards.services.check_records import CheckSpec, record_check
from quancheng.domains.hazards.services.check_tasks import enter_task
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.risk.services.posts import put_at_post
from quancheng.kernel.access.actor import Actor

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def carrier(district: District) -> Plant:
    """The second enterprise, which transports: one post with a holder, nothing arranged yet."""
    safety = district.other_enterprise
    file = open_own_file(actor=safety, kind="carrier", known={}, now=NOW)
    unit = make_unit(safety, make_object(safety, file, code="T1"))
    measure = make_measure(safety, make_event(safety, unit))
    post = make_post(safety, file, name="驾驶员", department="车队")
    driver = make_actor(district.other_enterprise_org, "enterprise.worker", name="示例驾驶员")
    assert driver.user_id is not None
    put_at_post(actor=safety, post=post, user_id=driver.user_id, since=TODAY, now=NOW)
    return Plant(file, unit, measure, post, safety, driver)


def bureau(district: District) -> Actor:
    return make_actor(make_org("示例区交通运输局", area=district.area, links=("transport",), code="TRB"),
                      "department.officer")  # fmt: skip


def text_of(client: Client, name: str, *args: Any, query: str = "") -> str:
    answer = client.get(reverse(f"hazards:{name}", args=args) + query)
    assert answer.status_code == 200, (name, answer.status_code, answer.content.decode()[:3000])
    return answer.content.decode()


def numbers(client: Client, file: Enterprise, period: str = "") -> list[tuple[int, int, str, int]]:
    """Of each line of the page: covered, whole, rate, uncovered."""
    page = text_of(client, "post_coverage_of", file.pk, query=f"?period={period}" if period else "")
    cells = re.findall(r'<td class="qc-num">(?:<a [^>]*>|<strong>)?([^<]+)', page)
    return [(int(a), int(b), c, int(d)) for a, b, c, d in zip(*[iter(cells)] * 4, strict=True)]


def arrange(safety: Actor, plant: Plant, post: Any, **known: Any) -> CheckTask:
    given = {"unit": plant.unit, "content": "岗位巡查", "every": Decimal(1), "cycle_unit": "day", "days": "every",
             "starts_at": NOW - timedelta(hours=1), "post": post, **known}  # fmt: skip
    return enter_task(actor=safety, file=plant.file, known=given, now=NOW)


@pytest.mark.clause("S3-3.1.5b")
def test_the_transport_bureau_sees_of_its_carriers_alone_which_posts_and_persons_screen() -> None:
    district = make_district()
    other, plant = make_plant(district), carrier(district)
    escort = make_post(plant.safety, plant.file, name="押运员", department="车队")
    office, own = client_of(bureau(district)), client_of(plant.safety)
    assert numbers(own, plant.file) == [(0, 2, "0.0%", 2), (0, 2, "0.0%", 2), (0, 1, "0.0%", 1)]
    posts = text_of(own, "post_coverage_posts", query=f"?file={plant.file.pk}&task=no")
    address = reverse("hazards:check_task_new", args=[plant.file.pk]) + f"?post={plant.post.pk}"
    assert "驾驶员" in posts
    assert "押运员" in posts
    assert f'href="{address}"' in posts
    form = own.get(address).content.decode()
    assert f'<option value="{plant.post.pk}" selected>' in form
    given = {"unit": str(plant.unit.pk), "content": "出车前检查", "every": "1", "cycle_unit": "day", "days": "every",
             "form": "daily", "starts_at": "2026-09-08T08:00", "post": str(plant.post.pk)}  # fmt: skip
    assert own.post(address, given).status_code in (302, 303)
    assert numbers(own, plant.file) == [(1, 2, "50.0%", 1), (0, 2, "0.0%", 2), (0, 1, "0.0%", 1)]
    due = first_due(CheckTask.objects.get())
    answer = client_of(plant.worker).post(
        reverse("hazards:check_due_record", args=[due.pk]), {"status": "0", "type": "safety"}
    )
    assert answer.status_code in (302, 303)
    covered = [(1, 2, "50.0%", 1), (1, 2, "50.0%", 1), (1, 1, "100.0%", 0)]
    for period in ("", "2026-09", "2026-Q3", "2026"):
        assert numbers(office, plant.file, period) == covered
    # Each number opens its rows, and nobody else's.
    lacking = text_of(office, "post_coverage_posts", query=f"?file={plant.file.pk}&record=no")
    assert escort.name in lacking
    assert plant.post.name not in lacking
    assert "安排排查</a>" not in lacking
    people = text_of(office, "post_coverage_people", query=f"?file={plant.file.pk}&record=yes")
    assert "示例驾驶员" in people
    listed = text_of(office, "post_coverage", query="?link=transport")
    assert plant.file.enterprise.name in listed
    assert other.file.enterprise.name not in text_of(office, "post_coverage")
    assert other.post.name not in text_of(office, "post_coverage_posts")
    assert office.get(reverse("hazards:post_coverage_of", args=[other.file.pk])).status_code == 404
    sheet = exported(office, reverse("hazards:post_coverage") + "?export=xlsx")
    assert [plant.file.enterprise.name in row for row in sheet].count(True) == 1
    assert not any(other.file.enterprise.name in row for row in sheet)
    told = office.get("/api/v1/hazards/post-coverage?period=2026-Q3").json()
    assert [(one["posts"], one["posts_with_task"], one["posts_recorded"], one["persons"], one["persons_recorded"],
             one["record_percent"]) for one in told["items"]] == [(2, 1, 1, 1, 1, 50.0)]  # fmt: skip


@pytest.mark.clause("S3-5.1c")
def test_an_enterprise_sees_who_of_all_its_staff_does_not_screen_and_only_its_own() -> None:
    district = make_district()
    plant, theirs = make_plant(district), carrier(district)
    own = client_of(plant.safety)
    guard = make_actor(district.enterprise_org, "enterprise.worker", name="示例门卫")
    gate = make_post(plant.safety, plant.file, name="门卫")
    for post in (gate, plant.post):
        put_at_post(actor=plant.safety, post=post, user_id=guard.user_id, since=TODAY, now=NOW)  # type: ignore[arg-type]
    task = arrange(plant.safety, plant, plant.post)
    arrange(plant.safety, plant, gate)
    assert numbers(own, plant.file) == [(2, 2, "100.0%", 0), (0, 2, "0.0%", 2), (0, 2, "0.0%", 2)]
    # Nothing looked at, and what comes late, is no check in time.
    spec = CheckSpec(status=2, note="设备检修")
    record_check(actor=plant.worker, task=task, spec=spec, now=NOW)
    due = first_due(task)
    record_check(actor=plant.worker, due=due, spec=CheckSpec(status=0, at=due.closes_at), now=due.closes_at)
    assert numbers(own, plant.file)[1][0] == 0
    record_check(actor=guard, task=task, spec=CheckSpec(status=0), now=NOW)
    # Two posts of one person are one person; his check is that of the post whose task it was.
    assert numbers(own, plant.file) == [(2, 2, "100.0%", 0), (1, 2, "50.0%", 1), (1, 2, "50.0%", 1)]
    people = text_of(own, "post_coverage_people", query="?record=no")
    assert "示例班长" in people
    assert "示例门卫" not in people
    assert "示例驾驶员" not in people
    assert client_of(plant.safety).get(reverse("hazards:post_coverage_own")).status_code == 302
    assert own.get(reverse("hazards:post_coverage_of", args=[theirs.file.pk])).status_code == 404
    assert own.get(f"/api/v1/hazards/enterprises/{theirs.file.pk}/post-coverage").status_code == 404
    rows = own.get(f"/api/v1/hazards/enterprises/{plant.file.pk}/post-coverage").json()
    assert {(one["name"], one["has_task"], one["has_record"]) for one in rows["posts"]} == {
        (plant.post.name, True, True), ("门卫", True, False),
    }  # fmt: skip
    assert [(one["name"], one["has_record"]) for one in rows["people"] if one["has_record"]] == [("示例门卫", True)]
    assert "怎样计算" in text_of(client_of(district.director), "post_coverage")
    # A task that ended before the period counts no more in the next one.
    CheckTask.objects.filter(pk=task.pk).update(ended_date=TODAY)
    assert numbers(own, plant.file)[0][0] == 2


@pytest.mark.parametrize("query", ["?period=2027", "?period=2026-Q4", "?period=2026-13", "?period=1999", "?file=x"])
def test_a_period_to_come_or_unreadable_is_refused(query: str) -> None:
    client = client_of(make_district().director)
    assert client.get(reverse("hazards:post_coverage_posts") + query).status_code == 422
    assert client.get("/api/v1/hazards/post-coverage?period=2027").status_code == 422


def test_a_period_is_a_month_a_quarter_or_a_year() -> None:
    def told(one: Period) -> tuple[str, str]:
        return one.first.isoformat(), one.last.isoformat()

    assert told(period_of("", today=TODAY)) == ("2026-09-01", "2026-09-30")
    assert told(period_of("2026-Q1", today=TODAY)) == ("2026-01-01", "2026-03-31")
    assert told(period_of("2024-02", today=TODAY)) == ("2024-02-01", "2024-02-29")
    assert told(period_of("2025", today=TODAY)) == ("2025-01-01", "2025-12-31")
