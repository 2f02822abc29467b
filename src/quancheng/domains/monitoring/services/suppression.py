"""Rules of the design that silence alarms (设计抑制规则): entered and ended by the enterprise, each journaled."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import Comparison, LimitName, SuppressionRule, Tag
from quancheng.domains.monitoring.services.silence import is_never_suppressed
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

DUTY = "monitoring.confirm"


def enter_rule(
    *, actor: Actor, tag: Tag, by_tag: Tag | None, comparison: str, value: float | None, reason: str, now: datetime,
    kind: str = "", client_id: uuid.UUID | None = None,
) -> SuppressionRule:  # fmt: skip
    """Enter a rule. :raises Invalid: by field; a gas detector, another site's tag, no value where one is compared."""
    actor.require(DUTY)
    if actor.organisation_id != tag.owner_org_id:
        raise NotPermitted
    wrong: dict[str, Text] = {}
    if is_never_suppressed(tag):
        wrong["tag"] = _("气体、火灾探测报警不得设置抑制。")
    if by_tag is None or by_tag.pk == tag.pk or by_tag.file_id != tag.file_id:
        wrong["by_tag"] = _("请选择本企业的另一点位。")
    elif SuppressionRule.objects.filter(tag=by_tag, ended_at__isnull=True).exists():
        # Two that silence each other would both be silent for ever.
        wrong["by_tag"] = _("该点位自身设有抑制规则，不能作为抑制条件。")
    elif SuppressionRule.objects.filter(by_tag=tag, ended_at__isnull=True).exists():
        wrong["tag"] = _("该点位是其他抑制规则的条件，不能再被抑制。")
    if comparison not in Comparison.values:
        wrong["comparison"] = _("请选择抑制条件。")
    elif comparison != Comparison.ACTIVE and value is None:
        wrong["value"] = _("请填写数值。")
    if kind and kind not in LimitName.values:
        wrong["type"] = _("没有这种报警。")
    if not clean(reason):
        wrong["reason"] = _("请写明设计依据。")
    if wrong or by_tag is None:
        raise Invalid(fields=wrong)
    other = by_tag

    def make() -> uuid.UUID:
        row = SuppressionRule.objects.create(
            **tag.scope_columns(), tag=tag, type=kind, by_tag=other, comparison=comparison, value=value,
            reason=clean(reason)[:500], entered_at=now,
        )  # fmt: skip
        facts = {"tag": tag.code, "type": kind, "by": other.code, "comparison": comparison, "value": value,
                 "reason": row.reason}  # fmt: skip
        _note(actor, "enter", row, facts, now)
        return row.pk

    with transaction.atomic():
        body = {"tag": tag.pk, "type": kind, "by": other.pk, "comparison": comparison, "value": value}
        pk, _made = once(
            actor=actor, client_id=client_id, act="monitoring.suppression.enter", body=body, now=now, make=make
        )
    return SuppressionRule.objects.get(pk=pk)


def end_rule(*, actor: Actor, row: SuppressionRule, now: datetime) -> None:
    """The rule holds no more. :raises StaleState: it has ended."""
    actor.require(DUTY)
    if actor.organisation_id != row.owner_org_id:
        raise NotPermitted
    with transaction.atomic():
        if not SuppressionRule.objects.filter(pk=row.pk, ended_at__isnull=True).update(ended_at=now):
            raise StaleState(_("该规则已停用。"))
        _note(actor, "end", row, {}, now)


def _note(actor: Actor, act: str, row: SuppressionRule, facts: Mapping[str, Any], now: datetime) -> None:
    journal.record(
        actor=actor, act=f"monitoring.suppression.{act}", subject_type=row.row_type(), subject_id=row.pk,
        org_id=row.owner_org_id, facts=facts, now=now,
    )  # fmt: skip
