"""Signing: in one transaction the number, the frozen text, and one service for each addressee (签发)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.access.models import Reach
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import Invalid
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.services import take_number, void_number
from quancheng.kernel.pages.words import listed
from quancheng.kernel.papers.freezing import copy_names, freeze
from quancheng.kernel.papers.loops import LADDER, SERVICE
from quancheng.kernel.papers.models import Paper, Service
from quancheng.kernel.papers.services.drafts import paper_for
from quancheng.kernel.papers.templates_data import gaps_in
from quancheng.kernel.people.matching import Matcher
from quancheng.kernel.people.models import OrganisationKind

#: Who enters and closes the services of a paper: they follow from the signature and the receipts.
CLERK = system_actor("papers", "papers.serve")


def sign_paper(*, actor: Actor, paper: Paper, now: datetime, client_id: uuid.UUID | None = None) -> Paper:
    """Sign: the number is given and the text frozen in this transaction; of two signers one wins.

    :raises Invalid: a gap was left in the text, nobody is addressed, or the issuer has no word for its numbers.
    :raises StaleState: it does not, or no longer, wait for a signature.
    """
    name = "sign_proposed" if paper.origin == LADDER else "sign"
    with transaction.atomic():
        # The lock makes a second signer wait before the counter, so that he takes no number that he cannot use.
        locked = paper_for(actor=actor, paper_id=paper.pk)
        actor.require("papers.sign")
        changes: dict[str, Any] = {}
        if locked.status in locked.loop.moves[name].froms and locked.owner_org_id == actor.organisation_id:
            _refuse_unready(locked)
            issued = take_number(
                actor=actor,
                organisation=locked.issuer,
                kind=locked.series,
                subject_type=locked.row_type(),
                subject_id=locked.pk,
                now=now,
            )
            frozen = freeze(locked, number=issued, signed_on=Calendar().local_date(now))
            changes = {
                "number_text": issued.text,
                "frozen": frozen,
                "frozen_digest": digest_of(frozen),
                "signed_by_id": actor.user_id,
                "signer_name": actor.name,
                "signed_at": now,
            }
        _sign(actor=actor, paper=locked, name=name, changes=changes, now=now, client_id=client_id)
    paper.refresh_from_db()
    return paper


def _sign(
    *,
    actor: Actor,
    paper: Paper,
    name: str,
    changes: dict[str, Any],
    now: datetime,
    client_id: uuid.UUID | None,
) -> None:
    from quancheng.kernel.papers.jobs import render

    already = paper.status == "SIGNED"
    # The journal gets the digest instead of the whole text, and the signer's identifier instead of his name.
    told = {"frozen": changes.get("frozen_digest", ""), "signer_name": ""}
    move(actor=actor, row=paper, name=name, now=now, changes=changes, client_id=client_id, facts=told)
    if already:
        return
    for addressee in paper.addressees.select_related("org"):
        enterprise = addressee.org if addressee.org.kind == OrganisationKind.ENTERPRISE else None
        enter(
            actor=CLERK,
            row=Service(
                owner_org_id=paper.owner_org_id,
                enterprise=enterprise,
                reach=Reach.OWN,
                paper=paper,
                org=addressee.org,
            ),
            now=now,
            facts={"paper": paper.pk, "org": addressee.org_id},
        )
    _send_copies(actor=actor, paper=paper, now=now)
    render.defer(paper_id=str(paper.pk))


def _send_copies(*, actor: Actor, paper: Paper, now: datetime) -> None:
    """Open a signed paper to the organisations of its copy-to line; a name that is not surely one of ours is paper."""
    names = copy_names(paper)
    if not names:
        return
    already = set(paper.addressees.values_list("org_id", flat=True)) | {paper.owner_org_id}
    found = {pk for match in Matcher.load().match_all(names) if match.sure for pk in match.organisations}
    for org_id in sorted(found - already):
        share(actor=actor, row=paper, to_org=org_id, why="copy", now=now)


def void_paper(*, actor: Actor, paper: Paper, reason: str, now: datetime, client_id: uuid.UUID | None = None) -> Paper:
    """Declare a signed paper void (作废): it keeps its number, and what was not finished with it is cancelled.

    :raises Invalid: no reason. :raises StaleState: not signed, closed, or void already.
    """
    reason = clean(reason)[:200]
    with transaction.atomic():
        locked = paper_for(actor=actor, paper_id=paper.pk)
        was_void = locked.status == "VOID"
        changes = {"void_reason": reason, "voided_at": now}
        move(
            actor=actor,
            row=locked,
            name="void",
            now=now,
            given={"reason": reason},
            changes=changes,
            client_id=client_id,
        )
        if not was_void:
            void_number(
                actor=actor,
                kind=locked.series,
                subject_type=locked.row_type(),
                subject_id=locked.pk,
                reason=reason,
                now=now,
            )
            for service in locked.services.exclude(status__in=SERVICE.finals).order_by("pk"):
                move(actor=CLERK, row=service, name="cancel", now=now, changes={"closed_at": now})
    paper.refresh_from_db()
    return paper


def publish_paper(*, actor: Actor, paper: Paper, note: str, now: datetime, client_id: uuid.UUID | None = None) -> Paper:
    """Register that a paper to everybody was published, and where (公布)."""
    return move(actor=actor, row=paper, name="publish", now=now, given={"note": clean(note)[:400]}, client_id=client_id)


def _refuse_unready(paper: Paper) -> None:
    left = gaps_in(paper.title, paper.body)
    if left:
        sentence = _("正文中还有未填写的内容：%(gaps)s。") % {"gaps": listed(left)}
        raise Invalid(sentence, code="gaps", fields={"body": sentence})
    if not paper.issuer.document_word:
        raise Invalid(
            _("“%(name)s”尚未设置机关代字，无法编发文号，请联系系统管理员。") % {"name": paper.issuer.name},
            code="no_document_word",
        )
    if not paper.is_public and not paper.addressees.exists():
        sentence = _("请先填写主送单位。")
        raise Invalid(sentence, fields={"addressees": sentence})
