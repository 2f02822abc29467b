"""The demo's inspection with the mandatory section of special work, and a case that was published."""

from __future__ import annotations

from datetime import timedelta

from quancheng.domains.hazards.queries.rounds import Asked
from quancheng.domains.hazards.services import rounds
from quancheng.domains.permits.models import AuditFinding
from quancheng.domains.permits.queries.audits import AUDIT
from quancheng.domains.permits.queries.exposed import APPROVE
from quancheng.domains.permits.services import exposed
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership


def load(desk: Desk) -> None:
    """After the audits: a round is issued that asks those with permits the section, and a finding becomes a case."""
    _inspect(desk)
    _expose(desk)


def _inspect(desk: Desk) -> None:
    actor, now = desk.actor("emb"), desk.district.now
    if not Enterprise.objects.visible_to(actor).exists():
        return
    spec = rounds.RoundSpec(
        title="岁末安全生产专项检查", text="对照检查表逐项自查；有特殊作业的企业另有必检部分。", checklist="CL-HDG78",
        start_date=desk.date_in(0), due_date=desk.date_in(10), end_date=desk.date_in(60), asked=Asked(),
    )  # fmt: skip
    row = rounds.draft_round(actor=actor, spec=spec, now=now)
    rounds.issue_round(actor=actor, row=row, now=now)


def _expose(desk: Desk) -> None:
    now = desk.district.now
    rows = AuditFinding.objects.exclude(status="DROPPED").filter(severity__in=("C", "M"))
    finding = rows.select_related("permit__file__enterprise").order_by("severity", "found_at", "pk").first()
    if finding is None:
        return
    people = [one for one in _office(desk, finding) if one.has(AUDIT)]
    heads = [one for one in _office(desk, finding) if one.has(APPROVE)]
    writer = next((one for one in people if any(head.user_id != one.user_id for head in heads)), None)
    if writer is None:
        return
    head = next(one for one in heads if one.user_id != writer.user_id)
    spec = exposed.CaseSpec(
        title="作业前应做的检测和确认没有做全", rule=finding.clause[:300] or "GB 30871-2022",
        what="作业票签发前应完成的检测和确认没有做全，作业单位急于开工，监护人没有提出。",
        outcome="已停止作业并重新办票；记入违章记录，全厂停工半天学习。",
    )  # fmt: skip
    case = exposed.write_case(actor=writer, finding=finding, spec=spec, now=now - timedelta(hours=2))
    exposed.move_case(actor=writer, case=case, name="submit", now=now - timedelta(hours=1))
    exposed.move_case(actor=head, case=case, name="publish", now=now)


def _office(desk: Desk, finding: AuditFinding) -> list[Actor]:
    places = Membership.objects.current().filter(organisation=finding.permit.file.supervisor_id)
    return [actor_for(one, now=desk.district.now) for one in places.order_by("pk")]
