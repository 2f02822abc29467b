"""What must not lie together and what is too much (禁忌同存、超量储存), as found; and limits that were set anew."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import Basis
from quancheng.domains.registry.loops.storage import STORAGE
from quancheng.domains.registry.models.enterprises import Enterprise
from quancheng.domains.registry.models.facilities import Facility, Unit
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.loops.models import LoopRow


class StorageKind(models.TextChoices):
    """What is wrong with how something is stored (储存问题类别)."""

    INCOMPATIBLE = "incompatible", _("禁忌物同存")
    OVER_LICENCE = "over_licence", _("超许可量")
    OVER_DESIGN = "over_design", _("超设计最大量")
    OVER_FIRE = "over_fire", _("超消防限量")
    OVER_TEMPORARY = "over_temporary", _("车间超暂存限量")


#: Rule of what is more than the fire protection of a place was accepted for.
FIRE_ACCEPTED = "ACCEPTED"
#: What stands against a written permission, design or acceptance: only less stock, or a new one, ends it.
HARD_KINDS = (StorageKind.OVER_LICENCE, StorageKind.OVER_DESIGN, StorageKind.OVER_TEMPORARY)
HARD_RULES = (FIRE_ACCEPTED,)


class StorageFinding(LoopRow):
    """One thing in a place that should not be so (储存问题), from the day it arose to the day its cause was gone.

    ``owner_org`` is the enterprise, ``supervisor`` the office that judges its explanation. ``gone_at`` says when the
    cause was gone, whatever the office had made of it. Retention class: as the file.
    """

    loop_code = STORAGE.code

    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="storage_findings")
    #: None where the sum over the enterprise, or over a workshop, counts.
    facility = models.ForeignKey(Facility, models.PROTECT, null=True, blank=True, related_name="storage_findings")
    #: The workshop where the sum over its stores counts.
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="storage_findings")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    #: Tells the same thing again when the place is looked at anew.
    key = models.CharField(max_length=160, editable=False)
    kind = models.CharField(_("问题类别"), max_length=14, choices=StorageKind.choices)
    #: Rule of segregation or code of a limit; empty where the file's own figure is the limit.
    rule = models.CharField(_("规则"), max_length=40, blank=True)
    basis = models.CharField(_("口径"), max_length=8, choices=Basis.choices)
    chemicals = ArrayField(models.CharField(max_length=320), default=list, verbose_name=_("化学品"))
    #: Names of all goods that a rule of segregation is about: ``present`` where both lie there, ``all`` by design too.
    goods = models.JSONField(default=dict, editable=False)
    #: Figure and limit in ``measure``, t or m³; None where it is no matter of quantity.
    figure = models.DecimalField(_("数值"), max_digits=18, decimal_places=6, null=True, blank=True)
    limit = models.DecimalField(_("限值"), max_digits=18, decimal_places=6, null=True, blank=True)
    measure = models.CharField(max_length=4, blank=True)
    #: Why, in both languages, by which clause, and how sure that is.
    reason = models.JSONField(default=dict)
    clause = models.JSONField(default=dict)
    mark = models.CharField(max_length=2, default="G")
    text = models.TextField(_("说明"), blank=True)
    found_at = models.DateTimeField(_("发现时间"))
    gone_at = models.DateTimeField(_("消除时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["StorageFinding"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=STORAGE.codes), name="storage_status_known"),
            models.CheckConstraint(condition=Q(kind__in=StorageKind.values), name="storage_kind_known"),
            models.CheckConstraint(condition=~Q(status="CLEARED") | Q(gone_at__isnull=False), name="storage_gone_at"),
            models.UniqueConstraint(fields=["file", "key"], condition=Q(gone_at__isnull=True), name="storage_once"),
        ]
        indexes = [models.Index(fields=["kind", "found_at", "id"], name="storage_by_kind")]

    def __str__(self) -> str:
        return self.key

    @property
    def is_hard(self) -> bool:
        """Whether no explanation helps."""
        return self.kind in HARD_KINDS or self.rule in HARD_RULES

    @property
    def place_name(self) -> str:
        """The facility or the workshop; empty of the whole enterprise."""
        place = self.facility or self.unit
        return f"{place.code} {place.name}" if place is not None else ""

    @property
    def title(self) -> str:
        """The line by which people know it."""
        told = "；".join(self.chemicals[:2])
        return " ".join(part for part in (self.place_name, str(self.get_kind_display()), told) if part)[:200]


class LimitSetting(models.Model):
    """A limit of fire protection as the district set it, where not as it ships (消防限量设置). Retention class:
    register, permanent.
    """

    code = models.CharField(_("限量"), max_length=40, primary_key=True)
    limit_m3 = models.DecimalField(_("限量（立方米）"), max_digits=14, decimal_places=3)
    is_on = models.BooleanField(_("启用"), default=True)
    #: The paper by which it was set.
    source = models.CharField(_("依据"), max_length=200)
    by_name = models.CharField(max_length=60)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(limit_m3__gt=0), name="limit_setting_positive")]

    def __str__(self) -> str:
        return self.code
