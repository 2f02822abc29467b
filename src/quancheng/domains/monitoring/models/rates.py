"""Online rates (在线率) by day, and how far the data of a source can be trusted (数据质量评分)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.arrays import ArrayField


class TagDay(models.Model):
    """Minutes of a day that were due of a tag and those for which it told (点位在线率). Read through the tag.

    Retention class: 3 years after the day.
    """

    id = models.BigAutoField(primary_key=True)
    tag = models.ForeignKey("monitoring.Tag", models.CASCADE, related_name="days")
    day = models.DateField(_("日期"))
    due_min = models.PositiveSmallIntegerField(_("应有分钟"))
    valid_min = models.PositiveSmallIntegerField(_("有效分钟"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tag", "day"], name="tag_day_once"),
            models.CheckConstraint(condition=Q(valid_min__lte=F("due_min"), due_min__lte=1440), name="tag_day_minutes"),
        ]
        indexes = [models.Index(fields=["day"], name="tag_day_by_day")]

    def __str__(self) -> str:
        return f"{self.tag_id} {self.day} {self.valid_min}/{self.due_min}"


class FileDay(models.Model):
    """The same of an enterprise (企业在线率): the sums of its tags. Read through its file.

    Retention class: as the file.
    """

    id = models.BigAutoField(primary_key=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="online_days")
    day = models.DateField(_("日期"))
    tags = models.PositiveIntegerField(_("点位数"))
    #: Minutes of all tags, and those left out since a notice was filed.
    due_min = models.PositiveBigIntegerField(_("应有分钟"))
    valid_min = models.PositiveBigIntegerField(_("有效分钟"))
    planned_min = models.PositiveBigIntegerField(_("报备分钟"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "day"], name="file_day_once")]
        indexes = [models.Index(fields=["day"], name="file_day_by_day")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.day} {self.valid_min}/{self.due_min}"


class SourceScore(models.Model):
    """The quality of a source's data on a day (数据质量评分), with what was deducted. Read through the source.

    Retention class: 3 years after the day.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey("monitoring.Source", models.CASCADE, related_name="scores")
    day = models.DateField(_("日期"))
    score = models.PositiveSmallIntegerField(_("评分"))
    #: Codes of what was deducted, for filters.
    codes = ArrayField(models.CharField(max_length=12), default=list)
    #: ``[{"code", "points", "zh", "en", "tags": codes of tags}]``.
    deductions = models.JSONField(_("扣分"), default=list)
    tags = models.PositiveIntegerField(_("点位数"))
    readings = models.PositiveBigIntegerField(_("读数"))
    expected = models.PositiveBigIntegerField(_("应有读数"))
    late = models.PositiveBigIntegerField(_("迟到读数"))
    clock_ms = models.BigIntegerField(_("时钟偏差（毫秒）"), null=True)
    is_newest = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "day"], name="source_score_once"),
            models.UniqueConstraint(fields=["source"], condition=Q(is_newest=True), name="source_score_newest"),
            models.CheckConstraint(condition=Q(score__lte=100), name="source_score_span"),
        ]
        indexes = [models.Index(fields=["day"], name="source_score_by_day")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.day} {self.score}"
