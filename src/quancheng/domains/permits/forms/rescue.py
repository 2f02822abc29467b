"""What people type about rescue from a confined space."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages import fields


class RescueForm(forms.Form):
    """Plan, team, air sets, drill, and whether the team confirmed itself."""

    plan = fields.text(
        _("救援方案要点"), rows=3, limit=1000, required=False,
        help_text=_("怎样救出、谁进入、怎样联络；已上传方案文件的可不填。"),
    )  # fmt: skip
    files = fields.FilesField(label=_("救援方案文件"), required=False)  # type: ignore[assignment]  # its name alone
    team = fields.words(_("救援队伍"), limit=80)
    people = forms.IntegerField(label=_("救援人数"), min_value=1, max_value=500)
    air_sets = forms.IntegerField(label=_("隔绝式呼吸器，套"), min_value=0, max_value=500)
    drill_date = fields.day(_("最近一次演练日期"), required=False)
    since = fields.moment(_("待命开始时间"))
    until = fields.moment(_("待命结束时间"))
    is_confirmed = forms.BooleanField(label=_("队伍已确认待命时段内可到场"), required=False)
    confirmed_by = fields.words(_("队伍确认人"), required=False, limit=60)
