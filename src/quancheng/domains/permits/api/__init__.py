"""REST operations of the domain ``permits``, mounted under ``/api/v1/permits``."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.permits.api import (
    alarms,
    audits,
    checks,
    daily,
    drawings,
    draws,
    exposed,
    field,
    instruments,
    isolations,
    learning,
    musters,
    outside,
    pairings,
    permits,
    planning,
    sanctions,
    statistics,
    talks,
    weather,
)

router = Router()
router.add_router("", permits.router)
router.add_router("", audits.router)
router.add_router("", exposed.router)
router.add_router("", checks.router)
router.add_router("", draws.router)
router.add_router("", alarms.router)
router.add_router("", outside.router)
router.add_router("", isolations.router)
router.add_router("", drawings.router)
router.add_router("", learning.router)
router.add_router("", planning.router)
router.add_router("", sanctions.router)
router.add_router("", field.router)
router.add_router("", instruments.router)
router.add_router("", pairings.router)
router.add_router("", weather.router)
router.add_router("", statistics.router)
router.add_router("", musters.router)
router.add_router("", daily.router)
router.add_router("", talks.router)
