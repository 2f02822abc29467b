"""How many people of a post law makes a unit employ (法定人员配备)."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.models.certificates import SourceMark
from quancheng.domains.training.models.roles import WorkRole
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7


class StaffQuotaQuerySet(models.QuerySet["StaffQuota"]):
    def on(self, day: date) -> Self:
        """Quotas that count on a day."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day), Q(valid_to__isnull=True) | Q(valid_to__gte=day)
        )


class StaffQuota(models.Model):
    """How many holders of a role units of some classes must employ (人员配备标准).

    Retention class: register, permanent.

    ``least`` persons, and in units with more than ``staff_over`` people no fewer than ``share_percent`` of their safety
    managers, rounded up. Of several that concern a unit the greatest counts. One is never changed: it ends, and another
    begins.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(_("代码"), max_length=40, unique=True)
    role = models.ForeignKey(WorkRole, models.PROTECT, related_name="+", verbose_name=_("岗位角色"))
    #: Classes of enterprises, see ``registry.kinds``.
    kinds = ArrayField(models.CharField(max_length=24), default=list, verbose_name=_("适用企业类别"))
    least = models.PositiveSmallIntegerField(_("至少人数"), default=0)
    share_percent = models.PositiveSmallIntegerField(_("占安全生产管理人员的比例（%）"), default=0)
    staff_over = models.PositiveIntegerField(_("比例适用于从业人数超过"), default=0)
    basis = models.CharField(_("依据"), max_length=200)
    basis_en = models.CharField(max_length=200, blank=True)
    mark = models.CharField(_("确信程度"), max_length=2, choices=SourceMark.choices)
    valid_from = models.DateField(_("启用日期"), null=True, blank=True)
    #: The last day.
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    #: When a person last changed it; null for what ships, which a newer release may word anew.
    changed_at = models.DateTimeField(null=True)

    objects = StaffQuotaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(least__gt=0) | Q(share_percent__gt=0), name="staff_quota_asks"),
            models.CheckConstraint(condition=Q(share_percent__lte=100), name="staff_quota_share"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_from__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="staff_quota_in_order",
            ),
        ]
        indexes = [models.Index(fields=["position", "code"], name="staff_quota_order")]

    def __str__(self) -> str:
        return self.code

    @property
    def shown_basis(self) -> str:
        """The basis in the reader's language."""
        return self.basis_en if self.basis_en and (get_language() or "").startswith("en") else self.basis
