"""Service and reply: each addressee by himself (送达、签收、回复、审核)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Scoped
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotFound
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import move
from quancheng.kernel.names import clean
from quancheng.kernel.notices.services import notify, people_for
from quancheng.kernel.papers.loops import SERVICE
from quancheng.kernel.papers.models import Paper, Service
from quancheng.kernel.papers.services.drafts import paper_for
from quancheng.kernel.papers.services.signing import CLERK

#: Why an addressee sees a paper and its service.
ADDRESSEE = "addressee"
REPLY_LIMIT = 5000


def send_service(*, actor: Actor, service: Service, now: datetime, client_id: uuid.UUID | None = None) -> Service:
    """Lay the paper before the addressee on the platform (平台送达); from now on he sees it and may sign for it."""
    with transaction.atomic():
        paper = _locked(actor, service)
        was = service.status
        if was == "TO_SERVE":
            # Before the move, so that its event reaches the addressee too.
            _open_to_addressee(actor=actor, service=service, paper=paper, now=now)
        move(actor=actor, row=service, name="send", now=now, changes={"sent_at": now}, client_id=client_id)
        if was == "TO_SERVE":
            _tell(service, paper, duty="papers.receive", kind="papers.sent", source=paper.issuer.label, now=now)
        _follow(paper, now)
    return service


def send_all(*, actor: Actor, paper: Paper, now: datetime) -> int:
    """Send a signed paper to every addressee who has not got it yet; returns how many there were."""
    with transaction.atomic():
        locked = paper_for(actor=actor, paper_id=paper.pk)
        waiting = list(locked.services.visible_to(actor).filter(status="TO_SERVE").order_by("pk"))
        for service in waiting:
            send_service(actor=actor, service=service, now=now)
    paper.refresh_from_db()
    return len(waiting)


def deliver_service(
    *,
    actor: Actor,
    service: Service,
    receiver: str,
    served_on: date,
    evidence: Sequence[uuid.UUID],
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> Service:
    """Register a receipt on paper (送达回证): who took it, on which day, with the receipt as a file.

    :param served_on: local day; the reply's time runs from it.
    :raises Invalid: no receiver or receipt, or a day before the signature or in the future.
    """
    receiver = clean(receiver)[:60]
    with transaction.atomic():
        paper = _locked(actor, service)
        calendar = Calendar()
        today, signed = calendar.local_date(now), calendar.local_date(paper.signed_at or now)
        wrong: dict[str, Any] = {}
        if not receiver:
            wrong["receiver"] = _("请填写签收人。")
        if not signed <= served_on <= today:
            wrong["served_on"] = _("送达日期应在签发之日与今天之间。")
        if not evidence:
            wrong["evidence"] = _("请上传送达回证。")
        if wrong:
            raise Invalid(fields=wrong)
        wants = paper.reply_working_days
        was = service.status
        if was in ("TO_SERVE", "SENT"):
            # Before the move: its event reaches the addressee too, and it closes what wants no reply.
            _open_to_addressee(actor=actor, service=service, paper=paper, now=now)
            attach_files(actor=actor, row=service, file_ids=list(evidence), role="receipt", now=now)
        changes: dict[str, Any] = {"way": "hand", "receiver": receiver, "served_at": calendar.start_of(served_on)}
        changes |= _reply_dates(wants, served_on, calendar) if wants else {"closed_at": now}
        # The receiver's name stays on the service: journal and history hold no names.
        given = {"evidence": [str(pk) for pk in evidence], "served_on": served_on}
        name = "deliver" if wants else "deliver_only"
        move(actor=actor, row=service, name=name, now=now, given=given, changes=changes, client_id=client_id,
             facts={"receiver": ""})  # fmt: skip
        _follow(paper, now)
    return service


def acknowledge_service(
    *, actor: Actor, service: Service, now: datetime, client_id: uuid.UUID | None = None
) -> Service:
    """Sign for a paper on the platform (签收); the reply's time runs from today."""
    with transaction.atomic():
        paper = _locked(actor, service)
        calendar = Calendar()
        wants = paper.reply_working_days
        changes: dict[str, Any] = {"way": "platform", "receiver": actor.name, "served_at": now}
        changes |= _reply_dates(wants, calendar.local_date(now), calendar) if wants else {"closed_at": now}
        name = "acknowledge" if wants else "acknowledge_only"
        move(actor=actor, row=service, name=name, now=now, changes=changes, client_id=client_id, facts={"receiver": ""})
        _follow(paper, now)
    return service


def reply_to_service(
    *,
    actor: Actor,
    service: Service,
    reply: str,
    now: datetime,
    evidence: Sequence[uuid.UUID] = (),
    client_id: uuid.UUID | None = None,
) -> Service:
    """Answer a paper in writing (回复), with files if there are any.

    :raises Invalid: an empty reply, or one of more than 5000 characters.
    """
    lines = [clean(line) for line in reply.replace("\r\n", "\n").split("\n")]
    text = "\n".join(line for line in lines if line)
    if len(text) > REPLY_LIMIT:
        raise Invalid(fields={"reply": _("回复不超过%(count)s个字。") % {"count": REPLY_LIMIT}})
    with transaction.atomic():
        paper = _locked(actor, service)
        was = service.status
        given = {"reply": text, "evidence": [str(pk) for pk in evidence]}
        changes = {"reply": text, "replied_at": now}
        move(actor=actor, row=service, name="reply", now=now, given=given, changes=changes, client_id=client_id)
        if was == "SERVED":
            attach_files(actor=actor, row=service, file_ids=list(evidence), role="reply", now=now)
            users = people_for(organisation_id=service.owner_org_id, duty="papers.judge")
            notify(
                users=users,
                kind="papers.replied",
                data={"title": _line(paper), "from": service.org.label},
                subject_type=service.row_type(),
                subject_id=service.pk,
                now=now,
            )
    return service


