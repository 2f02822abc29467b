"""REST operations of the domain ``risk``, mounted under ``/api/v1/risk``."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.risk.api import (
    analyses,
    announcements,
    card_visits,
    cards,
    classings,
    environmental,
    gradings,
    index,
    layout,
    maps,
    posts,
    reactions,
    risks,
    start_stops,
)

router = Router()
_parts = (
    risks, posts, analyses, announcements, gradings, classings, maps, reactions, start_stops,
    environmental, cards, card_visits, index, layout,
)  # fmt: skip
for part in _parts:
    router.add_router("", part.router)
