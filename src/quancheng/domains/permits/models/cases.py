"""The library of accident cases (事故案例库) as offices and enterprises keep it beside what ships."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models.guardian_items import ItemMark
from quancheng.domains.permits.models.permits import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField


class Medium(models.TextChoices):
    """What hurt people (介质类别); as ``standards.gb30871.cases.MEDIA``."""

    FLAMMABLE = "FLAMMABLE", _("易燃易爆")
    TOXIC = "TOXIC", _("有毒有害")
    INERT = "INERT", _("缺氧窒息")
    DUST = "DUST", _("可燃粉尘")


class CaseChange(Scoped):
    """A case put into the library, written anew or withdrawn (事故案例变更). Only ever added: of each code the newest
    counts, else what ships. Retention class: register, permanent.

    ``file`` names the enterprise that keeps it for itself; none: the office's, which everybody reads.
    """

    append_only = True

    file = models.ForeignKey(Enterprise, models.PROTECT, null=True, related_name="+")
    code = models.CharField(_("案例代码"), max_length=20)
    is_on = models.BooleanField(_("列入案例库"), default=True)
    kinds = ArrayField(models.CharField(max_length=2, choices=Kind.choices), verbose_name=_("作业类别"))
    media = ArrayField(
        models.CharField(max_length=9, choices=Medium.choices), verbose_name=_("介质类别"), default=list, blank=True
    )
    equipment = models.CharField(_("设备"), max_length=120, blank=True)
    year = models.PositiveSmallIntegerField(_("年份"), null=True, blank=True)
    deaths = models.PositiveIntegerField(_("死亡人数"), null=True, blank=True)
    injured = models.PositiveIntegerField(_("受伤人数"), null=True, blank=True)
    title = models.CharField(_("案例名称"), max_length=120)
    cause = models.CharField(_("事故原因"), max_length=500)
    lesson = models.CharField(_("事故教训"), max_length=500)
    hazard = models.CharField(_("危害"), max_length=300)
    measure = models.CharField(_("措施"), max_length=300)
    source = models.CharField(_("依据"), max_length=200)
    mark = models.CharField(_("确信程度"), max_length=1, choices=ItemMark.choices)
    reason = models.CharField(_("理由"), max_length=300)
    entered_by = models.CharField(_("设置人"), max_length=130)
    entered_at = models.DateTimeField(_("设置时间"))

    objects = ScopedQuerySet["CaseChange"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(mark__in=ItemMark.values), name="case_change_mark_known"),
        ]
        indexes = [models.Index(fields=["entered_at", "id"], name="case_change_in_order")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
