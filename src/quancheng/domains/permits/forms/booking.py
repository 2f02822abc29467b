"""What an office types about booking ahead."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages import fields


class BookingRuleForm(forms.Form):
    """How many days ahead, and from when."""

    lead_days = forms.IntegerField(
        # How few and how many the service says, with the clause: the field's own words would come before it.
        label=_("提前天数"),
        help_text=_("1即最早次日开始；按自然日计。"),
    )  # fmt: skip
    from_day = fields.day(_("起用日期"))
    reason = fields.words(_("理由"), limit=300)
