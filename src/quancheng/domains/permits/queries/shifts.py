"""Shifts (班次) as they stand at a moment, their hand-overs (交接班), and what stands when one is handed over."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from quancheng.domains.permits.loops.isolation import STANDING
from quancheng.domains.permits.loops.permit import RUNNING
from quancheng.domains.permits.models import (
    IsolationPoint,
    Permit,
    Revalidation,
    ShiftHandOver,
    ShiftPlan,
    SimopsConflict,
    ThinkCard,
    WorkAlarm,
)
from quancheng.domains.permits.queries.orders import in_force, is_for
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import NotFound
from quancheng.standards.gb30871.facts import ShiftBegun

#: So long before a change of shift its hand-over may be signed [D].
LEAD = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Turn:
    """One shift on one day: whose, its name, and when it begins."""

    unit: Unit | None
    name: str
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Shifts:
    """The plans of one enterprise, and of each unit the newest change whose hand-over both signed."""

    plans: Sequence[ShiftPlan] = ()
    taken: Mapping[uuid.UUID | None, datetime] = field(default_factory=dict)

    @property
    def units(self) -> dict[uuid.UUID | None, Unit | None]:
        return {one.unit_id: one.unit for one in self.plans}

    def last(self, unit: uuid.UUID | None, now: datetime) -> Turn | None:
        """The shift of a unit that has begun; None where its plan names none, or was set after the last change."""
        plan = self._plan_at(unit, now)
        if plan is None or not plan.shifts:
            return None
        found = [one for one in self._turns(unit, now) if one.began_at <= now]
        return max(found, key=lambda one: one.began_at, default=None)

    def following(self, unit: uuid.UUID | None, now: datetime) -> Turn | None:
        """The shift of a unit that begins next."""
        found = [one for one in self._turns(unit, now) if one.began_at > now]
        return min(found, key=lambda one: one.began_at, default=None)

    def before(self, turn: Turn) -> Turn | None:
        """The shift that ends when this one begins; by the same plan where nothing was set before."""
        unit = turn.unit.pk if turn.unit else None
        found = [one for one in self._turns(unit, turn.began_at) if one.began_at < turn.began_at]
        if found:
            return max(found, key=lambda one: one.began_at)
        plan = self._plan_at(unit, turn.began_at)
        names = [one["name"] for one in plan.shifts] if plan else []
        return Turn(turn.unit, names[names.index(turn.name) - 1], turn.began_at) if turn.name in names else None

    def of_permit(self, permit: Permit, now: datetime) -> tuple[ShiftBegun, ...]:
        """Shifts in which a permit falls: of its unit where that has its own, else of the site. Which names no unit may
        be anywhere, and is held against all."""
        own = permit.unit_id
        units = [own] if own is not None and self.last(own, now) is not None else [None]
        wanted = list(self.units) if own is None else units
        found = [turn for unit in wanted if (turn := self.last(unit, now)) is not None]
        return tuple(
            ShiftBegun(
                name=one.name, began_at=one.began_at, unit=str(one.unit) if one.unit else "",
                is_handed=self._is_taken(one),
            )
            for one in found
        )  # fmt: skip

    def _is_taken(self, turn: Turn) -> bool:
        newest = self.taken.get(turn.unit.pk if turn.unit else None)
        return newest is not None and newest >= turn.began_at

    def _turns(self, unit: uuid.UUID | None, now: datetime) -> list[Turn]:
        """From the day before yesterday to tomorrow, each by the plan that had been set when it began: a change before
        its plan was set is asked of nobody, and one that has come is not undone by a new plan."""
        days, found = Calendar(), []
        today = days.local_date(now)
        for plan in (one for one in self.plans if one.unit_id == unit):
            for offset in (-2, -1, 0, 1):
                start = days.start_of(today + timedelta(days=offset))
                for one in plan.shifts:
                    begins = start + _into_day(one["at"])
                    if self._plan_at(unit, begins) is plan:
                        found.append(Turn(plan.unit, one["name"], begins))
        return found

    def _plan_at(self, unit: uuid.UUID | None, moment: datetime) -> ShiftPlan | None:
        day = Calendar().local_date(moment)
        rows = [
            one for one in self.plans if one.unit_id == unit and one.from_date <= day and one.entered_at <= moment
        ]
        return max(rows, key=lambda one: (one.from_date, one.entered_at), default=None)


def _into_day(at: str) -> timedelta:
    clock = time.fromisoformat(at)
    return timedelta(hours=clock.hour, minutes=clock.minute)


def shifts_of_many(files: Collection[uuid.UUID]) -> dict[uuid.UUID, Shifts]:
    """Of these enterprises. One query where none has shifts, else two."""
    rows = list(ShiftPlan.objects.filter(file__in=files).select_related("unit").order_by("from_date", "entered_at"))
    taken: dict[uuid.UUID, dict[uuid.UUID | None, datetime]] = {}
    if rows:
        newest = ShiftHandOver.objects.filter(file__in=files, status="TAKEN").order_by("file", "unit", "-began_at")
        for one in newest.distinct("file", "unit"):
            taken.setdefault(one.file_id, {})[one.unit_id] = one.began_at
    return {key: Shifts([one for one in rows if one.file_id == key], taken.get(key, {})) for key in files}


def files_with_shifts() -> set[uuid.UUID]:
    """Enterprises that ever named shifts, for the clock."""
    return set(ShiftPlan.objects.values_list("file", flat=True))


def revalidated_at(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When permits were last revalidated. One query."""
    rows = Revalidation.objects.filter(permit__in=keys).order_by("permit", "-signed_at").distinct("permit")
    return {one.permit_id: one.signed_at for one in rows}


