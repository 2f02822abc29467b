"""What a check is, what a predicate finds, what is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from quancheng.standards.gb30871.basis import Slot, local, shown, stamp
from quancheng.standards.gb30871.facts import PermitFacts
from quancheng.standards.gb30871.kinds import one_up, rank
from quancheng.standards.gb30871.levels import Level
from quancheng.standards.gb30871.roles import approval, may_approve, roles
from quancheng.standards.gb30871.upgrades import Surroundings
from quancheng.standards.wording import Text

#: Moments of a permit at which checks run. ``issue`` is the last signature and ``resume`` another start, so both run
#: the checks of those besides their own [D]; ``work`` is while work runs.
PHASES = ("book", "apply", "sign", "issue", "start", "resume", "work")
_ALSO = {"issue": ("sign", "issue"), "resume": ("start", "resume")}
#: Since when GB 30871-2022 is in force.
IN_FORCE = date(2022, 10, 1)
OUTCOMES = ("NOT_APPLICABLE", "PASS", "UNKNOWN", "FAIL")


@dataclass(frozen=True, slots=True)
class Check:
    """One refusal check as data. ``predicate`` is the name of the code that judges it; everything else may be changed:
    phases, kinds, ``severity`` (BLOCK or WARN), alarm, days in force (both included), ``params`` of the predicate."""

    code: str
    predicate: str
    phases: tuple[str, ...]
    kinds: tuple[str, ...]
    severity: str
    alarm: str
    clause: str
    mark: str
    valid_from: date
    valid_to: date | None
    params: Mapping[str, str]
    text: Text
    remedy: Text

    def runs(self, phase: str, kind: str, day: date | None) -> bool:
        """Whether it is in force for a phase, kind and day. A day that is not known counts as today's law; one before
        the edition is a wrong clock or window and is judged by the first law, for no day is without any. What runs at
        any time does so on any day."""
        first = None if day is None else max(day, IN_FORCE)
        is_on = first is None or (self.valid_from <= first and (self.valid_to is None or first <= self.valid_to))
        is_on = is_on or "any" in self.phases
        phases = _ALSO.get(phase, (phase,))
        return is_on and ("any" in self.phases or bool(set(phases) & set(self.phases))) and self.concerns(kind)

    def concerns(self, kind: str) -> bool:
        return "*" in self.kinds or kind in self.kinds


_NOTHING = Text("", "")


class Found(NamedTuple):
    """What a predicate found: outcome, the value and limit that decided, the fact, and what differs from the row."""

    outcome: str
    value: Text = _NOTHING
    limit: Text = _NOTHING
    fact: str = ""
    alarm: str | None = None
    severity: str | None = None
    clause: str | None = None


class Case(NamedTuple):
    """What a predicate looks at besides the facts: phase, surroundings, the level that the facts demand (None where
    they do not tell it) and the parameters of its row."""

    phase: str
    around: Surroundings
    level: Level | None
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of one check: ``verdict`` BLOCK, WARN or PASS; what was found, at which limit, by which clause, which
    alarm follows, and what would make it right."""

    code: str
    verdict: str
    outcome: str
    clause: str
    mark: str
    alarm: str
    value: Text
    limit: Text
    fact: str
    text: Text
    remedy: Text


Predicate = Callable[[PermitFacts, Case], Found]

NOT_APPLICABLE, PASS = Found("NOT_APPLICABLE"), Found("PASS")
Said = Text | str | Decimal | int | datetime | Slot


def said(value: Said) -> Text:
    """A value in both languages."""
    if isinstance(value, Text):
        return value
    if isinstance(value, datetime):
        value = stamp(value)
    elif isinstance(value, Slot):
        return Text(f"{stamp(value.start)}至{stamp(value.end)}", f"{stamp(value.start)} to {stamp(value.end)}")
    elif isinstance(value, Decimal | int):
        value = shown(value)
    return Text(value, value)


def passed(value: Said = "", limit: Said = "") -> Found:
    return Found("PASS", said(value), said(limit))


def fails(
    fact: str,
    value: Said = "",
    limit: Said = "",
    *,
    alarm: str | None = None,
    severity: str | None = None,
    clause: str | None = None,
) -> Found:
    return Found("FAIL", said(value), said(limit), fact, alarm, severity, clause)


def unknown(fact: str) -> Found:
    return Found("UNKNOWN", fact=fact)


def of_flag(value: bool | None, fact: str, *, wanted: bool) -> Found:
    """PASS where a flag is as wanted, FAIL where it is not, UNKNOWN where nobody knows."""
    return unknown(fact) if value is None else PASS if value is wanted else fails(fact)


def worst(found: list[Found]) -> Found:
    """The gravest of several findings, the first of equals; what fails but only warns weighs less than what is not
    known. NOT_APPLICABLE of none."""
    return max(found, key=_weight, default=NOT_APPLICABLE)


def _weight(found: Found) -> float:
    return OUTCOMES.index(found.outcome) - (1.5 if found.severity == "WARN" else 0)


def first_day(facts: PermitFacts) -> date | None:
    """The day of the check: that of now, else the first of the window."""
    moment = facts.now or (facts.window.start if facts.window else None)
    return None if moment is None else local(moment).date()


def last_day(facts: PermitFacts, phase: str) -> date | None:
    """The day through which a certificate must count: before work the last planned one, at a start the day itself."""
    if phase in ("start", "resume", "work") or (not facts.slots and facts.window is None):
        return first_day(facts)
    last = max(facts.slots, key=lambda slot: slot.end) if facts.slots else facts.window
    return None if last is None else last.days()[-1]


def planned(facts: PermitFacts) -> tuple[Slot, ...]:
    """The planned slots, or the whole window where none were told."""
    return facts.slots or ((facts.window,) if facts.window else ())


def outdoor_of(facts: PermitFacts) -> bool | None:
    """Whether work is in the open; of two words that differ the graver counts."""
    told = (facts.outdoor, facts.hot_work.outdoor if facts.hot_work and facts.kind == "HW" else None)
    return True if True in told else False if False in told else None


def raised_enough(facts: PermitFacts, case: Case) -> bool:
    """Whether hot work is upgraded in fact and not by a flag alone: entered a level higher or, where the house raises
    the approver, signed by him; special work, which has no higher level, by the chief or leader on duty. Before
    anybody signs, the flag tells what is meant to be."""
    base = case.level.base if case.level else ""
    if not base or not facts.is_upgraded:
        return False
    by_level = case.around.mode == "LEVEL_UP" and base != "S"
    if by_level:
        return bool(facts.level) and rank("HW", facts.level) > rank("HW", base)
    if base == "S" and facts.level and facts.level != "S":
        return False
    if case.phase in ("book", "apply", "sign"):
        return True
    wanted = "CHIEF_ON_DUTY" if base == "S" else approval("HW", one_up("HW", base)).approver
    signed = (one.role for one in facts.signatures or () if one.step in ("APPROVER", wanted) and one.role in roles())
    return any(one == wanted or (base != "S" and may_approve(one, wanted)) for one in signed)


def start_of(facts: PermitFacts, phase: str) -> datetime | None:
    """The start against which gas is judged: now at a start; before it the first planned slot, or now where that
    lies later."""
    if phase in ("start", "resume", "work"):
        return facts.now
    moments = [slot.start for slot in planned(facts)][:1] + ([facts.now] if facts.now else [])
    return max(moments, default=None)
