"""REST operations of the domain ``registry``, mounted under ``/api/v1/registry``: one module a subject."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.registry.api import chemicals, enterprises, hazards, licences, places, posts, stock

router = Router()
for part in (enterprises, places, stock, hazards, chemicals, licences, posts):
    router.add_router("", part.router)
