"""When and where gas is analysed: demands of a job, age of samples, tests after breaks, daily tests, records.

Source: GB 30871-2022, 5.3.1 (hot work), 6.3 and 6.5 (confined space), 10.1 (temporary electricity), 11.10
(excavation); AQ 3064.2-2025, 5.4.3 and 5.9. An age or a break equal to its limit is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from quancheng.standards.gb30871.basis import Why, all_finite, clause, local, minutes, shown
from quancheng.standards.gb30871.gas import QUANTITIES, GasSample
from quancheng.standards.gb30871.gases import gas_named
from quancheng.standards.gb30871.parameters import STANDARD, Parameters
from quancheng.standards.wording import Text

#: Farthest from the work point that a sample outside counts, in metres.
OUTSIDE_M = Decimal(10)
#: Depth in metres from which an excavation in a dangerous area is managed as a confined space.
DEEP_M = Decimal("1.2")
_HEIGHTS = ({"UPPER", "MIDDLE", "LOWER"}, {"LEFT", "CENTRE", "RIGHT"})
_INSIDE = {"INSIDE"}.union(*_HEIGHTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class GasScene:
    """What the demand for gas analysis turns on; None is not known and taken as true.

    ``large``: a vessel or space so large that three heights are needed. ``in_vessel``: work inside equipment.
    ``outer_wall``: on the outer wall of pipe, tank or tower. ``release_possible``: gas may be released during work.
    ``sections``: sections of a long line, each sampled. ``depth_m`` of an excavation. ``toxic_medium``: work at height
    where gas may be toxic or oxygen lacking.
    """

    kind: str
    level: str = ""
    hazard_place: bool | None = None
    large: bool | None = None
    in_vessel: bool | None = None
    outer_wall: bool | None = None
    oxygen_service: bool | None = None
    release_possible: bool = False
    toxic_medium: bool | None = False
    dangerous_lines: bool | None = None
    depth_m: Decimal | None = None
    sections: int = 1

    def __post_init__(self) -> None:
        all_finite(self)


@dataclass(frozen=True, slots=True)
class Demand:
    """One quantity that must be sampled: ``places`` are alternatives, each a set of positions that all are needed."""

    quantity: str
    places: tuple[frozenset[str], ...]
    points: int
    why: Why


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often: before, after which break, daily, continuous, recorded. None: not demanded."""

    max_age_min: Decimal | None
    break_min: Decimal | None
    daily: bool
    continuous: bool
    record_min: Decimal | None
    why: tuple[Why, ...]


def as_confined_space(scene: GasScene) -> bool:
    """Whether an excavation follows the rules of confined spaces (11.10)."""
    deep = scene.depth_m is None or scene.depth_m > DEEP_M
    return scene.kind == "EX" and deep and scene.dangerous_lines is not False


def demands(scene: GasScene) -> tuple[Demand, ...]:
    """What must be sampled, and where, before the work begins."""
    if scene.kind == "CS" or as_confined_space(scene):
        number = "6.3" if scene.kind == "CS" else "11.10"
        text = Text("分析可燃、有毒气体和氧含量", "test combustible and toxic gas and oxygen")
        why = Why("GAS-CS", clause(number), "V", text, "kind" if scene.kind == "CS" else "depth_m")
        places = _heights(scene.large)
        return tuple(Demand(quantity, places, 1, why) for quantity in QUANTITIES)
    if scene.kind == "TE" and scene.hazard_place is not False:
        text = Text("在运行的火灾爆炸危险场所接引电源须分析可燃气体", "test combustible gas in a running hazard place")
        why = Why("GAS-TE", clause("10.1"), "V", text, "hazard_place")
        return (Demand("COMBUSTIBLE", (frozenset({"OUTSIDE"}),), 1, why),)
    if scene.kind == "WH" and scene.toxic_medium is not False:
        text = Text("可能有毒或缺氧处高处作业前分析", "test before work at height in toxic or oxygen-poor air")
        why = Why("GAS-WH", clause("8.1"), "V", text, "toxic_place")
        anywhere = (frozenset({"OUTSIDE"}), frozenset({"INSIDE"}))
        return tuple(Demand(quantity, anywhere, 1, why) for quantity in ("TOXIC", "OXYGEN"))
    if scene.kind != "HW":
        return ()
    text = Text("动火前分析可燃气体，测点有代表性", "test combustible gas before hot work at representative points")
    why = Why("GAS-HW", clause("5.3.1"), "V", text, "kind")
    # A long line is sampled section by section from within.
    is_inside = scene.in_vessel is not False or scene.sections > 1
    places = _heights(scene.large) if is_inside else (frozenset({"OUTSIDE"}),)
    if scene.outer_wall is not False:
        text = Text("外壁动火：外部10 m内及设备内均须取样", "on an outer wall: outside within 10 m and inside")
        why = Why("GAS-HW-WALL", clause("5.3.1 b)"), "V", text, "outer_wall")
        places = tuple(place | {"OUTSIDE"} for place in _heights(scene.large))
    found = [Demand("COMBUSTIBLE", places, max(scene.sections, 1), why)]
    if scene.oxygen_service is not False:
        text = Text("氧气设备动火前分析氧含量", "test oxygen before hot work on oxygen equipment")
        rich = Why("GAS-HW-O2", clause("5.2.7"), "V", text, "oxygen_service")
        found.append(Demand("OXYGEN", (frozenset({"INSIDE"}),), 1, rich))
    return tuple(found)


