"""What the main person types when he signs statistics."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models import StatisticsReport
from quancheng.domains.hazards.queries import signed_statistics as queries
from quancheng.kernel.pages import fields

_WRONG = {"invalid": _("请填写数字。"), "min_value": _("不能小于0。")}


class SignForm(forms.Form):
    """Every figure beside what the system counts, why it differs, the signature."""

    def __init__(self, *args: Any, row: StatisticsReport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        self.proposed = queries.propose(row.file_id, row.first_date, row.last_date)
        for code in queries.codes():
            label, value = queries.label_of(code), self.proposed[code]
            number: forms.Field
            if code == queries.COST:
                number = forms.DecimalField(label=label, min_value=Decimal(0), max_digits=13, decimal_places=2,
                                            initial=value, error_messages=_WRONG)  # fmt: skip
            else:
                number = forms.IntegerField(label=label, min_value=0, max_value=10**9, initial=value,
                                            error_messages=_WRONG)  # fmt: skip
            self.fields[f"figure_{code}"] = number
            self.fields[f"reason_{code}"] = fields.words(
                _("更正理由（%(label)s）") % {"label": label}, required=False, limit=300
            )
        self.fields["note"] = fields.text(_("说明"), required=False, rows=3, limit=1000)
        self.fields["signed"] = fields.words(
            _("主要负责人签名"), limit=130, help_text=_("填写您本人的姓名，即为签字确认以上数据属实。")
        )

    def lines(self) -> list[tuple[str, Any, Any, Any]]:
        """Code, what the system counts, the number and the reason."""
        return [(code, self.proposed[code], self[f"figure_{code}"], self[f"reason_{code}"]) for code in queries.codes()]

    def after(self) -> list[Any]:
        return [self["note"], self["signed"]]

    def figures(self) -> dict[str, int | Decimal]:
        return {code: self.cleaned_data[f"figure_{code}"] for code in queries.codes()}

    def reasons(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"reason_{code}"] for code in queries.codes()}
