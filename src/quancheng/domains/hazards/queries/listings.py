"""Reads of listed supervision: candidates with the rules they meet, listings, visits, what everybody may read."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from quancheng.domains.hazards.loops.finding import GRADED_OPEN
from quancheng.domains.hazards.models import Finding, Listing, ListingVisit
from quancheng.domains.hazards.models.listings import LISTED
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.wording import Text

#: Days overdue, major dangers open in one unit, people living within 500 m, from which on one is a candidate. [D]
OVERDUE_DAYS, MANY_MAJORS, MANY_PEOPLE = 30, 3, 100


def list_candidates(*, actor: Actor, today: date) -> QuerySet[Finding]:
    """Open major dangers that are not listed and meet a rule, the longest overdue first."""
    listed = Listing.objects.filter(finding=OuterRef("pk"), closed_at__isnull=True)
    rows = Finding.objects.visible_to(actor).filter(is_major=True, status__in=GRADED_OPEN).exclude(Exists(listed))
    together = Finding.objects.filter(file=OuterRef("file"), is_major=True, status__in=GRADED_OPEN)
    number = together.order_by().values("file").annotate(number=Count("pk")).values("number")
    counted = rows.annotate(majors=Coalesce(Subquery(number), Value(0)))
    meets = ~Q(stop="none") | Q(deadline__lt=today - timedelta(days=OVERDUE_DAYS)) | Q(majors__gte=MANY_MAJORS)
    meets |= Q(file__exposed_population__gte=MANY_PEOPLE)
    met = counted.filter(meets).select_related("file__enterprise", "file__area", "supervisor")
    return met.order_by(F("deadline").asc(nulls_last=True), "found_at", "pk")


def reasons_of(row: Finding, today: date) -> list[Text]:
    """By which rules a major danger is a candidate; empty where none holds."""
    found: list[Text] = []
    if row.stop != "none":
        found.append(Text("整改须停产停用", "production or equipment must stop"))
    if row.deadline is not None and row.deadline < today - timedelta(days=OVERDUE_DAYS):
        days = (today - row.deadline).days
        found.append(Text(f"超期{days}天", f"{days} days overdue"))
    majors = getattr(row, "majors", None)
    if majors is None:
        majors = Finding.objects.filter(file=row.file_id, is_major=True, status__in=GRADED_OPEN).count()
    if majors >= MANY_MAJORS:
        found.append(Text(f"同一企业有{majors}项重大隐患未销号", f"{majors} major dangers open in the unit"))
    people = row.file.exposed_population
    if people is not None and people >= MANY_PEOPLE:
        found.append(Text(f"周边500米有{people}人", f"{people} people within 500 m"))
    return found


def list_listings(*, actor: Actor) -> QuerySet[Listing]:
    """Listings that the actor may see, open ones first."""
    rows = Listing.objects.visible_to(actor).select_related(
        "file__enterprise", "file__area", "finding", "owner_org", "office", "signer_org"
    )  # fmt: skip
    return rows.order_by(F("closed_at").desc(nulls_first=True), F("created_at").desc(), "pk")


def get_listing(*, actor: Actor, listing_id: uuid.UUID) -> Listing:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_listings(actor=actor).select_related("paper", "lift_paper").filter(pk=listing_id).first()
    if found is None:
        raise NotFound
    return found


def list_visits(*, actor: Actor) -> QuerySet[ListingVisit]:
    """Visits that the actor may know of: an enterprise hears of one when it was made."""
    rows = ListingVisit.objects.visible_to(actor).select_related("listing__file__enterprise", "listing__finding")
    return rows.order_by(F("closed_at").desc(nulls_first=True), "due_date", "pk")


def get_visit(*, actor: Actor, visit_id: uuid.UUID) -> ListingVisit:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_visits(actor=actor).filter(pk=visit_id).first()
    if found is None:
        raise NotFound
    return found


def visits_of(row: Listing, *, actor: Actor) -> Sequence[ListingVisit]:
    """Visits on one listing, the newest first."""
    return list(list_visits(actor=actor).filter(listing=row).order_by("-created_at", "pk"))


def listings_of(row: Finding, *, actor: Actor) -> Sequence[Listing]:
    """Listings of one danger."""
    return list(list_listings(actor=actor).filter(finding=row))


def published() -> Sequence[Listing]:
    """What everybody may read: listings that were published, and the last hundred that were taken off."""
    rows = Listing.objects.filter(published_at__isnull=False, is_sensitive=False).select_related(
        "file__enterprise", "file__area", "owner_org"
    )  # fmt: skip
    standing = rows.filter(status__in=LISTED).order_by("-published_at", "pk")
    lifted = rows.filter(status="LIFTED").order_by("-closed_at", "pk")[:100]
    return [*standing, *lifted]
