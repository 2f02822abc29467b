"""Weekly running effect of dual prevention (双重预防机制运行效果): E = (A + B) × α.

A = 50 × tasks done / planned − P_bb, B = 50 × hidden dangers accepted / due − P_few, each not below 0; α is 0 where a
veto applies. Formula [V]; deductions, vetoes and counting [D]; grades [G]: all are parameters or data. A week is
Monday 0:00 to Sunday 24:00. Tasks that a record of stoppage covers are not planned ones.

Enterprises are never to be ranked by the number of hidden dangers that they report: P_few makes hiding them a loss, the
flags of check records make inventing them one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache

from quancheng.standards.gb18218.numbers import plain
from quancheng.standards.risk.basis import BadInput, Step, rounded, table, text_of, whole
from quancheng.standards.risk.guarantors import ROLES
from quancheng.standards.risk.ratios import Measured, Ratio, measure, ratio_of
from quancheng.standards.wording import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a district may set. ``main``, ``technical`` and ``operation`` are points per missed duty of that person,
    together at most ``duties_cap``. Registered hidden dangers per major hazard in four weeks: none costs ``few_none``,
    fewer than ``few_enough`` cost ``few_some``. Grades begin at ``excellent``, ``good``, ``medium``.

    :raises BadInput: a negative number; limits that do not fall; more for some dangers than for none.
    """

    tasks_weight: int = 50
    dangers_weight: int = 50
    main: int = 3
    technical: int = 2
    operation: int = 1
    duties_cap: int = 20
    few_none: int = 10
    few_some: int = 5
    few_enough: int = 2
    excellent: int = 90
    good: int = 80
    medium: int = 60

    def __post_init__(self) -> None:
        for name in self.__slots__:
            whole(name, getattr(self, name), high=100)
        if not 0 < self.medium < self.good < self.excellent <= self.tasks_weight + self.dangers_weight:
            raise BadInput("excellent", Text("优、良、中的下限应依次递减", "The limits of grades must fall"))
        if self.few_some > self.few_none:
            raise BadInput("few_some", Text("隐患偏少的扣分不应多于没有隐患", "Few must not cost more than none"))


DEFAULT = Parameters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The counts of a week. ``planned``: task instances due in it, ``done`` of them. ``duties_missed``: by role, how
    many due tasks of the responsible persons' lists were not done (each person, each number). ``due``: hidden dangers
    with a deadline in the week or before that were not accepted before the week, ``accepted`` of them by its end.
    ``registered_4w``: hidden dangers registered in the last four weeks, ``hazards``: major hazards.

    :raises BadInput: a negative count, a part beyond its whole, an unknown role or veto.
    """

    planned: int
    done: int
    due: int
    accepted: int
    registered_4w: int
    hazards: int
    duties_missed: Mapping[str, int] = field(default_factory=dict)
    vetoes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("planned", "due", "registered_4w", "hazards"):
            whole(name, getattr(self, name))
        whole("done", self.done, high=self.planned)
        whole("accepted", self.accepted, high=self.due)
        for role, missed in self.duties_missed.items():
            if role not in ROLES:
                raise BadInput("duties_missed", Text("没有这一责任人", "There is no such person"))
            whole(f"duties_missed.{role}", missed)
        if unknown := set(self.vetoes) - {veto.code for veto in vetoes()}:
            raise BadInput("vetoes", Text(f"没有否决项{min(unknown)}", f"There is no veto {min(unknown)}"))


@dataclass(frozen=True, slots=True)
class Veto:
    """A case that makes E nought (否决项)."""

    code: str
    text: Text
    mark: str


@dataclass(frozen=True, slots=True)
class Grade:
    """A running grade with its colour word. These colours have green; risk colours have not."""

    code: str
    name: Text
    colour_word: Text
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What would raise E, by how much if done alone. ``waits_for_veto``: only after the veto is gone."""

    code: str
    text: Text
    gain: Fraction
    waits_for_veto: bool

    @property
    def shown(self) -> Decimal:
        """The gain with one decimal."""
        return rounded(self.gain)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningResult:
    """E with its parts. ``e`` is exact and decides the grade, ``shown`` is cut to one decimal. ``measures`` stand with
    the greatest gain first.
    """

    e: Fraction
    shown: Decimal
    a: Fraction
    b: Fraction
    alpha: int
    p_bb: int
    p_few: int
    grade: Grade
    steps: tuple[Step, ...]
    measures: tuple[Measure, ...]
    doubts: tuple[Text, ...]
    mark: str


@cache
def vetoes() -> tuple[Veto, ...]:
    """V1 to V4."""
    return tuple(Veto(row["code"], text_of(row), row["mark"]) for row in table("running_vetoes"))


