"""Hazard and operability study (危险与可操作性分析, HAZOP): words, record, recommendations, how often.

Source: GB/T 35320, AQ/T 3049 [G]; every three years for units with a key process, a key chemical or a major hazard, a
suitable method every five years for others [V]; new projects at basic design [G].
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache

from quancheng.standards.risk.basis import BadInput, choice, months_later, table, text_of
from quancheng.standards.risk.methods import DEFAULT, Settings
from quancheng.standards.risk.rows import (
    MISSING,
    Assessment,
    Evaluated,
    FieldSpec,
    errors_of_text,
)
from quancheng.standards.risk.rows import (
    evaluate as _evaluate,
)
from quancheng.standards.wording import Text

#: What may become of a recommendation (建议措施).
STATUSES: dict[str, Text] = {
    "open": Text("未关闭", "open"),
    "closed": Text("已关闭", "closed"),
    "rejected": Text("不采纳", "rejected"),
}
#: Months after which an open recommendation is a hidden danger [D].
STALE_MONTHS = 12
#: Years between studies of a unit with a key point or a major hazard, and of others [V].
YEARS_KEY, YEARS_OTHER = 3, 5
NEW_PROJECT = Text("新建项目在基础设计阶段开展", "New projects: at basic design")


@dataclass(frozen=True, slots=True)
class Word:
    """A guide word (引导词) or a parameter (参数)."""

    code: str
    name: Text
    mark: str


@cache
def guide_words() -> dict[str, Word]:
    """The guide words by code."""
    return _words("guide")


@cache
def parameters() -> dict[str, Word]:
    """The parameters by code."""
    return _words("parameter")


@cache
def fitting(parameter: str) -> tuple[str, ...]:
    """The guide words that mean something of a parameter, by code [G]: no temperature is early or reversed.

    :raises BadInput: a parameter that is none.
    """
    choice("parameter", parameter, parameters())
    return next(tuple(row["guide_words"].split("|")) for row in table("hazop_fits") if row["parameter"] == parameter)


def deviation(parameter: str, guide_word: str) -> Text:
    """The words of a deviation (偏差), to begin with. BadInput for a word that is none."""
    choice("parameter", parameter, parameters())
    choice("guide_word", guide_word, guide_words())
    what, how = parameters()[parameter].name, guide_words()[guide_word].name
    return Text(f"{what.zh}：{how.zh}", f"{how.en} {what.en}")


_TEXTS = {
    "node_no": Text("节点编号", "Node number"),
    "node_desc": Text("节点描述", "Node"),
    "design_intent": Text("设计意图", "Design intent"),
    "drawing_no": Text("图号", "Drawing"),
    "deviation": Text("偏差", "Deviation"),
    "cause": Text("原因", "Cause"),
    "consequence": Text("后果", "Consequence"),
}
FIELDS: tuple[FieldSpec, ...] = (
    *(FieldSpec(code, name, "always") for code, name in list(_TEXTS.items())[:4]),
    FieldSpec("parameter", Text("参数", "Parameter"), "always"),
    FieldSpec("guide_word", Text("引导词", "Guide word"), "always"),
    *(FieldSpec(code, name, "always") for code, name in list(_TEXTS.items())[4:]),
    FieldSpec("safeguards", Text("现有安全措施", "Safeguards"), "optional"),
    FieldSpec("factors", Text("采取建议前的L、S", "L and S before"), "always"),
    FieldSpec("is_ipl", Text("是否独立保护层", "Independent protection layer"), "optional"),
    FieldSpec("recommendation", Text("建议措施", "Recommendation"), "optional"),
    FieldSpec("residual", Text("采取建议后的L、S", "L and S after"), "with_recommendation"),
    FieldSpec("owner", Text("责任人", "Owner"), "with_recommendation"),
    FieldSpec("due_on", Text("完成期限", "Due on"), "with_recommendation"),
    FieldSpec("status", Text("状态", "Status"), "with_recommendation"),
    FieldSpec("reason", Text("不采纳理由", "Reason"), "when_rejected"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One deviation of one node. ``is_ipl``: a safeguard counts as independent protection layer; None: not judged."""

    node_no: str = ""
    node_desc: str = ""
    design_intent: str = ""
    drawing_no: str = ""
    parameter: str = ""
    guide_word: str = ""
    deviation: str = ""
    cause: str = ""
    consequence: str = ""
    safeguards: str = ""
    assessment: Assessment
    is_ipl: bool | None = None
    recommendation: str = ""
    owner: str = ""
    due_on: date | None = None
    status: str = ""
    reason: str = ""


def evaluate(row: Row, *, settings: Settings = DEFAULT) -> Evaluated:
    """The ratings before and after the recommendation. BadInput as :func:`quancheng.standards.risk.rows.evaluate`."""
    return _evaluate(row.assessment, settings=settings)


