"""REST operations of the domain ``duty``, mounted under ``/api/v1/duty``: one module a subject."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.duty.api import (
    campaigns,
    duty_lists,
    groups,
    library,
    meetings,
    outside,
    own_plans,
    packs,
    plans,
    problems,
    progress,
    reports,
    review,
    staff,
    tasks,
    visits,
)

router = Router()
for part in (
    tasks,
    progress,
    plans,
    outside,
    review,
    reports,
    own_plans,
    library,
    packs,
    visits,
    groups,
    meetings,
    problems,
    campaigns,
    duty_lists,
    staff,
):
    router.add_router("", part.router)
