"""Forms of reports, report duties, reporters and situation packs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.models import Plan
from quancheng.domains.duty.queries import plans as plan_queries
from quancheng.domains.duty.services.reports import SECTIONS, ReportText
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField
from quancheng.kernel.people.queries import list_colleagues

TEXT_LIMIT = 10_000


def _section(label: Any, *, required: bool = False, rows: int = 6, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=TEXT_LIMIT,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class ReportForm(forms.Form):
    """The sections of a report in the standard order; progress alone must be written to submit."""

    progress = _section(_("一、工作进展"), required=True, rows=8)
    results = _section(_("二、主要成效"))
    problems = _section(_("三、存在问题"))
    next_steps = _section(_("四、下步打算"))
    good_practice = _section(_("经验做法"), rows=4, help_text=_("值得推广的做法，可供全区借鉴。"))
    evidence = FilesField(
        label=_("附件"), required=False, help_text=_("总结、报告原件或佐证材料；随报告一并提交，保存草稿时不上传。")
    )

    def __init__(self, *args: Any, draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if draft:
            self.fields["progress"].required = False

    def text(self) -> ReportText:
        return ReportText(**{name: self.cleaned_data[name] for name in SECTIONS})


class DutyForm(forms.Form):
    """How a report duty is kept."""

    adjust = forms.ChoiceField(
        label=_("报送日逢非工作日"),
        choices=[("keep", _("日期不变")), ("previous_working", _("提前到前一个工作日"))],
        help_text=_("只影响以后生成的各期。"),
    )
    needs_approval = forms.BooleanField(label=_("提交前须经本单位负责人审核"), required=False)


class SummaryForm(fields.ActorForm):
    """Which period is reported upwards, and to whom."""

    period = forms.ChoiceField(label=_("期次"))
    to = fields.orgs(_("上报单位"))

    def __init__(self, *args: Any, periods: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].choices = list(periods)  # type: ignore[attr-defined]


class ReporterForm(forms.Form):
    """Who writes the reports of one's own organisation."""

    user = forms.ChoiceField(
        label=_("信息报送员"),
        help_text=_("从本单位负有填报职责的人员中确定一人。"),
        error_messages={"required": _("请选择人员。")},
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = (
            list_colleagues(organisation_id=actor.organisation_id, duty="duty.reports.write")
            if actor.organisation_id
            else []
        )
        self.fields["user"].choices = [  # type: ignore[attr-defined]
            (str(one.user_id), f"{one.name}（{one.post}）" if one.post else one.name) for one in people
        ]


class PlansField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Plan) -> str:
        return obj.title


def _date(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("日期应写作 2026-10-31 的形式。"), "required": _("请选择日期。")},
    )


class PackForm(forms.Form):
    """What a situation pack tells of: plans and days."""

    plans = PlansField(
        label=_("计划文件"),
        queryset=Plan.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一份计划文件。")},
    )
    first_date = _date(_("起始日期"))
    last_date = _date(_("截止日期"))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = plan_queries.list_plans(actor=actor).exclude(status__in=("REVIEW", "DISCARDED"))
        self.fields["plans"].queryset = offered  # type: ignore[attr-defined]
