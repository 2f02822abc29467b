"""Units and facilities (单元、设施): where chemicals are, how it was designed, what protects it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import Boundary, Design, Exclusion, FacilityKind, Fitted, Seepage, UnitKind
from quancheng.domains.registry.models.enterprises import Enterprise
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7


class Unit(models.Model):
    """A production or storage unit (单元), graded as a whole (GB 18218-2018, 3.5, 3.6). Retention class: as the file.

    ``legal_*`` is what the law looks at and stands until facilities, design or licence change; ``present_*`` follows
    the stock. Both are copies of the newest :class:`Assessment` of their kind.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey(Enterprise, models.CASCADE, related_name="units")
    code = models.CharField(_("单元编号"), max_length=20)
    name = models.CharField(_("单元名称"), max_length=80)
    kind = models.CharField(_("单元类别"), max_length=12, choices=UnitKind.choices)
    boundary = models.CharField(_("划分依据"), max_length=10, choices=Boundary.choices, blank=True)
    #: Tags of the shut-off valves, number of the dike, name of the building.
    boundary_note = models.CharField(_("划分说明（阀门位号、防火堤等）"), max_length=200, blank=True)
    exclusion = models.CharField(_("不适用情形"), max_length=20, choices=Exclusion.choices, blank=True)
    exclusion_reason = models.CharField(_("不适用理由"), max_length=200, blank=True)
    #: The four systems of oil and gas storage (四个系统).
    video = models.CharField(_("视频监控"), max_length=3, choices=Fitted.choices, blank=True)
    gas_detection = models.CharField(_("气体检测"), max_length=3, choices=Fitted.choices, blank=True)
    shut_off = models.CharField(_("紧急切断"), max_length=3, choices=Fitted.choices, blank=True)
    platform = models.CharField(_("智能化管控平台"), max_length=3, choices=Fitted.choices, blank=True)
    legal_s = models.DecimalField("S", max_digits=22, decimal_places=10, null=True, blank=True)
    legal_r = models.DecimalField("R", max_digits=22, decimal_places=10, null=True, blank=True)
    legal_grade = models.PositiveSmallIntegerField(_("法定等级"), null=True, blank=True)
    legal_at = models.DateTimeField(null=True, blank=True)
    present_s = models.DecimalField("S", max_digits=22, decimal_places=10, null=True, blank=True)
    present_r = models.DecimalField("R", max_digits=22, decimal_places=10, null=True, blank=True)
    present_grade = models.PositiveSmallIntegerField(_("现状等级"), null=True, blank=True)
    present_at = models.DateTimeField(null=True, blank=True)
    ended_date = models.DateField(_("停用日期"), null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "code"], name="unit_code_once"),
            models.CheckConstraint(condition=Q(kind__in=UnitKind.values), name="unit_kind_known"),
            models.CheckConstraint(condition=Q(exclusion="") | ~Q(exclusion_reason=""), name="unit_exclusion_reason"),
            models.CheckConstraint(
                condition=Q(legal_grade__isnull=True) | Q(legal_grade__gte=1, legal_grade__lte=4),
                name="unit_legal_grade",
            ),
            models.CheckConstraint(
                condition=Q(present_grade__isnull=True) | Q(present_grade__gte=1, present_grade__lte=4),
                name="unit_present_grade",
            ),
        ]
        indexes = [
            models.Index(fields=["legal_grade", "id"], condition=Q(legal_grade__isnull=False), name="unit_major"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Facility(models.Model):
    """A tank, a bay, a reactor, a dispenser (设施). Retention class: as the file.

    An empty one that can be filled again counts with its design maximum. It counts as nothing only from the day on
    which a decommissioning record (停用退役记录) was filed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="facilities")
    code = models.CharField(_("设施位号"), max_length=30)
    name = models.CharField(_("设施名称"), max_length=80)
    kind = models.CharField(_("设施类别"), max_length=14, choices=FacilityKind.choices)
    volume_m3 = models.DecimalField(_("容积（立方米）"), max_digits=14, decimal_places=3, null=True, blank=True)
    #: Fraction of the volume that the design allows to be filled.
    max_fill = models.DecimalField(_("最大充装系数"), max_digits=4, decimal_places=3, null=True, blank=True)
    #: Gauge pressure.
    pressure_mpa = models.DecimalField(_("操作压力（兆帕）"), max_digits=8, decimal_places=3, null=True, blank=True)
    temp_c = models.DecimalField(_("操作温度（摄氏度）"), max_digits=7, decimal_places=2, null=True, blank=True)
    near_explosive_range = models.BooleanField(_("在爆炸极限内或附近操作"), null=True, blank=True)
    commissioned_date = models.DateField(_("投用日期"), null=True, blank=True)
    design = models.CharField(_("设计情况"), max_length=10, choices=Design.choices, blank=True)
    design_body = models.CharField(_("设计（诊断）单位"), max_length=120, blank=True)
    #: Codes of the key regulated processes, P01 to P18 (重点监管的危险化工工艺); ``none`` alone: none runs.
    processes = ArrayField(models.CharField(max_length=4), default=list, blank=True, verbose_name=_("重点监管工艺"))
    #: Whether it is run by automatic control (自动化控制), has an emergency stop, a system of its own for safety.
    dcs = models.CharField(_("自动化控制"), max_length=3, choices=Fitted.choices, blank=True)
    esd = models.CharField(_("紧急停车"), max_length=3, choices=Fitted.choices, blank=True)
    sis = models.CharField(_("安全仪表系统"), max_length=3, choices=Fitted.choices, blank=True)
    #: The four protections of flammable storage (四项防护).
    alarm = models.CharField(_("报警"), max_length=3, choices=Fitted.choices, blank=True)
    shut_off = models.CharField(_("紧急切断"), max_length=3, choices=Fitted.choices, blank=True)
    earthing = models.CharField(_("静电导除"), max_length=3, choices=Fitted.choices, blank=True)
    inerting = models.CharField(_("惰性化保护"), max_length=3, choices=Fitted.choices, blank=True)
    #: For which its fire protection was designed and accepted, all goods together.
    fire_limit_t = models.DecimalField(
        _("消防核定储存量（吨）"), max_digits=14, decimal_places=3, null=True, blank=True
    )
    seepage = models.CharField(_("防渗情况"), max_length=12, choices=Seepage.choices, blank=True)
    seepage_date = models.DateField(_("防渗检测日期"), null=True, blank=True)
    pipe_count = models.PositiveIntegerField(_("管线数"), null=True, blank=True)
    flange_count = models.PositiveIntegerField(_("法兰数"), null=True, blank=True)
    decommissioned_date = models.DateField(_("退役日期"), null=True, blank=True)
    decommission_record = models.CharField(_("退役记录"), max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "code"], name="facility_code_once"),
            models.CheckConstraint(condition=Q(kind__in=FacilityKind.values), name="facility_kind_known"),
            models.CheckConstraint(condition=Q(volume_m3__isnull=True) | Q(volume_m3__gt=0), name="facility_volume"),
            models.CheckConstraint(
                condition=Q(fire_limit_t__isnull=True) | Q(fire_limit_t__gt=0), name="facility_fire_limit"
            ),
            models.CheckConstraint(
                condition=Q(max_fill__isnull=True) | Q(max_fill__gt=0, max_fill__lte=1), name="facility_fill"
            ),
            models.CheckConstraint(
                condition=Q(decommissioned_date__isnull=True) | ~Q(decommission_record=""),
                name="facility_decommissioned_by_record",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
