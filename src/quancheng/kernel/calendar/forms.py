"""Entering a year's arrangement."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class YearForm(forms.Form):
    """The notice and its sheet."""

    year = forms.IntegerField(label=_("年度"), min_value=2000, max_value=2100)
    source = forms.CharField(
        label=_("依据"),
        max_length=200,
        help_text=_("通知名称、文号和日期"),
    )
    sheet = forms.FileField(
        label=_("安排表"),
        help_text=_("电子表格（.xlsx），列为日期、安排（放假或上班）、节日名称；同一年度再次录入即整体替换。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": _("请选择安排表。"), "empty": _("该文件是空的，请检查后重新上传。")},
    )
