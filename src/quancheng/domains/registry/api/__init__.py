"""REST operations of the domain ``registry``, mounted under ``/api/v1/registry``: one module a subject."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.registry.api import licences, posts

router = Router()
for part in (licences, posts):
    router.add_router("", part.router)
