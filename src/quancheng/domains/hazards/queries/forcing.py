"""What open major dangers say of an enterprise's colour (强制定级), for many enterprises at once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from quancheng.domains.hazards.models import Finding
from quancheng.domains.risk.queries.grading_facts import Known
from quancheng.kernel.ladder.rungs import Late

#: A major danger counts from its grading until it is closed; one that is only thought to be major does not yet.
_GRADED = ("PLANNING", "PLANNED", "FIXING", "EXTENDING", "EXTENDING_MAJOR", "ACCEPTING", "CANCELLING")


def open_majors(files: Collection[uuid.UUID], on: date) -> Mapping[uuid.UUID, Known | None]:
    """Whether each file has an open major danger, with their codes."""
    found: dict[uuid.UUID, list[str]] = {pk: [] for pk in files}
    rows = Finding.objects.filter(file__in=list(files), is_major=True, status__in=_GRADED).order_by("found_at", "pk")
    for file, code, name in rows.values_list("file", "code", "name"):
        found[file].append(f"{code} {name}")
    return {pk: Known("1" if codes else "0", tuple(codes)) for pk, codes in found.items()}


def major_late(late: Late, figures: Mapping[str, Any]) -> bool:
    """Whether what is late is a major danger: its ladder begins with the look on the spot and the order in writing."""
    if late.item.subject_type != Finding.row_type() or late.days_late <= int(figures["over_days"]):
        return False
    return Finding.objects.filter(pk=late.item.subject_id, is_major=True).exists()
