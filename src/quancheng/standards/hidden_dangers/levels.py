"""Level, terms, plan and repetition of a hidden danger (隐患分级、期限、五落实、重复).

A general danger (一般) does little harm and can be removed soon; a major one (重大) does much harm, is hard to remove,
needs a stop and some time, or cannot be removed by the unit alone: in practice a criterion is met. Which one is met a
person says; what follows from it is computed here. The inner grade 较大 stays a grade of general dangers and is never
uploaded.

Source: order 16 of the former work safety administration, Work Safety Law [G]; numbers marked D are ours.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache

from quancheng.standards.hidden_dangers.criteria import Criterion, criteria, known_criterion
from quancheng.standards.hidden_dangers.data import both, rows
from quancheng.standards.hidden_dangers.fire import count_elements
from quancheng.standards.wording import Text


class Level(StrEnum):
    """Official level (隐患级别)."""

    GENERAL = "general"
    MAJOR = "major"

    @property
    def upload(self) -> int:
        """As the exchange spec writes it."""
        return 1 if self is Level.MAJOR else 0

    @property
    def word(self) -> Text:
        return Text("重大", "Major") if self is Level.MAJOR else Text("一般", "General")


class Grade(StrEnum):
    """How serious a failure of a checklist's item is by its nature (固有等级), the least first."""

    LOW = "low"
    GENERAL = "general"
    SERIOUS = "serious"
    MAJOR = "major"

    @property
    def word(self) -> Text:
        return _GRADE_WORDS[self]

    @property
    def proposed(self) -> Level:
        """The level that it proposes; major only after a person confirmed it."""
        return Level.MAJOR if self is Grade.MAJOR else Level.GENERAL

    @property
    def needs_photo(self) -> bool:
        """Whether a failure asks for at least one photo."""
        return self in (Grade.SERIOUS, Grade.MAJOR)


_GRADE_WORDS = {
    Grade.LOW: Text("低", "Low"),
    Grade.GENERAL: Text("一般", "General"),
    Grade.SERIOUS: Text("较大", "Serious"),
    Grade.MAJOR: Text("重大", "Major"),
}


@dataclass(frozen=True, slots=True)
class Levelled:
    """A level with what it rests on and what is doubtful."""

    level: Level
    because: tuple[Text, ...]
    doubts: tuple[Text, ...]


def level_of(
    met: Iterable[str | Criterion], *, on: date, fire_place: str | None = None, other_elements: int = 0
) -> Levelled:
    """The level that follows from the criteria that a person found met.

    One direct criterion makes it major. Elements of the fire rules do so where enough of them came together in a place
    (:mod:`~quancheng.standards.hidden_dangers.fire`); priority issues never do.

    :param met: codes of criteria that ship, or criteria as a district's register words them; an element of the
        district's own counts among the others.
    :param fire_place: kind of place, needed to count elements; without it they leave a doubt.
    :raises ValueError: an unknown code or place.
    """
    known = list({one.code: one for one in (_criterion(each) for each in met)}.values())
    because = [Text(f"符合{one.code}：{one.text.zh}", f"{one.code} is met: {one.text.en}")
               for one in known if one.kind == "direct"]  # fmt: skip
    doubts: list[Text] = []
    elements = [one.code for one in known if one.kind == "element"]
    own = [code for code in elements if code not in criteria()]
    if elements and fire_place is None:
        doubts.append(Text("综合判定要素须按场所类别合计，尚未说明场所类别",
                           "Comprehensive elements count by the kind of place, which is not told"))  # fmt: skip
    elif fire_place is not None:
        shipped = [code for code in elements if code not in own]
        count = count_elements(shipped, others=other_elements + len(own), place=fire_place, on=on)
        doubts += count.doubts
        if count.reaches:
            because += count.steps
    return Levelled(Level.MAJOR if because else Level.GENERAL, tuple(because), tuple(doubts))


def _criterion(one: str | Criterion) -> Criterion:
    return known_criterion(one) if isinstance(one, str) else one


# Terms -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limit:
    """A term, share or number of times.

    :ivar subject: state, report, listing or term.
    :ivar unit: hours, days, working_days, years, share, times, day_of_month, day_of_january, or written (no number).
    """

    code: str
    subject: str
    text: Text
    amount: Decimal | None
    unit: str
    mark: str
    note: Text


@cache
def limits() -> dict[str, Limit]:
    """All terms that ship, by code."""
    return {
        row["code"]: Limit(
            row["code"], row["subject"], both(row), Decimal(row["amount"]) if row["amount"] else None, row["unit"],
            row["mark"], both(row, "note", "note_en"),
        )
        for row in rows("danger_limits")
    }  # fmt: skip


