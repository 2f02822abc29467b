"""What is asked of people and companies from outside: what ships, and what an office changes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.training.models import OutsideRule, RuleGroup
from quancheng.domains.training.services.shipped import load_rows, rows_of
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, StaleState
from quancheng.kernel.names import clean

RULES = "training.rules"
_TABLES = {
    RuleGroup.FIGURE: "outside_figures", RuleGroup.CHECK: "contractor_checklist", RuleGroup.WORK: "contractor_work",
    RuleGroup.POINT: "contractor_points", RuleGroup.FIELD: "expert_fields",
    RuleGroup.DOUBT: "agency_doubts",
}  # fmt: skip


#: The greatest figure of each unit.
_MOST = {"月": 120, "天": 3650, "工作日": 250, "年": 30, "分": 100, "％": 100, "学时": 1000, "元": 1_000_000_000}


def load_outside_rules() -> None:
    """Bring what ships in step; after migrations. What a person changed stays."""
    load_rows(OutsideRule, ("group", "code"), {
        (group.value, row["code"]): _facts(row, place * 10)
        for group, table in _TABLES.items()
        for place, row in enumerate(rows_of(table), start=1)
    })  # fmt: skip


def _facts(row: dict[str, str], position: int) -> dict[str, Any]:
    value = row.get("value") or row.get("points")
    person = row.get("person_points")
    return {
        "name": row["zh"], "name_en": row["en"], "value": Decimal(value) if value else None,
        "person_value": Decimal(person) if person else None, "unit": row.get("unit") or "",
        "is_hard": row.get("hard") == "1", "basis": row.get("basis") or "", "mark": row["mark"], "position": position,
    }  # fmt: skip


def change_outside_rule(
    *, actor: Actor, row: OutsideRule, version: int, name: str, name_en: str, value: Decimal | None,
    person_value: Decimal | None, is_hard: bool, is_used: bool, reason: str, now: datetime,
) -> None:  # fmt: skip
    """Change a line. A figure is never taken out of use; it is a whole number from 1 to the greatest of its unit.

    :raises Invalid: by field. :raises StaleState: changed since it was read.
    """
    actor.require(RULES)
    wrong: dict[str, str] = {}
    if not clean(name):
        wrong["name"] = _("请填写名称。")
    if row.group in (RuleGroup.FIGURE, RuleGroup.POINT, RuleGroup.DOUBT) and value is None:
        wrong["value"] = _("请填写数值。")
    if value is not None and row.group == RuleGroup.FIGURE:
        most = _MOST.get(row.unit, 1000)
        if value != int(value) or not 1 <= value <= most:
            wrong["value"] = _("数值应为1到%(most)s之间的整数。") % {"most": most}
    elif value is not None and not -999 <= value <= 999:
        wrong["value"] = _("数值应在-999到999之间。")
    if person_value is not None and not 0 <= person_value <= 99:
        wrong["person_value"] = _("个人计分应在0到99之间。")
    if not clean(reason):
        wrong["reason"] = _("请写明修改理由。")
    if wrong:
        raise Invalid(fields=wrong)
    facts = {
        "name": clean(name)[:200], "name_en": clean(name_en)[:200], "value": value, "person_value": person_value,
        "is_hard": is_hard, "is_used": is_used or row.group == RuleGroup.FIGURE,
    }  # fmt: skip
    with transaction.atomic():
        won = OutsideRule.objects.filter(pk=row.pk, version=version).update(
            **facts, changed_at=now, version=F("version") + 1
        )
        if not won:
            raise StaleState
        journal.record(
            actor=actor, act="training.outside_rule.change", subject_type=OutsideRule._meta.label_lower,
            subject_id=row.pk, org_id=actor.organisation_id,
            facts={"code": row.code, **facts, "reason": clean(reason)[:200]}, now=now,
        )  # fmt: skip
