"""The form by which a wall chart's spreadsheet comes in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def _date(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("日期应写作 2026-10-31 的形式。"), "required": _("请选择日期。")},
    )


class ChartForm(forms.Form):
    """What the sheet does not say, and the sheet."""

    title = forms.CharField(label=_("计划名称"), max_length=200, error_messages={"required": _("请填写此项。")})
    issued = _date(_("成文日期"))
    period_from = _date(_("起始日期"))
    period_to = _date(_("截止日期"))
    file = forms.FileField(
        label=_("挂图表格"),
        help_text=_("XLSX 文件，列与导出的挂图相同，合并单元格照原样保留。"),
        error_messages={"required": _("请选择文件。"), "empty": _("该文件是空的，请检查后重新上传。")},
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("period_from"), given.get("period_to")
        if first and last and last < first:
            self.add_error("period_to", _("截止日期不能早于起始日期。"))
        return given
