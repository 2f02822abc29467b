"""An enterprise without an account asks to be registered; the office or the town answers, and it signs in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from tests.domains.registry.factories import CODES, make_file
from tests.factories import District, client_of, make_district
from tests.support.signing import CHEAP_HASHERS

from quancheng.domains.registry.models import Application, Contact, Enterprise
from quancheng.kernel.people.models import Membership, User
from quancheng.kernel.vault import services as vault
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
APPLY, RECEIPT = "/registry/apply", "/registry/apply/receipt"
PHONE = "13800138000"


@pytest.fixture
def district(settings: Any) -> District:
    settings.PASSWORD_HASHERS = CHEAP_HASHERS
    return make_district()


def said(district: District, **changed: Any) -> dict[str, Any]:
    given = {
        "name": "示例新储运有限公司", "credit_code": CODES[0], "kind": "depot", "area": district.street_area.pk,
        "address": "甲街道示例路9号", "contact_name": "示例人", "contact_role": "safety", "phone": PHONE,
    }  # fmt: skip
    return {**given, **changed}


def applied(client: Client, district: District, **changed: Any) -> str:
    answer = client.post(APPLY, said(district, **changed))
    assert answer.status_code == 200, answer.content.decode()
    found = re.search(r'id="receipt">([^<]+)<', answer.content.decode())
    assert found
    return found[1]


def state_of(receipt: str) -> str:
    found = re.search(r'id="state">([^<]+)<', Client().post(RECEIPT, {"receipt": receipt}).content.decode())
    return found[1] if found else ""


def test_an_enterprise_applies_is_admitted_and_its_first_account_waits_for_its_role(district: District) -> None:
    receipt = applied(Client(), district)
    row = Application.objects.get()
    assert PHONE not in row.phone
    assert receipt.replace("-", "") not in str(row.__dict__)
    assert WorkItem.objects.get(subject_id=row.pk).owner_org_id == district.department_org.pk
    assert state_of(receipt.lower().replace("-", " ")) == "待受理"
    bureau = client_of(district.department)
    assert "没有" in bureau.get(f"/registry/applications/{row.pk}").content.decode()
    answer = bureau.post(f"/registry/applications/{row.pk}/admit", {"username": "shili01"})
    assert answer.status_code == 200, answer.content.decode()
    password = re.search(r'id="password">([^<]+)<', answer.content.decode())
    assert password
    file = Enterprise.objects.get()
    assert (file.enterprise.credit_code, file.kind) == (CODES[0], "depot")
    user = User.objects.get(username="shili01")
    assert user.check_password(password[1])
    assert user.must_change_password
    place = Membership.objects.get(user=user)
    assert (place.organisation_id, place.requested) == (file.pk, ["enterprise.safety"])
    assert vault.reveal(vault.PHONE, Contact.objects.get().phone) == PHONE
    assert state_of(receipt) == "已登记"
    assert bureau.post(f"/registry/applications/{row.pk}/admit", {"username": "shili02"}).status_code == 409


def test_a_refusal_gives_its_reason_to_whoever_has_the_receipt(district: District) -> None:
    receipt = applied(Client(), district)
    row = Application.objects.get()
    town = client_of(district.town)
    path = f"/registry/applications/{row.pk}"
    assert town.post(path, {"act": "refuse", "reason": ""}).status_code == 422
    assert town.post(path, {"act": "refuse", "reason": "地址不在本镇街，请核对。"}).status_code == 303
    page = Client().post(RECEIPT, {"receipt": receipt}).content.decode()
    assert "不予登记" in page
    assert "地址不在本镇街" in page
    assert not Enterprise.objects.exists()


def test_the_answer_does_not_tell_whether_an_enterprise_is_known(district: District) -> None:
    make_file(district.department, area=district.street_area, name="示例已登记企业", credit_code=CODES[0])
    known = Client().post(APPLY, said(district))
    fresh = Client().post(APPLY, said(district, credit_code=CODES[1], name="另一家"))
    plain = [
        re.sub(r'(id="receipt">|nonce="?|csrf\w*" value=")[\w=-]+', "", one.content.decode()) for one in (known, fresh)
    ]
    assert known.status_code == fresh.status_code == 200
    assert plain[0] == plain[1]
    bureau = client_of(district.department)
    row = Application.objects.get(credit_code=CODES[0])
    assert "已有档案" in bureau.get(f"/registry/applications/{row.pk}").content.decode()
    refused = bureau.post(f"/registry/applications/{row.pk}/admit", {"username": "shili01"})
    assert refused.status_code == 409
    row.refresh_from_db()
    assert row.status == "APPLIED"
    assert not User.objects.filter(username="shili01").exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"credit_code": CODES[0][:-1] + "9"}, "校验码"),
        ({"credit_code": ""}, "代码"),
        ({"phone": "12345"}, "号码"),
        ({"kind": "unlicensed"}, "企业类别"),
        ({"area": "00000000-0000-0000-0000-000000000000"}, "所在镇街"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(district: District, changed: dict[str, Any], words: str) -> None:
    answer = Client().post(APPLY, said(district, **changed))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "示例新储运有限公司" in answer.content.decode()
    assert not Application.objects.exists()


def test_an_address_that_applies_or_guesses_too_often_is_stopped(district: District) -> None:
    for _time in range(5):
        applied(Client(), district)
    assert Client().post(APPLY, said(district)).status_code == 429
    assert Client(REMOTE_ADDR="192.0.2.9").post(APPLY, said(district)).status_code == 200
    for _time in range(30):
        assert Client().post(RECEIPT, {"receipt": "AAAA-AAAA-AAAA-AAAA"}).status_code == 422
    assert Client().post(RECEIPT, {"receipt": "AAAA-AAAA-AAAA-AAAA"}).status_code == 429


def test_another_town_and_an_enterprise_neither_see_nor_answer(district: District) -> None:
    applied(Client(), district)
    row = Application.objects.get()
    assert client_of(district.other_town).get(f"/registry/applications/{row.pk}").status_code == 404
    own = client_of(district.enterprise)
    assert own.get("/registry/applications").status_code == 403
    assert own.post(f"/registry/applications/{row.pk}/admit", {"username": "shili01"}).status_code in (403, 404)
