"""The cumulative picture of risk (累积风险): what is open at each unit at once, with its colour."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from quancheng.domains.hazards.queries.open_items import open_at_units
from quancheng.domains.permits.loops.permit import RUNNING
from quancheng.domains.permits.models import EnterpriseFigure, IsolationPoint, Permit, StopOrder, WorkAlarm
from quancheng.domains.permits.queries.figures import read_figure
from quancheng.domains.permits.queries.isolations import is_unchecked
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.permits.queries.spot import alarms_at_units
from quancheng.domains.registry.models import Unit
from quancheng.domains.registry.queries.enterprises import list_units
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.standards.gb30871.parameters import STANDARD, Parameters, with_changes

#: Numbers by enterprise and unit: alarms of monitoring, open dangers.
_Told = tuple[Counter[tuple[uuid.UUID, uuid.UUID]], Counter[tuple[uuid.UUID, uuid.UUID]]]
#: Permits, stop orders, alarms of work, points of isolation.
_Open = tuple[QuerySet[Permit], QuerySet[StopOrder], QuerySet[WorkAlarm], QuerySet[IsolationPoint]]
_FIGURES = ("load_yellow", "load_orange", "load_red", "load_stop")
#: Units of one page at most, those with most first.
MOST = 200


@dataclass(slots=True)
class UnitLoad:
    """What is open at one unit. ``alarms_beside`` and ``dangers`` are numbers of other rooms."""

    unit: Unit
    permits: list[Permit] = field(default_factory=list)
    orders: list[StopOrder] = field(default_factory=list)
    alarms: list[WorkAlarm] = field(default_factory=list)
    isolations: list[IsolationPoint] = field(default_factory=list)
    alarms_beside: int = 0
    dangers: int = 0
    figures: Parameters = STANDARD

    @property
    def total(self) -> int:
        rows = (self.permits, self.orders, self.alarms, self.isolations)
        return sum(len(one) for one in rows) + self.alarms_beside + self.dangers

    @property
    def colour(self) -> str:
        """Red, orange, yellow or blue by the enterprise's bounds."""
        return colour_of(self.total, self.figures)

    @property
    def is_stopped(self) -> bool:
        """Whether the unit gets no new permit (C-71)."""
        return 0 < self.figures.load_stop <= self.total


def colour_of(total: int, figures: Parameters) -> str:
    """The colour of so many open entries."""
    for name in ("red", "orange", "yellow"):
        if total >= getattr(figures, f"load_{name}"):
            return name
    return "blue"


def figures_of(files: Collection[uuid.UUID], day: date) -> Mapping[uuid.UUID, Parameters]:
    """The bounds of these enterprises on a day. One query."""
    rows = EnterpriseFigure.objects.filter(file__in=list(files), name__in=_FIGURES, from_date__lte=day)
    told: dict[uuid.UUID, dict[str, str]] = {}
    for row in rows.order_by("from_date", "entered_at", "pk"):
        told.setdefault(row.file_id, {})[row.name] = row.value
    return {
        file: with_changes({name: read_figure(value) for name, value in told.get(file, {}).items()}) for file in files
    }


def _told_of(files: Collection[uuid.UUID]) -> _Told:
    """What other rooms tell of by enterprise and unit: alarms of monitoring, open dangers."""
    return (alarms_at_units(files), open_at_units(files)) if files else (Counter(), Counter())


def _open_at(
    units: Collection[uuid.UUID], files: Collection[uuid.UUID], now: datetime, days: int | None = None
) -> _Open:
    """What this room has open at units of these enterprises. An order names a unit, or a permit that does, or neither:
    then it is for the whole enterprise. One query of its own.

    :param days: after how many isolations are looked at again, where there is one enterprise and that is known.
    """
    whole = Q(file__in=files, unit__isnull=True, permit__isnull=True)
    at_unit = Q(unit__in=units) | Q(unit__isnull=True, permit__unit__in=units)
    return (
        Permit.objects.filter(unit__in=units, status__in=RUNNING),
        StopOrder.objects.filter(whole | at_unit, status="IN_FORCE"),
        WorkAlarm.objects.filter(permit__unit__in=units, closed_at__isnull=True),
        IsolationPoint.objects.filter(is_unchecked(now, days), unit__in=units),
    )


