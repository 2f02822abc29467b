"""Reads of the checklists that departments word themselves."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Value, When

from quancheng.domains.hazards.models import DepartmentChecklist
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.law import queries as law
from quancheng.kernel.law.models import Clause, LegalText

_SHOWN = ("PUBLISHED", "REPLACED", "WITHDRAWN")


def list_editions(*, actor: Actor) -> QuerySet[DepartmentChecklist]:
    """Editions of the actor's own department, drafts too, open ones first."""
    rows = DepartmentChecklist.objects.visible_to(actor).select_related("owner_org", "text", "edition", "copied_from")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "-created_at", "pk")


def get_edition(*, actor: Actor, edition_id: uuid.UUID) -> DepartmentChecklist:
    """Raise NotFound for absent and for another department's alike: what was published is read as a checklist."""
    found = list_editions(actor=actor).filter(pk=edition_id).first()
    if found is None:
        raise NotFound
    return found


def items_of(row: DepartmentChecklist) -> Sequence[Clause]:
    """The items of an edition that the caller got through its own query, in order."""
    return list(law.list_clauses(row.edition))


def later_editions(row: DepartmentChecklist) -> Sequence[DepartmentChecklist]:
    """All editions of the same checklist, the newest first."""
    same = DepartmentChecklist.objects.filter(text=row.text_id).select_related("edition")
    return list(same.order_by("-created_at", "pk"))


def published_items(row: DepartmentChecklist) -> QuerySet[Clause]:
    """Items that editions of the same checklist had which were published, in no order."""
    editions = DepartmentChecklist.objects.filter(text=row.text_id, published_at__isnull=False).exclude(pk=row.pk)
    return Clause.objects.filter(edition__in=editions.values("edition")).order_by()


def misnamed(*, on: date) -> list[DepartmentChecklist]:
    """Editions in force on a day whose checklist is called otherwise, or was not named yet."""
    rows = DepartmentChecklist.objects.filter(_in_force(on), status__in=_SHOWN).exclude(text__name=F("title"))
    return list(rows.order_by("text", "-edition__effective_from", "pk"))


def _in_force(day: date) -> Q:
    lasting = Q(edition__effective_to__isnull=True) | Q(edition__effective_to__gte=day)
    return Q(edition__effective_from__lte=day) & lasting


def with_aspect(texts: QuerySet[LegalText], *, on: date) -> QuerySet[LegalText]:
    """Checklists with ``owner``, ``aspect``, ``own_kinds`` and ``own_chains`` as the edition in force on a day tells
    them, where none is the newest that was published; null for what ships."""
    rows = DepartmentChecklist.objects.filter(
        text=OuterRef("pk"), status__in=_SHOWN, edition__effective_from__isnull=False
    )
    order = Case(When(_in_force(on), then=Value(0)), default=Value(1))
    found = rows.order_by(order, "-edition__effective_from", "-pk")
    return texts.select_related("owner").annotate(
        aspect=Subquery(found.values("aspect")[:1]), own_kinds=Subquery(found.values("kinds")[:1]),
        own_chains=Subquery(found.values("chains")[:1]),
    )  # fmt: skip


def for_enterprise(file: Enterprise) -> Q:
    """Checklists with :func:`with_aspect` that an enterprise works by: what ships, and of departments' own those for
    its kinds or links, or for all."""
    kinds = [file.kind, *file.more_kinds]
    for_all = Q(own_kinds__len=0, own_chains__len=0)
    return Q(owner__isnull=True) | for_all | Q(own_kinds__overlap=kinds) | Q(own_chains__overlap=list(file.links))
