"""Who identifies himself sees more, by duty or by a short-lived code; each look is written down and shown."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.registry.codes_scene import enter_product, paste_sheet
from tests.factories import District, client_of, make_actor, make_district, make_org

from quancheng.domains.registry.models import AccessPass, Facility, Product, ScanDay, Unit
from quancheng.domains.registry.services.passes import TRIES
from quancheng.kernel.access.models import AddressUse
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db

LOOK = "registry.code.look"


@pytest.fixture
def district(db: None) -> District:
    return make_district()


@pytest.fixture
def own(district: District) -> Client:
    client = client_of(district.enterprise)
    client.post("/registry/own/new", {"kind": "depot", "address": "甲街道示例路1号"})
    file = f"/registry/enterprises/{district.enterprise_org.pk}"
    client.post(file, {"act": "contact", "role": "emergency", "name": "标记某甲", "phone": "13912345678"})
    client.post(f"{file}/units/new", {"code": "U1", "name": "标记单元", "kind": "storage", "boundary": "building"})
    client.post(f"/registry/units/{Unit.objects.get().pk}/facilities/new",
                {"code": "K-77", "name": "标记仓间", "kind": "bay"})  # fmt: skip
    client.post(f"/registry/facilities/{Facility.objects.get().pk}/stock/new",
                {"chemical": "甲醇", "design": "888 t", "present": "777 t"})  # fmt: skip
    return client


@pytest.fixture
def product(own: Client) -> Product:
    """Of a controlled chemical, so that a stranger gets the label alone."""
    made = enter_product(own, name="工业甲醇", parts="甲醇 99.5%", transport_class="3", packing_group="II",
                         extinguishing="抗溶性泡沫、干粉")  # fmt: skip
    paste_sheet(own, made)
    return made


def give(district: District, about: str, looker: str = "firefighter", hours: int = 2) -> str:
    """The duty room gives a code; what it says to whoever asks."""
    answer = client_of(district.department).post("/registry/passes/new", {
        "about": about, "looker": looker, "holder": "示例消防站一车", "reason": "示例路口泄漏救援",
        "hours": hours})  # fmt: skip
    assert answer.status_code == 200, answer.content.decode()[:3000]
    found = re.search(r'id="secret">([0-9A-Z]{4}-[0-9A-Z]{4})<', answer.content.decode())
    assert found is not None
    return found[1]


def use(product: Product, secret: str, browser: Client | None = None) -> tuple[Any, Client]:
    browser = browser or Client()
    path = f"/c/{product.code.code}/-/more"
    return browser.post(path, {"secret": secret}, follow=True), browser


def test_the_fire_brigade_by_a_short_lived_code_sees_transport_card_people_and_stock_by_place(
    district: District, own: Client, product: Product
) -> None:
    answer, browser = use(product, give(district, product.code.code).lower())
    text = answer.content.decode()
    for said in ("UN 1230", "抗溶性泡沫、干粉", "未知，企业未填写", "标记某甲", "13912345678", "标记仓间", "777",
                 "甲街道示例路1号", "移至空气新鲜处"):  # fmt: skip
        assert said in text, said
    assert JournalEntry.objects.filter(act=LOOK).count() == 1
    browser.get(f"/c/{product.code.code}/-/more")
    assert JournalEntry.objects.filter(act=LOOK).count() == 2
    assert AccessPass.objects.get().uses == 2
    assert sum(one.identified for one in ScanDay.objects.all()) == 2
    seen = own.get(f"/registry/products/{product.pk}?tab=scans").content.decode()
    assert "示例消防站一车" in seen
    assert "示例路口泄漏救援" in seen
    given = own.get("/registry/passes")
    assert "示例消防站一车" in given.content.decode()


def test_a_driver_gets_the_transport_card_but_neither_people_nor_stock(district: District, product: Product) -> None:
    answer, _browser = use(product, give(district, product.code.code, looker="driver"))
    text = answer.content.decode()
    assert "UN 1230" in text
    for never in ("标记某甲", "13912345678", "标记仓间", "777", "888"):
        assert never not in text


def test_a_code_for_one_product_opens_no_other_and_one_for_the_enterprise_opens_all(
    district: District, own: Client, product: Product
) -> None:
    other = enter_product(own, name="乙产品")
    own_code = product.file.codes.get(product=None)
    secret = give(district, product.code.code)
    assert use(other, secret)[0].status_code == 422
    assert Client().post(f"/c/{own_code.code}/-/more", {"secret": secret}).status_code == 422
    wide = give(district, "示例甲化工有限公司")
    assert use(other, wide)[0].status_code == 200
    assert Client().post(f"/c/{own_code.code}/-/more", {"secret": wide}).status_code == 303


def test_a_code_dies_with_its_time_and_when_it_is_taken_back(district: District, product: Product) -> None:
    secret = give(district, product.code.code)
    _answer, browser = use(product, secret)
    path = f"/c/{product.code.code}/-/more"
    assert "标记某甲" in browser.get(path).content.decode()
    AccessPass.objects.update(opened_at=timezone.now() - timedelta(hours=3), expires_at=timezone.now())
    assert "标记某甲" not in browser.get(path).content.decode()
    assert use(product, secret)[0].status_code == 422

    secret = give(district, product.code.code)
    _answer, browser = use(product, secret)
    newest = AccessPass.objects.order_by("-opened_at").first()
    assert newest is not None
    taken = client_of(district.department).post(f"/registry/passes/{newest.pk}", {"act": "close"})
    assert taken.status_code == 303
    assert "标记某甲" not in browser.get(path).content.decode()
    assert use(product, secret)[0].status_code == 422


def test_guessing_is_limited_by_address_noted_and_does_not_shut_out_others(
    district: District, product: Product
) -> None:
    secret = give(district, product.code.code)
    statuses = [use(product, f"0000-000{turn}")[0].status_code for turn in range(TRIES)]
    assert statuses == [422] * TRIES
    assert use(product, secret)[0].status_code == 429
    assert JournalEntry.objects.filter(act="registry.pass.fail").count() == TRIES
    assert not JournalEntry.objects.filter(act=LOOK).exists()
    assert use(product, secret, Client(REMOTE_ADDR="203.0.113.9"))[0].status_code == 200
    AddressUse.objects.update(at=timezone.now() - timedelta(minutes=15))
    assert use(product, secret)[0].status_code == 200


def test_the_secret_stands_nowhere(district: District, product: Product) -> None:
    secret = give(district, product.code.code)
    row = AccessPass.objects.get()
    assert secret.replace("-", "") not in repr(vars(row))
    assert secret.replace("-", "") not in repr([one.facts for one in JournalEntry.objects.all()])
    page = client_of(district.department).get(f"/registry/passes/{row.pk}").content.decode()
    assert secret not in page


def test_an_inspector_signs_in_gives_a_reason_and_is_seen_although_the_enterprise_is_not_his(
    district: District, own: Client, product: Product
) -> None:
    inspector = client_of(district.other_town)
    assert inspector.get(f"/registry/products/{product.pk}").status_code == 404
    path = f"/c/{product.code.code}/-/more"
    assert "标记某甲" not in inspector.get(path).content.decode()
    assert inspector.post(path, {"looker": "inspector", "reason": "看"}).status_code == 422
    assert inspector.post(path, {"looker": "firefighter", "reason": "没有这个身份"}).status_code == 422
    text = inspector.post(path, {"looker": "inspector", "reason": "路检路查联合检查"}, follow=True).content.decode()
    assert "标记某甲" in text
    assert "标记仓间" not in text
    entry = JournalEntry.objects.get(act=LOOK)
    assert (entry.user_id, entry.org_id) == (district.other_town.user_id, product.file_id)
    assert entry.facts["reason"] == "路检路查联合检查"
    assert "乙街道办事处" in own.get(f"/registry/products/{product.pk}?tab=scans").content.decode()


def test_stock_by_sign_in_is_for_those_who_lead_a_rescue(district: District, product: Product) -> None:
    path = f"/c/{product.code.code}/-/more"
    rescue = client_of(district.department)
    text = rescue.post(path, {"looker": "firefighter", "reason": "泄漏救援"}, follow=True).content.decode()
    assert "标记仓间" in text
    school = client_of(make_actor(make_org("示例区教育局", area=district.area, code="EDU"), "department.officer"))
    assert school.post(path, {"looker": "firefighter", "reason": "泄漏救援"}).status_code == 422


def test_a_driver_of_a_carrier_looks_by_sign_in_and_others_do_not(district: District, product: Product) -> None:
    path = f"/c/{product.code.code}/-/more"
    given = {"looker": "driver", "reason": "运输途中核对"}
    carrier = client_of(make_actor(district.other_enterprise_org, "enterprise.worker"))
    assert "UN 1230" in carrier.post(path, given, follow=True).content.decode()
    worker = client_of(make_actor(make_org("示例丙厂", kind="enterprise", links=("use",)), "enterprise.worker"))
    assert worker.post(path, given).status_code == 422
    assert JournalEntry.objects.filter(act=LOOK).count() == 1


def test_whoever_has_not_the_duty_gives_no_codes_nor_outside_his_scope(district: District, product: Product) -> None:
    given = {"about": product.code.code, "looker": "driver", "holder": "示例车", "reason": "运输核对", "hours": 2}
    assert client_of(district.enterprise).post("/registry/passes/new", given).status_code == 403
    away = client_of(make_actor(make_org("示例区水利局", area=district.other_street_area, links=("use",)),
                                "department.officer"))  # fmt: skip
    answer = away.post("/registry/passes/new", given)
    assert answer.status_code == 422
    assert "没有找到" in answer.content.decode()
    for hours in ("0", "25", "x"):
        wrong = client_of(district.department).post("/registry/passes/new", {**given, "hours": hours})
        assert wrong.status_code == 422
    assert not AccessPass.objects.exists()
    form = client_of(district.department).get("/registry/passes/new").content.decode()
    assert 'name="hours" value="2"' in form
