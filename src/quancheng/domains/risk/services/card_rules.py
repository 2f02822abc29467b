"""The district sets how cards are read, asked and reviewed (岗位卡规则)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.risk.models import CardRule
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean
from quancheng.kernel.people.actors import person_of

RULES = "risk.rules"
_BOUNDS = {"pass_mark": (1, 100), "spot_percent": (1, 100), "read_days": (1, 365), "review_months": (1, 36)}


def set_card_rules(
    *, actor: Actor, pass_mark: int, spot_percent: int, read_days: int, review_months: int, reason: str,
    from_date: date, now: datetime,
) -> CardRule:  # fmt: skip
    """Set how cards are read and asked from a day on; a try that is begun keeps its mark.

    :raises Invalid: by field; a day that is past.
    """
    actor.require(RULES)
    given = {"pass_mark": pass_mark, "spot_percent": spot_percent, "read_days": read_days,
             "review_months": review_months}  # fmt: skip
    wrong: dict[str, Text] = {}
    for name, (low, high) in _BOUNDS.items():
        if not low <= given[name] <= high:
            wrong[name] = _("请填写%(low)s到%(high)s。") % {"low": low, "high": high}
    if not clean(reason):
        wrong["reason"] = _("请写明理由。")
    if from_date < Calendar().local_date(now):
        wrong["from_date"] = _("起用日期不能早于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        made = CardRule.objects.create(
            **given, reason=clean(reason)[:300], from_date=from_date, entered_at=now, entered_by_id=person_of(actor)
        )
        journal.record(actor=actor, act="risk.card_rules.set", subject_type=subject_type_of(made), subject_id=made.pk,
                       facts={**given, "from": from_date}, now=now)  # fmt: skip
    return made
