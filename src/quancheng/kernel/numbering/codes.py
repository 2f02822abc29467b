"""Short codes of records, counted through the year: H2026-003."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from quancheng.kernel.calendar import Calendar

_LOCK = 0x434F4445


def next_code(model: Any, letter: str, *, now: datetime) -> str:
    """The next code of the local year, in the caller's transaction; two at once get two.

    :param model: a model with a unique ``code``.
    :param letter: opens the codes of this kind of record.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    prefix = f"{letter}{Calendar().local_date(now):%Y}-"
    last = model.objects.filter(code__startswith=prefix).order_by("-code").values_list("code", flat=True).first()
    return f"{prefix}{(int(last.removeprefix(prefix)) if last else 0) + 1:04}"
