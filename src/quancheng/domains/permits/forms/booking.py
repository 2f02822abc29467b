"""What an office types about booking ahead."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.services.booking import MOST_D
from quancheng.kernel.pages import fields
from quancheng.standards.gb30871.booking import LEAD_D


class BookingRuleForm(forms.Form):
    """How many days ahead, and from when."""

    lead_days = forms.IntegerField(
        label=_("提前天数"), min_value=LEAD_D, max_value=MOST_D,
        help_text=_("1即最早次日开始；按自然日计。"),
    )  # fmt: skip
    from_day = fields.day(_("起用日期"))
    reason = fields.words(_("理由"), limit=300)
