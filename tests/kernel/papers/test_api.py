"""Papers and proposals by REST: the same rules as on the pages."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client
from tests.factories import District, make_district
from tests.kernel.ladder.factories import make_item
from tests.kernel.papers.factories import make_signed
from tests.support.signing import signed_in

from quancheng.kernel.papers.models import Paper, Service

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def district() -> District:
    return make_district()


def post(client: Client, path: str, body: dict[str, Any] | None = None, *, key: uuid.UUID | None = None) -> Any:
    headers = {"Idempotency-Key": str(key)} if key else {}
    return client.post(f"{API}{path}", json.dumps(body or {}), content_type="application/json", headers=headers)


def test_a_paper_goes_its_whole_way_by_rest(district: District) -> None:
    officer, director, unit = (signed_in(one) for one in (district.officer, district.director, district.department))
    body = {
        "template": "urging", "title": "关于自查的督促函", "body": "请速办。",
        "addressees": [str(district.department_org.pk)],
    }  # fmt: skip
    key = uuid.uuid4()
    made = post(officer, "/papers", body, key=key)
    assert made.status_code == 200
    paper = made.json()["id"]
    assert post(officer, "/papers", body, key=key).json()["id"] == paper
    other = post(officer, "/papers", {**body, "body": "另一内容"}, key=key)
    assert (other.status_code, other.json()["code"]) == (409, "client_id_reused")
    assert Paper.objects.count() == 1
    assert post(officer, f"/papers/{paper}/submit").json()["status"] == "CHECKING"
    refused = post(officer, f"/papers/{paper}/check")
    assert (refused.status_code, refused.json()["code"]) == (403, "four_eyes")
    assert post(director, f"/papers/{paper}/check").json()["status"] == "SIGNING"
    assert post(director, f"/papers/{paper}/sign").json()["number"] == "示安办督〔2026〕1号"
    assert post(director, f"/papers/{paper}/sign").status_code == 409
    service = Service.objects.get().pk
    assert unit.get(f"{API}/papers/{paper}").status_code == 404
    assert post(officer, f"/papers/services/{service}/send").json()["status"] == "SENT"
    assert unit.get(f"{API}/papers/{paper}").json()["title"] == "关于自查的督促函"
    assert unit.get(f"{API}/papers/{paper}/copy.pdf").content[:4] == b"%PDF"
    assert post(unit, f"/papers/services/{service}/acknowledge").json()["status"] == "SERVED"
    assert post(unit, f"/papers/services/{service}/reply", {"reply": " "}).status_code == 422
    assert post(unit, f"/papers/services/{service}/reply", {"reply": "已办"}).json()["status"] == "REPLIED"
    assert post(officer, f"/papers/services/{service}/accept").json()["status"] == "ACCEPTED"
    assert officer.get(f"{API}/papers", {"status": "CLOSED"}).json()["items"][0]["id"] == paper


def test_misspelt_names_and_unknown_acts_are_refused(district: District) -> None:
    paper = make_signed(district)
    officer = signed_in(district.officer)
    assert post(officer, "/papers", {"template": "letter", "titel": "x", "body": "y"}).status_code == 422
    assert post(officer, f"/papers/{paper.pk}/destroy").status_code == 422
    assert officer.get(f"{API}/papers", {"state": "SIGNED"}).status_code == 422


def test_a_rung_is_proposed_and_decided_by_rest_once(district: District) -> None:
    officer, director = signed_in(district.officer), signed_in(district.director)
    item = make_item(district, due_in_days=-9)
    body, key = {"item_id": str(item.pk), "step": 2, "reason": "进展迟缓"}, uuid.uuid4()
    made = post(officer, "/ladder/escalations", body, key=key)
    assert (made.status_code, made.json()["status"]) == (200, "PROPOSED")
    assert post(officer, "/ladder/escalations", body, key=key).json()["id"] == made.json()["id"]
    assert post(officer, "/ladder/escalations", body).status_code == 409
    row = made.json()["id"]
    assert post(officer, f"/ladder/escalations/{row}/sign").status_code == 403
    signed = post(director, f"/ladder/escalations/{row}/sign", {"title": "关于限期办结的督促函"})
    assert signed.json()["status"] == "SIGNED"
    assert Paper.objects.get().title == "关于限期办结的督促函"
    found = director.get(f"{API}/ladder/escalations", {"target_id": str(district.department_org.pk)}).json()["items"]
    assert [one["id"] for one in found] == [row]
