"""Telling the people of an enterprise about a permit (消息)."""

from __future__ import annotations

from datetime import datetime

from quancheng.domains.permits.models import Permit
from quancheng.kernel.notices.services import notify, people_for


def tell(kind: str, permit: Permit, now: datetime, *, duty: str, **words: str) -> None:
    """Tell whoever of the enterprise holds a duty, in the caller's transaction. :param words: no personal data."""
    data = {"number": permit.number or permit.content[:40], "kind": str(permit.get_kind_display()), **words}
    users = people_for(organisation_id=permit.file_id, duty=duty)
    notify(users=users, kind=kind, data=data, now=now, subject_type=Permit.row_type(), subject_id=permit.pk)
