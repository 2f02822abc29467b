"""The city's catalogue of what may not, or not freely, be produced, stored, traded or used (禁限控目录)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models.chemicals import Chemical
from quancheng.kernel.arrays import ArrayField
from quancheng.kernel.ids import uuid7


class RestrictionKind(models.TextChoices):
    """How far it goes (管控方式)."""

    PROHIBITED = "prohibited", _("禁止")
    RESTRICTED = "restricted", _("限制")
    CONTROLLED = "controlled", _("控制")


class Restriction(models.Model):
    """One entry (目录条目), for everybody who is signed in. Retention class: register, permanent.

    ``mark`` says how sure it is: V, G or D. An entry that no longer holds ends with a day and stays.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    chemical = models.ForeignKey(Chemical, models.PROTECT, related_name="restrictions")
    kind = models.CharField(_("管控方式"), max_length=10, choices=RestrictionKind.choices)
    #: Links of the chain in which it holds; empty for all of them.
    links = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("适用环节"))
    reason = models.CharField(_("管控要求"), max_length=500)
    #: Tonnes that the whole city or district may hold by design (总量控制指标); empty where none is set.
    cap_t = models.DecimalField(_("总量控制指标（吨）"), max_digits=18, decimal_places=6, null=True, blank=True)
    #: The catalogue that says so, with its number and edition.
    source = models.CharField(_("依据文件"), max_length=200)
    from_date = models.DateField(_("施行日期"))
    #: The last day on which it holds.
    to_date = models.DateField(_("截止日期"), null=True, blank=True)
    mark = models.CharField(_("可信程度"), max_length=1, choices=[("V", "V"), ("G", "G"), ("D", "D")], default="V")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RestrictionKind.values), name="restriction_kind_known"),
            models.CheckConstraint(condition=Q(cap_t__isnull=True) | Q(cap_t__gte=0), name="restriction_cap"),
            models.CheckConstraint(
                condition=Q(to_date__isnull=True) | Q(to_date__gte=F("from_date")), name="restriction_in_order"
            ),
        ]
        indexes = [models.Index(fields=["chemical", "from_date"], name="restriction_by_chemical")]

    def __str__(self) -> str:
        return f"{self.chemical_id} {self.kind}"
