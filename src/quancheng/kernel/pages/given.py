"""Keys and days as they stand in an address or a form, read."""

from __future__ import annotations

import uuid
from datetime import date

from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages.errors import unknown_parameter

#: Days beyond are nobody's: reckoning with them would leave the calendar.
_FIRST, _LAST = date(1900, 1, 1), date(2200, 12, 31)


def known_key(text: str) -> uuid.UUID | None:
    """The key that a text is; None where it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def asked_key(text: str) -> uuid.UUID:
    """The key of a row that was asked for. :raises NotFound: the text is no key."""
    found = known_key(text)
    if found is None:
        raise NotFound
    return found


def asked_day(text: str, name: str) -> date | None:
    """The day in a parameter, as ``2026-10-31``; None where it is empty.

    :raises Invalid: it is no day, or none between 1900 and 2200.
    """
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise unknown_parameter(name) from None
    if not _FIRST <= day <= _LAST:
        raise unknown_parameter(name)
    return day
