"""What people type about design diagnoses and their defects."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.forms.findings import codes
from quancheng.domains.hazards.models import DiagnosisKind
from quancheng.domains.hazards.queries import findings as finding_queries
from quancheng.domains.hazards.queries.design_diagnoses import units_of
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField

#: The first year that filters offer.
_FIRST_YEAR = 2015


def year_choices(actor: Actor) -> list[tuple[str, str]]:
    """Years of diagnoses that can be chosen, the newest first."""
    this = Calendar().local_date(timezone.now()).year
    return [(str(year), str(year)) for year in range(this, _FIRST_YEAR - 1, -1)]


class _Units(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.code} {obj.name}"


class DiagnosisForm(forms.Form):
    """A diagnosis with its report, or the document of a regular design."""

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = fields.choice(_("类别"), DiagnosisKind.choices)
        self.fields["year"] = forms.IntegerField(label=_("年度"), min_value=1980, max_value=2200)
        self.fields["institute"] = fields.words(_("设计单位"), limit=120)
        self.fields["qualification"] = fields.words(
            _("设计资质"), limit=120, help_text=_("资质等级和证书编号，如“化工石化医药行业甲级 A1XXXXXXXX”。")
        )
        self.fields["report_number"] = fields.words(_("报告（文件）编号"), limit=80)
        self.fields["dated"] = fields.day(_("报告（文件）日期"))
        self.fields["units"] = _Units(
            label=_("涉及单元"), queryset=units_of(file), required=False, widget=forms.CheckboxSelectMultiple,
            help_text=_("不选的，为整个企业。"),
        )  # fmt: skip
        self.fields["text"] = fields.text(_("说明"), required=False, rows=3, limit=1000)
        self.fields["files"] = FilesField(label=_("诊断报告或设计文件"))


class DefectForm(forms.Form):
    """A defect as the report names it."""

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = fields.words(_("问题"), limit=300)
        self.fields["description"] = fields.text(_("诊断意见和整改建议"), required=False, rows=3, limit=4000)
        self.fields["unit"] = forms.ModelChoiceField(
            label=_("风险分析单元"), queryset=finding_queries.units_of(file), required=False
        )
        self.fields["place"] = fields.words(_("部位"), limit=200, required=False)
        self.fields["type"] = fields.choice(_("隐患类型"), codes("type"))
        self.fields["type"].initial = "other"
        self.fields["is_major"] = forms.BooleanField(
            label=_("可能是重大隐患"), required=False, help_text=_("拿不准也可以勾选，由安全管理人员核实定级。")
        )
        self.fields["photos"] = FilesField(label=_("照片"), required=False)


class EndForm(forms.Form):
    """Why a record is ended."""

    reason = fields.words(_("作废理由"), limit=300)
