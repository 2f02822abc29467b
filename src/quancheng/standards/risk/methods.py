"""One door to the methods that score a risk point (风险评价方法): by code, with the factors that each needs.

What is kept of a rating: method, version, inputs, score, colour; once without measures (固有风险) and once with them
(剩余风险).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from quancheng.standards.gb18218.numbers import plain
from quancheng.standards.risk import lec, ls
from quancheng.standards.risk.basis import BadInput, Step, choice
from quancheng.standards.risk.colours import Colour
from quancheng.standards.wording import Text


@dataclass(frozen=True, slots=True)
class Method:
    """One method and the factors that it needs."""

    code: str
    name: Text
    needs: tuple[str, ...]
    version: str


#: The methods that give a score from factors. LOPA and the reaction grade are modules of their own.
METHODS: dict[str, Method] = {
    "LS": Method("LS", Text("风险矩阵法（LS）", "Risk matrix (LS)"), ("likelihood", "severity"), ls.VERSION),
    "LS4": Method("LS4", Text("4×4风险矩阵", "Risk matrix four by four"), ("likelihood", "severity"), ls.VERSION),
    "LEC": Method(
        "LEC",
        Text("作业条件危险性分析（LEC）", "LEC"),
        ("likelihood", "exposure", "consequence"),
        lec.VERSION,
    ),
    "LC": Method("LC", Text("LC法（不计暴露）", "LC, without exposure"), ("likelihood", "consequence"), lec.VERSION),
}
#: The factors in words.
FACTORS: dict[str, Text] = {
    "likelihood": Text("可能性L", "Likelihood L"),
    "severity": Text("严重性S", "Severity S"),
    "exposure": Text("暴露频繁程度E", "Exposure E"),
    "consequence": Text("后果C", "Consequence C"),
    **{code: Text(f"后果（{name.zh}）", f"Severity: {name.en}") for code, name in ls.COLUMNS.items()},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a district has set: limits of the five-by-five matrix, convention of LEC.

    :raises BadInput: limits of a matrix of another size.
    """

    ls_limits: ls.LsLimits = ls.DEFAULT
    convention: lec.Convention = lec.A

    def __post_init__(self) -> None:
        if self.ls_limits.size != 5:
            raise BadInput("ls_limits", Text("应为5×5矩阵的分级", "must be limits of the five-by-five matrix"))


DEFAULT = Settings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What a method says of a risk point. ``inputs`` are the factors as they were counted, in order; ``rules`` the code
    of the limits or convention by which the colour was found.
    """

    method: str
    version: str
    rules: str
    inputs: tuple[tuple[str, Decimal], ...]
    score: Decimal
    colour: Colour
    is_top: bool
    steps: tuple[Step, ...]
    doubts: tuple[Text, ...]
    mark: str


def fields_of(method: str) -> tuple[str, ...]:
    """Every factor that a method reads: its needs, and the five columns that may stand for the severity."""
    needs = METHODS[choice("method", method, METHODS)].needs
    return (*needs, *(ls.COLUMNS if "severity" in needs else ()))


def rate(method: str, values: Mapping[str, int | Decimal | None], *, settings: Settings = DEFAULT) -> Rating:
    """The rating of a risk point by a method of :data:`METHODS`. Columns of the severity may stand in its place.

    :raises BadInput: an unknown method; a factor missing, unknown or out of its range, named by its field.
    """
    known = METHODS[choice("method", method, METHODS)]
    if unknown := sorted(set(values) - set(fields_of(method))):
        raise BadInput(unknown[0], Text(f"{known.name.zh}不用此项", f"{known.name.en} does not use it"))
    given = {field: value for field, value in values.items() if value is not None}
    columns = {field: given[field] for field in ls.COLUMNS if field in given}
    for field in known.needs:
        if field not in given and not (field == "severity" and columns):
            raise BadInput(field, Text(f"请填写{FACTORS[field].zh}", f"Give {FACTORS[field].en}"))
    if "severity" in known.needs:
        if columns and "severity" in given:
            raise BadInput(
                "severity", Text("填写了各栏后果就不再填写严重性", "Give either the columns or the severity itself")
            )
        severity = ls.Severity(**columns) if columns else given["severity"]  # type: ignore[arg-type]
        limits = settings.ls_limits if method == "LS" else ls.FOUR
        matrix = ls.assess(likelihood=given["likelihood"], severity=severity, limits=limits)  # type: ignore[arg-type]
        return Rating(
            method=method,
            version=known.version,
            rules=limits.code,
            inputs=(("likelihood", Decimal(matrix.likelihood)), ("severity", Decimal(matrix.severity))),
            score=Decimal(matrix.score),
            colour=matrix.colour,
            is_top=matrix.is_top,
            steps=matrix.steps,
            doubts=matrix.doubts,
            mark=matrix.mark,
        )
    convention = settings.convention
    if method == "LEC":
        found = lec.assess(
            likelihood=given["likelihood"],
            exposure=given["exposure"],
            consequence=given["consequence"],
            convention=convention,
        )
    else:
        found = lec.assess_lc(likelihood=given["likelihood"], consequence=given["consequence"], convention=convention)
    return Rating(
        method=method,
        version=known.version,
        rules=convention.code,
        inputs=tuple((field, Decimal(given[field])) for field in known.needs),
        score=found.score,
        colour=found.colour,
        is_top=found.is_top,
        steps=found.steps,
        doubts=found.doubts,
        mark=found.mark,
    )


def shown(rating: Rating) -> str:
    """A rating in one line: ``LS 12``, ``LEC 160``."""
    return f"{rating.method} {plain(rating.score)}"
