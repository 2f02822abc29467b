"""Recording acts, sealing them into chains, and the nightly root over all chains."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import digest_of, plain
from quancheng.kernel.ids import uuid7
from quancheng.kernel.journal.models import JournalEntry, JournalRoot, JournalSeal, JournalWaiting

HOUSE = "house"
GENESIS = "0" * 64
_SEALER_LOCK = 0x51434A53  # one sealer at a time, whatever the number of workers


def record(
    *,
    actor: Actor,
    act: str,
    now: datetime,
    subject_type: str = "",
    subject_id: uuid.UUID | None = None,
    org_id: uuid.UUID | None = None,
    facts: Mapping[str, Any] | None = None,
) -> uuid.UUID:
    """Write one entry in the caller's transaction and return its id.

    :param org_id: whose chain; the actor's organisation where none is given.
    :param facts: plain facts; whoever calls puts personal fields in as keyed digests (:func:`keyed`).
    :raises RuntimeError: outside a transaction, where the entry could outlive a failed act.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a journal entry belongs to the transaction of its act")
    entry = JournalEntry(
        id=uuid7(),
        org_id=org_id or actor.organisation_id,
        at=now,
        actor_kind=actor.kind,
        user_id=actor.user_id,
        actor_org_id=actor.organisation_id,
        system_name=actor.name if actor.is_system else "",
        act=act,
        subject_type=subject_type,
        subject_id=subject_id,
        facts=plain(dict(facts or {})),
    )
    entry.digest = entry_digest(entry)
    entry.save(force_insert=True)
    JournalWaiting.objects.create(entry=entry)
    return entry.id


def entry_body(entry: JournalEntry) -> dict[str, Any]:
    """What an entry's digest is made of: its own fields, everything but its place in the table."""
    names = (
        "id", "org_id", "at", "actor_kind", "user_id", "actor_org_id", "system_name",
        "act", "subject_type", "subject_id", "facts",
    )  # fmt: skip
    return {name: getattr(entry, name) for name in names}


def entry_digest(entry: JournalEntry) -> str:
    """The digest that an entry's own fields give."""
    return digest_of(entry_body(entry))


def chain_digest(previous: str, number: int, digest: str) -> str:
    """The chain's digest after one more entry."""
    return hashlib.sha256(f"{previous}\n{number}\n{digest}".encode()).hexdigest()


def chain_of(entry: JournalEntry) -> str:
    return str(entry.org_id) if entry.org_id else HOUSE


def seal(*, now: datetime, limit: int = 5000) -> int:
    """Give waiting entries their numbers and chain digests; returns how many. Only one sealer works at a time."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SEALER_LOCK])
            if not cursor.fetchone()[0]:
                return 0
        waiting = list(JournalWaiting.objects.order_by("entry_id").values_list("entry_id", flat=True)[:limit])
        if not waiting:
            return 0
        entries = list(JournalEntry.objects.filter(seq__in=waiting).order_by("seq"))
        heads = _heads({chain_of(entry) for entry in entries})
        seals = []
        for entry in entries:
            chain = chain_of(entry)
            number, previous = heads.get(chain, (0, GENESIS))
            heads[chain] = (number + 1, chain_digest(previous, number + 1, entry.digest))
            seals.append(
                JournalSeal(entry=entry, chain=chain, number=number + 1, chain_digest=heads[chain][1], sealed_at=now)
            )
        JournalSeal.objects.bulk_create(seals)
        JournalWaiting.objects.filter(entry_id__in=waiting).delete()
        return len(seals)


def _heads(chains: set[str]) -> dict[str, tuple[int, str]]:
    """Last number and digest of some chains: one index look-up each, however long they are."""
    heads = {}
    for chain in chains:
        last = JournalSeal.objects.filter(chain=chain).order_by("-number").values_list("number", "chain_digest").first()
        if last is not None:
            heads[chain] = last
    return heads


def all_heads() -> dict[str, tuple[int, str]]:
    """The last number and digest of every chain."""
    return _heads(set(JournalSeal.objects.order_by().values_list("chain", flat=True).distinct()))


def make_root(*, now: datetime, folder: Path | None = None) -> JournalRoot:
    """Form the root over the heads of all chains and keep it outside the database too, one file a night."""
    heads = {chain: [number, digest] for chain, (number, digest) in sorted(all_heads().items())}
    root = JournalRoot.objects.create(made_at=now, heads=heads, digest=digest_of({"at": now, "heads": heads}))
    place = folder or Path(settings.ROOTS_DIR)
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"root-{now:%Y%m%dT%H%M%SZ}.json"
    content = {"made_at": plain(now), "heads": heads, "digest": root.digest}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return root
