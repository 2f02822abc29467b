"""Forms of import and review."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.drafts import split_names
from quancheng.domains.duty.models import DraftTask, Plan
from quancheng.domains.duty.models.plans import PlanKind
from quancheng.domains.duty.models.tasks import TaskKind

_DATE = {"type": "date"}
#: Fields of a draft that a report duty has not got.
_TASK_ONLY = ("supports", "review_date", "level1", "level2", "persons", "leading_official", "strive", "campaign")


class ImportForm(forms.Form):
    """A document to be imported: a file, or pasted text."""

    file = forms.FileField(
        label=_("文件"),
        required=False,
        help_text=_("DOCX、带文字的 PDF 或 TXT，不超过 50 MB。扫描件请先转为文字。"),
        widget=forms.FileInput(attrs={"accept": ".docx,.pdf,.txt,.md"}),
    )
    text = forms.CharField(
        label=_("或粘贴文字"),
        required=False,
        max_length=400_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"max_length": _("文字过长，请改用文件导入。")},
    )
    kind = forms.ChoiceField(label=_("文件类别"), choices=PlanKind.choices, initial=PlanKind.KEY_POINTS)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("file")) == bool((data.get("text") or "").strip()) and not self.errors:
            both = bool(data.get("file"))
            self.add_error("file", _("文件和文字只能选一种。") if both else _("请选择文件，或粘贴文字。"))
        return data


class PlanForm(forms.ModelForm):
    """What was read from the head of the document."""

    addressees = forms.CharField(label=_("主送"), required=False, help_text=_("以顿号分隔。"))
    copies = forms.CharField(label=_("抄送"), required=False, help_text=_("以顿号分隔。"))

    class Meta:
        model = Plan
        fields = ("title", "kind", "issuer", "number", "document_date", "period_from", "period_to", "openness")
        widgets = {name: forms.DateInput(attrs=_DATE, format="%Y-%m-%d")
                   for name in ("document_date", "period_from", "period_to")}  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.fields["addressees"].initial = "、".join(self.instance.addressees)
            self.fields["copies"].initial = "、".join(self.instance.copies)

    def changes(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        data["addressees"] = split_names(data["addressees"])
        data["copies"] = split_names(data["copies"])
        return data


class DraftForm(forms.Form):
    """One draft as a reviewer corrects it; what is left as it stands costs nothing."""

    title = forms.CharField(label=_("任务名称"), max_length=200)
    text = forms.CharField(label=_("任务内容"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 4}))
    leads = forms.CharField(
        label=_("责任单位"), required=False, help_text=_("以顿号分隔；可写集合称谓，如“各街道办事处”。")
    )
    supports = forms.CharField(label=_("配合单位"), required=False)
    kind = forms.ChoiceField(label=_("时限类型"), choices=TaskKind.choices)
    start_date = forms.DateField(label=_("起始日期"), widget=forms.DateInput(attrs=_DATE))
    due_date = forms.DateField(label=_("完成时限"), required=False, widget=forms.DateInput(attrs=_DATE))
    review_date = forms.DateField(
        label=_("复核日期"),
        required=False,
        widget=forms.DateInput(attrs=_DATE),
        help_text=_("持续推进的任务到这一天复核。"),
    )
    level1 = forms.CharField(label=_("一级任务"), required=False, max_length=500)
    level2 = forms.CharField(label=_("二级任务"), required=False, max_length=500)
    persons = forms.CharField(label=_("责任人"), required=False, max_length=300)
    leading_official = forms.CharField(label=_("分管领导"), required=False, max_length=120)
    strive = forms.BooleanField(label=_("力争目标（不作硬性要求）"), required=False)
    campaign = forms.BooleanField(
        label=_("按专项行动组织"), required=False, help_text=_("下达时同时建立一个筹备中的专项行动。")
    )

    @classmethod
    def of(cls, draft: DraftTask, data: Any = None) -> DraftForm:
        """The form of a draft, with ids of its own, unbound or bound."""
        content = draft.content
        initial = {name: content.get(name) for name in cls.base_fields if name not in ("leads", "supports")}
        for field, role in (("leads", "lead"), ("supports", "support")):
            initial[field] = "、".join(str(unit["name"]) for unit in draft.units if unit["role"] == role)
        form = cls(data, initial=initial, auto_id=f"id_{draft.pk}_%s")
        if draft.is_report:
            for name in _TASK_ONLY:
                del form.fields[name]
        return form

    def changes(self, draft: DraftTask) -> dict[str, Any]:
        """What differs from the draft, in its own shapes (dates as ISO text); units are left to the view."""
        found: dict[str, Any] = {}
        for name, value in self.cleaned_data.items():
            if name in ("leads", "supports"):
                continue
            plain = value.isoformat() if hasattr(value, "isoformat") else value
            if (plain or None) != (draft.content.get(name) or None):
                found[name] = plain
        return found
