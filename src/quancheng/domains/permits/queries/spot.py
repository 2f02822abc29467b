"""Spot checks and draws that the actor may see, whom a draw may choose, and who confirmed his rules."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import DateField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import TruncDate

from quancheng.domains.permits.loops.permit import RUNNING
from quancheng.domains.permits.models import (
    AuditFinding,
    MechanismDue,
    Permit,
    PermitAudit,
    SpotCheck,
    SpotDraw,
    SpotRate,
    WorkMechanism,
)
from quancheng.domains.permits.queries.audits import AUDIT
from quancheng.domains.permits.queries.facts import surroundings
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import list_enterprises
from quancheng.domains.risk.queries.index import levels_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar.working import ZONE
from quancheng.kernel.errors import NotFound
from quancheng.standards.gb30871.audit.spot import Rates, SpotFacts
from quancheng.standards.gb30871.basis import Slot
from quancheng.standards.gb30871.upgrades import upgrade_reasons

CONFIRM = "permits.mechanisms.confirm"
#: Audits of so many days tell whether an enterprise failed before.
FAILED_DAYS = 90
#: By when the action plan asks for it, until the office sets another day (S2-5c).
FIRST_DUE = date(2024, 12, 31)


def rates() -> Rates:
    """How many are drawn now."""
    newest = SpotRate.objects.order_by("-entered_at", "-pk").first()
    if newest is None:
        return Rates()
    names = ("high", "middle", "high_percent", "middle_percent", "low_percent")
    return Rates(**{name: getattr(newest, name) for name in names})


def list_checks(*, actor: Actor) -> QuerySet[SpotCheck]:
    """Spot checks that the actor may see, open ones first. The enterprise sees those that were recorded."""
    actor.require(VIEW)
    rows: QuerySet[SpotCheck] = SpotCheck.objects.visible_to(actor).select_related("permit", "enterprise", "area")
    return rows.order_by(F("checked_at").desc(nulls_first=True), "-due_date", "pk")


def get_check(*, actor: Actor, check_id: uuid.UUID) -> SpotCheck:
    """:raises NotFound: absent or out of scope."""
    rows = list_checks(actor=actor).select_related("permit__file__enterprise", "draw")
    found = rows.filter(pk=check_id).first()
    if found is None:
        raise NotFound
    return found


def list_draws(*, actor: Actor) -> QuerySet[SpotDraw]:
    """Draws of offices, the newest first."""
    actor.require(AUDIT)
    rows: QuerySet[SpotDraw] = SpotDraw.objects.visible_to(actor).select_related("owner_org", "drawn_by")
    return rows.order_by("-drawn_at", "pk")


def get_draw(*, actor: Actor, draw_id: uuid.UUID) -> SpotDraw:
    found = list_draws(actor=actor).filter(pk=draw_id).first()
    if found is None:
        raise NotFound
    return found


def checks_of(draw: SpotDraw) -> Mapping[str, SpotCheck]:
    """By the key of the permit."""
    return {str(one.permit_id): one for one in SpotCheck.objects.filter(draw=draw)}


#: Open alarms by enterprise and unit, of the enterprises that are asked for.
Count = Callable[[Collection[uuid.UUID]], Mapping[tuple[uuid.UUID, uuid.UUID], int]]
_SOURCES: dict[str, Count] = {}
#: Levels of the index of risk that give points.
_RISKS = {1: "RED", 2: "ORANGE"}


def register_open_alarms(name: str, count: Count) -> None:
    """Rooms above tell of open alarms: each counts in the score of a permit at its unit."""
    _SOURCES[name] = count


def alarms_at_units(files: Collection[uuid.UUID]) -> Counter[tuple[uuid.UUID, uuid.UUID]]:
    """Open alarms that rooms above tell of, by enterprise and unit. One query of each."""
    standing: Counter[tuple[uuid.UUID, uuid.UUID]] = Counter()
    for count in _SOURCES.values():
        standing.update(count(files))
    return standing


# Candidates ----------------------------------------------------------------------------------------------------------


def candidates(office_id: uuid.UUID) -> Sequence[Permit]:
    """Running permits of the enterprises that an office supervises, that nobody is to look at yet."""
    rows = Permit.objects.filter(file__supervisor=office_id, status__in=RUNNING)
    open_ones = SpotCheck.objects.filter(status="DUE").values("permit")
    return list(rows.exclude(pk__in=open_ones).select_related("file__enterprise").order_by("pk"))


def offices_with_work() -> Sequence[uuid.UUID]:
    """Offices that supervise somebody whose work runs."""
    rows = Permit.objects.filter(status__in=RUNNING).order_by("file__supervisor")
    return list(rows.values_list("file__supervisor", flat=True).distinct())


def has_drawn(office_id: uuid.UUID, day: date) -> bool:
    return SpotDraw.objects.filter(owner_org=office_id, drawn_date=day, is_extra=False).exists()


def facts_of_many(permits: Sequence[Permit], now: datetime) -> Sequence[SpotFacts]:
    """What the score of each turns on. Four queries, one of each source of alarms, and the calendar. Open alarms are
    those of the permit's findings, and those that stand at its unit."""
    keys = [one.pk for one in permits]
    files = {one.file_id for one in permits}
    alarms: dict[uuid.UUID, int] = {}
    found = AuditFinding.objects.filter(permit__in=keys, closed_at__isnull=True).exclude(alarm="")
    for key in found.values_list("permit", flat=True):
        alarms[key] = alarms.get(key, 0) + 1
    standing = alarms_at_units(files)
    colours = {key: _RISKS.get(level, "") for key, level in levels_of(files).items()}
    since = now - timedelta(days=FAILED_DAYS)
    failed = PermitAudit.objects.filter(
        enterprise__in=files, is_newest=True, work_at__gt=since, worst__in=("C", "M")
    ).exclude(permit__in=keys)  # fmt: skip
    bad = set(failed.values_list("enterprise", flat=True))
    before = Permit.objects.filter(file__in=files, started_at__isnull=False).exclude(pk__in=keys)
    known = set(before.values_list("file", "work_unit"))
    return [
        SpotFacts(
            key=str(one.pk), kind=one.kind, level=one.effective or one.level, is_night_or_holiday=_is_odd(one, now),
            is_contractor=one.work.get("is_contractor") is True, risk=colours.get(one.file_id, ""),
            open_alarms=alarms.get(one.pk, 0) + (standing[one.file_id, one.unit_id] if one.unit_id else 0),
            is_new_crew=(one.file_id, one.work_unit) not in known, failed_before=one.file_id in bad,
        )
        for one in permits
    ]  # fmt: skip


