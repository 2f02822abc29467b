"""Prints of a permit, as the journal has them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import OuterRef, QuerySet, Subquery

from quancheng.domains.permits.models import Permit
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people.models import User

PRINTED = "permits.paper.print"
MOST = 20


def _entries(permit: Permit) -> QuerySet[JournalEntry]:
    return JournalEntry.objects.filter(subject_type=Permit.row_type(), subject_id=permit.pk, act=PRINTED)


def count_prints(permit: Permit) -> int:
    return _entries(permit).count()


def prints_of(permit: Permit) -> Sequence[JournalEntry]:
    """The last prints, the newest first, with ``who`` printed. One query."""
    names = User.objects.filter(pk=OuterRef("user_id")).values("name")
    return list(_entries(permit).annotate(who=Subquery(names[:1])).order_by("-at", "-pk")[:MOST])
