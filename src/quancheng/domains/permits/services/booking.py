"""Setting how far ahead work is booked (预约规则)."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.utils.translation import gettext as _

from quancheng.domains.permits.models import BookingRuleChange
from quancheng.domains.permits.queries.audits import RULES
from quancheng.domains.permits.services.setting import first_day_faults, set_once
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean
from quancheng.standards.gb30871.booking import CLAUSE, LEAD_D

#: A longer lead is a slip of the hand [D].
MOST_D = 30


def set_booking_rule(
    *, actor: Actor, lead_days: int, from_day: date, reason: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> BookingRuleChange:  # fmt: skip
    """Set how many days ahead work is booked from a day on. What the standard demands is law: nobody sets less.

    :raises Invalid: fewer days than the standard demands, a day that has passed, no reason.
    """
    actor.require(RULES)
    wrong: dict[str, Text] = {}
    if not LEAD_D <= lead_days <= MOST_D:
        told = {"least": LEAD_D, "most": MOST_D, "clause": CLAUSE}
        wrong["lead_days"] = _("请填写%(least)s到%(most)s之间的天数，不能少于标准要求（%(clause)s）。") % told
    wrong |= first_day_faults("from_day", from_day, now)
    why = clean(reason)[:300]
    if not why:
        wrong["reason"] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)
    given = {"lead_days": lead_days, "from_day": from_day, "reason": why}
    facts = {**given, "from_day": from_day.isoformat()}
    return set_once(
        BookingRuleChange, actor=actor, act="permits.booking_rule.set", given={**given, "entered_by": actor.name[:130]},
        facts=facts, now=now, client_id=client_id,
    )  # fmt: skip
