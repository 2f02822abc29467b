"""Plans that units make themselves: demanded, written, checked for what they must contain, judged."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.duty.models import OwnPlan, OwnPlanItem, Plan, PlanCall
from quancheng.domains.duty.queries.own_plans import gaps_of
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.people.models import Organisation

CALL, WRITE, ACCEPT = "duty.own_plans.call", "duty.own_plans.write", "duty.own_plans.accept"
MOST_TOPICS, MOST_ITEMS = 50, 200
#: Characters of one topic.
MOST_TOPIC = 200
_PARTIES = ("enterprise", "agency")


@dataclass(frozen=True, slots=True)
class CallSpec:
    """What is demanded of which units."""

    title: str
    topics: Sequence[str]
    period_from: date
    period_to: date
    due_date: date
    orgs: Sequence[Organisation]
    text: str = ""
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class ItemSpec:
    """One task of a unit's plan as it is typed."""

    task: str
    topic: str = ""
    measure: str = ""
    person: str = ""
    due_date: date | None = None


def call_for_plans(
    *, actor: Actor, spec: CallSpec, now: datetime, client_id: uuid.UUID | None = None
) -> PlanCall:  # fmt: skip
    """Demand a plan of each unit; it falls into their inbox at once.

    :raises Invalid: something is missing, a topic of too many characters, or days in the wrong order; by field.
    """
    actor.require(CALL)
    if actor.organisation_id is None:
        raise Invalid(_("没有以任何单位的身份登录。"))
    topics = list(dict.fromkeys(clean(topic) for topic in spec.topics if clean(topic)))
    faults: dict[str, str] = {}
    if not clean(spec.title):
        faults["title"] = _("请填写此项。")
    if not 1 <= len(topics) <= MOST_TOPICS:
        faults["topics"] = _("请填写 1 到 %(most)s 项，每行一项。") % {"most": MOST_TOPICS}
    elif any(len(topic) > MOST_TOPIC for topic in topics):
        faults["topics"] = _("每项不超过 %(most)s 字。") % {"most": MOST_TOPIC}
    if spec.period_to < spec.period_from:
        faults["period_to"] = _("计划截止不能早于起始。")
    if spec.due_date < Calendar().local_date(now):
        faults["due_date"] = _("提交时限不能早于今天。")
    if not spec.orgs:
        faults["orgs"] = _("请选择单位。")
    if faults:
        raise Invalid(fields=faults)
    owner = Organisation.objects.get(pk=actor.organisation_id)

    def make() -> uuid.UUID:
        call = PlanCall.objects.create(
            owner_org=owner, area_id=owner.area_id, reach="own", title=clean(spec.title)[:200], plan=spec.plan,
            topics=topics, text=spec.text.strip(), period_from=spec.period_from, period_to=spec.period_to,
            due_date=spec.due_date, created_at=now,
        )  # fmt: skip
        for org in spec.orgs:
            _demand(actor, call, org, now)
        journal.record(
            actor=actor, act="duty.plan_call.make", subject_type=call.row_type(), subject_id=call.pk,
            org_id=owner.pk, facts={"title": call.title, "topics": topics, "units": units}, now=now,
        )  # fmt: skip
        return call.pk

    units = [org.pk for org in spec.orgs]
    body = {
        "title": spec.title, "topics": topics, "text": spec.text, "from": spec.period_from, "to": spec.period_to,
        "due": spec.due_date, "units": units, "plan": spec.plan and spec.plan.pk,
    }  # fmt: skip
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="duty.plan_call.make", body=body, now=now, make=make)
    return PlanCall.objects.get(pk=pk)


def _demand(actor: Actor, call: PlanCall, org: Organisation, now: datetime) -> None:
    concerns = org if org.kind in _PARTIES else None
    row = OwnPlan(
        owner_org_id=call.owner_org_id, enterprise=concerns, area_id=org.area_id,
        links=list(org.links) if concerns else [], reach="party" if concerns else "chain",
        call=call, org=org, due_date=call.due_date, created_at=now,
    )  # fmt: skip
    share(actor=actor, row=call, to_org=org.pk, why="lead", now=now)
    share(actor=actor, row=row, to_org=org.pk, why="lead", now=now)
    enter(actor=actor, row=row, now=now, facts={"call": call.pk, "org": org.pk})