def _heights(large: bool | None) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(heights) for heights in _HEIGHTS) if large is not False else (frozenset({"INSIDE"}),)


def missing(scene: GasScene, samples: Iterable[GasSample]) -> tuple[Demand, ...]:
    """The demands that some samples leave open."""
    taken = tuple(samples)
    return tuple(demand for demand in demands(scene) if not _is_met(demand, taken))


def _is_met(demand: Demand, samples: Sequence[GasSample]) -> bool:
    counting = [sample for sample in samples if sample.quantity == demand.quantity and _is_near(sample)]
    if demand.points == 1:
        return _holds(demand, {sample.position for sample in counting})
    # Sections are told apart by their names, and each has its own heights; the air outside is that of all.
    outside = {"OUTSIDE"} & {sample.position for sample in counting}
    sections: dict[str, set[str]] = {}
    for sample in counting:
        if sample.point.strip() and sample.position in _INSIDE:
            sections.setdefault(sample.point.strip(), set(outside)).add(sample.position)
    return sum(_holds(demand, positions) for positions in sections.values()) >= demand.points


def _holds(demand: Demand, positions: set[str]) -> bool:
    found = positions | ({"INSIDE"} if positions & _INSIDE else set())
    return any(place <= found for place in demand.places)


def _is_near(sample: GasSample) -> bool:
    return sample.position != "OUTSIDE" or sample.distance_m is None or sample.distance_m <= OUTSIDE_M


def cadence(scene: GasScene, parameters: Parameters = STANDARD) -> Cadence:
    """How often gas is analysed for a job."""
    if not demands(scene):
        return Cadence(None, None, False, False, None, ())
    age = parameters.max_gas_age_min
    is_space = scene.kind == "CS" or as_confined_space(scene)
    if is_space:
        text = Text(
            f"中断超过{shown(parameters.break_min_cs)} min重新分析；连续检测，每{shown(parameters.cs_log_min)} min记录",
            f"anew after a break of more than {shown(parameters.break_min_cs)} min; "
            f"continuous, recorded every {shown(parameters.cs_log_min)} min",
        )
        why = Why("GAS-CS-CADENCE", clause("6.3 f), 6.5"), "V", text, "kind")
        return Cadence(age, parameters.break_min_cs, False, True, parameters.cs_log_min, (why,))
    if scene.kind == "TE":
        text = Text("超过1天的每天分析，恢复作业前记录", "each day of several, and before it is resumed")
        return Cadence(age, Decimal(0), True, False, None,
                       (Why("GAS-TE-CADENCE", "AQ 3064.2-2025, 5.8.4, 5.9.2", "V", text, "kind"),))  # fmt: skip
    if scene.kind == "WH":
        why = Why("GAS-WH-CADENCE", clause("8.1"), "D", Text("有毒、缺氧处", "toxic or oxygen-poor air"), "toxic_place")
        return Cadence(age, parameters.break_min_cs, False, False, None, (why,))
    pause = _hot_break(scene.level, parameters)
    text = Text(f"中断超过{shown(pause)} min重新分析，每日动火前分析", f"anew after {shown(pause)} min, and each day")
    whys = [Why("GAS-HW-CADENCE", clause("5.3.1 d)"), "V", text, "level")]
    if scene.level == "S":
        text = Text("特级动火期间连续检测", "continuous during special hot work")
        whys.append(Why("GAS-HW-CONTINUOUS", clause("5.3.1 d)"), "V", text, "level"))
    return Cadence(age, pause, True, scene.level == "S" or scene.release_possible, None, tuple(whys))


def _hot_break(level: str, parameters: Parameters) -> Decimal:
    # Level II may pause longer than the others, never shorter: an enterprise may have lowered only one figure.
    return parameters.break_min_hw_2 if level == "II" else min(parameters.break_min_hw_1, parameters.break_min_hw_2)


# Ages ----------------------------------------------------------------------------------------------------------------


def newest(samples: Iterable[GasSample], until: datetime) -> tuple[GasSample, ...]:
    """The newest samples of each quantity, gas, position and point up to a time, all of them where several are equally
    new: by these the age is told. What they found is told by :func:`standing`."""
    taken = [sample for sample in samples if sample.sampled_at <= until]
    last: dict[tuple[str, ...], datetime] = {}
    for sample in taken:
        key = _point(sample)
        last[key] = max(last.get(key, sample.sampled_at), sample.sampled_at)
    return tuple(one for one in taken if one.sampled_at == last[_point(one)])


