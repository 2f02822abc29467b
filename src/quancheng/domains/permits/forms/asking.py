"""Facts of a job as a form asks for them: one list of questions by kind, read by the standard itself.

Each question names the place of its answer among the standard's facts (``hot_work.on_pipe_rack``). What is left empty
stays unknown, and a check that needs it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import Text as Words
from quancheng.kernel.pages import fields
from quancheng.standards.gb30871 import roles, tickets
from quancheng.standards.gb30871.endings import STOP_REASONS
from quancheng.standards.gb30871.facts import ANCHORS, STAYS
from quancheng.standards.gb30871.levels import DOWNGRADERS, factors, situations
from quancheng.standards.wording import Text


def _in_language(zh: str, en: str) -> str:
    return en if (get_language() or "").startswith("en") else zh


_lazy_text = lazy(_in_language, str)


def words_of(text: Text) -> Words:
    """A text of the standard that is read in the language of whoever looks at it."""
    return _lazy_text(text.zh, text.en)


#: What is ticked where of several things there is none.
NONE = "NONE"
YES_NO = [("", "—"), ("1", _("是")), ("0", _("否"))]


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. ``type``: flag (yes, no, not known), must (yes or no, to be answered), tick (what is said only
    where it is ticked), figure, count, least one (a count that must be told), day, text, lines, one, many (at least
    one of several), any (several, or expressly none)."""

    path: str
    type: str
    label: Any
    kinds: tuple[str, ...] = ()
    choices: tuple[tuple[str, Words], ...] = ()

    @property
    def name(self) -> str:
        return self.path.replace(".", "__")

    def concerns(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds

    def field(self) -> forms.Field:
        if self.type == "flag":
            return forms.ChoiceField(label=self.label, choices=YES_NO, required=False)
        if self.type == "must":
            return fields.choice(self.label, [("", "—"), *YES_NO[1:]])
        if self.type == "least one":
            return forms.IntegerField(label=self.label, min_value=1, max_value=1000)
        if self.type == "tick":
            return forms.BooleanField(label=self.label, required=False)
        if self.type == "figure":
            return forms.DecimalField(label=self.label, required=False, max_digits=12, decimal_places=4)
        if self.type == "count":
            return forms.IntegerField(label=self.label, required=False, min_value=0, max_value=100_000)
        if self.type == "day":
            return fields.day(self.label, required=False)
        if self.type == "lines":
            return fields.text(self.label, required=False, rows=2, limit=1000, help_text=_("一行一处，写位号。"))
        if self.type == "one":
            return fields.choice(self.label, self.choices, required=False)
        if self.type in ("many", "any"):
            none = ((NONE, _("均无")),) if self.type == "any" else ()
            return forms.MultipleChoiceField(
                label=self.label, choices=(*self.choices, *none), required=False, widget=forms.CheckboxSelectMultiple
            )
        return fields.words(self.label, required=False)

    def value(self, given: Any) -> Any:
        """What was typed as the standard's fact; None where nothing was."""
        if self.type in ("flag", "must"):
            return None if given == "" else given == "1"
        if self.type == "tick":
            return given or None
        if self.type == "lines":
            return fields.lines(given) or None
        if self.type == "many":
            return list(given) or None
        if self.type == "any":
            # Who ticks both says what there is.
            return [one for one in given if one != NONE] if given else None
        return None if given in ("", None) else given

    def shown(self, fact: Any) -> Any:
        """A fact in words."""
        if isinstance(fact, bool):
            return _("是") if fact else _("否")
        return dict(self.choices).get(fact, fact) if self.choices and isinstance(fact, str) else fact

    def initial(self, fact: Any) -> Any:
        if self.type in ("flag", "must"):
            return "" if fact is None else "1" if fact else "0"
        if self.type == "any" and fact is not None and not fact:
            return [NONE]
        if self.type == "many" and fact:
            known = dict(self.choices)
            return [one for one in fact if one in known]
        return "\n".join(fact) if self.type == "lines" and fact else fact


def _choices(texts: Mapping[str, Text]) -> tuple[tuple[str, Words], ...]:
    return tuple((code, words_of(text)) for code, text in texts.items())


_HW, _CS, _WH, _LF, _TE, _EX, _RC, _BL = ("HW",), ("CS",), ("WH",), ("LF",), ("TE",), ("EX",), ("RC",), ("BL",)


def _circumstance(code: str) -> Words:
    return words_of(tickets.CIRCUMSTANCES[code])


#: What changes from hour to hour: told in the draft for the approval, and found anew at the place for each start.
MOMENTARY: tuple[Ask, ...] = (
    Ask("site.welder_distance_m", "figure", _("电焊机距动火点，m"), _HW),
    Ask("site.acetylene_upright", "flag", _("乙炔瓶直立"), _HW),
    Ask("site.cylinders_apart_m", "figure", _("气瓶间距，m"), _HW),
    Ask("site.cylinders_fire_m", "figure", _("气瓶距火源，m"), _HW),
    Ask("site.under_pressure", "flag", _("设备带压"), _HW),
    Ask("site.unit_stable", "flag", _("装置运行稳定"), _HW),
    Ask("site.oxygen_ventilation", "flag", _("充氧气或富氧空气"), _CS),
    Ask("site.work_below", "flag", _("下方有人作业"), _WH),
    Ask("site.protection_layers", "count", _("隔离层数"), _WH),
    Ask("site.generator_fed_in", "flag", _("自备电源接入公用电网"), _TE),
    Ask("site.cable_joints", "flag", _("危险、高温、潮湿处线路有接头"), _TE),
    Ask("site.fire_lane", "flag", _("保证消防通道"), _RC),
)  # fmt: skip

#: What the draft asks.
WORK: tuple[Ask, ...] = (
    Ask("methods", "many", _("动火方式"), _HW, _choices(tickets.HOT_WORK_METHODS)),
    Ask("hot_work.hazard_place", "flag", _("在火灾爆炸危险场所内"), _HW),
    Ask("hot_work.on_running_equipment", "flag", _("在运行装置的设备、管道上"), _HW),
    Ask("hot_work.in_major_hazard_dike", "flag", _("在重大危险源罐区防火堤内"), _HW),
    Ask("hot_work.on_pipe_rack", "flag", _("在管廊上"), _HW),
    Ask("hot_work.under_pressure", "must", _("带压不置换动火"), _HW),
    Ask("hot_work.outdoor", "flag", _("露天动火"), _HW),
    Ask("hot_work.unit_shutdown", "flag", _("装置已全部停车"), _HW),
    Ask("hot_work.cleaned", "flag", _("已清洗"), _HW),
    Ask("hot_work.purged", "flag", _("已置换"), _HW),
    Ask("hot_work.gas_passed", "flag", _("已分析合格"), _HW),
    Ask("hot_work.isolated", "flag", _("已隔离"), _HW),
    Ask("hot_work.downgrade_approved_by", "one", _("降为二级的批准人"), _HW, _choices(DOWNGRADERS)),
    Ask("in_vessel", "flag", _("在设备内部动火"), _HW),
    Ask("outer_wall", "flag", _("在设备外壁动火"), _HW),
    Ask("large", "flag", _("设备容积较大，须上中下取样"), ("HW", "CS")),
    Ask("sections", "least one", _("分段取样的段数，不分段填1"), _HW),
    Ask("hot_work.needed_in_wind", "flag", _("五级以上风时生产确需动火"), _HW),
    Ask("circumstances.held_flammable", "flag", _circumstance("held_flammable"), _HW),
    Ask("circumstances.special_or_release", "flag", _circumstance("special_or_release"), _HW),
    Ask("circumstances.held_toxic_or_flammable", "flag", _circumstance("held_toxic_or_flammable"), _CS),
    Ask("oxygen_service", "flag", _("氧气设备"), ("HW", "CS")),
    Ask("site.explosive_medium", "flag", _("存有受热分解爆炸、自爆物料"), _HW),
    Ask("blinds", "lines", _("加盲板、拆短管的点"), ("HW", "CS")),
    Ask("locks", "lines", _("断电上锁、机械锁定的点"), ("HW", "CS")),
    Ask("no_isolation", "tick", _("没有须隔离的管线、设备"), ("HW", "CS")),
    Ask("people_inside", "count", _("同时进入人数"), _CS),
    Ask("stay_class", "one", _("空间内停留条件"), _CS, _choices(STAYS)),
    Ask("plates", "count", _("盲板数量"), _BL),
    Ask("operations", "many", _("堵或抽"), _BL, (("INSERT", _("堵")), ("REMOVE", _("抽")))),
    Ask("height.height_m", "figure", _("作业高度，m"), _WH),
    Ask("height.factors", "any", _("客观危险因素"), _WH, _choices({k: v.text for k, v in factors().items()})),
    Ask("toxic_place", "flag", _("可能有有毒气体或缺氧"), _WH),
    Ask("height.situations", "any", _("特殊情形"), _WH, _choices({k: v.text for k, v in situations().items()})),
    Ask("outdoor", "flag", _("露天作业"), ("WH", "LF")),
    Ask("lifting.mass_t", "figure", _("吊物质量，t"), _LF),
    Ask("lifting.complex_shape", "flag", _("形状复杂"), _LF),
    Ask("lifting.low_stiffness", "flag", _("刚度小"), _LF),
    Ask("lifting.slender", "flag", _("长径比大"), _LF),
    Ask("lifting.precious", "flag", _("精密贵重"), _LF),
    Ask("lifting.special_conditions", "flag", _("作业条件特殊"), _LF),
    Ask("lifting.dangerous_equipment_near", "flag", _("场地内有危险物料设备"), _LF),
    Ask("crane_load_t", "figure", _("起重机承担载荷，t"), _LF),
    Ask("crane_capacity_t", "figure", _("该半径额定起重量，t"), _LF),
    Ask("site.anchor", "one", _("锚点"), _LF, _choices(ANCHORS)),
    Ask("site.anchor_verified", "flag", _("锚点已核算批准"), _LF),
    Ask("hazard_place", "flag", _("在火灾爆炸危险场所内"), ("TE", "BL", "LF")),
    Ask("high_voltage", "must", _("高压"), _TE),
    Ask("special_reason", "tick", _("超过15天的特殊情况"), _TE),
    Ask("depth_m", "figure", _("开挖深度，m"), _EX),
    Ask("dangerous_lines", "flag", _("附近有易燃、有毒管线"), _EX),
    Ask("space_measures", "flag", _("已落实受限空间措施"), _EX),
    Ask("departments_concerned", "any", _("涉及部门"), ("EX", "RC"), _choices(
        {code: text for code, text in roles.DEPARTMENTS.items() if code != "POWER_UNIT"}
    )),
    Ask("site.traffic_plan", "flag", _("有交通组织方案"), _RC),
    *MOMENTARY,
    Ask("needs_plan", "must", _("须编制作业方案")),
    Ask("is_contractor", "flag", _("由承包商作业")),
    Ask("contractor.is_admitted", "flag", _("承包商已准入")),
    Ask("contractor.admitted_to", "day", _("准入有效期至")),
    Ask("contractor.agreement_signed", "flag", _("已签安全协议")),
    Ask("contractor.is_blacklisted", "flag", _("承包商在黑名单")),
    Ask("licence_valid", "flag", _("安全生产许可有效或无须许可")),
    Ask("filing_needed", "flag", _("须向监管部门报备")),
    Ask("is_filed", "flag", _("已报备")),
    Ask("questions.height_m", "figure", _("作业点高度，m（2 m及以上须办高处票，没有填0）")),
    Ask("questions.confined_space", "flag", _("须进入受限空间")),
    Ask("questions.pit_m", "figure", _("进入的坑、沟、井深度，m（没有填0）")),
    Ask("questions.dangerous_area", "flag", _("在可能有易燃、有毒物质的场所")),
    Ask("questions.vehicle_without_arrestor", "flag", _("使用未装阻火器的车辆")),
    Ask("questions.tool_not_ex", "flag", _("使用非防爆工具、设备")),
    Ask("questions.sparks", "flag", _("会产生火花、明火")),
    Ask("questions.blinds", "count", _("须加、拆盲板数（没有填0）")),
    Ask("questions.temporary_power", "flag", _("须接临时用电")),
    Ask("questions.lift_t", "figure", _("吊物质量，t（10 t及以上须办吊装票，没有填0）")),
    Ask("questions.dig_m", "figure", _("动土深度，m（超过0.5 m须办动土票，没有填0）")),
    Ask("questions.piling_or_levelling", "flag", _("须打桩、平整场地")),
    Ask("questions.road_blocked", "flag", _("须占用、断开道路")),
)  # fmt: skip

#: What a check of the place asks.
FOUND: tuple[Ask, ...] = (
    *MOMENTARY,
    Ask("zone_state", "one", _("区域状态"), (), (
        ("CLEAR", _("正常，无报警和停工指令")), ("GAS_ALARM", words_of(STOP_REASONS["GAS_ALARM"])),
        ("UNIT_UPSET", words_of(STOP_REASONS["UNIT_UPSET"])), ("EVACUATION", words_of(STOP_REASONS["EVACUATION"])),
        ("INSPECTOR_ORDER", words_of(STOP_REASONS["INSPECTOR_ORDER"])),
    )),
    Ask("zone.people", "count", _("区域内其他人数")),
    Ask("zone.capacity", "count", _("区域限员")),
    Ask("zone.is_banned", "flag", _("当前禁止特殊作业")),
    Ask("other_work", "one", _("周边交叉作业"), (), (
        ("NONE", _("没有")), ("CONDITIONAL", _("有，可协调同时进行")), ("FORBID", _("有，禁止同时进行")),
    )),
    Ask("coordinator", "text", _("交叉作业协调人")),
    Ask("joint_analysis", "flag", _("已联合辨识风险")),
    Ask("identified", "flag", _("作业人、监护人已现场核验身份")),
    Ask("isolations_verified", "flag", _("隔离点已逐点核实"), ("HW", "CS")),
    Ask("weather.wind_beaufort", "count", _("风力，级"), ("HW", "WH", "LF")),
    Ask("weather.fog", "flag", _("浓雾"), ("WH", "LF")),
    Ask("weather.rain", "flag", _("下雨"), _WH),
    Ask("weather.snow", "flag", _("下雪"), _WH),
    Ask("weather.heavy_snow", "flag", _("大雪"), _LF),
    Ask("weather.rainstorm", "flag", _("暴雨"), _LF),
    Ask("leader_on_site", "flag", _("带班领导在现场"), _HW),
    Ask("site.camera_online", "flag", _("摄录设备在线"), _HW),
    Ask("site.camera_ex_rated", "flag", _("摄录设备防爆"), _HW),
    Ask("site.detector_paired", "flag", _("便携检测仪已连接"), ("HW", "CS", "EX")),
    Ask("site.manual_log_plan", "tick", _("按计划人工检测记录"), ("CS", "EX")),
    Ask("other_on_line", "flag", _("同一管道有其他盲板作业"), _BL),
    Ask("site.personal_detectors", "flag", _("有毒介质盲板作业人员均佩戴便携检测仪"), _BL),
    Ask("oxygen_reason", "text", _("氧含量高于21%的原因"), ("HW", "CS")),
    Ask("oxygen_confirmed", "flag", _("审批人已确认富氧原因"), ("HW", "CS")),
    Ask("reconfirmed", "tick", _("中断后作业条件已重新确认"), _WH),
)  # fmt: skip


def absent_of(kind: str) -> Ask:
    """Which circumstances of the form's measures do not hold here: what is not named forces its measure."""
    own = {one.path.partition(".")[2] for one in asks_of(WORK, kind) if one.path.startswith("circumstances.")}
    asked = {row.applies for row in tickets.measures(kind)} - {"always", "other"} - own
    texts = {code: tickets.CIRCUMSTANCES[code] for code in sorted(asked)}
    return Ask("absent", "many", _("以下情形不存在"), (kind,), _choices(texts))


def asks_of(asks: Iterable[Ask], kind: str) -> list[Ask]:
    return [one for one in asks if one.concerns(kind)]


def facts_told(asks: Iterable[Ask], given: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed as nested facts, and what is ours among it as the standard knows it."""
    found: dict[str, Any] = {}
    for one in asks:
        value = one.value(given[one.name])
        if value is None:
            continue
        head, _dot, tail = one.path.partition(".")
        if tail:
            found.setdefault(head, {})[tail] = value
        else:
            found[head] = value
    _isolations(found)
    load, capacity = found.pop("crane_load_t", None), found.pop("crane_capacity_t", None)
    if load is not None and capacity is not None:
        found.setdefault("site", {})["cranes"] = [{"load_t": load, "capacity_t": capacity}]
    if absent := found.pop("absent", None):
        found["circumstances"] = {**found.get("circumstances", {}), **dict.fromkeys(absent, False)}
    if state := found.pop("zone_state", None):
        found.setdefault("zone", {})["locked_by"] = "" if state == "CLEAR" else state
    if other := found.pop("other_work", None):
        found["conflicts"] = [] if other == "NONE" else [{"rule": "STATED", "result": other}]
    for name in ("height", "lifting"):
        # Without its figure it is nothing that the standard could read.
        if name in found and not {"height_m", "mass_t"} & set(found[name]):
            del found[name]
    return found


def _isolations(found: dict[str, Any]) -> None:
    blinds, locks = found.pop("blinds", []), found.pop("locks", [])
    points = [{"tag": tag, "type": "BLIND", "blind_needed": True} for tag in blinds]
    points += [{"tag": tag, "type": "ELEC_LOTO"} for tag in locks]
    if found.pop("no_isolation", False) or points:
        found["isolations"] = points


def typed_from(asks: Iterable[Ask], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as the form shows them again."""
    flat = dict(facts)
    points = facts.get("isolations")
    if points is not None:
        flat["blinds"] = [one["tag"] for one in points if one["type"] == "BLIND"]
        flat["locks"] = [one["tag"] for one in points if one["type"] != "BLIND"]
        flat["no_isolation"] = not points
    for crane in facts.get("site", {}).get("cranes", [])[:1]:
        flat |= {"crane_load_t": crane["load_t"], "crane_capacity_t": crane["capacity_t"]}
    flat["absent"] = [code for code, holds in facts.get("circumstances", {}).items() if holds is False]
    found = {}
    for one in asks:
        head, _dot, tail = one.path.partition(".")
        value = flat.get(head, {}).get(tail) if tail else flat.get(head)
        found[one.name] = one.initial(value)
    return found


