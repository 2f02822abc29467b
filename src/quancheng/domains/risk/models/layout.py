"""Distances between enterprises and what is around them (间距核查): required, measured, and cases that follow."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.risk.kinds import DistanceWay, LayoutOutcome, LayoutVerdict
from quancheng.domains.risk.loops.layout import LAYOUT
from quancheng.domains.risk.models.zones import PlanningZone
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow

_ONE_TARGET = Q(zone__isnull=False, place__isnull=True) | Q(zone__isnull=True, place__isnull=False)


class DistanceRule(Scoped):
    """A required or screening distance that the district set (间距要求), from a day on. Retention class: permanent.

    Only ever added: the newest in force counts in place of what ships; without metres none is asked any more.
    ``source`` and ``target`` are codes of ``standards.risk.layout``. ``owner_org`` is who set it; everybody reads it.
    """

    append_only = True

    source = models.CharField(_("企业类型"), max_length=20)
    target = models.CharField(_("目标类型"), max_length=20)
    metres = models.PositiveIntegerField(_("距离（米）"), null=True, blank=True)
    basis = models.CharField(_("依据"), max_length=300)
    #: How sure it is, as in the standards: V, G or D.
    mark = models.CharField(_("可信程度"), max_length=1)
    from_date = models.DateField(_("起用日期"))
    entered_by = models.CharField(_("设置人"), max_length=130)
    entered_at = models.DateTimeField()

    objects = ScopedQuerySet["DistanceRule"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(mark__in=["V", "G", "D"]), name="distance_rule_mark"),
            models.CheckConstraint(condition=Q(reach="public"), name="distance_rule_public"),
        ]
        indexes = [
            models.Index(fields=["source", "target", "-from_date", "-entered_at"], name="distance_rule_newest")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.target} {self.metres}"


class ExternalDistance(Scoped):
    """What an assessment report asks around an enterprise or one of its units (外部安全防护距离), by class of object.

    No row is changed but its area, when the enterprise moves: the newest of the same unit counts. ``lon`` and ``lat``
    are the point from which it is measured, CGCS2000, empty for the boundary of the plant. ``owner_org`` is the
    enterprise. Retention class: as the file.
    """

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="external_distances")
    unit = models.ForeignKey(
        "registry.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("单元")
    )
    way = models.CharField(_("确定方法"), max_length=10, choices=DistanceWay.choices)
    tnt_kg = models.DecimalField(_("TNT当量（kg）"), max_digits=13, decimal_places=3, null=True, blank=True)
    first_m = models.PositiveIntegerField(_("一类防护目标（米）"), null=True, blank=True)
    second_m = models.PositiveIntegerField(_("二类防护目标（米）"), null=True, blank=True)
    third_m = models.PositiveIntegerField(_("三类防护目标（米）"), null=True, blank=True)
    lon = models.DecimalField(_("起算点经度"), max_digits=9, decimal_places=6, null=True, blank=True)
    lat = models.DecimalField(_("起算点纬度"), max_digits=9, decimal_places=6, null=True, blank=True)
    report = models.CharField(_("评估报告"), max_length=200)
    report_no = models.CharField(_("评估报告编号"), max_length=80, blank=True)
    report_date = models.DateField(_("评估报告日期"))
    institute = models.CharField(_("评估单位"), max_length=200)
    entered_by = models.CharField(_("登记人"), max_length=130)
    entered_at = models.DateTimeField()

    objects = ScopedQuerySet["ExternalDistance"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(first_m__isnull=False) | Q(second_m__isnull=False) | Q(third_m__isnull=False),
                name="external_distance_some",
            ),
            models.CheckConstraint(
                condition=Q(way="explosive", tnt_kg__gt=0) | (~Q(way="explosive") & Q(tnt_kg__isnull=True)),
                name="external_distance_tnt",
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True) | Q(lon__isnull=False, lat__isnull=False),
                name="external_distance_point",
            ),
        ]
        indexes = [models.Index(fields=["file", "-report_date", "-entered_at"], name="external_distance_newest")]

    def __str__(self) -> str:
        return f"{self.report} {self.report_no}".strip()

    def required_m(self, object_class: str) -> int | None:
        """Metres for a class of objects; None where the report gives none."""
        found: int | None = getattr(self, f"{object_class}_m", None)
        return found


class LayoutCheck(models.Model):
    """The distance of an enterprise to one zone or place, and what it means (间距核查). Retention class: as the file.

    Worked out from what stands, never typed; read through the file. ``key`` names the target over its editions.
    ``missing`` are codes of ``standards.risk.layout``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.CASCADE, related_name="layout_checks")
    key = models.CharField(max_length=60)
    zone = models.ForeignKey(PlanningZone, models.CASCADE, null=True, related_name="checks")
    place = models.ForeignKey("registry.SensitivePlace", models.CASCADE, null=True, related_name="+")
    source = models.CharField(_("企业类型"), max_length=20)
    target = models.CharField(_("目标类型"), max_length=20)
    metres = models.PositiveIntegerField(_("实测距离（米）"))
    required_m = models.PositiveIntegerField(_("要求距离（米）"), null=True)
    own = models.ForeignKey(ExternalDistance, models.SET_NULL, null=True, related_name="+")
    rule = models.ForeignKey(DistanceRule, models.SET_NULL, null=True, related_name="+")
    verdict = models.PositiveSmallIntegerField(pgettext_lazy("layout", "核查结果"), choices=LayoutVerdict.choices)
    missing = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    is_conflict = models.BooleanField(_("用途冲突"), default=False)
    checked_at = models.DateTimeField(pgettext_lazy("layout", "核查时间"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "key"], name="layout_check_once"),
            models.CheckConstraint(condition=Q(verdict__in=LayoutVerdict.values), name="layout_check_verdict"),
            models.CheckConstraint(condition=_ONE_TARGET, name="layout_check_one_target"),
        ]
        indexes = [models.Index(fields=["verdict", "metres", "id"], name="layout_check_gravest")]

    def __str__(self) -> str:
        return f"{self.key} {self.metres} m"


