"""Issuing tasks and assigning them to units."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.duty.loops.task import EVENT, RECURRING
from quancheng.domains.duty.models import Assignment, Instalment, Plan, PlanSection, Support, Target, Task
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.access.services import share, unshare
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid
from quancheng.kernel.events.models import Event
from quancheng.kernel.longwork.models import LongWork
from quancheng.kernel.longwork.services import start_work
from quancheng.kernel.loops.declare import loop_of
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.people.models import Membership, Organisation, User

#: Kinds of organisation whose rows concern an enterprise: it becomes the row's party.
_PARTIES = ("enterprise", "agency")
#: Days of the longest key period.
MAX_WINDOW = 120
#: Instalments laid out while somebody waits: about a second's work.
WAITED_FOR = 60
#: The kind of long work that lays out a key period.
WINDOW_WORK = "duty.window"


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """A number that a task must reach, as confirmed in review."""

    indicator: str
    phrase: str
    value: Decimal
    op: str = ">="
    unit: str = ""
    strive: bool = False


@dataclass(frozen=True, slots=True)
class Milestone:
    """One dated part of a task: a period of recurring work, or one of several deadlines."""

    key: str
    label: str
    due_date: date
    strive: bool = False


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """A task to be issued, whole: what review, a meeting's decision or a person by hand gives."""

    title: str
    text: str
    kind: str
    start_date: date
    code: str
    leads: Sequence[tuple[Organisation, str]]
    supports: Sequence[tuple[Organisation, str]] = ()
    due_date: date | None = None
    review_date: date | None = None
    rule: Mapping[str, Any] = field(default_factory=dict)
    deadline_phrase: str = ""
    strive: bool = False
    milestones: Sequence[Milestone] = ()
    targets: Sequence[TargetSpec] = ()
    plan: Plan | None = None
    section: PlanSection | None = None
    origin: str = "plan"
    origin_id: uuid.UUID | None = None
    order: int = 0
    line: int | None = None
    level1: str = ""
    level2: str = ""
    persons: str = ""
    leading_official: str = ""
    weight: Decimal = Decimal("1")
    in_chart: bool = False
    #: Other tasks carry it out (see ``ChartLink``), so that it needs no lead of its own.
    is_carried: bool = False


def issue_task(*, actor: Actor, spec: TaskSpec, now: datetime, client_id: uuid.UUID | None = None) -> Task:
    """Issue a task from the actor's organisation and put it into the hands of each lead unit.

    :raises NotPermitted: the actor may not assign.
    :raises Invalid: no lead unit, no date, a deadline before the start, or an empty text; by field.
    """
    actor.require("duty.tasks.assign")
    if actor.organisation_id is None:
        raise Invalid(_("没有以任何单位的身份登录。"))
    _check(spec, today=Calendar().local_date(now))
    with transaction.atomic():
        task = Task(
            owner_org_id=actor.organisation_id,
            plan=spec.plan,
            section=spec.section,
            origin=spec.origin,
            origin_id=spec.origin_id,
            code=spec.code,
            order=spec.order,
            title=clean(spec.title)[:200],
            text=spec.text.strip(),
            line=spec.line,
            level1=spec.level1,
            level2=spec.level2,
            kind=spec.kind,
            deadline_phrase=spec.deadline_phrase,
            start_date=spec.start_date,
            due_date=spec.due_date,
            review_date=spec.review_date,
            rule=dict(spec.rule),
            strive=spec.strive,
            persons=spec.persons,
            leading_official=spec.leading_official,
            weight=spec.weight,
            in_chart=spec.in_chart,
            created_at=now,
        )
        facts = {"code": spec.code, "text": spec.text, "leads": [org.pk for org, _printed in spec.leads]}
        stored = enter(actor=actor, row=task, now=now, facts=facts, client_id=client_id)
        if stored.pk != task.pk:
            return stored
        Target.objects.bulk_create(
            [
                Target(
                    task=task,
                    order=number,
                    indicator=target.indicator,
                    phrase=target.phrase,
                    op=target.op,
                    value=target.value,
                    unit=target.unit,
                    strive=target.strive,
                )
                for number, target in enumerate(spec.targets)
            ]
        )
        leads = {org.pk: (org, printed) for org, printed in spec.leads}
        supports = {org.pk: (org, printed) for org, printed in spec.supports if org.pk not in leads}
        Support.objects.bulk_create([Support(task=task, org=org, printed=name) for org, name in supports.values()])
        for org, _printed in supports.values():
            share(actor=actor, row=task, to_org=org.pk, why="support", now=now)
        named = _named_staff([org for org, _printed in leads.values()], spec.persons)
        for org, printed in leads.values():
            assignment = assign(
                actor=actor, task=task, org=org, printed=printed, now=now, milestones=spec.milestones,
                person=named.get(org.pk),
            )  # fmt: skip
            for helper, _printed in supports.values():
                share(actor=actor, row=assignment, to_org=helper.pk, why="support", now=now)
    return task


