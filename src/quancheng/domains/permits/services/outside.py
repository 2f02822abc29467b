"""Permits and alarms of enterprises' own systems (外部作业票接入): taken one by one, the newer record wins.

They are a mirror: nobody moves, signs or changes them here. What cannot be taken is kept aside with its reason and may
be replayed. Source: AQ 3064.2-2025, tables A.1 and A.3.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import ExchangeApplication
from quancheng.domains.hazards.models.exchange import Outcome
from quancheng.domains.hazards.services.exchange_intake import Result
from quancheng.domains.hazards.services.exchange_queue import MANAGE
from quancheng.domains.permits.models import KeptRecord, OutsideAlarm, OutsideChange, OutsidePermit
from quancheng.domains.permits.queries.audits import RuleBook, rule_book
from quancheng.domains.permits.queries.outside import audit_of
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.queries.certificates import NUMBER
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, NotPermitted
from quancheng.kernel.names import clean
from quancheng.kernel.vault import services as vault
from quancheng.standards import aq3064
from quancheng.standards.dual_prevention_exchange import Read, reject_text
from quancheng.standards.gb30871.basis import BadInput

KIND = "exchange_rows"
#: Records of one enterprise that are kept aside; what comes beyond is refused and gone. [D]
MOST_KEPT = 2_000
#: Items of a record by the field of the mirror that keeps them in plain.
_PLAIN = {
    "place": "TICKET_POSITION", "content": "TICKET_CONTENT", "work_unit": "WORK_DEPARTMENT", "window_start":
    "START_TIME", "window_end": "END_TIME", "issued_at": "ISSUE_TIME", "accepted_at": "CHECKED_TIME",
    "gas_at": "GAS_TIME", "guardians": "SUPERVISOR_NAME", "workers": "WORKER_NAME",
    "leader": "TICKET_RESPONS_NAME", "told_by": "UPDATE_BY", "told_at": "UPDATE_DATE", "created_at": "CREATE_DATE",
    "state": "TICKET_STATUS",
}  # fmt: skip
_WORDS = {
    "gas_name": "GAS_NAME", "certificates": "WORKER_CERTI_NAME", "changed_cause": "CHANGED_CAUSE",
    "cancelled_cause": "CANCELLED_CAUSE",
}  # fmt: skip
_FLAGS = {
    "is_contractor": "IS_CONTRACTOR_WORK", "is_changed": "IS_CHANGED", "is_cancelled": "IS_CANCELLED",
    "is_deleted": "DELETED",
}  # fmt: skip
#: Told with each record, and no change of the permit.
_STAMPS = frozenset({"told_at", "told_by", "created_at"})


def take_tickets(
    application: ExchangeApplication, rows: Sequence[Any], batch: str, now: datetime
) -> list[Result]:
    """Take ticket records of a system, in the caller's transaction."""
    return _take_all(application.file, application, "ticket", rows, now)


def take_alarms(
    application: ExchangeApplication, rows: Sequence[Any], batch: str, now: datetime
) -> list[Result]:
    """Take alarm records of a system, in the caller's transaction."""
    return _take_all(application.file, application, "alarm", rows, now)


def _take_all(
    file: Enterprise, source: ExchangeApplication | None, table: str, rows: Sequence[Any], now: datetime
) -> list[Result]:
    book = rule_book()
    return [_take(file, source, table, row, now, book) for row in rows]


def take_ticket(*, actor: Actor, file: Enterprise, row: Mapping[str, Any], now: datetime) -> Result:
    """A ticket record that a person brings, e.g. by a sheet. What is refused is told and not kept.

    :raises NotPermitted: another enterprise's.
    """
    actor.require(MANAGE)
    if actor.organisation_id != file.pk:
        raise NotPermitted
    with transaction.atomic():
        return _judge(file, None, "ticket", row, now, rule_book())[0]


def take_back(*, actor: Actor, permit_id: uuid.UUID, now: datetime) -> None:
    """Take back what a sheet brought. :raises Conflict: it is a system's, or gone."""
    actor.require(MANAGE)
    mine = OutsidePermit.objects.visible_to(actor).filter(pk=permit_id, file=actor.organisation_id)
    if not mine.filter(source__isnull=True, is_deleted=False).update(is_deleted=True, received_at=now):
        raise Conflict(_("该记录由企业系统对接维护，或已撤回。"))


def _take(
    file: Enterprise, source: ExchangeApplication | None, table: str, row: Any, now: datetime, book: RuleBook
) -> Result:
    result, replayable = _judge(file, source, table, row, now, book)
    if result.code and replayable:
        _set_aside(file, source, table, row, result, now)
    elif not result.code:
        KeptRecord.objects.filter(file=file, table=table, key=result.id, taken_at__isnull=True).update(
            taken_at=now, payload=b""
        )
        if table == "ticket" and result.outcome == Outcome.TAKEN:
            _replay_waiting(file, result.id, now, book)
    return result


