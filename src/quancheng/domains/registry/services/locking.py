"""Acts on one file one after the other: by a lock where what they write follows from the whole, else by version."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F

from quancheng.domains.registry.models import Completeness, Enterprise
from quancheng.kernel.errors import StaleState


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


def put_beside(
    model: type[models.Model], subject: Mapping[str, models.Model], *, version: int, values: Mapping[str, Any],
    now: datetime,
) -> None:  # fmt: skip
    """Write the one row that may stand beside a subject: the first time make it, then change it.

    :param subject: the relation and what it leads to. :param version: of what was read; 0 where nothing stood.
    :raises StaleState: somebody wrote since it was read.
    """
    rows = model._default_manager
    if version:
        standing = rows.filter(**subject, version=version)
        if not standing.update(**values, version=F("version") + 1, updated_at=now):
            raise StaleState
        return
    try:
        with transaction.atomic():
            rows.create(**subject, **values, updated_at=now)
    except IntegrityError as twice:
        raise StaleState from twice
