"""The rows behind figures of alarm quality (报警系统绩效明细), and enterprises ranked by them (绩效排名)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.monitoring.filters.months import FileFilter, MonthFilter
from quancheng.domains.monitoring.models import AlarmHold, AlarmMonth, LimitEvent, Tag
from quancheng.domains.monitoring.queries import alarm_boards, alarm_quality
from quancheng.domains.monitoring.views import quality_words as words
from quancheng.domains.monitoring.views.words import limit_badge
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.filters import Choice, Control, Filter, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.words import told
from quancheng.standards.signals.responses import REASONS

MONTH = MonthFilter(name="month", label=gettext_lazy("月份"), pinned=True)
TOWN = Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices, pinned=True,
              narrows=lambda path: Q(tag__area__path__startswith=path))  # fmt: skip


FILE = FileFilter(name="file", label=gettext_lazy("企业"), field="tag__file", pinned=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureFilter(MonthFilter):
    """A figure and its month (统计指标、月份): exactly the rows that were counted, or that missed the target."""

    @property
    def parameters(self) -> tuple[str, ...]:
        return ("code", self.name)

    def code(self, given: QueryDict) -> str:
        code = given.get("code", "") or "per_day"
        if code not in alarm_quality.ROW_CODES:
            raise self.refuse(_("没有这个选项。"))
        return code

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        file = FILE.key(given)
        return alarm_quality.rows_of(
            self.code(given), actor=actor, month=self.month(given), file=file, town=given.get("town", "")
        )

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        # One class up by name: a dataclass with slots is made anew, so that ``super()`` would not find it.
        return f"{words.name(self.code(given))}；{MonthFilter.spoken(self, given, actor)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFilter(Filter):
    """Shows which figure it is; :class:`FigureFilter` reads it."""

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        return rows

    @property
    def parameters(self) -> tuple[str, ...]:
        return ()

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        chosen = given.get("code", "") or "per_day"
        choices: list[Any] = [(code, words.name(code), code == chosen) for code in alarm_quality.ROW_CODES]
        return Control("choice", "code", self.label, self.pinned, [chosen], choices, error=error, active=True)

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        return ""


def _reason(row: Any) -> str:
    found = REASONS.get(row.reason or "")
    return "" if found is None else told(found.name)


class QualityRows(ListPage):
    """Each time that an alarm of a figure called people, the newest first."""

    code = "monitoring.quality_rows"
    title = gettext_lazy("报警绩效明细")
    columns = (
        Column("at", gettext_lazy("发生时间"), sort="at", link=True, card="title"),
        Column("type", gettext_lazy("报警类型"), value=lambda row: row.get_limit_display(), render=limit_badge,
               card="meta"),
        Column("priority", gettext_lazy("优先级"), value=lambda row: row.priority, numeric=True, sort="priority"),
        Column("tag", gettext_lazy("点位"), value=lambda row: row.tag.name, card="meta", width="wide"),
        Column("code", gettext_lazy("点位编码"), value=lambda row: row.tag.code, sort="tag__code"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.tag.file.enterprise.name, card="meta"),
        Column("value", gettext_lazy("数值"), value=lambda row: f"{row.value:g} {row.tag.unit}", numeric=True),
        Column("acknowledged_at", gettext_lazy("确认时间"), value=lambda row: row.acknowledged_at),
        Column("answered_at", gettext_lazy("反馈时间"), value=lambda row: row.answered_at, shown=False),
        Column("reason", gettext_lazy("原因"), value=_reason),
    )  # fmt: skip
    filters = (
        CodeFilter(name="figure", label=gettext_lazy("统计指标"), pinned=True),
        FigureFilter(name="month", label=gettext_lazy("月份"), pinned=True),
        FILE, TOWN,
        Search(name="q", label=gettext_lazy("点位、企业"),
               fields=("tag__name", "tag__code", "tag__file__enterprise__name")),
    )  # fmt: skip
    empty_title = gettext_lazy("没有报警")

    def queryset(self, actor: Actor) -> QuerySet[LimitEvent]:
        # The filter of the figure puts its rows in its place.
        return LimitEvent.objects.none()

    def url_of(self, row: LimitEvent) -> str:
        return reverse("monitoring:trend", args=[row.tag_id])


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMonth(MonthFilter):
    """What stayed silent beyond its end in a month."""

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        return rows.filter(alarm_quality.overstayed(self.month(given)))


class OverstayedList(ListPage):
    """Shelved or out of service beyond the end that was allowed (超期未恢复的搁置、停用)."""

    code = "monitoring.quality_holds"
    title = gettext_lazy("超期未恢复的搁置、停用")
    columns = (
        Column("title", gettext_lazy("事项"), link=True, card="title", width="wide"),
        Column("kind", gettext_lazy("停报方式"), value=lambda row: row.get_kind_display(), card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, card="meta"),
        Column("until", gettext_lazy("截止时间"), sort="until", card="meta"),
        Column("ended_at", gettext_lazy("结束时间"), sort="ended_at"),
        Column("reason", gettext_lazy("理由"), width="wide"),
    )  # fmt: skip
    filters = (HeldMonth(name="month", label=gettext_lazy("月份"), pinned=True), FILE, TOWN)
    empty_title = gettext_lazy("没有超期未恢复的搁置、停用")

    def queryset(self, actor: Actor) -> QuerySet[AlarmHold]:
        return alarm_quality.list_held(actor=actor)

    def url_of(self, row: AlarmHold) -> str:
        return reverse("monitoring:tag", args=[row.tag_id])


@dataclass(frozen=True, slots=True, kw_only=True)
class LoosenedMonth(MonthFilter):
    """What lay beyond the law's limits without an exemption at the end of a month, or does now."""

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        return rows.filter(alarm_quality.loosened(self.month(given)))


