"""The risk by which a permit's approver moves up (按风险提级审批)."""

from __future__ import annotations

from dataclasses import dataclass

from quancheng.domains.permits.models import Permit
from quancheng.domains.permits.queries.figures import parameters_of
from quancheng.domains.permits.queries.loading import Loaded
from quancheng.domains.permits.queries.spot import facts_of_many
from quancheng.domains.risk.queries.index import levels_of_places
from quancheng.kernel.calendar import Calendar
from quancheng.standards.gb30871.approval_risk import RiskFacts, Score, approval_score, approver_by_risk
from quancheng.standards.gb30871.parameters import Parameters

_COLOURS = {1: "RED", 2: "ORANGE"}


@dataclass(frozen=True, slots=True)
class Raised:
    """The score of a permit, the approver that it asks for, and that of table B.1."""

    score: Score
    approver: str
    table: str

    @property
    def is_raised(self) -> bool:
        return self.approver != self.table


def _figures(permit: Permit) -> Parameters:
    """What the enterprise had set when the job was booked: a table that changes later moves no approver of what is
    under way."""
    return parameters_of(permit.file_id, Calendar().local_date(permit.booked_at or permit.created_at))


def is_raising(permit: Permit) -> bool:
    """Whether the enterprise switched it on for a permit. One query."""
    return _is_on(_figures(permit))


def _is_on(figures: Parameters) -> bool:
    return figures.risk_department_from > 0 or figures.risk_leader_from > 0


def raised_of(rows: Loaded, demanded: str) -> Raised | None:
    """Who approves by risk; None where the enterprise switched nothing on. One query, six more where it did.

    :param demanded: the approver of table B.1.
    """
    permit = rows.permit
    figures = _figures(permit)
    if not _is_on(figures):
        return None
    (told,) = facts_of_many([permit], permit.window_start)
    level = levels_of_places([permit.unit_id]).get(permit.unit_id) if permit.unit_id else None
    facts = RiskFacts(
        kind=permit.kind, level=told.level, is_odd_hours=told.is_night_or_holiday, is_contractor=told.is_contractor,
        colour=told.risk, unit_colour=_COLOURS.get(level or 0, ""), open_alarms=told.open_alarms,
        met=len(rows.met), is_new_crew=told.is_new_crew,
    )  # fmt: skip
    score = approval_score(facts, figures)
    return Raised(score, approver_by_risk(permit.kind, demanded, score.points, figures), demanded)
