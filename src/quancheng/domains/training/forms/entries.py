"""What people type about those from outside: what for, the four steps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.training.forms import bounded
from quancheng.domains.training.models import StepKind, WorkRole
from quancheng.domains.training.queries.roles import list_roles
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField


class TradeField(forms.ModelChoiceField):
    """A role of work by its name in the reader's language."""

    def label_from_instance(self, obj: WorkRole) -> str:
        return obj.shown


class EntryForm(forms.Form):
    """For what somebody comes."""

    work_area = fields.words(_("作业区域"), limit=60, help_text=_("改变区域须重新进行区域教育。"))
    zones = fields.words(_("准入范围"), required=False, limit=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trade"] = TradeField(
            label=_("工种（岗位角色）"), queryset=list_roles(), required=False,
            help_text=_("入厂时核验该工种须持的证书；不从事须持证作业的留空。"),
        )  # fmt: skip


def hours(label: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=5, decimal_places=1, min_value=0)


class TrainingForm(forms.Form):
    """Unified training (统一培训)."""

    done_date = bounded.day(_("完成日期"))
    plant_hours = hours(_("公司级学时"))
    area_hours = hours(_("车间（区域）级学时"))
    work_area = fields.words(_("作业区域"), limit=60)
    score = hours(_("成绩"))
    note = fields.words(_("说明"), required=False, limit=500)
    files = FilesField(label=_("培训、考试记录"), required=False)  # type: ignore[assignment]  # the field takes no more than its name


class ResponsibilityForm(forms.Form):
    """Unified responsibility (统一责任)."""

    done_date = bounded.day(_("完成日期"))
    responsible = fields.words(_("本单位责任人"), limit=120)
    note = fields.words(_("说明"), required=False, limit=500)
    files = FilesField(label=_("签字的安全责任书"))  # type: ignore[assignment]  # the field takes no more than its name


class JudgedForm(forms.Form):
    """Unified inspection and assessment (统一检查、统一考核)."""

    done_date = bounded.day(_("完成日期"))
    is_passed = forms.BooleanField(label=pgettext_lazy("step", "合格"), required=False)
    score = forms.DecimalField(label=_("成绩"), max_digits=5, decimal_places=1, min_value=0, max_value=100,
                               required=False)  # fmt: skip
    note = fields.text(_("检查（考核）内容"), rows=3, limit=500)
    files = FilesField(label=_("检查、考核记录"), required=False)  # type: ignore[assignment]  # the field takes no more than its name


FORMS: dict[str, type[forms.Form]] = {
    StepKind.TRAINING: TrainingForm, StepKind.RESPONSIBILITY: ResponsibilityForm, StepKind.INSPECTION: JudgedForm,
    StepKind.ASSESSMENT: JudgedForm,
}  # fmt: skip
