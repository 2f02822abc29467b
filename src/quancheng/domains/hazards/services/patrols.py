"""Grid patrols (网格巡查): owed by the schedule, recorded place by place from desk or phone, missed after some days.

A walk, what was seen at each place and the clues that came of it stand or fall together.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import (
    ClueKind,
    Patrol,
    PatrolPlace,
    PatrolRoute,
    PatrolTermRule,
    PatrolVisit,
    VisitResult,
)
from quancheng.domains.hazards.queries import patrols as queries
from quancheng.domains.hazards.services.patrol_clues import OLDEST, ClueSpec, raise_clue
from quancheng.domains.hazards.services.proof import FAR_M
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.phone.services import DeviceTime
from quancheng.kernel.schedule.models import RecurringRule
from quancheng.kernel.schedule.recurrence import Period
from quancheng.standards.coordinates import Point, distance_m

WALK = queries.WALK
SET_TERMS = "hazards.terms.set"
#: No term is longer.
MOST_TERM = 90


@dataclass(frozen=True, slots=True)
class VisitSpec:
    """What was seen at one place.

    :ivar kind: of a clue, see :class:`ClueKind`. :ivar at: by the device's clock; the walk's time where none is told.
    """

    place: uuid.UUID
    result: str
    note: str = ""
    kind: str = ""
    at: datetime | None = None
    lon: Decimal | None = None
    lat: Decimal | None = None
    photos: Sequence[uuid.UUID] = ()


@dataclass(frozen=True, slots=True)
class WalkSpec:
    """One walk over a route.

    :ivar version: of the route that the officer had before him; the present one where none is told.
    """

    visits: Sequence[VisitSpec]
    note: str = ""
    version: int | None = None
    device: DeviceTime | None = field(default=None)


def make_patrol(rule: RecurringRule, period: Period, owner: Organisation, due_date: date, now: datetime) -> Patrol:
    """Generator of the schedule: owe one walk of a route; the one that stands for the day already is that."""
    route = PatrolRoute.objects.get(pk=rule.data["route"])
    found = Patrol.objects.filter(route=route, due_date=due_date, is_extra=False).first()
    if found is not None:
        return found
    return _owe(system_actor("hazards", WALK), route, period.first, due_date, now)


def walks(actor: Actor, route: PatrolRoute) -> bool:
    """Whether the actor is one of the officers who walk a route."""
    return actor.organisation_id == route.owner_org_id and route.officers.filter(pk=actor.user_id).exists()


def may_excuse(actor: Actor, route: PatrolRoute) -> bool:
    """Whether the actor may say why a route was not walked: its officers, and who stands in for one of them."""
    if actor.organisation_id != route.owner_org_id:
        return False
    return route.officers.filter(pk__in=[key for key in (actor.user_id, *actor.acts_for) if key]).exists()


def record_walk(
    *, actor: Actor, route: PatrolRoute, spec: WalkSpec, now: datetime, patrol: Patrol | None = None,
    client_id: uuid.UUID | None = None,
) -> Patrol:  # fmt: skip
    """Record a walk over a route, each place with its result; clues go to the town in the same transaction.

    :param patrol: which walk that is owed; else the one of the day on which it was walked, then the latest of an
        earlier day that nobody walked, and where none is owed one out of turn.
    :raises NotPermitted: no officer of the route. :raises Invalid: by field, places by ``place_`` and their key.
    :raises StaleState: the walk is recorded already, or the route is out of use since before.
    """
    actor.require(WALK)
    if not walks(actor, route):
        raise NotPermitted(_("只有该路线的网格员可以记录巡查。"))
    body = {
        "route": route.pk, "patrol": getattr(patrol, "pk", None), "note": clean(spec.note), "version": spec.version,
        "made_at": spec.device.made_at if spec.device else None,
        "visits": [
            {"place": one.place, "result": one.result, "note": clean(one.note), "kind": one.kind, "at": one.at}
            for one in spec.visits
        ],
    }  # fmt: skip

    def make() -> uuid.UUID:
        # Walks of a route one after the other: two at once do not take the same one that is owed.
        locked = PatrolRoute.objects.select_for_update(no_key=True).get(pk=route.pk)
        return _record(actor, locked, spec, patrol, now).pk

    with transaction.atomic():
        act = "hazards.patrol.record"
        pk, _fresh = once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    return Patrol.objects.select_related("route", "owner_org", "officer").get(pk=pk)


def excuse_patrol(
    *, actor: Actor, row: Patrol, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Patrol:
    """Say why a walk was not made; it counts as not made. :raises NotPermitted: no officer of the route."""
    actor.require(WALK)
    if not may_excuse(actor, row.route):
        raise NotPermitted(_("只有该路线的网格员可以说明未巡原因。"))
    said = clean(reason)[:1000]
    move(actor=actor, row=row, name="excuse", now=now, given={"reason": said},
         changes={"note": said, "closed_at": now}, client_id=client_id)  # fmt: skip
    return row


def lapse_patrols(*, now: datetime) -> int:
    """Close walks that nobody made within the days that the terms leave; returns how many."""
    house, today = system_actor("hazards", WALK), Calendar().local_date(now)
    last = today - timedelta(days=queries.terms_on(today).lapse_days)
    rows = list(Patrol.objects.filter(status="DUE", due_date__lt=last).order_by("due_date", "pk"))
    for row in rows:
        move(actor=house, row=row, name="lapse", now=now, changes={"closed_at": now})
    return len(rows)


def set_patrol_terms(
    *, actor: Actor, figures: Mapping[str, int], reason: str, from_date: date, now: datetime,
    client_id: uuid.UUID | None = None,
) -> PatrolTermRule:  # fmt: skip
    """Set the terms from a day on; terms that run stay as they were set.

    :param figures: each of ``TERM_NAMES``. :raises Invalid: by field; a day that is past, figures that cannot be.
    """
    actor.require(SET_TERMS)
    wrong: dict[str, Text] = {}
    known = {name: int(figures[name]) for name in queries.TERM_NAMES}
    for name, figure in known.items():
        if not 1 <= figure <= MOST_TERM:
            wrong[name] = _("请填写1到%(most)s。") % {"most": MOST_TERM}
    if not clean(reason):
        wrong["reason"] = _("请写明理由。")
    if from_date < Calendar().local_date(now):
        wrong["from_date"] = _("起用日期不能早于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    act = "hazards.patrol_terms.set"

    def make() -> uuid.UUID:
        made = PatrolTermRule.objects.create(
            **known, reason=clean(reason)[:300], from_date=from_date, entered_at=now, entered_by_id=actor.user_id
        )
        journal.record(actor=actor, act=act, subject_type=subject_type_of(made), subject_id=made.pk,
                       facts={**known, "from": from_date}, now=now)  # fmt: skip
        return made.pk

    with transaction.atomic():
        body = {"figures": known, "reason": clean(reason), "from": from_date.isoformat()}
        pk, _made = once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    return PatrolTermRule.objects.get(pk=pk)


def _record(actor: Actor, route: PatrolRoute, spec: WalkSpec, patrol: Patrol | None, now: datetime) -> Patrol:
    calendar = Calendar()
    walked_at = spec.device.ours(now) if spec.device else now
    day = calendar.local_date(walked_at)
    if route.ended_date is not None and day > route.ended_date:
        raise StaleState(_("该路线已停用，不能再记录巡查。"))
    places = {one.pk: one for one in PatrolPlace.objects.filter(owner_org=route.owner_org_id)}
    doubts = [*(spec.device.doubts() if spec.device else ())]
    _check(spec, route, places, walked_at, now, doubts)
    row = patrol or _owed(route, day) or _told_late(route, day) or _overdue(route, day)
    row = row or _extra(actor, route, day, now)
    visits = [
        PatrolVisit(
            patrol=row, place=places[one.place], position=number, result=one.result, note=clean(one.note)[:1000],
            at=_at(one, spec, walked_at, now), lon=one.lon, lat=one.lat, distance_m=_distance(one, places[one.place]),
        )
        for number, one in enumerate(spec.visits, start=1)
    ]  # fmt: skip
    far = sum(1 for one in visits if one.distance_m is not None and one.distance_m > FAR_M)
    if far:
        doubts.append({"zh": f"{far}个巡查点记录时距点位超过{FAR_M}米",
                       "en": f"{far} places were recorded more than {FAR_M} m away from them"})  # fmt: skip
    counts = {code: sum(1 for one in visits if one.result == code) for code in VisitResult.values}
    changes: dict[str, Any] = {
        "walker_id": actor.user_id, "walker_name": actor.name, "walked_at": walked_at, "note": clean(spec.note)[:1000],
        "visit_count": len(visits), "clue_count": counts["clue"], "unentered_count": counts["not_entered"],
        "doubts": doubts, "closed_at": now,
    }  # fmt: skip
    # What the clock closed while the officer was out of reach the house opens for him: it was walked in its period.
    is_closed = patrol is None and row.is_closed
    move(actor=system_actor("hazards", WALK) if is_closed else actor, row=row, name="tell" if is_closed else "walk",
         now=now, given={"results": counts}, changes=changes, facts={"walker_name": "", "places": len(visits)},
         device_at=spec.device.made_at if spec.device else None)  # fmt: skip
    PatrolVisit.objects.bulk_create(visits)
    for visit, told in zip(visits, spec.visits, strict=True):
        if told.photos:
            attach_files(actor=actor, row=visit, file_ids=told.photos, now=now)
        if visit.result == VisitResult.CLUE:
            clue = ClueSpec(kind=told.kind, text=told.note, photos=told.photos, found_at=visit.at)
            raise_clue(actor=actor, place=visit.place, spec=clue, now=now, visit=visit)
    return row


def _check(
    spec: WalkSpec, route: PatrolRoute, places: Mapping[uuid.UUID, PatrolPlace], walked_at: datetime, now: datetime,
    doubts: list[dict[str, str]],
) -> None:  # fmt: skip
    """:raises Invalid: by field, everything that is wrong; what the route's change explains is a doubt."""
    wrong: dict[str, Text] = {}
    version = route.version if spec.version is None else spec.version
    if not 1 <= version <= route.version:
        wrong["version"] = _("没有这个版本的路线。")
    if now - walked_at > OLDEST:
        wrong["at"] = _("巡查时间已过去%(days)s天以上，不能再补记。") % {"days": OLDEST.days}
    if not spec.visits:
        wrong["visits"] = _("请填写巡查点的结果。")
    seen: set[uuid.UUID] = set()
    for one in spec.visits:
        key = f"place_{one.place}"
        if one.place not in places or one.place in seen:
            wrong[key] = _("没有这个巡查点，或重复填写。")
        elif one.result not in VisitResult.values:
            wrong[key] = _("请选择巡查结果。")
        elif one.result == VisitResult.CLUE and one.kind not in ClueKind.values:
            wrong[key] = _("请选择线索类别。")
        elif one.result != VisitResult.FINE and not clean(one.note):
            wrong[key] = _("请写明发现了什么。") if one.result == VisitResult.CLUE else _("请写明未能进入的原因。")
        elif (one.lon is None) != (one.lat is None):
            wrong[key] = _("经度和纬度须同时填写。")
        elif now - _at(one, spec, walked_at, now) > OLDEST:
            wrong[key] = _("巡查时间已过去%(days)s天以上，不能再补记。") % {"days": OLDEST.days}
        seen.add(one.place)
    left = [stop for stop in queries.stops_of(route) if stop.place_id not in seen]
    later = [stop for stop in left if stop.since_version > version]
    wrong |= {f"place_{stop.place_id}": _("请选择巡查结果。") for stop in left if stop.since_version <= version}
    if later:
        names = "、".join(stop.place.name for stop in later)
        doubts.append({"zh": f"路线在巡查后有调整，未巡：{names}",
                       "en": f"the route changed meanwhile; left out: {names}"})  # fmt: skip
    if wrong:
        raise Invalid(fields=wrong)


