"""Deciding on a proposal: a person signs it, postpones it, or drops it with a reason; or makes one by hand."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotFound, NotPermitted, StaleState
from quancheng.kernel.events.models import Event
from quancheng.kernel.ladder.loops import ESCALATION
from quancheng.kernel.ladder.models import Escalation, LadderRung
from quancheng.kernel.ladder.services.climbing import Issuers, find_issuers, new_escalation
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.papers.loops import LADDER
from quancheng.kernel.papers.models import Service
from quancheng.kernel.papers.services.drafts import DraftSpec, create_draft
from quancheng.kernel.papers.services.serving import ADDRESSEE
from quancheng.kernel.papers.services.signing import sign_paper
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.work.models import WorkItem

#: Drafts the papers of proposals, so that the person who signs is the second to see them.
CLERK = system_actor("ladder.clerk", "papers.draft")
#: A proposal is not put off for longer at once.
MOST_POSTPONED = timedelta(days=180)


def sign_escalation(
    *,
    actor: Actor,
    escalation: Escalation,
    now: datetime,
    title: str | None = None,
    body: str | None = None,
    client_id: uuid.UUID | None = None,
) -> Escalation:
    """Sign a proposal: its paper is made, numbered and frozen in this transaction, and waits for its service.

    :param title: where the signer changed the draft; likewise ``body``.
    :raises Invalid: the text has gaps. :raises StaleState: decided already, or the matter is finished.
    :raises NotPermitted: the duty to decide, or to sign papers, is missing.
    """
    with transaction.atomic():
        locked = _locked(actor, escalation.pk)
        actor.require("ladder.sign")
        changes: dict[str, Any] = {}
        if locked.status in ESCALATION.moves["sign"].froms and locked.owner_org_id == actor.organisation_id:
            if locked.item.done_at is not None:
                raise StaleState(_("该事项已办结，无需督办。"), code="matter_finished")
            spec = DraftSpec(
                template=locked.template,
                title=locked.draft_title if title is None else title,
                body=locked.draft_body if body is None else body,
                addressees=(locked.target_id,),
                issuer=locked.issuer_id,
                reply_working_days=locked.reply_working_days,
                origin=LADDER,
                about_type=Escalation.row_type(),
                about_id=locked.pk,
            )
            paper = create_draft(actor=CLERK, spec=spec, owner=locked.owner_org_id, now=now)
            sign_paper(actor=actor, paper=paper, now=now)
            changes = {"paper_id": paper.pk, "decided_at": now}
        move(actor=actor, row=locked, name="sign", now=now, changes=changes, client_id=client_id)
    escalation.refresh_from_db()
    return escalation


def postpone_escalation(
    *,
    actor: Actor,
    escalation: Escalation,
    reason: str,
    until: date,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> Escalation:
    """Put a proposal off to a day, with a reason; on that day it comes back, unless the matter is finished.

    :raises Invalid: no reason, or a day that is not between tomorrow and half a year from now.
    """
    today = Calendar().local_date(now)
    if not today < until <= today + MOST_POSTPONED:
        raise Invalid(fields={"until": _("暂缓日期应在明天至半年之内。")})
    reason = clean(reason)[:400]
    given = {"reason": reason, "until": until}
    changes = {"reason": reason, "postponed_until": until, "decided_at": now}
    return move(
        actor=actor, row=escalation, name="postpone", now=now, given=given, changes=changes, client_id=client_id
    )


def drop_escalation(
    *, actor: Actor, escalation: Escalation, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Escalation:
    """Decide against a proposal, with a reason; the clock does not propose it again, nor any rung above it.

    :raises Invalid: no reason.
    """
    reason = clean(reason)[:400]
    changes = {"reason": reason, "decided_at": now}
    return move(
        actor=actor,
        row=escalation,
        name="drop",
        now=now,
        given={"reason": reason},
        changes=changes,
        client_id=client_id,
    )


def propose_by_hand(
    *, actor: Actor, item: WorkItem, step: int, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Escalation:
    """Propose any rung for an open item, with a reason: what no condition of the clock catches, or after a drop.

    :raises Invalid: no reason, no such rung, or the unit would write to itself.
    :raises Conflict: the rung was proposed for the matter already.
    """
    actor.require("ladder.propose")
    reason = clean(reason)[:400]
    if not reason:
        raise Invalid(fields={"reason": _("请写明提出督办的理由。")})
    rung = LadderRung.objects.filter(kind=item.ladder or "task", step=step, step__gt=0).first()
    if rung is None:
        raise Invalid(fields={"step": _("没有这一级督办措施。")})
    who = _who(actor, rung)
    if item.owner_org_id in (who[0].pk, who[1].pk):
        raise Invalid(fields={"step": _("不能对本单位发出督办文书。")})

    def make() -> uuid.UUID:
        return _propose(actor=actor, item=item, rung=rung, who=who, reason=reason, now=now).pk

    body = {"item": item.pk, "step": step, "reason": reason}
    with transaction.atomic():
        pk, _made = once(
            actor=actor, client_id=client_id, act="ladder.escalation.propose", body=body, now=now, make=make
        )
        return Escalation.objects.get(pk=pk)


def _propose(
    *,
    actor: Actor,
    item: WorkItem,
    rung: LadderRung,
    who: tuple[Organisation, Organisation],
    reason: str,
    now: datetime,
) -> Escalation:
    open_items = WorkItem.objects.visible_to(actor).open().select_related("owner_org", "owner_org__area")
    fresh = open_items.select_for_update(no_key=True, of=("self",)).filter(pk=item.pk).first()
    if fresh is None:
        raise StaleState(_("该事项已办结，无需督办。"), code="matter_finished")
    due = fresh.due_at or fresh.review_at
    if due is None:
        raise ValueError("a work item has a deadline or a review date")
    same = Escalation.objects.standing().filter(
        about_type=fresh.subject_type, about_id=fresh.subject_id, target=fresh.owner_org_id, item_due_at=due
    )
    if same.filter(step=rung.step).exists():
        raise Conflict(_("该事项已提出过“%(name)s”。") % {"name": rung.name})
    calendar = Calendar()
    row = new_escalation(
        item=fresh,
        rung=rung,
        trigger="hand",
        who=who,
        former=list(same.filter(step__lt=rung.step).select_related("paper").order_by("step", "pk")),
        days_late=(calendar.local_date(now) - calendar.local_date(due)).days,
        now=now,
    )
    row.reason = reason
    told = {"item": fresh.pk, "step": rung.step, "target": fresh.owner_org_id, "trigger": "hand", "reason": reason}
    return enter(actor=actor, row=row, now=now, facts=told)


def open_to_target(event: Event, now: datetime) -> None:
    """The unit sees a rung on its own file from the day on which it gets the paper."""
    if not event.kind.endswith((".send", ".deliver", ".deliver_only")):
        return
    service = Service.objects.select_related("paper").filter(pk=event.subject_id).first()
    if service is None or service.paper.about_type != Escalation.row_type():
        return
    about = service.paper.about_id
    row = Escalation.objects.filter(pk=about, target=service.org_id).first() if about else None
    if row is not None:
        share(actor=CLERK, row=row, to_org=service.org_id, why=ADDRESSEE, now=now)


def _who(actor: Actor, rung: LadderRung) -> tuple[Organisation, Organisation]:
    """Whoever proposes decides on it in his own organisation; the office also in its committee's name."""
    if actor.organisation_id is None:
        raise NotPermitted
    own = Organisation.objects.get(pk=actor.organisation_id)
    issuers = find_issuers()
    if issuers.office is not None and issuers.office.pk == own.pk:
        return issuers.of(rung) or (own, own)
    return Issuers(own, None).of(rung) or (own, own)


def _locked(actor: Actor, pk: uuid.UUID) -> Escalation:
    rows = Escalation.objects.visible_to(actor).select_related("item")
    found = rows.select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
