"""The kernel's own REST operations: who am I, organisations, areas, work items, journal, events, imports."""

from __future__ import annotations

from ninja import Router

from quancheng.kernel.exchange.api import events, imports, journal, me, organisations, work

#: Mounted at the root of the API, not under the app's label.
prefix = ""

router = Router()
router.add_router("", me.router)
router.add_router("", organisations.router)
router.add_router("", work.router)
router.add_router("", journal.router)
router.add_router("", events.router)
router.add_router("/imports", imports.router)
