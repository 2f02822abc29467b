"""REST resources of 风险, over the same services and queries as the pages."""

from __future__ import annotations

from ninja import Router

router = Router()