def _named_staff(orgs: Sequence[Organisation], persons: str) -> dict[uuid.UUID, User]:
    """The first person named who is a member of each organisation; namesakes within one are nobody's."""
    names = [name for name in persons.split("、") if name]
    if not names or not orgs:
        return {}
    found: dict[uuid.UUID, dict[str, list[User]]] = {}
    places = Membership.objects.current().filter(organisation__in=orgs, user__name__in=names).select_related("user")
    for place in places.order_by("pk"):
        found.setdefault(place.organisation_id, {}).setdefault(place.user.name, []).append(place.user)
    result: dict[uuid.UUID, User] = {}
    for org_id, known in found.items():
        first = next((name for name in names if len(known.get(name, ())) == 1), None)
        if first is not None:
            result[org_id] = known[first][0]
    return result


def _check(spec: TaskSpec, *, today: date) -> None:
    faults: dict[str, str] = {}
    if not clean(spec.text):
        faults["text"] = _("请填写任务内容。")
    if not clean(spec.title):
        faults["title"] = _("请填写任务名称。")
    if not spec.leads and not spec.is_carried:
        faults["leads"] = _("请至少指定一个责任单位。")
    if spec.due_date is None and spec.review_date is None:
        faults["due_date"] = _("请填写完成时限；持续推进的任务请填写复核日期。")
    if spec.due_date is not None and spec.due_date < spec.start_date:
        faults["due_date"] = _("完成时限不能早于起始日期（%(start)s）。") % {"start": spec.start_date}
    if spec.kind == RECURRING and not spec.milestones:
        faults["kind"] = _("周期性任务须有期次，请检查时限规则。")
    if faults:
        raise Invalid(fields=faults)


def assign(
    *,
    actor: Actor,
    task: Task,
    org: Organisation,
    now: datetime,
    printed: str = "",
    milestones: Sequence[Milestone] = (),
    parent: Assignment | None = None,
    due_date: date | None = None,
    person: User | None = None,
) -> Assignment:
    """Put a task into the hands of one unit, which may see it from now on.

    :param parent: the assignment of which this is a part handed down; then its deadline may be earlier.
    :param person: the member of the unit whom the document names, if any.
    """
    if actor.organisation_id is None:
        raise Invalid(_("没有以任何单位的身份登录。"))
    concerns = org if org.kind in _PARTIES else None
    due = due_date or task.due_date
    assignment = Assignment(
        owner_org_id=actor.organisation_id,
        enterprise=concerns,
        area=org.area,
        links=list(org.links) if concerns else [],
        reach="party" if concerns else "chain",
        task=task,
        org=org,
        parent=parent,
        person=person,
        printed=printed,
        kind=task.kind,
        start_date=task.start_date,
        due_date=due,
        first_due_date=due,
        review_date=task.review_date,
        created_at=now,
    )
    with transaction.atomic():
        share(actor=actor, row=task, to_org=org.pk, why="lead", now=now)
        share(actor=actor, row=assignment, to_org=org.pk, why="lead", now=now)
        enter(actor=actor, row=assignment, now=now, facts={"task": task.pk, "org": org.pk, "due_date": due})
        for milestone in milestones:
            add_instalment(actor=actor, assignment=assignment, milestone=milestone, now=now)
    return assignment


