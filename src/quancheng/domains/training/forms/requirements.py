"""What people type about roles and what they require."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.forms.certificates import KindField
from quancheng.domains.training.models import (
    Applies,
    CertificateKind,
    Education,
    MajorField,
    RequirementKind,
    TitleLevel,
)
from quancheng.domains.training.queries.persons import limit_names
from quancheng.kernel.pages import fields


class RoleForm(forms.Form):
    """A role changed."""

    name = fields.words(_("名称"), limit=80)
    name_en = fields.words(_("英文名称"), required=False, limit=120)
    barred_by = forms.MultipleChoiceField(
        label=_("职业禁忌"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("有这些职业禁忌的人员不得任此岗位、作此作业。"),
    )  # fmt: skip
    valid_to = fields.day(_("停用日期"), required=False)
    reason = fields.words(_("修改原因"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["barred_by"].choices = list(limit_names().items())  # type: ignore[attr-defined]


class RequirementForm(forms.Form):
    """One thing more that a role requires. The view fills in the kinds of certificates."""

    kind = fields.choice(_("要求类别"), RequirementKind.choices)
    alternative = forms.IntegerField(
        label=_("组别"), min_value=1, max_value=99, help_text=_("同一组别的几项要求，符合其中一项即可。")
    )
    certificate = KindField(label=_("证书种类"), queryset=CertificateKind.objects.none(), required=False)
    min_education = fields.choice(_("最低学历"), Education.choices, required=False)
    major_fields = forms.MultipleChoiceField(
        label=_("专业类别"), required=False, choices=MajorField.choices, widget=forms.CheckboxSelectMultiple
    )
    min_title = fields.choice(_("最低职称"), TitleLevel.choices, required=False)
    min_age = forms.IntegerField(label=_("最低年龄"), required=False, min_value=14, max_value=99)
    max_age = forms.IntegerField(label=_("最高年龄"), required=False, min_value=14, max_value=99)
    hours = forms.IntegerField(label=_("培训学时"), required=False, min_value=1, max_value=1000)
    applies = fields.choice(_("适用范围"), Applies.choices)
    posted_since = fields.day(_("适用于此日及以后任职的人员"), required=False)
    grace_months = forms.IntegerField(label=_("任职后宽限月数"), required=False, min_value=0, max_value=24)
    is_strict = forms.BooleanField(label=_("不符合的不得任职、作业"), required=False)
    valid_from = fields.day(_("启用日期"), required=False)
    basis = fields.words(_("依据"), limit=200)
    reason = fields.words(_("修改原因"))


class EndRequirementForm(forms.Form):
    valid_to = fields.day(_("停用日期"))
    reason = fields.words(_("修改原因"))
