"""What a role requires of who works in it (任职要求)."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.models.certificates import CertificateKind, SourceMark
from quancheng.domains.training.models.persons import Education, MajorField, TitleLevel
from quancheng.domains.training.models.roles import WorkRole
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7


class RequirementKind(models.TextChoices):
    """What is asked for (要求类别)."""

    CERTIFICATE = "certificate", _("证书")
    EDUCATION = "education", _("学历、职称")
    AGE = "age", _("年龄")
    HOURS = "hours", _("培训学时")


class Applies(models.TextChoices):
    """Where a requirement holds (适用范围)."""

    ALWAYS = "always", _("所有企业")
    TWO_KEY_ONE_MAJOR = "two_key_one_major", _("两重点一重大企业")


class RoleRequirementQuerySet(models.QuerySet["RoleRequirement"]):
    def on(self, day: date) -> Self:
        """Requirements that count on a day."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day), Q(valid_to__isnull=True) | Q(valid_to__gte=day)
        )


class RoleRequirement(models.Model):
    """One thing that a role requires (任职要求). Retention class: register, permanent.

    Of those of one role that share an ``alternative`` any one suffices.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(_("代码"), max_length=60, unique=True)
    role = models.ForeignKey(WorkRole, models.PROTECT, related_name="requirements")
    kind = models.CharField(_("要求类别"), max_length=12, choices=RequirementKind.choices)
    alternative = models.PositiveSmallIntegerField(_("组别"), default=1)
    certificate = models.ForeignKey(CertificateKind, models.PROTECT, null=True, blank=True, related_name="+")
    min_education = models.CharField(_("最低学历"), max_length=10, choices=Education.choices, blank=True)
    #: Fields of which the education must be; empty for any.
    major_fields = ArrayField(
        models.CharField(max_length=10, choices=MajorField.choices), default=list, blank=True,
        verbose_name=_("专业类别"),
    )  # fmt: skip
    min_title = models.CharField(_("最低职称"), max_length=10, choices=TitleLevel.choices, blank=True)
    min_age = models.PositiveSmallIntegerField(_("最低年龄"), null=True, blank=True)
    max_age = models.PositiveSmallIntegerField(_("最高年龄"), null=True, blank=True)
    hours = models.PositiveSmallIntegerField(_("培训学时"), null=True, blank=True)
    applies = models.CharField(_("适用范围"), max_length=20, choices=Applies.choices, default=Applies.ALWAYS)
    #: Of those alone who took up the post from this day on.
    posted_since = models.DateField(_("适用于此日及以后任职的人员"), null=True, blank=True)
    #: Months after taking up a post within which it may still be met.
    grace_months = models.PositiveSmallIntegerField(_("任职后宽限月数"), default=0)
    #: Who does not meet it may not be given the post or the work; else it is told as a gap.
    is_strict = models.BooleanField(_("不符合的不得任职、作业"), default=True)
    basis = models.CharField(_("依据"), max_length=200)
    basis_en = models.CharField(max_length=200, blank=True)
    mark = models.CharField(_("确信程度"), max_length=2, choices=SourceMark.choices)
    valid_from = models.DateField(_("启用日期"), null=True, blank=True)
    #: The last day.
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)
    #: When a person last changed it; null for what ships, which a newer release may word anew.
    changed_at = models.DateTimeField(null=True)

    objects = RoleRequirementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="certificate", certificate__isnull=False)
                | Q(kind="education") & (~Q(min_education="") | ~Q(min_title=""))
                | Q(kind="age") & (Q(min_age__isnull=False) | Q(max_age__isnull=False))
                | Q(kind="hours", hours__isnull=False),
                name="role_requirement_says_what",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_from__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="role_requirement_in_order",
            ),
        ]
        indexes = [models.Index(fields=["role", "alternative"], name="role_requirement_by_role")]

    def __str__(self) -> str:
        return self.code

    @property
    def shown_basis(self) -> str:
        """The basis in the reader's language."""
        return self.basis_en if self.basis_en and (get_language() or "").startswith("en") else self.basis
