"""Rows that an enterprise's own system sends (企业系统接入): judged one by one, taken once, the newer one wins.

What came from outside is kept there: people do not change it here (:func:`kept_elsewhere`) as long as the system's
credential lives. Of dangers the loop stays common: whoever moves it first, moved it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import CheckTask, ExchangeApplication, ReceivedRow, UnitStop
from quancheng.domains.hazards.models.exchange import Outcome
from quancheng.domains.hazards.services.exchange_apply import Applied, Applier, Refused, is_anothers, subject_of
from quancheng.domains.hazards.services.exchange_queue import call_outside
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Measure, RiskEvent, RiskUnit
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, Text
from quancheng.kernel.names import clean
from quancheng.standards.dual_prevention_exchange import Read, read_row, reject_text, table

#: Duties of a system that sends: those of the people whose records it keeps; never the approval of a plan.
DUTIES = (
    "risk.list.keep", "hazards.checks.keep", "hazards.checks.record", "hazards.findings.report",
    "hazards.findings.confirm", "hazards.findings.rectify", "hazards.findings.accept",
)  # fmt: skip
#: Rows of one call.
MOST_ROWS = 10_000
#: Rows that stand or fall with one transaction: a kill loses at most these, and the sender gets no answer for any.
CHUNK = 100
_KEPT: dict[type[models.Model], str] = {
    RiskUnit: "unit", RiskEvent: "event", Measure: "measure", CheckTask: "task", UnitStop: "stop",
}  # fmt: skip
_TITLES = ("riskUnitName", "riskEventName", "riskMeasureDesc", "dangerName", "troubleshootContent", "stopReason")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row: code 0 where it was taken, or was older than what is known."""

    id: str
    code: int
    outcome: str
    message: str = ""
    message_en: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id, "code": self.code, "outcome": self.outcome, "message": self.message,
            "messageEn": self.message_en,
        }  # fmt: skip


#: Takes some rows of a table in the caller's transaction, one result each; ``batch`` is the sender's number of it.
Taker = Callable[[ExchangeApplication, Sequence[Any], str, datetime], list[Result]]
_TAKERS: dict[str, Taker] = {}
_SERVICES: dict[str, str] = {}


def register_taker(code: str, service_ids: Collection[str], take: Taker) -> None:
    """Rows of a room above: its table, the names by which senders call it, and who takes them."""
    _TAKERS[code] = take
    _SERVICES.update(dict.fromkeys(service_ids, code))


def table_of_service(service_id: str) -> str:
    """Our code of the table that a sender names. ValueError for an unknown one."""
    return _SERVICES.get(service_id) or table(service_id).code


def actor_of_system(application: ExchangeApplication) -> Actor:
    """The system as it acts: for its enterprise alone, with the duties named above."""
    return Actor(
        kind="system", name=f"{application.name}（对接）"[:60], organisation_id=application.file_id,
        duties=frozenset(DUTIES),
    )  # fmt: skip


def take_rows(
    *, application: ExchangeApplication, code: str, rows: Sequence[Any], batch: str, now: datetime
) -> list[Result]:
    """Take the rows of one table in their order; one that is refused holds up no other.

    :param rows: as they came: a row that is no object is refused too.
    """
    results: list[Result] = []
    for start in range(0, len(rows), CHUNK):
        with transaction.atomic():
            chunk = rows[start : start + CHUNK]
            results += take_chunk(application=application, code=code, rows=chunk, batch=batch, now=now)
    refused = sum(1 for one in results if one.code)
    note_call(application=application, code=code, batch=batch, counts=(len(results), refused), now=now)
    return results


def take_chunk(
    *, application: ExchangeApplication, code: str, rows: Sequence[Any], batch: str, now: datetime
) -> list[Result]:
    """Some rows of a batch, in the caller's transaction."""
    if code in _TAKERS:
        return _TAKERS[code](application, rows, batch, now)
    applier = Applier(actor_of_system(application), application.file, now, application.name, batch)
    return [_take(applier, application, code, row) for row in rows]


def note_call(
    *, application: ExchangeApplication, code: str, batch: str, counts: tuple[int, int], now: datetime
) -> None:
    """Enter a batch in the journal. :param counts: rows, and how many of them were refused."""
    with transaction.atomic():
        ExchangeApplication.objects.filter(pk=application.pk).update(used_at=now)
        journal.record(
            actor=actor_of_system(application), act="hazards.exchange.receive", org_id=application.file_id, now=now,
            subject_type=ExchangeApplication._meta.label_lower, subject_id=application.pk,
            facts={"table": code, "batch": batch, "rows": counts[0], "refused": counts[1]},
        )  # fmt: skip


