"""Forms of the exchange: a way up, a credential."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models.exchange import Family, TimeStyle
from quancheng.kernel.exchange.upward.cipher import Cipher
from quancheng.kernel.exchange.upward.transport import Variant
from quancheng.kernel.pages import fields

_KEPT = _("留空则不改。加密保存，不再显示。")


class AdapterForm(forms.Form):
    """A way to an upper platform."""

    name = fields.words(_("上级平台名称"), limit=60)
    family = fields.choice(_("数据类别"), Family.choices)
    variant = fields.choice(_("对接方式"), Variant.choices)
    url = fields.words(_("接收地址"), limit=500, help_text=_("以 https:// 开头的完整网址。"))
    counts_url = fields.words(
        _("对账地址"), required=False, limit=500, help_text=_("上级平台提供分表数量和摘要的地址；没有则不能对账。")
    )
    org_code = fields.words(_("机构编码"), required=False, limit=60)
    cipher = fields.choice(_("加密方式"), Cipher.choices, help_text=_("ECB 不能隐藏规律，仅在对方平台要求时选用。"))
    key = forms.CharField(label=_("密钥"), required=False, max_length=80, help_text=_KEPT,
                          widget=forms.PasswordInput(attrs={"autocomplete": "off"}))  # fmt: skip
    secret = forms.CharField(label=_("对接口令"), required=False, max_length=300, help_text=_KEPT,
                             widget=forms.PasswordInput(attrs={"autocomplete": "off"}))  # fmt: skip
    token = forms.CharField(label=_("部级令牌"), required=False, max_length=300, help_text=_KEPT,
                            widget=forms.PasswordInput(attrs={"autocomplete": "off"}))  # fmt: skip
    times = fields.choice(_("时间格式"), TimeStyle.choices)
    is_park = forms.BooleanField(
        label=_("上报园区字段"), required=False, help_text=_("统一社会信用代码、风险等级、非重大危险源对象编码。")
    )
    batch_rows = forms.IntegerField(label=_("每批行数"), min_value=1, max_value=2000, initial=500)


class ApplicationForm(forms.Form):
    """A credential of an enterprise's own system."""

    name = fields.words(_("系统名称"), limit=40, help_text=_("写明哪个系统上报，例如“示例双预防系统”。"))
    cipher = fields.choice(_("加密方式"), Cipher.choices, help_text=_("ECB 不能隐藏规律，仅在对方平台要求时选用。"))
    key = forms.CharField(
        label=_("密钥"), required=False, max_length=80, help_text=_("加密时填写。加密保存，不再显示。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cipher"].initial = Cipher.NONE
