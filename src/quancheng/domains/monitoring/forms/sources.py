"""Forms of sources (接入源)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.models import Form, SourceKind
from quancheng.domains.monitoring.services.sources import FIELDS, LIMITS
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import ActorForm

_LABELS = {
    "points_per_s": _("每秒点数上限"), "burst_points": _("突发点数上限"), "points_per_day": _("每日点数上限"),
    "most_bytes": _("单条报文上限（字节）"), "reorder_s": _("乱序等待（秒）"),
}  # fmt: skip


class SourceForm(ActorForm):
    """What a source is. Limits are the office's to set."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["name"] = fields.words(_("名称"), limit=100)
        self.fields["kind"] = fields.choice(_("接入方式"), SourceKind.choices)
        self.fields["forms"] = forms.MultipleChoiceField(
            label=_("报文格式"), choices=Form.choices, widget=forms.CheckboxSelectMultiple,
            help_text=_("只接收所选格式的报文。"),
        )  # fmt: skip
        self.fields["mn"] = fields.words(
            _("设备唯一标识MN"), required=False, limit=24, help_text=_("使用 HJ 212 的数采仪填写。")
        )
        if actor.supervises:
            for name, (least, most) in LIMITS.items():
                self.fields[name] = forms.IntegerField(
                    label=_LABELS[name], required=False, min_value=least, max_value=most
                )

    def known(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name) for name in FIELDS}


class NewSourceForm(SourceForm):
    """The same with the code under which it will sign in."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["code"] = fields.words(
            _("接入编码"), limit=64, help_text=_("设备用它登录，例如 GW-SL001-01；建立后不能修改。")
        )
        self.order_fields(["code"])


class BlockForm(forms.Form):
    """Why a source is shut out."""

    reason = fields.words(_("停用原因"), limit=300)