#: Colours of risk of the place, the least first.
COLOURS = ("blue", "yellow", "orange", "red")


def default_deadline(
    level: Level, *, found_at: datetime, colour: str = "blue", is_measure_failed: bool = False
) -> datetime | None:
    """The day and hour by which a general danger should be removed, unless somebody sets another [D].

    Blue and yellow risk: 7 days; orange: 3 days; red: 24 hours where a control measure failed, else as orange. A
    district may change the table. None for a major one: its plan sets the term.

    :param found_at: aware time.
    :raises ValueError: unknown colour.
    """
    if colour not in COLOURS:
        raise ValueError(f"no colour {colour!r}; there are {', '.join(COLOURS)}")
    if level is Level.MAJOR:
        return None
    code = "ORANGE" if colour == "red" and not is_measure_failed else colour.upper()
    limit = limits()[f"GENERAL_{code}"]
    amount = int(limit.amount or 0)
    return found_at + (timedelta(hours=amount) if limit.unit == "hours" else timedelta(days=amount))


@dataclass(frozen=True, slots=True)
class Rung:
    """What follows at a number of days past the deadline; below nought before it. ``level`` empty for any."""

    code: str
    level: str
    days: int
    colour: str
    text: Text
    mark: str


@cache
def ladder() -> tuple[Rung, ...]:
    """The ladder of what is late [D], the earliest first."""
    those = [
        Rung(row["code"], row["level"], int(row["days"]), row["colour"], both(row), row["mark"])
        for row in rows("danger_ladder")
    ]
    return tuple(sorted(those, key=lambda one: (one.days, one.level)))


def rungs_due(*, days_late: int, level: Level) -> tuple[Rung, ...]:
    """The rungs reached, the earliest first. ``days_late`` is below nought before the deadline."""
    return tuple(one for one in ladder() if one.days <= days_late and one.level in ("", level.value))


def colour_of(*, days_late: int, level: Level) -> str:
    """The colour of what is late: that of the gravest rung reached; empty while none has one."""
    order = ("", "yellow", "orange", "red")
    return max((one.colour for one in rungs_due(days_late=days_late, level=level)), key=order.index, default="")


@dataclass(frozen=True, slots=True)
class PenaltyHint:
    """What law threatens: a hint beside the danger, to be checked before use [G]."""

    code: str
    text: Text
    basis: str
    mark: str


@cache
def penalty_hints() -> tuple[PenaltyHint, ...]:
    """All hints in their order."""
    return tuple(PenaltyHint(row["code"], both(row), row["basis"], row["mark"]) for row in rows("danger_penalties"))


# The five implementations ----------------------------------------------------------------------------------------

