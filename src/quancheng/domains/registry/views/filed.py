"""What an enterprise's page shows of its filings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quancheng.domains.registry.loops.filing import FILING
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.views import words


def _rows(file: Enterprise) -> list[dict[str, Any]]:
    return list(getattr(file, "filed", None) or [])


def is_under_way(file: Enterprise) -> bool:
    """Whether a filing of it is open."""
    return any(one["closed_at"] is None for one in _rows(file))


def shown(file: Enterprise) -> list[dict[str, Any]]:
    """The last filings in words, as the page's query gave them."""
    return [
        {
            "id": one["id"], "code": one["code"], "number": one["number"], "due": one["due_date"],
            "label": str(FILING.states[one["status"]].label), "is_open": one["closed_at"] is None,
            "day": words.day(datetime.fromisoformat(one["received_at"])) if one["received_at"] else "",
        }
        for one in _rows(file)
    ]  # fmt: skip
