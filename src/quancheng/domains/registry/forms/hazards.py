"""What people type into the files of major hazards."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages import fields


class FilingForm(forms.Form):
    report_date = fields.day(_("安全评估报告日期"))
    report_by = fields.words(_("评估单位"), limit=120, help_text=_("自行评估的写本单位名称。"))
    evidence = fields.FilesField(label=_("安全评估报告"), error_messages={"required": _("请上传安全评估报告。")})


class OpinionForm(forms.Form):
    text = fields.text(_("核查情况"), rows=3)


class SeenForm(forms.Form):
    text = fields.text(_("核实情况"), rows=3, help_text=_("设施、数量、周边人口与档案是否一致。"))
    evidence = fields.FilesField(label=_("现场照片和材料"), required=False)


class DifferForm(forms.Form):
    reason = fields.text(_("不符之处"), rows=3, help_text=_("写明哪些事实与档案不一致，企业会看到。"))
    evidence = fields.FilesField(label=_("现场照片和材料"), required=False)
