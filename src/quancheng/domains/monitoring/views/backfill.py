"""What was found in readings that came too late (补传报警): the list."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.monitoring.models import PastAlarm
from quancheng.domains.monitoring.models.backfill import PAST_LIMITS
from quancheng.domains.monitoring.queries.backfill import list_past_alarms
from quancheng.domains.monitoring.views import words
from quancheng.domains.registry.filters import FileFilter
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.filters import Choice, Dates, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.times import span_text


def _lasted(row: PastAlarm) -> str:
    return _("未见恢复") if row.ended_at is None else span_text(row.ended_at - row.began_at)


class PastAlarmList(ListPage):
    """Limits that were passed while a source was cut off, and were found when it filled up."""

    code = "monitoring.past_alarms"
    title = gettext_lazy("补传报警")
    columns = (
        Column("began_at", gettext_lazy("发生时间"), sort="began_at", link=True, card="title"),
        Column("limit", gettext_lazy("报警类型"), value=lambda row: row.get_limit_display(), render=words.limit_badge,
               sort="limit", card="meta"),
        Column("tag", gettext_lazy("点位"), value=lambda row: row.tag.name, card="meta", width="wide"),
        Column("code", gettext_lazy("点位编码"), value=lambda row: row.tag.code, sort="tag__code"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.tag.file.enterprise.name, card="meta"),
        Column("value", gettext_lazy("数值"), value=lambda row: words.number(row.value, row.tag.unit), numeric=True),
        Column("limit_value", gettext_lazy("限值"),
               value=lambda row: words.number(row.limit_value, row.tag.unit), numeric=True),
        Column("lasted", gettext_lazy("持续"), value=_lasted),
        Column("late", gettext_lazy("迟到时长"), value=lambda row: span_text(row.found_at - row.began_at), card="meta"),
        Column("ended_at", gettext_lazy("恢复时间"), sort="ended_at", shown=False),
        Column("found_at", gettext_lazy("补传发现时间"), sort="found_at"),
        Column("told_at", gettext_lazy("告知时间"), sort="told_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("点位、企业"), pinned=True,
               fields=("tag__name", "tag__code", "tag__file__enterprise__name")),
        Choice(name="limit", label=gettext_lazy("报警类型"), field="limit", multiple=True, pinned=True,
               choices=[(one.value, one.label) for one in PAST_LIMITS]),
        FileFilter(name="file", label=gettext_lazy("企业"), field="tag__file"),
        Dates(name="began", label=gettext_lazy("发生时间"), field="began_at", times=True),
        Dates(name="found", label=gettext_lazy("补传发现时间"), field="found_at", times=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(tag__area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("补传的历史数据中没有超限")
    empty_hint = gettext_lazy("接入源断线后补传的数据不产生报警，其中超限的列在这里。")

    def queryset(self, actor: Actor) -> QuerySet[PastAlarm]:
        return list_past_alarms(actor=actor)

    def url_of(self, row: PastAlarm) -> str:
        return reverse("monitoring:trend", args=[row.tag_id])
