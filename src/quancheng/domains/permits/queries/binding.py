"""Whom permits name, for the room of persons: their files stay while a permit does."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from quancheng.domains.permits.models import PermitPerson


def persons_on_permits() -> QuerySet[PermitPerson, uuid.UUID]:
    """Keys of everybody on any permit, whatever became of it; for use inside another query."""
    return PermitPerson.objects.values_list("person", flat=True)
