"""Where work is likely to be: what other registers know of the place."""

from __future__ import annotations

from typing import Any

from quancheng.domains.permits.models import Permit
from quancheng.domains.risk.models import RiskUnit


def default_point(permit: Permit) -> dict[str, Any]:
    """The point of the risk unit of the permit's facility, to be confirmed; else that of the plant, which is coarse.
    Nothing where neither is known. One query at most."""
    if permit.facility_id is not None:
        rows = RiskUnit.objects.filter(facility=permit.facility_id, lon__isnull=False, ended_date__isnull=True)
        found = rows.order_by("pk").values("lon", "lat").first()
        if found is not None:
            return dict(found)
    if permit.file.lon is not None:
        return {"lon": permit.file.lon, "lat": permit.file.lat}
    return {}
