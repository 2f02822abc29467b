"""Papers and reports as PDF, set by Typst. The same frozen text and fonts give the same bytes."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pypdfium2
import typst

from quancheng.kernel.papers.render.blocks import Block, Heading, block_to_dict, numbered
from quancheng.kernel.papers.render.fonts import font_set, missing_glyphs
from quancheng.kernel.papers.render.paper import FrozenPaper, ReportDoc, arabic_date, title_lines

_LAYOUT = Path(__file__).parent / "layout"
# A draft has no date of its own; its PDF must not depend on the clock either.
_UNSEEN = ("Cc", "Cf", "Cs")
_NO_DATE = dt.date(2000, 1, 1)


def render_pdf(paper: FrozenPaper) -> bytes:
    """The paper in the layout of GB/T 9704-2012, as PDF/A-2b.

    :raises FontsMissing: the packaged font is not installed.
    """
    data = paper.to_dict()
    data |= {
        "heading_text": paper.heading_text,
        "number": paper.number,
        "title_lines": title_lines(paper.title),
        "signed_by": list(paper.signed_by or (paper.issuer,)),
        "date_text": arabic_date(paper.date) if paper.date else "",
        "printed_text": f"{arabic_date(paper.printed_date)}印发" if paper.printed_date else "",
        "notes": list(paper.notes),
        "blocks": _blocks(paper.blocks),
        "attachments": [
            {
                "title": attachment.title,
                "title_lines": title_lines(attachment.title),
                "blocks": _blocks(attachment.blocks),
            }
            for attachment in paper.attachments
        ],
    }
    # Where the end of a paper would go over to another page for want of a few lines, the empty ones give way
    # (7.3.5.5 allows to adjust the spacing for this).
    loose = _compiled("paper", data | {"empty_lines": 2}, day=paper.date)
    tight = _compiled("paper", data | {"empty_lines": 1}, day=paper.date)
    return tight if _pages(tight) < _pages(loose) else loose


def render_report_pdf(report: ReportDoc) -> bytes:
    """The report as PDF/A-2b.

    :raises FontsMissing: the packaged font is not installed.
    """
    is_english = report.language == "en"
    day = "" if report.date is None else report.date.isoformat() if is_english else arabic_date(report.date)
    data = {
        "language": report.language,
        "contents_title": "Contents" if is_english else "目　录",
        "watermark": "DEMO DATA" if is_english else "演示数据",
        "title": report.title,
        "title_lines": [report.title] if is_english else title_lines(report.title, at_most=16 if report.cover else 20),
        "subtitle": report.subtitle,
        "prepared_by": report.prepared_by,
        "date_text": day,
        "cover": report.cover,
        "contents": report.contents,
        "is_demo": report.is_demo,
        "blocks": _blocks(report.blocks, decimal=is_english),
    }
    return _compiled("report", data, day=report.date)


def _pages(content: bytes) -> int:
    return len(pypdfium2.PdfDocument(content))


def _blocks(blocks: Sequence[Block], *, decimal: bool = False) -> list[dict[str, Any]]:
    shown = []
    for block, number in numbered(blocks, decimal=decimal):
        data = block_to_dict(block)
        if isinstance(block, Heading):
            data["number"] = number
        shown.append(data)
    return shown


def _printable(data: dict[str, Any]) -> dict[str, Any]:
    """The texts with 〓 for what no face in use can show, as printers mark a missing type; the preview names them.

    A PDF/A with a character that cannot be shown is not allowed to exist.
    """
    missing = missing_glyphs(_texts(data))
    if not missing:
        return data
    table = {
        ord(character): " "
        if unicodedata.category(character)[0] == "Z" or unicodedata.category(character) in _UNSEEN
        else "〓"
        for character in missing
    }
    return {key: _translated(value, table) for key, value in data.items()}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _translated(value: Any, table: dict[int, str]) -> Any:
    if isinstance(value, str):
        return value.translate(table)
    if isinstance(value, dict):
        return {key: _translated(item, table) for key, item in value.items()}
    return [_translated(item, table) for item in value] if isinstance(value, list) else value


def render_layout(layout: Path, data: dict[str, Any], *, day: dt.date | None) -> bytes:
    """What a domain prints in a layout of its own, as PDF/A-2b: its data stand in ``sys.inputs.document``, beside
    ``fonts``.

    :param day: what the file names as its day, so that the same data give the same bytes.
    :raises FontsMissing: the packaged font is not installed.
    """
    return _typeset(layout, _printable(data), day=day)


def _compiled(kind: str, data: dict[str, Any], *, day: dt.date | None) -> bytes:
    return _typeset(_LAYOUT / f"{kind}.typ", {kind: _printable(data)}, day=day)


def _typeset(layout: Path, data: dict[str, Any], *, day: dt.date | None) -> bytes:
    fonts = font_set()
    document = data | {"fonts": fonts.families()}
    midnight = dt.datetime.combine(day or _NO_DATE, dt.time.min, tzinfo=dt.UTC)
    made = typst.compile(
        str(layout),
        root=str(layout.parent),
        font_paths=fonts.book,
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
        pdf_standards=["a-2b"],
        timestamp=int(midnight.timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError("the typesetter gave no single file")
    return made
