"""Questions of each way of grading and their outcome (分级评估的问题和结果), over the tables of ``standards.risk``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from quancheng.standards.risk import enterprise_grading, station_grading, trade_grading
from quancheng.standards.risk.basis import BadInput
from quancheng.standards.risk.points import Answer, Choice, Item
from quancheng.standards.risk.verdict import GradingResult, forced_colours, red_flags
from quancheng.standards.wording import Text

#: Whether it has self-explosive chemicals (爆炸危险性化学品): then the province assesses it.
SELF_EXPLOSIVE = "SELF_EXPLOSIVE"
#: Answers as a row keeps them, by the code of the question.
Answers = Mapping[str, Mapping[str, Any]]
_REDS = Text("直接判定红色的情形", "Cases that are red directly")
_FORCED = Text("不低于某一颜色的情形", "Cases that force a colour")
_SCOPE = Text("适用范围", "Scope")
_CRITERIA = Text("分级条件", "Criteria")


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``kind``: ``choice``, ``count``, ``yes`` (once) or ``number`` with decimals."""

    code: str
    kind: str
    group: Text
    text: Text
    mark: str
    points: str = ""
    choices: tuple[Choice, ...] = ()


def questions(scheme: str, on: date) -> tuple[Question, ...]:
    """All questions of a way of grading on a day, in the order of its table; then what overrides the score."""
    found: list[Question] = []
    if scheme == enterprise_grading.SCHEME:
        found.append(
            Question(
                SELF_EXPLOSIVE, "yes", _SCOPE,
                Text("涉及爆炸危险性化学品（环氧化物、过氧化物、偶氮化合物、硝基化合物等自身具有爆炸性的）",
                     "Has self-explosive chemicals (epoxides, peroxides, azo or nitro compounds)"), "V",
            )
        )  # fmt: skip
    found += [_of_item(one) for one in _items(scheme)]
    if scheme == trade_grading.SCHEME:
        found += [
            Question(one.fact, _trade_kind(one), _CRITERIA, one.text, one.mark) for one in trade_grading.criteria()
        ]
    if scheme == enterprise_grading.SCHEME:
        found += [Question(one.code, "yes", _REDS, one.text, one.mark) for one in red_flags()]
    found += [
        Question(one.code, "yes", _FORCED, one.text, one.mark) for one in forced_colours() if one.binds(scheme, on)
    ]
    return tuple(found)


def _items(scheme: str) -> tuple[Item, ...]:
    if scheme == enterprise_grading.SCHEME:
        return enterprise_grading.items()
    return station_grading.items(scheme) if scheme in station_grading.TABLES else ()


def _of_item(item: Item) -> Question:
    kind = {"choice": "choice", "each": "count", "once": "yes"}[item.kind.removeprefix("bonus_")]
    sign = "+" if item.is_bonus else "−"
    shown = f"{sign}{item.points.normalize():f}" if kind != "choice" else ""
    full = "" if not item.full else f"（{item.full}）"
    named = Text(f"{item.class_name.zh}：{item.group_name.zh}{full}", f"{item.class_name.en}: {item.group_name.en}")
    return Question(item.code, kind, named, item.text, item.mark, shown, item.choices)


def _trade_kind(one: trade_grading.Criterion) -> str:
    if one.limit is None:
        return "yes"
    return "number" if one.fact == "ammonia_t" else "count"


def read_value(question: Question, value: Any) -> str | None:
    """A value as it is kept: text, ``""`` for none of the choices, None for not answered.

    :raises BadInput: what the question cannot have.
    """
    if value is None:
        return None
    text = str(value).strip()
    if question.kind == "choice":
        if text and text not in {one.code for one in question.choices}:
            raise BadInput(question.code, Text("没有这一选项", "There is no such choice"))
        return text
    try:
        number = Decimal(text)
    except InvalidOperation as bad:
        raise BadInput(question.code, Text("应为数字", "must be a number")) from bad
    whole = number == number.to_integral_value() if number.is_finite() else False
    if not number.is_finite() or number < 0 or number > 10_000 or (question.kind != "number" and not whole):
        raise BadInput(question.code, Text("应为0至10000的整数", "must be a whole number from 0 to 10000"))
    if question.kind == "yes" and number > 1:
        raise BadInput(question.code, Text("应为是或否", "must be yes or no"))
    return f"{number.normalize():f}"


