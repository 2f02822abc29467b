"""Forms of key environmental facilities (重点环保设施)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.kinds import Screening
from quancheng.domains.risk.queries.risks import facilities_of
from quancheng.domains.risk.services.environmental import ASSESSED, FIELDS
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.words import told
from quancheng.standards.risk.environmental import facility_kinds


class FacilityForm(forms.Form):
    """What a facility is."""

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"] = fields.words(_("设施名称"))
        kinds = [(code, told(one.name)) for code, one in facility_kinds().items()]
        self.fields["kind"] = fields.choice(_("环保设施类别"), kinds)
        self.fields["facility"] = forms.ModelChoiceField(
            label=_("登记设施"), queryset=facilities_of(file), required=False,
            help_text=_("选了登记设施，可以看到它是否已列入风险分级管控清单。"),
        )  # fmt: skip
        self.fields["place"] = fields.words(_("位置"), required=False)
        self.fields["media"] = fields.words(_("涉及的危险物质"), required=False, limit=300)
        self.fields["in_use_date"] = fields.day(_("投用日期"), required=False)

    def known(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIELDS}


class AssessmentForm(forms.Form):
    """One assessment with what the screening found."""

    assessed_date = fields.day(_("评估日期"))
    assessed_by = fields.words(_("评估单位"), help_text=_("由谁评估：本单位评估组，或委托的机构。"))
    report_no = fields.words(_("评估报告编号"), required=False, limit=80)
    screening = fields.choice(pgettext_lazy("environmental", "排查结果"), Screening.choices)
    screening_text = fields.text(_("发现的问题和处置"), required=False, limit=2000)
    review_date = fields.day(_("下次评估日期"), required=False, help_text=_("不填为评估日期后三年。"))
    papers = fields.FilesField(label=_("评估报告"), required=False)

    def known(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ASSESSED}
