"""Codes of the risk list with their words (风险分级管控清单的代码); those of the exchange spec keep its numbers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Level(models.IntegerChoices):
    """Level of a risk (风险等级): 1 is the gravest. Red, orange, yellow, blue; never green for low."""

    MAJOR = 1, _("重大")
    LARGER = 2, _("较大")
    GENERAL = 3, _("一般")
    LOW = 4, _("低")


class ObjectKind(models.TextChoices):
    """What a risk analysis object is (风险分析对象类别)."""

    MAJOR_HAZARD = "hazard", _("重大危险源")
    PRODUCTION = "production", _("生产装置、单元")
    STORAGE = "storage", _("储存单元")
    PLACE = "place", _("场所")
    ACTIVITY = "activity", _("作业活动")


class Layer(models.TextChoices):
    """A level of the enterprise that controls and checks (管控层级); the higher contains the lower."""

    COMPANY = "company", _("公司")
    PLANT = "plant", _("厂")
    WORKSHOP = "workshop", _("车间、部门")
    TEAM = "team", _("班组、岗位")


class Mode(models.TextChoices):
    """How a measure is kept effective (管控方式), ``dataSrc`` of the exchange spec."""

    AUTOMATIC = "1", _("自动化监控")
    INSPECTION = "2", _("隐患排查")


class Category(models.TextChoices):
    """First class of a control measure (管控措施分类1), ``classify1``."""

    ENGINEERING = "1", _("工程技术")
    MAINTENANCE = "2", _("维护保养")
    OPERATION = "3", _("人员操作")
    EMERGENCY = "4", _("应急措施")


class Subcategory(models.TextChoices):
    """Second class of a control measure (管控措施分类2), ``classify2``."""

    PROCESS_CONTROL = "1-1", _("工艺控制")
    KEY_EQUIPMENT = "1-2", _("关键设备、部件")
    SAFETY_ACCESSORIES = "1-3", _("安全附件")
    SAFETY_INSTRUMENTS = "1-4", _("安全仪表")
    ENGINEERING_OTHER = "1-5", _("其他工程技术措施")
    ROTATING = "2-1", _("动设备")
    STATIC_EQUIPMENT = "2-2", _("静设备")
    MAINTENANCE_OTHER = "2-3", _("其他维护保养措施")
    QUALIFICATION = "3-1", _("人员资质")
    OPERATING_RECORD = "3-2", _("操作记录")
    HANDOVER = "3-3", _("交接班")
    OPERATION_OTHER = "3-4", _("其他人员操作措施")
    EMERGENCY_FACILITIES = "4-1", _("应急设施")
    PROTECTION = "4-2", _("个体防护")
    FIRE_FACILITIES = "4-3", _("消防设施")
    EMERGENCY_PLAN = "4-4", _("应急预案")
    EMERGENCY_OTHER = "4-5", _("其他应急措施")


class Stage(models.TextChoices):
    """Which risk an assessment speaks of (评估口径): without measures, or with those that stand."""

    INHERENT = "inherent", _("固有风险")
    RESIDUAL = "residual", _("剩余风险")


class Method(models.TextChoices):
    """Method of an assessment (评估方法), a code of ``standards.risk.methods``."""

    LS = "LS", _("风险矩阵法（LS）")
    LEC = "LEC", _("作业条件危险性分析法（LEC）")
    LS4 = "LS4", _("4×4风险矩阵")
    LC = "LC", _("LC法（不计暴露）")


class GradingCause(models.TextChoices):
    """What calls for a grading (分级启动原因); the capitals are triggers of ``standards.risk.verdict``."""

    FIRST = "first", _("首次评估")
    ENDING = "ending", _("有效期将届满")
    RED_FLAG = "RED_FLAG", _("发生直接判定为红色的情形")
    NEW_MAJOR_HAZARD = "NEW_MAJOR_HAZARD", _("新增重大危险源")
    LEVEL_CHANGE = "LEVEL_CHANGE", _("重大危险源级别变化")
    ACCIDENT = "ACCIDENT", _("发生安全事故")
    EXPANSION = "EXPANSION", _("改建、扩建")
    RED_CLOSED = "RED_CLOSED", _("判定为红色的原因已消除")
    OTHER = "other", _("其他")


class Shape(models.TextChoices):
    """How something is drawn on a plan (图形)."""

    POINT = "point", _("点")
    AREA = "area", _("区域")


class ColourOf(models.TextChoices):
    """Which colour a map or a table shows (颜色口径)."""

    PRESENT = "present", _("现状风险")
    RESIDUAL = "residual", _("剩余风险（静态）")
    INHERENT = "inherent", _("固有风险")
    GRADED = "graded", _("企业风险等级")


class AnalysisMethod(models.TextChoices):
    """By what a unit is analysed (分析方法)."""

    JHA = "JHA", _("工作危害分析（JHA）")
    SCL = "SCL", _("安全检查表分析（SCL）")
    HAZOP = "HAZOP", _("危险与可操作性分析（HAZOP）")


class Occasion(models.TextChoices):
    """What an analysis is made for (分析时机)."""

    REGULAR = "regular", _("定期")
    CHANGE = "change", _("变更")
    START_STOP = "start_stop", _("开停车")
    PROJECT = "project", _("新改扩建")
    ACCIDENT = "accident", _("事故事件后")


class ClearingKind(models.TextChoices):
    """The four clearings of fine-chemical enterprises (四个清零)."""

    REACTION = "reaction", _("反应安全风险评估")
    AUTOMATION = "automation", _("自动化控制改造")
    STAFF = "staff", _("从业人员学历资质达标")
    PEOPLE = "people", _("人员密集场所搬迁")


class ReadingKind(models.TextChoices):
    """Why somebody reads a card and is asked about it (阅读测试类别)."""

    EDITION = "edition", _("新版阅读")
    SPOT = "spot", _("季度抽查")


class BoardKind(models.TextChoices):
    """A board that hangs on the spot (公告栏、告知牌类别)."""

    ENTERPRISE = "enterprise", _("安全风险公告栏")
    POINT = "point", _("较大以上风险告知牌")
    HAZARD = "hazard", _("重大危险源公示牌")


class Screening(models.TextChoices):
    """What the screening of an environmental facility found (环保设施隐患排查结果)."""

    NONE = "none", _("未发现问题")
    GENERAL = "general", _("发现一般问题")
    MAJOR = "major", _("发现重大问题")


class EnterpriseClass(models.TextChoices):
    """What is to become of an enterprise (企业分类整治类别). The three are the restatement's example. [D]"""

    GOOD = "good", _("规范达标")
    RECTIFY = "rectify", _("整治提升")
    RETIRE = "retire", _("淘汰退出")


class LayoutVerdict(models.IntegerChoices):
    """What a distance check found (间距核查结果), ``standards.risk.layout.Verdict`` with its words."""

    SHORT = 1, pgettext_lazy("layout", "不符合")
    BELOW = 2, _("低于筛查值，待核实")
    UNKNOWN = 3, _("不能判定")
    MEETS = 4, pgettext_lazy("layout", "符合")


class DistanceWay(models.TextChoices):
    """How an external safety distance was found (外部安全防护距离确定方法)."""

    EXPLOSIVE = "explosive", _("事故后果法（爆炸物，按TNT当量计算）")
    RISK = "risk", _("定量风险评价法")
    CODE = "code", _("按设计规范")


class LayoutOutcome(models.TextChoices):
    """How a case of layout was settled (布局问题落实方式)."""

    MOVED = "moved", _("企业或设施已搬迁、拆除")
    REZONED = "rezoned", _("规划已调整")
    MEASURES = "measures", _("采取措施，有论证或批复文件")
    NONE = "none", _("不构成问题")
