"""The level that the facts of a job demand: hot work, work at height, lifting.

Source: GB 30871-2022, 5.1 (hot work), 8.1 with table 2 (height), 9.1 (lifting). A fact that is ``None`` is not known:
the graver is taken and a doubt says so, and a relief (lowering, fixed area) needs every fact of it to be known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from quancheng.standards.gb30871.basis import BadInput, Doubt, Slot, Why, clause, finite, shown, table, text_of
from quancheng.standards.gb30871.kinds import known_kind, level_of, one_up, rank
from quancheng.standards.gb30871.upgrades import NAMES, PLAIN, Surroundings, calendar_doubts, upgrade_reasons
from quancheng.standards.wording import Text

#: Who may approve that level I is managed as level II (5.1.4).
DOWNGRADERS: dict[str, Text] = {
    "PROD_HEAD": Text("企业生产负责人", "head of production"),
    "SAFETY_HEAD": Text("企业安全管理负责人", "head of safety"),
}
#: Whether a ticket is needed at all, and of what sort.
NEEDS: dict[str, Text] = {
    "TICKET": Text("须办理安全作业票", "a permit is needed"),
    "FIXED_AREA": Text("固定动火区内，不分级", "inside a fixed hot-work area: no level"),
    "WAIVED": Text("可不办票，须做风险分析", "the permit may be waived, the analysis may not"),
    "NOT_THIS_KIND": Text("未达到该类作业的条件", "not work of this kind"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HotWork:
    """What the level of hot work (动火作业) turns on. ``wind_beaufort`` is a whole number, None where not measured."""

    hazard_place: bool | None = None
    on_running_equipment: bool | None = None
    #: Under pressure without purging (带压不置换): always work on running equipment.
    under_pressure: bool = False
    in_major_hazard_dike: bool | None = None
    on_pipe_rack: bool | None = None
    in_fixed_area: bool = False
    fixed_area_valid: bool | None = None
    unit_shutdown: bool | None = None
    cleaned: bool | None = None
    purged: bool | None = None
    gas_passed: bool | None = None
    isolated: bool | None = None
    downgrade_approved_by: str = ""
    outdoor: bool | None = None
    wind_beaufort: int | None = None
    #: Production truly needs it in spite of the wind (5.2.15).
    needed_in_wind: bool = False

    def __post_init__(self) -> None:
        if self.downgrade_approved_by not in ("", *DOWNGRADERS):
            said = ", ".join(DOWNGRADERS)
            raise BadInput("downgrade_approved_by", Text(f"应为以下之一：{said}", f"must be one of {said}"))
        if self.wind_beaufort is not None and not 0 <= self.wind_beaufort <= 17:
            raise BadInput("wind_beaufort", Text("应在0到17之间", "must lie between 0 and 17"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Height:
    """What the level of work at height (高处作业) turns on: metres above the fall level, codes of factors and
    situations of :func:`factors` and :func:`situations`; an empty set says that there are none, None that nobody
    looked."""

    height_m: Decimal
    factors: frozenset[str] | None = None
    situations: frozenset[str] | None = None

    def __post_init__(self) -> None:
        finite(self.height_m, "height_m", high=1000)
        for name, known in (("factors", factors()), ("situations", situations())):
            if unknown := sorted((getattr(self, name) or frozenset()) - set(known)):
                raise BadInput(name, Text(f"没有代码{unknown[0]}", f"there is no code {unknown[0]}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifting:
    """What level and plan of lifting (吊装作业) turn on: the load in tonnes and what makes a plan necessary; None is
    not known."""

    mass_t: Decimal
    complex_shape: bool | None = None
    low_stiffness: bool | None = None
    slender: bool | None = None
    precious: bool | None = None
    special_conditions: bool | None = None
    dangerous_equipment_near: bool | None = None

    def __post_init__(self) -> None:
        finite(self.mass_t, "mass_t", high=100_000)


@dataclass(frozen=True, slots=True)
class Circumstance:
    """A factor of method B, or a situation with its least level."""

    code: str
    group: str
    least: str
    clause: str
    mark: str
    text: Text


@dataclass(frozen=True, slots=True)
class Level:
    """The level of one job.

    ``base`` is what the place demands, ``effective`` what counts for validity, gas and video after an upgrade,
    ``approval`` the level whose approver signs. All are ``""`` where there is no level. ``extra_approver``: a special
    job that is upgraded needs the chief or the leader on duty besides, present on site [D].
    """

    kind: str
    need: str
    base: str
    effective: str
    approval: str
    reasons: tuple[str, ...] = ()
    extra_approver: bool = False
    plan_needed: bool = False
    why: tuple[Why, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def is_upgraded(self) -> bool:
        return bool(self.reasons)


# Hot work ------------------------------------------------------------------------------------------------------------


def hot_work_level(facts: HotWork, slots: Sequence[Slot] = (), around: Surroundings = PLAIN) -> Level:
    """The level of hot work whose planned slots are given."""
    is_fixed = facts.in_fixed_area and facts.fixed_area_valid and facts.hazard_place is False
    if is_fixed and not facts.under_pressure:
        text = Text("在已批准且有效的固定动火区内", "inside an approved and valid fixed hot-work area")
        why = Why("HW-FIX", clause("5.5"), "V", text, "in_fixed_area")
        return Level("HW", "FIXED_AREA", "", "", "", why=(why,))
    base, whys, doubts = _hot_work_base(facts)
    found = upgrade_reasons(slots, around)
    reasons = [reason.code for reason in found]
    whys += [reason.why for reason in found]
    if facts.outdoor is not False and (facts.wind_beaufort or 0) >= around.parameters.wind_hw:
        reasons.append("WIND")
        text = Text(f"露天风力{facts.wind_beaufort}级", f"wind of Beaufort {facts.wind_beaufort} in the open")
        whys.append(Why("HW-WIND", clause("5.2.15"), "V", text, "wind_beaufort"))
    effective = approval = base
    if reasons:
        approval = one_up("HW", base)
        if around.mode == "LEVEL_UP":
            effective = approval
        whys.append(_upgraded(base, approval, tuple(reasons), around.mode))
    doubts += calendar_doubts(slots, around.calendar)
    if not slots:
        text = Text("未提供作业时段，未判定是否升级", "no slots of work were told: an upgrade was not judged")
        doubts.append(Doubt("slots", text))
    return Level(
        "HW", "TICKET", base, effective, approval,
        reasons=tuple(reasons),
        extra_approver=base == "S" and bool(reasons),
        plan_needed=effective == "S",
        why=tuple(whys),
        doubts=tuple(doubts),
    )  # fmt: skip


def _hot_work_base(facts: HotWork) -> tuple[str, list[Why], list[Doubt]]:
    doubts = [_unknown(name) for name in _PLACES if getattr(facts, name) is None]
    hazard_place = facts.hazard_place is not False
    if facts.under_pressure:
        return "S", [_place("S1", "5.1.2", "under_pressure")], doubts
    if hazard_place and facts.on_running_equipment is not False:
        return "S", [_place("S1", "5.1.2", "on_running_equipment")], doubts
    if facts.in_major_hazard_dike is not False:
        return "S", [_place("S2", "5.1.2", "in_major_hazard_dike")], doubts
    fact = "hazard_place" if hazard_place else "on_pipe_rack" if facts.on_pipe_rack is not False else ""
    if not fact:
        return "II", [_place("2", "5.1.4", "hazard_place")], doubts
    why = _place("1a" if fact == "hazard_place" else "1b", "5.1.3", fact)
    if not facts.downgrade_approved_by:
        return "I", [why], doubts
    missing = [name for name in _RELIEF if not getattr(facts, name)]
    if missing:
        named_zh = "、".join(_RELIEF[name].zh for name in missing)
        named_en = ", ".join(_RELIEF[name].en for name in missing)
        text = Text(f"不能按二级管理：缺{named_zh}", f"may not be managed as level II without {named_en}")
        return "I", [why, Why("HW-LVL-2b", clause("5.1.4"), "V", text, missing[0])], doubts
    by = DOWNGRADERS[facts.downgrade_approved_by]
    text = Text(
        f"装置全部停车、清洗、置换、分析合格并隔离，经{by.zh}批准按二级管理",
        f"all shut down, cleaned, purged, tested and isolated; managed as level II with approval of the {by.en}",
    )
    return "II", [why, Why("HW-LVL-2b", clause("5.1.4"), "V", text, "downgrade_approved_by")], doubts


_PLACES: dict[str, Text] = {
    "hazard_place": Text("是否火灾爆炸危险场所", "whether it is a fire or explosion hazard place"),
    "on_running_equipment": Text("是否在运行设备上", "whether it is on running equipment"),
    "in_major_hazard_dike": Text("是否在重大危险源罐区防火堤内", "whether it is inside a major hazard's dike"),
    "on_pipe_rack": Text("是否在管廊上", "whether it is on a pipe rack"),
}
_RULES: dict[str, Text] = {
    "S1": Text("火灾爆炸危险场所内处于运行状态的设备、管道上动火", "on running equipment in a hazard place"),
    "S2": Text(
        "存有易燃易爆介质的重大危险源罐区防火堤内动火", "inside the dike of a major hazard with flammable matter"
    ),
    "1a": Text("火灾爆炸危险场所内的其他动火", "other hot work in a hazard place"),
    "1b": Text("管廊上的动火", "hot work on a pipe rack"),
    "2": Text("特级、一级以外的动火", "hot work that is neither special nor level I"),
}
_RELIEF: dict[str, Text] = {
    "unit_shutdown": Text("全部停车", "shutdown of the whole unit"),
    "cleaned": Text("清洗", "cleaning"),
    "purged": Text("置换", "purging"),
    "gas_passed": Text("气体分析合格", "a passed gas test"),
    "isolated": Text("隔离", "isolation"),
}


def _place(code: str, number: str, fact: str) -> Why:
    return Why(f"HW-LVL-{code}", clause(number), "V", _RULES[code], fact)


def _unknown(name: str) -> Doubt:
    what = _PLACES[name]
    return Doubt(name, Text(f"{what.zh}未知，按“是”判定", f"it is not known {what.en}: taken as true"))


def _upgraded(base: str, approval: str, reasons: tuple[str, ...], mode: str) -> Why:
    zh, en = "、".join(NAMES[code].zh for code in reasons), ", ".join(NAMES[code].en for code in reasons)
    old, new = level_of("HW", base).name, level_of("HW", approval).name
    if base == approval:
        text = Text(
            f"{zh}：特级动火升级管理，由主要负责人或带班领导到场",
            f"{en}: special hot work, upgraded: the chief or the leader on duty is present",
        )
    elif mode == "LEVEL_UP":
        text = Text(f"{zh}：{old.zh}升为{new.zh}", f"{en}: {old.en} becomes {new.en}")
    else:
        text = Text(f"{zh}：级别不变，按{new.zh}审批", f"{en}: the level stays, approved as {new.en}")
    return Why("HW-UP", clause("5.1.1"), "D", text, "slots")


# Work at height ------------------------------------------------------------------------------------------------------

#: Upper ends of the bands in metres, each included; method A gives level 1 to 4.
BANDS_M = (Decimal(5), Decimal(15), Decimal(30))
LEAST_HEIGHT_M = Decimal(2)


def factors() -> dict[str, Circumstance]:
    """The nine objective factors (客观危险因素) of method B, by code."""
    return _circumstances("factor")


def situations() -> dict[str, Circumstance]:
    """Situations that set a least level, by code."""
    return _circumstances("situation")


def _circumstances(group: str) -> dict[str, Circumstance]:
    return {
        row["code"]: Circumstance(
            row["code"], row["group"], row["least"], clause(row["clause"]), row["mark"], text_of(row)
        )
        for row in table("height")
        if row["group"] == group
    }


def height_level(facts: Height, also: frozenset[str] = frozenset()) -> Level:
    """The level of work at height: by band and method, then the least that its situations demand. What nobody judged
    is a doubt and raises nothing.

    :param also: codes of factors and situations that other facts make plain.
    """
    own_factors = (facts.factors or frozenset()) | (also & set(factors()))
    own_situations = (facts.situations or frozenset()) | (also & set(situations()))
    doubts = tuple(
        Doubt(f"height.{name}", Text(f"{zh}未判定", f"nobody judged the {en}"))
        for name, zh, en in (("factors", "客观危险因素", "objective factors"), ("situations", "作业情形", "situations"))
        if getattr(facts, name) is None
    )
    height = facts.height_m
    if height < LEAST_HEIGHT_M:
        text = Text(f"高度{shown(height)} m，不足2 m", f"{shown(height)} m is below 2 m")
        return Level("WH", "NOT_THIS_KIND", "", "", "", why=(Why("WH-LVL-0", clause("3"), "V", text, "height_m"),))
    band = 1 + sum(height > top for top in BANDS_M)
    found = min(band + bool(own_factors), 4)
    method = "B" if own_factors else "A"
    text = Text(
        f"高度{shown(height)} m，{method}法{level_of('WH', str(found)).name.zh}",
        f"{shown(height)} m by method {method}: {level_of('WH', str(found)).name.en}",
    )
    whys = [Why(f"WH-LVL-{method}", clause("Table 2"), "V", text, "height_m")]
    for code in sorted(own_factors):
        factor = factors()[code]
        whys.append(Why(code, factor.clause, factor.mark, factor.text, "factors"))
    for code in sorted(own_situations):
        situation = situations()[code]
        found = max(found, int(situation.least))
        whys.append(Why(f"WH-MIN-{code}", situation.clause, situation.mark, situation.text, "situations"))
    level = str(found)
    return Level("WH", "TICKET", level, level, level, why=tuple(whys), doubts=doubts)


# Lifting -------------------------------------------------------------------------------------------------------------

_PLAN_FACTS = (
    "complex_shape", "low_stiffness", "slender", "precious", "special_conditions", "dangerous_equipment_near",
)  # fmt: skip


def lifting_level(facts: Lifting) -> Level:
    """The level of lifting by mass, both ends of 40 to 100 t belonging to level 2, and whether it needs a plan."""
    mass = facts.mass_t
    level = "1" if mass > 100 else "2" if mass >= 40 else "3"
    name = level_of("LF", level).name
    whys = [
        Why(f"LF-LVL-{level}", clause("9.1"), "V",
            Text(f"吊物{shown(mass)} t，{name.zh}", f"a load of {shown(mass)} t: {name.en}"), "mass_t")
    ]  # fmt: skip
    flags = [name for name in _PLAN_FACTS if getattr(facts, name)]
    plan = level != "3" or bool(flags)
    if plan:
        text = Text("应编制吊装作业方案并经审批", "an approved lifting plan is needed")
        whys.append(Why("LF-PLAN", clause("9.2.1"), "V", text, flags[0] if level == "3" else "mass_t"))
    need = "WAIVED" if mass < 10 else "TICKET"
    if need == "WAIVED":
        text = Text("吊物不足10 t，可不办票，须做风险分析", "below 10 t: no permit, but an analysis")
        whys.append(Why("LF-WAIVE", clause("Table B.1, note 3"), "V", text, "mass_t"))
    open_flags = () if plan else tuple(name for name in _PLAN_FACTS if getattr(facts, name) is None)
    text = Text("是否须编制吊装方案未判定", "nobody judged whether a lifting plan is needed")
    doubts = tuple(Doubt(f"lifting.{name}", text) for name in open_flags)
    return Level("LF", need, level, level, level, plan_needed=plan, why=tuple(whys), doubts=doubts)


def unlevelled(kind: str) -> Level:
    """The answer for a kind that has no levels."""
    known_kind(kind)
    return Level(kind, "TICKET", "", "", "")


def is_at_least(kind: str, level: str, demanded: str) -> bool:
    """Whether a level is as strict as the demanded one, or stricter."""
    return rank(kind, level) >= rank(kind, demanded)


def live_conductor_least_m(kilovolts: Decimal) -> Decimal:
    """Distance in metres below which a live conductor is factor WF6; a voltage between two rows takes the higher row
    [D]. BadInput above 500 kV, for which the standard says nothing."""
    finite(kilovolts, "kilovolts", high=500)
    return next(Decimal(row["least_m"]) for row in table("live_conductors") if kilovolts <= Decimal(row["kv_to"]))
