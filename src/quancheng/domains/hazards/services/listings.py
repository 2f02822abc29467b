"""Listed supervision (挂牌督办): each step with its paper, its terms, its visits, from the proposal to the archive."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.loops.listing import FAILED_TERMS, MONTHS
from quancheng.domains.hazards.models import Finding, Listing, ListingVisit
from quancheng.domains.hazards.models.listings import LISTED, PROGRESS
from quancheng.domains.hazards.queries.listings import reasons_of
from quancheng.domains.hazards.services.repeats import move_once
from quancheng.domains.hazards.services.stops import order_stop
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.ladder.services.climbing import find_issuers
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.papers.loops import LADDER
from quancheng.kernel.papers.models import Paper
from quancheng.kernel.papers.services.drafts import DraftSpec, create_draft
from quancheng.kernel.papers.services.serving import send_all
from quancheng.kernel.papers.services.signing import sign_paper
from quancheng.kernel.people.models import Organisation, OrganisationKind
from quancheng.kernel.people.queries import holders_exist
from quancheng.standards.hidden_dangers import levels
from quancheng.standards.risk.basis import months_later

PROPOSE, REVIEW, SIGN = "hazards.listings.propose", "hazards.listings.review", "hazards.listings.sign"
#: Days between visits. [D]
VISIT_DAYS = 15


@dataclass(frozen=True, slots=True)
class ListingSpec:
    """What a department proposes: why, what is required by when, who sees it through.

    :param copy_to: who hears of it besides, such as the authority that licensed the unit.
    """

    reason: str
    requirement: str
    inspector: str
    term_date: date
    copy_to: str = ""
    is_sensitive: bool = False


def propose_listing(
    *, actor: Actor, finding: Finding, spec: ListingSpec, now: datetime, client_id: uuid.UUID | None = None
) -> Listing:
    """Propose that a major danger is listed; the coordinating office looks at it next.

    :raises Conflict: it is no open major danger, or proposed already. :raises Invalid: by field; a term over a year.
    """
    actor.require(PROPOSE)
    if not actor.supervises or actor.organisation_id is None:
        raise NotPermitted
    office = find_issuers().office
    if office is None:
        raise Conflict(_("本区没有设置安委会办公室，无法挂牌。"))
    today = Calendar().local_date(now)
    wrong: dict[str, Text] = {}
    for name in ("reason", "requirement", "inspector"):
        if not clean(getattr(spec, name)):
            wrong[name] = _("请填写此项。")
    years = int(levels.limits()["LIST_LONGEST"].amount or 1)
    if spec.term_date <= today:
        wrong["term_date"] = _("督办期限应晚于今天。")
    elif spec.term_date > months_later(today, 12 * years):
        wrong["term_date"] = _("督办期限最长%(years)s年。") % {"years": years}
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        locked = Finding.objects.select_for_update(no_key=True).get(pk=finding.pk)
        if not locked.is_major or locked.is_closed or locked.status in ("DRAFT", "REPORTED"):
            raise Conflict(_("只有已核实、未销号的重大隐患才能挂牌督办。"))
        if Listing.objects.filter(finding=locked, closed_at__isnull=True).exists():
            raise Conflict(_("该隐患已经提议或正在挂牌督办。"))
        row = Listing(
            **finding.file.row_scope(owner=actor.organisation_id, reach="chain"),
            code=next_code(Listing, "GP", now=now), title=finding.name[:300], finding=finding, file=finding.file,
            office=office, because=[{"zh": one.zh, "en": one.en} for one in reasons_of(finding, today)],
            reason=clean(spec.reason)[:500], requirement=clean(spec.requirement)[:2000],
            inspector=clean(spec.inspector)[:60], term_date=spec.term_date, copy_to=clean(spec.copy_to)[:300],
            is_sensitive=spec.is_sensitive, created_at=now,
        )  # fmt: skip
        facts = {"finding": finding.pk, "term": spec.term_date, "sensitive": spec.is_sensitive}
        made: Listing = enter(actor=actor, row=row, now=now, facts=facts, client_id=client_id)
        if made.pk == row.pk and office.pk != actor.organisation_id:
            share(actor=actor, row=made, to_org=office.pk, why="review", now=now)
    return made


def review_listing(*, actor: Actor, row: Listing, now: datetime, client_id: uuid.UUID | None = None) -> Listing:
    """The office agrees and lays it before the leader: of the government where somebody there signs, else its own."""
    signer = _signer(row.office)
    with transaction.atomic():
        move(actor=actor, row=row, name="agree", now=now, changes={"signer_org": signer}, client_id=client_id)
        if signer.pk not in (row.office_id, row.owner_org_id):
            share(actor=actor, row=row, to_org=signer.pk, why="sign", now=now)
    return row


def sign_listing(*, actor: Actor, row: Listing, now: datetime, client_id: uuid.UUID | None = None) -> Listing:
    """The leader signs: the notice gets its number and is frozen in the same transaction."""
    with transaction.atomic():
        _locked(row)
        paper = None
        if row.status == "REVIEWED" and actor.has(SIGN) and actor.organisation_id == row.signer_org_id:
            paper = _signed_paper(actor, row, "danger_listing", now)
        changes: dict[str, Any] = {"signed_at": now, "signer_name": actor.name}
        if paper is not None:
            changes |= {"paper": paper, "number_text": paper.number_text}
        move(actor=actor, row=row, name="sign", now=now, changes=changes, facts={"signer_name": ""},
             client_id=client_id)  # fmt: skip
    return row


def serve_listing(*, actor: Actor, row: Listing, now: datetime, client_id: uuid.UUID | None = None) -> Listing:
    """The notice goes to the enterprise, the listing is published unless it is sensitive, the first visit is owed."""
    with transaction.atomic():
        _locked(row)
        changes: dict[str, Any] = {"served_at": now, "reach": "party"}
        if not row.is_sensitive:
            changes["published_at"] = now
        move(actor=actor, row=row, name="serve", now=now, changes=changes, client_id=client_id)
        if row.paper is not None and row.paper.status == "SIGNED":
            send_all(actor=actor, paper=row.paper, now=now)
        owe_visit(row=row, now=now)
    return row


def owe_visit(*, row: Listing, now: datetime) -> None:
    """Owe the next visit while it is listed, 15 days on."""
    if row.status not in LISTED or row.visits.filter(closed_at__isnull=True).exists():
        return
    due = Calendar().local_date(now) + timedelta(days=VISIT_DAYS)
    visit = ListingVisit(
        **row.scope_columns(reach="chain"), listing=row,
        title=f"{row.number_text} {row.title}"[:340], due_date=due, created_at=now,
    )  # fmt: skip
    enter(actor=system_actor("hazards", PROPOSE), row=visit, now=now, facts={"listing": row.pk})


def record_visit(
    *, actor: Actor, visit: ListingVisit, progress: int, text: str, evidence: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> ListingVisit:  # fmt: skip
    """Say how far it has come, with evidence; the enterprise reads it from now on, and the next visit is owed.

    :raises Invalid: no such step of progress, nothing said, no evidence.
    """
    wrong: dict[str, Text] = {}
    if progress not in [share_of for share_of, _label in PROGRESS]:
        wrong["progress"] = _("请选择整改进度。")
    if not clean(text):
        wrong["text"] = _("请写明督导情况。")
    if not evidence:
        wrong["evidence"] = _("请上传现场照片或材料。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        changes = {"progress": progress, "text": clean(text)[:4000], "closed_at": now, "reach": "party"}
        given = {"text": clean(text)[:500], "evidence": [str(one) for one in evidence], "progress": progress}
        attach_files(actor=actor, row=visit, file_ids=list(evidence), now=now)
        move(actor=actor, row=visit, name="visit", now=now, given=given, changes=changes, client_id=client_id)
        Listing.objects.filter(pk=visit.listing_id).update(progress=progress)
        owe_visit(row=Listing.objects.get(pk=visit.listing_id), now=now)
    return visit


def ask_longer(
    *, actor: Actor, row: Listing, until: date, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Listing:
    """The enterprise asks for a longer term, at least 20 working days before its end.

    :raises Invalid: too late, or the new day is not after the present term or more than a year after it was listed.
    """
    given = {"reason": clean(reason), "until": until.isoformat()}

    def make() -> None:
        calendar = Calendar()
        days = int(levels.limits()["EXTEND_ASK"].amount or 0)
        if calendar.add_working_days(calendar.local_date(now), days) > row.term_date:
            raise Invalid(_("须在督办期限届满%(days)s个工作日前申请延长。") % {"days": days}, code="too_late")
        _check_until(row, until, now)
        move(actor=actor, row=row, name="ask_more", now=now, given=given, changes={"wanted_date": until})

    return move_once(actor=actor, row=row, name="ask_more", given=given, client_id=client_id, now=now, make=make)


def judge_longer(
    *, actor: Actor, row: Listing, granted: bool, until: date | None, reason: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> Listing:  # fmt: skip
    """Grant or deny a longer term. :raises Invalid: a day that :func:`ask_longer` would refuse."""
    changes: dict[str, Any] = {"wanted_date": None}
    given: dict[str, Any] = {"reason": clean(reason)}
    if granted:
        if until is None:
            raise Invalid(fields={"until": _("请选择日期。")})
        changes["term_date"] = until
        given["until"] = until.isoformat()
    name = "grant" if granted else "deny"

    def make() -> None:
        if until is not None and granted:
            _check_until(row, until, now)
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes)

    return move_once(actor=actor, row=row, name=name, given=given, client_id=client_id, now=now, make=make)


def apply_lifting(
    *, actor: Actor, row: Listing, text: str, evidence: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Listing:  # fmt: skip
    """The enterprise applies to be taken off the list; the department reviews on site within 10 days."""
    with transaction.atomic():
        attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        given = {"text": clean(text)[:1000], "evidence": [str(one) for one in evidence]}
        move(actor=actor, row=row, name="apply", now=now, given=given, changes={"applied_at": now},
             client_id=client_id)  # fmt: skip
    return row


def review_lifting(
    *, actor: Actor, row: Listing, name: str, text: str, now: datetime, until: date | None = None, stop: str = "",
    client_id: uuid.UUID | None = None,
) -> Listing:  # fmt: skip
    """Review on site: ``pass``; ``fail``, or ``miss`` where the term ended without an application: a new term, and a
    stop of production where the department orders one.

    :raises Invalid: no opinion; no new term after today. :raises StaleState: ``miss`` before the term ended.
    """
    today = Calendar().local_date(now)
    asked = "text" if name == "pass" else "reason"
    given: dict[str, Any] = {asked: clean(text)[:1000]}
    if name != "pass":
        given["until"] = until.isoformat() if until else ""
    stops = name != "pass" and stop in ("part", "all")
    if stops:
        given["stop"] = stop

    def make() -> None:
        _locked(row)
        wrong: dict[str, Text] = {} if clean(text) else {asked: _("请填写此项。")}
        changes: dict[str, Any] = {"review": clean(text)[:2000]}
        if name != "pass":
            if name == "miss" and row.term_date >= today:
                raise StaleState(_("督办期限还没有届满。"))
            if until is None or until <= today:
                wrong["until"] = _("请填写新的期限。")
            changes |= {"term_date": until, "failed_terms": row.failed_terms + 1}
        if wrong:
            raise Invalid(fields=wrong)
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes)
        if stops:
            order_stop(actor=actor, finding_id=row.finding_id, scope=stop, now=now)

    return move_once(actor=actor, row=row, name=name, given=given, client_id=client_id, now=now, make=make)


def lift_listing(*, actor: Actor, row: Listing, now: datetime, client_id: uuid.UUID | None = None) -> Listing:
    """The office publishes that it is off the list, with the paper to the enterprise; visits are owed no more."""
    house = system_actor("hazards", PROPOSE)
    with transaction.atomic():
        _locked(row)
        paper = _signed_paper(actor, row, "danger_delisting", now) if row.status == "PASSED" else None
        changes: dict[str, Any] = {"closed_at": now, **({"lift_paper": paper} if paper else {})}
        move(actor=actor, row=row, name="lift", now=now, changes=changes, client_id=client_id)
        if paper is not None:
            send_all(actor=actor, paper=paper, now=now)
        for visit in row.visits.filter(status="DUE").order_by("pk"):
            move(actor=house, row=visit, name="end", now=now, changes={"closed_at": now})
    return row


def note_listing(
    *, actor: Actor, row: Listing, name: str, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> Listing:
    """Moves that take a sentence: ``drop``, ``withdraw``, ``return``, ``record`` (filed above), ``upgrade``.

    :raises StaleState: ``upgrade`` before two terms were missed or half a year has passed.
    """
    asked = "text" if name == "record" else "reason"
    changes: dict[str, Any] = {}
    if name in ("drop", "withdraw"):
        changes["closed_at"] = now
    if name == "record":
        changes["recorded_at"] = now
    if name == "upgrade":
        if not may_upgrade(row, now):
            raise StaleState(_("两次限期未完成，或挂牌满六个月，才提级督办。"))
        changes["level"] = "city"
    move(actor=actor, row=row, name=name, now=now, given={asked: clean(text)[:500]}, changes=changes,
         client_id=client_id)  # fmt: skip
    return row


def may_upgrade(row: Listing, now: datetime) -> bool:
    """Whether two terms were missed, or it has been listed for half a year."""
    if row.served_at is None:
        return False
    calendar = Calendar()
    half_year = months_later(calendar.local_date(row.served_at), MONTHS)
    return row.failed_terms >= FAILED_TERMS or calendar.local_date(now) > half_year


def _check_until(row: Listing, until: date, now: datetime) -> None:
    start = Calendar().local_date(row.served_at or now)
    if until <= row.term_date:
        raise Invalid(fields={"until": _("新的期限应晚于原期限%(day)s。") % {"day": row.term_date.isoformat()}})
    if until > months_later(start, 12 * int(levels.limits()["LIST_LONGEST"].amount or 1)):
        raise Invalid(fields={"until": _("从挂牌之日起最长一年。")})


def _signer(office: Organisation) -> Organisation:
    """The government's leader where somebody there holds the duty, else the office's own chief."""
    for one in Organisation.objects.standing().filter(kind=OrganisationKind.GOVERNMENT).order_by("pk"):
        if holders_exist(organisation_id=one.pk, duty=SIGN):
            return one
    return office


def _signed_paper(actor: Actor, row: Listing, template: str, now: datetime) -> Paper:
    """The notice, drafted by the house in the committee's name and signed by whoever makes the move."""
    issuers = find_issuers()
    issuer = issuers.committee or row.office
    name = row.file.enterprise.name if row.file.enterprise else ""
    values = {"事项": row.title, "单位": name, "内容": _content(row, template)}
    spec = DraftSpec(
        template=template, addressees=(row.file_id,), values=values, issuer=issuer.pk, copy_to=row.copy_to,
        openness="closed" if row.is_sensitive else "public", origin=LADDER, about_type=row.row_type(), about_id=row.pk,
    )  # fmt: skip
    paper = create_draft(actor=system_actor("hazards", "papers.draft"), spec=spec, owner=row.office_id, now=now)
    # The leader signs what the office keeps: under his own name, for the office.
    hand = Actor(kind="system", name=actor.name, user_id=actor.user_id, organisation_id=row.office_id,
                 duties=frozenset({"papers.sign"}))  # fmt: skip
    return sign_paper(actor=hand, paper=paper, now=now)


def _content(row: Listing, template: str) -> str:
    """What a notice says of this danger, in the words of official papers."""
    if template == "danger_delisting":
        return f"原挂牌督办文号：{row.number_text}。"
    day = row.term_date
    lines = []
    if row.finding.criterion:
        lines.append(f"判定依据：重大事故隐患判定标准{row.finding.criterion}。")
    lines += [
        f"督办要求：{row.requirement}", f"督办期限：{day.year}年{day.month}月{day.day}日。",
        f"督办单位：{row.owner_org.name}，督办责任人：{row.inspector}。",
        "整改期间每周报告一次进展，落实临时管控措施。",
    ]  # fmt: skip
    return "\n".join(f"{number}、{line}" for number, line in zip("一二三四五", lines, strict=False))


def _locked(row: Listing) -> None:
    """One act at a time, so that no second notice is numbered."""
    Listing.objects.select_for_update(no_key=True).filter(pk=row.pk).values_list("pk").get()
    row.refresh_from_db()
