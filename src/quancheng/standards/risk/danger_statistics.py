"""Statistics of hidden dangers (隐患统计): each indicator as a formula over counts, periods and their comparison.

Names are the usual ones [G], formulas ours [D]. An indicator whose whole is nought has no value and says why: it is
neither good nor bad. A high share of enterprises without any hidden danger is suspicious, not good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from statistics import median

from quancheng.standards.gb18218.numbers import plain
from quancheng.standards.risk.basis import (
    BadInput,
    choice,
    months_later,
    number,
    percent,
    rounded,
    table,
    text_of,
    whole,
)
from quancheng.standards.wording import Text

#: What is counted, for one group (region, trade, source) and period. Parts belong to their whole: what is closed was
#: found in the same period. Days are sums over the hidden dangers meant, money is in 万元.
COUNTS: dict[str, Text] = {
    "units": Text("企业总数", "Enterprises"),
    "units_checked": Text("排查企业数", "Enterprises checked"),
    "units_without": Text("当期没有隐患的企业数", "Enterprises without a hidden danger in the period"),
    "checks": Text("检查次数", "Checks"),
    "found": Text("发现隐患数", "Hidden dangers found"),
    "found_general": Text("其中一般隐患", "of them general"),
    "found_major": Text("其中重大隐患", "of them major"),
    "found_by_enterprise": Text("其中企业自查发现", "of them found by the enterprise"),
    "found_major_by_enterprise": Text("企业自查发现的重大隐患", "Major ones found by the enterprise"),
    "repeated": Text("重复隐患数", "Repeated"),
    "scored": Text("计分隐患数（重复的计两次）", "Counted for scores, repeated ones twice"),
    "closed": Text("发现的隐患中已销号", "Of those found, closed"),
    "closed_major": Text("发现的重大隐患中已销号", "Of the major ones found, closed"),
    "closed_on_time": Text("到期隐患中按期销号", "Of those due, closed on or before the deadline"),
    "closing_days": Text("登记至销号天数合计", "Days from registration to closing, summed"),
    "due": Text("当期到期隐患数", "Due in the period"),
    "extended": Text("其中延期", "of them extended"),
    "overdue": Text("超期未整改数", "Open and overdue"),
    "overdue_days": Text("超期天数合计", "Days overdue, summed"),
    "accepted": Text("验收合格数", "Accepted"),
    "accepted_first": Text("一次验收合格数", "Accepted without a rejection"),
    "rechecked": Text("复查数", "Rechecked"),
    "recheck_failed": Text("复查不合格数", "Failed at the recheck"),
    "reports": Text("举报数", "Public reports"),
    "reports_verified": Text("核实的举报数", "Verified public reports"),
    "cost_wan_yuan": Text("整改资金（万元）", "Cost, 10,000 yuan"),
    "listed": Text("挂牌数", "Listed"),
    "delisted": Text("挂牌中已摘牌", "Of those listed, removed"),
    "major_with_five": Text("五落实齐全的重大隐患数", "Major ones with all five in place"),
}
#: Kinds of indicators.
KINDS = ("count", "sum", "ratio", "mean")
#: Which way is good.
BETTER: dict[str, Text] = {
    "high": Text("越高越好", "the higher the better"),
    "low": Text("越低越好", "the lower the better"),
    "suspicious": Text("过高应核查", "suspicious if high"),
    "": Text("", ""),
}
#: Kinds of report periods.
PERIODS: dict[str, Text] = {
    "week": Text("周（周一至周日）", "Week, Monday to Sunday"),
    "month": Text("月", "Month"),
    "quarter": Text("季度", "Quarter"),
    "half_year": Text("半年", "Half-year"),
    "year": Text("年", "Year"),
}
_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One indicator: a count or sum, or a part of a whole as a share or mean. ``zero`` says what it means that the
    whole is nought. ``target`` at least, None where none is set.
    """

    code: str
    kind: str
    name: Text
    numerator: str
    denominator: str
    target: Fraction | None
    better: str
    zero: Text
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """An indicator as counted. ``value`` is None where a count is missing or the whole is nought, as ``text`` says."""

    indicator: Indicator
    value: Fraction | None
    is_met: bool | None
    text: Text


@dataclass(frozen=True, slots=True)
class Days:
    """Mean and median of days, None for none."""

    mean: Fraction | None
    median: Fraction | None


