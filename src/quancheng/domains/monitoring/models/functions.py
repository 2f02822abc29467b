"""What a risk warning system must be able to do (风险监测预警系统功能清单), and the way up of each exchange."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.ids import uuid7


class FunctionArea(models.TextChoices):
    """The five areas of functions (五个功能方面)."""

    DYNAMIC = "dynamic", _("动态监管")
    GRADED = "graded", _("分级管控")
    WARNING = "warning", _("风险预警")
    DATA = "data", _("数据监测")
    VIDEO = "video", _("视频监控")


class FunctionState(models.TextChoices):
    """How far a function is (功能状态)."""

    MISSING = "missing", _("未建设")
    BUILDING = "building", _("建设中")
    BUILT = "built", _("已建成，未验收")
    ACCEPTED = "accepted", pgettext_lazy("function", "已验收")
    FAULTY = "faulty", _("运行不正常")


class ItemResult(models.TextChoices):
    """What came of an acceptance item (验收结果)."""

    UNTESTED = "untested", _("未验收")
    MET = "met", _("通过")
    UNMET = "unmet", pgettext_lazy("acceptance", "未通过")


class SystemFunction(models.Model):
    """One function of the risk warning system (系统功能). Retention class: register, permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    area = models.CharField(_("功能方面"), max_length=8, choices=FunctionArea.choices)
    name = models.CharField(_("功能名称"), max_length=120)
    name_en = models.CharField(_("英文名称"), max_length=160, blank=True)
    state = models.CharField(_("功能状态"), max_length=8, choices=FunctionState.choices)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=1000)
    version = models.PositiveIntegerField(default=1)
    #: None of what ships and nobody touched.
    changed_at = models.DateTimeField(_("修改时间"), null=True)
    changed_by = models.CharField(_("修改人"), max_length=130, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(area__in=FunctionArea.values), name="system_function_area"),
            models.CheckConstraint(condition=Q(state__in=FunctionState.values), name="system_function_state"),
            models.UniqueConstraint(fields=["area", "name"], name="system_function_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shown(self) -> str:
        """The name in the reader's language."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class AcceptanceItem(models.Model):
    """What a function must show to be accepted (验收项), and what came of it. Retention class: register, permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    function = models.ForeignKey(SystemFunction, models.CASCADE, related_name="items")
    text = models.CharField(_("验收要求"), max_length=300)
    text_en = models.CharField(_("英文"), max_length=400, blank=True)
    result = models.CharField(_("验收结果"), max_length=8, choices=ItemResult.choices, default=ItemResult.UNTESTED)
    #: What was seen: the page, the record, the report.
    evidence = models.CharField(_("验收证据"), max_length=500, blank=True)
    checked_date = models.DateField(_("验收日期"), null=True, blank=True)
    by_name = models.CharField(_("验收人"), max_length=130, blank=True)
    position = models.PositiveSmallIntegerField(default=1000)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(result__in=ItemResult.values), name="acceptance_result_known"),
            models.CheckConstraint(
                condition=Q(result="untested") | ~Q(evidence="") & Q(checked_date__isnull=False),
                name="acceptance_with_evidence",
            ),
            models.UniqueConstraint(fields=["function", "text"], name="acceptance_item_once"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def shown(self) -> str:
        """What is asked, in the reader's language."""
        return self.text_en if self.text_en and (get_language() or "").startswith("en") else self.text


class UpperLevel(models.TextChoices):
    """Whose an upper platform is (上级平台层级)."""

    CITY = "city", _("市级")
    ABOVE = "above", _("部、省级")


class PassageLink(models.Model):
    """To which level a way up leads (对接通道所属层级). Retention class: as the way."""

    adapter = models.OneToOneField("hazards.ExchangeAdapter", models.CASCADE, primary_key=True, related_name="+")
    level = models.CharField(_("层级"), max_length=5, choices=UpperLevel.choices)
    by_name = models.CharField(_("登记人"), max_length=130)
    set_at = models.DateTimeField(_("登记时间"))

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(level__in=UpperLevel.values), name="passage_level_known")]

    def __str__(self) -> str:
        return f"{self.adapter_id} {self.level}"
