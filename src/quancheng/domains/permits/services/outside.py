"""Permits and alarms of enterprises' own systems (外部作业票接入): taken one by one, the newer record wins.

They are a mirror: nobody moves, signs or changes them here. What cannot be taken is kept aside with its reason and may
be replayed. Source: AQ 3064.2-2025, tables A.1 and A.3.
"""

from __future__ import annotations

import json
import logging
import unicodedata
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
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

log = logging.getLogger("quancheng.permits.outside")
KIND = "exchange_rows"
#: By how much the clock of a system may be ahead of ours: a record of a later time would hold up all that follow. [D]
AHEAD = timedelta(minutes=10)
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


@dataclass(frozen=True, slots=True)
class _Judged:
    """What became of a record; whether it is worth keeping where it was refused; its own time of change, where that is
    one; whether it changed the mirror; of an alarm the key of its permit."""

    result: Result
    keeps: bool = True
    at: datetime | None = None
    is_applied: bool = False
    ticket: str = ""


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
    reads = [_read(table, row) for row in rows]
    _take_turns(table, reads)
    return [_take(file, source, table, row, read, now, book) for row, read in zip(rows, reads, strict=True)]


def take_ticket(*, actor: Actor, file: Enterprise, row: Mapping[str, Any], now: datetime) -> Result:
    """A ticket record that a person brings, e.g. by a sheet: the newest word, whatever was told before. What is refused
    is told and not kept.

    :raises NotPermitted: another enterprise's. :raises Conflict: a system that goes on maintains it.
    """
    actor.require(MANAGE)
    if actor.organisation_id != file.pk:
        raise NotPermitted
    read = _read("ticket", row)
    with transaction.atomic():
        _take_turns("ticket", [read])
        judged = _judge(file, None, "ticket", row, read, now, rule_book(), now)
        if not judged.result.code and not judged.is_applied:
            raise Conflict(judged.result.message)
    return judged.result


def take_back(*, actor: Actor, permit_id: uuid.UUID, now: datetime) -> None:
    """Take back what a sheet brought. :raises Conflict: it is a system's, or gone."""
    actor.require(MANAGE)
    mine = OutsidePermit.objects.visible_to(actor).filter(pk=permit_id, file=actor.organisation_id)
    if not mine.filter(source__isnull=True, is_deleted=False).update(is_deleted=True, received_at=now):
        raise Conflict(_("该记录由企业系统对接维护，或已撤回。"))


def _read(table: str, row: Any) -> Read:
    return aq3064.read_record(table, aq3064.unwrap(row)) if isinstance(row, dict) else Read({})


def _take_turns(table: str, reads: Sequence[Read]) -> None:
    """Two calls that concern the same permit take turns, also where it is new; an alarm's turn is that of its permit.
    All of a call at once, in one order and before any row is locked."""
    names = set()
    for read in reads:
        own, ticket = read.values.get("ID"), read.values.get("TICKET_ID" if table == "alarm" else "ID")
        names.add(f"outside ticket {ticket}" if ticket else f"outside {table} {own}")
    with connection.cursor() as cursor:
        for name in sorted(names):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _take(
    file: Enterprise, source: ExchangeApplication | None, table: str, row: Any, read: Read, now: datetime,
    book: RuleBook,
) -> Result:  # fmt: skip
    """One record behind a savepoint of its own: what goes wrong with it holds up no other."""
    try:
        with transaction.atomic():
            judged = _judge(file, source, table, row, read, now, book, now)
            if judged.is_applied:
                _taken(file, table, judged, now, book)
    except (OperationalError, InterfaceError):
        # The database itself, not the record: the call is made again.
        raise
    except Exception:
        log.exception("a record of %s %s could not be taken", file.pk, table)
        judged = _Judged(_refused(read.values.get("ID") or "", 4009, "无法处理", "could not be taken"))
    if judged.result.code and judged.keeps:
        _set_aside(file, source, table, row, judged, now)
    return judged.result


