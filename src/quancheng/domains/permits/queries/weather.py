"""Warnings of weather (气象预警): which are in force where, and what they do to work."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Q, QuerySet

from quancheng.domains.permits.loops.permit import BEGUN
from quancheng.domains.permits.models import Permit, WeatherRuleChange, WeatherWarning
from quancheng.domains.permits.queries.permits import VIEW, list_permits
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.areas.queries import home_path
from quancheng.kernel.errors import NotFound
from quancheng.standards.gb30871.weather import Warned, WeatherRule, weather_rules
from quancheng.standards.wording import Text

WEATHER = "permits.weather"
Rules = Mapping[tuple[str, str], WeatherRule]


def list_warnings(*, actor: Actor) -> QuerySet[WeatherWarning]:
    """Warnings, the newest first."""
    actor.require(VIEW)
    rows: QuerySet[WeatherWarning] = WeatherWarning.objects.visible_to(actor)
    return rows.select_related("over", "owner_org", "enterprise").order_by("-valid_from", "pk")


def get_warning(*, actor: Actor, warning_id: uuid.UUID) -> WeatherWarning:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_warnings(actor=actor).filter(pk=warning_id).first()
    if found is None:
        raise NotFound
    return found


def in_force(now: datetime) -> Q:
    """The condition of a warning in force."""
    return Q(ended_at__isnull=True, valid_from__lte=now, valid_to__gt=now)


def not_ended() -> Sequence[WeatherWarning]:
    """Every warning that nobody ended and the clock did not let lapse: what it does holds for all. One query."""
    rows = WeatherWarning.objects.filter(ended_at__isnull=True)
    return list(rows.select_related("over").order_by("valid_from", "pk"))


def is_over(one: WeatherWarning, permit: Permit) -> bool:
    """Whether a warning is over a permit: of its enterprise where a detector told it, else over its area or one above.
    Where that is known no nearer than by an area above that of the warning, or by none, it may lie there, and counts.
    The same as :func:`under`."""
    if one.file_id is not None:
        return one.file_id == permit.file_id
    path = permit.area.path if permit.area is not None else ""
    return path.startswith(one.over.path) or one.over.path.startswith(path)


def under(over: Area) -> Q:
    """The condition of permits under a warning over an area, as :func:`is_over` tells it."""
    parts = over.path.strip("/").split("/")
    above = [f"/{'/'.join(parts[:length])}/" for length in range(1, len(parts))]
    return Q(area__isnull=True) | Q(area__path__startswith=over.path) | Q(area__path__in=above)


def standing_rules(at: datetime | None = None) -> dict[tuple[str, str], WeatherRule]:
    """What each warning does as the house set it, until a moment where one is told. One query. What was set is the
    house's own (D), with its reason, and no words of the standard."""
    found, rows = dict(weather_rules()), WeatherRuleChange.objects.order_by("entered_at", "pk")
    for row in rows if at is None else rows.filter(entered_at__lte=at):
        key = (row.warning, row.colour)
        if key in found:
            stops = frozenset(row.stops)
            found[key] = replace(
                found[key], stops=stops, forbids=frozenset(row.forbids) | stops, clause="", mark="D",
                text=Text(f"本区设置：{row.reason}", f"set by the office: {row.reason}"),
            )  # fmt: skip
    return found


def changes_of(warning: str, colour: str) -> Sequence[WeatherRuleChange]:
    """How a rule was set, the newest first."""
    return list(WeatherRuleChange.objects.filter(warning=warning, colour=colour).order_by("-entered_at", "-pk"))


def warned(rows: Sequence[WeatherWarning], rules: Rules, kind: str, now: datetime) -> tuple[Warned, ...]:
    """What warnings that are in force do to work of a kind, what stops it first."""
    found = []
    for one in rows:
        rule = rules.get((one.kind, one.colour))
        if rule is None or not one.valid_from <= now < one.valid_to or not (effect := rule.effect(kind)):
            continue
        # The standard is quoted for what it demands alone, not for what the house added.
        ships = weather_rules()[one.kind, one.colour]
        clause = ships.clause if ships.effect(kind) in ("STOP", effect) else ""
        found.append(Warned(warning=one.kind, colour=one.colour, effect=effect, clause=clause))
    return tuple(sorted(found, key=lambda each: each.effect != "STOP"))


def touched(*, actor: Actor, warning: WeatherWarning) -> QuerySet[Permit]:
    """Permits at work or standing under a warning, of kinds that it touches and not told to be indoors, that the actor
    may see."""
    rule = rule_of(warning)
    kinds = rule.forbids | rule.stops if rule is not None else frozenset()
    where = under(warning.over) if warning.file_id is None else Q(file=warning.file_id)
    rows = list_permits(actor=actor).filter(where, status__in=BEGUN, kind__in=kinds)
    return rows.exclude(work__contains={"outdoor": False})


def rule_of(warning: WeatherWarning) -> WeatherRule | None:
    """What a warning does, or did at its end."""
    return standing_rules(warning.ended_at or warning.valid_to).get((warning.kind, warning.colour))


def areas_for(actor: Actor) -> QuerySet[Area]:
    """Over what an office may put a warning: its own area and the towns of it."""
    rows = Area.objects.filter(valid_to__isnull=True)
    if actor.whole_district:
        return rows.filter(Q(is_home=True) | Q(level="street", path__startswith=home_path() or "/-/")).order_by("path")
    return rows.filter(path=actor.area_path or "/-/")


def area_of(actor: Actor, code: str) -> Area | None:
    """An area over which an office may put a warning, by its code; its own where none is told."""
    rows = areas_for(actor)
    return rows.filter(code=code).first() if code else rows.first()
