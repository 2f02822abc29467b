"""Climbing: what is late is proposed for the next rung, with facts frozen and the paper drafted. A person decides.

The next rung is proposed only once the former was signed, served, and its time for the reply has passed in vain:
unanswered, or answered while the matter stayed open beyond what was promised.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.access.models import Reach
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.ladder.drafting import draft_for, facts_of
from quancheng.kernel.ladder.loops import ESCALATION
from quancheng.kernel.ladder.models import Escalation, LadderRung
from quancheng.kernel.ladder.rungs import Late, active_rungs, is_at_once, trigger_that_holds
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.papers.models import Service
from quancheng.kernel.people.models import Organisation, OrganisationKind
from quancheng.kernel.schedule.models import Occurrence
from quancheng.kernel.work.models import WorkItem

CLIMBER = system_actor("ladder")
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Climbed:
    """What one run did."""

    proposed: int
    came_back: int
    lapsed: int
    #: Late items for which no organisation could issue a paper, or whose unit would write to itself.
    without_issuer: int


@dataclass(frozen=True, slots=True)
class Issuers:
    """Who decides on a rung and in whose name its paper goes out."""

    office: Organisation | None
    committee: Organisation | None

    def of(self, rung: LadderRung) -> tuple[Organisation, Organisation] | None:
        """(who decides and serves, in whose name); None where the district has no office."""
        if self.office is None:
            return None
        if rung.issuer == "committee":
            return self.office, self.committee or self.office
        return self.office, self.office


def climb(*, now: datetime) -> Climbed:
    """Propose what is due to be proposed by now. Twice, or two at once, is as once."""
    calendar = Calendar()
    today = calendar.local_date(now)
    came_back, lapsed = _review_open(today=today, now=now)
    rungs, issuers = active_rungs(), find_issuers()
    late = WorkItem.objects.overdue(now=now).filter(ladder__in=sorted(rungs)).order_by("pk")
    proposed = without = 0
    last: uuid.UUID | None = None
    while True:
        chunk = list((late.filter(pk__gt=last) if last else late).select_related("owner_org", "area")[:_CHUNK])
        if not chunk:
            return Climbed(proposed, came_back, lapsed, without)
        last = chunk[-1].pk
        former, signed = _former(chunk), _signed(chunk, since=now - timedelta(days=800))
        for item in chunk:
            if item.due_at is None:
                continue
            days_late = (today - calendar.local_date(item.due_at)).days
            case = Late(item, days_late, today, signed[item.owner_org_id])
            found = next_rung(case, former[_key(item)], rungs[item.ladder])
            if found is None:
                continue
            who = issuers.of(found[0])
            if who is None or item.owner_org_id in (who[0].pk, who[1].pk):
                without += 1
                continue
            proposed += _propose(case, *found, who, former[_key(item)], now)


def next_rung(case: Late, former: list[Escalation], rungs: Mapping[int, LadderRung]) -> tuple[LadderRung, str] | None:
    """The rung to be proposed now with the condition that holds; None where none is.

    :param former: standing proposals for the same item, unit and due time, in the order of their steps.
    """
    if case.days_late < 1:
        return None
    if former:
        step = former[-1].step + 1
        if not was_in_vain(former[-1], today=case.today):
            return None
        return _if_triggered(rungs.get(step), case)
    for step in sorted(rungs, reverse=True):
        trigger = trigger_that_holds(rungs[step], case, starting=True)
        if trigger and (is_at_once(rungs[step], trigger) or _signed_before(case, step - 1)):
            return rungs[step], trigger
    return _if_triggered(rungs.get(1), case)


def was_in_vain(former: Escalation, *, today: date) -> bool:
    """Whether a rung was signed and served and its time has passed without what it asked for."""
    if former.status != "SIGNED" or former.paper is None or former.paper.status == "VOID":
        return False
    service = next((one for one in former.paper.services.all() if one.org_id == former.target_id), None)
    return service is not None and _time_has_passed(service, today)


def _time_has_passed(service: Service, today: date) -> bool:
    if service.reply_due is None:
        return False
    if service.status == "SERVED":
        return today > service.reply_due
    if service.status == "ACCEPTED":
        return today > (service.respite_until or service.reply_due)
    return False  # not served yet, waiting for the office to judge the reply, or released by a person


def find_issuers() -> Issuers:
    """The district's coordinating office, and the committee that it serves."""
    standing = Organisation.objects.standing().by_name()
    office = standing.filter(kind=OrganisationKind.OFFICE).first()
    committees = list(standing.filter(kind=OrganisationKind.COMMITTEE))
    parent = next((one for one in committees if office is not None and one.pk == office.parent_id), None)
    return Issuers(office, parent or next(iter(committees), None))


