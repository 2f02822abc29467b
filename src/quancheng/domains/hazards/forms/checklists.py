"""Which day's checklist is wanted."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class DayForm(forms.Form):
    """A day; the edition in force on it is shown."""

    on = forms.DateField(
        label=_("检查日期"), widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("日期应为“年-月-日”，例如 2026-11-23。")},
    )  # fmt: skip
