"""Reads of notices: one's own alone."""

from __future__ import annotations

import uuid

from django.apps import apps
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.loops.declare import loop_of
from quancheng.kernel.notices.models import Notice


def list_notices(*, actor: Actor) -> QuerySet[Notice]:
    """The person's notices, the latest first. One query for any page size."""
    return Notice.objects.visible_to(actor).order_by("-created_at", "-pk")


def list_unread(*, actor: Actor) -> QuerySet[Notice]:
    """What the person has not read; a partial index serves it."""
    return Notice.objects.visible_to(actor).unread()


def count_unread(*, actor: Actor) -> int:
    """How many the person has not read. One query."""
    return list_unread(actor=actor).count()


def told_of(kind: str, subject_id: uuid.UUID) -> set[uuid.UUID]:
    """Who was told something of a row before, for a handler that may hear the same event again."""
    return set(Notice.objects.filter(kind=kind, subject_id=subject_id).values_list("user_id", flat=True))


def get_notice(*, actor: Actor, notice_id: uuid.UUID) -> Notice:
    """Raise NotFound for absent and for somebody else's alike."""
    found = list_notices(actor=actor).filter(pk=notice_id).first()
    if found is None:
        raise NotFound
    return found


def address_of(notice: Notice) -> str:
    """The page of what a notice is about; empty where it speaks of several things or the row has no page."""
    return address_of_row(notice.subject_type, notice.subject_id)


def address_of_row(subject_type: str, subject_id: uuid.UUID | str | None) -> str:
    """The page of a row: under the name that its model gives as ``url_name``, or its loop; empty where neither does."""
    if not subject_type or subject_id is None:
        return ""
    try:
        model = apps.get_model(subject_type)
        name = getattr(model, "url_name", "") or loop_of(model.loop_code).url_name
        return reverse(name, kwargs={"pk": subject_id}) if name else ""
    except (LookupError, AttributeError, NoReverseMatch):
        return ""
