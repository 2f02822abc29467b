"""Storage places (储存场所): every unit in which something is stored, with capacity, licence, sharing and merges."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, F, JSONField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import JSONObject, NullIf, Round

from quancheng.domains.registry.kinds import FacilityKind
from quancheng.domains.registry.models import Clue, Enterprise, Facility, Holding, Licence, StorageMerge, Unit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

#: Facilities that store; what is in a reactor is at work and not stored.
STORING = (FacilityKind.TANK, FacilityKind.BAY, FacilityKind.CYLINDERS)
#: Kinds of licences that allow storage.
LICENCES = (
    "SAFETY_PRODUCTION", "SAFETY_USE", "OPERATING", "FIREWORKS_WHOLESALE", "FIREWORKS_RETAIL", "HAZARDOUS_WASTE",
)  # fmt: skip
#: Units offered as the place into which another is merged.
MOST_OFFERED = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """The licence under which a place stands. ``is_chosen``: somebody said so; else it follows from the enterprise's.

    :ivar state: one of ``LicenceState``, or empty where there is none.
    """

    id: uuid.UUID | None = None
    kind: str = ""
    number: str = ""
    valid_to: date | None = None
    state: str = ""
    is_chosen: bool = False


def list_storage_places(*, actor: Actor, on: date) -> QuerySet[Unit]:
    """Storage places in service that the actor may see, enterprise by enterprise.

    Annotated with ``design_t``, ``licensed_t`` and ``present_t`` (sums, tonnes), ``percent`` (present of design),
    ``is_over`` (one chemical above its licensed or designed quantity), ``inside`` (kinds of facilities),
    ``licence_row``, ``licence_state``, ``merge_row`` and ``has_clue``, of clues that the actor may see.
    """
    running = Facility.objects.filter(unit=OuterRef("pk"), kind__in=STORING, decommissioned_date__isnull=True)
    held = stored().filter(facility__unit=OuterRef("pk"))
    over = held.filter(Q(present_t__gt=F("licensed_t")) | Q(present_t__gt=F("design_t")))
    merged = StorageMerge.objects.filter(source=OuterRef("pk"), resumed_date__isnull=True)
    clues = Clue.objects.visible_to(actor).filter(unit=OuterRef("pk"), closed_at__isnull=True)
    best = _licences(on)

    def total(name: str) -> Subquery:
        return Subquery(held.values("facility__unit").annotate(total=Sum(name)).values("total"))

    def unless_in_none(found: Any) -> Case:
        return Case(When(place__is_unlicensed=True, then=Value(None)), default=found)

    columns = {"id": "id", "kind": "kind", "number": "number", "valid_to": "valid_to", "state": "state",
               "chosen": "chosen"}  # fmt: skip
    told = {"id": "id", "target": "target_id", "code": "target__code", "name": "target__name",
            "enterprise": "target__file__enterprise__name", "day": "merged_date", "reason": "reason"}  # fmt: skip
    return (
        Unit.objects.filter(Exists(running), file__in=Enterprise.objects.visible_to(actor), ended_date__isnull=True)
        .select_related("file", "file__enterprise", "file__area", "file__supervisor", "place")
        .annotate(
            design_t=total("design_t"), licensed_t=total("licensed_t"), present_t=total("present_t"),
            is_over=Exists(over), has_clue=Exists(clues),
            inside=ArraySubquery(running.order_by("kind").values("kind")),
            licence_row=unless_in_none(Subquery(best.values(row=JSONObject(**columns))[:1], output_field=JSONField())),
            licence_state=unless_in_none(Subquery(best.values("state")[:1])),
            licence_to=unless_in_none(Subquery(best.values("valid_to")[:1])),
            merge_row=Subquery(merged.values(row=JSONObject(**told))[:1], output_field=JSONField()),
        )
        .annotate(percent=Round(F("present_t") * 100 / NullIf(F("design_t"), Value(Decimal(0))), precision=1))
        .order_by("file__owner_org__kind", "file__owner_org__pinyin", "code", "pk")
    )  # fmt: skip


def stored() -> QuerySet[Holding]:
    """What stands in stores in service, of all places: for the subqueries of who asks by place; in no order."""
    return Holding.objects.filter(
        facility__kind__in=STORING, facility__decommissioned_date__isnull=True, ended_date__isnull=True
    ).order_by()


def _licences(on: date) -> QuerySet[Any]:
    """Licences of a unit's enterprise under which it may store: the one that somebody named, then the longest."""
    said = Q(pk=OuterRef("place__licence"))
    return (
        Licence.objects.standing()
        .filter(said | Q(kind__in=LICENCES), file=OuterRef("file"))
        .with_state(on=on)
        .annotate(chosen=Case(When(said, then=Value(True)), default=Value(False)))
        .order_by("-chosen", F("valid_to").desc(nulls_first=True), "pk")
    )


