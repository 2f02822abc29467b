"""Sanctions to test (试运授权): points lifted for a time under two signatures, and which crews were signed clear."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.permits.loops.sanction import SANCTION, UNDER_TEST
from quancheng.domains.permits.models.isolations import IsolationPoint
from quancheng.domains.permits.models.permits import Permit, PermitPerson
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class Sanction(LoopRow):
    """Leave to lift named points of isolation for a test (试运授权). Retention class: as the permit.

    Asked for at one permit; whatever else relies on the points stands meanwhile as well. ``leader`` leads its work and
    signs by hand; ``granted_user`` signs for the local unit.
    """

    loop_code: ClassVar[str] = SANCTION.code

    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="sanctions")
    points = models.ManyToManyField(IsolationPoint, related_name="sanctions", verbose_name=_("临时解除的隔离点"))
    purpose = models.CharField(_("试运内容和理由"), max_length=500)
    ends_at = models.DateTimeField(_("试运截止时间"))
    asked_by = models.CharField(pgettext_lazy("sanction", "申请人"), max_length=130)
    asked_user = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(_("申请时间"))
    granted_by = models.CharField(pgettext_lazy("sanction", "批准人"), max_length=130, blank=True)
    granted_user = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField(pgettext_lazy("sanction", "批准时间"), null=True, blank=True)
    ended_at = models.DateTimeField(_("试运结束时间"), null=True, blank=True)
    end_note = models.CharField(_("试运结果"), max_length=500, blank=True)
    closed_at = models.DateTimeField(_("恢复验证时间"), null=True, blank=True)
    #: When it was told that its end had passed; once.
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ScopedQuerySet["Sanction"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=SANCTION.codes), name="sanction_status_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("asked_at")), name="sanction_ends_later"),
            models.CheckConstraint(
                condition=Q(granted_user__isnull=True) | ~Q(granted_user=F("asked_user")), name="sanction_by_two"
            ),
        ]
        indexes = [
            models.Index(fields=["-asked_at", "id"], name="sanction_newest"),
            models.Index(fields=["ends_at"], condition=Q(status__in=UNDER_TEST), name="sanction_running"),
        ]

    def __str__(self) -> str:
        return self.purpose[:80]

    @property
    def title(self) -> str:
        return f"{self.permit} {self.purpose}"[:300]


class CrewClearance(models.Model):
    """Who leads the work of a permit signed that each of its workers is clear (清场签认). Only added to; the newest of
    a permit counts.

    ``workers`` are keys of people on that permit; ``image`` the digest of the name that the leader drew; ``seal`` that
    of what he signed, and ``image_seal`` binds the two. Retention class: as the permit.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sanction = models.ForeignKey(Sanction, models.CASCADE, related_name="clearances")
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="+")
    leader = models.ForeignKey(PermitPerson, models.CASCADE, related_name="+")
    workers = models.JSONField(_("已清场人员"), default=list)
    image = models.CharField(max_length=72, editable=False)
    seal = models.CharField(max_length=72, editable=False)
    image_seal = models.CharField(max_length=72, editable=False)
    by_user = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(_("记录人"), max_length=130)
    cleared_at = models.DateTimeField(_("签认时间"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["image"], name="crew_clearance_drawn_once")]
        indexes = [models.Index(fields=["sanction", "-cleared_at", "-id"], name="crew_clearance_newest")]

    def __str__(self) -> str:
        return str(self.pk)
