"""From an acute toxicity estimate to the category [G]."""

from __future__ import annotations

import csv
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import NamedTuple

from quancheng.standards.ghs.model import DATA, Hazard

#: Which class each route of the table belongs to.
_CLASS = {
    "oral": "acute_oral",
    "dermal": "acute_dermal",
    "gas": "acute_inhalation",
    "vapour": "acute_inhalation",
    "dust": "acute_inhalation",
}


class AcuteLimits(NamedTuple):
    """The upper limits of categories 1 to 5 (None: there is none) of one route, in its unit; each limit belongs to the
    category."""

    route: str
    unit: str
    limits: tuple[Decimal | None, ...]
    mark: str


@cache
def acute_limits() -> dict[str, AcuteLimits]:
    """Limits by route: oral and dermal in mg/kg; gas in ppmV, vapour and dust (and mist) in mg/L, 4 hours."""
    with (DATA / "acute.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["route"]: AcuteLimits(
                route=row["route"],
                unit=row["unit"],
                limits=tuple(Decimal(row[f"cat{n}"]) if row[f"cat{n}"] else None for n in range(1, 6)),
                mark=row["mark"],
            )
            for row in csv.DictReader(file)
        }


def acute_hazard(route: str, estimate: Decimal | float | str) -> Hazard | None:
    """The acute toxicity of an estimate (LD50 or LC50) by a route; None above the last limit.

    ``route`` is one of oral, dermal, gas, vapour, dust (see :func:`acute_limits` for the units). ValueError for
    another route, and for an estimate that is no number above 0.
    """
    limits = acute_limits().get(route)
    if limits is None:
        raise ValueError(f"no route {route!r}; there are {', '.join(acute_limits())}")
    try:
        value = Decimal(str(estimate))
    except InvalidOperation:
        raise ValueError(f"an acute toxicity estimate is a number above 0, not {estimate!r}") from None
    if not value.is_finite() or value <= 0:
        raise ValueError(f"an acute toxicity estimate is a number above 0, not {estimate!r}")
    for number, limit in enumerate(limits.limits, 1):
        if limit is not None and value <= limit:
            return Hazard(_CLASS[route], str(number))
    return None


def is_highly_toxic(route: str, estimate: Decimal | float | str) -> bool:
    """Whether an estimate meets the criterion of highly toxic chemicals (剧毒): acute toxicity category 1 [V].
    Errors as :func:`acute_hazard`."""
    hazard = acute_hazard(route, estimate)
    return hazard is not None and hazard.category == "1"
