"""Large batches of enterprises' own systems (接入大批次): kept sealed at once, judged by a worker, asked for later.

The house's long work is a person's, with his place and his list; a system has neither, so its batches have a queue of
their own. Rows that were judged and how far the batch is stand or fall together: whoever is killed goes on there.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from quancheng.domains.hazards.models import ExchangeApplication, IntakeBatch
from quancheng.domains.hazards.services.exchange_intake import CHUNK, note_call, take_chunk
from quancheng.kernel.errors import TooMany
from quancheng.kernel.vault import services as vault

log = logging.getLogger("quancheng.hazards.exchange")
KIND = "exchange_rows"
#: Rows that are judged while the caller waits: a few seconds. [D]
AT_ONCE = 500
#: Batches of one system that may wait. [D]
MOST_OPEN = 20
#: Starts without a row judged after which a batch is given up.
MOST_TRIES = 5


def keep_batch(
    *, application: ExchangeApplication, code: str, rows: Sequence[Any], batch: str, now: datetime
) -> IntakeBatch:
    """Keep a batch for a worker, who is at it within a minute; the one that waits already, where it is told again.

    :raises TooMany: too many of this system wait.
    """
    with transaction.atomic():
        ExchangeApplication.objects.select_for_update(no_key=True).filter(pk=application.pk).values_list("pk").get()
        waiting = IntakeBatch.objects.filter(application=application, ended_at__isnull=True)
        known = waiting.filter(table=code, data_id=batch).defer("rows").first() if batch else None
        if known is not None:
            return known
        if waiting.count() >= MOST_OPEN:
            raise TooMany
        sealed = vault.seal_bytes(KIND, json.dumps(list(rows)).encode())
        return IntakeBatch.objects.create(
            application=application, table=code, data_id=batch, rows=sealed, row_count=len(rows), received_at=now
        )


def open_applications() -> list[uuid.UUID]:
    """Systems of which a batch waits: each has one worker at a time, so that parents are judged before children."""
    rows = IntakeBatch.objects.filter(ended_at__isnull=True).order_by("application").distinct("application")
    return list(rows.values_list("application", flat=True))


def take_batches(*, application_id: uuid.UUID, now: datetime) -> int:
    """Judge what waits of one system, in the order in which it came; returns how many batches ended."""
    ended = 0
    waiting = IntakeBatch.objects.filter(application=application_id, ended_at__isnull=True)
    while (pk := waiting.order_by("received_at", "pk").values_list("pk", flat=True).first()) is not None:
        _take_batch(pk, now)
        ended += 1
    return ended


def _take_batch(pk: uuid.UUID, now: datetime) -> None:
    IntakeBatch.objects.filter(pk=pk).update(tries=F("tries") + 1)
    row = IntakeBatch.objects.select_related("application__file__enterprise").get(pk=pk)
    if row.tries > MOST_TRIES or row.application.revoked_at is not None:
        log.warning("batch %s of %s ended after %s of %s rows", pk, row.application_id, row.done_count, row.row_count)
        return _end(row, now)
    rows = json.loads(vault.open_bytes(KIND, bytes(row.rows)))
    while row.done_count < row.row_count:
        with transaction.atomic():
            # Of two workers the second finds where the first is.
            locked = IntakeBatch.objects.select_for_update(no_key=True, of=("self",)).defer("rows")
            row = locked.select_related("application__file__enterprise").get(pk=pk)
            chunk = rows[row.done_count : row.done_count + CHUNK]
            if row.ended_at is not None or not chunk:
                break
            found = take_chunk(
                application=row.application, code=row.table, rows=chunk, batch=row.data_id, now=now
            )  # fmt: skip
            row.done_count += len(chunk)
            row.refused_count += sum(1 for one in found if one.code)
            row.results += [one.as_dict() for one in found if one.code or one.message]
            row.tries = 0
            row.save(update_fields=["done_count", "refused_count", "results", "tries"])
    return _end(row, now)


def _end(row: IntakeBatch, now: datetime) -> None:
    """Its rows go: what they became stands where they stand."""
    with transaction.atomic():
        if IntakeBatch.objects.filter(pk=row.pk, ended_at__isnull=True).update(ended_at=now, rows=b""):
            counts = (row.done_count, row.refused_count)
            note_call(application=row.application, code=row.table, batch=row.data_id, counts=counts, now=now)
