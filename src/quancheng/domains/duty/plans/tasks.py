"""Completes each demanded act: time limits, numbers, path, measures, doubts and confidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from quancheng.domains.duty.plans.charts import ChartRow
from quancheng.domains.duty.plans.dates import Calendar, Found, check, find_deadlines
from quancheng.domains.duty.plans.items import (
    INHERITED_UNIT,
    LOOSE_SENTENCE,
    NO_LEAD,
    NO_UNIT,
    SUBJECT_UNIT,
    TITLE_UNIT,
    Item,
    sentences_of,
)
from quancheng.domains.duty.plans.lines import Piece, with_separators
from quancheng.domains.duty.plans.marks import LABEL_HEAD, TASK, mark_of
from quancheng.domains.duty.plans.model import (
    NO_DEADLINE,
    ChartPlace,
    Deadline,
    Doubt,
    Measure,
    ParsedTask,
    ReportDuty,
    Target,
)
from quancheng.domains.duty.plans.outline import GROUP_UNITS, Node
from quancheng.domains.duty.plans.people import names_in, unsure_names
from quancheng.domains.duty.plans.reports import (
    FROM_ALL,
    NO_PERIOD,
    begin_of,
    dates_of,
    find_reports,
    is_report_sentence,
)
from quancheng.domains.duty.plans.responsibility import Responsibility, tails_in
from quancheng.domains.duty.plans.targets import find_targets
from quancheng.domains.duty.plans.units import BARE_NAMES, assign_roles, looks_like_unit, split_names, subject_of

NO_DEADLINE_DOUBT = Doubt("no_deadline", "文中未写明完成时限，请确认是否按方案期限掌握。")
STAGE_DEADLINE = Doubt("deadline_from_heading", "时限取自上级标题，请核对。")
RUN_NAMES = Doubt("names_unseparated", "人名之间没有分隔，按姓氏拆分，请核对。")
UNREAD_DUE = Doubt("unread_deadline", "完成时限的写法未能识别，请填写日期。")
KEY_PERIOD = Doubt("key_period", "只在重点时段、特殊时期执行，启动时段后才排出期次，请核对。")
CONTEXT_TASK = Doubt("in_context", "该句写在目标、问题或组织机构部分，是否为任务请核对。")

_WEIGHTS = {
    NO_UNIT.code: 0.25,
    NO_LEAD.code: 0.15,
    SUBJECT_UNIT.code: 0.1,
    TITLE_UNIT.code: 0.15,
    GROUP_UNITS.code: 0.15,
    INHERITED_UNIT.code: 0.1,
    LOOSE_SENTENCE.code: 0.2,
    CONTEXT_TASK.code: 0.3,
    UNREAD_DUE.code: 0.25,
    "bad_date": 0.3,
    NO_DEADLINE_DOUBT.code: 0.05,
    BARE_NAMES.code: 0.1,
    "odd_unit": 0.15,
    "open_list": 0.1,
    "merged_cell": 0.05,
    "odd_row": 0.25,
    "guessed_columns": 0.3,
    "assumed_year": 0.05,
    "before_plan_date": 0.15,
    "out_of_period": 0.15,
    STAGE_DEADLINE.code: 0.05,
    RUN_NAMES.code: 0.15,
    "month_before": 0.1,
    "event_deadline": 0.1,
    "year_before": 0.1,
}


_KEY_PERIOD = re.compile(r"(?:重点|重要|特殊|敏感|特护)(?:时段|时期|时间|节点)|节假日|重大活动期间")
_CONTACT = re.compile(r"联系人|联系电话|联系方式|(?:报送|电子)?邮箱|电话：|传真：")
_GLUED_NUMBER = re.compile(r"^\d{1,2}[.、．]{0,2}(?=[\u4e00-\u9fff“《])(?![月日年个家座次])")


def path_of(node: Node | None) -> list[str]:
    """Headings above a node as printed, outermost first."""
    result: list[str] = []
    while node is not None and node.level >= 0:
        heading = heading_of(node)
        if heading:
            result.insert(0, heading)
        node = node.parent
    return result


def heading_of(node: Node) -> str:
    """A heading as printed with its mark; the run-in body is left out."""
    if node.kind == "chart":
        return ""
    if not node.title:
        return ""
    mark = node.mark.printed if node.mark else ""
    return f"{mark}{node.title}"


def complete(item: Item, base: Calendar, task_id: str) -> ParsedTask | None:
    """The finished task; None where the item holds nothing but duties to report."""
    node, piece = item.node, item.piece
    tails = tails_in(piece)
    body_end = tails[-1].start if tails and tails[-1].end >= len(piece.text.rstrip("。；，")) else len(piece.text)
    body = piece.cut(0, body_end)
    mark = mark_of(body.text)
    sentences = sentences_of(body.cut(mark.end) if mark else body)
    acts = [
        sentence for sentence in sentences if not _reports_only(sentence, base) and not _CONTACT.match(sentence.text)
    ]
    title_only = [
        sentence for sentence in acts if len(sentence.text) <= 40 and sentence is sentences[0] and node.mark is not None
    ]
    if not acts or (acts == title_only and len(sentences) > 1 and not item.own.names_somebody):
        return None
    doubts = list(item.doubts)
    lead, support, persons, leader = _units(item, doubts)
    filed = [sentence for sentence in sentences if sentence not in acts and _files_result(sentence, base)]
    deadlines = _deadlines(item, [*acts, *filed], base, doubts)
    targets = _targets(acts, [*item.own.target, *item.own.due])
    if item.context:
        doubts.append(CONTEXT_TASK)
    if not lead and not persons and not leader:
        doubts.append(NO_LEAD if support else NO_UNIT)
    if not deadlines:
        doubts.append(NO_DEADLINE_DOUBT)
    own_heading = piece.places[:1] == node.piece.places[:1]
    path = item.path if item.path is not None else path_of(node.parent if own_heading else node)
    start, end = piece.span
    final = _unique(doubts)
    return ParsedTask(
        task_id,
        piece.line,
        max(piece.end_line, node.end_line if own_heading and item.units_from == "printed" else 0),
        start,
        end,
        item.number or _number(node, own_heading),
        _title(node, body, own_heading),
        piece.printed,
        _bare(body),
        tuple(path),
        lead,
        support,
        item.units_from if lead or support or persons else "none",
        persons,
        leader,
        _first(deadlines),
        tuple(deadlines),
        tuple(targets),
        tuple(Measure(act.line, act.printed) for act in acts),
        _confidence(final),
        final,
    )


def _unique(doubts: Sequence[Doubt]) -> tuple[Doubt, ...]:
    return tuple(dict.fromkeys(doubts))


def _confidence(doubts: Sequence[Doubt]) -> float:
    return round(max(0.05, 1.0 - sum(_WEIGHTS.get(doubt.code, 0.1) for doubt in doubts)), 2)


def _units(item: Item, doubts: list[Doubt]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], str]:
    own = item.own
    if own.names_somebody:
        doubts += own.doubts
        return own.lead, own.support, own.persons, own.leader
    if item.subject is not None:
        doubts += item.subject.doubts
        return item.subject.names, item.subject.support, own.persons, own.leader
    # A unit named only inside the sentence (由区应急局牵头): better than none, and marked.
    for sentence in sentences_of(item.piece):
        led = re.search(
            r"由(?P<a>[^，。；由]{2,60}?)(?:牵头|负责|组织实施|会同)(?:[，、]?(?P<b>[^，。；]{2,80}?)(?:配合|参与|协助))?",
            sentence.text,
        )
        if led:
            units = assign_roles(led["a"])
            helpers = assign_roles(led["b"]).lead if led["b"] else ()
            if units.lead and "odd_unit" not in [doubt.code for doubt in units.doubts]:
                item.units_from = "subject"
                doubts.append(SUBJECT_UNIT)
                return units.lead, tuple(helpers), own.persons, own.leader
        for clause in re.split(r"[，：]", sentence.text)[1:]:
            found = subject_of(clause)
            if found is not None and found.strong and all(re.match(r"各|[区县市镇]", name) for name in found.names):
                item.units_from = "subject"
                doubts.append(SUBJECT_UNIT)
                return found.names, found.support, own.persons, own.leader
    return (), (), own.persons, own.leader


def _lined(piece: Piece, found: Sequence[Found], base: Calendar) -> list[Deadline]:
    return [check(replace(one.deadline, line=piece.line_at(one.start)), base) for one in found]


def _deadlines(item: Item, acts: Sequence[Piece], base: Calendar, doubts: list[Doubt]) -> list[Deadline]:
    result: list[Deadline] = []
    for piece in item.own.due:
        found = find_deadlines(piece.text, base, labelled=True)
        if not found and piece.text.strip("。；，/—-无"):
            doubts.append(UNREAD_DUE)
        result += _lined(piece, found, base)
    for act in acts:
        skip = tails_in(act)
        found = [
            one
            for one in find_deadlines(act.text, base)
            if not any(tail.start <= one.start < tail.end and tail.responsibility.due for tail in skip)
        ]
        for deadline in _lined(act, in_key_periods(act.text, found), base):
            known = any(
                deadline.date == one.date
                and deadline.rule == one.rule
                and (deadline.kind == one.kind or deadline.date is not None)
                for one in result
            )
            if not known and not (deadline.kind == "continuing" and result):
                result.append(deadline)
    if not result:
        result = _from_heading(item.node, base, doubts)
    if any(one.kind != "continuing" for one in result):
        result = [one for one in result if one.kind != "continuing" or (one.line and item.own.due)]
    for deadline in result:
        doubts += deadline.doubts
    return result


def in_key_periods(text: str, found: Sequence[Found]) -> list[Found]:
    """What is to be done daily or weekly in key periods is no work of every day: it waits for the period."""
    period = _KEY_PERIOD.search(text)
    if period is None:
        return list(found)
    return [
        replace(one, deadline=replace(one.deadline, kind="event", doubts=(*one.deadline.doubts, KEY_PERIOD)))
        if one.start >= period.start() and re.match("FREQ=(?:DAILY|WEEKLY)", one.deadline.rule or "")
        else one
        for one in found
    ]


def _from_heading(node: Node | None, base: Calendar, doubts: list[Doubt]) -> list[Deadline]:
    """A stage (阶段) or group heading with a window dates what stands under it."""
    while node is not None and node.level >= 0:
        pieces = [*node.own.due] if node.own.due else []
        title = (
            node.piece.cut(0, len(node.mark.printed) + len(node.title) if node.mark else None)
            if node.level >= 1 and node.kind != "chart"
            else None
        )
        for piece, labelled in [*[(piece, True) for piece in pieces], *([(title, False)] if title else [])]:
            text = piece.text
            inner = re.search(r"（(?P<t>[^）]*(?:月|年|季度|半年)[^）]*)）", text)
            found = find_deadlines(inner["t"] if inner else text, base, labelled=labelled or bool(inner))
            dated = [one for one in found if one.deadline.date is not None]
            if dated:
                doubts.append(STAGE_DEADLINE)
                return [check(replace(dated[-1].deadline, line=piece.line, inherited=True), base)]
        node = node.parent
    return []


def _first(deadlines: Sequence[Deadline]) -> Deadline:
    for kinds in (("dated", "dated_then_continuing"), ("recurring",), ("event",), ("continuing",), ("none",)):
        found = next(
            (one for one in deadlines if one.kind in kinds and (one.date is not None or kinds[0] != "dated")), None
        )
        if found is not None:
            return found
    return next(iter(deadlines), NO_DEADLINE)


def _targets(acts: Sequence[Piece], extra: Sequence[Piece]) -> list[Target]:
    result: list[tuple[bool, Target]] = []
    for act in [*acts, *extra]:
        first = bool(acts) and act is acts[0]
        result += [(first, found.target) for found in find_targets(act.text, line_at=act.line_at)]
    # What a run-in title says (每年至少检查1次) its body says again.
    later = {(one.value, one.unit, one.op, one.per) for first, one in result if not first}
    titled = len(acts) > 1 and len(acts[0].text) <= 40
    return [one for first, one in result if not (titled and first and (one.value, one.unit, one.op, one.per) in later)]


def _number(node: Node, own_heading: bool) -> str:
    if not own_heading or node.mark is None:
        return ""
    return (
        re.sub(r"^\d{1,2}[.、]{1,2}(?=\D)", "", node.mark.printed).strip("：、. ")
        if node.kind == TASK
        else node.mark.printed
    )


def _bare(body: Piece) -> str:
    mark = mark_of(body.text)
    return (body.cut(mark.end) if mark else body).printed


def _title(node: Node, body: Piece, own_heading: bool) -> str:
    if own_heading and node.title and (node.body is not None or len(node.title) <= 40) and node.kind != TASK:
        title = node.title
    else:
        mark = mark_of(body.text)
        clauses = re.split(r"(?<=[。；，：])", body.text[mark.end if mark else 0 :].strip())
        clauses[0] = re.sub(r"^[一二三四五六七八九十]{1,2}是", "", clauses[0])
        title = clauses[0]
        for clause in clauses[1:]:
            if len(title) >= 10 or title.endswith("。") or len(title) + len(clause) > 40:
                break
            title += clause
        title = title.strip("。；，：")
    return title if len(title) <= 40 else f"{title[:39]}…"


def _reports_only(sentence: Piece, base: Calendar) -> bool:
    """Whether a sentence only demands reports: they are kept as report duties, not as tasks."""
    found = find_reports(sentence.text, base)
    if not found:
        return False
    text = re.sub(r"（[^）]*）", "", sentence.text)
    head = re.split(r"，", text[: found[0].start])
    acts = [
        clause
        for clause in head
        if len(clause) > 8 and re.search(r"制定|建立|开展|组织|排查|落实|完善|明确|加强", clause)
    ]
    inside = re.search(r"(?:制定|编制|建立|组织开展|开展)[^，。；]{2,40}，[^。；]{0,30}(?:报|备案)", text)
    return not acts and not inside


def _files_result(sentence: Piece, base: Calendar) -> bool:
    """Whether a report sentence files what the task makes (清单、方案报备案): then its day is the task's day too."""
    found = find_reports(sentence.text, base)
    return (
        len(found) == 1
        and found[0].deadline.date is not None
        and bool(re.search(r"方案|清单|计划|名单|台账|备案", found[0].what + sentence.text[-8:]))
    )


