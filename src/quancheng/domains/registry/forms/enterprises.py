"""What people type about enterprises and who answers for them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.forms.base import codes, form_of
from quancheng.domains.registry.kinds import ContactRole, Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import list_places
from quancheng.domains.registry.services.enterprises import FIELDS
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.pages import fields

_MORE_KINDS = codes(_("兼营类别"), Kind.choices, help_text=_("一家企业可有多个环节，勾选主类别以外的类别。"))
#: The whole file but the boundary, which is drawn and not typed.
ChangeForm = form_of(
    "ChangeForm", Enterprise, [name for name in FIELDS if name != "boundary"], more_kinds=_MORE_KINDS
)  # fmt: skip
OpenForm = form_of(
    "OpenForm",
    Enterprise,
    ["kind", "more_kinds", "size", "address", "registered_address", "lon", "lat", "emergency_phone"],
    more_kinds=_MORE_KINDS,
)


class EnterForm(fields.ActorForm):
    """A new enterprise: who it is, and where."""

    name = fields.words(_("企业全称"), limit=120)
    credit_code = forms.CharField(
        label=_("统一社会信用代码"), required=False, max_length=24, help_text=_("18位；无证场所可不填。")
    )
    kind = fields.choice(_("企业类别"), Kind.choices)
    area = forms.ModelChoiceField(label=_("所在镇街"), queryset=Area.objects.none(), error_messages={
        "required": _("请选择所在镇街。")
    })  # fmt: skip
    address = fields.words(_("实际经营地址"), required=False)
    lon = forms.DecimalField(label=_("经度"), required=False, max_digits=9, decimal_places=6,
                             help_text=_("CGCS2000 坐标，十进制度，例如 117.123456。"))  # fmt: skip
    lat = forms.DecimalField(label=_("纬度"), required=False, max_digits=9, decimal_places=6)
    emergency_phone = fields.words(_("24小时应急电话"), required=False, limit=40)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["area"].queryset = list_places(actor=actor)  # type: ignore[attr-defined]


class VerifyForm(forms.Form):
    remark = fields.text(_("核验意见"), required=False, rows=2, help_text=_("现场核对了什么、结果如何。"))


class ContactForm(forms.Form):
    role = fields.choice(_("人员类别"), ContactRole.choices)
    name = fields.words(_("姓名"), limit=60)
    post = fields.words(_("职务"), required=False, limit=60)
    phone = fields.words(_("手机号码"), required=False, limit=20, help_text=_("加密保存，页面只显示后四位。"))
    since_date = fields.day(_("任职日期"), required=False)


class LeaveContactForm(forms.Form):
    contact = forms.ChoiceField(label=_("人员"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, contacts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), f"{one.get_role_display()} {one.name}") for one in contacts
        ]


class LeaseForm(fields.ActorForm):
    landlord_name = fields.words(_("出租方"), limit=120)
    place = fields.words(_("承租场所"))
    use = fields.words(_("用途"), required=False, limit=120)
    area_m2 = forms.DecimalField(label=_("面积（平方米）"), required=False, min_value=0, decimal_places=2)
    from_date = fields.day(_("起租日期"), required=False)
    to_date = fields.day(_("到期日期"), required=False)
    has_agreement = forms.BooleanField(label=_("已签订安全生产管理协议"), required=False)
