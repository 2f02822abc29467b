"""Recurring duties (周期事项) as rules, and what was generated from them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.models import Scoped, ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.schedule.recurrence import KINDS


class RecurringRule(Scoped):
    """One recurring duty: what recurs, for whom, by when. ``owner_org`` set it up. Retention class: permanent."""

    code = models.CharField(_("代码"), max_length=60, unique=True)
    name = models.CharField(_("名称"), max_length=200)
    #: The kind of row made from it, as a domain registered it (:func:`...generators.register_generator`).
    generator = models.CharField(max_length=60)
    recurrence = models.CharField(_("周期"), max_length=14)
    #: Figures of the recurrence, see :mod:`quancheng.kernel.schedule.recurrence`.
    figures = models.JSONField()
    #: What the generator wants to know besides, e.g. the task it reports on.
    data = models.JSONField(default=dict)
    organisations = models.ManyToManyField("people.Organisation", related_name="+", blank=True)
    group = models.ForeignKey("people.OrganisationGroup", models.PROTECT, null=True, blank=True, related_name="+")
    first_day = models.DateField(_("起始日期"))
    last_day = models.DateField(_("截止日期"), null=True, blank=True)
    #: Days after the due day that are still taken as on time.
    grace_days = models.PositiveSmallIntegerField(_("宽限天数"), default=0)
    #: So many days before the due day the row is made; from the period's first day where none is given.
    lead_days = models.PositiveSmallIntegerField(_("提前天数"), null=True, blank=True)
    adjust = models.CharField(
        _("逢非工作日"),
        max_length=16,
        choices=[("keep", _("不变")), ("previous_working", _("提前至前一工作日")), ("skip", _("该期不产生"))],
        default="keep",
    )
    is_active = models.BooleanField(_("启用"), default=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet["RecurringRule"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(recurrence__in=KINDS), name="recurring_rule_kind_known"),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")), name="recurring_rule_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Occurrence(models.Model):
    """One period of a rule for one organisation, and the row made for it. Retention class: as that row.

    Read through its rule or its row, which have the scope.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rule = models.ForeignKey(RecurringRule, models.PROTECT, related_name="occurrences")
    period = models.CharField(max_length=12)
    org = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    due_date = models.DateField()
    #: Whether the year's holidays were not known when a working day was looked for.
    is_assumed = models.BooleanField(default=False)
    #: Made after its due day, after an outage or for a rule that begins in the past.
    is_caught_up = models.BooleanField(default=False)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "period", "org"], name="occurrence_once")]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="occurrence_subject")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.period} {self.org_id}"