class LoosenedList(ListPage):
    """Tags whose limits go beyond the law's without an exemption in force (未经批准放宽的限值)."""

    code = "monitoring.quality_tags"
    title = gettext_lazy("未经批准放宽的限值")
    columns = (
        Column("code", gettext_lazy("点位编码"), link=True, sort="code", card="title"),
        Column("name", gettext_lazy("点位名称"), card="meta", width="wide"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, card="meta"),
        Column("h", gettext_lazy("高限"), numeric=True),
        Column("hh", gettext_lazy("高高限"), numeric=True),
        Column("exempted_until", gettext_lazy("豁免截止日期"), sort="exempted_until"),
    )  # fmt: skip
    filters = (
        LoosenedMonth(name="month", label=gettext_lazy("月份"), pinned=True),
        FileFilter(name="file", label=gettext_lazy("企业"), field="file", pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有未经批准放宽的限值")

    def queryset(self, actor: Actor) -> QuerySet[Tag]:
        return alarm_quality.list_limited(actor=actor)

    def url_of(self, row: Tag) -> str:
        return reverse("monitoring:tag", args=[row.pk])


def _figure(code: str, *, shown: bool = True) -> Column:
    return Column(
        code, words.label(code), value=lambda row: words.value(code, getattr(row, f"by_{code}")),
        numeric=True, sort=f"by_{code}", shown=shown,
    )  # fmt: skip


class QualityRanking(ListPage):
    """Enterprises by any figure of a month (报警绩效排名)."""

    code = "monitoring.quality_ranking"
    title = gettext_lazy("报警绩效排名")
    columns = (
        Column("name", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, link=True, card="title",
               sort="file__pinyin", width="wide"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else "",
               sort="file__area__path", card="meta"),
        Column("count", gettext_lazy("报警次数"), numeric=True, sort="count", card="meta"),
        Column("points", gettext_lazy("点位数"), numeric=True, sort="points"),
        *(_figure(code, shown=code not in ("mtta_s", "fleeting", "loosened")) for code in alarm_boards.RANKED),
    )  # fmt: skip
    filters = (
        MONTH,
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices, pinned=True,
               narrows=lambda path: Q(file__area__path__startswith=path)),
        Search(name="q", label=gettext_lazy("企业名称"), fields=("file__enterprise__name",)),
    )  # fmt: skip
    default_sort = "-per_10k"
    empty_title = gettext_lazy("该月还没有统计结果")

    def queryset(self, actor: Actor) -> QuerySet[AlarmMonth]:
        return alarm_boards.ranked(actor=actor)

    def url_of(self, row: AlarmMonth) -> str:
        return f"{reverse('monitoring:file_quality', args=[row.file_id])}?month={row.month:%Y-%m}"
