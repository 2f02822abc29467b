"""Reads of grid patrols: places and routes, what is due to whom, the ledger, clues, dangers looked at again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language

from quancheng.domains.hazards.models import (
    Finding,
    Patrol,
    PatrolClue,
    PatrolPlace,
    PatrolRecheck,
    PatrolRoute,
    PatrolStop,
    PatrolTermRule,
    PatrolVisit,
)
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Scoped
from quancheng.kernel.areas.models import Area
from quancheng.kernel.dictionaries.models import CodeItem
from quancheng.kernel.dictionaries.queries import labels_of, list_items
from quancheng.kernel.errors import NotFound
from quancheng.kernel.people.models import Membership, Organisation, Role, User
from quancheng.kernel.people.queries import Person, list_colleagues, list_organisations

Row = TypeVar("Row", bound=Scoped)
WALK = "hazards.patrols.walk"
TYPES = "patrol_place_types"
#: Places that a filter offers.
MOST_CHOICES = 2000
#: States of a danger that somebody says was put right. (待验收、待销号、已销号)
LOOKED_AT = ("ACCEPTING", "CANCELLING", "CLOSED")


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of grid clues and of missed patrols, as they ship. [D]"""

    take_days: int = 1
    answer_days: int = 5
    #: At once: within the hour in which it is told.
    major_take_hours: int = 1
    major_answer_days: int = 1
    lapse_days: int = 3


TERM_NAMES: tuple[str, ...] = tuple(Terms.__slots__)


def terms_on(day: date) -> Terms:
    """What counts on a day: what ships, or what the district set by then."""
    rule = PatrolTermRule.objects.filter(from_date__lte=day).order_by("-from_date", "-entered_at").first()
    return Terms(**{name: getattr(rule, name) for name in TERM_NAMES}) if rule else Terms()


def past_terms() -> Sequence[PatrolTermRule]:
    """What was set, the newest first."""
    return list(PatrolTermRule.objects.select_related("entered_by").order_by("-from_date", "-entered_at")[:50])


# Types -----------------------------------------------------------------------------------------------------------


def type_choices(*, on: date | None = None) -> list[tuple[str, str]]:
    """Types of places that count on a day, or all there ever were."""
    return [(one.code, one.shown) for one in list_items(TYPES, on=on)]


def type_labels() -> Mapping[str, str]:
    """Code to label, also of types that ended."""
    return labels_of(TYPES)


def _type_in_words(field: str) -> Coalesce:
    """The label of a type in the reader's language, in the database: a list asks once for all its rows."""
    entry = CodeItem.objects.filter(code_list=TYPES, code=OuterRef(field))
    word: Subquery | Coalesce = Subquery(entry.values("label")[:1])
    if (get_language() or "").startswith("en"):
        word = Coalesce(NullIf(Subquery(entry.values("label_en")[:1]), Value("")), word)
    return Coalesce(word, F(field))


def looks_of(types: Sequence[str]) -> dict[str, tuple[list[str], str]]:
    """What to look at in places of these types, and how sure that is."""
    found = list_items(TYPES).filter(code__in=set(types))
    return {one.code: (list(one.parts), one.mark) for one in found}


# Places and routes -----------------------------------------------------------------------------------------------


def list_places(*, actor: Actor) -> QuerySet[PatrolPlace]:
    """Places that the actor may see, by name, with their type in words and when each was seen last."""
    last = PatrolVisit.objects.filter(place=OuterRef("pk")).order_by("-at").values("at")[:1]
    rows = PatrolPlace.objects.visible_to(actor).select_related("owner_org", "area", "file__enterprise")
    rows = rows.order_by(F("ended_date").desc(nulls_first=True), "name", "pk")
    file = Enterprise.objects.visible_to(actor).filter(pk=OuterRef("file"))
    return rows.annotate(last_at=Subquery(last), type_label=_type_in_words("type"), is_file_seen=Exists(file))


def get_place(*, actor: Actor, place_id: uuid.UUID) -> PatrolPlace:
    """Raise NotFound for absent and for out of scope alike."""
    return _one(list_places(actor=actor), place_id)


def own_places(org_id: uuid.UUID) -> QuerySet[PatrolPlace]:
    """Standing places of a village or town that the caller keeps, by name."""
    return PatrolPlace.objects.filter(owner_org=org_id, ended_date__isnull=True).order_by("name", "pk")


def places_named(*, actor: Actor, names: Sequence[str]) -> QuerySet[PatrolPlace]:
    """Standing places under these names, for an import."""
    return list_places(actor=actor).filter(name__in=list(names), ended_date__isnull=True)


