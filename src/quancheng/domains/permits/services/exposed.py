"""Publishing cases of special work (典型案例曝光), and setting for how long work marks a unit (S1-4h, S2-5b)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import AuditFinding, DangerousWorkRule, ExposedCase
from quancheng.domains.permits.notices import CASE
from quancheng.domains.permits.queries import exposed as queries
from quancheng.domains.permits.queries.audits import AUDIT, RULES
from quancheng.domains.permits.queries.exposed_names import Hidden, hidden_in
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.permits.services.auditing import HOUSE
from quancheng.domains.permits.services.setting import first_day_faults, set_once
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Reach
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.events.models import Event
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.notices.queries import told_of
from quancheng.kernel.notices.services import notify, people_of
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
    said, hidden = _said(spec, finding, finding.permit.file, {})
    row = ExposedCase(
        owner_org_id=actor.organisation_id, area_id=finding.area_id, reach=Reach.OWN,
        code=next_code(ExposedCase, "BG", now=now), finding=finding, file=finding.permit.file, kind=finding.kind,
        writer=actor.name[:130], hidden=hidden, created_at=now, **said,
    )  # fmt: skip
    try:
        with transaction.atomic():
            _stands(finding.pk)
            made: ExposedCase = enter(actor=actor, row=row, now=now, client_id=client_id,
                                      facts={"finding": finding.pk, "title": row.title})  # fmt: skip
            return made
    except IntegrityError as taken:
        raise Conflict(_("该问题已编写典型案例。")) from taken


def change_case(*, actor: Actor, case: ExposedCase, spec: CaseSpec, now: datetime) -> ExposedCase:
    """Change a case while it is written; who does so publishes it no more.

    :raises StaleState: it was submitted meanwhile. Else as :func:`write_case`.
    """
    actor.require(AUDIT)
    if not queries.is_own(case, actor):
        raise NotPermitted
    said, hidden = _said(spec, case.finding, case.file, case.hidden)
    with transaction.atomic():
        if case.status != "DRAFT":
            raise StaleState(_("案例已提交审批或已结束，不能再修改。"))
        move(actor=actor, row=case, name="change", now=now,
             facts={"title": said["title"], "named": said["is_named"]})  # fmt: skip
        ExposedCase.objects.filter(pk=case.pk).update(**said, hidden=hidden)
    case.refresh_from_db()
    return case


def _stands(finding_id: uuid.UUID | None) -> None:
    """Hold the finding of a case, so that nobody drops it meanwhile. :raises Conflict: somebody did."""
    if finding_id is None:
        # Its permit's time is over.
        return
    found = AuditFinding.objects.select_for_update(no_key=True).filter(pk=finding_id).first()
    if found is not None and found.status == "DROPPED":
        raise Conflict(_("该问题已确认不成立，不能作为典型案例公开。"))


def _said(
    spec: CaseSpec, finding: AuditFinding | None, file: Enterprise, kept: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a case says, and the digests of what may not stand in it."""
    said = {name: clean(getattr(spec, name))[:most] for name, most in _TEXTS.items()}
    wrong: dict[str, Text] = {name: _("请填写此项。") for name, text in said.items() if not text}
    hidden = hidden_in(finding, file, kept)
    wrong |= _named(said, hidden, is_named=spec.is_named)
    if wrong:
        raise Invalid(fields=wrong)
    return {**said, "is_named": spec.is_named}, hidden.to_keep()


def _named(said: Mapping[str, str], hidden: Hidden, *, is_named: bool) -> dict[str, Text]:
    """Texts in which somebody is named, or the enterprise that is not to be, by field."""
    wrong: dict[str, Text] = {}
    for name, text in said.items():
        if hidden.names_person(text):
            wrong[name] = _("典型案例不公开人员姓名（本系统要求：典型案例曝光），请改为“作业人员”“监护人”等。")
        elif not is_named and hidden.names_firm(text):
            wrong[name] = _(
                "已选择不公开企业名称（本系统要求：典型案例曝光），请删去文中的企业名称、简称、作业单位和承包商名称、"
                "作业票编号，或选择公开。"
            )
    return wrong


def move_case(
    *, actor: Actor, case: ExposedCase, name: str, now: datetime, reason: str = "",
    client_id: uuid.UUID | None = None,
) -> ExposedCase:  # fmt: skip
    """Submit, publish, return, drop, confirm or withdraw a case. Published it is read by everybody; withdrawn by its
    office alone. :raises Conflict: its finding was dropped meanwhile, or a name came to stand in it.
    """
    said = clean(reason)[:500]
    changes: dict[str, Any] = {}
    with transaction.atomic():
        if name == "publish":
            _look_before(case)
            changes = {"reach": Reach.PUBLIC, "published_at": now, "reason": ""}
        elif name in ("return", "drop", "withdraw"):
            changes = {"reason": said, "reach": Reach.OWN}
            if name != "return":
                changes["closed_at"] = now
        given = {"note" if name == "confirm" else "reason": said} if said else {}
        moved: ExposedCase = move(actor=actor, row=case, name=name, now=now, given=given, changes=changes,
                                  client_id=client_id)  # fmt: skip
    return moved


def _look_before(case: ExposedCase) -> None:
    """Before it is published: the finding stands, and nobody is named, whoever came to the permit since."""
    _stands(case.finding_id)
    said = {name: str(getattr(case, name)) for name in _TEXTS}
    wrong = _named(said, hidden_in(case.finding, case.file, case.hidden), is_named=case.is_named)
    if wrong:
        fields = "、".join(str(ExposedCase._meta.get_field(name).verbose_name) for name in wrong)  # type: ignore[union-attr]
        raise Conflict(_("%(fields)s：%(fault)s请退回修改。") % {
            "fields": fields, "fault": next(iter(wrong.values()))
        })  # fmt: skip


def end_cases(*, finding: AuditFinding, reason: str, now: datetime) -> None:
    """In the transaction in which a finding is dropped: what was written of it ends, what was published is taken back
    at once."""
    standing = ExposedCase.objects.filter(finding=finding).exclude(status__in=("DROPPED", "WITHDRAWN"))
    for case in standing.order_by("pk"):
        move(actor=HOUSE, row=case, name="recall" if case.status == "PUBLISHED" else "end", now=now,
             changes={"reason": reason[:500], "reach": Reach.OWN, "closed_at": now})  # fmt: skip


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
    notify(
        users=people_of(organisations=rows, duty=VIEW) - told_of(CASE, case.pk), kind=CASE, now=now,
        subject_type=ExposedCase.row_type(), subject_id=case.pk,
        data={"title": case.title, "office": case.owner_org.label},
    )  # fmt: skip


def set_months(
    *, actor: Actor, months: int, from_day: date, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> DangerousWorkRule:
    """For how many months back special work marks a unit as one that does it. :raises Invalid: by field."""
    actor.require(RULES)
    wrong: dict[str, Text] = {}
    if not 1 <= months <= MOST_MONTHS:
        wrong["months"] = _("请填写1到%(most)s之间的月数。") % {"most": MOST_MONTHS}
    wrong |= first_day_faults("from_day", from_day, now)
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
