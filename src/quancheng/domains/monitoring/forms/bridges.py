"""Forms of brokers and their rules (消息服务器桥接)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.models import BRIDGED, Source
from quancheng.domains.monitoring.queries.sources import list_sources
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import ActorForm


class BrokerForm(forms.Form):
    """How a broker is reached."""

    name = fields.words(_("名称"), limit=60)
    host = fields.words(_("主机"), limit=200, help_text=_("内网地址须先由运维人员列入允许范围。"))
    port = forms.IntegerField(label=_("端口"), min_value=1, max_value=65535, initial=8883)
    is_tls = forms.BooleanField(label=_("使用TLS"), required=False, initial=True)
    user = fields.words(_("用户名"), required=False, limit=120)
    password = forms.CharField(
        label=_("密码"), required=False, max_length=300, widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("加密保存，不再显示。修改时留空则保留原密码；改了主机、端口或用户名须重新填写。"),
    )  # fmt: skip


class RuleForm(ActorForm):
    """Whose the topics of a pattern are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pattern"] = fields.words(
            _("MQTT主题"), limit=200, help_text=_("例如 plant/SL001/# ；+ 代表一级，# 代表其后各级。最具体的规则优先。")
        )
        self.fields["source"] = fields.words(
            _("接入源编码"), limit=64, help_text=_("该主题的报文都算作这个接入源的，只代表它所属的企业。")
        )
        self.fields["form"] = fields.choice(_("报文格式"), BRIDGED)

    def clean_source(self) -> Source:
        found = list_sources(actor=self.actor).filter(code=self.cleaned_data["source"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("没有这个接入源。"))
        return found
