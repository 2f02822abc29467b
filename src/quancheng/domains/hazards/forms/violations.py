"""What an enterprise types about a violation."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models.violations import ViolationKind
from quancheng.kernel.pages import fields


class ViolationForm(forms.Form):
    """Which violation, whose, and what was done about it."""

    kind = fields.choice(_("三违类型"), ViolationKind.choices)
    worker = fields.words(_("违章人员"), limit=60, help_text=_("只有本单位可以看到；监管部门只看到数量。"))
    note = fields.words(_("处理情况"), required=False, limit=300)
