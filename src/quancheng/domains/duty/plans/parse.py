"""``parse_plan``: lines in, plan out. Total: any text gives a plan, if an empty one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from quancheng.domains.duty.plans.charts import read_chart
from quancheng.domains.duty.plans.dates import Calendar, find_deadlines
from quancheng.domains.duty.plans.items import Rest, items_of
from quancheng.domains.duty.plans.lines import Line, Piece, lines_of
from quancheng.domains.duty.plans.meta import head_of, read_meta
from quancheng.domains.duty.plans.model import ParsedPlan, ParsedTask, Passage, Section
from quancheng.domains.duty.plans.outline import PART_TITLE, Node, Outline, build
from quancheng.domains.duty.plans.paragraphs import Block, blocks_of, drop_repeated
from quancheng.domains.duty.plans.targets import find_targets
from quancheng.domains.duty.plans.tasks import chart_task, complete, reports_of


def parse_plan(lines: Sequence[Line] | str, *, year: int | None = None) -> ParsedPlan:
    """Read a plan document.

    :param lines: source lines (``documents.read_document``) or the whole text.
    :param year: the plan's year, where the reviewer sets it; otherwise read from the document.
    """
    source = lines_of(lines) if isinstance(lines, str) else tuple(lines)
    blocks = drop_repeated(blocks_of(source))
    if not blocks:
        return ParsedPlan(read_meta([], 0), (), (), ())
    head_end = head_of(blocks)
    meta = read_meta(blocks, head_end, year=year)
    base = Calendar(meta.period_from, meta.period_to, meta.date)
    outline = build(blocks[head_end:]) if head_end < len(blocks) else build([])
    _first_part(outline, blocks[:head_end])
    ordered = _tasks_and_rests(outline.root, base)
    tasks: list[ParsedTask] = []
    passages: list[Passage] = []
    reported: list[tuple[Piece, tuple[str, ...]]] = [
        (block.piece, ()) for block in blocks[:head_end] if block.cells is None and len(block.text) > 12
    ]
    for _, found in ordered:
        if isinstance(found, ParsedTask):
            tasks.append(replace(found, id=f"T{len(tasks) + 1}"))
        elif isinstance(found, Rest):
            passages.append(_passage(found, base))
    reported += _report_pieces(outline.root)
    reports = sorted(reports_of(reported, base), key=lambda report: report.line)
    reports = [replace(report, id=f"R{number}") for number, report in enumerate(reports, 1)]
    return ParsedPlan(
        meta, tuple(_sections(outline)), tuple(tasks), tuple(reports), tuple(passages), tuple(outline.warnings)
    )


def _first_part(outline: Outline, head: Sequence[Block]) -> None:
    """Where later parts have titles of their own, the title before the first 一、 is that of the first part."""
    root = outline.root
    at = next((index for index, node in enumerate(root.children) if node.kind == "part" and not node.annex), 0)
    last = next((block for block in reversed(head) if block.cells is None), None)
    if (
        at == 0
        or last is None
        or len(last.text) > 40
        or not PART_TITLE.search(last.text)
        or root.children[at].mark is not None
    ):
        return
    part = Node("part", 0.0, last.piece, None, last.text, None, parent=root, children=root.children[:at])
    for child in part.children:
        child.parent = part
    root.children[:at] = [part]


def _tasks_and_rests(root: Node, base: Calendar) -> list[tuple[int, ParsedTask | Rest]]:
    found: list[tuple[int, ParsedTask | Rest]] = []
    for one in items_of(root):
        if isinstance(one, Rest):
            found.append((one.piece.span[0], one))
            continue
        task = complete(one, base, "T0")
        if task is None:
            found.append((one.piece.span[0], Rest(one.piece, "report")))
        else:
            found.append((task.start, task))
    found += [(para.span[0], Rest(para, "outside")) for para in root.paras]
    for node in root.walk():
        if node.kind != "chart":
            continue
        rows, is_chart = read_chart(node.rows)
        above = node.parent or root
        for row in rows:
            task = chart_task(row, above, base, "T0")
            found.append((task.start, task))
        if not is_chart:
            found += [(block.piece.span[0], Rest(block.piece, "table")) for block in node.rows if block.text]
    found.sort(key=lambda pair: pair[0])
    return found


def _report_pieces(root: Node) -> Iterator[tuple[Piece, tuple[str, ...]]]:
    for node in root.walk():
        if node.kind in ("root", "chart"):
            if node.kind == "root":
                for para in node.paras:
                    yield para, ()
            continue
        units = (*node.own.lead, *node.own.support)
        yield node.piece, units
        for para in node.paras:
            yield para, units


def _passage(rest: Rest, base: Calendar) -> Passage:
    piece = rest.piece
    targets = tuple(one.target for one in find_targets(piece.text, line_at=piece.line_at)) if rest.why == "goal" else ()
    deadlines = (
        tuple(replace(one.deadline, line=piece.line_at(one.start)) for one in find_deadlines(piece.text, base))
        if rest.why == "goal"
        else ()
    )
    return Passage(piece.line, piece.end_line, piece.printed, rest.why, targets, deadlines)


def _sections(outline: Outline) -> list[Section]:
    counter = iter(range(1, 1_000_000))

    def made(node: Node) -> Section:
        number = next(counter)
        children = tuple(made(child) for child in node.children if child.kind not in ("chart", "dash"))
        last = max(
            [
                node.piece.end_line,
                node.end_line,
                *(para.end_line for para in node.paras),
                *(child.end_line for child in children),
                *(block.piece.end_line for child in node.children for block in child.rows),
            ]
        )
        level = {"part": 0, "L1": 1, "L2": 2, "L3": 3, "L4": 4, "L5": 5, "task": 6}.get(node.kind, 7)
        kind = "annex" if node.annex else node.theme
        return Section(
            f"S{number}",
            level,
            node.mark.printed.strip() if node.mark else "",
            re.sub(r"\s+", "", node.title),
            node.piece.line,
            last,
            kind,
            children,
        )

    return [made(node) for node in outline.root.children if node.kind not in ("chart", "dash")]