def _taken(file: Enterprise, table: str, judged: _Judged, now: datetime, book: RuleBook) -> None:
    """What was kept under the key of a record that was applied is done with, unless it is newer."""
    waiting = KeptRecord.objects.filter(file=file, table=table, key=judged.result.id, taken_at__isnull=True)
    waiting.filter(Q(told_at__isnull=True) | Q(told_at__lte=judged.at)).update(taken_at=now, payload=b"")
    if table == "ticket":
        _replay_waiting(file, judged.result.id, now, book)


def _judge(
    file: Enterprise, source: ExchangeApplication | None, table: str, row: Any, read: Read, now: datetime,
    book: RuleBook, came_at: datetime,
) -> _Judged:  # fmt: skip
    """What becomes of a record. :param came_at: when it came first."""
    if not isinstance(row, dict):
        return _Judged(_refused("", 4009, "不是一行数据", "not a row"), keeps=False)
    key, at = read.values.get("ID"), read.values.get("UPDATE_DATE")
    ticket = read.values.get("TICKET_ID") or ""
    if key is None:
        told = _plain(str(row.get("ID") or row.get("UUID") or ""))[:40]
        first = next(one for one in read.faults if one.field == "ID")
        return _Judged(_refused(told, first.code, first.text.zh, first.text.en), ticket=ticket)
    if _is_anothers(table, uuid.UUID(key), file):
        # Nothing is kept of it under a key that is another's.
        return _Judged(_refused(key, 4005), keeps=False)
    is_ahead = at is not None and at > now + AHEAD
    refused = _Judged(_refused(key, 4005), at=None if is_ahead else at, ticket=ticket)
    if table == "ticket" and read.values.get("COMPANY_CODE") not in (None, file.registration_code):
        return refused
    if read.faults:
        zh, en = ("；".join(getattr(one.text, name) for one in read.faults) for name in ("zh", "en"))
        return replace(refused, result=_refused(key, read.faults[0].code, zh, en))
    if is_ahead:
        ahead = "更新时间（UPDATE_DATE）：晚于当前时间", "Updated (UPDATE_DATE): later than now"
        return replace(refused, result=_refused(key, 4003, *ahead))
    result = (
        _alarm(file, read, now, came_at) if table == "alarm" else _ticket(file, source, read, now, book, came_at)
    )
    return replace(refused, result=result, is_applied=result.outcome == Outcome.TAKEN and not result.message)


def _plain(text: str) -> str:
    """A text that came, without what can be neither kept nor told back."""
    return clean("".join(mark for mark in text if mark != "\0" and unicodedata.category(mark) != "Cs"))


def _refused(key: str, code: int, zh: str = "", en: str = "") -> Result:
    text = reject_text(code)
    return Result(key, code, Outcome.REFUSED, zh or text.zh, en or text.en)


def _is_anothers(table: str, key: uuid.UUID, file: Enterprise) -> bool:
    if table == "ticket":
        return OutsidePermit.objects.filter(external_id=key).exclude(file=file).exists()
    return OutsideAlarm.objects.filter(external_id=key).exclude(permit__file=file).exists()


def _stale(key: str, at: datetime, told_at: datetime, now: datetime) -> Result | None:
    """What is answered to a record that is no newer than what is known; None where it is. What was told for a time to
    come, before such times were refused, holds up nothing."""
    if at > told_at or told_at > now + AHEAD:
        return None
    if at == told_at:
        return Result(key, 0, Outcome.TAKEN, "重复，未变", "same")
    return Result(key, 0, Outcome.OLDER, "较旧，未采用", "older than what is known, not used")


def is_kept_elsewhere(row: OutsidePermit) -> bool:
    """Whether a system that goes on maintains a permit: then no sheet changes it."""
    return row.source is not None and row.source.revoked_at is None