def list_routes(*, actor: Actor) -> QuerySet[PatrolRoute]:
    """Routes that the actor may see, standing ones first."""
    rows = PatrolRoute.objects.visible_to(actor).select_related("owner_org", "area", "rule")
    named = rows.prefetch_related(Prefetch("officers", queryset=User.objects.order_by("pinyin", "pk")))
    counted = named.annotate(stop_count=Count("stops", distinct=True))
    return counted.order_by(F("ended_date").desc(nulls_first=True), "name", "pk")


def get_route(*, actor: Actor, route_id: uuid.UUID) -> PatrolRoute:
    """Raise NotFound for absent and for out of scope alike."""
    return _one(list_routes(actor=actor), route_id)


def late_routes(today: date) -> Q:
    """Routes of which a walk is owed whose day is over."""
    late = Patrol.objects.filter(route=OuterRef("pk"), status="DUE", due_date__lt=today)
    return Q(Exists(late))


def stops_of(route: PatrolRoute) -> list[PatrolStop]:
    """The places of a route in their order."""
    return list(route.stops.select_related("place").order_by("position"))


def routes_with(place: PatrolPlace) -> list[PatrolRoute]:
    """Standing routes on which a place lies."""
    return list(PatrolRoute.objects.filter(stops__place=place, ended_date__isnull=True).order_by("name", "pk"))


def owners_for(actor: Actor) -> QuerySet[Organisation]:
    """Villages and towns whose places and routes the actor keeps: his own, and of a town the villages in its area."""
    rows = list_organisations(actor=actor, kinds=("village", "town"))
    mine = Q(pk=actor.organisation_id) if actor.organisation_id else Q(pk__in=[])
    if actor.supervises and actor.area_path:
        mine |= Q(kind="village", area__path__startswith=actor.area_path)
    return rows.filter(mine).select_related("area")


def lone_officer(route: PatrolRoute) -> uuid.UUID | None:
    """Who walks a route where that is one officer alone."""
    keys = list(route.officers.order_by("pk").values_list("pk", flat=True)[:2])
    return keys[0] if len(keys) == 1 else None


def officers_for(actor: Actor) -> QuerySet[Membership]:
    """Grid officers of the villages and towns whose routes the actor keeps, by organisation."""
    return _walkers().filter(organisation__in=owners_for(actor).order_by().values("pk"))


def _walkers() -> QuerySet[Membership]:
    holders = Role.objects.filter(duties__contains=[WALK]).values("pk")
    places = Membership.objects.current().filter(roles__in=holders).select_related("user", "organisation")
    return places.order_by("organisation__kind", "organisation__pinyin", "user__pinyin", "pk").distinct()


def officers_of(org_id: uuid.UUID) -> list[Person]:
    """Grid officers of a village or town."""
    return list_colleagues(organisation_id=org_id, duty=WALK)


def town_over(org: Organisation) -> Organisation | None:
    """The town to which what a village's or town's officer finds goes first; None where nobody is known."""
    if org.kind == "town":
        return org
    towns = Organisation.objects.filter(kind="town", ended_on__isnull=True).select_related("area")
    if org.area is not None:
        above = [org.area.path[:end] for end in range(2, len(org.area.path) + 1) if org.area.path[end - 1] == "/"]
        found = sorted(towns.filter(area__path__in=above), key=lambda one: -len(one.area.path if one.area else ""))
        if found:
            return found[0]
    return towns.filter(pk__in=[org.parent_id]).first()


# Walks and the ledger --------------------------------------------------------------------------------------------


def list_patrols(*, actor: Actor) -> QuerySet[Patrol]:
    """Walks that the actor may see, those that are owed first, then the newest."""
    rows = Patrol.objects.visible_to(actor).select_related("route", "owner_org", "area", "officer")
    return rows.order_by(F("closed_at").desc(nulls_first=True), F("due_date").desc(), "pk")


def get_patrol(*, actor: Actor, patrol_id: uuid.UUID) -> Patrol:
    """Raise NotFound for absent and for out of scope alike."""
    return _one(list_patrols(actor=actor), patrol_id)


def due_patrols(*, actor: Actor, today: date) -> QuerySet[Patrol]:
    """What the actor has to walk today, or should have walked before: his own, and what any officer of his may take."""
    rows = Patrol.objects.visible_to(actor).filter(status="DUE", first_date__lte=today, owner_org=actor.organisation_id)
    rows = rows.filter(route__officers=actor.user_id).select_related("route")
    return rows.order_by("due_date", "pk")


