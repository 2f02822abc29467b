"""The eight permits as forms (安全作业票): header fields and numbered measures, with stable codes.

Source: GB 30871-2022, annex A, tables A.1 to A.8 (informative: an enterprise may add and rearrange; the words are
ours). Which measures a job forces to "applies" is ours [D]: :data:`CIRCUMSTANCES` name what that turns on. A
circumstance that is not known forces its measures: whoever knows that one does not hold tells so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from quancheng.standards.gb30871.basis import BadInput, clause, several, table, text_of
from quancheng.standards.gb30871.kinds import known_kind
from quancheng.standards.wording import Text

#: Table of annex A by kind.
FORMS = {"HW": "A.1", "CS": "A.2", "BL": "A.3", "WH": "A.4", "LF": "A.5", "TE": "A.6", "EX": "A.7", "RC": "A.8"}
#: Celsius from which a medium counts as hot, and down from which as cold [D].
HOT_C, COLD_C = Decimal(60), Decimal(-10)
#: Ways of hot work.
HOT_WORK_METHODS: dict[str, Text] = {
    "ARC_WELD": Text("电焊", "arc welding"),
    "GAS_WELD": Text("气焊", "gas welding"),
    "GAS_CUT": Text("气割", "gas cutting"),
    "GRIND": Text("砂轮", "grinding"),
    "DRILL": Text("电钻", "drilling"),
    "BLOWLAMP": Text("喷灯", "blow lamp"),
    "SANDBLAST": Text("喷砂", "sand blasting"),
    "PLASMA": Text("等离子切割", "plasma cutting"),
    "VEHICLE_NO_ARRESTOR": Text("无阻火器机动车", "vehicle without flame arrestor"),
    "NON_EX_TOOL": Text("非防爆工具", "tool that is not explosion-proof"),
    "OTHER": Text("其他", "other"),
}
CIRCUMSTANCES: dict[str, Text] = {
    "above_30_m": Text("高度超过30 m", "higher than 30 m"),
    "at_height": Text("高处", "at height"),
    "buried": Text("埋地线路", "buried line"),
    "cold_medium": Text("低温介质", "cold medium"),
    "combustible_lining": Text("可燃构件或内衬", "combustible parts or lining"),
    "corrosive_medium": Text("强腐蚀介质", "corrosive medium"),
    "dangerous_equipment_near": Text("吊装场地内有危险物料设备", "dangerous equipment near the lift"),
    "deep_in_dangerous_area": Text("危险场所深度超过1.2 m", "deeper than 1.2 m in a dangerous place"),
    "deeper_than_1_2_m": Text("深度超过1.2 m", "deeper than 1.2 m"),
    "dim": Text("夜间或光线不足", "night or little light"),
    "dusty": Text("有扬尘设备", "something raises dust"),
    "electric_welding": Text("电焊", "electric welding"),
    "gas_line_in_hazard_place": Text("危险场所气体管道", "gas line in a hazard place"),
    "gas_welding": Text("气焊、气割", "gas welding or cutting"),
    "hazard_place": Text("火灾爆炸危险场所", "hazard place"),
    "held_flammable": Text("盛装过易燃物料", "held flammable matter"),
    "held_toxic_or_flammable": Text("盛装过有毒、可燃物料", "held toxic or flammable matter"),
    "hot_medium": Text("高温介质", "hot medium"),
    "ladder": Text("使用梯子、绳索", "ladder or rope"),
    "light_roof": Text("轻型棚", "light roof"),
    "lines_at_height": Text("吊装高度内有管线桥架", "pipes or trays at lifting height"),
    "mobile_crane": Text("移动式起重机", "mobile crane"),
    "night": Text("夜间", "night"),
    "non_bearing": Text("不承重表面", "surface that does not bear"),
    "on_ground": Text("沿墙、沿地敷设", "line along wall or floor"),
    "on_road": Text("道路上", "on a road"),
    "outdoor": Text("露天", "in the open"),
    "overhead": Text("架空线路", "overhead line"),
    "plan_needed": Text("须编制吊装方案", "a lifting plan is needed"),
    "power_line_near": Text("附近有带电线路", "live line near"),
    "related": Text("有关联作业", "related work"),
    "rotating_parts": Text("有转动设备", "rotating parts"),
    "scaffold": Text("使用脚手架", "scaffold"),
    "special": Text("特级动火", "special hot work"),
    "special_or_release": Text("特级动火或可能释放可燃气", "special hot work or a possible release"),
    "structural_anchor": Text("以建构筑物作锚点", "anchor at a structure"),
    "tank_farm": Text("罐区", "tank farm"),
    "toxic_medium": Text("有毒介质", "toxic medium"),
    "vertical_cross": Text("上下分层作业", "work in layers"),
}


#: What a measure is about, as a picture says it (图标) [D].
SIGNS: dict[str, Text] = {
    "AIR": Text("通风", "air"),
    "BAN": Text("附近不得有", "nothing of the kind near by"),
    "BARRIER": Text("警戒", "barrier"),
    "BODY": Text("个体防护", "protective equipment"),
    "CLEAN": Text("清洗置换", "cleaned and purged"),
    "COVER": Text("覆盖防护", "covered"),
    "FIRE": Text("防火灭火", "fire protection"),
    "GAS": Text("气体检测", "gas test"),
    "GROUND": Text("地下和地面", "ground and what lies in it"),
    "HEIGHT": Text("登高", "height"),
    "ISOLATE": Text("断开隔离", "disconnected"),
    "LIGHT": Text("照明", "light"),
    "LOAD": Text("承重", "load"),
    "LOCK": Text("断电上锁", "locked out"),
    "OTHER": Text("其他", "other"),
    "PERMIT": Text("关联作业票", "related permit"),
    "PERSON": Text("人员资格和身体条件", "fit and certified people"),
    "PLAN": Text("方案", "plan"),
    "POWER": Text("用电", "electricity"),
    "RESCUE": Text("救援器材", "rescue equipment"),
    "ROAD": Text("道路和车辆", "road and vehicles"),
    "TALK": Text("通信联络", "communication"),
    "TOOL": Text("机具", "tools"),
    "WATCH": Text("监视", "watched"),
    "WAY": Text("通道", "ways in and out"),
    "WEATHER": Text("风力", "wind"),
}


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form; ``type`` is what is entered. ``kind`` is ``*`` for those that all forms have."""

    kind: str
    code: str
    name: Text
    type: str
    is_required: bool
    clause: str
    mark: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of a form's measures. ``applies`` is ``always``, ``other`` or a code of :data:`CIRCUMSTANCES`;
    ``parameters`` must be filled where it applies."""

    code: str
    kind: str
    number: int
    applies: str
    parameters: tuple[str, ...]
    text: Text
    clause: str
    #: A code of :data:`SIGNS`: the picture beside it, for whoever reads badly.
    sign: str
    mark: str = "V"


@dataclass(frozen=True, slots=True)
class SpecialMeasure:
    """A demand beyond the numbered rows; ``value`` in ``unit`` where it is a figure."""

    code: str
    kind: str
    when: str
    value: Decimal | None
    unit: str
    clause: str
    mark: str
    text: Text


@cache
def form_fields(kind: str) -> tuple[FormField, ...]:
    """The header fields of a kind's form, those of all forms first."""
    known_kind(kind)
    return tuple(
        FormField(
            row["kind"],
            row["code"],
            text_of(row),
            row["type"],
            row["required"] == "1",
            clause(row["clause"]),
            row["mark"],
        )
        for row in table("fields")
        if row["kind"] in ("*", kind)
    )


