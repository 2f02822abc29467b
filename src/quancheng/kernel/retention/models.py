"""What the clock of retention did, what it may not touch, and where archives lie."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.ids import uuid7


class RetentionRun(models.Model):
    """One round of one rule (到期处理), continued after an interruption. Retention class: technical, 365 days."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rule = models.CharField(max_length=60)
    #: A trial that counts and changes nothing.
    is_dry = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    #: Rows whose day had come when the round began, and those of them under a hold.
    due = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    #: Rows done away with so far.
    done = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["rule", "-started_at"], name="retention_run_latest")]
        constraints = [
            models.UniqueConstraint(
                fields=["rule"], condition=Q(finished_at__isnull=True, is_dry=False), name="retention_run_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.started_at:%Y-%m-%d}"


class RetentionHold(models.Model):
    """Rows that may not go (保全): one, or all of a rule. Retention class: register, permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rule = models.CharField(max_length=60)
    #: Empty for all rows of the rule.
    subject_id = models.CharField(max_length=40, blank=True)
    reason = models.CharField(_("保全原因"), max_length=200)
    set_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField()
    lifted_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lift_reason = models.CharField(_("解除原因"), max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject_id"], condition=Q(lifted_at__isnull=True), name="retention_hold_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="retention_hold_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject_id}"


class Archive(models.Model):
    """A sealed file of rows that were deleted after it was written (归档文件). Retention class: register, permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rule = models.CharField(max_length=60)
    #: Under which the file store holds it.
    digest = models.CharField(max_length=80, unique=True)
    rows = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest
