"""Forms of tasks and assignments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.models import Assignment
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.fields import FilesField, OrganisationField, OrganisationsField
from quancheng.kernel.people import queries as people
from quancheng.kernel.people.models import Organisation

TEXT_LIMIT = 5000


def _text(label: Any, *, required: bool = True, rows: int = 4, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=TEXT_LIMIT,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class ProgressForm(forms.Form):
    """A report of progress; one field per measured target is added for the assignment."""

    percent = forms.IntegerField(
        label=_("进度（%）"), min_value=0, max_value=100, help_text=_("0 到 100 的整数，按实际完成情况填写。")
    )
    text = _text(_("进展情况"), help_text=_("做了什么、结果如何。"))
    problems = _text(_("存在问题"), required=False, rows=2)
    next_steps = _text(_("下步打算"), required=False, rows=2)
    evidence = FilesField(
        label=_("佐证材料"), required=False, help_text=_("照片、文件或表格；办结后只能补充，不能替换。")
    )

    def __init__(self, *args: Any, assignment: Assignment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.assignment = assignment
        self.fields["percent"].initial = assignment.progress
        for target in assignment.task.targets.all():
            self.fields[f"figure_{target.pk}"] = forms.DecimalField(
                label=_("指标：%(name)s") % {"name": target.indicator},
                help_text=_("目标 %(phrase)s") % {"phrase": target.phrase},
                required=False,
                initial=assignment.figures.get(str(target.pk)),
            )
        self.order_fields(["percent", *[name for name in self.fields if name.startswith("figure_")]])

    def figures(self) -> dict[str, str]:
        """The figures by target id, as strings; those left empty are left out."""
        return {
            name.removeprefix("figure_"): str(value)
            for name, value in self.cleaned_data.items()
            if name.startswith("figure_") and value is not None
        }


class SubmitForm(ProgressForm):
    """The final report: evidence is demanded, the percentage is 100 by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["percent"]
        self.fields["evidence"].required = True
        self.fields["evidence"].error_messages = {"required": _("请至少上传一份佐证材料。")}


class InstalmentForm(forms.Form):
    text = _text(_("完成情况"), help_text=_("本期做了什么、结果如何。"))
    evidence = FilesField(label=_("佐证材料"), error_messages={"required": _("请至少上传一份佐证材料。")})


class OpinionForm(forms.Form):
    opinion = _text(_("核验意见"), required=False, rows=3)


class SupersedeForm(forms.Form):
    """Which plan of the same office took this one's place."""

    plan = forms.ChoiceField(label=_("替代文件"), error_messages={"required": _("请选择文件。")})

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plan"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]


class WindowForm(forms.Form):
    """A key period in which a task is done daily or weekly."""

    label = forms.CharField(label=_("时段名称"), max_length=60, help_text=_("例如：国庆节、汛期、企业复工复产。"))
    first = forms.DateField(label=_("开始日期"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("结束日期"), widget=forms.DateInput(attrs={"type": "date"}))


class ReasonForm(forms.Form):
    reason = _text(_("原因"), rows=3, help_text=_("写明理由，对方会看到。"))


class OptionalReasonForm(forms.Form):
    reason = _text(_("说明"), required=False, rows=2)


def _date(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("日期应写作 2026-10-31 的形式。"), "required": _("请选择日期。")},
    )


class ExtensionForm(forms.Form):
    to_date = _date(_("申请延至"))
    reason = _text(_("延期理由"), rows=3)


class RenewForm(forms.Form):
    review_date = _date(_("下次复核日期"))
    reason = _text(_("复核意见"), rows=3)


class ReassignForm(forms.Form):
    org = OrganisationField(
        label=_("责任单位"), queryset=Organisation.objects.none(), error_messages={"required": _("请选择单位。")}
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"].queryset = people.list_organisations(actor=actor)  # type: ignore[attr-defined]


class HandDownForm(forms.Form):
    orgs = OrganisationsField(
        label=_("下级单位"),
        queryset=Organisation.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("各单位分别接收、办理、提交，全部办结后本单位才能提交。"),
        error_messages={"required": _("请选择单位。")},
    )
    due_date = forms.DateField(
        label=_("下级完成时限"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("不填则与本单位时限相同。"),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        below = people.list_organisations(actor=actor)
        if actor.organisation_id is not None:
            below = below.exclude(pk=actor.organisation_id)
        if actor.area_path and not actor.whole_district:
            below = below.filter(area__path__startswith=actor.area_path)
        self.fields["orgs"].queryset = below  # type: ignore[attr-defined]
