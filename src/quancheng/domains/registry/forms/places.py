"""What people type about sensitive places."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import PlaceKind
from quancheng.domains.registry.queries.enterprises import list_places as list_streets
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.pages import fields


class BoundaryField(forms.JSONField):
    """A boundary as GeoJSON; empty for none, which people read as nothing rather than ``null``."""

    def prepare_value(self, value: Any) -> Any:
        if value in (None, ""):
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class PlaceForm(fields.ActorForm):
    """A sensitive place: what it is, where, and how many people are there."""

    kind = fields.choice(_("类别"), PlaceKind.choices)
    name = fields.words(_("名称"), limit=120)
    area = forms.ModelChoiceField(label=_("所在镇街"), queryset=Area.objects.none())
    address = fields.words(_("地址"), required=False)
    lon = forms.DecimalField(label=_("经度"), max_digits=9, decimal_places=6,
                             help_text=_("CGCS2000 坐标，十进制度，例如 117.123456。"))  # fmt: skip
    lat = forms.DecimalField(label=_("纬度"), max_digits=9, decimal_places=6)
    population = forms.IntegerField(
        label=_("人数"), required=False, min_value=0, max_value=10_000_000,
        help_text=_("人最多时的人数，含学生、住院病人；没有统计的留空，不要填0。"),
    )  # fmt: skip
    source = fields.words(_("数据来源"), limit=120, help_text=_("例如：社区统计、学校学籍、现场核查。"))
    source_date = fields.day(_("数据日期"))
    boundary = BoundaryField(
        label=_("边界"), required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("GeoJSON面，CGCS2000坐标；没有的留空，按点计算距离。"),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["area"].queryset = list_streets(actor=actor)  # type: ignore[attr-defined]


class ChangePlaceForm(PlaceForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


class AcceptForm(forms.Form):
    """The sum that the keeper saw; he agrees to it by sending it back."""

    expected = forms.IntegerField(
        label=_("厂界外500米内敏感目标合计（人）"), widget=forms.NumberInput(attrs={"readonly": True}),
        help_text=_("来自敏感目标登记，明细见“周边敏感目标”；确认后写入档案，α和等级随之重算。"),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)
