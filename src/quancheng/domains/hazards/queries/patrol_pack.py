"""What a phone takes along of grid patrols: the officer's routes with their places and rounds, dangers to look at."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch

from quancheng.domains.hazards.models import ClueKind, PatrolRoute, PatrolStop, Seen, VisitResult
from quancheng.domains.hazards.queries import patrols as queries
from quancheng.domains.hazards.queries.pack import AHEAD
from quancheng.domains.hazards.queries.rounds import name_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.schedule.services import coming

#: Rows that are taken along. [D]
MOST_ROUTES, MOST_LOOKS = 50, 100


def pack(actor: Actor, now: datetime) -> dict[str, Any]:
    """Plain data of the actor's own routes and errands; nothing for who walks none."""
    found: dict[str, Any] = {"routes": [], "rechecks": [], "codes": {}}
    if not actor.has(queries.WALK) or actor.user_id is None:
        return found
    stops = PatrolStop.objects.select_related("place").order_by("position")
    rows = PatrolRoute.objects.visible_to(actor).filter(
        officers=actor.user_id, owner_org=actor.organisation_id, ended_date__isnull=True
    )
    rows = rows.select_related("rule").prefetch_related(Prefetch("stops", queryset=stops)).order_by("name", "pk")
    routes = list(rows[:MOST_ROUTES])
    calendar = Calendar()
    today, until = calendar.local_date(now), calendar.local_date(now + AHEAD)
    due: dict[Any, list[tuple[date, date]]] = {}
    for one in queries.due_patrols(actor=actor, today=today):
        due.setdefault(one.route_id, []).append((one.first_date, one.due_date))
    labels = queries.type_labels()
    types = {stop.place.type for route in routes for stop in route.stops.all()}
    looks = queries.looks_of(sorted(types))
    found["routes"] = [
        {
            "id": route.pk, "name": route.name, "version": route.version, "cycle": route.get_cycle_display(),
            "due_date": due[route.pk][0][1] if route.pk in due else None,
            "windows": [
                {"from": first, "due": last}
                for first, last in (*due.get(route.pk, ()), *_ahead(route, today, until))
            ],
            "stops": [
                {
                    "id": stop.place_id, "name": stop.place.name, "address": stop.place.address,
                    "type": labels.get(stop.place.type, stop.place.type), "person": stop.place.person,
                    "looks": looks.get(stop.place.type, ([], ""))[0],
                }
                for stop in route.stops.all()
            ],
        }
        for route in routes
    ]  # fmt: skip
    found["rechecks"] = [
        {
            "id": one.pk, "name": one.finding.name, "code": one.finding.code, "ask": one.ask,
            "file": name_of(one.finding.file), "place": one.finding.place, "result": one.finding.result,
            "due_date": one.due_date,
        }
        for one in queries.rechecks_for(actor=actor)[:MOST_LOOKS]
    ]  # fmt: skip
    found["codes"] = {
        name: [{"code": code, "name": str(label)} for code, label in choices]
        for name, choices in (("result", VisitResult.choices), ("kind", ClueKind.choices), ("seen", Seen.choices))
    }
    return found


def _ahead(route: PatrolRoute, today: date, until: date) -> list[tuple[date, date]]:
    """Rounds that fall due while the phone is out, before the house makes them."""
    return coming(route.rule, today=today, until=until) if route.rule is not None else []
