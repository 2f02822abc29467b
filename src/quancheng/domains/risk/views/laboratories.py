"""Risk lists by laboratory (实验室风险清单), S5-T15b: risks identified, measures set, and laboratories without."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.kinds import LabKind
from quancheng.domains.registry.models import Facility
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.risk.kinds import Level
from quancheng.domains.risk.queries import laboratories as queries
from quancheng.domains.risk.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage


def _room(row: Any) -> str:
    return row.laboratory.room if hasattr(row, "laboratory") else ""


def _head(row: Any) -> str:
    return row.laboratory.head if hasattr(row, "laboratory") else ""


def _town(row: Any) -> str:
    area = row.unit.file.area
    return area.name if area else ""


class LaboratoryList(ListPage):
    """Laboratories with how much of their risks is identified and controlled; those without come first."""

    code = "risk.laboratories"
    title = gettext_lazy("实验室风险清单")
    columns = (
        Column("name", gettext_lazy("实验室"), link=True, card="title", width="wide", sort="name"),
        Column("file", gettext_lazy("单位"), value=lambda row: row.unit.file.enterprise.name,
               sort="unit__file__pinyin", card="meta"),
        Column("room", gettext_lazy("楼栋和房间"), value=_room),
        Column("head", gettext_lazy("实验室负责人"), value=_head, shown=False),
        Column("level", gettext_lazy("现状风险"), value=lambda row: Level(row.present_level).label
               if row.present_level else "", render=lambda row: words.colour(row.present_level), sort="present_level",
               card="meta"),
        Column("units", gettext_lazy("单元数"), value=lambda row: row.unit_count, numeric=True, sort="unit_count"),
        Column("events", gettext_lazy("风险事件数"), value=lambda row: row.event_count, numeric=True,
               sort="event_count", card="meta"),
        Column("measures", gettext_lazy("措施数"), value=lambda row: row.measure_count, numeric=True,
               sort="measure_count", card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=_town,
               sort="unit__file__area__path"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("实验室、单位"), pinned=True,
               fields=("name", "code", "unit__file__enterprise__name")),
        Flag(name="gaps", label=gettext_lazy("只看没有辨识风险或没有措施的"), pinned=True,
             condition=lambda actor: queries.has_gaps()),
        Choice(name="kind", label=gettext_lazy("实验室类别"), choices=LabKind.choices, field="laboratory__kind",
               multiple=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(unit__file__area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有实验室")

    def queryset(self, actor: Actor) -> QuerySet[Facility]:
        return queries.list_laboratories(actor=actor)

    def url_of(self, row: Facility) -> str:
        return reverse("risk:file", args=[row.unit.file_id])
