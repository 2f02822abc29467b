"""What enterprises owe by the period (周期事项): the schedule's rules bind each to the rhythm that holds for it now."""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from quancheng.domains.hazards.queries.owed_periods import bound_now
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.schedule.models import RecurringRule
from quancheng.kernel.schedule.recurrence import periods
from quancheng.kernel.schedule.services import (
    RuleSpec,
    ask_again,
    bind_organisation,
    create_rule,
    let_run,
    unbind_organisation,
)

#: Of a rhythm: name of the rule, recurrence and its figures, what the generator wants to know.
Shape = Callable[[str], tuple[str, str, Mapping[str, object], Mapping[str, object]]]


def bind_periods(
    *, actor: Actor, generator: str, wanted: Mapping[uuid.UUID, tuple[uuid.UUID, str]], shape: Shape, now: datetime,
    kinds: frozenset[str] | None = None,
) -> int:  # fmt: skip
    """Bind each enterprise to the rule of its office and rhythm, and free it of others; returns how many changed.

    Who is bound anew owes from that day on: nothing that was due before. So an office has one rule of a rhythm for
    everybody who is bound in a period; rules that bind nobody are put out of use.

    :param wanted: enterprise to office and rhythm. :param kinds: rhythms that are looked at; None: all of them.
    """
    today = Calendar().local_date(now)
    changed, owed = 0, dict(wanted)
    for rule, org, office, rhythm in bound_now(generator):
        if kinds is not None and rhythm not in kinds:
            continue
        if owed.get(org) == (office, rhythm):
            del owed[org]
            continue
        unbind_organisation(actor=actor, rule=rule, organisation_id=org, now=now)
        changed += 1
    groups: dict[tuple[uuid.UUID, str], list[uuid.UUID]] = defaultdict(list)
    for org, key in owed.items():
        groups[key].append(org)
    for (office, rhythm), members in sorted(groups.items(), key=lambda pair: (str(pair[0][0]), pair[0][1])):
        with transaction.atomic():
            _bind(actor, generator, office, rhythm, members, shape, today, now)
        changed += len(members)
    for rule in RecurringRule.objects.filter(generator=generator, is_active=True, organisations__isnull=True):
        if kinds is None or rule.data.get("rhythm") in kinds:
            let_run(actor=actor, rule=rule, active=False, now=now)
    return changed


def _bind(
    actor: Actor, generator: str, office: uuid.UUID, rhythm: str, members: Sequence[uuid.UUID], shape: Shape,
    today: date, now: datetime,
) -> None:  # fmt: skip
    name, recurrence, figures, data = shape(rhythm)
    data = {**data, "rhythm": rhythm}
    for rule in RecurringRule.objects.filter(generator=generator, owner_org=office).order_by("-first_day", "pk"):
        same = (rule.recurrence, rule.figures, rule.data) == (recurrence, figures, data)
        if same and rule.last_day is None and not _was_due(rule, today):
            break
    else:
        # Told apart by the whole key of the office, which is longer than a code may be.
        told = hashlib.sha256(f"{rhythm}.{office.hex}.{today:%Y%m%d}".encode()).hexdigest()[:24]
        spec = RuleSpec(
            code=f"{generator}.{told}", name=f"{name}（{today:%Y-%m-%d}起）", generator=generator,
            recurrence=recurrence, figures=figures, first_day=today, organisations=tuple(members), data=data,
        )  # fmt: skip
        create_rule(actor=actor, spec=spec, now=now, owner=office)
        return
    if not rule.is_active and not rule.organisations.exists():
        let_run(actor=actor, rule=rule, active=True, now=now)
    for org in members:
        bind_organisation(actor=actor, rule=rule, organisation_id=org, now=now)
        # It may have been bound before; what it owed then may have ended when it stopped working.
        ask_again(rule=rule, organisation_id=org, since=today)


def _was_due(rule: RecurringRule, today: date) -> bool:
    """Whether the rule asked for anything that was due before today."""
    found = periods(rule.recurrence, rule.figures, first=rule.first_day, last=today)
    return any(period.due < today for period in found)
