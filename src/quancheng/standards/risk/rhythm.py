"""Forms of screening with their least frequency (隐患排查形式和频次), and special periods with what they add.

Source: 应急〔2019〕78号, rows seen in a published summary [V], others [G]; expert rounds and extra measures are ours
[D].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from quancheng.standards.risk.basis import BadInput, choice, table, text_of
from quancheng.standards.risk.check_cycles import UNITS as CYCLE_UNITS
from quancheng.standards.risk.check_cycles import Cycle
from quancheng.standards.wording import Text

#: What a row turns on, where not every enterprise or unit has it.
NEEDS: dict[str, Text] = {
    "two_key_one_major": Text("涉及两重点一重大", "a key process, key chemical or major hazard"),
    "other_units": Text("其他装置", "other units"),
    "red_orange": Text("红色、橙色企业", "red and orange enterprises"),
    "other_colours": Text("黄色、蓝色企业", "yellow and blue enterprises"),
    "high_risk": Text("高危行业", "high-risk trades"),
    "other_trades": Text("其他行业", "other trades"),
}
#: How a row is bound: an interval of at most so long, or at least so many times.
BOUNDS: dict[str, Text] = {
    "at_most": Text("间隔不超过", "interval of at most"),
    "at_least": Text("不少于", "at least"),
}
#: Units of a rhythm; the last two are no cycle.
UNITS = ("hour", "day", "month", "year", "before_each", "at_once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form of screening: ``times`` every ``every`` of ``unit``, both None where it follows an event."""

    code: str
    form: str
    text: Text
    who: Text
    times: int | None
    every: int | None
    unit: str
    bound: str
    needs: str
    mark: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """What calls for one more round at once, or what a special period adds."""

    code: str
    text: Text
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A special period (特殊时段). ``rule``: ``fixed`` from month and day to month and day, ``spring_festival`` and
    ``lunar_sale`` counted from the day of the Spring Festival, ``given`` each year by notice.
    """

    code: str
    name: Text
    rule: str
    begins: str
    ends: str
    mark: str


@cache
def forms() -> tuple[Form, ...]:
    """All forms in order."""
    return tuple(
        Form(
            code=row["code"],
            form=row["form"],
            text=text_of(row),
            who=text_of(row, "who"),
            times=int(row["times"]) if row["times"] else None,
            every=int(row["every"]) if row["every"] else None,
            unit=row["unit"],
            bound=row["bound"],
            needs=row["needs"],
            mark=row["mark"],
        )
        for row in table("rhythm")
    )


#: Least rhythm by form and level of who checks (company, plant, workshop, team); patrols by the hour stand beside.
_LEAST = {
    ("daily", "team"): "TEAM_DAY",
    ("daily", "workshop"): "DAILY_WORKSHOP",
    ("daily", "plant"): "DAILY_PLANT",
    ("daily", "company"): "MAIN_MAJOR",
    ("seasonal", ""): "SEASONAL",
    ("comprehensive", "plant"): "COMPREHENSIVE_PLANT",
    ("comprehensive", ""): "COMPREHENSIVE_ENTERPRISE",
    ("professional", "plant"): "COMPREHENSIVE_PLANT",
    ("professional", ""): "COMPREHENSIVE_ENTERPRISE",
}
_HOURS = {"hour": 1, "day": 24, "month": 30 * 24, "year": 365 * 24}


def slower_than_least(
    cycle: Cycle, *, layer: str, form: str, is_key: bool, is_patrol: bool = False
) -> tuple[Text, ...]:
    """What a cycle is slower than, as a doubt and no refusal: the least rhythm for the level and the form.

    :param layer: ``company``, ``plant``, ``workshop``, ``team``, or empty. :param is_key: a unit with a key process,
        key chemical or major hazard. :param is_patrol: a patrol by the hour. Months count 30 days.
    """
    if is_patrol and form == "daily":
        code = "DAILY_PATROL_KEY" if is_key else "DAILY_PATROL"
    else:
        code = _LEAST.get((form, layer)) or _LEAST.get((form, ""), "")
    least = next((one for one in forms() if one.code == code), None)
    if least is None or not least.every or not least.times:
        return ()
    if float(cycle.every) * _HOURS[cycle.unit] * least.times <= least.every * _HOURS[least.unit]:
        return ()
    zh, en = CYCLE_UNITS[least.unit]
    return (
        Text(
            f"慢于最低频次“{least.text.zh}”：每{least.every}{zh}至少{least.times}次",
            f"slower than the least rhythm “{least.text.en}”: {least.times} in {least.every} {en}",
        ),
    )


@cache
def extra_rounds() -> tuple[Occasion, ...]:
    """What calls for one more round at once."""
    return tuple(Occasion(row["code"], text_of(row), row["mark"]) for row in table("extra_rounds"))


@cache
def extra_measures() -> tuple[Occasion, ...]:
    """What every special period adds."""
    return tuple(Occasion(row["code"], text_of(row), row["mark"]) for row in table("special_measures"))


@cache
def special_periods() -> dict[str, Period]:
    """All special periods by code."""
    return {
        row["code"]: Period(
            code=row["code"],
            name=text_of(row),
            rule=row["rule"],
            begins=row["from"],
            ends=row["to"],
            mark=row["mark"],
        )
        for row in table("special_periods")
    }


def dates(code: str, year: int, *, spring_festival: date | None = None) -> tuple[date, date] | None:
    """First and last day of the special period that begins in a year (around the Spring Festival of that year for those
    that count from it). None where each year's notice gives them, or where the Spring Festival is needed and not told.

    The sale season begins on the 20th of a lunar month of 29 or 30 days: the earlier of both days is taken.

    :raises BadInput: an unknown period, or a Spring Festival of another year or outside 20 January to 21 February.
    """
    period = special_periods()[choice("code", code, special_periods())]
    if period.rule == "fixed":
        (month, day), (last_month, last_day) = _month_day(period.begins), _month_day(period.ends)
        last_year = year + ((last_month, last_day) < (month, day))
        if (last_month, last_day) == (2, 28):
            return date(year, month, day), date(last_year, 3, 1) - timedelta(days=1)
        return date(year, month, day), date(last_year, last_month, last_day)
    if period.rule == "given" or spring_festival is None:
        return None
    if not date(year, 1, 20) <= spring_festival <= date(year, 2, 21):
        raise BadInput(
            "spring_festival",
            Text("春节应在该年1月20日至2月21日之间", "lies between 20 January and 21 February of the year"),
        )
    before = -11 if period.rule == "lunar_sale" else int(period.begins)
    return spring_festival + timedelta(days=before), spring_festival + timedelta(days=int(period.ends))


def in_force(on: date, spring_festivals: Mapping[int, date] | None = None) -> tuple[Period, ...]:
    """The special periods that a day lies in, of those that can be computed. ``spring_festivals`` by year."""
    found = []
    for period in special_periods().values():
        for year in (on.year - 1, on.year, on.year + 1):
            known = (spring_festivals or {}).get(year)
            span = dates(period.code, year, spring_festival=known)
            if span is not None and span[0] <= on <= span[1]:
                found.append(period)
                break
    return tuple(found)


def _month_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)