def accept_reply(
    *,
    actor: Actor,
    service: Service,
    now: datetime,
    opinion: str = "",
    respite_until: date | None = None,
    client_id: uuid.UUID | None = None,
) -> Service:
    """Accept a reply; ``respite_until`` holds the addressee to what he promised to finish by that day.

    Where the matter is still open after it, the ladder climbs on.

    :raises Invalid: the day promised lies in the past.
    """
    if respite_until is not None and respite_until < Calendar().local_date(now):
        raise Invalid(fields={"respite_until": _("承诺完成日期不能早于今天。")})
    opinion = clean(opinion)[:400]
    with transaction.atomic():
        paper = _locked(actor, service)
        changes = {"opinion": opinion, "respite_until": respite_until, "closed_at": now}
        given = {"opinion": opinion, "respite_until": respite_until}
        move(actor=actor, row=service, name="accept", now=now, given=given, changes=changes, client_id=client_id)
        _follow(paper, now)
    return service


def return_reply(
    *, actor: Actor, service: Service, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Service:
    """Return a reply that does not answer; the time for it stays what it was."""
    reason = clean(reason)[:400]
    with transaction.atomic():
        paper = _locked(actor, service)
        was = service.status
        changes = {"opinion": reason}
        move(actor=actor, row=service, name="send_back", now=now, given={"reason": reason}, changes=changes,
             client_id=client_id)  # fmt: skip
        if was == "REPLIED":
            _tell(service, paper, duty="papers.reply", kind="papers.returned", source=paper.issuer.label, now=now)
    return service


def waive_reply(
    *, actor: Actor, service: Service, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Service:
    """Release an addressee from replying, with a reason (免予回复)."""
    reason = clean(reason)[:400]
    with transaction.atomic():
        paper = _locked(actor, service)
        changes = {"opinion": reason, "closed_at": now}
        move(actor=actor, row=service, name="waive", now=now, given={"reason": reason}, changes=changes,
             client_id=client_id)  # fmt: skip
        _follow(paper, now)
    return service


def attach_sealed_copy(
    *, actor: Actor, paper: Paper, evidence: Sequence[uuid.UUID], now: datetime, client_id: uuid.UUID | None = None
) -> Paper:
    """Keep the scan of the sealed original with the paper (用印扫描件)."""
    with transaction.atomic():
        given = {"evidence": [str(pk) for pk in evidence]}
        move(actor=actor, row=paper, name="attach_sealed", now=now, given=given, client_id=client_id)
        attach_files(actor=actor, row=paper, file_ids=list(evidence), role="sealed", now=now)
    return paper


def _locked(actor: Actor, service: Service) -> Paper:
    """The paper of a service the actor may see, locked: whoever finishes its last service closes it.

    The service is read again under that lock.
    """
    if not Service.objects.visible_to(actor).filter(pk=service.pk).exists():
        raise NotFound
    paper = Paper.objects.select_for_update(no_key=True, of=("self",)).get(pk=service.paper_id)
    service.refresh_from_db()
    return paper


def _reply_dates(working_days: int, served_on: date, calendar: Calendar) -> dict[str, Any]:
    due = calendar.add_working_days(served_on, working_days)
    return {"reply_due": due, "reply_due_assumed": bool(calendar.assumed)}


def _open_to_addressee(*, actor: Actor, service: Service, paper: Paper, now: datetime) -> None:
    rows: tuple[Scoped, ...] = (service, paper)
    for row in rows:
        share(actor=actor, row=row, to_org=service.org_id, why=ADDRESSEE, now=now)


def _follow(paper: Paper, now: datetime) -> None:
    """Let the paper follow its services: served when all have it, closed when all are finished."""
    statuses = list(Service.objects.filter(paper=paper).values_list("status", flat=True))
    if paper.status not in ("SIGNED", "SERVED"):
        return
    if all(status in SERVICE.finals for status in statuses):
        move(actor=CLERK, row=paper, name="close", now=now)
    elif paper.status == "SIGNED" and not {"TO_SERVE", "SENT"} & set(statuses):
        move(actor=CLERK, row=paper, name="mark_served", now=now)


def _tell(service: Service, paper: Paper, *, duty: str, kind: str, source: str, now: datetime) -> None:
    notify(
        users=people_for(organisation_id=service.org_id, duty=duty),
        kind=kind,
        data={"title": _line(paper), "from": source},
        subject_type=service.row_type(),
        subject_id=service.pk,
        now=now,
    )


def _line(paper: Paper) -> str:
    return f"{paper.number_text} {paper.title}"
