"""Shifts of an enterprise (班次), their hand-overs (交接班) and the revalidation of permits (每班复核)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.loops.shift import SHIFT_HAND_OVER
from quancheng.domains.permits.models.papers import PermitSiteCheck
from quancheng.domains.permits.models.permits import Permit
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class ShiftPlan(Scoped):
    """The shifts of a unit, or of the whole site where none is named, from a day on (班次安排). Only ever added: of
    those that have begun the newest counts; one without shifts ends them. Retention class: permanent."""

    append_only = True

    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("单元"))
    #: ``{"name", "at"}`` in the order of the day; each lasts until the next begins, ``at`` is HH:MM of the district.
    shifts = models.JSONField(_("班次"), default=list)
    from_date = models.DateField(_("起用日期"))
    reason = models.CharField(_("依据"), max_length=300)
    entered_by = models.CharField(_("设置人"), max_length=130)
    entered_at = models.DateTimeField(_("设置时间"))

    objects = ScopedQuerySet["ShiftPlan"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["file", "unit", "-from_date", "-entered_at"], name="shift_plan_newest")]

    def __str__(self) -> str:
        return str(self.unit or _("全厂"))


class ShiftHandOver(LoopRow):
    """One hand-over of a shift (班组交接班). ``listed`` is what stood when the outgoing leader signed, and ``seal`` its
    digest with his remarks; ``added`` what came after, when the incoming one signed, and ``taken_seal`` the digest of
    his signature to both. Retention class: 3 years after the change of shift."""

    loop_code: ClassVar[str] = SHIFT_HAND_OVER.code

    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("单元"))
    outgoing_shift = models.CharField(_("交班班次"), max_length=40)
    incoming_shift = models.CharField(_("接班班次"), max_length=40)
    #: The change of shift, when the incoming one begins.
    began_at = models.DateTimeField(_("交接时间"))
    listed = models.JSONField(default=list)
    remarks = models.CharField(_("交班说明"), max_length=2000, blank=True)
    seal = models.CharField(max_length=64, blank=True)
    outgoing_id = models.UUIDField(null=True)
    outgoing_name = models.CharField(_("交班人"), max_length=130, blank=True)
    handed_at = models.DateTimeField(_("交班签字时间"), null=True)
    incoming_id = models.UUIDField(null=True)
    incoming_name = models.CharField(_("接班人"), max_length=130, blank=True)
    incoming_note = models.CharField(_("接班意见"), max_length=500, blank=True)
    taken_at = models.DateTimeField(_("接班签字时间"), null=True)
    added = models.JSONField(default=list)
    taken_seal = models.CharField(max_length=64, blank=True)
    #: When people were told that it is late.
    told_at = models.DateTimeField(null=True)
    #: When people were told, after the change, what is to be revalidated.
    reminded_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet["ShiftHandOver"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "unit", "began_at"], nulls_distinct=False, name="shift_hand_over_once"
            ),
            models.CheckConstraint(condition=Q(status__in=SHIFT_HAND_OVER.codes), name="shift_hand_over_status"),
            models.CheckConstraint(
                condition=~Q(status="TAKEN")
                | (Q(outgoing_id__isnull=False, incoming_id__isnull=False) & ~Q(outgoing_id=F("incoming_id"))),
                name="shift_hand_over_two_people",
            ),
        ]
        indexes = [
            models.Index(fields=["-began_at", "id"], name="shift_hand_over_newest"),
            models.Index(
                fields=["file", "unit", "-began_at"], condition=Q(status="TAKEN"), name="shift_hand_over_taken"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        where = str(self.unit) if self.unit else str(_("全厂"))
        return f"{where} {self.outgoing_shift} → {self.incoming_shift}"[:300]


class Revalidation(models.Model):
    """The local unit's word that a permit still holds in a new shift (每班复核); what was found at the place stands in
    ``site_check``. Retention class: as the permit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="revalidations")
    site_check = models.ForeignKey(PermitSiteCheck, models.CASCADE, related_name="+")
    shift = models.CharField(_("班次"), max_length=40)
    shift_began_at = models.DateTimeField(_("班次开始时间"))
    note = models.CharField(_("复核意见"), max_length=500)
    #: Of the permit, as it was read.
    seal = models.CharField(max_length=64, blank=True)
    by_user_id = models.UUIDField(null=True)
    by_name = models.CharField(_("复核人"), max_length=130)
    signed_at = models.DateTimeField(_("复核时间"))

    class Meta:
        indexes = [models.Index(fields=["permit", "-signed_at"], name="revalidation_newest")]

    def __str__(self) -> str:
        return self.shift
