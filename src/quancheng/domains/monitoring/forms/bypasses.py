"""What is told of an interlock or a detector that is bypassed (联锁旁路)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.forms.alarms import TagField
from quancheng.domains.monitoring.queries.tags import partners_of, units_of
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.pages import fields


class BypassForm(forms.Form):
    """What, why, what stands in for it, until when."""

    what = fields.words(
        _("联锁位号和名称"), required=False, limit=160,
        help_text=_("没有登记点位的联锁填写，例如 LSHH-101 高高液位联锁。"),
    )
    reason = fields.text(_("旁路原因"), rows=3, limit=500)
    measure = fields.text(_("补偿措施"), rows=3, limit=1000, help_text=_("旁路期间怎样监视和保护，由谁负责。"))
    until = fields.moment(_("应恢复时间"))
    ticket = fields.words(_("作业票或工单号"), required=False, limit=60)

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tag"] = TagField(
            label=_("点位"), required=False, queryset=partners_of(file), help_text=_("旁路的探测器，或联锁所用的点位。")
        )
        self.fields["unit"] = forms.ModelChoiceField(
            label=_("所属单元"), required=False, queryset=units_of(file),
            help_text=_("附近的作业票据此提示；不填时取点位登记的单元，都没有的，本企业全部作业票都提示。"),
        )  # fmt: skip
        self.order_fields(["tag", "what", "unit"])


class RestoreForm(forms.Form):
    note = fields.text(_("恢复和试验情况"), rows=3, limit=1000)
