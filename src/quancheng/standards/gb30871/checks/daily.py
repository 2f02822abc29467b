"""Predicates of what this house asks of each shift and day besides the standard [D]: C-60 to C-63. A figure of 0 in the
parameters asks nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from quancheng.standards.gb30871.basis import stamp
from quancheng.standards.gb30871.checks.model import NOT_APPLICABLE, PASS, Case, Found, fails, passed, unknown
from quancheng.standards.gb30871.facts import PermitFacts, ShiftBegun


def shift_handed_over(facts: PermitFacts, case: Case) -> Found:
    """C-60: the shift began so long ago, and its hand-over is not signed by both. What has begun goes on, so that a
    resumption is not asked."""
    grace = case.around.parameters.hand_over_min
    if not grace or not facts.shifts or facts.now is None or case.phase == "resume":
        return NOT_APPLICABLE
    for one in facts.shifts:
        until = one.began_at + timedelta(minutes=float(grace))
        if not one.is_handed and facts.now > until:
            named = f"{one.unit} {one.name} {stamp(one.began_at)}".strip()
            return fails("shifts", named, until)
    return PASS


def shift_to_revalidate(
    shifts: Iterable[ShiftBegun], in_force_since: datetime, asked_since: datetime | None
) -> ShiftBegun | None:
    """The newest shift, where a permit was in force before it began (每班复核). A shift that had begun before the
    demand was switched on is not asked: work would stand at once for what nobody could know.

    :param asked_since: None: always.
    """
    turn = max(shifts, key=lambda one: one.began_at, default=None)
    if turn is None or (asked_since is not None and turn.began_at < asked_since) or in_force_since >= turn.began_at:
        return None
    return turn


def revalidated(facts: PermitFacts, case: Case) -> Found:
    """C-61: the permit was in force in an earlier shift already, and nobody revalidated it in this one. While work runs
    there is time for it; nothing begins or goes on without."""
    grace = case.around.parameters.revalidate_min
    if not grace or facts.now is None or facts.window is None or facts.issued_at is None:
        return NOT_APPLICABLE
    turn = shift_to_revalidate(facts.shifts, max(facts.window.start, facts.issued_at), facts.revalidated_since)
    if turn is None:
        return NOT_APPLICABLE
    began = turn.began_at
    if facts.revalidated_at is not None and facts.revalidated_at >= began:
        return passed(facts.revalidated_at, began)
    until = began + timedelta(minutes=float(grace))
    if case.phase == "work" and facts.now <= until:
        # Told on its page, and stops nothing yet.
        return fails("revalidated_at", facts.revalidated_at or "", until, severity="WARN")
    return fails("revalidated_at", facts.revalidated_at or "", began)


def talked(facts: PermitFacts, case: Case) -> Found:
    """C-62: somebody who works or guards was in no toolbox talk of the day, or did not answer its questions."""
    if not case.around.parameters.talk_min:
        return NOT_APPLICABLE
    if facts.talk_missing is None:
        return unknown("talk_missing")
    return fails("talk_missing", "、".join(facts.talk_missing)) if facts.talk_missing else PASS


def cards_settled(facts: PermitFacts, case: Case) -> Found:
    """C-63: somebody said no on a card before or during the work, and nobody wrote what was done about it."""
    return fails("cards_open", facts.cards_open, 0) if facts.cards_open else NOT_APPLICABLE
