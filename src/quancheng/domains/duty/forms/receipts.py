"""Forms of recipients and receipts."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.models.plans import CAPACITIES
from quancheng.kernel.pages import fields


class RecipientForm(fields.ActorForm):
    """One more recipient of a plan: an organisation of the house, or a name outside it."""

    capacity = fields.choice(_("主送或抄送"), CAPACITIES)
    org = fields.org(_("系统内单位"), required=False)
    name = fields.words(
        _("系统外单位"), required=False, help_text=_("没有系统账号的单位，如人大、法院、新闻单位；由本单位登记回执。")
    )


class OutsideReceiptForm(forms.Form):
    """Who received a plan outside the house, and when."""

    received_by = fields.words(_("签收人"), limit=60)
    received_date = fields.day(_("签收日期"))
