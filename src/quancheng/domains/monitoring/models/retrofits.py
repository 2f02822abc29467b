"""Automation of key supervised processes and major hazards (自动化控制改造): how far it is, as enterprises tell it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.ids import uuid7


class RetrofitState(models.TextChoices):
    """How far the automation of a process is (自动化改造状态)."""

    UNTOUCHED = "untouched", _("未启动")
    PLANNED = "planned", _("已制定方案")
    RUNNING = "running", _("改造中")
    DONE = "done", _("改造完成并投用")
    BUILT_IN = "built_in", _("建成时已实现自动化")


#: With these nothing is left to do; both are proved by a paper.
FINISHED = (RetrofitState.DONE, RetrofitState.BUILT_IN)


class AutomationRetrofit(models.Model):
    """What was told of the automation of one process, or a major hazard, in one facility (自动化改造情况).

    The newest counts. Only ever added; read through the facility. Retention class: as the file.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    facility = models.ForeignKey("registry.Facility", models.PROTECT, related_name="retrofits")
    #: Code of the process, P01 to P18; ``MH``: of a major hazard in which none runs.
    process = models.CharField(_("重点监管工艺"), max_length=4)
    state = models.CharField(_("自动化改造状态"), max_length=10, choices=RetrofitState.choices)
    #: Name and number of what proves it: plan, design, acceptance.
    paper = models.CharField(_("依据文件名称和文号"), max_length=200, blank=True)
    paper_date = models.DateField(_("文件日期"), null=True, blank=True)
    #: The last day on which it shall be done.
    finish_date = models.DateField(_("计划完成日期"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    by_name = models.CharField(_("登记人"), max_length=130)
    told_at = models.DateTimeField(_("登记时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RetrofitState.values), name="retrofit_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=("done", "built_in")) | ~Q(paper="") & Q(paper_date__isnull=False),
                name="retrofit_proved",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("planned", "running")) | Q(finish_date__isnull=False),
                name="retrofit_has_a_day",
            ),
        ]
        indexes = [models.Index(fields=["facility", "process", "-told_at"], name="retrofit_newest")]

    def __str__(self) -> str:
        return f"{self.process} {self.state}"
