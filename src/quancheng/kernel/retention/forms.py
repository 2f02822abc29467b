"""Forms of the page of retention: shapes only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.retention.declare import all_rules


def _rules() -> list[tuple[str, Any]]:
    return [(rule.code, rule.name) for rule in all_rules()]


class HoldForm(forms.Form):
    rule = forms.ChoiceField(label=_("记录类别"), choices=_rules)
    subject = forms.CharField(
        label=_("记录"),
        max_length=300,
        required=False,
        help_text=_("记录标识，或其页面网址；留空表示该类全部记录。"),
    )
    reason = forms.CharField(label=_("保全原因"), max_length=200, help_text=_("如案件、诉讼或调查的名称；写入日志。"))


class LiftForm(forms.Form):
    reason = forms.CharField(label=_("解除原因"), max_length=200, help_text=_("写入日志。"))
