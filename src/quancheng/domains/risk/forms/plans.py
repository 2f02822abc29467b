"""Forms for plans of a site: taken in, scaled, drawn on."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk.models import SitePlan
from quancheng.domains.risk.plan_geometry import BadShape, Point, read_points
from quancheng.domains.risk.queries.plans import subjects_of
from quancheng.domains.risk.services.plans import shape_fault
from quancheng.kernel.pages.fields import day, text, words


def _points(raw: str) -> list[Point]:
    try:
        return read_points(raw)
    except BadShape as bad:
        raise forms.ValidationError(shape_fault(bad.code)) from bad


class ScaleForm(forms.Form):
    """Two known points and the metres between them; both empty takes the scale away."""

    scale_points = words(
        _("已知两点的坐标"), required=False, help_text=_("平面图上的像素坐标，例如 100,500 700,500；不填则不画比例尺。")
    )
    scale_m = forms.DecimalField(
        label=_("两点间距离（米）"), required=False, min_value=Decimal("0.01"), max_value=100_000, decimal_places=2,
        error_messages={"invalid": _("请填写数字。")},
    )  # fmt: skip

    def clean_scale_points(self) -> list[Point]:
        return _points(self.cleaned_data["scale_points"])

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        points, metres = given.get("scale_points"), given.get("scale_m")
        if points and metres is None and "scale_m" not in self.errors:
            self.add_error("scale_m", _("请填写两点间的距离。"))
        if metres is not None and not points and "scale_points" not in self.errors:
            self.add_error("scale_points", _("请填写两点的坐标。"))
        return given


class ChangeScaleForm(ScaleForm):
    """The same of a plan that stands."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class PlanForm(ScaleForm):
    """A plan or a new edition of one."""

    name = words(_("平面图名称"), limit=80, help_text=_("例如“总平面图”；同名的是同一张图的新版本。"))
    edition = day(_("版本日期"), help_text=_("从这一天起按这个版本显示。"))
    picture = forms.FileField(
        label=_("图纸文件"), help_text=_("图片，或PDF（取第一页），最大20 MB。"),
        error_messages={"required": _("请选择文件。"), "empty": _("该文件是空的，请检查后重新上传。")},
    )  # fmt: skip
    takes_over = forms.BooleanField(
        label=_("沿用上一版本已画的位置"), required=False, initial=True, help_text=_("图幅相同时选用。")
    )
    field_order = ("name", "edition", "picture", "takes_over")


class DrawForm(forms.Form):
    """One object or unit and its corners."""

    subject = forms.ChoiceField(label=_("对象或单元"), error_messages={"required": _("请选择要画的对象或单元。")})
    points = text(
        _("坐标"), rows=2, limit=4000,
        help_text=_("在图上点选，或按“横坐标,纵坐标”填写像素坐标，各点用空格隔开：一个点画一个位置，三个以上画一个区域。"),
    )  # fmt: skip

    def __init__(self, *args: Any, plan: SitePlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[str, Any]] = [("", "—")]
        for parent, units in subjects_of(plan):
            choices.append((str(parent.pk), self._label(parent)))
            choices += [(str(one.pk), f"　{self._label(one)}") for one in units]
        self.fields["subject"].choices = choices  # type: ignore[attr-defined]

    def _label(self, one: Any) -> str:
        return f"{one.code} {one.name}{'' if one.mark is None else str(_('（已画）'))}"

    def clean_subject(self) -> uuid.UUID:
        return uuid.UUID(self.cleaned_data["subject"])

    def clean_points(self) -> list[Point]:
        return _points(self.cleaned_data["points"])
