"""What people type about quotas of staff."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.training.forms.persons import RoleField
from quancheng.domains.training.models import WorkRole
from quancheng.domains.training.models.certificates import SourceMark
from quancheng.domains.training.queries.roles import list_roles
from quancheng.domains.training.services.quotas import MOST_PEOPLE
from quancheng.kernel.pages import fields


class QuotaForm(forms.Form):
    code = fields.words(_("代码"), limit=40, help_text=_("建立后不能修改。"))
    role = RoleField(label=_("岗位角色"), queryset=WorkRole.objects.none())
    kinds = forms.MultipleChoiceField(
        label=_("适用企业类别"), choices=Kind.choices, widget=forms.CheckboxSelectMultiple
    )
    least = forms.IntegerField(label=_("至少人数"), required=False, min_value=0, max_value=MOST_PEOPLE)
    share_percent = forms.IntegerField(
        label=_("占安全生产管理人员的比例（%）"), required=False, min_value=0, max_value=100,
        help_text=_("不足一人的按一人计。"),
    )  # fmt: skip
    staff_over = forms.IntegerField(label=_("比例适用于从业人数超过"), required=False, min_value=0, max_value=1_000_000)
    valid_from = fields.day(_("启用日期"), required=False)
    basis = fields.words(_("依据"), limit=200)
    mark = fields.choice(_("确信程度"), SourceMark.choices)
    reason = fields.words(_("修改原因"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].queryset = list_roles().filter(is_task_only=False)  # type: ignore[attr-defined]


class EndQuotaForm(forms.Form):
    valid_to = fields.day(_("停用日期"))
    reason = fields.words(_("修改原因"))
    version = forms.IntegerField(widget=forms.HiddenInput)
