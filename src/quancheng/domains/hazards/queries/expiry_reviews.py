"""Reads of looks on site after a term ended, and of what calls for one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from quancheng.domains.hazards.models import ExpiryReview, Finding
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

#: While it is being put right, also where more time is asked for.
_BEFORE = ("FIXING", "EXTENDING", "EXTENDING_MAJOR")


def list_expiry_reviews(*, actor: Actor) -> QuerySet[ExpiryReview]:
    """Looks that the actor may see, those owed first."""
    rows = ExpiryReview.objects.visible_to(actor).select_related("finding__file__enterprise")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "due_date", "pk")


def get_expiry_review(*, actor: Actor, review_id: uuid.UUID) -> ExpiryReview:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_expiry_reviews(actor=actor).filter(pk=review_id).first()
    if found is None:
        raise NotFound
    return found


def expiry_reviews_of(row: Finding, *, actor: Actor) -> Sequence[ExpiryReview]:
    """Looks at one danger, as far as the actor may know of them."""
    return list(list_expiry_reviews(actor=actor).filter(finding=row))


def expired_majors(today: date) -> QuerySet[Finding]:
    """Major dangers whose term ended and for which no look is on record, in no scope: for the clock."""
    known = ExpiryReview.objects.filter(finding=OuterRef("pk"), expired_date=OuterRef("deadline"))
    rows = Finding.objects.filter(is_major=True, status__in=_BEFORE, deadline__lt=today).exclude(Exists(known))
    return rows.select_related("file").order_by("deadline", "pk")


def needless() -> QuerySet[ExpiryReview]:
    """Looks that are owed though the danger was handed in meanwhile, got more time, or is no major one any more."""
    stale = ~Q(finding__status__in=_BEFORE) | Q(finding__deadline__gt=F("expired_date")) | Q(finding__is_major=False)
    return ExpiryReview.objects.filter(stale, status="DUE").order_by("pk")
