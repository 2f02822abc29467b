"""Recurring duties in the browser: seen by who keeps them, paused by whose they are."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from tests.factories import NOW, make_actor, make_district
from tests.support.signing import signed_in

from quancheng.kernel.people.models import Organisation
from quancheng.kernel.schedule.models import RecurringRule
from quancheng.kernel.schedule.views import spoken

pytestmark = pytest.mark.django_db


def make_rule(owner: Organisation, recurrence: str, **figures: object) -> RecurringRule:
    return RecurringRule.objects.create(
        owner_org=owner, code=recurrence, name=f"事项{recurrence}", generator="test.nothing", recurrence=recurrence,
        figures=figures, first_day=date(2026, 1, 1), created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def test_each_kind_of_recurrence_reads_as_people_say_it() -> None:
    owner = make_district().office_org
    said = {
        "每月20日": make_rule(owner, "monthly", day=20),
        "3、6、9、12月的20日": make_rule(owner, "quarterly", day=20, months=[3, 6, 9, 12]),
        "每年11月15日": make_rule(owner, "yearly", month=11, day=15),
        "每周五": make_rule(owner, "weekly", weekday=5),
        "自2026-01起每2个月的10日": make_rule(owner, "every_months", months=2, anchor="2026-01", day=10),
        "2026-06-30": make_rule(owner, "dates", dates=["2026-06-30"]),
    }
    assert [spoken(rule) for rule in said.values()] == list(said)


def test_the_owner_pauses_and_resumes_and_others_do_not() -> None:
    district = make_district()
    rule = make_rule(district.office_org, "monthly", day=20)
    officer, head = signed_in(district.officer), signed_in(district.department_head)
    url = reverse("schedule:rule", args=[rule.pk])
    assert "每月20日" in officer.get(reverse("schedule:rules")).content.decode()
    assert signed_in(district.town).get(reverse("schedule:rules")).status_code == 403
    assert head.get(url).status_code == 404
    assert officer.post(url, {"act": "pause"}).status_code == 303
    rule.refresh_from_db()
    assert not rule.is_active
    analyst = signed_in(make_actor(district.office_org, "analyst"))
    assert analyst.post(url, {"act": "resume"}).status_code in (403, 422)
    rule.refresh_from_db()
    assert not rule.is_active
    assert officer.post(url, {"act": "resume"}).status_code == 303
    rule.refresh_from_db()
    assert rule.is_active
