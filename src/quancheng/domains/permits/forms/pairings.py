"""What is told of a portable detector that goes with a permit (便携检测仪配对)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.forms.permits import words_of
from quancheng.kernel.pages import fields
from quancheng.standards.gb30871 import gas as gas_rules
from quancheng.standards.gb30871.gases import gases


class PairForm(forms.Form):
    """Which detector, where it is held and by whom. The view fills in the detectors."""

    instrument = fields.choice(
        _("检测仪器"), (), help_text=_("登记为便携式的检测仪；多种气体的检测仪每个点位各配对一次。")
    )
    gas = fields.choice(
        _("气体"), [(k, words_of(v.name)) for k, v in gases().items() if v.lel is not None], required=False,
        help_text=_("可燃气体：作业处可能存在的气体；不填时按点位登记的介质或标定气体。"),
    )  # fmt: skip
    position = fields.choice(_("取样位置"), [(k, words_of(v)) for k, v in gas_rules.POSITIONS.items()])
    point = fields.words(
        _("取样点"), limit=60, help_text=_("同一取样点写同一名称：不合格的结果只由同一取样点的复测解除。")
    )
    distance_m = forms.DecimalField(
        label=_("距作业点，m"), required=False, min_value=0, max_digits=7, decimal_places=2
    )
    analyst = fields.words(_("分析人"), limit=60)

    def __init__(self, *args: Any, instruments: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instrument"].choices = [("", "—"), *instruments]  # type: ignore[attr-defined]


class PartForm(forms.Form):
    """Nothing is asked: who parts them is known."""