def loads_of(units: Sequence[Unit], now: datetime, told: _Told | None = None) -> Sequence[UnitLoad]:
    """What is open at these units, the most first. Seven queries and one of each source of alarms, whatever their
    number; an order for a whole enterprise counts at each of its units.

    :param told: what other rooms tell of, where the caller asked them already.
    """
    found = {one.pk: UnitLoad(one) for one in units}
    files = {one.file_id for one in units}
    figures = figures_of(files, Calendar().local_date(now))
    running, orders, alarms, points = _open_at(found, files, now)
    # A page names each and links it; whole rows would be most of its time at a large unit.
    for permit in running.only("number", "content", "kind", "unit").order_by("window_end", "pk"):
        found[permit.unit_id].permits.append(permit)  # type: ignore[index]
    for order in orders.select_related("permit").order_by("issued_at", "pk"):
        one_unit = order.unit_id or (order.permit.unit_id if order.permit else None)
        if order.permit_id is None and order.unit_id is None:
            hit = [one for one in found.values() if one.unit.file_id == order.file_id]
        else:
            hit = [found[one_unit]] if one_unit in found else []
        for load in hit:
            load.orders.append(order)
    for alarm in alarms.select_related("permit").order_by("began_at", "pk"):
        found[alarm.permit.unit_id].alarms.append(alarm)  # type: ignore[index]
    for point in points.order_by("tag", "pk"):
        found[point.unit_id].isolations.append(point)  # type: ignore[index]
    beside, dangers = told if told is not None else _told_of(files)
    for load in found.values():
        key = (load.unit.file_id, load.unit.pk)
        load.alarms_beside, load.dangers, load.figures = beside[key], dangers[key], figures[load.unit.file_id]
    return sorted(found.values(), key=lambda one: (-one.total, one.unit.code, str(one.unit.pk)))


def list_loads(*, actor: Actor, now: datetime, file: uuid.UUID | None = None) -> Sequence[UnitLoad]:
    """Units that the actor may see with what is open there, the most first; without an enterprise only those where
    anything is."""
    actor.require(VIEW)
    rows = list_units(actor=actor).filter(ended_date__isnull=True)
    if file is not None:
        return loads_of(list(rows.filter(file=file).select_related("file__enterprise")), now)[:MOST]
    busy = Q(pk__in=Permit.objects.filter(status__in=RUNNING, unit__isnull=False).values("unit"))
    orders = StopOrder.objects.filter(status="IN_FORCE")
    busy |= Q(pk__in=orders.filter(unit__isnull=False).values("unit"))
    busy |= Q(pk__in=orders.filter(permit__unit__isnull=False).values("permit__unit"))
    # An order for a whole enterprise stands at each of its units.
    busy |= Q(file__in=orders.filter(permit=None, unit=None, file__isnull=False).values("file"))
    alarms = WorkAlarm.objects.filter(closed_at__isnull=True, permit__unit__isnull=False)
    busy |= Q(pk__in=alarms.values("permit__unit"))
    busy |= Q(pk__in=IsolationPoint.objects.filter(is_unchecked(now), unit__isnull=False).values("unit"))
    told = _told_of(set(rows.order_by().values_list("file", flat=True).distinct()))
    busy |= Q(pk__in={unit for counts in told for (_file, unit), number in counts.items() if number})
    return loads_of(list(rows.filter(busy).select_related("file__enterprise")), now, told)[:MOST]


def unit_load(permit: Permit, now: datetime, figures: Parameters) -> int:
    """What is open at the unit of a permit, itself not counted, nor alarms of its own and orders for it alone: they are
    its own matter, which other checks judge. 0 where it names no unit. Three queries: rows are counted and not read,
    for this is asked at every issue.

    :param figures: those of the enterprise.
    """
    if permit.unit_id is None:
        return 0
    unit, file = permit.unit_id, permit.file_id
    running, orders, alarms, points = _open_at([unit], [file], now, int(figures.isolation_review_d))
    others = (running.exclude(pk=permit.pk), *(rows.exclude(permit=permit.pk) for rows in (orders, alarms)), points)
    own = Unit.objects.filter(pk=unit).values_list(*map(_number, others))
    return sum(own[0]) + sum(counts[file, unit] for counts in _told_of({file}))


def _number(rows: Any) -> Any:
    """How many rows, as a part of a statement."""
    one = rows.order_by().annotate(all=Value(1)).values("all")
    return Coalesce(Subquery(one.annotate(number=Count("*")).values("number")), 0)