@cache
def grades() -> dict[str, Grade]:
    """The grades by code, best first."""
    return {
        row["code"]: Grade(row["code"], text_of(row), text_of(row, "colour"), row["mark"])
        for row in table("running_grades")
    }


def grade_of(e: Fraction | Decimal | int, parameters: Parameters = DEFAULT) -> Grade:
    """The grade of an E."""
    for code in ("excellent", "good", "medium"):
        if e >= getattr(parameters, code):
            return grades()[code]
    return grades()["poor"]


def evaluate(week: Week, *, parameters: Parameters = DEFAULT) -> RunningResult:
    """E of an enterprise in a week. A ratio of nothing is 1. Without major hazards nobody can report too few."""
    parts = _parts(week, parameters)
    alpha = 0 if week.vetoes else 1
    e = (parts.a + parts.b) * alpha
    doubts: list[Text] = []
    if not week.planned:
        doubts.append(Text("本周没有应完成的任务，完成率按100%", "No task was due this week: counted as all done"))
    if not week.hazards:
        doubts.append(
            Text("没有重大危险源，不计隐患过少扣分", "No major hazard: nothing is taken off for too few hidden dangers")
        )
    grade = grade_of(e, parameters)
    return RunningResult(
        e=e,
        shown=rounded(e),
        a=parts.a,
        b=parts.b,
        alpha=alpha,
        p_bb=parts.p_bb,
        p_few=parts.p_few,
        grade=grade,
        steps=_steps(week, parameters, parts, alpha, e, grade),
        measures=_measures(week, parameters),
        doubts=tuple(doubts),
        mark="D",
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    a: Fraction
    b: Fraction
    p_bb: int
    p_few: int


def _parts(week: Week, parameters: Parameters) -> _Parts:
    missed = sum(getattr(parameters, role) * count for role, count in week.duties_missed.items())
    p_bb = min(missed, parameters.duties_cap)
    p_few = 0
    if week.hazards:
        if not week.registered_4w:
            p_few = parameters.few_none
        elif week.registered_4w < parameters.few_enough * week.hazards:
            p_few = parameters.few_some
    done = Fraction(week.done, week.planned) if week.planned else Fraction(1)
    accepted = Fraction(week.accepted, week.due) if week.due else Fraction(1)
    nought = Fraction(0)
    return _Parts(
        max(nought, parameters.tasks_weight * done - p_bb),
        max(nought, parameters.dangers_weight * accepted - p_few),
        p_bb,
        p_few,
    )


def _steps(
    week: Week, parameters: Parameters, parts: _Parts, alpha: int, e: Fraction, grade: Grade
) -> tuple[Step, ...]:
    a, b, shown = plain(rounded(parts.a)), plain(rounded(parts.b)), plain(rounded(e))
    steps = [
        Step(
            code="A",
            text=Text(
                f"A＝{parameters.tasks_weight}×{week.done}/{week.planned}－{parts.p_bb}＝{a}"
                f"（任务完成，包保履职扣{parts.p_bb}分）",
                f"A = {parameters.tasks_weight} × {week.done}/{week.planned} − {parts.p_bb} = {a} "
                f"(tasks done; {parts.p_bb} off for missed duties)",
            ),
            value=rounded(parts.a),
            mark="V",
        ),
        Step(
            code="B",
            text=Text(
                f"B＝{parameters.dangers_weight}×{week.accepted}/{week.due}－{parts.p_few}＝{b}"
                f"（隐患整改，隐患过少扣{parts.p_few}分）",
                f"B = {parameters.dangers_weight} × {week.accepted}/{week.due} − {parts.p_few} = {b} "
                f"(hidden dangers rectified; {parts.p_few} off for too few)",
            ),
            value=rounded(parts.b),
            mark="V",
        ),
    ]
    steps += [
        Step(
            code=veto.code,
            text=Text(f"否决：{veto.text.zh}", f"Veto: {veto.text.en}"),
            value=Decimal(0),
            mark=veto.mark,
        )
        for veto in vetoes()
        if veto.code in week.vetoes
    ]
    steps.append(
        Step(
            code="E",
            text=Text(
                f"E＝（{a}＋{b}）×{alpha}＝{shown}，{grade.name.zh}（{grade.colour_word.zh}）",
                f"E = ({a} + {b}) × {alpha} = {shown}, {grade.name.en} ({grade.colour_word.en})",
            ),
            value=rounded(e),
            mark="V",
        )
    )
    return tuple(steps)


def _measures(week: Week, parameters: Parameters) -> tuple[Measure, ...]:
    """Each thing that is missing, done alone. With a veto, what it would bring once the veto is gone."""
    free = replace(week, vetoes=())
    start = _sum(free, parameters)
    found = []
    if week.vetoes:
        named = "、".join(week.vetoes)
        text = Text(f"消除否决项{named}", f"Remove the veto: {', '.join(week.vetoes)}")
        found.append(Measure(code="VETO", text=text, gain=start, waits_for_veto=False))
    left = week.planned - week.done
    for role, missed in week.duties_missed.items():
        better = replace(free, done=week.done + min(missed, left), duties_missed={**week.duties_missed, role: 0})
        name = ROLES[role]
        text = Text(f"完成{name.zh}未履职的{missed}项任务", f"Do the {missed} missed tasks of the {name.en.lower()}")
        found.append(_gain(f"DUTY_{role}", text, better, start, parameters, week))
    others = left - sum(week.duties_missed.values())
    if others > 0:
        text = Text(f"完成其余{others}项排查任务", f"Do the other {others} inspection tasks")
        found.append(_gain("TASKS", text, replace(free, done=week.done + others), start, parameters, week))
    if week.accepted < week.due:
        count = week.due - week.accepted
        text = Text(f"完成{count}项到期隐患的整改验收", f"Rectify and accept {count} hidden dangers that are due")
        found.append(_gain("DANGERS", text, replace(free, accepted=week.due), start, parameters, week))
    enough = parameters.few_enough * week.hazards
    if week.registered_4w < enough:
        count = enough - week.registered_4w
        text = Text(
            f"认真排查：四周内每处重大危险源登记的隐患不足{parameters.few_enough}项（差{count}项）",
            f"Inspect in earnest: fewer than {parameters.few_enough} hidden dangers per major hazard were registered "
            f"in four weeks ({count} short)",
        )
        found.append(_gain("FEW", text, replace(free, registered_4w=enough), start, parameters, week))
    return tuple(sorted((one for one in found if one.gain > 0), key=lambda one: (-one.gain, one.code)))


def _gain(code: str, text: Text, better: Week, start: Fraction, parameters: Parameters, week: Week) -> Measure:
    gain = _sum(better, parameters) - start
    return Measure(code=code, text=text, gain=gain, waits_for_veto=bool(week.vetoes))


def _sum(week: Week, parameters: Parameters) -> Fraction:
    parts = _parts(week, parameters)
    return parts.a + parts.b


@cache
def indicators() -> dict[str, Ratio]:
    """Coverage and quality indicators that stand beside E [D]."""
    return {row["code"]: ratio_of(row) for row in table("running_indicators")}


def indicator(code: str, numerator: int, denominator: int) -> Measured:
    """One indicator. KeyError for an unknown one; BadInput for counts that cannot be."""
    return measure(indicators()[code], numerator, denominator)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekGrade:
    """The grade of an enterprise in a week, named by its Monday. ``is_forged``: forging was confirmed.

    :raises BadInput: a day that is no Monday, or an unknown grade.
    """

    monday: date
    grade: str
    is_vetoed: bool = False
    is_forged: bool = False

    def __post_init__(self) -> None:
        if self.monday.weekday():
            raise BadInput("monday", Text("应为星期一", "must be a Monday"))
        if self.grade not in grades():
            raise BadInput("grade", Text("没有这一等级", "There is no such grade"))


@dataclass(frozen=True, slots=True)
class Action:
    """What a regulator does after so many weeks in a row."""

    code: str
    grade: str
    weeks: int
    text: Text
    mark: str


@cache
def actions() -> tuple[Action, ...]:
    """All of them [D]."""
    return tuple(
        Action(row["code"], row["grade"], int(row["weeks"]), text_of(row), row["mark"])
        for row in table("regulator_actions")
    )


def regulator_actions(weeks: Sequence[WeekGrade]) -> tuple[Action, ...]:
    """What follows for a regulator from the latest of some weeks, in any order. A week that is missing breaks a row; a
    veto is as grave as three poor weeks. BadInput for a week that stands twice.
    """
    known = {action.code: action for action in actions()}
    by_monday = {week.monday: week for week in weeks}
    if len(by_monday) != len(weeks):
        raise BadInput("weeks", Text("同一周有两条结果", "A week stands twice"))
    if not weeks:
        return ()
    latest = by_monday[max(by_monday)]
    row, monday = 0, latest.monday
    while monday in by_monday and by_monday[monday].grade == latest.grade:
        row, monday = row + 1, monday - timedelta(days=7)
    found = [action for action in actions() if action.grade == latest.grade and row >= action.weeks]
    # The rungs for poor weeks replace each other.
    found = found[-1:]
    if latest.is_vetoed:
        found = [known["VISIT"]]
    if latest.is_forged:
        found.append(known["ENFORCE"])
    return tuple(found)


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of the statistics week of a day."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)
