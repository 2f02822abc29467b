"""Lifting isolation for a test (试运授权): permits stand, crews are clear, two people sign; then it is proved anew."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.loops.permit import BEGUN
from quancheng.domains.permits.models import CrewClearance, IsolationPoint, Permit, Sanction
from quancheng.domains.permits.notices import ENTERED_UNDER_TEST, TEST_OVER
from quancheng.domains.permits.queries.figures import parameters_of
from quancheng.domains.permits.queries.permits import SIGN_LEADER, SIGN_UNIT, SIGNATURE, WORK
from quancheng.domains.permits.queries.sanctions import (
    CLEAR,
    Crew,
    crews_of,
    hindrance_of,
    locks_on,
    relying_on,
    sanction_of,
    seal_of,
    testable,
)
from quancheng.domains.permits.queries.sealing import image_seal
from quancheng.domains.permits.services.checking import locked, note, one_at_a_time, require_own, said
from quancheng.domains.permits.services.signing import drawn_name, require_drawn_anew
from quancheng.domains.permits.services.telling import tell
from quancheng.domains.permits.services.working import CLOCK, stop, stop_graver
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.notices.services import notify, people_for
from quancheng.kernel.once import act_once, once
from quancheng.standards.gb30871.endings import STOP_REASONS

log = logging.getLogger(__name__)
#: What we demand beyond the standard; a refusal names it.
CLAUSE = gettext_lazy("本系统要求：试运授权")


def ask_sanction(
    *, actor: Actor, permit: Permit, points: Collection[IsolationPoint], purpose: str, ends_at: datetime,
    now: datetime, client_id: uuid.UUID | None = None,
) -> Sanction:  # fmt: skip
    """Ask to lift points upon which a permit relies. Whatever relies on them stands from now on (试运).

    :param ends_at: when the test is over at the latest; at most so many hours ahead as the enterprise set.
    :raises Invalid: by field. :raises StaleState: the permit's work has not begun.
    :raises Conflict: something is wrong at the place, or blinding is at work on the line.
    """
    require_own(actor, permit.file, WORK)
    words, wanted = clean(purpose)[:500], {one.pk for one in points}
    most = timedelta(hours=float(parameters_of(permit.file_id, Calendar().local_date(now)).test_most_h))
    wrong: dict[str, Text] = {}
    if not words:
        wrong["purpose"] = _("请填写此项。")
    if not now < ends_at <= now + most:
        wrong["ends_at"] = _("试运截止时间须晚于现在，且不超过%(hours)s小时（%(clause)s）。") % {
            "hours": int(most.total_seconds() // 3600), "clause": CLAUSE,
        }  # fmt: skip
    if not wanted:
        wrong["points"] = _("请选择要临时解除的隔离点。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        held = locked(permit, "WORKING", "SUSPENDED")
        if wanted - set(testable(held).values_list("pk", flat=True)):
            raise Invalid(fields={
                "points": _("请选择本票依靠的、已验证且不在试运中的隔离点；盲板须凭盲板抽堵作业票抽出（7.11）。")
            })  # fmt: skip
        _require_quiet(points, held)
        row = Sanction(
            **permit.file.row_scope(), file=permit.file, permit=held, purpose=words, ends_at=ends_at,
            asked_by=actor.name, asked_user_id=actor.user_id, asked_at=now,
        )  # fmt: skip
        tags = sorted(one.tag for one in points)
        enter(actor=actor, row=row, now=now, facts={"permit": held.pk, "points": tags, "ends_at": ends_at})
        row.points.set(list(points))
        _stop_all(actor, wanted, words, now)
        return row.pk

    body = {"permit": permit.pk, "points": sorted(map(str, wanted)), "purpose": words, "ends_at": ends_at}
    with transaction.atomic():
        one_at_a_time()
        pk, _made = once(actor=actor, client_id=client_id, act="permits.sanction.ask", body=body, now=now, make=make)
    return Sanction.objects.get(pk=pk)


def _require_quiet(points: Collection[IsolationPoint], permit: Permit) -> None:
    """:raises Conflict: a stop order holds, work stands for something grave, or a flange of the line may be open."""
    found = hindrance_of(list(points), permit)
    if found is None:
        return
    told = {"permit": found.permit, "order": found.order, "tag": found.tag, "clause": CLAUSE}
    if found.order:
        raise Conflict(_("停工指令%(order)s尚未解除，不能试运（%(clause)s）。") % told)
    if found.reason:
        told["reason"] = said(STOP_REASONS[found.reason])
        raise Conflict(_("%(permit)s因“%(reason)s”暂停，处置完毕前不能试运（%(clause)s）。") % told)
    raise Conflict(
        _("%(permit)s正在隔离点%(tag)s所在管线上抽堵盲板，完成并登记前不能试运（%(clause)s）。") % told
    )


def _stop_all(actor: Actor, points: Collection[uuid.UUID], words: str, now: datetime) -> None:
    """Work that relies on the points stands with that reason; what rests for less rests for it."""
    keys = [one.pk for one in relying_on(points)]
    rows = Permit.objects.select_for_update(of=("self",), no_key=True).select_related("file__enterprise")
    for one in rows.filter(pk__in=keys).order_by("pk"):
        if one.status == "WORKING":
            stop(one, "TEST", now, f"试运授权：{words}")
        elif one.status == "SUSPENDED" and one.stop_reason == "BREAK":
            stop_graver(actor=actor, permit=one, stop_reason="TEST", note=words, now=now, at=now)


def clear_crew(
    *, actor: Actor, sanction: Sanction, permit: Permit, workers: Collection[uuid.UUID], image: bytes, now: datetime,
    client_id: uuid.UUID | None = None,
) -> Sanction:  # fmt: skip
    """Who leads the work of a permit that relies on the points signs each of its workers clear, by his hand.

    :param workers: people on that permit; every worker that is on it now. :param image: the leader's name, PNG.
    :raises Invalid: by field. :raises Conflict: its work runs, somebody is inside, or the picture was used before.
    """
    require_own(actor, sanction.file, WORK)
    if not image:
        raise Invalid(fields={"image": _("请手写签名。")})
    drawn = drawn_name(actor, image, now)
    told = sorted({str(one) for one in workers})
    body = {"permit": permit.pk, "workers": told, "image": hashlib.sha256(image).hexdigest()}

    def do() -> None:
        _require_asked(sanction)
        crew = next((one for one in crews_of(sanction) if one.permit.pk == permit.pk), None)
        if crew is None or crew.leader is None:
            raise Invalid(fields={"permit": _("请选择依靠这些隔离点的作业票。")})
        _require_stands(crew)
        if set(told) - {str(one.pk) for one in crew.workers}:
            raise Invalid(fields={"workers": _("请选择作业票上的作业人员。")})
        if missing := [one.person.name for one in crew.workers if str(one.pk) not in told]:
            names = _("、").join(missing)
            raise Invalid(fields={
                "workers": _("须逐人确认已撤离，还差：%(names)s（%(clause)s）。") % {"names": names, "clause": CLAUSE}
            })  # fmt: skip
        require_drawn_anew(drawn)
        made = CrewClearance(
            sanction=sanction, permit=crew.permit, leader=crew.leader, workers=told, image=drawn.original_digest,
            by_user_id=actor.user_id, by_name=actor.name, cleared_at=now,
        )  # fmt: skip
        made.seal = seal_of(sanction, made)
        made.image_seal = image_seal(made.image, made.seal, CLEAR)
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError as twice:
            raise StaleState from twice
        attach_files(actor=actor, row=permit, file_ids=[drawn.pk], now=now, role=SIGNATURE)
        facts = {
            "sanction": sanction.pk, "leader": crew.leader.person_id, "workers": told, "image": made.image,
            "seal": made.seal,
        }  # fmt: skip
        note(actor, "permits.sanction.clear", permit, now, facts)

    with transaction.atomic():
        one_at_a_time()
        act_once(
            actor=actor, row=sanction, act="permits.sanction.clear", body=body, now=now, client_id=client_id, do=do
        )
    return sanction


def _require_asked(row: Sanction) -> None:
    if row.status != "ASKED":
        raise StaleState(_("试运授权现为“%(state)s”，不能执行该操作。") % {"state": row.status_label})


def _require_stands(crew: Crew) -> None:
    """:raises Conflict: its work runs, or the register of entries has somebody inside."""
    if crew.permit.status == "WORKING":
        raise Conflict(_("%(permit)s仍在作业，须先暂停（%(clause)s）。") % {"permit": crew.permit, "clause": CLAUSE})
    if crew.inside:
        raise Conflict(
            _("%(permit)s：进出登记中空间内还有%(count)s人，须全部撤出（%(clause)s）。")
            % {"permit": crew.permit, "count": crew.inside, "clause": CLAUSE}
        )


def grant_sanction(
    *, actor: Actor, sanction: Sanction, now: datetime, client_id: uuid.UUID | None = None
) -> Sanction:
    """The local unit signs: the points are lifted until the end of the test.

    :raises NotPermitted: not the duty of the local unit, or the account that asked or recorded a clearance.
    :raises Conflict: work runs or is over, a crew was not signed clear since it stands, something is wrong at the
        place, locks hang, a point is not verified, or the end has passed.
    """
    require_own(actor, sanction.file, SIGN_UNIT)

    def do() -> None:
        _require_asked(sanction)
        crews = crews_of(sanction)
        recorded = {sanction.asked_user_id, *sanction.clearances.values_list("by_user_id", flat=True)}
        leaders = {one.leader.person.name for one in crews if one.leader}
        if actor.user_id in recorded or actor.name in leaders:
            raise NotPermitted(_("作业负责人签认和属地单位批准须是两个人（本系统要求：试运授权）。"), code="four_eyes")
        if sanction.ends_at <= now:
            raise Conflict(_("试运截止时间已过，请重新申请。"))
        own = next((one.permit for one in crews if one.permit.pk == sanction.permit_id), None)
        if own is None or own.status not in BEGUN:
            raise Conflict(_("申请试运的作业已完工或终止，不能再批准（%(clause)s）。") % {"clause": CLAUSE})
        points = list(sanction.points.order_by("pk"))
        _require_quiet(points, own)
        for one in crews:
            _require_stands(one)
            if not one.is_clear:
                raise Conflict(
                    _("%(permit)s的作业负责人还没有逐人签认清场（%(clause)s）。")
                    % {"permit": one.permit, "clause": CLAUSE}
                )
        if locks := locks_on([one.pk for one in points])[:10]:
            names = _("、").join(f"{one.point.tag} {one.lock_no} {one.person.name}" for one in locks)
            raise Conflict(_("个人锁未取下，不能试运：%(locks)s") % {"locks": names})
        if loose := [one.tag for one in points if one.status != "VERIFIED"]:
            raise Conflict(_("隔离点已不是“已验证”：%(tags)s") % {"tags": _("、").join(loose)})
        for one_point in points:
            move(
                actor=actor, row=one_point, name="release", now=now, given={"sanction": str(sanction.pk)},
                changes={
                    "verified_at": None, "verified_person_id": None, "proof": "", "proof_said": "",
                    "review_at": sanction.ends_at,
                },
            )  # fmt: skip
        move(
            actor=actor, row=sanction, name="grant", now=now,
            changes={"granted_by": actor.name, "granted_user_id": actor.user_id, "granted_at": now},
            facts={"permits": [one.permit.pk for one in crews]},
        )  # fmt: skip
        for one in crews:
            note(actor, "permits.sanction.grant", one.permit, now, {"sanction": sanction.pk})

    with transaction.atomic():
        one_at_a_time()
        act_once(actor=actor, row=sanction, act="permits.sanction.grant", body={}, now=now, client_id=client_id, do=do)
    return sanction


def drop_sanction(
    *, actor: Actor, sanction: Sanction, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Sanction:
    """There is no test after all; nothing was lifted. Work goes on by its own checks."""
    require_own(actor, sanction.file, WORK)
    given = {"reason": clean(reason)[:500]}
    changes = {"closed_at": now}
    return move(
        actor=actor, row=sanction, name="drop", now=now, given=given, changes=changes, client_id=client_id
    )


def end_test(
    *, actor: Actor, sanction: Sanction, result: str, now: datetime, client_id: uuid.UUID | None = None
) -> Sanction:
    """The test is over: from here on its points are applied and verified anew."""
    require_own(actor, sanction.file, WORK)
    words = clean(result)[:500]
    with transaction.atomic():
        row = move(
            actor=actor, row=sanction, name="end", now=now, given={"note": words}, client_id=client_id,
            changes={"ended_at": now, "end_note": words},
        )  # fmt: skip
        # Its points may be removed since, where nothing relies on them any more.
        close_restored(row, now)
    return row


def require_test_over(point: IsolationPoint) -> None:
    """:raises Conflict: a point is lifted for a test that still runs: it is ended first."""
    row = sanction_of(point) if point.status == "TESTING" else None
    if row is not None and row.status == "GRANTED":
        raise Conflict(
            _("试运还没有结束，请先在试运授权中结束试运，再恢复或解除隔离（%(clause)s）。") % {"clause": CLAUSE}
        )


def restore_point(point: IsolationPoint, now: datetime) -> None:
    """A point was verified anew or removed: the sanction whose last point it was is closed. In the caller's
    transaction."""
    row = sanction_of(point)
    if row is not None and row.status == "RESTORING":
        close_restored(Sanction.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk), now)


def close_restored(row: Sanction, now: datetime) -> None:
    """Close a sanction whose test is over, once all of its points hold again or are gone."""
    if row.status == "RESTORING" and not row.points.exclude(status__in=("VERIFIED", "REMOVED")).exists():
        move(actor=CLOCK, row=row, name="restore", now=now, changes={"closed_at": now})


def tell_entered(row: Sanction, permit: Permit, count: int, now: datetime) -> None:
    """A phone told late that somebody is inside while the points are lifted: who runs the work, who leads the
    enterprise and who granted the test know at once. In the caller's transaction."""
    users = {
        *people_for(organisation_id=permit.file_id, duty=WORK),
        *people_for(organisation_id=permit.file_id, duty=SIGN_LEADER),
        *filter(None, (row.granted_user_id,)),
    }  # fmt: skip
    data = {
        "number": permit.number or permit.content[:40], "kind": str(permit.get_kind_display()), "count": str(count),
        "purpose": row.purpose[:80],
    }  # fmt: skip
    notify(
        users=users, kind=ENTERED_UNDER_TEST, data=data, now=now, subject_type=Permit.row_type(), subject_id=permit.pk
    )


