"""What people type about supplies of alcohol-based fuel."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages import fields


class SupplyForm(forms.Form):
    supplier_name = fields.words(_("供应单位"), limit=120, help_text=_("全称；已登记的单位自动关联。"))
    monthly_t = forms.DecimalField(label=_("月用量（吨）"), min_value=0, max_digits=12, decimal_places=3)
    stored_t = forms.DecimalField(label=_("最大储存量（吨）"), min_value=0, max_digits=12, decimal_places=3)
    storage = fields.words(_("储存方式"), limit=120, help_text=_("例如：室外0.5立方米不锈钢罐、25千克塑料桶。"))
    since_date = fields.day(_("开始日期"), required=False)
