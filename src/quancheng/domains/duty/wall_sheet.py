"""The wall chart as a spreadsheet with merged cells, out and in: the same columns both ways."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.lights import LABELS, UNSEEN
from quancheng.domains.duty.plans.dates import Calendar as PlanCalendar
from quancheng.domains.duty.plans.dates import find_deadlines
from quancheng.domains.duty.plans.targets import find_targets
from quancheng.domains.duty.plans.units import split_names
from quancheng.domains.duty.queries.wall import WallRow
from quancheng.kernel.exchange.sheets import MergedTable, SheetColumn, SheetRow, merge_equal

#: Chart form of a district's annex: number, key task level 1 and 2, measure, responsible person, leading official.
COLUMNS: tuple[SheetColumn, ...] = (
    SheetColumn("no", "序号", width=6, aliases=("编号", "项次"), help=_("可不填。")),
    SheetColumn(
        "level1", "重点任务（一级）", width=20, max_length=500, aliases=("一级任务", "一级重点任务", "重点任务一级"),
        help=_("同一任务的各行可合并单元格。"), sample="健全责任体系",
    ),
    SheetColumn(
        "level2", "重点任务（二级）", width=20, max_length=500,
        aliases=("二级任务", "二级重点任务", "重点任务二级", "子任务"), sample="落实行业监管责任",
    ),
    SheetColumn(
        "measure", "工作措施", width=44, required=True, max_length=4000,
        aliases=("措施", "具体措施", "工作内容", "任务内容"), help=_("每行一条。"), sample="每季度召开1次联席会议",
    ),
    SheetColumn("persons", "责任人", width=12, max_length=300, aliases=("具体责任人", "负责人", "承办人")),
    SheetColumn(
        "units", "责任单位", width=20, max_length=500, aliases=("牵头单位", "责任部门", "承办单位"),
        help=_("多个单位用顿号分隔。"), sample="区应急局、各镇（街道）",
    ),
    SheetColumn("supports", "配合单位", width=16, max_length=500, aliases=("参加单位", "协办单位")),
    SheetColumn("official", "分管领导", width=10, max_length=120, aliases=("责任领导", "牵头领导", "包保领导")),
    SheetColumn(
        "due", "完成时限", width=14, max_length=300, aliases=("时限", "完成时间", "时间节点"),
        help=_("日期，或“持续推进”“每季度”等写法。"), sample="2026-10-31",
    ),
    SheetColumn("light", "状态", width=9, is_read=False),
    SheetColumn("progress", "进度", width=7, is_read=False),
    SheetColumn("last", "最近进展", width=36, is_read=False),
)  # fmt: skip
MERGED = ("level1", "level2")
_NUMBER = re.compile(r"^\s*(?:\d{1,3}|[（(]\d{1,3}[）)])\s*[.、．)）]?\s*(?=\D)")
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$")


def table_of(rows: Sequence[WallRow]) -> MergedTable:
    """Rows as a table whose equal neighbours in the two levels are one cell."""
    lines = [
        {
            "no": number,
            "level1": row.level1,
            "level2": row.level2,
            "measure": f"{row.number}. {row.measure}",
            "persons": row.persons,
            "units": row.units,
            "supports": row.supports,
            "official": row.official,
            "due": row.due_text,
            "light": str(LABELS.get(row.light, "")),
            "progress": "" if row.light == UNSEEN else f"{row.progress}%",
            "last": row.last_progress,
        }
        for number, row in enumerate(rows, 1)
    ]
    return merge_equal(COLUMNS, lines, by=MERGED)


@dataclass(frozen=True, slots=True)
class ChartHead:
    """What the sheet does not say: the plan's name and its days."""

    title: str
    issued: date
    period_from: date
    period_to: date


def parsed_of(head: ChartHead, rows: Sequence[SheetRow]) -> tuple[dict[str, Any], list[str]]:
    """A sheet as the parser's object of a plan, and as lines of text, so that review shows where a task came from."""
    base = PlanCalendar(head.period_from, head.period_to, head.issued)
    lines = [head.title, "\t".join(str(column.heading) for column in COLUMNS[:9])]
    tasks = []
    for row in rows:
        values = {key: str(value or "").strip() for key, value in row.values.items()}
        lines.append("\t".join(values.get(column.key, "") for column in COLUMNS[:9]))
        tasks.append(_task(values, len(lines), base))
    meta = {
        "title": head.title,
        "issuer": "",
        "number": "",
        "date": head.issued.isoformat(),
        "period": {"from": head.period_from.isoformat(), "to": head.period_to.isoformat()},
        "addressees": [],
        "copies": [],
        "openness": "",
        "parents": [],
    }
    return {"meta": meta, "sections": [], "tasks": tasks, "reports": []}, lines


def _task(values: Mapping[str, str], line: int, base: PlanCalendar) -> dict[str, Any]:
    text = _NUMBER.sub("", values["measure"]) or values["measure"]
    deadlines, doubts = _deadlines(values.get("due", ""), base)
    chosen = next((one for one in deadlines if one["date"]), deadlines[0] if deadlines else None)
    return {
        "id": f"T{line}",
        "number": values.get("no", ""),
        "line": line,
        "end_line": line,
        "text": text,
        "title": "",
        "body": text,
        "path": [one for one in (values.get("level1"), values.get("level2")) if one],
        "lead_units": split_names(values.get("units", "")),
        "support_units": split_names(values.get("supports", "")),
        "persons": split_names(values.get("persons", "")),
        "leading_official": values.get("official", ""),
        "deadline": chosen or {"phrase": "", "kind": "none", "date": None, "rule": None, "strive": False},
        "deadlines": deadlines,
        "targets": [one.target.to_json() for one in find_targets(text)],
        "confidence": 0.9,
        "doubts": doubts,
    }


def _deadlines(text: str, base: PlanCalendar) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    match = _ISO.match(text)
    if match:
        try:
            day = date(*(int(part) for part in match.groups()))
        except ValueError:
            return [], [_unread(text)]
        return [{"phrase": text, "kind": "dated", "date": day.isoformat(), "rule": None, "strive": False}], []
    found = [one.deadline.to_json() for one in find_deadlines(text, base, labelled=True)]
    return found, [] if found or not text else [_unread(text)]


def _unread(text: str) -> dict[str, str]:
    return {"code": "unread_deadline", "text": f"完成时限“{text[:40]}”的写法未能识别，请填写日期。"}
