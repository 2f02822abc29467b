"""What people type about courses, plans and sessions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.forms.orders import ProgrammeField
from quancheng.domains.training.models import EducationLevel, Person, PlanLine, Programme
from quancheng.domains.training.queries.courses import own_lines
from quancheng.domains.training.queries.programmes import list_programmes
from quancheng.domains.training.services.sessions import MOST_SEATS
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import ActorForm
from quancheng.kernel.people.models import User


def _hours() -> forms.DecimalField:
    return forms.DecimalField(label=_("学时"), min_value=Decimal("0.5"), max_value=24, decimal_places=1)


class OfAnyProgramme(ActorForm):
    """A form that names a programme: of people at work, for offices of regulators too."""

    programme = ProgrammeField(label=_("培训大纲"), queryset=Programme.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = list_programmes().on(timezone.localdate())
        if not self.actor.supervises:
            found = found.exclude(kind="regulator")
        self.fields["programme"].queryset = found  # type: ignore[attr-defined]


class CourseForm(OfAnyProgramme):
    title = fields.words(_("课程名称"), limit=120)
    level = fields.choice(
        _("教育级别"), EducationLevel.choices, required=False, help_text=_("三级安全教育、调岗复岗教育须填写。")
    )
    hours = _hours()
    teacher = fields.words(_("授课人"), limit=60)
    content = fields.text(_("课程内容"), rows=5, limit=4000, help_text=_("每行一项。"))
    is_practical = forms.BooleanField(
        label=_("含实操考核"), required=False, help_text=_("实操未合格的，不计学时。")
    )
    materials = fields.FilesField(label=_("课件和教材"), required=False)
    field_order = ("title", "programme")


class MaterialsForm(forms.Form):
    materials = fields.FilesField(label=_("课件和教材"))


class PlanForm(forms.Form):
    year = forms.IntegerField(label=_("年度"), min_value=2000, max_value=2100)
    title = fields.words(_("计划名称"), limit=120)


class LineForm(OfAnyProgramme):
    title = fields.words(_("班次名称"), limit=120)
    month = forms.IntegerField(label=_("计划月份"), min_value=1, max_value=12)
    audience = fields.words(_("培训对象"), limit=200)
    people = forms.IntegerField(label=_("计划人数"), min_value=1, max_value=100_000)
    hours = forms.IntegerField(label=_("计划学时"), min_value=1, max_value=1000)
    field_order = ("title", "programme")


class LineField(forms.ModelChoiceField):
    def label_from_instance(self, obj: PlanLine) -> str:
        return f"{obj.plan.year}-{obj.month:02} {obj.title}"


class SessionForm(ActorForm):
    plan_line = LineField(label=_("计划班次"), queryset=PlanLine.objects.none(), required=False)
    place = fields.words(_("培训地点"), limit=120)
    teacher = fields.words(_("授课人"), limit=60)
    starts_at = fields.moment(_("开始时间"))
    ends_at = fields.moment(_("结束时间"), help_text=_("在同一天之内。"))
    more_days = fields.text(
        _("后续日期"), required=False, rows=3, limit=400,
        help_text=_("跨天的培训班每行填一天，如2026-10-31；每天的起止时间和学时相同，按天签到、按天计学时。"),
    )  # fmt: skip
    hours = forms.DecimalField(
        label=_("学时"), min_value=Decimal("0.5"), max_value=24, decimal_places=1,
        help_text=_("每学时45分钟。"),
    )  # fmt: skip
    capacity = forms.IntegerField(label=_("名额"), min_value=1, max_value=MOST_SEATS, initial=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plan_line"].queryset = own_lines(actor=self.actor)  # type: ignore[attr-defined]

    def clean_more_days(self) -> list[date]:
        found = []
        for line in self.cleaned_data["more_days"].split():
            try:
                found.append(date.fromisoformat(line))
            except ValueError as wrong:
                raise forms.ValidationError(_("日期应写作 2026-10-31 的形式。")) from wrong
        return found


class PeopleField(forms.ModelMultipleChoiceField):
    """People at work by name, badge and workshop."""

    def label_from_instance(self, obj: Person) -> str:
        return " ".join(one for one in (obj.name, obj.staff_no, obj.workshop, obj.team) if one)


class EnrolForm(forms.Form):
    """Who shall sit in a session. The view fills in of whom."""

    people = PeopleField(label=_("报名人员"), queryset=Person.objects.none(), widget=forms.CheckboxSelectMultiple)


class ColleaguesField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: User) -> str:
        return obj.name


class EnrolColleaguesForm(forms.Form):
    people = ColleaguesField(label=_("报名人员"), queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple)


class SignForm(forms.Form):
    """Who is there: badge and name."""

    staff_no = fields.words(_("工号（胸卡号）"), limit=30)
    name = fields.words(_("姓名"), limit=60)


class PracticeForm(forms.Form):
    score = forms.IntegerField(label=_("实操成绩"), min_value=0, max_value=100)


class EffectForm(forms.Form):
    method = fields.words(_("检查方式"), limit=60, help_text=_("例如现场提问、岗位抽考、实操观察、应急演练。"))
    rate = forms.IntegerField(label=_("达到要求的比例（%）"), min_value=0, max_value=100)
    text = fields.text(_("检查情况和改进"), rows=3, limit=1000)