def _take(applier: Applier, application: ExchangeApplication, code: str, row: Any) -> Result:
    if not isinstance(row, dict):
        return _told("", 4009, "不是一行数据", "not a row")
    read = read_row(code, row)
    key = read.values.get("id")
    if key is None:
        fault = next(one for one in read.faults if one.field == "id")
        return _told(clean(str(row.get("id") or ""))[:40], fault.code, fault.text.zh, fault.text.en)
    known = _locked(code, uuid.UUID(key), applier.file)
    if is_anothers(code, uuid.UUID(key), applier.file) or _is_of_another(read, applier.file):
        # Nothing is kept of it under a key that is another's.
        return _told(key, 4005)
    if read.faults:
        first = read.faults[0]
        zh, en = ("；".join(getattr(one.text, name) for one in read.faults) for name in ("zh", "en"))
        return _keep(applier, application, code, read, known, _told(key, first.code, zh, en))
    at = read.values["updateDate"]
    if known is not None and known.changed_at is not None and at <= known.changed_at:
        if at == known.changed_at:
            return _keep(applier, application, code, read, known, Result(key, 0, Outcome.TAKEN, "重复，未变", "same"))
        older = Result(key, 0, Outcome.OLDER, "较旧，未采用", "older than what is known, not used")
        return _keep(applier, application, code, read, known, older)
    # A key of which no row was taken yet may still be that of a record of ours, which went out under it.
    taken = known.subject_id if known is not None else None
    subject = taken or subject_of(code, uuid.UUID(key), applier.file)
    try:
        with transaction.atomic():
            applied = applier.apply(code, read.values, subject)
    except DomainError as refused:
        return _keep(applier, application, code, read, known, _refused(key, code, refused))
    result = Result(key, 0, Outcome.TAKEN, applied.remark)
    return _keep(applier, application, code, read, known, result, applied)


def _refused(key: str, code: str, refused: DomainError) -> Result:
    if isinstance(refused, Refused):
        return _told(key, refused.number, str(refused.message))
    said = "；".join(str(text) for text in refused.fields.values()) or str(refused.message)
    return _told(key, 4006 if code == "danger" and refused.status == 409 else 4009, said)


def _told(key: str, code: int, zh: str = "", en: str = "") -> Result:
    text = reject_text(code)
    return Result(key, code, Outcome.REFUSED, zh or text.zh, en or text.en)


def _is_of_another(read: Read, file: Enterprise) -> bool:
    told = read.values.get("companyCode")
    return told is not None and told != file.registration_code


def _locked(code: str, key: uuid.UUID, file: Enterprise) -> ReceivedRow | None:
    """What is known of a key of this file; two calls with the same key take turns, also where it is new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"exchange {code} {key}"])
    return ReceivedRow.objects.filter(table=code, external_id=key, file=file).first()


def _keep(
    applier: Applier, application: ExchangeApplication, code: str, read: Read, known: ReceivedRow | None,
    result: Result, applied: Applied | None = None,
) -> Result:  # fmt: skip
    """Write down what became of a row; what it means here only where it was taken."""
    values = read.values
    fields: dict[str, Any] = {
        "application": application, "outcome": result.outcome, "code": result.code or None,
        "reason": result.message[:500], "batch_id": applier.batch[:40], "received_at": applier.now,
    }  # fmt: skip
    title = next((str(values[name]) for name in _TITLES if values.get(name)), "")
    if title:
        fields["title"] = title[:200]
    if applied is not None:
        fields |= {"changed_at": values["updateDate"], "is_deleted": values["deleted"] == "1"}
        if applied.subject_id is not None:
            fields["subject_id"] = applied.subject_id
        if code == "danger":
            fields["official_state"] = int(values["dangerState"])
    if known is not None:
        ReceivedRow.objects.filter(pk=known.pk).update(**fields, received_count=known.received_count + 1)
    else:
        ReceivedRow.objects.create(
            **applier.file.row_scope(), file=applier.file, table=code, external_id=values["id"], **fields
        )
    if applied is not None and applied.subject_id is not None and str(applied.subject_id) != values["id"]:
        call_outside(code, applied.subject_id, uuid.UUID(values["id"]))
    return result


def kept_elsewhere(row: models.Model, actor: Actor) -> Text | None:
    """Guard of the risk list: why a person may not change a row here. Systems, and the house itself, may."""
    code = _KEPT.get(type(row))
    if code is None or actor.is_system:
        return None
    known = ReceivedRow.objects.filter(
        table=code, subject_id=row.pk, application__revoked_at__isnull=True
    ).select_related("application").first()
    if known is None:
        return None
    return _("此项由“%(system)s”对接维护，请在该系统中修改；撤销其接入凭据后可在此修改。") % {
        "system": known.application.name
    }

