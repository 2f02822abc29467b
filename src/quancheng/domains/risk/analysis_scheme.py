"""What an analysis by a method asks (分析方法): its head, its rows, their ratings and what is wrong with them.

The rules are those of ``standards.risk``. Rows are kept as plain values by the names of :func:`row_fields`: whole
numbers, codes, days as 2026-01-31, texts. Factors with the existing measures begin with ``f_``, those with the
suggested ones with ``r_``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from quancheng.standards.risk import hazop, jha, lec, ls, methods, scl
from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.colours import LEVELS
from quancheng.standards.risk.methods import Settings
from quancheng.standards.risk.rows import MEASURE_GROUPS, Assessment, Evaluated, accident_types, hazard_classes
from quancheng.standards.risk.rows import evaluate as rated
from quancheng.standards.wording import Text

JHA, SCL, HAZOP = "JHA", "SCL", "HAZOP"
#: The methods of analysis with their names.
NAMES: dict[str, Text] = {
    JHA: Text("工作危害分析（JHA）", "Job hazard analysis (JHA)"),
    SCL: Text("安全检查表分析（SCL）", "Safety checklist analysis (SCL)"),
    HAZOP: Text("危险与可操作性分析（HAZOP）", "Hazard and operability study (HAZOP)"),
}
#: What together says which row of an analysis is meant.
KEYS: dict[str, tuple[str, ...]] = {
    JHA: ("step_no", "hazard"),
    SCL: ("item_no",),
    HAZOP: ("node_no", "parameter", "guide_word", "cause"),
}
_HEADS = {
    JHA: [(spec.code, spec.name) for spec in jha.HEADER[:4]],
    SCL: [(spec.code, spec.name) for spec in scl.HEADER],
    HAZOP: [("scope", Text("分析范围", "Scope")), ("basis", Text("依据的资料和图纸", "Documents and drawings"))],
}
#: Names of ours for fields of the standard.
_OURS = {
    "suggested_measures": "suggestion", "recommendation": "suggestion", "owner": "responsible",
    "residual": "r_likelihood", "factors": "f_likelihood",
}  # fmt: skip
_LONG = {"hazard", "deviation", "consequence", "cause", "safeguards", "standard_requirement", "suggestion"}
NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a row: ``kind`` is text, long, whole, choice, day or yes; ``is_needed`` of every row."""

    code: str
    name: Text
    kind: str
    is_needed: bool = False
    choices: Mapping[str, Text] = field(default_factory=dict)
    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong with an analysis: of its head, of each row, by field; and what is doubted."""

    header: Mapping[str, Text]
    rows: Sequence[Mapping[str, Text]]
    doubts: Sequence[Text]


def head_fields(method: str) -> Sequence[tuple[str, Text]]:
    """What the head asks besides team, leader and day."""
    return _HEADS[method]


@cache
def row_fields(method: str, rating: str) -> tuple[Field, ...]:
    """The fields of a row in their order; ``rating`` is the method of scoring that the analysis chose."""
    specs = {JHA: jha.FIELDS, SCL: scl.FIELDS, HAZOP: hazop.FIELDS}[method]
    found: list[Field] = []
    for spec in specs:
        if spec.code in ("method", "status", "reason"):
            continue
        if spec.code in ("factors", "residual"):
            found += _factors(rating, "f_" if spec.code == "factors" else "r_")
            continue
        code = _OURS.get(spec.code, spec.code)
        choices = _choices(code)
        kind = "choice" if choices else "long" if code in _LONG or code.startswith("measures_") else "text"
        if code in ("step_no", "item_no"):
            kind = "whole"
        kind = {"due_on": "day", "is_ipl": "yes"}.get(code, kind)
        # HAZOP's deviation follows from parameter and guide word where nobody words it.
        needed = spec.needed == "always" and (code != "deviation" or method == SCL)
        found.append(Field(code, spec.name, kind, needed, choices, spec.note))
    return tuple(found)


def key_of(method: str, values: Mapping[str, Any]) -> str:
    """Which row of its analysis these values mean."""
    return "|".join(str(values.get(code, "")).strip() for code in KEYS[method])[:400]


def order_of(method: str, values: Mapping[str, Any]) -> str:
    """A text by which rows stand in the order of their steps, items or nodes."""
    first = str(values.get(KEYS[method][0], "")).strip()
    return f"{first:0>10}"[:40]


def title_of(method: str, values: Mapping[str, Any]) -> str:
    """The risk event that a row speaks of, as the risk list names it."""
    first, second = {
        JHA: ("step_name", "hazard"), SCL: ("check_item", "deviation"), HAZOP: ("node_desc", "deviation"),
    }[method]  # fmt: skip
    cause = f"（{values['cause']}）" if method == HAZOP and values.get("cause") else ""
    return f"{values.get(first, '')}：{values.get(second, '')}{cause}"[:500]


def read(method: str, rating: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are kept: only known fields, trimmed, nothing empty.

    :raises BadInput: at the field: no whole number, no factor, no day, no code of its list.
    """
    found: dict[str, Any] = {}
    for one in row_fields(method, rating):
        value = values.get(one.code)
        if isinstance(value, str):
            value = value.strip()
        if value in (None, ""):
            continue
        found[one.code] = _read(one, value)
    if method == HAZOP and not found.get("deviation") and {"parameter", "guide_word"} <= found.keys():
        found["deviation"] = hazop.deviation(found["parameter"], found["guide_word"]).zh
    return found


