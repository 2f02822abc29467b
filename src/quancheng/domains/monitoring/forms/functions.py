"""Forms of the functions of the risk warning system and of ways up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.models import FunctionArea, FunctionState, ItemResult, UpperLevel
from quancheng.kernel.pages import fields


class FunctionForm(forms.Form):
    area = fields.choice(_("功能方面"), FunctionArea.choices)
    name = fields.words(_("功能名称"), limit=120)
    name_en = fields.words(_("英文名称"), required=False, limit=160)
    state = fields.choice(
        _("功能状态"), [one for one in FunctionState.choices if one[0] != FunctionState.ACCEPTED]
    )
    note = fields.words(_("说明"), required=False, limit=300)


def _version() -> forms.IntegerField:
    """Of what was read when the form was opened."""
    return forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class StateForm(forms.Form):
    version = _version()
    state = fields.choice(_("功能状态"), FunctionState.choices)
    note = fields.words(_("说明"), required=False, limit=300)


class ItemForm(forms.Form):
    text = fields.words(_("验收要求"), limit=300)
    text_en = fields.words(_("英文"), required=False, limit=400)


class JudgeForm(forms.Form):
    """What came of one of a function's items."""

    def __init__(self, *args: Any, items: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        results = [one for one in ItemResult.choices if one[0] != ItemResult.UNTESTED]
        self.fields["version"] = _version()
        self.fields["item"] = fields.choice(_("验收项"), items)
        self.fields["result"] = fields.choice(_("验收结果"), results)
        self.fields["evidence"] = fields.text(_("验收证据"), limit=500, help_text=_("看到的页面、记录或报告。"))
        self.fields["checked_date"] = fields.day(_("验收日期"))


class WayForm(forms.Form):
    """To which level a way up leads."""

    def __init__(self, *args: Any, ways: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["way"] = fields.choice(_("上级平台对接"), ways)
        self.fields["level"] = fields.choice(_("层级"), UpperLevel.choices)
