"""REST operations of the domain ``duty``, mounted under ``/api/v1/duty``: one module a subject."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.duty.api import own_plans, plans, reports, review, tasks, visits

router = Router()
for part in (tasks, plans, review, reports, own_plans, visits):
    router.add_router("", part.router)
