"""Sending what waits: parents first, in batches, each written down before it leaves; and what follows an answer.

A batch is prepared in one transaction, sent outside any, and its answer noted in another. Whoever is killed in between
sends it again: the receiver knows rows by their keys.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import translation
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import ExchangeAdapter, ExchangeBatch, ExchangeRow
from quancheng.domains.hazards.models.exchange import SendState
from quancheng.domains.hazards.queries.exchange_facts import Subject, pictures_of
from quancheng.domains.hazards.services.exchange_families import Records, records_of
from quancheng.domains.hazards.services.exchange_queue import MANAGE, live_adapters
from quancheng.kernel.addresses import RefusedAddress
from quancheng.kernel.exchange.upward.transport import Peer, Told, send
from quancheng.kernel.notices.services import notify, people_for
from quancheng.kernel.pages.words import told as in_language
from quancheng.kernel.vault import services as vault
from quancheng.standards.dual_prevention_exchange import Fault, reject_text

SECRET_KIND = "exchange"  # noqa: S105 - the name of a kind
#: Minutes until the next attempt after each failed one; from then on hourly.
WAITS_MIN = (1, 5, 30, 60)
#: Without success for so long, people are told: missing data count as missing work.
ALARM_AFTER = timedelta(hours=24)
#: Batches that one run sends of one adapter, so that others get their turn.
MOST_BATCHES = 200
STUCK = "hazards.exchange_stuck"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch that was written down and may leave: what to do with each row, and the row."""

    batch: ExchangeBatch
    rows: list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class _Going:
    """A row that may go: what to do with it, its record, and how it is written."""

    row: ExchangeRow
    act: str
    subject: Subject
    sent: dict[str, Any]


def due_adapters(now: datetime) -> list[uuid.UUID]:
    """Adapters that are on and have something to send."""
    waiting = ExchangeRow.objects.filter(state=SendState.WAITING, next_try_at__lte=now).values("adapter")
    return list(live_adapters().filter(is_on=True, pk__in=waiting).order_by("pk").values_list("pk", flat=True))


def send_due(*, adapter_id: uuid.UUID, now: datetime) -> int:
    """Send what is due of one adapter; returns the number of batches. One run at a time of each adapter: the caller's
    lock sees to that, and two at once would only send twice."""
    sent = 0
    known = live_adapters().filter(pk=adapter_id, is_on=True).first()
    for code in records_of(known).tables() if known is not None else ():
        while sent < MOST_BATCHES:
            adapter = live_adapters().filter(pk=adapter_id, is_on=True).first()
            prepared = None if adapter is None else prepare(adapter=adapter, code=code, now=now)
            if adapter is None or prepared is None:
                break
            told = tell(adapter, prepared)
            note(batch=prepared.batch, told=told, now=now)
            sent += 1
            if told.failure:
                # The peer is away: the tables that follow would wait for their parents anyway.
                return sent
    return sent


def tell(adapter: ExchangeAdapter, prepared: Prepared) -> Told:
    """Send a batch, outside any transaction."""
    known = records_of(adapter).tables()[prepared.batch.table]
    try:
        return send(peer_of(adapter), known, prepared.batch.data_id, prepared.rows)
    except RefusedAddress as refused:
        keys = frozenset(str(row[known.key]) for _act, row in prepared.rows)
        return Told(failure=str(refused.message), unanswered=keys)


def peer_of(adapter: ExchangeAdapter) -> Peer:
    """The adapter with its keys opened."""
    opened = {name: _open(getattr(adapter, name)) for name in ("key", "secret", "token")}
    return Peer(adapter.variant, adapter.url, adapter.org_code, adapter.cipher, **opened)


def secret_of(adapter: ExchangeAdapter) -> str:
    """The one secret in clear under which a relay signs its receipts; empty where none was agreed."""
    return _open(adapter.secret)


def _open(sealed: str) -> str:
    return vault.reveal(SECRET_KIND, sealed) if sealed else ""


def prepare(*, adapter: ExchangeAdapter, code: str, now: datetime) -> Prepared | None:
    """Write down the next batch of a table and set its rows' next attempt; None where nothing may go.

    Rows whose parents were not taken yet, or that lack something here, stay and say why; those after them are looked
    at in their place.
    """
    due = ExchangeRow.objects.filter(adapter=adapter, table=code, state=SendState.WAITING, next_try_at__lte=now)
    while rows := list(due.select_related("adapter").order_by("changed_at", "pk")[: adapter.batch_rows]):
        with translation.override(settings.LANGUAGE_CODE):
            going = _with_pictures(adapter, code, _sift(adapter, code, rows, now), now)
        if going:
            return _write_down(adapter, code, going, now)
    return None


