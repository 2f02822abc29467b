"""Code lists, their entries, other names of entries, and every version an entry had."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7


class Certainty(models.TextChoices):
    """How sure we are of what we say (确信程度)."""

    VERIFIED = "V", _("已核对原文")
    GENERAL = "G", _("一般知识，使用前核对")
    DEFAULT = "D", _("系统默认，可修改")
    LOCAL = "L", _("各地做法不一")


class CodeList(models.Model):
    """One list (字典). Retention class: register, permanent."""

    code = models.CharField(primary_key=True, max_length=60)
    name = models.CharField(_("名称"), max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    #: Codes that programs act by: entries may be worded anew, but neither added nor ended by hand.
    is_fixed = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class CodeItemQuerySet(models.QuerySet["CodeItem"]):
    def on(self, day: date) -> CodeItemQuerySet:
        """Entries that count on a day."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=day), Q(valid_to__isnull=True) | Q(valid_to__gte=day)
        )


class CodeItem(models.Model):
    """One entry as it reads now. Retention class: register, permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code_list = models.ForeignKey(CodeList, models.PROTECT, related_name="items")
    code = models.CharField(_("代码"), max_length=60)
    label = models.CharField(_("名称"), max_length=120)
    label_en = models.CharField(_("英文名称"), max_length=200, blank=True)
    meaning = models.TextField(_("含义"), blank=True)
    #: What a numbered slogan counts up (五落实: 措施、责任、资金、时限、预案); empty where nobody spelled it out.
    parts = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    mark = models.CharField(_("确信程度"), max_length=1, choices=Certainty.choices)
    valid_from = models.DateField(_("启用日期"), null=True, blank=True)
    #: The last day.
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    objects = CodeItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code_list", "code"], name="code_item_once"),
            models.CheckConstraint(condition=Q(mark__in=Certainty.values), name="code_item_mark"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_from__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="code_item_in_order",
            ),
        ]
        indexes = [models.Index(fields=["code_list", "position"], name="code_item_order")]

    def __str__(self) -> str:
        return self.label

    @property
    def shown(self) -> str:
        """The label in the reader's language."""
        return self.label_en if self.label_en and (get_language() or "").startswith("en") else self.label


class CodeAlias(models.Model):
    """Another way to write an entry (别名). Retention class: register, permanent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey(CodeItem, models.CASCADE, related_name="aliases")
    #: The list again, so that one spelling means one entry of it.
    code_list = models.ForeignKey(CodeList, models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code_list", "name"], name="code_alias_once")]

    def __str__(self) -> str:
        return self.name


class CodeItemVersion(models.Model):
    """An entry as it read from a moment on, by whom and why (历次版本). Retention class: register, permanent."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey(CodeItem, models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    facts = models.JSONField()
    changed_at = models.DateTimeField()
    #: Null for what ships.
    changed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "version"], name="code_version_once")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.version}"
