"""From headings and paragraphs to demanded acts: what is one task, who owes it, what is only context."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from quancheng.domains.duty.plans.dates import Calendar, find_deadlines
from quancheng.domains.duty.plans.lines import Piece
from quancheng.domains.duty.plans.marks import DASH, TASK, opens_with_label
from quancheng.domains.duty.plans.model import Doubt
from quancheng.domains.duty.plans.outline import Node
from quancheng.domains.duty.plans.responsibility import Responsibility, tails_in
from quancheng.domains.duty.plans.units import GOV_NAME, GROUP_NAME, Subject, is_official, subject_of

_ACTION = re.compile(
    r"健全|完善|落实|开展|推进|推动|建立|严格|强化|加强|督促|组织|实施|做到|做好|确保|严查|严控|严厉|严防|打击|聘请|推广|压实|深化|提升|提高|统筹|制定|编制|修订|排查|整治|整改|治理|检查|抽查|核查|复核|指导|引导|鼓励|支持|培育"
    r"|运用|应用|达到|使用|采用|实行|抓好|抓实|配齐|配强|配备|规范|优化|突出|紧盯|召开|举办|成立|组建|设立|明确|公布|公示|报送|上报|报告|汇总|通报|考核|评估|审核|审批|核发|查处|履行|监测|巡查|宣传|培训|演练|完成|启动|建设|建成|取缔|淘汰|搬迁|更新|改造|安装|登记|摸清|梳理"
    r"|全覆盖|清零|学习|传达|部署|约谈|曝光|贯彻|聚焦|筑牢|加快|加大|负责|牵头|协调|坚持|严禁|防范|化解|遏制|管控|消除|推行|充实|执行|保障|遵守|动员|总结|验收|调度|协助|保持|拆除|关闭|限制|利用|建好|用好|管好|办好|纳入|安排|设置|购买|引进|探索|选派|选聘|学深|牢固|扎实|切实|着力|狠抓|织密|守牢|扛"
)
_CONTEXT_HEAD = re.compile(
    r"^(?:以[^，。]{4,60}为(?:指导|引领|统领|目标|主线|抓手|核心|根本)|坚持以|认真贯彻|深入贯彻|全面贯彻|为(?:了|进一步|深入|认真|切实|全面|贯彻|有效|扎实|加强|做好|推动|确保|认真)[^。]{6,}(?:制定|特制|如下|现将|结合)|根据|按照[^，。]{4,40}(?:要求|部署|精神))"
)
_INLINE = re.compile(r"(?P<n>[一二三四五六七八九十]{1,2})(?:是(?!否|不)|要(?=[\u4e00-\u9fff]))")
_ORGANISATION = re.compile(r"(?:组长|副组长|成员)(?:由|：|为)|办公室设在|办公室主任|任组长|担任组长|领导小组")
_INTRO = re.compile(
    r"(?:如下|以下[\u4e00-\u9fff]{0,12}|下列[\u4e00-\u9fff]{0,10}|具体(?:要求|任务|安排|分工|措施|内容)(?:是|为)?)[：。]?$"
)
_UNIT_HEADING = re.compile(
    r"^(?P<u>.{2,60}?)(?:的)?(?:主要|工作|安全|管理|监管|监督|具体)*(?:职责|责任|任务|职能)?(?:分工)?$"
)
_TITLE_ONLY = 46

TITLE_UNIT = Doubt("units_from_heading", "责任单位取自上级标题，请核对。")
SUBJECT_UNIT = Doubt("units_from_subject", "责任单位取自句中主语，请核对。")
NO_UNIT = Doubt("no_unit", "文中未写明责任单位，请指定。")
NO_LEAD = Doubt("no_lead", "只有配合单位，未写明牵头单位，请指定。")
INHERITED_UNIT = Doubt("units_inherited", "责任单位写在上级标题下，按下属各条共用处理，请核对。")
LOOSE_SENTENCE = Doubt("loose_sentence", "末尾一句写在责任单位之后，是否属于本条请核对。")


@dataclass(slots=True)
class Item:
    """A demanded act before its time limits and numbers are read."""

    piece: Piece
    node: Node
    own: Responsibility = field(default_factory=Responsibility)
    units_from: str = "none"
    subject: Subject | None = None
    doubts: list[Doubt] = field(default_factory=list)
    path: list[str] | None = None
    number: str = ""
    due: list[Piece] = field(default_factory=list)
    context: bool = False


@dataclass(frozen=True, slots=True)
class Rest:
    """A passage that is no task, and why."""

    piece: Piece
    why: str


def sentences_of(piece: Piece) -> list[Piece]:
    """Sentences of a canonical text, split at 。；！ outside brackets, quotation marks and book titles."""
    result, depth, start = [], 0, 0
    for index, char in enumerate(piece.text):
        if char in "（“《":
            depth += 1
        elif char in "）”》":
            depth = max(0, depth - 1)
        elif char in "。！？" or (char == "；" and depth == 0):
            if depth and char != "。":
                continue
            if depth and index - start < 400 and "）" in piece.text[index : index + 200]:
                continue
            depth = 0
            result.append(piece.cut(start, index + 1))
            start = index + 1
    rest = piece.cut(start)
    if rest.text:
        result.append(rest)
    return [one for one in result if one.text.strip("。；！？ ")]


def items_of(root: Node) -> Iterator[Item | Rest]:
    """Demanded acts and left-over passages of a tree in printed order (charts are read elsewhere)."""
    for node in root.children:
        if node.kind == "chart":
            continue
        yield from _of_node(node)


def _of_node(node: Node) -> Iterator[Item | Rest]:
    if node.is_leaf:
        yield from _of_leaf(node)
    else:
        yield from _of_parent(node)
    for child in node.children:
        if child.kind != "chart":
            yield from _of_node(child)


def _of_parent(node: Node) -> Iterator[Item | Rest]:
    """A heading with headings below: its own text is an introduction unless it demands something of somebody."""
    pieces = ([node.body] if node.body is not None and node.body.text else []) + node.paras
    dashes = node.children and all(child.kind == DASH for child in node.children)
    for piece in pieces:
        if (_INTRO.search(piece.text) and len(piece.text) < 60) or (dashes and piece.text.endswith("：")):
            yield Rest(piece, "intro")
            continue
        tails = tails_in(piece)
        if tails:
            yield from _segments(node, piece, node.theme)
            continue
        for item in _by_subject(node, piece, node.theme):
            if isinstance(item, Item) and (item.subject is None or not item.subject.strong):
                yield Rest(item.piece, "intro")
            else:
                yield item


def _of_leaf(node: Node) -> Iterator[Item | Rest]:
    theme = node.theme
    if node.annex and not node.paras:
        return
    title_only = node.body is None and len(node.title) <= _TITLE_ONLY and not tails_in(node.piece)
    if title_only and node.paras and node.kind != TASK:
        tails = [bool(tails_in(piece)) for piece in node.paras]
        if len(node.paras) > 1 and ((tails[-1] and not any(tails[:-1])) or node.own.names_somebody):
            joined = node.paras[0]
            for piece in node.paras[1:]:
                joined = joined.plus(piece)
            yield from _segments(node, joined, theme)
            return
        for piece in node.paras:
            yield from _segments(node, piece, theme)
        return
    if not node.paras and any(child.kind == "chart" for child in node.children):
        return
    if title_only and not node.paras and not node.own and theme != "work" and theme != "stage":
        yield Rest(node.piece, theme)
        return
    if title_only and not node.paras and not node.own and not _ACTION.search(node.title):
        yield Rest(node.piece, "heading")
        return
    if title_only and not node.paras and not node.own and node.level < 2 and node.kind != TASK:
        yield Rest(node.piece, "heading")
        return
    whole = node.piece
    loose = not node.own.names_somebody and not any(tails_in(piece) for piece in (node.piece, *node.paras))
    for piece in node.paras:
        if (_closed(whole) or (loose and whole.text.endswith(("。", "；")))) and node.kind != TASK:
            yield from _segments(node, whole, theme)
            whole = piece
        else:
            whole = whole.plus(piece)
    yield from _segments(node, whole, theme)


def _closed(piece: Piece) -> bool:
    tails = tails_in(piece)
    return bool(tails) and tails[-1].end >= len(piece.text.rstrip("。；"))


def _segments(node: Node, piece: Piece, theme: str) -> Iterator[Item | Rest]:
    """Cut a text behind each responsibility bracket; what has none is read by its grammatical subjects."""
    tails = tails_in(piece)
    if not tails:
        if node.own.names_somebody:
            yield _owned(node, piece)
            return
        yield from _by_subject(node, piece, theme)
        return
    start = 0
    made: list[Item] = []
    for tail in tails:
        end = tail.end
        while end < len(piece.text) and piece.text[end] in "。；，":
            end += 1
        part = piece.cut(start, end)
        start = end
        if (
            made
            and tail.start <= len(piece.text)
            and not part.text[: max(0, tail.start - (end - len(part.text)))].strip("。；，")
        ):
            made[-1].own = made[-1].own.merged(tail.responsibility)
            made[-1].piece = made[-1].piece.plus(part)
            continue
        item = Item(part, node, tail.responsibility, "printed" if tail.responsibility.names_somebody else "none")
        item.own = item.own.merged(Responsibility(due=list(node.own.due), target=list(node.own.target)))
        if not tail.responsibility.names_somebody:
            _inherit(item)
        if not tail.responsibility.names_somebody and item.units_from == "none":
            item.subject = _first_subject(part)
            if item.subject:
                item.units_from = "subject"
        made.append(item)
    rest = piece.cut(start)
    if rest.text.strip("。；， "):
        if len(rest.text) < 60 and made and not _ACTION.search(rest.text):
            made[-1].piece = made[-1].piece.plus(rest)
        else:
            yield from made
            made = []
            for one in _by_subject(node, rest, theme):
                if isinstance(one, Item):
                    one.doubts.append(LOOSE_SENTENCE)
                yield one
    yield from made


def _owned(node: Node, piece: Piece) -> Item:
    item = Item(piece, node, node.own, "printed")
    if node.shared_doubt is not None:
        item.doubts.append(node.shared_doubt)
        item.units_from = "group"
    return item


def _first_subject(piece: Piece) -> Subject | None:
    for sentence in sentences_of(piece):
        found = subject_of(_unmarked(sentence))
        if found is not None:
            return found
    return None


def _unmarked(sentence: Piece) -> str:
    return re.sub(
        r"^(?:（[一二三四五六七八九十\d]{1,2}）|\d{1,2}[.、]|[①-⑳]|[—-]{1,2}|[一二三四五六七八九十]{1,2}(?:是|要)|(?:重点)?任务\d{1,3}：)+",
        "",
        sentence.text,
    )


@dataclass(slots=True)
class _Group:
    start: int
    end: int
    subject: Subject | None
    count: int = 1


def _by_subject(node: Node, piece: Piece, theme: str) -> Iterator[Item | Rest]:
    """Sentences with the same subject are one task; a new unit as subject begins another."""
    groups: list[_Group] = []
    position = 0
    inherited = _inherited(node)
    for sentence in sentences_of(piece):
        start = piece.places.index(sentence.places[0], position)
        end = start + len(sentence.text)
        position = end
        subject = subject_of(_unmarked(sentence)) or _after_title(_unmarked(sentence))
        short_title = start == 0 and node.mark is not None and len(sentence.text) <= 40 and end < len(piece.text)
        heading_unit = _unit_title(sentence.text.strip("。：")) if short_title else None
        if heading_unit is not None:
            subject = heading_unit
        last = groups[-1] if groups else None
        if last is None:
            groups.append(_Group(start, end, subject))
        elif subject is None or (
            last.subject is not None and (subject.names == last.subject.names or not _differs(subject, last.subject))
        ):
            last.end = end
            last.count += 1
        elif last.subject is None and (
            (last.count == 1 and short_length(piece, last) <= 40 and last.start == 0 and node.mark is not None)
            or not _has_act(piece.text[last.start : last.end])
        ):
            last.end, last.subject, last.count = end, subject, last.count + 1
        elif inherited and inherited.names_somebody:
            last.end = end
            last.count += 1
        else:
            groups.append(_Group(start, end, subject))
    if len(groups) == 2 and groups[0].subject is None and groups[1].subject is not None and node.mark is not None:
        opening = piece.text[groups[0].start : groups[0].end]
        if not _ORGANISATION.search(opening) and not _no_task(
            piece.cut(groups[0].start, groups[0].end), Item(piece, node), theme
        ):
            # One numbered item names one unit: it owes the whole item.
            groups = [_Group(groups[0].start, groups[1].end, replace(groups[1].subject, strong=False))]
    for group in groups:
        part = piece.cut(group.start, group.end)
        item = Item(
            part, node, Responsibility(due=list(node.own.due), target=list(node.own.target)), subject=group.subject
        )
        why = _no_task(part, item, theme)
        if why:
            yield Rest(part, why)
            continue
        if group.subject is not None:
            item.units_from = "subject"
            if not group.subject.strong or not all(
                is_official(name) or name.startswith("各") for name in group.subject.names
            ):
                item.doubts.append(SUBJECT_UNIT)
        else:
            _inherit(item)
        item.context = theme in ("context", "goal", "problem", "organisation")
        yield item


def _after_title(text: str) -> Subject | None:
    """The subject behind a title that ends in a colon: 集中整改（5月至8月）：各学校…."""
    title = re.match(r"[^，。；：]{2,30}：(?=.{6})", text)
    return subject_of(text[title.end() :]) if title else None


def short_length(piece: Piece, group: _Group) -> int:
    """Characters of a group of sentences."""
    return len(piece.text[group.start : group.end])


def _differs(one: Subject, other: Subject) -> bool:
    """Whether a second subject begins another task: 企业 inside a sentence about an office does not."""
    return set(one.names) != set(other.names) and (one.strong or all(is_official(name) for name in one.names))


def _has_act(text: str) -> bool:
    return bool(_ACTION.search(text))


def _no_task(part: Piece, item: Item, theme: str) -> str:
    """Why a passage is no task; "" where it is one."""
    text = _unmarked(part)
    if opens_with_label(text):
        return "label"
    if theme in ("context", "goal"):
        return theme
    if theme == "problem":
        return (
            ""
            if item.subject is not None
            and item.subject.strong
            and re.search(r"要|必须|应|须", text[: item.subject.end + 4])
            else "problem"
        )
    if theme == "organisation" or re.search(r"组长(?:由|：|为)|成员(?:由|：|为)|办公室设在|任组长|担任组长", text):
        return "organisation"
    if not _ACTION.search(text) and not (item.node.mark is not None and find_deadlines(text, Calendar())):
        return "no_act"
    if item.subject is None and _CONTEXT_HEAD.match(text) and len(sentences_of(part)) == 1 and not item.node.mark:
        return "context"
    if re.match(r"^(?:本|该)(?:方案|要点|计划|通知)[^。]{0,12}(?:自|由|从)", text):
        return "context"
    return ""


def _inherited(node: Node) -> Responsibility | None:
    """Responsibility printed under a heading above, before its first item."""
    parent = node.parent
    while parent is not None:
        if parent.own.names_somebody and parent.level >= 1:
            return parent.own
        parent = parent.parent
    return None


def _inherit(item: Item) -> None:
    above = _inherited(item.node)
    if above is not None:
        item.own = Responsibility(
            above.lead,
            above.support,
            above.persons,
            above.leader,
            [*item.own.due, *([] if item.own.due else above.due)],
            item.own.target,
            above.doubts,
            above.line,
        )
        item.units_from = "inherited"
        item.doubts.append(INHERITED_UNIT)
        return
    node: Node | None = item.node
    while node is not None and node.level >= 1:
        found = _unit_title(node.title)
        if found is not None:
            item.subject = found
            item.units_from = "heading"
            item.doubts.append(TITLE_UNIT)
            return
        node = node.parent


def _unit_title(title: str) -> Subject | None:
    """The unit a heading consists of: 区应急局, 镇（街道）管理职责, 各镇街道."""
    match = _UNIT_HEADING.match(title.strip("：。 "))
    if match is None:
        return None
    name = match["u"]
    names = [one for one in re.split(r"[、，]", name) if one]
    if not names or not all(
        (
            GOV_NAME.match(one)
            or (
                GROUP_NAME.match(one)
                and not re.match(
                    r"(?:加强|强化|落实|压实|督促|推动|健全|提升|规范|开展|严格|严厉|各项|完善|建立|做好|明确|聚焦|深化|推进|组织|突出|重点|夯实|抓好|全面|保障|加快|引导)",
                    one,
                )
            )
        )
        for one in names
    ):
        return None
    if re.fullmatch(r"(?:行业)?(?:部门|单位|主管部门|行业部门|监管部门|企业主体|主体)", name):
        return None
    if title == name and len(name) > 26:
        return None
    return Subject(tuple(names), len(name), True)
