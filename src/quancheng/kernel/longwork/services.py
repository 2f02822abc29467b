"""Asking for long work, and taking the wish back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.canonical import plain
from quancheng.kernel.errors import NotPermitted, StaleState, TooMany
from quancheng.kernel.longwork.kinds import kind_of
from quancheng.kernel.longwork.models import LongWork, State
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.people.models import User

#: What one person may have waiting and running at once.
MOST_OPEN = 5


def start_work(
    *,
    actor: Actor,
    kind: str,
    title: str,
    params: Mapping[str, Any],
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> LongWork:
    """Queue long work in the caller's transaction; it runs as this actor, who is asked for anew when it begins.

    :param kind: declared by :func:`quancheng.kernel.longwork.kinds.register_kind`; its duty was asked for.
    :param title: what the owner reads in his list.
    :raises TooMany: the person has as much under way as he may.
    """
    declared = kind_of(kind)
    if declared is None:
        raise LookupError(f"nobody declared long work of the kind {kind}")
    user, membership = actor.user_id, actor.membership_id
    if user is None or membership is None:
        raise NotPermitted
    from quancheng.kernel.longwork.jobs import run

    def make() -> uuid.UUID:
        # Of two requests at once the second counts what the first began.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user)
        if LongWork.objects.filter(user=user).open().count() >= MOST_OPEN:
            raise TooMany(_("您已有%(count)s项后台任务未结束，请等待其完成或取消后再提交。") % {"count": MOST_OPEN})
        work = LongWork(
            user_id=user,
            membership_id=membership,
            kind=kind,
            title=clean(title)[:200],
            params=plain(dict(params)),
            powers={"duties": sorted(actor.duties), "is_chief": actor.is_chief},
            language=get_language() or "zh-hans",
            created_at=now,
        )
        work.job_id = run.defer(work_id=str(work.pk), limit_s=declared.limit_s)
        work.save(force_insert=True)
        journal.record(
            actor=actor, act="longwork.start", subject_type=subject_type_of(LongWork), subject_id=work.pk, now=now,
            facts={"kind": kind},
        )  # fmt: skip
        return work.pk

    body = {"kind": kind, "params": plain(dict(params))}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="longwork.start", body=body, now=now, make=make)
        return LongWork.objects.get(pk=pk)


def cancel_work(*, actor: Actor, work: LongWork, now: datetime) -> LongWork:
    """Cancel one's own; a worker that is at it hears of it within a second or two and leaves nothing behind.

    :raises StaleState: it has ended.
    """
    with transaction.atomic():
        won = LongWork.objects.visible_to(actor).open().filter(pk=work.pk).update(state=State.CANCELLED, ended_at=now)
        if won != 1:
            raise StaleState(_("该任务已经结束，无需取消。"))
        journal.record(
            actor=actor, act="longwork.cancel", subject_type=subject_type_of(LongWork), subject_id=work.pk, now=now,
            facts={"kind": work.kind},
        )  # fmt: skip
    work.refresh_from_db()
    return work
