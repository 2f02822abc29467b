"""Groups founded and changed; supervision visits planned, made, and what they found turned into tasks and papers."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.duty.loops.task import DATED
from quancheng.domains.duty.models import Campaign, GroupMember, Plan, Task, Visit, VisitFinding, WorkGroup
from quancheng.domains.duty.models.visits import Outcome
from quancheng.domains.duty.services.tasks import TaskSpec, issue_task
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Scoped
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import once
from quancheng.kernel.papers.models import Paper
from quancheng.kernel.papers.services.drafts import DraftSpec, create_draft
from quancheng.kernel.people.models import Organisation

GROUPS, VISITS = "duty.groups.manage", "duty.visits.manage"
_TEXT_LIMIT = 5000
#: Characters of one finding.
MOST_FINDING = 500


# Groups ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GroupSpec:
    """A group to be founded."""

    title: str
    kind: str
    office: Organisation
    founded_date: date
    section: str = ""
    duties: str = ""
    plan: Plan | None = None
    campaign: Campaign | None = None


def found_group(
    *, actor: Actor, spec: GroupSpec, now: datetime, client_id: uuid.UUID | None = None
) -> WorkGroup:  # fmt: skip
    """Found a leading group or a work group of the actor's organisation; its members are named after."""
    owner = _owner(actor, GROUPS)
    if not clean(spec.title):
        raise Invalid(fields={"title": _("请填写此项。")})

    def make() -> uuid.UUID:
        group = WorkGroup.objects.create(
            owner_org=owner, area_id=owner.area_id, kind=spec.kind, title=clean(spec.title)[:200], office=spec.office,
            section=clean(spec.section)[:60], duties=spec.duties.strip()[:_TEXT_LIMIT], plan=spec.plan,
            campaign=spec.campaign, founded_date=spec.founded_date, created_at=now,
        )  # fmt: skip
        if spec.office != owner:
            share(actor=actor, row=group, to_org=spec.office.pk, why="member", now=now)
        _record(actor, "duty.group.found", group, now, {"title": group.title, "office": spec.office.pk})
        return group.pk

    body = {
        "title": spec.title, "kind": spec.kind, "office": spec.office.pk, "founded": spec.founded_date,
        "section": spec.section, "duties": spec.duties, "plan": spec.plan and spec.plan.pk,
        "campaign": spec.campaign and spec.campaign.pk,
    }  # fmt: skip
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="duty.group.found", body=body, now=now, make=make)
    return WorkGroup.objects.get(pk=pk)


def name_member(
    *, actor: Actor, group: WorkGroup, role: str, org: Organisation, name: str, post: str, now: datetime
) -> GroupMember:
    """Put a person, or a unit as such, into a group; his organisation sees the group.

    :raises Invalid: a head or deputy without a name. :raises Conflict: there is a head, or he is in it already.
    """
    _own(actor, group, GROUPS)
    if role != "3member" and not clean(name):
        raise Invalid(fields={"name": _("组长、副组长须写明姓名。")})
    try:
        with transaction.atomic():
            member = GroupMember.objects.create(
                group=group, role=role, org=org, name=clean(name)[:60], post=clean(post)[:60]
            )
            share(actor=actor, row=group, to_org=org.pk, why="member", now=now)
            _record(actor, "duty.group.name", group, now, {"role": role, "org": org.pk, "member": member.pk})
    except IntegrityError as twice:
        raise Conflict(_("该成员已在组内，或组长已有人担任，请先办理退出。")) from twice
    return member


def leave_group(*, actor: Actor, group: WorkGroup, member: GroupMember, now: datetime) -> None:
    """Let a member leave; the row stays with the day."""
    _own(actor, group, GROUPS)
    with transaction.atomic():
        gone = GroupMember.objects.filter(pk=member.pk, group=group, left_date__isnull=True)
        if not gone.update(left_date=Calendar().local_date(now)):
            raise StaleState(_("该成员已退出。"))
        _record(actor, "duty.group.leave", group, now, {"member": member.pk})


# Visits ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VisitSpec:
    """A visit to be made."""

    org: Organisation
    subject: str
    planned_date: date
    kind: str = "open"
    reason: str = ""
    group: WorkGroup | None = None