def revalidations_of(permit: Permit) -> Sequence[Revalidation]:
    """Of a permit that a query gave to the actor, the newest first."""
    return list(Revalidation.objects.filter(permit=permit).order_by("-signed_at", "-pk"))


# Pages ---------------------------------------------------------------------------------------------------------------


def list_plans(*, actor: Actor) -> QuerySet[ShiftPlan]:
    """Shifts as they were set by enterprises that the actor may see, the newest first."""
    actor.require(VIEW)
    rows: QuerySet[ShiftPlan] = ShiftPlan.objects.visible_to(actor)
    return rows.select_related("enterprise", "unit").order_by("-entered_at", "-pk")


def list_hand_overs(*, actor: Actor) -> QuerySet[ShiftHandOver]:
    """Hand-overs of shifts that the actor may see, the newest change first."""
    actor.require(VIEW)
    rows: QuerySet[ShiftHandOver] = ShiftHandOver.objects.visible_to(actor)
    return rows.select_related("enterprise", "area", "unit").order_by("-began_at", "pk")


def get_hand_over(*, actor: Actor, row_id: uuid.UUID) -> ShiftHandOver:
    """:raises NotFound: absent or out of scope."""
    found = list_hand_overs(actor=actor).select_related("file__enterprise", "owner_org").filter(pk=row_id).first()
    if found is None:
        raise NotFound
    return found


# What stands ---------------------------------------------------------------------------------------------------------


