"""Forms of outages (断线) and of planned offline periods (停用报备)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.models import Cause, PlannedReason, Source
from quancheng.domains.monitoring.queries.outages import tags_of_source
from quancheng.kernel.pages import fields
from quancheng.standards.signals.online import SPANS

RULE_LABELS = {
    "source_offline_min": _("接入源无心跳多久算离线（分钟）"), "tag_offline_min": _("点位无有效数据多久算断线（分钟）"),
    "tell_after_min": _("未报备断线多久通知监管部门（分钟）"), "state_within_h": _("企业说明原因的期限（小时）"),
    "lapse_after_days": _("恢复后多久未说明自动关闭（天）"), "longest_planned_days": _("报备多久算过长（天）"),
    "most_planned": _("30天内报备多少次算过多"), "target_e4": _("在线率目标（万分之）"),
    "poor_score": _("数据质量评分及格线"),
}  # fmt: skip


class CauseForm(forms.Form):
    """Why it was silent, and what is done."""

    cause = fields.choice(_("断线原因"), Cause.choices)
    measures = fields.text(_("处理措施"), limit=1000, help_text=_("写明怎样恢复，断线期间怎样人工监测。"))


class NoticeForm(forms.Form):
    """What will be silent from when to when, why, and who looks meanwhile."""

    def __init__(self, *args: Any, source: Source, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"] = forms.MultipleChoiceField(
            label=_("停用点位"), required=False, widget=forms.CheckboxSelectMultiple,
            choices=[(row.number, f"{row.code} {row.name}") for row in tags_of_source(source)],
            help_text=_("不选就是整个接入源停用。"),
        )  # fmt: skip
        self.fields["begins_at"] = fields.moment(_("开始时间"))
        self.fields["ends_at"] = fields.moment(_("结束时间"))
        self.fields["reason"] = fields.choice(_("报备原因"), PlannedReason.choices)
        self.fields["detail"] = fields.words(_("情况说明"), limit=500)
        self.fields["measures"] = fields.text(
            _("人工监测措施"), limit=1000, help_text=_("停用期间由谁、多久一次、怎样监测。")
        )


class RulesForm(forms.Form):
    """The district's figures."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (least, most) in SPANS.items():
            self.fields[name] = forms.IntegerField(label=RULE_LABELS[name], min_value=least, max_value=most)
        self.fields["reason"] = fields.words(_("理由"), limit=300)
