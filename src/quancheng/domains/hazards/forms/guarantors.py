"""What people type about guarantors of major hazards."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models import GuarantorRole
from quancheng.domains.hazards.services.check_records import RECORD
from quancheng.domains.registry.models import Unit
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField
from quancheng.kernel.people.queries import list_colleagues


class NameForm(forms.Form):
    """Who answers in a role."""

    def __init__(self, *args: Any, hazard: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = list_colleagues(organisation_id=hazard.file_id, duty=RECORD)
        people = [(str(one.user_id), one.name) for one in able]
        self.fields["role"] = fields.choice(_("包保责任"), GuarantorRole.choices)
        self.fields["person"] = fields.choice(_("人员"), [("", "—"), *people])
        self.fields["job"] = fields.words(_("职务"), limit=60)
        self.fields["phone"] = fields.words(_("联系电话"), limit=40, help_text=_("写在公示牌上；在系统中加密保存。"))
        self.fields["since"] = fields.day(_("任命日期"))
        self.fields["evidence"] = FilesField(label=_("任命文件"), required=False)


class TasksForm(forms.Form):
    """From when the tasks of the lists count."""

    first = fields.day(_("起始日期"), help_text=_("每周的任务落在这一天所在的星期几。"))


class RetireForm(forms.Form):
    """Why nobody answers any more."""

    reason = fields.words(_("理由"), limit=300)
