"""Acts on the wall chart: that it left the house as a spreadsheet."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor


def record_export(*, actor: Actor, rows: int, filters: str, now: datetime) -> None:
    """Enter an export of the chart in the journal, with its conditions and number of rows."""
    with transaction.atomic():
        journal.record(
            actor=actor, act="duty.wall.export", subject_type="duty.wall",
            facts={"rows": rows, "filters": filters}, now=now,
        )  # fmt: skip
