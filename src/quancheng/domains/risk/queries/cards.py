"""Reads of cards of posts, of readings and draws; who of an enterprise sees only the cards of his own posts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.kinds import ReadingKind
from quancheng.domains.risk.models import (
    CardAsk,
    CardMark,
    CardReading,
    Post,
    PostCard,
    PostPerson,
    QuizAttempt,
    SpotRound,
)
from quancheng.domains.risk.quiz_maker import twisted
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.pages.words import told
from quancheng.kernel.vault import services as vault
from quancheng.standards.wording import Text as Wording

Row = TypeVar("Row")
#: States in which an edition counts; an outdated one is read until the next is in force.
IN_FORCE = ("STANDING", "OUTDATED")
_ALL = ("risk.cards.keep", "risk.cards.check", "risk.cards.view")
_ASKED = Q(readings__kind=ReadingKind.EDITION) & ~Q(readings__status="ENDED")
#: Conditions of the lists.
IS_IN_FORCE = Q(status__in=IN_FORCE)
IS_LATE = Q(status__in=("TO_READ", "TO_TEST"))


def sees_all(actor: Actor) -> bool:
    """Whether the actor sees every card of his own organisation, and not only those of his posts."""
    return actor.is_system or any(actor.has(one) for one in _ALL)


def _cards(actor: Actor) -> QuerySet[PostCard]:
    rows = PostCard.objects.visible_to(actor)
    if not sees_all(actor):
        mine = PostPerson.objects.filter(post=OuterRef("post"), user=actor.user_id, until_date__isnull=True)
        known = ("DRAFT", "SUBMITTED", "DROPPED")
        rows = rows.filter(~Q(owner_org=actor.organisation_id) | (Exists(mine) & ~Q(status__in=known)))
    return rows


def list_cards(*, actor: Actor) -> QuerySet[PostCard]:
    """Editions that the actor may see, newest of each post first, with how many read and passed."""
    return (
        _cards(actor)
        .select_related("file__enterprise", "post", "area")
        .annotate(
            asked_count=Count("readings", filter=_ASKED),
            read_count=Count("readings", filter=_ASKED & Q(readings__status__in=("TO_TEST", "PASSED"))),
            passed_count=Count("readings", filter=_ASKED & Q(readings__status="PASSED")),
        )
        .order_by("file", "post__layer", "post__name", "-edition", "pk")
    )


def get_card(*, actor: Actor, card_id: uuid.UUID) -> PostCard:
    """Raise NotFound for absent and for out of scope alike."""
    return _found(_cards(actor).select_related("file__enterprise", "post").filter(pk=card_id).first())


def visible_card(actor: Actor, card_id: uuid.UUID) -> PostCard | None:
    """The card if the actor may see it: for files that it holds."""
    return _cards(actor).filter(pk=card_id).first()


def cards_of_post(*, actor: Actor, post: Post) -> Sequence[PostCard]:
    """Editions of a post, the newest first."""
    return list(list_cards(actor=actor).filter(post=post).order_by("-edition", "pk")[:50])


def card_in_force(post: Post) -> PostCard | None:
    """The edition that counts now, of a post that the caller got through its own query."""
    return PostCard.objects.filter(post=post, status__in=IN_FORCE).select_related("file__enterprise", "post").first()


def cards_in_force(file: Enterprise, *, actor: Actor) -> Sequence[PostCard]:
    """The editions that count now of a file, by post."""
    rows = _cards(actor).filter(file=file, status__in=IN_FORCE).select_related("file__enterprise", "post")
    return list(rows.order_by("post__layer", "post__name", "pk"))


def newest_editions(*, actor: Actor, posts: Sequence[Post]) -> dict[uuid.UUID, PostCard]:
    """By post the edition that is being written or checked, or else the one in force. One query."""
    rows = _cards(actor).filter(post__in=posts, status__in=("DRAFT", "SUBMITTED", *IN_FORCE))
    return {one.post_id: one for one in rows.select_related("post__file").order_by("edition")}


def list_readings(*, actor: Actor) -> QuerySet[CardReading]:
    """Who has which card to read and to be asked about; of his own organisation's somebody without duty sees his."""
    rows = CardReading.objects.visible_to(actor)
    if not sees_all(actor):
        rows = rows.filter(~Q(owner_org=actor.organisation_id) | Q(reader=actor.user_id))
    return (
        rows.select_related("file__enterprise", "card__post", "reader", "spot", "area")
        .annotate(tries=Count("attempts", filter=Q(attempts__answered_at__isnull=False)))
        .order_by("due_date", "pk")
    )


def get_reading(*, actor: Actor, reading_id: uuid.UUID) -> CardReading:
    """Raise NotFound for absent and for out of scope alike."""
    return _found(list_readings(actor=actor).filter(pk=reading_id).first())


