"""Copies follow from the frozen text: kept after signing, made anew where one is missing, the same each time."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from docx import Document
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.factories import NOW, District, make_district
from tests.kernel.papers.factories import make_draft, make_file, make_signed

from quancheng.kernel.errors import NotFound, StaleState
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.papers.freezing import blocks_of
from quancheng.kernel.papers.models import Paper, PaperTemplate
from quancheng.kernel.papers.render.blocks import Heading, Paragraph
from quancheng.kernel.papers.services import rendering, serving, signing
from quancheng.kernel.people.models import Organisation


def text_of_pdf(content: bytes) -> str:
    with pypdfium2.PdfDocument(content) as document:
        return "".join(page.get_textpage().get_text_range() for page in document)


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def test_short_numbered_lines_become_headings_and_sentences_stay_paragraphs() -> None:
    lines = ["前言。", "一、自查范围", "（一）储存场所", "各场所。", "二、请立即查明原因，明确责任人和完成时限。"]
    body = "\n".join([*lines, "二、报送要求", "四、其他"])
    assert blocks_of(body) == (
        Paragraph("前言。"),
        Heading(1, "自查范围"),
        Heading(2, "储存场所"),
        Paragraph("各场所。"),
        Paragraph("二、请立即查明原因，明确责任人和完成时限。"),
        Heading(1, "报送要求"),
        Paragraph("四、其他"),  # typed fourth where the third would come: it stays as typed
    )


def test_signing_queues_the_copies_and_they_are_kept_once(district: District) -> None:
    paper = make_signed(district)
    job = ProcrastinateJob.objects.get(task_name="papers.render")
    assert (job.queue_name, job.args) == ("slow", {"paper_id": str(paper.pk)})
    assert rendering.keep_copies(paper_id=paper.pk, now=NOW) == 2
    assert rendering.keep_copies(paper_id=paper.pk, now=NOW) == 0
    assert sorted(files_of(paper).values_list("role", flat=True)) == ["docx", "pdf"]


def test_a_copy_that_is_missing_is_made_again_and_is_the_same(district: District) -> None:
    paper = make_signed(district)
    rendering.keep_copies(paper_id=paper.pk, now=NOW)
    kept = rendering.copy_of(paper, "pdf")
    FileLink.objects.all().delete()
    rendering._drawn.cache_clear()
    assert rendering.copy_of(paper, "pdf") == kept


def test_later_changes_of_template_or_register_do_not_touch_what_was_signed(district: District) -> None:
    paper = make_signed(district)
    before = rendering.copy_of(paper, "docx")
    Organisation.objects.filter(pk=district.office_org.pk).update(name="改名后的办公室")
    PaperTemplate.objects.filter(code="urging").update(form="plain")
    rendering._drawn.cache_clear()
    words = "\n".join(one.text for one in Document(io.BytesIO(rendering.copy_of(paper, "docx"))).paragraphs)
    assert "改名后的办公室" not in words
    assert len(before) > 0
    assert "示例区安全生产委员会办公室" in text_of_pdf(rendering.copy_of(paper, "pdf"))


def test_number_title_addressee_and_date_are_printed_and_a_draft_has_gaps_instead(district: District) -> None:
    draft = make_draft(district)
    text = text_of_pdf(rendering.copy_of(draft, "pdf"))
    assert "关于报送自查情况的督促函" in text
    assert "1号" not in text
    signed = text_of_pdf(rendering.copy_of(make_signed(district), "pdf"))
    for words in ("示安办督〔2026〕1号", "示例区应急管理局", "2026年9月8日"):
        assert words in signed


def test_a_void_paper_is_printed_with_its_mark(district: District) -> None:
    paper = make_signed(district)
    rendering.keep_copies(paper_id=paper.pk, now=NOW)
    assert not rendering.text_of(paper).is_void
    signing.void_paper(actor=district.director, paper=paper, reason="事实有误", now=NOW)
    assert rendering.text_of(paper).is_void
    with pytest.raises(NotFound):
        rendering.copy_of(paper, "exe")


def test_a_sealed_scan_is_kept_with_the_paper_until_it_closes_and_then_for_good(district: District) -> None:
    paper = make_signed(district, template="notice", title="通知")
    scan = make_file(district.officer, "用印扫描件")
    serving.attach_sealed_copy(actor=district.officer, paper=paper, evidence=[scan], now=NOW)
    assert [link.file_id for link in files_of(paper, role="sealed")] == [scan]
    serving.send_all(actor=district.officer, paper=paper, now=NOW)
    service = paper.services.get()
    serving.acknowledge_service(actor=district.department, service=service, now=NOW)
    paper = Paper.objects.get(pk=paper.pk)
    assert paper.status == "CLOSED"
    assert files_of(paper, role="sealed").get().frozen_at == NOW
    with pytest.raises(StaleState):
        serving.attach_sealed_copy(actor=district.officer, paper=paper, evidence=[scan], now=NOW)
