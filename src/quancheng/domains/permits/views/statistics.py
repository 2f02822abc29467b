"""Statistics of permits (作业统计) by month: each number opens the rows that it counts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views import View

from quancheng.domains.permits.loops.permit import BEGUN, PERMIT
from quancheng.domains.permits.models import Kind, Permit, TicketStatus
from quancheng.domains.permits.queries import statistics as queries
from quancheng.domains.permits.queries.blocks import HEALTH, checks
from quancheng.domains.permits.queries.permits import list_permits
from quancheng.domains.permits.services.checking import said
from quancheng.domains.permits.views.permits import PermitList
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Text
from quancheng.kernel.house.queries import is_demo
from quancheng.kernel.pages import export
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Flag
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.gb30871.endings import STOP_REASONS
from quancheng.standards.gb30871.kinds import levels

_TOTALS = {
    "all": gettext_lazy("申请的作业票"), "issued": pgettext_lazy("permit", "已签发"),
    "first_pass": gettext_lazy("一次通过签发"), "worked": gettext_lazy("已开始作业"),
    "accepted": gettext_lazy("完工验收合格"),
    "cancelled_after_issue": gettext_lazy("签发后撤销"), "void": pgettext_lazy("permit", "作废"),
    "expired": gettext_lazy("过期作废"), "upgraded": gettext_lazy("升级管理"), "contractor": gettext_lazy("承包商作业"),
    "night": gettext_lazy("涉及夜间"), "rest_day": gettext_lazy("休息日、节假日开始"),
    "audited": gettext_lazy("已审计"), "conform": gettext_lazy("审计无问题"),
    "no_data": gettext_lazy("审计无问题但有无数据项"),
    "overrun": gettext_lazy("超时作业"), "late_acceptance": gettext_lazy("逾期未验收"),
    "stop_work": gettext_lazy("员工叫停"), "special": gettext_lazy("特级动火"), "emergency": gettext_lazy("紧急预约"),
    "thought": gettext_lazy("用过停一停卡"), "thought_no": gettext_lazy("停一停卡有“否”"),
    "thought_stopped": gettext_lazy("因停一停暂停"),
}  # fmt: skip
_TITLES = {
    "total": gettext_lazy("总数"), "kpi": gettext_lazy("管理指标"),
    "kind": gettext_lazy("按作业类别"), "level": gettext_lazy("按作业级别"),
    "status": gettext_lazy("按状态"),
}  # fmt: skip
#: Shares by group: which count of which, and what it is called.
_SHARES = {
    "total": (
        ("first_pass", "issued", gettext_lazy("一次通过率")),
        ("cancelled_after_issue", "issued", gettext_lazy("签发后撤销率")),
        ("emergency", "all", gettext_lazy("紧急预约率")),
    ),
    "kpi": (
        ("audited", "issued", gettext_lazy("审计率")), ("conform", "audited", gettext_lazy("审计符合率")),
        ("overrun", "worked", gettext_lazy("超时作业率")), ("late_acceptance", "worked", gettext_lazy("逾期未验收率")),
        ("stop_work", "worked", gettext_lazy("员工叫停率")),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A number as page and spreadsheet show it, with the month before and the rows that it counts."""

    group: Text
    name: Text
    now: Any
    before: Any = ""
    url: str = ""


_COLUMNS = (
    Column("group", gettext_lazy("分组")), Column("name", gettext_lazy("统计指标")),
    Column("now", gettext_lazy("本月")), Column("before", gettext_lazy("上月")),
)  # fmt: skip


def name_of(code: str) -> Text:
    """What a code counts, in words."""
    head, _sign, rest = code.partition(":")
    if head == "kind":
        return Kind(rest).label
    if head == "status":
        return PERMIT.states[rest].label
    if head == "level":
        kind, _sign, level = rest.partition(":")
        return f"{Kind(kind).label} {said(levels(kind)[level].name)}"
    if head == "suspended":
        return _("暂停原因：%(reason)s") % {"reason": said(STOP_REASONS[rest])}
    if head == "refused":
        return next((f"{rest} {said(one.text)}" for one in checks() if one.code == rest), rest)
    return f"{_('承包商')} {rest}" if head == "contractor" and rest else _TOTALS[code]


