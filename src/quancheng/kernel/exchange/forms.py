"""The form of a new webhook."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class WebhookForm(forms.Form):
    name = forms.CharField(label=_("用途"), max_length=60, help_text=_("写明哪个系统接收。"))
    url = forms.CharField(label=_("接收地址"), max_length=500, help_text=_("以 https:// 开头的完整网址。"))
    patterns = forms.CharField(
        label=_("事件种类"),
        max_length=1000,
        initial="*",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("每行一个，可用星号代表一类，例如 duty.task.* 。"),
    )

    def clean_patterns(self) -> list[str]:
        return str(self.cleaned_data["patterns"]).split()
