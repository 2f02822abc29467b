"""What people type about lessons learnt and accident cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models import ItemMark, Kind, LessonPart, Medium
from quancheng.kernel.pages import fields


class LessonForm(forms.Form):
    """A note after a job; one of its three texts at least. The view fills in the people of the permit."""

    part = fields.choice(_("小结人"), LessonPart.choices)
    went_well = fields.text(_("做得好的"), rows=2, limit=500, required=False)
    went_wrong = fields.text(_("出现的问题"), rows=2, limit=500, required=False)
    suggestion = fields.text(_("建议"), rows=2, limit=500, required=False)

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if people:
            # One guardian alone is known.
            self.fields["person"] = fields.choice(
                _("监护人"), people, required=False, help_text=_("有几名监护人的，选择是谁的小结。")
            )


class ReadForm(forms.Form):
    """Confirms the notes that the page showed."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    is_read = forms.BooleanField(
        label=_("已阅读以下小结"), error_messages={"required": _("请先阅读，再勾选确认。")}
    )


class CaseForm(forms.Form):
    """One case of the library."""

    code = fields.words(_("案例代码"), limit=20, help_text=_("已有代码的改写该案例；新代码新增一个案例。"))
    title = fields.words(_("案例名称"), limit=120)
    kinds = forms.MultipleChoiceField(
        label=_("作业类别"), choices=Kind.choices, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请选择作业类别。")},
    )  # fmt: skip
    # A field's name takes no part of the form away: fields leave the class when it is made.
    media = forms.MultipleChoiceField(  # type: ignore[assignment]
        label=_("介质类别"), choices=Medium.choices, widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("不选的，各种介质的作业都显示。"),
    )  # fmt: skip
    equipment = fields.words(_("设备"), limit=120, required=False)
    year = forms.IntegerField(label=_("年份"), required=False, help_text=_("不确定的留空。"))
    deaths = forms.IntegerField(label=_("死亡人数"), required=False, help_text=_("不确定的留空。"))
    injured = forms.IntegerField(label=_("受伤人数"), required=False, help_text=_("不确定的留空。"))
    cause = fields.text(_("事故原因"), rows=2, limit=500)
    lesson = fields.text(_("事故教训"), rows=2, limit=500)
    hazard = fields.words(_("危害"), limit=300, help_text=_("加入作业危害分析时作为危害。"))
    measure = fields.words(_("措施"), limit=300, help_text=_("加入作业危害分析时作为措施。"))
    source = fields.words(_("依据"), limit=200)
    mark = fields.choice(_("确信程度"), ItemMark.choices)
    is_on = forms.BooleanField(
        label=_("列入案例库"), required=False, help_text=_("不勾选的，从案例库撤下。")
    )
    reason = fields.words(_("理由"), limit=300)


class CaseStepForm(forms.Form):
    """A step of the analysis of hazards that is made of a case."""

    step = fields.words(_("作业步骤"), limit=300)
    hazard = fields.words(_("危害"), limit=300)
    measure = fields.words(_("措施"), limit=300)
    participants = fields.text(_("参加分析人员"), rows=2, limit=500, help_text=_("一行一人，属地和作业单位都要参加。"))
