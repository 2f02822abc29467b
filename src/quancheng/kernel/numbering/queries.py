"""Reads of numbers."""

from __future__ import annotations

import uuid

from quancheng.kernel.numbering.models import IssuedNumber


def number_of(*, subject_type: str, subject_id: uuid.UUID, kind: str) -> IssuedNumber | None:
    """The number of a row that the caller got through its own query."""
    return IssuedNumber.objects.filter(subject_type=subject_type, subject_id=subject_id, kind=kind).first()


def gaps(*, organisation_id: uuid.UUID, kind: str, year: int) -> list[int]:
    """Numbers missing between 1 and the last; always empty, and a check that it is."""
    found = set(
        IssuedNumber.objects.filter(organisation_id=organisation_id, kind=kind, year=year).values_list(
            "number", flat=True
        )
    )
    return sorted(set(range(1, max(found, default=0) + 1)) - found)