class Statistics(View):
    """One month of what the reader sees, beside the month before."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor, now = actor_of(request), timezone.now()
        for name in request.GET:
            if name not in ("month", "town", "export"):
                raise unknown_parameter(name)
        list_permits(actor=actor)
        offered = queries.months(Calendar().local_date(now))
        month = request.GET.get("month", "") or offered[0]
        own = own_file(actor=actor)
        towns = [] if own else town_choices(actor)
        town = request.GET.get("town", "")
        if month not in offered:
            raise unknown_parameter("month")
        if town and town not in {path for path, _name in towns}:
            raise unknown_parameter("town")
        rows = queries.rows_of(actor=actor, month=month, town=town)
        lines = _lines(actor, rows, month, town, is_own=own is not None)
        wanted = request.GET.get("export", "")
        if wanted not in ("", "xlsx"):
            raise unknown_parameter("export")
        if wanted:
            return export.spreadsheet(
                actor=actor, code="permits.statistics", title=_("作业统计"), columns=_COLUMNS, rows=lines,
                filters_text=f"{month} {dict(towns).get(town, '')}".strip(), demo=is_demo(), now=now,
            )  # fmt: skip
        tables: dict[str, list[Line]] = {}
        for one in lines:
            tables.setdefault(str(one.group), []).append(one)
        context = {
            "tables": list(tables.items()), "month": month, "before": queries.month_before(month),
            "months": [(one, one == month) for one in offered],
            "towns": [(path, name, path == town) for path, name in towns],
            "export_url": f"?{urlencode({'month': month, 'town': town, 'export': 'xlsx'})}",
            "enterprises": [] if own else [
                (one, _url(month, town, "all", file=str(one["file"]))) for one in queries.by_enterprise(rows)
            ],
            "by_town": [] if own or town else [
                (one, _url(month, one["area__path"], "all")) for one in queries.by_town(rows)
            ],
        }  # fmt: skip
        return render(request, "permits/statistics.html", context)


def _lines(actor: Actor, rows: QuerySet[Permit], month: str, town: str, *, is_own: bool) -> list[Line]:
    before = queries.month_before(month)
    both = queries.rows_of(actor=actor, month=month, town=town, with_before=True)
    counted = queries.count(both, month, before)
    counts, then = counted[month], counted[before]
    lines = []
    for group, codes in queries.groups().items():
        lines += [
            Line(_TITLES[group], name_of(code), counts[code], then[code], _url(month, town, code))
            for code in codes if group == "total" or code in queries.KPIS or counts[code] or then[code]
        ]  # fmt: skip
        lines += [
            Line(_TITLES[group], name, _share(counts[code], counts[of]), _share(then[code], then[of]))
            for code, of, name in _SHARES.get(group, ())
        ]
        if group == "total":
            mean = queries.approval_times(both, month, before)
            lines.append(
                Line(_TITLES[group], _("平均审批时间（从申请到签发）"), _span(mean[month]), _span(mean[before]))
            )
    refused = queries.refusals(both, month, before, is_own=is_own)
    past = dict(refused[before])
    lines += [
        Line(_("被检查项阻止的作业票"), name_of(f"refused:{code}"), number, past.get(code, 0),
             _url(month, town, f"refused:{code}"))
        for code, number in refused[month]
    ]  # fmt: skip
    lines += _outside_lines(actor, month, before, town)
    return lines + [
        Line(_("按承包商"), name, number, "", _url(month, town, f"contractor:{name}"))
        for name, number in queries.by_contractor(rows)
    ]


def _outside_lines(actor: Actor, month: str, before: str, town: str) -> list[Line]:
    """Permits of other systems: apart, and in no other number."""
    found = queries.count_outside(actor=actor, months=(month, before), town=town)
    title = _("外部作业票（企业自有系统，不与本系统合计）")
    return [
        Line(title, outside_name(code), found[month][code], found[before][code], _outside_url(month, town, code))
        for code in queries.outside_groups() if found[month][code] or found[before][code]
    ]  # fmt: skip


def outside_name(code: str) -> Text:
    head, _sign, rest = code.partition(":")
    if rest:
        return Kind(rest).label if head == "kind" else TicketStatus(rest).label
    return _("外部作业票") if code == "all" else _TOTALS[code]


def _outside_url(month: str, town: str, code: str) -> str:
    begin, end = queries.span_of(month)
    head, _sign, rest = code.partition(":")
    days = Calendar()
    asked = {
        "kept": "1", "window_from": days.local_date(begin), "window_to": days.local_date(end) - timedelta(days=1),
        "town": town, **({head: rest or "1"} if code != "all" else {}),
    }  # fmt: skip
    return f"{reverse('permits:outside')}?{urlencode({name: value for name, value in asked.items() if value})}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else _("无数据")


def _span(mean: timedelta | None) -> str:
    if mean is None:
        return "—"
    minutes = round(mean.total_seconds() / 60)
    return _("%(hours)s小时%(minutes)s分") % {"hours": minutes // 60, "minutes": minutes % 60}


def _url(month: str, town: str, code: str, *, file: str = "") -> str:
    asked = {"month": month, "of": code, "town": town, "file": file}
    return f"{reverse('permits:counted')}?{urlencode({name: value for name, value in asked.items() if value})}"


def _months(actor: Actor) -> Sequence[tuple[str, str]]:
    return [(one, one) for one in queries.months(Calendar().local_date(timezone.now()))]


def _files(actor: Actor) -> Sequence[tuple[str, str]]:
    rows = list_permits(actor=actor).select_related(None).order_by("enterprise__name", "file")
    return [(str(pk), name) for pk, name in rows.values_list("file", "enterprise__name").distinct()]


class _Counted(Choice):
    """What is counted, in the month that the address names; of health offices learn nothing."""

    def _choices(self, actor: Actor) -> Sequence[tuple[str, Text]]:
        codes = [code for held in queries.groups().values() for code in held]
        is_own = own_file(actor=actor) is not None
        refused = [f"refused:{one.code}" for one in checks() if is_own or one.code != HEALTH]
        rows = list_permits(actor=actor).select_related(None).filter(work__is_contractor=True)
        units = rows.order_by("work_unit").values_list("work_unit", flat=True).distinct()
        return [(code, name_of(code)) for code in (*codes, *refused, *(f"contractor:{one}" for one in units))]

    def narrow(self, rows: QuerySet[Any], given: Any, actor: Actor) -> QuerySet[Any]:
        values = self._values(given)
        if not values:
            return rows
        if len(values) > 1 or values[0] not in {code for code, _name in self._choices(actor)}:
            raise self.refuse(_("没有这个选项。"))
        month = given.get("month") or _months(actor)[0][0]
        if month not in dict(_months(actor)):
            return rows
        return rows.filter(queries.condition(values[0], month))


class CountedPermits(ListPage):
    """The permits that a number of the statistics counts."""

    code = "permits.counted"
    title = gettext_lazy("统计的作业票")
    columns = PermitList.columns
    empty_title = PermitList.empty_title
    filters = (
        Choice(name="month", label=gettext_lazy("月份"), choices=_months, narrows=queries.in_month, pinned=True),
        _Counted(name="of", label=gettext_lazy("统计指标"), choices=(), pinned=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Choice(name="file", label=gettext_lazy("企业"), choices=_files, narrows=lambda key: Q(file=uuid.UUID(key))),
        Flag(name="running", label=gettext_lazy("只看作业中和暂停的"),
             condition=lambda actor: Q(status__in=BEGUN)),
    )  # fmt: skip

    def queryset(self, actor: Actor) -> QuerySet[Permit]:
        return list_permits(actor=actor)

    def url_of(self, row: Permit) -> str:
        return reverse("permits:permit", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("作业统计"), reverse("permits:statistics"))]