def routes_walked_by(actor: Actor) -> QuerySet[PatrolRoute]:
    """Keys of the routes that the actor himself walks."""
    return PatrolRoute.objects.visible_to(actor).filter(officers=actor.user_id).order_by().values("pk")  # type: ignore[return-value]


def place_choices(actor: Actor) -> list[tuple[str, str]]:
    """Places that a ledger can be narrowed to, by name."""
    rows = PatrolPlace.objects.visible_to(actor).order_by("name", "pk")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")[:MOST_CHOICES]]


def visits_of(row: Patrol) -> list[PatrolVisit]:
    """What was seen on a walk, in the order of the route."""
    return list(row.visits.select_related("place", "clue").order_by("position", "pk"))


def list_visits(*, actor: Actor) -> QuerySet[PatrolVisit]:
    """The ledger: places as they were seen on walks that the actor may see, the newest first."""
    walks = Patrol.objects.visible_to(actor).order_by().values("pk")
    rows = PatrolVisit.objects.filter(patrol__in=walks).select_related(
        "place", "patrol__route", "patrol__owner_org", "clue"
    )
    return rows.annotate(type_label=_type_in_words("place__type")).order_by("-at", "pk")


def visits_at(place: PatrolPlace) -> QuerySet[PatrolVisit]:
    """How a place that the caller got through its own query was found, the newest first."""
    return place.visits.select_related("patrol", "clue").order_by("-at", "pk")


# Clues -----------------------------------------------------------------------------------------------------------


def list_clues(*, actor: Actor) -> QuerySet[PatrolClue]:
    """Clues that the actor may see, open ones first."""
    rows = PatrolClue.objects.visible_to(actor).select_related(
        "place__file__enterprise", "owner_org", "town", "handler", "finding", "visit"
    )
    return rows.order_by(F("closed_at").desc(nulls_first=True), F("created_at").desc(), "pk")


def get_clue(*, actor: Actor, clue_id: uuid.UUID) -> PatrolClue:
    """Raise NotFound for absent and for out of scope alike."""
    return _one(list_clues(actor=actor), clue_id)


def receivers_for(row: PatrolClue, *, actor: Actor) -> QuerySet[Organisation]:
    """Bodies to which a clue can be handed: those that supervise, but for the one that has it."""
    return list_organisations(actor=actor).filter(supervises=True).exclude(pk=row.handler_id)


def clue_of(row: Finding, *, actor: Actor) -> PatrolClue | None:
    """The clue that a danger came of, where the actor may see it."""
    return list_clues(actor=actor).filter(finding=row).first()


# Dangers looked at again -----------------------------------------------------------------------------------------


def list_rechecks(*, actor: Actor) -> QuerySet[PatrolRecheck]:
    """Looks at dangers for which officers were sent and that the actor may see, open ones first."""
    rows = PatrolRecheck.objects.visible_to(actor).select_related(
        "finding__file__enterprise", "owner_org", "org", "officer"
    )
    return rows.order_by(F("closed_at").desc(nulls_first=True), "due_date", "pk")


def get_recheck(*, actor: Actor, recheck_id: uuid.UUID) -> PatrolRecheck:
    """Raise NotFound for absent and for out of scope alike."""
    return _one(list_rechecks(actor=actor), recheck_id)


def rechecks_of(row: Finding, *, actor: Actor) -> list[PatrolRecheck]:
    """Looks at one danger, the newest first."""
    return list(list_rechecks(actor=actor).filter(finding=row).order_by("-created_at", "-pk"))


def rechecks_for(*, actor: Actor) -> QuerySet[PatrolRecheck]:
    """What the actor himself was sent to look at."""
    return list_rechecks(actor=actor).filter(status="SENT", officer=actor.user_id, org=actor.organisation_id)


def lookers(row: Finding) -> QuerySet[Membership]:
    """Grid officers who may be sent to a danger: of villages and towns in whose area it lies, by organisation.

    A file that names its street alone may lie in any of the street's villages. [D]
    """
    if row.area is None:
        return _walkers().none()
    path = row.area.path
    above = [path[:end] for end in range(2, len(path) + 1) if path[end - 1] == "/"]
    here = Q(organisation__kind__in=("village", "town"), organisation__area__path__in=above)
    within = Area.objects.filter(path__startswith=path, level="village").values("pk")
    here |= Q(organisation__kind="village", organisation__area__in=within)
    return _walkers().filter(here, organisation__ended_on__isnull=True)


def _one(rows: QuerySet[Row], pk: uuid.UUID) -> Row:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
