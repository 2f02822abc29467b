"""Drafting: a paper from its template, its changes, and its way to the signer (拟稿、核稿)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Reach
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import Invalid, NotFound, NotPermitted, StaleState
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.papers.loops import MANUAL
from quancheng.kernel.papers.models import OPENNESS, URGENCY, Paper, PaperAddressee, PaperTemplate
from quancheng.kernel.papers.templates_data import fill
from quancheng.kernel.people.models import Organisation, OrganisationKind

MOST_ADDRESSEES = 200
BODY_LIMIT = 20_000
#: Fields of a draft that its owner may change.
_EDITABLE = ("title", "body", "copy_to", "attachments", "openness", "urgency", "reply_working_days")


@dataclass(frozen=True, slots=True)
class DraftSpec:
    """What a draft is made of. Title and body that are not given come from the template, filled with ``values``.

    :ivar issuer: in whose name; the drafting organisation where none is given.
    """

    template: str
    addressees: Sequence[uuid.UUID] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    title: str | None = None
    body: str | None = None
    issuer: uuid.UUID | None = None
    reply_working_days: int | None = None
    copy_to: str = ""
    attachments: Sequence[str] = ()
    openness: str = "closed"
    urgency: str = ""
    origin: str = MANUAL
    about_type: str = ""
    about_id: uuid.UUID | None = None


def create_draft(
    *,
    actor: Actor,
    spec: DraftSpec,
    now: datetime,
    owner: uuid.UUID | None = None,
    client_id: uuid.UUID | None = None,
) -> Paper:
    """Draft a paper from the newest version of its template.

    :param owner: the drafting organisation, where the house drafts for one; a person drafts for his own.
    :raises NotPermitted: the duty is missing, or the issuer is not the actor's to write for.
    :raises Invalid: no title or body, an unknown template, issuer or addressee.
    """
    actor.require("papers.draft")
    organisation_id = owner if actor.is_system else actor.organisation_id
    if organisation_id is None:
        raise NotPermitted
    template = newest_template(spec.template)
    issuer = _issuer(organisation_id, spec.issuer)
    fields = _clean_fields(
        {
            "title": fill(template.title, spec.values) if spec.title is None else spec.title,
            "body": fill(template.body, spec.values) if spec.body is None else spec.body,
            "copy_to": spec.copy_to,
            "attachments": list(spec.attachments),
            "openness": spec.openness,
            "urgency": spec.urgency,
            "reply_working_days": spec.reply_working_days or template.reply_working_days,
        }
    )
    addressees = _known_organisations(actor, spec.addressees)
    paper = Paper(
        owner_org_id=organisation_id,
        reach=Reach.OWN,
        template=template,
        kind_name=template.name,
        series=template.series,
        is_public=template.is_public,
        issuer=issuer,
        origin=spec.origin,
        about_type=spec.about_type,
        about_id=spec.about_id,
        drafted_by_id=actor.user_id,
        drafted_at=now,
        **fields,
    )
    with transaction.atomic():
        facts = {
            "template": template.code,
            "version": template.version,
            "addressees": [org.pk for org in addressees],
            # So that another text under the same request identifier is told from the same one.
            "text": digest_of({"issuer": issuer.pk, **fields}),
        }
        row = enter(actor=actor, row=paper, now=now, facts=facts, client_id=client_id)
        if row.pk == paper.pk:
            _set_addressees(row, addressees)
    return row


def change_draft(
    *,
    actor: Actor,
    paper: Paper,
    changes: Mapping[str, Any],
    now: datetime,
    addressees: Sequence[uuid.UUID] | None = None,
) -> Paper:
    """Change a draft that the actor got through a query; what two change at once is refused to the second.

    :raises StaleState: no longer a draft, or changed by somebody else since it was read.
    """
    actor.require("papers.draft")
    if paper.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该文书由其他单位拟稿。"), code="other_organisation")
    unknown = set(changes) - set(_EDITABLE)
    if unknown:
        raise Invalid(fields={name: _("该项不能修改。") for name in sorted(unknown)})
    fields = _clean_fields({name: changes.get(name, getattr(paper, name)) for name in _EDITABLE})
    wanted = None if addressees is None else _known_organisations(actor, addressees)
    with transaction.atomic():
        mine = Paper.objects.visible_to(actor).filter(pk=paper.pk, status="DRAFT", updated_at=paper.updated_at)
        if mine.update(**fields, updated_at=now) != 1:
            raise StaleState(_("该文书已不在拟稿状态，或刚被他人修改，请刷新后再改。"))
        if wanted is not None:
            _set_addressees(paper, wanted)
        journal.record(
            actor=actor,
            act="papers.paper.edit",
            subject_type=paper.row_type(),
            subject_id=paper.pk,
            org_id=paper.owner_org_id,
            facts={"fields": sorted(changes), "addressees": None if wanted is None else [org.pk for org in wanted]},
            now=now,
        )
    paper.refresh_from_db()
    return paper


def submit_paper(*, actor: Actor, paper: Paper, now: datetime, client_id: uuid.UUID | None = None) -> Paper:
    """Send a draft to be checked (送核稿)."""
    return move(actor=actor, row=paper, name="submit", now=now, client_id=client_id)


def check_paper(*, actor: Actor, paper: Paper, now: datetime, client_id: uuid.UUID | None = None) -> Paper:
    """Pass a checked paper on to the signer (核稿); refused to whoever submitted it."""
    return move(actor=actor, row=paper, name="check", now=now, client_id=client_id)


def send_paper_back(
    *,
    actor: Actor,
    paper: Paper,
    reason: str,
    now: datetime,
    name: str = "send_back",
    client_id: uuid.UUID | None = None,
) -> Paper:
    """Return a paper to its drafter: ``send_back`` by the checker, ``refuse`` by the signer."""
    return move(actor=actor, row=paper, name=name, now=now, given={"reason": clean(reason)}, client_id=client_id)


def discard_paper(
    *, actor: Actor, paper: Paper, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Paper:
    """Give a draft up (弃稿); it never had a number."""
    return move(actor=actor, row=paper, name="discard", now=now, given={"reason": clean(reason)}, client_id=client_id)


def newest_template(code: str) -> PaperTemplate:
    """:raises Invalid: there is none under the code."""
    found = PaperTemplate.objects.filter(code=code).order_by("-version").first()
    if found is None:
        raise Invalid(fields={"template": _("没有该文书模板。")})
    return found


def issuers_for(organisation_id: uuid.UUID) -> list[Organisation]:
    """In whose names an organisation may write: its own, and the coordinating office in its committee's."""
    own = Organisation.objects.get(pk=organisation_id)
    if own.kind != OrganisationKind.OFFICE:
        return [own]
    committees = Organisation.objects.standing().filter(kind=OrganisationKind.COMMITTEE)
    if own.parent_id is not None and committees.filter(pk=own.parent_id).exists():
        committees = committees.filter(pk=own.parent_id)
    return [own, *committees.by_name()]


