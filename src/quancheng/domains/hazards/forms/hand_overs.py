"""What people type when a danger is handed over to the body that is competent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages import fields


class HandOverForm(forms.Form):
    """To whom, why, and by which rule."""

    def __init__(self, *args: Any, receivers: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["receiver"] = fields.OrganisationField(
            label=_("接收单位"), queryset=receivers, error_messages={"required": _("请选择单位。")}
        )
        self.fields["reason"] = fields.text(_("移送理由"), limit=2000)
        self.fields["basis"] = fields.words(
            _("移送依据"), limit=500, help_text=_("如法律条款、部门职责分工文件；写明条款或文号。")
        )


class ReceiveForm(forms.Form):
    """A word of the receiver, where it has one."""

    text = fields.words(_("接收意见"), limit=1000, required=False)