#: What interim measures may be (临时措施).
INTERIM: dict[str, Text] = {
    "stop": Text("停用、停产", "stop"),
    "limit": Text("限量、限产、限速", "limit"),
    "evacuate": Text("撤人、清场", "evacuate"),
    "watch": Text("专人盯守", "watch"),
    "monitor": Text("监测", "monitor"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan of treatment (治理方案). Texts may be empty; ``money`` is in yuan, None where nobody said.

    The first six fields are the five implementations (五落实: 措施、责任、资金、时限、预案); a major danger's plan has
    six parts: goal and task; method and measures; money and material; responsible body and person; time limit and
    requirement; safety measures and emergency plan.
    """

    measures: str = ""
    person: str = ""
    money: Decimal | None = None
    money_note: str = ""
    due_date: date | None = None
    emergency_plan: str = ""
    goal: str = ""
    materials: str = ""
    body: str = ""
    requirements: str = ""
    safety_measures: str = ""
    interim: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """A field of the plan that must be filled, and to which of the five or six parts it belongs."""

    field: str
    name: Text
    part: Text


_FIVE = (
    ("measures", Text("整改措施", "Measures"), Text("措施", "Measures")),
    ("person", Text("整改责任人", "Responsible person"), Text("责任", "Responsibility")),
    ("money", Text("整改资金", "Money"), Text("资金", "Money")),
    ("due_date", Text("整改期限", "Time limit"), Text("时限", "Time limit")),
    ("emergency_plan", Text("应急预案", "Emergency plan"), Text("预案", "Emergency plan")),
)
_SIX = (
    ("goal", Text("治理的目标和任务", "Goal and task"), Text("目标和任务", "Goal and task")),
    ("measures", Text("采取的方法和措施", "Method and measures"), Text("方法和措施", "Method and measures")),
    ("money", Text("经费", "Money"), Text("经费和物资", "Money and material")),
    ("materials", Text("物资", "Material"), Text("经费和物资", "Money and material")),
    ("body", Text("负责治理的机构", "Responsible body"), Text("机构和人员", "Body and person")),
    ("person", Text("负责治理的人员", "Responsible person"), Text("机构和人员", "Body and person")),
    ("due_date", Text("治理的时限", "Time limit"), Text("时限和要求", "Time limit and requirement")),
    ("requirements", Text("治理的要求", "Requirements"), Text("时限和要求", "Time limit and requirement")),
    ("safety_measures", Text("安全措施", "Safety measures"), Text("安全措施和应急预案", "Safety and emergency")),
    ("emergency_plan", Text("应急预案", "Emergency plan"), Text("安全措施和应急预案", "Safety and emergency")),
)
_INTERIM_GAP = Gap("interim", Text("临时管控措施（停、限、撤、盯、测）", "Interim measures"),
                   Text("措施", "Measures"))  # fmt: skip
_MONEY_NOTE = Gap("money_note", Text("资金为零的说明", "Why no money is needed"), Text("资金", "Money"))


def missing(plan: Plan, *, level: Level) -> tuple[Gap, ...]:
    """What the plan lacks: one of the five, for a major danger one of the six parts and interim measures.

    Money may be nought only with a note.

    :raises ValueError: money below nought, or an unknown interim measure.
    """
    if plan.money is not None and plan.money < 0:
        raise ValueError("money is not negative")
    if unknown := sorted(set(plan.interim) - set(INTERIM)):
        raise ValueError(f"no interim measures: {', '.join(unknown)}; there are {', '.join(INTERIM)}")
    values = {one.name: getattr(plan, one.name) for one in fields(plan)}
    asked = _SIX if level is Level.MAJOR else _FIVE
    gaps = [Gap(name, label, part) for name, label, part in asked if _is_empty(values[name])]
    if plan.money == 0 and _is_empty(plan.money_note):
        gaps.append(_MONEY_NOTE)
    if level is Level.MAJOR and not plan.interim:
        gaps.append(_INTERIM_GAP)
    return tuple(gaps)


def is_complete(plan: Plan, *, level: Level) -> bool:
    """Whether treatment may begin. :raises ValueError: as :func:`missing`."""
    return not missing(plan, level=level)


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


# Repetition and doubles ------------------------------------------------------------------------------------------

#: Months within which the like is a repetition [D].
REPEAT_MONTHS = 12
#: How often a repeated danger counts when units are scored [D].
REPEAT_WEIGHT = 2
#: Days within which the like from another channel is the same danger [D].
DUPLICATE_DAYS = 90


@dataclass(frozen=True, slots=True)
class Seen:
    """A danger as far as it is compared; texts that are empty are not known. ``found`` is the day it was found."""

    unit: str
    place: str
    found: date
    criterion: str = ""
    item: str = ""


def is_repeat(later: Seen, earlier: Seen) -> bool:
    """Whether the later one repeats the earlier: same unit, item (or criterion) and place within 12 months [D].

    The day a year on still counts; the same day does not repeat itself.
    """
    return _is_alike(later, earlier) and earlier.found < later.found <= _months_on(earlier.found, REPEAT_MONTHS)


def repeats_since(found: date) -> date:
    """The first day on which an earlier danger may have been found that one found on ``found`` repeats."""
    return _months_on(found, -REPEAT_MONTHS)


def weight_of(*, is_repeated: bool) -> int:
    """How often a danger counts where units are scored."""
    return REPEAT_WEIGHT if is_repeated else 1


def raised(grade: Grade) -> Grade:
    """The grade of a repeated danger: one higher; the highest stays. Major is a proposal all the same."""
    order = list(Grade)
    return order[min(order.index(grade) + 1, len(order) - 1)]


def duplicate_key(seen: Seen) -> tuple[str, str, str] | None:
    """What the same danger from two channels has in common: unit, criterion and place; None where one is not known."""
    key = (seen.unit, seen.criterion, seen.place)
    return key if all(key) else None


def is_duplicate(one: Seen, other: Seen) -> bool:
    """Whether two findings are one danger: the same key within 90 days of one another [D]. A person merges them."""
    key = duplicate_key(one)
    return key is not None and key == duplicate_key(other) and abs((one.found - other.found).days) <= DUPLICATE_DAYS


def _is_alike(one: Seen, other: Seen) -> bool:
    if not one.unit or not one.place or (one.unit, one.place) != (other.unit, other.place):
        return False
    return bool(one.item and one.item == other.item) or bool(one.criterion and one.criterion == other.criterion)


def _months_on(start: date, months: int) -> date:
    """The same day some months on, or the month's last day where it has no such day."""
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))
