"""What enterprises owe by the period (周期事项): the schedule's rules bind each to the rhythm that holds for it now."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction

from quancheng.domains.hazards.queries.owed_periods import bound_now
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.schedule.models import RecurringRule
from quancheng.kernel.schedule.services import RuleSpec, bind_organisation, create_rule, unbind_organisation

#: Of a rhythm: name of the rule, recurrence and its figures, what the generator wants to know.
Shape = Callable[[str], tuple[str, str, Mapping[str, object], Mapping[str, object]]]


def bind_periods(
    *, actor: Actor, generator: str, wanted: Mapping[uuid.UUID, tuple[uuid.UUID, str]], shape: Shape, now: datetime,
    kinds: frozenset[str] | None = None,
) -> int:  # fmt: skip
    """Bind each enterprise to the rule of its office and rhythm, and free it of others; returns how many changed.

    Who is bound anew owes from that day on: nothing that was due before, so each day that binds somebody has rules of
    its own.

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
        code = f"{generator}.{rhythm}.{office.hex[:12]}.{today:%Y%m%d}"
        with transaction.atomic():
            known = RecurringRule.objects.filter(code=code).first()
            if known is None:
                name, recurrence, figures, data = shape(rhythm)
                spec = RuleSpec(
                    code=code, name=f"{name}（{today:%Y-%m-%d}起）", generator=generator, recurrence=recurrence,
                    figures=figures, first_day=today, organisations=tuple(members), data={**data, "rhythm": rhythm},
                )  # fmt: skip
                create_rule(actor=actor, spec=spec, now=now, owner=office)
            else:
                for org in members:
                    bind_organisation(actor=actor, rule=known, organisation_id=org, now=now)
        changed += len(members)
    return changed
