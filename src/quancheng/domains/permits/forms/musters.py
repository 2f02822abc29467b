"""What people type about a muster."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models import Unit
from quancheng.kernel.pages import fields


class MusterForm(forms.Form):
    """Calling the roll. The view fills in the enterprise's units."""

    unit = forms.ModelChoiceField(
        label=_("单元"), queryset=Unit.objects.none(), required=False, help_text=_("不选则清点全厂。")
    )
    point = fields.words(_("集合点"), required=False, limit=120)
    reason = fields.text(_("情况说明"), rows=2, limit=500)
    is_drill = forms.BooleanField(label=_("这是演练"), required=False)

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class AddForm(forms.Form):
    name = fields.words(_("姓名"), limit=60)
    firm = fields.words(_("单位"), required=False, limit=120)


class EndForm(forms.Form):
    note = fields.text(_("结束说明"), rows=2, limit=500, required=False, help_text=_("仍有人未到时必须写明理由。"))
