"""What people type about building dual prevention."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models import PaperKind
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField


class PaperForm(forms.Form):
    """A paper that shows a step."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = fields.choice(_("材料类别"), PaperKind.choices)
        self.fields["title"] = fields.words(_("材料名称"), limit=200)
        self.fields["dated"] = fields.day(_("文件日期"))
        self.fields["headed"] = forms.BooleanField(label=_("主要负责人任组长（领导小组文件须确认）"), required=False)
        self.fields["text"] = fields.text(_("说明"), required=False, rows=3, limit=1000)
        self.fields["files"] = FilesField(label=_("材料附件"))


class AskForm(forms.Form):
    """What the enterprise says of its trial run."""

    text = fields.text(_("试运行情况"), limit=2000)


class AcceptForm(forms.Form):
    """What was seen at the acceptance."""

    text = fields.text(_("验收意见"), limit=2000)
