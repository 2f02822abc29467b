"""What an applicant types, and what the office answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import ContactRole, Kind
from quancheng.domains.registry.queries.applications import streets
from quancheng.domains.registry.services.applications import ROLES
from quancheng.kernel.pages import fields


class ApplyForm(forms.Form):
    name = fields.words(_("企业全称"), limit=120)
    credit_code = fields.words(_("统一社会信用代码"), limit=24, help_text=_("营业执照上的18位代码。"))
    kind = fields.choice(_("企业类别"), [one for one in Kind.choices if one[0] != Kind.UNLICENSED])
    area = forms.ModelChoiceField(label=_("所在镇街"), queryset=streets().none(), error_messages={
        "required": _("请选择所在镇街。")
    })  # fmt: skip
    address = fields.words(_("实际经营地址"))
    contact_name = fields.words(_("联系人"), limit=60)
    contact_role = fields.choice(_("人员类别"), [one for one in ContactRole.choices if one[0] in ROLES])
    phone = fields.words(_("手机号码"), limit=20, help_text=_("加密保存，只用于办理本申请和开通账号。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = streets()  # type: ignore[attr-defined]


class ReceiptForm(forms.Form):
    receipt = fields.words(_("回执编号"), limit=40)


class AdmitForm(forms.Form):
    username = fields.words(
        _("用户名"), limit=30, help_text=_("首个账号的用户名，由4至30个字母、数字组成；初始口令在下一页显示一次。")
    )


class RefuseForm(forms.Form):
    reason = fields.text(_("不予登记的理由"), rows=3, help_text=_("申请人凭回执编号可以看到。"))
