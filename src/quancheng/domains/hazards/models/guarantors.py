"""Guarantors of major hazards (重大危险源包保责任人), and what they owe in a period (包保履职)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.guarantor import GUARANTOR_ROUND
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.models import LoopRow


class GuarantorRole(models.TextChoices):
    """The three persons (包保责任人), codes of ``standards.risk.guarantors.ROLES``."""

    MAIN = "main", _("主要负责人")
    TECHNICAL = "technical", _("技术负责人")
    OPERATION = "operation", _("操作负责人")


class Guarantor(models.Model):
    """Who answers for a major hazard, from a day to a day. Read through the enterprise's file.

    Retention class: as the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="guarantors")
    hazard = models.ForeignKey("registry.Unit", models.PROTECT, related_name="guarantors")
    role = models.CharField(_("包保责任"), max_length=10, choices=GuarantorRole.choices)
    person = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    #: As he was called when he was named: the sign board keeps it.
    name = models.CharField(_("姓名"), max_length=130)
    job = models.CharField(_("职务"), max_length=60)
    #: Sealed, with its blind index.
    phone = models.TextField(blank=True)
    phone_index = models.CharField(max_length=80, blank=True)
    since_date = models.DateField(_("任命日期"))
    until_date = models.DateField(_("卸任日期"), null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=GuarantorRole.values), name="guarantor_role_known"),
            models.CheckConstraint(
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("since_date")), name="guarantor_in_order"
            ),
            models.UniqueConstraint(
                fields=["hazard", "role"], condition=Q(until_date__isnull=True), name="guarantor_one_standing"
            ),
        ]
        indexes = [
            models.Index(fields=["file", "role"], name="guarantor_by_file"),
            models.Index(fields=["person"], condition=Q(until_date__isnull=True), name="guarantor_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.hazard_id}"


class GuarantorRound(LoopRow):
    """What the guarantors of one role of an enterprise owe in one period (包保履职). ``owner_org`` is the enterprise.

    Closed by records: when the period is over and all their tasks of it are done. Retention class: as the file.
    """

    loop_code = GUARANTOR_ROUND.code

    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="+")
    role = models.CharField(_("包保责任"), max_length=10, choices=GuarantorRole.choices)
    title = models.CharField(_("履职事项"), max_length=300)
    #: The only person of that role in the enterprise, whose item it is; empty where there are several or none.
    person = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    first_date = models.DateField(_("期间起"))
    last_date = models.DateField(_("期间止"))
    #: The day after, since a period may be used to its end.
    due_date = models.DateField(_("履职时限"))
    #: As they were when the period was closed.
    planned = models.PositiveIntegerField(_("应履职任务"), null=True)
    done = models.PositiveIntegerField(_("已履职任务"), null=True)
    reason = models.CharField(_("未履职原因"), max_length=1000, blank=True)
    closed_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["GuarantorRound"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=GUARANTOR_ROUND.codes), name="guarantor_round_status_known"),
            models.CheckConstraint(condition=Q(role__in=GuarantorRole.values), name="guarantor_round_role_known"),
            models.CheckConstraint(condition=Q(last_date__gte=F("first_date")), name="guarantor_round_in_order"),
        ]
        indexes = [
            models.Index(F("closed_at").desc(nulls_first=True), F("last_date").desc(), F("id"),
                         name="guarantor_round_open_first"),
            models.Index(fields=["file", "role", "-last_date"], name="guarantor_round_by_file"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title