def _owed(route: PatrolRoute, day: date) -> Patrol | None:
    """The walk owed of the period in which a day lies."""
    rows = _locked(route, "DUE").filter(first_date__lte=day, due_date__gte=day)
    return rows.order_by("due_date", "pk").first()


def _told_late(route: PatrolRoute, day: date) -> Patrol | None:
    """The walk of the period in which a day lies that was closed before word of it came in."""
    rows = _locked(route, "MISSED", "CANCELLED").filter(first_date__lte=day, due_date__gte=day, is_extra=False)
    return rows.order_by("due_date", "pk").first()


def _overdue(route: PatrolRoute, day: date) -> Patrol | None:
    """The latest walk still owed of a period before a day."""
    return _locked(route, "DUE").filter(due_date__lt=day).order_by("-due_date", "pk").first()


def _locked(route: PatrolRoute, *states: str) -> QuerySet[Patrol]:
    rows = Patrol.objects.select_for_update(no_key=True, of=("self",)).filter(route=route, status__in=states)
    return rows.select_related("route")


def _extra(actor: Actor, route: PatrolRoute, day: date, now: datetime) -> Patrol:
    return _owe(actor, route, day, day, now, is_extra=True)


def _owe(
    actor: Actor, route: PatrolRoute, first: date, last: date, now: datetime, *, is_extra: bool = False
) -> Patrol:
    alone = queries.lone_officer(route)
    row = Patrol(
        owner_org_id=route.owner_org_id, area_id=route.area_id, links=route.links, route=route,
        title=f"{route.name} {last:%Y-%m-%d}"[:160], first_date=first, due_date=last, is_extra=is_extra,
        officer_id=alone, created_at=now,
    )  # fmt: skip
    made: Patrol = enter(actor=actor, row=row, now=now, facts={"route": route.pk, "day": last})
    return made


def _at(one: VisitSpec, spec: WalkSpec, walked_at: datetime, now: datetime) -> datetime:
    """When a place was seen by our clock: the device's difference counts for each of its times."""
    if one.at is None:
        return walked_at
    if spec.device is None:
        return min(one.at, now)
    return DeviceTime(one.at, spec.device.difference).ours(now)


def _distance(one: VisitSpec, place: PatrolPlace) -> int | None:
    if one.lon is None or one.lat is None or place.lon is None or place.lat is None:
        return None
    there = Point(float(place.lon), float(place.lat))
    return round(distance_m(there, Point(float(one.lon), float(one.lat))))
