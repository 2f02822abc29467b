"""The same request twice acts once: creates and moves accept an identifier that the client made."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction
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


def act_once(
    *,
    actor: Actor,
    row: models.Model,
    act: str,
    body: Mapping[str, Any],
    now: datetime,
    client_id: uuid.UUID | None,
    do: Callable[[], object],
    lock: bool = True,
) -> None:
    """Do something with a row that stands, once per request, in one transaction; the row is refreshed in place.

    The same request again does none of it, whatever came since, and is not refused for what the first one changed:
    whether it may be done, which move it is and what follows from it are all in ``do``.

    :param body: what the person gave, before anything is filled in; no files, which are uploaded anew each time.
    :param do: moves without the client's identifier, which is used up here.
    :param lock: whether ``do`` finds the row locked and read anew; without it ``do`` takes the locks in its own order.
    """

    def make() -> uuid.UUID:
        if lock:
            type(row)._default_manager.select_for_update(no_key=True).filter(pk=row.pk).values_list("pk").get()
            row.refresh_from_db()
        do()
        key: uuid.UUID = row.pk
        return key

    with transaction.atomic():
        once(actor=actor, client_id=client_id, act=act, body={"row": row.pk, **body}, now=now, make=make)
    row.refresh_from_db()
