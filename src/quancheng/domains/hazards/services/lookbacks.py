"""Looking back for responsibility (责任倒查): opened with the records frozen, concluded, approved by another."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import Conclusion, Finding, Lookback, LookbackCause
from quancheng.domains.hazards.models.lookbacks import Blamed, Fault, Link, Suggestion
from quancheng.domains.hazards.queries.lookbacks import Cause, causes_of, chain_of
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.people.models import Organisation

CONDUCT, APPROVE = "hazards.lookbacks.conduct", "hazards.lookbacks.approve"


def open_lookback(
    *, actor: Actor, finding: Finding, reason: str, accident: str, now: datetime, client_id: uuid.UUID | None = None
) -> Lookback:
    """Open a look back at what sets one off now, or at an accident that is told by hand; the records are frozen.

    :param accident: which accident the danger led to, where it did.
    :raises Conflict: nothing sets one off, one is under way, or the event was used. :raises Invalid: no reason.
    """
    actor.require(CONDUCT)
    if not actor.supervises or actor.organisation_id is None:
        raise NotPermitted
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明启动理由。")})
    causes = causes_of(finding, today=Calendar().local_date(now))
    if clean(accident):
        causes.append(Cause("accident", clean(accident)[:200]))
    if not causes:
        raise Conflict(_("没有新的启动情形：同一事件不重复倒查；因事故倒查的，请写明事故。"))
    with transaction.atomic():
        Finding.objects.select_for_update(no_key=True).filter(pk=finding.pk).values_list("pk").get()
        if Lookback.objects.filter(finding=finding, closed_at__isnull=True).exists():
            raise Conflict(_("该隐患正在倒查。"))
        frozen = [
            {"kind": one.kind, "id": str(one.pk), "at": one.at.isoformat(), "zh": one.said.zh, "en": one.said.en,
             "digest": one.digest}
            for one in chain_of(finding)
        ]  # fmt: skip
        row = Lookback(
            **finding.file.row_scope(owner=actor.organisation_id, reach="own"),
            code=next_code(Lookback, "DC", now=now), title=finding.name[:300], finding=finding, file=finding.file,
            reason=clean(reason)[:500], frozen=frozen, frozen_digest=digest_of(frozen), frozen_at=now, created_at=now,
        )  # fmt: skip
        facts = {"finding": finding.pk, "causes": [one.trigger for one in causes], "frozen": row.frozen_digest}
        made: Lookback = enter(actor=actor, row=row, now=now, facts=facts, client_id=client_id)
        if made.pk != row.pk:
            return made
        try:
            with transaction.atomic():
                LookbackCause.objects.bulk_create(
                    LookbackCause(lookback=made, finding=finding, trigger=one.trigger, event=one.event)
                    for one in causes
                )
        except IntegrityError:
            raise Conflict(_("同一事件不重复倒查。")) from None
    return made


@dataclass(frozen=True, slots=True)
class ConclusionSpec:
    """One conclusion: which link failed how, who answers for it, what is suggested, on what it rests."""

    link: str
    fault: str
    level: str
    org: Organisation | None
    who: str
    suggestion: str
    evidence: str


def conclude(*, actor: Actor, row: Lookback, spec: ConclusionSpec, now: datetime) -> Conclusion:
    """Add a conclusion while the look back is open. :raises Invalid: by field. :raises StaleState: it is not."""
    _require_own(actor, row)
    wrong: dict[str, Text] = {}
    known = {"link": Link, "fault": Fault, "level": Blamed, "suggestion": Suggestion}
    for name, choices in known.items():
        if getattr(spec, name) not in choices.values:
            wrong[name] = _("没有这个选项。")
    for name in ("who", "evidence"):
        if not clean(getattr(spec, name)):
            wrong[name] = _("请填写此项。")
    if spec.org is None and spec.level in (Blamed.UNIT, Blamed.AUTHORITY):
        wrong["org"] = _("请选择责任单位。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        _lock_open(row)
        made = Conclusion.objects.create(
            lookback=row, link=spec.link, fault=spec.fault, level=spec.level, org=spec.org,
            who=clean(spec.who)[:120], suggestion=spec.suggestion, evidence=clean(spec.evidence)[:2000], made_at=now,
        )  # fmt: skip
        facts = {"link": spec.link, "fault": spec.fault, "level": spec.level, "suggestion": spec.suggestion}
        _note(actor, "hazards.lookback.conclude", row, facts, now)
    return made


def take_back(*, actor: Actor, row: Lookback, conclusion: Conclusion, now: datetime) -> None:
    """Take a conclusion back while the look back is open."""
    _require_own(actor, row)
    with transaction.atomic():
        _lock_open(row)
        row.conclusions.filter(pk=conclusion.pk).delete()
        _note(actor, "hazards.lookback.take_back", row, {"conclusion": conclusion.pk}, now)


def submit_lookback(
    *, actor: Actor, row: Lookback, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> Lookback:
    """Hand it in for approval. :raises Conflict: it says nothing of anybody."""
    if not row.conclusions.exists():
        raise Conflict(_("请先逐环节填写倒查认定；认定无责任的，请撤销倒查并写明理由。"))
    move(actor=actor, row=row, name="submit", now=now, given={"text": clean(text)[:500]},
         changes={"text": clean(text)[:4000]}, client_id=client_id)  # fmt: skip
    return row


def approve_lookback(*, actor: Actor, row: Lookback, now: datetime, client_id: uuid.UUID | None = None) -> Lookback:
    """Approve it; from now on whoever is blamed reads what concerns him."""
    with transaction.atomic():
        changes = {"closed_at": now, "approver_name": actor.name}
        move(actor=actor, row=row, name="approve", now=now, changes=changes, facts={"approver_name": ""},
             client_id=client_id)  # fmt: skip
        orgs = set(row.conclusions.filter(org__isnull=False).values_list("org", flat=True)) - {row.owner_org_id}
        for org in sorted(orgs, key=str):
            share(actor=actor, row=row, to_org=org, why="blamed", now=now)
    return row


def end_lookback(
    *, actor: Actor, row: Lookback, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Lookback:
    """``return`` it for more, or ``drop`` it with the reason."""
    changes = {"closed_at": now} if name == "drop" else {}
    move(actor=actor, row=row, name=name, now=now, given={"reason": clean(reason)[:500]}, changes=changes,
         client_id=client_id)  # fmt: skip
    return row


def _require_own(actor: Actor, row: Lookback) -> None:
    actor.require(CONDUCT)
    if actor.organisation_id != row.owner_org_id:
        raise NotPermitted(_("该步骤由其他单位办理。"), code="other_organisation")


def _lock_open(row: Lookback) -> None:
    Lookback.objects.select_for_update(no_key=True).filter(pk=row.pk).values_list("pk").get()
    row.refresh_from_db()
    if row.status != "OPEN":
        raise StaleState(_("倒查已提交，不能再改。"))


def _note(actor: Actor, act: str, row: Lookback, facts: Mapping[str, object], now: datetime) -> None:
    journal.record(actor=actor, act=act, subject_type=row.row_type(), subject_id=row.pk, org_id=row.owner_org_id,
                   facts=facts, now=now)  # fmt: skip
