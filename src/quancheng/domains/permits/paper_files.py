"""A permit's paper as PDF and DOCX, and its placard as PDF, from the same rows. Set by Typst and python-docx."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
import segno
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table
from PIL import Image

from quancheng.domains.permits.queries.papers import PermitPaper
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.papers.render import word_parts as parts
from quancheng.kernel.papers.render.pdf import render_layout
from quancheng.kernel.papers.render.word import clean

_LAYOUT = Path(__file__).parent / "layout" / "permit.typ"
_NUMBERS = ("一", "二", "三")
_COLUMNS = 12
#: The box for a drawing, wide and high, and how many dots a picture in it has at most a side.
_BOX_MM, _MOST_DOTS = (176, 70), 1200
#: Share of the twelve columns of each field of a row, by how many the row has; two columns name each.
_SHARES = {1: (10,), 2: (4, 4), 3: (2, 2, 2)}
_HUES = {"red": "D63939", "orange": "F76707", "yellow": "F5B800", "blue": "206BC4"}


def picture(url: str) -> str:
    """A QR code as SVG without a size. A quarter of it may be unreadable."""
    return str(segno.make(url, error="q", micro=False).svg_inline(omitsize=True, border=2, light="#fff"))


def copy_name(paper: PermitPaper, number: int) -> str:
    """E.g. 第一联（监护人）; of temporary electricity the second goes to the supply unit after the work."""
    return f"第{_NUMBERS[number - 1]}联（{paper.copies[number - 1]}）"


def note_of(paper: PermitPaper, printed: str) -> str:
    """What stands below every paper."""
    seal = f"防涂改校验 {paper.seal}；" if paper.seal else "尚未提交会签，无防涂改校验；"
    return f"{seal}{printed}。本票由系统按记录生成，手工涂改无效（GB 30871-2022，4.18）；现状以扫码结果为准。"


def _after(paper: PermitPaper) -> str:
    return f"作业结束后第二联交{paper.holders['after']}" if "after" in paper.holders else ""


def permit_pdf(paper: PermitPaper, *, url: str, copies: Sequence[int], printed: str, now: datetime) -> bytes:
    """The copies (1 to 3) one after the other."""
    return _set(paper, url, now, {
        "sheets": [copy_name(paper, number) for number in copies], "placard": None, "note": note_of(paper, printed),
        "rows": [[list(one) for one in row] for row in paper.rows], "measures": [list(row) for row in paper.measures],
        "extra_measures": paper.extra_measures or "无", "gas_heads": list(paper.gas_heads),
        "gas": [list(row) for row in paper.gas],
        "signed": [[one.label, one.opinion, one.name, one.at] for one in paper.signed],
        "lessons": list(paper.lessons),
        "sketch": list(_shrunk(paper.sketch)), "sketch_row": paper.sketch_row, "remarks": list(paper.remarks),
        "copies": list(paper.copies), "after": _after(paper), "status": paper.status, "edition": paper.edition,
        "enterprise": paper.enterprise, "form_text": f"GB 30871-2022 表{paper.form}",
    })  # fmt: skip


def placard_pdf(
    paper: PermitPaper, *, url: str, lines: Sequence[tuple[str, str]], printed: str, now: datetime
) -> bytes:  # fmt: skip
    """One sheet that hangs at the place: kind, level, what a passer-by should know, the code."""
    return _set(paper, url, now, {
        "sheets": [], "placard": {
            "title": paper.title.replace("安全作业票", "作业"), "level": paper.level,
            "level_colour": paper.level_colour, "lines": [list(one) for one in lines],
            "foot": f"{paper.enterprise}　{printed}",
        },
    })  # fmt: skip


def _shrunk(content: bytes) -> bytes:
    """A picture as the paper shows it: no more dots than a printer has in the box, without what the file says besides.
    Empty where there is none."""
    if not content:
        return b""
    made = io.BytesIO()
    with Image.open(io.BytesIO(content)) as image:
        image.thumbnail((_MOST_DOTS, _MOST_DOTS))
        flat = Image.new("RGB", image.size, "white")
        whole = image.convert("RGBA")
        flat.paste(whole, mask=whole)
        flat.save(made, "JPEG", quality=85)
    return made.getvalue()


def _set(paper: PermitPaper, url: str, now: datetime, more: dict[str, Any]) -> bytes:
    data = {
        "title": paper.title, "number": paper.number, "level": paper.level, "level_colour": paper.level_colour,
        "across": paper.across, "qr": picture(url), "demo": "演示数据" if is_demo() else "",
        "seal_text": f"防涂改校验 {paper.seal}" if paper.seal else "未提交会签", **more,
    }  # fmt: skip
    return render_layout(_LAYOUT, data, day=Calendar().local_date(now))


def permit_docx(paper: PermitPaper, *, url: str, copies: Sequence[int], printed: str, now: datetime) -> bytes:
    """The same as a Word document, each copy from a new page."""
    document = docx.Document()
    parts.dress_style(document.styles["Normal"], "body", size=Pt(9))
    parts.squeeze(document.styles["Normal"])
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(12)
    section.top_margin, section.bottom_margin = Mm(11), Mm(13)
    core = document.core_properties
    core.title, core.author, core.comments = f"{paper.title} {paper.number}", paper.enterprise[:250], ""
    core.created = core.modified = now.replace(tzinfo=None)
    if paper.across:
        parts.add_watermark(section, paper.across, color="#c81e1e")
    if is_demo():
        parts.add_watermark(section, "演示数据", color="#c0c0c0")
    for place, number in enumerate(copies):
        if place:
            document.add_page_break()
        _copy(document, paper, copy_name(paper, number), url, note_of(paper, printed))
    if paper.lessons:
        document.add_page_break()
        _line(document.add_paragraph(), f"类似作业小结（交底用）　{paper.title} {paper.number}")
        for number, lesson in enumerate(paper.lessons, 1):
            _line(document.add_paragraph(), f"{number}. {lesson}")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _copy(document: Any, paper: PermitPaper, name: str, url: str, note: str) -> None:
    head = document.add_table(rows=1, cols=3)
    if paper.level:
        level = head.cell(0, 0).paragraphs[0].add_run(paper.level)
        parts.dress(level, "heading", size=Pt(14), color=RGBColor.from_string(_HUES[paper.level_colour]))
    _write(head.cell(0, 1), paper.title, role="heading", size=17, center=True)
    _line(head.cell(0, 1).add_paragraph(), f"{paper.enterprise}　{name}", center=True)
    code = io.BytesIO()
    segno.make(url, error="q", micro=False).save(code, kind="png", scale=8, border=2)
    code.seek(0)
    right = head.cell(0, 2).paragraphs[0]
    right.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    right.add_run().add_picture(code, width=Mm(24))
    told = f"编号：{paper.number}　第{paper.edition}版　GB 30871-2022 表{paper.form}　现状：{paper.status}"
    _line(document.add_paragraph(), told)
    fields = _table(document, len(paper.rows) + bool(paper.sketch), _COLUMNS)
    for place, row in enumerate(paper.rows):
        # The box for a drawing stands below its field.
        number = place + (bool(paper.sketch) and place > paper.sketch_row)
        left = 0
        for (label, value), share in zip(row, _SHARES[len(row)], strict=True):
            _write(_joined(fields, number, left, 2), label, role="heading")
            _write(_joined(fields, number, left + 2, share), value)
            left += 2 + share
    if paper.sketch:
        box = _joined(fields, paper.sketch_row + 1, 0, _COLUMNS).paragraphs[0]
        box.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _fit(box.add_run().add_picture(io.BytesIO(_shrunk(paper.sketch))))
    if paper.gas_heads:
        _filled(document, paper.gas_heads, paper.gas or [("未分析", *[""] * (len(paper.gas_heads) - 1))])
    measures = _filled(document, ("序号", "安全措施", "是否涉及", "确认人"), paper.measures, widths=(9, 126, 13, 38))
    last = measures.add_row().cells
    _write(last[0].merge(last[-1]), f"其他安全措施：{paper.extra_measures or '无'}")
    signed = [(one.label, one.opinion, one.name, one.at) for one in paper.signed]
    _filled(document, ("环节", "意见", "签字", "时间"), signed, widths=(52, 74, 28, 32))
    for remark in paper.remarks:
        _line(document.add_paragraph(), remark)
    _line(document.add_paragraph(), note)
    held = "　".join(f"第{_NUMBERS[place]}联：{holder}" for place, holder in enumerate(paper.copies))
    _line(document.add_paragraph(), f"{held}　{_after(paper)}".strip())


def _fit(shape: Any) -> None:
    """Into the box, whatever its sides."""
    share = min(Mm(_BOX_MM[0]) / shape.width, Mm(_BOX_MM[1]) / shape.height)
    shape.width, shape.height = int(shape.width * share), int(shape.height * share)


def _table(document: Any, rows: int, columns: int) -> Table:
    made: Table = document.add_table(rows=rows, cols=columns)
    made.style = "Table Grid"
    return made


def _joined(table: Table, row: int, left: int, share: int) -> Any:
    return table.cell(row, left).merge(table.cell(row, left + share - 1))


def _filled(
    document: Any, heads: Sequence[str], rows: Sequence[Sequence[str]], *, widths: Sequence[int] = ()
) -> Table:  # fmt: skip
    document.add_paragraph().paragraph_format.line_spacing = Pt(4)
    made = _table(document, 1, len(heads))
    if widths:
        made.autofit = False
    for cell, head in zip(made.rows[0].cells, heads, strict=True):
        _write(cell, head, role="heading")
    for row in rows:
        for cell, value in zip(made.add_row().cells, row, strict=True):
            _write(cell, value)
    for column, width in zip(made.columns, widths, strict=False):
        for cell in column.cells:
            cell.width = Mm(width)
    return made


def _write(cell: Any, value: str, *, role: str = "body", size: int = 9, center: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    if center:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    parts.dress(paragraph.add_run(clean(value)), role, size=Pt(size))


def _line(paragraph: Any, value: str, *, center: bool = False) -> None:
    if center:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    parts.dress(paragraph.add_run(clean(value)), "body", size=Pt(9))
