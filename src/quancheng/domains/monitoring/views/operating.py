"""How the signal flow runs (运行监视), for the system administrator: no business content."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from quancheng.domains.monitoring.queries import operating as queries
from quancheng.domains.monitoring.queries.readings import StoreAway
from quancheng.domains.monitoring.services.house_watch import MOST_FULL, MOST_LAG_S, OPERATE
from quancheng.kernel.pages.respond import respond
from quancheng.kernel.people.actors import actor_of


@require_safe
def operating(request: HttpRequest) -> HttpResponse:
    actor_of(request).require(OPERATE)
    now = timezone.now()
    told = [(one, now - one.noted_at <= queries.FRESH) for one in queries.processes_told()]
    running = [one for one, is_fresh in told if is_fresh]
    processes = [one for one in running if one.name == "process"]
    gateways = [one for one in running if one.name == "gateway"]
    context: dict[str, Any] = {
        "told": told, "partitions": queries.partitions(processes), "stream": _stream(processes),
        "gateways": [(one, sorted(one.figures.get("refused", {}).items())) for one in gateways],
        "writing": [(one, _per(one.figures.get("totals", {}))) for one in processes],
        "sources": queries.troublesome_sources(), "troubles": queries.troubles(), "most_lag": MOST_LAG_S,
        "most_full": MOST_FULL, "now": now,
    }  # fmt: skip
    try:
        context["tables"] = queries.store_tables()
    except StoreAway as away:
        context["away"] = str(away)
    return respond(request, page="monitoring/operating.html", part="monitoring/_operating.html", context=context)


def _stream(processes: Any) -> Any:
    return next((one.figures for one in processes if "stream_bytes" in one.figures), None)


def _per(totals: Any) -> dict[str, float]:
    """Microseconds a reading, of each part of the work."""
    readings = totals.get("readings") or 0
    return {name: totals.get(f"{name}_s", 0.0) * 1e6 / readings if readings else 0.0
            for name in ("decode", "judge", "write")}  # fmt: skip
