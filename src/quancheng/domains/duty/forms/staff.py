"""Forms of the supervision force."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.models.staff import JoinedBy
from quancheng.kernel.pages import fields


class MemberForm(forms.Form):
    name = fields.words(_("姓名"), limit=60)
    post = fields.words(_("职务"), required=False, limit=60)
    joined_by = fields.choice(_("来源"), JoinedBy.choices)
    joined_date = fields.day(_("到岗日期"))
    has_schooling = forms.BooleanField(label=_("具有相关学历"), required=False)
    schooling = fields.words(_("学历专业"), required=False, limit=120)
    has_practice = forms.BooleanField(label=_("具有实践经验"), required=False)


class LeaveStaffForm(forms.Form):
    left_date = fields.day(_("离岗日期"))


class StaffPlanForm(forms.Form):
    year = forms.IntegerField(label=_("年度"), min_value=2000, max_value=2100)
    posts = forms.IntegerField(label=_("核定人数"), min_value=0, max_value=9999)
    hires = forms.IntegerField(label=_("计划招录"), min_value=0, max_value=9999)
