"""Figures of an enterprise (企业作业参数): what it set, and what counts on a day."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from quancheng.domains.permits.models import EnterpriseFigure
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.kernel.access.actor import Actor
from quancheng.standards.gb30871.parameters import Parameters, with_changes


def read_figure(value: str) -> Decimal | time:
    """A figure as it is kept. :raises ValueError: none."""
    if ":" in value:
        return time.fromisoformat(value)
    try:
        return Decimal(value)
    except ArithmeticError as bad:
        raise ValueError(value) from bad


def figures_on(file: uuid.UUID, day: date, *, known: datetime | None = None) -> Mapping[str, EnterpriseFigure]:
    """What an enterprise set, as it counts on a day, by name. One query.

    :param known: what was set later is left out.
    """
    rows = EnterpriseFigure.objects.filter(file=file, from_date__lte=day).order_by("from_date", "entered_at", "pk")
    return {row.name: row for row in (rows if known is None else rows.filter(entered_at__lte=known))}


def parameters_of(file: uuid.UUID, day: date, *, known: datetime | None = None) -> Parameters:
    """All figures that count for an enterprise on a day, as they were known. One query."""
    return with_changes({name: read_figure(row.value) for name, row in figures_on(file, day, known=known).items()})


def parameters_of_many(files: Collection[uuid.UUID], day: date) -> Mapping[uuid.UUID, Parameters]:
    """As :func:`parameters_of`, of several. One query; none for nobody."""
    told: dict[uuid.UUID, dict[str, Decimal | time]] = {file: {} for file in files}
    if told:
        rows = EnterpriseFigure.objects.filter(file__in=list(told), from_date__lte=day)
        for row in rows.order_by("from_date", "entered_at", "pk"):
            told[row.file_id][row.name] = read_figure(row.value)
    return {file: with_changes(changes) for file, changes in told.items()}


def log_every(files: Collection[uuid.UUID], day: date) -> Mapping[uuid.UUID, timedelta]:
    """How often gas in a confined space is written down by each of these enterprises (GB 30871-2022, 6.5: two hours at
    most). One query; none for nobody."""
    every = dict.fromkeys(files, timedelta(minutes=float(Parameters().cs_log_min)))
    if files:
        rows = EnterpriseFigure.objects.filter(file__in=files, name="cs_log_min", from_date__lte=day)
        for row in rows.order_by("from_date", "entered_at", "pk"):
            every[row.file_id] = timedelta(minutes=float(row.value))
    return every


def list_figures(*, actor: Actor) -> QuerySet[EnterpriseFigure]:
    """Everything that was set by enterprises that the actor may see, the newest first."""
    actor.require(VIEW)
    rows: QuerySet[EnterpriseFigure] = EnterpriseFigure.objects.visible_to(actor)
    return rows.select_related("enterprise").order_by("-entered_at", "-pk")
