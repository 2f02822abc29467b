"""The form of the automation of a key process (自动化改造情况)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.models import RetrofitState
from quancheng.kernel.pages import fields


class RetrofitForm(forms.Form):
    """How far the automation of one of a facility's processes, or of a major hazard, is, and by which paper.

    ``subjects``: codes and names of those of the facility; a single one is chosen from the start.
    """

    def __init__(self, *args: Any, subjects: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["process"] = fields.choice(_("重点监管工艺或重大危险源"), subjects)
        if len(subjects) == 1:
            self.initial.setdefault("process", subjects[0][0])
        self.fields["state"] = fields.choice(_("自动化改造状态"), RetrofitState.choices)
        self.fields["paper"] = fields.words(
            _("依据文件名称和文号"), required=False, help_text=_("完成的必填：验收报告、设计文件等。")
        )
        self.fields["paper_date"] = fields.day(_("文件日期"), required=False)
        self.fields["finish_date"] = fields.day(_("计划完成日期"), required=False, help_text=_("尚未完成的必填。"))
        self.fields["note"] = fields.words(_("说明"), required=False, limit=500)
        self.fields["papers"] = fields.FilesField(label=_("文件扫描件"), required=False)
