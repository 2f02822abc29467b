"""Interlocks and detectors that are bypassed for a time (联锁旁路台账)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.loops.bypass import BYPASS
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow


class Bypass(LoopRow):
    """An interlock or a detector of an enterprise that is bypassed for a time (联锁旁路), approved by two people.
    ``owner_org`` is the enterprise. Retention class: as the file.

    ``tag`` of a detector or of the interlock's own signal; empty where none is registered: then ``what`` names it.
    """

    loop_code = BYPASS.code

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="bypasses")
    tag = models.ForeignKey("monitoring.Tag", models.PROTECT, null=True, related_name="bypasses")
    unit = models.ForeignKey("registry.Unit", models.PROTECT, null=True, related_name="+", verbose_name=_("所属单元"))
    #: Number and name of the interlock, as the drawings have it; of a detector its tag's.
    what = models.CharField(_("旁路对象"), max_length=160)
    title = models.CharField(_("事项"), max_length=300)
    reason = models.CharField(_("旁路原因"), max_length=500)
    #: What stands in for it meanwhile.
    measure = models.CharField(_("补偿措施"), max_length=1000)
    ticket = models.CharField(_("作业票或工单号"), max_length=60, blank=True)
    asked_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(_("申请时间"))
    agreed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    allowed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    #: Since when it is out; empty until both approved.
    since_at = models.DateTimeField(_("旁路开始时间"), null=True)
    until = models.DateTimeField(_("应恢复时间"))
    ended_at = models.DateTimeField(_("恢复时间"), null=True)
    #: What the test told when it was put back.
    restore_note = models.CharField(_("恢复和试验情况"), max_length=1000, blank=True)
    #: Who was told of its end: see ``services.bypasses.STEPS``.
    told_step = models.PositiveSmallIntegerField(default=0)

    objects = ScopedQuerySet["Bypass"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=BYPASS.codes), name="bypass_status_known"),
            models.CheckConstraint(
                condition=~Q(status="STANDING")
                | Q(since_at__isnull=False, agreed_by__isnull=False, allowed_by__isnull=False)
                & ~Q(agreed_by=F("allowed_by")),
                name="bypass_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(asked_by=F("agreed_by")) & ~Q(asked_by=F("allowed_by")), name="bypass_by_others"
            ),
            models.UniqueConstraint(
                fields=["file", "what"], condition=Q(status__in=["ASKED", "AGREED", "STANDING"]),
                name="bypass_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["file", "-asked_at"], name="bypass_by_file"),
            models.Index(fields=["until"], condition=Q(status="STANDING"), name="bypass_standing"),
        ]

    def __str__(self) -> str:
        return self.title
