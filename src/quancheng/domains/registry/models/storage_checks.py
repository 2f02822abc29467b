"""How much may lie in a workshop for a while, and which papers a storage place has (暂存限量、储存场所资料)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models.chemicals import Chemical
from quancheng.domains.registry.models.facilities import Unit
from quancheng.kernel.ids import uuid7


class WorkshopLimit(models.Model):
    """How much may lie in the stores of a production unit at once, all goods together (车间暂存限量).

    Retention class: as the file.
    """

    unit = models.OneToOneField(Unit, models.CASCADE, primary_key=True, related_name="workshop")
    limit_t = models.DecimalField(_("暂存限量（吨）"), max_digits=14, decimal_places=3)
    #: The design, the plan or the order that says so.
    source = models.CharField(_("依据"), max_length=200)
    by_name = models.CharField(_("登记人"), max_length=130)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(limit_t__gt=0), name="workshop_limit_positive")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.limit_t}"


class PaperKind(models.TextChoices):
    """Papers that lie at a storage place (资料类别)."""

    LABEL = "label", _("安全标签")
    SHEET = "sheet", _("安全技术说明书")
    PLAN = "plan", _("应急预案或现场处置方案")


class PlacePaper(models.Model):
    """That a paper lies at a storage place, or was found not to (储存场所资料): of one of its goods, or a plan.

    Only ever added: of each place, kind and goods the newest entry counts. Retention class: as the file.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="papers")
    kind = models.CharField(_("资料类别"), max_length=5, choices=PaperKind.choices)
    #: None of a plan.
    chemical = models.ForeignKey(Chemical, models.PROTECT, null=True, blank=True, related_name="+")
    #: False takes back what was entered before, or says that it was looked for and is not there.
    is_there = models.BooleanField(_("现场有"), default=True)
    #: Where it is not there: why, and who looked.
    title = models.CharField(_("资料名称和编号"), max_length=200)
    issued_date = models.DateField(_("编制、发布日期"))
    #: The last day; empty without end.
    until_date = models.DateField(_("有效期至"), null=True, blank=True)
    by_name = models.CharField(_("登记人"), max_length=130)
    at = models.DateTimeField(_("登记时间"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PaperKind.values), name="place_paper_kind_known"),
            models.CheckConstraint(
                condition=Q(kind="plan", chemical__isnull=True) | ~Q(kind="plan") & Q(chemical__isnull=False),
                name="place_paper_of_goods",
            ),
            models.CheckConstraint(
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("issued_date")),
                name="place_paper_in_order",
            ),
        ]
        indexes = [models.Index(fields=["unit", "kind", "chemical"], name="place_paper_by_place")]

    def __str__(self) -> str:
        return self.title
