"""What an office types at a visit about cards of posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.services.card_visits import MOST_POSTS, NO_ANSWER
from quancheng.kernel.pages import fields


class VisitForm(forms.Form):
    """Which enterprise, how many posts."""

    file = forms.ModelChoiceField(label=_("被检查企业"), queryset=Enterprise.objects.none(),
                                  help_text=_("只列有执行中岗位卡的企业。"))  # fmt: skip
    count = forms.IntegerField(label=_("抽取岗位数"), min_value=1, max_value=MOST_POSTS)
    keys_only = forms.BooleanField(label=_("只抽关键岗位"), required=False)
    occasion = fields.words(_("检查事由"))


class AskForm(forms.Form):
    """What the holder of a post answered."""

    def __init__(
        self, *args: Any, holders: Sequence[tuple[str, str]], questions: Sequence[tuple[str, Sequence[str]]],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["absent"] = forms.BooleanField(
            label=_("岗位无人在岗"), required=False, help_text=_("由抽取顺序的下一个岗位递补。")
        )
        self.fields["holder"] = fields.choice(_("被抽考人"), holders, required=False)
        self.fields["other"] = fields.words(_("被抽考人（没有账号）"), required=False, limit=60)
        for place, (text, options) in enumerate(questions):
            choices = [*((str(at), one) for at, one in enumerate(options)), (str(NO_ANSWER), _("答不出"))]
            self.fields[f"question_{place}"] = forms.TypedChoiceField(
                label=f"{place + 1}. {text}", choices=choices, coerce=int, empty_value=None,
                widget=forms.RadioSelect, required=False,
            )  # fmt: skip
        self.fields["remark"] = fields.words(_("说明"), required=False, limit=300)


class DropForm(forms.Form):
    """Why a visit is dropped."""

    reason = fields.words(_("取消理由"), limit=300)
