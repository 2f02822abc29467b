"""Forms of sign-in and of one's own account: shapes only, the services hold the rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.people.passwords import LONGEST


def password_field(label: Any, *, new: bool = False) -> forms.CharField:
    """A password as typed: nothing is trimmed, nothing is shown again."""
    return forms.CharField(
        label=label,
        strip=False,
        max_length=LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password" if new else "current-password"}),
        error_messages={"max_length": _("口令过长。")},
    )


def code_field() -> forms.CharField:
    """A code of the authenticator app, or a recovery code."""
    return forms.CharField(
        label=_("验证码"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("用户名或手机号码"),
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )
    password = password_field(_("口令"))


class CodeForm(forms.Form):
    code = code_field()


class PasswordForm(forms.Form):
    old_password = password_field(_("当前口令"))
    password = password_field(_("新口令"), new=True)
    again = password_field(_("再次输入新口令"), new=True)

    def clean_again(self) -> str:
        again = str(self.cleaned_data["again"])
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError(_("两次输入的新口令不一致。"))
        return again


class PhoneForm(forms.Form):
    phone = forms.CharField(
        label=_("手机号码"),
        max_length=24,
        required=False,
        help_text=_("可用于登录；留空表示删除。号码加密保存，他人只能看到首尾几位。"),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
