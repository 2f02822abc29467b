"""What people type about filings of work."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.forms.asking import words_of
from quancheng.domains.permits.models import FilingClassCode, Kind, Permit
from quancheng.kernel.pages import fields
from quancheng.standards.gb30871.kinds import levels


def _levels() -> list[tuple[str, Any]]:
    found: dict[str, Any] = {}
    for kind in Kind.values:
        for code, one in levels(kind).items():
            if code:
                found.setdefault(code, words_of(one.name))
    return list(found.items())


class PermitFilingForm(forms.Form):
    """A permit is filed as it stands; only what it does not tell is asked."""

    cameras = fields.words(_("现场摄像头"), required=False, help_text=_("名称或编号，没有的留空。"))
    phoned_at = fields.moment(_("电话报告时间"), required=False, help_text=_("抢修必填。"))
    phoned_to = fields.words(_("电话接报人"), required=False, limit=120, help_text=_("抢修必填：接报单位和接报人。"))

    def __init__(self, *args: Any, is_phoned: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_phoned:
            # Only what is an emergency is told by telephone first.
            del self.fields["phoned_at"], self.fields["phoned_to"]


class FilingForm(forms.Form):
    """A job filed by hand."""

    code = fields.choice(_("报备类别"), FilingClassCode.choices)
    kind = fields.choice(_("作业类别"), Kind.choices, required=False)
    level = fields.choice(_("作业级别"), _levels(), required=False)
    content = fields.text(
        _("作业内容"), rows=3, limit=1000, help_text=_("停车检修等写明方案要点、承包商、作业清单、带班领导和应急安排。")
    )
    place = fields.words(_("作业地点和部位"))
    apply_unit = fields.words(_("申请单位"), limit=80)
    work_unit = fields.words(_("作业单位"), limit=80)
    is_contractor = forms.BooleanField(label=_("承包商作业"), required=False)
    starts_at = fields.moment(_("作业开始时间"))
    ends_at = fields.moment(_("作业结束时间"))
    people_count = forms.IntegerField(label=_("作业人数"), min_value=1, max_value=5000, required=False)
    leader = fields.words(_("现场带班负责人"), limit=60)
    cameras = fields.words(_("现场摄像头"), required=False)
    phoned_at = fields.moment(_("电话报告时间"), required=False, help_text=_("抢修必填。"))
    phoned_to = fields.words(_("电话接报人"), required=False, limit=120, help_text=_("抢修必填：接报单位和接报人。"))
    papers = fields.FilesField(label=_("方案、附件"), required=False)


class PermitChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Permit) -> str:
        return obj.title


class LinkForm(forms.Form):
    """The permit of a job that was filed by hand. The view fills in the enterprise's."""

    permit = PermitChoice(label=_("作业票"), queryset=Permit.objects.none())

    def __init__(self, *args: Any, permits: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["permit"].queryset = permits  # type: ignore[attr-defined]


class LeadForm(forms.Form):
    """Hours of lead of a class."""

    code = fields.choice(_("报备类别"), FilingClassCode.choices)
    lead_h = forms.IntegerField(
        label=_("提前小时数"), min_value=-72, max_value=720, help_text=_("负数表示开始后多少小时内补报。")
    )
    reason = fields.words(_("理由"), limit=300)
