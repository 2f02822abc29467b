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
    programmes,
    staffing,
    violations,
)

router = Router()
for part in (
    persons, certificates, staffing, contractors, gate, violations, programmes, orders, courses,
):  # fmt: skip
    router.add_router("", part.router)
