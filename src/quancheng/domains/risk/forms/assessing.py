"""What is asked for an assessment: the factors of its method in words, and what makes a point red by rule."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk.kinds import Stage
from quancheng.domains.risk.services.assessing import RED_FACTS
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.words import told
from quancheng.standards.risk import lec, ls, methods
from quancheng.standards.risk.colours import red_rules

#: Which rule of :func:`red_rules` a fact answers.
_RULE_OF = {"breaks_law": "a", "accident_conditions_remain": "b"}
_YES_NO = [("", _("未判断")), ("yes", _("是")), ("no", _("否"))]


class AssessForm(forms.Form):
    """An assessment by one method; the colour is not asked for."""

    def __init__(self, *args: Any, method: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.method = method
        self.fields["stage"] = fields.choice(
            _("评估口径"), Stage.choices, help_text=_("固有风险按没有管控措施评估，剩余风险按现有措施都有效评估。")
        )
        for name in methods.fields_of(method):
            if (asked := self._factor(name)) is not None:
                self.fields[name] = asked
        rules = {one.code: told(one.text) for one in red_rules()}
        for name, code in _RULE_OF.items():
            self.fields[name] = fields.choice(rules[code], _YES_NO, required=False)
        self.fields["dangerous_place"] = fields.choice(_("有中毒、爆炸、火灾危险的场所"), _YES_NO, required=False)
        self.fields["workers"] = forms.IntegerField(
            label=_("同时作业人数"), min_value=0, max_value=100_000, required=False
        )
        self.fields["day"] = fields.day(_("评估日期"))
        self.fields["assessed_by"] = fields.words(_("评估人"), limit=200)
        self.fields["text"] = fields.text(_("说明"), required=False)

    def _factor(self, name: str) -> forms.Field | None:
        label = told(methods.FACTORS[name])
        if self.method in ("LS", "LS4"):
            if name == "severity":
                return None
            most = 4 if self.method == "LS4" else 5
            if name == "likelihood":
                rows = [(one.level, f"{one.level} {told(one.name)}：{told(one.text)}") for one in ls.likelihoods()]
                return _levels(label, [(level, text) for level, text in rows if level <= most], required=True)
            rows = [(one.level, f"{one.level} {told(one.text)}") for one in ls.severities() if one.column == name]
            return _levels(label, [(level, text) for level, text in rows if level <= most], required=False)
        code = {"likelihood": "L", "exposure": "E", "consequence": "C"}[name]
        asked = [(str(one.value), f"{one.value.normalize():f} {told(one.text)}") for one in lec.factors()[code]]
        return fields.choice(label, [("", "—"), *asked])

    def values(self) -> dict[str, Any]:
        """The factors that were chosen."""
        given = self.cleaned_data
        return {name: given[name] for name in methods.fields_of(self.method) if given.get(name) not in (None, "")}

    def facts(self) -> dict[str, Any]:
        """What makes the point red by rule; None where nobody judged it."""
        said = {"yes": True, "no": False}
        return {**{name: said.get(self.cleaned_data[name]) for name in RED_FACTS},
                "workers": self.cleaned_data["workers"]}  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in methods.fields_of(self.method):
            if given.get(name):
                given[name] = int(given[name]) if self.method in ("LS", "LS4") else Decimal(given[name])
        return given


def _levels(label: str, rows: list[tuple[int, str]], *, required: bool) -> forms.ChoiceField:
    return fields.choice(label, [("", "—"), *((str(level), text) for level, text in rows)], required=required)


class RulesForm(forms.Form):
    """How the district grades risks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        matrices = [(code, told(one.name)) for code, one in ls.LIMITS.items() if one.size == 5]
        conventions = [(code, f"{code} {told(one.name)}") for code, one in lec.CONVENTIONS.items()]
        self.fields["ls_limits"] = fields.choice(_("LS法分级界限"), matrices)
        self.fields["lec_convention"] = fields.choice(_("LEC法分级口径"), conventions)
        self.fields["raise_per_failure"] = forms.IntegerField(
            label=_("每条措施失效升高的等级数"), min_value=0, max_value=3
        )
        self.fields["from_date"] = fields.day(_("起用日期"))
        self.fields["reason"] = fields.words(_("理由"), limit=300)