def evaluate(rating: str, values: Mapping[str, Any], settings: Settings) -> Evaluated:
    """The ratings of a row. :raises BadInput: at ``f_…`` or ``r_…``."""
    try:
        return rated(_assessment(rating, values), settings=settings)
    except BadInput as bad:
        raise BadInput(_field(bad.field), bad.reason) from bad


def check(
    method: str, rating: str, *, head: Mapping[str, Any], team: str, leader: str, day: date,
    rows: Sequence[Mapping[str, Any]], settings: Settings,
) -> Found:  # fmt: skip
    """What is wrong with an analysis. Who reviews it is not asked: that is the loop's."""
    if method == HAZOP:
        header = {code: Text("请填写", "Fill this in") for code, _name in _HEADS[HAZOP] if not head.get(code)}
        if not rows:
            header["rows"] = Text("请至少填写一个节点的偏差", "Enter at least one deviation of a node")
        return Found(header, [_ours(hazop.check_row(_hazop(rating, one), settings=settings)) for one in rows], ())
    said = {code: str(head.get(code, "")) for code, _name in _HEADS[method]}
    if method == JHA:
        people = tuple(part.strip() for part in team.replace(",", "、").split("、"))
        top = jha.Header(**said, analysts=people, analysed_on=day, approver=leader)
        found = jha.check(top, [_jha(rating, one) for one in rows], settings=settings)
    else:
        found = scl.check(scl.Header(**said), [_scl(rating, one) for one in rows], settings=settings)
    return Found(found.header, [_ours(one) for one in found.rows], found.doubts)


