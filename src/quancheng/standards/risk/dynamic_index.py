"""Composite early-warning index of an enterprise (企业综合风险指数): R from 0 to 100, explained by its parts.

R = max(B + (100 − B) × 0.9 × D, floor). B = 0.70 × S × M, at most 70, from the inherent risk S and the management
multiplier M: alone it never reaches red. D gathers dynamic factors d, each squashed to its cap, as 1 − Π(1 − d):
several moderate signs strengthen each other, none exceeds 1. Everything here is our design [D], no official formula; a
district tunes it by back-test and keeps :data:`MODEL_VERSION` with each warning.

What was not told is said: parts of S share the weight of those that are missing, without a management score M is 1, a
dynamic factor that is missing counts as quiet. Numbers are floats, for the formula has exponentials.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from quancheng.standards.risk.basis import BadInput, Step, choice, table, text_of, whole
from quancheng.standards.risk.colours import Colour
from quancheng.standards.wording import Text

MODEL_VERSION = "1"
#: Parts of S with their weights.
STATIC: dict[str, tuple[Text, float]] = {
    "H": (Text("重大危险源", "Major hazards"), 0.40),
    "P": (Text("工艺", "Process"), 0.25),
    "C": (Text("危险化学品", "Chemicals"), 0.20),
    "E": (Text("周边和人员暴露", "Exposure"), 0.15),
}
#: Parts of a management score that the platform works out itself, with their weights.
MANAGEMENT: dict[str, tuple[Text, float]] = {
    "checks": (Text("管控措施检查完成率", "Checks of measures done"), 25),
    "on_time": (Text("隐患按期整改率", "Rectified on time"), 25),
    "closed": (Text("闭环率", "Closed"), 20),
    "logins": (Text("三级责任人登录覆盖率", "Responsible persons logging in"), 15),
    "training": (Text("培训、演练完成率", "Training and drills done"), 15),
}
#: Half-life in days by which a management score is smoothed.
SMOOTHING_DAYS = 15.0
#: From which R a colour begins; how far below it R must stay, and for how many minutes, before it is lowered.
LIMITS = {Colour.RED: 80.0, Colour.ORANGE: 60.0, Colour.YELLOW: 40.0}
MARGIN, CALM_MIN, CALM_RED_MIN = 3.0, 30.0, 60.0
#: The colours of a warning in words: level one to four, never those of a risk grade.
WARNING_LEVELS: dict[Colour, Text] = {
    Colour.RED: Text("一级", "level 1"),
    Colour.ORANGE: Text("二级", "level 2"),
    Colour.YELLOW: Text("三级", "level 3"),
    Colour.BLUE: Text("四级", "level 4"),
}
_BASE_SHARE, _BASE_MOST, _DYNAMIC_SHARE, _SQUASH = 0.70, 70.0, 0.9, 10.0



@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a district may tune by back-test [D]. ``limits`` from which R a colour begins, by the number of the colour;
    ``weights`` of the parts of S; ``caps`` of dynamic factors, of which those left out keep the shipped one.

    :raises BadInput: limits that do not fall, a weight or cap out of range.
    """

    limits: Mapping[int, float] = field(default_factory=lambda: {int(one): value for one, value in LIMITS.items()})
    margin: float = MARGIN
    calm_min: float = CALM_MIN
    calm_red_min: float = CALM_RED_MIN
    weights: Mapping[str, float] = field(default_factory=lambda: {code: one[1] for code, one in STATIC.items()})
    caps: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        red, orange, yellow = (self.limits[int(one)] for one in (Colour.RED, Colour.ORANGE, Colour.YELLOW))
        if not 0 < yellow < orange < red <= 100:
            raise BadInput("limits", Text("红、橙、黄的下限应依次递减", "The limits must fall from red to yellow"))
        for code, weight in self.weights.items():
            choice("weights", code, STATIC)
            _finite("weights", weight, 0.0, 1.0)
        if not math.isclose(math.fsum(self.weights.values()), 1.0, abs_tol=0.001):
            raise BadInput("weights", Text("权重之和应为1", "The weights must sum to 1"))
        for code, cap in self.caps.items():
            choice("caps", code, factors())
            _finite("caps", cap, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Factor:
    """One dynamic factor with its cap. ``is_level``: it is given as d itself (weather), not as points."""

    code: str
    name: Text
    cap: float
    is_level: bool


@dataclass(frozen=True, slots=True)
class Sign:
    """What brings points to a factor: ``points`` each, ``per_day`` more for each day late up to ``most``, halved every
    ``half_life_h`` hours after it ended. A sign of kind ``times`` multiplies others; one of kind ``level`` is d itself.
    """

    factor: str
    code: str
    kind: str
    name: Text
    points: float
    per_day: float
    most: float | None
    half_life_h: float | None


@dataclass(frozen=True, slots=True)
class Floor:
    """A case below which R does not fall (一票否决)."""

    code: str
    text: Text
    floor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A sign as seen: ``sign`` is its code with its factor (``alarm.P1``); ``count`` alike; ``times`` codes of what
    multiplies it; ``ended_h`` hours since it ended (None: it lasts); ``days_late`` where it is overdue. That a
    high-high alarm replaces the high one of its tag is for the caller to see to.

    :raises BadInput: an unknown code, a multiplier of another factor, a negative number.
    """

    sign: str
    count: int = 1
    times: tuple[str, ...] = ()
    ended_h: float | None = None
    days_late: int = 0

    def __post_init__(self) -> None:
        found = signs()[choice("sign", self.sign, signs())]
        if found.kind == "times":
            raise BadInput("sign", Text("此项只修正其他项", "This only multiplies others"))
        whole("count", self.count)
        whole("days_late", self.days_late)
        for code in self.times:
            other = signs().get(f"{found.factor}.{code}")
            if other is None or other.kind != "times":
                raise BadInput("times", Text(f"没有修正项{code}", f"There is no multiplier {code}"))
        if self.ended_h is not None:
            _finite("ended_h", self.ended_h, 0.0, 1e6)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticRisk:
    """The inherent risk S with its parts; None where no part was told."""

    score: float | None
    parts: tuple[tuple[str, float], ...]
    doubts: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What a part brings to R; all of them together are R."""

    code: str
    name: Text
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexResult:
    """R with its parts. ``r`` decides the colour, ``shown`` is rounded to one decimal; ``floors`` are those that
    raised it.
    """

    r: float
    shown: Decimal
    colour: Colour
    base: float
    dynamic: float
    floors: tuple[Floor, ...]
    contributions: tuple[Contribution, ...]
    steps: tuple[Step, ...]
    doubts: tuple[Text, ...]
    model_version: str = MODEL_VERSION
    mark: str = "D"


@cache
def factors() -> dict[str, Factor]:
    """The dynamic factors."""
    return {
        row["code"]: Factor(row["code"], text_of(row), float(row["cap"]), row["code"] == "weather")
        for row in table("index_factors")
    }


@cache
def signs() -> dict[str, Sign]:
    """Everything that brings points, by ``factor.code``."""
    return {
        f"{row['factor']}.{row['code']}": Sign(
            factor=row["factor"],
            code=row["code"],
            kind=row["kind"],
            name=text_of(row),
            points=float(row["points"]),
            per_day=float(row["per_day"] or 0),
            most=float(row["most"]) if row["most"] else None,
            half_life_h=float(row["half_life_h"]) if row["half_life_h"] else None,
        )
        for row in table("index_points")
    }


@cache
def floors() -> dict[str, Floor]:
    """The cases below which R does not fall."""
    return {row["code"]: Floor(row["code"], text_of(row), float(row["floor"])) for row in table("index_floors")}


@cache
def _scores(factor: str) -> dict[str, float]:
    return {row["code"]: float(row["score"]) for row in table("index_static") if row["factor"] == factor}


def hazard_score(levels: Sequence[int]) -> float:
    """H from the levels 1 (gravest) to 4 of all major hazards: that of the gravest, and 3 more for each further one of
    the same level.
    """
    for level in levels:
        whole("levels", level, low=1, high=4)
    if not levels:
        return _scores("H")["NONE"]
    gravest = min(levels)
    return min(100.0, _scores("H")[f"LEVEL_{gravest}"] + 3 * (list(levels).count(gravest) - 1))


def process_score(*, key_processes: int, has_severe: bool) -> float:
    """P: 40 for one key-supervised process, 20 more for each further one, and 20 more where one of nitration,
    peroxidation, diazotisation, fluorination, chlorination or oxidation has a process hazard grade of 4 or 5. Without
    any, 0.
    """
    count = whole("key_processes", key_processes)
    return min(100.0, 40.0 + 20 * (count - 1) + 20 * has_severe) if count else 0.0


def chemical_score(kinds: Iterable[str], *, families: int = 1) -> float:
    """C: that of the worst kind (codes of the table), 5 more with three or more families of hazards. 0 for none."""
    known = _scores("C")
    found = [known[choice("kinds", kind, known)] for kind in kinds]
    return min(100.0, max(found) + (5 if whole("families", families) >= 3 else 0)) if found else 0.0


def exposure_score(*, on_site: int, within_500m: int, near_school_or_hospital: bool) -> float:
    """E from the persons on site and within 500 m; a school or hospital counts within the risk contour or 500 m."""
    own, others = whole("on_site", on_site), whole("within_500m", within_500m)
    spread = 20 + 10 * math.log10(1 + own) + 8 * math.log10(1 + others) + 15 * near_school_or_hospital
    return min(100.0, spread)


def static_risk(parts: Mapping[str, float | None], *, weights: Mapping[str, float] | None = None) -> StaticRisk:
    """S from H, P, C and E, each 0 to 100. What is missing leaves its weight to the others.

    :raises BadInput: an unknown part, or one out of range.
    """
    known = STATIC if weights is None else {code: (name, weights[code]) for code, (name, _) in STATIC.items()}
    given, doubts = _weighted(parts, known, 100.0)
    return StaticRisk(
        score=given,
        parts=tuple((code, float(value)) for code, value in parts.items() if value is not None),
        doubts=doubts,
    )


def management_score(parts: Mapping[str, float | None]) -> float | None:
    """A management score of 0 to 100 from the shares of :data:`MANAGEMENT`, each 0 to 1; None where none was told.

    :raises BadInput: an unknown part, or one out of range.
    """
    found, _ = _weighted(parts, MANAGEMENT, 1.0)
    return None if found is None else 100 * found


def smoothed(before: float | None, today: float, *, days: float = 1.0) -> float:
    """A management score smoothed: what stood weighs half after :data:`SMOOTHING_DAYS`."""
    if before is None:
        return today
    kept = 0.5 ** (days / SMOOTHING_DAYS)
    return kept * before + (1 - kept) * today


def management_multiplier(g: float | None) -> float:
    """M from the running-effect score G of 0 to 100: 1.30 − 0.006 × G; 1 where it was not told."""
    return 1.0 if g is None else 1.30 - 0.006 * _finite("g", g, 0.0, 100.0)


def factor_values(seen: Iterable[Seen]) -> dict[str, float]:
    """The value of each factor from what was seen: the sum of points, of levels the highest. Factors without a sign are
    0: they were looked at and are quiet.
    """
    found = dict.fromkeys(factors(), 0.0)
    for one in seen:
        sign = signs()[one.sign]
        points = sign.points + sign.per_day * one.days_late
        if sign.most is not None:
            points = min(points, sign.most)
        for code in one.times:
            points *= signs()[f"{sign.factor}.{code}"].points
        if one.ended_h is not None:
            points *= 0.5 ** (one.ended_h / sign.half_life_h) if sign.half_life_h else 0.0
        if sign.kind == "level":
            found[sign.factor] = max(found[sign.factor], points if one.count else 0.0)
        else:
            found[sign.factor] += points * one.count
    return found


def squashed(factor: str, value: float, *, cap: float | None = None) -> float:
    """d of a factor: its cap × (1 − e^(−x/10)) from points x, or the level itself up to the cap."""
    known = factors()[choice("factor", factor, factors())]
    _finite(factor, value, 0.0, 1e9)
    most = known.cap if cap is None else cap
    return min(value, most) if known.is_level else most * (1 - math.exp(-value / _SQUASH))


def index(
    *,
    static: StaticRisk,
    g: float | None,
    values: Mapping[str, float | None],
    floor_codes: Sequence[str] = (),
    parameters: Parameters | None = None,
) -> IndexResult:
    """R of an enterprise. ``values`` are by factor as :func:`factor_values` has them; None or left out: not told.

    :raises BadInput: an unknown factor or floor, a value or G out of range.
    """
    doubts = list(static.doubts)
    if static.score is None:
        doubts.append(Text("没有任何固有风险数据，基础风险按0", "No inherent risk is known: the base counts as 0"))
    if g is None:
        doubts.append(Text("没有双重预防运行效果得分，管理系数按1", "No running-effect score: the multiplier is 1"))
    multiplier = management_multiplier(g)
    base = min(_BASE_MOST, max(0.0, _BASE_SHARE * (static.score or 0.0) * multiplier))
    if unknown := sorted(set(values) - set(factors())):
        raise BadInput(unknown[0], Text("没有这一动态因素", "There is no such factor"))
    found: dict[str, float] = {}
    for code, factor in factors().items():
        value = values.get(code)
        if value is None:
            doubts.append(Text(f"没有{factor.name.zh}数据，按无信号", f"Not told: {factor.name.en}, counted as quiet"))
        else:
            found[code] = squashed(code, value, cap=None if parameters is None else parameters.caps.get(code))
    dynamic = _together(found.values())
    before = _risk(base, dynamic)
    held = [floors()[choice("floor_codes", code, floors())] for code in floor_codes]
    r = max([before, *(one.floor for one in held)])
    raising = tuple(one for one in held if one.floor > before)
    colour = colour_of(r, parameters)
    return IndexResult(
        r=r,
        shown=_shown(r),
        colour=colour,
        base=base,
        dynamic=dynamic,
        floors=raising,
        contributions=_contributions(base, found, before, r),
        steps=_steps(static, multiplier, base, found, dynamic, before, raising, r, colour),
        doubts=tuple(doubts),
    )


def colour_of(r: float, parameters: Parameters | None = None) -> Colour:
    """The colour of an R: from 80 red, from 60 orange, from 40 yellow, else blue, where nobody set other limits."""
    limits = LIMITS if parameters is None else {Colour(code): limit for code, limit in parameters.limits.items()}
    return next((colour for colour, limit in sorted(limits.items()) if r >= limit), Colour.BLUE)


def is_calm(current: Colour, r: float, parameters: Parameters | None = None) -> bool:
    """Whether R lies so far below the limit of a colour that the colour may be lowered once it has done so for long."""
    rules = Parameters() if parameters is None else parameters
    return current in LIMITS and r < rules.limits[int(current)] - rules.margin


def next_colour(current: Colour, *, r: float, calm_min: float, parameters: Parameters | None = None) -> Colour:
    """The colour to show: raised at once, lowered only after R has lain more than 3 below the limit of the present
    colour for ``calm_min`` minutes: 30, or 60 to leave red.
    """
    rules = Parameters() if parameters is None else parameters
    wanted = colour_of(r, rules)
    if wanted <= current or current not in LIMITS:
        return min(wanted, current)
    needed = rules.calm_red_min if current is Colour.RED else rules.calm_min
    return wanted if is_calm(current, r, rules) and calm_min >= needed else current


def district_index(values: Sequence[float]) -> float | None:
    """The index of a district, trade, park or time: half the highest, 0.3 of the mean of the highest tenth (one at
    least), 0.2 of the mean of all. None for none.
    """
    if not values:
        return None
    ordered = sorted((_finite("values", value, 0.0, 100.0) for value in values), reverse=True)
    top = ordered[: max(1, math.ceil(len(ordered) / 10))]
    return 0.5 * ordered[0] + 0.3 * math.fsum(top) / len(top) + 0.2 * math.fsum(ordered) / len(ordered)


def _weighted(
    parts: Mapping[str, float | None], known: Mapping[str, tuple[Text, float]], most: float
) -> tuple[float | None, tuple[Text, ...]]:
    if unknown := sorted(set(parts) - set(known)):
        raise BadInput(unknown[0], Text("没有这一部分", "There is no such part"))
    told = {code: _finite(code, value, 0.0, most) for code, value in parts.items() if value is not None}
    doubts = tuple(
        Text(f"未填写{name.zh}，权重由其余部分分担", f"Not told: {name.en}; the others share its weight")
        for code, (name, _) in known.items()
        if code not in told
    )
    weights = math.fsum(known[code][1] for code in told)
    return (math.fsum(known[code][1] * value for code, value in told.items()) / weights if told else None), doubts


def _together(parts: Iterable[float]) -> float:
    return 1 - math.prod(1 - part for part in parts)


def _risk(base: float, dynamic: float) -> float:
    return base + (100 - base) * _DYNAMIC_SHARE * dynamic


def _contributions(base: float, found: Mapping[str, float], before: float, r: float) -> tuple[Contribution, ...]:
    """Each factor by what R would lose without it, scaled so that all of them make up what the signs brought."""
    alone = {code: before - _risk(base, _together(d for other, d in found.items() if other != code)) for code in found}
    whole_loss = math.fsum(alone.values())
    rows = [Contribution(code="base", name=Text("固有风险和管理水平", "Inherent risk and management"), points=base)]
    for code, loss in alone.items():
        if loss > 0:
            share = (before - base) * loss / whole_loss
            rows.append(Contribution(code=code, name=factors()[code].name, points=share))
    if r > before:
        rows.append(Contribution(code="floor", name=Text("否决项", "Floor"), points=r - before))
    return tuple(sorted(rows, key=lambda one: -one.points))


def _steps(
    static: StaticRisk,
    multiplier: float,
    base: float,
    found: Mapping[str, float],
    dynamic: float,
    before: float,
    raising: Sequence[Floor],
    r: float,
    colour: Colour,
) -> tuple[Step, ...]:
    s = "－" if static.score is None else f"{static.score:.1f}"
    steps = [
        Step(
            code="B",
            text=Text(
                f"固有风险S＝{s}，管理系数M＝{multiplier:.3f}，基础风险B＝{base:.2f}",
                f"Inherent risk S = {s}, management M = {multiplier:.3f}, base B = {base:.2f}",
            ),
            value=_shown(base),
            mark="D",
        )
    ]
    for code, d in found.items():
        if d:
            name = factors()[code].name
            steps.append(Step(code=code, text=Text(f"{name.zh}：d＝{d:.4f}", f"{name.en}: d = {d:.4f}"), mark="D"))
    steps.append(
        Step(
            code="D",
            text=Text(
                f"动态风险D＝{dynamic:.4f}，合成{before:.1f}", f"Dynamic D = {dynamic:.4f}, together {before:.1f}"
            ),
            value=_shown(before),
            mark="D",
        )
    )
    steps += [
        Step(
            code=one.code,
            text=Text(f"{one.text.zh}：不低于{one.floor:.0f}", f"{one.text.en}: at least {one.floor:.0f}"),
            value=_shown(one.floor),
            mark="D",
        )
        for one in raising
    ]
    word, level = colour.colour_word, WARNING_LEVELS[colour]
    steps.append(
        Step(
            code="R",
            text=Text(f"综合风险指数R＝{r:.1f}，{word.zh}色（{level.zh}）", f"R = {r:.1f}, {word.en} ({level.en})"),
            value=_shown(r),
            mark="D",
        )
    )
    return tuple(steps)


def _shown(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _finite(field: str, value: float, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise BadInput(field, Text("应为有限的数字", "must be a finite number"))
    if not low <= value <= high:
        raise BadInput(field, Text(f"应在{low:g}到{high:g}之间", f"must lie between {low:g} and {high:g}"))
    return float(value)
