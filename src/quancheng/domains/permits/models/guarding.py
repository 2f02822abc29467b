"""While work runs (过程监护): what guardians saw, who handed over, who is in a space, who observes from outside."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models.permits import Permit, PermitPerson
from quancheng.kernel.ids import uuid7


class GuardianCheck(models.Model):
    """One look of a guardian at running work (监护检查). Only ever added. Retention class: as the permit.

    ``items`` holds by key of ``standards.gb30871.watching`` whether it is so; None: it does not concern this job.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="guard_checks")
    guardian = models.ForeignKey(PermitPerson, models.PROTECT, related_name="+", verbose_name=_("监护人"))
    items = models.JSONField()
    is_good = models.BooleanField(_("全部符合"))
    remark = models.CharField(_("说明"), max_length=500, blank=True)
    by_user = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(_("检查时间"))

    class Meta:
        indexes = [models.Index(fields=["permit", "-checked_at"], name="guard_check_newest")]

    def __str__(self) -> str:
        return str(self.pk)


class HandOver(models.Model):
    """Somebody on a permit replaced by another (监护交接、人员变更) while work stood. Retention class: as the permit.

    ``outgoing`` is empty where somebody was only added.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="hand_overs")
    outgoing = models.ForeignKey(PermitPerson, models.PROTECT, null=True, related_name="+")
    incoming = models.ForeignKey(PermitPerson, models.PROTECT, related_name="+")
    briefing = models.CharField(_("交接和交底内容"), max_length=1000)
    by_user = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(_("记录人"), max_length=60)
    handed_at = models.DateTimeField(_("交接时间"))

    class Meta:
        indexes = [models.Index(fields=["permit", "handed_at"], name="hand_over_by_time")]

    def __str__(self) -> str:
        return str(self.pk)


class SpaceEntry(models.Model):
    """Somebody in a confined space, from his entry to his leaving (进出登记). Retention class: as the permit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="entries")
    person = models.ForeignKey(PermitPerson, models.PROTECT, related_name="+")
    tools_in = models.PositiveSmallIntegerField(_("带入工器具件数"))
    tools_out = models.PositiveSmallIntegerField(_("带出工器具件数"), null=True)
    entered_at = models.DateTimeField(_("进入时间"))
    left_at = models.DateTimeField(_("离开时间"), null=True)
    #: When it was told that he stays too long; once.
    stay_told_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["permit", "person"], condition=Q(left_at__isnull=True), name="space_entry_inside_once"
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True, tools_out__isnull=True)
                | Q(left_at__gte=F("entered_at"), tools_out__isnull=False),
                name="space_entry_whole",
            ),
        ]
        indexes = [models.Index(fields=["permit", "entered_at"], name="space_entry_by_time")]

    def __str__(self) -> str:
        return str(self.pk)


class PermitObserver(models.Model):
    """A third party who stands by at the work and sees for himself (第三方旁站监督). Retention class: as the permit.

    ``org_name`` is the third party; ``assigned_by_org`` who sent it: the enterprise or an office.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    permit = models.ForeignKey(Permit, models.CASCADE, related_name="observers")
    org_name = models.CharField(_("第三方单位"), max_length=120)
    name = models.CharField(_("旁站人员"), max_length=60)
    assigned_by_org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    assigned_by = models.CharField(_("委派人"), max_length=130)
    assigned_at = models.DateTimeField(_("委派时间"))
    #: What he reported, the last word; and whether work had to be stopped for it.
    result = models.CharField(_("旁站情况"), max_length=1000, blank=True)
    is_good = models.BooleanField(_("未发现问题"), null=True)
    reported_at = models.DateTimeField(_("报告时间"), null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reported_at__isnull=True) | (~Q(result="") & Q(is_good__isnull=False)),
                name="permit_observer_reported",
            ),
        ]
        indexes = [models.Index(fields=["permit", "assigned_at"], name="permit_observer_by_time")]

    def __str__(self) -> str:
        return self.org_name


class PermitAcceptance(models.Model):
    """The conditions under which work was accepted (验收条件), one by one. Retention class: as the permit."""

    permit = models.OneToOneField(Permit, models.CASCADE, primary_key=True, related_name="acceptance")
    #: By key of ``standards.gb30871.watching``: True, or None where it does not concern this job.
    items = models.JSONField()
    #: Of blinding: what stands in the line now, ``INSERTED`` or ``REMOVED``, and the number of the plate.
    plate_state = models.CharField(_("盲板状态"), max_length=8, blank=True)
    plate_no = models.CharField(_("盲板编号"), max_length=40, blank=True)
    accepted_at = models.DateTimeField(_("验收时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(plate_state__in=("", "INSERTED", "REMOVED")), name="permit_acceptance_plate"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
