"""Permits of every kind driven at random: none issued with a missing step, none in work out of its window."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from tests.domains.permits.factories import DO, NOW, START, accepted, crew_of, make_draft, sign_next
from tests.factories import make_district

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.queries.blocks import level_of_permit, steps_of
from quancheng.domains.permits.queries.facts import facts_of
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.services import clock, drafting, preparing, signing, working
from quancheng.domains.permits.services.checking import Refused
from quancheng.kernel.errors import DomainError
from quancheng.standards.gb30871 import gas_times, tickets
from quancheng.standards.gb30871.checks.gas_and_time import scene_of
from quancheng.standards.gb30871.checks.model import Case
from quancheng.standards.gb30871.upgrades import PLAIN

pytestmark = pytest.mark.django_db
STEPS = 50
LEADS_ON = {
    "DRAFT": ["submit"], "REQUESTED": ["take_up"], "PREPARING": [*DO, "present", "present"],
    "APPROVING": ["sign", "sign", "sign", "gas"], "ISSUED": ["sign", "start", "gas", "site"],
    "WORKING": ["suspend", "finish", "gas"], "SUSPENDED": ["resume", "resume", "gas", "site"], "FINISHED": ["accept"],
}  # fmt: skip
RUNS = ("ISSUED", "WORKING", "SUSPENDED", "FINISHED", "ACCEPTED", "CLOSED")


def assert_whole(permit: Permit, now: datetime) -> None:
    """Every step that the standard asks for before the issue was made."""
    rows = load_rows(permit)
    level = level_of_permit(rows, now)
    assert rows.is_unaltered
    assert permit.seal
    assert rows.analysis is not None
    assert {one.code for one in rows.measures if one.applies is not None} >= {
        one.code for one in tickets.measures(permit.kind) if one.applies != "other"
    }
    assert rows.briefing is not None
    assert set(rows.briefing.attended_keys) == {one.pk for one in rows.people}
    assert {one.step for one in rows.standing} >= set(steps_of(permit, level))
    facts = facts_of(rows, "issue", now)
    for need in gas_times.demands(scene_of(facts, Case("issue", PLAIN, level, {}))):
        assert any(one.quantity == need.quantity for one in rows.gas)
    approver = next(one for one in rows.standing if one.step == steps_of(permit, level)[-1])
    assert approver.user_id != permit.requester_id


@pytest.mark.parametrize("kind", ["HW", "CS", "BL", "WH", "LF", "TE", "EX", "RC"])
def test_no_walk_issues_a_permit_with_a_missing_step_or_works_outside_its_window(kind):
    district = make_district()
    crew = crew_of(district, kind)
    permit = make_draft(district, kind, crew)
    chance, now, done = random.Random(f"permit {kind}"), NOW, Counter()
    acts: dict[str, Callable[[datetime], object]] = {
        "submit": lambda at: drafting.submit_permit(actor=crew.safety, permit=permit, now=at),
        "take_up": lambda at: drafting.take_up(actor=crew.head, permit=permit, now=at),
        "present": lambda at: preparing.present_permit(actor=crew.safety, permit=permit, now=at),
        "sign": lambda at: sign_next(crew, permit, at),
        "self": lambda at: signing.sign_permit(actor=crew.safety, permit=permit, now=at),
        "reject": lambda at: signing.reject_permit(actor=crew.head, permit=permit, reason="重做", now=at),
        "start": lambda at: working.start_work(actor=crew.safety, permit=permit, now=at),
        "suspend": lambda at: working.suspend_work(actor=crew.safety, permit=permit, stop_reason="BREAK", now=at),
        "resume": lambda at: working.resume_work(actor=crew.safety, permit=permit, now=at),
        "finish": lambda at: working.finish_work(actor=crew.safety, permit=permit, note="完", now=at),
        "accept": lambda at: working.accept_work(actor=crew.head, permit=permit, note="好", now=at, **accepted(kind)),
        **{name: (lambda at, do=do: do(crew, permit, at)) for name, do in DO.items()},
    }
    reached, unsaid = set(), []
    for _step in range(STEPS):
        # What leads on is tried more often, so that walks come to work; everything is tried in every state.
        name = chance.choice([*acts] if chance.random() < 0.3 else LEADS_ON.get(permit.status, [*acts]))
        now += timedelta(seconds=chance.choice([10, 20, 60, 60, 600]))
        try:
            acts[name](now)
            done[name] += 1
        except Refused as refusal:
            done["refused"] += 1
            unsaid += [one for one in refusal.facts["answers"] if not one["clause"]]
        except DomainError:
            done["refused"] += 1
        clock.keep_time(now=now)
        permit.refresh_from_db()
        reached.add(permit.status)
        if permit.status in RUNS:
            assert_whole(permit, now)
        if permit.status == "WORKING":
            assert START <= now <= permit.window_end
    assert done["refused"]
    assert "PREPARING" in reached
    assert unsaid == []
