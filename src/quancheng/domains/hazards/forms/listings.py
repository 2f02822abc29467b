"""What people type about listed supervision."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models.listings import PROGRESS
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField


class ProposeForm(forms.Form):
    """Why a danger is listed, what is required by when."""

    reason = fields.text(_("提议理由"), limit=500)
    requirement = fields.text(_("督办要求"), limit=2000)
    inspector = fields.words(_("督办责任人"), limit=60)
    term_date = fields.day(_("督办期限"), help_text=_("最长一年。"))
    copy_to = fields.words(_("抄送"), required=False, limit=300, help_text=_("如颁发许可证的机关。"))
    is_sensitive = forms.BooleanField(label=_("涉及安全敏感信息，不公布"), required=False)


class ProofForm(forms.Form):
    """What was done, with files."""

    text = fields.text(_("情况"), limit=1000)
    evidence = FilesField(label=_("照片、材料"), required=False)


class VisitForm(forms.Form):
    """How far it has come, with evidence."""

    progress = fields.choice(_("整改进度"), PROGRESS)
    text = fields.text(_("督导情况"), limit=4000)
    evidence = FilesField(label=_("现场照片、材料"), error_messages={"required": _("请上传现场照片或材料。")})

    def clean_progress(self) -> int:
        return int(self.cleaned_data["progress"])


class LongerForm(forms.Form):
    """More time, and why."""

    until = fields.day(_("延长至"))
    reason = fields.text(_("理由"), limit=1000)


class GrantForm(forms.Form):
    """Until when more time is granted."""

    until = fields.day(_("同意延长至"))
    reason = fields.words(_("意见"), limit=300, required=False)


class OpinionForm(forms.Form):
    """What the review on site found."""

    text = fields.text(_("复核意见"), limit=1000)


class FailForm(forms.Form):
    """Why it does not pass, until when it must be done now, and what stops meanwhile."""

    reason = fields.text(_("复核意见"), limit=1000)
    until = fields.day(_("新的督办期限"))
    stop = fields.choice(
        _("停产停业"), [("part", _("责令局部停产停业")), ("all", _("责令停产停业"))], required=False
    )


class RecordForm(forms.Form):
    """Filed with the city's safety office: when, under which number."""

    text = fields.words(_("备案日期和文号"), limit=200)
