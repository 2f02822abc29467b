"""Pages of telling rules, escalation and warnings, entered as people enter them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.domains.monitoring.alarm_scene import raised
from tests.domains.monitoring.tag_scene import Scene, make_scene, make_tag
from tests.factories import client_of

from quancheng.domains.monitoring.models import EscalationTable, RiskWarning, TellingRule, WarningCheck, WarningTable
from quancheng.domains.monitoring.queries import escalation, warning_terms
from quancheng.domains.monitoring.services.escalation import escalate
from quancheng.domains.monitoring.services.warning_clock import watch_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def act(client: Client, address: str, name: str, **given: str) -> Any:
    return client.post(address, {"act": name, **given})


def test_an_enterprise_sets_changes_and_ends_a_rule(scene: Scene) -> None:
    client = client_of(scene.district.enterprise)
    new = reverse("monitoring:telling_rule_new")
    assert "时段1起" in client.get(new).content.decode()
    given = {
        "name": "白班", "priorities": ["2", "3"], "duty": "monitoring.answer", "limit_per_hour": "10",
        "persons": [str(scene.district.enterprise.user_id)], "w1_begins": "08:00", "w1_ends": "",
        "w1_weekdays": ["0", "1"], "w1_days": "working",
    }  # fmt: skip
    wrong = client.post(new, given)
    assert wrong.status_code == 422
    assert "起止时间须同时填写" in wrong.content.decode()
    assert "白班" in wrong.content.decode()
    assert client.post(new, {**given, "w1_ends": "17:30"}).status_code == 303
    row = TellingRule.objects.get()
    assert row.windows == [{"weekdays": [0, 1], "days": "working", "begins": "08:00", "ends": "17:30"}]
    assert (row.priorities, row.limit_per_hour, row.persons.get().pk) == ([2, 3], 10, scene.district.enterprise.user_id)
    page = client.get(reverse("monitoring:telling_rule", args=[row.pk])).content.decode()
    assert "周一、周二 08:00–17:30" in page
    change = reverse("monitoring:telling_rule_change", args=[row.pk])
    assert 'value="17:30"' in client.get(change).content.decode()
    assert client.post(change, {**given, "w1_begins": "", "name": "任何时间"}).status_code == 303
    row.refresh_from_db()
    assert (row.name, row.windows) == ("任何时间", [])
    act(client, reverse("monitoring:telling_rule", args=[row.pk]), "end")
    row.refresh_from_db()
    assert row.ended_at is not None
    assert client_of(scene.district.department).get(change).status_code == 403
    assert client_of(scene.district.other_enterprise).get(change).status_code == 404


def test_one_sees_beforehand_who_would_be_told(scene: Scene) -> None:
    address = reverse("monitoring:telling_preview")
    inside = client_of(scene.district.enterprise).get(address, {"priority": "1", "type": "HH"}).content.decode()
    assert scene.district.enterprise.name in inside
    assert "班长" in inside
    office = client_of(scene.district.department).get(address, {"priority": "1"}).content.decode()
    assert scene.district.department.name in office
    assert "班长" not in office
    town = client_of(scene.district.town).get(address, {"priority": "1"}).content.decode()
    assert scene.district.town.name in town
    assert client_of(scene.district.enterprise).get(address, {"priority": "7"}).status_code == 404


def test_the_record_of_an_alarm_shows_who_was_told_and_hides_names_of_others(scene: Scene) -> None:
    row = raised(make_tag(scene, priority=1), at=timezone.now() - timedelta(minutes=11))
    escalate(now=timezone.now())
    address = reverse("monitoring:alarm_telling", args=[row.pk])
    page = client_of(scene.district.enterprise).get(address).content.decode()
    assert scene.district.department_org.label in page or scene.district.department_org.name in page
    assert scene.district.department.name not in page
    assert scene.district.department.name in client_of(scene.district.department).get(address).content.decode()
    told = client_of(scene.district.department).get(f"/api/v1/monitoring/alarms/{row.pk}/told").json()
    # Steps that were missed are all told.
    assert {one["step"] for one in told} == {0, 1, 2, 3, 4}


def test_the_office_sets_the_steps_by_page(scene: Scene) -> None:
    client, new = client_of(scene.district.officer), reverse("monitoring:escalation_new")
    today = timezone.localdate().isoformat()
    steps = escalation.shipped()
    given = {
        f"s{step}_p{priority}": str(steps.due_s(step, priority) or "")
        for step in range(1, 7) for priority in range(1, 5)
    }  # fmt: skip
    wrong = client.post(new, {**given, "s2_p1": "30", "from_date": today, "reason": "省级文件"})
    assert wrong.status_code == 422
    assert "须晚于前一步" in wrong.content.decode()
    assert client.post(new, {**given, "s1_p1": "45", "from_date": today, "reason": "省级文件"}).status_code == 303
    assert EscalationTable.objects.get().after_s["1"]["1"] == 45
    page = client_of(scene.district.enterprise).get(reverse("monitoring:escalation")).content.decode()
    assert "省级文件" in page
    assert "本区设置" in page


def test_the_office_sets_the_times_of_warnings_by_page(scene: Scene) -> None:
    client, new = client_of(scene.district.officer), reverse("monitoring:warning_terms_new")
    figures = warning_terms.shipped().figures
    given = {name: "" if figures[name] is None else str(figures[name]) for name in warning_terms.NAMES}
    given |= {"from_date": timezone.localdate().isoformat(), "reason": "省级文件"}
    assert client.post(new, {**given, "blue_respond_s": "5"}).status_code == 422
    assert client.post(new, {**given, "blue_respond_s": "7200"}).status_code == 303
    assert WarningTable.objects.get().figures["blue_respond_s"] == 7200
    assert "省级文件" in client.get(reverse("monitoring:warning_terms")).content.decode()


def test_a_warning_is_answered_and_checked_by_page(scene: Scene) -> None:
    raised(make_tag(scene, priority=2), at=timezone.now())
    watch_all(now=timezone.now())
    row = RiskWarning.objects.get()
    address = reverse("monitoring:warning", args=[row.pk])
    client, office = client_of(scene.district.enterprise), client_of(scene.district.department)
    page = client.get(address).content.decode()
    assert "黄色预警" in page
    assert "须平稳" not in page
    assert act(client, address, "respond").status_code == 422
    assert act(client, address, "respond", response="停止卸料。").status_code == 303
    assert act(client, address, "report", report="已停止卸料并核查。").status_code == 303
    early = act(office, address, "accept", note="")
    assert early.status_code == 409
    assert "尚未消除" in early.content.decode()
    check = reverse("monitoring:warning_check", args=[WarningCheck.objects.get().pk])
    assert client.get(check).status_code == 404
    assert act(office, check, "verify", verdict="true").status_code == 422
    assert act(office, check, "verify", verdict="true", note="电话核实。").status_code == 303
    assert WarningCheck.objects.get().status == "DONE"
    assert act(office, address, "return", reason="请补充原因。").status_code == 303
    row.refresh_from_db()
    assert row.status == "ANSWERED"
    listed = client.get(reverse("monitoring:warnings"), {"colour": "3"}).content.decode()
    assert row.title in listed
    assert client.get("/api/v1/monitoring/warnings", {"colour": "yellow"}).json()["items"][0]["id"] == str(row.pk)
    other = client_of(scene.district.other_enterprise)
    assert other.get(address).status_code == 404
    assert other.get("/api/v1/monitoring/warnings").json()["items"] == []
