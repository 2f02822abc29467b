"""How complete each enterprise's file is (档案完整度), and how a district sets the rules it is measured by."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models.enterprises import Enterprise
from quancheng.kernel.arrays import ArrayField


class Completeness(models.Model):
    """The score of one file, as last measured, so that lists sort by it. Nobody types it. Retention class: as the
    file.

    It stands beside the file and not in it: it follows from what other rows say, and a measurement is no change of
    the file.
    """

    file = models.OneToOneField(Enterprise, models.CASCADE, primary_key=True, related_name="completeness")
    #: Weighted share of what is there, whole per cent rounded down; empty where nothing is asked for.
    score = models.PositiveSmallIntegerField(_("完整度（%）"), null=True)
    #: Codes of ``standards.completeness`` of which something is missing.
    gaps = ArrayField(models.CharField(max_length=30), default=list)
    #: Every line as it was counted: code, weight, have, of, and names of some that lack it.
    lines = models.JSONField(default=list)
    #: Posts by law that too few hold (岗位缺口): code to how many are missing. Measured with the score, since it
    #: turns on the same rows and on the day. Null until it was measured.
    vacancies = models.JSONField(null=True)
    #: How many posts those are, so that the district's list begins with the most.
    vacant_posts = models.PositiveSmallIntegerField(null=True)
    #: When it last came out otherwise than before.
    measured_at = models.DateTimeField(_("计算时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=100), name="completeness_score"
            ),
        ]
        indexes = [
            models.Index(fields=["score", "file"], name="completeness_by_score"),
            # What the district lacks is counted without a look at the rows, which are long.
            models.Index(fields=["file"], include=["vacancies", "vacant_posts"], name="completeness_vacancies"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id} {self.score}"


class CompletenessRule(models.Model):
    """How a district weighs one datum, where not as shipped (完整度规则). Retention class: register, permanent.

    ``code`` is one of ``standards.completeness``.
    """

    code = models.CharField(_("档案项目"), max_length=30, primary_key=True)
    weight = models.PositiveSmallIntegerField(_("权重"))
    is_asked = models.BooleanField(_("计入完整度"))
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=100), name="completeness_rule_weight"),
        ]

    def __str__(self) -> str:
        return self.code
