"""The heading tree (标题树): which paragraph stands under which heading, and what each heading is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from quancheng.domains.duty.plans.charts import is_task_header
from quancheng.domains.duty.plans.lines import Piece
from quancheng.domains.duty.plans.marks import DASH, RANK, TASK, Mark, opens_with_label
from quancheng.domains.duty.plans.model import Doubt
from quancheng.domains.duty.plans.paragraphs import Block
from quancheng.domains.duty.plans.responsibility import Responsibility, read_bracket, read_labels, tails_in

_CONTEXT = re.compile(
    r"指导思想|总体(?:要求|思路)|基本原则|工作原则|(?:工作)?背景|形势|(?:监管|整治|工作|检查|适用|实施|治理|排查)?范围$|编制依据|工作思路|重要意义|指导原则|整治对象|检查对象|名词解释"
)
_GOAL = re.compile(
    r"(?:工作|总体|主要|行动|整治|治理|年度|攻坚|预期|发展)?(?:目标|指标)(?:任务|要求)?$|^目标|目标要求$|^(?:控制|年度)指标"
)
_PROBLEM = re.compile(
    r"(?:突出|存在|主要|重点治理)[^。]{0,10}问题|问题(?:和|及)[^。]{0,12}风险|(?:问题|短板|不足)$|(?:存在|有)[^。防控]{0,8}(?:风险|隐患)$"
)
_CURE = re.compile(
    r"^(?:[一二三四五六七八九十]是)?(?:防范|防控|防|破解|补齐|查找|查摆|全面|大力|坚决|扎实|着力|深入|切实|紧紧|突出整治|有效|精准|重点整治|整改|守|化解|管控|消除|整治|排查|解决|治理|遏制|严控|强化|加强|开展|推进|落实|聚焦|紧盯|提升|严防|盯紧|深化|压降|严格|健全|完善|抓)"
)
_ORGANISATION = re.compile(
    r"^(?:组织领导|组织机构|领导机构|工作机构|组织架构|领导小组|机构设置|组织领导机构|机构职责|工作专班|成立[^。]{0,16}(?:领导小组|专班)|人员组成)$"
)
_STAGE = re.compile(r"阶段")
_ANNEX = re.compile(r"附(?:件|表|录)?(?P<n>[\d一二三四五六七八九十]{0,2})(?P<rest>[：:]?.*)$")
_SIGN_OFF = re.compile(
    r"(?:抄送|抄报|公开方式|公开属性|联系人|联系电话|联系方式|（联系人|（此件|此件|主送|承办单位|信息公开|（公开|传真|邮箱|电子邮箱|附注|备注：|注：)"
)
_DATE_ONLY = re.compile(
    r"（?(?:20\d\d|二[〇零]..)年[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}日(?:印发|印|发布)?）?"
)
PART_TITLE = re.compile(r"(?:要点|方案|计划|清单|安排|任务|措施|监管|领域|责任表|行业|分工)(?:（[^）]{2,20}）)?$")


@dataclass(slots=True)
class Node:
    """A heading with its own text, the paragraphs under it and the headings below."""

    kind: str
    level: float
    piece: Piece
    mark: Mark | None = None
    title: str = ""
    body: Piece | None = None
    paras: list[Piece] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    own: Responsibility = field(default_factory=Responsibility)
    own_line: bool = False
    theme: str = "work"
    parent: Node | None = None
    rows: list[Block] = field(default_factory=list)
    end_line: int = 0
    shared_doubt: Doubt | None = None
    annex: bool = False

    @property
    def is_leaf(self) -> bool:
        return not any(child.kind != "chart" for child in self.children)

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()


GROUP_UNITS = Doubt("units_from_group", "责任单位写在一组任务之后，按整组共用处理，请核对。")


@dataclass(slots=True)
class Outline:
    """The tree under an invisible root, and what is odd about the numbering."""

    root: Node
    warnings: list[tuple[int, Doubt]]


def split_title(piece: Piece, mark: Mark | None) -> tuple[str, Piece | None]:
    """Title and run-in body of a heading line; a single sentence is its own title and has no separate body."""
    start = mark.end if mark else 0
    text = piece.text
    stop = re.search(r"[。]|：(?=\S{12,})|\.(?=[\u4e00-\u9fff])", text[start:])
    if stop is None:
        return text[start:].strip("：；，、。 "), None
    end = start + stop.start()
    if end - start > 46 or (stop.group() == "：" and end - start > 24):
        return text[start:end].strip("：；， "), piece.cut(start)
    rest = piece.cut(start + stop.end())
    if not rest.text:
        ends = text[start:end]
        sentence_like = len(ends) > 30 or re.search(r"[，；].*[，；]", ends)
        return ends, piece.cut(start) if sentence_like else None
    if rest.text.startswith("（") and tails_in(rest) and tails_in(rest)[0].start == 0:
        return text[start:end], piece.cut(start)
    return text[start:end], rest


def build(blocks: Sequence[Block]) -> Outline:
    """Build the tree of the body. Blocks are those behind the head of the document."""
    root = Node("root", -1, blocks[0].piece if blocks else Piece("", (), ()))
    stack = [root]
    warnings: list[tuple[int, Doubt]] = []
    task_rank: float | None = None
    tables: Node | None = None
    listing = False
    for index, block in enumerate(blocks):
        top = stack[-1]
        if block.cells is not None:
            if tables is None or tables not in top.children:
                tables = Node("chart", 99, block.piece, parent=top)
                top.children.append(tables)
            tables.rows.append(block)
            continue
        text = block.text
        following = blocks[index + 1] if index + 1 < len(blocks) else None
        if tables is not None and tables in top.children and _is_category(block, following):
            tables.rows.append(block)
            continue
        if block.mark is None and _is_sign_off(blocks, index):
            continue
        if block.mark is None and _ANNEX.match(text) and not _starts_part(block, following, stack) and len(text) < 120:
            listing = True
            continue
        if (
            listing
            and block.mark is not None
            and block.mark.kind in ("L3", "L4", "L2")
            and len(text) < 60
            and text[-1] not in "。；"
        ):
            continue
        listing = False
        if block.mark is None and _starts_part(block, following, stack):
            tables = None
            node = _part(block, root)
            stack = [root, node]
            continue
        if (
            tables is not None
            and tables in top.children
            and block.mark is not None
            and block.mark.kind not in ("L1", "part")
            and _in_table(blocks, index)
        ):
            tables.rows.append(block)
            continue
        if opens_with_label(text) is not None and (block.mark is None):
            _attach(top, block.piece)
            continue
        tail = _lone_tail(block.piece) if block.mark is None else None
        if tail is not None:
            top.own = top.own.merged(tail)
            top.own_line = True
            top.end_line = block.piece.end_line
            continue
        if block.mark is not None:
            mark = block.mark
            if mark.kind == TASK:
                if task_rank is None:
                    deepest = max((node.level for node in stack if node.kind != TASK), default=0.0)
                    task_rank = max(deepest, 3.0 if mark.lead else 0.0) + 0.5
                level = task_rank
                if mark.lead is not None:
                    stack = _pop(stack, 3.0)
                    holder = Node(
                        "L3", 3.0, block.piece.cut(0, len(str(mark.lead)) + 1), None, "", None, parent=stack[-1]
                    )
                    holder.mark = Mark("L3", mark.lead, f"{mark.lead}.", len(str(mark.lead)) + 1)
                    _check(stack[-1], holder, warnings)
                    stack[-1].children.append(holder)
                    if level > 3.0:
                        stack.append(holder)
            else:
                level = RANK[mark.kind]
            stack = _pop(stack, level)
            title, body = split_title(block.piece, mark)
            node = Node(mark.kind, level, block.piece, mark, title, body, parent=stack[-1])
            if mark.kind != DASH:
                _check(stack[-1], node, warnings)
            stack[-1].children.append(node)
            stack.append(node)
            continue
        top.paras.append(block.piece)
        top.end_line = block.piece.end_line
    _share(root)
    _themes(root, "work")
    return Outline(root, warnings)


def _pop(stack: list[Node], level: float) -> list[Node]:
    while len(stack) > 1 and stack[-1].level >= level:
        stack = stack[:-1]
    return stack


def _check(parent: Node, node: Node, warnings: list[tuple[int, Doubt]]) -> None:
    """Warn of gaps and repeats in the numbering; items may count on through the sections of a document."""
    last = next((child for child in reversed(parent.children) if child.kind == node.kind and child.mark), None)
    if last is None or last.mark is None or node.mark is None:
        return
    if node.mark.value == last.mark.value:
        warnings.append((node.piece.line, Doubt("number_repeated", f"编号“{node.mark.printed}”重复。")))
    elif node.mark.value > last.mark.value + 1:
        warnings.append(
            (node.piece.line, Doubt("number_gap", f"编号从“{last.mark.printed}”跳到“{node.mark.printed}”。"))
        )


def _is_sign_off(blocks: Sequence[Block], index: int) -> bool:
    """Signature, date, copies and contacts behind the body are no tasks."""
    text = blocks[index].text
    if _DATE_ONLY.fullmatch(text) or _SIGN_OFF.match(text) or (len(text) < 60 and text.endswith("日印发")):
        return True
    following = blocks[index + 1].text if index + 1 < len(blocks) else ""
    return bool(_DATE_ONLY.fullmatch(following)) and len(text) <= 60 and not text.endswith(("。", "；"))


def _starts_part(block: Block, following: Block | None, stack: list[Node]) -> bool:
    text = block.text
    if len(text) > 60 or text[-1:] in "。；，、！" or opens_with_label(text) is not None:
        return False
    if following is None:
        return False
    annex = _ANNEX.match(text)
    if annex and (annex["n"] or annex["rest"] in ("", "：") or annex["rest"].startswith("：")):
        return (
            following.cells is not None
            or (following.mark is not None and following.mark.kind in ("L1", "part"))
            or not annex["rest"].strip("：")
        )
    if following.mark is not None and following.mark.kind == "L1" and following.mark.value == 1:
        return any(node.kind == "L1" for node in stack) or any(child.kind == "L1" for child in stack[0].children)
    return following.cells is not None and bool(PART_TITLE.search(text)) and len(text) >= 8 and len(stack) > 1


def _part(block: Block, root: Node) -> Node:
    node = Node("part", 0.0, block.piece, None, block.text.strip("： "), None, parent=root)
    node.annex = bool(_ANNEX.match(block.text))
    last = root.children[-1] if root.children else None
    if (
        last is not None
        and last.kind == "part"
        and last.annex
        and not last.children
        and not last.paras
        and not node.annex
    ):
        last.title = f"{last.title} {node.title}"
        last.end_line = block.piece.end_line
        return last
    root.children.append(node)
    return node


def _is_category(block: Block, following: Block | None) -> bool:
    """Whether a line between two rows is a heading inside the table: the next row is no heading row."""
    if following is None or following.cells is None or is_task_header(following) or len(block.text) > 40:
        return False
    return block.text[-1:] not in "。；" and (block.mark is None or block.mark.kind in ("L1", "L2"))


def _in_table(blocks: Sequence[Block], index: int) -> bool:
    """Whether a numbered line stands inside a flattened table: rows follow it."""
    return any(later.cells is not None for later in blocks[index + 1 : index + 4])


def _lone_tail(piece: Piece) -> Responsibility | None:
    """A paragraph that is nothing but a responsibility bracket: （区应急局牵头，区公安分局配合）."""
    text = piece.text.rstrip("。")
    if not text.startswith("（") or not text.endswith("）"):
        return None
    return read_bracket(piece.cut(1, len(text) - 1))


def _attach(top: Node, piece: Piece) -> None:
    text = piece.text
    if text.startswith("（"):
        end = len(text.rstrip("。；"))
        piece = piece.cut(1, end - 1 if text[end - 1] == "）" else end)
    read = read_labels(piece)
    top.own = top.own.merged(read)
    top.own_line = True
    top.end_line = piece.end_line


def _share(root: Node) -> None:
    """Units printed once behind a group of items belong to the whole group; time limits do not."""
    for node in root.walk():
        items = [child for child in node.children if child.kind != "chart"]
        if len(items) < 2 or not items[-1].own_line or not items[-1].own.names_somebody or not items[-1].is_leaf:
            continue
        if any(child.own or not child.is_leaf or _has_tail(child) for child in items[:-1]) or items[-1].kind == TASK:
            continue
        if node.kind == "root":
            continue
        for child in items[:-1]:
            child.own = Responsibility(
                items[-1].own.lead,
                items[-1].own.support,
                items[-1].own.persons,
                items[-1].own.leader,
                list(items[-1].own.due),
                [],
                items[-1].own.doubts,
                items[-1].own.line,
            )
            child.shared_doubt = GROUP_UNITS
        items[-1].shared_doubt = GROUP_UNITS


def _has_tail(node: Node) -> bool:
    return any(tails_in(piece) for piece in (node.piece, *node.paras))


def _themes(node: Node, inherited: str) -> None:
    for child in node.children:
        child.theme = theme_of(child, inherited)
        _themes(child, child.theme)


def theme_of(node: Node, inherited: str) -> str:
    """What a heading is about: work, goal, context, problem, organisation or stage."""
    title = node.title
    if node.kind in ("chart", TASK):
        return "work" if node.kind == TASK else inherited
    if inherited in ("context", "goal") and node.level > 2:
        return inherited
    if (len(title) <= 24 and not node.mark) or len(title) <= 24:
        if _GOAL.search(title) and (len(title) <= 6 or not _CURE.match(title)):
            return "goal"
        if _CONTEXT.search(title):
            return "context"
        if _ORGANISATION.search(title):
            return "organisation"
        if _PROBLEM.search(title) and not _CURE.match(title):
            return "problem"
        if _STAGE.search(title):
            return "stage"
    return inherited
