"""What people type when they assess how dual prevention runs: the same form for the enterprise and on site."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models import Side, SiteAssessment
from quancheng.domains.hazards.queries.criteria import in_language
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField
from quancheng.standards.risk import running_assessment as standard
from quancheng.standards.risk.running_effect import vetoes


class ScoresForm(forms.Form):
    """Points, reason and evidence of every element; on site also the visit."""

    def __init__(self, *args: Any, row: SiteAssessment, side: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.elements = standard.elements(row.template)
        self.is_site = side == Side.SITE
        wrong = {"invalid": _("请填写数字。"), "min_value": _("不能小于0。")}
        for one in self.elements:
            name = in_language(one.name)
            self.fields[f"points_{one.code}"] = forms.DecimalField(
                label=_("%(code)s %(name)s（满分%(full)s）") % {"code": one.code, "name": name, "full": one.full},
                required=False, max_digits=5, decimal_places=1, min_value=Decimal(0), error_messages=wrong,
                help_text=in_language(one.hint),
            )  # fmt: skip
            self.fields[f"reason_{one.code}"] = fields.words(
                _("扣分原因（%(code)s）") % {"code": one.code}, required=False, limit=500
            )
            self.fields[f"evidence_{one.code}"] = fields.words(
                _("证据说明（%(code)s）") % {"code": one.code}, required=False, limit=500
            )
            self.fields[f"files_{one.code}"] = FilesField(
                label=_("证据附件（%(code)s）") % {"code": one.code}, required=False
            )
        if self.is_site:
            self.fields["visited"] = fields.day(_("现场评估日期"), required=False)
            self.fields["assessors"] = fields.words(_("评估人员"), required=False, limit=300)
            self.fields["vetoes"] = forms.MultipleChoiceField(
                label=_("否决项"), required=False, widget=forms.CheckboxSelectMultiple,
                choices=[(one.code, f"{one.code} {in_language(one.text)}") for one in vetoes()],
                help_text=_("任一否决项成立，总分按0分、等级按最低评定。"),
            )  # fmt: skip
            self.fields["veto_reason"] = fields.text(_("否决的事实"), required=False, rows=2, limit=500)
            self.fields["note"] = fields.text(_("评估意见"), required=False, rows=3, limit=2000)

    def clean(self) -> dict[str, Any]:
        """What is said of an element without points would be lost."""
        given: dict[str, Any] = super().clean() or {}
        for one in self.elements:
            said = any(given.get(f"{name}_{one.code}") for name in ("reason", "evidence", "files"))
            if said and given.get(f"points_{one.code}") is None and f"points_{one.code}" not in self.errors:
                self.add_error(f"points_{one.code}", _("请给出得分。"))
        return given

    def groups(self) -> list[tuple[str, int, list[tuple[Any, ...]]]]:
        """A elements with their points, and of each B element its four fields."""
        return [
            (in_language(those[0].a_name), those[0].a_full,
             [tuple(self[f"{name}_{one.code}"] for name in ("points", "reason", "evidence", "files"))
              for one in those])
            for those in (list(group) for _code, group in groupby(self.elements, key=lambda one: one.a_code))
        ]  # fmt: skip

    def after(self) -> list[Any]:
        names = ("visited", "assessors", "vetoes", "veto_reason", "note")
        return [self[name] for name in names] if self.is_site else []


class YearForm(forms.Form):
    """Which year is assessed."""

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"] = fields.choice(_("评估年度"), [(str(one), str(one)) for one in years])