def chart_task(row: ChartRow, node: Node, base: Calendar, task_id: str) -> ParsedTask:
    """The task of one row (or one numbered measure) of a table."""
    own = Responsibility()
    doubts = list(row.doubts)
    for cell, default in ((row.lead, "lead"), (row.support, "support")):
        if cell is None or not cell.text.strip("/—-、无"):
            continue
        names = names_in(cell.printed)
        text = with_separators(cell)
        if text != cell.text and not all(looks_like_unit(name) for name in split_names(text)):
            text = cell.text
        text = LABEL_HEAD.sub("", text)
        units = assign_roles(text.strip("（）") if text.count("（") != text.count("）") else text, default=default)
        if names and default == "lead" and "odd_unit" in [doubt.code for doubt in units.doubts]:
            own.persons = tuple(names)
            continue
        own = own.merged(Responsibility(units.lead, units.support, doubts=units.doubts))
    if row.person is not None and row.person.text.strip("/—-、无"):
        own.persons = tuple(dict.fromkeys((*own.persons, *(names_in(row.person.printed) or [row.person.printed]))))
        if unsure_names(row.person.printed):
            doubts.append(RUN_NAMES)
    if row.leader is not None and row.leader.text.strip("/—-、无"):
        own.leader = "、".join(names_in(row.leader.printed)) or row.leader.printed
    own.due = [row.due] if row.due is not None and row.due.text else []
    own.target = [row.target] if row.target is not None and row.target.text else []
    item = Item(row.measure, node, own, "table", doubts=doubts, path=[*path_of(node), *row.path], number=row.number)
    if not own.names_somebody:
        item.units_from = "none"
        item.subject = subject_of(re.sub(r"^\d{1,2}[.、]{0,2}", "", row.measure.text))
        if item.subject is not None:
            item.units_from = "subject"
    made = complete(item, base, task_id)
    if made is None:
        sentence_only = Item(row.measure, node, own, "table", doubts=doubts, path=item.path, number=row.number)
        made = _plain(sentence_only, base, task_id)
    return replace(
        made,
        body=_GLUED_NUMBER.sub("", made.body),
        title=_GLUED_NUMBER.sub("", made.title),
        row=ChartPlace(row.number, tuple(row.path), node.title),
    )


