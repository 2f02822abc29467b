"""What people type when they decide on a proposal or make one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.kernel.papers.services.drafts import BODY_LIMIT


def _reason(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )


class SignForm(forms.Form):
    """The paper as it was drafted; the signer may change it before it is numbered and frozen."""

    title = forms.CharField(label=_("标题"), max_length=200)
    body = forms.CharField(
        label=_("正文"),
        max_length=BODY_LIMIT,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("签发后编定文号、固定正文，不能再修改。标有【待补】处须先填写。"),
    )


class PostponeForm(forms.Form):
    until = forms.DateField(
        label=_("暂缓至"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("到这一天仍未办结的，自动回到待决定。"),
        error_messages={"invalid": _("日期应写作 2026-10-31 的形式。"), "required": _("请选择日期。")},
    )
    reason = _reason(_("暂缓理由"))


class DropForm(forms.Form):
    reason = _reason(_("不予督办的理由"))


class ProposeForm(forms.Form):
    step = forms.TypedChoiceField(label=pgettext_lazy("ladder", "措施"), coerce=int)
    reason = _reason(_("提出理由"))
