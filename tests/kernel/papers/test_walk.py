"""Random walks: whatever people do in whatever order, numbers, journal, work items and states agree."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from tests.factories import NOW, District, make_actor, make_district
from tests.kernel.ladder.factories import make_item
from tests.kernel.papers.factories import make_draft, make_file

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.ladder.loops import ESCALATION
from quancheng.kernel.ladder.models import Escalation
from quancheng.kernel.ladder.services import deciding
from quancheng.kernel.ladder.services.climbing import climb
from quancheng.kernel.loops.declare import Loop, loop_of
from quancheng.kernel.loops.models import LoopRow, MoveRecord
from quancheng.kernel.numbering.models import IssuedNumber
from quancheng.kernel.numbering.queries import gaps
from quancheng.kernel.papers.loops import PAPER, SERVICE
from quancheng.kernel.papers.models import NUMBERED, Paper, Service
from quancheng.kernel.papers.services import drafts, serving, signing
from quancheng.kernel.work.models import WorkItem

STEPS = 40
#: Two walks by default, the others in the long run.
SEEDS = [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 10))]


@pytest.mark.parametrize("loop", [PAPER, SERVICE, ESCALATION], ids=lambda loop: loop.code)
def test_from_every_state_a_final_one_is_reached_and_every_move_is_some_persons_or_the_clocks(loop: Loop) -> None:
    for code, state in loop.states.items():
        assert state.is_final == (not loop.moves_from(code))
    for step in loop.moves.values():
        assert step.holder.duty.split(".")[0] in ("papers", "ladder")
    assert loop_of(loop.code) is loop


def check(row: LoopRow) -> None:
    """What must hold of any row of a loop, at any time."""
    row.refresh_from_db()
    moves = list(MoveRecord.objects.filter(subject_id=row.pk).order_by("at", "pk"))
    assert moves[0].move == ""
    assert moves[-1].target == row.status
    for before, after in itertools.pairwise(moves):
        assert after.source == before.target
        assert after.source in row.loop.moves[after.move].froms
    acts = set(JournalEntry.objects.filter(subject_id=row.pk).values_list("act", flat=True))
    assert {f"{row.loop.code}.{one.move or 'enter'}" for one in moves} <= acts
    open_items = WorkItem.objects.filter(subject_id=row.pk, done_at__isnull=True)
    assert open_items.count() == (0 if row.is_closed else 1)
    for item in open_items:
        assert item.due_at or item.review_at


def papers_of(district: District, chance: random.Random) -> list[Callable[[datetime], object]]:
    """Everything that anybody could try, mostly at the wrong time or without the duty."""
    colleague = make_actor(district.office_org, "office.officer")
    people: list[Actor] = [district.officer, colleague, district.director, district.department, district.town]
    papers = [
        make_draft(district, district.department_org.pk, district.town_org.pk),
        make_draft(district, template="notice", title="通知"),
    ]

    def who() -> Actor:
        return chance.choice(people)

    def paper() -> Paper:
        return Paper.objects.get(pk=chance.choice(papers).pk)

    def service() -> Service:
        found = list(Service.objects.order_by("pk"))
        if not found:
            raise DomainError
        return chance.choice(found)

    reason = "理由"
    return [
        lambda now: drafts.submit_paper(actor=who(), paper=paper(), now=now),
        lambda now: drafts.check_paper(actor=who(), paper=paper(), now=now),
        lambda now: drafts.send_paper_back(actor=who(), paper=paper(), reason=reason, now=now),
        lambda now: signing.sign_paper(actor=who(), paper=paper(), now=now),
        lambda now: signing.sign_paper(actor=district.director, paper=paper(), now=now),
        lambda now: serving.send_all(actor=who(), paper=paper(), now=now),
        lambda now: serving.acknowledge_service(actor=who(), service=service(), now=now),
        lambda now: serving.deliver_service(
            actor=district.officer, service=service(), receiver="某甲", served_on=now.date(),
            evidence=[make_file(district.officer)], now=now,
        ),
        lambda now: serving.reply_to_service(actor=who(), service=service(), reply="办理中", now=now),
        lambda now: serving.return_reply(actor=who(), service=service(), reason=reason, now=now),
        lambda now: serving.accept_reply(actor=who(), service=service(), now=now),
        lambda now: serving.waive_reply(actor=who(), service=service(), reason=reason, now=now)
        if chance.random() < 0.2 else None,
        lambda now: signing.void_paper(actor=district.director, paper=paper(), reason=reason, now=now)
        if chance.random() < 0.1 else None,
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("seed", SEEDS)
def test_papers_hold_together_whatever_is_tried(seed: int) -> None:
    district, chance = make_district(), random.Random(seed)
    tries, done = papers_of(district, chance), 0
    for number in range(STEPS * 4):
        try:
            done += chance.choice(tries)(NOW + timedelta(minutes=number)) is not None
        except DomainError:
            continue
    assert done >= 5
    for row in [*Paper.objects.all(), *Service.objects.all()]:
        check(row)
    for paper in Paper.objects.all():
        assert bool(paper.number_text) == (paper.status in NUMBERED)
        statuses = set(paper.services.values_list("status", flat=True))
        if paper.status in ("CLOSED", "VOID"):
            assert statuses <= set(SERVICE.finals)
        elif statuses:
            assert not statuses <= set(SERVICE.finals)
    for kind in set(IssuedNumber.objects.values_list("kind", flat=True)):
        assert gaps(organisation_id=district.office_org.pk, kind=kind, year=2026) == []


@pytest.mark.django_db
@pytest.mark.parametrize("seed", SEEDS)
def test_the_ladder_holds_together_whatever_is_decided(seed: int) -> None:
    district, chance = make_district(), random.Random(seed)
    for number in range(3):
        make_item(district, due_in_days=-1 - number, title=f"事项{number}")
    now = NOW
    for _number in range(STEPS):
        now += timedelta(days=chance.randint(0, 3))
        climb(now=now)
        for row in Escalation.objects.undecided():
            try:
                match chance.randint(0, 5):
                    case 0 | 1:
                        deciding.sign_escalation(actor=district.director, escalation=row, now=now)
                    case 2:
                        until = (now + timedelta(days=4)).date()
                        deciding.postpone_escalation(
                            actor=district.director, escalation=row, reason="在办", until=until, now=now
                        )
                    case 3 if chance.random() < 0.1:
                        deciding.drop_escalation(actor=district.director, escalation=row, reason="不必", now=now)
            except DomainError:
                continue
        for service in Service.objects.open():
            try:
                if service.status == "TO_SERVE":
                    serving.send_service(actor=district.officer, service=service, now=now)
                elif service.status == "SENT":
                    serving.acknowledge_service(actor=district.department, service=service, now=now)
            except DomainError:
                continue
    for row in Escalation.objects.all():
        check(row)
        assert (row.status == "SIGNED") == (row.paper is not None)
    # Above the first rung there is always a signed and served one below.
    for row in Escalation.objects.filter(step__gt=1):
        below = Escalation.objects.get(about_id=row.about_id, step=row.step - 1)
        assert below.status == "SIGNED"
        assert below.paper is not None
        assert below.paper.services.get().reply_due < row.proposed_at.date()
    assert Escalation.objects.filter(step__gt=1).exists()
