"""Pages of the working calendar: the years that are known, one year, and entering one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar, queries, services
from quancheng.kernel.calendar.forms import YearForm
from quancheng.kernel.calendar.models import HolidayYear
from quancheng.kernel.errors import DomainError
from quancheng.kernel.exchange.sheets import write_template
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.pages.filters import Search
from quancheng.kernel.pages.lists import Column, ListPage, Text
from quancheng.kernel.pages.objects import Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.respond import redirect_to
from quancheng.kernel.people.actors import actor_of

MANAGE = "calendar.manage"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class YearList(ListPage):
    """Years whose arrangement is known; above them those that are missing."""

    code = "workcalendar.years"
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

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(_("录入年度安排"), reverse("workcalendar:enter"))] if actor.has(MANAGE) else []

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


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """A year from a sheet; what is wrong in it is told cell by cell."""
    actor = actor_of(request)
    actor.require(MANAGE)
    form, status, cells = YearForm(request.POST or None, request.FILES or None), 200, {}
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                row = services.import_year_sheet(
                    actor=actor, year=given["year"], content=given["sheet"].read(), source=given["source"],
                    now=timezone.now(),
                )  # fmt: skip
            except DomainError as refused:
                if refused.status not in (413, 415, 422):
                    raise
                status, cells = refused.status, _place(form, refused)
            else:
                done = _("已录入%(year)s年放假安排。") % {"year": row.year}
                return redirect_to(request, reverse("workcalendar:year", args=[row.year]), toast=done)
    return render(request, "workcalendar/enter.html", {"form": form, "cells": cells}, status=status)


@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """The empty sheet."""
    actor_of(request).require(MANAGE)
    content = write_template(services.COLUMNS, title=_("放假安排"), demo=is_demo())
    answer = HttpResponse(content, content_type=_SHEET)
    answer["Content-Disposition"] = 'attachment; filename="holidays.xlsx"'
    return answer


def _place(form: YearForm, refused: DomainError) -> dict[str, str]:
    """Put a refusal beside its field; returns what belongs to cells of the sheet."""
    if isinstance(refused, services.BadSheet):
        form.add_error("sheet", str(refused.message))
        return {error.cell: str(error.reason) for error in refused.errors[:50]}
    for name, sentence in refused.fields.items():
        form.add_error(name if name in form.fields else "sheet", str(sentence))
    if not refused.fields:
        form.add_error("sheet", str(refused.message))
    return {}