def _judge(
    file: Enterprise, source: ExchangeApplication | None, table: str, row: Any, now: datetime, book: RuleBook
) -> tuple[Result, bool]:
    """What becomes of a record, and whether it is worth keeping where it is refused."""
    if not isinstance(row, dict):
        return _refused("", 4009, "不是一行数据", "not a row"), False
    read = aq3064.read_record(table, aq3064.unwrap(row))
    key = read.values.get("ID")
    if key is None:
        told = clean(str(row.get("ID") or row.get("UUID") or ""))[:40]
        first = next(one for one in read.faults if one.field == "ID")
        return _refused(told, first.code, first.text.zh, first.text.en), True
    with connection.cursor() as cursor:
        # Two calls with the same key take turns, also where it is new.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"outside {table} {key}"])
    if _is_anothers(table, uuid.UUID(key), file):
        # Nothing is kept of it under a key that is another's.
        return _refused(key, 4005), False
    if table == "ticket" and read.values.get("COMPANY_CODE") not in (None, file.registration_code):
        return _refused(key, 4005), True
    if read.faults:
        zh, en = ("；".join(getattr(one.text, name) for one in read.faults) for name in ("zh", "en"))
        return _refused(key, read.faults[0].code, zh, en), True
    if table == "alarm":
        return _alarm(file, read, now), True
    return _ticket(file, source, read, now, book), True


def _refused(key: str, code: int, zh: str = "", en: str = "") -> Result:
    text = reject_text(code)
    return Result(key, code, Outcome.REFUSED, zh or text.zh, en or text.en)


def _is_anothers(table: str, key: uuid.UUID, file: Enterprise) -> bool:
    if table == "ticket":
        return OutsidePermit.objects.filter(external_id=key).exclude(file=file).exists()
    return OutsideAlarm.objects.filter(external_id=key).exclude(permit__file=file).exists()


def _ticket(
    file: Enterprise, source: ExchangeApplication | None, read: Read, now: datetime, book: RuleBook
) -> Result:
    values = read.values
    key, at = values["ID"], values["UPDATE_DATE"]
    known = OutsidePermit.objects.select_for_update(no_key=True).filter(external_id=key).first()
    if known is not None and at <= known.told_at:
        OutsidePermit.objects.filter(pk=known.pk).update(received_count=F("received_count") + 1)
        if at == known.told_at:
            return Result(key, 0, Outcome.TAKEN, "重复，未变", "same")
        return Result(key, 0, Outcome.OLDER, "较旧，未采用", "older than what is known, not used")
    fields = _fields(values)
    if known is None:
        row = OutsidePermit(**file.row_scope(), file=file, external_id=key, received_at=now, **fields)
        differs: list[str] = []
    else:
        row = known
        differs = sorted(name for name in fields if name not in _STAMPS and _differs(row, name, fields, values))
        for name, value in fields.items():
            setattr(row, name, value)
        row.received_at, row.received_count = now, row.received_count + 1
    row.source = source
    _audit(row, now, book)
    row.save()
    OutsideChange.objects.create(
        permit=row, state=row.state, fields=differs, told_at=at, told_by=row.told_by, received_at=now
    )
    return Result(key, 0, Outcome.TAKEN)


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """The mirror's fields from a record that was read without fault."""
    kind, level = aq3064.kind_of(values["TICKET_TYPE"])
    numbers, gas = values["WORKER_CERTI_NUM"], values["GAS_VALUE"]
    return {
        "kind": kind, "level": level, **{name: values[item] for name, item in _PLAIN.items()},
        **{name: values[item] or "" for name, item in _WORDS.items()},
        **{name: values[item] == "1" for name, item in _FLAGS.items()},
        "lon": round(values["LONGITUDE"], 6), "lat": round(values["LATITUDE"], 6),
        "gas_value": None if gas is None else round(gas, 6),
        "certificate_numbers": vault.seal(NUMBER, numbers) if numbers else "",
        "phone": vault.seal(vault.PHONE, values["MAJOR_PERSON_MOBILE"]),
    }  # fmt: skip


