"""Filings that the actor may see, the class of a permit, and by when it is filed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db.models import F, Q, QuerySet

from quancheng.domains.permits.loops.filing import FILING
from quancheng.domains.permits.models import FilingLead, Part, Permit, PermitPerson, WorkFiling
from quancheng.domains.permits.queries.facts import surroundings
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.standards.gb30871.audit.filing import FilingFacts, class_of, due_at, filing_classes
from quancheng.standards.gb30871.basis import Slot
from quancheng.standards.gb30871.upgrades import upgrade_reasons

#: The class of shutdowns and start-ups: many jobs, each with its permit and filing.
SHUTDOWN = "F4"
#: The class of emergency repairs: by telephone before the start, filed after it.
EMERGENCY = "F6"


def list_filings(*, actor: Actor) -> QuerySet[WorkFiling]:
    """Filings that the actor may see, open ones first."""
    actor.require(VIEW)
    rows: QuerySet[WorkFiling] = WorkFiling.objects.visible_to(actor).select_related("permit", "enterprise", "area")
    return rows.order_by(F("ended_at").desc(nulls_first=True), "-starts_at", "pk")


def get_filing(*, actor: Actor, filing_id: uuid.UUID) -> WorkFiling:
    """:raises NotFound: absent or out of scope."""
    rows = list_filings(actor=actor).select_related("permit__file", "file__enterprise")
    found = rows.filter(pk=filing_id).first()
    if found is None:
        raise NotFound
    return found


def filing_of(permit: Permit) -> WorkFiling | None:
    """The one that stands for a permit that a query gave to the actor."""
    return WorkFiling.objects.filter(permit=permit).exclude(status="WITHDRAWN").first()


def leads(at: datetime | None = None) -> Mapping[str, int]:
    """Hours of lead by class: of the district, else ours. :param at: as they stood then; None: now."""
    rows = FilingLead.objects.filter(entered_at__lte=at) if at else FilingLead.objects.all()
    newest = rows.order_by("code", "-entered_at", "-pk").distinct("code")
    return {code: one.lead_h for code, one in filing_classes().items()} | {one.code: one.lead_h for one in newest}


def class_of_permit(permit: Permit) -> str:
    """As its facts tell: a space that held toxic or flammable matter, work under pressure, a dike of a major hazard, a
    holiday or special period among its slots."""
    work = permit.work
    circumstances, hot = work.get("circumstances") or {}, work.get("hot_work") or {}
    slots = [Slot(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in permit.slots]
    whole = slots or [Slot(permit.window_start, permit.window_end)]
    told = {one.code for one in upgrade_reasons(whole, surroundings(permit, permit.window_start))}
    return class_of(FilingFacts(
        kind=permit.kind, level=permit.effective or permit.level, is_upgraded=permit.is_upgraded,
        has_residue=circumstances.get("held_toxic_or_flammable") is True,
        under_pressure=hot.get("under_pressure") is True or (work.get("site") or {}).get("under_pressure") is True,
        on_major_hazard=hot.get("in_major_hazard_dike") is True,
        is_emergency=permit.is_emergency,
        in_special_time=bool(told & {"HOLIDAY", "SPECIAL"}),
    ))  # fmt: skip


def filing_due(permit: Permit, code: str, at: datetime | None = None) -> datetime:
    """By when a permit of a class is filed. :param at: by the leads as they stood then; None: now."""
    return due_at(code, permit.window_start, leads(at)[code])


def may_file(permit: Permit) -> bool:
    """Once it is asked for, until it ends; of an emergency that began afterwards too: it is told within hours."""
    if permit.is_closed:
        return permit.is_emergency and permit.started_at is not None
    return permit.status != "DRAFT"


def needs_filing(code: str) -> bool:
    return filing_classes()[code].is_needed


def people_on(permit: Permit) -> int:
    """How many work on a permit, its leader and guardians not counted."""
    return PermitPerson.objects.filter(permit=permit, part=Part.WORKER).count()


def leader_of(permit: Permit) -> str:
    row = PermitPerson.objects.filter(permit=permit, part=Part.LEADER).select_related("person").first()
    return row.person.name if row else ""


def open_filings() -> QuerySet[WorkFiling]:
    """For the clock: those that go on, received or not."""
    rows = WorkFiling.objects.exclude(status__in=FILING.finals).select_related("permit", "file__enterprise")
    return rows.order_by("pk")


def is_late() -> Q:
    """Filings told after their time, as :attr:`WorkFiling.is_late` tells it."""
    by_hand = Q(permit__isnull=True, phoned_at__gt=F("starts_at"))
    phoned_late = by_hand | Q(phoned_at__gt=F("permit__started_at"))
    return Q(submitted_at__gt=F("due_at")) | (Q(code=EMERGENCY) & phoned_late)


def differs() -> Q:
    """Filings whose permit is not what was filed, or that came late."""
    return ~Q(doubts=[])
