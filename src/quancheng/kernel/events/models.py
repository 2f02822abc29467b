"""Events (事件): what happened, told to those who subscribed, at least once each."""

from __future__ import annotations

from django.db import models
from django.db.models import Func, Q

from quancheng.kernel.ids import uuid7


class ClockTimestamp(Func):
    """The database's clock at this very statement, not at the start of the transaction."""

    function = "clock_timestamp"
    template = "%(function)s()"
    output_field = models.DateTimeField()


class Event(models.Model):
    """One event: kind, row, scope columns, actor and time; no personal data.

    Retention class: technical, 365 days.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=100)
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    scope = models.JSONField()
    user_id = models.UUIDField(null=True)
    org_id = models.UUIDField(null=True)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()
    #: When the row was written, by the database's clock: the order in which pollers and streams read.
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="event_at"),
            models.Index(fields=["recorded_at", "id"], name="event_recorded"),
            models.Index(fields=["subject_type", "subject_id"], name="event_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class Delivery(models.Model):
    """One subscriber's share of an event: done, waiting or failed. Retention class: as the event."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries")
    subscriber = models.CharField(max_length=100)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    #: Why the last attempt failed: the kind of the exception and our place in the code, no data.
    failure = models.CharField(max_length=300, blank=True)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="delivery_once")]
        indexes = [models.Index(fields=["failed_at"], condition=Q(done_at__isnull=True), name="delivery_waiting")]

    def __str__(self) -> str:
        return f"{self.subscriber} {self.event_id}"