def plan_visit(*, actor: Actor, spec: VisitSpec, now: datetime, client_id: uuid.UUID | None = None) -> Visit:
    """Plan a visit; the unit does not see it before it is made.

    :raises Invalid: no subject, a day that has passed, or a visit to oneself; by field.
    """
    owner = _owner(actor, VISITS)
    faults: dict[str, str] = {}
    if not clean(spec.subject):
        faults["subject"] = _("请填写此项。")
    if spec.planned_date < Calendar().local_date(now):
        faults["planned_date"] = _("计划日期不能早于今天。")
    if spec.org == owner:
        faults["org"] = _("不能督导本单位。")
    if faults:
        raise Invalid(fields=faults)
    with transaction.atomic():
        visit = Visit(
            owner_org=owner, area_id=spec.org.area_id, reach="own", code=next_code(Visit, "D", now=now),
            kind=spec.kind, org=spec.org, group=spec.group, subject=clean(spec.subject)[:300],
            reason=clean(spec.reason)[:300], planned_date=spec.planned_date, created_at=now,
        )  # fmt: skip
        facts = {"org": spec.org.pk, "kind": spec.kind, "subject": visit.subject, "reason": visit.reason}
        return enter(actor=actor, row=visit, now=now, facts=facts, client_id=client_id)


