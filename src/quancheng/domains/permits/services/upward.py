"""Permits and alarms on their way to the park and the district (作业票上报): by the queue that all exchange shares.

Source: AQ 3064.2-2025, 8: told incrementally, with each change of the flow and of an alarm. What waits is told once, as
it then stands; tickets before the alarms that name them.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from quancheng.domains.hazards.models import ExchangeAdapter, ExchangeRow
from quancheng.domains.hazards.models.exchange import Family
from quancheng.domains.hazards.queries.exchange_facts import Subject
from quancheng.domains.hazards.services.exchange_families import Records
from quancheng.domains.hazards.services.exchange_queue import adapter_of, live_adapters, put
from quancheng.domains.permits.models import Permit, WorkAlarm
from quancheng.domains.permits.queries.upward import keys_of_file, subjects_of
from quancheng.kernel.events.models import Event
from quancheng.kernel.exchange.upward.transport import Variant
from quancheng.kernel.people.models import User
from quancheng.standards import aq3064
from quancheng.standards.dual_prevention_exchange import Written

#: Moves that change nothing of what is told.
_SILENT = frozenset({"sign", "verify"})
HOUSE = "系统"


def write(row: ExchangeRow, subject: Subject) -> Written:
    """A record in its envelope."""
    facts = subject.facts | {
        "ID": str(row.external_id), "DELETED": "1" if subject.is_deleted else "0",
        "CREATE_DATE": min(subject.created_at, row.changed_at), "CREATE_BY": row.created_by,
        "UPDATE_DATE": row.changed_at, "UPDATE_BY": row.changed_by,
    }  # fmt: skip
    written = aq3064.write_record(row.table, facts, row.adapter.times)
    company = subject.file.registration_code
    return Written(aq3064.wrap(row.table, written.row, company=company, park=row.adapter.org_code), written.faults)


RECORDS = Records(
    family=Family.PERMITS, variants=(Variant.WORK,), tables=aq3064.tables, subjects=subjects_of,
    keys_of_file=keys_of_file, outside_keys=lambda pairs: {pair: pair[1] for pair in pairs}, write=write,
    version=aq3064.version_of,
)  # fmt: skip


def permit_adapters() -> QuerySet[ExchangeAdapter]:
    """Whether anybody is to be told of permits at all: asked for with each event."""
    return live_adapters().filter(family=Family.PERMITS)


def hear_permit(event: Event, now: datetime) -> None:
    """Subscriber of the loop of permits. Idempotent: a row that waits already goes on waiting."""
    permit = Permit.objects.filter(pk=event.subject_id).first()
    if permit is not None and event.kind.rpartition(".")[2] not in _SILENT:
        tell_ticket(permit=permit, by=_who(event), now=event.at)


def hear_alarm(event: Event, now: datetime) -> None:
    """Subscriber of the loop of alarms."""
    row = WorkAlarm.objects.filter(pk=event.subject_id).select_related("permit").first()
    if row is not None:
        tell_alarm(row=row, by=_who(event), now=event.at)


def tell_ticket(*, permit: Permit, by: str, now: datetime) -> None:
    """Let a permit wait to be told; nothing of a draft, nor where nobody is told. Also for what no move changes: gas,
    people, place."""
    adapter = None if permit.number == "" else adapter_of(permit.file_id, Family.PERMITS)
    if adapter is not None:
        put(adapter=adapter, file_id=permit.file_id, pairs=[("ticket", permit.pk)], by=by, now=now)


def tell_alarm(*, row: WorkAlarm, by: str, now: datetime) -> None:
    """Let an alarm wait to be told; our own codes stay here."""
    told = aq3064.exchanged(row.code) and row.permit.number != ""
    adapter = adapter_of(row.permit.file_id, Family.PERMITS) if told else None
    if adapter is not None:
        put(adapter=adapter, file_id=row.permit.file_id, pairs=[("alarm", row.pk)], by=by, now=now)


def _who(event: Event) -> str:
    name = User.objects.filter(pk=event.user_id).values_list("name", flat=True).first() if event.user_id else None
    return name or HOUSE
