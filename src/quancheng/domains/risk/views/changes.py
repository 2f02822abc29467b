"""What changed between two days, and levels side by side, as lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.risk.filters.colours import LEVELS
from quancheng.domains.risk.filters.periods import CHANGED
from quancheng.domains.risk.kinds import ColourOf
from quancheng.domains.risk.models import RiskColour
from quancheng.domains.risk.queries import changes as queries
from quancheng.domains.risk.queries import comparing
from quancheng.domains.risk.views import words
from quancheng.domains.risk.views.maps import level_word
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.words import listed

_SUBJECTS = {
    "file": gettext_lazy("企业（分级）"), "object": gettext_lazy("风险分析对象"),
    "unit": gettext_lazy("风险分析单元"), "event": gettext_lazy("风险事件"),
}  # fmt: skip
_WAYS = {
    "up": gettext_lazy("升高"), "down": gettext_lazy("降低"), "new": gettext_lazy("新评估"),
    "gone": gettext_lazy("不再有等级"),
}  # fmt: skip


def _lines(texts: Sequence[str]) -> Any:
    return format_html_join("", '<div class="qc-small">{}</div>', ((one,) for one in texts))


class ChangeList(ListPage):
    """Who went up and who went down between two days, and why (变色情况)."""

    code = "risk.changes"
    title = gettext_lazy("变色情况")
    columns = (
        Column("name", gettext_lazy("名称"), link=True, card="title", width="wide"),
        Column("subject", gettext_lazy("类别"), value=lambda row: str(_SUBJECTS[row.subject]), sort="subject",
               card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else "",
               sort="file__area__path"),
        Column("before", gettext_lazy("期初"), value=lambda row: level_word(row.before),
               render=lambda row: words.colour(row.before), sort="before"),
        Column("after", gettext_lazy("期末"), value=lambda row: level_word(row.present_level),
               render=lambda row: words.colour(row.present_level), sort="present_level", card="meta"),
        Column("way", gettext_lazy("变化"), value=lambda row: str(_WAYS[queries.way_of(row)])),
        Column("because", gettext_lazy("最近一次变色的原因"), value=lambda row: words.act(row.because)),
        Column("reasons", gettext_lazy("依据"), value=lambda row: listed(words.reasons(row.reasons)),
               render=lambda row: _lines(words.reasons(row.reasons)), width="wide"),
        Column("at", gettext_lazy("变色时间"), sort="at"),
    )  # fmt: skip
    filters = (
        CHANGED,
        Choice(name="subject", label=gettext_lazy("类别"), choices=list(_SUBJECTS.items()), field="subject",
               multiple=True, pinned=True),
        Choice(name="way", label=gettext_lazy("变化"), choices=list(_WAYS.items()), multiple=True, pinned=True,
               narrows=lambda way: queries.WAYS[way]),
        Choice(name="level", label=gettext_lazy("期末等级"), choices=LEVELS, field="present_level", multiple=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
        Search(name="q", label=gettext_lazy("名称、企业"), fields=("name", "file__enterprise__name")),
    )  # fmt: skip
    empty_title = gettext_lazy("期间没有变色")

    def queryset(self, actor: Actor) -> QuerySet[RiskColour]:
        return queries.list_changes(actor=actor)

    def url_of(self, row: RiskColour) -> str:
        if row.subject == "file":
            return f"{reverse('risk:file', args=[row.subject_id])}?tab=grading"
        return f"{reverse(f'risk:{row.subject}', args=[row.subject_id])}?tab=colours"


def _side_by_side(name: Any, file: Any, address: str) -> tuple[Column, ...]:
    """The columns of levels side by side; ``file`` gives a row's enterprise, ``address`` is how it is reached."""
    return (
        Column("name", name, link=True, card="title", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: file(row).enterprise.name, sort=f"{address}__pinyin",
               card="meta"),
        Column("inherent", ColourOf.INHERENT.label, value=lambda row: level_word(row.inherent),
               render=lambda row: words.colour(row.inherent), sort="inherent"),
        Column("residual", ColourOf.RESIDUAL.label, value=lambda row: level_word(row.static_level),
               render=lambda row: words.colour(row.static_level), sort="static_level"),
        Column("present", ColourOf.PRESENT.label, value=lambda row: level_word(row.present_level),
               render=words.raised, sort="present_level", card="meta"),
        Column("lost", gettext_lazy("失效措施"), value=lambda row: listed(row.lost),
               render=lambda row: _lines(row.lost), width="wide"),
    )  # fmt: skip


def _filters(address: str) -> tuple[Any, ...]:
    return (
        Search(name="q", label=gettext_lazy("名称、企业"), pinned=True,
               fields=("name", f"{address}__enterprise__name")),
        Choice(name="level", label=ColourOf.PRESENT.label, choices=LEVELS, field="present_level", multiple=True,
               pinned=True),
        Choice(name="inherent", label=ColourOf.INHERENT.label, choices=LEVELS, field="inherent", multiple=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(**{f"{address}__area__path__startswith": path})),
        Flag(name="raised", label=gettext_lazy("只看升高的"),
             condition=lambda actor: Q(present_level__lt=F("static_level"))),
        Flag(name="lowered", label=gettext_lazy("只看措施降低了等级的"),
             condition=lambda actor: Q(static_level__gt=F("inherent"))),
    )  # fmt: skip


class _Compare(ListPage):
    summary = "risk/_compare_tabs.html"
    empty_title = gettext_lazy("还没有评估过的风险")


class CompareObjects(_Compare):
    """Objects with their three levels side by side (固有、剩余、现状对照)."""

    code = "risk.compare.objects"
    title = gettext_lazy("固有、剩余、现状对照：对象")
    columns = _side_by_side(gettext_lazy("对象名称"), lambda row: row.file, "file")
    filters = _filters("file")

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return comparing.compare_objects(actor=actor)

    def url_of(self, row: Any) -> str:
        return reverse("risk:object", args=[row.pk])


class CompareUnits(_Compare):
    """Units with their three levels side by side."""

    code = "risk.compare.units"
    title = gettext_lazy("固有、剩余、现状对照：单元")
    columns = _side_by_side(gettext_lazy("单元名称"), lambda row: row.object.file, "object__file")
    filters = _filters("object__file")

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return comparing.compare_units(actor=actor)

    def url_of(self, row: Any) -> str:
        return reverse("risk:unit", args=[row.pk])


class CompareEvents(_Compare):
    """Events with their three levels side by side."""

    code = "risk.compare.events"
    title = gettext_lazy("固有、剩余、现状对照：事件")
    columns = _side_by_side(gettext_lazy("风险事件"), lambda row: row.unit.object.file, "unit__object__file")
    filters = _filters("unit__object__file")

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return comparing.compare_events(actor=actor)

    def url_of(self, row: Any) -> str:
        return reverse("risk:event", args=[row.pk])
