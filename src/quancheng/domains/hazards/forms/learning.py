"""What people type about lessons and same-type self-checks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.forms.findings import criterion_choices
from quancheng.domains.hazards.models import PushReply
from quancheng.domains.hazards.queries import learning as queries
from quancheng.domains.registry.kinds import Kind
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.words import told
from quancheng.standards.lists import key_processes


class AskedForm(forms.Form):
    """By what units of the same kind are found; sent as an address, so that the preview can be passed on."""

    def __init__(self, *args: Any, text: str, on: Any, towns: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["criterion"] = fields.choice(
            _("同一判定标准"), criterion_choices(text, on)[1:], required=False, help_text=_("曾有这条隐患的企业。")
        )
        processes = [(one.code, f"{one.code} {told(one.name)}") for one in key_processes().values()]
        self.fields["process"] = fields.choice(_("同类工艺"), processes, required=False)
        self.fields["equipment"] = fields.words(
            _("同类设备"), limit=60, required=False, help_text=_("设施或风险分析单元名称中的字，如“万向管道”。")
        )
        self.fields["kinds"] = forms.MultipleChoiceField(
            label=_("企业类别"), choices=Kind.choices, required=False, widget=forms.CheckboxSelectMultiple
        )
        self.fields["town"] = fields.choice(_("镇街"), towns, required=False)


class PushForm(forms.Form):
    """What units are asked to look for, and by when; the units are ticked in the preview."""

    title = fields.words(_("自查事项"), limit=200)
    text = fields.text(_("自查内容和要求"), limit=4000)
    due_date = fields.day(_("回复期限"), required=False, help_text=_("不填时为15天。"))


class AnswerForm(forms.Form):
    """What was checked."""

    text = fields.text(_("检查了哪些部位、结果如何"), limit=4000)


class FoundForm(AnswerForm):
    """What was checked, and which dangers were found by it."""

    def __init__(self, *args: Any, reply: PushReply, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["findings"] = forms.ModelMultipleChoiceField(
            label=_("自查发现的隐患"), queryset=queries.findings_for(reply), widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("请选择自查发现的隐患；还没有登记的，请先登记。")},
        )  # fmt: skip
