"""Rules A-016 to A-025: analysis of hazards, briefing, measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from quancheng.standards.gb30871 import tickets
from quancheng.standards.gb30871.audit.shapes import SIDES, Confirmed
from quancheng.standards.gb30871.audit.view import View, at_most, not_after
from quancheng.standards.gb30871.basis import several, table, text_of
from quancheng.standards.gb30871.checks import people
from quancheng.standards.gb30871.checks.circumstances import circumstances_of
from quancheng.standards.gb30871.checks.model import NOT_APPLICABLE, PASS, Found, fails, unknown
from quancheng.standards.wording import Text


@dataclass(frozen=True, slots=True)
class MinimumHazard:
    """A hazard that the analysis of a kind names (最少危害) [D]: any of ``words`` of either language tells it."""

    kind: str
    code: str
    is_required: bool
    words: tuple[str, ...]
    text: Text


@cache
def minimum_hazards(kind: str) -> tuple[MinimumHazard, ...]:
    """Those of a kind, the required ones first."""
    rows = [
        MinimumHazard(
            row["kind"], row["code"], row["required"] == "1",
            (*several(row["words_zh"]), *several(row["words_en"])), text_of(row),
        )
        for row in table("audit_hazards") if row["kind"] == kind
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda one: not one.is_required))


def likeness(one: str, other: str) -> float:
    """How alike two texts read, 0 to 1: the share of their groups of three letters that both have (Dice)."""
    first, second = _groups(one), _groups(other)
    if not first or not second:
        return 1.0 if first == second else 0.0
    return 2 * len(first & second) / (len(first) + len(second))


def _groups(text: str) -> frozenset[str]:
    plain = "".join(text.split())
    return frozenset(plain[place : place + 3] for place in range(max(len(plain) - 2, 0))) or frozenset({plain} - {""})


def analysis_poor(view: View) -> Found:
    """A-016: no analysis, too few steps, or a hazard that every job of the kind has is not named."""
    found = view.facts.analysis
    if found is None:
        return fails("analysis")
    least = int(view.number("steps"))
    if found.steps < least:
        return fails("analysis.steps", found.steps, least)
    if view.a.hazards is None:
        return unknown("hazards")
    text = view.a.hazards.lower()
    for one in minimum_hazards(view.facts.kind):
        if one.is_required and not any(word in text for word in one.words):
            return fails("hazards", "", one.text)
    return PASS


def analysis_copied(view: View) -> Found:
    """A-017: the analysis reads like that of several permits at other places."""
    return at_most("alike_elsewhere", view.a.alike_elsewhere, int(view.number("most")))


def analysis_one_sided(view: View) -> Found:
    """A-018: the local unit or the working unit took no part in the analysis."""
    if view.facts.analysis is None:
        return NOT_APPLICABLE
    if view.a.sides is None:
        return unknown("sides")
    missing = [name for side, name in SIDES.items() if side not in view.a.sides]
    return fails("sides", "", missing[0]) if missing else PASS


def briefing_missing(view: View) -> Found:
    """A-019: no briefing, or somebody on the permit was not in it."""
    return view.planned(people.briefed)


def briefed_late(view: View) -> Found:
    """A-020: briefed after work began."""
    if view.started is None or view.facts.briefed_at is None:
        return NOT_APPLICABLE
    return not_after("briefed_at", view.facts.briefed_at, view.started)


def briefed_away(view: View) -> Found:
    """A-021: briefed away from the place of work."""
    if view.facts.briefed_at is None:
        return NOT_APPLICABLE
    return at_most("briefing_distance_m", view.a.briefing_distance_m, view.number("far_m"))


def _each_row(view: View, judge: Callable[[tickets.Measure, Confirmed | None], Found | None]) -> Found:
    if view.a.measures is None:
        return unknown("measures")
    decided = {row.code: row for row in view.a.measures}
    for row in tickets.measures(view.facts.kind):
        if row.applies != "other" and (found := judge(row, decided.get(row.code))) is not None:
            return found
    return PASS


def row_open(view: View) -> Found:
    """A-022: a row of the form without decision or without who confirmed it."""

    def judge(row: tickets.Measure, own: Confirmed | None) -> Found | None:
        is_open = own is None or own.applies is None or not own.confirmed_by
        return fails("measures", row.code, row.text) if is_open else None

    return _each_row(view, judge)


def row_declined(view: View) -> Found:
    """A-023: a row that must apply was marked as not applying. What nobody told of the circumstances forces a row
    before work; here it is taken as the form says."""
    told = circumstances_of(view.facts, view.level, view.around.parameters)
    known = {name: value is True for name, value in told.items()}
    known = {name: known.get(name, False) for name in tickets.CIRCUMSTANCES}
    forced = {row.code for row in tickets.forced(view.facts.kind, known)}

    def judge(row: tickets.Measure, own: Confirmed | None) -> Found | None:
        is_declined = own is not None and own.applies is False and row.code in forced
        return fails("measures.applies", row.code, row.text) if is_declined else None

    return _each_row(view, judge)


def row_blank(view: View) -> Found:
    """A-024: a figure of a row that applies is blank."""

    def judge(row: tickets.Measure, own: Confirmed | None) -> Found | None:
        if own is None or not own.applies:
            return None
        empty = sorted(set(row.parameters) - own.filled)
        return fails("measures.filled", f"{row.code}: {', '.join(empty)}", row.text) if empty else None

    return _each_row(view, judge)


def rows_at_once(view: View) -> Found:
    """A-025: one person confirmed all rows within moments, or somebody did away from the place."""
    if view.a.measures is None:
        return unknown("measures")
    radius = view.around.parameters.sign_radius_m
    done = [one for one in view.a.measures if one.applies is not None and one.confirmed_at is not None]
    for one in done:
        if one.distance_m is not None and one.distance_m > radius:
            return fails("measures.distance_m", one.distance_m, radius)
    if len(done) < int(view.number("rows")):
        return NOT_APPLICABLE
    times = [one.confirmed_at for one in done if one.confirmed_at is not None]
    spread = max(times) - min(times)
    if len({one.confirmed_by for one in done}) == 1 and spread < view.span("least_s"):
        return fails("measures.confirmed_at", f"{int(spread.total_seconds())} s", f"{view.params['least_s']} s")
    return PASS
