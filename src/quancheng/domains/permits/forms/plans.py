"""What people type about a day's plan."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models import PlanChoice
from quancheng.kernel.pages import fields


class DecisionForm(forms.Form):
    """What the meeting decides of one job."""

    choice = fields.choice(_("决定"), PlanChoice.choices)
    reason = fields.words(_("理由"), limit=300, required=False, help_text=_("改期或不同意的必填。"))
    put_off_to = fields.day(_("改至"), required=False, help_text=_("改期的必填。"))


class MinutesForm(forms.Form):
    """The minutes of the meeting."""

    minutes = fields.text(_("会议纪要"), limit=4000)
    participants = fields.text(_("参会人员"), rows=3, limit=1000, help_text=_("一行一人。"))
