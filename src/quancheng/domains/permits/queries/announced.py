"""What permits say of a daily announcement (承诺公告): special work of the day, by kind and level."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import date, timedelta

from quancheng.domains.permits.models import Permit
from quancheng.domains.risk.queries.announced_facts import MOST_ROWS, Fact
from quancheng.kernel.calendar import Calendar
from quancheng.standards.wording import Text

_SOURCE = Text("特殊作业票", "Permits of special work")
#: Number of the announcement by kind and level.
_CODES = {
    ("HW", "S"): "hot_special", ("HW", "I"): "hot_1", ("HW", "II"): "hot_2", ("CS", ""): "confined",
    ("BL", ""): "blind_plate", ("WH", ""): "height", ("LF", ""): "lifting", ("TE", ""): "temporary_power",
    ("EX", ""): "excavation", ("RC", ""): "road_closure",
}  # fmt: skip


def announced_facts(files: Collection[uuid.UUID], on: date) -> Mapping[uuid.UUID, Mapping[str, Fact]]:
    """How much special work was issued for a day: what is announced against it is a contradiction."""
    days = Calendar()
    begin, end = days.start_of(on), days.start_of(on + timedelta(days=1))
    rows = Permit.objects.filter(
        file__in=list(files), issued_at__isnull=False, window_start__lt=end, window_end__gte=begin
    ).exclude(status__in=("VOID", "EXPIRED", "CANCELLED"))
    found: dict[uuid.UUID, dict[str, list[str]]] = {}
    for row in rows.order_by("number", "pk"):
        level = (row.effective or row.level) if row.kind == "HW" else ""
        code = _CODES.get((row.kind, level))
        if code is not None:
            found.setdefault(row.file_id, {}).setdefault(code, []).append(str(row))
    return {
        pk: {code: Fact(len(names), _SOURCE, tuple(names[:MOST_ROWS])) for code, names in codes.items()}
        for pk, codes in found.items()
    }
