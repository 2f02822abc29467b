"""The permit on paper: each form read back from its PDF and Word file, who prints it, what stands across it."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import docx
import pdfplumber
import pytest
from tests.domains.permits.factories import NOW, accepted, crew_of, make_draft, make_permit, prepare, sign_all
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import Permit, PermitMark
from quancheng.domains.permits.particulars import ASKED
from quancheng.domains.permits.queries.papers import paper_of
from quancheng.domains.permits.services import preparing, working
from quancheng.domains.permits.services.particulars import tell_particulars
from quancheng.domains.training.models import PersonQualification
from quancheng.domains.training.queries.certificates import masked_number, whole_number
from quancheng.kernel.errors import Invalid, StaleState
from quancheng.kernel.journal.models import JournalEntry
from quancheng.standards.gb30871 import tickets

pytestmark = pytest.mark.django_db
KINDS = ["HW", "CS", "BL", "WH", "LF", "TE", "EX", "RC"]


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(minutes=30))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def pdf_text(content: bytes) -> str:
    with pdfplumber.open(io.BytesIO(content)) as document:
        cells = [cell for page in document.pages for table in page.extract_tables() for row in table for cell in row]
        return "\n".join(squeezed(cell) for cell in cells if cell) + "\n" + squeezed(
            "".join(page.extract_text() or "" for page in document.pages)
        )


def across(content: bytes) -> str:
    """What stands large across the first page: the letters that lie aslant."""
    with pdfplumber.open(io.BytesIO(content)) as document:
        return squeezed("".join(one["text"] for one in document.pages[0].chars if one["matrix"][1]))


def docx_text(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return squeezed("\n".join([*(one.text for one in document.paragraphs), *cells]))


def printed(actor, permit, what="all", medium="pdf"):
    answer = client_of(actor).post(f"/permits/{permit.pk}/paper", {"what": what, "medium": medium})
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return answer.content


def whole_permit(district, kind):
    """A permit of a kind with every field of its form told, worked, finished and accepted."""
    crew = crew_of(district, kind)
    permit = make_draft(district, kind, crew)
    if ASKED[kind]:
        told = {code: f"某{code}栏" for code in ASKED[kind]}
        tell_particulars(actor=crew.safety, permit=permit, version=permit.version, told=told, now=NOW)
    prepare(crew, permit)
    at = NOW + timedelta(minutes=6)
    preparing.present_permit(actor=crew.safety, permit=permit, now=at)
    at = sign_all(crew, permit, now=at)
    working.start_work(actor=crew.safety, permit=permit, now=at)
    working.finish_work(actor=crew.safety, permit=permit, note="现场已恢复", now=at + timedelta(hours=1))
    working.accept_work(actor=crew.head, permit=permit, note="验收合格", now=at + timedelta(hours=2), **accepted(kind))
    return crew, Permit.objects.get(pk=permit.pk)


@pytest.mark.parametrize("kind", KINDS)
def test_the_paper_bears_every_field_of_its_form_and_both_files_say_the_same(kind):
    district = make_district()
    crew, permit = whole_permit(district, kind)
    paper = paper_of(permit=permit, actor=crew.safety, now=NOW)
    # Nobody slings in the lift of these tests.
    assert [label for row in paper.rows for label, value in row if value == "—"] == (["司索人"] if kind == "LF" else [])
    assert len(paper.measures) == len(tickets.measures(kind))
    # Only what the rules of an enterprise may leave out is unsigned.
    assert [one.label for one in paper.signed if not one.name] == (["安全管理部门意见"] if kind == "HW" else [])
    content, word = printed(district.enterprise, permit), printed(district.enterprise, permit, medium="docx")
    for text in (pdf_text(content), docx_text(word)):
        for row in paper.rows:
            for label, value in row:
                assert squeezed(label) in text
                assert squeezed(value) in text, label
        for row in (*paper.measures, *paper.gas):
            for value in row:
                assert squeezed(value) in text
        for one in paper.signed:
            for value in (one.label, one.opinion, one.name, one.at):
                assert squeezed(value) in text
        assert f"编号：{permit.number}" in text
        assert f"第{permit.version}版" in text
        assert permit.seal[:12].upper() in text
        assert f"表{tickets.FORMS[kind]}" in text
        for place, holder in zip("一二三", paper.copies, strict=True):
            assert f"第{place}联（{holder}）" in text


def test_gas_rows_stand_in_their_order_with_analyst_and_verdict():
    district = make_district()
    crew, permit = whole_permit(district, "CS")
    paper = paper_of(permit=permit, actor=crew.safety, now=NOW)
    assert [row[2:] for row in paper.gas] == [
        ("可燃气体（甲烷）", "0.05 %VOL", "合格", "某分析人"), ("有毒气体（硫化氢）", "1 mg/m3", "合格", "某分析人"),
        ("氧含量", "20.8 %VOL", "合格", "某分析人"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("to", "words"),
    [("DRAFT", "草稿无效"), ("PREPARING", "未签发无效"), ("APPROVING", "未签发无效"), ("ISSUED", ""), ("WORKING", "")],
)
def test_a_paper_that_is_not_valid_says_so_across_itself(to, words):
    district = make_district()
    permit = make_permit(district, "BL", to=to)
    assert across(printed(district.enterprise, permit, "1")) == words


def test_suspended_and_void_papers_say_so_across_themselves():
    district = make_district()
    crew = crew_of(district, "BL")
    permit = make_permit(district, "BL", crew=crew, to="WORKING")
    at = NOW + timedelta(minutes=25)
    working.suspend_work(actor=crew.safety, permit=permit, stop_reason="UNIT_UPSET", now=at)
    assert across(printed(district.enterprise, permit, "1")) == "暂停"
    working.void_permit(actor=crew.head, permit=permit, event="SERIOUS_VIOLATION", reason="监护人离岗", now=at)
    assert across(printed(district.enterprise, permit, "1")) == "作废"
    assert "作废" in docx_header(printed(district.enterprise, permit, "1", "docx"))


def test_an_altered_permit_says_so_across_its_paper():
    district = make_district()
    permit = make_permit(district, "BL", to="ISSUED")
    Permit.objects.filter(pk=permit.pk).update(content="换了内容")
    assert across(printed(district.enterprise, permit, "1")) == "内容被改动"


def docx_header(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    return document.sections[0].header._element.xml


def test_certificate_numbers_are_whole_for_the_enterprise_and_masked_for_offices():
    district = make_district()
    permit = make_permit(district, "TE", to="ISSUED")
    row = PersonQualification.objects.filter(kind__code="SO-1-02").first()
    own = pdf_text(printed(district.enterprise, permit, "3"))
    assert whole_number(row) in own
    office = pdf_text(printed(district.town, permit, "3"))
    assert masked_number(row) in office


def test_each_print_is_journaled_and_a_further_one_says_so():
    district = make_district()
    permit = make_permit(district, "BL", to="ISSUED")
    printed(district.enterprise, permit)
    text = pdf_text(printed(district.enterprise, permit, "2", "pdf"))
    assert "第2次打印" in text
    entries = JournalEntry.objects.filter(act="permits.paper.print", subject_id=permit.pk).order_by("seq")
    assert [one.facts["number"] for one in entries] == [1, 2]
    assert entries[1].facts["copies"] == [2]
    assert PermitMark.objects.filter(permit=permit).count() == 1
    page = client_of(district.enterprise).get(f"/permits/{permit.pk}/paper").content.decode()
    assert "第1、2、3联" in page


def test_the_placard_is_printed_as_pdf_alone():
    district = make_district()
    permit = make_permit(district, "HW", to="ISSUED")
    text = pdf_text(printed(district.enterprise, permit, "placard"))
    for value in (permit.number, "动火作业", "二级", "某监护人", "扫码查看作业票现状"):
        assert value in text
    refused = client_of(district.enterprise).post(f"/permits/{permit.pk}/paper", {"what": "placard", "medium": "docx"})
    assert refused.status_code == 422
    assert "公示牌只有PDF" in refused.content.decode()


def test_who_may_not_see_the_permit_prints_nothing():
    district = make_district()
    permit = make_permit(district, "BL", to="ISSUED")
    url = f"/permits/{permit.pk}/paper"
    assert client_of(district.other_enterprise).get(url).status_code in (403, 404)
    assert client_of(district.other_enterprise).post(url, {"what": "all", "medium": "pdf"}).status_code in (403, 404)


def test_the_forms_own_fields_are_typed_on_their_page_until_the_permit_is_presented():
    district = make_district()
    crew = crew_of(district, "CS")
    permit = make_draft(district, "CS", crew)
    client = client_of(district.enterprise)
    url = f"/permits/{permit.pk}/form"
    page = client.get(url).content.decode()
    assert "受限空间名称" in page
    typed = {"space_name": "反应釜R-1", "former_medium": "甲醇", "rescue_plan": "", "version": permit.version}
    assert client.post(url, typed).status_code in (302, 303)
    permit.refresh_from_db()
    assert permit.particulars == {"space_name": "反应釜R-1", "former_medium": "甲醇"}
    stale = client.post(url, typed)
    assert stale.status_code == 409
    too_long = client.post(url, {**typed, "version": permit.version, "space_name": "长" * 301})
    assert too_long.status_code == 422
    with pytest.raises(Invalid):
        tell_particulars(actor=crew.safety, permit=permit, version=permit.version, told={"gear": "钩"}, now=NOW)


def test_what_is_presented_is_sealed_with_the_forms_own_fields():
    district = make_district()
    crew = crew_of(district, "LF")
    permit = make_draft(district, "LF", crew)
    tell_particulars(actor=crew.safety, permit=permit, version=permit.version, told={"gear": "四绳索具"}, now=NOW)
    prepare(crew, permit)
    preparing.present_permit(actor=crew.safety, permit=permit, now=NOW + timedelta(minutes=6))
    with pytest.raises(StaleState):
        tell_particulars(actor=crew.safety, permit=permit, version=permit.version, told={"gear": "钩"}, now=NOW)
    Permit.objects.filter(pk=permit.pk).update(particulars={"gear": "单绳"})
    row = Permit.objects.get(pk=permit.pk)
    assert "内容被改动" in client_of(district.enterprise).get(f"/permits/{row.pk}").content.decode()