def _sift(adapter: ExchangeAdapter, code: str, rows: Sequence[ExchangeRow], now: datetime) -> list[_Going]:
    """What of these rows may go, without pictures. Each of the others is put off, refused or dropped."""
    records = records_of(adapter)
    subjects = records.subjects(code, [row.subject_id for row in rows])
    taken = _taken(adapter, subjects.values())
    going: list[_Going] = []
    for row in rows:
        subject = subjects.get(row.subject_id)
        if subject is None or _is_never_told(row, subject):
            ExchangeRow.objects.filter(pk=row.pk, revision=row.revision).delete()
        elif missing := [pair for pair in subject.keys.values() if pair not in taken]:
            names = "、".join(dict.fromkeys(in_language(records.tables()[one].name) for one, _pk in missing))
            _hold(row, subject, 4001, _("等待上级记录被接收：%(names)s") % {"names": names}, now)
        elif subject.gap:
            _hold(row, subject, 4009, subject.gap, now)
        else:
            written = records.write(row, subject)
            if not _stays(row, subject, written.faults, now):
                act = "delete" if subject.is_deleted else "update" if row.accepted_at else "create"
                row.title = subject.title[:200]
                going.append(_Going(row, act, subject, written.row))
    return going


def _with_pictures(adapter: ExchangeAdapter, code: str, going: Sequence[_Going], now: datetime) -> list[_Going]:
    """The same with their pictures; one whose picture no receiver takes stays too."""
    if code != "danger" or not going:
        return list(going)
    pictures, found = pictures_of([one.subject.pk for one in going]), []
    for one in going:
        shown = replace(one.subject, facts=one.subject.facts | pictures[one.subject.pk])
        written = records_of(adapter).write(one.row, shown)
        if not _stays(one.row, one.subject, written.faults, now):
            found.append(replace(one, sent=written.row))
    return found


def _stays(row: ExchangeRow, subject: Subject, faults: Sequence[Fault], now: datetime) -> bool:
    """Whether our own check keeps a row back: it lacks something, or is wrong in a way that time does not mend."""
    wrong = [one for one in faults if one.code not in (4007, 4009)]
    if wrong:
        _refuse(row, subject, wrong[0].code, str(wrong[0].text))
    elif faults:
        _hold(row, subject, 4009, str(faults[0].text), now)
    return bool(faults)


def _is_never_told(row: ExchangeRow, subject: Subject) -> bool:
    """Drafts, and what ended before anybody outside heard of it."""
    return not subject.is_told or (subject.is_deleted and row.accepted_at is None and row.sent_at is None)


def _taken(adapter: ExchangeAdapter, subjects: Any) -> set[tuple[str, uuid.UUID]]:
    """Parents that the receiver has."""
    wanted = {pair for one in subjects for pair in one.keys.values()}
    rows = ExchangeRow.objects.filter(
        adapter=adapter, subject_id__in={pk for _table, pk in wanted}, accepted_at__isnull=False
    )
    return {(code, pk) for code, pk in rows.values_list("table", "subject_id")} & wanted


def _hold(row: ExchangeRow, subject: Subject, code: int, reason: str, now: datetime) -> None:
    """It stays, with its reason, and is looked at again later, or when it changes."""
    wait = timedelta(minutes=1 if code == 4001 else 60)
    ExchangeRow.objects.filter(pk=row.pk, revision=row.revision, state=SendState.WAITING).update(
        next_try_at=now + wait, code=code, reason=reason[:500], title=subject.title[:200]
    )


def _refuse(row: ExchangeRow, subject: Subject, code: int, reason: str) -> None:
    """Our own check refuses it: it would only come back."""
    ExchangeRow.objects.filter(pk=row.pk, revision=row.revision, state=SendState.WAITING).update(
        state=SendState.REJECTED, code=code, reason=reason[:500], title=subject.title[:200]
    )


def _write_down(
    adapter: ExchangeAdapter, code: str, going: Sequence[_Going], now: datetime
) -> Prepared | None:
    """The batch and its rows' next attempt in one transaction; a row that changed meanwhile stays for the next."""
    with transaction.atomic():
        keys = [one.row.pk for one in going]
        locked = ExchangeRow.objects.select_for_update(no_key=True).filter(pk__in=keys, state=SendState.WAITING)
        stands = dict(locked.order_by("pk").values_list("pk", "revision"))
        going = [one for one in going if stands.get(one.row.pk) == one.row.revision]
        if not going:
            return None
        batch = ExchangeBatch.objects.create(adapter=adapter, table=code, row_count=len(going), sent_at=now)
        records: Records = records_of(adapter)
        for row, sent in ((one.row, one.sent) for one in going):
            row.batch, row.sent_at, row.sent_revision = batch, now, row.revision
            row.sent_version = records.version(sent)
            row.next_try_at = now + timedelta(minutes=WAITS_MIN[min(row.tries, len(WAITS_MIN) - 1)])
            row.tries, row.push_count = min(row.tries + 1, 30_000), row.push_count + 1
        fields = ("batch", "sent_at", "sent_revision", "sent_version", "next_try_at", "tries", "push_count", "title")
        ExchangeRow.objects.bulk_update([one.row for one in going], fields, batch_size=500)
        ExchangeAdapter.objects.filter(pk=adapter.pk).update(tried_at=now)
    return Prepared(batch, [(one.act, one.sent) for one in going])


