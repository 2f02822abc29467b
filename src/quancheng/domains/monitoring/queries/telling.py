"""Who is told of an alarm now (告知): recipients of each step, and what an organisation's own rules make of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from quancheng.domains.hazards.queries.guarantors import present_in, standing_of
from quancheng.domains.monitoring.models import Outcome, Tag, TellingRule
from quancheng.domains.monitoring.queries import escalation as steps
from quancheng.domains.monitoring.queries.tags import unit_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.calendar.working import ZONE
from quancheng.kernel.errors import NotFound
from quancheng.kernel.notices.services import people_for
from quancheng.kernel.people.models import Membership, Organisation, Role

INBOX = "inbox"
#: Who hears of a step by default: a duty in the enterprise, or in the office that supervises it.
DUTIES: Mapping[int, str] = {
    steps.OPERATORS: "monitoring.answer", steps.SHIFT: "monitoring.shift", steps.SAFETY: "monitoring.confirm",
    steps.OFFICE: "monitoring.watch",
}  # fmt: skip
#: Which days of the calendar a window is for (日期类别).
ANY, WORKING, OFF = "any", "working", "off"


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which one wants to be told (告知时段), local.

    ``weekdays``: 0 Monday to 6 Sunday, none for all. ``days``: of what kind by the calendar of working days. One that
    begins later than it ends goes into the next day; equal ends mean the whole day.
    """

    weekdays: tuple[int, ...]
    days: str
    begins: time
    ends: time

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Window:
        return cls(
            tuple(stored["weekdays"]), stored["days"], time.fromisoformat(stored["begins"]),
            time.fromisoformat(stored["ends"]),
        )  # fmt: skip

    def stored(self) -> dict[str, Any]:
        """As a rule keeps it."""
        return {
            "weekdays": list(self.weekdays), "days": self.days, "begins": self.begins.strftime("%H:%M"),
            "ends": self.ends.strftime("%H:%M"),
        }  # fmt: skip

    def is_open(self, now: datetime, calendar: Calendar) -> bool:
        """Whether a moment lies in it; the night of a window belongs to the day on which it began."""
        local = now.astimezone(ZONE)
        day, at = local.date(), local.time()
        if self.begins < self.ends:
            begun = day if self.begins <= at < self.ends else None
        elif self.begins == self.ends or at >= self.begins:
            begun = day
        else:
            begun = day - timedelta(days=1) if at < self.ends else None
        if begun is None or (self.weekdays and begun.weekday() not in self.weekdays):
            return False
        return self.days == ANY or calendar.is_working_day(begun) == (self.days == WORKING)


