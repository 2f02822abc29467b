"""This domain's part of the demo district: two plans in progress, last year's closed, some things late."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any, Protocol

from quancheng.domains.duty import demo_governance, demo_plans, demo_reports, demo_supervision, demo_town
from quancheng.domains.duty.demo_texts import key_points, scheme
from quancheng.domains.duty.drafts import doubts_of
from quancheng.domains.duty.models import Assignment, Plan, Receipt, Task
from quancheng.domains.duty.plans import parse_plan
from quancheng.domains.duty.services import review, work
from quancheng.domains.duty.services.commit import commit_plan
from quancheng.domains.duty.services.receipts import receive
from quancheng.domains.duty.services.tasks import complete_if_closed
from quancheng.domains.duty.services.work import ProgressSpec
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.services import receive_file
from quancheng.kernel.ladder.models import Escalation
from quancheng.kernel.ladder.services.climbing import climb
from quancheng.kernel.ladder.services.deciding import sign_escalation
from quancheng.kernel.ladder.services.reminding import remind
from quancheng.kernel.loops.services import move
from quancheng.kernel.papers.models import Paper
from quancheng.kernel.papers.services.serving import send_all
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership, Organisation, User

_DONE = ("已按要求完成，形成检查记录和问题清单。", "工作已完成，台账已建立并归档。", "已完成，相关资料已上传。")
_HALF = ("已制定方案，完成动员部署。", "已完成过半，正在推进剩余点位。", "已检查部分单位，发现问题正在整改。")
_PROBLEMS = ("专业力量不足。", "个别企业配合不够。", "")


class District(Protocol):
    """What the demo's conductor gives."""

    now: datetime
    chance: random.Random
    organisations: dict[str, Organisation]
    towns: list[Organisation]
    villages: list[Organisation]
    enterprises: list[Organisation]
    users: dict[str, User]


@dataclass
class _Cast:
    """Actors by organisation, made once each."""

    district: District
    known: dict[uuid.UUID, Actor]
    papers: dict[uuid.UUID | None, uuid.UUID] = field(default_factory=dict)

    def paper_of(self, who: Actor, at: datetime) -> uuid.UUID:
        """A file of the person's, uploaded once: each upload is inspected in a process of its own."""
        if who.user_id not in self.papers:
            text = f"{who.organisation_name}\n工作记录（演示材料）\n"
            stored = receive_file(actor=who, content=BytesIO(text.encode()), name="工作记录.txt", now=at)
            self.papers[who.user_id] = stored.pk
        return self.papers[who.user_id]

    def of_user(self, username: str) -> Actor:
        return self._actor(Membership.objects.current().get(user=self.district.users[username]))

    def worker_of(self, organisation_id: uuid.UUID) -> Actor | None:
        """Somebody of the organisation who may accept and work on tasks; None where there is nobody."""
        if organisation_id not in self.known:
            place = (
                Membership.objects.current()
                .filter(organisation_id=organisation_id, roles__duties__contains=["duty.tasks.work"])
                .order_by("user__username")
                .first()
            )
            if place is None:
                return None
            self.known[organisation_id] = self._actor(place)
        return self.known[organisation_id]

    def _actor(self, place: Membership) -> Actor:
        return actor_for(place, now=self.district.now)


def load(district: District) -> None:
    """Play the last fourteen months, act by act, through the services."""
    cast = _Cast(district, {})
    today = district.now.date()
    last_year = _issue(district, cast, "key_points", key_points(today, number=9, months_ago=14), months_ago=14)
    _finish(district, cast, last_year)
    this_year = _issue(district, cast, "key_points", key_points(today, number=12, months_ago=6), months_ago=6)
    _work(district, cast, this_year)
    running = _issue(district, cast, "scheme", scheme(today, number=5, months_ago=3), months_ago=3)
    _work(district, cast, running)
    demo_reports.play(
        office=cast.of_user("officer"),
        worker_of=cast.worker_of,
        # A source of chance of its own, so that reports change nothing else of the district.
        chance=random.Random(district.now.toordinal()),  # noqa: S311 - a demo, no secret
        born_at=district.now - timedelta(days=400),
        now=district.now,
    )
    _supervise(district, cast)
    demo_governance.load(district, cast)
    demo_plans.load(district, cast, upper=this_year, lower=running)
    demo_supervision.load(district, cast)
    demo_town.load(district, cast)