@dataclass(frozen=True, slots=True)
class Change:
    """A value against an earlier one: the difference, and the growth as a share of the earlier (None from nought)."""

    difference: Fraction | None
    growth: Fraction | None


@cache
def indicators() -> dict[str, Indicator]:
    """All indicators by code."""
    return {
        row["code"]: Indicator(
            code=row["code"],
            kind=row["kind"],
            name=text_of(row),
            numerator=row["numerator"],
            denominator=row["denominator"],
            target=Fraction(int(row["target"]), 100) if row["target"] else None,
            better=row["better"],
            zero=text_of(row, "zero"),
            mark=row["mark"],
        )
        for row in table("danger_indicators")
    }


def measure(counts: Mapping[str, int | Decimal | None]) -> tuple[Value, ...]:
    """Every indicator from the counts of a period; those whose counts are missing have no value.

    :raises BadInput: an unknown or negative count, or a part of a share that exceeds its whole.
    """
    if unknown := sorted(set(counts) - set(COUNTS)):
        raise BadInput(unknown[0], Text("没有这一统计数", "There is no such count"))
    told: dict[str, Decimal] = {}
    for code, value in counts.items():
        if value is not None:
            told[code] = number(code, value) if code == "cost_wan_yuan" else Decimal(whole(code, value))
    return tuple(_value(indicator, told) for indicator in indicators().values())


def closing_days(days: Sequence[int]) -> Days:
    """Mean and median of the days from registration to closing. BadInput for a negative one."""
    known = [whole("days", one) for one in days]
    if not known:
        return Days(None, None)
    return Days(Fraction(sum(known), len(known)), Fraction(median(map(Fraction, known))))


def period(kind: str, day: date) -> tuple[date, date]:
    """First and last day of the report period that a day lies in. BadInput for an unknown kind."""
    choice("kind", kind, PERIODS)
    if kind == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    months = _MONTHS[kind]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return first, months_later(first, months) - timedelta(days=1)


def period_before(kind: str, day: date) -> tuple[date, date]:
    """The report period before the one that a day lies in (环比)."""
    return period(kind, period(kind, day)[0] - timedelta(days=1))


def period_last_year(kind: str, day: date) -> tuple[date, date]:
    """The same period of the year before (同比): of weeks the one 52 weeks ago."""
    first = period(kind, day)[0]
    return period(kind, first - timedelta(weeks=52) if kind == "week" else months_later(first, -12))


def compare(now: Fraction | None, before: Fraction | None) -> Change:
    """A value against that of an earlier period."""
    if now is None or before is None:
        return Change(None, None)
    return Change(now - before, (now - before) / before if before else None)


def _value(indicator: Indicator, told: Mapping[str, Decimal]) -> Value:
    wanted = [one for one in (indicator.numerator, indicator.denominator) if one]
    name = indicator.name
    if missing := [code for code in wanted if code not in told]:
        zh = "、".join(COUNTS[code].zh for code in missing)
        en = ", ".join(COUNTS[code].en for code in missing)
        return _none(indicator, Text(f"{name.zh}：未统计{zh}", f"{name.en}: not counted: {en}"))
    top = Fraction(told[indicator.numerator])
    if not indicator.denominator:
        shown = plain(told[indicator.numerator])
        return Value(
            indicator=indicator, value=top, is_met=None, text=Text(f"{name.zh}：{shown}", f"{name.en}: {shown}")
        )
    below = Fraction(told[indicator.denominator])
    if indicator.kind == "ratio" and top > below:
        raise BadInput(
            indicator.numerator,
            Text(f"超过{COUNTS[indicator.denominator].zh}", f"exceeds: {COUNTS[indicator.denominator].en}"),
        )
    if not below:
        return _none(
            indicator,
            Text(f"{name.zh}：{indicator.zero.zh}，不计算", f"{name.en}: {indicator.zero.en}, so there is no value"),
        )
    value = top / below
    shown = percent(value) if indicator.kind == "ratio" else plain(rounded(value))
    met = None if indicator.target is None else value >= indicator.target
    return Value(indicator=indicator, value=value, is_met=met, text=Text(f"{name.zh}：{shown}", f"{name.en}: {shown}"))


def _none(indicator: Indicator, text: Text) -> Value:
    return Value(indicator=indicator, value=None, is_met=None, text=text)
