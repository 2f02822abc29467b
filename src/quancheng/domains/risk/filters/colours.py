"""Filters of the risk maps: which colour, and of which day (颜色口径、日期)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.risk.kinds import ColourOf, Level
from quancheng.domains.risk.queries import levels
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.filters import Choice, Control, Day, Filter, Flag, Search

DAY = Day(name="day", label=_("日期"), pinned=True, earliest=levels.earliest_day)
LEVELS = [(str(code), label) for code, label in Level.choices]
_ANY_GRADE = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourAt(Choice):
    """Which colour is shown, by the day that ``DAY`` names; gives each file its ``level``."""

    def of(self, given: QueryDict) -> ColourOf:
        """:raises Invalid: no such colour."""
        text = given.get(self.name, "")
        if text and text not in ColourOf.values:
            raise self.refuse(str(_("没有这个选项。")))
        return ColourOf(text) if text else ColourOf.PRESENT

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        return levels.with_levels(rows, self.of(given), DAY.read(given))


    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        """One of them is always shown."""
        chosen = given.get(self.name) or ColourOf.PRESENT
        choices: list[tuple[str, Any, bool]] = [(value, label, value == chosen) for value, label in ColourOf.choices]
        active = chosen != ColourOf.PRESENT
        return Control("pick", self.name, self.label, self.pinned, [chosen], choices, error=error, active=active)


COLOUR = ColourAt(name="of", label=_("颜色口径"), choices=ColourOf.choices, pinned=True)


def asked_colour(given: QueryDict) -> tuple[ColourOf, date | None]:
    """Which colour and day an address asks for. :raises Invalid: what cannot be read."""
    return COLOUR.of(given), DAY.read(given)


def _hazard(value: str) -> Q:
    if value == _ANY_GRADE:
        return Q(legal_grade__isnull=False)
    return Q(legal_grade=int(value))


#: The day comes first: where it is wrong nothing else is asked.
OF_FILES: tuple[Filter, ...] = (
    DAY,
    COLOUR,
    Search(name="q", label=_("企业名称"), fields=("words",), pinned=True),
    Choice(name="level", label=_("风险等级"), choices=LEVELS, field="level", multiple=True, pinned=True),
    Choice(name="town", label=_("镇街"), choices=town_choices, pinned=True,
           narrows=lambda path: Q(area__path__startswith=path)),
    Choice(name="kind", label=_("企业类别"), choices=Kind.choices, field="kind", multiple=True),
    Choice(name="hazard", label=_("重大危险源"), narrows=_hazard,
           choices=((_ANY_GRADE, _("任一级")), ("1", _("一级")), ("2", _("二级")), ("3", _("三级")), ("4", _("四级")))),
    Flag(name="without", label=_("只看没有等级的"), condition=lambda actor: Q(level__isnull=True)),
)  # fmt: skip