def add_instalment(*, actor: Actor, assignment: Assignment, milestone: Milestone, now: datetime) -> Instalment:
    """Add one dated part to an assignment; the same key twice is one part."""
    known = Instalment.objects.filter(assignment=assignment, key=milestone.key).first()
    if known is not None:
        return known
    instalment = Instalment(
        owner_org_id=assignment.owner_org_id,
        enterprise_id=assignment.enterprise_id,
        area_id=assignment.area_id,
        links=assignment.links,
        reach=assignment.reach,
        assignment=assignment,
        org_id=assignment.org_id,
        key=milestone.key,
        label=milestone.label,
        due_date=milestone.due_date,
        strive=milestone.strive,
        created_at=now,
    )
    with transaction.atomic():
        share(actor=actor, row=instalment, to_org=assignment.org_id, why="lead", now=now)
        enter(actor=actor, row=instalment, now=now, facts={"assignment": assignment.pk, "due_date": milestone.due_date})
    return instalment


@dataclass(frozen=True, slots=True)
class Window:
    """A key period (重点时段): its name, first and last day."""

    label: str
    first: date
    last: date


def open_window(
    *, actor: Actor, task: Task, window: Window, now: datetime, step: Callable[[], None] = lambda: None
) -> list[Instalment]:
    """Open a key period of a task done in such periods alone: each unit owes every day or week of it.

    The same period again adds nothing that stands already. What of it has passed is not demanded.

    :param step: called after each instalment.
    :raises Invalid: another kind of task, days upside down, already past, or more than ``MAX_WINDOW`` days.
    """
    parts = _parts_of(actor, task, window, now)
    made = []
    with transaction.atomic():
        for assignment, milestone in parts:
            made.append(add_instalment(actor=actor, assignment=assignment, milestone=milestone, now=now))
            step()
    return made


def open_or_ask(
    *, actor: Actor, task: Task, window: Window, now: datetime, client_id: uuid.UUID | None = None
) -> LongWork | None:
    """Open a key period at once, or in the background where it lays out more than ``WAITED_FOR`` instalments.

    :raises Invalid: see :func:`open_window`.
    """
    if len(_parts_of(actor, task, window, now)) <= WAITED_FOR:
        open_window(actor=actor, task=task, window=window, now=now)
        return None
    title = _("启动重点时段：%(label)s，%(task)s") % {"label": window.label, "task": task}
    params = {"task": task.pk, **asdict(window)}
    return start_work(actor=actor, kind=WINDOW_WORK, title=title, params=params, now=now, client_id=client_id)


def _parts_of(actor: Actor, task: Task, window: Window, now: datetime) -> list[tuple[Assignment, Milestone]]:
    """Each unit's days or weeks of a key period from today on."""
    first, last = window.first, window.last
    actor.require("duty.tasks.assign")
    rules = [str(rule) for rule in task.rule.get("rrules", ())]
    if task.owner_org_id != actor.organisation_id or task.kind != EVENT or not rules or task.is_closed:
        raise Invalid(_("该任务不按重点时段执行。"))
    if last < first:
        raise Invalid(fields={"last": _("结束日期不能早于开始日期。")})
    if (last - first).days >= MAX_WINDOW:
        raise Invalid(fields={"last": _("一个时段最多 %(days)s 天。") % {"days": MAX_WINDOW}})
    today = Calendar().local_date(now)
    if last < today:
        raise Invalid(fields={"last": _("时段已经过去。")})
    label = clean(window.label)
    if not label:
        raise Invalid(fields={"label": _("请填写此项。")})
    milestones = [one for rule in rules for one in window_of(rule, label, first, last) if one.due_date >= today]
    open_ = task.assignments.exclude(status__in=loop_of(Assignment.loop_code).finals).order_by("pk")
    return [(assignment, milestone) for assignment in open_ for milestone in milestones]


def window_of(rule: str, label: str, first: date, last: date) -> list[Milestone]:
    """The periods of a daily or weekly rule within a window; a week ends on its seventh day or with the window."""
    daily = "DAILY" in rule
    step = timedelta(days=1 if daily else 7)
    found, start = [], first
    while start <= last:
        end = min(start + step - timedelta(days=1), last)
        words = {"label": label, "day": end.isoformat(), "first": start.isoformat()}
        name = _("%(label)s %(day)s 每日") % words if daily else _("%(label)s %(first)s 至 %(day)s 每周") % words
        found.append(Milestone(f"{'d' if daily else 'w'}{end:%Y%m%d}", name[:120], end))
        start += step
    return found


