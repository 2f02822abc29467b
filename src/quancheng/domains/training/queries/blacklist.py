"""Reads of violations, incidents and the black list, and what follows from them for a day."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db.models import Count, QuerySet, Sum

from quancheng.domains.training.loops.blacklist import BARS
from quancheng.domains.training.models import (
    BlackListing,
    Contractor,
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


@dataclass(frozen=True, slots=True)
class Barring:
    """The black lists as they stand, for whoever asks of many persons at many enterprises.

    :ivar until: of an enterprise (None: the district's list) and the blind index of somebody's identity, or the
        unified code or name of a company, the last day on which it bars; ``date.max`` without end.
    """

    until: Mapping[tuple[uuid.UUID | None, str], date]

    def bars(self, person: Person, day: date) -> bool:
        """Whether a person, or the company that sends him, is black-listed where he works."""
        return self.bars_person(person, day) or self.bars_sender(person, day)

    def bars_person(self, person: Person, day: date) -> bool:
        """The person himself."""
        return self._any([person.id_index], person.file_id, day)

    def bars_sender(self, person: Person, day: date) -> bool:
        """The company that sends him, as his file names it."""
        sent_by = person.employer_code or person.employer_name
        return self._any([sent_by], person.file_id, day) if sent_by else False

    def bars_company(self, company: Contractor, file_id: uuid.UUID, day: date) -> bool:
        """The same of a company at an enterprise."""
        return self._any((company.code, company.name), file_id, day)

    def _any(self, called: Iterable[str], file_id: uuid.UUID, day: date) -> bool:
        return any(self.until.get((where, one), date.min) >= day for one in called for where in (None, file_id))


def barring() -> Barring:
    """The black lists as they stand; no scope, and nothing of why. One query."""
    found: dict[tuple[uuid.UUID | None, str], date] = {}
    columns = ("level", "file", "until_date", "id_index", "contractor__code", "contractor__name")
    for level, file, until, *called in BlackListing.objects.filter(status__in=BARS).values_list(*columns):
        where = None if level == ListLevel.DISTRICT else file
        for one in called:
            if one:
                found[where, one] = max(found.get((where, one), date.min), until or date.max)
    return Barring(found)


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


def used_up(persons: Collection[Person], day: date, known: Mapping[str, int]) -> dict[uuid.UUID, str]:
    """Who used up the points of a year, by his identity wherever it was: ``taught`` where education anew is wanted,
    ``banned`` where it was the second time within the months of the settings, ``known``. Two queries."""
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
