"""Figures that an enterprise set stricter than the standard (企业参数)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.models import Scoped, ScopedQuerySet


class EnterpriseFigure(Scoped):
    """One figure of an enterprise from a day on (企业作业参数). Only ever added: the newest in force counts.

    ``value`` is as ``standards.gb30871.parameters`` reads it; never looser than the standard. Retention class:
    permanent.
    """

    append_only = True

    file = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    name = models.CharField(_("参数"), max_length=40)
    value = models.CharField(_("数值"), max_length=12)
    from_date = models.DateField(_("起用日期"))
    reason = models.CharField(_("理由"), max_length=300)
    entered_by = models.CharField(_("设置人"), max_length=130)
    entered_at = models.DateTimeField(_("设置时间"))

    objects = ScopedQuerySet["EnterpriseFigure"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["file", "name", "-from_date", "-entered_at"], name="permit_figure_newest")]

    def __str__(self) -> str:
        return f"{self.name} {self.value}"