def _differs(row: OutsidePermit, name: str, fields: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether a field says something else now. What is sealed differs with each sealing and is opened to compare."""
    if name == "phone":
        return vault.reveal(vault.PHONE, row.phone) != values["MAJOR_PERSON_MOBILE"]
    if name == "certificate_numbers":
        before = vault.reveal(NUMBER, row.certificate_numbers) if row.certificate_numbers else ""
        return before != (values["WORKER_CERTI_NUM"] or "")
    return bool(getattr(row, name) != fields[name])


def _audit(row: OutsidePermit, now: datetime, book: RuleBook) -> None:
    """Write down what the rules say, as far as the record tells it; of what was never issued nothing."""
    row.score, row.verdicts, row.failed, row.worst, row.audited_at = None, [], [], "", None
    if row.issued_at is None or row.is_deleted:
        return
    try:
        found = audit_of(row, now, book)
    except (BadInput, OverflowError):
        return
    row.score, row.verdicts, row.failed, row.worst = found.score, found.verdicts, found.failed, found.worst
    row.audited_at = now


def _alarm(file: Enterprise, read: Read, now: datetime) -> Result:
    values = read.values
    permit = OutsidePermit.objects.filter(external_id=values["TICKET_ID"], file=file).first()
    if permit is None:
        return _refused(values["ID"], 4001, "作业票尚未接收", "its permit was not received yet")
    known = OutsideAlarm.objects.filter(external_id=values["ID"]).first()
    if known is not None and values["UPDATE_DATE"] <= known.told_at:
        return Result(values["ID"], 0, Outcome.TAKEN, "重复，未变", "same")
    OutsideAlarm.objects.update_or_create(
        external_id=values["ID"],
        defaults={
            "permit": permit, "code": values["ALARM_TYPE"], "began_at": values["ALARM_START_TIME"],
            "ended_at": values["ALARM_END_TIME"], "result": values["ALARM_RESULT"] or "",
            "is_deleted": values["DELETED"] == "1", "told_at": values["UPDATE_DATE"], "received_at": now,
        },
    )  # fmt: skip
    return Result(values["ID"], 0, Outcome.TAKEN)


# What was kept aside -------------------------------------------------------------------------------------------------


def _set_aside(
    file: Enterprise, source: ExchangeApplication | None, table: str, row: Mapping[str, Any], result: Result,
    now: datetime,
) -> None:  # fmt: skip
    sealed = vault.seal_bytes(KIND, json.dumps(row).encode())
    told = {"source": source, "payload": sealed, "code": result.code, "reason": result.message[:500],
            "received_at": now, "taken_at": None}  # fmt: skip
    mine = KeptRecord.objects.filter(file=file, taken_at__isnull=True)
    if mine.count() >= MOST_KEPT and not (result.id and mine.filter(table=table, key=result.id).exists()):
        return
    if not result.id:
        KeptRecord.objects.create(**file.row_scope(), file=file, table=table, **told)
        return
    KeptRecord.objects.update_or_create(
        file=file, table=table, key=result.id, defaults=told, create_defaults={**file.row_scope(), **told}
    )


def replay(*, actor: Actor, row: KeptRecord, now: datetime) -> Result:
    """Judge a record anew that was kept aside (重放), e.g. after the file got its code or the permit came.

    :raises NotPermitted: neither the enterprise nor who supervises it. :raises Conflict: it was taken meanwhile, or is
        refused still: its new reason stands with it.
    """
    actor.require(MANAGE)
    if actor.organisation_id != row.file_id and not actor.supervises:
        raise NotPermitted
    with transaction.atomic():
        held = KeptRecord.objects.select_for_update(no_key=True, of=("self",)).select_related("file", "source")
        kept = held.filter(pk=row.pk, taken_at__isnull=True).first()
        if kept is None:
            raise Conflict(_("该来件已接收。"))
        result = _replay(kept, now, rule_book())
        journal.record(
            actor=actor, act="permits.outside.replay", subject_type=KeptRecord._meta.label_lower, subject_id=kept.pk,
            org_id=kept.file_id, facts={"table": kept.table, "key": kept.key, "code": result.code}, now=now,
        )  # fmt: skip
    row.refresh_from_db()
    return result


def _replay(kept: KeptRecord, now: datetime, book: RuleBook) -> Result:
    payload = json.loads(vault.open_bytes(KIND, bytes(kept.payload)))
    result, _keeps = _judge(kept.file, kept.source, kept.table, payload, now, book)
    if result.code:
        told: dict[str, Any] = {"code": result.code, "reason": result.message[:500], "replayed_at": now}
    else:
        told = {"taken_at": now, "replayed_at": now, "payload": b""}
    KeptRecord.objects.filter(pk=kept.pk).update(**told)
    if not result.code and kept.table == "ticket":
        _replay_waiting(kept.file, result.id, now, book)
    return result


def _replay_waiting(file: Enterprise, ticket: str, now: datetime, book: RuleBook) -> None:
    """Alarms that came before their permit are taken with it."""
    waiting = KeptRecord.objects.filter(file=file, table="alarm", code=4001, taken_at__isnull=True)
    for kept in waiting.select_related("file", "source").order_by("received_at", "pk"):
        payload = json.loads(vault.open_bytes(KIND, bytes(kept.payload)))
        if aq3064.read_record("alarm", aq3064.unwrap(payload)).values["TICKET_ID"] == ticket:
            _replay(kept, now, book)