def new_escalation(
    *,
    item: WorkItem,
    rung: LadderRung,
    trigger: str,
    who: tuple[Organisation, Organisation],
    former: Iterable[Escalation],
    days_late: int,
    now: datetime,
) -> Escalation:
    """A proposal with its facts and draft, not saved."""
    owner, issuer = who
    due_at = item.due_at or item.review_at
    if due_at is None:
        raise ValueError("a work item has a deadline or a review date")
    facts = facts_of(item=item, days_late=days_late, former=former, now=now)
    title, body = draft_for(rung=rung, facts=facts, issuer=issuer)
    enterprise = item.owner_org if item.owner_org.kind == OrganisationKind.ENTERPRISE else None
    return Escalation(
        owner_org=owner,
        enterprise=enterprise,
        area=item.owner_org.area,
        reach=Reach.OWN,
        item=item,
        about_type=item.subject_type,
        about_id=item.subject_id,
        target=item.owner_org,
        ladder=item.ladder,
        step=rung.step,
        rung_name=rung.name,
        issuer=issuer,
        template=rung.template,
        reply_working_days=rung.reply_working_days,
        item_due_at=due_at,
        days_late=days_late,
        trigger=trigger,
        facts=facts,
        draft_title=title,
        draft_body=body,
        proposed_at=now,
    )


def _propose(
    case: Late,
    rung: LadderRung,
    trigger: str,
    who: tuple[Organisation, Organisation],
    former: list[Escalation],
    now: datetime,
) -> int:
    try:
        with transaction.atomic():
            # The item again, locked: what was finished a moment ago is not written to.
            item = WorkItem.objects.select_related("owner_org", "owner_org__area")
            fresh = item.select_for_update(no_key=True, of=("self",)).get(pk=case.item.pk)
            if fresh.done_at is not None or fresh.due_at != case.item.due_at:
                return 0
            row = new_escalation(
                item=fresh, rung=rung, trigger=trigger, who=who, former=former, days_late=case.days_late, now=now
            )
            told = {"item": fresh.pk, "step": rung.step, "target": fresh.owner_org_id, "trigger": trigger}
            enter(actor=CLIMBER, row=row, now=now, facts=told)
    except IntegrityError:
        return 0  # another run was faster
    return 1


def _review_open(*, today: date, now: datetime) -> tuple[int, int]:
    """Withdraw proposals whose matter is no longer late, and bring back those whose postponement has ended."""
    came_back = lapsed = 0
    waiting = Escalation.objects.undecided().filter(item__isnull=False).select_related("item").order_by("pk")
    for row in waiting.iterator(chunk_size=_CHUNK):
        over = row.item.done_at is not None or (row.trigger != "hand" and not _is_same_lateness(row, now))
        if over:
            lapsed += _by_clock(row, "lapse", now)
        elif row.status == "POSTPONED" and row.postponed_until is not None and row.postponed_until <= today:
            came_back += _by_clock(row, "come_back", now)
    return came_back, lapsed


def _is_same_lateness(row: Escalation, now: datetime) -> bool:
    return row.item.due_at == row.item_due_at and row.item_due_at < now


def _by_clock(row: Escalation, name: str, now: datetime) -> int:
    """Make a move of the clock; a person who is faster wins."""
    with transaction.atomic():
        fresh = Escalation.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
        if fresh.status not in ESCALATION.moves[name].froms:
            return 0
        move(actor=CLIMBER, row=fresh, name=name, now=now)
    return 1


_Key = tuple[uuid.UUID, uuid.UUID, Any]


def _key(item: WorkItem) -> _Key:
    return item.subject_id, item.owner_org_id, item.due_at


def _former(items: list[WorkItem]) -> dict[_Key, list[Escalation]]:
    """Standing proposals for some items, by item, unit and due time, in the order of their steps. Three queries."""
    found: dict[_Key, list[Escalation]] = defaultdict(list)
    rows = Escalation.objects.standing().filter(about_id__in=[item.subject_id for item in items])
    for row in rows.select_related("paper").prefetch_related("paper__services").order_by("step", "pk"):
        found[(row.about_id, row.target_id, row.item_due_at)].append(row)
    return found


def _signed(items: list[WorkItem], *, since: datetime) -> dict[uuid.UUID, list[Escalation]]:
    """Signed proposals against the units of some items, of any matter."""
    found: dict[uuid.UUID, list[Escalation]] = defaultdict(list)
    units = {item.owner_org_id for item in items}
    for row in Escalation.objects.filter(target__in=units, status="SIGNED", proposed_at__gte=since).order_by("pk"):
        found[row.target_id].append(row)
    return found


def _if_triggered(rung: LadderRung | None, case: Late) -> tuple[LadderRung, str] | None:
    if rung is None:
        return None
    trigger = trigger_that_holds(rung, case)
    return (rung, trigger) if trigger else None


def _signed_before(case: Late, step: int) -> bool:
    """Whether the rung below was signed against the unit for an earlier period of the same recurring duty."""
    own = Occurrence.objects.filter(subject_type=case.item.subject_type, subject_id=case.item.subject_id).first()
    if own is None:
        return False
    earlier = Occurrence.objects.filter(rule_id=own.rule_id, org_id=own.org_id, due_date__lt=own.due_date)
    subjects = set(earlier.values_list("subject_id", flat=True))
    return any(one.step == step and one.about_id in subjects for one in case.signed)
