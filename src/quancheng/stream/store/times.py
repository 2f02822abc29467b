"""Times of the stream and its store, in milliseconds, as others know them (时间)."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(ms: int) -> datetime:
    """:param ms: since 1970 in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)
