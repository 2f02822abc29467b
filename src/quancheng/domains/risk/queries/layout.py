"""Reads of distances: what is required on a day, what was checked, cases under way (间距核查、布局问题)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.registry.queries.enterprises import (
    is_kept_at,
    is_seen_at,
    kept_by_double,
    keys_seen,
    seen,
)
from quancheng.domains.risk.kinds import LayoutVerdict
from quancheng.domains.risk.models import DistanceRule, ExternalDistance, LayoutCase, LayoutCheck
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.risk.layout import NO_SITE, Screening, screenings

#: What a department takes up: too short, below a screening value, or a use in the wrong place.
WANTING = Q(verdict__lte=LayoutVerdict.BELOW) | Q(is_conflict=True)


@dataclass(frozen=True, slots=True)
class Required:
    """A distance in metres between a source and a target, as it counts on a day: the district's, or what ships."""

    source: str
    target: str
    metres: int
    rule: DistanceRule | None
    shipped: Screening | None


def required_on(day: date) -> dict[tuple[str, str], Required]:
    """Every distance in force on a day by source and target; those that the district took out are not among them."""
    found = {
        pair: Required(*pair, metres=one.metres, rule=None, shipped=one) for pair, one in screenings().items()
    }  # fmt: skip
    rules = DistanceRule.objects.filter(from_date__lte=day).order_by("from_date", "entered_at", "pk")
    for rule in rules:
        pair = (rule.source, rule.target)
        if rule.metres is None:
            found.pop(pair, None)
        else:
            found[pair] = Required(*pair, metres=rule.metres, rule=rule, shipped=None)
    return found


def past_rules() -> Sequence[DistanceRule]:
    """What the district set, the newest first."""
    return list(DistanceRule.objects.order_by("-from_date", "-entered_at", "-pk")[:100])


