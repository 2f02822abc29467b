"""Safety checklist analysis (安全检查表分析, SCL): equipment and facilities item by item, each deviation rated [G].
Activities are analysed by JHA, processes by HAZOP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from quancheng.standards.risk.methods import DEFAULT, Settings
from quancheng.standards.risk.rows import (
    Assessment,
    Checked,
    Evaluated,
    FieldSpec,
    errors_of_rating,
    errors_of_text,
    rating_fields,
    unmeasured,
)
from quancheng.standards.risk.rows import evaluate as _evaluate
from quancheng.standards.wording import Text

HEADER: tuple[FieldSpec, ...] = (
    FieldSpec("equipment", Text("设备、单元", "Equipment or unit"), "always"),
    FieldSpec("medium", Text("介质", "Medium"), "always"),
    FieldSpec("design_parameters", Text("设计参数", "Design parameters"), "always"),
    FieldSpec("operating_parameters", Text("操作参数", "Operating parameters"), "always"),
)
_TEXTS = {
    "check_item": Text("检查项目", "Item"),
    "standard_requirement": Text("标准要求", "What the standard asks"),
    "basis": Text("依据", "Basis"),
    "deviation": Text("不符合标准的情况", "Deviation"),
    "consequence": Text("主要后果", "Consequence"),
}
FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("item_no", Text("序号", "Number"), "always"),
    *(FieldSpec(code, name, "always") for code, name in _TEXTS.items()),
    *rating_fields(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The head of an analysis."""

    equipment: str = ""
    medium: str = ""
    design_parameters: str = ""
    operating_parameters: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One deviation of one item; ``measures`` are by group."""

    item_no: int
    check_item: str = ""
    standard_requirement: str = ""
    basis: str = ""
    deviation: str = ""
    consequence: str = ""
    measures: Mapping[str, str] = field(default_factory=dict)
    assessment: Assessment
    control_level: str = ""
    suggested_measures: str = ""
    responsible: str = ""
    due_on: date | None = None


def evaluate(row: Row, *, settings: Settings = DEFAULT) -> Evaluated:
    """The ratings of a row. BadInput as :func:`quancheng.standards.risk.rows.evaluate`."""
    return _evaluate(row.assessment, settings=settings)


def check(header: Header, rows: Sequence[Row], *, settings: Settings = DEFAULT) -> Checked:
    """What is wrong with an analysis by field. Numbers of items are not used twice.

    :raises BadInput: measures of a group that is none.
    """
    texts = {spec.code: getattr(header, spec.code) for spec in HEADER}
    head = errors_of_text(texts, tuple(texts))
    if not rows:
        head["rows"] = Text("请至少填写一个检查项目", "Enter at least one item")
    found, doubts, numbers = [], [], set[int]()
    for row in rows:
        errors = errors_of_text({code: getattr(row, code) for code in _TEXTS}, tuple(_TEXTS))
        if row.item_no < 1:
            errors["item_no"] = Text("应从1开始", "must be 1 or more")
        elif row.item_no in numbers:
            errors["item_no"] = Text("序号重复", "used twice")
        numbers.add(row.item_no)
        errors |= errors_of_rating(
            row.assessment,
            control_level=row.control_level,
            suggestion=row.suggested_measures,
            responsible=row.responsible,
            due_on=row.due_on,
            settings=settings,
        )
        found.append(errors)
        doubts.append(unmeasured(row.measures, Text(f"第{row.item_no}项", f"Item {row.item_no}")))
    return Checked(header=head, rows=tuple(found), doubts=tuple(one for one in doubts if one))
