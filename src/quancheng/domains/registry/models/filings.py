"""Filings of enterprise files (档案备案): what an enterprise certified as true, and when it must do so again."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.loops.filing import FILING
from quancheng.domains.registry.models.enterprises import Enterprise
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.loops.models import LoopRow


class Filing(LoopRow):
    """One filing (备案) of an enterprise's file with the office that leads its supervision. Retention class: as the
    file.

    ``owner_org`` is the enterprise. ``snapshot`` is what the file said when it was prepared and does not change
    afterwards; who certifies it certifies these very words, by their digest.
    """

    loop_code = FILING.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="filings")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    #: The rule of ``standards.filing`` that called for it; empty where the enterprise files of its own accord.
    rule = models.CharField(_("备案依据"), max_length=30, blank=True)
    title = models.CharField(_("事项"), max_length=200)
    reason = models.CharField(_("事由"), max_length=500, blank=True)
    #: Facts whose change called for it.
    changed = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("变动内容"))
    due_date = models.DateField(_("备案期限"))
    snapshot = models.JSONField(_("备案内容"), null=True)
    digest = models.CharField(_("内容摘要（SHA-256）"), max_length=64, blank=True)
    #: The file's version and score when it was prepared.
    file_version = models.PositiveIntegerField(null=True)
    score = models.PositiveSmallIntegerField(_("填报时完整度（%）"), null=True)
    prepared_at = models.DateTimeField(_("填报时间"), null=True, blank=True)
    prepared_by = models.CharField(_("备案填报人"), max_length=60, blank=True)
    certified_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    certified_by = models.CharField(_("承诺人"), max_length=60, blank=True)
    #: Receipt number (回执编号), given when it was submitted; it stays, also over a return.
    number = models.CharField(_("回执编号"), max_length=80, blank=True)
    received_at = models.DateTimeField(_("接收时间"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Filing"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=FILING.codes), name="filing_status_known"),
            models.UniqueConstraint(fields=["file"], condition=Q(closed_at__isnull=True), name="filing_one_open"),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "WITHDRAWN", "LAPSED"])
                | (Q(snapshot__isnull=False) & ~Q(digest="") & Q(prepared_at__isnull=False)),
                name="filing_prepared",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["FILED", "RECEIVED"]) | (Q(certified_at__isnull=False) & ~Q(number="")),
                name="filing_certified",
            ),
            models.CheckConstraint(
                condition=~Q(status="RECEIVED") | Q(received_at__isnull=False), name="filing_received_at"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "due_date", "id"], name="filing_by_due"),
            models.Index(fields=["file", "-received_at"], name="filing_by_file"),
        ]

    def __str__(self) -> str:
        return self.code


class FilingRuleSetting(models.Model):
    """How a district sets a rule of filing, where not as shipped (备案规则). Retention class: register, permanent.

    ``code`` is one of ``standards.filing``.
    """

    code = models.CharField(_("规则"), max_length=30, primary_key=True)
    days = models.PositiveSmallIntegerField(_("期限"))
    is_active = models.BooleanField(_("启用"))
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=1100), name="filing_rule_days"),
        ]

    def __str__(self) -> str:
        return self.code
