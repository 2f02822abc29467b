"""Indicators that are a share: what is counted of what, what is aimed at, what an empty whole means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from quancheng.standards.risk.basis import BadInput, percent, text_of, whole
from quancheng.standards.wording import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A share with its target (``target`` at least; ``goal`` is what one strives for), None where none is set."""

    code: str
    name: Text
    numerator: Text
    denominator: Text
    target: Fraction | None
    goal: Fraction | None
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A share as counted. ``rate`` and ``is_met`` are None where there was nothing to count."""

    ratio: Ratio
    numerator: int
    denominator: int
    rate: Fraction | None
    is_met: bool | None
    text: Text


def ratio_of(row: Mapping[str, str]) -> Ratio:
    """A row of a data file; ``target`` and ``goal`` stand in per cent."""

    def share(cell: str) -> Fraction | None:
        return Fraction(Decimal(cell)) / 100 if cell else None

    return Ratio(
        code=row["code"],
        name=text_of(row),
        numerator=text_of(row, "numerator"),
        denominator=text_of(row, "denominator"),
        target=share(row["target"]),
        goal=share(row["goal"]),
        mark=row["mark"],
    )


def measure(ratio: Ratio, numerator: int, denominator: int) -> Measured:
    """The share. Nothing of nothing is no share and neither good nor bad.

    :raises BadInput: a negative count, or a part that exceeds its whole.
    """
    whole("denominator", denominator)
    whole("numerator", numerator)
    if numerator > denominator:
        raise BadInput("numerator", Text("分子大于分母", "The part exceeds the whole"))
    if not denominator:
        text = Text(
            f"{ratio.name.zh}：没有{ratio.denominator.zh}，不计算",
            f"{ratio.name.en}: there are no {ratio.denominator.en.lower()}, so there is no share",
        )
        return Measured(ratio=ratio, numerator=numerator, denominator=denominator, rate=None, is_met=None, text=text)
    rate = Fraction(numerator, denominator)
    met = None if ratio.target is None else rate >= ratio.target
    aim_zh = aim_en = ""
    if ratio.target is not None:
        aim_zh = f"，目标不低于{percent(ratio.target)}，{'达到' if met else '未达到'}"
        aim_en = f", target at least {percent(ratio.target)}: {'met' if met else 'missed'}"
    text = Text(
        f"{ratio.name.zh}：{numerator}/{denominator}＝{percent(rate)}{aim_zh}",
        f"{ratio.name.en}: {numerator}/{denominator} = {percent(rate)}{aim_en}",
    )
    return Measured(ratio=ratio, numerator=numerator, denominator=denominator, rate=rate, is_met=met, text=text)
