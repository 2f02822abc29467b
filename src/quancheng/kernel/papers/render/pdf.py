"""Papers and reports as PDF, set by Typst. The same frozen text and fonts give the same bytes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typst

from quancheng.kernel.papers.render.blocks import Block, Heading, block_to_dict, numbered
from quancheng.kernel.papers.render.fonts import font_set
from quancheng.kernel.papers.render.paper import FrozenPaper, ReportDoc, arabic_date, title_lines

_LAYOUT = Path(__file__).parent / "layout"
# A draft has no date of its own; its PDF must not depend on the clock either.
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
    return _compiled("paper", data, day=paper.date)


def render_report_pdf(report: ReportDoc) -> bytes:
    """The report as PDF/A-2b.

    :raises FontsMissing: the packaged font is not installed.
    """
    data = {
        "title": report.title,
        "title_lines": title_lines(report.title, at_most=16 if report.cover else 20),
        "subtitle": report.subtitle,
        "prepared_by": report.prepared_by,
        "date_text": arabic_date(report.date) if report.date else "",
        "cover": report.cover,
        "contents": report.contents,
        "is_demo": report.is_demo,
        "blocks": _blocks(report.blocks),
    }
    return _compiled("report", data, day=report.date)


def _blocks(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    shown = []
    for block, number in numbered(blocks):
        data = block_to_dict(block)
        if isinstance(block, Heading):
            data["number"] = number
        shown.append(data)
    return shown


def _compiled(kind: str, data: dict[str, Any], *, day: dt.date | None) -> bytes:
    fonts = font_set()
    document = {kind: data, "fonts": fonts.families()}
    midnight = dt.datetime.combine(day or _NO_DATE, dt.time.min, tzinfo=dt.UTC)
    made = typst.compile(
        str(_LAYOUT / f"{kind}.typ"),
        root=str(_LAYOUT),
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