def save_items(*, actor: Actor, plan: OwnPlan, items: Sequence[ItemSpec], version: int, now: datetime) -> OwnPlan:
    """Keep the tasks as written so far, complete or not; those that stood are replaced.

    :raises StaleState: handed in meanwhile, or saved by a colleague since this version was shown.
    :raises Invalid: a topic that nobody demanded, or too many tasks.
    """
    actor.require(WRITE)
    if plan.org_id != actor.organisation_id:
        raise NotPermitted(_("该计划由其他单位制定。"), code="other_organisation")
    kept = [item for item in items if clean(item.task)]
    if len(kept) > MOST_ITEMS:
        raise Invalid(_("任务不能超过 %(most)s 项。") % {"most": MOST_ITEMS})
    strange = {item.topic for item in kept if item.topic} - set(plan.call.topics)
    if strange:
        raise Invalid(_("没有这项内容：%(topics)s。") % {"topics": "、".join(sorted(strange))})
    with transaction.atomic():
        mine = OwnPlan.objects.visible_to(actor).filter(pk=plan.pk, status="DUE", version=version)
        if mine.update(version=F("version") + 1, updated_at=now) != 1:
            raise StaleState(_("计划已被同事保存或提交，请刷新后核对。"))
        plan.items.all().delete()
        OwnPlanItem.objects.bulk_create(
            [
                OwnPlanItem(
                    plan=plan, order=number, topic=item.topic, task=clean(item.task)[:300],
                    measure=item.measure.strip()[:2000], person=clean(item.person)[:60], due_date=item.due_date,
                )
                for number, item in enumerate(kept, 1)
            ]
        )  # fmt: skip
        journal.record(
            actor=actor, act="duty.own_plan.save", subject_type=plan.row_type(), subject_id=plan.pk,
            org_id=plan.org_id, facts={"items": len(kept), "topics": sorted({asdict(one)["topic"] for one in kept})},
            now=now,
        )  # fmt: skip
    plan.refresh_from_db()
    return plan


def submit_plan(
    *, actor: Actor, plan: OwnPlan, evidence: Sequence[uuid.UUID], now: datetime, client_id: uuid.UUID | None = None
) -> OwnPlan:
    """Hand in a complete plan with its document.

    :raises Invalid: something that the demand asks for is missing, each said; or no document.
    """
    late = Calendar().local_date(now) > plan.due_date
    changes = {
        "submitted_at": plan.submitted_at or now,
        "is_late": plan.is_late if plan.submitted_at else late,
    }
    given = {"evidence": [str(one) for one in evidence]}
    with transaction.atomic():
        # A colleague's save waits here, or came first and is looked at.
        missing = gaps_of(OwnPlan.objects.select_for_update(no_key=True).get(pk=plan.pk))
        if missing:
            raise Invalid(_("计划不完整：%(gaps)s") % {"gaps": "；".join(missing)}, code="incomplete")
        move(actor=actor, row=plan, name="submit", now=now, given=given, changes=changes, client_id=client_id)
        attach_files(actor=actor, row=plan, file_ids=list(evidence), now=now)
    return plan


def judge_plan(
    *, actor: Actor, plan: OwnPlan, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> OwnPlan:
    """``accept`` a plan, ``return`` it with the reason, or ``cancel`` the demand on this unit."""
    changes: dict[str, object] = {"closed_at": now}
    if name == "return":
        changes = {"returned_count": plan.returned_count + 1}
    elif name not in ("accept", "cancel"):
        raise Invalid(_("没有这个操作。"))
    return move(
        actor=actor, row=plan, name=name, now=now, given={"reason": clean(reason)[:2000]}, changes=changes,
        client_id=client_id,
    )  # fmt: skip
