"""Filings of work with the regulator (作业报备), and lead times as the district set them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.loops.filing import FILING
from quancheng.domains.permits.models.permits import Kind, Permit
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class FilingClassCode(models.TextChoices):
    """Classes of filing (报备类别); lead times and receivers stand in the standard's ``data/filing_classes``."""

    F1 = "F1", _("一类（高风险作业）")
    F2 = "F2", _("二类（较高风险作业）")
    F3 = "F3", _("三类（其他作业）")
    F4 = "F4", _("四类（停车检修、开车、试生产）")
    F5 = "F5", _("五类（节假日、特殊时段作业）")
    F6 = "F6", _("六类（抢修）")


class FilingLead(models.Model):
    """Hours of lead of a class as the district set them (报备提前时间). Retention class: permanent.

    Only ever added: the newest of a class counts. Negative: so long after the start.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(_("报备类别"), max_length=2, choices=FilingClassCode.choices)
    lead_h = models.SmallIntegerField(_("提前小时数"))
    reason = models.CharField(_("理由"), max_length=300)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(lead_h__gte=-72, lead_h__lte=720), name="filing_lead_in_bounds"),
        ]
        indexes = [models.Index(fields=["code", "-entered_at", "-id"], name="filing_lead_newest")]

    def __str__(self) -> str:
        return f"{self.code} {self.lead_h}"


class WorkFiling(LoopRow):
    """One job told to the regulator before it begins (作业报备). Retention class: as the permit. ``owner_org`` is the
    office; filing is information and no approval."""

    loop_code: ClassVar[str] = FILING.code

    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    #: Its permit; of a shutdown or an emergency repair there is none, or not yet.
    permit = models.ForeignKey(Permit, models.CASCADE, null=True, blank=True, related_name="filings")
    code = models.CharField(_("报备类别"), max_length=2, choices=FilingClassCode.choices)
    kind = models.CharField(_("作业类别"), max_length=2, choices=Kind.choices, blank=True)
    level = models.CharField(_("作业级别"), max_length=3, blank=True)
    apply_unit = models.CharField(_("申请单位"), max_length=80)
    work_unit = models.CharField(_("作业单位"), max_length=80)
    is_contractor = models.BooleanField(_("承包商作业"), default=False)
    place = models.CharField(_("作业地点和部位"), max_length=200)
    content = models.CharField(_("作业内容"), max_length=1000)
    starts_at = models.DateTimeField(_("作业开始时间"))
    ends_at = models.DateTimeField(_("作业结束时间"))
    people_count = models.PositiveSmallIntegerField(_("作业人数"), null=True, blank=True)
    leader = models.CharField(_("现场带班负责人"), max_length=60)
    cameras = models.CharField(_("现场摄像头"), max_length=200, blank=True)
    #: Of an emergency repair: when it was told by telephone, and to whom.
    phoned_at = models.DateTimeField(_("电话报告时间"), null=True, blank=True)
    phoned_to = models.CharField(_("电话接报人"), max_length=120, blank=True)
    due_at = models.DateTimeField(_("报备期限"))
    submitted_at = models.DateTimeField(_("报备时间"))
    #: What was asked, and what was answered.
    question = models.CharField(_("监管意见"), max_length=500, blank=True)
    answer = models.CharField(_("企业说明"), max_length=1000, blank=True)
    #: Codes of ``standards.gb30871.audit.filing.DOUBTS``.
    doubts = models.JSONField(_("不一致"), default=list, blank=True)
    ended_at = models.DateTimeField(_("办结时间"), null=True, blank=True)

    objects = ScopedQuerySet["WorkFiling"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=FILING.codes), name="work_filing_status_known"),
            models.CheckConstraint(condition=Q(code__in=FilingClassCode.values), name="work_filing_code_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="work_filing_in_order"),
            models.CheckConstraint(condition=~Q(code="F6") | Q(phoned_at__isnull=False), name="work_filing_phoned"),
            models.UniqueConstraint(
                fields=["permit"], condition=~Q(status="WITHDRAWN") & Q(permit__isnull=False), name="work_filing_once"
            ),
        ]
        indexes = [
            models.Index(F("ended_at").desc(nulls_first=True), F("starts_at").desc(), F("id"),
                         name="work_filing_open_first"),
            models.Index(fields=["enterprise", "-starts_at"], name="work_filing_of_one"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def is_late(self) -> bool:
        """Filed after its time, or phoned after the start."""
        return self.is_filed_late or self.is_phoned_late

    @property
    def is_filed_late(self) -> bool:
        return self.submitted_at > self.due_at

    @property
    def is_phoned_late(self) -> bool:
        """An emergency repair that was told by telephone only after it began: by its permit, else as it was filed."""
        began = self.starts_at if self.permit is None else self.permit.started_at
        if self.code != "F6" or self.phoned_at is None or began is None:
            return False
        return self.phoned_at > began

    @property
    def title(self) -> str:
        name = self.get_kind_display() if self.kind else self.get_code_display()
        return f"{name} {self.content}"[:300]
