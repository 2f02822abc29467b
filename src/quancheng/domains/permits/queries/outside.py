"""Permits from outside as the actor may see them, what was kept aside, and what the audit says of their records."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from quancheng.domains.permits.models import KeptRecord, OutsideAlarm, OutsideChange, OutsidePermit, SimopsConflict
from quancheng.domains.permits.models.outside import AT_WORK
from quancheng.domains.permits.queries.audits import Kept, RuleBook, kept_of
from quancheng.domains.permits.queries.facts import Around
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.queries.certificates import NUMBER
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound
from quancheng.kernel.vault import services as vault
from quancheng.standards.aq3064 import ticket_type
from quancheng.standards.gb30871.audit.outside import audit_outside
from quancheng.standards.gb30871.audit.shapes import AuditedPermit, Upload
from quancheng.standards.gb30871.basis import Slot
from quancheng.standards.gb30871.facts import PermitFacts

#: A state of the standard for each TICKET_STATUS.
STATES = {
    "0": "SIGNING", "1": "ISSUED", "2": "WORKING", "3": "ACCEPTED", "4": "VOID", "5": "CANCELLED", "6": "SUSPENDED",
}  # fmt: skip
#: As of all exchange (``hazards.services.exchange_queue.READ``).
_READ = "hazards.exchange.read"
#: Permits beside a board or a map.
MOST_SHOWN = 60
#: Work has begun in these: the time of its begin is the real one.
_BEGUN = ("2", "3", "6")


def list_outside(*, actor: Actor) -> QuerySet[OutsidePermit]:
    """Permits from outside, the latest work first."""
    actor.require(VIEW)
    rows: QuerySet[OutsidePermit] = OutsidePermit.objects.visible_to(actor)
    return rows.select_related("enterprise", "area", "source").order_by("-window_start", "pk")


def get_outside(*, actor: Actor, permit_id: uuid.UUID) -> OutsidePermit:
    """:raises NotFound: absent or out of scope."""
    row = list_outside(actor=actor).select_related("file__enterprise").filter(pk=permit_id).first()
    if row is None:
        raise NotFound
    return row


def at_work(rows: QuerySet[OutsidePermit], moment: datetime) -> list[OutsidePermit]:
    """Of permits that a query gave to the actor those that were issued and whose window holds a moment, those that end
    first at the head; at most :data:`MOST_SHOWN`."""
    running = rows.filter(state__in=AT_WORK, is_deleted=False, window_start__lte=moment, window_end__gt=moment)
    return list(running.order_by("window_end", "pk")[:MOST_SHOWN])


def changes_of(row: OutsidePermit) -> Sequence[OutsideChange]:
    """Records that changed a permit, the newest first."""
    return list(row.changes.order_by("-received_at", "-pk")[:100])


def alarms_of(row: OutsidePermit) -> Sequence[OutsideAlarm]:
    """Alarms of a permit that its system did not take back."""
    return list(row.alarms.filter(is_deleted=False).order_by("-began_at", "-pk")[:100])


def list_kept(*, actor: Actor) -> QuerySet[KeptRecord]:
    """What was kept aside, the newest first."""
    actor.require(_READ)
    rows: QuerySet[KeptRecord] = KeptRecord.objects.visible_to(actor).defer("payload")
    return rows.select_related("file__enterprise", "source").order_by("-received_at", "pk")


def get_kept(*, actor: Actor, record_id: uuid.UUID) -> KeptRecord:
    """:raises NotFound: absent or out of scope."""
    row = list_kept(actor=actor).filter(pk=record_id).first()
    if row is None:
        raise NotFound
    return row


def list_outside_gone(before: datetime) -> QuerySet[OutsidePermit]:
    """For retention. What a permit of ours met stays with that permit."""
    met = SimopsConflict.objects.filter(outside=OuterRef("pk"))
    return OutsidePermit.objects.filter(~Exists(met), window_end__lt=before)


def list_kept_gone(before: datetime) -> QuerySet[KeptRecord]:
    """For retention."""
    return KeptRecord.objects.filter(received_at__lt=before)


# The audit -----------------------------------------------------------------------------------------------------------


def audited(row: OutsidePermit, now: datetime) -> AuditedPermit:
    """The record as the audit sees it; all that it leaves out is not known."""
    started = row.window_start if row.state in _BEGUN else None
    facts = PermitFacts(
        kind=row.kind, level=row.level, window=Slot(row.window_start, row.window_end), started_at=started,
        is_contractor=row.is_contractor,
    )  # fmt: skip
    return AuditedPermit(
        facts=facts, state=STATES[row.state], now=now, issued_at=row.issued_at, accepted_at=row.accepted_at,
        ticket_kept=True, uploads=(Upload(event_at=row.told_at, uploaded_at=row.received_at),),
    )  # fmt: skip


def judged() -> Q:
    """The condition of records that stand and that the audit could judge."""
    return Q(score__isnull=False, is_deleted=False)


def audit_of(row: OutsidePermit, now: datetime, book: RuleBook) -> Kept:
    """Run the rules as they stand on the day of the work. :raises BadInput: the record cannot be judged."""
    around = Around().of(row, now)
    return kept_of(audit_outside(audited(row, now), around, book(Calendar().local_date(row.window_start))))


# Sheets --------------------------------------------------------------------------------------------------------------


def by_keys(file: Enterprise, keys: Collection[uuid.UUID]) -> Sequence[OutsidePermit]:
    """Permits of a file by the keys of their system."""
    rows = OutsidePermit.objects.filter(file=file, external_id__in=keys, is_deleted=False).select_related("source")
    return list(rows.order_by("pk"))


def items_of(row: OutsidePermit) -> dict[str, Any]:
    """A permit as the items of its record, for a sheet of its own enterprise; sealed numbers are opened."""
    numbers = vault.reveal(NUMBER, row.certificate_numbers) if row.certificate_numbers else None
    return {
        "ID": str(row.external_id), "TICKET_TYPE": ticket_type(row.kind, row.level), "GAS_NAME": row.gas_name or None,
        "GAS_TIME": row.gas_at, "GAS_VALUE": row.gas_value, "ISSUE_TIME": row.issued_at,
        "START_TIME": row.window_start, "END_TIME": row.window_end, "TICKET_POSITION": row.place,
        "TICKET_CONTENT": row.content, "CHECKED_TIME": row.accepted_at, "LONGITUDE": row.lon, "LATITUDE": row.lat,
        "TICKET_STATUS": row.state, "SUPERVISOR_NAME": row.guardians, "WORKER_NAME": row.workers,
        "WORKER_CERTI_NAME": row.certificates or None, "WORKER_CERTI_NUM": numbers, "WORK_DEPARTMENT": row.work_unit,
        "IS_CONTRACTOR_WORK": "1" if row.is_contractor else "0", "TICKET_RESPONS_NAME": row.leader,
        "MAJOR_PERSON_MOBILE": vault.reveal(vault.PHONE, row.phone) if row.phone else None,
        "IS_CHANGED": "1" if row.is_changed else "0", "CHANGED_CAUSE": row.changed_cause or None,
        "IS_CANCELLED": "1" if row.is_cancelled else "0", "CANCELLED_CAUSE": row.cancelled_cause or None,
    }  # fmt: skip
