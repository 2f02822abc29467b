"""The demo's audits, filings and spot checks: every issued permit is audited, some jobs were told beforehand, two were
looked at, and one enterprise confirmed its rules for dangerous work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from quancheng.domains.permits.models import AuditFinding, Matter, Permit, SpotCheck
from quancheng.domains.permits.queries.audits import AUDIT
from quancheng.domains.permits.services import audit_findings, filings, spot
from quancheng.domains.permits.services.auditing import audit_permit
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership
from quancheng.standards.gb30871.audit.spot import questions

#: A seed of the demo, so that the same permits are drawn each time it is loaded.
_SEED = "demo"
_PAPERS = {
    Matter.RULES: ("危险作业安全管理制度", "分级审批、现场确认、监护和验收的规定"),
    Matter.TRAINING: ("危险作业年度培训计划和记录", "作业人、监护人、审批人每年培训考核"),
    Matter.SELF_CHECK: ("危险作业自查自纠安排", "每周抽查在作业的作业票，每月汇总整改"),
}


def load(desk: Desk, files: Mapping[int, Enterprise]) -> None:
    """After the permits: ``files`` are those of the enterprises with permits, by their number."""
    now = desk.district.now
    _told(desk, files)
    rows = Permit.objects.filter(issued_at__isnull=False).select_related("file__enterprise", "requester")
    for permit in rows.order_by("created_at", "pk"):
        audit_permit(permit=permit, moment="NIGHT", now=now)
    _put_right(desk, files)
    _looked_at(desk)
    _confirmed(desk, files)


def _office(desk: Desk, file: Enterprise) -> Actor | None:
    """Somebody of the office that supervises an enterprise who audits."""
    for place in Membership.objects.current().filter(organisation=file.supervisor_id).order_by("pk"):
        actor = actor_for(place, now=desk.district.now)
        if actor.has(AUDIT):
            return actor
    return None


def _told(desk: Desk, files: Mapping[int, Enterprise]) -> None:
    """A permit of each enterprise is filed, and a shutdown by hand."""
    now = desk.district.now
    for number, file in files.items():
        actor = desk.actor(f"enterprise{number}")
        running = Permit.objects.filter(file=file, status__in=("ISSUED", "WORKING", "SUSPENDED"))
        permit = running.select_related("file").order_by("pk").first()
        if permit is not None:
            # An emergency was told by telephone before it began.
            phoned = (permit.window_start - timedelta(minutes=15), "区应急管理局值班室 某值班员")
            phoned_at, phoned_to = phoned if permit.is_emergency else (None, "")
            row = filings.file_permit(
                actor=actor, permit=permit, phoned_at=phoned_at, phoned_to=phoned_to, now=now - timedelta(minutes=30)
            )
            office = _office(desk, file)
            if office is not None and number != 1:
                filings.act_on_filing(actor=office, row=row, name="accept", now=now - timedelta(minutes=10))
    if 2 in files:
        start = now + timedelta(days=12)
        told = filings.Told(
            code="F4", apply_unit="生产部", work_unit="示例检修公司", is_contractor=True, place="精馏装置",
            content="年度停车检修：方案、承包商和作业清单见附件，每班一名带班领导", starts_at=start,
            ends_at=start + timedelta(days=10), people_count=45, leader="某副总经理",
            files=(desk.paper(desk.actor("enterprise2"), "停车检修方案", now),),
        )  # fmt: skip
        filings.file_by_hand(actor=desk.actor("enterprise2"), file=files[2], told=told, now=now)


def _put_right(desk: Desk, files: Mapping[int, Enterprise]) -> None:
    """One finding is received, one answered, one closed."""
    now = desk.district.now
    for number, file in files.items():
        own, office = desk.actor(f"enterprise{number}"), _office(desk, file)
        rows = AuditFinding.objects.filter(permit__file=file, status="PUSHED").select_related("permit")
        for row in rows.order_by("found_at", "pk")[:2]:
            audit_findings.act_on_finding(actor=own, row=row, name="receive", now=now)
            if number > 1:
                audit_findings.act_on_finding(actor=own, row=row, name="answer", text="已整改并培训有关人员", now=now)
            if number > 2 and office is not None:
                audit_findings.act_on_finding(actor=office, row=row, name="close", text="复查合格", now=now)


def _looked_at(desk: Desk) -> None:
    """Each office with running work draws; the first of its checks is recorded."""
    now = desk.district.now
    supervisors = Permit.objects.filter(status__in=("ISSUED", "WORKING", "SUSPENDED")).order_by("file__supervisor")
    for office_id in supervisors.values_list("file__supervisor", flat=True).distinct():
        spot.draw_for(office_id=office_id, now=now, seed=_SEED)
    done = 0
    for row in SpotCheck.objects.filter(status="DUE").select_related("permit__file__enterprise").order_by("pk")[:3]:
        office = _office(desk, row.permit.file)
        if office is None:
            continue
        if done % 2 == 0:
            answers = {one.code: ("YES", "") for one in questions(row.permit.kind)}
            answers["Q-18"] = ("NO", "东侧警戒带被撤除")
            seen = spot.Seen(mode="on_site", answers=answers, note="现场核对人员、证件和措施")
        else:
            seen = spot.Seen(mode="online", camera="演示-球机03", seen_at=now, seen="监护人在岗，作业人防护齐全")
        spot.record_check(actor=office, row=row, seen=seen, now=now)
        done += 1


def _confirmed(desk: Desk, files: Mapping[int, Enterprise]) -> None:
    """One confirmed all three, one its rules alone, the others nothing: they stand on the list of those late."""
    wanted = {1: tuple(Matter), 2: (Matter.RULES,)}
    for number, matters in wanted.items():
        if number not in files:
            continue
        actor = desk.actor(f"enterprise{number}.head")
        for matter in matters:
            title, text = _PAPERS[matter]
            spot.confirm_mechanism(
                actor=actor, file=files[number], matter=matter, title=title, issued=desk.date_in(-40), text=text,
                files=(desk.paper(actor, title, desk.district.now),), now=desk.district.now,
            )  # fmt: skip
