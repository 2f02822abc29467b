"""REST operations of the domain ``risk``, mounted under ``/api/v1/risk``."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.risk.api import announcements, gradings, maps, posts, risks

router = Router()
for part in (risks, posts, gradings, announcements, maps):
    router.add_router("", part.router)
