"""Setting rules, and generating what they demand."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Reach
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.names import clean
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.schedule.generators import Generator, generator_of
from quancheng.kernel.schedule.models import Occurrence, RecurringRule
from quancheng.kernel.schedule.queries import owners_of
from quancheng.kernel.schedule.recurrence import Period, faults, periods

#: A row is never made earlier than this before its due day.
MOST_LEAD = timedelta(days=400)
#: How far back what recurs each few days is still made after an outage. [D]
DAILY_CATCH_UP = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """What a rule is made of; see :class:`RecurringRule`. Organisations, a group, or both."""

    code: str
    name: str
    generator: str
    recurrence: str
    figures: Mapping[str, Any]
    first_day: date
    last_day: date | None = None
    organisations: Sequence[uuid.UUID] = ()
    group: uuid.UUID | None = None
    grace_days: int = 0
    lead_days: int | None = None
    adjust: str = "keep"
    data: Mapping[str, Any] = field(default_factory=dict)
    reach: str = Reach.CHAIN


def create_rule(*, actor: Actor, spec: RuleSpec, now: datetime, owner: uuid.UUID | None = None) -> RecurringRule:
    """Set a rule up. The caller, a domain's service, asked for its own duty.

    :param owner: the organisation that sets it up; the actor's where none is given.
    :raises Invalid: unsound figures, days out of order, an unknown generator, or nobody it binds.
    :raises Conflict: the code is taken.
    """
    owner_id = owner or actor.organisation_id
    if owner_id is None:
        raise NotPermitted
    wrong: dict[str, Any] = {}
    if unsound := faults(spec.recurrence, spec.figures):
        wrong["figures"] = _("周期设置有误：%(names)s。") % {"names": listed(unsound)}
    if not clean(spec.name) or len(clean(spec.name)) > 200:
        wrong["name"] = _("请填写名称，不超过200个字。")
    if spec.last_day is not None and spec.last_day < spec.first_day:
        wrong["last_day"] = _("截止日期不能早于起始日期。")
    if generator_of(spec.generator) is None:
        wrong["generator"] = _("没有这类周期事项。")
    if not spec.organisations and spec.group is None:
        wrong["organisations"] = _("请选择适用单位。")
    if wrong:
        raise Invalid(fields=wrong)
    rule = RecurringRule(
        owner_org_id=owner_id,
        reach=spec.reach,
        code=clean(spec.code)[:60],
        name=clean(spec.name),
        generator=spec.generator,
        recurrence=spec.recurrence,
        figures=dict(spec.figures),
        data=dict(spec.data),
        group_id=spec.group,
        first_day=spec.first_day,
        last_day=spec.last_day,
        grace_days=spec.grace_days,
        lead_days=spec.lead_days,
        adjust=spec.adjust,
        created_at=now,
        updated_at=now,
    )
    with transaction.atomic():
        if RecurringRule.objects.filter(code=rule.code).exists():
            raise Conflict(_("已有相同代码的周期事项。"), fields={"code": _("已有相同代码的周期事项。")})
        rule.save(force_insert=True)
        rule.organisations.set(Organisation.objects.standing().filter(pk__in=spec.organisations))
        _note(
            actor,
            "schedule.rule.create",
            rule,
            now,
            {"code": rule.code, "recurrence": rule.recurrence, "figures": rule.figures},
        )
    return rule


def set_rule_active(*, actor: Actor, rule: RecurringRule, active: bool, now: datetime) -> RecurringRule:
    """Pause a rule or let it go on; periods of a pause are made up when it goes on, each as what it is."""
    actor.require("schedule.manage")
    if rule.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该周期事项由其他单位设置。"), code="other_organisation")
    return let_run(actor=actor, rule=rule, active=active, now=now)


def let_run(*, actor: Actor, rule: RecurringRule, active: bool, now: datetime) -> RecurringRule:
    """Let a rule rest or go on. The caller asked for its own duty."""
    with transaction.atomic():
        RecurringRule.objects.filter(pk=rule.pk).update(is_active=active, updated_at=now)
        _note(actor, "schedule.rule.resume" if active else "schedule.rule.pause", rule, now)
    rule.refresh_from_db()
    return rule


def bind_organisation(*, actor: Actor, rule: RecurringRule, organisation_id: uuid.UUID, now: datetime) -> None:
    """Let a rule bind one organisation more, from the period on that runs; one that it binds already stays.

    The caller asked for its own duty.
    """
    if rule.organisations.filter(pk=organisation_id).exists():
        return
    with transaction.atomic():
        rule.organisations.add(Organisation.objects.get(pk=organisation_id))
        _note(actor, "schedule.rule.bind", rule, now, {"organisation": organisation_id})


def unbind_organisation(*, actor: Actor, rule: RecurringRule, organisation_id: uuid.UUID, now: datetime) -> None:
    """Let a rule bind one organisation no more: what was made for it stands, nothing further is made.

    The caller asked for its own duty.
    """
    bound = rule.organisations.filter(pk=organisation_id).first()
    if bound is None:
        return
    with transaction.atomic():
        rule.organisations.remove(bound)
        _note(actor, "schedule.rule.unbind", rule, now, {"organisation": organisation_id})


def ask_again(*, rule: RecurringRule, organisation_id: uuid.UUID, since: date) -> int:
    """Ask the generator once more for the periods of one organisation that are due on a day or later; returns how many.

    For an organisation that is bound anew: what was made for it before may have ended meanwhile. The generator gives
    back the row of a period that still stands.
    """
    found = Occurrence.objects.filter(rule=rule, org=organisation_id, due_date__gte=since)
    return found.delete()[0]


def adjust_rule(*, actor: Actor, rule: RecurringRule, adjust: str, now: datetime) -> RecurringRule:
    """Set whether a due day that is no working day moves forward (``keep``, ``previous_working``), for rows made later.

    The caller asked for its own duty.
    """
    if adjust not in ("keep", "previous_working"):
        raise Invalid(fields={"adjust": _("没有这个选项。")})
    with transaction.atomic():
        RecurringRule.objects.filter(pk=rule.pk).update(adjust=adjust, updated_at=now)
        _note(actor, "schedule.rule.adjust", rule, now, {"adjust": adjust})
    rule.refresh_from_db()
    return rule


def end_rule(*, actor: Actor, rule: RecurringRule, last_day: date, now: datetime) -> RecurringRule:
    """Let a rule end with a day: nothing is due after it. The caller asked for its own duty.

    A rule that has not begun by that day never does: it is put out of use, since it cannot end before its first day.
    """
    with transaction.atomic():
        begun = last_day >= rule.first_day
        last_day = max(last_day, rule.first_day)
        RecurringRule.objects.filter(pk=rule.pk).update(
            last_day=last_day, is_active=rule.is_active and begun, updated_at=now
        )
        _note(actor, "schedule.rule.end", rule, now, {"last_day": last_day})
    rule.refresh_from_db()
    return rule


def generate(*, now: datetime) -> int:
    """Make everything that all rules demand by now; returns how many rows. Twice, or two at once, is as once."""
    rules = RecurringRule.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True)
    return sum(generate_rule(rule_id=pk, now=now) for pk in rules)


def generate_rule(*, rule_id: uuid.UUID, now: datetime) -> int:
    """Make what one rule demands by now and was not made yet, each row in a transaction of its own.

    After an outage every missed period is made as what it is, with its own due day; reminders do not follow from
    them one by one, since each person gets one a day. An organisation owes nothing that was due before it was
    entered.
    """
    rule = RecurringRule.objects.select_related("group").filter(pk=rule_id, is_active=True).first()
    generator = generator_of(rule.generator) if rule is not None else None
    if rule is None or generator is None:
        return 0
    calendar = Calendar()
    today = calendar.local_date(now)
    known = set(Occurrence.objects.filter(rule=rule).values_list("period", "org_id"))
    wanted = due_periods(rule, today=today)
    made = 0
    for org in owners_of(rule):
        since = calendar.local_date(org.created_at)
        for period in wanted:
            if (period.key, org.pk) not in known and period.due >= since and _counts(rule, period, calendar):
                made += _make(rule, generator, period, org, calendar, now)
    return made


def due_periods(rule: RecurringRule, *, today: date) -> list[Period]:
    """The periods of a rule that have begun by today, or whose lead time has, in order."""
    first, last = rule.first_day, today + MOST_LEAD
    if rule.recurrence == "daily":
        first, last = max(first, today - DAILY_CATCH_UP), today + timedelta(days=rule.lead_days or 0)
    if rule.last_day is not None:
        last = min(last, rule.last_day)
    found = periods(rule.recurrence, rule.figures, first=first, last=last)
    return [period for period in found if _opens(rule, period) <= today]


def coming(rule: RecurringRule, *, today: date, until: date) -> list[tuple[date, date]]:
    """What a rule will demand after today, as opening day and due day, of what opens by ``until``; in order.

    For who goes out before it is made.
    """
    if not rule.is_active:
        return []
    last = until if rule.recurrence == "daily" else until + MOST_LEAD
    if rule.last_day is not None:
        last = min(last, rule.last_day)
    calendar = Calendar()
    found = periods(rule.recurrence, rule.figures, first=max(rule.first_day, today), last=last)
    return [
        (_opens(rule, one), due_date_of(rule, one, calendar))
        for one in found
        if today < _opens(rule, one) <= until and _counts(rule, one, calendar)
    ]


def due_date_of(rule: RecurringRule, period: Period, calendar: Calendar) -> date:
    """The due day as the rule adjusts it; ``calendar.assumed`` tells whether a year was not known."""
    if rule.adjust == "previous_working":
        return calendar.working_day_on_or_before(period.due)
    return period.due


def _counts(rule: RecurringRule, period: Period, calendar: Calendar) -> bool:
    """Whether a period is one: of a rule that skips days that are no working days (``skip``) not every one is."""
    return rule.adjust != "skip" or calendar.is_working_day(period.due)


def _opens(rule: RecurringRule, period: Period) -> date:
    if rule.lead_days is None:
        return min(period.first, period.due)
    return period.due - timedelta(days=rule.lead_days)


def _make(
    rule: RecurringRule, generator: Generator, period: Period, org: Organisation, calendar: Calendar, now: datetime
) -> int:
    due_date = due_date_of(rule, period, calendar)
    occurrence = Occurrence(
        rule=rule,
        period=period.key,
        org=org,
        due_date=due_date,
        is_assumed=rule.adjust != "keep" and due_date.year in calendar.assumed,
        is_caught_up=due_date < calendar.local_date(now),
        created_at=now,
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                # The unique row first: a second run at the same time waits here, and then has nothing to do.
                occurrence.save(force_insert=True)
        except IntegrityError:
            return 0
        row = generator(rule, period, org, due_date, now)
        Occurrence.objects.filter(pk=occurrence.pk).update(subject_type=row.row_type(), subject_id=row.pk)
    return 1


def _note(actor: Actor, act: str, rule: RecurringRule, now: datetime, facts: dict[str, Any] | None = None) -> None:
    journal.record(
        actor=actor, act=act, subject_type=rule.row_type(), subject_id=rule.pk, org_id=rule.owner_org_id,
        facts=facts or {}, now=now,
    )  # fmt: skip
