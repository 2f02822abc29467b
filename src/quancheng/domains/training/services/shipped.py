"""What ships with the house: roles, from the tables in ``data``. What a person changed stays as he left it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import transaction

from quancheng.domains.training.models import WorkRole

_DATA = Path(__file__).parent.parent / "data"


def load_shipped() -> None:
    """Bring what ships in step; after migrations."""
    with transaction.atomic():
        _load_roles()


def rows_of(name: str) -> Iterator[dict[str, str]]:
    """Lines of a table that ships."""
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _load_roles() -> None:
    standing = {one.code: one for one in WorkRole.objects.all()}
    new = []
    for place, row in enumerate(rows_of("roles"), start=1):
        facts: dict[str, Any] = {
            "name": row["zh"], "name_en": row["en"], "is_task_only": row["is_task_only"] == "1",
            "barred_by": [one for one in row["barred_by"].split("|") if one], "mark": row["mark"],
            "position": place * 10,
        }  # fmt: skip
        before = standing.get(row["code"])
        if before is None:
            new.append(WorkRole(code=row["code"], **facts))
        elif before.changed_at is None and any(getattr(before, name) != value for name, value in facts.items()):
            WorkRole.objects.filter(pk=before.pk).update(**facts)
    WorkRole.objects.bulk_create(new)
