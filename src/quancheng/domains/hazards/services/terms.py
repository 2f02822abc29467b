"""Terms within which dangers are put right: set by the district from a day on, and held against what is written."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import TERMS, Finding, TermRule
from quancheng.domains.hazards.queries.terms import upper_end_of
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.pages.words import told
from quancheng.standards.hidden_dangers.terms import Terms
from quancheng.standards.risk.basis import BadInput

MANAGE = "hazards.terms.set"


def set_terms(
    *, actor: Actor, figures: Mapping[str, int], reason: str, from_date: date, now: datetime,
    client_id: uuid.UUID | None = None,
) -> TermRule:  # fmt: skip
    """Set the table from a day on; terms that run stay as they were set.

    :param figures: each of :data:`TERMS`. :raises Invalid: by field; a day that is past, figures that cannot be.
    """
    actor.require(MANAGE)
    wrong: dict[str, Text] = {}
    if not clean(reason):
        wrong["reason"] = _("请写明理由。")
    if from_date < Calendar().local_date(now):
        wrong["from_date"] = _("起用日期不能早于今天。")
    known = {name: int(figures[name]) for name in TERMS}
    try:
        Terms(**known)
    except BadInput as bad:
        wrong[bad.field] = told(bad.reason)
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        made = TermRule.objects.create(
            figures=known, reason=clean(reason)[:300], from_date=from_date, entered_at=now, entered_by_id=actor.user_id
        )
        journal.record(actor=actor, act=act, subject_type=subject_type_of(made), subject_id=made.pk,
                       facts={**known, "from": from_date}, now=now)  # fmt: skip
        return made.pk

    act = "hazards.terms.set"
    with transaction.atomic():
        body = {"figures": known, "reason": clean(reason), "from": from_date.isoformat()}
        pk, _made = once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    return TermRule.objects.get(pk=pk)


def over_longest(row: Finding, day: date, *, major: bool, today: date) -> Text | None:
    """Why a day lies beyond the longest term, in words that say the rule; None where it does not."""
    end = upper_end_of(row, major=major, today=today)
    if day <= end.day:
        return None
    kind = _("重大隐患") if major else _("一般隐患")
    return _(
        "超过%(kind)s最长整改期限%(days)s天（最晚%(day)s）。确需更长的，在整改中向监管部门申请延期，由其批准。"
    ) % {"kind": kind, "days": end.days, "day": end.day.isoformat()}  # fmt: skip
