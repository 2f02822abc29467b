"""Counters, the numbers they gave, and patterns where they differ from what ships."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.ids import uuid7


class NumberPattern(models.Model):
    """How an organisation writes a kind of number, where it differs from what ships. Retention class: permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60)
    word = models.CharField(_("文种代字"), max_length=20, blank=True)
    pattern = models.CharField(_("文号格式"), max_length=80)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "kind"], name="number_pattern_once")]

    def __str__(self) -> str:
        return self.pattern


class Counter(models.Model):
    """The last number given. Whoever takes the next holds its lock until his transaction ends, so that none is lost.

    Retention class: permanent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "kind", "year"], name="counter_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.year} {self.last}"


class IssuedNumber(models.Model):
    """A number that was given, and to which row; a void paper keeps its number. Retention class: permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    #: As it was written then, whatever the pattern says later.
    text = models.CharField(_("文号"), max_length=120)
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    issued_at = models.DateTimeField()
    void_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "year", "number"], name="issued_number_once"),
            models.UniqueConstraint(fields=["subject_type", "subject_id", "kind"], name="issued_number_per_row"),
            models.CheckConstraint(condition=Q(void_at__isnull=True) | ~Q(void_reason=""), name="issued_number_void"),
        ]
        indexes = [models.Index(fields=["text"], name="issued_number_text")]

    def __str__(self) -> str:
        return self.text
