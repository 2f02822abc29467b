"""The same request twice acts once: creates and moves accept an identifier that the client made."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import ClientAct
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import Conflict


def once(
    *,
    actor: Actor,
    client_id: uuid.UUID | None,
    act: str,
    body: Mapping[str, Any],
    now: datetime,
    make: Callable[[], uuid.UUID],
) -> tuple[uuid.UUID, bool]:
    """Do ``make`` unless this identifier did it before; returns (what it made, whether now).

    Two simultaneous requests: the second waits for the first's transaction and then gets its result. A refusal
    inside ``make`` leaves no trace, so the same identifier may be tried again.

    :param body: what was asked for, as plain data; another body under the same identifier is refused.
    :raises Conflict: another body, act or person under the same identifier.
    """
    if client_id is None:
        return make(), True
    digest = digest_of(dict(body))
    with transaction.atomic():
        mark = ClientAct(id=client_id, user_id=actor.user_id, act=act, body_digest=digest, at=now)
        inserted = ClientAct.objects.bulk_create([mark], ignore_conflicts=True)
        stored = ClientAct.objects.select_for_update().get(pk=inserted[0].pk)
        if (stored.user_id, stored.act, stored.body_digest) != (actor.user_id, act, digest):
            raise Conflict(_("该请求标识已用于另一项内容不同的提交，请重新操作。"), code="client_id_reused")
        if stored.subject_id is not None:
            return stored.subject_id, False
        subject_id = make()
        ClientAct.objects.filter(pk=client_id).update(subject_id=subject_id)
        return subject_id, True