def record_visit(
    *,
    actor: Actor,
    visit: Visit,
    visited_date: date,
    inspectors: str,
    text: str,
    findings: Sequence[str],
    evidence: Sequence[uuid.UUID],
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> Visit:
    """Enter what a visit saw and found; from now on the unit sees it.

    :raises Invalid: in the future, nobody named who went, nothing written, or a finding of too many characters.
    """
    faults: dict[str, str] = {}
    if visited_date > Calendar().local_date(now):
        faults["visited_date"] = _("督导日期不能晚于今天。")
    if not clean(inspectors):
        faults["inspectors"] = _("请填写此项。")
    if not text.strip():
        faults["text"] = _("请填写此项。")
    kept = list(dict.fromkeys(clean(one) for one in findings if clean(one)))
    if any(len(one) > MOST_FINDING for one in kept):
        faults["findings"] = _("每个问题不超过 %(most)s 字。") % {"most": MOST_FINDING}
    if faults:
        raise Invalid(fields=faults)
    given = {"text": text.strip()[:_TEXT_LIMIT], "findings": kept, "evidence": [str(one) for one in evidence]}
    changes = {"visited_date": visited_date, "inspectors": clean(inspectors)[:200], "text": given["text"]}
    with transaction.atomic():
        move(actor=actor, row=visit, name="record", now=now, given=given, changes=changes, client_id=client_id)
        if not visit.findings.exists():
            VisitFinding.objects.bulk_create(
                [VisitFinding(visit=visit, order=number, text=one) for number, one in enumerate(kept, 1)]
            )
        attach_files(actor=actor, row=visit, file_ids=list(evidence), now=now)
        share(actor=actor, row=visit, to_org=visit.org_id, why="visited", now=now)
    return visit


def settle_finding(
    *,
    actor: Actor,
    visit: Visit,
    finding: VisitFinding,
    outcome: str,
    now: datetime,
    due_date: date | None = None,
    place: str = "",
) -> VisitFinding:
    """Decide on a finding: a task with its deadline, a warning or a talk as a paper to be signed, or nothing more.

    :param place: time and place of a talk, in words.
    :raises StaleState: decided already. :raises Invalid: no deadline for a task, no time and place for a talk.
    :raises NotPermitted: the duty that the outcome needs is missing.
    """
    _own(actor, visit, VISITS)
    if outcome not in Outcome.values:
        raise Invalid(fields={"outcome": _("请选择处理意见。")})
    if outcome == Outcome.TASK and due_date is None:
        raise Invalid(fields={"due_date": _("下达任务须写明整改时限。")})
    if outcome == Outcome.TALK and not clean(place):
        raise Invalid(fields={"place": _("约谈须写明时间和地点。")})
    with transaction.atomic():
        locked = VisitFinding.objects.select_for_update(no_key=True).filter(pk=finding.pk, visit=visit).first()
        if locked is None or locked.outcome or visit.status != "MADE":
            raise StaleState(_("该问题已有处理意见，或该督导已办结。"))
        locked.outcome = outcome
        if outcome == Outcome.TASK and due_date is not None:
            locked.task = _task_of(actor, visit, locked, due_date, now)
        elif outcome in (Outcome.WARNING, Outcome.TALK):
            locked.paper = _paper_of(actor, visit, locked, clean(place), now)
        locked.save(update_fields=["outcome", "task", "paper"])
        facts = {"finding": locked.pk, "outcome": outcome, "task": locked.task_id, "paper": locked.paper_id}
        _record(actor, "duty.visit.settle", visit, now, facts)
    return locked


def _task_of(actor: Actor, visit: Visit, finding: VisitFinding, due_date: date, now: datetime) -> Task:
    text = finding.text
    spec = TaskSpec(
        title=text if len(text) <= 40 else f"{text[:39]}…", text=text, kind=DATED,
        start_date=Calendar().local_date(now), due_date=due_date, code=f"{visit.code}-{finding.order:02}",
        leads=[(visit.org, visit.org.label)], origin="visit", origin_id=visit.pk, order=finding.order,
        level1=visit.subject,
    )  # fmt: skip
    return issue_task(actor=actor, spec=spec, now=now)


def _paper_of(actor: Actor, visit: Visit, finding: VisitFinding, place: str, now: datetime) -> Paper:
    """The draft of a paper about a finding, in the words of official papers; a person signs it."""
    day = visit.visited_date or Calendar().local_date(now)
    when = f"{day.year}年{day.month}月{day.day}日"
    found = f"{when}，督导组对你单位“{visit.subject}”工作情况进行了督导检查，发现以下问题：\n{finding.text}"
    if finding.outcome == Outcome.TALK:
        title = f"关于“{visit.subject}”有关问题的约谈通知书"
        body = (
            f"{found}\n经研究，决定对你单位主要负责人进行约谈。现将有关事项通知如下：\n"
            f"一、约谈时间和地点：{place}。\n二、约谈内容：通报督导发现的问题，听取原因说明和整改打算，提出整改要求。\n"
            "三、请在约谈后10个工作日内报送整改方案，并在一个月内报送整改进展。"
        )
    else:
        title = f"关于“{visit.subject}”有关问题的警示提醒函"
        body = (
            f"{found}\n一、请立即查明原因，明确责任人和完成时限，抓紧整改。\n"
            "二、请在收到本函后5个工作日内，通过平台书面回复整改情况。\n逾期不回复或者仍未整改到位的，将按规定发出督促函。"
        )
    spec = DraftSpec(
        template=finding.outcome, addressees=(visit.org_id,), title=title[:200], body=body,
        about_type=visit.row_type(), about_id=visit.pk,
    )  # fmt: skip
    return create_draft(actor=actor, spec=spec, now=now)


def end_visit(
    *, actor: Actor, visit: Visit, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Visit:
    """``close`` a visit whose findings are dealt with, or ``cancel`` one that was not made."""
    if name not in ("close", "cancel"):
        raise Invalid(_("没有这个操作。"))
    return move(
        actor=actor, row=visit, name=name, now=now, given={"reason": reason.strip()}, changes={"closed_at": now},
        client_id=client_id,
    )  # fmt: skip


def _owner(actor: Actor, duty: str) -> Organisation:
    actor.require(duty)
    if actor.organisation_id is None:
        raise Invalid(_("没有以任何单位的身份登录。"))
    return Organisation.objects.get(pk=actor.organisation_id)


def _own(actor: Actor, row: Scoped, duty: str) -> None:
    actor.require(duty)
    if row.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该记录由其他单位管理。"), code="other_organisation")


def _record(actor: Actor, act: str, row: Scoped, now: datetime, facts: dict[str, object]) -> None:
    journal.record(
        actor=actor, act=act, subject_type=row.row_type(), subject_id=row.pk, org_id=row.owner_org_id, facts=facts,
        now=now,
    )  # fmt: skip
