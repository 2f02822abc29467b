"""REST operations of the domain ``training``, mounted under ``/api/v1/training``."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.training.api import certificates, courses, orders, persons, programmes, staffing

router = Router()
for part in (persons, certificates, staffing, programmes, orders, courses):
    router.add_router("", part.router)
