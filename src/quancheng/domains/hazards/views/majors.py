"""The database of major hidden dangers (重大事故隐患数据库): ledger, numbers that open rows, what is missing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.hazards.forms.majors import MarkForm
from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.models.majors import GROUP_OF, GROUPS, Part
from quancheng.domains.hazards.queries import majors as queries
from quancheng.domains.hazards.services import majors as services
from quancheng.domains.hazards.views.findings import FindingList
from quancheng.domains.hazards.views.of_finding import FindingPage
from quancheng.domains.hazards.views.words import coded
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Dates, Filter, Flag
from quancheng.kernel.pages.lists import Column
from quancheng.kernel.pages.words import listed, told
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.models import LINKS
from quancheng.standards.hidden_dangers import levels

#: The columns of the ledger that is handed up, in its order.
LEDGER = (
    "code", "file", "credit_code", "industry", "area", "address", "name", "criterion", "found_at", "channel",
    "finder_name", "level", "five", "interim", "deadline", "progress", "listed_number", "supervisor", "closed_at",
    "reviewer", "published", "lookback",
)  # fmt: skip


def _today() -> date:
    return Calendar().local_date(timezone.now())


def _interim(row: Finding) -> str:
    return listed(told(levels.INTERIM[code]) for code in (row.plan or {}).get("interim") or ())


def _missing(row: Any) -> str:
    return listed(part.label for those in queries.missing_parts(row).values() for part in those)


def _org(row: Finding) -> Any:
    return row.file.enterprise


class MajorList(FindingList):
    """The ledger of major dangers, found by whatever channel, with what its mechanism lacks."""

    code = "hazards.majors"
    title = gettext_lazy("重大隐患数据库")
    columns: ClassVar[tuple[Column, ...]] = (
        *(one for one in FindingList.columns if one.key not in ("source", "type", "extension_count", "is_repeat")),
        Column("missing", gettext_lazy("尚缺的状态项"), value=_missing, width="wide"),
        Column("report_regulator_at", gettext_lazy("首次报告监管部门时间"), shown=False),
        Column("notify_workers_at", gettext_lazy("向职工大会或职工代表大会报告时间"), shown=False),
        Column("progress", gettext_lazy("整改进度"), numeric=True,
               value=lambda row: "" if row.progress is None else f"{row.progress}%"),
        Column("listed_number", gettext_lazy("督办文号")),
        Column("credit_code", gettext_lazy("统一社会信用代码"), value=lambda row: _org(row).credit_code, shown=False),
        Column("industry", gettext_lazy("行业"), value=lambda row: row.file.industry, shown=False),
        Column("address", gettext_lazy("地址"), value=lambda row: row.file.address, shown=False),
        Column("five", gettext_lazy("五落实"), value=lambda row: _("是") if row.is_planned else _("否"), shown=False),
        Column("interim", gettext_lazy("临时管控措施"), value=_interim, shown=False),
        Column("reviewer", gettext_lazy("验收人"), shown=False,
               value=lambda row: row.accepted_by.name if row.accepted_by else ""),
        Column("published", gettext_lazy("已公布"), value=lambda row: _("是") if row.is_published else _("否"),
               shown=False),
        Column("lookback", gettext_lazy("责任倒查"), value=lambda row: row.lookback_code or "", shown=False),
    )  # fmt: skip
    filters: ClassVar[tuple[Filter, ...]] = (
        *FindingList.filters,
        Dates(name="closed", label=gettext_lazy("销号时间"), field="closed_at", times=True),
        Choice(name="link", label=gettext_lazy("链条环节"), choices=LINKS,
               narrows=lambda code: Q(links__contains=[code])),
        Flag(name="unlisted", label=gettext_lazy("超过90天未挂牌"),
             condition=lambda actor: queries.is_alarming(_today())),
        Flag(name="unprotected", label=gettext_lazy("没有方案或临时措施"),
             condition=lambda actor: queries.is_unprotected()),
    )  # fmt: skip

    def queryset(self, actor: Actor) -> QuerySet[Finding]:
        return queries.list_majors(actor=actor)

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        ledger = urlencode([("cols", key) for key in LEDGER])
        return [(gettext_lazy("动态清零"), reverse("hazards:majors_board")),
                (gettext_lazy("台账全部列"), f"{reverse('hazards:majors')}?{ledger}")]  # fmt: skip


class MajorsBoard(View):
    """The database in numbers: dynamic clearing, channels, years, links of the chain; each opens its rows."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            raise unknown_parameter(name)
        today = _today()
        found = queries.board(actor=actor, today=today)
        clear = found.clearing
        base = reverse("hazards:majors")
        before = (found.quarter - timedelta(days=1)).isoformat()

        def to(**given: str) -> str:
            return f"{base}?{urlencode(given)}"

        quarter = found.quarter.isoformat()
        figures = [
            (_("本季度新增"), clear.new, to(found_from=quarter, found_to=today.isoformat())),
            (_("本季度销号"), clear.closed, to(closed_from=quarter, closed_to=today.isoformat())),
            (_("未销号"), clear.open, to(open="1")),
            (_("超期未整改"), clear.overdue, to(overdue="1")),
            (_("没有方案或临时措施"), clear.unprotected, to(unprotected="1")),
            (_("存量（本季度前发现，未销号）"), clear.stock, to(open="1", found_to=before)),
            (_("超过90天未挂牌"), clear.alarms, to(unlisted="1")),
        ]
        years = [
            (one, to(found_from=f"{one.code}-01-01", found_to=f"{one.code}-12-31", open="1"),
             int(one.code) <= queries.OLD_YEAR)
            for one in found.years
        ]  # fmt: skip
        context = {
            "board": found, "figures": figures, "oldest": to(open="1", sort="found_at"), "years": years,
            "channels": [(coded("channel", one.code), one, to(channel=one.code), to(channel=one.code, open="1"))
                         for one in found.channels],
            "links": [(one, to(link=one.code), to(link=one.code, open="1")) for one in found.links],
            "today": today, "old_year": queries.OLD_YEAR,
            "old": to(open="1", found_to=f"{queries.OLD_YEAR}-12-31"),
        }  # fmt: skip
        return render(request, "hazards/majors_board.html", context)


def mechanism(row: Finding, actor: Actor) -> dict[str, Any]:
    """The five groups of one major danger with their parts, for its page: what is done by whom, what is missing."""
    full = queries.list_majors(actor=actor).filter(pk=row.pk).first()
    if full is None:
        return {"groups": []}
    done, marks = queries.done_parts(full), {one.part: one for one in queries.marks_of(row)}
    groups = [
        (label, [(part.label, part.value in done, marks.get(part.value))
                 for part in Part if GROUP_OF[part] == group])
        for group, label in GROUPS.items()
    ]  # fmt: skip
    return {"groups": groups}


class NewMark(FindingPage):
    """One part of the mechanism is done, or not needed."""

    title = gettext_lazy("登记状态项")
    lead = gettext_lazy("闭环、公开、倒查由系统按记录判断；其余由监管部门登记。")
    duty = services.SUPERVISE
    form = MarkForm
    button = gettext_lazy("登记")

    def back_url(self) -> str:
        return reverse("hazards:finding", args=[self.finding.pk]) + "?tab=mechanism"

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.mark_part(actor=actor, row=self.finding, part=given["part"], is_needed=not given["is_spared"],
                           note=given["note"], now=now)  # fmt: skip
        return self.back_url()
