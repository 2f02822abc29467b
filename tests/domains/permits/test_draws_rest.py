"""Draws, rules of the audit and confirmed mechanisms as programs read and write them."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client
from tests.domains.permits.factories import make_permit
from tests.domains.permits.test_spot import LATER, inspector_of
from tests.domains.training.factories import own_file
from tests.factories import District, client_of, make_actor, make_district, make_file

from quancheng.domains.permits.models import AuditRuleChange, WorkMechanism

pytestmark = pytest.mark.django_db
AT = "/api/v1/permits"


@pytest.fixture
def district(monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)
    made = make_district()
    own_file(made)
    return made


def post(client: Client, path: str, body: dict[str, Any], **headers: str) -> Any:
    return client.post(f"{AT}/{path}", json.dumps(body), content_type="application/json", headers=headers)


def test_a_draw_is_made_once_a_key_and_told_with_all_that_repeats_it(district: District) -> None:
    permit = make_permit(district, "CS", to="WORKING")
    office = client_of(inspector_of(permit))
    key = {"Idempotency-Key": str(uuid.uuid4())}
    made = [post(office, "spot-draws", {}, **key) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    told = made[0].json()
    assert told["id"] == made[1].json()["id"]
    assert (told["is_extra"], len(told["seed"]), told["scored"][0]["permit"]) == (True, 32, str(permit.pk))
    assert [one["id"] for one in office.get(f"{AT}/spot-draws?extra=true").json()["items"]] == [told["id"]]
    assert office.get(f"{AT}/spot-draws?extra=false").json()["items"] == []
    assert office.get(f"{AT}/spot-draws/{told['id']}").json()["rates"] == told["rates"]
    own = client_of(district.enterprise)
    assert own.get(f"{AT}/spot-draws").status_code == 403
    assert post(own, "spot-draws", {}).status_code == 403
    assert client_of(district.other_town).get(f"{AT}/spot-draws/{told['id']}").status_code == 404


def test_a_rule_of_the_audit_is_read_as_it_stands_on_a_day_and_set_with_a_reason(district: District) -> None:
    head, own = client_of(district.director), client_of(district.enterprise)
    rules = {one["code"]: one for one in own.get(f"{AT}/audit-rules").json()}
    assert len([code for code in rules if code.startswith("E")]) == 8
    code = next(code for code, one in rules.items() if one["params"])
    name = next(iter(rules[code]["params"]))
    body = {"code": code, "is_on": True, "severity": "C", "params": {name: 7}, "valid_from": "2026-09-20",
            "reason": "区统一要求"}  # fmt: skip
    assert post(own, "audit-rules", body).status_code == 403
    refused = post(head, "audit-rules", {**body, "params": {"none_such": 1}})
    assert (refused.status_code, any("params.none_such" in one for one in refused.json()["fields"])) == (422, True)
    assert post(head, "audit-rules", {**body, "code": "A-999"}).status_code == 422
    assert post(head, "audit-rules", body).status_code == 201
    # What was not told stays as it is on that day, not as it ships.
    assert AuditRuleChange.objects.get().params == {**rules[code]["params"], name: "7"}
    before, after = (
        next(one for one in own.get(f"{AT}/audit-rules?on={day}").json() if one["code"] == code)
        for day in ("2026-09-19", "2026-09-20")
    )
    assert before["params"][name] == rules[code]["params"][name]
    assert (after["params"][name], after["severity"]) == ("7", "C")
    (change,) = head.get(f"{AT}/audit-rule-changes?code={code}").json()
    assert change["reason"] == "区统一要求"
    assert own.get(f"{AT}/audit-rule-changes?code={code}").status_code == 403


def test_an_enterprise_confirms_its_own_mechanism_and_offices_read_who_is_late(district: District) -> None:
    own, office = client_of(district.enterprise), client_of(district.department)
    paper = str(make_file(district.enterprise))
    body = {"matter": "rules", "title": "危险作业管理制度", "issued_date": "2026-09-01", "file_ids": [paper]}
    assert post(own, "mechanisms", {**body, "file_ids": []}).status_code == 422
    assert post(own, "mechanisms", {**body, "issued_date": "2027-09-01"}).status_code == 422
    assert post(office, "mechanisms", body).status_code == 403
    assert post(own, "mechanisms", body).status_code == 201
    assert WorkMechanism.objects.get().title == "危险作业管理制度"
    file = own_file(district)
    (state,) = office.get(f"{AT}/mechanisms?enterprise_id={file.pk}&missing=true").json()["items"]
    assert (state["rules_date"], state["training_date"]) == ("2026-09-08", None)
    (told,) = office.get(f"{AT}/mechanisms/{file.pk}").json()
    assert told["matter"] == "rules"
    assert client_of(make_actor(district.other_town_org, "town.officer")).get(
        f"{AT}/mechanisms/{file.pk}"
    ).status_code == 404