def check_row(row: Row, *, settings: Settings = DEFAULT) -> Mapping[str, Text]:
    """What is wrong with a row, by field."""
    errors = errors_of_text({code: getattr(row, code) for code in _TEXTS}, tuple(_TEXTS))
    for field, value, known in (
        ("parameter", row.parameter, parameters()),
        ("guide_word", row.guide_word, guide_words()),
    ):
        if value not in known:
            errors[field] = MISSING if not value else Text("不在词表中", "not in the list")
    if not {"parameter", "guide_word"} & errors.keys() and row.guide_word not in fitting(row.parameter):
        fits = [guide_words()[code].name for code in fitting(row.parameter)]
        errors["guide_word"] = Text(
            f"这一参数不用此引导词，可用：{'、'.join(one.zh for one in fits)}",
            f"It does not fit this parameter; fitting: {', '.join(one.en for one in fits)}",
        )
    try:
        is_rated_after = evaluate(row, settings=settings).residual is not None
    except BadInput as refused:
        errors[refused.field] = refused.reason
        is_rated_after = bool(row.assessment.residual)
    if not row.recommendation.strip():
        return errors
    errors |= errors_of_text({"owner": row.owner}, ("owner",))
    if row.due_on is None:
        errors["due_on"] = MISSING
    if not is_rated_after and row.status != "rejected" and "residual" not in errors:
        errors["residual"] = MISSING
    if row.status not in STATUSES:
        errors["status"] = MISSING if not row.status else Text("没有这一状态", "There is no such status")
    elif row.status == "rejected":
        errors |= errors_of_text({"reason": row.reason}, ("reason",))
    return errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """A recommendation as it stands.

    :raises BadInput: an unknown status, a rejection without reason, a closing without day or before it was raised.
    """

    code: str
    status: str
    raised_on: date
    closed_on: date | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        choice("status", self.status, STATUSES)
        if self.status == "rejected" and not self.reason.strip():
            raise BadInput("reason", MISSING)
        if (self.status == "closed") != (self.closed_on is not None):
            raise BadInput(
                "closed_on", Text("已关闭的须填写关闭日期，其余不填", "Only what is closed has a closing day")
            )
        if self.closed_on is not None and self.closed_on < self.raised_on:
            raise BadInput("closed_on", Text("早于提出日期", "before it was raised"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """How many recommendations are closed. ``rate`` is None where none was accepted; ``stale`` are the codes of open
    ones that have become hidden dangers, oldest first.
    """

    accepted: int
    closed: int
    rejected: int
    rate: Fraction | None
    stale: tuple[str, ...]


def closing(recommendations: Iterable[Recommendation], *, on: date, stale_months: int = STALE_MONTHS) -> Closing:
    """The closing rate (closed of accepted) on a day; accepted is what was not rejected. Stale is what has been open
    longer than ``stale_months``, the same day of the month still being in time.
    """
    rows = list(recommendations)
    accepted = [one for one in rows if one.status != "rejected"]
    closed = sum(one.status == "closed" for one in accepted)
    stale = sorted(
        (one.raised_on, one.code)
        for one in accepted
        if one.status == "open" and on > months_later(one.raised_on, stale_months)
    )
    return Closing(
        accepted=len(accepted),
        closed=closed,
        rejected=len(rows) - len(accepted),
        rate=Fraction(closed, len(accepted)) if accepted else None,
        stale=tuple(code for _, code in stale),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """How often a unit is studied, and whether it must be by HAZOP."""

    years: int
    must_be_hazop: bool
    why: Text
    doubts: tuple[Text, ...]
    mark: str


def interval(*, key_process: bool | None, key_chemical: bool | None, major_hazard: bool | None) -> Interval:
    """Every three years by HAZOP where a unit has a key process, a key chemical or a major hazard, else every five
    years by a suitable method. While one of them is not told and none is known, the shorter interval holds, with a
    doubt.
    """
    told = {
        Text("重点监管危险化工工艺", "a key process"): key_process,
        Text("重点监管危险化学品", "a key chemical"): key_chemical,
        Text("重大危险源", "a major hazard"): major_hazard,
    }
    hits = [name for name, value in told.items() if value]
    if hits:
        zh, en = "、".join(one.zh for one in hits), ", ".join(one.en for one in hits)
        why = Text(f"涉及{zh}，每{YEARS_KEY}年开展HAZOP分析", f"It has {en}: HAZOP every {YEARS_KEY} years")
        return Interval(years=YEARS_KEY, must_be_hazop=True, why=why, doubts=(), mark="V")
    unknown = [name for name, value in told.items() if value is None]
    if unknown:
        doubts = tuple(Text(f"未填写是否涉及{one.zh}", f"Not told whether it has {one.en}") for one in unknown)
        why = Text(f"情况未明，暂按每{YEARS_KEY}年", f"Not all is known: every {YEARS_KEY} years meanwhile")
        return Interval(years=YEARS_KEY, must_be_hazop=True, why=why, doubts=doubts, mark="V")
    why = Text(
        f"不涉及两重点一重大，每{YEARS_OTHER}年用适当方法分析",
        f"None of the three: a suitable method every {YEARS_OTHER} years",
    )
    return Interval(years=YEARS_OTHER, must_be_hazop=False, why=why, doubts=(), mark="V")


def due_on(last: date, years: int) -> date:
    """The last day for the next study: the same day that many years on (28 February where there is no 29th)."""
    return months_later(last, 12 * years)


def _words(kind: str) -> dict[str, Word]:
    return {
        row["code"]: Word(row["code"], text_of(row), row["mark"]) for row in table("hazop_words") if row["kind"] == kind
    }
