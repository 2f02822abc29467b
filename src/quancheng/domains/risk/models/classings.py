"""What is to become of an enterprise (企业分类整治), and how far it has come."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk.kinds import EnterpriseClass
from quancheng.domains.risk.loops.classing import CLASSING
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow


class Classing(LoopRow):
    """The class label of an enterprise with the progress of what it calls for (企业分类整治), S5-3.1b.

    ``owner_org`` is the enterprise. ``percent`` is what it reports, 0 to 100. Retention class: as the file.
    """

    loop_code = CLASSING.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    file = models.ForeignKey("registry.Enterprise", models.PROTECT, related_name="classings")
    supervisor = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    title = models.CharField(_("企业"), max_length=240)
    kind = models.CharField(_("整治类别"), max_length=10, choices=EnterpriseClass.choices)
    grounds = models.CharField(_("定类依据"), max_length=1000)
    demands = models.CharField(_("整治要求"), max_length=2000, blank=True)
    due_date = models.DateField(_("整治期限"), null=True, blank=True)
    #: When a label that calls for nothing is looked at again.
    review_date = models.DateField(_("复核日期"))
    percent = models.PositiveSmallIntegerField(_("进度（%）"), default=0)
    progress = models.CharField(_("最新进展"), max_length=2000, blank=True)
    progress_at = models.DateTimeField(_("填报时间"), null=True, blank=True)
    classed_by = models.CharField(_("定类人"), max_length=130)
    accepted = models.CharField(_("验收意见"), max_length=1000, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Classing"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=CLASSING.codes), name="classing_status_known"),
            models.CheckConstraint(condition=Q(kind__in=EnterpriseClass.values), name="classing_kind_known"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="classing_percent"),
            models.CheckConstraint(
                condition=Q(kind="good") | (Q(due_date__isnull=False) & ~Q(demands="")), name="classing_demands"
            ),
            models.UniqueConstraint(
                fields=["file"], condition=Q(status__in=["CLASSED", "OPEN", "REPORTED"]), name="classing_one_live"
            ),
        ]
        indexes = [models.Index(fields=["file", "-created_at"], name="classing_by_file")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