def note(*, batch: ExchangeBatch, told: Told, now: datetime) -> None:
    """Write down what became of a batch. Says nothing of rows that changed since they were sent: they wait anew."""
    mine = ExchangeRow.objects.filter(batch=batch)
    with transaction.atomic():
        answered = mine.exclude(external_id__in=list(told.unanswered)) if told.unanswered else mine
        if told.unanswered:
            # A row sent again meanwhile belongs to another batch and is not touched.
            mine.filter(external_id__in=list(told.unanswered), state=SendState.WAITING).update(
                reason=told.failure[:500], code=None
            )
        if told.is_queued:
            answered.filter(state=SendState.WAITING, revision=F("sent_revision")).update(
                state=SendState.SENT, code=None, reason=""
            )
            counts = (0, 0)
        else:
            counts = _judge(answered, told.rejected, now)
        ExchangeBatch.objects.filter(pk=batch.pk).update(
            answered_at=now if told.status else None, status=told.status, peer_id=told.peer_id,
            message=(told.failure or told.message)[:300], accepted_count=counts[0], rejected_count=counts[1],
        )  # fmt: skip
        adapter = ExchangeAdapter.objects.filter(pk=batch.adapter_id)
        if told.failure:
            adapter.update(failure=told.failure[:200])
            adapter.filter(failing_since__isnull=True).update(failing_since=now)
        else:
            adapter.update(succeeded_at=now, failing_since=None, failure="")


def _judge(rows: Any, rejected: Mapping[str, tuple[int, str]], now: datetime) -> tuple[int, int]:
    """What the receiver took and what it refused, row by row."""
    refused = [key for key in rejected if _is_key(key)]
    good = rows.exclude(external_id__in=refused)
    taken = good.count()
    # The same again moves nothing: since when it has a change is when it took it first.
    same = When(accepted_version=F("sent_version"), accepted_at__gte=F("changed_at"), then=F("accepted_at"))
    good.update(accepted_at=Case(same, default=Value(now)), accepted_version=F("sent_version"))
    good.filter(revision=F("sent_revision")).update(state=SendState.ACCEPTED, code=None, reason="")
    lost = 0
    for key in refused:
        code, reason = rejected[key]
        lost += rows.filter(external_id=key, revision=F("sent_revision")).update(
            state=SendState.REJECTED, code=code or None, reason=(reason or str(reject_text(code)))[:500]
        )
    return taken, lost


def _is_key(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def take_receipt(*, batch: ExchangeBatch, answer: Mapping[str, Any], rejected: Mapping[str, tuple[int, str]],
                 now: datetime) -> None:  # fmt: skip
    """The later receipt of a relay. The same again changes nothing."""
    with transaction.atomic():
        if not ExchangeBatch.objects.filter(pk=batch.pk, receipt_at__isnull=True).update(
            receipt_at=now, message=str(answer.get("message") or "")[:300]
        ):
            return
        counts = _judge(ExchangeRow.objects.filter(batch=batch), rejected, now)
        ExchangeBatch.objects.filter(pk=batch.pk).update(accepted_count=counts[0], rejected_count=counts[1])


def raise_alarms(*, now: datetime) -> int:
    """Tell people of adapters that got nothing through for a day, once until something does; returns of how many."""
    raised, cutoff = 0, now - ALARM_AFTER
    stuck = ExchangeRow.objects.filter(
        Q(state=SendState.WAITING) | Q(state=SendState.SENT), waiting_since__lte=cutoff
    ).exclude(code=4009)
    for adapter in live_adapters().filter(is_on=True).order_by("pk"):
        count = stuck.filter(adapter=adapter).count()
        if not count:
            ExchangeAdapter.objects.filter(pk=adapter.pk, alarmed_at__isnull=False).update(alarmed_at=None)
            continue
        with transaction.atomic():
            if not ExchangeAdapter.objects.filter(pk=adapter.pk, alarmed_at__isnull=True).update(alarmed_at=now):
                continue
            users = set(people_for(organisation_id=adapter.owner_org_id, duty=MANAGE))
            if adapter.file is not None:
                users |= set(people_for(organisation_id=adapter.file.supervisor_id, duty=MANAGE))
            notify(
                users=users, kind=STUCK, data={"title": adapter.name, "count": count}, now=now,
                subject_type=ExchangeAdapter._meta.label_lower, subject_id=adapter.pk,
            )  # fmt: skip
            raised += 1
    return raised
