"""How a worker does long work: as the person who asked, with progress that others see, one end and no second one."""

from __future__ import annotations

import logging
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.errors import DomainError, NotPermitted
from quancheng.kernel.files import services as files
from quancheng.kernel.longwork.ending import OutOfTime, break_off
from quancheng.kernel.longwork.kinds import Cancelled, Kind, Outcome, Progress, Run, kind_of
from quancheng.kernel.longwork.models import LongWork, State
from quancheng.kernel.longwork.queries import RESULT
from quancheng.kernel.notices.services import notify
from quancheng.kernel.pages.errors import new_incident
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership

log = logging.getLogger("quancheng.longwork")
#: How often the database hears of progress, and the worker of a cancellation.
TELL_S = 1.0


def run_work(*, work_id: uuid.UUID, now: datetime) -> None:
    """Do a piece of long work; what was begun before and not ended is begun anew. Ended work is left alone."""
    work = _take(work_id, now)
    if work is None:
        return
    kind = kind_of(work.kind)
    with override(work.language):
        try:
            if kind is None:
                raise DomainError(_("系统升级后不再支持此类任务，请重新提交。"))
            _do(work, kind, _actor_of(work, now), now)
        except Cancelled:
            return
        except DomainError as refused:
            sentences = [str(refused.message), *map(str, refused.fields.values())]
            _fail(work, "\n".join(dict.fromkeys(sentences)))
        except OutOfTime:
            # The order to break off the query may still be under way to the old one.
            connection.close()
            _fail(work, _("超过时限（%(minutes)s分钟），已被终止。") % {"minutes": (kind.limit_s if kind else 0) // 60})
            raise
        except Exception:
            incident = new_incident()
            log.exception("incident %s in long work %s (%s)", incident, work.pk, work.kind)
            _fail(work, _("系统出现故障，任务没有完成。事件编号：%(incident)s") % {"incident": incident})


def _take(work_id: uuid.UUID, now: datetime) -> LongWork | None:
    mine = LongWork.objects.filter(pk=work_id).open()
    if not mine.update(state=State.RUNNING, attempt=F("attempt") + 1, began_at=now, done=0, total=None):
        return None
    return LongWork.objects.select_related("membership__user", "membership__organisation__area").get(pk=work_id)


def _actor_of(work: LongWork, now: datetime) -> Actor:
    """Whoever asked, as he is today: :raises NotPermitted: his place ended meanwhile."""
    if not Membership.objects.current().filter(pk=work.membership_id).exists():
        raise NotPermitted(_("提交该任务的任职或账号已经终止，任务没有执行。"))
    actor = actor_for(work.membership, now=now)
    return replace(
        actor,
        duties=actor.duties & frozenset(work.powers["duties"]),
        is_chief=actor.is_chief and work.powers["is_chief"],
    )


def _do(work: LongWork, kind: Kind, actor: Actor, now: datetime) -> None:
    with _folder() as folder, _told(work) as progress:
        run = Run(work_id=work.pk, actor=actor, params=work.params, now=now, folder=folder, progress=progress)
        try:
            with transaction.atomic() if kind.is_atomic else nullcontext():
                outcome = kind.run(run)
                made = files.stage_made(outcome.file) if outcome.file else ""
                with transaction.atomic():
                    _finish(work, actor, outcome, made, progress)
        except DatabaseError as failure:
            # A query of cancelled work is broken off.
            if progress.gone.is_set():
                raise Cancelled from failure
            raise


def _finish(work: LongWork, actor: Actor, outcome: Outcome, digest: str, progress: Progress) -> None:
    now = timezone.now()
    if outcome.finish is not None:
        outcome.finish()
    if outcome.file is not None:
        files.hold_made(
            actor=actor, row=work, path=outcome.file, digest=digest, name=outcome.name,
            media_type=outcome.media_type, role=RESULT, now=now,
        )  # fmt: skip
    won = _mine(work).update(
        state=State.DONE,
        ended_at=now,
        done=progress.done,
        total=progress.done if progress.total is None else progress.total,
        message=outcome.message,
        link=outcome.link,
        expires_at=now + timedelta(days=settings.RESULT_DAYS) if outcome.file else None,
    )
    if won != 1:
        raise Cancelled
    _tell_owner(work, "longwork.done", now)


def _fail(work: LongWork, message: str) -> None:
    now = timezone.now()
    with transaction.atomic():
        if _mine(work).update(state=State.FAILED, ended_at=now, message=message):
            _tell_owner(work, "longwork.failed", now)


def _mine(work: LongWork) -> QuerySet[LongWork]:
    """The row as long as this run has it: not cancelled, not begun anew by another worker."""
    return LongWork.objects.filter(pk=work.pk, state=State.RUNNING, attempt=work.attempt)


def _tell_owner(work: LongWork, kind: str, now: datetime) -> None:
    notify(
        users=[work.user_id], kind=kind, data={"title": work.title}, now=now,
        subject_type=subject_type_of(LongWork), subject_id=work.pk,
    )  # fmt: skip


@contextmanager
def _folder() -> Iterator[Path]:
    """Below the state folder, on the disk that is watched; what a killed worker left there is cleared by the clock."""
    with tempfile.TemporaryDirectory(dir=files.spool(), prefix="work-") as name:
        yield Path(name)


@contextmanager
def _told(work: LongWork) -> Iterator[Progress]:
    """Progress that a second thread writes down once a second, on a connection of its own: the work may be in a
    transaction whose rows nobody sees yet. Work of less than a second asks nothing of the database."""
    progress, ended, working = Progress(), threading.Event(), connections["default"]

    def tell() -> None:
        told: tuple[int, int | None] = (0, None)
        try:
            while not ended.wait(TELL_S):
                now = (progress.done, progress.total)
                rows = _mine(work)
                stands = rows.update(done=now[0], total=now[1]) if now != told else rows.exists()
                told = now
                if not stands and LongWork.objects.filter(pk=work.pk).exists():
                    progress.gone.set()
                    break_off(working.connection)
                    return
        except DatabaseError:
            # Nobody sees how far it is, and it goes on.
            log.warning("the progress of long work %s could not be written", work.pk, exc_info=True)
        finally:
            connection.close()

    teller = threading.Thread(target=tell, name=f"progress-{work.pk}", daemon=True)
    teller.start()
    try:
        yield progress
    finally:
        ended.set()
        teller.join()