def _is_odd(permit: Permit, now: datetime) -> bool:
    slots = [Slot(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in permit.slots]
    whole = slots or [Slot(permit.window_start, permit.window_end)]
    return bool(upgrade_reasons(whole, surroundings(permit, now)))


# Rules of enterprises for dangerous work -----------------------------------------------------------------------------


def due_date() -> date:
    """By when rules, training and self-checks are confirmed."""
    newest = MechanismDue.objects.order_by("-entered_at", "-pk").first()
    return newest.due_date if newest else FIRST_DUE


def list_mechanisms(*, actor: Actor) -> QuerySet[Enterprise]:
    """Enterprises that the actor may see, each with the day on which it first confirmed each matter, and the day by
    which it had to."""
    actor.require(VIEW)
    days: dict[str, Any] = {"due_on": Value(due_date(), DateField())}
    for matter in ("rules", "training", "self_check"):
        rows = WorkMechanism.objects.filter(file=OuterRef("pk"), matter=matter).order_by("confirmed_at", "pk")
        told = rows.annotate(day=TruncDate("confirmed_at", tzinfo=ZONE)).values("day")
        days[f"{matter}_date"] = Subquery(told[:1])
    return list_enterprises(actor=actor).annotate(**days)


def not_confirmed() -> Q:
    """Enterprises of which a matter is still missing."""
    return Q(rules_date__isnull=True) | Q(training_date__isnull=True) | Q(self_check_date__isnull=True)


def confirmed_late(day: date) -> Q:
    """Enterprises that had not confirmed everything by a day."""
    return not_confirmed() | Q(rules_date__gt=day) | Q(training_date__gt=day) | Q(self_check_date__gt=day)


def get_mechanism_file(*, actor: Actor, file_id: uuid.UUID) -> Enterprise:
    """:raises NotFound: absent or out of scope."""
    found = list_mechanisms(actor=actor).filter(pk=file_id).first()
    if found is None:
        raise NotFound
    return found


def mechanisms_of(file_id: uuid.UUID) -> Sequence[WorkMechanism]:
    """What one confirmed, the newest first."""
    return list(WorkMechanism.objects.filter(file=file_id).order_by("-confirmed_at", "-pk"))


def in_town(path: str) -> Q:
    return Q(area__path__startswith=path)


def list_papers(*, actor: Actor) -> QuerySet[WorkMechanism]:
    """Confirmations of the enterprises that the actor may see."""
    files = Enterprise.objects.visible_to(actor).values("pk")
    return WorkMechanism.objects.filter(file__in=files).order_by("-confirmed_at", "pk")
