"""Visits at which posts are drawn and asked about their cards (现场抽考岗位卡)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.models import CardAsk, CardVisit, PostCard, PostPerson
from quancheng.domains.risk.queries.cards import IN_FORCE, sees_all
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

VISIT = "risk.cards.visit"


def list_visits(*, actor: Actor) -> QuerySet[CardVisit]:
    """Visits that the actor may see, open ones first, with how many posts were drawn and passed. The enterprise reads
    of it once it is done, and there those who read everybody's cards."""
    rows = CardVisit.objects.visible_to(actor)
    if not (actor.supervises or actor.is_system or sees_all(actor)):
        rows = rows.none()
    asked = Q(asks__is_passed__isnull=False)
    return (
        rows.select_related("file__enterprise", "owner_org", "area")
        .annotate(
            drawn_count=Count("asks"), asked_count=Count("asks", filter=asked),
            passed_count=Count("asks", filter=Q(asks__is_passed=True)),
            failed_count=Count("asks", filter=Q(asks__is_passed=False)),
        )
        .order_by(F("closed_at").desc(nulls_first=True), "-created_at", "pk")
    )  # fmt: skip


def get_visit(*, actor: Actor, visit_id: uuid.UUID) -> CardVisit:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_visits(actor=actor).filter(pk=visit_id).first()
    if found is None:
        raise NotFound
    return found


def asks_of(visit: CardVisit) -> Sequence[CardAsk]:
    """Posts that were drawn, in the order of the draw."""
    return list(visit.asks.select_related("card__post", "holder").order_by("number"))


def get_ask(*, actor: Actor, ask_id: uuid.UUID) -> CardAsk:
    """Raise NotFound for absent and for out of scope alike."""
    rows = CardAsk.objects.filter(visit__in=list_visits(actor=actor).order_by().values("pk"))
    found = rows.select_related("visit__file__enterprise", "card__post").filter(pk=ask_id).first()
    if found is None:
        raise NotFound
    return found


def holders_of(ask: CardAsk) -> list[tuple[str, str]]:
    """Who holds the post now: key and name."""
    rows = PostPerson.objects.filter(post=ask.card.post_id, until_date__isnull=True).select_related("user")
    return [(str(one.user_id), one.user.name) for one in rows.order_by("since_date", "pk")]


def pool_of(file_id: uuid.UUID, *, keys_only: bool) -> Mapping[str, PostCard]:
    """Cards in force of an enterprise, by the key of their post."""
    rows = PostCard.objects.filter(file=file_id, status__in=IN_FORCE, post__ended_date__isnull=True)
    if keys_only:
        rows = rows.filter(post__is_key=True)
    return {str(one.post_id): one for one in rows.select_related("post").order_by("pk")}


def files_to_visit(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises with cards in force that the actor may see, by name."""
    cards = PostCard.objects.filter(file=OuterRef("pk"), status__in=IN_FORCE)
    return seen(actor=actor).filter(Exists(cards)).select_related("enterprise").order_by("pinyin", "pk")
