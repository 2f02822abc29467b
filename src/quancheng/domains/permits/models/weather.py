"""Warnings of weather in force over an area (气象预警), and what the house set them to do."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models.permits import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7


class WarningKind(models.TextChoices):
    """What a warning is of (预警类别); the codes of ``standards.gb30871.weather``."""

    LIGHTNING = "LIGHTNING", _("雷电")
    WIND = "WIND", _("大风")
    RAINSTORM = "RAINSTORM", _("暴雨")
    SNOWSTORM = "SNOWSTORM", _("暴雪")
    FOG = "FOG", _("大雾")
    HEAT = "HEAT", _("高温")


class WarningColour(models.TextChoices):
    """How grave (预警级别)."""

    BLUE = "BLUE", _("蓝色预警")
    YELLOW = "YELLOW", _("黄色预警")
    ORANGE = "ORANGE", _("橙色预警")
    RED = "RED", _("红色预警")


class WeatherWarning(Scoped):
    """A warning of weather over an area and all below it (气象预警). Everybody reads it, but for one that a detector
    of an enterprise told. Retention class: 3 years after its end.

    ``owner_org`` is the office that entered it or took it in. In force from ``valid_from`` to before ``valid_to``
    unless ended before. ``reference`` is what the weather service calls it; the same one told again changes it.
    """

    kind = models.CharField(_("预警类别"), max_length=10, choices=WarningKind.choices)
    colour = models.CharField(_("预警级别"), max_length=6, choices=WarningColour.choices)
    #: Where it holds; ``area`` of the scope is empty, since all read it.
    over = models.ForeignKey("areas.Area", models.PROTECT, related_name="+", verbose_name=_("预警区域"))
    #: Where a detector of an enterprise told it: of this enterprise alone, which reads it with its supervisors.
    file = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("企业")
    )
    issuer = models.CharField(_("发布单位"), max_length=80)
    text = models.CharField(_("预警内容"), max_length=500, blank=True)
    reference = models.CharField(_("预警编号"), max_length=80, blank=True)
    valid_from = models.DateTimeField(_("生效时间"))
    valid_to = models.DateTimeField(_("失效时间"))
    #: When its issuer issued the newest word of it, by which an older one is known.
    issued_at = models.DateTimeField(_("发布时间"))
    ended_at = models.DateTimeField(_("解除时间"), null=True, blank=True)
    ended_by = models.CharField(_("解除人"), max_length=130, blank=True)
    end_note = models.CharField(_("解除说明"), max_length=300, blank=True)
    #: Permits whose work it stopped when it was told; the clock stops what begins to be touched later.
    stopped_count = models.PositiveIntegerField(_("停止作业数"), default=0)
    entered_by = models.CharField(_("录入人"), max_length=130)
    entered_at = models.DateTimeField(_("录入时间"))

    objects = ScopedQuerySet["WeatherWarning"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=WarningKind.values), name="weather_kind_known"),
            models.CheckConstraint(condition=Q(colour__in=WarningColour.values), name="weather_colour_known"),
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="weather_in_order"),
            models.UniqueConstraint(
                fields=["owner_org", "reference"], condition=~Q(reference=""), name="weather_reference_once"
            ),
        ]
        indexes = [
            models.Index(fields=["-valid_from", "id"], name="weather_newest"),
            models.Index(fields=["valid_to"], condition=Q(ended_at__isnull=True), name="weather_standing"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}{self.get_colour_display()}"


class WeatherRuleChange(models.Model):
    """What a warning of a colour does to work, as the office set it (气象预警处置规则). Only ever added: the newest
    counts, else what ships. Retention class: register, permanent."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    warning = models.CharField(_("预警类别"), max_length=10, choices=WarningKind.choices)
    colour = models.CharField(_("预警级别"), max_length=6, choices=WarningColour.choices)
    #: Kinds of work that may not begin, and those of them that stop.
    forbids = ArrayField(models.CharField(max_length=2, choices=Kind.choices), verbose_name=_("不得开始的作业"))
    stops = ArrayField(models.CharField(max_length=2, choices=Kind.choices), verbose_name=_("停止的作业"))
    reason = models.CharField(_("理由"), max_length=300)
    entered_by = models.CharField(_("设置人"), max_length=130)
    entered_at = models.DateTimeField(_("设置时间"))

    class Meta:
        indexes = [models.Index(fields=["warning", "colour", "-entered_at", "-id"], name="weather_rule_newest")]

    def __str__(self) -> str:
        return f"{self.warning} {self.colour}"
