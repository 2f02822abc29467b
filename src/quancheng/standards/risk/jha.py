"""Job hazard analysis (工作危害分析, JHA): an activity in steps, each step with its hazards, each hazard rated [G]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from quancheng.standards.risk.methods import DEFAULT, Settings
from quancheng.standards.risk.rows import (
    MISSING,
    Assessment,
    Checked,
    Evaluated,
    FieldSpec,
    accident_types,
    errors_of_rating,
    errors_of_text,
    hazard_classes,
    rating_fields,
    unmeasured,
)
from quancheng.standards.risk.rows import evaluate as _evaluate
from quancheng.standards.wording import Text

#: How many steps an activity is usually cut into; fewer or more is doubted.
STEPS_FROM, STEPS_TO = 4, 15

HEADER: tuple[FieldSpec, ...] = (
    FieldSpec("number", Text("编号", "Number"), "always"),
    FieldSpec("department", Text("部门", "Department"), "always"),
    FieldSpec("post", Text("岗位", "Post"), "always"),
    FieldSpec("activity", Text("作业活动", "Activity"), "always"),
    FieldSpec("analysts", Text("分析人员", "Analysts"), "always"),
    FieldSpec("analysed_on", Text("分析日期", "Date"), "always"),
    FieldSpec("approver", Text("审核人", "Approver"), "always"),
)
FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("step_no", Text("步骤序号", "Step number"), "always"),
    FieldSpec("step_name", Text("作业步骤", "Step"), "always", Text("动词加对象", "verb and object")),
    FieldSpec("hazard", Text("危险、有害因素", "Hazard"), "always"),
    FieldSpec("hazard_class", Text("因素分类", "Class of the hazard"), "always", Text("GB/T 13861", "GB/T 13861")),
    FieldSpec("main_consequence", Text("主要后果", "Main consequence"), "always", Text("GB 6441", "GB 6441")),
    *rating_fields(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The head of an analysis."""

    number: str = ""
    department: str = ""
    post: str = ""
    activity: str = ""
    analysts: tuple[str, ...] = ()
    analysed_on: date | None = None
    approver: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One hazard of one step. ``hazard_class`` and ``main_consequence`` are codes of
    :func:`~quancheng.standards.risk.rows.hazard_classes` and ``accident_types``; ``measures`` are by group.
    """

    step_no: int
    step_name: str = ""
    hazard: str = ""
    hazard_class: str = ""
    main_consequence: str = ""
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
    """What is wrong with an analysis by field. Rows of one step carry the same number and name.

    :raises BadInput: measures of a group that is none.
    """
    texts = {spec.code: getattr(header, spec.code) for spec in HEADER if isinstance(getattr(header, spec.code), str)}
    head = errors_of_text(texts, tuple(texts))
    if not any(name.strip() for name in header.analysts):
        head["analysts"] = MISSING
    if header.analysed_on is None:
        head["analysed_on"] = MISSING
    if not rows:
        head["rows"] = Text("请至少填写一个作业步骤", "Enter at least one step")
    found, doubts, names = [], [], dict[int, str]()
    for row in rows:
        errors = errors_of_text({"step_name": row.step_name, "hazard": row.hazard}, ("step_name", "hazard"))
        if row.step_no < 1:
            errors["step_no"] = Text("应从1开始", "must be 1 or more")
        elif names.setdefault(row.step_no, row.step_name.strip()) != row.step_name.strip():
            errors.setdefault("step_name", Text("同一序号的步骤名称不一致", "Another name stands for this step"))
        for name, value, known in (
            ("hazard_class", row.hazard_class, hazard_classes()),
            ("main_consequence", row.main_consequence, accident_types()),
        ):
            if value not in known:
                errors[name] = MISSING if not value else Text("不在分类表中", "not in the list")
        errors |= errors_of_rating(
            row.assessment,
            control_level=row.control_level,
            suggestion=row.suggested_measures,
            responsible=row.responsible,
            due_on=row.due_on,
            settings=settings,
        )
        if header.analysed_on is not None and row.due_on is not None and row.due_on < header.analysed_on:
            errors["due_on"] = Text("早于分析日期", "before the day of the analysis")
        found.append(errors)
        doubts.append(unmeasured(row.measures, Text(f"步骤{row.step_no}", f"Step {row.step_no}")))
    if rows and not STEPS_FROM <= len(names) <= STEPS_TO:
        doubts.append(
            Text(
                f"作业活动一般分为{STEPS_FROM}到{STEPS_TO}步，本表{len(names)}步",
                f"An activity is usually cut into {STEPS_FROM} to {STEPS_TO} steps; here are {len(names)}",
            )
        )
    return Checked(header=head, rows=tuple(found), doubts=tuple(one for one in doubts if one))
