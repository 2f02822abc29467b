"""Holidays with their make-up days, as yearly data (放假调休安排)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class HolidayYear(models.Model):
    """One year whose arrangement is known. Retention class: register, permanent."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    #: ``V`` verified against the published notice, ``G`` from general knowledge.
    mark = models.CharField(max_length=1, choices=[("V", _("已核对")), ("G", _("待核对"))])
    source = models.CharField(_("依据"), max_length=200, blank=True)
    entered_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.year)


class HolidayDay(models.Model):
    """A day that differs from its weekday: off (放假), or worked to make up (调休上班). Retention class: register."""

    day = models.DateField(primary_key=True)
    year = models.ForeignKey(HolidayYear, models.CASCADE, related_name="days")
    works = models.BooleanField()
    name = models.CharField(_("名称"), max_length=40, blank=True)

    def __str__(self) -> str:
        return f"{self.day} {'+' if self.works else '-'}"
