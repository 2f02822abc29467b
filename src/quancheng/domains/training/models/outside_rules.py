"""What the house asks of people and companies from outside, as data (外来单位和人员管理设置)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.models.certificates import SourceMark
from quancheng.kernel.ids import uuid7


class RuleGroup(models.TextChoices):
    """What a line is about (类别)."""

    FIGURE = "figure", _("数值")
    CHECK = "check", _("准入审查项目")
    WORK = "work", _("承包作业类别")
    POINT = "point", _("计分项目")
    FIELD = "field", _("专家专业领域")
    DOUBT = "doubt", _("评价报告疑点")


class OutsideRule(models.Model):
    """One line of these settings (设置项). What ships carries how sure we are. Retention class: register, permanent.

    ``value`` is a number in ``unit``: of a figure the figure, of points what is taken from the company (below zero:
    a bonus), ``person_value`` then what is taken from the person's 12.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.CharField(_("类别"), max_length=8, choices=RuleGroup.choices)
    code = models.SlugField(_("代码"), max_length=40)
    name = models.CharField(_("名称"), max_length=200)
    name_en = models.CharField(_("英文名称"), max_length=200)
    value = models.DecimalField(_("数值"), max_digits=12, decimal_places=2, null=True, blank=True)
    person_value = models.DecimalField(_("个人计分"), max_digits=4, decimal_places=1, null=True, blank=True)
    unit = models.CharField(_("单位"), max_length=20, blank=True)
    #: Of an admission's item: without it nobody is admitted; others are scored.
    is_hard = models.BooleanField(_("否决项"), default=False)
    basis = models.CharField(_("依据"), max_length=200, blank=True)
    mark = models.CharField(_("确信程度"), max_length=2, choices=SourceMark.choices)
    position = models.PositiveIntegerField(default=0)
    is_used = models.BooleanField(_("启用"), default=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "code"], name="outside_rule_once"),
            models.CheckConstraint(condition=Q(group__in=RuleGroup.values), name="outside_rule_group"),
        ]
        indexes = [models.Index(fields=["group", "position", "code"], name="outside_rule_order")]

    def __str__(self) -> str:
        return self.code

    @property
    def shown(self) -> str:
        """The name in the reader's language."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name
