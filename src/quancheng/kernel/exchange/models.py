"""Webhooks (事件推送): where events are sent to, on whose behalf, and how each delivery went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.ids import uuid7

if TYPE_CHECKING:
    from quancheng.kernel.access.actor import Actor


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of one's own organisation."""
        if actor.is_system:
            return self.all()
        if actor.organisation_id is None or actor.administrator:
            return self.none()
        return self.filter(membership__organisation=actor.organisation_id)

    def live(self) -> Self:
        return self.filter(disabled_at__isnull=True)


class Webhook(models.Model):
    """One receiver. It hears what its membership may see, at the time of each event and of each delivery.

    Retention class: record of acts, 5 years after its end.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    membership = models.ForeignKey("people.Membership", models.PROTECT, related_name="+")
    name = models.CharField(_("用途"), max_length=60)
    url = models.CharField(_("接收地址"), max_length=500)
    #: Patterns of kinds, e.g. ``duty.task.*``.
    patterns = ArrayField(models.CharField(max_length=100), verbose_name=_("事件种类"))
    #: The signing secret, sealed by the vault.
    secret = models.TextField(editable=False)
    created_at = models.DateTimeField()
    #: Failures since the last success; at a limit the webhook is disabled.
    failures = models.PositiveIntegerField(default=0)
    disabled_at = models.DateTimeField(null=True)
    #: ``person`` or ``failures``.
    disabled_why = models.CharField(max_length=12, blank=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(disabled_at__isnull=True, disabled_why="")
                | Q(disabled_at__isnull=False) & ~Q(disabled_why=""),
                name="webhook_disabled_has_reason",
            )
        ]
        indexes = [
            models.Index(fields=["membership"], name="webhook_membership"),
            models.Index(fields=["id"], condition=Q(disabled_at__isnull=True), name="webhook_live"),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One event for one receiver (推送记录): waiting, delivered, failed for good, or dropped since no longer allowed.

    Retention class: technical, 90 days.
    """

    STATES = (
        ("waiting", _("待推送")),
        ("delivered", _("已送达")),
        ("failed", _("推送失败")),
        ("dropped", _("已取消")),
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event_id = models.UUIDField()
    kind = models.CharField(max_length=100)
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    #: Scope of the row at the time of the event.
    scope = models.JSONField()
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    attempts = models.PositiveSmallIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True)
    #: HTTP status of the last answer; null where there was none.
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=200, blank=True)
    took_ms = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event_id"], name="webhook_delivery_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "delivered", "failed", "dropped"]), name="webhook_delivery_state"
            ),
        ]
        indexes = [models.Index(fields=["webhook", "-created_at"], name="webhook_delivery_log")]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"
