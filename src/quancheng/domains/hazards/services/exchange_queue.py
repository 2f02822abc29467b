"""The queue of records on their way up: filled in the transaction that writes the record."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import CheckRecord, CheckTask, ExchangeAdapter, ExchangeRow, Finding, UnitStop
from quancheng.domains.hazards.models.exchange import SendState
from quancheng.domains.hazards.queries.exchange_facts import below, external_keys, keys_of_file
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Measure, RiskEvent, RiskObject, RiskUnit
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict
from quancheng.kernel.events.models import Event
from quancheng.kernel.people.models import User
from quancheng.standards.dual_prevention_exchange import tables

MANAGE, READ = "hazards.exchange.manage", "hazards.exchange.read"
_TABLES: dict[type[models.Model], str] = {
    RiskUnit: "unit", RiskEvent: "event", Measure: "measure", CheckTask: "task", UnitStop: "stop",
    CheckRecord: "record",
}  # fmt: skip


def live_adapters() -> QuerySet[ExchangeAdapter]:
    """Whether anybody is to be told at all: asked for with each event."""
    return ExchangeAdapter.objects.filter(ended_at__isnull=True)


def adapter_of(file_id: uuid.UUID) -> ExchangeAdapter | None:
    """The way up of an enterprise's records: its own, else the district's."""
    rows = live_adapters().filter(Q(file=file_id) | Q(file__isnull=True))
    return rows.order_by(F("file").asc(nulls_last=True), "created_at", "pk").first()


def hear_risk(row: models.Model, file_id: uuid.UUID, actor: Actor, now: datetime) -> None:
    """Listener of the risk list and of checks: what was written, and what ended with it, is to be told."""
    adapter = adapter_of(file_id)
    if adapter is None:
        return
    pairs = [(_TABLES[type(row)], row.pk)] if type(row) in _TABLES else []
    if isinstance(row, RiskObject) or (isinstance(row, RiskUnit | RiskEvent) and row.ended_date is not None):
        pairs += below(row)
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
    then stands."""
    wanted = list(pairs)
    keys = external_keys(wanted) if wanted else {}
    new: list[ExchangeRow] = []
    scope: dict[str, Any] | None = None
    with transaction.atomic():
        for table, pk in wanted:
            if _again(ExchangeRow.objects.filter(adapter=adapter, table=table, subject_id=pk), by=by, now=now):
                continue
            scope = scope or Enterprise.objects.get(pk=file_id).row_scope()
            new.append(ExchangeRow(
                **scope, adapter=adapter, file_id=file_id, table=table, place=tables()[table].order, subject_id=pk,
                external_id=keys[table, pk], created_by=by, changed_by=by, changed_at=now, waiting_since=now,
                next_try_at=now,
            ))  # fmt: skip
        # Two at once: the second finds the first's row, which waits as well.
        ExchangeRow.objects.bulk_create(new, ignore_conflicts=True)
    return len(wanted)


def _again(rows: QuerySet[ExchangeRow], *, by: str, now: datetime) -> int:
    since = Case(When(state=SendState.WAITING, then=F("waiting_since")), default=Value(now))
    return rows.update(
        state=SendState.WAITING, revision=F("revision") + 1, changed_by=by, changed_at=now, waiting_since=since,
        next_try_at=now, tries=0, code=None, reason="",
    )  # fmt: skip


def resend(*, actor: Actor, row: ExchangeRow, now: datetime) -> ExchangeRow:
    """Let one row go again at once (重新上报). :raises Conflict: it waits for nothing but its turn."""
    actor.require(MANAGE)
    with transaction.atomic():
        seen = ExchangeRow.objects.visible_to(actor).filter(pk=row.pk)
        if not seen.update(
            state=SendState.WAITING, revision=F("revision") + 1, waiting_since=now, next_try_at=now, tries=0,
            code=None, reason="",
        ):  # fmt: skip
            raise Conflict(_("该记录已不在上报队列中。"))
        journal.record(
            actor=actor, act="hazards.exchange.resend", subject_type=ExchangeRow._meta.label_lower, subject_id=row.pk,
            org_id=row.file_id, facts={"table": row.table, "key": row.external_id}, now=now,
        )  # fmt: skip
    row.refresh_from_db()
    return row


def resend_all(*, actor: Actor, adapter: ExchangeAdapter, keys: Iterable[tuple[str, uuid.UUID]], now: datetime) -> int:
    """Let the rows of these tables and outside keys go again, e.g. what a comparison found; returns how many."""
    actor.require(MANAGE)
    done = 0
    with transaction.atomic():
        for table, key in keys:
            done += ExchangeRow.objects.filter(adapter=adapter, table=table, external_id=key).update(
                state=SendState.WAITING, revision=F("revision") + 1, waiting_since=now, next_try_at=now, tries=0,
                code=None, reason="",
            )  # fmt: skip
        journal.record(
            actor=actor, act="hazards.exchange.resend_all", subject_type=ExchangeAdapter._meta.label_lower,
            subject_id=adapter.pk, org_id=adapter.owner_org_id, facts={"rows": done}, now=now,
        )  # fmt: skip
    return done


def fill(*, actor: Actor, adapter: ExchangeAdapter, now: datetime) -> int:
    """Put everything that stands of an enterprise into its queue, once (全部排队): for a way that is new.

    Rows that are in it already stay as they are. Returns how many were added.
    """
    actor.require(MANAGE)
    files = [adapter.file] if adapter.file is not None else _files_without_own()
    added = 0
    with transaction.atomic():
        for file in files:
            for table in tables():
                there = ExchangeRow.objects.filter(adapter=adapter, file=file, table=table)
                known = set(there.values_list("subject_id", flat=True))
                pairs = [(table, pk) for pk in keys_of_file(file, table) if pk not in known]
                added += put(adapter=adapter, file_id=file.pk, pairs=pairs, by=actor.name, now=now)
        journal.record(
            actor=actor, act="hazards.exchange.fill", subject_type=ExchangeAdapter._meta.label_lower,
            subject_id=adapter.pk, org_id=adapter.owner_org_id, facts={"rows": added}, now=now,
        )  # fmt: skip
    return added


def _files_without_own() -> list[Enterprise]:
    own = live_adapters().filter(file__isnull=False).values("file")
    return list(Enterprise.objects.filter(merged_into__isnull=True).exclude(pk__in=own).order_by("pk"))
