"""Classes of enterprises and of what stands in them, as codes with their words (企业类别、设施类别)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from quancheng.standards.enterprise_classes import enterprise_classes


class Kind(models.TextChoices):
    """What an enterprise mainly is (企业类别)."""

    PRODUCER = "producer", _("危险化学品生产企业")
    FINE_CHEMICAL = "fine_chemical", _("精细化工企业")
    PHARMACEUTICAL = "pharmaceutical", _("医药生产企业")
    DEPOT = "depot", _("仓储企业（油库、危化品仓库）")
    TRADER_STORAGE = "trader_storage", _("带储存设施经营企业")
    TRADER_PAPER = "trader_paper", _("不带储存设施经营企业（票据经营）")
    PETROL_STATION = "petrol_station", _("加油站")
    GAS_FILLING = "gas_filling", _("气体充装站")
    CITY_GAS = "city_gas", _("城镇燃气企业")
    ALCOHOL_FUEL = "alcohol_fuel", _("醇基燃料供应、使用单位")
    USER = "user", _("危险化学品使用单位")
    LABORATORY = "laboratory", _("学校、科研机构实验室")
    HOSPITAL = "hospital", _("医疗机构")
    FIREWORKS_WHOLESALE = "fireworks_wholesale", _("烟花爆竹批发企业")
    FIREWORKS_RETAIL = "fireworks_retail", _("烟花爆竹零售点")
    CARRIER = "carrier", _("危险货物道路运输企业")
    PIPELINE = "pipeline", _("油气管道运营单位")
    WASTE_HANDLER = "waste_handler", _("危险废物收集处置单位")
    UNLICENSED = "unlicensed", _("无证场所（“小化工”等）")


#: Which links of the chain a class stands in by itself; an enterprise may hold further ones.
LINKS_OF: dict[str, tuple[str, ...]] = {code: one.links for code, one in enterprise_classes().items()}
#: Which department leads (牵头部门) for a class, by its code in the table of actors. A district may say otherwise.
LEADS: dict[str, str] = {
    "city_gas": "HUB", "laboratory": "EDU", "hospital": "HEA", "carrier": "TRB", "pipeline": "DRC",
    "waste_handler": "EEB",
}  # fmt: skip
LEAD_OTHERWISE = "EMB"


class Size(models.TextChoices):
    """Size class (企业规模)."""

    LARGE = "large", _("大型")
    MEDIUM = "medium", _("中型")
    SMALL = "small", _("小型")
    MICRO = "micro", _("微型")


class Life(models.TextChoices):
    """Whether it works (经营状态)."""

    OPERATING = "operating", _("正常生产经营")
    TRIAL = "trial", _("试生产")
    STOPPED = "stopped", _("长期停产停业")
    EXITING = "exiting", _("退出办理中")
    CLOSED = "closed", _("已关闭退出")


class UnitKind(models.TextChoices):
    """The two kinds of units of GB 18218-2018, 3.5 and 3.6 (单元)."""

    PRODUCTION = "production", _("生产单元")
    STORAGE = "storage", _("储存单元")


class Boundary(models.TextChoices):
    """What bounds a unit (单元划分依据), GB 18218-2018, 3.5 and 3.6."""

    DIKE = "dike", _("防火堤")
    BUILDING = "building", _("独立库房（独立建筑物）")
    SHED = "shed", _("室外棚、气瓶棚")
    VALVES = "valves", _("切断阀")
    PLANT = "plant", _("整套装置")


class Exclusion(models.TextChoices):
    """What GB 18218-2018 does not apply to (不适用情形), clause 1."""

    NUCLEAR = "nuclear", _("核设施和加工放射性物质的工厂")
    MILITARY = "military", _("军事设施")
    MINING = "mining", _("采矿业（不含其化学品加工和储存）")
    TRANSPORT = "off_site_transport", _("厂外危险化学品运输")
    OFFSHORE = "offshore", _("海上石油天然气开采")


class FacilityKind(models.TextChoices):
    """What a facility is (设施类别)."""

    TANK = "tank", _("储罐")
    BAY = "bay", _("库房、仓间")
    CYLINDERS = "cylinders", _("气瓶间")
    EQUIPMENT = "equipment", _("生产装置")
    REACTOR = "reactor", _("反应釜")
    DISPENSER = "dispenser", _("加油（气）机")
    LABORATORY = "laboratory", _("实验室")
    LOADING = "loading", _("装卸台")
    PIPE = "pipe", _("管道")
    ENVIRONMENTAL = "environmental", _("环保设施")


#: How GB 18218 names the place of a facility.
PLACE_OF: dict[str, str] = {
    "tank": "tank", "bay": "warehouse", "cylinders": "cylinder_shed", "equipment": "equipment", "reactor": "equipment",
    "dispenser": "equipment", "laboratory": "warehouse", "loading": "loading_rack", "pipe": "pipe",
    "environmental": "equipment",
}  # fmt: skip


class Design(models.TextChoices):
    """Whether the design was made by a qualified body (设计情况)."""

    FORMAL = "formal", _("正规设计")
    DIAGNOSED = "diagnosed", _("已作安全设计诊断")
    NONE = "none", _("未经正规设计")


class Fitted(models.TextChoices):
    """Whether a protection or system is there (设置情况); empty means that nobody said."""

    YES = "yes", _("已设置并投用")
    NO = "no", _("未设置或未投用")
    NOT_NEEDED = "na", _("不适用")


class Seepage(models.TextChoices):
    """How a buried tank is kept from seeping (防渗情况)."""

    DOUBLE_WALL = "double_wall", _("双层罐")
    POOL = "pool", _("防渗池")
    NONE = "none", _("未做防渗")


class State(models.TextChoices):
    """Physical state (物态) at 20 °C and 101.3 kPa."""

    GAS = "gas", _("气体")
    LIQUID = "liquid", _("液体")
    SOLID = "solid", _("固体")


class Basis(models.TextChoices):
    """What an assessment rests on (辨识口径)."""

    LEGAL = "legal", _("法定（设计最大量）")
    PRESENT = "present", _("现状（实际存量）")


class PlaceKind(models.TextChoices):
    """What a sensitive place is (敏感目标类别)."""

    SCHOOL = "school", _("学校、幼儿园")
    HOSPITAL = "hospital", _("医院、养老机构")
    HOUSING = "housing", _("住宅小区、村庄")
    MARKET = "market", _("商场、市场")
    PUBLIC = "public", _("车站、场馆等公众聚集场所")
    WATER = "water", _("饮用水水源地")


class ContactRole(models.TextChoices):
    """In which capacity somebody is named (人员类别)."""

    LEGAL = "legal", _("法定代表人")
    CONTROLLER = "controller", _("实际控制人")
    OWNER = "owner", _("受益所有人")
    HEAD = "head", _("主要负责人")
    SAFETY = "safety", _("安全负责人")
    EMERGENCY = "emergency", _("应急联系人")


class VisitResult(models.TextChoices):
    """What a census found at an enterprise (走访结果)."""

    MET = "met", _("在，情况相符")
    CHANGED = "changed", _("在，情况有变")
    GONE = "gone", _("已不在")
    FOUND = "found", _("新发现")


class ClueSource(models.TextChoices):
    """How a clue came (线索来源)."""

    CENSUS = "census", _("摸底走访")
    PATROL = "patrol", _("日常巡查")
    REPORT = "report", _("群众反映")


class CheckKind(models.TextChoices):
    """For what a checklist is gone through (检查类别)."""

    STOPPED = "stopped", _("停产检查")
    DESIGN = "design", _("设计复核")
    LABORATORY = "laboratory", _("实验室检查")
    CENSUS = "census", _("摸底自查")


class CheckAnswer(models.TextChoices):
    """The answer to an item of a checklist (检查结果)."""

    YES = "yes", _("符合")
    NO = "no", _("不符合")
    NONE = "none", _("不涉及")


class LabKind(models.TextChoices):
    """What a laboratory is for (实验室类别)."""

    TEACHING = "teaching", _("教学")
    RESEARCH = "research", _("科研")
    TESTING = "testing", _("检测检验")
    SCHOOL = "school", _("中小学")


class InspectionKind(models.TextChoices):
    """Why a product or its package was inspected (产品质量检验类别)."""

    SAMPLING = "sampling", _("监督抽查")
    LICENCE = "licence", _("生产许可证后监管")
    IMPORT = "import", _("进口检验")
    EXPORT = "export", _("出口检验")
    PACKAGE = "package", _("包装、容器检验")


class InspectionResult(models.TextChoices):
    """What an inspection found (检验结论)."""

    PASSED = "passed", _("合格")
    FAILED = "failed", _("不合格")


class RiskGrade(models.TextChoices):
    """Grade of an enterprise's risk of sudden environmental incidents (环境风险等级), HJ 941-2018."""

    GENERAL = "general", _("一般环境风险")
    LARGER = "larger", _("较大环境风险")
    MAJOR = "major", _("重大环境风险")


class NewSubstance(models.TextChoices):
    """How a new chemical substance is registered (新化学物质环境管理登记)."""

    REGULAR = "regular", _("常规登记")
    SIMPLE = "simple", _("简易登记")
    FILING = "filing", _("备案")


class WasteWay(models.TextChoices):
    """What becomes of a waste hazardous chemical (废弃危险化学品处置方式)."""

    REUSE = "reuse", _("自行利用")
    SELF = "self", _("自行处置")
    ENTRUST = "entrust", _("委托利用处置")
    KEEP = "keep", _("厂内贮存待处置")
