"""Layers of protection (保护层分析, LOPA): how often a scenario gets through, and how much reduction it needs.

Source: GB/T 32857, AQ/T 3054 [G]. Typical values are general knowledge: an enterprise uses its own approved ones.
Limits of individual risk (个人风险基准) are those of GB 36894 [G]; the colours by ratio are ours [D].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

from quancheng.standards.risk.basis import BadInput, Step, choice, number, table, text_of
from quancheng.standards.risk.colours import Colour
from quancheng.standards.wording import Text, power

#: Highest required reduction of each level, from none (below SIL 1) to SIL 3.
SIL_UP_TO = (10, 100, 1000, 10000)
#: From which ratio of mitigated to tolerable frequency a colour begins [D]: red above, orange and yellow at it.
RED_ABOVE, ORANGE_FROM, YELLOW_FROM = Fraction(10), Fraction(1), Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Typical:
    """A typical frequency per year (``event``) or failure probability on demand (``layer``), as a range."""

    code: str
    name: Text
    low: Decimal
    high: Decimal
    mark: str


@dataclass(frozen=True, slots=True)
class RiskLimit:
    """The limit of individual risk at one kind of target, per year."""

    code: str
    name: Text
    new: Decimal
    existing: Decimal
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """An independent protection layer (独立保护层). ``pfd`` is above 0 and up to 1; ``kind`` is a code of
    :func:`layers_known`, or empty. ``parts`` are the tags of its sensors, logic solver and final elements: by them two
    layers that are not independent are found.

    :raises BadInput: another number or kind.
    """

    name: str
    pfd: Decimal
    kind: str = ""
    parts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        number("pfd", self.pfd, high=1, above=True)
        if self.kind:
            choice("kind", self.kind, layers_known())


@dataclass(frozen=True, slots=True, kw_only=True)
class LopaResult:
    """Frequencies per year, exact. ``rrf`` is what all layers together must reduce and ``sil`` what a single function
    would need for it; ``ratio`` is what the layers leave of it (above 1: too much) and ``sil_missing`` what a further
    function needs. A level is 0 for none, 1 to 3, and None beyond SIL 3.
    """

    unmitigated: Fraction
    mitigated: Fraction
    rrf: Fraction
    sil: int | None
    ratio: Fraction
    sil_missing: int | None
    colour: Colour
    is_top: bool
    steps: tuple[Step, ...]
    doubts: tuple[Text, ...]
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCheck:
    """An individual risk held against its limit; at the limit it is met."""

    limit: Decimal
    is_met: bool
    text: Text
    mark: str


@cache
def initiating_events() -> dict[str, Typical]:
    """Typical frequencies of initiating events, per year, by code."""
    return _typical("event")


@cache
def layers_known() -> dict[str, Typical]:
    """Typical failure probabilities of independent layers by code."""
    return _typical("layer")


@cache
def risk_limits() -> dict[str, RiskLimit]:
    """The limits of individual risk by kind of target."""
    return {
        row["code"]: RiskLimit(row["code"], text_of(row), Decimal(row["new"]), Decimal(row["existing"]), row["mark"])
        for row in table("individual_risk")
    }


def sil_for(reduction: Fraction | Decimal | int) -> int | None:
    """The level for a required reduction: 0 up to 10, 1 up to 100, 2 up to 1000, 3 up to 10 000, None beyond."""
    return next((level for level, limit in enumerate(SIL_UP_TO) if reduction <= limit), None)


def colour_of(ratio: Fraction) -> Colour:
    """The colour of mitigated over tolerable frequency; a limit that both sides share counts as the graver."""
    if ratio > RED_ABOVE:
        return Colour.RED
    if ratio >= ORANGE_FROM:
        return Colour.ORANGE
    return Colour.YELLOW if ratio >= YELLOW_FROM else Colour.BLUE


def assess(
    *,
    initiating_frequency: Decimal,
    conditions: Sequence[Decimal] = (),
    layers: Sequence[Layer] = (),
    tolerable_frequency: Decimal,
    initiating_parts: Sequence[str] = (),
    known: Mapping[str, Typical] | None = None,
) -> LopaResult:
    """One scenario: an initiating event, its enabling and conditional probabilities, the layers that stand.

    :param initiating_parts: tags of what fails at the beginning: no layer may rest on them.
    :param known: typical values of layers, where a district set its own.
    :raises BadInput: a frequency that is not above 0, a probability outside 0 (excluded) to 1; at ``layers``, two
        of one name or with a part in common, or one that the initiating event takes away.
    """
    _need_independent(layers, initiating_parts)
    typical = layers_known() if known is None else known
    start = number("initiating_frequency", initiating_frequency, high=1000, above=True)
    tolerable = number("tolerable_frequency", tolerable_frequency, high=1, above=True)
    unmitigated = Fraction(start)
    steps = [_step("initiating", Text("初始事件频率", "Initiating event"), start, "/a")]
    for probability in conditions:
        unmitigated *= Fraction(number("conditions", probability, high=1, above=True))
        steps.append(_step("condition", Text("使能或条件概率", "Enabling or conditional probability"), probability, ""))
    mitigated, doubts = unmitigated, []
    for layer in layers:
        mitigated *= Fraction(layer.pfd)
        steps.append(_step("layer", Text(f"独立保护层“{layer.name}”", f"Layer “{layer.name}”"), layer.pfd, ""))
        usual = typical.get(layer.kind)
        if usual is not None and layer.pfd < usual.low:
            doubts.append(
                Text(
                    f"“{layer.name}”的失效概率低于典型值{usual.low}，须有依据",
                    f"The probability of “{layer.name}” lies below the typical {usual.low}; it needs proof",
                )
            )
    if sum(layer.kind == "BPCS_LOOP" for layer in layers) > 1:
        doubts.append(
            Text(
                "基本过程控制回路计了多层，须证明相互独立",
                "More than one BPCS loop counts; independence is to be shown",
            )
        )
    rrf, ratio = unmitigated / Fraction(tolerable), mitigated / Fraction(tolerable)
    sil, missing = sil_for(rrf), sil_for(ratio) if ratio > 1 else 0
    if missing is None:
        doubts.append(
            Text("所需风险降低超出SIL3，应修改设计", "The reduction needed lies beyond SIL 3: change the design")
        )
    colour = colour_of(ratio)
    steps.append(
        Step(
            code="ratio",
            text=Text(
                f"减缓后频率{_short(mitigated)}/a，为可接受频率的{_short(ratio)}倍，{colour.word.zh}风险；"
                f"所需风险降低因子{_short(rrf)}",
                f"Mitigated {_short(mitigated)} /a, {_short(ratio)} times the tolerable, {colour.word.en} risk; "
                f"required reduction {_short(rrf)}",
            ),
            mark="D",
        )
    )
    return LopaResult(
        unmitigated=unmitigated,
        mitigated=mitigated,
        rrf=rrf,
        sil=sil,
        ratio=ratio,
        sil_missing=missing,
        colour=colour,
        is_top=colour is Colour.RED,
        steps=tuple(steps),
        doubts=tuple(doubts),
        mark="D",
    )


def _need_independent(layers: Sequence[Layer], initiating: Sequence[str]) -> None:
    """:raises BadInput: what is counted twice although it fails at once."""
    lost = {part.strip().upper() for part in initiating if part.strip()}
    names: set[str] = set()
    parts: dict[str, str] = {}
    for layer in layers:
        if layer.name in names:
            raise BadInput("layers", Text(f"“{layer.name}”计了两次", f"“{layer.name}” is counted twice"))
        names.add(layer.name)
        for part in {one.strip().upper() for one in layer.parts if one.strip()}:
            if part in lost:
                raise BadInput(
                    "layers",
                    Text(
                        f"“{layer.name}”用到初始事件中失效的{part}，不独立，不能计为保护层",
                        f"“{layer.name}” rests on {part}, which the initiating event takes away: it is no layer",
                    ),
                )
            if part in parts:
                raise BadInput(
                    "layers",
                    Text(
                        f"“{layer.name}”与“{parts[part]}”共用{part}，不独立，只能计一层",
                        f"“{layer.name}” and “{parts[part]}” share {part}: only one of them counts",
                    ),
                )
            parts[part] = layer.name


def individual_risk(*, target: str, is_new: bool, risk: Decimal) -> RiskCheck:
    """An individual risk per year at a target of :func:`risk_limits`, for a new or an existing unit.

    :raises BadInput: an unknown target, a negative risk or one above 1.
    """
    known = risk_limits()[choice("target", target, risk_limits())]
    value = number("risk", risk, high=1)
    limit = known.new if is_new else known.existing
    met = value <= limit
    shown, bound = _short(Fraction(value)), _short(Fraction(limit))
    text = Text(
        f"{known.name.zh}个人风险{shown}/a，{'不超过' if met else '超过'}基准{bound}/a",
        f"Individual risk {shown} /a at {known.name.en.lower()}, {'within' if met else 'above'} the limit {bound} /a",
    )
    return RiskCheck(limit=limit, is_met=met, text=text, mark=known.mark)


def _typical(kind: str) -> dict[str, Typical]:
    return {
        row["code"]: Typical(row["code"], text_of(row), Decimal(row["low"]), Decimal(row["high"]), row["mark"])
        for row in table("lopa_typical")
        if row["kind"] == kind
    }


def _step(code: str, name: Text, value: Decimal, unit: str) -> Step:
    shown = _short(Fraction(value))
    return Step(code=code, text=Text(f"{name.zh}：{shown}{unit}", f"{name.en}: {shown}{unit}"), value=value, mark="G")


def _short(value: Fraction) -> str:
    return power(float(value))