class LayoutCase(LoopRow):
    """A distance too short or a use in the wrong place that a department coordinates (布局问题), S3-4.2a.

    ``owner_org`` is the department that coordinates; the columns repeat what was found. Retention class: as the file.
    """

    loop_code = LAYOUT.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="layout_cases")
    key = models.CharField(max_length=60)
    zone = models.ForeignKey(PlanningZone, models.PROTECT, null=True, related_name="+")
    place = models.ForeignKey("registry.SensitivePlace", models.PROTECT, null=True, related_name="+")
    title = models.CharField(_("企业和目标"), max_length=300)
    metres = models.PositiveIntegerField(_("实测距离（米）"))
    required_m = models.PositiveIntegerField(_("要求距离（米）"), null=True)
    verdict = models.PositiveSmallIntegerField(pgettext_lazy("layout", "核查结果"), choices=LayoutVerdict.choices)
    is_conflict = models.BooleanField(_("用途冲突"), default=False)
    grounds = models.CharField(_("提出理由"), max_length=1000)
    opened_by = models.CharField(_("提出人"), max_length=130)
    plan = models.CharField(_("协调情况"), max_length=2000, blank=True)
    due_date = models.DateField(_("协调期限"), null=True, blank=True)
    outcome = models.CharField(_("落实方式"), max_length=10, choices=LayoutOutcome.choices, blank=True)
    settled = models.CharField(_("落实情况"), max_length=2000, blank=True)
    document = models.CharField(_("落实文件"), max_length=200, blank=True)
    document_date = models.DateField(_("落实文件日期"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["LayoutCase"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=LAYOUT.codes), name="layout_case_status_known"),
            models.CheckConstraint(
                condition=~Q(status="COORDINATING") | Q(due_date__isnull=False), name="layout_case_due"
            ),
            models.CheckConstraint(
                condition=~Q(status="SETTLED") | Q(outcome="none") | (~Q(document="") & Q(document_date__isnull=False)),
                name="layout_case_document",
            ),
            models.CheckConstraint(condition=_ONE_TARGET, name="layout_case_one_target"),
            models.UniqueConstraint(
                fields=["file", "key"], condition=~Q(status="SETTLED"), name="layout_case_one_open"
            ),
        ]
        indexes = [models.Index(fields=["file", "key", "-created_at"], name="layout_case_by_pair")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
