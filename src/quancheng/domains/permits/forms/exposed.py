"""What an office types about a case that it publishes."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.services.exposed import MOST_MONTHS
from quancheng.kernel.pages import fields


class CaseForm(forms.Form):
    """A case."""

    title = fields.words(_("标题"), limit=120)
    what = fields.text(_("违规情形"), limit=2000, help_text=_("写明什么作业、哪里不符合；不写人员姓名。"))
    rule = fields.words(_("违反的规定"), limit=300)
    outcome = fields.text(_("处理结果"), limit=1000, rows=4)
    is_named = forms.BooleanField(label=_("公开企业名称"), required=False)


class ReasonForm(forms.Form):
    """Why a case is returned, dropped or withdrawn."""

    reason = fields.text(_("理由"), limit=500, rows=3)


class NoteForm(forms.Form):
    """What was found when a published case was looked at again."""

    note = fields.text(_("复核情况"), limit=500, rows=3)


class MonthsForm(forms.Form):
    """For how many months back special work counts, and from when."""

    months = forms.IntegerField(label=_("追溯月数"), min_value=1, max_value=MOST_MONTHS)
    from_day = fields.day(_("起用日期"))
    reason = fields.words(_("理由"), limit=300)
