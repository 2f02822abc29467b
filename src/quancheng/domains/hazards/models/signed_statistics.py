"""Statistics of hidden dangers signed by the main person (隐患排查治理统计报表), by quarter and year."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.signed_statistics import SIGNED_STATISTICS
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow
from quancheng.standards.hidden_dangers.self_checks import QUARTER, YEAR


class StatisticsKind(models.TextChoices):
    """Which period is told (报表类别), codes of ``standards.hidden_dangers.self_checks``."""

    QUARTERLY = QUARTER, _("季度报表")
    YEARLY = YEAR, _("年度报表")


class StatisticsReport(LoopRow):
    """What an enterprise tells of its hidden dangers in a period. ``owner_org`` is the enterprise.

    Numbers are whole, money is in yuan with two decimals as text. What was signed stands until it is returned; earlier
    signatures stay in the records of moves. Retention class: as the file.
    """

    loop_code = SIGNED_STATISTICS.code

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="statistics_reports")
    #: The office that takes it in.
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(_("报表类别"), max_length=7, choices=StatisticsKind.choices)
    title = models.CharField(_("报表"), max_length=300)
    first_date = models.DateField(_("统计期起"))
    last_date = models.DateField(_("统计期止"))
    due_date = models.DateField(_("报送时限"))
    #: ``{code of a figure: number}`` as the system counted when it was signed.
    proposed = models.JSONField(_("系统统计"), default=dict)
    #: The same as it was signed.
    figures = models.JSONField(_("签字报送"), default=dict)
    #: ``{code of a figure: why it differs}``.
    reasons = models.JSONField(_("更正理由"), default=dict)
    note = models.CharField(_("说明"), max_length=1000, blank=True)
    signer = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    signed_name = models.CharField(_("签字人"), max_length=130, blank=True)
    signed_at = models.DateTimeField(_("签字时间"), null=True, blank=True)
    #: First signed after it was due.
    is_late = models.BooleanField(_("逾期报送"), default=False)
    is_corrected = models.BooleanField(_("有更正"), default=False)
    returned_reason = models.CharField(_("退回原因"), max_length=1000, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["StatisticsReport"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=SIGNED_STATISTICS.codes), name="statistics_report_status_known"
            ),
            models.CheckConstraint(condition=Q(kind__in=StatisticsKind.values), name="statistics_report_kind_known"),
            models.CheckConstraint(condition=Q(last_date__gt=F("first_date")), name="statistics_report_in_order"),
            models.CheckConstraint(
                condition=~Q(status__in=("SIGNED", "ACCEPTED")) | (Q(signed_at__isnull=False) & ~Q(signed_name="")),
                name="statistics_report_signed",
            ),
            models.UniqueConstraint(
                fields=["file", "kind", "first_date"], condition=~Q(status="ENDED"), name="statistics_report_once"
            ),
        ]
        indexes = [
            models.Index(F("closed_at").desc(nulls_first=True), F("last_date").desc(), F("id"),
                         name="statistics_report_open_first"),
            models.Index(fields=["file", "-last_date"], name="statistics_report_by_file"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title
