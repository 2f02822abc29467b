"""What a department types about a checklist of its own: what it is, its items, from when it holds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.forms.findings import codes
from quancheng.domains.hazards.services.department_checklists import GRADES
from quancheng.domains.registry.kinds import Kind
from quancheng.kernel.law.models import Asks
from quancheng.kernel.pages import fields
from quancheng.kernel.people.models import LINKS


class ListForm(forms.Form):
    """Name, aspect, and for whom."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = fields.words(_("检查表名称"), limit=200)
        self.fields["aspect"] = fields.choice(_("检查方面"), codes("aspect"))
        for name, label, choices in (
            ("chains", _("适用链条环节"), LINKS), ("kinds", _("适用企业类别"), Kind.choices)
        ):  # fmt: skip
            self.fields[name] = forms.MultipleChoiceField(
                label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple,
                help_text=_("环节和类别都不选的，适用于所有企业；选了的，符合其一即可选用。"),
            )  # fmt: skip


class ItemForm(forms.Form):
    """One item."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"] = forms.IntegerField(label=_("序号"), min_value=1, max_value=999)
        self.fields["summary"] = fields.text(_("检查内容"), rows=3, limit=2000)
        self.fields["summary_en"] = fields.text(_("英文内容"), rows=2, limit=2000, required=False)
        self.fields["basis"] = fields.words(_("依据"), limit=200, required=False)
        self.fields["grade"] = fields.choice(_("等级"), [(one.value, one.label) for one in GRADES])
        self.fields["refers"] = fields.words(
            _("对应判定标准"), limit=200, required=False, help_text=_("判定标准的编号，多个用空格分开，如 CH-12。")
        )
        self.fields["asks"] = forms.ChoiceField(label=_("作答方式"), choices=Asks.choices, required=False)

    def clean_refers(self) -> list[str]:
        """The codes."""
        return str(self.cleaned_data["refers"]).replace("、", " ").replace("，", " ").split()


class PublishForm(forms.Form):
    """From which day it holds."""

    effective_date = fields.day(_("施行日期"), help_text=_("上一版自动止于前一日；已按上一版开始的检查照旧完成。"))


class NumbersForm(forms.Form):
    """Items to be taken out."""

    numbers = fields.words(_("序号"), help_text=_("要删除的检查项序号，多个用空格分开。"))

    def clean_numbers(self) -> list[int]:
        """Whole numbers."""
        found = str(self.cleaned_data["numbers"]).replace("、", " ").replace("，", " ").split()
        if any(not one.isascii() or not one.isdigit() or len(one) > 3 for one in found):
            raise forms.ValidationError(_("序号为1至999。"))
        return [int(one) for one in found]
