"""Reads of violations, incidents and the black list, and what follows from them for a day."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Q, QuerySet, Sum

from quancheng.domains.training.loops.blacklist import BARS
from quancheng.domains.training.models import (
    BlackListing,
    ContractorIncident,
    ContractorViolation,
    EntryStep,
    ListLevel,
    Person,
    StepKind,
)
from quancheng.domains.training.queries.outside_rules import figures
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound

VIEW = "training.contractors.view"
WHOLE = 100


@dataclass(frozen=True, slots=True)
class Score:
    """Points of a contract (None: what stands against the company itself) in a quarter, 0 to 100, and its band."""

    contract_id: uuid.UUID | None
    points: int
    band: str


def list_violations(*, actor: Actor) -> QuerySet[ContractorViolation]:
    """Violations that the actor may see, the newest first. :raises NotPermitted: no duty."""
    actor.require(VIEW)
    rows = ContractorViolation.objects.visible_to(actor)
    return rows.select_related("contractor", "contract", "person", "enterprise", "file").order_by("-at", "pk")


def get_violation(*, actor: Actor, violation_id: uuid.UUID) -> ContractorViolation:
    found = list_violations(actor=actor).filter(pk=violation_id).first()
    if found is None:
        raise NotFound
    return found


def list_incidents(*, actor: Actor) -> QuerySet[ContractorIncident]:
    """Incidents, the newest first."""
    actor.require(VIEW)
    rows = ContractorIncident.objects.visible_to(actor).select_related("contractor", "enterprise", "file")
    return rows.order_by("-at", "pk")


def get_incident(*, actor: Actor, incident_id: uuid.UUID) -> ContractorIncident:
    found = list_incidents(actor=actor).filter(pk=incident_id).first()
    if found is None:
        raise NotFound
    return found


def incidents_by_type(rows: QuerySet[ContractorIncident]) -> dict[str, int]:
    """Of these rows how many are of each type; one query."""
    return dict(rows.order_by().values_list("type").annotate(number=Count("pk")))


def list_black_listings(*, actor: Actor) -> QuerySet[BlackListing]:
    """The black lists that the actor may see: companies of the district's list all, persons who needs to."""
    actor.require(VIEW)
    rows = BlackListing.objects.visible_to(actor).select_related("contractor", "person", "enterprise", "file")
    return rows.order_by("-created_at", "pk")


def get_black_listing(*, actor: Actor, listing_id: uuid.UUID) -> BlackListing:
    found = list_black_listings(actor=actor).filter(pk=listing_id).first()
    if found is None:
        raise NotFound
    return found


def _barring(file_id: uuid.UUID, day: date) -> QuerySet[BlackListing]:
    """Entries that bar at an enterprise on a day: its own, and the district's."""
    rows = BlackListing.objects.filter(status__in=BARS).filter(Q(until_date__isnull=True) | Q(until_date__gte=day))
    return rows.filter(Q(level=ListLevel.DISTRICT) | Q(file=file_id))


def barred_companies(*, file_id: uuid.UUID, contractors: Collection[uuid.UUID], day: date) -> set[uuid.UUID]:
    """Which of these companies are black-listed there; no scope, and nothing of why. One query."""
    rows = _barring(file_id, day).filter(contractor__in=contractors)
    return {pk for pk in rows.values_list("contractor", flat=True) if pk is not None}


def barred_persons(*, file_id: uuid.UUID, indexes: Collection[str], day: date) -> set[str]:
    """The same of persons, by the blind index of their identity."""
    rows = _barring(file_id, day).filter(id_index__in=[one for one in indexes if one])
    return set(rows.values_list("id_index", flat=True))


# Points --------------------------------------------------------------------------------------------------------------


def quarter_of(day: date) -> tuple[date, date]:
    """First and last day of the calendar quarter."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return first, first + relativedelta(months=3) - timedelta(days=1)


def scores_of(*, file_id: uuid.UUID, contractor_id: uuid.UUID, day: date) -> list[Score]:
    """100 points a contract and quarter, less what was taken: what names no contract counts against each. The worst
    first; the company alone where no contract has any."""
    first, last = quarter_of(day)
    calendar = Calendar()
    rows = ContractorViolation.objects.filter(
        file=file_id, contractor=contractor_id, withdrawn_at__isnull=True, at__gte=calendar.start_of(first),
        at__lt=calendar.start_of(last + timedelta(days=1)),
    )  # fmt: skip
    taken = dict(rows.order_by().values_list("contract").annotate(total=Sum("points")))
    known = figures()
    common = taken.pop(None, Decimal(0)) or Decimal(0)
    found = [_score(None, common, known)] if not taken else []
    found += [_score(pk, common + (total or Decimal(0)), known) for pk, total in taken.items()]
    return sorted(found, key=lambda one: (one.points, str(one.contract_id)))


def _score(contract_id: uuid.UUID | None, taken: Decimal, known: dict[str, int]) -> Score:
    points = max(0, min(WHOLE, int(WHOLE - taken)))
    return Score(contract_id, points, band_of(points, known))


def band_of(points: int, known: dict[str, int]) -> str:
    """A, B, C, or D for whoever is suspended."""
    for band in ("a", "b", "c"):
        if points >= known[f"band_{band}"]:
            return band.upper()
    return "D"


def used_up(persons: Collection[Person], day: date) -> dict[uuid.UUID, str]:
    """Who used up the points of a year, by his identity wherever it was: ``taught`` where education anew is wanted,
    ``banned`` where it was the second time within the months of the settings. Three queries."""
    known = figures()
    by_index = {one.id_index: one.pk for one in persons}
    rows = ContractorViolation.objects.filter(
        person__id_index__in=[*by_index], withdrawn_at__isnull=True, person_points__gt=0,
        at__lt=Calendar().start_of(day + timedelta(days=1)),
    ).order_by("at", "pk")  # fmt: skip
    told: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for index, at, points in rows.values_list("person__id_index", "at", "person_points"):
        told[index].append((Calendar().local_date(at), points))
    ends = {index: _ends(lines, known["person_points"]) for index, lines in told.items()}
    ends = {index: days for index, days in ends.items() if days}
    taught = EntryStep.objects.filter(person__in=[by_index[one] for one in ends], kind=StepKind.TRAINING)
    newest: dict[uuid.UUID, date] = dict(taught.order_by("done_date").values_list("person", "done_date"))
    found = {}
    for index, days in ends.items():
        pk = by_index[index]
        ban = relativedelta(months=known["person_ban_months"])
        if len(days) > 1 and days[-1] < days[-2] + ban and day < days[-1] + ban:
            found[pk] = "banned"
        elif newest.get(pk, date.min) <= days[-1]:
            found[pk] = "taught"
    return found


def _ends(lines: Sequence[tuple[date, Decimal]], most: int) -> list[date]:
    """Days on which the points of a calendar year were used up; then they are counted from the whole again."""
    found: list[date] = []
    year, total = 0, Decimal(0)
    for day, points in lines:
        if day.year != year:
            year, total = day.year, Decimal(0)
        total += points
        if total >= most:
            found.append(day)
            total = Decimal(0)
    return found
