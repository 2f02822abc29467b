"""What people type about the early-warning index."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages import fields
from quancheng.kernel.pages.words import told
from quancheng.standards.risk.dynamic_index import STATIC, factors


class IndexRulesForm(forms.Form):
    """Parameters of the index."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain = (("red", _("红色起点")), ("orange", _("橙色起点")), ("yellow", _("黄色起点")),
                 ("margin", _("降级回差")))  # fmt: skip
        for name, label in plain:
            self.fields[name] = forms.DecimalField(label=label, min_value=0, max_value=100, decimal_places=1)
        for name, label in (("calm_min", _("降级前持续分钟数")), ("calm_red_min", _("红色降级前持续分钟数"))):
            self.fields[name] = forms.IntegerField(label=label, min_value=0, max_value=10_080)
        for code, (part, _weight) in STATIC.items():
            self.fields[f"weight_{code}"] = forms.DecimalField(
                label=gettext("权重：%(name)s") % {"name": told(part)}, min_value=0, max_value=1, decimal_places=3,
                help_text=gettext("四项之和为1。"),
            )  # fmt: skip
        for code, factor in factors().items():
            self.fields[f"cap_{code}"] = forms.DecimalField(
                label=gettext("上限：%(name)s") % {"name": told(factor.name)}, min_value=0, max_value=1,
                decimal_places=3,
            )  # fmt: skip
        self.fields["mark"] = fields.choice(
            gettext("可信程度"), [("V", _("已核实")), ("G", _("通用知识")), ("D", _("本区默认"))]
        )
        self.fields["from_date"] = fields.day(_("起用日期"))
        self.fields["reason"] = fields.words(_("理由"), limit=300)

    def limits(self) -> tuple[Decimal, Decimal, Decimal]:
        given = self.cleaned_data
        return given["red"], given["orange"], given["yellow"]

    def weights(self) -> dict[str, Decimal]:
        return {code: self.cleaned_data[f"weight_{code}"] for code in STATIC}

    def caps(self) -> dict[str, Decimal]:
        """Only those that differ from what ships."""
        given = {code: self.cleaned_data[f"cap_{code}"] for code in factors()}
        return {code: value for code, value in given.items() if float(value) != factors()[code].cap}


class AnswerForm(forms.Form):
    """What was done about a warning."""

    evidence = fields.text(_("处置情况"), limit=2000, help_text=_("写明采取的措施和现在的状态。"))
