"""Official papers: what stands on the page, where it stands, and that no text can do more than stand there."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import struct
from pathlib import Path
from typing import Any

import docx
import pdfplumber
import pytest
from django.conf import settings as django_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from quancheng.kernel.papers.render.blocks import (
    Heading,
    KeyValues,
    PageBreak,
    Paragraph,
    Table,
    chinese_number,
    numbered,
)
from quancheng.kernel.papers.render.fonts import FontsMissing, fonts_used, missing_glyphs
from quancheng.kernel.papers.render.paper import Attachment, FrozenPaper, ReportDoc, title_lines
from quancheng.kernel.papers.render.pdf import render_pdf, render_report_pdf
from quancheng.kernel.papers.render.word import render_docx, render_report_docx

MM = 72 / 25.4
PAPER = FrozenPaper(
    issuer="云江区安全生产委员会办公室",
    title="关于督促完成危险化学品储罐区安全风险评估的函",
    blocks=(
        Paragraph("经查，你单位承担的任务尚未完成。"),
        Heading(1, "未完成事项"),
        Heading(2, "储罐区评估"),
        Heading(3, "评估报告。", "尚未报送。"),
        Table(("序号", "任务"), (("1", "评估"),), (1, 4), caption="任务清单"),
        KeyValues((("任务总数", "12 项"),)),
        Heading(1, "办理要求"),
        Paragraph("请于2026年12月1日前书面报告。"),
    ),
    number_code="云江安办督",
    number_year=2026,
    number_serial=12,
    addressees=("大河街道办事处",),
    attachments=(Attachment("任务明细表", (Paragraph("明细如下。"),)), Attachment("反馈表")),
    date=dt.date(2026, 11, 3),
    openness="closed",
    copy_to=("区委办公室", "区政府办公室"),
    printed_by="云江区安全生产委员会办公室",
    printed_date=dt.date(2026, 11, 4),
)
# Names of substances that ordinary fonts lack characters for.
RARE = (
    "苊芴茚吲哚喹啉哌啶吖啶呋喃噻吩肼胂膦铊铍镉氘氚氡镭钚锇铱烷烯炔腈羟巯胍脒醌噁嗪哒嗪唑萘蒽菲芘䓛苝莰蒎莕茋"
    "苯酚酰胺酐酮醛醚酯硫醇氰砷砒硒碲锑铋钍铀氟溴碘氩氪氙镓铟锗钒铬锰钴镍锆铌钼钯镧铈钕钐铕钆铽镝钬铥镱镥铪钽铼"
    "甾吡咯吗啉噻唑咪唑嘧啶嘌呤蝶啶菁苄叠氮偶氮肟脲脎腙胨脞萜蒈茨羰羧巯基亚砜磺磷膦鏻鋶锍瑯瑶渝巫綦"
)


def pages(content: bytes) -> list[Any]:
    return list(pdfplumber.open(io.BytesIO(content)).pages)


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pages(content))


def body_characters(page: Any) -> list[Any]:
    return [character for character in page.chars if abs(character["size"] - 16) < 0.1]


def long_paper() -> FrozenPaper:
    return dataclasses.replace(PAPER, blocks=(Paragraph("危险化学品安全监管" * 250),), attachments=(), copy_to=())


def test_a_full_page_has_22_lines_of_28_characters_in_the_type_area() -> None:
    page = pages(render_pdf(long_paper()))[1]
    characters = body_characters(page)
    lines = {round(character["bottom"]) for character in characters}
    assert (len(lines), len(characters)) == (22, 22 * 28)
    assert min(character["x0"] for character in characters) == pytest.approx(28 * MM, abs=1)
    assert max(character["x1"] for character in characters) == pytest.approx((28 + 156) * MM, abs=1)
    assert min(character["top"] for character in characters) == pytest.approx(37 * MM, abs=3)
    assert max(character["bottom"] for character in characters) <= (37 + 225) * MM
    assert (page.width, page.height) == (pytest.approx(210 * MM, abs=0.1), pytest.approx(297 * MM, abs=0.1))


def test_the_red_heading_stands_35_mm_below_the_type_area_and_its_line_4_mm_below_the_number() -> None:
    page = pages(render_pdf(PAPER))[0]
    red = [character for character in page.chars if character["non_stroking_color"] not in ((0,), (0, 0, 0), 0)]
    assert "".join(character["text"] for character in red) == "云江区安全生产委员会办公室文件"
    number = next(character for character in body_characters(page) if character["text"] == "〔")
    assert min(character["top"] for character in red) == pytest.approx((37 + 35) * MM, abs=4)
    line = min((line for line in page.lines if line["width"] > 150 * MM), key=lambda line: line["top"])
    assert line["width"] == pytest.approx(156 * MM, abs=0.5)
    assert line["top"] - number["bottom"] == pytest.approx(4 * MM, abs=4)


def test_the_title_is_size_2_and_the_number_and_date_are_in_official_form() -> None:
    content = render_pdf(PAPER)
    title = [c["text"] for page in pages(content)[:1] for c in page.chars if abs(c["size"] - 22) < 0.1]
    assert "".join(title) == PAPER.title
    text = text_of(content)
    for expected in (
        "云江安办督〔2026〕12号",
        "2026年11月3日",
        "大河街道办事处：",
        "（此件不予公开）",
        "2026年11月4日印发",
    ):
        assert expected in text
    assert "抄送：区委办公室，区政府办公室。" in text


def test_page_numbers_stand_at_the_outer_side_below_the_type_area() -> None:
    for number, page in enumerate(pages(render_pdf(long_paper())), start=1):
        shown = [c for c in page.chars if c["top"] > (37 + 225) * MM and c["text"] == str(number)]
        assert len(shown) == 1
        assert shown[0]["size"] == pytest.approx(14)
        assert (shown[0]["x0"] > 105 * MM) is (number % 2 == 1)
        assert shown[0]["top"] > (37 + 225 + 6) * MM


def test_the_signature_is_never_alone_on_its_page() -> None:
    for length in range(300, 420, 8):
        paper = dataclasses.replace(PAPER, blocks=(*PAPER.blocks[:1], Paragraph("监" * length)), attachments=())
        last = pages(render_pdf(paper))[-1].extract_text()
        assert "监" in last
        assert "2026年11月3日" in last


def test_a_short_paper_stays_on_one_page() -> None:
    short = dataclasses.replace(PAPER, blocks=(Paragraph("请于2026年12月1日前书面报告。" * 3),), attachments=())
    (page,) = pages(render_pdf(short))
    assert "抄送" in page.extract_text()
    assert "此件不予公开" in page.extract_text()


def test_headings_are_numbered_in_four_levels_and_begin_anew_under_each_other() -> None:
    blocks = [Heading(level, "甲") for level in (1, 2, 3, 4, 4, 3, 2, 3, 1, 2)]
    assert [number for _block, number in numbered(blocks)] == [
        *("一、", "（一）", "1.", "（1）", "（2）", "2.", "（二）", "1.", "二、", "（一）"),
    ]
    assert [chinese_number(n) for n in (1, 10, 11, 20, 21, 99)] == ["一", "十", "十一", "二十", "二十一", "九十九"]
    text = text_of(render_pdf(PAPER))
    assert all(
        part in text for part in ("一、未完成事项", "（一）储罐区评估", "1.评估报告。尚未报送。", "二、办理要求")
    )


@pytest.mark.parametrize("form", ["red", "letter", "plain"])
def test_a_demo_paper_and_a_void_one_say_so_on_every_page_in_both_formats(form: Any) -> None:
    for flag, words in (("is_demo", "演示数据"), ("is_void", "作废")):
        plain = dataclasses.replace(PAPER, form=form, blocks=(*PAPER.blocks, PageBreak(), Paragraph("次页。")))
        marked = dataclasses.replace(plain, **{flag: True})
        assert all(_marks(page, words) for page in pages(render_pdf(marked)))
        assert not any(_marks(page, words) for page in pages(render_pdf(plain)))
        section = docx.Document(io.BytesIO(render_docx(marked))).sections[0]
        for header in (section.header, section.even_page_header):
            assert words in header._element.xml
        section = docx.Document(io.BytesIO(render_docx(plain))).sections[0]
        assert words not in section.header._element.xml


def _marks(page: Any, words: str) -> bool:
    slanted = "".join(c["text"] for c in page.chars if abs(c["matrix"][1]) > 0.1)
    return set(words) <= set(slanted)


def test_the_same_frozen_paper_gives_the_same_bytes_of_pdf() -> None:
    again = FrozenPaper.from_dict(json.loads(json.dumps(PAPER.to_dict(), ensure_ascii=False)))
    assert again == PAPER
    assert render_pdf(again) == render_pdf(PAPER)


def test_a_frozen_paper_of_another_version_or_with_unknown_fields_is_refused() -> None:
    for wrong in ({"version": 2}, {"colour": "red"}, {"blocks": [{"kind": "script", "text": "x"}]}):
        with pytest.raises(ValueError, match=r"frozen paper|block"):
            FrozenPaper.from_dict({**PAPER.to_dict(), **wrong})


def test_a_draft_shows_gaps_where_number_and_date_will_stand() -> None:
    draft = dataclasses.replace(PAPER, number_year=None, number_serial=None, date=None)
    assert draft.number == "云江安办督〔    〕  号"
    assert "2026年11月3日" not in text_of(render_pdf(draft))


@pytest.mark.parametrize("form", ["red", "letter", "plain"])
@settings(max_examples=12, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_is_printed_and_never_evaluated(form: Any, text: str) -> None:
    hostile = f'{text}#panic("x") $x$ *b* @ref <label> \\ = "'
    paper = FrozenPaper(
        issuer=hostile,
        title=hostile,
        form=form,
        blocks=(Paragraph(hostile), Heading(1, hostile), Table((hostile,), ((hostile,),)), KeyValues(((text, text),))),
        addressees=(text, hostile),
        attachments=(Attachment(hostile, (Paragraph(text),)),),
        copy_to=(hostile,),
        printed_by=text,
        note=text,
    )
    assert render_pdf(paper).startswith(b"%PDF")
    assert docx.Document(io.BytesIO(render_docx(paper))).paragraphs


def test_no_character_of_chemistry_or_of_the_paper_lacks_a_glyph() -> None:
    assert (
        missing_glyphs([RARE, json.dumps(PAPER.to_dict(), ensure_ascii=False), "〔〕《》“”、，。；：—★①②㎡℃‰≤≥×"]) == []
    )
    content = render_pdf(dataclasses.replace(PAPER, blocks=(Paragraph(RARE),)))
    printed = "".join(page.extract_text() for page in pages(content))
    assert set(RARE) <= set(printed)


def test_a_missing_glyph_is_named_and_marked_in_print() -> None:
    assert missing_glyphs("苯\U0010fffd") == ["\U0010fffd"]
    content = render_pdf(dataclasses.replace(PAPER, blocks=(Paragraph("甲苯\U0010fffd储罐\x07区。"),)))
    assert "甲苯〓储罐" in text_of(content)


def test_the_preview_tells_which_prescribed_faces_are_replaced() -> None:
    uses = {use.role: use for use in fonts_used()}
    assert {use.wanted for use in uses.values()} >= {"方正小标宋_GBK", "仿宋_GB2312", "黑体", "楷体_GB2312"}
    assert (uses["title"].weight, uses["body"].weight) == (700, 400)


def test_a_prescribed_face_in_the_district_s_folder_is_used(tmp_path: Path, settings: Any) -> None:
    packaged = Path(django_settings.PACKAGED_FONTS_DIR)
    source = next(packaged.glob("*/*_400Regular.ttf"))
    # A face of the name that offices have, made from the free one by renaming it.
    (tmp_path / "simfang.ttf").write_bytes(_renamed(source.read_bytes(), "FangSong"))
    settings.PRESCRIBED_FONTS_DIR = tmp_path
    uses = {use.role: use for use in fonts_used()}
    assert (uses["body"].family, uses["body"].is_prescribed) == ("FangSong", True)
    assert not uses["heading"].is_prescribed
    assert any("FangSong" in character["fontname"] for character in pages(render_pdf(PAPER))[0].chars)


def _renamed(font: bytes, family: str) -> bytes:
    """The font under another family name, which must not be longer than the old one."""
    changed = bytearray(font)
    tables = struct.unpack_from(">H", font, 4)[0]
    entries = [struct.unpack_from(">4sIII", font, 12 + 16 * index) for index in range(tables)]
    start = next(offset for tag, _sum, offset, _length in entries if tag == b"name")
    _format, count, strings = struct.unpack_from(">HHH", font, start)
    for record in range(start + 6, start + 6 + 12 * count, 12):
        platform, _encoding, _language, name, length, offset = struct.unpack_from(">6H", font, record)
        if name in (1, 4, 6, 16):
            written = family.encode("utf-16-be" if platform in (0, 3) else "ascii")
            assert len(written) <= length
            place = start + strings + offset
            changed[place : place + len(written)] = written
            struct.pack_into(">H", changed, record + 8, len(written))
    return bytes(changed)


def test_without_the_packaged_font_it_says_so(tmp_path: Path, settings: Any) -> None:
    settings.PACKAGED_FONTS_DIR = tmp_path
    with pytest.raises(FontsMissing):
        render_pdf(PAPER)


def test_the_word_paper_names_the_prescribed_faces_and_has_the_measures() -> None:
    document = docx.Document(io.BytesIO(render_docx(PAPER)))
    section = document.sections[0]
    assert [round(side.mm) for side in (section.page_width, section.page_height)] == [210, 297]
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(side.mm) for side in margins] == [37, 35, 28, 26]
    xml = document.element.xml
    for face in ("方正小标宋_GBK", "仿宋_GB2312", "黑体", "楷体_GB2312"):
        assert face in xml
    assert 'w:color w:val="D7000F"' in xml
    pitch = document.styles["Normal"].paragraph_format.line_spacing.pt
    assert 22 * pitch <= 225 * MM < 23 * pitch
    assert "PAGE" in section.footer._element.xml
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for expected in (
        "云江安办督〔2026〕12号",
        "一、未完成事项",
        "（一）储罐区评估",
        "2026年11月3日",
        "附件1",
        "（此件不予公开）",
    ):
        assert expected in text
    assert document.tables[-1].rows[0].cells[0].text == "抄送：区委办公室，区政府办公室。"


def test_a_report_has_cover_contents_and_chapters_in_both_formats() -> None:
    report = ReportDoc(
        title="云江区危险化学品全流程安全监管工作情况报告",
        subtitle="2026年第三季度",
        prepared_by="云江区安全生产委员会办公室",
        date=dt.date(2026, 10, 8),
        blocks=PAPER.blocks,
        contents=True,
        is_demo=True,
    )
    found = pages(render_report_pdf(report))
    assert "2026年第三季度" in found[0].extract_text()
    assert "一、未完成事项" in found[1].extract_text()
    assert all(_marks(page, "演示数据") for page in found)
    document = docx.Document(io.BytesIO(render_report_docx(report)))
    assert [p.text for p in document.paragraphs if p.style.name == "Heading 1"] == ["一、未完成事项", "二、办理要求"]
    assert [cell.text for cell in document.tables[0].rows[0].cells] == ["序号", "任务"]


def test_a_report_in_english_is_numbered_and_dated_as_english_readers_expect() -> None:
    report = ReportDoc(
        title="File of one enterprise", subtitle="Example Ltd", prepared_by="Example office", language="en",
        date=dt.date(2026, 10, 8), contents=True, is_demo=True,
        blocks=(Heading(1, "Facts"), Heading(2, "Units"), Paragraph("One."), Heading(1, "Stock"), Paragraph("None.")),
    )  # fmt: skip
    found = [page.extract_text() for page in pages(render_report_pdf(report))]
    assert "2026-10-08" in found[0]
    text = "".join(found)
    for wanted in ("Contents", "1 Facts", "1.1 Units", "2 Stock"):
        assert wanted in text, wanted
    assert all(_marks(page, "DEMO DATA") for page in pages(render_report_pdf(report)))


@given(st.text(alphabet="关于开展危险化学品安全专项整治行动的通知《》20261年度", min_size=1, max_size=70))
def test_title_lines_lose_nothing_and_none_is_too_long(title: str) -> None:
    lines = title_lines(title)
    assert "".join(lines) == title
    assert all(0 < len(line) <= 20 for line in lines)


def test_a_title_is_broken_where_words_end() -> None:
    title = "云江区人民政府关于印发危险化学品全流程安全监管工作实施方案的通知"
    assert title_lines(title) == ["云江区人民政府关于印发危险化学品", "全流程安全监管工作实施方案的通知"]
    assert title_lines("第一行\n第二行") == ["第一行", "第二行"]
