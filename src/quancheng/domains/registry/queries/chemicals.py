"""Reads of chemicals: the register, and where in the district each is held."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, F, Func, OuterRef, Q, QuerySet, Sum, TextField, Value

from quancheng.domains.registry.models import Chemical, Enterprise, Holding
from quancheng.domains.registry.queries.places import Neighbour, nearest_to
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound


def list_chemicals(*, actor: Actor) -> QuerySet[Chemical]:
    """The register of chemicals, by pinyin; everybody who is signed in may know it."""
    if not actor.is_system and actor.organisation_id is None:
        return Chemical.objects.none()
    also = Func(F("aliases"), Value("；"), function="array_to_string", output_field=TextField())
    return Chemical.objects.select_related("environment").annotate(also=also).order_by("pinyin", "pk")


def means(text: str) -> Q:
    """Which chemicals a text means exactly: by name, another name, English name or number."""
    return Q(name=text) | Q(aliases__contains=[text]) | Q(cas=text) | Q(english__iexact=text) | Q(un_no=text)


def is_held(actor: Actor) -> Q:
    """Which chemicals stand in an enterprise that the actor sees."""
    visible = Enterprise.objects.visible_to(actor)
    standing = Holding.objects.filter(chemical=OuterRef("pk"), ended_date__isnull=True, file__in=visible)
    return Q(Exists(standing))


def get_chemical(*, actor: Actor, chemical_id: uuid.UUID) -> Chemical:
    """Raise NotFound where there is none."""
    found = list_chemicals(actor=actor).filter(pk=chemical_id).first()
    if found is None:
        raise NotFound
    return found


def find_chemical(text: str) -> Chemical | None:
    """A chemical by its CAS number, name or another name of it, exactly; None where none or several are meant."""
    wanted = text.strip()
    if not wanted:
        return None
    by_number = list(Chemical.objects.filter(cas=wanted)[:2])
    if len(by_number) == 1:
        return by_number[0]
    named = Chemical.objects.filter(name=wanted).first()
    if named is not None:
        return named
    also = list(Chemical.objects.filter(aliases__contains=[wanted])[:2])
    return also[0] if len(also) == 1 else None


def where_held(*, actor: Actor, chemical: Chemical) -> QuerySet[Holding]:
    """Where in the district it is held, as far as the actor may see; most first."""
    return (
        Holding.objects.filter(
            chemical=chemical, ended_date__isnull=True, file__in=Enterprise.objects.visible_to(actor)
        )
        .select_related("facility", "facility__unit", "file", "file__enterprise", "file__area")
        .order_by(F("present_t").desc(nulls_last=True), "pk")
    )


#: Places of a chemical shown on its page, those with most. [D]
MOST_SHOWN = 50


def most_held(*, actor: Actor, chemical: Chemical) -> list[Holding]:
    """The places that hold most of it, with no more of each than its page shows."""
    rows = where_held(actor=actor, chemical=chemical).select_related(None)
    return list(
        rows.select_related("facility", "file__enterprise", "file__area").only(
            "product", "licensed_t", "design_t", "present_t", "facility__code", "facility__name", "file__lon",
            "file__enterprise__name", "file__area__name",
        )[:MOST_SHOWN]
    )  # fmt: skip


def beside(holdings: Sequence[Holding]) -> list[tuple[Holding, list[Neighbour]]]:
    """Each holding with the sensitive places nearest to its enterprise."""
    found = nearest_to(one.file_id for one in holdings)
    return [(one, found.get(one.file_id, [])) for one in holdings]


@dataclass(frozen=True, slots=True)
class Held:
    """How much of a chemical the actor sees, in tonnes, and in how many enterprises and places."""

    present_t: Decimal
    design_t: Decimal
    licensed_t: Decimal
    enterprises: int
    places: int


def total_held(*, actor: Actor, chemical: Chemical) -> Held:
    """Sums over :func:`where_held`."""
    told = (
        where_held(actor=actor, chemical=chemical)
        .order_by()
        .aggregate(
            present=Sum("present_t"), design=Sum("design_t"), licensed=Sum("licensed_t"),
            # Not of the key: everything else stands in one index.
            enterprises=Count("file", distinct=True), places=Count("*"),
        )
    )  # fmt: skip
    nothing = Decimal(0)
    return Held(
        told["present"] or nothing, told["design"] or nothing, told["licensed"] or nothing, told["enterprises"],
        told["places"],
    )  # fmt: skip
