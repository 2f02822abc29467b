"""Escalation (升级): an alarm that nobody answers is told to the next; the steps themselves, set from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import Alarm, EscalationTable
from quancheng.domains.monitoring.queries.escalation import WHO, Steps, due_alarms, steps_at
from quancheng.domains.monitoring.services.one_by_one import each
from quancheng.domains.monitoring.services.telling import tell
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean

SET = "monitoring.terms"
#: Alarms of one look; more of them come with the next, a second later.
MOST = 100
#: Longest time to a step: a week.
MOST_S = 7 * 86_400


def escalate(*, now: datetime) -> int:
    """Tell of every alarm the steps that it has reached and nobody was told of; how many alarms.

    Two processes at once tell once: whoever writes the step
    down first tells, in the same transaction.
    """
    steps = steps_at(now)
    return each(due_alarms(steps, now=now, most=MOST), lambda row: _tell(row, steps, now=now), what="telling")


def _tell(row: Alarm, steps: Steps, *, now: datetime) -> bool:
    waited_s = (now - row.last_raised_at).total_seconds()
    step = steps.reached(row.priority, waited_s, is_again=row.again_count > 0)
    mine = Alarm.objects.filter(
        pk=row.pk, step=row.step, status=row.status, action=row.action, last_raised_at=row.last_raised_at
    )
    if not mine.update(step=step, updated_at=now):
        return False
    # Whoever should have heard before hears too: after an outage the shift leader alone is not enough.
    for number in range(max(row.step + 1, 0), step + 1):
        tell(row, number, now=now)
    return True


def set_steps(
    *, actor: Actor, after_s: Mapping[int, Mapping[int, int | None]], reason: str, from_date: date, now: datetime
) -> EscalationTable:
    """Set from a day on after how many seconds each step is due, by priority; None: it never gets there.

    :raises Invalid: by field ``s<step>_p<priority>``; a later step due before an earlier one, or after one left out.
    """
    actor.require(SET)
    wrong: dict[str, Text] = {}
    if not clean(reason):
        wrong["reason"] = _("请写明理由。")
    if from_date < Calendar().local_date(now):
        wrong["from_date"] = _("起用日期不能早于今天。")
    for priority in range(1, 5):
        before, is_over = 0, False
        for step in sorted(WHO)[1:]:
            seconds, name = after_s.get(step, {}).get(priority), f"s{step}_p{priority}"
            if seconds is None:
                is_over = True
            elif is_over:
                wrong[name] = _("前一步没有时限，后一步也不能有。")
            elif not before < seconds <= MOST_S:
                wrong[name] = _("须晚于前一步，且不超过7天。")
            before = seconds or before
    if not any(by.get(1) is not None for step, by in after_s.items() if step):
        wrong["s1_p1"] = _("一级报警至少须有一步升级。")
    if wrong:
        raise Invalid(fields=wrong)
    kept = {
        str(step): {str(priority): seconds for priority, seconds in by.items() if seconds is not None}
        for step, by in after_s.items()
        if step in WHO and step
    }
    with transaction.atomic():
        made = EscalationTable.objects.create(
            after_s=kept, reason=clean(reason)[:300], from_date=from_date, entered_at=now, entered_by_id=actor.user_id
        )
        journal.record(
            actor=actor, act="monitoring.escalation.set", subject_type=subject_type_of(made), now=now,
            facts={"number": made.pk, "after_s": kept, "from": from_date, "reason": made.reason},
        )  # fmt: skip
    return made
