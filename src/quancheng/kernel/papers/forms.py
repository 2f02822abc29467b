"""What people type into the pages of papers; shapes alone, the rules stand in the services."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages.fields import FilesField
from quancheng.kernel.papers.models import OPENNESS, URGENCY
from quancheng.kernel.papers.services.drafts import BODY_LIMIT

_MARKS = re.compile(r"[、，,；;\n]+")


def names_in(text: str) -> list[str]:
    """Names as people list them, each once."""
    return list(dict.fromkeys(name.strip() for name in _MARKS.split(text) if name.strip()))


def _text(label: Any, *, required: bool = True, rows: int = 4, most: int = 400, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=most,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class PaperForm(forms.Form):
    """A draft. Addressees are typed as they are printed; the view finds the organisations behind the names."""

    issuer = forms.ChoiceField(label=_("发文机关"))
    title = forms.CharField(label=_("标题"), max_length=200)
    addressees = forms.CharField(
        label=_("主送"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("以顿号分隔，可写简称或集合称谓，如“各街道办事处”。"),
    )
    body = _text(
        _("正文"),
        rows=14,
        most=BODY_LIMIT,
        help_text=_("一行一段；以“一、”“（一）”开头的短行作标题。标有【待补】处须填写后才能签发。"),
    )
    reply_working_days = forms.IntegerField(
        label=_("回复期限（工作日）"), required=False, min_value=1, max_value=250, help_text=_("不填则无需回复。")
    )
    copy_to = forms.CharField(label=_("抄送"), required=False, max_length=400)
    attachments = forms.CharField(
        label=_("附件名称"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("一行一个。"),
    )
    openness = forms.ChoiceField(label=_("公开属性"), choices=OPENNESS, required=False, initial="closed")
    urgency = forms.ChoiceField(label=_("紧急程度"), choices=URGENCY, required=False)

    def changes(self) -> dict[str, Any]:
        """The draft's own fields in the shapes that the services take."""
        data = self.cleaned_data
        return {
            "title": data["title"],
            "body": data["body"],
            "reply_working_days": data["reply_working_days"],
            "copy_to": data["copy_to"],
            "attachments": [line.strip() for line in data["attachments"].splitlines() if line.strip()],
            "openness": data["openness"] or "closed",
            "urgency": data["urgency"],
        }


class ReasonForm(forms.Form):
    reason = _text(_("原因"), rows=3, help_text=_("写明理由，对方会看到。"))


class NoteForm(forms.Form):
    note = _text(_("公布情况"), rows=3, help_text=_("写明何时、在何处公布。"))


class SealedForm(forms.Form):
    evidence = FilesField(label=_("用印扫描件"), error_messages={"required": _("请上传用印扫描件。")})


class ReceiptForm(forms.Form):
    receiver = forms.CharField(label=_("签收人"), max_length=60)
    served_on = forms.DateField(
        label=_("送达日期"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("日期应写作 2026-10-31 的形式。"), "required": _("请选择日期。")},
    )
    evidence = FilesField(label=_("送达回证"), error_messages={"required": _("请上传送达回证。")})


class ReplyForm(forms.Form):
    reply = _text(_("回复内容"), rows=8, most=5000, help_text=_("写明办理情况、未办结原因和预计完成时间。"))
    evidence = FilesField(label=_("佐证材料"), required=False)


class AcceptForm(forms.Form):
    opinion = _text(_("审核意见"), required=False, rows=3)
    respite_until = forms.DateField(
        label=_("承诺完成日期"),
        required=False,
        help_text=_("过了这一天事项仍未办结的，将提出上一级督办建议。"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("日期应写作 2026-10-31 的形式。")},
    )


class TemplateForm(forms.Form):
    """A form letter's next version."""

    title = forms.CharField(label=_("标题"), max_length=200)
    body = _text(_("正文"), rows=14, most=BODY_LIMIT)
    reply_working_days = forms.IntegerField(
        label=_("回复期限（工作日）"), required=False, min_value=1, max_value=250, help_text=_("不填则无需回复。")
    )
