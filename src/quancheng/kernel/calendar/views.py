"""Pages of the working calendar: the years that are known, and one year; entering one is an import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar, queries
from quancheng.kernel.calendar.models import HolidayYear
from quancheng.kernel.pages.filters import Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Fact, ObjectHead, ObjectPage, Tab


class YearList(ListPage):
    """Years whose arrangement is known; above them those that are missing."""

    code = "workcalendar.years"
    imports = ("workcalendar.years",)
    title = gettext_lazy("工作日历")
    default_sort = "-year"
    template = "workcalendar/years.html"
    columns = (
        Column(key="year", label=gettext_lazy("年度"), value=lambda row: str(row.year), sort="year", link=True,
               card="title"),
        Column(key="off", label=gettext_lazy("放假天数"), numeric=True, card="meta",
               value=lambda row: sum(not day.works for day in row.days.all())),
        Column(key="work", label=gettext_lazy("调休上班天数"), numeric=True, card="meta",
               value=lambda row: sum(day.works for day in row.days.all())),
        Column(key="mark", label=gettext_lazy("确信程度"), value=lambda row: row.get_mark_display(), card="meta"),
        Column(key="source", label=gettext_lazy("依据"), width="wide"),
        Column(key="entered_at", label=gettext_lazy("录入时间"), sort="entered_at", shown=False),
    )  # fmt: skip
    filters = (Search(name="q", label=gettext_lazy("关键词"), fields=("source",), pinned=True),)

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return queries.list_years()

    def url_of(self, row: Any) -> str:
        return reverse("workcalendar:year", args=[row.pk])

    def more_context(self, actor: Actor) -> dict[str, Any]:
        today = Calendar().local_date(timezone.now())
        return {"missing": queries.missing_years(today=today)}


class YearPage(ObjectPage[HolidayYear]):
    """One year with its days."""

    back = (gettext_lazy("工作日历"), lambda: reverse("workcalendar:years"))

    def get_row(self, actor: Actor, **kwargs: Any) -> HolidayYear:
        return queries.get_year(kwargs["year"])

    def head(self, row: HolidayYear, actor: Actor) -> ObjectHead:
        return ObjectHead(title=_("%(year)s年放假安排") % {"year": row.year})

    def facts(self, row: HolidayYear, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(_("依据"), row.source, filled_by=_("系统管理员"), wide=True),
            Fact(_("确信程度"), row.get_mark_display()),
            Fact(_("录入时间"), row.entered_at),
        ]

    def tabs(self, row: HolidayYear, actor: Actor) -> Sequence[Tab]:
        days = sorted(row.days.all(), key=lambda one: one.day)
        return [
            Tab(name="days", label=_("放假与调休"), template="workcalendar/_days.html", count=len(days),
                context=lambda: {"days": days}),
        ]  # fmt: skip
