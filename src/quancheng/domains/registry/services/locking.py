"""Acts on one file one after the other, where what they write follows from the whole of it."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from quancheng.domains.registry.models import Completeness, Enterprise


def lock_files(files: Collection[uuid.UUID], *, now: datetime) -> dict[uuid.UUID, Completeness]:
    """Lock files by the rows of their scores, to the end of the caller's transaction; who waited sees what was written.

    The file's own row is not locked: an act that changes it holds that lock long before it knows what follows, so that
    two acts could wait for each other. Files that are gone are left out.
    """
    known = Completeness.objects.select_for_update(no_key=True).filter(file__in=files).order_by("pk")
    found = {one.pk: one for one in known}
    absent = set(files) - set(found)
    if not absent:
        return found
    missing = Enterprise.objects.filter(pk__in=absent).order_by("pk").values_list("pk", flat=True)
    rows = [Completeness(file_id=pk, measured_at=now) for pk in missing]
    Completeness.objects.bulk_create(rows, ignore_conflicts=True)
    return {one.pk: one for one in known.all()}
