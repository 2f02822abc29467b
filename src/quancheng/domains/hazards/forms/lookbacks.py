"""What people type about a look back."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models.lookbacks import Blamed, Fault, Link, Suggestion
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import ActorForm


class OpenForm(forms.Form):
    """Why it is opened, and the accident where there was one."""

    reason = fields.text(_("启动理由"), limit=500)
    accident = fields.words(
        _("引发的事故"), required=False, limit=200, help_text=_("因事故倒查时填写；其他情形由系统判断。")
    )


class ConclusionForm(ActorForm):
    """One conclusion on one link."""

    link = fields.choice(_("倒查环节"), Link.choices)
    fault = fields.choice(_("责任情形"), Fault.choices)
    level = fields.choice(_("责任主体"), Blamed.choices)
    org = fields.org(_("责任单位"), required=False, help_text=_("批准后，该单位可以看到涉及本单位的认定。"))
    who = fields.words(_("责任人或机构"), limit=120)
    suggestion = fields.choice(_("处理建议"), Suggestion.choices)
    evidence = fields.text(_("认定依据"), limit=2000, help_text=_("引用封存的记录及其时间。"))


class SubmitForm(forms.Form):
    """What it comes to."""

    text = fields.text(_("倒查结论"), limit=4000)
