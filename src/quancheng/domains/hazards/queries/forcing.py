"""What open major dangers say of an enterprise's colour (强制定级), for many enterprises at once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from quancheng.domains.hazards.loops.finding import GRADED_OPEN
from quancheng.domains.hazards.models import Finding
from quancheng.domains.risk.queries.grading_facts import Known
from quancheng.kernel.ladder.rungs import Late


def open_majors(files: Collection[uuid.UUID], on: date) -> Mapping[uuid.UUID, Known | None]:
    """Whether each file has an open major danger, with their codes: one counts from its grading until it is closed."""
    found: dict[uuid.UUID, list[str]] = {pk: [] for pk in files}
    rows = Finding.objects.filter(file__in=list(files), is_major=True, status__in=GRADED_OPEN)
    for file, code, name in rows.order_by("found_at", "pk").values_list("file", "code", "name"):
        found[file].append(f"{code} {name}")
    return {pk: Known("1" if codes else "0", tuple(codes)) for pk, codes in found.items()}


def major_late(late: Late, figures: Mapping[str, Any]) -> bool:
    """Whether what is late is a major danger: its ladder begins with the look on the spot and the order in writing."""
    if late.item.subject_type != Finding.row_type() or late.days_late <= int(figures["over_days"]):
        return False
    return Finding.objects.filter(pk=late.item.subject_id, is_major=True).exists()
