"""Checklists that departments word themselves (部门自定检查表): which edition, for whom, and how far it has come."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.loops.department_checklist import DEPARTMENT_CHECKLIST
from quancheng.kernel.access.models import ScopedQuerySet
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.loops.models import LoopRow
from quancheng.standards.hidden_dangers.kinds import code_list

_ASPECTS = [one.code for one in code_list("aspect").items]


class DepartmentChecklist(LoopRow):
    """One edition of a department's own checklist (部门自定检查表). ``owner_org`` is the department.

    Name, items and the days in force are those of the law register, as for every checklist; here stand its aspect, for
    whom it is, and the loop. Without kinds and chains it is for all. Retention class: permanent.
    """

    loop_code = DEPARTMENT_CHECKLIST.code

    code = models.CharField(_("编号"), max_length=20, unique=True)
    text = models.ForeignKey("law.LegalText", models.PROTECT, related_name="+")
    edition = models.OneToOneField("law.Edition", models.PROTECT, related_name="+")
    title = models.CharField(_("检查表名称"), max_length=200)
    aspect = models.CharField(_("检查方面"), max_length=12)
    #: Kinds of enterprises and links of the chain that it is for; any of either.
    kinds = ArrayField(models.CharField(max_length=24), verbose_name=_("适用企业类别"), default=list, blank=True)
    chains = ArrayField(models.CharField(max_length=12), verbose_name=_("适用链条环节"), default=list, blank=True)
    #: The edition from which its items were copied.
    copied_from = models.ForeignKey("law.Edition", models.PROTECT, null=True, blank=True, related_name="+")
    #: Who worded it last, and everybody who worded it: another publishes it.
    worded_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    worders = models.ManyToManyField("people.User", related_name="+", verbose_name=_("拟订人"))
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    reason = models.CharField(_("停用理由"), max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("拟订时间"))

    objects = ScopedQuerySet["DepartmentChecklist"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=DEPARTMENT_CHECKLIST.codes), name="department_list_status_known"
            ),
            models.CheckConstraint(condition=Q(aspect__in=_ASPECTS), name="department_list_aspect_known"),
            models.CheckConstraint(
                condition=~Q(status__in=("PUBLISHED", "REPLACED", "WITHDRAWN")) | Q(published_at__isnull=False),
                name="department_list_published_at",
            ),
            models.CheckConstraint(condition=~Q(status="WITHDRAWN") | ~Q(reason=""), name="department_list_reason"),
            models.UniqueConstraint(
                fields=["text"], condition=Q(status__in=("DRAFT", "CHECKING")), name="department_list_one_draft"
            ),
            models.UniqueConstraint(
                fields=["text"], condition=Q(status="PUBLISHED"), name="department_list_one_published"
            ),
        ]
        indexes = [
            models.Index(F("closed_at").desc(nulls_first=True), F("created_at").desc(), F("id"),
                         name="department_list_open_first"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title