def _issue(district: District, cast: _Cast, kind: str, text: str, *, months_ago: int) -> Plan:
    """Import, confirm and commit a plan as the office did then; receipts follow within two days."""
    director = cast.of_user("office")
    then = district.now - timedelta(days=30 * months_ago)
    plan = review.register_plan(
        actor=director,
        lines=text.split("\n"),
        parsed=parse_plan(text).to_json(),
        source_name="计划文件.txt",
        source_sha256=sha256(text.encode()).hexdigest(),
        kind=kind,
        now=then,
    )
    for draft in plan.drafts.order_by("order"):
        if doubts_of(draft):
            review.correct_draft(
                actor=director, draft=draft, fields={}, version=draft.version, now=then + timedelta(hours=1)
            )
    commit_plan(actor=director, plan=plan, now=then + timedelta(hours=2))
    for receipt in Receipt.objects.filter(plan=plan).select_related("plan").order_by("pk"):
        who = cast.worker_of(receipt.org_id)
        late = district.chance.random() < 0.08 and months_ago < 6
        if who is not None and not late:
            receive(actor=who, receipt=receipt, now=then + timedelta(hours=district.chance.randint(3, 40)))
    return plan


def _assignments(plan: Plan) -> list[Assignment]:
    found = Assignment.objects.filter(task__plan=plan).select_related("task", "org")
    return list(found.order_by("task__order", "org__pinyin"))


def _finish(district: District, cast: _Cast, plan: Plan) -> None:
    """Last year's plan: every assignment done in its time, continuing work ended at the year's review."""
    office = cast.of_user("officer")
    for assignment in _assignments(plan):
        who = cast.worker_of(assignment.org_id)
        begin = plan.imported_at + timedelta(days=district.chance.randint(1, 3))
        if who is None:
            continue
        work.accept(actor=who, assignment=assignment, now=begin)
        end = begin + timedelta(days=district.chance.randint(40, 150))
        if assignment.status == "CONTINUING":
            _report(district, who, assignment, begin + timedelta(days=60), percent=80)
        else:
            _settle(district, cast, assignment, who, end)
        if assignment.status == "CONTINUING":
            work.close_by_office(
                actor=office, assignment=assignment, name="end", reason="年度复核通过，转入日常工作。",
                now=end + timedelta(days=60),
            )  # fmt: skip
    for task in Task.objects.filter(plan=plan):
        complete_if_closed(task=task, now=plan.imported_at + timedelta(days=300))
    if not Task.objects.filter(plan=plan, status="ISSUED").exists():
        close = cast.of_user("office")
        move(actor=close, row=plan, name="close", now=plan.imported_at + timedelta(days=301))


