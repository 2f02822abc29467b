"""Days and times within bounds with which can be reckoned: what lies beyond is a slip of the pen."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages import fields

FIRST, LAST = date(1950, 1, 1), date(2100, 12, 31)
_SAID = _("日期应在1950年至2100年之间。")


def day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    found = fields.day(label, required=required, help_text=help_text)
    found.validators += [MinValueValidator(FIRST, _SAID), MaxValueValidator(LAST, _SAID)]
    return found


def moment(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateTimeField:
    found = fields.moment(label, required=required, help_text=help_text)
    first, last = (datetime(one.year, one.month, one.day, tzinfo=UTC) for one in (FIRST, LAST))
    found.validators += [MinValueValidator(first, _SAID), MaxValueValidator(last, _SAID)]
    return found
