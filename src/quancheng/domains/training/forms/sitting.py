"""What candidates type."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages import fields


class DoorForm(forms.Form):
    """Who somebody is: the number of his badge, and the code on his slip."""

    badge = fields.words(_("工号（胸卡号）"), required=False, limit=30, help_text=_("没有工号的不填。"))
    code = fields.words(_("考试码"), limit=20, help_text=_("监考人员发给您的 8 位字母和数字。"))


class StartForm(forms.Form):
    """What is taken along at the start."""

    photo = forms.ImageField(
        label=_("本人照片"), required=False, help_text=_("有摄像头的请拍一张本人照片，监考人员核对用。"),
        widget=forms.ClearableFileInput(attrs={"accept": "image/*", "capture": "user"}),
    )  # fmt: skip
