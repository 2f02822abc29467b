"""REST operations of the domain ``training``, mounted under ``/api/v1/training``."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.training.api import (
    certificates,
    contractors,
    courses,
    gate,
    orders,
    persons,
    pools,
    programmes,
    staffing,
    violations,
)

router = Router()
for part in (
    persons, certificates, staffing, contractors, gate, violations, pools, programmes, orders, courses,
):  # fmt: skip
    router.add_router("", part.router)
