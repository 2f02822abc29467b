"""Forms of drawings of pipes: taken in, changed, ended; a point of isolation placed upon one."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models import IsolationPoint
from quancheng.domains.registry.models import Unit
from quancheng.domains.risk.plan_geometry import BadShape, Point, read_points
from quancheng.kernel.pages.fields import day, text, words


def _unit() -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        label=_("所在单元"), queryset=Unit.objects.none(), required=False,
        help_text=_("只画一个单元的选该单元，图上只能标该单元的隔离点；跨单元的不选。"),
    )  # fmt: skip


class ChangeDrawingForm(forms.Form):
    """What of an edition may be corrected."""

    title = words(_("图名"), limit=120)
    unit = _unit()
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class DrawingForm(forms.Form):
    """A drawing or a new edition of one."""

    number = words(_("图号"), limit=80, help_text=_("图号相同的是同一张图的新版本。"))
    title = words(_("图名"), limit=120, help_text=_("例如“罐组一进出料管道仪表流程图”。"))
    unit = _unit()
    edition = day(_("版本日期"))
    picture = forms.FileField(
        label=_("图纸文件"), help_text=_("图片，或PDF（取第一页），最大20 MB。"),
        error_messages={"required": _("请选择文件。"), "empty": _("该文件是空的，请检查后重新上传。")},
    )  # fmt: skip
    takes_over = forms.BooleanField(
        label=_("沿用上一版本已标的隔离点"), required=False, initial=True, help_text=_("图幅相同时选用。")
    )

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]


class EndDrawingForm(forms.Form):
    """Why a drawing is not used any more."""

    reason = text(_("撤销的理由"), rows=2, limit=300)


class PlaceForm(forms.Form):
    """One point of isolation and where it lies."""

    point = forms.ChoiceField(
        label=_("隔离点"), error_messages={
            "required": _("请选择隔离点。"),
            "invalid_choice": _("请选择本单位（图纸有单元的，为该单元）未解除的隔离点。"),
        },
    )  # fmt: skip
    points = words(
        _("图上坐标"), limit=40, help_text=_("在图上点选，或按“横坐标,纵坐标”填写像素坐标，例如 640,380。")
    )

    def __init__(self, *args: Any, offered: list[tuple[IsolationPoint, bool]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (str(one.pk), f"{one.title}{_('（已标）') if is_placed else ''}") for one, is_placed in offered
        ]
        self.fields["point"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]

    def clean_point(self) -> uuid.UUID:
        return uuid.UUID(self.cleaned_data["point"])

    def clean_points(self) -> Point:
        try:
            found = read_points(self.cleaned_data["points"])
        except BadShape:
            found = []
        if len(found) != 1:
            raise forms.ValidationError(_("请填写一个点，写作“横坐标,纵坐标”，例如 640,380。"))
        return found[0]
