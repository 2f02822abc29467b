"""What is typed each shift and day: shifts and their hand-over, revalidation, toolbox talks, stop-and-think cards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.forms.asking import words_of
from quancheng.domains.permits.forms.guarding import CrewField
from quancheng.domains.permits.models import PermitPerson
from quancheng.domains.permits.queries.talks import Asked
from quancheng.domains.permits.services.working import SUSPENDED_BY
from quancheng.domains.registry.models import Unit
from quancheng.kernel.pages import fields
from quancheng.standards.gb30871.endings import STOP_REASONS
from quancheng.standards.gb30871.talks import Question


class ShiftPlanForm(forms.Form):
    """Shifts of a unit or of the whole site from a day on. The view fills in the units."""

    unit = forms.ModelChoiceField(
        label=_("单元"), queryset=Unit.objects.none(), required=False,
        help_text=_("不选则为全厂；有自己班次的单元按自己的班次交接。"),
    )  # fmt: skip
    shifts = fields.text(
        _("班次"), rows=4, limit=400, required=False,
        help_text=_("每行一个班次，写作：早班 08:00。到下一班开始为止；留空则不再按班次交接。"),
    )  # fmt: skip
    from_date = fields.day(_("起用日期"))
    reason = fields.words(_("依据"), limit=300)

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class HandShiftForm(forms.Form):
    remarks = fields.text(
        _("交班说明"), rows=4, limit=2000, help_text=_("本班情况、未完事项、需要接班人注意的；没有的写“无”。")
    )


class TakeShiftForm(forms.Form):
    note = fields.text(_("接班意见"), rows=2, limit=500, required=False)
    #: Which list he read.
    read = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class RevalidateForm(forms.Form):
    opinion = fields.text(
        _("复核意见"), rows=2, limit=500,
        help_text=_("先在本班重新核查现场；需要气体分析的重新取样。作业内容、地点、人员与作业票一致。"),
    )  # fmt: skip


class AttendForm(forms.Form):
    """One person who is there, on the leader's device."""

    name = fields.words(_("姓名"), limit=60)
    staff_no = fields.words(_("工号（胸卡号）"), required=False, limit=40, help_text=_("没有胸卡的不填。"))


class QuizForm(forms.Form):
    """Both questions of somebody at a talk."""

    asked = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for number, one in enumerate(questions):
            self.fields[f"answer_{number}"] = forms.TypedChoiceField(
                label=str(words_of(one.text)), choices=list(enumerate(one.options)), coerce=int,
                widget=forms.RadioSelect, error_messages={"required": _("请选择一项。")},
            )  # fmt: skip

    def given(self) -> list[int]:
        return [self.cleaned_data[f"answer_{number}"] for number in range(len(self.questions))]


class ThinkForm(forms.Form):
    """The card: each question with yes or no."""

    person = CrewField(label=_("填写人"), queryset=PermitPerson.objects.none(), required=False,
                       help_text=_("可以不选：不选则记登录人，姓名只有本企业看得到；说“否”的人不受追究。"))  # fmt: skip
    note_text = fields.text(_("情况说明"), rows=2, limit=500, required=False)

    def __init__(self, *args: Any, items: Sequence[Asked], people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        for one in items:
            self.fields[f"item_{one.code}"] = forms.ChoiceField(
                label=str(words_of(one.text)), choices=(("1", _("是")), ("0", _("否"))), widget=forms.RadioSelect,
                error_messages={"required": _("请逐项回答。")},
            )  # fmt: skip
        self.order_fields([*(f"item_{one.code}" for one in items), "note_text", "person"])

    def told(self) -> dict[str, bool]:
        return {one.code: self.cleaned_data[f"item_{one.code}"] == "1" for one in self.items}


class SettleForm(forms.Form):
    settled_note = fields.text(_("处理情况"), rows=3, limit=500)


class ThinkItemForm(forms.Form):
    """One question of the card from a day on."""

    code = fields.words(
        _("问题代码"), limit=20, help_text=_("已有代码的改写该项；新代码新增一项。大写字母、数字和下划线。")
    )
    zh = fields.words(_("问题"), limit=200, help_text=_("问题的“是”应表示可以作业。"))
    en = fields.words(_("问题（英文）"), limit=200, required=False)
    stop_reason = fields.choice(_("暂停原因"), [(code, words_of(STOP_REASONS[code])) for code in SUSPENDED_BY])
    clause = fields.words(_("依据"), limit=120)
    is_on = forms.BooleanField(label=_("列入卡片"), required=False, help_text=_("不勾选的，从起用日期起不再询问。"))
    valid_from = fields.day(_("起用日期"))
    reason = fields.words(_("理由"), limit=300)
