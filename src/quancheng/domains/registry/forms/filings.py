"""What people type into filings and their rules."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.services.filings import MOST_DAYS
from quancheng.kernel.pages import fields


class BeginForm(forms.Form):
    reason = fields.words(_("备案事由"), limit=500, help_text=_("例如：新增储罐投用、更换主要负责人。"))


class PrepareForm(forms.Form):
    """Nothing to fill in: what the file says is frozen as it is."""


class CertifyForm(forms.Form):
    agreed = forms.BooleanField(
        label=_("本人已逐项核对，承诺备案内容真实、准确、完整，并对此负责。"),
        error_messages={"required": _("请确认承诺内容。")},
    )


class ReceiveForm(forms.Form):
    text = fields.text(
        _("接收意见"), rows=3, required=False,
        help_text=_("档案内容与备案一致且尚未核验的，接收后即为已核验。"),
    )  # fmt: skip


class RuleForm(forms.Form):
    days = forms.IntegerField(label=_("期限"), min_value=1, max_value=MOST_DAYS)
    is_active = forms.BooleanField(label=_("启用"), required=False, help_text=_("不勾选时，本区不按该规则提出备案。"))
