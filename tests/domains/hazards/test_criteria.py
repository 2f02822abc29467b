"""The criteria browser: what is in force, what explains it, what a description may fall under."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.factories import NOW, District, client_of, make_actor, make_district

from quancheng.domains.hazards.queries import criteria as queries
from quancheng.kernel.law import services as law
from quancheng.kernel.law.models import LegalText
from quancheng.kernel.law.services import ClauseSpec, EditionSpec
from quancheng.standards.hidden_dangers import criteria as shipped

pytestmark = pytest.mark.django_db
API = "/api/v1/hazards"


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def codes_in(client: Client, **asked: str) -> set[str]:
    """Codes of criteria linked from the list."""
    page = client.get("/hazards/criteria", {"sort": "place", **asked}).content.decode()
    found = set(re.findall(r'href="/hazards/criteria/([A-Z]+-[^"]+)"', page))
    if 'rel="next"' in page or "page=2" in page:
        found |= set(re.findall(r'href="/hazards/criteria/([A-Z]+-[^"]+)"', client.get(
            "/hazards/criteria", {"sort": "place", **asked, "page": "2"}).content.decode()))  # fmt: skip
    return found


def new_edition(district: District, code: str, *clauses: ClauseSpec, number: str = "示例新版") -> None:
    text = LegalText.objects.get(pk=code)
    spec = EditionSpec(number=number, effective_from=timezone.localdate(), mark="V", dates_mark="V")
    law.add_edition(actor=district.director, text=text, spec=spec, clauses=clauses, now=NOW)


def test_all_that_ships_is_in_the_register_by_edition_and_day() -> None:
    on = date(2026, 11, 29)
    rows = {one.place: one for one in queries.list_criteria(on=on)}
    assert set(rows) == set(shipped.criteria())
    for code, one in shipped.criteria().items():
        assert queries.criterion_of(rows[code]) == one
    assert not any(one.edition.stands_on(on) for one in rows.values() if one.edition.text_id == "MHD-FIRE")
    assert all(one.edition.stands_on(on) for one in rows.values() if one.edition.text_id != "MHD-FIRE")
    assert {one.edition.text_id for one in queries.list_criteria(on=date(2018, 1, 1))} == {"MHD-CH", "MHD-FW"}


def test_everybody_in_supervision_and_enterprises_reads_and_narrows_the_list(district: District) -> None:
    for actor in (district.enterprise, district.town, district.department, district.director):
        assert client_of(actor).get("/hazards/criteria").status_code == 200
    client = client_of(district.enterprise)
    assert codes_in(client, family="MHD-OG") == {f"OG-{at:02}" for at in range(1, 11)}
    assert codes_in(client, tag="ammonia") == {"GM-12.1", "GM-12.2"}
    light = codes_in(client, trade="light")
    assert {"GM-8.1", "GM-3.1", "GM-13.2"} <= light
    assert not {code for code in light if code.startswith(("GM-7", "CH"))}
    assert codes_in(client, q="万向管道") == {"CH-07"}
    assert codes_in(client, q="overhead") == {"CH-09"}
    assert codes_in(client, hinted="1", grade="direct") == {
        "CH-01", "CH-02", "CH-05", "CH-12", "CH-15", "CH-18", "CH-20",
    }  # fmt: skip
    assert not {code for code in codes_in(client, place_kind="laboratory") if code.startswith(("CH", "FW", "GM"))}
    assert client.get("/hazards/criteria", {"trade": "fishing"}).status_code == 422
    assert client.get("/hazards/criteria", {"colour": "red"}).status_code == 422


def test_who_lacks_the_duty_is_told_so(district: District) -> None:
    client = client_of(make_actor(district.office_org, "admin.audit"))
    for address in ("criteria", "criteria/CH-01", "criteria/candidates", "checklists", "checklists/CL-PS"):
        assert client.get(f"/hazards/{address}").status_code == 403
    assert client.get(f"{API}/criteria").status_code == 403


def test_a_criterion_shows_its_evidence_base_items_and_editions(district: District) -> None:
    client = client_of(district.town)
    page = client.get("/hazards/criteria/GM-14").content.decode()
    assert "功能试验" in page
    page = client.get("/hazards/criteria/CH-12").content.decode()
    for told in ("探测器布置图", "GB/T 50493", "应急管理部门", "PS-20", "/hazards/checklists/CL-WH", "只作提示"):
        assert told in page
    history = client.get("/hazards/criteria/FIRE-6.3?tab=editions").content.decode()
    assert "GB 35181-2025" in history
    assert "该版本没有录入这一条" in history
    assert "现行版本的条文尚未录入" in history
    assert "134" in client.get("/hazards/criteria/CH-12?tab=penalties").content.decode()
    assert client.get("/hazards/criteria/CH-99").status_code == 404
    client.post("/language", {"language": "en", "next": "/"})
    english = client.get("/hazards/criteria/CH-07").content.decode()
    assert "without a swivel arm" in english
    assert "Major hidden dangers of chemical units" in client.get("/hazards/criteria").content.decode()


def test_priority_issues_say_that_they_are_no_criteria(district: District) -> None:
    assert "重点问题（非判定标准）" in client_of(district.town).get("/hazards/criteria/OG-01").content.decode()


def test_a_new_edition_of_the_district_counts_from_its_day(district: District) -> None:
    client = client_of(district.department)
    new_edition(
        district, "MHD-FIRE", ClauseSpec("FIRE-6.3", "建成区内站级达到一级的加油站（新版）", grade="direct", mark="V"),
        ClauseSpec("FIRE-6.99", "使用飞艇装卸汽油", grade="direct", mark="V"),
    )  # fmt: skip
    assert codes_in(client, family="MHD-FIRE") == {"FIRE-6.3", "FIRE-6.99"}
    page = client.get("/hazards/criteria/FIRE-6.3").content.decode()
    assert "（新版）" in page
    assert "站容" in page, "the evidence that ships explains the newer wording too"
    assert "须核对" not in page
    (first, *_rest) = client.get(f"{API}/criteria/candidates", {"text": "用飞艇装卸"}).json()
    assert (first["code"], first["caveat"]) == ("FIRE-6.99", "")
    old = client.get(f"{API}/criteria", {"family": "FIRE", "on": "2025-10-31", "total": True}).json()
    assert old["total"] == 15
    assert {one["edition"] for one in old["items"]} == {"GB 35181-2017"}


def test_a_description_leads_to_criteria_with_reasons_and_no_verdict(district: District) -> None:
    client = client_of(district.enterprise)
    empty = client.get("/hazards/criteria/candidates").content.decode()
    assert "<h2>可能对应的条款" not in empty
    page = client.get("/hazards/criteria/candidates", {"text": "卸氨用皮管代替万向管道"}).content.decode()
    assert "<h2>可能对应的条款" in page
    assert "/hazards/criteria/CH-07" in page
    assert "皮管</mark> → 软管" in page
    assert "由人判定" in page
    assert "卸氨用皮管代替万向管道</textarea>" in page
    none = client.get("/hazards/criteria/candidates", {"text": "天气很好"}).content.decode()
    assert "没有找到不等于不构成" in none


@pytest.mark.parametrize("wrong", [{"text": ""}, {"text": "气", "trade": "fishing"}, {"text": "气" * 2001}])
def test_a_wrong_question_is_answered_at_its_field(district: District, wrong: dict[str, str]) -> None:
    response = client_of(district.enterprise).get("/hazards/criteria/candidates", wrong)
    assert response.status_code == 422
    assert "qc-error" in response.content.decode()


def test_a_program_reads_and_asks(district: District) -> None:
    client = client_of(district.department)
    whole: dict[str, Any] = client.get(f"{API}/criteria", {"limit": 200, "total": True}).json()
    assert whole["total"] == len(whole["items"]) == 162
    one = client.get(f"{API}/criteria/GM-8.6").json()
    assert (one["trade"], one["kind"], one["is_in_force"], one["mark"]) == ("light", "direct", True, "G")
    assert client.get(f"{API}/criteria", {"trade": "light", "text": "喷漆", "total": True}).json()["total"] == 1
    assert client.get(f"{API}/criteria", {"tag": "dust", "place_kind": "user", "total": True}).json()["total"] == 10
    found = client.get(f"{API}/criteria/candidates", {"text": "电工没有操作证", "place_kind": "petrol_station"}).json()
    assert found[0]["code"] == "CH-02"
    assert {"word": "操作证", "meant": "特种作业证"} in found[0]["through"]
    assert "level" not in found[0]
    for wrong in ({"text": ""}, {"text": "气", "trade": "x"}, {"text": "气", "more": "1"}, {}):
        assert client.get(f"{API}/criteria/candidates", wrong).status_code == 422
    assert client.get(f"{API}/criteria/CH-99").status_code == 404
    assert client.get(f"{API}/criteria/CH-01", {"on": "2010-01-01"}).status_code == 404
