"""What people type about procedures and rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quancheng.domains.training.forms.courses import PeopleField
from quancheng.domains.training.forms.persons import RoleField
from quancheng.domains.training.models import DocumentKind, Person, WorkRole
from quancheng.domains.training.queries.roles import list_roles
from quancheng.kernel.pages import fields


class EditionForm(forms.Form):
    """A new edition of a document."""

    edition = fields.words(_("版次"), limit=20)
    in_force_date = fields.day(_("施行日期"))
    approved_by = fields.words(_("批准人"), limit=60)
    text = fields.FilesField(label=_("文件正文"))


class DocumentForm(EditionForm):
    kind = fields.choice(_("文件类别"), DocumentKind.choices)
    role = RoleField(
        label=_("适用岗位角色"), queryset=WorkRole.objects.none(), required=False,
        help_text=_("操作规程必填；规章制度留空，面向全体人员。"),
    )  # fmt: skip
    title = fields.words(_("名称"), limit=120)
    field_order = ("kind", "role", "title")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = list_roles().on(timezone.localdate()).filter(is_task_only=False)
        self.fields["role"].queryset = found  # type: ignore[attr-defined]


class ReadForm(forms.Form):
    """Who read it. The view fills in of whom."""

    read_date = fields.day(_("签收日期"))
    signature = fields.words(_("签收方式"), limit=60, help_text=_("例如纸质签字、班前会学习签字。"))
    people = PeopleField(label=_("签收人员"), queryset=Person.objects.none(), widget=forms.CheckboxSelectMultiple)


class EndForm(forms.Form):
    reason = fields.words(_("废止原因"))
