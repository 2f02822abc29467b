"""A plan comes in by REST, is reviewed, issued, and worked off by a unit's program."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.domains.duty.test_review import TEXT, dress
from tests.factories import District, client_of, make_district, make_org

from quancheng.domains.duty.models import Plan
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.ids import uuid7
from quancheng.kernel.people.models import OrganisationAlias

pytestmark = pytest.mark.django_db
BASE = "/api/v1/duty"


@pytest.fixture
def district() -> District:
    return dress(make_district())


def post(client: Client, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.post(BASE + path, json.dumps(body or {}), content_type="application/json", headers=headers or None)


def bring_in(client: Client, text: str = TEXT, key: str = "") -> Any:
    file = SimpleUploadedFile("要点.txt", text.encode())
    headers = {"Idempotency-Key": key} if key else None
    return client.post(f"{BASE}/plans/import", {"file": file, "kind": "key_points"}, headers=headers)


def test_a_program_brings_a_plan_in_and_issues_it_and_a_units_program_works_it_off(district: District) -> None:
    office, unit = client_of(district.director), client_of(district.department)
    key = str(uuid7())
    review = bring_in(office, key=key).json()
    assert (review["status"], review["number"]) == ("REVIEW", "示安办〔2026〕7号")
    assert bring_in(office, key=key).json()["id"] == review["id"]
    assert files_of(Plan.objects.get(), role="source").count() == 1
    assert len(review["drafts"]) == 3

    refused = post(office, f"/plans/{review['id']}/commit")
    assert (refused.status_code, refused.json()["code"]) == (422, "review_unfinished")
    open_ = next(one for one in review["drafts"] if "信息共享" in one["text"])
    assert f"draft-{open_['id']}" in refused.json()["fields"]
    assert open_["doubts"]
    assert "leads" in open_["faults"]

    centre = make_org("示例区大数据发展中心")
    named = {"version": open_["version"], "unit": 0, "organisations": [str(centre.pk)], "learn": True}
    assert post(office, f"/drafts/{open_['id']}/match", named).json()["faults"] == {}
    assert post(office, f"/drafts/{open_['id']}/match", named).status_code == 409
    assert OrganisationAlias.objects.filter(organisation=centre, name="区大数据中心").exists()
    named = {"drafts": [one["id"] for one in review["drafts"]]}
    assert post(office, f"/plans/{review['id']}/confirm-drafts", {"drafts": [key]}).status_code == 404
    assert post(office, f"/plans/{review['id']}/confirm-drafts", named).json()["count"] == 3
    assert post(office, f"/plans/{review['id']}/confirm-drafts").json()["count"] == 0
    assert post(office, f"/plans/{review['id']}/commit").json()["status"] == "RUNNING"
    assert post(office, f"/plans/{review['id']}/commit").status_code == 409

    (receipt,) = unit.get(f"{BASE}/receipts", {"own": "true", "plan_id": review["id"]}).json()["items"]
    assert post(unit, f"/receipts/{receipt['id']}/receive").json()["status"] == "RECEIVED"
    mine = unit.get(f"{BASE}/assignments", {"own": "true", "plan_id": review["id"]}).json()["items"]
    row = next(one for one in mine if "专项检查" in one["title"])
    assert post(unit, f"/assignments/{row['id']}/accept").json()["status"] == "IN_PROGRESS"
    sent = unit.post("/api/v1/files", {"file": SimpleUploadedFile("检查记录.txt", "检查记录".encode())}).json()
    (target,) = unit.get(f"{BASE}/tasks/{row['task_id']}").json()["targets"]
    done = {"percent": 100, "text": "14座加油站全部检查完毕", "figures": {target["id"]: "14"}, "evidence": [sent["id"]]}
    half = {"percent": 50, "text": "已检查7座", "figures": {target["id"]: "7"}}
    assert post(unit, f"/assignments/{row['id']}/progress", half).json()["progress"] == 50
    assert post(unit, f"/assignments/{row['id']}/submit", done).json()["status"] == "SUBMITTED"

    figures = office.get(f"{BASE}/plans/{review['id']}/progress").json()
    assert (figures["tasks"], figures["closed"], figures["received"]) == (3, 0, 1)
    assert figures["receipts"] == 3
    assert sum(figures["lights"].values()) >= 4


def test_an_import_is_refused_without_the_duty_without_a_text_and_of_what_is_no_document(district: District) -> None:
    office, town = client_of(district.director), client_of(district.enterprise)
    assert bring_in(town).status_code == 403
    path = f"{BASE}/plans/import"
    for wrong in ({}, {"text": "x", "file": SimpleUploadedFile("a.txt", b"x")}):
        answer = office.post(path, wrong)
        assert (answer.status_code, list(answer.json()["fields"])) == (422, ["file"])
    assert office.post(path, {"text": TEXT, "kind": "poem"}).status_code == 422
    assert office.post(path, {"file": SimpleUploadedFile("a.docx", b"\x89PNG\r\n\x1a\n....")}).status_code in (415, 422)
    assert not Plan.objects.exists()
    assert office.post(path, {"text": TEXT}).status_code == 201


def test_drafts_are_corrected_dropped_and_restored_by_their_reviewer_alone(district: District) -> None:
    office, unit = client_of(district.director), client_of(district.department)
    review = bring_in(office).json()
    for path in (f"/plans/{review['id']}/review", f"/drafts/{review['drafts'][0]['id']}"):
        assert unit.get(BASE + path).status_code in (403, 404)
        assert office.get(f"{BASE}{path}").status_code == 200
    one = review["drafts"][0]
    path = f"/drafts/{one['id']}"
    wrong = post(office, f"{path}/correct", {"version": one["version"], "due_date": "2020-01-01"})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["due_date"])
    right = {"version": one["version"], "due_date": "2026-11-30", "leads": ["甲街道办事处"], "title": None}
    changed = post(office, f"{path}/correct", right).json()
    assert (changed["due_date"], changed["title"], changed["is_confirmed"]) == ("2026-11-30", one["title"], True)
    assert [unit["organisations"] for unit in changed["units"]] == [[str(district.town_org.pk)]]
    assert post(office, f"{path}/correct", right).status_code == 409
    dropped = post(office, f"{path}/drop", {"version": changed["version"], "reason": "重复"}).json()
    assert (dropped["dropped"], dropped["drop_reason"]) == (True, "重复")
    assert post(office, f"{path}/restore", {"version": dropped["version"]}).json()["dropped"] is False
    head = {"version": Plan.objects.get().review_version, "issuer": "区安委办", "period_to": None}
    assert post(office, f"/plans/{review['id']}/head", head).json()["issuer"] == "区安委办"
    assert post(office, f"/plans/{review['id']}/head", head).status_code == 409
    assert post(office, f"/plans/{review['id']}/discard", {}).status_code == 422
    assert post(office, f"/plans/{review['id']}/discard", {"reason": "误传"}).json()["status"] == "DISCARDED"
    assert post(office, f"{path}/restore", {"version": 9}).status_code == 409
