"""Warnings by the four colours (红橙黄蓝预警) after the five rules of 2021: by how alarms are handled.

The colours of emergency plans say which accident is expected; they are another thing and stand in other tables.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.loops.warning import RISK_WARNING, WARNING_CHECK
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.loops.models import LoopRow


class WarningColour(models.IntegerChoices):
    """Colours of a warning (预警颜色), gravest first; numbers of ``standards.risk.colours.Colour``."""

    RED = 1, _("红色")
    ORANGE = 2, _("橙色")
    YELLOW = 3, _("黄色")
    BLUE = 4, _("蓝色")


class WarningTable(models.Model):
    """What each colour asks for, from a day on (预警响应时限). Retention class: permanent.

    Only ever added: the newest that is in force counts.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    #: Names of ``queries.warning_terms.NAMES`` to seconds.
    figures = models.JSONField(_("时限"))
    reason = models.CharField(_("理由"), max_length=300)
    from_date = models.DateField(_("起用日期"))
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-from_date", "-entered_at"], name="warning_table_newest")]

    def __str__(self) -> str:
        return f"{self.from_date} {self.figures}"


class RiskWarning(LoopRow):
    """A warning of an enterprise, or of one of its major hazards (风险预警): one is open of each at most.

    ``owner_org`` is the enterprise. The colour only rises while it is open. Retention class: as the file.
    """

    loop_code = RISK_WARNING.code

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="risk_warnings")
    #: The major hazard that it concerns; empty: the enterprise.
    hazard = models.ForeignKey("registry.Unit", models.PROTECT, null=True, related_name="risk_warnings")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    title = models.CharField(_("预警"), max_length=300)
    colour = models.PositiveSmallIntegerField(_("预警颜色"), choices=WarningColour.choices)
    #: By facts alone, without what nobody's answer added to it.
    facts_colour = models.PositiveSmallIntegerField(_("初定颜色"), choices=WarningColour.choices)
    #: Codes of ``standards.signals.responses.WHY``, everything that spoke for it so far.
    reasons = ArrayField(models.CharField(max_length=20), default=list, verbose_name=_("预警原因"))
    raised_at = models.DateTimeField(_("预警时间"))
    #: Since when it has its present colour.
    turned_at = models.DateTimeField(_("本级预警时间"))
    respond_by = models.DateTimeField(_("响应时限"))
    report_by = models.DateTimeField(_("报告时限"))
    #: So often nobody answered in time.
    escalated_count = models.PositiveSmallIntegerField(_("升级次数"), default=0)
    #: Nobody answered the red one in time either: told once more, and no colour is left.
    is_unanswered = models.BooleanField(_("红色仍未响应"), default=False)
    responded_at = models.DateTimeField(_("响应时间"), null=True)
    responded_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    response = models.CharField(_("响应措施"), max_length=2000, blank=True)
    reported_at = models.DateTimeField(_("报告时间"), null=True)
    reported_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    report = models.TextField(_("处置报告"), max_length=4000, blank=True)
    #: Since when nothing speaks for a warning any more.
    calm_from = models.DateTimeField(_("平稳起始时间"), null=True)
    closed_at = models.DateTimeField(_("解除时间"), null=True)

    objects = ScopedQuerySet["RiskWarning"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RISK_WARNING.codes), name="risk_warning_status_known"),
            models.CheckConstraint(condition=Q(colour__range=(1, 4)), name="risk_warning_colour"),
            models.CheckConstraint(
                condition=~Q(status="CLOSED") | Q(closed_at__isnull=False), name="risk_warning_closed_when"
            ),
            models.UniqueConstraint(
                fields=["file", "hazard"], condition=~Q(status="CLOSED"), nulls_distinct=False,
                name="risk_warning_one_open",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(F("raised_at").desc(), F("id"), name="risk_warning_newest"),
            models.Index(fields=["file", "-raised_at"], name="risk_warning_by_file"),
            models.Index(fields=["status", "respond_by"], condition=~Q(status="CLOSED"), name="risk_warning_open"),
        ]

    def __str__(self) -> str:
        return self.title


class WarningCheck(LoopRow):
    """What the authority owes of a warning (预警核查), beside what the enterprise does. ``owner_org`` is the office.

    Retention class: as the file.
    """

    loop_code = WARNING_CHECK.code

    class Verdict(models.TextChoices):
        TRUE = "true", _("属实，处置得当")
        WEAK = "weak", _("属实，处置不到位")
        FALSE = "false", _("误报")

    warning = models.ForeignKey(RiskWarning, models.PROTECT, related_name="checks")
    title = models.CharField(_("核查事项"), max_length=300)
    colour = models.PositiveSmallIntegerField(_("预警颜色"), choices=WarningColour.choices)
    due_at = models.DateTimeField(_("核查时限"))
    #: A call must stand on record: red, or raised twice because nobody answered.
    needs_call = models.BooleanField(_("须有通话记录"), default=False)
    verdict = models.CharField(_("核查结论"), max_length=10, choices=Verdict.choices, blank=True)
    note = models.CharField(_("核查情况和决定"), max_length=2000, blank=True)
    #: Whom one spoke with at what time and what he said; no telephone number.
    call = models.CharField(_("通话记录"), max_length=500, blank=True)
    done_at = models.DateTimeField(_("核查时间"), null=True)
    done_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet["WarningCheck"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=WARNING_CHECK.codes), name="warning_check_status_known"),
            models.UniqueConstraint(fields=["warning"], condition=Q(status="DUE"), name="warning_check_one_open"),
        ]
        indexes = [models.Index(fields=["warning", "-due_at"], name="warning_check_by_warning")]

    def __str__(self) -> str:
        return self.title