def _issuer(owner: uuid.UUID, wanted: uuid.UUID | None) -> Organisation:
    allowed = {org.pk: org for org in issuers_for(owner)}
    found = allowed.get(wanted or owner)
    if found is None:
        raise NotPermitted(_("不能以该单位名义发文。"), code="issuer")
    return found


def _clean_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as they are stored.

    :raises Invalid: beside each field that is empty, too long or out of range.
    """
    lines = [clean(line) for line in str(given["body"]).replace("\r\n", "\n").split("\n")]
    fields = {
        **given,
        "title": clean(str(given["title"])),
        "body": "\n".join(line for line in lines if line),
        "copy_to": clean(str(given["copy_to"])),
        "attachments": [clean(name) for name in given["attachments"] if clean(name)],
    }
    wrong: dict[str, Any] = {}
    if not fields["title"] or len(fields["title"]) > 200:
        wrong["title"] = _("请填写标题，不超过200个字。")
    if not fields["body"] or len(fields["body"]) > BODY_LIMIT:
        wrong["body"] = _("请填写正文，不超过%(count)s个字。") % {"count": BODY_LIMIT}
    if len(fields["copy_to"]) > 400:
        wrong["copy_to"] = _("抄送不超过400个字。")
    if len(fields["attachments"]) > 20 or any(len(name) > 200 for name in fields["attachments"]):
        wrong["attachments"] = _("附件最多20个，每个名称不超过200个字。")
    for name, choices in (("openness", OPENNESS), ("urgency", URGENCY)):
        if fields[name] not in dict(choices):
            wrong[name] = _("没有这个选项。")
    days = fields["reply_working_days"]
    if days is not None and not 1 <= days <= 250:
        wrong["reply_working_days"] = _("回复期限须在1至250个工作日之间。")
    if wrong:
        raise Invalid(fields=wrong)
    return fields


def _known_organisations(actor: Actor, ids: Sequence[uuid.UUID]) -> list[Organisation]:
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MOST_ADDRESSEES:
        raise Invalid(fields={"addressees": _("主送单位最多%(count)s个。") % {"count": MOST_ADDRESSEES}})
    found = Organisation.objects.visible_to(actor).standing().in_bulk(wanted)
    if len(found) != len(wanted):
        raise Invalid(fields={"addressees": _("主送单位中有不存在或已撤销的单位。")})
    return [found[pk] for pk in wanted]


def _set_addressees(paper: Paper, organisations: Sequence[Organisation]) -> None:
    PaperAddressee.objects.filter(paper=paper).delete()
    PaperAddressee.objects.bulk_create(
        [PaperAddressee(paper=paper, org=org, place=place) for place, org in enumerate(organisations)]
    )


def paper_for(*, actor: Actor, paper_id: uuid.UUID) -> Paper:
    """A paper that the actor may see, locked for the rest of the transaction.

    :raises NotFound: absent, or out of scope.
    """
    found = Paper.objects.visible_to(actor).select_for_update(no_key=True, of=("self",)).filter(pk=paper_id).first()
    if found is None:
        raise NotFound
    return found
