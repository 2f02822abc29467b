"""What people type beside a major danger in its database."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models.majors import COMPUTED, Part
from quancheng.kernel.pages import fields


class FullReportForm(forms.Form):
    """What a full report says: order 16 asks for each of the three."""

    state = fields.text(_("隐患的现状及其产生原因"), limit=1300)
    harm = fields.text(_("隐患的危害程度和整改难易程度分析"), limit=1300)
    treatment = fields.text(_("隐患的治理方案"), limit=1300)


class MarkForm(forms.Form):
    """One part of the mechanism: done, or not needed."""

    part = fields.choice(_("状态项"), [(one.value, one.label) for one in Part if one not in COMPUTED])
    is_spared = forms.BooleanField(label=_("不需要办理"), required=False)
    note = fields.words(_("办理情况或不需要的理由"), limit=300)
