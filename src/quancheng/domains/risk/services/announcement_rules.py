"""The district sets who owes an announcement by what hour, and what follows from a doubt (承诺公告口径)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.risk.models import AnnouncementRule
from quancheng.domains.risk.services.settings import RULES
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean
from quancheng.standards.risk.commitment import MODES, REASONS
from quancheng.standards.wording import MARKS

MOST_GRACE = 720


def set_announcement_rule(
    *, actor: Actor, kinds: Sequence[str], with_hazard: bool, due_time: time, grace_minutes: int,
    working_days_only: bool, asks_below: bool, sums: bool, modes: Mapping[str, str], mark: str, reason: str,
    from_date: date, now: datetime,
) -> AnnouncementRule:  # fmt: skip
    """Set what counts from a day on; announcements that were asked for keep the rule of their day.

    :param modes: by reason for doubt ``finding``, ``ask`` or ``off``. :param mark: how sure the district is of it.
    :raises Invalid: by field; a day that is past.
    """
    actor.require(RULES)
    wrong: dict[str, Text] = {}
    if not kinds and not with_hazard:
        wrong["kinds"] = _("请选择应公告的企业类别。")
    if not set(kinds) <= set(Kind.values):
        wrong["kinds"] = _("没有这个选项。")
    if not 0 <= grace_minutes <= MOST_GRACE:
        wrong["grace_minutes"] = _("请填写0到%(most)s。") % {"most": MOST_GRACE}
    if due_time.hour * 60 + due_time.minute + max(grace_minutes, 0) >= 24 * 60:
        wrong["due_time"] = _("时限加宽限不能超过当天。")
    for code, mode in modes.items():
        if code not in REASONS or mode not in MODES:
            wrong[f"mode_{code}"] = _("没有这个选项。")
    if mark not in MARKS:
        wrong["mark"] = _("没有这个选项。")
    if not clean(reason):
        wrong["reason"] = _("请写明理由。")
    if from_date < Calendar().local_date(now):
        wrong["from_date"] = _("起用日期不能早于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        made = AnnouncementRule.objects.create(
            kinds=list(kinds), with_hazard=with_hazard, due_time=due_time, grace_minutes=grace_minutes,
            working_days_only=working_days_only, asks_below=asks_below, sums=sums, modes=dict(modes), mark=mark,
            reason=clean(reason)[:300], from_date=from_date, entered_at=now, entered_by_id=actor.user_id,
        )  # fmt: skip
        facts = {
            "kinds": list(kinds), "hazard": with_hazard, "due": f"{due_time:%H:%M}", "grace": grace_minutes,
            "working_days": working_days_only, "below": asks_below, "sums": sums, "modes": dict(modes),
            "from": from_date,
        }  # fmt: skip
        journal.record(
            actor=actor, act="risk.announcement_rules.set", subject_type=subject_type_of(made), subject_id=made.pk,
            facts=facts, now=now,
        )  # fmt: skip
    return made
