"""Entering a text, a new edition, and the days an edition is in force."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.law.models import Edition, Kind, LegalText, Mark

_DAY = {"type": "date"}


class TextForm(forms.Form):
    """A text without an edition yet."""

    code = forms.CharField(label=_("代码"), max_length=40, help_text=_("供本系统内引用，以后不能修改。"))
    kind = forms.ChoiceField(label=_("类别"), choices=Kind.choices)
    name = forms.CharField(label=_("名称"), max_length=200)
    name_en = forms.CharField(label=_("英文名称"), max_length=200, required=False)
    issuer = forms.CharField(label=_("制定机关"), max_length=120, required=False)


class EditionForm(forms.Form):
    """A new edition; its clauses are imported, since a checklist has hundreds."""

    number = forms.CharField(label=_("文号"), max_length=120)
    adopted_on = forms.DateField(label=_("公布日期"), required=False, widget=forms.DateInput(attrs=_DAY))
    effective_from = forms.DateField(
        label=_("施行日期"), required=False, widget=forms.DateInput(attrs=_DAY),
        help_text=_("不清楚时留空：该版本不会被当作现行版本。上一版本自动止于前一日。"),
    )  # fmt: skip
    effective_to = forms.DateField(label=_("失效日期"), required=False, widget=forms.DateInput(attrs=_DAY))
    mark = forms.ChoiceField(label=_("条文确信程度"), choices=Mark.choices, initial=Mark.GENERAL)
    dates_mark = forms.ChoiceField(label=_("日期确信程度"), choices=Mark.choices, initial=Mark.GENERAL)
    note = forms.CharField(label=_("说明"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class _EditionField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Edition) -> str:
        return obj.number


class DatesForm(forms.Form):
    """Correcting when an edition was in force."""

    edition = _EditionField(Edition.objects.none(), label=_("版本"))
    effective_from = forms.DateField(label=_("施行日期"), required=False, widget=forms.DateInput(attrs=_DAY))
    effective_to = forms.DateField(label=_("失效日期"), required=False, widget=forms.DateInput(attrs=_DAY))
    source = forms.CharField(label=_("依据"), max_length=200)

    def __init__(self, *args: Any, text: LegalText, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["edition"]
        assert isinstance(field, _EditionField)  # noqa: S101 - declared above
        field.queryset = text.editions.order_by("effective_from", "pk")
