"""Wording an entry anew, ending it, or adding one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.dictionaries.models import Certainty, CodeItem, CodeList
from quancheng.kernel.dictionaries.services import ItemSpec

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ItemForm(forms.Form):
    """An entry as it shall read; lists are one a line."""

    label = forms.CharField(label=_("名称"), max_length=120)
    label_en = forms.CharField(label=_("英文名称"), max_length=200, required=False)
    meaning = forms.CharField(
        label=_("含义"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    parts = forms.CharField(
        label=_("包含的各项"), max_length=2000, required=False, help_text=_("每行一项。"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    aliases = forms.CharField(
        label=_("其他写法"), max_length=2000, required=False, help_text=_("每行一个，导入和识别时视为同一条目。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    mark = forms.ChoiceField(label=_("确信程度"), choices=Certainty.choices, initial=Certainty.DEFAULT)
    valid_from = forms.DateField(label=_("启用日期"), required=False, widget=_DAY)
    valid_to = forms.DateField(label=_("停用日期"), required=False, widget=_DAY)
    reason = forms.CharField(label=_("修改原因"), max_length=200)

    def spec(self, code: str) -> ItemSpec:
        """What was filled in, as the service takes it."""
        return spec_of(code, self.cleaned_data)


class ChangeForm(ItemForm):
    """The version that the person saw travels along, so that nobody overwrites what he did not see."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput)


class NewItemForm(ItemForm):
    """A new entry of a list that may grow."""

    code = forms.SlugField(label=_("代码"), max_length=60, help_text=_("英文字母、数字和下划线，以后不能修改。"))
    field_order = ["code_list", "code"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code_list"] = forms.ModelChoiceField(
            CodeList.objects.filter(is_fixed=False).order_by("code"), label=_("字典")
        )
        self.order_fields(self.field_order)


def spec_of(code: str, given: dict[str, Any]) -> ItemSpec:
    """Cleaned values as the service takes them."""
    return ItemSpec(
        code=code,
        label=given["label"],
        label_en=given["label_en"],
        meaning=given["meaning"],
        parts=tuple(given["parts"].splitlines()),
        aliases=tuple(given["aliases"].splitlines()),
        mark=given["mark"],
        valid_from=given["valid_from"],
        valid_to=given["valid_to"],
    )


def initial_of(item: CodeItem) -> dict[str, Any]:
    """What a form shows of an entry."""
    return {
        "label": item.label,
        "label_en": item.label_en,
        "meaning": item.meaning,
        "parts": "\n".join(item.parts),
        "aliases": "\n".join(item.aliases.order_by("name").values_list("name", flat=True)),
        "mark": item.mark,
        "valid_from": item.valid_from,
        "valid_to": item.valid_to,
        "seen_version": item.version,
    }
