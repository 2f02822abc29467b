"""What a rule looks at, and what all rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from quancheng.standards.gb30871.audit.shapes import AuditedPermit
from quancheng.standards.gb30871.basis import Slot
from quancheng.standards.gb30871.checks.model import NOT_APPLICABLE, PASS, Case, Found, Said, fails, said, unknown
from quancheng.standards.gb30871.checks.signing import approval_for
from quancheng.standards.gb30871.facts import PermitFacts
from quancheng.standards.gb30871.levels import Level
from quancheng.standards.gb30871.roles import Approval
from quancheng.standards.gb30871.upgrades import Surroundings


# Not frozen: all rules of a permit look at the same one, and each finds its own parameters there.
@dataclass(slots=True)
class View:
    """One permit before one rule: what is known, the surroundings, the level that the facts demand (None where they do
    not tell it) and the parameters of the rule.

    :ivar begun: the facts as of the start of work; of the planned one before it began.
    """

    a: AuditedPermit
    facts: PermitFacts
    begun: PermitFacts
    around: Surroundings
    level: Level | None
    params: Mapping[str, str]

    def number(self, name: str) -> Decimal:
        """A parameter of the rule."""
        return Decimal(self.params[name])

    def span(self, name: str) -> timedelta:
        """A parameter by the unit of its name: ``_s``, ``_min``, ``_h``, ``_d``."""
        unit = {"s": 1, "min": 60, "h": 3600, "d": 86400}[name.rpartition("_")[2]]
        return timedelta(seconds=float(self.number(name) * unit))

    def case(self, phase: str) -> Case:
        return Case(phase, self.around, self.level, self.params)

    @property
    def started(self) -> datetime | None:
        return self.facts.started_at

    @property
    def stretches(self) -> tuple[Slot, ...]:
        return self.a.stretches or ()

    def phase_of_start(self) -> str:
        return "start" if self.started else "sign"

    def checked(self, predicate: Callable[[PermitFacts, Case], Found]) -> Found:
        """What a refusal check finds, as of the start."""
        return predicate(self.begun, self.case(self.phase_of_start()))

    def planned(self, predicate: Callable[[PermitFacts, Case], Found]) -> Found:
        """What a refusal check finds of the permit as it was signed."""
        return predicate(self.facts, self.case("sign"))

    def approval(self) -> Approval | None:
        """The row of table B.1 for the effective level."""
        return approval_for(self.facts, self.case("sign"))

    def is_level(self, code: str) -> bool | None:
        """Whether the work counts as of a level: entered, or demanded by the facts."""
        if self.facts.level == code:
            return True
        return None if self.level is None and self.facts.kind == "HW" else bool(
            self.level and self.level.effective == code
        )


Rule = Callable[[View], Found]


def at_most(fact: str, value: Decimal | int | None, most: Decimal | int) -> Found:
    """PASS up to a figure, the figure included."""
    if value is None:
        return unknown(fact)
    return Found("PASS", said(value), said(most)) if value <= most else fails(fact, value, most)


def not_after(fact: str, moment: datetime | None, last: datetime | None) -> Found:
    """PASS where something lies at or before a time."""
    if moment is None or last is None:
        return unknown(fact)
    return PASS if moment <= last else fails(fact, moment, last)


def within(fact: str, slot: Slot, slots: Iterable[Slot], what: Said) -> Found | None:
    """FAIL where a stretch runs together with one of others."""
    for other in slots:
        if slot.overlaps(other):
            return fails(fact, slot, what)
    return None


def gaps(moments: Iterable[datetime], slot: Slot, most: timedelta) -> Slot | None:
    """The first stretch without a moment, longer than allowed, within a slot; its ends count as moments."""
    last = slot.start
    for moment in (*sorted(one for one in moments if slot.start <= one <= slot.end), slot.end):
        if moment - last > most:
            return Slot(last, moment)
        last = moment
    return None


def of_stretches(view: View, judge: Callable[[Slot], Found | None]) -> Found:
    """The first finding over all stretches of work; NO_DATA where nobody knows when work ran."""
    if view.started is None:
        return NOT_APPLICABLE
    if view.a.stretches is None:
        return unknown("stretches")
    return next((found for one in view.a.stretches if (found := judge(one)) is not None), PASS)
