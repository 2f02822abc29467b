"""What an administrator sets of the rules of completeness."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.services.completeness import MOST_WEIGHT


class RuleForm(forms.Form):
    weight = forms.IntegerField(
        label=_("权重"), min_value=1, max_value=MOST_WEIGHT,
        help_text=_("完整度为各项得分之和除以权重之和；数值越大，缺项扣分越多。"),
    )  # fmt: skip
    is_asked = forms.BooleanField(label=_("计入完整度"), required=False, help_text=_("不勾选时，本区企业不要求该项。"))
