"""Reads of signed statistics: what the system counts for a period, the rows behind each number, who is late."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.models import Finding, StatisticsReport
from quancheng.domains.hazards.queries.criteria import in_language
from quancheng.domains.hazards.queries.statistics import NOT_COUNTED
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, Text
from quancheng.standards.hidden_dangers.kinds import code_list

#: The money, the one figure that is no count.
COST = "cost_yuan"
#: Begins the figures by kind.
KIND = "type_"


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a period, and its moments: from its first midnight until the one after its last day."""

    first: date
    last: date

    @property
    def found(self) -> Q:
        calendar = Calendar()
        return Q(found_at__gte=calendar.start_of(self.first), found_at__lt=self._end(calendar))

    @property
    def closed(self) -> Q:
        calendar = Calendar()
        return Q(status="CLOSED", closed_at__gte=calendar.start_of(self.first), closed_at__lt=self._end(calendar))

    @property
    def open(self) -> Q:
        """Found by the end of the period and not closed by then."""
        end = self._end(Calendar())
        return Q(found_at__lt=end) & (Q(closed_at__isnull=True) | Q(closed_at__gte=end))

    def _end(self, calendar: Calendar) -> Any:
        return calendar.start_of(self.last + timedelta(days=1))


_MAJOR = Q(is_major=True)
_CONDITIONS: dict[str, Callable[[Span], Q]] = {
    "found": lambda span: span.found,
    "found_general": lambda span: span.found & ~_MAJOR,
    "found_major": lambda span: span.found & _MAJOR,
    "closed": lambda span: span.closed,
    "closed_major": lambda span: span.closed & _MAJOR,
    "open": lambda span: span.open,
    "open_major": lambda span: span.open & _MAJOR,
    "overdue": lambda span: span.open & Q(deadline__lte=span.last),
    COST: lambda span: span.found & Q(cost_yuan__isnull=False),
}
_LABELS: dict[str, Text] = {
    "found": _("发现隐患数"), "found_general": _("其中一般隐患"), "found_major": _("其中重大隐患"),
    "closed": _("已整改销号数"), "closed_major": _("其中重大隐患已销号"), "open": _("期末未销号数"),
    "open_major": _("其中重大隐患未销号"), "overdue": _("期末超期未整改数"), COST: _("治理资金（元）"),
}  # fmt: skip


def codes() -> list[str]:
    """Codes of the figures in their order: what was found, by kind, closed, open, money."""
    kinds = [f"{KIND}{one.code}" for one in code_list("type").items]
    names = list(_CONDITIONS)
    return [*names[:3], *kinds, *names[3:]]


def label_of(code: str) -> str:
    """What a figure is called, in the reader's language."""
    if code.startswith(KIND):
        name = next(one.name for one in code_list("type").items if one.code == code.removeprefix(KIND))
        return str(_("按类别：%(name)s") % {"name": in_language(name)})
    return str(_LABELS[code])


def _condition(code: str, span: Span) -> Q:
    if code.startswith(KIND):
        return span.found & Q(type=code.removeprefix(KIND))
    return _CONDITIONS[code](span)


def rows_of(row: StatisticsReport, code: str) -> QuerySet[Finding]:
    """The hidden dangers behind a figure, as they are now. :raises NotFound: there is no such figure."""
    if code not in codes():
        raise NotFound
    rows = Finding.objects.filter(_condition(code, Span(row.first_date, row.last_date)), file=row.file_id)
    return rows.exclude(status__in=NOT_COUNTED).order_by("-is_major", "found_at", "pk")


def propose(file_id: uuid.UUID, first: date, last: date) -> dict[str, int | Decimal]:
    """Every figure as the system counts it for a period. One query."""
    span = Span(first, last)
    rows = Finding.objects.filter(file=file_id).exclude(status__in=NOT_COUNTED).order_by()
    asked = {code: Count("pk", filter=_condition(code, span)) for code in codes() if code != COST}
    told = rows.aggregate(**asked, **{COST: Sum("cost_yuan", filter=_condition(COST, span))})
    money = told.pop(COST) or Decimal(0)
    return {**told, COST: money.quantize(Decimal("0.01"))}


def list_reports(*, actor: Actor) -> QuerySet[StatisticsReport]:
    """Reports that the actor may see, open ones first, then the newest."""
    rows = StatisticsReport.objects.visible_to(actor).select_related("file__enterprise", "file__area", "supervisor")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "-last_date", "pk")


def get_report(*, actor: Actor, report_id: uuid.UUID) -> StatisticsReport:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_reports(actor=actor).filter(pk=report_id).first()
    if found is None:
        raise NotFound
    return found


def late(today: date) -> Q:
    """Not signed when it was due (逾期未报), or only afterwards."""
    return Q(status="DUE", due_date__lt=today) | Q(is_late=True)


def unsigned(*, actor: Actor) -> QuerySet[StatisticsReport]:
    """Reports that were never signed, of what the actor may see, bare: for counts."""
    return StatisticsReport.objects.visible_to(actor).filter(status="DUE")


def open_of(file_ids: Sequence[uuid.UUID], *, since: date) -> Sequence[StatisticsReport]:
    """What these enterprises owe that is due on a day or later. In no scope: for the clock."""
    rows = StatisticsReport.objects.filter(status__in=("DUE", "RETURNED"), file__in=list(file_ids))
    return list(rows.filter(due_date__gte=since).order_by("pk"))


def standing(file_id: uuid.UUID, kind: str, first: date) -> StatisticsReport | None:
    """The report of a period that is owed or was signed. In no scope: for the clock."""
    rows = StatisticsReport.objects.filter(file=file_id, kind=kind, first_date=first)
    return rows.exclude(status="ENDED").first()


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a report: counted, as it was signed, by how much that differs and why."""

    code: str
    label: str
    proposed: str
    signed: str
    difference: str
    reason: str


def lines_of(row: StatisticsReport) -> list[Line]:
    """Every figure of a report; what is not signed yet stands with what the system counts now."""
    proposed: Mapping[str, Any] = row.proposed or propose(row.file_id, row.first_date, row.last_date)
    found = []
    for code in codes():
        counted, signed = Decimal(str(proposed.get(code, 0))), row.figures.get(code)
        difference = "" if signed is None else _signed(Decimal(str(signed)) - counted)
        found.append(
            Line(code, label_of(code), str(counted), "" if signed is None else str(signed), difference,
                 row.reasons.get(code, ""))
        )  # fmt: skip
    return found


def _signed(value: Decimal) -> str:
    return f"{value:+}" if value else ""