def _plain(item: Item, base: Calendar, task_id: str) -> ParsedTask:
    """A table row whose only act is a report: the row is a task all the same, since the chart tracks it."""
    doubts: list[Doubt] = list(item.doubts)
    lead, support, persons, leader = _units(item, doubts)
    deadlines = _deadlines(item, [item.piece], base, doubts)
    start, end = item.piece.span
    final = _unique(doubts if lead or persons or leader else [*doubts, NO_UNIT])
    return ParsedTask(
        task_id,
        item.piece.line,
        item.piece.end_line,
        start,
        end,
        item.number,
        _title(item.node, item.piece, False),
        item.piece.printed,
        item.piece.printed,
        tuple(item.path or ()),
        lead,
        support,
        item.units_from,
        persons,
        leader,
        _first(deadlines),
        tuple(deadlines),
        tuple(_targets([item.piece], [])),
        (Measure(item.piece.line, item.piece.printed),),
        _confidence(final),
        final,
    )


def reports_of(pieces: Sequence[tuple[Piece, tuple[str, ...]]], base: Calendar) -> list[ReportDuty]:
    """Report duties of the paragraphs given, each with the units responsible for its paragraph (() = not printed)."""
    result: list[ReportDuty] = []
    for piece, units in pieces:
        subject: tuple[str, ...] = ()
        sent_to = ""
        for sentence in sentences_of(piece):
            text = re.sub(r"^(?:（[一二三四五六七八九十\d]{1,2}）|\d{1,2}[.、])", "", sentence.text)
            found = subject_of(re.sub(r"^请", "", text))
            if found is not None:
                subject = found.names
            if not is_report_sentence(sentence.text):
                continue
            for one in find_reports(sentence.text, base):
                deadline = check(replace(one.deadline, line=sentence.line_at(one.start)), base)
                sent_to = one.to or sent_to
                names = _clause_subject(sentence.text[: one.end], one.start) or subject or units
                doubts = list(deadline.doubts)
                if not names:
                    doubts.append(FROM_ALL)
                days = dates_of(deadline, base, begin=begin_of(sentence.text, base))
                if deadline.kind == "recurring" and not days:
                    doubts.append(NO_PERIOD)
                result.append(
                    ReportDuty(
                        f"R{len(result) + 1}",
                        deadline.line,
                        sentence.printed,
                        one.what,
                        names,
                        sent_to,
                        deadline,
                        days,
                        tuple(doubts),
                    )
                )
    return result


def _clause_subject(text: str, start: int) -> tuple[str, ...]:
    """A unit named at the head of the clause the time phrase stands in: 各镇街于每月25日前报送."""
    clause = text[start:]
    found = subject_of(re.sub(r"^请", "", clause))
    return found.names if found is not None else ()
