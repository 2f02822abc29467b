"""Copies (抄送): rows that were shared with an organisation or a person for knowledge, and nothing of them is owed."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Share
from quancheng.kernel.access.whys import all_parts, all_whys
from quancheng.kernel.errors import NotFound
from quancheng.kernel.work.models import WorkItem


def list_copies(*, actor: Actor) -> QuerySet[Share]:
    """Live shares for knowledge, the latest first, each with the ``title`` of its row.

    A row of which the organisation owed a step stands in its inbox instead; a row without a loop has a list of its own.
    """
    if actor.organisation_id is None or actor.administrator:
        return Share.objects.none()
    items = WorkItem.objects.filter(subject_type=OuterRef("subject_type"), subject_id=OuterRef("subject_id"))
    owed = Exists(items.filter(owner_org=actor.organisation_id))
    title = items.order_by("-entered_at", "-pk").values("title")[:1]
    ours = Q(to_org=actor.organisation_id) | Q(to_user=actor.user_id, to_user__isnull=False)
    found = Share.objects.live().filter(ours, ~owed, why__in=[code for code, _label in all_whys()])
    found = found.exclude(subject_type__in=all_parts())
    named = found.annotate(title=Subquery(title)).filter(title__isnull=False)
    return named.select_related("seen_by").order_by("-granted_at", "-pk")


def list_unseen(actor: Actor) -> QuerySet[Share]:
    """Copies that nobody of the organisation has opened: counted beside the menu's entry."""
    return list_copies(actor=actor).filter(seen_at__isnull=True)


def get_copy(*, actor: Actor, share_id: uuid.UUID) -> Share:
    """:raises NotFound: absent, ended, or another's."""
    found = list_copies(actor=actor).filter(pk=share_id).first()
    if found is None:
        raise NotFound
    return found


def see_copy(*, actor: Actor, share_id: uuid.UUID, now: datetime) -> Share:
    """Open a copy: the first time is kept, as who has read it (阅知).

    :raises NotFound: absent, ended, or another's.
    """
    found = get_copy(actor=actor, share_id=share_id)
    Share.objects.filter(pk=found.pk, seen_at__isnull=True).update(seen_at=now, seen_by=actor.user_id)
    return found
