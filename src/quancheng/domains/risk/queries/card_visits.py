"""Visits at which posts are drawn and asked about their cards (现场抽考岗位卡)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.models import CardAsk, CardVisit, PostCard, PostPerson
from quancheng.domains.risk.queries.cards import IN_FORCE, sees_all
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

VISIT = "risk.cards.visit"


def list_visits(*, actor: Actor) -> QuerySet[CardVisit]:
    """Visits that the actor may see, open ones first, with how many posts were drawn and passed. The enterprise reads
    of it once it ended, and there those who read everybody's cards."""
    rows = CardVisit.objects.visible_to(actor)
    if not (actor.supervises or actor.is_system or sees_all(actor)):
        rows = rows.none()
    # Of one that was dropped an enterprise does not know the draw while the office's next visit has the same seed: it
    # would know beforehand who is asked.
    used = CardVisit.objects.filter(
        owner_org=OuterRef("owner_org"), file=OuterRef("file"), seed=OuterRef("seed"), status="DONE"
    )
    office = actor.supervises or actor.is_system
    known = Value(True) if office else Case(When(status="DROPPED", then=Exists(used)), default=Value(True))
    asked = Q(asks__is_passed__isnull=False)
    return (
        rows.select_related("file__enterprise", "owner_org", "area")
        .annotate(
            drawn_count=Count("asks"), asked_count=Count("asks", filter=asked),
            passed_count=Count("asks", filter=Q(asks__is_passed=True)),
            is_draw_known=ExpressionWrapper(known, output_field=BooleanField()),
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
    """Posts that were drawn and that the actor whose query gave the visit may know, in the order of the draw."""
    rows = visit.asks.select_related("card__post", "holder").order_by("number")
    return list(rows if knows_draw(visit) else rows.filter(asked_at__isnull=False))


def knows_draw(visit: CardVisit) -> bool:
    """Whether the actor whose query gave the visit may know its seed and all its posts."""
    return bool(getattr(visit, "is_draw_known", True))


def seed_left(*, office: uuid.UUID, file_id: uuid.UUID) -> str:
    """The seed of the office's last visit of an enterprise where that was dropped; empty where the next is free."""
    last = CardVisit.objects.filter(owner_org=office, file=file_id).order_by("-created_at", "-pk").first()
    return last.seed if last is not None and last.status == "DROPPED" else ""


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


def cards_of(file_id: uuid.UUID) -> Sequence[PostCard]:
    """Cards in force of an enterprise's posts that stand."""
    rows = PostCard.objects.filter(file=file_id, status__in=IN_FORCE, post__ended_date__isnull=True)
    return list(rows.select_related("post").order_by("pk"))


def files_to_visit(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises with cards in force that the actor may see, by name."""
    cards = PostCard.objects.filter(file=OuterRef("pk"), status__in=IN_FORCE)
    return seen(actor=actor).filter(Exists(cards)).select_related("enterprise").order_by("pinyin", "pk")
