"""Safety expenses (企业安全生产费用): what an enterprise must set aside, by the rate table of its trade."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache

from quancheng.standards.enterprise_classes import DATA, known_class
from quancheng.standards.wording import Text, weakest

#: Trades of the rate table by code.
INDUSTRIES: dict[str, Text] = {
    "hazardous_goods": Text("危险品生产与储存", "Production and storage of dangerous goods"),
    "freight": Text("普通货运", "Ordinary freight"),
    "special_transport": Text("客运、管道运输、危险品运输", "Passengers, pipelines, dangerous goods"),
    "fireworks": Text("烟花爆竹生产", "Production of fireworks"),
}

#: What the money may be used for, by code [G].
USES: dict[str, Text] = {
    "facilities": Text("安全防护设施设备", "Protective facilities"),
    "emergency": Text("应急装备、物资和演练", "Emergency gear and drills"),
    "rectification": Text(
        "重大危险源和隐患的评估、监控、整改", "Assessment and rectification of major hazards and dangers"
    ),
    "evaluation": Text("检查、评价、咨询、标准化", "Inspection, evaluation, consulting, standardization"),
    "protection": Text("劳动防护用品", "Personal protection"),
    "training": Text("宣传教育培训", "Training"),
    "technology": Text("新技术、信息化", "New technology and information systems"),
    "tests": Text("设备设施检测检验", "Tests"),
    "insurance": Text("安全生产责任保险", "Insurance"),
    "other": Text("其他与安全生产直接相关的支出", "Other"),
}

#: Setting aside may be suspended once the balance is this many times last year's due amount [G].
SUSPENSION_TIMES = 3

#: Which trade a class of enterprise falls under, and what is doubtful about it.
_TRADE_OF: dict[str, tuple[str, Text | None]] = {
    "producer": ("hazardous_goods", None),
    "fine_chemical": ("hazardous_goods", None),
    "depot": ("hazardous_goods", None),
    "trader_storage": ("hazardous_goods", None),
    "petrol_station": (
        "hazardous_goods",
        Text("加油站通常按危险品储存对待，须核实", "Petrol stations are often counted as storage; to be verified"),
    ),
    "gas_filling": (
        "hazardous_goods",
        Text("充装站按危险品储存对待，须核实", "Counted as storage; to be verified"),
    ),
    "carrier": ("special_transport", None),
    "pipeline": ("special_transport", None),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """One part of revenue (yuan, above the first and up to the second bound) and its rate."""

    industry: str
    above: Decimal
    up_to: Decimal | None
    rate: Decimal
    valid_from: date
    valid_to: date | None
    document: str
    mark: str


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the calculation: so much of the revenue at this rate gives this amount (yuan)."""

    base: Decimal
    rate: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class DueAmount:
    """What is due for a year and how it came about; ``mark`` is the weakest of the rates that were used."""

    industry: str
    revenue: Decimal
    amount: Decimal
    steps: tuple[Step, ...]
    document: str
    mark: str

    @property
    def monthly(self) -> Decimal:
        """A twelfth, rounded to cents; the last month takes what the rounding leaves."""
        return _cents(self.amount / 12)


@cache
def rates() -> tuple[Rate, ...]:
    """The rate tables, those replaced too."""
    with (DATA / "safety_expense.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Rate(
                industry=row["industry"],
                above=Decimal(row["above"]),
                up_to=Decimal(row["up_to"]) if row["up_to"] else None,
                rate=Decimal(row["rate"]),
                valid_from=date.fromisoformat(row["valid_from"]),
                valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                document=row["document"],
                mark=row["mark"],
            )
            for row in csv.DictReader(file)
        )


def industry_of(enterprise_class: str) -> tuple[str, Text | None] | None:
    """The trade by whose rates a class of enterprise sets aside, and what is doubtful about that; None when the
    table has none for it. ValueError for an unknown class."""
    known_class(enterprise_class)
    return _TRADE_OF.get(enterprise_class)


def due_amount(
    industry: str, revenue: Decimal | int | str, *, on: date, table: Iterable[Rate] | None = None
) -> DueAmount:
    """What is due for the year of ``on`` from last year's revenue in yuan, part by part.

    ``table`` replaces the rates that ship. ValueError for an unknown trade, for revenue that is no number from 0,
    and when no rate was in force that day.
    """
    if industry not in INDUSTRIES:
        raise ValueError(f"no trade {industry!r}; there are {', '.join(INDUSTRIES)}")
    money = _money(revenue, "revenue")
    parts = [
        rate
        for rate in (rates() if table is None else table)
        if rate.industry == industry and rate.valid_from <= on and (rate.valid_to is None or on <= rate.valid_to)
    ]
    if not parts:
        raise ValueError(f"no rates of {industry} in force on {on}")
    parts.sort(key=lambda rate: rate.above)
    steps = []
    for part in parts:
        top = money if part.up_to is None else min(money, part.up_to)
        if top > part.above:
            base = top - part.above
            steps.append(Step(base, part.rate, _cents(base * part.rate)))
    amount = sum((step.amount for step in steps), Decimal(0))
    used = parts[: len(steps)] or parts
    return DueAmount(industry, money, amount, tuple(steps), parts[0].document, weakest(*(rate.mark for rate in used)))


def may_suspend(balance: Decimal | int | str, last_due: Decimal | int | str) -> bool:
    """Whether setting aside may be suspended: the balance reaches three times last year's due amount [G].
    ValueError for what is no amount from 0."""
    last = _money(last_due, "last year's due amount")
    return last > 0 and _money(balance, "balance") >= SUSPENSION_TIMES * last


def use_rate(used: Decimal | int | str, due: Decimal | int | str) -> Decimal | None:
    """Used over due as a fraction (1 is all of it); None when nothing was due. ValueError for what is no amount
    from 0.
    """
    owed = _money(due, "due amount")
    return None if not owed else (_money(used, "used amount") / owed).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _money(value: Decimal | int | str, what: str) -> Decimal:
    try:
        money = Decimal(str(value).replace(",", ""))
    except InvalidOperation:
        raise ValueError(f"{what} is an amount in yuan from 0, not {value!r}") from None
    if not money.is_finite() or money < 0:
        raise ValueError(f"{what} is an amount in yuan from 0, not {value!r}")
    return money


def _cents(money: Decimal) -> Decimal:
    return money.quantize(Decimal("0.01"), ROUND_HALF_UP)
