"""Reads of reactions (反应安全风险评估) and of the four clearings (四个清零)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.kinds import ClearingKind
from quancheng.domains.risk.models import Clearing, Reaction
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound

#: Classes whose reactions are assessed: fine chemistry, and drugs, which are made by it (S2-18).
FINE_KINDS = (Kind.FINE_CHEMICAL.value, Kind.PHARMACEUTICAL.value)
LIVE = ~Q(status="ENDED")


def list_reactions(*, actor: Actor) -> QuerySet[Reaction]:
    """Reactions that the actor may see: those with measures missing first, then the gravest."""
    rows = Reaction.objects.visible_to(actor).filter(LIVE).select_related("file__enterprise", "facility", "area")
    return rows.order_by("-missing", F("grade").desc(nulls_first=True), "pk")


def get_reaction(*, actor: Actor, reaction_id: uuid.UUID) -> Reaction:
    """Raise NotFound for absent and for out of scope alike."""
    rows = Reaction.objects.visible_to(actor).select_related("file__enterprise", "facility", "supervisor", "owner_org")
    found = rows.filter(pk=reaction_id).first()
    if found is None:
        raise NotFound
    return found


def is_lacking(prefix: str = "") -> Q:
    """A reaction of which something is missing: no assessment in force, no settled grade, or a measure not done.

    :param prefix: the way to it from other rows, ``reactions__``.
    """
    settled = {f"{prefix}is_settled": False}
    return ~Q(**{f"{prefix}status": "IN_FORCE"}) | Q(**settled) | Q(**{f"{prefix}missing__gt": 0})


def list_plants(*, actor: Actor) -> QuerySet[Enterprise]:
    """Fine-chemical and pharmaceutical enterprises that the actor may see, with how their reactions and the four
    clearings stand; those of which most is missing come first.
    """
    live = Q(reactions__status__in=("DRAFT", "REVIEW", "IN_FORCE", "DUE"))
    lacking = live & is_lacking("reactions__")
    cells = {
        f"cell_{code}": Subquery(Clearing.objects.filter(file=OuterRef("pk"), kind=code).values("status")[:1])
        for code in ClearingKind.values
    }
    return (
        seen(actor=actor)
        .filter(kind__in=FINE_KINDS)
        .select_related("enterprise", "area")
        .annotate(
            reaction_count=Count("reactions", filter=live, distinct=True),
            lacking_count=Count("reactions", filter=lacking, distinct=True),
            **cells,
        )
        .order_by("-lacking_count", "reaction_count", "pinyin", "pk")
    )  # fmt: skip


def has_gaps() -> Q:
    """Plants of which something is missing, or whose reactions nobody entered (S5-3.3a)."""
    return Q(lacking_count__gt=0) | Q(reaction_count=0)


def list_clearings(*, actor: Actor) -> QuerySet[Clearing]:
    """Clearings that the actor may see, open ones first, by their term."""
    rows = Clearing.objects.visible_to(actor).select_related("file__enterprise", "area", "supervisor")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "due_date", "pk")


def get_clearing(*, actor: Actor, clearing_id: uuid.UUID) -> Clearing:
    """Raise NotFound for absent and for out of scope alike."""
    rows = Clearing.objects.visible_to(actor).select_related("file__enterprise", "supervisor", "owner_org")
    found = rows.filter(pk=clearing_id).first()
    if found is None:
        raise NotFound
    return found


def without_clearing(*, actor: Actor, kind: str) -> QuerySet[Enterprise]:
    """Operating fine-chemical enterprises that the actor's office leads and whose clearing of a kind was not begun."""
    begun = Clearing.objects.filter(file=OuterRef("pk"), kind=kind)
    rows = seen(actor=actor).filter(
        ~Exists(begun), kind=Kind.FINE_CHEMICAL, life__in=("operating", "trial"), supervisor=actor.organisation_id
    )
    return rows.select_related("enterprise").order_by("pk")


def figures(*, actor: Actor) -> Mapping[str, tuple[int, int]]:
    """Of each clearing that the actor may see: how many are done (or do not apply), and how many there are."""
    done = Q(status__in=("CLEARED", "EXEMPT"))
    rows = Clearing.objects.visible_to(actor).order_by().values("kind")
    found = {one["kind"]: (one["done"], one["all"]) for one in rows.annotate(done=Count("pk", filter=done),
                                                                            all=Count("pk"))}  # fmt: skip
    return {code: found.get(code, (0, 0)) for code in ClearingKind.values}


def reactions_of(file: Enterprise) -> Sequence[Reaction]:
    """Reactions of a file that the caller got through its own query, the gravest first."""
    rows = Reaction.objects.filter(LIVE, file=file)
    return list(rows.order_by(F("grade").desc(nulls_first=True), "pk"))


def lacking_of(file: Enterprise) -> tuple[int, int]:
    """Of how many reactions of a file, which the caller got through its own query, something is missing; how many
    there are.
    """
    found = Reaction.objects.filter(LIVE, file=file).aggregate(
        lacking=Count("pk", filter=is_lacking()), all=Count("pk")
    )
    return found["lacking"], found["all"]


def clearings_of(file: Enterprise) -> Sequence[Clearing]:
    """The four clearings of a file that the caller got through its own query, as far as they were begun."""
    order = {code: place for place, code in enumerate(ClearingKind.values)}
    return sorted(Clearing.objects.filter(file=file).order_by("pk"), key=lambda one: order[one.kind])
