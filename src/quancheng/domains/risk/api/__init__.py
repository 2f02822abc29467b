"""REST operations of the domain ``risk``, mounted under ``/api/v1/risk``."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.risk.api import announcements, gradings, posts, risks

router = Router()
for part in (risks, posts, gradings, announcements):
    router.add_router("", part.router)
