"""The smallest rounds, issued, answered and drawn from by the services."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.factories import NOW, District

from quancheng.domains.hazards.models import InspectionRound, RoundCheck, RoundTarget
from quancheng.domains.hazards.queries.rounds import Asked, items_of
from quancheng.domains.hazards.services import round_answers as answering
from quancheng.domains.hazards.services import rounds as services
from quancheng.kernel.access.actor import Actor

TODAY = NOW.date()
LIST = "CL-WH"


def make_round(actor: Actor, *, issue: bool = True, now: datetime = NOW, **known: Any) -> InspectionRound:
    """A round of all depots by the checklist of warehouses, due in ten days."""
    given: dict[str, Any] = {
        "title": "危化品仓库专项检查", "text": "对照检查表逐项自查", "start_date": TODAY,
        "due_date": TODAY + timedelta(days=10), "end_date": TODAY + timedelta(days=60), "checklist": LIST,
        "asked": Asked(kinds=("depot",)), **known,
    }  # fmt: skip
    row = services.draft_round(actor=actor, spec=services.RoundSpec(**given), now=now)
    return services.issue_round(actor=actor, row=row, now=now) if issue else row


def target_of(row: InspectionRound, file: Any) -> RoundTarget:
    return RoundTarget.objects.select_related("round", "file__enterprise").get(round=row, file=file)


def answer(
    actor: Actor, target: RoundTarget, *, abnormal: dict[int, str] | None = None, now: datetime = NOW, **known: Any
) -> RoundTarget:
    """Everything normal but what is told."""
    wrong = abnormal or {}
    items = [
        answering.ItemAnswer(one.position, 1 if one.position in wrong else 0, wrong.get(one.position, ""))
        for one in items_of(target)
    ]
    spec = answering.AnswerSpec(items=items, text="已逐项自查", **known)
    return answering.answer_target(actor=actor, row=target, spec=spec, now=now)


def drawn(district: District, row: InspectionRound, *, now: datetime = NOW, seed: str = "种子") -> RoundCheck:
    """One that was answered is drawn by the department."""
    services.draw_round(actor=district.department, row=row, now=now, seed=seed)
    found = row.checks.select_related("target__round", "round").order_by("pk").first()
    assert found is not None
    return found
