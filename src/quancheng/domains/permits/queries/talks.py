"""Toolbox talks (班前会) and stop-and-think cards (停一停卡): what is asked, and what was answered."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet

from quancheng.domains.permits.models import (
    Part,
    Permit,
    TalkAttendance,
    ThinkCard,
    ThinkItemChange,
    ToolboxTalk,
)
from quancheng.domains.permits.queries.guarding import crew_of
from quancheng.domains.permits.queries.permits import VIEW, analysis_of, measures_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.standards.gb30871 import tickets
from quancheng.standards.gb30871.talks import think_items
from quancheng.standards.wording import Text

#: So long a talk counts over midnight [D].
LASTS = timedelta(hours=2)

# For checks ----------------------------------------------------------------------------------------------------------


def passed_of_many(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, list[tuple[uuid.UUID, datetime]]]:
    """Who (his row on the permit) passed a talk about the permit as it is sealed, begun when, by permit. One query."""
    found: dict[uuid.UUID, list[tuple[uuid.UUID, datetime]]] = {}
    rows = TalkAttendance.objects.filter(
        talk__permit__in=keys, passed_at__isnull=False, talk__seal=F("talk__permit__seal")
    )
    for permit, person, began in rows.values_list("talk__permit", "person", "talk__began_at"):
        found.setdefault(permit, []).append((person, began))
    return found


def talk_counts(began: datetime, now: datetime) -> bool:
    """Whether a talk that was begun then is of the day; one shortly before midnight is, of the shift that begins at
    it."""
    days = Calendar()
    return days.local_date(began) == days.local_date(now) or timedelta() <= now - began <= LASTS


def open_cards(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many cards with a no nobody settled, by permit. One query."""
    rows = ThinkCard.objects.filter(permit__in=keys, is_clear=False, settled_at__isnull=True)
    return dict(rows.values_list("permit").annotate(number=Count("pk")))


# Talks ---------------------------------------------------------------------------------------------------------------


def list_talks(*, actor: Actor) -> QuerySet[ToolboxTalk]:
    """About permits that the actor may see, the newest first, each with who was there."""
    actor.require(VIEW)
    rows = ToolboxTalk.objects.filter(permit__in=Permit.objects.visible_to(actor))
    return _with_people(rows).select_related("permit")


def talks_of(permit: Permit) -> Sequence[ToolboxTalk]:
    """Of a permit that a query gave to the actor, the newest first, each with who was there. Two queries."""
    return list(_with_people(ToolboxTalk.objects.filter(permit=permit)))


def _with_people(rows: QuerySet[ToolboxTalk]) -> QuerySet[ToolboxTalk]:
    people = TalkAttendance.objects.select_related("person__person").order_by("came_at", "pk")
    return rows.prefetch_related(Prefetch("attendances", people)).order_by("-began_at", "-pk")


def missing_of(permit: Permit, day: date) -> list[str]:
    """Who of workers and guardians is in no talk of the day yet."""
    came = {each.person_id for one in talks_of(permit) if one.day == day for each in one.attendances.all()}
    return [one.person.name for one in crew_of(permit, Part.GUARDIAN, Part.WORKER) if one.pk not in came]


def get_talk(*, permit: Permit, talk_id: uuid.UUID) -> ToolboxTalk:
    """:raises NotFound: none of this permit."""
    found = next((one for one in talks_of(permit) if one.pk == talk_id), None)
    if found is None:
        raise NotFound
    return found


def get_attendance(*, talk: ToolboxTalk, row_id: uuid.UUID) -> TalkAttendance:
    """:raises NotFound: nobody of this talk."""
    found = TalkAttendance.objects.filter(talk=talk, pk=row_id).select_related("person__person", "talk").first()
    if found is None:
        raise NotFound
    return found


def drawn_of(permit: Permit) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """What a talk is about, by the permit as it stands: hazards and measures of its analysis, then the measures that
    somebody confirmed; and of what its questions are asked."""
    analysis = analysis_of(permit)
    steps = [dict(one) for one in analysis.steps] if analysis else []
    words = {one.code: one.text.zh for one in tickets.measures(permit.kind)}
    applied = [words[one.code] for one in measures_of(permit) if one.applies and one.code in words]
    topics = [
        {"about": one.get("step", ""), "text": "：".join(filter(None, (one.get("hazard"), one.get("measure"))))}
        for one in steps
    ]  # fmt: skip
    topics += [{"about": "", "text": one} for one in applied]
    return topics, {"steps": steps, "measures": applied, "kind": permit.kind}


# Stop and think ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the card as it is asked: why work stands after a no, and on what it rests."""

    code: str
    text: Text
    stop_reason: str
    clause: str
    is_own: bool = False


def item_changes(file: uuid.UUID | None) -> Sequence[ThinkItemChange]:
    """Changes for everybody, then those of one enterprise, each oldest first. One query."""
    rows = ThinkItemChange.objects.filter(Q(file__isnull=True) | Q(file=file)).order_by("entered_at", "pk")
    return sorted(rows, key=lambda one: one.file_id is not None)


def items_at(moment: datetime, changes: Sequence[ThinkItemChange]) -> tuple[Asked, ...]:
    """The card as it stands at a moment: what ships, as the office and then the enterprise changed it. Where both
    together left nothing, what ships: a card without questions would let nobody say no."""
    return left_at(moment, changes) or left_at(moment, ())


def left_at(moment: datetime, changes: Sequence[ThinkItemChange]) -> tuple[Asked, ...]:
    """As :func:`items_at`, and none where nothing is left."""
    day = Calendar().local_date(moment)
    found = {one.code: Asked(one.code, one.text, one.stop_reason, one.clause) for one in think_items()}
    for one in changes:
        if one.entered_at > moment or one.valid_from > day:
            continue
        if one.is_on:
            text = Text(one.zh, one.en or one.zh)
            found[one.code] = Asked(one.code, text, one.stop_reason, one.clause, one.file_id is not None)
        else:
            found.pop(one.code, None)
    return tuple(found.values())


def cards_of(permit: Permit) -> Sequence[ThinkCard]:
    """Of a permit that a query gave to the actor, the newest first. One query."""
    rows = ThinkCard.objects.filter(permit=permit).select_related("person__person")
    return list(rows.order_by("-answered_at", "-pk")[:100])


def get_card(*, permit: Permit, card_id: uuid.UUID) -> ThinkCard:
    """:raises NotFound: none of this permit."""
    found = ThinkCard.objects.filter(permit=permit, pk=card_id).select_related("person__person").first()
    if found is None:
        raise NotFound
    return found
