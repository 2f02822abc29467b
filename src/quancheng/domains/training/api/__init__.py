"""REST operations of the domain ``training``, mounted under ``/api/v1/training``."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.training.api import (
    certificates,
    contractors,
    courses,
    coverage,
    exams,
    gate,
    orders,
    persons,
    pools,
    procedures,
    programmes,
    quotas,
    staffing,
    study,
    violations,
)

router = Router()
for part in (
    persons, certificates, staffing, programmes, orders, courses, coverage, study, procedures, contractors, gate,
    violations, pools, quotas, exams,
):  # fmt: skip
    router.add_router("", part.router)
