"""Every declared loop driven at random over real rows: all of a move stands, or none of it and a reason."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from tests.architecture import (
    analysis_records,
    announcement_records,
    audit_records,
    census_records,
    check_records,
    check_task_records,
    contractor_records,
    duty_records,
    education_records,
    finding_records,
    governance_records,
    guarantor_records,
    isolation_records,
    layout_records,
    list_records,
    loop_records,
    monitoring_records,
    papers_records,
    patrol_records,
    permit_daily_records,
    permit_exchange_records,
    permit_records,
    permit_work_records,
    pool_records,
    quality_records,
    registry_records,
    risk_card_records,
    risk_records,
    round_records,
    running_records,
    self_check_records,
)
from tests.domains.duty.factories import make_assignment
from tests.factories import NOW, District, make_actor, make_district

from quancheng.domains.duty.services import work as duty_work
from quancheng.domains.duty.services.tasks import Milestone
from quancheng.domains.duty.services.visits import VisitSpec, plan_visit
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.errors import DomainError, NotPermitted
from quancheng.kernel.events.models import Event
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.loops.declare import ANYBODY, SYSTEM, Move, all_loops
from quancheng.kernel.loops.models import LoopRow, MoveRecord
from quancheng.kernel.loops.services import move, organisation_of
from quancheng.kernel.work.models import WorkItem

WALKS, STEPS = 3, 8
#: Their next move waits for other rows, or for what their own service alone gives: refused here, made in its tests.
WAITING = {
    "duty.campaign", "duty.meeting", "duty.plan", "duty.task", "hazards.finding", "hazards.report", "registry.census",
    "permits.muster", "risk.card_visit", "risk.layout_case",
}  # fmt: skip
MODELS = [model for model in apps.get_models() if issubclass(model, LoopRow)]


def rows_of_every_loop(district: District) -> list[LoopRow]:
    """One row of each kind, made by its domain's own services."""
    for make in (
        duty_records.task, duty_records.assignment, duty_records.report, duty_records.outside_receipt,
        duty_records.own_plan, duty_records.visit, governance_records.meeting,
        governance_records.meeting_receipt, governance_records.problem, governance_records.campaign,
        governance_records.campaign_unit, governance_records.proposal, governance_records.veto, papers_records.draft,
        papers_records.served, papers_records.proposal, registry_records.hazard, registry_records.renewal,
        registry_records.exit_, registry_records.project, registry_records.application, census_records.census_area,
        census_records.clue, check_records.stoppage, check_records.reverification, registry_records.filing,
        registry_records.storage_finding, quality_records.inspection, finding_records.major_report,
        finding_records.recheck, finding_records.push_reply, finding_records.listing_visit, finding_records.lookback,
        finding_records.proposed_listing, finding_records.finding, check_task_records.stop_review,
        guarantor_records.period, running_records.running_action, running_records.running_appeal,
        risk_records.grading, risk_records.policy, analysis_records.recommendation, analysis_records.reaction,
        analysis_records.clearing, analysis_records.warning, announcement_records.doubt,
        announcement_records.spot_check, announcement_records.next_day, risk_card_records.card_reading,
        risk_card_records.spot_round, round_records.look, round_records.draft, round_records.target,
        self_check_records.self_check, self_check_records.statistics_report, self_check_records.site_assessment,
        self_check_records.building_acceptance, analysis_records.classing, analysis_records.start_stop,
        analysis_records.environmental, loop_records.resumption, loop_records.expiry_review,
        loop_records.hand_over_of_one, patrol_records.patrol, patrol_records.clue, patrol_records.recheck,
        layout_records.layout_case, list_records.draft, monitoring_records.alarm, monitoring_records.hold,
        monitoring_records.bypass, monitoring_records.outage, monitoring_records.warning,
        monitoring_records.warning_check, permit_records.permit,
        audit_records.finding, audit_records.check, audit_records.filing, permit_work_records.order,
        permit_work_records.muster,
        permit_exchange_records.alarm,
        contractor_records.admission, contractor_records.black_listing, education_records.order,
        education_records.session, pool_records.assignment, isolation_records.isolation, isolation_records.sanction,
        audit_records.case, risk_card_records.card_visit,
        permit_daily_records.shift_hand_over,
    ):  # fmt: skip
        with transaction.atomic():
            make(district)
    make_assignment(district, kind="recurring", milestones=[Milestone("2026-09", "9月", date(2026, 9, 20))])
    asked = make_assignment(district)
    duty_work.accept(actor=district.department, assignment=asked, now=NOW)
    later = date(2026, 11, 30)
    duty_work.ask_extension(actor=district.department, assignment=asked, to_date=later, reason="设备未到", now=NOW)
    # One whose findings do not wait for what becomes of them.
    plan_visit(actor=district.director, spec=VisitSpec(district.town_org, "示例督导", NOW.date()), now=NOW)
    found = []
    for model in MODELS:
        row = model._default_manager.order_by("-pk").first()
        assert row is not None, f"no row of {model.__name__} was made"
        found.append(row)
    return found


