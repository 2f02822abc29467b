"""Cases of special work that are published (典型案例曝光), and how long work marks a unit as one that does it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.loops.case import CASE
from quancheng.domains.permits.models.audits import AuditFinding
from quancheng.domains.permits.models.permits import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class ExposedCase(LoopRow):
    """One case that an office chose among what was found, and publishes to all enterprises (典型案例).

    Without names of people; with the enterprise's name where the office chose so. ``owner_org`` is the office; its
    columns of scope name no enterprise, so that nobody learns by them whose case it is. Retention class: official
    record, permanent.
    """

    loop_code: ClassVar[str] = CASE.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    #: What it was written of; gone when the permit's time is over, the case stays.
    finding = models.ForeignKey(AuditFinding, models.SET_NULL, null=True, related_name="cases")
    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    kind = models.CharField(_("作业类别"), max_length=2, choices=Kind.choices)
    title = models.CharField(_("标题"), max_length=120)
    what = models.TextField(_("违规情形"), max_length=2000)
    rule = models.CharField(_("违反的规定"), max_length=300)
    outcome = models.TextField(_("处理结果"), max_length=1000)
    #: Whether the enterprise is named.
    is_named = models.BooleanField(_("公开企业名称"), default=False)
    writer = models.CharField(_("编写人"), max_length=130)
    #: What may not stand in it, also when its permit is gone: names of ``people``, and by which the enterprise is known
    #: (``firm``). Of each its length and its keyed digest.
    hidden = models.JSONField(default=dict, editable=False)
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    reason = models.CharField(_("退回、撤回或放弃的理由"), max_length=500, blank=True)
    closed_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("编写时间"))

    objects = ScopedQuerySet["ExposedCase"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CASE.codes), name="exposed_case_status_known"),
            models.CheckConstraint(
                condition=~Q(status__in=("PUBLISHED", "WITHDRAWN")) | Q(published_at__isnull=False),
                name="exposed_case_published_at",
            ),
            models.UniqueConstraint(
                fields=["finding"], condition=~Q(status__in=("DROPPED", "WITHDRAWN")), name="exposed_case_once"
            ),
        ]
        indexes = [
            models.Index(F("published_at").desc(nulls_first=True), F("created_at").desc(), F("id"),
                         name="exposed_case_newest"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def shown_name(self) -> str:
        """The enterprise's name where it is published; empty elsewhere."""
        return self.file.enterprise.name if self.is_named and self.file.enterprise is not None else ""


class DangerousWorkRule(models.Model):
    """For how many months special work marks a unit as one that does it, from a day on (必检单位认定). Only ever added:
    of those that have begun the newest counts, else twelve months [D]. Retention class: permanent."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    months = models.PositiveSmallIntegerField(_("追溯月数"))
    from_day = models.DateField(_("起用日期"))
    reason = models.CharField(_("理由"), max_length=300)
    entered_by = models.CharField(_("设置人"), max_length=130)
    entered_at = models.DateTimeField(_("设置时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(months__gte=1, months__lte=60), name="dangerous_work_rule_in_bounds"),
        ]
        indexes = [models.Index(fields=["-entered_at", "-id"], name="dangerous_work_rule_newest")]

    def __str__(self) -> str:
        return f"{self.months} {self.from_day}"
