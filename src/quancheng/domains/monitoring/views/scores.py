"""The quality of sources' data (数据质量评分), the lowest first."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import SourceScore
from quancheng.domains.monitoring.queries import scores as queries
from quancheng.domains.monitoring.queries.outages import rules
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage

CODES = {
    "complete": gettext_lazy("数据不全"), "late": gettext_lazy("数据迟到"), "clock": gettext_lazy("时钟偏差"),
    "range": gettext_lazy("超出量程"), "flat": gettext_lazy("长期不变"), "frozen": gettext_lazy("同时卡死"),
    "repeated": gettext_lazy("成段重复"), "smooth": gettext_lazy("过于规则"), "twin": gettext_lazy("完全同步"),
    "digits": gettext_lazy("位数异常"), "unit": gettext_lazy("单位有误"),
}  # fmt: skip


def deductions(row: SourceScore) -> list[tuple[str, int, str, list[str]]]:
    """What was deducted: name, points, sentence in the reader's language, tags."""
    language = "en" if (get_language() or "").startswith("en") else "zh"
    return [(str(CODES[one["code"]]), one["points"], one[language], one["tags"]) for one in row.deductions]


def _why(row: SourceScore) -> str:
    return _("；").join(f"{sentence}（-{points}）" for _name, points, sentence, _tags in deductions(row))


def badge(row: SourceScore, *, poor: int) -> Any:
    """The score with how much attention it wants. :param poor: a score below it wants some."""
    return marks.badge(str(row.score), "active" if row.score < poor else "done")


def _share(row: SourceScore) -> str:
    return f"{100 * row.readings / row.expected:.1f} %" if row.expected else "—"


class ScoreList(ListPage):
    """The newest score of each source, with why points were taken."""

    code = "monitoring.scores"
    title = gettext_lazy("数据质量评分")
    columns = (
        Column("source", gettext_lazy("接入源"), value=lambda row: str(row.source), link=True, card="title",
               sort="source__code"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.source.file.enterprise.name, card="meta",
               sort="source__file__pinyin"),
        Column("score", gettext_lazy("评分"), numeric=True, sort="score", card="meta"),
        Column("why", gettext_lazy("扣分"), value=_why, width="wide", card="meta"),
        Column("day", gettext_lazy("日期"), sort="day"),
        Column("tags", gettext_lazy("点位数"), numeric=True, sort="tags"),
        Column("share", gettext_lazy("完整率"), value=_share, numeric=True),
        Column("late", gettext_lazy("迟到读数"), numeric=True, sort="late", shown=False),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.source.area.name if row.source.area else "",
               sort="source__area__path", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、接入源"), pinned=True,
               fields=("source__code", "source__name", "source__file__enterprise__name")),
        Flag(name="poor", label=gettext_lazy("只看不及格的"), pinned=True,
             condition=lambda actor: Q(score__lt=rules().poor_score)),
        Choice(name="code", label=gettext_lazy("扣分"), choices=list(CODES.items()), pinned=True,
               narrows=lambda code: Q(codes__contains=[code])),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(source__area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有评分")
    empty_hint = gettext_lazy("每天凌晨对前一天有数据的接入源评分。")

    def queryset(self, actor: Actor) -> QuerySet[SourceScore]:
        return queries.list_scores(actor=actor)

    def url_of(self, row: SourceScore) -> str:
        return reverse("monitoring:source", args=[row.source_id]) + "?tab=quality"
