"""What parsing a plan gives: frozen data, and ``to_json`` with the field names other programs rely on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something the parser is not sure of: a code for programs and a Chinese sentence for the reviewer."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """A time limit (完成时限) as printed and as a rule.

    :param kind: dated, recurring, continuing, dated_then_continuing, event or none. Event: what is demanded in key
        periods (重点时段每日…) alone; its rule holds within each of them.
    :param date: last day, where there is one.
    :param rule: iCalendar RRULE of a recurring one; an ISO 8601 period for a term counted from an event.
    :param fuzzy: the phrase names a span (11月中旬) and the day is our reading of it.
    :param strive: 力争: wished for, not demanded.
    :param start: first day, where a window is printed (5月至10月).
    """

    phrase: str = ""
    kind: str = "none"
    date: dt.date | None = None
    rule: str | None = None
    fuzzy: bool = False
    strive: bool = False
    start: dt.date | None = None
    line: int = 0
    inherited: bool = False
    doubts: tuple[Doubt, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "phrase": self.phrase,
            "kind": self.kind,
            "date": self.date.isoformat() if self.date else None,
            "rule": self.rule,
            "fuzzy": self.fuzzy,
            "strive": self.strive,
            "start": self.start.isoformat() if self.start else None,
            "inherited": self.inherited,
        }


NO_DEADLINE = Deadline()


@dataclass(frozen=True, slots=True)
class Target:
    """A number with its meaning (指标).

    :param value: the number; 0 for 零死亡, 100 for 全覆盖; negative for a demanded fall.
    :param unit: as printed (%, 座, 次, 元).
    :param op: =, >=, <=, > or <.
    :param meaning: what is counted, in the words of the text.
    :param per: day, week, month, quarter, half-year or year, where the number is per period.
    """

    value: float
    unit: str
    op: str
    phrase: str
    meaning: str
    line: int
    per: str | None = None
    strive: bool = False

    def to_json(self) -> dict[str, Any]:
        value = int(self.value) if self.value == int(self.value) else self.value
        return {
            "value": value,
            "unit": self.unit,
            "op": self.op,
            "phrase": self.phrase,
            "meaning": self.meaning,
            "line": self.line,
            "per": self.per,
            "strive": self.strive,
        }


@dataclass(frozen=True, slots=True)
class Measure:
    """One sentence of a task that demands something (工作措施)."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (标题) with what stands under it.

    :param level: 0 part, 1 一、, 2 （一）, 3 1., 4 （1）, 5 ①, 6 重点任务N.
    :param kind: work, goal, context, problem, organisation, stage or annex.
    """

    id: str
    level: int
    mark: str
    title: str
    line: int
    end_line: int
    kind: str
    children: tuple[Section, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "level": self.level,
            "mark": self.mark,
            "title": self.title,
            "line": self.line,
            "end_line": self.end_line,
            "kind": self.kind,
            "children": [child.to_json() for child in self.children],
        }


@dataclass(frozen=True, slots=True)
class ChartPlace:
    """The row of a task table (挂图责任表) that a task stands in.

    :param number: of the row, as printed.
    :param levels: the table's own levels of key tasks, outermost first; marks as printed (2..配合).
    :param chart: title of the annex that holds the table, "" where there is none.
    """

    number: str = ""
    levels: tuple[str, ...] = ()
    chart: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"number": self.number, "levels": list(self.levels), "chart": self.chart}


@dataclass(frozen=True, slots=True)
class ParsedTask:
    """One demanded act (任务) with the place it came from.

    :param number: as printed (重点任务14 or the item's number), "" where there is none.
    :param text: as printed, marks included; ``title`` and ``body`` are the same without mark and responsibility tail.
    :param start: offset of the first character in the source; ``end`` behind the last one.
    :param confidence: 0 to 1; below 0.6 the reviewer should look.
    """

    id: str
    line: int
    end_line: int
    start: int
    end: int
    number: str
    title: str
    text: str
    body: str
    path: tuple[str, ...]
    lead_units: tuple[str, ...]
    support_units: tuple[str, ...]
    units_from: str
    persons: tuple[str, ...]
    leading_official: str
    deadline: Deadline
    deadlines: tuple[Deadline, ...]
    targets: tuple[Target, ...]
    measures: tuple[Measure, ...]
    confidence: float
    doubts: tuple[Doubt, ...]
    row: ChartPlace | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "number": self.number,
            "line": self.line,
            "end_line": self.end_line,
            "start": self.start,
            "end": self.end,
            "title": self.title,
            "text": self.text,
            "body": self.body,
            "path": list(self.path),
            "lead_units": list(self.lead_units),
            "support_units": list(self.support_units),
            "units_from": self.units_from,
            "persons": list(self.persons),
            "leading_official": self.leading_official,
            "deadline": self.deadline.to_json(),
            "deadlines": [one.to_json() for one in self.deadlines],
            "targets": [one.to_json() for one in self.targets],
            "measures": [{"line": one.line, "text": one.text} for one in self.measures],
            "row": self.row.to_json() if self.row else None,
            "confidence": self.confidence,
            "doubts": [{"code": one.code, "text": one.text} for one in self.doubts],
        }


@dataclass(frozen=True, slots=True)
class ReportDuty:
    """A duty to report (信息报送) with every day it falls due on within the plan's period."""

    id: str
    line: int
    text: str
    what: str
    from_units: tuple[str, ...]
    to: str
    deadline: Deadline
    dates: tuple[dt.date, ...]
    doubts: tuple[Doubt, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "line": self.line,
            "text": self.text,
            "what": self.what,
            "from_units": list(self.from_units),
            "to": self.to,
            "deadline": self.deadline.to_json(),
            "dates": [day.isoformat() for day in self.dates],
            "doubts": [{"code": one.code, "text": one.text} for one in self.doubts],
        }


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that was not taken as a task, and why: context, goal, organisation, problem or empty."""

    line: int
    end_line: int
    text: str
    why: str
    targets: tuple[Target, ...] = ()
    deadlines: tuple[Deadline, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "line": self.line,
            "end_line": self.end_line,
            "text": self.text,
            "why": self.why,
            "targets": [one.to_json() for one in self.targets],
            "deadlines": [one.to_json() for one in self.deadlines],
        }


@dataclass(frozen=True, slots=True)
class PlanMeta:
    """Head of the document: who issued it to whom, under which number, for which period."""

    title: str = ""
    issuer: str = ""
    number: str = ""
    date: dt.date | None = None
    period_from: dt.date | None = None
    period_to: dt.date | None = None
    addressees: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    openness: str = ""
    parents: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "issuer": self.issuer or None,
            "number": self.number or None,
            "date": self.date.isoformat() if self.date else None,
            "period": {
                "from": self.period_from.isoformat() if self.period_from else None,
                "to": self.period_to.isoformat() if self.period_to else None,
            },
            "addressees": list(self.addressees),
            "copies": list(self.copies),
            "openness": self.openness or None,
            "parents": list(self.parents),
            "doubts": [{"code": one.code, "text": one.text} for one in self.doubts],
        }


@dataclass(frozen=True, slots=True)
class ParsedPlan:
    """A whole plan. ``warnings`` concern the document (numbering gaps), ``passages`` what was not taken as a task."""

    meta: PlanMeta
    sections: tuple[Section, ...]
    tasks: tuple[ParsedTask, ...]
    reports: tuple[ReportDuty, ...]
    passages: tuple[Passage, ...] = ()
    warnings: tuple[tuple[int, Doubt], ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        return {
            "meta": self.meta.to_json(),
            "sections": [one.to_json() for one in self.sections],
            "tasks": [one.to_json() for one in self.tasks],
            "reports": [one.to_json() for one in self.reports],
            "passages": [one.to_json() for one in self.passages],
            "warnings": [{"line": line, "code": one.code, "text": one.text} for line, one in self.warnings],
        }
