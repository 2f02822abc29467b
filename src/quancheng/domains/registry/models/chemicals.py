"""Chemicals (危险化学品): one row a substance or a grade of it, for everybody who is signed in."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import State
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7


class Chemical(models.Model):
    """A chemical of the register (化学品). ``mark`` says how sure its data are: V, G or D. Retention class: register,
    permanent.

    Temperatures are °C at 101.3 kPa, densities t/m³ at 20 °C, limits volume percent in air.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: Serial number in the hazardous chemicals catalogue (危险化学品目录序号); empty where it is not in it.
    catalogue_no = models.CharField(_("目录序号"), max_length=10, blank=True)
    name = models.CharField(_("化学品名称"), max_length=200, unique=True)
    aliases = ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=_("别名"))
    english = models.CharField(_("英文名"), max_length=200, blank=True)
    cas = models.CharField("CAS", max_length=14, blank=True)
    un_no = models.CharField(_("联合国编号"), max_length=4, blank=True)
    state = models.CharField(_("物态"), max_length=6, choices=State.choices, blank=True)
    hazard_classes = ArrayField(models.CharField(max_length=80), default=list, blank=True, verbose_name=_("危险性类别"))
    #: Codes of the regulated lists on which it stands (``standards.lists``), as of the last look.
    lists = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("所在名录"))
    #: The item of table 1 of GB 18218 that it is, where name and CAS number alone would not tell.
    gb18218_item = models.CharField(_("GB 18218 表1项"), max_length=4, blank=True)
    boiling_point_c = models.DecimalField(_("沸点（摄氏度）"), max_digits=9, decimal_places=3, null=True, blank=True)
    flash_point_c = models.DecimalField(_("闪点（摄氏度）"), max_digits=9, decimal_places=3, null=True, blank=True)
    density = models.DecimalField(_("密度（吨/立方米）"), max_digits=9, decimal_places=3, null=True, blank=True)
    lower_limit = models.DecimalField(_("爆炸下限（体积%）"), max_digits=9, decimal_places=3, null=True, blank=True)
    upper_limit = models.DecimalField(_("爆炸上限（体积%）"), max_digits=9, decimal_places=3, null=True, blank=True)
    molar_mass = models.DecimalField(_("摩尔质量（克/摩尔）"), max_digits=9, decimal_places=3, null=True, blank=True)
    autoignition_c = models.DecimalField(_("自燃温度（摄氏度）"), max_digits=9, decimal_places=3, null=True,
                                         blank=True)  # fmt: skip
    #: Limits of exposure at work (职业接触限值), mg/m³ at 25 °C and 101.3 kPa. GBZ 2.1 decides, whatever the source.
    twa_mg_m3 = models.DecimalField(_("时间加权平均容许浓度（毫克/立方米）"), max_digits=12, decimal_places=4,
                                    null=True, blank=True)  # fmt: skip
    stel_mg_m3 = models.DecimalField(_("短时间接触容许浓度（毫克/立方米）"), max_digits=12, decimal_places=4,
                                     null=True, blank=True)  # fmt: skip
    ceiling_mg_m3 = models.DecimalField(_("最高容许浓度（毫克/立方米）"), max_digits=12, decimal_places=4,
                                        null=True, blank=True)  # fmt: skip
    #: Doses that kill half of the animals, mg/kg; the concentration, mg/L of air for four hours.
    ld50_oral = models.DecimalField(_("经口半数致死量（毫克/千克）"), max_digits=12, decimal_places=3, null=True,
                                    blank=True)  # fmt: skip
    ld50_dermal = models.DecimalField(_("经皮半数致死量（毫克/千克）"), max_digits=12, decimal_places=3, null=True,
                                      blank=True)  # fmt: skip
    lc50_inhaled = models.DecimalField(_("吸入半数致死浓度（毫克/升，4小时）"), max_digits=12, decimal_places=4,
                                       null=True, blank=True)  # fmt: skip
    #: Field to source, of values that were loaded; of one that a person gave or took out what that person said.
    sources = models.JSONField(default=dict, editable=False)
    #: Where the data that a person gave come from.
    data_source = models.CharField(_("数据来源"), max_length=120, blank=True)
    mark = models.CharField(max_length=1, default="G")
    pinyin = models.CharField(max_length=400, editable=False)
    initials = models.CharField(max_length=120, editable=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(mark__in=("V", "G", "D")), name="chemical_mark_known"),
            models.CheckConstraint(condition=Q(density__isnull=True) | Q(density__gt=0), name="chemical_density"),
        ]
        indexes = [
            models.Index(fields=["cas"], name="chemical_by_cas"),
            models.Index(fields=["pinyin", "id"], name="chemical_by_pinyin"),
            GinIndex(OpClass(F("name"), name="gin_trgm_ops"), name="chemical_name_trgm"),
            GinIndex(fields=["aliases"], name="chemical_aliases"),
            GinIndex(fields=["lists"], name="chemical_lists"),
        ]

    def __str__(self) -> str:
        return self.name
