"""The early-warning index of an enterprise (企业综合风险指数): as it stands and was, what it called for, its rules."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk.kinds import Level
from quancheng.domains.risk.loops.warning import WARNING
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class EnterpriseIndex(models.Model):
    """The index of an enterprise as it stands. Read through the enterprise's file. Retention class: as the file.

    ``level`` is the colour that is shown: raised at once, lowered only after R lay low for long enough, which
    ``calm_since_at`` counts. ``parts`` holds every factor, known or not: ``{"group", "code", "zh", "en", "weight",
    "value", "is_known", "day", "rows"}``; ``contributions`` what each brought: ``{"code", "zh", "en", "points"}``.
    """

    file = models.OneToOneField("registry.Enterprise", models.PROTECT, primary_key=True, related_name="index")
    #: R from 0 to 100.
    r = models.DecimalField(_("综合风险指数"), max_digits=4, decimal_places=1)
    level = models.PositiveSmallIntegerField(_("预警等级"), choices=Level.choices)
    calm_since_at = models.DateTimeField(null=True)
    #: Inherent risk S and base B, each from 0 to 100; S is empty where nothing is known.
    static = models.DecimalField(_("固有风险"), max_digits=4, decimal_places=1, null=True)
    base = models.DecimalField(_("基础风险"), max_digits=4, decimal_places=1)
    #: Management score of the day, and smoothed over days.
    score = models.DecimalField(_("管理得分"), max_digits=4, decimal_places=1, null=True)
    smoothed = models.DecimalField(_("平滑后管理得分"), max_digits=6, decimal_places=3, null=True)
    smoothed_date = models.DateField(null=True)
    parts = models.JSONField(default=list)
    contributions = models.JSONField(default=list)
    steps = models.JSONField(default=list)
    model_version = models.CharField(max_length=40)
    at = models.DateTimeField(_("计算时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(r__gte=0, r__lte=100), name="index_r"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="index_level"),
        ]
        indexes = [models.Index(fields=["-r", "file"], name="index_by_r")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.r}"


class IndexRecord(models.Model):
    """The index as it came out once (指数记录): at each change, and each night. Retention class: as the file."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="index_records")
    r = models.DecimalField(_("综合风险指数"), max_digits=4, decimal_places=1)
    level = models.PositiveSmallIntegerField(_("预警等级"), choices=Level.choices)
    contributions = models.JSONField()
    #: The act that caused it, or ``night``.
    because = models.CharField(max_length=60)
    model_version = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["file", "-at"], name="index_record_newest")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.r}"


class IndexRule(models.Model):
    """Parameters of the index that the district set (指数参数), from a day on. Retention class: permanent.

    Only ever added: the newest that is in force counts. ``caps`` are by factor, only those that differ.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    red = models.DecimalField(_("红色起点"), max_digits=4, decimal_places=1)
    orange = models.DecimalField(_("橙色起点"), max_digits=4, decimal_places=1)
    yellow = models.DecimalField(_("黄色起点"), max_digits=4, decimal_places=1)
    margin = models.DecimalField(_("降级回差"), max_digits=4, decimal_places=1)
    calm_min = models.PositiveIntegerField(_("降级前持续分钟数"))
    calm_red_min = models.PositiveIntegerField(_("红色降级前持续分钟数"))
    weights = models.JSONField(_("固有风险各部分权重"))
    caps = models.JSONField(_("动态因素上限"), default=dict)
    mark = models.CharField(_("可信程度"), max_length=1, choices=(("V", "V"), ("G", "G"), ("D", "D")), default="D")
    reason = models.CharField(_("理由"), max_length=300)
    from_date = models.DateField(_("起用日期"))
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(yellow__gt=0, orange__gt=models.F("yellow"), red__gt=models.F("orange"), red__lte=100),
                name="index_rule_limits",
            ),
        ]
        indexes = [models.Index(fields=["-from_date", "-entered_at"], name="index_rule_newest")]

    def __str__(self) -> str:
        return f"{self.from_date} {self.red}/{self.orange}/{self.yellow}"


class IndexWarning(LoopRow):
    """A warning because an enterprise's index turned orange or red (风险预警). Retention class: as the file.

    ``owner_org`` is the enterprise; the office that supervises it confirms.
    """

    loop_code = WARNING.code

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="index_warnings")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    title = models.CharField(_("预警事项"), max_length=240)
    level = models.PositiveSmallIntegerField(_("预警等级"), choices=Level.choices)
    r = models.DecimalField(_("综合风险指数"), max_digits=4, decimal_places=1)
    contributions = models.JSONField(default=list, editable=False)
    result = models.TextField(_("处置情况"), max_length=2000, blank=True)
    closed_at = models.DateTimeField(_("解除时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("预警时间"))

    objects = ScopedQuerySet["IndexWarning"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=WARNING.codes), name="index_warning_status_known"),
            models.CheckConstraint(condition=Q(level__in=(1, 2)), name="index_warning_level"),
            models.UniqueConstraint(fields=["file"], condition=~Q(status="CLOSED"), name="index_warning_one_open"),
        ]
        indexes = [models.Index(fields=["status", "level", "id"], name="index_warning_by_level")]

    def __str__(self) -> str:
        return self.title
