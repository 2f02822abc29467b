"""The component gallery, only with ``QUANCHENG_DEV=1``: every component in its states, to look at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from quancheng.kernel.errors import NotPermitted
from quancheng.kernel.pages.loopview import Step, Strip
from quancheng.kernel.pages.objects import Fact, HistoryLine
from quancheng.kernel.pages.times import due_text


class SampleForm(forms.Form):
    """A field of each kind."""

    name = forms.CharField(label=_("视图名称"), max_length=30, help_text=_("写明理由，对方会看到。"))
    reason = forms.CharField(label=_("原因"), widget=forms.Textarea(attrs={"rows": 3}))
    on = forms.DateField(label=_("期限"), widget=forms.DateInput(attrs={"type": "date"}), required=False)
    kind = forms.ChoiceField(label=_("选项"), choices=[("a", _("重大风险")), ("b", _("低风险"))])
    agreed = forms.BooleanField(label=_("确定"), required=False)


@login_not_required
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """All components on one page."""
    now = timezone.now()
    labels = [_("待接收"), _("办理中"), _("待审核"), _("已办结")]
    places = ("done", "now", "later", "later")
    due_at = now + timedelta(days=3, hours=2)
    strip = Strip(
        steps=[Step(str(n), label, place) for n, (label, place) in enumerate(zip(labels, places, strict=True))],
        now_label=labels[1],
        owner=str(_("示例单位")),
        due_at=due_at,
        is_review=False,
        clock=due_text(due_at, now=now),
        colour="yellow",
        is_closed=False,
    )
    bound = SampleForm({"name": "", "reason": "", "on": "", "kind": "c"})
    context: dict[str, Any] = {
        "strip": strip,
        "now": now,
        "form": SampleForm(),
        "bound": bound,
        "facts": [
            Fact(label=_("单位"), value=_("示例单位")),
            Fact(label=_("期限"), value=due_at),
            Fact(label=_("办理情况"), filled_by=_("示例单位")),
            Fact(label=_("数量"), value=1234567),
            Fact(label=_("说明"), value=str(_("写明做了什么、结果如何。")) * 4, wide=True),
        ],
        "lines": [
            HistoryLine(at=now, who="—", what=labels[1], note=str(_("写明理由，对方会看到。")), organisation="—"),
            HistoryLine(at=now - timedelta(days=2), who="—", what=labels[0]),
        ],
        "option": {
            "legend": {},
            "xAxis": {"type": "category", "data": ["1", "2", "3", "4"]},
            "yAxis": {"type": "value"},
            "series": [{"type": "bar", "name": str(labels[3]), "data": [3, 5, 2, 8]}],
        },
        "layers": {
            "bounds": [0, 0, 4, 3],
            "layers": [
                {"id": "areas", "label": "1", "kind": "area", "data": _square(0.5, 0.5, 2, 2, "yellow")},
                {"id": "other", "label": "2", "kind": "area", "data": _square(2.2, 0.8, 3.6, 2.6, "blue")},
            ],
        },
    }
    return render(request, "web/gallery.html", context)


@login_not_required
@require_safe
def failing(request: HttpRequest) -> HttpResponse:
    """Refuses or fails on purpose, to see how that looks."""
    if request.GET.get("how") == "refuse":
        raise NotPermitted
    raise RuntimeError("on purpose")


def _square(west: float, south: float, east: float, north: float, colour: str) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": shape, "properties": {"colour": colour}}],
    }
