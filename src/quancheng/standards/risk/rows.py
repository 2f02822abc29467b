"""What the rows of a job hazard analysis (JHA), a checklist analysis (SCL) and a HAZOP record have in common: lists to
choose from, which fields are wanted when, the rating before and after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from quancheng.standards.risk.basis import BadInput, table, text_of
from quancheng.standards.risk.colours import LEVELS, Colour, is_high_enough, levels
from quancheng.standards.risk.methods import DEFAULT, METHODS, Rating, Settings, rate
from quancheng.standards.wording import Text

#: Existing measures (现有管控措施) by group.
MEASURE_GROUPS: dict[str, Text] = {
    "engineering": Text("工程技术措施", "Engineering"),
    "management": Text("管理措施", "Management"),
    "training": Text("培训教育措施", "Training"),
    "ppe": Text("个体防护措施", "Personal protection"),
    "emergency": Text("应急处置措施", "Emergency"),
}
#: When a field is wanted.
NEEDED: dict[str, Text] = {
    "always": Text("必填", "always"),
    "from_yellow": Text("一般及以上风险必填", "from yellow upwards"),
    "with_recommendation": Text("有建议措施时必填", "with a recommendation"),
    "when_rejected": Text("不采纳时必填", "when rejected"),
    "optional": Text("选填", "optional"),
}
#: Refusals that several fields use.
MISSING = Text("请填写", "Fill this in")
NO_NOTE = Text("", "")
#: From which colour a row must say what is to be done.
ACTION_FROM = Colour.YELLOW


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a form: when it is wanted (a key of :data:`NEEDED`) and what to write."""

    code: str
    name: Text
    needed: str
    note: Text = NO_NOTE
    mark: str = "G"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list; ``parent`` is the class that it belongs to, empty for a class."""

    code: str
    parent: str
    name: Text
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """How a row was rated: a method of :data:`~quancheng.standards.risk.methods.METHODS`, its factors with the existing
    measures, and again with the suggested ones.
    """

    method: str = "LS"
    factors: Mapping[str, int | Decimal | None]
    residual: Mapping[str, int | Decimal | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """The ratings of a row and the levels that must control it. ``residual`` is None where nobody rated it."""

    rating: Rating
    residual: Rating | None
    control_levels: tuple[str, ...]

    @property
    def needs_action(self) -> bool:
        """Whether the row must say what is to be done, by whom and until when."""
        return self.rating.colour <= ACTION_FROM


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is wrong with an analysis, by field: of its head, of each row in order. Doubts do not hinder."""

    header: Mapping[str, Text]
    rows: tuple[Mapping[str, Text], ...]
    doubts: tuple[Text, ...]

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.header and not any(self.rows)


@cache
def hazard_classes() -> dict[str, Entry]:
    """Classes of hazards (危险和有害因素) by GB/T 13861: four, each with its parts."""
    return {
        row["code"]: Entry(row["code"], row["parent"], text_of(row), row["mark"]) for row in table("hazard_classes")
    }


@cache
def accident_types() -> dict[str, Entry]:
    """The twenty types of accidents (事故类别) by GB 6441."""
    return {row["code"]: Entry(row["code"], "", text_of(row), row["mark"]) for row in table("accident_types")}


def evaluate(given: Assessment, *, settings: Settings = DEFAULT, has_plants: bool = True) -> Evaluated:
    """The ratings of a row.

    :raises BadInput: as :func:`~quancheng.standards.risk.methods.rate`; fields of the second rating are named
        ``residual_…``, and a second rating worse than the first is refused at ``residual``.
    """
    rating = rate(given.method, given.factors, settings=settings)
    residual = None
    if given.residual is not None and any(value is not None for value in given.residual.values()):
        try:
            residual = rate(given.method, given.residual, settings=settings)
        except BadInput as refused:
            raise BadInput(f"residual_{refused.field}", refused.reason) from refused
        if residual.score > rating.score:
            raise BadInput(
                "residual",
                Text("采取措施后的风险不应高于采取前", "The risk with measures must not exceed that without"),
            )
    return Evaluated(rating=rating, residual=residual, control_levels=levels(rating.colour, has_plants=has_plants))


def errors_of_text(values: Mapping[str, str], wanted: tuple[str, ...]) -> dict[str, Text]:
    """Which of the wanted texts are empty."""
    return {field: MISSING for field in wanted if not values.get(field, "").strip()}


def errors_of_rating(
    given: Assessment,
    *,
    control_level: str,
    suggestion: str,
    responsible: str,
    due_on: date | None,
    settings: Settings,
) -> dict[str, Text]:
    """What is wrong with the rating of a row, and with what must follow from it."""
    try:
        found = evaluate(given, settings=settings)
    except BadInput as refused:
        return {refused.field: refused.reason}
    errors: dict[str, Text] = {}
    if control_level not in LEVELS:
        errors["control_level"] = MISSING if not control_level else Text("没有这一管控层级", "There is no such level")
    elif not is_high_enough(found.rating.colour, control_level):
        lowest = LEVELS[found.control_levels[0]]
        errors["control_level"] = Text(
            f"{found.rating.colour.word.zh}风险至少由{lowest.zh}管控",
            f"A {found.rating.colour.word.en} risk is controlled at {lowest.en} level or above",
        )
    if found.needs_action:
        follow = {"suggested_measures": suggestion, "responsible": responsible}
        errors |= errors_of_text(follow, tuple(follow))
        if found.residual is None:
            errors["residual"] = MISSING
        if due_on is None:
            errors["due_on"] = MISSING
    return errors


def rating_fields() -> tuple[FieldSpec, ...]:
    """The fields of the rating and of what follows from it, as JHA and SCL have them."""
    return (
        *(FieldSpec(f"measures_{code}", name, "optional") for code, name in MEASURE_GROUPS.items()),
        FieldSpec(
            "method",
            Text("评价方法", "Method"),
            "always",
            Text("、".join(METHODS), ", ".join(METHODS)),
        ),
        FieldSpec("factors", Text("评价参数", "Factors"), "always", Text("L、S或L、E、C", "L, S or L, E, C")),
        FieldSpec("control_level", Text("管控层级", "Control level"), "always"),
        FieldSpec("suggested_measures", Text("建议新增措施", "Suggested measures"), "from_yellow"),
        FieldSpec("residual", Text("剩余风险", "Residual risk"), "from_yellow"),
        FieldSpec("responsible", Text("责任人", "Responsible"), "from_yellow"),
        FieldSpec("due_on", Text("完成期限", "Due on"), "from_yellow"),
    )


def unmeasured(measures: Mapping[str, str], place: Text) -> Text | None:
    """The doubt that a row names no existing measure at all. BadInput for a group that is none."""
    if unknown := sorted(set(measures) - set(MEASURE_GROUPS)):
        raise BadInput(f"measures_{unknown[0]}", Text("没有这一类措施", "There is no such group of measures"))
    if any(text.strip() for text in measures.values()):
        return None
    return Text(f"{place.zh}没有填写任何现有措施", f"{place.en} names no existing measure")
