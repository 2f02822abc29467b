"""Administrative divisions (行政区划): a tree with a stored path; codes are attributes, not keys."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.ids import uuid7


class AreaLevel(models.TextChoices):
    """Levels (层级); a zone (开发区) may stand at any place in the tree."""

    PROVINCE = "province", _("省级")
    CITY = "city", _("市级")
    DISTRICT = "district", _("区县级")
    STREET = "street", _("镇街级")
    VILLAGE = "village", _("村社区级")
    ZONE = "zone", _("功能区")


class Area(models.Model):
    """One division. Retention class: register, permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: Statistical code, 2 to 12 digits; empty where the division has none (development zones).
    code = models.CharField(_("区划代码"), max_length=12, blank=True)
    name = models.CharField(_("名称"), max_length=80)
    #: With the names of its ancestors from the province on.
    full_name = models.CharField(_("全称"), max_length=240)
    level = models.CharField(_("层级"), max_length=10, choices=AreaLevel.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    #: Number of the row, whose base-36 form is its segment of the path.
    seq = models.BigIntegerField(unique=True, editable=False)
    #: Segments of the ancestors and of itself, e.g. ``/1/2a/9/``.
    path = models.CharField(max_length=120, unique=True, editable=False)
    pinyin = models.CharField(max_length=400, editable=False)
    initials = models.CharField(max_length=80, editable=False)
    #: The district that this house supervises; one at most.
    is_home = models.BooleanField(_("本区"), default=False)
    valid_from = models.DateField(_("生效日期"), null=True, blank=True)
    valid_to = models.DateField(_("撤销日期"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(level__in=AreaLevel.values), name="area_level_known"),
            models.UniqueConstraint(fields=["is_home"], condition=Q(is_home=True), name="area_one_home"),
            models.UniqueConstraint(
                fields=["code"], condition=~Q(code="") & Q(valid_to__isnull=True), name="area_code_once"
            ),
        ]
        indexes = [
            models.Index(OpClass(F("path"), name="text_pattern_ops"), name="area_path_prefix"),
            GinIndex(OpClass(F("name"), name="gin_trgm_ops"), name="area_name_trgm"),
            models.Index(fields=["parent", "pinyin"], name="area_children"),
        ]

    def __str__(self) -> str:
        return self.name


class AreaAlias(models.Model):
    """Another name of a division (别名): short, colloquial or historical. Retention class: register, permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    area = models.ForeignKey(Area, models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=80)
    kind = models.CharField(
        max_length=12,
        choices=[("short", _("简称")), ("historical", _("曾用名")), ("colloquial", _("俗称"))],
        default="short",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area", "name"], name="area_alias_once")]
        indexes = [models.Index(fields=["name"], name="area_alias_name")]

    def __str__(self) -> str:
        return self.name
