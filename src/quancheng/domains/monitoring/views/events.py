"""What limits did (报警事件): the list."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.monitoring.models import LimitEvent, LimitName
from quancheng.domains.monitoring.queries.events import list_events
from quancheng.domains.monitoring.views import words
from quancheng.domains.registry.filters import FileFilter
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.times import span_text


def _what(row: LimitEvent) -> str:
    name = row.get_limit_display()
    return name if row.is_raised else _("%(limit)s恢复") % {"limit": name}


def _badge(row: LimitEvent) -> Any:
    tone = "quiet" if not row.is_raised else "active" if row.limit in ("LL", "HH") else "plain"
    return marks.badge(_what(row), tone)


def _number(row: LimitEvent, value: float | None) -> str:
    """With its unit: of a rate a minute, of a tag that is silent seconds; of an instrument it is no measured value, and
    of a command that is not followed neither."""
    units = {LimitName.ROC: f"{row.tag.unit}/min", LimitName.STALE: "s", LimitName.INSTR: "", LimitName.DISC: ""}
    return words.number(value, units.get(LimitName(row.limit), row.tag.unit))


def _late(row: LimitEvent) -> str:
    """How late it was told, of what was told late."""
    return span_text(row.noted_at - row.at) if row.is_late else ""


class EventList(ListPage):
    """Limits that were passed, and left again, the newest first."""

    code = "monitoring.events"
    title = gettext_lazy("报警事件")
    columns = (
        Column("at", gettext_lazy("发生时间"), sort="at", link=True, card="title"),
        Column("what", gettext_lazy("事件"), value=_what, render=_badge, card="meta"),
        Column("tag", gettext_lazy("点位"), value=lambda row: row.tag.name, card="meta", width="wide"),
        Column("code", gettext_lazy("点位编码"), value=lambda row: row.tag.code, sort="tag__code"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.tag.file.enterprise.name, card="meta"),
        Column("value", gettext_lazy("数值"), value=lambda row: _number(row, row.value), numeric=True),
        Column("limit_value", gettext_lazy("限值"),
               value=lambda row: _number(row, row.limit_value), numeric=True),
        Column("late", gettext_lazy("迟到时长"), value=_late),
        Column("noted_at", gettext_lazy("记录时间"), sort="noted_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("点位、企业"), pinned=True,
               fields=("tag__name", "tag__code", "tag__file__enterprise__name")),
        Choice(name="limit", label=gettext_lazy("报警类型"), choices=LimitName.choices, field="limit", multiple=True,
               pinned=True),
        Flag(name="raised", label=gettext_lazy("只看报警"), condition=lambda actor: Q(is_raised=True), pinned=True),
        Flag(name="late", label=gettext_lazy("只看迟到的"), condition=lambda actor: Q(is_late=True)),
        FileFilter(name="file", label=gettext_lazy("企业"), field="tag__file"),
        Dates(name="at", label=gettext_lazy("发生时间"), field="at", times=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(tag__area__path__startswith=path)),
    )  # fmt: skip
    is_live = True
    empty_title = gettext_lazy("没有报警事件")

    def queryset(self, actor: Actor) -> QuerySet[LimitEvent]:
        return list_events(actor=actor)

    def url_of(self, row: LimitEvent) -> str:
        return reverse("monitoring:trend", args=[row.tag_id])
