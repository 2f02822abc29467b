"""Plans of single enterprises (一企一策): called for, written, approved, looked at again each year, ended."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import EnterpriseRisk, Policy
from quancheng.domains.risk.queries.grading_facts import plan_needs
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import act_once
from quancheng.standards.risk.basis import months_later

CLOCK = system_actor("risk", "risk.gradings.judge")
#: Days for writing a plan, and months after which it is looked at again. [D]
WRITE_DAYS, REVIEW_MONTHS = 30, 12
MOST_MEASURES = 100


def follow_colour(*, file: Enterprise, now: datetime) -> Policy | None:
    """Call for a plan where the colour or the chemicals demand one and none stands; in the caller's transaction.

    A plan that nothing calls for any more stays until an office ends it.
    """
    if Policy.objects.filter(file=file).exclude(status="ENDED").exists():
        return None
    level = EnterpriseRisk.objects.filter(file=file).values_list("present_level", flat=True).first()
    needs = plan_needs(file, level)
    if not needs:
        return None
    name = file.enterprise.name if file.enterprise else ""
    row = Policy(
        **file.row_scope(),
        code=next_code(Policy, "CE", now=now), file=file, supervisor_id=file.supervisor_id, title=name[:200],
        because=[{"zh": one.zh, "en": one.en} for one in needs],
        due_date=Calendar().local_date(now) + timedelta(days=WRITE_DAYS), created_at=now,
    )  # fmt: skip
    return enter(actor=CLOCK, row=row, now=now, facts={"because": [one.zh for one in needs]})


def submit_policy(
    *, actor: Actor, row: Policy, goal: str, measures: Sequence[tuple[str, str, date]], evidence: Sequence[uuid.UUID],
    now: datetime, client_id: uuid.UUID | None = None,
) -> Policy:  # fmt: skip
    """The enterprise hands its plan in.

    :param measures: what is done, who answers for it, until when.
    :raises Invalid: no goal, no measure, too many, or one without words.
    """
    wrong: dict[str, Any] = {}
    if not clean(goal):
        wrong["goal"] = _("请写明管控目标。")
    if not measures:
        wrong["measures"] = _("至少写一条措施。")
    elif len(measures) > MOST_MEASURES:
        wrong["measures"] = _("最多%(most)s条措施。") % {"most": MOST_MEASURES}
    elif any(not clean(text) or not clean(owner) for text, owner, _day in measures):
        wrong["measures"] = _("每条措施都要有内容和责任人。")
    if wrong:
        raise Invalid(fields=wrong)
    kept = [
        {"text": clean(text)[:500], "owner": clean(owner)[:60], "due": day.isoformat()} for text, owner, day in measures
    ]
    changes = {"goal": clean(goal)[:1000], "measures": kept}

    def do() -> None:
        move(
            actor=actor, row=row, name="submit", now=now, given={"measures": len(kept)}, changes=changes,
            facts={"measures": len(kept)},
        )  # fmt: skip
        if evidence:
            attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)

    act_once(actor=actor, row=row, act="risk.policy.submit", body=changes, now=now, client_id=client_id, do=do)
    return row


def approve_policy(
    *, actor: Actor, row: Policy, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> Policy:
    """The office approves a plan; it is looked at again after a year. :raises NotPermitted: who submitted it."""
    changes = {"approved_at": now, "review_date": months_later(Calendar().local_date(now), REVIEW_MONTHS)}
    move(
        actor=actor, row=row, name="approve", now=now, given={"text": clean(text)[:500]}, changes=changes,
        client_id=client_id,
    )  # fmt: skip
    return row


def answer_policy(
    *, actor: Actor, row: Policy, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Policy:
    """``return`` a plan, or ``end`` one that nothing calls for any more. :raises Invalid: no reason."""
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    changes: dict[str, Any] = {"closed_at": now} if name == "end" else {}
    if name == "return":
        changes["due_date"] = max(row.due_date, Calendar().local_date(now) + timedelta(days=10))
    move(
        actor=actor, row=row, name=name, now=now, given={"reason": clean(reason)[:500]}, changes=changes,
        client_id=client_id,
    )  # fmt: skip
    return row


def review_policies(*, now: datetime) -> int:
    """Plans whose year is over are to be written again."""
    today = Calendar().local_date(now)
    due = list(Policy.objects.filter(status="STANDING", review_date__lte=today).order_by("pk")[:5000])
    for row in due:
        changes = {"due_date": today + timedelta(days=WRITE_DAYS)}
        move(actor=CLOCK, row=row, name="review", now=now, changes=changes)
    return len(due)
