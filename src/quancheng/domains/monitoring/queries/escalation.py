"""Steps of escalation (升级): when each is due, as shipped or as the district set them; which alarms are due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from quancheng.domains.monitoring.loops.alarm import SILENT, UNACKNOWLEDGED
from quancheng.domains.monitoring.models import Action, Alarm, AlarmTold, EscalationTable, Outcome
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.standards.signals.responses import ESCALATION
from quancheng.standards.wording import Text

#: Steps in their order, and the words for who hears.
WHO: Mapping[int, Text] = {step.number: step.who for step in ESCALATION}
#: The city has no channel of ours yet: it is written down that it was due and not told.
OPERATORS, SHIFT, SAFETY, PRINCIPAL, OFFICE, LEADERS, CITY = range(7)
#: Alarms that nobody has answered with a measure.
UNHANDLED = Q(status__in=UNACKNOWLEDGED) | Q(status="ACKED", action=Action.NONE)

#: What has reached a person.
REACHED = (Outcome.TOLD, Outcome.GATHERED)

_READ = ("tag__facility", "tag__area", "tag__file", "file__enterprise", "flood")


@dataclass(frozen=True, slots=True)
class Steps:
    """Seconds by step and priority. :ivar is_shipped: nobody set them yet, all [D]."""

    after_s: Mapping[int, Mapping[int, int]]
    is_shipped: bool = True

    def due_s(self, step: int, priority: int) -> int | None:
        """After how many seconds a step is due; None where a priority never gets there. Step 0 is due at once."""
        return 0 if step == 0 else self.after_s.get(step, {}).get(priority)

    def last(self, priority: int) -> int:
        """The highest step that a priority gets to."""
        return max((step for step in WHO if self.due_s(step, priority) is not None), default=0)

    def end_s(self, priority: int) -> int:
        """After how many seconds the last step of a priority is due."""
        return self.due_s(self.last(priority), priority) or 0

    def reached(self, priority: int, waited_s: float, *, is_again: bool) -> int:
        """The step that an alarm has reached. A repetition begins with step 1, where its priority has one."""
        due = [(step, self.due_s(step, priority)) for step in WHO]
        found = max(step for step, after in due if after is not None and waited_s >= after)
        return max(found, min(1, self.last(priority))) if is_again else found


def shipped() -> Steps:
    return Steps({step.number: dict(step.after_s) for step in ESCALATION})


def list_tables() -> QuerySet[EscalationTable]:
    """Every table that was set, the newest first."""
    return EscalationTable.objects.select_related("entered_by").order_by("-from_date", "-entered_at")


def steps_on(day: date) -> Steps:
    """The table that is in force on a day."""
    found = list_tables().filter(from_date__lte=day).first()
    if found is None:
        return shipped()
    return Steps({int(s): {int(p): v for p, v in by.items()} for s, by in found.after_s.items()}, is_shipped=False)


def steps_at(now: datetime) -> Steps:
    """The table that is in force now."""
    return steps_on(Calendar().local_date(now))


def due_alarms(steps: Steps, *, now: datetime, most: int) -> Sequence[Alarm]:
    """Alarms that have reached a step of which nobody was told, the gravest first. One query."""
    due = Q(step=-1)
    for step in WHO:
        for priority in range(1, 5):
            after = steps.due_s(step, priority)
            if step and after is not None:
                due |= Q(priority=priority, step__lt=step, last_raised_at__lte=now - timedelta(seconds=after))
    rows = Alarm.objects.filter(UNHANDLED).filter(due).select_related(*_READ)
    return list(rows.order_by("priority", "last_raised_at", "pk")[:most])


def waiting_alarms(*, most: int, after: Alarm | None = None) -> Sequence[Alarm]:
    """Alarms that stand and are not silent of which somebody was not told, since it was outside his hours, and who was
    not told since; the gravest first. One query. :param after: the last one of those that were read before."""
    told = AlarmTold.objects.filter(
        alarm=OuterRef("alarm"), person=OuterRef("person"), step__gte=OuterRef("step"), outcome__in=REACHED,
        at__gte=OuterRef("alarm__last_raised_at"),
    )  # fmt: skip
    kept = AlarmTold.objects.filter(alarm=OuterRef("pk"), outcome=Outcome.HOURS, at__gte=OuterRef("last_raised_at"))
    rows = Alarm.objects.filter(cleared_at__isnull=True).exclude(status__in=("CLOSED", *SILENT))
    rows = rows.filter(Exists(kept.filter(~Exists(told)))).select_related(*_READ)
    if after is not None:
        same = Q(priority=after.priority)
        at = Q(last_raised_at=after.last_raised_at)
        later = Q(last_raised_at__gt=after.last_raised_at) | at & Q(pk__gt=after.pk)
        rows = rows.filter(Q(priority__gt=after.priority) | same & later)
    return list(rows.order_by("priority", "last_raised_at", "pk")[:most])


def list_told(*, actor: Actor, alarm: Alarm) -> QuerySet[AlarmTold]:
    """Who was told of an alarm that a query gave, the newest first. The page shows names to those who may read them."""
    rows = AlarmTold.objects.filter(alarm=alarm).select_related("person", "organisation", "rule")
    return rows.order_by("-at", "-step", "pk")
