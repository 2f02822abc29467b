"""Tasks, assignments and reports by REST."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.duty.factories import make_assignment
from tests.domains.duty.plan_text import commit
from tests.factories import District, client_of, make_district, make_file

from quancheng.domains.duty.models import Report
from quancheng.kernel.ids import uuid7

pytestmark = pytest.mark.django_db
BASE = "/api/v1/duty"


@pytest.fixture
def district() -> District:
    return make_district()


def post(client: Client, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.post(BASE + path, json.dumps(body or {}), content_type="application/json", headers=headers or None)


def test_a_unit_works_a_task_off_by_rest_and_another_person_verifies(district: District) -> None:
    row = make_assignment(district)
    unit, office, other = (client_of(one) for one in (district.department, district.director, district.town))
    path = f"/assignments/{row.pk}"
    assert other.get(BASE + path).status_code == 404
    assert post(unit, f"{path}/accept").json()["status"] == "IN_PROGRESS"
    said = {"percent": 50, "text": "已过半"}
    key = str(uuid7())
    for _time in range(2):
        assert post(unit, f"{path}/progress", said, **{"Idempotency-Key": key}).json()["progress"] == 50
    assert row.reports.count() == 1
    assert post(unit, f"{path}/submit", {"percent": 100, "text": "完成"}).status_code == 422
    done = {"percent": 100, "text": "完成", "evidence": [str(make_file(district.department))]}
    assert post(unit, f"{path}/submit", done).json()["status"] == "SUBMITTED"
    assert post(unit, f"{path}/verify").status_code == 403
    assert post(office, f"{path}/verify", {"opinion": "属实"}).json()["status"] == "DONE"


def test_lists_narrow_and_refuse_what_they_do_not_know(district: District) -> None:
    row = make_assignment(district)
    client = client_of(district.director)
    assert client.get(f"{BASE}/assignments", {"own": "true"}).json()["items"] == []
    found = client.get(f"{BASE}/assignments", {"org_id": str(district.department_org.pk), "total": "true"}).json()
    assert [one["id"] for one in found["items"]] == [str(row.pk)]
    assert found["total"] == 1
    assert client.get(f"{BASE}/tasks/{row.task_id}").json()["code"] == row.task.code
    assert client.get(f"{BASE}/tasks", {"stauts": "ISSUED"}).status_code == 422
    assert post(client, f"/assignments/{row.pk}/progress", {"percent": 101, "text": "x"}).status_code == 422


def test_a_report_is_read_and_submitted_by_rest(district: District) -> None:
    now = timezone.now()
    commit(district, now - timedelta(days=40), period_to=(now + timedelta(days=300)).date())
    report = Report.objects.filter(org=district.department_org).order_by("due_date")[0]
    unit = client_of(district.department)
    listed = unit.get(f"{BASE}/reports", {"status": "DUE"}).json()["items"]
    assert str(report.pk) in [one["id"] for one in listed]
    assert post(unit, f"/reports/{report.pk}/submit", {"progress": "完成", "colour": "red"}).status_code == 422
    sent = post(unit, f"/reports/{report.pk}/submit", {"progress": "完成"}).json()
    assert (sent["status"], sent["figures"]["total"]) == ("SUBMITTED", 3)
    assert post(unit, f"/reports/{report.pk}/submit", {"progress": "再报"}).status_code == 409
    assert client_of(district.town).get(f"{BASE}/reports/{report.pk}").status_code == 404
