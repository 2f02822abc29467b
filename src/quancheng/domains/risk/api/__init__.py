"""REST operations of the domain ``risk``, mounted under ``/api/v1/risk``."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.risk.api import analyses, announcements, cards, gradings, index, maps, posts, reactions, risks

router = Router()
for part in (risks, posts, analyses, announcements, gradings, maps, reactions, cards, index):
    router.add_router("", part.router)
