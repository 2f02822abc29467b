"""The pack (离线数据包): what a phone takes along for days without signal. Each room adds its part."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import get_language

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.work import queries as work

#: Plain data that the actor may see, in a total order, the same for the same rows.
Part = Callable[[Actor, datetime], Mapping[str, Any]]

#: Owed steps that are taken along.
MOST_ITEMS = 200

_parts: dict[str, Part] = {}


def register_part(name: str, part: Part) -> None:
    """Let a room add to the pack; called from an app's ``ready``. :raises ValueError: another one has this name."""
    if _parts.setdefault(name, part) is not part:
        raise ValueError(f"the pack has a part {name!r} already")


def register_own() -> None:
    """The kernel's own part."""
    register_part("work", _work)


def pack_for(*, actor: Actor, now: datetime) -> tuple[bytes, str]:
    """The whole pack of an actor as JSON in UTF-8, written once: a pack has megabytes; and its tag, which changes with
    anything in it, the reader's language included."""
    parts = {name: _parts[name](actor, now) for name in sorted(_parts)}
    whole = json.dumps(parts, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True).encode()
    tag = hashlib.sha256(whole)
    tag.update(f"\n{actor.membership_id}\n{get_language()}".encode())
    return whole, tag.hexdigest()[:32]


def _work(actor: Actor, now: datetime) -> dict[str, Any]:
    """What waits for this person, the most urgent first."""
    rows = list(work.list_my_items(actor=actor)[: MOST_ITEMS + 1])
    return {
        "items": [
            {
                "id": row.pk, "title": row.title, "subject_type": row.subject_type, "subject_id": row.subject_id,
                "due_at": row.due_at,
            }
            for row in rows[:MOST_ITEMS]
        ],
        "more": len(rows) > MOST_ITEMS,
    }  # fmt: skip
