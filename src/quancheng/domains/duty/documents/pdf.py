"""Text PDF as lines: printed lines with their indent, ruled tables as rows."""

from __future__ import annotations

from typing import Any

from quancheng.domains.duty.documents.docx import Row
from quancheng.domains.duty.documents.limits import MAX_CHARS, MAX_LINES, MAX_PAGES, Refused

_MANY_PATHS = 6
_MIN_CHARS_PER_PAGE = 8


def pages_of(path: str) -> list[tuple[int, Row]]:
    """Lines of a PDF with their page number, in printed order.

    :raises Refused: protected, damaged, too long, or scanned (no text layer).
    """
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as problem:
        raise Refused("document_password" if "assword" in str(problem) else "document_unreadable") from problem
    lines: list[tuple[int, Row]] = []
    chars = 0
    try:
        if len(document) == 0:
            raise Refused("document_empty")
        if len(document) > MAX_PAGES:
            raise Refused("document_too_complex")
        drawn = False
        for number in range(len(document)):
            page = document[number]
            found, ruled, pictures = _page(page)
            drawn = drawn or pictures
            chars += sum(len(row.text.strip()) for _, row in found)
            if ruled:
                found = _with_tables(path, number, found)
            lines += [(number + 1, row) for _, row in found]
            if len(lines) > MAX_LINES or chars > MAX_CHARS:
                raise Refused("document_too_complex")
            page.close()
        if chars < min(_MIN_CHARS_PER_PAGE * len(document), 40):
            raise Refused("document_scanned" if drawn else "document_empty")
        return lines
    except pdfium.PdfiumError as problem:
        raise Refused("document_unreadable") from problem
    finally:
        document.close()


def _page(page: Any) -> tuple[list[tuple[float, Row]], bool, bool]:
    """Lines of a page with their distance from the top in points; whether it is ruled, whether it holds pictures."""
    import pypdfium2.raw as raw

    height = page.get_height()
    paths = pictures = 0
    for index, thing in enumerate(page.get_objects(max_depth=2)):
        paths += thing.type == raw.FPDF_PAGEOBJ_PATH
        pictures += thing.type == raw.FPDF_PAGEOBJ_IMAGE
        if index > 4000:
            break
    text_page = page.get_textpage()
    count = text_page.count_chars()
    text = text_page.get_text_range(0, count) if count > 0 else ""
    measured: list[tuple[float, float, float, str]] = []
    start = 0
    for piece in text.replace("\r\n", "\n\x00").replace("\r", "\n").split("\n"):
        shift = piece.startswith("\x00")
        content = piece[1:] if shift else piece
        begin = start + (1 if shift else 0)
        stripped = content.lstrip()
        if stripped:
            at = begin + len(content) - len(stripped)
            left, bottom, right, top = text_page.get_charbox(min(at, count - 1), loose=True)
            measured.append(
                (
                    height - (top + bottom) / 2,
                    left,
                    max(right - left, top - bottom, 4.0),
                    content.strip().replace("\ufffe", "-"),
                )
            )
        start += len(piece) + 1
    if not measured:
        return [], False, pictures > 0
    margin = min(left for _, left, _, _ in measured)
    lines = []
    for top, left, size, content in measured:
        indent = (left - margin) / size
        lines.append((top, Row("\u3000" * min(round(indent), 20) + content if indent >= 1.2 else content)))
    return lines, paths >= _MANY_PATHS, pictures > 0


def _with_tables(path: str, number: int, lines: list[tuple[float, Row]]) -> list[tuple[float, Row]]:
    """Replace the lines inside ruled tables by the rows of those tables; None stands for a merged cell."""
    import pdfplumber

    with pdfplumber.open(path, pages=[number + 1]) as document:
        page = document.pages[0]
        tables = [
            table
            for table in page.find_tables()
            if len(table.rows) >= 2 and max(len(row.cells) for row in table.rows) >= 3
        ]
        extracted = [(table.bbox, table.extract()) for table in tables]
    if not extracted:
        return lines
    result: list[tuple[float, Row]] = [
        (top, row) for top, row in lines if not any(box[1] - 1 <= top <= box[3] + 1 for box, _ in extracted)
    ]
    for box, rows in extracted:
        at = next((index for index, (top, _) in enumerate(result) if top > box[3]), len(result))
        made = []
        for cells in rows:
            if not any(cells):
                continue
            clean = tuple(None if cell is None else cell.replace("\n", "").replace("\t", " ").strip() for cell in cells)
            made.append((box[1], Row("\t".join(cell or "" for cell in clean), clean)))
        result[at:at] = made
    return result
