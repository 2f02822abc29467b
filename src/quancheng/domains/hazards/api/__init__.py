"""REST operations of the domain ``hazards``, mounted under ``/api/v1/hazards``: one module a subject."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.hazards.api import (
    checklists,
    checks,
    criteria,
    exchange,
    findings,
    further_loop,
    guarantors,
    learning,
    rounds,
    running,
    self_checks,
    signed_statistics,
)

router = Router()
for part in (
    criteria,
    checklists,
    findings,
    learning,
    checks,
    guarantors,
    rounds,
    running,
    exchange,
    self_checks,
    signed_statistics,
    further_loop,
):
    router.add_router("", part.router)