def get_storage_place(*, actor: Actor, unit_id: uuid.UUID, on: date) -> Unit:
    """Raise NotFound for absent, out of scope, and for a unit in which nothing is stored."""
    found = list_storage_places(actor=actor, on=on).filter(pk=unit_id).first()
    if found is None:
        raise NotFound
    return found


def licence_of(unit: Unit) -> Standing:
    """The licence of a place that :func:`list_storage_places` gave."""
    row = unit.licence_row  # type: ignore[attr-defined]
    if not row:
        return Standing()
    until = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
    return Standing(uuid.UUID(row["id"]), row["kind"], row["number"], until, row["state"], bool(row["chosen"]))


def is_licensed() -> Q:
    """Places that stand under a licence, whatever its state."""
    return Q(licence_state__isnull=False)


def is_over() -> Q:
    """Places with a chemical above its licensed or designed quantity."""
    return Q(is_over=True)


def is_away() -> Q:
    """Places that were merged into another and stand still."""
    return Q(merge_row__isnull=False)


def licences_for(file: Enterprise, *, on: date) -> Sequence[Licence]:
    """Licences of a file that allow storage, for a choice."""
    rows = Licence.objects.standing().filter(file=file, kind__in=LICENCES)
    return list(rows.with_state(on=on).order_by("kind", "-valid_to", "pk"))


def merge_targets(*, actor: Actor, unit: Unit, on: date) -> Sequence[Unit]:
    """Other places in service, not merged themselves; those of the same enterprise first."""
    rows = list_storage_places(actor=actor, on=on).exclude(pk=unit.pk).exclude(is_away())
    own = Case(When(file=unit.file_id, then=Value(0)), default=Value(1))
    return list(rows.order_by(own, "file__owner_org__pinyin", "code", "pk")[:MOST_OFFERED])


def is_merged(unit_id: uuid.UUID) -> bool:
    """Whether a unit was merged into another place and stands still."""
    return StorageMerge.objects.filter(source=unit_id, resumed_date__isnull=True).exists()


def standing_merge(unit: Unit) -> StorageMerge | None:
    """Into which place a unit was merged, if it stands still."""
    return (
        StorageMerge.objects.filter(source=unit, resumed_date__isnull=True)
        .select_related("target", "target__file", "target__file__enterprise")
        .first()
    )


def taken_in(unit: Unit) -> Sequence[StorageMerge]:
    """Which places were merged into a unit."""
    rows = StorageMerge.objects.filter(target=unit, resumed_date__isnull=True)
    rows = rows.select_related("source", "source__file", "source__file__enterprise")
    return list(rows.order_by("-merged_date", "pk"))


def clues_of(*, actor: Actor, unit: Unit) -> Sequence[Clue]:
    """Clues of a place that the actor may see, open ones first."""
    rows = Clue.objects.visible_to(actor).filter(unit=unit)
    return list(rows.order_by(F("closed_at").desc(nulls_first=True), "-found_at", "pk")[:10])
