"""One file as one PDF: everything with date and source, what is missing first, in both languages, nothing unmasked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
from django.utils import translation
from tests.domains.registry.factories import make_facility, make_holding, make_unit
from tests.factories import NOW, District, client_of, make_district

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import get_enterprise
from quancheng.domains.registry.services.enterprises import name_contact, open_own_file
from quancheng.domains.registry.services.licences import LicenceSpec, enter_licence
from quancheng.domains.registry.views import dossier as dossiers
from quancheng.domains.registry.views.dossier import dossier
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.longwork.running import run_work
from quancheng.kernel.papers.render.blocks import Paragraph
from quancheng.kernel.papers.render.pdf import render_report_pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(settings: Any) -> District:
    settings.DISTRICT_BOX = "117.0,39.0,117.4,39.3"
    return make_district()


@pytest.fixture
def file(district: District) -> Enterprise:
    known = {"address": "示例路1号", "lon": Decimal("117.2"), "lat": Decimal("39.1")}
    made = open_own_file(actor=district.enterprise, kind="depot", known=known, now=NOW)
    unit = make_unit(district.enterprise, made, name="液氯库", boundary="building")
    room = make_facility(district.enterprise, unit, kind="bay", name="液氯仓间")
    make_holding(district.enterprise, room, "氯", design_t=Decimal(65), present_t=Decimal(70), licensed_t=Decimal(60))
    name_contact(
        actor=district.enterprise, file=made, role="emergency", name="示例人", post="值班长", phone="13900001234",
        since_date=date(2025, 1, 1), now=NOW,
    )  # fmt: skip
    licence = LicenceSpec(kind="OPERATING", known={"number": "示证001", "valid_to": date(2028, 1, 1)})
    enter_licence(actor=district.enterprise, file=made, spec=licence, now=NOW)
    return made


def words_of(content: bytes) -> str:
    with pypdfium2.PdfDocument(content) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_the_whole_file_comes_as_one_pdf_and_the_enterprise_sees_who_took_it(
    district: District, file: Enterprise
) -> None:
    bureau = client_of(district.department)
    answer = bureau.post(f"/registry/enterprises/{file.pk}", {"act": "dossier"})
    assert answer.status_code == 303, answer.content.decode()[:2000]
    work = LongWork.objects.get()
    assert str(work.pk) in answer.headers["Location"]
    run_work(work_id=work.pk, now=NOW)
    work.refresh_from_db()
    assert (work.state, work.message) == ("done", "档案已生成，共16节。"), work.message
    entry = JournalEntry.objects.get(act="registry.enterprise.export")
    assert (entry.subject_id, entry.user_id) == (file.pk, district.department.user_id)
    page = client_of(district.enterprise).get(f"/registry/enterprises/{file.pk}").content.decode()
    assert "导出整份档案" in page


def test_a_table_that_is_cut_says_how_many_rows_are_left_out(
    district: District, file: Enterprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_facility(district.enterprise, file.units.get(), code="K-9", kind="bay", name="空仓间")
    monkeypatch.setattr(dossiers, "_MOST", 1)
    seen = get_enterprise(actor=district.department, file_id=file.pk)
    blocks = dossier(actor=district.department, file=seen, now=NOW).blocks
    assert "另有1行，见系统。" in [one.text for one in blocks if isinstance(one, Paragraph)]


def test_every_block_has_its_date_and_source_and_gaps_come_first(district: District, file: Enterprise) -> None:
    seen = get_enterprise(actor=district.department, file_id=file.pk)
    text = words_of(render_report_pdf(dossier(actor=district.department, file=seen, now=NOW)))
    chapters = (
        "需要处理和待补充", "基本情况", "单元和设施", "存量", "储存核对", "重大危险源", "辨识分级计算书",
        "位置和周边敏感目标", "证照", "法定岗位", "安全费用", "责任人员", "产品", "租赁", "建设项目", "时间线",
    )  # fmt: skip
    body = text[text.index("一、需要处理和待补充", text.index("时间线")) :]
    places = [body.index(f"、{one}\r\n数据时间") for one in chapters]
    assert places == sorted(places)
    assert body.count("数据时间：") == len(chapters)
    for wanted in ("超过许可量 60 吨", "117.200000, 39.100000", "示证001", "值班长", "GB 18218-2018"):
        assert wanted in text, wanted


def test_it_comes_in_english_too(district: District, file: Enterprise) -> None:
    with translation.override("en"):
        seen = get_enterprise(actor=district.department, file_id=file.pk)
        text = words_of(render_report_pdf(dossier(actor=district.department, file=seen, now=NOW)))
    for wanted in ("Contents", "1 To be settled", "Identification and grading", "Source:"):
        assert wanted in text, wanted


def test_telephone_numbers_stay_masked_for_everybody(district: District, file: Enterprise) -> None:
    for actor in (district.department, district.enterprise, district.director):
        seen = get_enterprise(actor=actor, file_id=file.pk)
        text = words_of(render_report_pdf(dossier(actor=actor, file=seen, now=NOW)))
        assert "13900001234" not in text
        assert "1234" in text


def test_who_may_not_see_the_file_gets_none(district: District, file: Enterprise) -> None:
    other, path = client_of(district.other_enterprise), f"/api/v1/registry/enterprises/{file.pk}/dossier"
    assert other.post(f"/registry/enterprises/{file.pk}", {"act": "dossier"}).status_code == 404
    assert other.post(path, "{}", content_type="application/json").status_code == 404
    assert LongWork.objects.count() == 0
    asked = client_of(district.department).post(path, "{}", content_type="application/json")
    assert asked.status_code == 202
    assert asked.json()["kind"] == "registry.dossier"
