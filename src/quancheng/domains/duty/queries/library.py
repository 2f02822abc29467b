"""The plan library (文件库): what every unit issued for a year, what is in force, whose yearly points are missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from quancheng.domains.duty.models import Plan
from quancheng.domains.duty.models.plans import PlanKind
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.people.queries import list_organisations

#: Levels of issuers (发文层级) and the kinds of organisation of each.
LEVELS: dict[str, tuple[str, ...]] = {
    "district": ("committee", "office", "department"),
    "town": ("town",),
    "village": ("village",),
    "enterprise": ("enterprise", "agency"),
}
#: Kinds of organisation that issue key points every year.
YEARLY = ("office", "town")
#: What a plan is worth today.
IN_FORCE, SUPERSEDED, EXPIRED, IN_REVIEW = "in_force", "superseded", "expired", "review"


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one unit issued for the year. ``is_missing``: it owes yearly key points and has none committed."""

    org: Organisation
    plans: tuple[tuple[Plan, str], ...]
    is_missing: bool


def validity_of(plan: Plan, *, today: date) -> str:
    """In force, superseded, expired, or still in review."""
    if plan.status == "REVIEW":
        return IN_REVIEW
    if plan.superseded_by_id is not None:
        return SUPERSEDED
    if plan.status == "CLOSED" or (plan.period_to is not None and plan.period_to < today):
        return EXPIRED
    return IN_FORCE


def list_shelves(
    *, actor: Actor, year: int, kind: str = "", level: str = "", validity: str = "", today: date
) -> list[Shelf]:
    """Units with what they issued for a year, those whose yearly points are missing first. Three queries.

    A plan is of every year that its period touches, or of the year of its date where it names no period. Units beyond
    the actor's sight are left out, and so is who neither owes yearly points nor issued anything.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    plans = (
        Plan.objects.visible_to(actor)
        .exclude(status="DISCARDED")
        .filter(
            Q(period_from__lte=last, period_to__gte=first)
            | Q(period_to__isnull=True, document_date__range=(first, last))
            | Q(period_from__isnull=True, document_date__range=(first, last))
        )
        .defer("lines", "parsed")
        .select_related("owner_org", "superseded_by")
        .defer("superseded_by__lines", "superseded_by__parsed")
        .order_by("-document_date", "pk")
    )
    found: dict[object, list[Plan]] = {}
    orgs: dict[object, Organisation] = {}
    for plan in plans:
        found.setdefault(plan.owner_org_id, []).append(plan)
        orgs[plan.owner_org_id] = plan.owner_org
    owing = Q(kind__in=YEARLY)
    for org in list_organisations(actor=actor).filter(
        owing if actor.supervises else owing & Q(pk=actor.organisation_id)
    ):
        if _oversees(actor, org):
            orgs.setdefault(org.pk, org)
    kinds = LEVELS.get(level)
    shelves = []
    for key, org in orgs.items():
        if kinds is not None and org.kind not in kinds:
            continue
        mine = found.get(key, [])
        # Who was sent one of a unit's papers does not know whether it issued others.
        is_missing = (
            org.kind in YEARLY
            and _oversees(actor, org)
            and not any(plan.kind == PlanKind.KEY_POINTS and plan.status in ("RUNNING", "CLOSED") for plan in mine)
        )
        shown = tuple(
            (plan, worth)
            for plan in mine
            if (not kind or plan.kind == kind) and (worth := validity_of(plan, today=today)) and validity in ("", worth)
        )
        narrowed = bool(validity) or kind not in ("", PlanKind.KEY_POINTS)
        if shown or (is_missing and not narrowed):
            shelves.append(Shelf(org, shown, is_missing))
    return sorted(shelves, key=lambda one: (not one.is_missing, one.org.pinyin, str(one.org.pk)))


def _oversees(actor: Actor, org: Organisation) -> bool:
    """Whether the actor would see a plan of the organisation: one's own, or those of the district one supervises."""
    return org.pk == actor.organisation_id or (actor.supervises and actor.general and actor.whole_district)


def list_successors(*, actor: Actor, plan: Plan) -> list[tuple[str, str]]:
    """Committed plans of the same office that may take a plan's place, the newest first, at most 200."""
    found = Plan.objects.visible_to(actor).filter(owner_org=plan.owner_org_id, status__in=("RUNNING", "CLOSED"))
    rows = found.exclude(pk=plan.pk).order_by("-imported_at", "pk").values_list("pk", "title")[:200]
    return [(str(pk), title) for pk, title in rows]
