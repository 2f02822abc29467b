"""The form of a new token."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.duties import label_of


class TokenForm(forms.Form):
    """What a token is for and what it may do; the choices are the maker's own duties."""

    name = forms.CharField(label=_("用途"), max_length=60, help_text=_("写明哪个系统使用，例如“值班大屏”。"))
    duties = forms.MultipleChoiceField(
        label=_("职责"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("只勾选该系统确实需要的职责；不勾选也可按数据范围读取。"),
    )
    can_write = forms.BooleanField(label=_("允许写入（不勾选则只能读取）"), required=False)
    days = forms.IntegerField(label=_("有效天数"), min_value=1, max_value=366, initial=90)
    addresses = forms.CharField(
        label=_("允许的来源地址"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("每行一个地址或网段；留空则不限。"),
    )
    rate_per_minute = forms.IntegerField(label=_("每分钟次数上限"), min_value=1, max_value=6000, initial=300)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["duties"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared above
        field.choices = sorted(((code, label_of(code)) for code in actor.duties), key=lambda pair: pair[0])

    def clean_addresses(self) -> list[str]:
        return str(self.cleaned_data["addresses"]).split()
