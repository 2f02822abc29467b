"""In which street or town (镇街) a place lies, for sums by town."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Protocol, TypeVar

from quancheng.kernel.areas.models import Area


class OfTown(Protocol):
    """A sum that is of a town, or of what lies in none."""

    area: Area | None


Line = TypeVar("Line", bound=OfTown)


class Towns:
    """The divisions of the district, read in one query."""

    def __init__(self) -> None:
        known = Area.objects.filter(level__in=("district", "street", "village"))
        self._areas = {one.pk: one for one in known}

    def of(self, area_id: uuid.UUID | None) -> Area | None:
        """The street or town in which a division lies: itself, but for a village; None where nobody said."""
        area = self._areas.get(area_id) if area_id else None
        while area is not None and area.level == "village":
            area = self._areas.get(area.parent_id) if area.parent_id else None
        return area


def by_name(lines: Iterable[Line]) -> list[Line]:
    """Sums in the order of their towns' names, what lies in no town last."""
    return sorted(lines, key=lambda one: (one.area is None, one.area.name if one.area else ""))
