"""How the district counts hours, set anew: the newest rules hold, those before stay to be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.training.models import EducationRules
from quancheng.domains.training.queries.certificates import RULES
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean

#: Least and most of each.
RANGES = {"most_hours_a_day": (1, 24), "late_minutes": (0, 120), "code_seconds": (10, 600), "absent_months": (1, 60)}


def set_rules(*, actor: Actor, known: Mapping[str, Any], reason: str, now: datetime) -> EducationRules:
    """Set the rules for what is entered from now on. :raises Invalid: by field."""
    actor.require(RULES)
    wrong: dict[str, Text] = {
        name: _("应在允许范围内。") for name, (least, most) in RANGES.items() if not least <= known[name] <= most
    }
    if not clean(reason):
        wrong["reason"] = _("请写明修改原因。")
    if wrong:
        raise Invalid(fields=wrong)
    given = {name: known[name] for name in RANGES}
    with transaction.atomic():
        row = EducationRules.objects.create(
            **given, set_by_id=actor.user_id, reason=clean(reason)[:200], created_at=now
        )
        journal.record(
            actor=actor, act="training.education_rules.set", subject_type="training.educationrules", subject_id=row.pk,
            now=now, facts={name: str(value) for name, value in given.items()} | {"reason": clean(reason)[:200]},
        )  # fmt: skip
    return row