def is_open(rule: TellingRule, now: datetime, calendar: Calendar) -> bool:
    """Whether a rule tells at a moment; one without windows always does."""
    return not rule.windows or any(Window.of(one).is_open(now, calendar) for one in rule.windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class What:
    """What is told of: an alarm, or what one would be. ``unit``: the major hazard that it is at."""

    file_id: uuid.UUID
    supervisor_id: uuid.UUID
    area_path: str
    priority: int
    type: str
    unit_id: uuid.UUID | None


def what_of(tag: Tag, *, priority: int, kind: str) -> What:
    """:param tag: with ``file``, ``facility`` and ``area`` read."""
    unit = unit_of(tag)
    return What(
        file_id=tag.file_id, supervisor_id=tag.file.supervisor_id, area_path=tag.area.path if tag.area else "",
        priority=priority, type=kind, unit_id=unit,
    )  # fmt: skip


@dataclass(slots=True)
class Telling:
    """Whom of an organisation a step tells by default."""

    organisation_id: uuid.UUID
    persons: list[uuid.UUID]


def due_at_step(what: What, step: int, *, now: datetime) -> list[Telling]:
    """Organisations and persons that a step tells by default; none of the city, to which no channel leads."""
    if step == steps.PRINCIPAL:
        persons = {*chiefs_of(what.file_id), *guarantors_at(what, now=now)}
        return [Telling(what.file_id, sorted(persons))]
    if step == steps.OFFICE:
        return [Telling(what.supervisor_id, _holders(what.supervisor_id, step))]
    if step == steps.LEADERS:
        towns = [Telling(town, people_for(organisation_id=town, duty="monitoring.watch")) for town in towns_of(what)]
        return [Telling(what.supervisor_id, chiefs_of(what.supervisor_id)), *towns]
    if step == steps.CITY:
        return []
    return [Telling(what.file_id, _holders(what.file_id, step))]


def _holders(organisation_id: uuid.UUID, step: int) -> list[uuid.UUID]:
    return people_for(organisation_id=organisation_id, duty=DUTIES[step])


def chiefs_of(organisation_id: uuid.UUID) -> list[uuid.UUID]:
    """Who leads an organisation, by his role."""
    places = Membership.objects.current().filter(organisation_id=organisation_id)
    return sorted(set(places.filter(roles__in=Role.objects.filter(is_chief=True)).values_list("user_id", flat=True)))


def guarantors_at(what: What, *, now: datetime) -> set[uuid.UUID]:
    """Who answers for the major hazard and still has a place in the enterprise."""
    if what.unit_id is None:
        return set()
    standing = standing_of(what.unit_id, Calendar().local_date(now))
    return present_in(what.file_id, [one.person_id for one in standing.values()])


def towns_of(what: What) -> list[uuid.UUID]:
    """The towns in whose area the enterprise lies."""
    if not what.area_path:
        return []
    rows = Organisation.objects.standing().filter(kind="town", supervises=True, area__isnull=False)
    found = rows.values_list("pk", "area__path").order_by("pk")
    return [pk for pk, path in found if what.area_path.startswith(path)]


# Rules ------------------------------------------------------------------------------------------------------------


def list_rules(*, actor: Actor) -> QuerySet[TellingRule]:
    """Rules that the actor may see: those of his organisation, and of enterprises that he supervises."""
    rows: QuerySet[TellingRule] = TellingRule.objects.visible_to(actor)
    return rows.select_related("owner_org").order_by("owner_org__pinyin", "name", "pk")


def get_rule(*, actor: Actor, rule_id: uuid.UUID) -> TellingRule:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_rules(actor=actor).prefetch_related("persons").filter(pk=rule_id).first()
    if found is None:
        raise NotFound
    return found


def rules_of(organisation_id: uuid.UUID) -> Sequence[TellingRule]:
    """Rules of an organisation that stand."""
    rows = TellingRule.objects.filter(owner_org=organisation_id, ended_at__isnull=True).prefetch_related("persons")
    return list(rows.order_by("name", "pk"))


def matches(rule: TellingRule, what: What, step: int) -> bool:
    """Whether a rule is about such an alarm at such a step."""
    return (
        (not rule.priorities or what.priority in rule.priorities)
        and (not rule.types or what.type in rule.types)
        and (not rule.steps or step in rule.steps)
    )


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to become of telling one person; ``outcome`` TOLD may still turn to GATHERED at his limit."""

    organisation_id: uuid.UUID
    person_id: uuid.UUID | None
    outcome: Outcome
    rule: TellingRule | None = None
    #: Channels besides the inbox; empty lists none, None all that there are.
    channels: tuple[str, ...] | None = None


@dataclass(slots=True)
class Plan:
    """Who is told of a step, and who is not and why."""

    step: int
    people: list[Planned] = field(default_factory=list)


def plan(what: What, step: int, *, now: datetime) -> Plan:
    """Who would be told of an alarm at a step now.

    An organisation without a rule about it is told by default: whoever holds the duty, at all hours, by every channel.
    One with rules about it is told as they say. What is of priority 1 reaches at once everybody whom either names: a
    rule made for quiet nights must not keep a fatal alarm from whoever answers for it by law.
    """
    calendar, made = Calendar(), Plan(step)
    for telling in due_at_step(what, step, now=now):
        made.people += _of_organisation(telling, what, step, now=now, calendar=calendar)
    return made


def _of_organisation(
    telling: Telling, what: What, step: int, *, now: datetime, calendar: Calendar
) -> Iterable[Planned]:
    standing = rules_of(telling.organisation_id)
    about = [rule for rule in standing if matches(rule, what, step)]
    found: dict[uuid.UUID, Planned] = {}
    if what.priority == 1:
        # Neither windows nor limits nor missing rules count.
        named = {pk for rule in about for pk in persons_of(rule, telling)}
        for pk in sorted({*telling.persons, *named}):
            found[pk] = Planned(telling.organisation_id, pk, Outcome.TOLD)
    elif not about:
        # What no rule of theirs speaks of is told as if they had none.
        found = {pk: Planned(telling.organisation_id, pk, Outcome.TOLD) for pk in telling.persons}
    else:
        for rule in sorted(about, key=lambda one: not is_open(one, now, calendar)):
            outcome = Outcome.TOLD if is_open(rule, now, calendar) else Outcome.HOURS
            for pk in persons_of(rule, telling):
                found.setdefault(pk, Planned(telling.organisation_id, pk, outcome, rule, _outside(rule)))
    return found.values() or [Planned(telling.organisation_id, None, Outcome.NOBODY)]


def persons_of(rule: TellingRule, telling: Telling) -> list[uuid.UUID]:
    """Whom a rule names: holders of its duty and its persons, as far as they still have a place; else the default."""
    named = {one.pk for one in rule.persons.all()}
    if named:
        places = Membership.objects.current().filter(organisation_id=rule.owner_org_id, user__in=named)
        named = set(places.values_list("user_id", flat=True))
    if rule.duty:
        named |= set(people_for(organisation_id=rule.owner_org_id, duty=rule.duty))
    return sorted(named) or telling.persons


def _outside(rule: TellingRule) -> tuple[str, ...] | None:
    """Channels of a rule besides the inbox, which always has it; None for all, where the rule chooses none."""
    return tuple(name for name in rule.channels if name != INBOX) if rule.channels else None