def visible_reading(actor: Actor, reading_id: uuid.UUID) -> CardReading | None:
    """The reading if the actor may see it: for files that it holds."""
    return list_readings(actor=actor).filter(pk=reading_id).first()


def attempts_of(row: CardReading) -> Sequence[QuizAttempt]:
    """Tries, the last first."""
    return list(row.attempts.order_by("-number")[:50])


def open_attempt(row: CardReading) -> QuizAttempt | None:
    """The try that is begun and not handed in."""
    return row.attempts.filter(answered_at__isnull=True).first()


def get_attempt(*, actor: Actor, attempt_id: uuid.UUID) -> QuizAttempt:
    """Raise NotFound for absent and for somebody else's alike."""
    mine = CardReading.objects.visible_to(actor).filter(reader=actor.user_id)
    rows = QuizAttempt.objects.filter(reading__in=mine.values("pk"))
    return _found(rows.select_related("reading__card").filter(pk=attempt_id).first())


def list_spots(*, actor: Actor) -> QuerySet[SpotRound]:
    """Quarterly draws, the newest first, with how many were drawn and passed."""
    return (
        SpotRound.objects.visible_to(actor)
        .select_related("file__enterprise", "area")
        .annotate(
            drawn_count=Count("readings", distinct=True),
            passed_count=Count("readings", filter=Q(readings__status="PASSED"), distinct=True),
        )
        .order_by("-year", "-quarter", "pk")
    )


def get_spot(*, actor: Actor, spot_id: uuid.UUID) -> SpotRound:
    """Raise NotFound for absent and for out of scope alike."""
    return _found(list_spots(actor=actor).filter(pk=spot_id).first())


def drawn_in(row: SpotRound, *, actor: Actor) -> Sequence[CardReading]:
    """Who was drawn, as far as the actor may know."""
    return list(list_readings(actor=actor).filter(spot=row).order_by("pk"))


def find_mark(code: str) -> CardMark | None:
    """A printed code in use; one query whether it never was, was withdrawn, or stands."""
    return (
        CardMark.objects.filter(code=code, withdrawn_at__isnull=True)
        .select_related("post__file__enterprise", "board__file__enterprise", "board__place", "board__unit__object")
        .first()
    )


def mark_of(**of: Any) -> CardMark | None:
    """The code in use of a post or a board."""
    return CardMark.objects.filter(withdrawn_at__isnull=True, **of).first()


# Coverage --------------------------------------------------------------------------------------------------------


def list_coverage(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises with posts that the actor may see: posts, cards in force, and how many of who must read, read and
    passed. What a worker sees of his own enterprise are the same figures; they name nobody."""
    cards = PostCard.objects.filter(file=OuterRef("pk"))
    asked = CardReading.objects.filter(
        file=OuterRef("pk"), kind=ReadingKind.EDITION, card__status__in=IN_FORCE
    ).exclude(status="ENDED")  # fmt: skip
    return (
        seen(actor=actor)
        .select_related("enterprise", "area")
        .annotate(
            post_count=_count(Post.objects.filter(file=OuterRef("pk"), ended_date__isnull=True)),
            carded_count=_count(cards.filter(status__in=IN_FORCE)),
            outdated_count=_count(cards.filter(status="OUTDATED")),
            asked_count=_count(asked),
            read_count=_count(asked.filter(status__in=("TO_TEST", "PASSED"))),
            passed_count=_count(asked.filter(status="PASSED")),
        )
        .filter(post_count__gt=0)
        .order_by(F("pinyin"), "pk")
    )


def _count(rows: QuerySet[Any]) -> Coalesce:
    """How many of these rows each file has; by itself, so that one count does not multiply another."""
    counted = rows.order_by().values("file").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


def spoken(attempt: QuizAttempt | CardAsk) -> list[tuple[str, list[str]]]:
    """Questions and options of a try in the reader's language; telephone numbers are opened here and nowhere kept."""
    wanted = {one["phone_of"] for each in attempt.questions for one in each["options"] if "phone_of" in one}
    sealed = dict(PostCard.objects.filter(pk__in=wanted).values_list("pk", "inner_phone")) if wanted else {}
    numbers = {str(pk): vault.reveal(vault.PHONE, token) if token else "" for pk, token in sealed.items()}

    def said(one: Mapping[str, Any]) -> str:
        return told(Wording(one["zh"], one["en"]))

    def option(one: Mapping[str, Any]) -> str:
        return twisted(numbers[one["phone_of"]], one["twist"]) if "phone_of" in one else said(one)

    return [(said(each["text"]), [option(one) for one in each["options"]]) for each in attempt.questions]
