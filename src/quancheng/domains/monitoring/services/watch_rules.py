"""The district sets when silence is an outage and what rate is aimed at (监测质量口径)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import WatchRule
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean
from quancheng.standards.signals.online import SPANS

RULES = "monitoring.rules"


def set_rules(*, actor: Actor, figures: Mapping[str, int | None], reason: str, now: datetime) -> WatchRule:
    """Set the figures from now on. What began before keeps its dates; days that were counted keep their counts.

    :raises Invalid: by field.
    """
    actor.require(RULES)
    wrong: dict[str, Text] = {}
    for name, (least, most) in SPANS.items():
        value = figures.get(name)
        if value is None or not least <= value <= most:
            wrong[name] = _("须在%(least)s至%(most)s之间。") % {"least": least, "most": most}
    if not clean(reason):
        wrong["reason"] = _("请写明理由。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        row = WatchRule.objects.create(
            figures={name: figures[name] for name in SPANS}, reason=clean(reason)[:300], by_name=actor.name,
            entered_at=now,
        )  # fmt: skip
        journal.record(actor=actor, act="monitoring.rules.set", subject_type=subject_type_of(row), subject_id=row.pk,
                       facts=row.figures, now=now)  # fmt: skip
    return row
