"""Refusals on a permit, as the journal has them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import OuterRef, Subquery

from quancheng.domains.permits.models import Permit
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people.models import User

REFUSED = "permits.permit.refuse"
MOST = 50


def refusals_of(permit: Permit) -> Sequence[JournalEntry]:
    """The last refusals, the newest first, with ``who`` asked. One query."""
    names = User.objects.filter(pk=OuterRef("user_id")).values("name")
    found = JournalEntry.objects.filter(subject_type=Permit.row_type(), subject_id=permit.pk, act=REFUSED)
    return list(found.annotate(who=Subquery(names[:1])).order_by("-at", "-pk")[:MOST])
