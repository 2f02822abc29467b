"""Forms of class labels of enterprises (企业分类整治)."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk.kinds import EnterpriseClass
from quancheng.kernel.pages import fields


class ClassForm(forms.Form):
    """A label with what it calls for."""

    kind = fields.choice(_("整治类别"), EnterpriseClass.choices)
    grounds = fields.text(_("定类依据"), rows=3, limit=1000)
    demands = fields.text(_("整治要求"), required=False, limit=2000, help_text=_("整治提升、淘汰退出的必填。"))
    due = fields.day(_("整治期限"), required=False, help_text=_("整治提升、淘汰退出的必填。"))


class ProgressForm(forms.Form):
    """How far it has come."""

    percent = forms.IntegerField(label=_("进度（%）"), min_value=0, max_value=100)
    text = fields.text(_("整治进展"), rows=3, limit=2000)
    evidence = fields.FilesField(label=_("佐证材料"), required=False)


class ReportForm(forms.Form):
    """That it is done."""

    text = fields.text(_("整治完成情况"), rows=3, limit=2000)
    evidence = fields.FilesField(label=_("佐证材料"))


class AcceptForm(forms.Form):
    """What was found at acceptance."""

    text = fields.text(_("验收意见"), rows=3, limit=1000)
