"""What a person makes of a draft (辅助提示)."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.forms.permits import AnalysisForm
from quancheng.kernel.pages import fields


class DraftedAnalysisForm(AnalysisForm):
    """The analysis, filled with suggested steps; each line can be changed or taken out."""

    steps = fields.text(
        _("作业步骤"), rows=12, limit=60_000,
        help_text=_("一行一步，用“|”分开：步骤 | 危害 | 措施。删去一行即不采用该建议；没有措施的须补写。"),
    )  # fmt: skip
    is_checked = forms.BooleanField(label=_("已逐条核对"), required=False)
