"""Patrol places and routes entered, changed and ended (巡查点、巡查路线), and the rules by which walks fall due."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import Patrol, PatrolCycle, PatrolPlace, PatrolRoute, PatrolStop
from quancheng.domains.hazards.queries import patrols as queries
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.points import point_fault
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.services.keeping import change_row, note
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.loops.services import follow_person, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once, once
from quancheng.kernel.people.models import LINKS, Organisation, User
from quancheng.kernel.schedule.services import RuleSpec, create_rule, end_rule

KEEP = "hazards.patrols.keep"
#: The kind of row that the schedule makes.
GENERATOR = "hazards.patrol"
#: Fields of a place that people give.
FIELDS = ("name", "type", "address", "lon", "lat", "person", "file")
#: Places of one route.
MOST_STOPS = 100
#: A place without a file belongs to no link of the chain: every department that supervises one reads of it. [D]
_EVERY_LINK = [code for code, _name in LINKS]
#: Cycle to recurrence, its figures, and what becomes of days off. Of a week and a month any day counts.
_RHYTHM: dict[str, tuple[str, dict[str, Any], str]] = {
    "workdays": ("daily", {"days": 1, "anchor": "2026-01-01"}, "skip"),
    "daily": ("daily", {"days": 1, "anchor": "2026-01-01"}, "keep"),
    "weekly": ("weekly", {"weekday": 7}, "keep"),
    "monthly": ("monthly", {"day": 31}, "keep"),
}


def may_keep(actor: Actor, owner_id: uuid.UUID) -> bool:
    """Whether the actor keeps the places and routes of a village or town."""
    return actor.has(KEEP) and queries.owners_for(actor).filter(pk=owner_id).exists()


def require_keeper(actor: Actor, owner_id: uuid.UUID) -> None:
    """:raises NotPermitted: the duty is missing, or it is another area's."""
    actor.require(KEEP)
    if not may_keep(actor, owner_id):
        raise NotPermitted


