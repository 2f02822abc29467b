"""How far work stops for a danger (停产范围): by a plan, or because the regulator orders it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import Finding
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text
from quancheng.kernel.pages.words import told
from quancheng.standards.hidden_dangers.kinds import code_list


def stop_of(row: Finding, plan: Mapping[str, Any], interim: Sequence[str], wrong: dict[str, Text]) -> str:
    """How far work stops under a plan. What the regulator ordered is not made less by a plan.

    Where no scope is told, the interim measure 停 means a part. :param row: read again behind its lock.
    """
    order = _order()
    wanted = str(plan.get("stop") or ("part" if "stop" in interim else "none"))
    if wanted not in order:
        wrong["stop"] = _("没有这个选项。")
        return row.stop
    if wanted != "none" and "stop" not in interim:
        wrong["interim"] = _("停产治理的，请勾选“停用、停产”。")
    if wanted == "none" and "stop" in interim:
        wrong["stop"] = _("已勾选“停用、停产”，请选择局部停产或全部停产。")
    if row.is_stop_ordered and order.index(wanted) < order.index(row.stop):
        ordered = told(code_list("stop").items[order.index(row.stop)].name)
        wrong["stop"] = _("已责令%(stop)s，方案不能降低停产范围。") % {"stop": ordered}
    return wanted


def order_stop(*, actor: Actor, finding_id: uuid.UUID, scope: str, now: datetime) -> Finding:
    """The regulator orders work to stop, in the caller's transaction; of two stops that stand the graver one counts."""
    row = Finding.objects.select_for_update(no_key=True).get(pk=finding_id)
    present = row.stop if row.is_stopped else "none"
    graver = max(present, scope, key=_order().index)
    Finding.objects.filter(pk=row.pk).update(stop=graver, is_stop_ordered=True, resumed_at=None, updated_at=now)
    row.refresh_from_db()
    journal.record(actor=actor, act="hazards.finding.order_stop", subject_type=row.row_type(), subject_id=row.pk,
                   org_id=row.owner_org_id, facts={"ordered": scope, "stop": graver}, now=now)  # fmt: skip
    return row


def _order() -> list[str]:
    return [one.code for one in code_list("stop").items]
