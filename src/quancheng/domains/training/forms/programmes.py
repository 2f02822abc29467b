"""What people type about programmes of education."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.training.models import Course, Employment, PaperRule, Programme, ProgrammeKind
from quancheng.domains.training.models.certificates import SourceMark
from quancheng.domains.training.queries.roles import list_roles
from quancheng.domains.training.services.programmes import FIELDS, MOST_DAYS, MOST_HOURS, MOST_MONTHS
from quancheng.kernel.pages import fields


def _hours(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=MOST_HOURS, help_text=help_text)


def _several(label: Any, choices: Any, help_text: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=False, choices=choices, widget=forms.CheckboxSelectMultiple, help_text=help_text
    )


class ProgrammeForm(forms.Form):
    """One programme."""

    kind = fields.choice(_("培训类别"), ProgrammeKind.choices)
    name = fields.words(_("名称"), limit=80)
    name_en = fields.words(_("英文名称"), required=False, limit=120)
    first_hours = _hours(_("初次学时"))
    plant_hours = _hours(_("厂级学时"), _("不分级的留空；分级的，三级合计等于初次学时。"))
    workshop_hours = _hours(_("车间级学时"))
    team_hours = _hours(_("班组级学时"))
    yearly_hours = _hours(_("每年再培训学时"))
    interval_months = forms.IntegerField(label=_("复训间隔月数"), required=False, min_value=0, max_value=MOST_MONTHS)
    interval_hours = _hours(_("复训学时"))
    within_days = forms.IntegerField(
        label=_("任职后多少天内完成初次培训"), required=False, min_value=0, max_value=MOST_DAYS,
        help_text=_("0表示上岗前完成。"),
    )  # fmt: skip
    pass_mark = forms.IntegerField(
        label=_("合格分数"), required=False, min_value=1, max_value=100, help_text=_("满分100；不考核的留空。")
    )
    needs_practice = forms.BooleanField(label=_("须实操考核"), required=False)
    is_owed = forms.BooleanField(label=_("适用人员都须参加"), required=False)
    syllabus = fields.text(_("培训内容"), required=False, rows=6, limit=4000, help_text=_("每行一项。"))
    employments = _several(_("适用用工类型"), Employment.choices, _("都不选表示不限。"))
    kinds = _several(_("适用企业类别"), Kind.choices, _("都不选表示不限。"))
    roles = _several(_("适用岗位角色"), (), _("都不选表示不限。"))
    except_roles = _several(_("不适用的岗位角色"), ())
    basis = fields.words(_("依据"), limit=200)
    mark = fields.choice(_("确信程度"), SourceMark.choices)
    valid_from = fields.day(_("启用日期"), required=False)
    valid_to = fields.day(_("停用日期"), required=False)
    reason = fields.words(_("修改原因"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [(one.code, one.shown) for one in list_roles()]
        for name in ("roles", "except_roles"):
            self.fields[name].choices = roles  # type: ignore[attr-defined]


class NewProgrammeForm(ProgrammeForm):
    code = fields.words(_("代码"), limit=40, help_text=_("建立后不能修改。"))
    field_order = ("code",)


class ProgrammeChangeForm(ProgrammeForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


def programme_as_form(row: Programme) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS} | {"version": row.version}


class UnifiedForm(forms.Form):
    """The one way of the four main posts. The view fills in what may be chosen."""

    course = forms.ModelChoiceField(label=_("统一教材"), queryset=Course.objects.none(),
                                    help_text=_("本单位在该大纲下开设、已上传教材的课程。"))  # fmt: skip
    rule = forms.ModelChoiceField(label=_("统一试卷"), queryset=PaperRule.objects.none(),
                                  help_text=_("监管部门制定的组卷规则；其他试卷的考试不计入。"))  # fmt: skip
    from_date = fields.day(_("统一培训启用日期"), help_text=_("此前的学时、考试和证书仍按原规定计入。"))
    reason = fields.words(_("修改原因"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class EndUnifiedForm(forms.Form):
    """From when on the one way holds no more. The view leaves the day out of one that has not begun."""

    to_date = fields.day(
        _("统一培训停用日期"), required=False,
        help_text=_("最后一天；次日起不再限定教材和试卷，已按统一教材、统一试卷完成的仍然计入。"
                    "已设定停用日期的，留空表示继续实行。"),
    )  # fmt: skip
    reason = fields.words(_("修改原因"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class RulesForm(forms.Form):
    """How hours are counted."""

    most_hours_a_day = forms.DecimalField(label=_("每人每天最多学时"), min_value=1, max_value=24, decimal_places=1)
    late_minutes = forms.IntegerField(label=_("开课后多少分钟内签到不算迟到"), min_value=0, max_value=120)
    code_seconds = forms.IntegerField(label=_("签到码多少秒更换一次"), min_value=10, max_value=600)
    absent_months = forms.IntegerField(label=_("离岗多少个月以上复岗须重新教育"), min_value=1, max_value=60)
    reason = fields.words(_("修改原因"))
