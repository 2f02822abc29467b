"""Sums of dangers and checks by month (按月汇总), from which statistics of a district are added up.

Triggers keep them, whoever writes the rows: each statement adds what it changed, so that no two of them wait for one
another, and an hourly job folds the months to which something was added. Nothing here refers to a row that could be
waited for.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from quancheng.kernel.arrays import ArrayField


class _ByScope(models.Model):
    """What an office's scope asks of a row: place, links, reach. Only who sees by these may be told from sums."""

    id = models.BigAutoField(primary_key=True)
    #: First day of the month, in the district's time.
    month = models.DateField()
    area = models.ForeignKey("areas.Area", models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    links = ArrayField(models.CharField(max_length=20), default=list)
    reach = models.CharField(max_length=10)
    #: Made by the job out of what was added; what triggers add waits to be folded.
    is_folded = models.BooleanField(default=False, db_default=False)

    class Meta:
        abstract = True


class DangerSum(_ByScope):
    """Counts of what was found, due and accepted in a month (隐患月度汇总). Retention class: as what it sums up."""

    found = models.BigIntegerField()
    found_major = models.BigIntegerField()
    found_by_enterprise = models.BigIntegerField()
    found_major_by_enterprise = models.BigIntegerField()
    repeated = models.BigIntegerField()
    closed = models.BigIntegerField()
    closed_major = models.BigIntegerField()
    major_with_five = models.BigIntegerField()
    #: Days from finding to closing, of those closed since.
    closing = models.BigIntegerField()
    cost = models.DecimalField(max_digits=20, decimal_places=2)
    due = models.BigIntegerField()
    closed_on_time = models.BigIntegerField()
    extended = models.BigIntegerField()
    accepted = models.BigIntegerField()
    accepted_first = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["month"], name="danger_sum_month"),
            models.Index(fields=["month"], condition=Q(is_folded=False), name="danger_sum_added"),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.found}"


class DangerFileSum(_ByScope):
    """How many were found in a month at each enterprise (企业隐患月度数). Retention class: as what it sums up."""

    file = models.ForeignKey("registry.Enterprise", models.DO_NOTHING, db_constraint=False, related_name="+")
    found = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["month"], name="danger_file_sum_month"),
            models.Index(fields=["month"], condition=Q(is_folded=False), name="danger_file_sum_added"),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.file_id} {self.found}"


class ClosingSum(_ByScope):
    """How many found in a month were closed after so many days (整改天数分布). Retention class: as what it sums up."""

    days = models.IntegerField()
    closed = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["month"], name="closing_sum_month"),
            models.Index(fields=["month"], condition=Q(is_folded=False), name="closing_sum_added"),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.days} {self.closed}"


class CheckSum(models.Model):
    """How many checks an enterprise recorded in a month (排查记录月度数). Retention class: as what it sums up."""

    id = models.BigAutoField(primary_key=True)
    month = models.DateField()
    file = models.ForeignKey("registry.Enterprise", models.DO_NOTHING, db_constraint=False, related_name="+")
    checks = models.BigIntegerField()
    is_folded = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(fields=["month"], include=["file", "checks"], name="check_sum_month"),
            models.Index(fields=["month"], condition=Q(is_folded=False), name="check_sum_added"),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.file_id} {self.checks}"
