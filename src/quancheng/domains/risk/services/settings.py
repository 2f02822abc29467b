"""The district sets how risks are graded."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.risk.models import GradingRule
from quancheng.domains.risk.queries.settings import LEC_CONVENTIONS, LS_LIMITS
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean

RULES = "risk.rules"


def set_rules(
    *, actor: Actor, ls_limits: str, lec_convention: str, raise_per_failure: int, reason: str, from_date: date,
    now: datetime,
) -> GradingRule:  # fmt: skip
    """Set how risks are graded from a day on; what was assessed before keeps its colour until it is assessed anew.

    :raises Invalid: by field; a day that is past.
    """
    actor.require(RULES)
    wrong: dict[str, Text] = {}
    if ls_limits not in LS_LIMITS:
        wrong["ls_limits"] = _("请选择分级界限。")
    if lec_convention not in LEC_CONVENTIONS:
        wrong["lec_convention"] = _("请选择分级口径。")
    if not 0 <= raise_per_failure <= 3:
        wrong["raise_per_failure"] = _("请填写0到3。")
    if not clean(reason):
        wrong["reason"] = _("请写明理由。")
    if from_date < Calendar().local_date(now):
        wrong["from_date"] = _("起用日期不能早于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        made = GradingRule.objects.create(
            ls_limits=ls_limits, lec_convention=lec_convention, raise_per_failure=raise_per_failure,
            reason=clean(reason)[:300], from_date=from_date, entered_at=now, entered_by_id=actor.user_id,
        )  # fmt: skip
        facts = {"ls": ls_limits, "lec": lec_convention, "raise": raise_per_failure, "from": from_date}
        journal.record(actor=actor, act="risk.rules.set", subject_type=subject_type_of(made), subject_id=made.pk,
                       facts=facts, now=now)  # fmt: skip
    return made
