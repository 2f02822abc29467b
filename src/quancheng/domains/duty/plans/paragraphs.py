"""From source lines to paragraphs and table rows: what a page or a narrow column broke is joined again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from quancheng.domains.duty.plans.lines import Line, Piece, bracket_groups, piece_of, settle_brackets, width_of
from quancheng.domains.duty.plans.marks import DASH, Mark, mark_of, opens_with_label

_PAGE_NUMBER = re.compile(r"[—-]?\s*\d{1,3}\s*[—-]|第\d{1,3}页(?:[，、/]?共\d{1,3}页)?|[—-]\d{1,3}|\d{1,3}/\d{1,3}")
_SENTENCE_END = "。；！？："
_DATE_LINE = re.compile(
    r"(?:20\d\d|二[〇零]..)年[\d一二三四五六七八九十]{1,2}月[\d一二三四五六七八九十]{1,3}日(?:印发|印|发布)?"
)
_NUMBER_LINE = re.compile(r"[\u4e00-\u9fff]{2,14}[〔\[（﹝]?20\d\d[〕\]）﹞]?第?\d{1,4}号")
_ANNEX = re.compile(
    r"附(?:件|表|录)?(?:[\d一二三四五六七八九十]{0,2})(?:[：:]|$)|附(?:件|表)[\d一二三四五六七八九十]{1,2}"
)
_COPY = re.compile(r"(?:抄送|抄报|主送|发送|分送)：|（此件|（联系人|联系人：|联系电话")
_LONG = 35
_WRAP_MAX = 60


@dataclass(slots=True)
class Block:
    """A paragraph, or a row of a table (then ``cells`` holds its columns; None is a merged cell)."""

    piece: Piece
    mark: Mark | None = None
    cells: tuple[Piece | None, ...] | None = None
    gap: bool = False
    row: int = 0
    head: bool = False

    @property
    def text(self) -> str:
        return self.piece.text

    @property
    def is_structural(self) -> bool:
        return self.mark is not None and self.mark.kind != DASH


@dataclass(frozen=True, slots=True)
class Shape:
    """How the text is set: width of a full line where lines are broken (0 = one line per paragraph), indents used."""

    wrap: float
    indented: bool


def shape_of(lines: Sequence[Line]) -> Shape:
    """Find out whether lines are broken at a fixed width, and whether paragraphs open with an indent."""
    bodies = [
        line.text.rstrip()
        for line in lines
        if line.text.strip() and line.cells is None and "\t" not in line.text.strip()
    ]
    widths = [width_of(body.strip()) for body in bodies]
    if len(widths) < 12:
        return Shape(0, False)
    full = sorted(widths)[int(len(widths) * 0.9)]
    longest = max(widths)
    near = sum(1 for width in widths if full - 3.5 <= width <= full + 3.5)
    if not 14 <= full <= _WRAP_MAX or longest > full * 1.35 + 4 or near < len(widths) * 0.25:
        return Shape(0, False)
    indented = sum(1 for body in bodies if _indent(body) >= 1.5)
    return Shape(full, len(widths) * 0.08 <= indented <= len(widths) * 0.8)


def _indent(text: str) -> float:
    lead = text[: len(text) - len(text.lstrip())]
    return sum(1.0 if char == "\u3000" else 0.5 for char in lead)


def blocks_of(lines: Sequence[Line]) -> list[Block]:
    """Paragraphs and table rows of a document in printed order."""
    shape = shape_of(lines)
    blocks: list[Block] = []
    gap, last_width, body_begun = True, 0.0, False
    for index, line in enumerate(lines):
        piece = piece_of(lines, index)
        if line.cells is None and "\t" not in line.text.strip():
            if not piece.text:
                gap = True
                continue
            if _PAGE_NUMBER.fullmatch(piece.text) and _is_page_number(lines, index):
                continue
        row = _row_of(lines, index)
        if row is not None:
            blocks.append(Block(piece, None, row, gap, index))
            gap = False
            continue
        if not piece.text:
            gap = True
            continue
        mark = mark_of(piece.text)
        previous = blocks[-1] if blocks and blocks[-1].cells is None else None
        indent = _indent(line.text)
        if previous is not None and _joins(previous, piece, mark, shape, last_width, indent, gap, body_begun):
            previous.piece = settle_brackets(previous.piece.plus(piece))
        else:
            blocks.append(Block(settle_brackets(piece), mark, None, gap, index))
        body_begun = body_begun or (mark is not None and mark.kind in ("L1", "L2"))
        last_width = width_of(piece.text) + (indent if shape.wrap else 0)
        gap = False
    for block in blocks:
        if block.cells is None:
            block.mark = mark_of(block.text)
    return blocks


def _is_page_number(lines: Sequence[Line], index: int) -> bool:
    text = lines[index].text.strip()
    if not text.isdigit():
        return True
    before = lines[index - 1].text.strip() if index else ""
    after = lines[index + 1].text.strip() if index + 1 < len(lines) else ""
    return not before or not after


def _row_of(lines: Sequence[Line], index: int) -> tuple[Piece | None, ...] | None:
    """Cells of a table row: real ones, or those of a flattened table, separated by tabs or bars."""
    line = lines[index]
    raw = line.text
    separators = "\t"
    if line.cells is None and "\t" not in raw.strip():
        if raw.count("|") >= 3 or raw.count("│") >= 2 or raw.count("┃") >= 2:
            separators = "|│┃"
        elif raw.startswith("\t") and raw.strip():
            separators = "\t"
        else:
            return None
    cells: list[Piece | None] = []
    start = 0
    for column in range(len(raw) + 1):
        if column == len(raw) or raw[column] in separators:
            cells.append(settle_brackets(piece_of(lines, index, start=start, end=column)))
            start = column + 1
    if line.cells is not None:
        return tuple(None if kept is None else piece for kept, piece in zip(line.cells, cells, strict=False))
    if separators != "\t":
        while cells and not (cells[0] and cells[0].text):
            cells.pop(0)
        while cells and not (cells[-1] and cells[-1].text):
            cells.pop()
        if all(set(cell.text) <= set("-—:：=─ ") for cell in cells if cell):
            return ()
    return tuple(cells)


def _open_bracket(text: str) -> int:
    """Characters since a bracket was opened that is still open at the end; -1 where none is."""
    group = next(reversed(list(bracket_groups(text))), None)
    if (
        group is None
        or group[1] != len(text)
        or (text.endswith("）") and text[group[0] :].count("（") <= text[group[0] :].count("）"))
    ):
        return -1
    return len(text) - group[0]


def _joins(
    previous: Block,
    piece: Piece,
    mark: Mark | None,
    shape: Shape,
    last_width: float,
    indent: float,
    gap: bool,
    body_begun: bool,
) -> bool:
    before, text = previous.text, piece.text
    since = _open_bracket(before)
    if since >= 0 and since <= 260 and (mark is None or mark.kind == DASH):
        tail_open = opens_with_label(before[len(before) - since :]) is not None
        if tail_open or not _is_break(text):
            return True
    if before.count("《") > before.count("》") and len(before) - before.rfind("《") < 60 and mark is None and not gap:
        return True
    if mark is not None or _is_break(text):
        return False
    if _is_break(before, opening=False):
        return before.endswith(("、", "，")) and not gap
    last = before[-1]
    label = opens_with_label(before)
    if last in "、，" or (last in "的和与及对在为将把" and len(before) > 12 and last_width > 10):
        return True
    if shape.wrap:
        full = last_width >= shape.wrap - 2.2
        if shape.indented and body_begun:
            return indent < 1.5 and full and not (last in "。！？" and gap)
        if last in _SENTENCE_END:
            return False
        return full
    if last in _SENTENCE_END:
        return False
    if last == "）" and len(before) <= _LONG:
        return False
    if previous.mark is not None and not _has_body(previous):
        # A heading broken in two: the rest is short and no sentence.
        rest = len(text)
        if before[-1] in "。；" or text[-1] in "。；：，、":
            return False
        return (rest <= 8 and len(before) >= 14) or (
            len(before) >= 18 and rest <= 16 and "，" not in text and not gap and len(before) < 46
        )
    if label is not None:
        return not gap and len(before) > 20 and last not in "）"
    return len(before) > _LONG and last_width > _LONG and body_begun


def _has_body(block: Block) -> bool:
    return len(block.text) > 45 or "。" in block.text[:-1]


def _is_break(text: str, *, opening: bool = True) -> bool:
    """Whether a line cannot be the continuation of another: a label, a date, a document number, an annex."""
    if opens_with_label(text) is not None or (_ANNEX.match(text) and len(text) < 40):
        return True
    if _DATE_LINE.fullmatch(text) or _NUMBER_LINE.fullmatch(text) or _COPY.match(text):
        return True
    return opening and text.startswith(("（一", "（此件"))


def drop_repeated(blocks: Sequence[Block]) -> list[Block]:
    """Leave out running heads: the same short text three times or more on separate pages."""
    counts = Counter(
        block.text
        for block in blocks
        if block.cells is None and len(block.text) < 30 and block.mark is None and opens_with_label(block.text) is None
    )
    repeated = {text for text, count in counts.items() if count >= 4}
    return [block for block in blocks if block.cells is not None or block.text not in repeated]
