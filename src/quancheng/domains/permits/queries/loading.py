"""Rows of permits read for their checks: of one or of many at once, by the same number of queries."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import prefetch_related_objects
from django.utils import timezone

from quancheng.domains.permits.loops.permit import BEGUN
from quancheng.domains.permits.models import (
    BookingRuleChange,
    DetectorPairing,
    GasTest,
    IsolationLink,
    IsolationPoint,
    LinkRole,
    Part,
    Permit,
    PermitMeasure,
    PermitPerson,
    PermitSignature,
    PermitSiteCheck,
    PermitWarning,
    RescueReadiness,
    StopOrder,
    WeatherWarning,
)
from quancheng.domains.permits.queries import permits as queries
from quancheng.domains.permits.queries.booking import booking_changes
from quancheng.domains.permits.queries.daily import Daily, daily_of
from quancheng.domains.permits.queries.health import Bars, bars_of_roles, limits_of
from quancheng.domains.permits.queries.impairments import Impairment, impairments_of
from quancheng.domains.permits.queries.isolations import lines_taken, links_of_many
from quancheng.domains.permits.queries.orders import in_force, is_for
from quancheng.domains.permits.queries.pairings import standing_pairings
from quancheng.domains.permits.queries.registers import Registered, registered_of
from quancheng.domains.permits.queries.rescue import newest_rescues
from quancheng.domains.permits.queries.sealing import is_unaltered
from quancheng.domains.permits.queries.simops import Met, met_by, met_by_many
from quancheng.domains.permits.queries.weather import Rules, is_over, not_ended, standing_rules
from quancheng.domains.training.models import HealthLimit, PersonQualification
from quancheng.domains.training.queries.blacklist import Barring, barring
from quancheng.domains.training.queries.certificates import qualifications_of_many
from quancheng.kernel.files.queries import files_of_many

#: States in which a signature, a start or a resumption is the next move.
_BEFORE_WORK = ("PREPARING", "APPROVING", "ISSUED", "SUSPENDED")


class Bound(NamedTuple):
    """Where somebody is bound: which permit, in which state, within which window."""

    person_id: uuid.UUID
    permit_id: uuid.UUID
    status: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Loaded:
    """Rows of one permit, read once for several phases."""

    permit: Permit
    people: Sequence[PermitPerson]
    certificates: Mapping[uuid.UUID, Sequence[PersonQualification]]
    limits: Mapping[uuid.UUID, Sequence[HealthLimit]]
    bars: Bars
    barring: Barring
    registered: Registered
    bound: Sequence[Bound]
    related: Sequence[Permit]
    measures: Sequence[Any]
    gas: Sequence[Any]
    analysis: Any
    briefing: Any
    signatures: Sequence[PermitSignature]
    site_checks: Sequence[Any]
    warnings: Sequence[PermitWarning]
    met: Sequence[Met]
    orders: Sequence[StopOrder]
    #: Warnings of weather over its area that were not ended, and what each does.
    weather: Sequence[WeatherWarning]
    weather_rules: Rules
    #: How far ahead work is booked; asked until it is taken up.
    booking: Sequence[BookingRuleChange]
    isolations: Sequence[IsolationLink]
    #: Portable detectors that go with it; what does not work or is bypassed at its enterprise.
    pairings: Sequence[DetectorPairing]
    impairments: Sequence[Impairment]
    #: Another blinding permit is at work on its line, by the register of blind plates.
    is_line_taken: bool
    #: What the house asks each shift and day.
    daily: Daily
    has_plan: bool
    #: Of a confined space: who stands ready to get people out.
    rescue: RescueReadiness | None
    is_unaltered: bool

    def elsewhere(self, now: datetime) -> frozenset[uuid.UUID]:
        """Who of its people is bound by another running permit in the same time that is not of the same job."""
        return _elsewhere(self.permit, self.people, self.bound, self.related, now)

    @property
    def crew(self) -> list[PermitPerson]:
        """Who is on it now: whoever handed over is not."""
        return [one for one in self.people if one.ended_at is None]

    @property
    def relied_on(self) -> list[IsolationPoint]:
        """Points of the register of isolation without which nobody works on it."""
        return [one.point for one in self.isolations if one.role == LinkRole.RELIES]

    @property
    def coming_out(self) -> frozenset[uuid.UUID]:
        """Points of these that other work takes out now: they hold nothing, whatever the register still says."""
        return frozenset(
            one.point_id for one in self.isolations if one.role == LinkRole.RELIES and one.is_coming_out
        )

    @property
    def under_test(self) -> tuple[str, ...]:
        """Tags of points of these of which a test was asked for, that are lifted for one or not proved anew since; of
        work on a plate, its own where such a point is on its line."""
        return tuple(one.point.tag for one in self.isolations if one.is_under_test)

    @property
    def proved_at(self) -> datetime | None:
        """When points of these were last proved anew after a test: what was found before says nothing of now."""
        told = (one.proved_at for one in self.isolations if one.role == LinkRole.RELIES)
        return max(filter(None, told), default=None)

    @property
    def standing(self) -> list[PermitSignature]:
        return [one for one in self.signatures if one.withdrawn_at is None]


def load_rows(permit: Permit) -> Loaded:
    """All that a check may ask of one permit."""
    return load_many([permit])[permit.pk]


def load_many(
    permits: Collection[Permit], *, asks_registers: bool = True,
    met: Mapping[uuid.UUID, Sequence[Met]] | None = None,
) -> dict[uuid.UUID, Loaded]:  # fmt: skip
    """All that checks may ask of these permits. A fixed number of queries of each enterprise, whatever the number of
    permits.

    :param asks_registers: false for whom only runs checks of work that has begun: none of them asks for admission or
        education, and the registers cost queries of each enterprise.
    :param met: what meets now in the whole district; found for these permits where it is not told.
    """
    keys = [one.pk for one in permits]
    people = _grouped(queries.people_of_many(keys), keys)
    persons = {one.person_id for rows in people.values() for one in rows}
    certificates, limits = qualifications_of_many(persons), limits_of(persons)
    # What roles bar is asked where somebody has a limit alone.
    bars = bars_of_roles() if any(limits.values()) else {}
    listed, registered = barring(), registered_of(permits if asks_registers else (), people)
    related = queries.related_of_many(keys)
    bound = _bound(persons)
    measures = _grouped(PermitMeasure.objects.filter(permit__in=keys).order_by("code"), keys)
    gas = _grouped(GasTest.objects.filter(permit__in=keys).order_by("-sampled_at", "-pk"), keys)
    checks = _grouped(PermitSiteCheck.objects.filter(permit__in=keys).order_by("-checked_at", "-pk"), keys)
    warnings = _grouped(PermitWarning.objects.filter(permit__in=keys).order_by("confirmed_at", "pk"), keys)
    analyses, briefings = queries.analyses_of_many(keys), queries.briefings_of_many(keys)
    signatures = _grouped(queries.signatures_of_many(keys), keys)
    files = files_of_many(Permit, keys)
    orders, weather = in_force(), not_ended()
    # What warnings do is asked where one stands alone.
    weather_rules = standing_rules() if weather else {}
    if weather:
        prefetch_related_objects(list(permits), "area")
    booking = booking_changes() if any(one.status in ("DRAFT", "REQUESTED") for one in permits) else ()
    isolations = links_of_many(keys)
    daily = daily_of(permits)
    taken = lines_taken([link for links in isolations.values() for link in links])
    rescues = newest_rescues([one.pk for one in permits if one.kind == "CS"])
    pairings = _grouped(standing_pairings(keys), keys)
    # Asked before work alone: what fails beside running work is told by its own alarm.
    broken = impairments_of({one.file_id for one in permits if one.status in _BEFORE_WORK}, timezone.now())
    if met is None:
        met = met_by_many(list(permits)) if len(keys) > 1 else {one.pk: met_by(one) for one in permits}
    return {
        one.pk: Loaded(
            permit=one,
            people=people[one.pk],
            certificates=certificates,
            limits=limits,
            bars=bars,
            barring=listed,
            registered=registered,
            bound=bound,
            related=related[one.pk],
            measures=measures[one.pk],
            gas=gas[one.pk],
            analysis=analyses.get(one.pk),
            briefing=briefings.get(one.pk),
            signatures=signatures[one.pk],
            site_checks=checks[one.pk],
            warnings=warnings[one.pk],
            met=met.get(one.pk, ()),
            orders=[order for order in orders if is_for(order, one)],
            weather=[each for each in weather if is_over(each, one)],
            weather_rules=weather_rules,
            booking=booking,
            isolations=isolations[one.pk],
            pairings=pairings[one.pk],
            impairments=broken.get(one.file_id, ()),
            is_line_taken=one.pk in taken,
            rescue=rescues.get(one.pk),
            daily=daily[one.pk],
            has_plan=any(link.role == queries.PLAN for link in files.get(one.pk, ())),
            is_unaltered=is_unaltered(
                one, people[one.pk], measures[one.pk], analyses.get(one.pk), briefings.get(one.pk),
                signatures[one.pk], isolations[one.pk],
            ),
        )
        for one in permits
    }  # fmt: skip


def is_seal_whole(permit: Permit, people: Sequence[PermitPerson]) -> bool:
    """Whether a permit is what was signed, for a page that needs nothing else of it. None to five queries."""
    if not permit.seal:
        return True
    # Whoever read the permit for its page was told whether points are sealed with it.
    links = links_of_many([permit.pk])[permit.pk] if getattr(permit, "has_points", True) else ()
    return is_unaltered(
        permit, people, queries.measures_of(permit), queries.analysis_of(permit), queries.briefing_of(permit),
        queries.signatures_of(permit), links,
    )  # fmt: skip


def bound_elsewhere(permit: Permit, now: datetime) -> bool:
    """Whether somebody who works or guards on a permit is bound by another running one that is not of the same job."""
    people = [one for one in queries.people_of(permit) if one.part != Part.LEADER]
    bound = _bound({one.person_id for one in people})
    return bool(_elsewhere(permit, people, bound, list(permit.related.all()), now))


def _bound(persons: Collection[uuid.UUID]) -> list[Bound]:
    """Where these people are bound by running permits. A leader may lead several jobs; who works or guards is bound to
    one place. One query."""
    rows = PermitPerson.objects.filter(
        person__in=persons, ended_at__isnull=True, permit__status__in=("ISSUED", *BEGUN)
    ).exclude(part=Part.LEADER)
    told = rows.values_list("person_id", "permit_id", "permit__status", "permit__window_start", "permit__window_end")
    return [Bound(*one) for one in told]


def _elsewhere(
    permit: Permit, people: Sequence[PermitPerson], bound: Sequence[Bound], related: Sequence[Permit],
    now: datetime,
) -> frozenset[uuid.UUID]:  # fmt: skip
    """Work that began and stands past its window binds until it is finished or void."""
    own = {one.person_id for one in people}
    same_job = {permit.pk, *(one.pk for one in related)}
    return frozenset(
        one.person_id for one in bound
        if one.person_id in own and one.permit_id not in same_job
        and one.start < permit.window_end
        and (one.end > permit.window_start or (one.status in BEGUN and one.end <= now))
    )  # fmt: skip


def _grouped(rows: Any, keys: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Any]]:
    found: dict[uuid.UUID, list[Any]] = {key: [] for key in keys}
    for row in rows:
        found[row.permit_id].append(row)
    return found
