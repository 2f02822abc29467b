"""The queue of records on their way up: filled in the transaction that writes the record."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db import models, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import CheckRecord, CheckTask, ExchangeAdapter, ExchangeRow, Finding, UnitStop
from quancheng.domains.hazards.models.exchange import Family, SendState
from quancheng.domains.hazards.queries.exchange_facts import below, units_of
from quancheng.domains.hazards.services.exchange_families import records_of
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Measure, RiskEvent, RiskObject, RiskUnit
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, NotPermitted
from quancheng.kernel.events.models import Event
from quancheng.kernel.people.models import User

MANAGE, READ = "hazards.exchange.manage", "hazards.exchange.read"
_TABLES: dict[type[models.Model], str] = {
    RiskUnit: "unit", RiskEvent: "event", Measure: "measure", CheckTask: "task", UnitStop: "stop",
    CheckRecord: "record",
}  # fmt: skip


def live_adapters() -> QuerySet[ExchangeAdapter]:
    """Ways up that go on, of all families."""
    return ExchangeAdapter.objects.filter(ended_at__isnull=True)


def dual_adapters() -> QuerySet[ExchangeAdapter]:
    """Whether anybody is to be told of dangers at all: asked for with each event."""
    return live_adapters().filter(family=Family.DUAL)


def adapter_of(file_id: uuid.UUID, family: str = Family.DUAL) -> ExchangeAdapter | None:
    """The way up of an enterprise's records of a family: its own, else the district's."""
    rows = live_adapters().filter(Q(file=file_id) | Q(file__isnull=True), family=family)
    return rows.order_by(F("file").asc(nulls_last=True), "created_at", "pk").first()


def require_manager(actor: Actor, file: Enterprise | None) -> None:
    """Its own, or by who supervises; the district's by an office. :raises NotPermitted: somebody else."""
    actor.require(MANAGE)
    if actor.organisation_id is None:
        raise NotPermitted
    if file is None and not (actor.supervises and actor.whole_district):
        raise NotPermitted(_("全区的对接由区级部门设置。"))
    if file is not None and file.pk != actor.organisation_id and not actor.supervises:
        raise NotPermitted


def hear_risk(row: models.Model, file_id: uuid.UUID, actor: Actor, now: datetime) -> None:
    """Listener of the risk list and of checks: what was written, and what ended with it, is to be told."""
    adapter = adapter_of(file_id)
    if adapter is None:
        return
    pairs = [(_TABLES[type(row)], row.pk)] if type(row) in _TABLES else []
    if isinstance(row, RiskObject | RiskUnit | RiskEvent) and row.ended_date is not None:
        pairs += below(row)
    elif isinstance(row, RiskObject):
        # An object has no row of its own: its units tell its code, department and head; nothing below them does.
        pairs += units_of(row)
    put(adapter=adapter, file_id=file_id, pairs=pairs, by=actor.name, now=now)


def hear_finding(event: Event, now: datetime) -> None:
    """Subscriber of the loop of hidden dangers. Idempotent: a row that waits already goes on waiting."""
    row = Finding.objects.filter(pk=event.subject_id).first()
    adapter = None if row is None else adapter_of(row.file_id)
    if row is None or adapter is None or row.status == "DRAFT":
        return
    name = User.objects.filter(pk=event.user_id).values_list("name", flat=True).first() if event.user_id else None
    put(adapter=adapter, file_id=row.file_id, pairs=[("danger", row.pk)], by=name or row.finder_name, now=event.at)


def put(
    *, adapter: ExchangeAdapter, file_id: uuid.UUID, pairs: Iterable[tuple[str, uuid.UUID]], by: str, now: datetime
) -> int:
    """Let records wait to be told, in the caller's transaction; returns how many. One that waits is told once, as it
    then stands. As many queries for many records as for one."""
    wanted = set(pairs)
    if not wanted:
        return 0
    mine = ExchangeRow.objects.filter(adapter=adapter).filter(_any_of(wanted))
    with transaction.atomic():
        # In one order, so that two acts that concern the same records take turns and neither waits for the other.
        locked = mine.order_by("pk").select_for_update(no_key=True)
        lacking = sorted(wanted - set(locked.values_list("table", "subject_id")))
        made = _new_rows(adapter, file_id, lacking, by, now) if lacking else []
        # Also where another wrote the same row at the same time: it may have told how the record stood before.
        _again(mine.exclude(pk__in=[one.pk for one in made]), now=now, by=by)
    return len(wanted)


def _any_of(pairs: Iterable[tuple[str, uuid.UUID]]) -> Q:
    by_table: dict[str, list[uuid.UUID]] = {}
    for table, pk in pairs:
        by_table.setdefault(table, []).append(pk)
    return reduce(or_, (Q(table=table, subject_id__in=keys) for table, keys in by_table.items()))


def _new_rows(
    adapter: ExchangeAdapter, file_id: uuid.UUID, pairs: Sequence[tuple[str, uuid.UUID]], by: str, now: datetime
) -> list[ExchangeRow]:
    records = records_of(adapter)
    keys, scope = records.outside_keys(pairs), Enterprise.objects.get(pk=file_id).row_scope()
    # A key is never used for a second row: what went up under it for a record before goes on for this one, and waits.
    foreign = {(table, keys[table, pk]): pk for table, pk in pairs if keys[table, pk] != pk}
    former = ExchangeRow.objects.filter(adapter=adapter, external_id__in=[key for _table, key in foreign])
    handed = {(one.table, one.external_id): one for one in former if (one.table, one.external_id) in foreign}
    for known, one in handed.items():
        ExchangeRow.objects.filter(pk=one.pk).update(subject_id=foreign[known])
    new = [
        ExchangeRow(
            **scope, adapter=adapter, file_id=file_id, table=table, place=records.tables()[table].order, subject_id=pk,
            external_id=keys[table, pk], created_by=by, changed_by=by, changed_at=now, waiting_since=now,
            next_try_at=now,
        )
        for table, pk in pairs
        if (table, keys[table, pk]) not in handed
    ]  # fmt: skip
    ExchangeRow.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
    return new


