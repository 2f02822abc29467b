"""Handing a danger over to the body that is competent (移送), which takes it or sends it back with the reason."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import ExpiryReview, Finding, HandOver, MajorReport, Resumption
from quancheng.domains.hazards.queries.hand_overs import term_of
from quancheng.domains.hazards.services.repeats import move_once
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.access.models import Scoped
from quancheng.kernel.access.services import share, unshare
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.loops.services import enter, follow_owner, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.people.models import Organisation

SUPERVISE = "hazards.findings.supervise"
#: Why a danger is shared with the body that it was handed to, and with the one that handed it over.
TO, FROM = "handed_over", "handed_on"


def hand_over(
    *, actor: Actor, row: Finding, receiver: Organisation | None, reason: str, basis: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> HandOver:  # fmt: skip
    """Hand an open danger to another body that supervises; until it accepts, the present supervisor answers for it.

    :raises NotPermitted: another office supervises it. :raises Invalid: by field.
    :raises Conflict: it is a draft or closed, or waits to be received already.
    """
    actor.require(SUPERVISE)
    wrong: dict[str, Text] = {}
    if receiver is None or not receiver.supervises or receiver.ended_on is not None:
        wrong["receiver"] = _("请选择负有监管职责的单位。")
    for field, said in (("reason", reason), ("basis", basis)):
        if not clean(said):
            wrong[field] = _("请填写此项。")
    to_org = receiver.pk if receiver else None

    def make() -> uuid.UUID:
        # Behind the lock: whoever took it over a moment ago is asked, not the office that held it before.
        locked = Finding.objects.select_for_update(no_key=True).get(pk=row.pk)
        if actor.organisation_id != locked.supervisor_id:
            raise NotPermitted(_("只有该隐患的监管部门可以移送。"), code="other_organisation")
        if to_org == locked.supervisor_id:
            wrong["receiver"] = _("不能移送给本单位。")
        if wrong or to_org is None:
            raise Invalid(fields=wrong)
        if locked.status == "DRAFT" or locked.is_closed:
            raise Conflict(_("只有已登记、未办结的隐患才能移送。"))
        made = HandOver(
            **row.file.row_scope(owner=locked.supervisor_id), finding=row, file=row.file, receiver_id=to_org,
            title=f"{row.code} {row.name}"[:340], reason=clean(reason)[:2000], basis=clean(basis)[:500],
            term_date=term_of(locked), sent_by_name=actor.name, created_at=now,
        )  # fmt: skip
        facts = {"finding": row.pk, "from": locked.supervisor_id, "to": to_org, "reason": made.reason,
                 "basis": made.basis}  # fmt: skip
        try:
            with transaction.atomic():
                enter(actor=actor, row=made, now=now, facts=facts)
        except IntegrityError:
            raise Conflict(_("该隐患已移送，正待接收。")) from None
        share(actor=actor, row=made, to_org=to_org, why=TO, now=now)
        share(actor=actor, row=row, to_org=to_org, why=TO, now=now)
        return made.pk

    with transaction.atomic():
        body = {"finding": row.pk, "to": to_org, "reason": clean(reason), "basis": clean(basis)}
        act = "hazards.hand_over.enter"
        pk, _made = once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    return HandOver.objects.get(pk=pk)


def receive(*, actor: Actor, row: HandOver, text: str, now: datetime, client_id: uuid.UUID | None = None) -> HandOver:
    """Take it: from now on the receiver supervises the danger and owes what its supervisor owes; both go on reading.

    :raises Conflict: the danger was closed meanwhile.
    """
    given = {"text": clean(text)[:1000]}

    def make() -> None:
        finding = Finding.objects.select_for_update(no_key=True).get(pk=row.finding_id)
        if finding.is_closed:
            raise Conflict(_("该隐患已办结，无需接收。"))
        changes = {"answer": clean(text)[:1000], "closed_at": now}
        move(actor=actor, row=row, name="accept", now=now, given=given, changes=changes)
        if finding.supervisor_id == row.receiver_id:
            return
        Finding.objects.filter(pk=finding.pk).update(supervisor=row.receiver_id, updated_at=now)
        finding.refresh_from_db()
        follow_owner(finding)
        share(actor=actor, row=finding, to_org=row.owner_org_id, why=FROM, now=now)
        for report in MajorReport.objects.filter(finding=finding).order_by("pk"):
            open_to_supervisor(row=finding, part=report, actor=actor, now=now)
        for look in ExpiryReview.objects.filter(finding=finding, closed_at__isnull=True).order_by("pk"):
            ExpiryReview.objects.filter(pk=look.pk).update(owner_org=row.receiver_id, updated_at=now)
            look.refresh_from_db()
            follow_owner(look)
        for one in Resumption.objects.filter(finding=finding, closed_at__isnull=True).order_by("pk"):
            Resumption.objects.filter(pk=one.pk).update(supervisor=row.receiver_id, updated_at=now)
            one.refresh_from_db()
            follow_owner(one)
            open_to_supervisor(row=finding, part=one, actor=actor, now=now)

    return move_once(actor=actor, row=row, name="accept", given=given, client_id=client_id, now=now, make=make)


def send_back(
    *, actor: Actor, row: HandOver, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> HandOver:
    """The receiver sends it back (``return``), or the sender takes it back (``recall``), each with the reason.

    Whoever it went to reads the danger no longer, unless it supervises the enterprise anyway.
    """
    given = {"reason": clean(reason)[:1000]}

    def make() -> None:
        changes = {"answer": clean(reason)[:1000], "closed_at": now}
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes)
        _close_door(actor, row, now)

    return move_once(actor=actor, row=row, name=name, given=given, client_id=client_id, now=now, make=make)


def end_hand_overs(*, row: Finding, now: datetime) -> None:
    """A danger that is closed waits for no receiver any more; called in the transaction that closes it."""
    house = system_actor("hazards", SUPERVISE)
    for one in HandOver.objects.filter(finding=row, status="SENT").order_by("pk"):
        move(actor=house, row=one, name="end", now=now, changes={"closed_at": now})


def open_to_supervisor(*, row: Finding, part: Scoped, actor: Actor, now: datetime) -> None:
    """Let the body to which a danger was handed read a record of it that scope alone would not show it."""
    if row.supervisor_id != row.file.supervisor_id:
        share(actor=actor, row=part, to_org=row.supervisor_id, why=TO, now=now)


def _close_door(actor: Actor, row: HandOver, now: datetime) -> None:
    """It may have held the danger before and handed it on: then it goes on reading by that."""
    held = HandOver.objects.filter(finding=row.finding_id, status="ACCEPTED", receiver=row.receiver_id).exists()
    if not held:
        unshare(actor=actor, row=row.finding, to_org=row.receiver_id, why=TO, now=now)
