"""Reads of work items: what waits for a person, what an organisation owes, what is late, what nobody can do."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.counting import count_up_to
from quancheng.kernel.errors import NotFound
from quancheng.kernel.people.models import Membership
from quancheng.kernel.work.models import WorkAct, WorkItem

#: A step that is due within this time is near (黄灯).
NEAR = timedelta(days=7)
#: What waits for one person is counted up to here.
MOST_COUNTED = 999


@dataclass(frozen=True, slots=True)
class Load:
    """What an organisation owes now."""

    organisation_id: uuid.UUID
    organisation: str
    open: int
    near: int
    overdue: int


def list_my_items(*, actor: Actor) -> QuerySet[WorkItem]:
    """What waits for this person, the most urgent first: own items, free ones of his duties, those he stands in for.

    A chief also has the items whose duty nobody in the organisation holds.
    """
    return list_unit_items(actor=actor).filter(mine_q(actor))


def list_unit_items(*, actor: Actor) -> QuerySet[WorkItem]:
    """What the person's organisation owes, whoever took it; for a chief each with ``held``: can anybody there do it."""
    if actor.organisation_id is None or actor.user_id is None:
        return WorkItem.objects.none()
    items = WorkItem.objects.visible_to(actor).open().filter(owner_org=actor.organisation_id)
    if actor.is_chief:
        items = items.annotate(held=_held())
    return items.select_related("person", "owner_org").most_urgent_first()


def mine_q(actor: Actor) -> Q:
    """What of :func:`list_unit_items` waits for this very person."""
    mine = Q(person_id__in=[actor.user_id, *actor.acts_for])
    mine |= Q(person__isnull=True, duty__in=sorted(actor.duties))
    if actor.is_chief:
        mine |= Q(person__isnull=True, held=False)
    return mine


def list_items(*, actor: Actor) -> QuerySet[WorkItem]:
    """Every item that the actor may see, open or done, the most urgent first: the supervision board's table."""
    return WorkItem.objects.visible_to(actor).select_related("person", "owner_org").most_urgent_first()


def list_done(*, actor: Actor) -> QuerySet[WorkItem]:
    """What this person or his organisation finished (已办), the latest first."""
    if actor.user_id is None:
        return WorkItem.objects.none()
    ours = Q(done_by=actor.user_id) | Q(owner_org=actor.organisation_id, owner_org__isnull=False)
    done = WorkItem.objects.visible_to(actor).filter(ours, done_at__isnull=False)
    return done.select_related("owner_org", "done_by").order_by("-done_at", "pk")


def get_item(*, actor: Actor, item_id: uuid.UUID) -> WorkItem:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_items(actor=actor).filter(pk=item_id).first()
    if found is None:
        raise NotFound
    return found


def open_item_of(*, actor: Actor, subject_type: str, subject_id: uuid.UUID) -> WorkItem | None:
    """The open step of a row, where it has one that the actor may see."""
    items = WorkItem.objects.visible_to(actor).open().select_related("person", "owner_org")
    return items.filter(subject_type=subject_type, subject_id=subject_id).first()


def list_acts(*, subject_type: str, subject_id: uuid.UUID) -> list[WorkAct]:
    """What was done with the items of a row that the caller got through its own query, the latest first. One query."""
    acts = WorkAct.objects.filter(item__subject_type=subject_type, item__subject_id=subject_id)
    return list(acts.select_related("user", "organisation", "to_user").order_by("-at", "-pk"))


def list_items_of(*, actor: Actor, ids: Sequence[uuid.UUID]) -> list[WorkItem]:
    """Those of the items that the actor may see, in the order asked for; for acts on several at once."""
    found = {item.pk: item for item in list_items(actor=actor).filter(pk__in=ids)}
    return [found[pk] for pk in dict.fromkeys(ids) if pk in found]


def count_my_items(*, actor: Actor, now: datetime) -> tuple[int, int]:
    """How many wait for this person, and how many of them are overdue; ``MOST_COUNTED`` + 1 where more. One query."""
    mine = list_my_items(actor=actor)
    found = count_up_to(MOST_COUNTED, {"all": mine, "late": mine.filter(due_at__lt=now)})
    return found["all"], found["late"]


def list_loads(*, actor: Actor, now: datetime) -> list[Load]:
    """What each organisation owes, among what the actor may see; the most overdue first. One query."""
    rows = (
        WorkItem.objects.visible_to(actor)
        .open()
        .order_by()
        .values("owner_org_id", "owner_org__name")
        .annotate(
            all=Count("pk"),
            near=Count("pk", Q(due_at__gte=now, due_at__lt=now + NEAR)),
            late=Count("pk", Q(due_at__lt=now)),
        )
        .order_by("-late", "-near", "owner_org__name")
    )
    return [Load(row["owner_org_id"], row["owner_org__name"], row["all"], row["near"], row["late"]) for row in rows]


def list_holes() -> QuerySet[WorkItem]:
    """Open items whose duty nobody in the organisation holds: for the administrator, by organisation and duty.

    Shows no business content; the page prints organisation, duty and count alone.
    """
    return WorkItem.objects.open().annotate(held=_held()).filter(held=False).select_related("owner_org")


def _held() -> Exists:
    places = Membership.objects.current().filter(organisation_id=OuterRef("owner_org_id"))
    return Exists(places.filter(roles__duties__contains=[OuterRef("duty")]))