@cache
def measures(kind: str) -> tuple[Measure, ...]:
    """The numbered measures of a kind's form."""
    known_kind(kind)
    return tuple(
        Measure(
            code=f"{kind}-{int(row['no']):02}",
            kind=kind,
            number=int(row["no"]),
            applies=row["applies"],
            parameters=several(row["parameters"]),
            text=text_of(row),
            clause=clause(FORMS[kind]),
            sign=row["sign"],
        )
        for row in table("measures")
        if row["kind"] == kind
    )


@cache
def special_measures(kind: str) -> tuple[SpecialMeasure, ...]:
    """What a kind demands beyond the rows of its form."""
    known_kind(kind)
    return tuple(
        SpecialMeasure(
            row["code"],
            row["kind"],
            row["when"],
            Decimal(row["value"]) if row["value"] else None,
            row["unit"],
            clause(row["clause"]),
            row["mark"],
            text_of(row),
        )
        for row in table("special_measures")
        if row["kind"] in ("*", kind)
    )


def figure(name: str) -> Text:
    """What people call a parameter of a measure."""
    return _figures()[name]


@cache
def _figures() -> dict[str, Text]:
    return {row["name"]: text_of(row) for row in table("measure_figures")}


def forced(kind: str, circumstances: Mapping[str, bool | None]) -> tuple[Measure, ...]:
    """The measures that must be marked as applying. ``circumstances`` holds by code whether each is so; what it does
    not hold, or holds as None, is not known and forces. BadInput for a code that is none."""
    if unknown := sorted(set(circumstances) - set(CIRCUMSTANCES)):
        raise BadInput("circumstances", Text(f"没有代码{unknown[0]}", f"there is no code {unknown[0]}"))
    return tuple(
        measure
        for measure in measures(kind)
        if measure.applies != "other"
        and (measure.applies == "always" or circumstances.get(measure.applies) is not False)
    )
