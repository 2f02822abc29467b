"""What people type beside a major danger in its database."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models.majors import COMPUTED, Part
from quancheng.kernel.pages import fields


class MarkForm(forms.Form):
    """One part of the mechanism: done, or not needed."""

    part = fields.choice(_("状态项"), [(one.value, one.label) for one in Part if one not in COMPUTED])
    is_spared = forms.BooleanField(label=_("不需要办理"), required=False)
    note = fields.words(_("办理情况或不需要的理由"), limit=300)
