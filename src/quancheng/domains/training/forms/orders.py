"""What people type about retraining orders and hours."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.models import Course, EducationLevel, OrderReason, Person, Programme
from quancheng.domains.training.queries.programmes import list_programmes
from quancheng.domains.training.services.orders import DEFAULT_HOURS, MOST_HOURS
from quancheng.kernel.pages import fields


class ProgrammeField(forms.ModelChoiceField):
    """A programme by its name in the reader's language."""

    def label_from_instance(self, obj: Programme) -> str:
        return obj.shown


class OfProgramme(forms.Form):
    """A form that names a programme of people at work that counts today."""

    programme = ProgrammeField(label=_("培训大纲"), queryset=Programme.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = list_programmes().on(timezone.localdate()).exclude(kind="regulator")
        self.fields["programme"].queryset = found  # type: ignore[attr-defined]


class OrderForm(OfProgramme):
    """A retraining order."""

    reason = fields.choice(_("再培训原因"), OrderReason.choices)
    hours = forms.IntegerField(label=_("要求学时"), min_value=0, max_value=MOST_HOURS, initial=DEFAULT_HOURS)
    off_post = forms.BooleanField(
        label=_("离岗培训"), required=False, help_text=_("完成前不得任职、不得作业。")
    )
    needs_exam = forms.BooleanField(label=_("须考试合格"), required=False)
    due_date = fields.day(_("完成期限"))
    explained = fields.words(_("说明"), required=False, limit=300)
    field_order = ("reason", "programme")


class ExamForm(forms.Form):
    """An exam passed elsewhere."""

    score = forms.IntegerField(label=_("考试成绩"), min_value=0, max_value=100)
    reason = fields.words(_("考试情况"), help_text=_("写明考试的时间、地点和组织单位。"))


class CourseField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Course) -> str:
        return f"{obj.title}（{obj.owner_org.name}）"


class RecordForm(OfProgramme):
    """Hours from a paper."""

    held_date = fields.day(_("培训日期"))
    hours = forms.DecimalField(
        label=_("学时"), min_value=Decimal("0.5"), max_value=24, decimal_places=1, help_text=_("最小单位为0.5。")
    )
    level = fields.choice(
        _("教育级别"), EducationLevel.choices, required=False, help_text=_("三级安全教育、调岗复岗教育须填写。")
    )
    teacher = fields.words(_("授课人"), limit=60)
    place = fields.words(_("培训地点"), limit=120)
    content = fields.words(_("培训内容"), limit=500)
    score = forms.IntegerField(label=_("成绩"), required=False, min_value=0, max_value=100)
    course = CourseField(
        label=_("所用课程"), queryset=Course.objects.none(), required=False,
        help_text=_("四类主要人员的培训须选择统一教材的课程，否则学时不计入达标。"),
    )  # fmt: skip
    evidence = fields.FilesField(label=_("签字的培训记录"), required=False)


class AssessorField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Person) -> str:
        return " ".join(one for one in (obj.name, obj.staff_no, obj.workshop) if one)


class PracticeForm(forms.Form):
    """The practical part of hours. The view fills in who may judge."""

    assessed_date = fields.day(_("实操考核日期"))
    score = forms.IntegerField(label=_("实操成绩"), min_value=0, max_value=100)
    assessor = AssessorField(label=_("本单位考核人"), queryset=Person.objects.none(), required=False)
    outside = fields.words(_("外单位考核人"), required=False, limit=60, help_text=_("姓名和单位，以空格分开。"))


class StrikeForm(forms.Form):
    reason = fields.words(_("作废原因"))
