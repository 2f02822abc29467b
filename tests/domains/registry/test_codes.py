"""What a stranger gets who scans a code, and what he never gets."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.domains.registry.codes_scene import enter_product, issue_sheet, paste_sheet
from tests.factories import District, client_of, make_district
from tests.support.retention import retire

from quancheng.domains.registry.models import CodeExtension, Facility, Product, SafetyCode, ScanDay, Unit
from quancheng.domains.registry.services.codes import ALPHABET, read_code, spelled
from quancheng.kernel.access.models import AddressUse

pytestmark = pytest.mark.django_db

#: What stands in the enterprise's file and must reach no stranger.
NEVER = ("示例路1号", "标记某甲", "标记某乙", "13800001111", "13912345678", "标记仓间", "K-77", "标记单元", "777",
         "888")  # fmt: skip


@pytest.fixture
def district(db: None) -> District:
    return make_district()


@pytest.fixture
def own(district: District) -> Client:
    """An enterprise with an address, people, a place, stock of 777 t by a design of 888 t, alarms and shut-offs."""
    client = client_of(district.enterprise)
    client.post("/registry/own/new", {
        "kind": "depot", "address": "示例省示例区甲街道示例路1号", "registered_address": "甲街道示例路1号",
        "emergency_phone": "0999-7654321"})  # fmt: skip
    file = f"/registry/enterprises/{district.enterprise_org.pk}"
    for role, name in (("emergency", "标记某甲"), ("safety", "标记某乙")):
        answer = client.post(file, {"act": "contact", "role": role, "name": name, "phone": "13912345678"})
        assert answer.status_code == 303
    client.post(f"{file}/units/new", {"code": "U1", "name": "标记单元", "kind": "storage", "boundary": "building",
                                      "video": "yes"})  # fmt: skip
    client.post(f"/registry/units/{Unit.objects.get().pk}/facilities/new",
                {"code": "K-77", "name": "标记仓间", "kind": "bay", "alarm": "yes", "shut_off": "no"})  # fmt: skip
    held = client.post(f"/registry/facilities/{Facility.objects.get().pk}/stock/new",
                       {"chemical": "乙酸乙酯", "licensed": "888 t", "design": "888 t",
                        "present": "777 t"})  # fmt: skip
    assert held.status_code == 303
    return client


def every_page(product: Product) -> dict[str, str]:
    """All that a stranger can open of a product and of its enterprise, in both languages and as a kept file."""
    stranger, found = Client(), {}
    for code in product.file.codes.all():
        for path in (f"/c/{code.code}", f"/c/{code.code}/-/more", f"/c/{code.code}/-/save"):
            for asked in ("", "?lang=en", "?big=1"):
                answer = stranger.get(path + asked)
                assert answer.status_code == 200
                found[path + asked] = answer.content.decode()
    return found


@pytest.mark.clause("S5-T22")
@pytest.mark.clause("S5-M10")
def test_a_passer_by_scans_and_reads_hazards_first_aid_label_sheet_and_the_line(own: Client) -> None:
    product = enter_product(own, name="工业乙酸乙酯", english="Ethyl acetate", parts="乙酸乙酯 99.5%",
                            prevention="远离热源。", registration_no="990110001")  # fmt: skip
    paste_sheet(own, product)
    page = Client().get(f"/c/{product.code.code}").content.decode()
    for said in ("工业乙酸乙酯", "Ethyl acetate", "危险", "高度易燃液体和蒸气", "远离热源。", "移至空气新鲜处",
                 "用泡沫灭火", "0999-1234567", "990110001", "示例甲化工有限公司",
                 "registry/ghs/GHS02.svg", "99.5%"):  # fmt: skip
        assert said in page, said
    english = Client().get(f"/c/{product.code.code}?lang=en").content.decode()
    for said in ("Danger", "Highly flammable liquid", "First-aid measures", 'lang="en"'):
        assert said in english, said
    assert 'class="big"' in Client().get(f"/c/{product.code.code}?big=1").content.decode()


@pytest.mark.clause("S5-T22")
def test_a_stranger_gets_no_quantity_place_protection_or_name(own: Client) -> None:
    product = enter_product(own, parts="乙酸乙酯 30%")
    paste_sheet(own, product)
    for path, text in every_page(product).items():
        # A code is random: its letters are no answer to what was asked.
        text = text.replace(product.code.code, "").replace(spelled(product.code.code), "")
        text = re.sub(r"/c/[0-9A-Z]{16}|([0-9A-Z]{4}-){3}[0-9A-Z]{4}|data:image/svg\+xml;base64,[\w+/=]+", "", text)
        for never in NEVER:
            assert never not in text, (path, never)
        for word in ("报警", "紧急切断", "视频", "存量", "许可量", "设计最大"):
            assert word not in text, (path, word)


@pytest.mark.parametrize(
    "part",
    ["氰化钠 90%", "过氧化氢溶液[含量>8%] 30%", "丙酮 5%", "甲醇 99%", "乙酸乙酯 50%\n氰化钠 1%"],
    ids=["highly toxic", "explosive precursor", "drug precursor", "special control", "one part of two"],
)
def test_of_controlled_chemicals_a_stranger_gets_nothing_beyond_the_label(own: Client, part: str) -> None:
    product = enter_product(own, name="标签产品", parts=part, hazard_classes="易燃液体,类别2", un_no="1999")
    paste_sheet(own, product)
    for path in (f"/c/{product.code.code}", f"/c/{product.code.code}/-/save"):
        text = Client().get(path).content.decode()
        assert "高度易燃液体和蒸气" in text
        assert "0999-1234567" in text
        for never in ("移至空气新鲜处", "用泡沫灭火", "急救措施", "安全技术说明书", "1999", "1173"):
            assert never not in text, never
    # Nor does the enterprise's own page tell a stranger that it has such a thing.
    assert "标签产品" not in Client().get(f"/c/{own_code(product)}").content.decode()


def own_code(product: Product) -> str:
    return SafetyCode.objects.get(file=product.file, product=None).code


def test_the_enterprise_s_code_shows_its_line_and_its_products(own: Client) -> None:
    product = enter_product(own)
    page = Client().get(f"/c/{own_code(product)}").content.decode()
    assert "0999-7654321" in page
    assert product.code.code in page


def test_unknown_withdrawn_and_malformed_codes_answer_alike(own: Client) -> None:
    product = enter_product(own)
    code = product.code.code
    answer = own.post(f"/registry/products/{product.pk}", {"act": "withdraw", "reason": "印刷错误"})
    assert answer.status_code == 303
    pages, queries = set(), set()
    stranger = Client()
    for text in (code, "0" * 16, "nothing", f"{code}x"):
        stranger.get(f"/c/{text}")
        with CaptureQueriesContext(connection) as asked:
            answer = stranger.get(f"/c/{text}")
        assert answer.status_code == 404
        pages.add(answer.content.decode().replace(text, ""))
        queries.add(len(asked))
    assert (len(pages), len(queries)) == (1, 1)
    assert stranger.get(f"/c/{code}/-/more").status_code == 404
    assert stranger.get(f"/c/{code}/-/save").status_code == 404
    assert own.get(f"/registry/products/{product.pk}/label").status_code == 404
    assert not ScanDay.objects.exists()


def test_an_address_that_asks_too_often_is_told_to_wait(own: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    product = enter_product(own)
    monkeypatch.setattr(settings, "CODE_RATE", 3)
    statuses = [Client().get(f"/c/{product.code.code}").status_code for _turn in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert Client(REMOTE_ADDR="203.0.113.9").get(f"/c/{product.code.code}").status_code == 200
    AddressUse.objects.update(at=timezone.now() - timedelta(minutes=1))
    assert Client().get(f"/c/{product.code.code}").status_code == 200


def test_neighbours_in_one_network_of_ipv6_count_together(own: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    product = enter_product(own)
    monkeypatch.setattr(settings, "CODE_RATE", 1)
    first = Client(REMOTE_ADDR="2001:db8:1:2::1").get(f"/c/{product.code.code}")
    second = Client(REMOTE_ADDR="2001:db8:1:2:ffff::9").get(f"/c/{product.code.code}")
    other = Client(REMOTE_ADDR="2001:db8:1:3::1").get(f"/c/{product.code.code}")
    assert [one.status_code for one in (first, second, other)] == [200, 429, 200]


def test_no_search_engine_keeps_the_page_and_no_script_runs_in_it(own: Client) -> None:
    product = enter_product(own)
    for path in (f"/c/{product.code.code}", f"/c/{product.code.code}/-/more", "/c/nothing"):
        answer = Client().get(path)
        text = answer.content.decode()
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert 'content="noindex' in text
        assert "<script" not in text
        assert "no-store" in answer.headers["Cache-Control"]
        assert len(text) < 20_000


def test_the_kept_file_needs_nothing_but_itself(own: Client) -> None:
    product = enter_product(own)
    issue_sheet(own, product, section_4="吸入：移至空气新鲜处。")
    answer = Client().get(f"/c/{product.code.code}/-/save")
    text = answer.content.decode()
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "<style>" in text
    assert "移至空气新鲜处" in text
    assert "data:image/svg+xml;base64," in text
    assert not re.search(r"(?:src|href)=\"(?!data:|tel:|#)", text)


def test_a_batch_hangs_on_the_code_and_is_counted_apart(own: Client) -> None:
    product = enter_product(own)
    page = f"/registry/products/{product.pk}"
    given = {"act": "extend", "kind": "batch", "text": "b2026-08", "produced_date": "2026-08-02"}
    assert own.post(page, given).status_code == 303
    assert CodeExtension.objects.get().text == "B2026-08"
    assert own.post(page, given).status_code == 409
    assert own.post(page, {**given, "text": "批次"}).status_code == 422
    code = product.code.code
    shown = Client().get(f"/c/{code}/B2026-08").content.decode()
    assert "B2026-08" in shown
    assert "2026-08-02" in shown
    assert Client().get(f"/c/{code}/B2026-09").status_code == 404
    Client().get(f"/c/{code}")
    Client().head(f"/c/{code}")
    counted = {one.extension: one.opened for one in ScanDay.objects.all()}
    assert counted == {"B2026-08": 1, "": 1}
    scans = own.get(f"{page}?tab=scans").content.decode()
    assert re.search(r'class="qc-num">2</td>', scans)


def test_codes_are_random_read_leniently_and_printed_under_the_public_name(
    own: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = enter_product(own, name="甲产品"), enter_product(own, name="乙产品")
    assert one.code.code != two.code.code
    assert set(one.code.code) <= set(ALPHABET)
    assert len(ALPHABET) ** 16 >= 2**80
    assert read_code(spelled("O1L" + "0" * 13).lower()) == "011" + "0" * 13
    assert read_code("U" * 16) == ""
    assert Client().get(f"/c/{spelled(one.code.code).lower()}").status_code == 200
    monkeypatch.setattr(settings, "PUBLIC_URL", "https://hazchem.example.gov.cn/")
    poster = own.get(f"/registry/products/{one.pk}/poster").content.decode()
    assert f"https://hazchem.example.gov.cn/c/{one.code.code}" in poster


def test_the_national_link_is_kept_and_shown(own: Client) -> None:
    link = "https://registration.example.gov.cn/q?no=990110001"
    product = enter_product(own, national_url=link, registration_no="990110001")
    assert link in Client().get(f"/c/{product.code.code}").content.decode()


def test_what_nobody_makes_any_more_still_answers(own: Client) -> None:
    product = enter_product(own)
    assert own.post(f"/registry/products/{product.pk}", {"act": "end"}).status_code == 303
    page = Client().get(f"/c/{product.code.code}")
    assert page.status_code == 200
    assert "已停产停售" in page.content.decode()
    assert product.code.code not in Client().get(f"/c/{own_code(product)}").content.decode()


def test_only_the_enterprise_and_its_supervisor_withdraw_a_code(own: Client, district: District) -> None:
    product = enter_product(own)
    path = f"/registry/products/{product.pk}"
    refused: Any = client_of(district.town).post(path, {"act": "withdraw", "reason": "印刷错误"})
    assert refused.status_code == 422
    assert Client().get(f"/c/{product.code.code}").status_code == 200
    assert client_of(district.department).post(path, {"act": "withdraw", "reason": "假冒"}).status_code == 303
    assert Client().get(f"/c/{product.code.code}").status_code == 404


def test_counts_of_requests_are_forgotten_after_two_days(own: Client) -> None:
    product = enter_product(own)
    Client().get(f"/c/{product.code.code}")
    now = timezone.now()
    assert retire("access.address_use", now + timedelta(days=1)) == 0
    assert retire("access.address_use", now + timedelta(days=3)) == 1
