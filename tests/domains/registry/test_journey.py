"""An enterprise opens its file, enters what it holds and becomes a major hazard; the bureau looks, accepts, removes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.factories import District, client_of, make_district

from quancheng.domains.registry.models import Assessment, Enterprise, Facility, HazardCheck, Holding, MajorHazard, Unit
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def act(client: Client, path: str, name: str, **given: Any) -> Any:
    return client.post(path, {"act": name, **given})


def open_file(client: Client) -> Enterprise:
    answer = client.post("/registry/own/new", {"kind": "depot", "address": "甲街道示例路1号"})
    assert answer.status_code == 303, answer.content.decode()[:2000]
    return Enterprise.objects.get()


def enter_chlorine(client: Client, file: Enterprise, design: str = "65 t", present: str = "60 t") -> Unit:
    client.post(f"/registry/enterprises/{file.pk}/units/new",
                {"code": "U1", "name": "液氯库", "kind": "storage", "boundary": "building"})  # fmt: skip
    unit = Unit.objects.get()
    client.post(f"/registry/units/{unit.pk}/facilities/new", {"code": "K-1", "name": "液氯仓间", "kind": "bay"})
    facility = Facility.objects.get()
    answer = client.post(
        f"/registry/facilities/{facility.pk}/stock/new",
        {"chemical": "7782-50-5", "licensed": "65 t", "design": design, "present": present, "aware": "on"},
    )
    assert answer.status_code == 303, answer.content.decode()[:3000]
    unit.refresh_from_db()
    return unit


def test_an_enterprise_becomes_a_major_hazard_and_both_sides_owe_a_step(district: District) -> None:
    own = client_of(district.enterprise)
    file = open_file(own)
    assert file.pk == district.enterprise_org.pk
    unit = enter_chlorine(own, file)
    # E2b of the worked examples, but nobody counted the residents: the safe α of 2.
    assert (unit.legal_s, unit.legal_r, unit.legal_grade) == (Decimal(13), Decimal(104), 1)
    hazard = MajorHazard.objects.get()
    check = HazardCheck.objects.get()
    owed = {one.subject_id: one.owner_org_id for one in WorkItem.objects.filter(done_at__isnull=True)}
    assert owed[hazard.pk] == file.pk
    assert owed[check.pk] == district.department_org.pk
    page = own.get(f"/registry/units/{unit.pk}").content.decode()
    assert "GB 18218-2018" in page
    assert "一级重大危险源" in page


def test_a_filing_is_accepted_with_a_number_and_removed_only_when_it_is_none_any_more(district: District) -> None:
    own, bureau = client_of(district.enterprise), client_of(district.department)
    file = open_file(own)
    unit = enter_chlorine(own, file)
    hazard = MajorHazard.objects.get()
    path = f"/registry/hazards/{hazard.pk}"
    report = SimpleUploadedFile("评估报告.txt", "安全评估报告".encode(), content_type="text/plain")
    answer = act(own, path, "file", report_date="2026-08-30", report_by="示例评价有限公司", evidence=report)
    assert answer.status_code == 303, answer.content.decode()[:3000]
    assert act(bureau, path, "accept", text="已核对设计文件。").status_code == 303
    hazard.refresh_from_db()
    assert (hazard.status, hazard.filed_grade) == ("STANDING", 1)
    assert hazard.number
    assert hazard.reassess_date.isoformat() == "2029-08-30"

    assert act(own, path, "delist", reason="停止储存").status_code == 303
    refused = act(bureau, path, "agree", text="同意")
    assert refused.status_code == 409
    assert "仍构成重大危险源" in refused.content.decode()
    facility = Facility.objects.get()
    holding = Holding.objects.get()
    act(own, f"/registry/stock/{holding.pk}", "move", kind="count", quantity="0 t", at="2026-09-08T08:00", remark="")
    gone = act(own, f"/registry/facilities/{facility.pk}", "decommission", on="2026-09-08", record="退役记录001")
    assert gone.status_code == 303, gone.content.decode()[:3000]
    assert act(bureau, path, "agree", text="现场已拆除。").status_code == 303
    unit.refresh_from_db()
    hazard.refresh_from_db()
    assert (hazard.status, unit.legal_grade) == ("DELISTED", None)


def test_the_legal_grade_does_not_fall_by_a_smaller_design_and_the_page_says_so(district: District) -> None:
    own = client_of(district.enterprise)
    unit = enter_chlorine(own, open_file(own))
    holding = Holding.objects.get()
    answer = act(
        own, f"/registry/stock/{holding.pk}", "change", version=holding.version, chemical="7782-50-5", design="3 t",
        licensed="65 t",
    )  # fmt: skip
    assert answer.status_code == 303, answer.content.decode()[:3000]
    unit.refresh_from_db()
    assert unit.legal_grade == 1
    last = Assessment.objects.filter(basis="legal").order_by("-at", "-pk").first()
    assert last is not None
    assert (last.is_held, last.is_major) == (True, False)
    assert "法定等级保持不变" in own.get(f"/registry/units/{unit.pk}").content.decode()


def test_stock_above_design_and_licence_is_shown_first(district: District) -> None:
    own = client_of(district.enterprise)
    file = open_file(own)
    enter_chlorine(own, file, design="4 t", present="70 t")
    page = own.get(f"/registry/enterprises/{file.pk}").content.decode()
    assert "超过许可量 65 吨" in page
    assert "超过设计最大量 4 吨" in page
    assert "高于法定等级" in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"chemical": "7782-50-5", "design": "65"}, "请写明单位"),
        ({"chemical": "7782-50-5", "design": "65 箱"}, "不认识的单位"),
        ({"chemical": "7782-50-5", "design": "-1 t"}, "不能为负数"),
        ({"chemical": "没有这种东西", "design": "1 t"}, "化学品目录中没有"),
        ({"chemical": "1333-74-0", "design": "5 m³"}, "须有密度"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_stays_typed(
    district: District, given: dict[str, str], said: str
) -> None:
    own = client_of(district.enterprise)
    file = open_file(own)
    client = own
    client.post(f"/registry/enterprises/{file.pk}/units/new",
                {"code": "U1", "name": "液氯库", "kind": "storage", "boundary": "building"})  # fmt: skip
    client.post(f"/registry/units/{Unit.objects.get().pk}/facilities/new",
                {"code": "K-1", "name": "液氯仓间", "kind": "bay"})  # fmt: skip
    answer = client.post(f"/registry/facilities/{Facility.objects.get().pk}/stock/new", given)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert said in text
    assert given["design"] in text
    assert not Holding.objects.exists()


def test_others_see_neither_the_file_nor_its_stock(district: District) -> None:
    own, other = client_of(district.enterprise), client_of(district.other_enterprise)
    file = open_file(own)
    unit = enter_chlorine(own, file)
    holding, hazard = Holding.objects.get(), MajorHazard.objects.get()
    for path in (f"enterprises/{file.pk}", f"units/{unit.pk}", f"stock/{holding.pk}", f"hazards/{hazard.pk}"):
        path = f"/registry/{path}"
        assert other.get(path).status_code == 404
        assert client_of(district.other_town).get(path).status_code == 404
    chlorine = Holding.objects.get().chemical_id
    assert "没有" in other.get(f"/registry/chemicals/{chlorine}").content.decode()
    assert "液氯仓间" not in other.get(f"/registry/chemicals/{chlorine}").content.decode()
