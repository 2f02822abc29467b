"""What people type about warnings of weather and what they do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models import Kind, WarningColour, WarningKind
from quancheng.domains.permits.queries.weather import areas_for
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.pages import fields


class WarningForm(forms.Form):
    """A warning as it was issued."""

    kind = fields.choice(_("预警类别"), WarningKind.choices)
    colour = fields.choice(_("预警级别"), WarningColour.choices)
    over = forms.ModelChoiceField(label=_("预警区域"), queryset=Area.objects.none(), empty_label=None)
    valid_from = fields.moment(_("生效时间"))
    valid_to = fields.moment(_("失效时间"), help_text=_("最长7天；到时自动失效，也可提前解除。"))
    issuer = fields.words(_("发布单位"), limit=80)
    reference = fields.words(
        _("预警编号"), required=False, limit=80, help_text=_("同一编号再次录入，即变更原预警的级别、区域或时间。")
    )
    text = fields.text(_("预警内容"), rows=3, limit=500, required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["over"].queryset = areas_for(actor)  # type: ignore[attr-defined]


class EndForm(forms.Form):
    note = fields.text(_("解除说明"), rows=2, limit=300)


class WeatherRuleForm(forms.Form):
    """What a warning of a colour does to work in the open."""

    forbids = forms.MultipleChoiceField(
        label=_("不得开始的作业"), choices=Kind.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    stops = forms.MultipleChoiceField(
        label=_("停止的作业"), choices=Kind.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("停止的作业同时不得开始。"),
    )  # fmt: skip
    reason = fields.words(_("理由"), limit=300)