def enter_place(
    *, actor: Actor, owner: Organisation, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> PatrolPlace:
    """Enter a place of a village or town.

    :param known: of :data:`FIELDS`. :raises Invalid: by field. :raises Conflict: one of that name stands there.
    """
    require_keeper(actor, owner.pk)
    given = _fields(actor, known, None, now)
    body = {"owner": owner.pk, **{name: getattr(value, "pk", value) for name, value in given.items()}}

    def make() -> uuid.UUID:
        row = PatrolPlace(owner_org=owner, area=owner.area, links=_links(given.get("file")), created_at=now,
                          updated_at=now, **given)  # fmt: skip
        _save_new(row)
        note(actor, "hazards.patrol_place.enter", owner.pk, row, now, body)
        return row.pk

    with transaction.atomic():
        act = "hazards.patrol_place.enter"
        pk, _fresh = once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    return PatrolPlace.objects.get(pk=pk)


def change_place(
    *, actor: Actor, row: PatrolPlace, version: int, changes: Mapping[str, Any], now: datetime
) -> PatrolPlace:
    """Change a place. :raises Invalid: by field. :raises StaleState: somebody saved meanwhile, or it ended."""
    require_keeper(actor, row.owner_org_id)
    given = _fields(actor, changes, row, now)
    if "file" in given:
        given["links"] = _links(given["file"])
    with transaction.atomic():
        change_row(
            actor=actor, act="hazards.patrol_place.change", file_id=row.owner_org_id, row=row, version=version,
            changes=given, now=now, twice=("name", _twice()), updated_at=now,
        )  # fmt: skip
    return row


def end_place(
    *, actor: Actor, row: PatrolPlace, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> None:
    """Take a place out of use; it stays to be read, and routes go on without it.

    :raises Invalid: no reason. :raises Conflict: it is the only one of a route. :raises StaleState: it ended.
    """
    require_keeper(actor, row.owner_org_id)
    said = clean(reason)[:300]

    def do() -> None:
        if not said:
            raise Invalid(fields={"reason": _("请写明停用原因。")})
        _refuse_ended(row.ended_date)
        # Routes first: of two places that are ended at once the second sees that the first is gone.
        routes = PatrolRoute.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
        for route in routes.filter(stops__place=row, ended_date__isnull=True):
            if not route.stops.exclude(place=row).exists():
                raise Conflict(_("路线“%(name)s”只有这一个巡查点，请先停用路线。") % {"name": route.name})
        PatrolStop.objects.filter(place=row, route__ended_date__isnull=True).delete()
        day = Calendar().local_date(now)
        PatrolPlace.objects.filter(pk=row.pk).update(ended_date=day, ended_reason=said, updated_at=now)
        note(actor, "hazards.patrol_place.end", row.owner_org_id, row, now, {"on": day, "reason": said})

    act_once(actor=actor, row=row, act="hazards.patrol_place.end", body={"reason": said}, now=now,
             client_id=client_id, do=do)  # fmt: skip


def remove_place(*, actor: Actor, row: PatrolPlace, now: datetime) -> None:
    """Take back a place that an import made. :raises Conflict: it was looked at, or lies on a route."""
    require_keeper(actor, row.owner_org_id)
    with transaction.atomic():
        if row.visits.exists() or row.stops.exists() or row.clues.exists():
            raise Conflict(_("该巡查点已列入路线或已有巡查记录，不能撤回，可以停用。"))
        note(actor, "hazards.patrol_place.remove", row.owner_org_id, row, now, {"name": row.name})
        row.delete()


@dataclass(frozen=True, slots=True)
class RouteSpec:
    """A route: its places in their order, keys of the officers who walk it, how often, and from which day on."""

    name: str
    places: Sequence[PatrolPlace]
    officers: Sequence[uuid.UUID]
    cycle: str
    starts_date: date


def enter_route(
    *, actor: Actor, owner: Organisation, spec: RouteSpec, now: datetime, client_id: uuid.UUID | None = None
) -> PatrolRoute:
    """Set up a route of a village or town; the schedule makes what is due from its first day on.

    :raises Invalid: by field. :raises Conflict: one of that name stands there.
    """
    require_keeper(actor, owner.pk)
    body = _route_facts(spec)

    def make() -> uuid.UUID:
        _check_route(spec, owner.pk, None, now)
        row = PatrolRoute(owner_org=owner, area=owner.area, links=_EVERY_LINK, name=clean(spec.name)[:120],
                          cycle=spec.cycle, starts_date=spec.starts_date, created_at=now, updated_at=now)  # fmt: skip
        _save_new(row)
        _write_route(row, spec)
        _recur(actor, row, spec.starts_date, now)
        note(actor, "hazards.patrol_route.enter", owner.pk, row, now, body)
        return row.pk

    with transaction.atomic():
        act = "hazards.patrol_route.enter"
        pk, _fresh = once(actor=actor, client_id=client_id, act=act, body={"owner": owner.pk, **body}, now=now,
                          make=make)  # fmt: skip
    return PatrolRoute.objects.get(pk=pk)


def change_route(*, actor: Actor, row: PatrolRoute, version: int, spec: RouteSpec, now: datetime) -> PatrolRoute:
    """Change a route: what is due already stays; another cycle counts from the next day on, or from the first day.

    :raises Invalid: by field. :raises StaleState: somebody saved meanwhile, or it ended.
    """
    require_keeper(actor, row.owner_org_id)
    today = Calendar().local_date(now)
    with transaction.atomic():
        _check_route(spec, row.owner_org_id, row, now)
        before = (row.cycle, row.starts_date)
        officers = set(row.officers.values_list("pk", flat=True))
        try:
            with transaction.atomic():
                won = PatrolRoute.objects.filter(pk=row.pk, version=version, ended_date__isnull=True).update(
                    name=clean(spec.name)[:120], cycle=spec.cycle, starts_date=spec.starts_date, version=version + 1,
                    updated_at=now,
                )  # fmt: skip
        except IntegrityError:
            raise Conflict(_twice(), fields={"name": _twice()}) from None
        if not won:
            raise StaleState(_("他人刚刚修改或停用了此项，请刷新后核对再改。"))
        row.refresh_from_db()
        _write_route(row, spec)
        _hand_over(row, officers)
        if before != (spec.cycle, spec.starts_date):
            if row.rule is not None:
                end_rule(actor=actor, rule=row.rule, last_day=today, now=now)
            _recur(actor, row, max(spec.starts_date, today + timedelta(days=1)), now)
        note(actor, "hazards.patrol_route.change", row.owner_org_id, row, now, _route_facts(spec))
    return row


def end_route(
    *, actor: Actor, row: PatrolRoute, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> None:
    """Take a route out of use: nothing is due after today, what was walked stays, what is owed is cancelled.

    :raises Invalid: no reason. :raises StaleState: it ended.
    """
    require_keeper(actor, row.owner_org_id)
    said = clean(reason)[:300]

    def do() -> None:
        if not said:
            raise Invalid(fields={"reason": _("请写明停用原因。")})
        _refuse_ended(row.ended_date)
        day = Calendar().local_date(now)
        PatrolRoute.objects.filter(pk=row.pk).update(ended_date=day, ended_reason=said, updated_at=now)
        if row.rule is not None:
            end_rule(actor=actor, rule=row.rule, last_day=day, now=now)
        house = system_actor("hazards", queries.WALK)
        for owed in Patrol.objects.filter(route=row, status="DUE").order_by("due_date", "pk"):
            move(actor=house, row=owed, name="cancel", now=now, given={"reason": said},
                 changes={"note": said, "closed_at": now})  # fmt: skip
        note(actor, "hazards.patrol_route.end", row.owner_org_id, row, now, {"on": day, "reason": said})

    act_once(actor=actor, row=row, act="hazards.patrol_route.end", body={"reason": said}, now=now,
             client_id=client_id, do=do)  # fmt: skip


def _fields(actor: Actor, known: Mapping[str, Any], before: PatrolPlace | None, now: datetime) -> dict[str, Any]:
    """What is given of a place, clean. :raises Invalid: by field."""
    given = {name: known[name] for name in FIELDS if name in known}
    wrong: dict[str, Text] = {}
    for name, limit in (("name", 120), ("address", 200), ("person", 60)):
        if name in given:
            given[name] = clean(given[name] or "")
            if len(given[name]) > limit:
                wrong[name] = _("最多%(count)s个字。") % {"count": limit}

    def now_is(name: str) -> Any:
        return given.get(name, getattr(before, name, None))

    asked = {"name": _("请填写名称。"), "address": _("请填写地址。")}
    wrong |= {name: said for name, said in asked.items() if not now_is(name)}
    standing = {code for code, _label in queries.type_choices(on=Calendar().local_date(now))}
    if now_is("type") not in standing | ({before.type} if before is not None else set()):
        wrong["type"] = _("请选择巡查点类型。")
    lon, lat = now_is("lon"), now_is("lat")
    if (lon is None) != (lat is None):
        wrong["lon" if lon is None else "lat"] = _("经度和纬度须同时填写。")
    elif lon is not None and (fault := point_fault(Decimal(lon), Decimal(lat))) is not None:
        wrong["lon"] = fault
    file: Enterprise | None = given.get("file")
    is_new = file is not None and (before is None or before.file_id != file.pk)
    if file is not None and is_new and not seen(actor=actor).filter(pk=file.pk).exists():
        wrong["file"] = _("没有这家企业的档案。")
    if wrong:
        raise Invalid(fields=wrong)
    return given


def _check_route(spec: RouteSpec, owner_id: uuid.UUID, before: PatrolRoute | None, now: datetime) -> None:
    wrong: dict[str, Text] = {}
    if not clean(spec.name):
        wrong["name"] = _("请填写路线名称。")
    if not spec.places:
        wrong["places"] = _("请至少选择一个巡查点。")
    elif len(spec.places) > MOST_STOPS:
        wrong["places"] = _("一条路线最多%(count)s个巡查点。") % {"count": MOST_STOPS}
    elif len({one.pk for one in spec.places}) != len(spec.places):
        wrong["places"] = _("巡查点重复。")
    elif any(one.owner_org_id != owner_id or one.ended_date is not None for one in spec.places):
        wrong["places"] = _("请选择本村（社区）、镇街在用的巡查点。")
    known = {one.user_id for one in queries.officers_of(owner_id)}
    if not spec.officers:
        wrong["officers"] = _("请选择网格员。")
    elif set(spec.officers) - known:
        wrong["officers"] = _("请选择有网格巡查职责的人员。")
    if spec.cycle not in PatrolCycle.values:
        wrong["cycle"] = _("请选择巡查周期。")
    is_moved = before is None or spec.starts_date != before.starts_date
    if is_moved and spec.starts_date < Calendar().local_date(now):
        wrong["starts_date"] = _("起始日期不能早于今天。")
    if wrong:
        raise Invalid(fields=wrong)


def _write_route(row: PatrolRoute, spec: RouteSpec) -> None:
    row.officers.set(User.objects.filter(pk__in=list(spec.officers)))
    since = dict(row.stops.values_list("place", "since_version"))
    row.stops.all().delete()
    PatrolStop.objects.bulk_create(
        PatrolStop(route=row, place=one, position=number, since_version=since.get(one.pk, row.version))
        for number, one in enumerate(spec.places, start=1)
    )


def _hand_over(row: PatrolRoute, before: set[uuid.UUID]) -> None:
    """Walks that are owed go to who walks the route now."""
    if before == set(row.officers.values_list("pk", flat=True)):
        return
    alone = queries.lone_officer(row)
    for owed in Patrol.objects.select_for_update(no_key=True).filter(route=row, status="DUE").order_by("pk"):
        Patrol.objects.filter(pk=owed.pk).update(officer=alone)
        owed.officer_id = alone
        follow_person(owed)


def _recur(actor: Actor, row: PatrolRoute, first: date, now: datetime) -> None:
    """The rule that makes what is due; each version of a route has its own."""
    kind, figures, adjust = _RHYTHM[row.cycle]
    spec = RuleSpec(
        code=f"{GENERATOR}.{row.pk.hex}.{row.version}", name=f"网格巡查：{row.name}"[:200], generator=GENERATOR,
        recurrence=kind, figures=figures, first_day=first, organisations=(row.owner_org_id,), adjust=adjust,
        data={"route": str(row.pk)}, reach="own",
    )  # fmt: skip
    rule = create_rule(actor=actor, spec=spec, now=now, owner=row.owner_org_id)
    PatrolRoute.objects.filter(pk=row.pk).update(rule=rule)
    row.rule = rule


def _route_facts(spec: RouteSpec) -> dict[str, Any]:
    return {
        "name": clean(spec.name), "places": [one.pk for one in spec.places], "cycle": spec.cycle,
        "officers": sorted(map(str, spec.officers)), "starts": spec.starts_date,
    }  # fmt: skip


def _links(file: Enterprise | None) -> list[str]:
    return list(file.links) if file is not None else _EVERY_LINK


def _twice() -> str:
    return _("已有同名的在用记录。")


def _save_new(row: PatrolPlace | PatrolRoute) -> None:
    """:raises Conflict: one of that name stands there."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Conflict(_twice(), fields={"name": _twice()}) from None


def _refuse_ended(day: date | None) -> None:
    if day is not None:
        raise StaleState(_("此项已停用。"))
