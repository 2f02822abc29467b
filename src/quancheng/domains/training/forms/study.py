"""What people type about what regulators learned."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.forms.orders import ProgrammeField
from quancheng.domains.training.models import Education, MajorField, Programme, StudyWay
from quancheng.domains.training.queries.programmes import list_programmes
from quancheng.kernel.pages import fields


class StudyForm(forms.Form):
    programme = ProgrammeField(label=_("培训大纲"), queryset=Programme.objects.none())
    way = fields.choice(_("学习方式"), StudyWay.choices)
    title = fields.words(_("课程名称"), limit=160)
    given_by = fields.words(_("授课人或平台"), limit=120)
    held_date = fields.day(_("完成日期"))
    hours = forms.DecimalField(label=_("学时"), min_value=Decimal("0.5"), max_value=200, decimal_places=1)
    score = forms.IntegerField(label=_("成绩"), required=False, min_value=0, max_value=100)
    proof_number = fields.words(_("结业证明编号"), required=False, limit=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = list_programmes().on(timezone.localdate()).filter(kind="regulator")
        self.fields["programme"].queryset = found  # type: ignore[attr-defined]


class RegulatorForm(forms.Form):
    appointed_date = fields.day(_("任监管岗位日期"))
    education = fields.choice(_("学历"), Education.choices)
    major = fields.words(_("专业"), required=False, limit=60)
    major_field = fields.choice(_("专业类别"), MajorField.choices, required=False)
    studying = fields.choice(_("在读学历"), Education.choices, required=False)
    studying_until = fields.day(_("预计毕业日期"), required=False)
