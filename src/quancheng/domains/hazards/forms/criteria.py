"""What people type to look for criteria."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.queries.criteria import in_language
from quancheng.standards.enterprise_classes import enterprise_classes
from quancheng.standards.hidden_dangers.criteria import trades
from quancheng.standards.hidden_dangers.matching import MOST_LETTERS


class CandidatesForm(forms.Form):
    """A description, and where it was seen."""

    text = forms.CharField(
        label=_("看到的情况"), max_length=MOST_LETTERS, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("用平常的话写，例如：液氨卸车用皮管代替万向管道"),
        error_messages={"required": _("请写明看到的情况。")},
    )  # fmt: skip
    place_kind = forms.ChoiceField(label=_("企业类别"), required=False)
    trade = forms.ChoiceField(label=_("工贸行业"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        classes = [(code, in_language(one.name)) for code, one in enterprise_classes().items()]
        self.fields["place_kind"].choices = [("", "—"), *classes]  # type: ignore[attr-defined]
        self.fields["trade"].choices = [  # type: ignore[attr-defined]
            ("", "—"), *((code, in_language(name)) for code, name in trades().items()),
        ]  # fmt: skip