def _ticket(
    file: Enterprise, source: ExchangeApplication | None, read: Read, now: datetime, book: RuleBook, came_at: datetime
) -> Result:
    values = read.values
    key = values["ID"]
    mine = OutsidePermit.objects.select_for_update(no_key=True, of=("self",)).select_related("source")
    known = mine.filter(external_id=key).first()
    fields = _fields(values)
    if known is not None and source is None:
        if is_kept_elsewhere(known):
            raise Conflict(_("该记录由企业系统对接维护，不能按表格更新。"))
        # Two sheets within a second are told apart.
        fields["told_at"] = max(fields["told_at"], min(known.told_at, now) + timedelta(seconds=1))
    elif known is not None and (known.source_id is not None or source is None or source.revoked_at is not None):
        # The time of a sheet is that of its reading, and says nothing against the system that keeps the permit.
        stale = _stale(key, values["UPDATE_DATE"], known.told_at, now)
        if stale is not None:
            OutsidePermit.objects.filter(pk=known.pk).update(received_count=F("received_count") + 1)
            return stale
    if known is None:
        row = OutsidePermit(**file.row_scope(), file=file, external_id=key, received_at=came_at, **fields)
        differs: list[str] = []
    else:
        row = known
        differs = sorted(name for name in fields if name not in _STAMPS and _differs(row, name, fields, values))
        for name, value in fields.items():
            setattr(row, name, value)
        row.received_at, row.received_count = came_at, row.received_count + 1
    row.source = source
    _audit(row, now, book)
    row.save()
    OutsideChange.objects.create(
        permit=row, state=row.state, fields=differs, told_at=row.told_at, told_by=row.told_by, received_at=came_at
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


def _alarm(file: Enterprise, read: Read, now: datetime, came_at: datetime) -> Result:
    values = read.values
    permit = OutsidePermit.objects.filter(external_id=values["TICKET_ID"], file=file).first()
    if permit is None:
        return _refused(values["ID"], 4001, "作业票尚未接收", "its permit was not received yet")
    known = OutsideAlarm.objects.filter(external_id=values["ID"]).first()
    stale = None if known is None else _stale(values["ID"], values["UPDATE_DATE"], known.told_at, now)
    if stale is not None:
        return stale
    OutsideAlarm.objects.update_or_create(
        external_id=values["ID"],
        defaults={
            "permit": permit, "code": values["ALARM_TYPE"], "began_at": values["ALARM_START_TIME"],
            "ended_at": values["ALARM_END_TIME"], "result": values["ALARM_RESULT"] or "",
            "is_deleted": values["DELETED"] == "1", "told_at": values["UPDATE_DATE"],
            "received_at": came_at,
        },
    )  # fmt: skip
    return Result(values["ID"], 0, Outcome.TAKEN)


# What was kept aside -------------------------------------------------------------------------------------------------


def _set_aside(
    file: Enterprise, source: ExchangeApplication | None, table: str, row: Mapping[str, Any], judged: _Judged,
    now: datetime,
) -> None:  # fmt: skip
    """Keep a refused record, unless a newer one of its key waits: that one is worth more."""
    result = judged.result
    sealed = vault.seal_bytes(KIND, json.dumps(row).encode())
    told = {"source": source, "payload": sealed, "code": result.code, "reason": result.message[:500],
            "told_at": judged.at, "ticket": judged.ticket, "received_at": now, "taken_at": None}  # fmt: skip
    mine = KeptRecord.objects.filter(file=file, taken_at__isnull=True)
    waiting = mine.filter(table=table, key=result.id).only("told_at").first() if result.id else None
    if waiting is None and mine.count() >= MOST_KEPT:
        return
    if waiting is not None and waiting.told_at is not None and (judged.at is None or judged.at < waiting.told_at):
        return
    if not result.id:
        KeptRecord.objects.create(**file.row_scope(), file=file, table=table, **told)
        return
    KeptRecord.objects.update_or_create(
        file=file, table=table, key=result.id, defaults=told, create_defaults={**file.row_scope(), **told}
    )


def reseal_kept(_again: Callable[[str], str]) -> int:
    """Seal what is kept aside anew, under the key in use now; returns how many. What cannot be opened stays."""
    done = 0
    rows = KeptRecord.objects.exclude(payload=b"").order_by("pk").values_list("pk", "payload")
    for pk, payload in rows.iterator(chunk_size=200):
        sealed = bytes(payload)
        try:
            if vault.is_current(sealed):
                continue
            fresh = vault.seal_bytes(KIND, vault.open_bytes(KIND, sealed))
        except vault.Unreadable:
            log.warning("the kept record %s cannot be opened", pk)
            continue
        done += KeptRecord.objects.filter(pk=pk, payload=payload).update(payload=fresh)
    return done


def replay(*, actor: Actor, row: KeptRecord, now: datetime) -> Result:
    """Judge a record anew that was kept aside (重放), e.g. after the file got its code or the permit came.

    :raises NotPermitted: neither the enterprise nor who supervises it. :raises Conflict: it was taken meanwhile, it can
        no longer be read, or it is refused still: its new reason stands with it.
    """
    actor.require(MANAGE)
    if actor.organisation_id != row.file_id and not actor.supervises:
        raise NotPermitted
    with transaction.atomic():
        # What its content asks for; its turn comes before its row, as it does for whoever sends it.
        payload = _opened(KeptRecord.objects.filter(pk=row.pk, taken_at__isnull=True).first())
        _take_turns(row.table, [_read(row.table, payload)])
        held = KeptRecord.objects.select_for_update(no_key=True, of=("self",)).select_related("file", "source")
        kept = held.filter(pk=row.pk, taken_at__isnull=True).first()
        if kept is None or _opened(kept) != payload:
            raise Conflict(_("该来件已接收。"))
        result = _replay(kept, payload, now, rule_book())
        journal.record(
            actor=actor, act="permits.outside.replay", subject_type=KeptRecord._meta.label_lower, subject_id=kept.pk,
            org_id=kept.file_id, facts={"table": kept.table, "key": kept.key, "code": result.code}, now=now,
        )  # fmt: skip
    row.refresh_from_db()
    return result


def _opened(kept: KeptRecord | None) -> Any:
    """:raises Conflict: it is taken, or can no longer be read."""
    if kept is None:
        raise Conflict(_("该来件已接收。"))
    try:
        return json.loads(vault.open_bytes(KIND, bytes(kept.payload)))
    except (vault.Unreadable, ValueError) as bad:
        raise Conflict(_("该来件的内容已无法读取，请由来源系统重新发送。")) from bad


def _replay(kept: KeptRecord, payload: Any, now: datetime, book: RuleBook) -> Result:
    read = _read(kept.table, payload)
    judged = _judge(kept.file, kept.source, kept.table, payload, read, now, book, kept.received_at)
    result = judged.result
    if result.code:
        told: dict[str, Any] = {"code": result.code, "reason": result.message[:500], "replayed_at": now}
    else:
        told = {"taken_at": now, "replayed_at": now, "payload": b""}
    KeptRecord.objects.filter(pk=kept.pk).update(**told)
    if judged.is_applied and kept.table == "ticket":
        _replay_waiting(kept.file, result.id, now, book)
    return result


def _replay_waiting(file: Enterprise, ticket: str, now: datetime, book: RuleBook) -> None:
    """Alarms that came before their permit are taken with it; one that fails waits on and holds up nothing."""
    waiting = KeptRecord.objects.filter(file=file, table="alarm", ticket=ticket, code=4001, taken_at__isnull=True)
    for kept in waiting.select_related("file", "source").order_by("received_at", "pk"):
        try:
            with transaction.atomic():
                _replay(kept, _opened(kept), now, book)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("the kept alarm %s could not be taken", kept.pk)