def measures_of(method: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The existing measures of a row, one each with its group; a line is a measure."""
    groups = {"engineering": str(values.get("safeguards", ""))} if method == HAZOP else {
        code: str(values.get(f"measures_{code}", "")) for code in MEASURE_GROUPS
    }  # fmt: skip
    found: dict[str, str] = {}
    for group, text in groups.items():
        for line in text.replace("；", "\n").splitlines():
            if line.strip():
                found.setdefault(line.strip(), group)
    return [(group, line) for line, group in found.items()]


def factors_of(values: Mapping[str, Any], prefix: str) -> dict[str, Decimal]:
    """The factors of one rating as numbers."""
    return {code[2:]: Decimal(str(value)) for code, value in values.items() if code.startswith(prefix)}


def _ours(errors: Mapping[str, Text]) -> dict[str, Text]:
    return {_field(name): reason for name, reason in errors.items()}


def _field(name: str) -> str:
    if name in methods.FACTORS and name != "consequence":
        return f"f_{name}"
    if name.startswith("residual_"):
        return f"r_{name.removeprefix('residual_')}"
    return _OURS.get(name, name)


def _assessment(rating: str, values: Mapping[str, Any]) -> Assessment:
    whole = rating in ("LS", "LS4")
    parts: list[dict[str, Any]] = []
    for prefix in ("f_", "r_"):
        given = factors_of(values, prefix)
        parts.append({code: int(value) if whole else value for code, value in given.items()})
    return Assessment(method=rating, factors=parts[0], residual=parts[1] or None)


def _common(rating: str, values: Mapping[str, Any]) -> dict[str, Any]:
    measures = {code: str(values.get(f"measures_{code}", "")) for code in MEASURE_GROUPS}
    due = values.get("due_on")
    return {
        "measures": measures, "assessment": _assessment(rating, values),
        "control_level": values.get("control_level", ""), "suggested_measures": values.get("suggestion", ""),
        "responsible": values.get("responsible", ""), "due_on": date.fromisoformat(due) if due else None,
    }  # fmt: skip


def _texts(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: str(values.get(name, "")) for name in names}


def _jha(rating: str, values: Mapping[str, Any]) -> jha.Row:
    named = _texts(values, "step_name", "hazard", "hazard_class", "main_consequence")
    return jha.Row(step_no=values.get("step_no", 0), **named, **_common(rating, values))


def _scl(rating: str, values: Mapping[str, Any]) -> scl.Row:
    named = _texts(values, "check_item", "standard_requirement", "basis", "deviation", "consequence")
    return scl.Row(item_no=values.get("item_no", 0), **named, **_common(rating, values))


def _hazop(rating: str, values: Mapping[str, Any]) -> hazop.Row:
    named = _texts(values, "node_no", "node_desc", "design_intent", "drawing_no", "parameter", "guide_word",
                   "deviation", "cause", "consequence", "safeguards")  # fmt: skip
    due = values.get("due_on")
    wish = str(values.get("suggestion", ""))
    return hazop.Row(
        **named, assessment=_assessment(rating, values), is_ipl=values.get("is_ipl"), recommendation=wish,
        owner=str(values.get("responsible", "")), due_on=date.fromisoformat(due) if due else None,
        status="open" if wish else "",
    )  # fmt: skip


def _read(one: Field, value: Any) -> Any:
    if one.kind == "day":
        if isinstance(value, date):
            return value.isoformat()
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError:
            raise BadInput(one.code, Text("日期应写作2026-01-31", "must be a day like 2026-01-31")) from None
    if one.kind == "whole":
        try:
            return int(str(value))
        except ValueError:
            raise BadInput(one.code, Text("应为整数", "must be a whole number")) from None
    if one.kind == "yes":
        return value in (True, "yes", "1", "true")
    if one.code[:2] in ("f_", "r_"):
        try:
            number = Decimal(str(value)).normalize()
        except InvalidOperation:
            raise BadInput(one.code, Text("应为数字", "must be a number")) from None
        text = f"{number:f}"
        if text not in one.choices:
            listed = "、".join(one.choices)
            raise BadInput(one.code, Text(f"应为{listed}之一", f"must be one of {', '.join(one.choices)}"))
        return text
    if one.kind == "choice" and str(value) not in one.choices:
        raise BadInput(one.code, Text("不在可选范围内", "is none of the choices"))
    text, most = str(value), 2000 if one.kind == "long" else 200
    if len(text) > most or "\0" in text:
        raise BadInput(one.code, Text(f"最多{most}个字", f"at most {most} letters"))
    return text


def _choices(code: str) -> Mapping[str, Text]:
    if code == "hazard_class":
        return {key: one.name for key, one in hazard_classes().items() if one.parent}
    if code == "main_consequence":
        return {key: one.name for key, one in accident_types().items()}
    if code == "control_level":
        return LEVELS
    if code == "parameter":
        return {key: one.name for key, one in hazop.parameters().items()}
    if code == "guide_word":
        return {key: one.name for key, one in hazop.guide_words().items()}
    return {}


def _factors(rating: str, prefix: str) -> list[Field]:
    when = Text("（现有措施）", " (with existing measures)") if prefix == "f_" else Text(
        "（建议措施后）", " (with the suggested ones)"
    )  # fmt: skip
    found = []
    for code in methods.METHODS[rating].needs:
        name = methods.FACTORS[code]
        label = Text(f"{name.zh}{when.zh}", f"{name.en}{when.en}")
        found.append(Field(f"{prefix}{code}", label, "choice", prefix == "f_", _scale(rating, code)))
    return found


def _scale(rating: str, code: str) -> Mapping[str, Text]:
    if rating in ("LS", "LS4"):
        most = 4 if rating == "LS4" else 5
        if code == "likelihood":
            return {str(one.level): Text(f"{one.level} {one.name.zh}", f"{one.level} {one.name.en}")
                    for one in ls.likelihoods() if one.level <= most}  # fmt: skip
        people = {one.level: one.text for one in ls.severities() if one.column == "people"}
        return {
            str(level): Text(f"{level} {people[level].zh}", f"{level} {people[level].en}")
            for level in sorted(people, reverse=True) if level <= most
        }  # fmt: skip
    letter = {"likelihood": "L", "exposure": "E", "consequence": "C"}[code]
    return {
        f"{one.value.normalize():f}": Text(f"{one.value.normalize():f} {one.text.zh}",
                                           f"{one.value.normalize():f} {one.text.en}")
        for one in lec.factors()[letter]
    }  # fmt: skip
