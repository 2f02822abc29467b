"""Text PDF as lines: printed lines with their indent, ruled tables as rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quancheng.domains.duty.documents.limits import MAX_CHARS, MAX_LINES, MAX_PAGES, Refused
from quancheng.domains.duty.documents.rows import Row
from quancheng.domains.duty.documents.ruled import Char, cell_texts, grids_of

#: Fewer drawn lines than these are no table; of more objects than these a page is not looked through.
_FEW_PATHS = 6
_MANY_OBJECTS = 4000
_MIN_CHARS_PER_PAGE = 8

_Turner = Callable[[float, float], tuple[float, float]]


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
            found, pictures = _page(page)
            drawn = drawn or pictures
            chars += sum(len(row.text.strip()) for _, row in found)
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


def _page(page: Any) -> tuple[list[tuple[float, Row]], bool]:
    """Lines of a page with their distance from the top in points; whether it holds pictures."""
    import pypdfium2.raw as raw

    turned = _turner(page)
    strokes: list[tuple[float, float, float, float]] = []
    paths = pictures = 0
    for index, thing in enumerate(page.get_objects(max_depth=2)):
        pictures += thing.type == raw.FPDF_PAGEOBJ_IMAGE
        if thing.type == raw.FPDF_PAGEOBJ_PATH:
            paths += 1
            strokes += _strokes(thing, turned)
        if index > _MANY_OBJECTS:
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
            left, top, right, bottom = _box(text_page, min(at, count - 1), turned)
            measured.append(
                (
                    (top + bottom) / 2,
                    left,
                    max(right - left, bottom - top, 4.0),
                    content.strip().replace("\ufffe", "-"),
                )
            )
        start += len(piece) + 1
    if not measured:
        return [], pictures > 0
    margin = min(left for _, left, _, _ in measured)
    lines = []
    for top, left, size, content in measured:
        indent = (left - margin) / size
        lines.append((top, Row("\u3000" * min(round(indent), 20) + content if indent >= 1.2 else content)))
    if paths >= _FEW_PATHS:
        lines = _with_tables(lines, strokes, text_page, turned)
    return lines, pictures > 0


def _turner(page: Any) -> _Turner:
    """From the page's own coordinates to points from the top left of the page as it is shown."""
    left, bottom, right, top = page.get_bbox()
    return {
        0: lambda x, y: (x - left, top - y),
        90: lambda x, y: (y - bottom, x - left),
        180: lambda x, y: (right - x, y - bottom),
        270: lambda x, y: (top - y, right - x),
    }[page.get_rotation()]


def _box(text_page: Any, index: int, turned: _Turner) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a character."""
    left, bottom, right, top = text_page.get_charbox(index, loose=True)
    (x0, y0), (x1, y1) = turned(left, bottom), turned(right, top)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _strokes(thing: Any, turned: _Turner) -> list[tuple[float, float, float, float]]:
    """The straight pieces of a drawn path, from point to point."""
    from ctypes import byref, c_float

    import pypdfium2.raw as raw

    matrix = thing.get_matrix()
    if thing.container is not None:
        matrix = matrix.multiply(thing.container.get_matrix())
    strokes = []
    x, y = c_float(), c_float()
    first = last = (0.0, 0.0)
    for number in range(raw.FPDFPath_CountSegments(thing)):
        segment = raw.FPDFPath_GetPathSegment(thing, number)
        raw.FPDFPathSegment_GetPoint(segment, byref(x), byref(y))
        # To a thousandth: so that what was drawn straight stays so after being turned.
        across, down = turned(*matrix.on_point(x.value, y.value))
        point = round(across, 3), round(down, 3)
        if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_MOVETO:
            first = point
        else:
            strokes.append((*last, *point))
        last = point
        if raw.FPDFPathSegment_GetClose(segment):
            strokes.append((*last, *first))
            last = first
    return strokes


def _chars(text_page: Any, turned: _Turner) -> list[Char]:
    """The printed characters; without the blanks and line ends that the library puts between words."""
    import pypdfium2.raw as raw

    found = []
    for index in range(text_page.count_chars()):
        code = raw.FPDFText_GetUnicode(text_page, index)
        if code and raw.FPDFText_IsGenerated(text_page, index) != 1:
            text = "-" if code == 0xFFFE else chr(code)
            found.append(Char(text, *_box(text_page, index, turned)))
    return found


def _with_tables(
    lines: list[tuple[float, Row]],
    strokes: list[tuple[float, float, float, float]],
    text_page: Any,
    turned: _Turner,
) -> list[tuple[float, Row]]:
    """Replace the lines inside ruled tables by the rows of those tables; None stands for a merged cell."""
    grids = [grid for grid in grids_of(strokes) if len(grid.rows) >= 2 and len(grid.rows[0]) >= 3]
    if not grids:
        return lines
    chars = _chars(text_page, turned)
    result: list[tuple[float, Row]] = [
        (top, row) for top, row in lines if not any(grid.box[1] - 1 <= top <= grid.box[3] + 1 for grid in grids)
    ]
    for grid in grids:
        at = next((index for index, (top, _) in enumerate(result) if top > grid.box[3]), len(result))
        result[at:at] = [
            (grid.box[1], Row("\t".join(cell or "" for cell in cells), tuple(cells)))
            for cells in cell_texts(grid, chars)
            if any(cells)
        ]
    return result
