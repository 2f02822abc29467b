"""REST operations of the domain ``monitoring``, mounted under ``/api/v1/monitoring``."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.monitoring.api import (
    alarms,
    backfill,
    bypasses,
    functions,
    holds,
    installations,
    key_processes,
    outages,
    quality,
    readings,
    sources,
    tags,
    warnings,
)

router = Router()
_PARTS = (alarms, backfill, bypasses, functions, holds, installations, key_processes, outages, quality, readings,
          sources, tags, warnings)  # fmt: skip
for part in _PARTS:
    router.add_router("", part.router)
