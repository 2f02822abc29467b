"""What people type about persons, their posts and what health forbids."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.models import Education, Employment, MajorField, Person, TitleLevel, WorkRole
from quancheng.domains.training.queries.persons import HEALTH_LIMITS
from quancheng.domains.training.services.persons import FIELDS
from quancheng.kernel.dictionaries.queries import list_items
from quancheng.kernel.pages import fields


class PersonForm(forms.Form):
    """A person's file as it is opened."""

    employment = fields.choice(_("用工类型"), Employment.choices)
    employer_name = fields.words(
        _("用人单位"), required=False, limit=120, help_text=_("承包商、派遣等外来人员必填：派出该人员的单位。")
    )
    employer_code = fields.words(_("用人单位统一社会信用代码"), required=False, limit=18)
    staff_no = fields.words(_("工号（胸卡号）"), required=False, limit=30)
    name = fields.words(_("姓名"), limit=60)
    resident_id = fields.words(
        _("身份证号码"), limit=30, help_text=_("加密保存，性别和年龄由号码得出；在本单位只能登记一次。")
    )
    phone = fields.words(_("联系电话"), required=False, limit=30, help_text=_("加密保存。"))
    education = fields.choice(_("学历"), Education.choices, required=False)
    major = fields.words(_("专业"), required=False, limit=60)
    major_field = fields.choice(_("专业类别"), MajorField.choices, required=False)
    title_level = fields.choice(_("化工、安全类职称"), TitleLevel.choices, required=False)
    workshop = fields.words(_("车间（部门）"), required=False, limit=60)
    team = fields.words(_("班组"), required=False, limit=60)
    joined_date = fields.day(_("到岗日期"), required=False)
    photo = forms.FileField(label=_("照片"), required=False)


class PersonChangeForm(PersonForm):
    """The same, changed: a number that is left empty stays."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["resident_id"].required = False
        for name in ("resident_id", "phone"):
            self.fields[name].help_text = _("不修改的留空。")


def known_of(row: Person) -> dict[str, Any]:
    """A file as its form shows it: no number."""
    return {name: getattr(row, name) for name in FIELDS} | {"version": row.version}


class RoleField(forms.ModelChoiceField):
    """A role by its name in the reader's language."""

    def label_from_instance(self, obj: WorkRole) -> str:
        return obj.shown


class PostForm(forms.Form):
    """A post given. The view fills in the roles of the day."""

    role = RoleField(label=_("岗位角色"), queryset=WorkRole.objects.none(), help_text=_("任职要求按岗位角色确定。"))
    title = fields.words(
        _("岗位名称"), required=False, limit=60, help_text=_("本单位的叫法；与岗位角色相同的留空。")
    )
    from_date = fields.day(_("任职起"))


class LeaveForm(forms.Form):
    left_date = fields.day(_("离岗日期"))
    reason = fields.words(_("离岗原因"), required=False)


class ReturnForm(forms.Form):
    joined_date = fields.day(_("到岗日期"))


class EndPostForm(forms.Form):
    to_date = fields.day(_("任职止"))


class LimitForm(forms.Form):
    """Work for which a person is not fit."""

    limit = forms.ChoiceField(label=_("不宜从事的作业"))
    source = fields.words(
        _("依据"), limit=120, help_text=_("例如2026年度在岗职业健康检查；不要填写病名。")
    )
    from_date = fields.day(_("起"))
    until_date = fields.day(_("止"), required=False, help_text=_("没有期限的留空。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(one.code, one.shown) for one in list_items(HEALTH_LIMITS)]
        self.fields["limit"].choices = names  # type: ignore[attr-defined]


class EndLimitForm(forms.Form):
    until_date = fields.day(_("止"))


class ReasonForm(forms.Form):
    reason = fields.words(_("查看原因"), help_text=_("记入日志。"))
