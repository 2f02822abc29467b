"""The journal's front door: ``journal.record`` writes an act into the append-only, sealed record (日志)."""

from __future__ import annotations

from typing import Any


def record(**what: Any) -> Any:
    """See :func:`quancheng.kernel.journal.services.record`; imported late, since apps load before their models."""
    from quancheng.kernel.journal import services

    return services.record(**what)
