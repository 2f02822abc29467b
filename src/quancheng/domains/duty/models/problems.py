"""Problem lists (问题清单), of a town or an industry, each problem with its owner."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.loops.problem import PROBLEM
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.loops.models import LoopRow


class ProblemList(models.TextChoices):
    """Which list a problem stands on (清单)."""

    SAFETY = "safety", _("安全生产问题清单")
    DISASTER = "disaster", _("自然灾害问题清单")


class Industry(models.TextChoices):
    """The industry that a problem belongs to (行业领域)."""

    CHEMICALS = "chemicals", _("危险化学品")
    GAS = "gas", _("城镇燃气")
    TRANSPORT = "transport", _("交通运输")
    CONSTRUCTION = "construction", _("建设施工")
    FIRE = "fire", _("消防")
    TRADE = "trade", _("工贸")
    FIREWORKS = "fireworks", _("烟花爆竹")
    HOUSING = "housing", _("自建房")
    OTHER = "other", _("其他")


class Problem(LoopRow):
    """One problem from its discovery to its removal from the list (问题).

    Retention class: safety record, 5 years after its end.

    ``unit`` is where the problem was found, ``org`` who must rectify it (empty until responsibility is settled).
    A problem that the analogous check opened at a similar unit has the first as ``parent``.
    """

    loop_code = PROBLEM.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    list = models.CharField(_("清单"), max_length=12, choices=ProblemList.choices)
    industry = models.CharField(_("行业领域"), max_length=20, choices=Industry.choices)
    title = models.CharField(_("问题"), max_length=200)
    text = models.TextField(_("问题描述"))
    source = models.CharField(_("发现途径"), max_length=120)
    found_date = models.DateField(_("发现日期"))
    unit = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+", verbose_name=_("问题所在单位"))
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="similar")
    #: The campaign's unit in whose answers it was found; empty otherwise.
    origin_id = models.UUIDField(null=True, blank=True)
    cause = models.TextField(_("问题成因"), blank=True)
    measure = models.TextField(_("整改措施"), blank=True)
    org = models.ForeignKey(
        "people.Organisation", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("责任单位")
    )
    person = models.CharField(_("责任人"), max_length=60, blank=True)
    due_date = models.DateField(_("整改时限"), null=True, blank=True)
    result = models.TextField(_("整改情况"), blank=True)
    analogy = models.TextField(_("举一反三"), blank=True)
    root_measure = models.TextField(_("抓本治源"), blank=True)
    analysis = models.TextField(_("综合分析"), blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["Problem"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PROBLEM.codes), name="problem_status_known"),
            models.CheckConstraint(
                condition=~Q(status__in=("ASSIGNED", "RECTIFIED")) | Q(org__isnull=False, due_date__isnull=False),
                name="problem_has_owner",
            ),
            models.CheckConstraint(
                condition=~Q(status="CLOSED")
                | ~Q(cause="")
                & ~Q(measure="")
                & ~Q(result="")
                & ~Q(analogy="")
                & ~Q(root_measure="")
                & ~Q(analysis=""),
                name="problem_closed_whole",
            ),
            models.UniqueConstraint(
                fields=["parent", "unit"], condition=Q(parent__isnull=False), name="problem_similar_once"
            ),
        ]
        indexes = [models.Index(fields=["status", "due_date", "id"], name="problem_by_due")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
