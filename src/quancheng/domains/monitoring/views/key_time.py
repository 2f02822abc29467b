"""Enterprises to be looked at in a key time (重点时段检查名单), each with its reasons; where risk lies by town."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.services.rounds import ISSUE
from quancheng.domains.monitoring.queries import key_time
from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.risk.filters.colours import LEVELS
from quancheng.domains.risk.filters.periods import Period
from quancheng.domains.risk.kinds import Level
from quancheng.domains.risk.views import words as risk_words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Text
from quancheng.kernel.pages.filters import Choice, Control, Filter, Flag, Search
from quancheng.kernel.pages.lists import Asked, Column, ListPage

_CAUSES: Mapping[str, Text] = {
    "urgent": gettext_lazy("未关闭的一、二级报警"), "warnings": gettext_lazy("未解除的风险预警"),
    "frequent": gettext_lazy("频发报警"), "offline": gettext_lazy("离线的接入源"),
    "colour": gettext_lazy("现状风险颜色"), "majors": gettext_lazy("未销号重大隐患"),
}  # fmt: skip
_STEPS = (0, 5, 10, 15, 20, 30, 50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight(Filter):
    """How much a cause weighs (权重); read by :class:`KeyTime`."""

    cause: str

    def read(self, given: QueryDict) -> int:
        """:raises Invalid: none of those that are offered."""
        text = given.get(self.name, "")
        if not text:
            return key_time.WEIGHTS[self.cause]
        if text not in {str(step) for step in _STEPS}:
            raise self.refuse(_("没有这个选项。"))
        return int(text)

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        self.read(given)
        return rows

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        text = given.get(self.name, "")
        chosen = text or str(key_time.WEIGHTS[self.cause])
        choices: list[Any] = [(str(step), str(step), str(step) == chosen) for step in _STEPS]
        return Control("choice", self.name, self.label, self.pinned, [text], choices, error=error, active=bool(text))

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        return f"{self.label}：{self.read(given)}" if given.get(self.name) else ""


_WEIGHTS = tuple(
    Weight(name=f"w_{cause}", label=label, cause=cause)
    for cause, label in (
        ("urgent", gettext_lazy("权重：一、二级报警")), ("warnings", gettext_lazy("权重：风险预警")),
        ("frequent", gettext_lazy("权重：频发报警")), ("offline", gettext_lazy("权重：离线")),
        ("colour", gettext_lazy("权重：风险颜色")), ("majors", gettext_lazy("权重：重大隐患")),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTime(Period):
    """The key time (重点时段): alarms that come often are counted in it; points are made by the weights asked for."""

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        first, last = self.days(given)
        return key_time.scored(
            actor=actor, begin=Calendar().start_of(first), end=Calendar().end_of(last),
            weights={one.cause: one.read(given) for one in _WEIGHTS},
        )  # fmt: skip


def reasons(row: Any) -> list[str]:
    """Why an enterprise is on the list, in words."""
    found = []
    if row.level:
        found.append(_("现状风险%(colour)s") % {"colour": Level(row.level).label})
    found += [
        f"{_CAUSES[cause]} {getattr(row, cause)}"
        for cause in ("urgent", "warnings", "frequent", "offline", "majors")
        if getattr(row, cause)
    ]
    return found


class KeyTimeList(ListPage):
    """Whom to look at first, with reasons; a list and no order."""

    code = "monitoring.key_time"
    title = gettext_lazy("重点时段监测检查名单")
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True, sort="pinyin",
               card="title", width="wide"),
        Column("points", gettext_lazy("得分"), numeric=True, sort="points", card="meta"),
        Column("reasons", gettext_lazy("列入理由"), value=lambda row: "；".join(reasons(row)), card="meta",
               width="wide"),
        Column("level", gettext_lazy("现状风险"), value=lambda row: Level(row.level).label if row.level else "",
               render=lambda row: risk_words.colour(row.level), sort="level"),
        Column("urgent", _CAUSES["urgent"], numeric=True, sort="urgent"),
        Column("warnings", _CAUSES["warnings"], numeric=True, sort="warnings"),
        Column("frequent", _CAUSES["frequent"], numeric=True, sort="frequent"),
        Column("offline", _CAUSES["offline"], numeric=True, sort="offline"),
        Column("majors", _CAUSES["majors"], numeric=True, sort="majors"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
        Column("address", gettext_lazy("实际经营地址"), shown=False, width="wide"),
    )  # fmt: skip
    filters = (
        KeyTime(name="on", label=gettext_lazy("重点时段"), field="at", times=True, pinned=True,
                then=lambda rows, begin, end: rows),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices, pinned=True,
               narrows=lambda path: Q(area__path__startswith=path)),
        Flag(name="picked", label=gettext_lazy("只看有列入理由的"), pinned=True,
             condition=lambda actor: Q(points__gt=0)),
        Choice(name="level", label=gettext_lazy("现状风险"), choices=LEVELS, field="level", multiple=True),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="kind", multiple=True),
        *_WEIGHTS,
        Search(name="q", label=gettext_lazy("企业名称"), fields=("words",)),
    )  # fmt: skip
    summary = "monitoring/_risk_distribution.html"
    empty_title = gettext_lazy("没有需要检查的企业")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        # The filter of the key time puts its rows in its place.
        return Enterprise.objects.none()

    def url_of(self, row: Enterprise) -> str:
        return reverse("risk:site", args=[row.pk])

    def head_actions(self, actor: Actor) -> list[tuple[Text, str]]:
        found: list[tuple[Text, str]] = [(gettext_lazy("风险分布图"), reverse("risk:map"))]
        if actor.has(ISSUE):
            found.insert(0, (gettext_lazy("发起专项检查"), reverse("hazards:round_new")))
        return found

    def summary_context(self, actor: Actor, asked: Asked) -> dict[str, Any]:
        here, town_of = reverse("monitoring:key_time"), reverse("risk:map")
        lines = []
        for one in key_time.distribution(asked.rows):
            path = one.area.path if one.area is not None and one.area.level != "district" else ""
            lines.append(
                {
                    "name": one.area.name if one.area else "", "sites": one.sites, "line": one,
                    "index": "" if one.index is None else f"{one.index:.1f}",
                    "url": f"{here}?town={path}" if path else here,
                    "map": f"{town_of}?town={path}" if path else town_of,
                    "cells": [one.by_level[level] for level in (*Level.values, None)],
                }
            )  # fmt: skip
        return {"lines_by_town": lines, "levels": [risk_words.colour(level) for level in Level.values],
                "as_of": timezone.now()}  # fmt: skip
