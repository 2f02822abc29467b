"""Items of the guardians' lists as the office set them (监护人检查清单)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models.permits import Kind
from quancheng.kernel.ids import uuid7

#: Items of every kind of work.
COMMON = "*"


class ItemMark(models.TextChoices):
    """On what an item rests (确信程度); what the law itself says ships."""

    LOCAL = "G", _("G 通用做法")
    OWN = "D", _("D 本区设置")


class GuardianItemChange(models.Model):
    """One item put on a guardians' list, written anew or taken off (监护检查项变更). Only ever added: of those of an
    item that have begun the newest counts, else what ships. Retention class: register, permanent."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(_("检查项代码"), max_length=20)
    kind = models.CharField(_("作业类别"), max_length=2, choices=[(COMMON, _("各类作业")), *Kind.choices])
    is_on = models.BooleanField(_("列入清单"), default=True)
    zh = models.CharField(_("检查内容"), max_length=200)
    en = models.CharField(_("检查内容（英文）"), max_length=200, blank=True)
    clause = models.CharField(_("依据"), max_length=120)
    mark = models.CharField(_("确信程度"), max_length=1, choices=ItemMark.choices)
    #: First day of permits that begin with it.
    valid_from = models.DateField(_("起用日期"))
    reason = models.CharField(_("理由"), max_length=300)
    entered_by = models.CharField(_("设置人"), max_length=130)
    entered_at = models.DateTimeField(_("设置时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=(COMMON, *Kind.values)), name="guardian_item_kind"),
        ]
        indexes = [models.Index(fields=["entered_at", "id"], name="guardian_item_in_order")]

    def __str__(self) -> str:
        return self.key

    @property
    def text(self) -> str:
        """In the reader's language."""
        return self.en if self.en and (get_language() or "").startswith("en") else self.zh

    @property
    def key(self) -> str:
        """As of an item that ships."""
        return self.code if self.kind == COMMON else f"{self.kind}_{self.code}"