def _work(district: District, cast: _Cast, plan: Plan) -> None:
    """A plan in progress: most on time, some waiting to be accepted, some late, one extension asked for."""
    chance, now = district.chance, district.now
    asked = False
    for assignment in _assignments(plan):
        who = cast.worker_of(assignment.org_id)
        if who is None or chance.random() < 0.05:
            continue
        begin = plan.imported_at + timedelta(days=chance.randint(1, 6), hours=chance.randint(1, 7))
        work.accept(actor=who, assignment=assignment, now=begin)
        due = assignment.due_date
        overdue = due is not None and due < now.date()
        if assignment.status == "CONTINUING":
            for month in range(1, 3):
                _report(district, who, assignment, begin + timedelta(days=30 * month), percent=20 * month)
            continue
        if overdue and chance.random() < 0.82:
            _settle(district, cast, assignment, who, begin + timedelta(days=chance.randint(20, 60)))
            continue
        _settle_instalments(district, cast, assignment, who, before=now)
        passed = max(1, (now - begin).days)
        _report(district, who, assignment, begin + timedelta(days=passed // 2), percent=chance.randint(10, 45))
        if chance.random() < 0.6:
            _report(district, who, assignment, begin + timedelta(days=passed * 4 // 5), percent=chance.randint(45, 90))
        is_whole = not assignment.instalments.filter(status__in=("DUE", "SUBMITTED")).exists()
        if chance.random() < 0.15 and is_whole:
            _submit(district, cast, who, assignment, now - timedelta(days=chance.randint(1, 4)))
        elif not asked and due is not None and not overdue:
            work.ask_extension(
                actor=who, assignment=assignment, to_date=due + timedelta(days=30),
                reason="部分点位施工尚未结束，需顺延。", now=now - timedelta(days=1),
            )  # fmt: skip
            asked = True
    for task in Task.objects.filter(plan=plan, status="ISSUED"):
        complete_if_closed(task=task, now=now - timedelta(days=1))


def _supervise(district: District, cast: _Cast) -> None:
    """What is late climbed the ladder: two letters were signed and served last week, further proposals wait."""
    director, then = cast.of_user("office"), district.now - timedelta(days=6)
    climb(now=then)
    for escalation in Escalation.objects.filter(status="PROPOSED").order_by("item_due_at", "pk")[:2]:
        sign_escalation(actor=director, escalation=escalation, now=then + timedelta(hours=3))
        paper = Paper.objects.get(about_id=escalation.pk)
        send_all(actor=director, paper=paper, now=then + timedelta(hours=4))
    climb(now=district.now)
    remind(now=district.now)


def _report(district: District, who: Actor, assignment: Assignment, at: datetime, *, percent: int) -> None:
    at = min(at, district.now - timedelta(hours=2))
    spec = ProgressSpec(
        percent=percent,
        text=district.chance.choice(_HALF),
        problems=district.chance.choice(_PROBLEMS),
        next_steps="按计划继续推进。",
        figures=_figures(assignment, percent),
    )
    work.report_progress(actor=who, assignment=assignment, spec=spec, now=at)


def _figures(assignment: Assignment, percent: int) -> dict[str, str]:
    return {str(target.pk): str(round(float(target.value) * percent / 100)) for target in assignment.task.targets.all()}


def _submit(district: District, cast: _Cast, who: Actor, assignment: Assignment, at: datetime) -> None:
    spec = ProgressSpec(
        percent=100,
        text=district.chance.choice(_DONE),
        figures=_figures(assignment, 100),
        evidence=[cast.paper_of(who, at)],
    )
    work.report_progress(actor=who, assignment=assignment, spec=spec, submit=True, now=at)


def _office_for(cast: _Cast, who: Actor) -> dict[str, Any]:
    """Somebody of the office who is another person than the one who submitted."""
    officer = cast.of_user("officer")
    return {"actor": officer if who.user_id != officer.user_id else cast.of_user("office")}


def _settle_instalments(
    district: District, cast: _Cast, assignment: Assignment, who: Actor, *, before: datetime | None = None
) -> None:
    """Work off the periods and milestones: all of them, or those due before a day, a few of which stay behind."""
    due = assignment.instalments.filter(status="DUE").order_by("due_date")
    for instalment in due if before is None else due.filter(due_date__lt=before.date()):
        if before is not None and district.chance.random() < 0.2:
            continue
        day = datetime.combine(instalment.due_date, datetime.min.time(), district.now.tzinfo)
        at = min(day - timedelta(days=2), district.now - timedelta(days=3))
        paper = cast.paper_of(who, at)
        work.submit_instalment(actor=who, instalment=instalment, text="本期已完成。", evidence=[paper], now=at)
        work.answer_instalment(
            **_office_for(cast, who), instalment=instalment, accept=True, reason="", now=at + timedelta(hours=3)
        )


def _settle(district: District, cast: _Cast, assignment: Assignment, who: Actor, at: datetime) -> None:
    """Close the instalments, submit and have it verified, by another person than who submitted."""
    at = min(at, district.now - timedelta(days=2))
    _settle_instalments(district, cast, assignment, who)
    _submit(district, cast, who, assignment, at)
    work.verify(
        **_office_for(cast, who), assignment=assignment, opinion="情况属实，同意办结。", now=at + timedelta(hours=20)
    )
