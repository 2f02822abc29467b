"""The risk by which a permit's approver moves up (按风险提级审批), reckoned when it is presented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from quancheng.domains.permits.models import Part, Permit, PermitPerson, WorkAlarm
from quancheng.domains.permits.queries.figures import parameters_of
from quancheng.domains.permits.queries.loading import Loaded
from quancheng.domains.permits.queries.spot import facts_of_many
from quancheng.domains.risk.queries.index import levels_of_places
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.loops.models import MoveRecord
from quancheng.standards.gb30871.approval_risk import Reason, RiskFacts, Score, approval_score, approver_by_risk
from quancheng.standards.gb30871.kinds import levels, rank
from quancheng.standards.gb30871.levels import Level
from quancheng.standards.gb30871.parameters import Parameters
from quancheng.standards.wording import Text

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


def _figures(permit: Permit, now: datetime) -> Parameters:
    """What the enterprise had set when it was last asked for: a table that changes later moves no approver of what is
    under way, and what was asked for anew stands under the new one. Two queries."""
    moves = MoveRecord.objects.filter(subject_type=Permit.row_type(), subject_id=permit.pk, move="submit")
    asked = moves.order_by("-at").values_list("at", flat=True).first() or now
    return parameters_of(permit.file_id, Calendar().local_date(asked), known=asked)


def is_raising(permit: Permit, now: datetime) -> bool:
    """Whether the enterprise switched it on for a permit. Two queries."""
    return _is_on(_figures(permit, now))


def _is_on(figures: Parameters) -> bool:
    return figures.risk_department_from > 0 or figures.risk_leader_from > 0


def reckon(rows: Loaded, level: Level | None, demanded: str, now: datetime) -> Raised | None:
    """Who approves by risk; None where the enterprise switched nothing on. Two queries, nine more where it did.

    :param level: what the facts demand now. :param demanded: the approver of table B.1.
    """
    permit = rows.permit
    figures = _figures(permit, now)
    if not _is_on(figures):
        return None
    (told,) = facts_of_many([permit], permit.window_start)
    colour = levels_of_places([permit.unit_id]).get(permit.unit_id) if permit.unit_id else None
    facts = RiskFacts(
        kind=permit.kind, level=_strictest(permit, level), is_odd_hours=told.is_night_or_holiday,
        is_contractor=told.is_contractor, colour=told.risk, unit_colour=_COLOURS.get(colour or 0, ""),
        open_alarms=told.open_alarms + _work_alarms(permit), met=len(rows.met), is_new_crew=_is_new(rows),
    )  # fmt: skip
    score = approval_score(facts, figures)
    return Raised(score, approver_by_risk(permit.kind, demanded, score.points, figures), demanded)


def _strictest(permit: Permit, level: Level | None) -> str:
    """Of what was entered, what was found at the request and what the facts demand now the strictest."""
    known = levels(permit.kind)
    codes = [code for code in (permit.level, permit.effective, level.effective if level else "") if code in known]
    return max(codes, key=lambda code: rank(permit.kind, code), default="")


def _work_alarms(permit: Permit) -> int:
    """Open alarms of the permit and of others at its unit. One query."""
    near = Q(permit=permit.pk) if permit.unit_id is None else Q(permit=permit.pk) | Q(permit__unit=permit.unit_id)
    return WorkAlarm.objects.filter(near, closed_at__isnull=True).count()


def _is_new(rows: Loaded) -> bool:
    """Whether most of who works never worked at the enterprise before, under whatever company's name. One query."""
    workers = {one.person_id for one in rows.crew if one.part == Part.WORKER}
    before = PermitPerson.objects.filter(
        person__in=workers, part=Part.WORKER, permit__file=rows.permit.file_id, permit__started_at__isnull=False
    ).exclude(permit=rows.permit.pk)  # fmt: skip
    known = set(before.values_list("person", flat=True))
    return len(workers - known) * 2 > len(workers)


def kept(raised: Raised | None) -> dict[str, Any]:
    """As it is kept with the permit, under its seal."""
    if raised is None:
        return {}
    reasons = [
        {"code": one.code, "points": one.points, "zh": one.text.zh, "en": one.text.en} for one in raised.score.reasons
    ]
    return {"score": raised.score.points, "role": raised.approver, "table": raised.table, "reasons": reasons}


def raised_of(permit: Permit) -> Raised | None:
    """What was reckoned when it was presented; None where nothing was, or it is prepared anew."""
    told = permit.approval_risk if permit.seal else {}
    if not told:
        return None
    reasons = tuple(Reason(one["code"], one["points"], Text(one["zh"], one["en"])) for one in told["reasons"])
    return Raised(Score(told["score"], reasons), told["role"], told["table"])