def _lapse(now: datetime) -> None:
    """What was asked for and can be granted no more, since its end has passed or its permit's work is over, is no
    request any longer: its points are free to be asked for anew."""
    due = Sanction.objects.filter(Q(ends_at__lte=now) | ~Q(permit__status__in=BEGUN), status="ASKED")
    for pk in due.order_by("pk").values_list("pk", flat=True):
        try:
            with transaction.atomic():
                row = due.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
                if row is not None:
                    why = "试运截止时间已过" if row.ends_at <= now else "申请试运的作业已完工或终止"
                    move(actor=CLOCK, row=row, name="lapse", now=now, given={"reason": why}, changes={"closed_at": now})
        except Exception:
            log.exception("the clock could not let sanction %s lapse", pk)


def watch_sanctions(*, now: datetime) -> int:
    """Let requests lapse that nobody may grant any more, and tell those who organise the work whose test should be over
    by now, once each; how many were told."""
    _lapse(now)
    due = Sanction.objects.filter(status="GRANTED", ends_at__lt=now, told_at__isnull=True)
    done = 0
    for pk in due.order_by("pk").values_list("pk", flat=True):
        try:
            with transaction.atomic():
                held = due.select_for_update(of=("self",), no_key=True).select_related("permit__file")
                row = held.filter(pk=pk).first()
                if row is None:
                    continue
                Sanction.objects.filter(pk=pk).update(told_at=now, updated_at=now)
                note(CLOCK, "permits.sanction.overdue", row.permit, now, {"sanction": row.pk})
                tell(TEST_OVER, row.permit, now, duty=WORK, purpose=row.purpose[:80])
                done += 1
        except Exception:
            log.exception("the clock could not tell of sanction %s", pk)
    return done