def holder_of(row: LoopRow, step: Move, people: dict[Any, Actor]) -> Actor:
    """Somebody of the organisation that the move names, with its duty and no other.

    :raises LookupError: the row names no organisation yet for that step.
    """
    holder = step.holder
    if holder.field == SYSTEM:
        return system_actor("walk", holder.duty)
    organisation = row.owner_org_id if holder.field == ANYBODY else organisation_of(row, holder)
    if organisation not in people:
        named = row.owner_org if holder.field == ANYBODY else getattr(row, holder.field)
        if named is None:
            raise LookupError(holder.field)
        people[organisation] = make_actor(named)
    values = {name: getattr(people[organisation], name) for name in Actor.__slots__}
    return Actor(**{**values, "duties": frozenset({holder.duty}), "is_chief": True})


def written(row: LoopRow) -> tuple[str, int, int, int, int]:
    """What a move leaves behind: the state, and how many records, entries, events and items there are of the row."""
    kind, pk = row.row_type(), row.pk
    state = type(row)._default_manager.filter(pk=pk).values_list("status", flat=True).get()
    counts = (
        model._default_manager.filter(subject_type=kind, subject_id=pk).count()
        for model in (MoveRecord, JournalEntry, Event, WorkItem)
    )
    return (state, *counts)  # type: ignore[return-value]


def owed(row: LoopRow) -> None:
    """A row that has not ended is owed by one organisation and duty until a date; one that has ended by nobody."""
    items = list(WorkItem.objects.filter(subject_type=row.row_type(), subject_id=row.pk, done_at__isnull=True))
    if row.is_closed:
        assert items == []
        return
    (item,) = items
    assert item.state == row.status
    assert item.duty
    assert item.due_at or item.review_at


@pytest.mark.slow
@pytest.mark.django_db
def test_a_random_walk_over_every_kind_of_row_leaves_all_of_a_move_or_none_of_it_and_a_reason() -> None:
    district = make_district()
    made: Counter[str] = Counter()
    people: dict[Any, Actor] = {}
    chance = random.Random(20260908)
    for row in rows_of_every_loop(district):
        for _walk in range(WALKS):
            with transaction.atomic():
                made.update(_walk_once(row, people, chance))
                transaction.set_rollback(True)
            row.refresh_from_db()
            people.clear()
    still = sorted({loop.code for loop in all_loops()} - set(made) - WAITING)
    assert still == [], f"no move of these was ever made: {still}"


def _walk_once(row: LoopRow, people: dict[Any, Actor], chance: random.Random) -> Counter[str]:
    made: Counter[str] = Counter()
    for number in range(STEPS):
        owed(row)
        now = NOW + timedelta(days=number + 1)
        loop, before = row.loop, written(row)
        closed = [name for name, step in loop.moves.items() if row.status not in step.froms]
        if closed:
            refused(row, chance.choice(closed), people, now, before)
        if row.is_closed:
            break
        name = chance.choice(sorted(loop.moves_from(row.status)))
        step = loop.moves[name]
        stranger = Actor(kind="person", name="某甲", organisation_id=row.owner_org_id, user_id=row.pk)
        with pytest.raises((NotPermitted, DomainError)) as told, transaction.atomic():
            move(actor=stranger, row=row, name=name, now=now, given=dict.fromkeys(step.needs, "依据"))
        assert str(told.value)
        assert written(row) == before
        try:
            with transaction.atomic():
                actor = holder_of(row, step, people)
                move(actor=actor, row=row, name=name, now=now, given=dict.fromkeys(step.needs, "依据"))
        except (DomainError, IntegrityError, LookupError, ValueError):
            # A condition of the row, four eyes, nobody named yet, or what the domain's service satisfies: a constraint,
            # an organisation for the step that follows.
            row.refresh_from_db()
            assert written(row) == before
            continue
        after = written(row)
        assert after[0] == row.status == step.target
        assert [late - early for early, late in zip(before[1:4], after[1:4], strict=True)] == [1, 1, 1]
        made[loop.code] += 1
    return made


def refused(row: LoopRow, name: str, people: dict[Any, Actor], now: Any, before: Any) -> None:
    """A move that does not start from here is refused with a sentence, whoever tries it."""
    step = row.loop.moves[name]
    try:
        actor = holder_of(row, step, people)
    except LookupError:
        return
    with pytest.raises(DomainError) as told, transaction.atomic():
        move(actor=actor, row=row, name=name, now=now, given=dict.fromkeys(step.needs, "依据"))
    assert str(told.value)
    assert written(row) == before
