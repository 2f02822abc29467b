"""What people type about spot checks and about their rules for dangerous work."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.forms.asking import words_of
from quancheng.domains.permits.models import Matter, Severity
from quancheng.kernel.pages import fields
from quancheng.standards.gb30871.audit.spot import Question

ANSWERS = (("YES", _("是")), ("NO", _("否")), ("NA", _("不涉及")))


class OnlineForm(forms.Form):
    """What the video showed, beside what the rules say."""

    camera = fields.words(_("摄像头"), limit=100, help_text=_("摄像头名称或编号。"))
    seen_at = fields.moment(_("查看时刻"))
    seen = fields.text(_("视频所见"), rows=3, limit=1000, help_text=_("人员、监护、防护、措施的实际情况。"))
    problem = fields.words(_("发现的问题"), required=False, limit=300, help_text=_("没有问题的留空。"))
    severity = fields.choice(_("严重程度"), Severity.choices, required=False)
    photos = fields.FilesField(label=_("截图、照片"), required=False)
    note = fields.text(_("抽查说明"), required=False, rows=2, limit=1000)


class OnSiteForm(forms.Form):
    """The list for the place, question by question."""

    def __init__(self, *args: Any, asked: tuple[Question, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        for one in asked:
            label: Any = words_of(one.text)
            self.fields[f"answer_{one.code}"] = forms.ChoiceField(
                label=label, choices=ANSWERS, widget=forms.RadioSelect,
                error_messages={"required": _("请回答此项。")},
            )  # fmt: skip
            self.fields[f"note_{one.code}"] = fields.words(_("不符合情况"), required=False, limit=300)
        self.fields["photos"] = fields.FilesField(label=_("现场照片"), required=False)
        self.fields["note"] = fields.text(_("抽查说明"), required=False, rows=2, limit=1000)

    def rows(self) -> list[tuple[Any, Any, bool]]:
        """Each question with its note, and whether the note stands open."""
        found = []
        for one in self.asked:
            note = self[f"note_{one.code}"]
            found.append((self[f"answer_{one.code}"], note, bool(note.value() or note.errors)))
        return found

    def rest(self) -> list[Any]:
        return [self["photos"], self["note"]]


class RatesForm(forms.Form):
    """How many running permits are drawn a day."""

    high = forms.IntegerField(label=_("高分界限"), min_value=0, max_value=300)
    middle = forms.IntegerField(label=_("中分界限"), min_value=0, max_value=300)
    high_percent = forms.IntegerField(label=_("高分抽查比例（%）"), min_value=0, max_value=100)
    middle_percent = forms.IntegerField(label=_("中分抽查比例（%）"), min_value=0, max_value=100)
    low_percent = forms.IntegerField(label=_("其余抽查比例（%）"), min_value=0, max_value=100)
    reason = fields.words(_("理由"), limit=300)


class MechanismForm(forms.Form):
    """One matter that an enterprise confirms, with the documents."""

    matter = fields.choice(_("机制类别"), Matter.choices)
    title = fields.words(_("制度名称"), limit=200)
    issued = fields.day(_("印发日期"))
    text = fields.text(_("主要内容"), required=False, rows=3, limit=1000)
    papers = fields.FilesField(label=_("制度文件"))


class DueForm(forms.Form):
    """By which day enterprises confirm."""

    day = fields.day(_("确认期限"))
    reason = fields.words(_("理由"), limit=300)
