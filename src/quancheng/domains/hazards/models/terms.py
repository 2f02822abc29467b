"""Terms within which dangers are put right, as the district sets them from a day on (隐患整改期限)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.ids import uuid7
from quancheng.standards.hidden_dangers.terms import Terms

#: Names of ``standards.hidden_dangers.terms.Terms``.
TERMS: tuple[str, ...] = tuple(Terms.__slots__)


class TermRule(models.Model):
    """Usual and longest terms (默认期限、最长期限) from a day on. Retention class: permanent.

    Only ever added: the newest that is in force counts, and terms that run stay as they were set.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    #: Of :data:`TERMS`: hours of usual terms, days of longest ones.
    figures = models.JSONField(_("期限"))
    reason = models.CharField(_("理由"), max_length=300)
    from_date = models.DateField(_("起用日期"))
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-from_date", "-entered_at"], name="term_rule_newest")]

    def __str__(self) -> str:
        return f"{self.from_date} {self.figures}"