def standing(file: Enterprise, unit: Unit | None) -> list[dict[str, Any]]:
    """What whoever takes over a shift must know, as it stands now: permits, finished work whose fire may be watched
    still, isolations, stop orders, alarms, meetings, cards with a no; of a unit with what names no unit and may be
    there. No person is named."""
    where = Q() if unit is None else Q(unit=unit) | Q(unit__isnull=True)
    of_permit = Q() if unit is None else Q(permit__unit=unit) | Q(permit__unit__isnull=True)
    permits = Permit.objects.filter(where, file=file, status__in=(*RUNNING, "FINISHED")).order_by("window_end", "pk")
    found = [
        _line(one.status, one.pk, one.number, f"{one.get_kind_display()} {one.content}", one.place,
              one.finished_at if one.status == "FINISHED" else one.window_end)
        for one in permits
    ]  # fmt: skip
    points = IsolationPoint.objects.filter(where, file=file, status__in=STANDING).order_by("tag", "pk")
    found += [
        _line("ISOLATION", one.pk, one.tag, one.status_label, one.place, one.applied_at) for one in points
    ]
    there = Permit(file=file, unit=unit)
    found += [
        _line("ORDER", one.pk, one.number, one.reason, "", one.issued_at)
        for one in in_force() if (one.permit_id and one.file_id == file.pk) or is_for(one, there)
    ]  # fmt: skip
    alarms = WorkAlarm.objects.filter(of_permit, permit__file=file, closed_at__isnull=True).select_related("permit")
    found += [
        _line("ALARM", one.pk, str(one.permit), one.code, one.permit.place, one.began_at)
        for one in alarms.order_by("began_at", "pk")
    ]
    meetings = SimopsConflict.objects.filter(
        of_permit, permit__file=file, permit__status__in=RUNNING, gone_at__isnull=True
    ).select_related("permit")
    found += [
        _line("CONFLICT", one.permit_id, str(one.permit), f"{one.rule} {one.result}", one.permit.place, one.starts_at)
        for one in meetings.order_by("starts_at", "pk")
    ]
    cards = ThinkCard.objects.filter(
        of_permit, permit__file=file, permit__status__in=RUNNING, is_clear=False, settled_at__isnull=True
    ).select_related("permit")
    found += [
        _line("CARD", one.permit_id, str(one.permit), _said_no(one), one.permit.place, one.answered_at)
        for one in cards.order_by("answered_at", "pk")
    ]  # fmt: skip
    return found


def _said_no(card: ThinkCard) -> str:
    return "；".join(one["text"] for one in card.answers if not one["is_yes"])


def added_since(row: ShiftHandOver) -> list[dict[str, Any]]:
    """What stands now and did not stand so when the outgoing leader signed: work that began, stopped or ended since
    stands in another group."""
    known = {(one["group"], one["id"], one["at"]) for one in row.listed}
    return [one for one in standing(row.file, row.unit) if (one["group"], one["id"], one["at"]) not in known]


def shown_list(row: ShiftHandOver) -> list[dict[str, Any]]:
    """What was sealed, and before it is signed what stands now."""
    return list(row.listed) if row.seal else standing(row.file, row.unit)


def shown_added(row: ShiftHandOver) -> list[dict[str, Any]]:
    """What came after the outgoing leader signed: as the incoming one signed to it, and before that as it stands."""
    return added_since(row) if row.status == "HANDED" else list(row.added)


def _line(group: str, pk: uuid.UUID, number: str, text: Any, place: str, at: datetime | None) -> dict[str, Any]:
    return {
        "group": group, "id": str(pk), "number": number, "text": str(text), "place": place,
        "at": at.isoformat() if at else "",
    }  # fmt: skip


def seal_of(row: ShiftHandOver) -> str:
    """The digest of what the outgoing leader signed."""
    return digest_of({
        "pk": row.pk, "file": row.file_id, "unit": row.unit_id, "began_at": row.began_at, "listed": row.listed,
        "remarks": row.remarks, "outgoing": row.outgoing_id, "handed_at": row.handed_at,
    })  # fmt: skip


def taken_seal_of(row: ShiftHandOver) -> str:
    """The digest of what the incoming leader signed: what was handed to him, and what came since."""
    return digest_of({
        "seal": row.seal, "added": row.added, "note": row.incoming_note, "incoming": row.incoming_id,
        "taken_at": row.taken_at,
    })  # fmt: skip


def read_mark(row: ShiftHandOver, added: Sequence[Mapping[str, Any]]) -> str:
    """By what it is known which list somebody read before he signed."""
    return digest_of({"seal": row.seal, "added": [[one["group"], one["id"], one["at"]] for one in added]})


def is_whole(row: ShiftHandOver) -> bool:
    """Whether a hand-over is what was signed, by both where both did."""
    if row.handed_at is None:
        return not row.seal
    return row.seal == seal_of(row) and (row.taken_at is None or row.taken_seal == taken_seal_of(row))
