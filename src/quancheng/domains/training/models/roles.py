"""Roles at work (岗位和作业角色): what law knows posts and workers of special work by."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.dictionaries.models import Certainty
from quancheng.kernel.ids import uuid7


class WorkRoleQuerySet(models.QuerySet["WorkRole"]):
    def on(self, day: date) -> Self:
        """Roles that count on a day."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day), Q(valid_to__isnull=True) | Q(valid_to__gte=day)
        )


class WorkRole(models.Model):
    """A role in which people work (岗位角色), as law tells it from others. Retention class: register, permanent.

    The code is for machines and stays; ``barred_by`` names codes of the dictionary ``training.health_limits``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    name_en = models.CharField(_("英文名称"), max_length=120)
    #: One held for a job of special work alone (作业角色), which is no post.
    is_task_only = models.BooleanField(_("只用于作业票"), default=False)
    barred_by = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("职业禁忌"))
    mark = models.CharField(_("确信程度"), max_length=1, choices=Certainty.choices)
    valid_from = models.DateField(_("启用日期"), null=True, blank=True)
    #: The last day.
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    #: When a person last changed it; null for what ships, which a newer release may word anew.
    changed_at = models.DateTimeField(null=True)

    objects = WorkRoleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(mark__in=Certainty.values), name="work_role_mark"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_from__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="work_role_in_order",
            ),
        ]
        indexes = [models.Index(fields=["position", "code"], name="work_role_order")]

    def __str__(self) -> str:
        return self.code

    @property
    def shown(self) -> str:
        """The name in the reader's language."""
        return self.name_en if (get_language() or "").startswith("en") else self.name
