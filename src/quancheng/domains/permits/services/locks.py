"""Personal locks at points of isolation (个人锁): hung by who works, taken off by himself alone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from quancheng.domains.permits.loops.isolation import STANDING
from quancheng.domains.permits.loops.permit import RUNNING
from quancheng.domains.permits.models import (
    IsolationLink,
    IsolationPoint,
    LinkRole,
    Permit,
    PermitPerson,
    PersonalLock,
    SpaceEntry,
)
from quancheng.domains.permits.queries.isolations import permits_of
from quancheng.domains.permits.queries.permits import SIGN_UNIT, WORK
from quancheng.domains.permits.services.checking import locked, note, one_at_a_time, require_own
from quancheng.domains.training.models import Person
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once, once


def hang_lock(
    *, actor: Actor, point: IsolationPoint, worker: PermitPerson, lock_no: str, now: datetime, team: str = "",
    client_id: uuid.UUID | None = None,
) -> PersonalLock:  # fmt: skip
    """Somebody on a permit that relies on a point hangs his lock there.

    :param worker: on the permit for whose time it hangs, and not handed over. :raises Invalid: by field.
    :raises Conflict: his lock, or one of that number, hangs there. :raises StaleState: the point is not in place, or
        the permit is not in force.
    """
    require_own(actor, point.file, WORK)
    words = {"lock_no": clean(lock_no)[:40], "team": clean(team)[:60]}
    wrong: dict[str, Text] = {}
    if not words["lock_no"]:
        wrong["lock_no"] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        relies = IsolationLink.objects.filter(point=point, permit=worker.permit_id, role=LinkRole.RELIES)
        if worker.ended_at is not None or not relies.exists():
            raise Invalid(fields={"worker": _("请选择依靠该隔离点的作业票上的现任人员。")})
        permit = locked(worker.permit, *RUNNING)
        held = IsolationPoint.objects.select_for_update(of=("self",), no_key=True).get(pk=point.pk)
        if held.status not in STANDING:
            raise StaleState(_("隔离点现为“%(state)s”，不能上锁。") % {"state": held.status_label})
        try:
            with transaction.atomic():
                made = PersonalLock.objects.create(
                    point=held, permit=permit, person_id=worker.person_id, hung_by=actor.name, hung_at=now, **words
                )
        except IntegrityError as twice:
            raise Conflict(_("该人员的个人锁已在此隔离点，或锁号重复。")) from twice
        note(actor, "permits.lock.hang", permit, now, _facts(made))
        return made.pk

    body = {"point": point.pk, "worker": worker.pk, **words}
    with transaction.atomic():
        # A point is found open by who locks it before its permits, a lock is hung by who does so the other way round.
        one_at_a_time()
        pk, _made = once(actor=actor, client_id=client_id, act="permits.lock.hang", body=body, now=now, make=make)
    return PersonalLock.objects.get(pk=pk)


def take_lock(
    *, actor: Actor, lock: PersonalLock, person: Person, now: datetime, client_id: uuid.UUID | None = None
) -> PersonalLock:
    """Who hung a lock takes it off, also after his permit ended.

    :raises Conflict: another would take it off, or it is off already.
    """
    require_own(actor, lock.point.file, WORK)
    if person.pk != lock.person_id:
        raise Conflict(
            _("个人锁只能由本人取下：%(lock)s 的锁主是%(owner)s。") % {"lock": lock.lock_no, "owner": lock.person.name}
        )
    return _take(actor, lock, "permits.lock.take", now, client_id, {})


def force_lock(
    *, actor: Actor, lock: PersonalLock, witness: Person, is_away: bool, reason: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> PersonalLock:  # fmt: skip
    """The head of the local unit lets a lock be removed whose owner cannot: with a second person who saw it, the owner
    known to be away from the place, and a reason. The register of who is inside knows better than a tick.

    :raises NotPermitted: not the duty of the local unit. :raises Invalid: by field.
    """
    require_own(actor, lock.point.file, SIGN_UNIT)
    words = clean(reason)[:500]
    wrong: dict[str, Text] = {}
    if witness.file_id != lock.point.file_id or witness.left_date is not None:
        wrong["witness"] = _("请选择本单位在岗人员。")
    elif witness.pk == lock.person_id or witness.name == actor.name:
        wrong["witness"] = _("见证人须是锁主和批准人以外的人。")
    if lock.person.name == actor.name:
        wrong["reason"] = _("本人的锁由本人取下，不能授权拆锁。")
    if not is_away:
        wrong["is_away"] = _("未确认锁主已离开作业现场的，不能拆锁。")
    if not words:
        wrong["reason"] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)
    told = {"reason": words, "witness": witness.pk, "is_away": is_away}
    return _take(
        actor, lock, "permits.lock.force", now, client_id, told, is_forced=True, witness_id=witness.pk, reason=words
    )


def _take(
    actor: Actor, lock: PersonalLock, act: str, now: datetime, client_id: uuid.UUID | None,
    told: Mapping[str, object], **more: object,
) -> PersonalLock:  # fmt: skip
    def do() -> None:
        # Who goes in is written behind the same lock: nobody enters between the look and the lock's end.
        permit = Permit.objects.select_for_update(of=("self",), no_key=True).get(pk=lock.permit_id)
        _require_out(lock)
        rows = PersonalLock.objects.filter(pk=lock.pk, taken_at__isnull=True)
        if rows.update(taken_at=now, taken_by=actor.name, **more) != 1:
            raise Conflict(_("该锁已取下。"))
        note(actor, act, permit, now, {**_facts(lock), **told})

    act_once(
        actor=actor, row=lock, act=act, body=told, now=now, client_id=client_id, do=do, lock=False
    )
    return lock


def _require_out(lock: PersonalLock) -> None:
    """:raises Conflict: its owner is in a space of a permit that relies on its point, whatever became of the permit."""
    relying = permits_of(lock.point, LinkRole.RELIES).values("pk")
    inside = SpaceEntry.objects.filter(
        Q(permit=lock.permit_id) | Q(permit__in=relying), person__person=lock.person_id, left_at__isnull=True
    )  # fmt: skip
    if inside.exists():
        raise Conflict(
            _("进出登记中%(owner)s仍在空间内，不能取锁、拆锁：%(lock)s")
            % {"owner": lock.person.name, "lock": lock.lock_no}
        )


def _facts(lock: PersonalLock) -> dict[str, object]:
    return {"point": lock.point_id, "lock": lock.lock_no, "person": lock.person_id}
