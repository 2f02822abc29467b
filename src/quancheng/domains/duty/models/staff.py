"""Who supervises in each organisation (监管人员), with what schooling and practice, and how many are planned."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.models import Scoped, ScopedQuerySet


class JoinedBy(models.TextChoices):
    """How somebody came (来源)."""

    RECRUITED = "recruited", _("招录")
    TRANSFERRED = "transferred", _("选调")
    HIRED = "hired", _("聘用")
    OTHER = "other", _("其他")


class StaffMember(Scoped):
    """One person of an organisation's supervision force (监管人员). ``owner_org`` is that organisation.

    Who left stays with the day. Retention class: personal, 5 years after leaving.
    """

    name = models.CharField(_("姓名"), max_length=60)
    post = models.CharField(_("职务"), max_length=60, blank=True)
    #: Relevant schooling (相关专业学历) and practice (实践经验); a professional has both.
    has_schooling = models.BooleanField(_("具有相关学历"), default=False)
    has_practice = models.BooleanField(_("具有实践经验"), default=False)
    schooling = models.CharField(_("学历专业"), max_length=120, blank=True)
    joined_by = models.CharField(_("来源"), max_length=12, choices=JoinedBy.choices)
    joined_date = models.DateField(_("到岗日期"))
    left_date = models.DateField(_("离岗日期"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = ScopedQuerySet["StaffMember"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(joined_by__in=JoinedBy.values), name="staff_joined_by_known"),
            models.CheckConstraint(
                condition=Q(left_date__isnull=True) | Q(left_date__gte=F("joined_date")), name="staff_in_order"
            ),
        ]
        indexes = [models.Index(fields=["owner_org", "joined_date"], name="staff_by_org")]

    def __str__(self) -> str:
        return self.name


class StaffPlan(Scoped):
    """How many an organisation may have and means to take on in a year (编制和招录计划).

    Retention class: official document, permanent.
    """

    year = models.PositiveSmallIntegerField(_("年度"))
    posts = models.PositiveSmallIntegerField(_("核定人数"))
    hires = models.PositiveSmallIntegerField(_("计划招录"), default=0)
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet["StaffPlan"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_org", "year"], name="staff_plan_once")]

    def __str__(self) -> str:
        return f"{self.owner_org_id} {self.year}"