def standing(samples: Iterable[GasSample], until: datetime) -> tuple[GasSample, ...]:
    """The samples whose values still stand at a time: those that no later one of the same named point lifted. A point
    without a name is known to be the same as no other, so its sample lifts nothing and is lifted by nothing; of a
    point tested twice in one minute both stand. What an instrument told by itself, which may hang elsewhere, lifts
    what the same instrument found alone."""
    taken = [sample for sample in samples if sample.sampled_at <= until]
    by_point: dict[tuple[str, ...], list[GasSample]] = {}
    for sample in taken:
        by_point.setdefault(_point(sample), []).append(sample)
    return tuple(
        one for one in taken
        if not one.point.strip() or not any(_lifts(later, one) for later in by_point[_point(one)])
    )  # fmt: skip


def _lifts(later: GasSample, one: GasSample) -> bool:
    return later.sampled_at > one.sampled_at and (later.is_manual or later.instrument == one.instrument)


def _point(sample: GasSample) -> tuple[str, ...]:
    gas = gas_named(sample.gas)
    return sample.quantity, gas.code if gas else sample.gas.strip(), sample.position, sample.point.strip()


@dataclass(frozen=True, slots=True)
class Age:
    """Whether a time between two events is within its limit; both in minutes. ``alarm`` follows where it is not."""

    is_allowed: bool
    minutes: Decimal | None
    limit: Decimal
    alarm: str
    why: Why


def sample_age(sampled_at: Iterable[datetime], start: datetime, parameters: Parameters = STANDARD) -> Age:
    """Age of the samples at the start of work, that of the oldest. A sample later than the start does not count; with
    none the test is missing (alarm 01)."""
    limit = parameters.max_gas_age_min
    why_clause = f"{clause('5.3.1 c), 6.3')}; AQ 3064.2-2025, 5.4.3"
    counting = [moment for moment in sampled_at if local(moment, "sampled_at") <= local(start, "start")]
    if not counting:
        text = Text("作业前未进行气体分析", "no gas was tested before the work")
        return Age(False, None, limit, "01", Why("GAS-NONE", why_clause, "V", text, "gas"))
    age = minutes(start - min(counting))
    text = Text(
        f"取样至作业开始{shown(age)} min，限{shown(limit)} min",
        f"{shown(age)} min from sample to start, at most {shown(limit)}",
    )
    alarm = "" if age <= limit else "02"
    return Age(age <= limit, age, limit, alarm, Why("GAS-AGE", why_clause, "V", text, "sampled_at"))


def after_break(
    scene: GasScene,
    stopped_at: datetime,
    resumed_at: datetime,
    sampled_at: Iterable[datetime] = (),
    parameters: Parameters = STANDARD,
) -> Age | None:
    """Whether work may go on after a break without a new test, or with the tests made since; None where the job needs
    no gas test. A new test counts if it was made after the stop and within the age before the resumption. Whether the
    new tests are enough of them is told by :func:`missing` of those that are :func:`is_fresh`."""
    found = cadence(scene, parameters)
    if found.break_min is None:
        return None
    pause, limit = minutes(local(resumed_at) - local(stopped_at)), found.break_min
    number = found.why[0].clause
    text = Text(
        f"中断{shown(pause)} min，超过{shown(limit)} min须重新分析",
        f"a break of {shown(pause)} min; more than {shown(limit)} needs a new test",
    )
    allowed = 0 <= pause <= limit or any(is_fresh(one, stopped_at, resumed_at, parameters) for one in sampled_at)
    return Age(allowed, pause, limit, "" if allowed else "03", Why("GAS-BREAK", number, "V", text, "stopped_at"))


def is_fresh(
    sampled_at: datetime, stopped_at: datetime, resumed_at: datetime, parameters: Parameters = STANDARD
) -> bool:
    """Whether a sample was drawn since the stop, and not too long before work goes on."""
    return stopped_at <= sampled_at <= resumed_at and minutes(resumed_at - sampled_at) <= parameters.max_gas_age_min


def day_without_test(scene: GasScene, day: date, sampled_at: Iterable[datetime]) -> Why | None:
    """The rule broken where a day of work lacks its test (alarm 04); None where it has one or needs none."""
    found = cadence(scene)
    if not found.daily or any(local(moment).date() == day for moment in sampled_at):
        return None
    text = Text(f"{day:%Y-%m-%d}未进行气体分析", f"no gas was tested on {day:%Y-%m-%d}")
    number = clause("5.3.1 d)") if scene.kind == "HW" else "AQ 3064.2-2025, 5.9.2"
    return Why("GAS-DAILY", number, "V", text, "sampled_at")


@dataclass(frozen=True, slots=True)
class Overdue:
    """A stretch without a record longer than allowed: from one record to the next, or to now."""

    since: datetime
    until: datetime
    minutes: Decimal


def record_gaps(
    records: Iterable[datetime], now: datetime, parameters: Parameters = STANDARD
) -> tuple[Overdue, ...]:
    """Where the continuous test of a confined space went unrecorded for too long (6.5, alarm 05)."""
    times = sorted([*(record for record in records if record <= now), now])
    limit = parameters.cs_log_min
    return tuple(
        Overdue(one, other, minutes(other - one))
        for one, other in pairwise(times)
        if minutes(other - one) > limit
    )


def next_record_due(last: datetime, parameters: Parameters = STANDARD) -> datetime:
    """By when the next record is owed."""
    return last + timedelta(minutes=float(parameters.cs_log_min))