def outcome(scheme: str, answers: Answers, on: date) -> dict[str, Any]:
    """The grading on a day as plain JSON: score, colour, every line, what overrode the score, what is doubtful.

    :raises BadInput: an answer that its question cannot have, named by its code.
    """
    told = {code: one for code, one in answers.items() if one.get("value") is not None}
    if scheme == trade_grading.SCHEME:
        return _trade(told, on)
    made = {code: _answer(code, one, scheme) for code, one in told.items()}
    known = {one.code for one in _items(scheme)}
    reds = {one.code for one in red_flags()}
    of_items = {code: one for code, one in made.items() if code in known}
    forced = {code: one for code, one in made.items() if code not in known | reds | {SELF_EXPLOSIVE}}
    if scheme == enterprise_grading.SCHEME:
        own = told.get(SELF_EXPLOSIVE)
        graded = enterprise_grading.grade(
            answers=of_items, red_flags={code: one for code, one in made.items() if code in reds}, forced=forced,
            self_explosive=None if own is None else own["value"] != "0", on=on,
        )  # fmt: skip
    else:
        graded = station_grading.grade(scheme, answers=of_items, forced=forced, on=on)
    return _result(graded)


def _answer(code: str, one: Mapping[str, Any], scheme: str) -> Answer:
    is_choice = any(item.code == code and item.kind.endswith("choice") for item in _items(scheme))
    day = date.fromisoformat(one["day"]) if one.get("day") else None
    source = "registry" if one.get("source") == "registry" else "asked"
    value = one["value"]
    return Answer(
        count=0 if is_choice else int(value), choice=value if is_choice else "", source=source, day=day,
        who=one.get("who", ""), comment=one.get("comment", ""),
    )  # fmt: skip


def _result(graded: GradingResult) -> dict[str, Any]:
    groups = [
        {
            "code": group.group, "zh": group.name.zh, "en": group.name.en, "full": group.full,
            "score": None if group.score is None else str(group.score), "deducted": str(group.deducted),
        }
        for group in graded.groups
    ]  # fmt: skip
    lines = {line.item.code: str(line.points) for line in graded.lines}
    forced = [_forced(one) for one in graded.forced]
    return {
        "score": str(graded.raw), "shown": str(graded.shown), "bonuses": str(graded.bonuses),
        "by_score": int(graded.by_score), "level": int(graded.colour), "groups": groups, "points": lines,
        "reds": [{"code": one.code, **_both(one.text)} for one in graded.reds], "forced": forced,
        "why": [_both(one) for one in graded.why], "doubts": [_both(one) for one in graded.doubts],
        "unanswered": list(graded.unanswered), "mark": graded.mark,
    }  # fmt: skip


def _trade(told: Answers, on: date) -> dict[str, Any]:
    kinds = {one.fact: one for one in trade_grading.criteria()}
    facts: dict[str, bool | int | Decimal | None] = {}
    forced: dict[str, bool | None] = {}
    for code, one in told.items():
        if code not in kinds:
            forced[code] = one["value"] != "0"
        else:
            facts[code] = one["value"] != "0" if kinds[code].limit is None else Decimal(one["value"])
    graded = trade_grading.grade(facts, forced=forced, on=on)
    unanswered = [fact for fact in dict.fromkeys(kinds) if fact not in told]
    return {
        "score": None, "shown": None, "bonuses": None, "by_score": None, "level": int(graded.colour), "groups": [],
        "points": {}, "reds": [], "forced": [_forced(one) for one in graded.forced],
        "why": [_both(one.text) for one in graded.steps], "doubts": [_both(one) for one in graded.doubts],
        "unanswered": unanswered, "mark": graded.mark,
    }  # fmt: skip


def _forced(one: Any) -> dict[str, Any]:
    return {"code": one.code, **_both(one.text), "level": int(one.colour), "basis": one.basis, "clause": one.clause}


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
