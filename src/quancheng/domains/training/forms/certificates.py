"""What people type about certificates and their catalogue."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.models import (
    CertificateGroup,
    CertificateKind,
    Education,
    PersonQualification,
    VerifiedSource,
)
from quancheng.domains.training.models.certificates import SourceMark
from quancheng.domains.training.services.catalogue import FIELDS as KIND_FIELDS
from quancheng.domains.training.services.qualifications import FIELDS
from quancheng.kernel.pages import fields


class KindField(forms.ModelChoiceField):
    """A kind of certificate by its name in the reader's language."""

    def label_from_instance(self, obj: CertificateKind) -> str:
        return f"{obj.get_group_display()} {obj.shown}"


class PrintedForm(forms.Form):
    """What stands printed on a certificate."""

    number = fields.words(_("证书编号"), limit=60, help_text=_("加密保存。"))
    limited_to = fields.words(_("证面限定"), required=False, limit=120, help_text=_("例如限桥式起重机。"))
    issuer = fields.words(_("发证机关"), required=False, limit=120)
    issued_date = fields.day(_("发证日期"))
    valid_from = fields.day(_("有效期起"))
    valid_to = fields.day(_("有效期止"), required=False)
    recheck_due = fields.day(
        _("应复审日期"), required=False, help_text=_("照证书填写；留空时按证书种类的复审年限推算。")
    )
    evidence = fields.FilesField(label=_("证书扫描件"), required=False)


class QualificationForm(PrintedForm):
    """A certificate entered. The view fills in the kinds of the day."""

    kind = KindField(label=_("证书种类"), queryset=CertificateKind.objects.none())
    field_order = ("kind",)


class QualificationChangeForm(PrintedForm):
    """A certificate corrected: a number that is left empty stays."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].required = False
        self.fields["number"].help_text = _("不修改的留空。")


def known_of(row: PersonQualification) -> dict[str, Any]:
    """A certificate as its form shows it: no number."""
    shown = [name for name in FIELDS if name != "number"]
    return {name: getattr(row, name) for name in shown} | {"version": row.version}


class VerifyForm(forms.Form):
    source = fields.choice(_("核验途径"), VerifiedSource.choices)
    snapshot = fields.text(_("查询结果"), required=False, rows=3, limit=2000,
                           help_text=_("粘贴平台的查询结果；其中的身份证号码会自动遮盖。"))
    evidence = fields.FilesField(label=_("查询结果截图"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class RevokeForm(forms.Form):
    revoked_date = fields.day(_("吊销、注销日期"))
    reason = fields.text(_("吊销、注销原因"), rows=2, limit=300)


class KindForm(forms.Form):
    """One kind of the catalogue."""

    group = fields.choice(_("证书类别"), CertificateGroup.choices)
    card_code = fields.words(_("证面代号"), required=False, limit=20)
    category = fields.words(_("作业类别"), required=False, limit=60)
    name = fields.words(_("名称"), limit=80)
    name_en = fields.words(_("英文名称"), required=False, limit=120)
    valid_years = forms.IntegerField(label=_("有效年限"), required=False, min_value=1, max_value=50)
    recheck_years = forms.IntegerField(label=_("复审年限"), required=False, min_value=1, max_value=50)
    min_age = forms.IntegerField(label=_("最低年龄"), required=False, min_value=14, max_value=70)
    min_education = fields.choice(_("最低学历"), Education.choices, required=False)
    warn_days = fields.words(_("提前提醒天数"), limit=80, help_text=_("用空格或逗号分开，例如 90 60 30 7。"))
    basis = fields.words(_("依据"), required=False, limit=120)
    mark = fields.choice(_("确信程度"), SourceMark.choices)
    years_mark = fields.choice(_("年限确信程度"), SourceMark.choices)
    valid_from = fields.day(_("启用日期"), required=False)
    valid_to = fields.day(_("停用日期"), required=False)
    reason = fields.words(_("修改原因"))

    def clean_warn_days(self) -> list[int]:
        parts = re.split(r"[\s,，、]+", self.cleaned_data["warn_days"].strip())
        if not all(part.isdecimal() and part.isascii() and len(part) <= 3 for part in parts):
            raise forms.ValidationError(_("提前提醒天数应为1至366的整数。"))
        return [int(part) for part in parts]


class NewKindForm(KindForm):
    code = fields.words(_("代码"), limit=40, help_text=_("建立后不能修改。"))
    field_order = ("code",)


class KindChangeForm(KindForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


def kind_as_form(row: CertificateKind) -> dict[str, Any]:
    known = {name: getattr(row, name) for name in KIND_FIELDS}
    return known | {"warn_days": " ".join(str(one) for one in row.warn_days), "version": row.version}


class AliasForm(forms.Form):
    """What a code means on former cards."""

    card_code = fields.words(_("旧证代号"), limit=20)
    cards_until = fields.day(_("适用于此日及以前发的证"))
    note = fields.words(_("说明"), required=False)
