"""What people type about terms of putting dangers right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models import TERMS
from quancheng.kernel.pages import fields
from quancheng.standards.hidden_dangers.terms import MOST_DAYS

#: Words of the figures, in their order.
LABELS = {
    "usual_blue_h": _("蓝色风险默认期限（小时）"), "usual_yellow_h": _("黄色风险默认期限（小时）"),
    "usual_orange_h": _("橙色风险默认期限（小时）"), "usual_red_h": _("红色风险管控措施失效默认期限（小时）"),
    "longest_blue_d": _("蓝色风险最长期限（天）"), "longest_yellow_d": _("黄色风险最长期限（天）"),
    "longest_orange_d": _("橙色风险最长期限（天）"), "longest_red_d": _("红色风险管控措施失效最长期限（天）"),
    "longest_major_d": _("重大隐患治理最长期限（天）"),
}  # fmt: skip


class TermsForm(forms.Form):
    """The table, from when on, and why."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in TERMS:
            most = MOST_DAYS * (24 if name.endswith("_h") else 1)
            self.fields[name] = forms.IntegerField(label=LABELS[name], min_value=1, max_value=most)
        self.fields["from_date"] = fields.day(_("起用日期"))
        self.fields["reason"] = fields.words(_("理由"), limit=300)
