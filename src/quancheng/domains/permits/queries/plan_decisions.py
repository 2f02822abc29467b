"""What plan meetings decided of jobs (作业计划决定): per day, of the job as it now stands, refusals carried over."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from quancheng.domains.permits.models import Permit, PlanChoice, PlanDecision
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import digest_of

#: So many former permits of one job are followed; a chain is never so long.
_MOST = 20


def content_digest(permit: Permit) -> str:
    """Digest of the job that a meeting decides of: kind, place, unit, level, window and content. Spaces in words do not
    count."""
    return digest_of({
        "kind": permit.kind, "unit": permit.unit_id, "facility": permit.facility_id,
        "place": "".join(permit.place.split()), "content": "".join(permit.content.split()),
        "level": [permit.level, permit.effective], "window": [permit.window_start, permit.window_end],
        "slots": permit.slots,
    })  # fmt: skip


def days_of(permit: Permit, now: datetime) -> Sequence[date]:
    """Days of its window that are not over, in order; none once it is."""
    days = Calendar()
    first = max(days.local_date(permit.window_start), days.local_date(now))
    last = days.local_date(permit.window_end - timedelta(microseconds=1))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@dataclass(frozen=True, slots=True)
class Told:
    """What counts of one job on one day. ``is_carried``: it was said of a former permit of the job, or of another for
    the same job."""

    decision: PlanDecision
    is_carried: bool = False

    @property
    def is_agreed(self) -> bool:
        return self.decision.choice == PlanChoice.AGREED


def _former(permits: Sequence[Permit]) -> Mapping[uuid.UUID, frozenset[uuid.UUID]]:
    """The permits that each of these replaces, one after the other. One query of each step, none where nothing is
    replaced."""
    before = {one.pk: one.supersedes_id for one in permits}
    wanted = {key for key in before.values() if key is not None} - set(before)
    for _step in range(_MOST):
        if not wanted:
            break
        found = dict(Permit.objects.filter(pk__in=wanted).values_list("pk", "supersedes"))
        before |= found
        wanted = {key for key in found.values() if key is not None} - set(before)
    chains: dict[uuid.UUID, frozenset[uuid.UUID]] = {}
    for one in permits:
        chain: list[uuid.UUID] = []
        key = one.supersedes_id
        while key is not None and key not in chain and len(chain) < _MOST:
            chain.append(key)
            key = before.get(key)
        chains[one.pk] = frozenset(chain)
    return chains


def told_of(permits: Sequence[Permit], first: date, last: date) -> Mapping[tuple[uuid.UUID, date], Told]:
    """What counts of each of these jobs on each day of a span; nothing for a day on which nothing was decided. One
    query, and one for each former permit in a row.

    The newest of a job and day counts. An agreement counts for the job as it was agreed to alone; that a job was put
    off or refused counts however it is written since, under whatever number.
    """
    if not permits:
        return {}
    former = _former(permits)
    digests = {one.pk: content_digest(one) for one in permits}
    keys = {one.pk for one in permits}.union(*former.values())
    rows = PlanDecision.objects.filter(
        Q(permit__in=keys) | Q(content__in=set(digests.values())),
        plan__file__in={one.file_id for one in permits}, plan__day__range=(first, last),
    ).select_related("plan").order_by("decided_at", "pk")  # fmt: skip
    by_day: dict[date, list[PlanDecision]] = {}
    for row in rows:
        by_day.setdefault(row.plan.day, []).append(row)
    found = {}
    for one in permits:
        for day, decisions in by_day.items():
            here = [each for each in decisions if each.plan.file_id == one.file_id]
            if (told := _newest(one, here, digests[one.pk], former[one.pk])) is not None:
                found[one.pk, day] = told
    return found


def _newest(
    permit: Permit, decisions: Sequence[PlanDecision], digest: str, former: frozenset[uuid.UUID]
) -> Told | None:
    own = [
        one for one in decisions
        if one.permit_id == permit.pk and (one.choice != PlanChoice.AGREED or one.content == digest)
    ]  # fmt: skip
    if own:
        return Told(own[-1])
    others: dict[uuid.UUID, PlanDecision] = {}
    for one in decisions:
        if one.permit_id != permit.pk and (one.permit_id in former or one.content == digest):
            others[one.permit_id] = one
    bars = [one for one in others.values() if one.choice != PlanChoice.AGREED]
    return Told(max(bars, key=lambda one: (one.decided_at, one.pk)), is_carried=True) if bars else None


def decided(permit: Permit, now: datetime) -> tuple[str, date | None]:
    """What bars the issue of a permit, or AGREED: the first day of its window, of those not over, on which it was put
    off or refused; else the first of which nothing counts, with an empty choice. One query or two."""
    days = days_of(permit, now)
    if not days:
        return "", None
    told = told_of([permit], days[0], days[-1])
    for day in days:
        one = told.get((permit.pk, day))
        if one is not None and not one.is_agreed:
            return one.decision.choice, day
    for day in days:
        if (permit.pk, day) not in told:
            return "", day
    return PlanChoice.AGREED, None


def agreed_ones(permits: Sequence[Permit], now: datetime) -> frozenset[uuid.UUID]:
    """Those of some jobs to which a meeting agreed for a day that is not over, and that no day bars."""
    spans = {one.pk: days for one in permits if (days := days_of(one, now))}
    if not spans:
        return frozenset()
    first, last = min(days[0] for days in spans.values()), max(days[-1] for days in spans.values())
    told = told_of([one for one in permits if one.pk in spans], first, last)
    found = set()
    for key, days in spans.items():
        held = [told[key, day].is_agreed for day in days if (key, day) in told]
        if held and all(held):
            found.add(key)
    return frozenset(found)