def _again(rows: QuerySet[ExchangeRow], *, now: datetime, by: str | None = None) -> int:
    """Let rows wait for their next turn at once. :param by: who changed the record; None where nobody did.

    The time of change that is told never goes back, and after what went up already it goes on by a second at least,
    which is what records tell: a receiver leaves what is no newer.
    """
    since = Case(When(state=SendState.WAITING, then=F("waiting_since")), default=Value(now))
    later = Greatest(F("changed_at") + timedelta(seconds=1), Value(now))
    at = Case(When(sent_revision=F("revision"), then=later), default=Greatest(F("changed_at"), Value(now)))
    changed = {} if by is None else {"changed_by": by, "changed_at": at}
    return rows.update(
        state=SendState.WAITING, revision=F("revision") + 1, waiting_since=since, next_try_at=now, tries=0, code=None,
        reason="", **changed,
    )  # fmt: skip


def call_outside(table: str, subject_id: uuid.UUID, key: uuid.UUID) -> None:
    """Let a record go up under the key by which it came, as long as it did not go up under its own.

    A key is never used for a second row: where it went up for a record that ended, its row goes on for this one.
    """
    for row in ExchangeRow.objects.filter(table=table, subject_id=subject_id, push_count=0).exclude(external_id=key):
        former = ExchangeRow.objects.filter(adapter=row.adapter_id, table=table, external_id=key)
        if former.exists():
            row.delete()
            former.update(subject_id=subject_id)
            _again(former, now=row.changed_at, by=row.changed_by)
        else:
            ExchangeRow.objects.filter(pk=row.pk).update(external_id=key)


def resend(*, actor: Actor, row: ExchangeRow, now: datetime) -> ExchangeRow:
    """Let one row go again at once (重新上报). :raises Conflict: it is gone, or its way up has ended."""
    require_manager(actor, row.file)
    with transaction.atomic():
        if not _again(_live(ExchangeRow.objects.visible_to(actor).filter(pk=row.pk)), now=now):
            raise Conflict(_("该记录已不在上报队列中，或对接已停止。"))
        journal.record(
            actor=actor, act="hazards.exchange.resend", subject_type=ExchangeRow._meta.label_lower, subject_id=row.pk,
            org_id=row.file_id, facts={"table": row.table, "key": row.external_id}, now=now,
        )  # fmt: skip
    row.refresh_from_db()
    return row


def resend_all(*, actor: Actor, adapter: ExchangeAdapter, keys: Iterable[tuple[str, uuid.UUID]], now: datetime) -> int:
    """Let the rows of these tables and outside keys go again, e.g. what a comparison found; returns how many.

    :raises NotPermitted: the way up is another's. :raises Conflict: it has ended.
    """
    require_manager(actor, adapter.file)
    _need_live(adapter)
    by_table: dict[str, list[uuid.UUID]] = {}
    for table, key in keys:
        by_table.setdefault(table, []).append(key)
    rows = _live(ExchangeRow.objects.filter(adapter=adapter))
    with transaction.atomic():
        done = sum(_again(rows.filter(table=table, external_id__in=each), now=now) for table, each in by_table.items())
        journal.record(
            actor=actor, act="hazards.exchange.resend_all", subject_type=ExchangeAdapter._meta.label_lower,
            subject_id=adapter.pk, org_id=adapter.owner_org_id, facts={"rows": done}, now=now,
        )  # fmt: skip
    return done


def _live(rows: QuerySet[ExchangeRow]) -> QuerySet[ExchangeRow]:
    return rows.filter(adapter__ended_at__isnull=True)


def _need_live(adapter: ExchangeAdapter) -> None:
    if not live_adapters().filter(pk=adapter.pk).exists():
        raise Conflict(_("该对接已停止，队列只能查阅。"))


def fill(*, actor: Actor, adapter: ExchangeAdapter, now: datetime) -> int:
    """Put everything that stands of an enterprise into its queue, once (全部排队): for a way that is new.

    Rows that are in it already stay as they are. Returns how many were added. :raises Conflict: it has ended.
    """
    require_manager(actor, adapter.file)
    _need_live(adapter)
    records = records_of(adapter)
    files = [adapter.file] if adapter.file is not None else _files_without_own(adapter.family)
    added = 0
    with transaction.atomic():
        for file in files:
            for table in records.tables():
                there = ExchangeRow.objects.filter(adapter=adapter, file=file, table=table)
                known = set(there.values_list("subject_id", flat=True))
                pairs = [(table, pk) for pk in records.keys_of_file(file, table) if pk not in known]
                added += put(adapter=adapter, file_id=file.pk, pairs=pairs, by=actor.name, now=now)
        journal.record(
            actor=actor, act="hazards.exchange.fill", subject_type=ExchangeAdapter._meta.label_lower,
            subject_id=adapter.pk, org_id=adapter.owner_org_id, facts={"rows": added}, now=now,
        )  # fmt: skip
    return added


def _files_without_own(family: str) -> list[Enterprise]:
    own = live_adapters().filter(file__isnull=False, family=family).values("file")
    return list(Enterprise.objects.filter(merged_into__isnull=True).exclude(pk__in=own).order_by("pk"))
