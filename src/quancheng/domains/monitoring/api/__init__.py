"""REST operations of the domain ``monitoring``, mounted under ``/api/v1/monitoring``."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.monitoring.api import quality, sources, tags

router = Router()
for part in (quality, sources, tags):
    router.add_router("", part.router)