def list_mapped(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises for the map of zones and the list below it, with their checks counted by what they found."""
    rows = seen(actor=actor).select_related("enterprise", "area")

    def counted(condition: Q) -> Coalesce:
        found = LayoutCheck.objects.filter(condition, file=OuterRef("pk")).order_by().values("file")
        return Coalesce(Subquery(found.annotate(number=Count("pk")).values("number")), 0)

    rows = rows.annotate(
        short_count=counted(Q(verdict__lte=LayoutVerdict.BELOW)),
        conflict_count=counted(Q(is_conflict=True)),
        check_count=counted(Q()),
    )
    return rows.order_by("pinyin", "pk")


def has_wanting() -> Q:
    """Enterprises with a check that a department takes up."""
    return Q(Exists(LayoutCheck.objects.filter(WANTING, file=OuterRef("pk"))))


def without_place(*, actor: Actor) -> int:
    """Enterprises at work that the actor may see and of which nobody told where they are: nothing is checked."""
    rows = seen(actor=actor).exclude(life="closed").filter(lon__isnull=True, boundary__isnull=True)
    return rows.exclude(kind__in=NO_SITE).count()


def list_checks(*, actor: Actor) -> QuerySet[LayoutCheck]:
    """Checks of enterprises that the actor may see, the gravest and nearest first, with the newest case on each."""
    case = LayoutCase.objects.filter(file=OuterRef("file"), key=OuterRef("key")).order_by("-created_at", "-pk")
    rows = LayoutCheck.objects.filter(file__in=keys_seen(actor=actor), file__merged_into__isnull=True)
    rows = rows.select_related("file__enterprise", "file__area", "zone", "place", "own", "rule")
    rows = rows.annotate(
        case_id=Subquery(case.values("pk")[:1]),
        case_status=Subquery(case.values("status")[:1]),
        case_outcome=Subquery(case.values("outcome")[:1]),
        case_due=Subquery(case.values("due_date")[:1]),
    )
    return rows.order_by("verdict", "metres", "pk")


def get_check(*, actor: Actor, check_id: uuid.UUID) -> LayoutCheck:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_checks(actor=actor).filter(pk=check_id).first()
    if found is None:
        raise NotFound
    return found


def checks_of(file: Enterprise) -> Sequence[LayoutCheck]:
    """Checks of a file that the caller got through its own query, the gravest first."""
    rows = LayoutCheck.objects.filter(file=file).select_related("zone", "place", "own", "rule")
    return list(rows.order_by("verdict", "metres", "pk")[:200])


def sums(rows: QuerySet[LayoutCheck]) -> Mapping[str, int]:
    """How many checks of a list found what, by the code of the verdict, and how many conflicts of use there are."""
    plain: QuerySet[Any] = rows.order_by()
    found: dict[str, int] = {
        str(verdict): number for verdict, number in plain.values_list("verdict").annotate(number=Count("pk"))
    }
    return found | {"conflict": plain.filter(is_conflict=True).count()}


def check_now(row: LayoutCase) -> LayoutCheck | None:
    """What is found of the pair of a case at present; None where it is not near any more."""
    found: LayoutCheck | None = LayoutCheck.objects.filter(file=row.file_id, key=row.key).first()
    return found


def list_cases(*, actor: Actor) -> QuerySet[LayoutCase]:
    """Cases that the actor may see, open ones first, by their term."""
    rows: QuerySet[LayoutCase] = LayoutCase.objects.visible_to(actor)
    rows = rows.select_related("file__enterprise", "owner_org", "area", "zone", "place")
    return rows.order_by(F("closed_at").desc(nulls_first=True), F("due_date").asc(nulls_first=True), "pk")


def get_case(*, actor: Actor, case_id: uuid.UUID) -> LayoutCase:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_cases(actor=actor).filter(pk=case_id).first()
    if found is None:
        raise NotFound
    return found


def is_late(on: date, prefix: str = "") -> Q:
    """A case whose term has passed. :param prefix: ``case_`` on rows of :func:`list_checks`."""
    return Q(**{f"{prefix}status": "COORDINATING", f"{prefix}{'due' if prefix else 'due_date'}__lt": on})


def distances_seen(*, actor: Actor) -> QuerySet[ExternalDistance]:
    """Reports that the actor may see: by their own scope, or since their file was merged into one that it sees."""
    own = ExternalDistance.objects.visible_to(actor).values("pk")
    return ExternalDistance.objects.filter(Q(pk__in=own) | is_seen_at(keys_seen(actor=actor)))


def get_distance(*, actor: Actor, distance_id: uuid.UUID) -> ExternalDistance:
    """Raise NotFound for absent and for out of scope alike."""
    rows = distances_seen(actor=actor).select_related("file__enterprise", "unit")
    found = rows.filter(pk=distance_id).first()
    if found is None:
        raise NotFound
    return found


def visible_distance(actor: Actor, pk: uuid.UUID) -> ExternalDistance | None:
    """For its files."""
    return distances_seen(actor=actor).filter(pk=pk).first()


def distances_of(file: Enterprise) -> Sequence[ExternalDistance]:
    """What reports asked for a file that the caller got through its own query, and for the doubles merged into it, the
    newest first."""
    rows = ExternalDistance.objects.filter(is_kept_at(file.pk)).select_related("unit")
    return list(rows.order_by("-report_date", "-entered_at", "-pk")[:100])


def counting_distances(files: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[ExternalDistance]]:
    """The newest report of each unit of each file, and of each file as a whole, those of merged doubles among them."""
    into = kept_by_double(files)
    rows = ExternalDistance.objects.filter(file__in=[*files, *into])
    newest = rows.order_by("file", "unit", "-report_date", "-entered_at", "-pk").distinct("file", "unit")
    found: dict[tuple[uuid.UUID, uuid.UUID | None], ExternalDistance] = {}
    for one in newest:
        key = (into.get(one.file_id, one.file_id), one.unit_id)
        if key not in found or _age(found[key]) < _age(one):
            found[key] = one
    told: dict[uuid.UUID, list[ExternalDistance]] = {}
    for (file, _unit), one in found.items():
        told.setdefault(file, []).append(one)
    return told


def _age(one: ExternalDistance) -> tuple[Any, ...]:
    return one.report_date, one.entered_at, one.pk


def units_of(file: Enterprise) -> QuerySet[Unit]:
    """Units that stand, for the form of a report."""
    return Unit.objects.filter(file=file, ended_date__isnull=True).order_by("code", "pk")
