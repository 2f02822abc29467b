"""Task tables and wall charts (任务分解表, 挂图作战责任表): real tables and tables flattened to text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from quancheng.domains.duty.plans.lines import Piece
from quancheng.domains.duty.plans.marks import mark_of
from quancheng.domains.duty.plans.model import Doubt
from quancheng.domains.duty.plans.paragraphs import Block
from quancheng.domains.duty.plans.people import is_name_list
from quancheng.domains.duty.plans.units import looks_like_unit, split_names

_ROLES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("no", re.compile(r"序号|编号|序列|No\.?|项次")),
    (
        "lead",
        re.compile(
            r"(?:主要)?(?:责任|牵头|主责|主办|负责|承办|落实|实施)(?:单位|部门|科室|股室|处室|主体)(?:（.*）)?|牵头责任单位|责任单位[及和、/].*|部门|单位|分工|责任分工"
        ),
    ),
    ("support", re.compile(r"(?:配合|参与|参加|协办|协同|协助|协作)(?:责任)?(?:单位|部门|科室|股室)(?:（.*）)?")),
    (
        "leader",
        re.compile(r"(?:责任|牵头|分管|包保|包联|挂钩|联系|挂帅|区级|县级|镇级|督办|带班)领导(?:人)?|领导|领衔人"),
    ),
    (
        "person",
        re.compile(r"(?:具体|直接|第一)?责任人员?|具体负责人|经办人员?|承办人|负责人|落实人员?|工作人员|责任人（.*）"),
    ),
    (
        "due",
        re.compile(
            r"(?:完成|整改|推进|工作|办理)?(?:时限|期限)(?:要求)?|(?:完成|整治|计划完成|整改|开展|实施|检查)?时间(?:节点|要求|进度|安排)?|进度(?:要求|安排)|时间节点|(?:完成|截止)日期"
        ),
    ),
    (
        "target",
        re.compile(
            r"(?:工作|任务|年度|量化|预期|绩效)?(?:目标|指标)(?:要求|值|任务)?|成效|完成标准|(?:工作)?成果|达到效果"
        ),
    ),
    (
        "measure",
        re.compile(
            r"(?:工作|具体|主要|重点|整治|推进|治理)?(?:措施|举措|内容|要求)(?:及要求)?|任务(?:内容|措施|要求)|工作(?:内容|举措)(?:及措施)?|任务分解|具体任务|检查内容|目标任务|三级(?:任务|指标)|整治重点|具体工作|工作事项"
        ),
    ),
    ("level2", re.compile(r"二级(?:任务|指标|目录)?|(?:重点任务|任务)（二级）|子任务|任务子项|分项任务|二级重点任务")),
    (
        "level1",
        re.compile(
            r"一级(?:任务|指标|目录)?|(?:重点|主要|工作|年度)?(?:任务|项目|工作|类别|事项|领域|环节|行业|方面)(?:（一级）)?(?:名称|类别)?|专项整治行业名称|行动|目标任务|任务名称|一级重点任务|(?:整治|检查)(?:领域|行业|对象|类别)|重点(?:领域|环节|事项)"
        ),
    ),
    ("note", re.compile(r"备注|说明|完成情况|进展(?:情况)?|落实情况|状态|依据|分值|得分|考核.*|督导.*")),
)
_GLUED = re.compile(r"(?P<n>\d{1,2})[.、．]{0,2}(?=[\u4e00-\u9fff“《])")
_SPLIT = re.compile(
    r"(?:(?<=[。；！\n])|^)(?=(?:\d{1,2}[.、．]{1,2}(?!\d)|\d{1,2}(?=[\u4e00-\u9fff“《])(?!月|日|年|个|家|座|次|名|人|项|条|天|处)|（[\d一二三四五六七八九十]{1,2}）|[①-⑳]))"
)
MERGED = Doubt("merged_cell", "该格在表中为空或与上格合并，按上格内容沿用，请核对。")
ODD_ROW = Doubt("odd_row", "表格行与表头列数不一致，各栏对应关系请核对。")
GUESSED_COLUMNS = Doubt("guessed_columns", "表格没有可识别的表头，各栏含义为推定，请核对。")


@dataclass(slots=True)
class ChartRow:
    """One demanded act of a table with the cells that belong to it."""

    measure: Piece
    path: list[str] = field(default_factory=list)
    number: str = ""
    lead: Piece | None = None
    support: Piece | None = None
    person: Piece | None = None
    leader: Piece | None = None
    due: Piece | None = None
    target: Piece | None = None
    doubts: list[Doubt] = field(default_factory=list)


def role_of(text: str) -> str | None:
    """The role of a column by its heading; None where the text is no heading of a task table."""
    bare = re.sub(r"\s", "", text).strip("：:*")
    if not 1 < len(bare) <= 16:
        return None
    return next((role for role, pattern in _ROLES if pattern.fullmatch(bare)), None)


def is_task_header(block: Block) -> bool:
    """Whether a row is the heading row of a table of tasks."""
    known = {role for cell in block.cells or () if cell is not None and (role := role_of(cell.text))}
    return len(known) >= 3 and bool(known & {"measure", "level1", "level2"})


def read_chart(rows: Sequence[Block]) -> tuple[list[ChartRow], bool]:
    """Rows of one table as demanded acts.

    Returns the acts and whether the table is one of tasks at all (a contact list or a form is none).
    """
    table: list[list[Piece | None]] = [
        list(block.cells) if block.cells else [block.piece] for block in rows if block.cells != ()
    ]
    body, roles = _header(table)
    if roles is None:
        stacked = _stacked(table)
        if stacked is not None:
            return stacked, True
        return [], False
    if not {"measure", "level1", "level2", "target"} & set(roles):
        return [], False
    return _acts(body, roles), True


def _header(table: list[list[Piece | None]]) -> tuple[list[list[Piece | None]], list[str | None] | None]:
    """Find the heading row; two rows are read together where the first has merged cells (责任单位 over 牵头, 配合)."""
    for index, row in enumerate(table[:6]):
        texts = [cell.text if cell else "" for cell in row]
        roles = [role_of(text) for text in texts]
        known = [role for role in roles if role]
        if (
            len(known) < 2
            or len(known) < len([text for text in texts if text]) * 0.6
            or not set(known) & {"measure", "level1", "level2"}
        ):
            continue
        body = table[index + 1 :]
        if body:
            second = [role_of(cell.text) if cell and cell.text else None for cell in body[0]]
            below = [cell.text if cell else "" for cell in body[0]]
            if sum(1 for role in second if role) >= 2 and all(
                role or not text for role, text in zip(second, below, strict=True)
            ):
                width = max(len(roles), len(second))
                roles = [
                    second[at] if at < len(second) and second[at] else roles[at] if at < len(roles) else None
                    for at in range(width)
                ]
                body = body[1:]
        return body, _settle(roles)
    return table, None


def _settle(roles: list[str | None]) -> list[str | None]:
    """Two columns of level 1 are level 1 and level 2; without a measure column the deepest level is the measure."""
    result = list(roles)
    levels = [at for at, role in enumerate(result) if role == "level1"]
    for at in levels[1:2]:
        result[at] = "level2"
    for at in levels[2:]:
        result[at] = "measure"
    if "measure" not in result:
        deepest = next((at for at in reversed(range(len(result))) if result[at] in ("level2", "level1")), None)
        if deepest is not None:
            result[deepest] = "measure"
    measures = [at for at, role in enumerate(result) if role == "measure"]
    for at in measures[:-1]:
        result[at] = "level2" if "level2" not in result else "level1"
    if result.count("person") > 1 and "lead" not in result:
        result[result.index("person")] = "lead"
    return result


def _acts(body: list[list[Piece | None]], roles: list[str | None]) -> list[ChartRow]:
    acts: list[ChartRow] = []
    current: dict[str, Piece | None] = {}
    carried: set[str] = set()
    category = ""
    at_measure = roles.index("measure")
    for row in body:
        texts = [cell.text if cell else "" for cell in row]
        if sum(1 for text in texts if role_of(text)) >= 3:
            continue
        if len(row) == 1 and row[0] is not None and _is_category(row[0].text):
            category, current = row[0].printed, {}
            continue
        cells = _aligned(row, roles, at_measure)
        odd = cells is None
        placed: list[Piece | None] = cells if cells is not None else _guess(row, roles, at_measure)
        values = {role: cell for role, cell in zip(roles, placed, strict=False) if role}
        fresh = {role for role, cell in values.items() if cell is not None and cell.text}
        if not fresh:
            continue
        if fresh <= {"no"} or (len(fresh) == 1 and len(row) == 1 and "measure" not in fresh):
            continue
        # A new level 1 ends what was carried down for the deeper level; a new row ends nothing else.
        if "level1" in fresh and "level2" in roles and "level2" not in fresh:
            current["level2"] = None
        new_group = bool(fresh & {"no", "level1"})
        carried = set()
        for role in ("no", "level1", "level2", "lead", "support", "person", "leader", "due", "target"):
            if role not in roles:
                continue
            cell = values.get(role)
            merged = cell is None
            if cell is not None and cell.text:
                current[role] = cell
            elif role in ("support", "target") and not merged:
                current[role] = None
            elif current.get(role) is not None:
                if new_group and role in ("due",) and not merged:
                    current[role] = None
                else:
                    if not merged:
                        carried.add(role)
        measure = values.get("measure")
        if measure is None or not measure.text:
            if fresh & {"lead", "person", "leader", "due"} and acts and not fresh & {"no", "level1", "level2"}:
                _fill(acts[-1], current)
            continue
        for part in _parts(measure):
            act = ChartRow(part, number=_text(current.get("no")))
            act.path = [cell.printed.replace("\t", " ") for role in ("level1", "level2") if (cell := current.get(role))]
            if category:
                act.path.insert(0, category)
            _fill(act, current)
            if carried & {"lead", "person", "leader", "due"}:
                act.doubts.append(MERGED)
            if odd:
                act.doubts.append(ODD_ROW)
            acts.append(act)
    _backfill(acts)
    return acts


def _is_category(text: str) -> bool:
    """Whether a row of one cell is a heading inside the table (一、健全责任体系)."""
    mark = mark_of(text)
    return len(text) <= 40 and text[-1:] not in "。；" and (mark is None or mark.kind in ("L1", "L2", "part"))


def _backfill(acts: list[ChartRow]) -> None:
    """A cell printed once beside the last measure of its group belongs to the measures above it as well."""
    for index in range(len(acts) - 2, -1, -1):
        act, later = acts[index], acts[index + 1]
        if (act.number, act.path) != (later.number, later.path) or act.lead or act.person or act.leader or act.due:
            continue
        if later.lead or later.person or later.leader or later.due:
            act.lead, act.support, act.person, act.leader, act.due = (
                later.lead,
                later.support,
                later.person,
                later.leader,
                later.due,
            )
            act.doubts.append(MERGED)


def _text(cell: Piece | None) -> str:
    return cell.text if cell is not None else ""


def _fill(act: ChartRow, current: dict[str, Piece | None]) -> None:
    act.lead, act.support = current.get("lead"), current.get("support")
    act.person, act.leader = current.get("person"), current.get("leader")
    act.due, act.target = current.get("due"), current.get("target")


def _aligned(row: list[Piece | None], roles: list[str | None], at_measure: int) -> list[Piece | None] | None:
    """The row in the order of the columns; None where it does not fit and must be guessed."""
    if len(row) == len(roles):
        return row
    if len(row) > len(roles) and not any(cell and cell.text for cell in row[len(roles) :]):
        return row[: len(roles)]
    if at_measure < len(row) < len(roles) and any(cell is None or not cell.text for cell in row[:1]):
        return [*row, *[_EMPTY] * (len(roles) - len(row))]
    if (
        len(row) < len(roles)
        and len(row) > 1
        and row[0] is not None
        and re.fullmatch(r"\d{1,3}", row[0].text)
        and roles[0] == "no"
        and len(row) > at_measure
    ):
        return [*row, *[_EMPTY] * (len(roles) - len(row))]
    return None


_EMPTY = Piece("", (), ())


def _guess(row: list[Piece | None], roles: list[str | None], at_measure: int) -> list[Piece | None]:
    """Place the cells of a short row by what they look like: names, units, a time, a numbered measure."""
    placed: list[Piece | None] = [_EMPTY] * len(roles)
    filled = [cell for cell in row if cell is not None and cell.text]

    def put(role: str, cell: Piece) -> bool:
        for at, known in enumerate(roles):
            if known == role and placed[at] is _EMPTY:
                placed[at] = cell
                return True
        return False

    longest = max(filled, key=lambda cell: len(cell.text), default=None)
    for cell in filled:
        text = cell.text
        if is_name_list(cell.printed) and (put("person", cell) or put("leader", cell)):
            continue
        if re.fullmatch(r"\d{1,3}", text) and put("no", cell):
            continue
        if re.search(r"(?:月|年|长期|持续)(?:底|末|前|\d|$)", text) and len(text) < 20 and put("due", cell):
            continue
        if (
            len(text) < 60
            and all(looks_like_unit(name) for name in split_names(text))
            and (put("lead", cell) or put("support", cell))
        ):
            continue
        if cell is longest and placed[at_measure] is _EMPTY:
            placed[at_measure] = cell
            continue
        if len(text) <= 40 and (put("level1", cell) if filled.index(cell) == 0 and len(filled) > 3 else False):
            continue
        if not put("level2", cell) and placed[at_measure] is _EMPTY:
            placed[at_measure] = cell
    return placed


def _parts(measure: Piece) -> list[Piece]:
    """Numbered measures of one cell; the digit may be glued to the text (2落实) or carry two dots (2..配合)."""
    text = measure.text
    cuts = [match.start() for match in _SPLIT.finditer(text)]
    marked = [cut for cut in cuts if _number_at(text, cut) is not None]
    if len(marked) < 2:
        marked = _line_cuts(measure)
    if len(marked) < 2:
        return [measure]
    if marked[0] > 0:
        marked[0] = 0
    bounds = [*marked, len(text)]
    return [part for start, end in pairwise(bounds) if (part := measure.cut(start, end)).text]


def _number_at(text: str, at: int) -> int | None:
    mark = mark_of(text[at:])
    if mark is not None:
        return mark.value
    glued = _GLUED.match(text, at)
    return int(glued["n"]) if glued else None


def _line_cuts(measure: Piece) -> list[int]:
    """Numbers in sequence 1, 2, 3 without a full stop between them: 1.制定计划2.组织检查."""
    cuts: list[int] = []
    expected, position = 1, 0
    text = measure.text
    while True:
        found = re.compile(rf"(?<![\d.年月第]){expected}[.、．]{{1,2}}(?=[\u4e00-\u9fff“《])").search(text, position)
        if found is None:
            return cuts
        cuts.append(found.start())
        position, expected = found.end(), expected + 1


def _stacked(table: list[list[Piece | None]]) -> list[ChartRow] | None:
    """A table flattened to one cell per line: the heading cells follow one another, then the cells of the rows."""
    cells = [cell for row in table for cell in row if cell is not None and cell.text]
    begin = next(
        (at for at in range(len(cells)) if sum(1 for cell in cells[at : at + 4] if role_of(cell.text)) >= 3), None
    )
    if begin is None:
        return None
    roles: list[str | None] = []
    at = begin
    while at < len(cells) and (role := role_of(cells[at].text)):
        roles.append(role)
        at += 1
    roles = _settle(roles)
    if "measure" not in roles:
        return None
    acts: list[ChartRow] = []
    current: dict[str, Piece | None] = {}
    pending: list[ChartRow] = []
    closed = True
    order = [role for role in roles if role in ("level1", "level2")]
    for cell in cells[at:]:
        text = cell.text
        numbered = _number_at(text, 0) is not None and not re.fullmatch(r"\d{1,3}", text)
        next_group = bool(pending) and closed and len(text) <= 20 and text[-1] not in "。；"
        if re.fullmatch(r"\d{1,3}", text) and "no" in roles:
            current = {"no": cell}
            pending, closed = [], True
        elif is_name_list(cell.printed) and ("person" in roles or "leader" in roles):
            role = "person" if "person" in roles and (not closed or "leader" not in roles) else "leader"
            if closed and role == "leader":
                role = "person" if not current.get("person") and "person" in roles else "leader"
            current[role] = cell
            closed = closed or role == "person"
            for act in pending:
                _fill(act, current)
            if role == "person":
                closed = True
        elif role_of(text):
            continue
        elif (
            (numbered and len(text) > 8)
            or len(text) > 26
            or (not next_group and len([one for one in order if current.get(one)]) >= len(order))
        ):
            if closed and pending:
                pending = []
                current = {role: kept for role, kept in current.items() if role in ("no", "level1", "level2", "leader")}
            closed = False
            for part in _parts(cell):
                act = ChartRow(part, number=_text(current.get("no")))
                act.path = [kept.printed for role in ("level1", "level2") if (kept := current.get(role))]
                _fill(act, current)
                act.doubts.append(ODD_ROW)
                acts.append(act)
                pending.append(act)
        else:
            slot = next((role for role in order if not current.get(role)), order[-1] if order else "level1")
            if pending:
                slot = order[-1] if order else "level1"
                pending = []
            current[slot] = cell
            current.pop("person", None)
            closed = True
    return acts or None
