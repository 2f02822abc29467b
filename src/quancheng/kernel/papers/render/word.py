"""Papers and reports as Word documents that name the prescribed faces, for offices that go on editing them."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from typing import Any

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_TAB_ALIGNMENT
from docx.shared import Length, Mm, Pt
from docx.text.paragraph import Paragraph as WordParagraph

from quancheng.kernel.papers.render import word_parts as parts
from quancheng.kernel.papers.render.blocks import Block, Heading, KeyValues, Paragraph, Table, numbered
from quancheng.kernel.papers.render.paper import Attachment, FrozenPaper, ReportDoc, arabic_date, title_lines
from quancheng.kernel.papers.render.word_parts import CHARACTER, LINE_PITCH, SIZE_2, SIZE_3, SIZE_4, SIZE_TABLE, dress

_CENTER, _LEFT, _RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT
_ALIGN = {"left": WD_ALIGN_PARAGRAPH.JUSTIFY, "center": _CENTER, "right": _RIGHT}
_ROLES = ("heading", "subheading", "body", "body")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CELL_MARGIN = Pt(5.4)  # left and right of a cell where a table says nothing else
_KEPT_TOGETHER = 400  # characters; a longer last paragraph may leave its beginning on the page before
_NO_DATE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def render_docx(paper: FrozenPaper) -> bytes:
    """The paper in the layout of GB/T 9704-2012 as a Word document."""
    page = _Page(title=paper.title.replace("\n", ""), author=paper.issuer, day=paper.date, demo=paper.is_demo)
    if paper.is_void:
        parts.add_watermark(page.section, "作废", color="#c81e1e")
    _head(page, paper)
    page.title(paper.title)
    page.empty()
    if paper.addressees:
        page.line("，".join(paper.addressees) + "：", align=WD_ALIGN_PARAGRAPH.JUSTIFY)
    page.blocks(paper.blocks)
    if page.last is not None and len(page.last.text) < _KEPT_TOGETHER:
        page.last.paragraph_format.keep_with_next = True
    _attachment_list(page, paper.attachments)
    _signature(page, paper)
    for index, attachment in enumerate(paper.attachments, start=1):
        if attachment.blocks:
            page.break_page()
            page.line(f"附件{index if len(paper.attachments) > 1 else ''}", role="heading")
            page.empty()
            page.title(attachment.title)
            page.empty()
            page.blocks(attachment.blocks)
    _imprint(page, paper)
    return page.saved()


def render_report_docx(report: ReportDoc) -> bytes:
    """The report as a Word document with real headings, so that its table of contents can be brought up to date."""
    page = _Page(title=report.title, author=report.prepared_by, day=report.date, demo=report.is_demo)
    day = arabic_date(report.date) if report.date else ""
    if report.cover:
        page.empty(5)
        for line in title_lines(report.title, at_most=16):
            page.line(line, role="title", size=Pt(26), align=_CENTER, spacing=Pt(42))
        page.empty()
        page.line(report.subtitle, role="subheading", align=_CENTER)
        page.empty(8)
        for line in (report.prepared_by, day):
            page.line(line, align=_CENTER)
        page.break_page()
    else:
        page.title(report.title)
        for line in (report.subtitle, "　".join(part for part in (report.prepared_by, day) if part)):
            if line:
                page.line(line, role="subheading", align=_CENTER)
        page.empty()
    if report.contents:
        page.line("目　录", role="heading", align=_CENTER)
        page.contents(report.blocks)
        page.break_page()
    page.blocks(report.blocks)
    return page.saved()


class _Page:
    """A document in the making, in the measures of the standard."""

    def __init__(self, *, title: str, author: str, day: dt.date | None, demo: bool) -> None:
        self.document = docx.Document()
        self.last: WordParagraph | None = None
        self._after_table = False
        styles = self.document.styles
        parts.dress_style(styles["Normal"], "body", size=SIZE_3)
        parts.squeeze(styles["Normal"])
        for level, role in enumerate(_ROLES, start=1):
            parts.dress_style(styles[f"Heading {level}"], role, size=SIZE_3)
        section = self.section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        # The number stands 7 mm below the type area: its foot is 23 mm above the edge of the page.
        section.header_distance, section.footer_distance = Mm(15), Mm(23)
        self.document.settings.odd_and_even_pages_header_footer = True
        parts.set_grid(section)
        parts.number_pages(section)
        core = self.document.core_properties
        core.title, core.author, core.comments = clean(title)[:250], clean(author)[:250], ""
        moment = dt.datetime.combine(day, dt.time.min, tzinfo=dt.UTC) if day else _NO_DATE
        core.created = core.modified = moment
        if demo:
            parts.add_watermark(section, "演示数据", color="#c0c0c0")

    def line(
        self,
        text: str,
        *,
        role: str = "body",
        size: Length = SIZE_3,
        align: WD_ALIGN_PARAGRAPH = _LEFT,
        spacing: Length = LINE_PITCH,
        color: Any = None,
    ) -> WordParagraph:
        paragraph = self.document.add_paragraph()
        paragraph.alignment = align
        paragraph.paragraph_format.line_spacing = spacing
        if spacing != LINE_PITCH:
            parts.leave_grid(paragraph)
        dress(paragraph.add_run(clean(text)), role, size=size, color=color)
        self.last = paragraph
        self._after_table = False
        return paragraph

    def empty(self, count: int = 1) -> None:
        for _line in range(count):
            self.line("")

    def title(self, text: str) -> None:
        for line in title_lines(text):
            paragraph = self.line(line, role="title", size=SIZE_2, align=_CENTER, spacing=Pt(LINE_PITCH.pt + 3))
            paragraph.paragraph_format.keep_with_next = True

    def break_page(self) -> None:
        # At the end of what stands, so that no empty page arises.
        (self.last or self.line("")).add_run().add_break(WD_BREAK.PAGE)

    def blocks(self, blocks: Sequence[Block]) -> None:
        for block, number in numbered(blocks):
            if isinstance(block, Paragraph):
                self._paragraph(block)
            elif isinstance(block, Heading):
                self._heading(block, number)
            elif isinstance(block, Table):
                self._part_tables()
                self._caption(block.caption)
                self._table(block.headings, block.rows, widths=block.widths)
            elif isinstance(block, KeyValues):
                self._part_tables()
                self._caption(block.caption)
                self._table((), block.pairs, widths=(1, 2))
            else:
                self.break_page()

    def _paragraph(self, block: Paragraph) -> None:
        paragraph = self.line(block.text, align=_ALIGN[block.align])
        if block.indent and block.align == "left":
            paragraph.paragraph_format.first_line_indent = Length(2 * CHARACTER)

    def _heading(self, block: Heading, number: str) -> None:
        paragraph = self.document.add_paragraph(style=f"Heading {block.level}")
        layout = paragraph.paragraph_format
        layout.first_line_indent = Length(2 * CHARACTER)
        layout.keep_with_next = block.run_in == ""
        dress(paragraph.add_run(number + clean(block.text)), _ROLES[block.level - 1], size=SIZE_3)
        if block.run_in:
            dress(paragraph.add_run(clean(block.run_in)), "body", size=SIZE_3)
        self.last = paragraph
        self._after_table = False

    def _part_tables(self) -> None:
        """Tables that touch become one."""
        if self._after_table:
            self.line("", size=Pt(1), spacing=Pt(6))

    def _caption(self, text: str) -> None:
        if text:
            paragraph = self.line(text, role="heading", size=SIZE_4, align=_CENTER)
            paragraph.paragraph_format.keep_with_next = True

    def _table(self, headings: Sequence[str], rows: Sequence[Sequence[str]], *, widths: Sequence[float]) -> None:
        count = len(headings) or 2
        shares = list(widths) or [1.0] * count
        lengths = [Length(int(parts.AREA_WIDTH * share / sum(shares))) for share in shares]
        table = self.document.add_table(rows=0, cols=count)
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        parts.set_table_lines(table)
        for column, length in zip(table.columns, lengths, strict=True):
            column.width = length
        for index, row in enumerate([headings, *rows] if headings else rows):
            is_head = bool(headings) and index == 0
            line = table.add_row()
            if is_head:
                parts.repeat_row(line)
            for place, (cell, text) in enumerate(zip(line.cells, row, strict=True)):
                cell.width = lengths[place]
                strong = is_head or (not headings and place == 0)
                self._cell(cell, text, role="heading" if strong else "body", align=_CENTER if is_head else _LEFT)
        self.last = None
        self._after_table = True

    def _cell(self, cell: Any, text: str, *, role: str, align: WD_ALIGN_PARAGRAPH) -> None:
        for index, line in enumerate(text.split("\n")):
            paragraph = cell.paragraphs[0] if index == 0 else cell.add_paragraph()
            paragraph.alignment = align
            paragraph.paragraph_format.line_spacing = Pt(18)
            parts.leave_grid(paragraph)
            dress(paragraph.add_run(clean(line)), role, size=SIZE_TABLE)

    def contents(self, blocks: Sequence[Block]) -> None:
        """The headings as they stand; the word processor adds the pages when it opens the document."""
        entry = self.line("")
        parts.begin_field(entry, 'TOC \\o "1-2" \\h \\z \\u', "body", size=SIZE_3)
        for block, number in numbered(blocks):
            if isinstance(block, Heading) and block.level <= 2:
                entry = self.line(number + block.text)
                entry.paragraph_format.left_indent = Length((block.level - 1) * 2 * CHARACTER)
        parts.end_field(entry)
        parts.ask_for_fields(self.document.settings.element)

    def saved(self) -> bytes:
        target = io.BytesIO()
        self.document.save(target)
        return target.getvalue()


def clean(text: str) -> str:
    """The text without characters that the format forbids."""
    return _FORBIDDEN.sub("\ufffd", text)


def _head(page: _Page, paper: FrozenPaper) -> None:
    marks = [
        (paper.copy_number, "figures"),
        (paper.secrecy, "heading"),
        (paper.urgency, "heading"),
    ]
    shown = [(text, role) for text, role in marks if text]
    if paper.form == "plain":
        for text, role in shown:
            page.line(text, role=role)
        if paper.number:
            page.line(paper.number, align=_RIGHT)
        page.empty()
        return
    size = Pt(min(58.0 if paper.form == "red" else 44.0, parts.AREA_WIDTH.pt / len(paper.heading_text) * 0.97))
    if paper.form == "letter":
        heading = page.line(
            paper.heading_text, role="title", size=size, align=_CENTER, spacing=Pt(size.pt * 1.3), color=parts.RED
        )
        parts.add_line(heading, side="bottom", eighths=24, color="D7000F", space=8, double="thickThinSmallGap")
        first = page.line(shown[0][0] if shown else "", role=shown[0][1] if shown else "body")
        if paper.number:
            first.paragraph_format.tab_stops.add_tab_stop(parts.AREA_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
            dress(first.add_run(f"\t{paper.number}"), "body", size=SIZE_3)
        for text, role in shown[1:]:
            page.line(text, role=role)
        page.empty(2)
        return
    # Upper edge of the heading 35 mm below that of the type area: what the marks leave of it stays empty.
    for text, role in shown:
        page.line(text, role=role)
    heading = page.line(
        paper.heading_text, role="title", size=size, align=_CENTER, spacing=Pt(size.pt * 1.25), color=parts.RED
    )
    heading.paragraph_format.space_before = Length(max(0, int(Mm(35)) - len(shown) * LINE_PITCH))
    page.empty(2)
    if paper.signer:
        # Not indented, since the line below must have the full width.
        number = page.line(f"　{paper.number}")
        layout = number.paragraph_format
        layout.tab_stops.add_tab_stop(Length(parts.AREA_WIDTH - CHARACTER), WD_TAB_ALIGNMENT.RIGHT)
        dress(number.add_run("\t签发人："), "body", size=SIZE_3)
        dress(number.add_run(clean(paper.signer)), "subheading", size=SIZE_3)
    else:
        number = page.line(paper.number, align=_CENTER)
    parts.add_line(number, side="bottom", eighths=12, color="D7000F", space=11)
    page.empty(2)


def _attachment_list(page: _Page, attachments: Sequence[Attachment]) -> None:
    if not attachments:
        return
    page.empty()
    if page.last is not None:
        page.last.paragraph_format.keep_with_next = True
    for index, attachment in enumerate(attachments, start=1):
        lead = "附件：" if index == 1 else "　　　"
        count = f"{index}. " if len(attachments) > 1 else ""
        paragraph = page.line(f"{lead}{count}{attachment.title}")
        layout = paragraph.paragraph_format
        hang = 3 * CHARACTER + (int(CHARACTER) if count else 0)
        layout.left_indent = Length(2 * CHARACTER + hang)
        layout.first_line_indent = Length(-hang)
        layout.keep_with_next = True


def _signature(page: _Page, paper: FrozenPaper) -> None:
    for _line in range(2):
        page.line("").paragraph_format.keep_with_next = True
    day = arabic_date(paper.date) if paper.date else "    年  月  日"
    names = paper.signed_by or (paper.issuer,)
    width = _width(day)
    margin = max(4.0, 1 + (max(_width(name) for name in names) - width) / 2)
    for name in names:
        paragraph = page.line(name, align=_RIGHT)
        paragraph.paragraph_format.right_indent = Length(int(CHARACTER * (margin - (_width(name) - width) / 2)))
        paragraph.paragraph_format.keep_with_next = True
    paragraph = page.line(day, align=_RIGHT)
    paragraph.paragraph_format.right_indent = Length(int(CHARACTER * margin))
    for note in paper.notes:
        paragraph.paragraph_format.keep_with_next = True
        noted = paragraph = page.line(f"（{note}）")
        noted.paragraph_format.left_indent = Length(2 * CHARACTER)


def _width(text: str) -> float:
    """In Chinese characters; figures and spaces take half of one."""
    return sum(0.5 if character.isascii() else 1.0 for character in text)


def _imprint(page: _Page, paper: FrozenPaper) -> None:
    """A table pinned to the foot of the last page, since text before it may grow while it is edited (7.4)."""
    lines: list[tuple[str, str]] = []
    if paper.copy_to:
        lines.append(("抄送：" + "，".join(paper.copy_to) + "。", ""))
    if paper.printed_by and paper.form != "letter":
        lines.append((paper.printed_by, f"{arabic_date(paper.printed_date)}印发" if paper.printed_date else ""))
    if not lines:
        return
    page.line("", size=Pt(1), spacing=Pt(1))  # tables that touch become one
    table = page.document.add_table(rows=0, cols=1)
    table.autofit = False
    table.columns[0].width = parts.FOOT_WIDTH
    parts.pin_to_foot(table)
    parts.set_rules(table)
    for left, right in lines:
        cell = table.add_row().cells[0]
        cell.width = parts.FOOT_WIDTH
        paragraph = cell.paragraphs[0]
        parts.leave_grid(paragraph)
        layout = paragraph.paragraph_format
        layout.line_spacing = Pt(24)
        dress(paragraph.add_run(clean(left)), "body", size=SIZE_4)
        if left.startswith("抄送："):
            layout.left_indent = Length(SIZE_4 * 4 - _CELL_MARGIN)
            layout.first_line_indent = Length(-SIZE_4 * 3)
            layout.right_indent = Length(SIZE_4 - _CELL_MARGIN)
        else:
            layout.left_indent = layout.right_indent = Length(SIZE_4 - _CELL_MARGIN)
            edge = Length(parts.FOOT_WIDTH - SIZE_4 - _CELL_MARGIN)
            layout.tab_stops.add_tab_stop(edge, WD_TAB_ALIGNMENT.RIGHT)
            dress(paragraph.add_run(f"\t{right}"), "body", size=SIZE_4)
    # A document ends with a paragraph; this one must not need a page of its own.
    page.line("", size=Pt(1), spacing=Pt(1))
