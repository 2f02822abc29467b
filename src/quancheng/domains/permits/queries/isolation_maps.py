"""Points of isolation on the plan of a site (隔离点布置): by kind of device and state, at what they lie in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, QuerySet, When

from quancheng.domains.permits.loops.isolation import OPEN_STATES
from quancheng.domains.permits.models import IsolationPoint
from quancheng.domains.permits.queries.maps import around, points_on_plan
from quancheng.domains.risk.queries.plans import Place, PlanView

#: Points drawn on a plan at most.
MOST = 300
_SYMBOLS = {"BLIND": "plate", "SPOOL_REMOVED": "plate", "DOUBLE_BLOCK": "valve", "VALVE_LOCK": "valve",
            "ELEC_LOTO": "power"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class IsolationSpot:
    """One point on a drawing: what its symbol is, of which state; half its size in units of the drawing."""

    point: IsolationPoint
    symbol: str
    x: float
    y: float
    size: float
    is_drawn: bool

    @property
    def tone(self) -> str:
        return self.point.status.lower()

    @property
    def tag_y(self) -> float:
        """The base line of its tag, where that is written below the symbol."""
        return round(self.y + self.size * 2.1, 1)

    @property
    def shape(self) -> str:
        """The path of the symbol about its middle: a plate between flanges, a valve, a flash, a padlock's square."""
        x, y, r = self.x, self.y, self.size
        half = r / 2
        corners: Mapping[str, Sequence[tuple[float, float]]] = {
            "plate": [(-half / 2, -r), (half / 2, -r), (half / 2, r), (-half / 2, r)],
            "valve": [(-r, -half), (r, half), (r, -half), (-r, half)],
            "power": [(half / 2, -r), (-half, r / 5), (0, r / 5), (-half / 2, r), (half, -r / 5), (0, -r / 5)],
            "other": [(-half, -half), (half, -half), (half, half), (-half, half)],
        }
        drawn = " L".join(f"{round(x + dx, 1)} {round(y + dy, 1)}" for dx, dy in corners[self.symbol])
        return f"M{drawn}Z"


def symbol_of(device: str) -> str:
    return _SYMBOLS.get(device, "other")


def standing_at(rows: QuerySet[IsolationPoint], file: uuid.UUID) -> tuple[list[IsolationPoint], int]:
    """Points of an enterprise that a query gave to the actor and that did not end: what was found open first, then what
    nobody verified yet; and how many are left out."""
    first = Case(When(status__in=("LIFTED", "TESTING"), then=0), When(status="APPLIED", then=1), default=2)
    found = list(rows.filter(file=file, status__in=OPEN_STATES).order_by(first, "tag", "pk")[: MOST + 1])
    if len(found) <= MOST:
        return found, 0
    return found[:MOST], rows.filter(file=file, status__in=OPEN_STATES).count() - MOST


def isolation_spots(
    points: Sequence[IsolationPoint], view: PlanView | None, places: Sequence[Place]
) -> list[IsolationSpot]:
    """Points at the drawing of their facility, else of their unit, above its name; ``places`` as for permits."""
    at = points_on_plan(view, places)
    em = view.em if view is not None else 1.0
    taken: dict[tuple[float, float], int] = {}
    found = []
    for one in points:
        where = at.get(one.facility_id) or at.get(one.unit_id)
        if where is None:
            found.append(IsolationSpot(one, symbol_of(one.device), 0, 0, em, False))
            continue
        dx, dy = around(taken.get(where, 0))
        taken[where] = taken.get(where, 0) + 1
        x, y = round(where[0] + dx * em * 1.2, 1), round(where[1] - em * 3 - dy * em * 1.2, 1)
        found.append(IsolationSpot(one, symbol_of(one.device), x, y, em, True))
    return found
