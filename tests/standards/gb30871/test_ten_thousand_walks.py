"""Ten thousand permits driven at random: what the checks let pass is held against a ledger of what was really done."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from tests.standards.gb30871.made import AROUND
from tests.standards.gb30871.permits import GAS, LEVELS, OLD_DAY, WINDOW, good

from quancheng.standards.gb30871 import facts as f
from quancheng.standards.gb30871 import roles, tickets
from quancheng.standards.gb30871.checks.registry import run
from quancheng.standards.gb30871.facts import PermitFacts

WALKS, STEPS = 10_000, 34
KINDS = ("HW", "CS", "BL", "WH", "LF", "TE", "EX", "RC")
#: What is done before a permit is signed; each in any order, any number of times, rightly or wrongly.
PIECES = ("analysis", "measures", "briefing", "guardian", "worker", "gas", "isolation")
HALF_HOUR, DAY = timedelta(minutes=30), timedelta(hours=24)


@dataclass
class Ledger:
    """What happened, told by nothing but the walk itself. Of each piece, whether it was last done rightly."""

    right: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(PIECES, False))
    analysed_at: datetime | None = None
    sampled_at: datetime | None = None
    is_gas_good: bool = False
    signed: list[tuple[str, bool]] = field(default_factory=list)
    is_altered: bool = False


class Walk:
    """One permit of a kind, from nothing."""

    def __init__(self, kind: str, chance: random.Random) -> None:
        self.kind, self.chance, self.ledger, self.state = kind, chance, Ledger(), "PREPARING"
        self.now = WINDOW.start - timedelta(minutes=chance.choice((60, 120, 200)))
        self.steps = roles.approval(kind, LEVELS.get(kind, "")).steps_to_issue
        self.verified = kind != "HW"
        self.refused: list[str] = []
        self.whole = good(kind)
        self.facts = replace(
            self.whole, analysis=None, measures=None, briefed_at=None, guardians=(), workers=(), gas=(),
            isolations=None, signatures=(), stopped_at=None, stop_reason="", reconfirmed_at=None, records=(),
            started_at=None, now=self.now,
        )  # fmt: skip

    def take_step(self) -> None:
        self.now += timedelta(minutes=self.chance.choice((1, 1, 1, 2, 3, 5, 10, 31)))
        if self.state == "PREPARING":
            missing = [name for name, done in self.ledger.right.items() if not done]
            if missing and self.chance.random() < 0.8:
                self._do(self.chance.choice(missing))
            else:
                self._sign()
        elif self.state == "ISSUED":
            self._do("gas") if self.chance.random() < 0.4 else self._verify() if not self.verified else self._start()
        elif self.state == "WORKING":
            self.state, self.facts = "SUSPENDED", replace(self.facts, stopped_at=self.now, stop_reason="BREAK")
        elif self.state == "SUSPENDED":
            self._do("gas") if self.chance.random() < 0.4 else self._start()
        if self.chance.random() < 0.02:
            self.ledger.is_altered, self.facts = True, replace(self.facts, is_unaltered=False)

    # What people do ---------------------------------------------------------------------------------------------------

    def _do(self, name: str) -> None:
        is_right = self.chance.random() < 0.75
        self.ledger.right[name] = is_right
        getattr(self, f"_do_{name}")(is_right)

    def _do_analysis(self, is_right: bool) -> None:
        at = self.now if is_right else self.now - DAY - timedelta(minutes=1)
        self.ledger.analysed_at = at
        made = f.Analysis(confirmed_at=at, steps=4, participants=("local", "working"))
        self.facts = replace(self.facts, analysis=made)

    def _do_measures(self, is_right: bool) -> None:
        rows = list(self.whole.measures or ())
        if not is_right:
            # The row for other measures may stay empty.
            named = {one.code for one in tickets.measures(self.kind) if one.applies != "other"}
            place = self.chance.choice([number for number, one in enumerate(rows) if one.code in named])
            wrong = self.chance.choice(({"applies": None}, {"confirmed_by": ""}))
            rows[place] = replace(rows[place], **wrong)
        self.facts = replace(self.facts, measures=tuple(rows))

    def _do_briefing(self, is_right: bool) -> None:
        self.facts = replace(self.facts, briefed_at=self.now if is_right else None)

    def _do_guardian(self, is_right: bool) -> None:
        (one,) = self.whole.guardians or ()
        assert one.certificate is not None
        if not is_right:
            past = replace(one.certificate, valid_to=OLD_DAY)
            one = self.chance.choice((replace(one, certificate=None), replace(one, certificate=past)))
        self.facts = replace(self.facts, guardians=(one,))

    def _do_worker(self, is_right: bool) -> None:
        people = list(self.whole.workers or ())
        if not is_right:
            change: dict[str, object] = self.chance.choice((
                {"is_briefed": False}, {"contraindicated": True}, {"is_elsewhere": True}, {"is_blacklisted": True},
            ))  # fmt: skip
            people[0] = replace(people[0], **change)  # type: ignore[arg-type]
        self.facts = replace(self.facts, workers=tuple(people))

    def _do_gas(self, is_right: bool) -> None:
        samples = tuple(replace(one, sampled_at=self.now) for one in GAS.get(self.kind, ()))
        if samples and not is_right:
            samples = (replace(samples[0], value=Decimal("0.6")), *samples[1:])
        self.ledger.sampled_at, self.ledger.is_gas_good = self.now, is_right
        self.facts = replace(self.facts, gas=samples)

    def _do_isolation(self, is_right: bool) -> None:
        (one,) = self.whole.isolations or ()
        self.facts = replace(self.facts, isolations=(replace(one, is_verified=is_right),))

    def _sign(self) -> None:
        """The next step, or a wrong one; the last one issues the permit, if the checks let it."""
        given = list(self.facts.signatures or ())
        if len(given) >= len(self.steps):
            return
        place = len(given)
        is_right = self.chance.random() < 0.93
        step = self.steps[place] if is_right else self.chance.choice(self.steps)
        row = roles.approval(self.kind, LEVELS.get(self.kind, ""))
        person = {"GUARDIAN": "guardian", "WORK_LEADER": "leader"}.get(step, f"signer {step}")
        far = is_right and self.chance.random() < 0.03
        made = f.Signature(
            step=step, role=row.approver if step == "APPROVER" else step, person=person, signed_at=self.now,
            distance_m=Decimal(400 if far else 3), position_age_s=Decimal(10), accuracy_m=Decimal(5),
        )  # fmt: skip
        tried = replace(self.facts, signatures=(*given, made))
        if place + 1 < len(self.steps):
            # Whoever signs is asked nothing here, nor who applied: what is wrong must be found at the last signature.
            self.facts = tried
            self.ledger.signed.append((step, not far))
        elif self._passes("apply", tried) and self._passes("issue", tried):
            self.facts, self.state = tried, "ISSUED"
            self.ledger.signed.append((step, not far))
            self._assert_whole()
        else:
            # Sent back: what was signed counts no longer.
            self.facts, self.ledger.signed = replace(self.facts, signatures=()), []

    def _verify(self) -> None:
        made = f.Signature(
            step="SHIFT_LEADER", role="SHIFT_LEADER", person="signer of the shift", signed_at=self.now,
            distance_m=Decimal(3), position_age_s=Decimal(10), accuracy_m=Decimal(5),
        )  # fmt: skip
        self.facts = replace(self.facts, signatures=(*(self.facts.signatures or ()), made))
        self.verified = True

    def _start(self) -> None:
        tried = replace(self.facts, reconfirmed_at=self.now)
        if self._passes("start" if self.state == "ISSUED" else "resume", tried):
            begun = self.facts.started_at or self.now
            self.state, self.facts = "WORKING", replace(tried, started_at=begun, stopped_at=None, stop_reason="")
            self._assert_may_work()

    # What must hold ---------------------------------------------------------------------------------------------------

    def _passes(self, phase: str, facts: PermitFacts) -> bool:
        blocked = [one for one in run(replace(facts, now=self.now), phase, AROUND) if one.verdict == "BLOCK"]
        assert all(one.clause and one.remedy.zh for one in blocked)
        self.refused += [one.code for one in blocked]
        return not blocked

    def _assert_whole(self) -> None:
        """Issued: every step was made rightly, in order, by who stood there."""
        ledger = self.ledger
        done = {name for name, is_right in ledger.right.items() if is_right}
        # Gas and isolation are asked of the kinds that need them.
        wanted = set(PIECES) - (set() if self.kind in GAS else {"gas"})
        wanted -= set() if self.kind in ("HW", "CS") else {"isolation"}
        assert wanted <= done, (self.kind, wanted - done)
        assert ledger.analysed_at is not None
        assert self.now - ledger.analysed_at <= DAY
        assert [step for step, _near in ledger.signed] == list(self.steps)
        assert all(near for _step, near in ledger.signed)
        assert not ledger.is_altered
        if self.kind in GAS:
            assert ledger.sampled_at is not None
            assert max(self.now, WINDOW.start) - ledger.sampled_at <= HALF_HOUR

    def _assert_may_work(self) -> None:
        """At work: inside the window, unaltered, on gas that was good half an hour ago at most."""
        ledger = self.ledger
        assert WINDOW.start <= self.now < WINDOW.end
        assert not ledger.is_altered
        assert self.verified
        if self.kind in GAS:
            assert ledger.is_gas_good
            assert ledger.sampled_at is not None
            stopped_for = self.now - (self.facts.stopped_at or self.now)
            assert self.now - ledger.sampled_at <= HALF_HOUR or stopped_for <= timedelta(minutes=60)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_walk_issues_or_starts_what_is_not_whole_and_each_refusal_has_its_clause(kind: str) -> None:
    reached: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for number in range(WALKS // len(KINDS)):
        walk = Walk(kind, random.Random(f"{kind} {number}"))
        seen = set()
        for _step in range(STEPS):
            walk.take_step()
            seen.add(walk.state)
        reached.update(seen)
        refused.update(walk.refused)
    # The walks are no empty show: many come to work, and every piece was missed by some.
    assert reached["WORKING"] > 20
    assert reached["SUSPENDED"]
    assert {"C-05", "C-06", "C-07", "C-08", "C-14", "C-15"} <= set(refused)
