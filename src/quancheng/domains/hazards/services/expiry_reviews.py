"""The regulator looks on site within its term after that of a major danger ended (期满现场审查)."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import ExpiryReview
from quancheng.domains.hazards.queries.expiry_reviews import expired_majors, needless
from quancheng.domains.hazards.services.repeats import move_once
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.standards.hidden_dangers import levels

SUPERVISE = "hazards.findings.supervise"


def owe_expiry_reviews(*, now: datetime) -> int:
    """What the clock does each morning: owe a look at each term that ended (standards: REVIEW, days after it), and end
    those that nothing calls for any more; returns how many are new."""
    house = system_actor("hazards", SUPERVISE)
    today, term, made = Calendar().local_date(now), timedelta(days=int(levels.limits()["REVIEW"].amount or 10)), 0
    for old in needless():
        # Recorded a moment ago: then it is done, and keeps no other from being owed.
        with contextlib.suppress(StaleState):
            move(actor=house, row=old, name="end", now=now, changes={"closed_at": now})
    for row in expired_majors(today):
        if row.deadline is None:
            continue
        # Of a term that ended before anybody counted, its own ten days are over: nobody is late at once.
        due = row.deadline + term
        review = ExpiryReview(
            **row.file.row_scope(owner=row.supervisor_id, reach="chain"), finding=row,
            title=f"{row.code} {row.name}"[:340], expired_date=row.deadline,
            due_date=due if due >= today else today + term, created_at=now,
        )  # fmt: skip
        enter(actor=house, row=review, now=now, facts={"finding": row.pk, "expired": row.deadline})
        made += 1
    return made


def record_expiry_review(
    *, actor: Actor, row: ExpiryReview, visited: date | None, text: str, evidence: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> ExpiryReview:  # fmt: skip
    """Say what was found on site and what follows; the enterprise reads it from now on.

    :raises Invalid: by field; nothing said, no evidence, a visit before the term ended or to come.
    """
    wrong: dict[str, Text] = {} if clean(text) else {"text": _("请填写此项。")}
    if visited is None:
        wrong["visited"] = _("请选择日期。")
    elif not row.expired_date < visited <= Calendar().local_date(now):
        wrong["visited"] = _("现场审查日期应在整改期限届满之后，且不晚于今天。")
    if not evidence:
        wrong["evidence"] = _("请上传现场照片或材料。")
    if wrong or visited is None:
        raise Invalid(fields=wrong)
    changes = {"text": clean(text)[:4000], "visited_date": visited, "closed_at": now, "reach": "party"}
    given = {"text": clean(text)[:1000], "visited": visited.isoformat()}

    def make() -> None:
        attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        move(actor=actor, row=row, name="review", now=now, given=given, changes=changes)

    return move_once(actor=actor, row=row, name="review", given=given, client_id=client_id, now=now, make=make)
