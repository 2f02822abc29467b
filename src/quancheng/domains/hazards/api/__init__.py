"""REST operations of the domain ``hazards``, mounted under ``/api/v1/hazards``: one module a subject."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.hazards.api import (
    check_watch,
    checklists,
    checks,
    criteria,
    department_checklists,
    design_diagnoses,
    exchange,
    findings,
    further_loop,
    guarantors,
    learning,
    listings,
    lookbacks,
    patrol_clues,
    patrols,
    post_coverage,
    rounds,
    running,
    self_checks,
    signed_statistics,
)

router = Router()
for part in (
    criteria,
    department_checklists,
    design_diagnoses,
    checklists,
    findings,
    learning,
    checks,
    guarantors,
    rounds,
    patrols,
    patrol_clues,
    further_loop,
    listings,
    lookbacks,
    post_coverage,
    check_watch,
    running,
    exchange,
    self_checks,
    signed_statistics,
):
    router.add_router("", part.router)
