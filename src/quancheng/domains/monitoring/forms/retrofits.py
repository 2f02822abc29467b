"""The form of the automation of a key process (自动化改造情况)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.models import RetrofitState
from quancheng.domains.registry.models import Facility
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.words import told
from quancheng.standards.lists.processes import key_processes


class RetrofitForm(forms.Form):
    """How far the automation of one of a facility's processes is, and by which paper."""

    def __init__(self, *args: Any, facility: Facility, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = key_processes()
        processes = [(code, told(known[code].name)) for code in facility.processes if code in known]
        self.fields["process"] = fields.choice(_("重点监管工艺"), processes)
        self.fields["state"] = fields.choice(_("自动化改造状态"), RetrofitState.choices)
        self.fields["paper"] = fields.words(
            _("依据文件名称和文号"), required=False, help_text=_("完成的必填：验收报告、设计文件等。")
        )
        self.fields["paper_date"] = fields.day(_("文件日期"), required=False)
        self.fields["finish_date"] = fields.day(_("计划完成日期"), required=False, help_text=_("尚未完成的必填。"))
        self.fields["note"] = fields.words(_("说明"), required=False, limit=500)
        self.fields["papers"] = fields.FilesField(label=_("文件扫描件"), required=False)
