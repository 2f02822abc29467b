"""REST operations of the domain ``registry``, mounted under ``/api/v1/registry``: one module a subject."""

from __future__ import annotations

from ninja import Router

from quancheng.domains.registry.api import (
    census,
    checks,
    chemicals,
    dossier,
    enterprises,
    environment,
    exits,
    expenses,
    filings,
    hazards,
    licences,
    merges,
    places,
    posts,
    products,
    projects,
    quality,
    sensitive,
    stock,
    storage,
    storage_checks,
    storage_places,
)

router = Router()
for part in (
    enterprises, places, stock, hazards, chemicals, licences, posts, sensitive, products, projects, expenses, exits,
    census, filings,
    storage, dossier, checks, quality, merges, environment, storage_places,
    storage_checks,
):  # fmt: skip
    router.add_router("", part.router)
