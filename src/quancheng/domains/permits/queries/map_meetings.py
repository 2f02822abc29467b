"""What meets on a drawing at a moment (交叉作业): now, or as it is planned for an hour to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quancheng.domains.permits.queries.maps import Spot
from quancheng.domains.permits.queries.simops import Met, met_by_many


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two jobs that meet. ``second`` is None where the other side is not drawn: an operation, a permit of another
    system, or one that the reader does not see."""

    first: Spot
    second: Spot | None
    met: Met

    @property
    def is_stop(self) -> bool:
        return self.met.result == "FORBID"

    @property
    def is_drawn(self) -> bool:
        """Whether a line may be drawn between them: both have a point."""
        return self.second is not None and not (self.first.is_unplaced or self.second.is_unplaced)


def meetings_of(spots: Sequence[Spot], moment: datetime) -> list[Meeting]:
    """What meets at the moment, each pair and rule once, what is forbidden first. Seven queries at most."""
    by_key = {one.permit.pk: one for one in spots}
    told: dict[object, Meeting] = {}
    for key, found in met_by_many([one.permit for one in spots]).items():
        for one in found:
            if one.overlap.start <= moment < one.overlap.end:
                pair = (frozenset((key, one.side)), one.rule)
                told.setdefault(pair, Meeting(by_key[key], by_key.get(one.other) if one.other else None, one))
    return sorted(told.values(), key=lambda one: (not one.is_stop, one.met.distance_m, one.first.permit.number))
