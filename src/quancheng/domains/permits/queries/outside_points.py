"""Whether the point that another system told of a permit can be one of its enterprise (外部作业票位置核对)."""

from __future__ import annotations

from quancheng.domains.permits.models import OutsidePermit
from quancheng.domains.registry.points import point_fault
from quancheng.standards.coordinates import Point, distance_m

#: Metres from the enterprise's own point within which its work lies [D].
WITHIN_M = 5_000


def is_misplaced(row: OutsidePermit) -> bool:
    """Whether a permit lies outside the district, or farther from its enterprise than :data:`WITHIN_M`. It is shown and
    meets no other work: nothing is known of where it is. Of an enterprise without a point the district alone counts.
    Reads the file of the row."""
    if point_fault(row.lon, row.lat) is not None:
        return True
    if row.file.lon is None or row.file.lat is None:
        return False
    home = Point(float(row.file.lon), float(row.file.lat))
    return distance_m(Point(float(row.lon), float(row.lat)), home) > WITHIN_M
