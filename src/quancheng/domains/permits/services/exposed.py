"""Publishing cases of special work (典型案例曝光), and setting for how long work marks a unit (S1-4h, S2-5b)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import AuditFinding, DangerousWorkRule, ExposedCase
from quancheng.domains.permits.notices import CASE
from quancheng.domains.permits.queries import exposed as queries
from quancheng.domains.permits.queries.audits import AUDIT, RULES
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.permits.services.checking import is_far
from quancheng.domains.permits.services.setting import set_once
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Reach
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.events.models import Event
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.notices.queries import told_of
from quancheng.kernel.notices.services import notify, people_for
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.people.models import Organisation

MOST_MONTHS = 60
_TEXTS = {"title": 120, "what": 2000, "rule": 300, "outcome": 1000}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSpec:
    """What a case says: what was wrong, which rule it broke, what came of it, and whether the enterprise is named."""

    title: str
    what: str
    rule: str
    outcome: str
    is_named: bool = False


def write_case(
    *, actor: Actor, finding: AuditFinding, spec: CaseSpec, now: datetime, client_id: uuid.UUID | None = None
) -> ExposedCase:
    """Write a case of a finding that the actor may see.

    :raises Invalid: by field; also where a person's name stands in it, or the enterprise's where it is not to be named.
    :raises Conflict: the finding was dropped, or has a case. :raises NotPermitted: not an office with the duty.
    """
    actor.require(AUDIT)
    if not actor.supervises or actor.organisation_id is None:
        raise NotPermitted
    if finding.status == "DROPPED":
        raise Conflict(_("该问题已确认不成立，不能作为典型案例公开。"))
    said = _said(spec, finding, finding.permit.file)
    row = ExposedCase(
        owner_org_id=actor.organisation_id, area_id=finding.area_id, reach=Reach.OWN,
        code=next_code(ExposedCase, "BG", now=now), finding=finding, file=finding.permit.file, kind=finding.kind,
        writer=actor.name[:130], created_at=now, **said,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made: ExposedCase = enter(actor=actor, row=row, now=now, client_id=client_id,
                                      facts={"finding": finding.pk, "title": row.title})  # fmt: skip
            return made
    except IntegrityError as taken:
        raise Conflict(_("该问题已编写典型案例。")) from taken


def change_case(*, actor: Actor, case: ExposedCase, spec: CaseSpec, now: datetime) -> ExposedCase:
    """Change a case while it is written. :raises StaleState: it was submitted meanwhile. Else as :func:`write_case`."""
    actor.require(AUDIT)
    if not queries.is_own(case, actor):
        raise NotPermitted
    said = _said(spec, case.finding, case.file)
    with transaction.atomic():
        drafts = ExposedCase.objects.visible_to(actor).filter(pk=case.pk, status="DRAFT")
        if not drafts.update(**said, updated_at=now):
            raise StaleState(_("案例已提交审批或已结束，不能再修改。"))
        journal.record(
            actor=actor, act="permits.case.change", subject_type=ExposedCase.row_type(), subject_id=case.pk,
            org_id=case.owner_org_id, now=now, facts={"title": said["title"], "named": said["is_named"]},
        )  # fmt: skip
    case.refresh_from_db()
    return case


def _said(spec: CaseSpec, finding: AuditFinding | None, file: Enterprise) -> dict[str, Any]:
    said = {name: clean(getattr(spec, name))[:most] for name, most in _TEXTS.items()}
    wrong: dict[str, Text] = {name: _("请填写此项。") for name, text in said.items() if not text}
    people = queries.names_on(finding) if finding is not None else ()
    own = file.enterprise.name if file.enterprise is not None else ""
    for name, text in said.items():
        if any(one in text for one in people):
            wrong[name] = _("典型案例不公开人员姓名（本系统要求：典型案例曝光），请改为“作业人员”“监护人”等。")
        elif own and own in text and not spec.is_named:
            wrong[name] = _("已选择不公开企业名称，请删去文中的企业名称，或选择公开。")
    if wrong:
        raise Invalid(fields=wrong)
    return {**said, "is_named": spec.is_named}


def move_case(
    *, actor: Actor, case: ExposedCase, name: str, now: datetime, reason: str = "",
    client_id: uuid.UUID | None = None,
) -> ExposedCase:  # fmt: skip
    """Submit, publish, return, drop, confirm or withdraw a case. Published it is read by everybody; withdrawn by its
    office alone. :raises Conflict: its finding was dropped meanwhile.
    """
    said = clean(reason)[:500]
    changes: dict[str, Any] = {}
    if name == "publish":
        # Read anew: the office may have dropped it since the case was opened.
        if AuditFinding.objects.filter(cases=case.pk, status="DROPPED").exists():
            raise Conflict(_("该问题已确认不成立，不能作为典型案例公开。"))
        changes = {"reach": Reach.PUBLIC, "published_at": now, "reason": ""}
    elif name in ("return", "drop", "withdraw"):
        changes = {"reason": said, "reach": Reach.OWN}
        if name != "return":
            changes["closed_at"] = now
    given = {"note" if name == "confirm" else "reason": said} if said else {}
    moved: ExposedCase = move(actor=actor, row=case, name=name, now=now, given=given, changes=changes,
                              client_id=client_id)  # fmt: skip
    return moved


def hear_published(event: Event, now: datetime) -> None:
    """Subscriber of the loop: enterprises of the office's area are told, each person once. The same event again finds
    that they were told."""
    case = ExposedCase.objects.filter(pk=event.subject_id, status="PUBLISHED").select_related("owner_org__area").first()
    if case is None:
        return
    area = case.owner_org.area
    rows = Organisation.objects.filter(pk__in=Enterprise.objects.filter(merged_into__isnull=True).values("pk"))
    if area is not None:
        rows = rows.filter(area__path__startswith=area.path)
    users = {user for key in rows.order_by("pk").values_list("pk", flat=True) for user in people_for(
        organisation_id=key, duty=VIEW
    )}  # fmt: skip
    notify(
        users=users - told_of(CASE, case.pk), kind=CASE, now=now, subject_type=ExposedCase.row_type(),
        subject_id=case.pk, data={"title": case.title, "office": case.owner_org.label},
    )  # fmt: skip


def set_months(
    *, actor: Actor, months: int, from_day: date, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> DangerousWorkRule:
    """For how many months back special work marks a unit as one that does it. :raises Invalid: by field."""
    actor.require(RULES)
    wrong: dict[str, Text] = {}
    if not 1 <= months <= MOST_MONTHS:
        wrong["months"] = _("请填写1到%(most)s之间的月数。") % {"most": MOST_MONTHS}
    if from_day < Calendar().local_date(now):
        wrong["from_day"] = _("起用日期不能早于今天。")
    elif is_far(Calendar().start_of(from_day), now):
        wrong["from_day"] = _("时间超出范围。")
    why = clean(reason)[:300]
    if not why:
        wrong["reason"] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)
    given = {"months": months, "from_day": from_day, "reason": why}
    return set_once(
        DangerousWorkRule, actor=actor, act="permits.dangerous_work_rule.set",
        given={**given, "entered_by": actor.name[:130]}, facts={**given, "from_day": from_day.isoformat()},
        now=now, client_id=client_id,
    )  # fmt: skip
