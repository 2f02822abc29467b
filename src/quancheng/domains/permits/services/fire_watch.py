"""Watching for fire after hot work (监火计时): begun and ended with a photo; accepted after that alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import FireWatch, Permit
from quancheng.domains.permits.queries.fire_watch import CLAUSE, ENDS, STARTS, Watch, watch_of
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.services.checking import note, require_own, require_state
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, Text
from quancheng.kernel.files.queries import files_by_id, files_of
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once

LONGEST_MIN = 240


def begin_watch(
    *, actor: Actor, permit: Permit, watcher: str, minutes: int, photos: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Permit:  # fmt: skip
    """Hot work ended; somebody watches from now on, and took a photo.

    :param minutes: never fewer than the enterprise's. :raises Invalid: by field. :raises Conflict: it began already.
    """
    who = clean(watcher)[:60]

    def do() -> None:
        known = _required(permit, now)
        wrong: dict[str, Text] = {}
        if not who:
            wrong["watcher"] = _("请填写此项。")
        if not known.minutes <= minutes <= LONGEST_MIN:
            wrong["minutes"] = _("应在%(least)s到%(most)s之间。") % {"least": known.minutes, "most": LONGEST_MIN}
        if wrong:
            raise Invalid(fields=wrong)
        try:
            with transaction.atomic():
                FireWatch.objects.create(
                    permit=permit, watcher=who, minutes=minutes, begun_by=actor.name, begun_at=now
                )
        except IntegrityError as twice:
            raise Conflict(_("监火已经开始。")) from twice
        attach_files(actor=actor, row=permit, file_ids=list(photos), now=now, role=STARTS)
        note(actor, "permits.fire_watch.begin", permit, now, {"minutes": minutes})

    return _act(actor, permit, "begin", {"watcher": who, "minutes": minutes}, photos, now, client_id, do)


def end_watch(
    *, actor: Actor, permit: Permit, words: str, photos: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Permit:  # fmt: skip
    """No fire is left, as a photo shows that is none of those of the beginning.

    :raises Invalid: by field. :raises Conflict: the time is not over, or nobody began.
    """
    said = clean(words)[:500]

    def do() -> None:
        known = _required(permit, now)
        if known.row is None or known.row.ended_at is not None:
            raise Conflict(_("监火没有开始，或已经结束。"))
        if not said:
            raise Invalid(fields={"words": _("请填写此项。")})
        _require_over(known, now)
        FireWatch.objects.filter(pk=known.row.pk).update(ended_by=actor.name, ended_at=now, note=said)
        before = {one.file.original_digest for one in files_of(permit, role=STARTS)}
        if before & {one.original_digest for one in files_by_id(photos)}:
            words = _("结束照片不能与开始照片相同，请重新拍摄（%(clause)s）。")
            raise Invalid(fields={"photos": words % {"clause": CLAUSE}})
        attach_files(actor=actor, row=permit, file_ids=list(photos), now=now, role=ENDS)
        note(actor, "permits.fire_watch.end", permit, now, {"note": said})

    return _act(actor, permit, "end", {"words": said}, photos, now, client_id, do)


def _act(
    actor: Actor, permit: Permit, name: str, told: dict[str, object], photos: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None, do: Callable[[], None],
) -> Permit:  # fmt: skip
    require_own(actor, permit.file, WORK)
    files = files_by_id(photos)
    if not files or not all(one.media_type.startswith("image/") for one in files):
        raise Invalid(fields={"photos": _("请拍摄现场照片（%(clause)s）。") % {"clause": CLAUSE}})
    # Photos are uploaded anew with each request.
    act_once(
        actor=actor, row=permit, act=f"permits.fire_watch.{name}", body=told, now=now, client_id=client_id, do=do
    )
    return permit


def _required(permit: Permit, now: datetime) -> Watch:
    """:raises Conflict: no hot work. :raises StaleState: it has not ended, or was accepted."""
    require_state(permit, "FINISHED")
    found = watch_of(permit, now)
    if found is None:
        raise Conflict(_("只有动火作业须监火。"))
    return found


def _require_over(known: Watch, now: datetime) -> None:
    if now < known.until:
        raise Conflict(
            _("动火结束后须监火%(minutes)s分钟，还差%(left)s分钟，确认无残火后再验收。")
            % {"minutes": known.minutes, "left": known.left_min(now)}
        )


def require_watched(permit: Permit, now: datetime) -> None:
    """Before hot work is accepted.

    :raises Conflict: the time is not over; or a watch that began, or that the enterprise asks for, was not ended.
    """
    known = watch_of(permit, now)
    if known is None:
        return
    _require_over(known, now)
    row = known.row
    if row is None and known.is_asked:
        raise Conflict(_("本单位要求监火起止拍照，还没有登记监火（%(clause)s）。") % {"clause": CLAUSE})
    if row is not None and row.ended_at is None:
        raise Conflict(_("监火还没有拍照结束（%(clause)s）。") % {"clause": CLAUSE})
