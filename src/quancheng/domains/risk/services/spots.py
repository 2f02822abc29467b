"""The quarterly draw (季度抽查): who of an enterprise is asked about his card, so that anybody can draw again."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import PostCard, PostPerson, SpotRound
from quancheng.domains.risk.queries.card_rules import card_rules_on
from quancheng.domains.risk.queries.cards import IN_FORCE
from quancheng.domains.risk.services.readings import CLOCK, call_reader, end_readings
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.numbering.codes import next_code
from quancheng.standards.risk.commitment import digest_of_pool

KEEP = "risk.cards.keep"


def draw_of(*, seed: str, pool: Iterable[uuid.UUID], percent: int) -> list[uuid.UUID]:
    """Whom a draw takes: the persons ordered by SHA-256 of seed and person, the first ``percent`` of them, rounded up.

    The same seed and persons give the same draw, in whatever order they are given.
    """
    people = sorted(set(pool), key=lambda pk: hashlib.sha256(f"{seed} {pk}".encode()).hexdigest())
    return people[: -(-len(people) * percent // 100)]


def quarter_of(day: date) -> tuple[int, int]:
    """Year and quarter of a day."""
    return day.year, (day.month + 2) // 3


def quarter_end(year: int, quarter: int) -> date:
    """Last day of a quarter."""
    return date(year, quarter * 3, 31 if quarter in (1, 4) else 30)


def draw_quarter(*, file: Enterprise, now: datetime, actor: Actor | None = None) -> SpotRound:
    """Draw of this quarter for an enterprise, each drawn person being asked about one of his cards.

    :param actor: who asked for it; None: the clock. :raises Conflict: it was drawn. :raises Invalid: nobody to draw.
    """
    if actor is not None:
        actor.require(KEEP)
        if actor.organisation_id != file.pk:
            raise NotPermitted
    day = Calendar().local_date(now)
    year, quarter = quarter_of(day)
    if SpotRound.objects.filter(file=file, year=year, quarter=quarter).exists():
        raise Conflict(_("本季度已经抽查。"))
    cards = _cards_by_person(file.pk)
    if not cards:
        raise Invalid(_("还没有可抽查的人员：岗位卡执行后才能抽查在岗人员。"))
    rules = card_rules_on(day)
    with transaction.atomic():
        row = SpotRound(
            **file.row_scope(), code=next_code(SpotRound, "CC", now=now), file=file, year=year, quarter=quarter,
            title=f"{year}年第{quarter}季度岗位卡抽查", seed=f"{file.pk} {year}Q{quarter}", pool_count=len(cards),
            pool_digest=digest_of_pool(str(one) for one in cards), percent=rules.spot_percent,
            due_date=quarter_end(year, quarter), created_at=now,
        )  # fmt: skip
        drawn = draw_of(seed=row.seed, pool=cards, percent=rules.spot_percent)
        facts = {"pool": row.pool_digest, "drawn": drawn, "percent": rules.spot_percent}
        enter(actor=actor or CLOCK, row=row, now=now, facts=facts)
        for pk in drawn:
            own = draw_of(seed=row.seed, pool=[one.pk for one in cards[pk]], percent=1)
            card = next(one for one in cards[pk] if one.pk == own[0])
            call_reader(card=card, reader_id=pk, due=row.due_date, now=now, spot=row)
    return row


def close_spot(*, actor: Actor, row: SpotRound, now: datetime, client_id: uuid.UUID | None = None) -> SpotRound:
    """End a draw of which everybody was asked. :raises StaleState: somebody has not passed yet."""
    return move(actor=actor, row=row, name="close", now=now, changes={"closed_at": now}, client_id=client_id)


def tend_spots(*, now: datetime) -> None:
    """Each night: draws of past quarters end, and who has cards in force and was not drawn this quarter is."""
    day = Calendar().local_date(now)
    for row in SpotRound.objects.filter(status="OPEN", due_date__lt=day).order_by("pk"):
        with transaction.atomic():
            end_readings(rows=row.readings.all(), now=now)
            move(actor=CLOCK, row=row, name="expire", now=now, changes={"closed_at": now})
    year, quarter = quarter_of(day)
    drawn = SpotRound.objects.filter(year=year, quarter=quarter).values("file")
    files = Enterprise.objects.filter(
        post_cards__status__in=IN_FORCE, post_cards__post__people__until_date__isnull=True,
        post_cards__post__people__isnull=False, merged_into__isnull=True,
    )  # fmt: skip
    for file in files.exclude(pk__in=drawn).distinct().order_by("pk"):
        draw_quarter(file=file, now=now)


def _cards_by_person(file_id: uuid.UUID) -> dict[uuid.UUID, Sequence[PostCard]]:
    """Editions in force of each person who holds a post."""
    cards = {one.post_id: one for one in PostCard.objects.filter(file=file_id, status__in=IN_FORCE)}
    found: dict[uuid.UUID, list[PostCard]] = {}
    rows = PostPerson.objects.filter(post__in=list(cards), until_date__isnull=True).order_by("pk")
    for user_id, post_id in rows.values_list("user", "post"):
        found.setdefault(user_id, []).append(cards[post_id])
    return dict(found)
