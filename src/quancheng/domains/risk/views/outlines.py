"""Outlines of towns for the map (镇街边界)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from quancheng.domains.risk.models import TownOutline
from quancheng.domains.risk.queries.maps import list_outlines
from quancheng.domains.risk.services.outlines import DUTY, set_outlines
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.fields import words
from quancheng.kernel.pages.filters import Search
from quancheng.kernel.pages.lists import Column, ListPage


class OutlineForm(forms.Form):
    """A GeoJSON file and whence it comes."""

    geojson = forms.FileField(
        label=_("GeoJSON文件"),
        help_text=_("FeatureCollection，每个镇街一个多边形，属性code或name写明是哪个镇街，坐标CGCS2000。"),
        error_messages={"required": _("请选择文件。"), "empty": _("该文件是空的，请检查后重新上传。")},
    )  # fmt: skip
    source = words(_("来源"), limit=120, help_text=_("例如资料名称、年份；显示在地图下方。"))


class OutlineList(ListPage):
    """Which towns have an outline, and whence."""

    code = "risk.outlines"
    title = _("镇街边界")
    duty = DUTY
    columns = (
        Column("area", _("镇街"), value=lambda row: row.area.name, sort="area__path", card="title"),
        Column("source", _("来源"), sort="source", card="meta", width="wide"),
        Column("entered_at", _("更新时间"), sort="entered_at", card="meta"),
        Column("by", _("设置人"), value=lambda row: row.entered_by.name if row.entered_by else ""),
    )
    filters = (Search(name="q", label=_("镇街"), fields=("area__name",), pinned=True),)
    empty_title = _("还没有镇街边界")

    def queryset(self, actor: Actor) -> QuerySet[TownOutline]:
        return list_outlines()

    def head_actions(self, actor: Actor) -> list[tuple[Any, str]]:
        return [(_("上传边界"), reverse("risk:outlines_new"))]


class NewOutlines(CreatePage):
    """Outlines taken from a file."""

    title = _("上传镇街边界")
    lead = _("文件中有的镇街按文件更新，没有的不变。只画镇街，不画国界和省界。")
    duty = DUTY
    form = OutlineForm
    back = "risk:outlines"
    button = _("上传")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        set_outlines(actor=actor, upload=given["geojson"], source=given["source"], now=now)
        return reverse("risk:outlines")