def reassign(
    *, actor: Actor, assignment: Assignment, org: Organisation, now: datetime, client_id: uuid.UUID | None = None
) -> Assignment:
    """Give a declined assignment to another unit (or to the same again), which then sees it; the former no longer.

    :raises Invalid: that unit already works on the task.
    """
    taken = Assignment.objects.filter(task_id=assignment.task_id, org=org, parent=assignment.parent)
    if taken.exclude(pk=assignment.pk).exists():
        raise Invalid(fields={"org": _("该单位已承办此任务。")})
    former = assignment.org_id
    with transaction.atomic():
        concerns = org if org.kind in _PARTIES else None
        changes = {
            "org": org,
            "enterprise": concerns,
            "area": org.area,
            "links": list(org.links) if concerns else [],
            "reach": "party" if concerns else "chain",
            "person": None,
        }
        share(actor=actor, row=assignment, to_org=org.pk, why="lead", now=now)
        share(actor=actor, row=assignment.task, to_org=org.pk, why="lead", now=now)
        move(actor=actor, row=assignment, name="reassign", now=now, changes=changes, client_id=client_id)
        for instalment in assignment.instalments.all():
            share(actor=actor, row=instalment, to_org=org.pk, why="lead", now=now)
            Instalment.objects.filter(pk=instalment.pk).update(org=org, updated_at=now)
        if former != org.pk:
            unshare(actor=actor, row=assignment, to_org=former, why="lead", now=now)
            if not Assignment.objects.filter(task_id=assignment.task_id, org_id=former).exists():
                unshare(actor=actor, row=assignment.task, to_org=former, why="lead", now=now)
    return assignment


def hand_down(
    *,
    actor: Actor,
    assignment: Assignment,
    orgs: Sequence[Organisation],
    due_date: date | None,
    now: datetime,
) -> list[Assignment]:
    """Hand parts of one's own assignment down to subordinate units (转交下级单位); one's own closes after theirs.

    :raises Invalid: nobody named, oneself, or a deadline after one's own.
    :raises NotPermitted: not one's own assignment, or the duty is missing.
    """
    actor.require("duty.tasks.subassign")
    if assignment.org_id != actor.organisation_id:
        raise Invalid(_("只能转交本单位承办的任务。"))
    if assignment.status not in ("IN_PROGRESS", "CONTINUING"):
        raise Invalid(_("请先接收任务，再转交下级单位。"))
    if not orgs or any(org.pk == actor.organisation_id for org in orgs):
        raise Invalid(fields={"orgs": _("请选择本单位以外的下级单位。")})
    if due_date and assignment.due_date and due_date > assignment.due_date:
        raise Invalid(
            fields={"due_date": _("下级完成时限不能晚于本单位时限（%(due)s）。") % {"due": assignment.due_date}}
        )
    with transaction.atomic():
        known = set(assignment.parts.values_list("org_id", flat=True))
        return [
            assign(actor=actor, task=assignment.task, org=org, parent=assignment, due_date=due_date, now=now)
            for org in orgs
            if org.pk not in known
        ]


def complete_when_closed(event: Event, now: datetime) -> None:
    """Subscriber: a task whose assignments are all closed is complete. Idempotent: a closed task is left alone."""
    assignment = Assignment.objects.select_related("task").filter(pk=event.subject_id).first()
    if assignment is not None and assignment.is_closed:
        complete_if_closed(task=assignment.task, now=now)


def complete_if_closed(*, task: Task, now: datetime) -> None:
    """Complete a task whose assignments are all closed; leave any other as it is.

    A task without units of its own is complete when the tasks that carry it out are; with a task end those that it
    alone still kept open. Of two that end at once each waits for the other at the task they share.
    """
    finals = loop_of(Assignment.loop_code).finals
    if task.is_closed or task.assignments.exclude(status__in=finals).exists():
        return
    carriers = task.served_by.exclude(task__status__in=loop_of(Task.loop_code).finals)
    if not task.assignments.exists() and carriers.exists():
        return
    clock = system_actor("duty", "duty.tasks.assign")
    move(actor=clock, row=task, name="complete", now=now, changes={"completed_at": now})
    with transaction.atomic():
        served = Task.objects.filter(served_by__task=task, assignments__isnull=True).values("pk")
        for text in Task.objects.select_for_update(no_key=True).filter(pk__in=served).order_by("pk"):
            complete_if_closed(task=text, now=now)
