"""Rows of an analysis taken over into the risk list (转入风险清单): nothing twice, changes only by consent."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.risk.models import Analysis, AnalysisRow, RiskEvent
from quancheng.domains.risk.queries.analyses import COUNTING
from quancheng.domains.risk.queries.taking_over import Proposal, proposals_of
from quancheng.domains.risk.services import assessing, risks
from quancheng.domains.risk.services.analyses import may_analyse
from quancheng.domains.risk.services.keeping import note
from quancheng.domains.risk.services.recolouring import hold
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, DomainError, Invalid, NotPermitted


def take_over(*, actor: Actor, analysis: Analysis, rows: Collection[uuid.UUID], now: datetime) -> int:
    """Bring these rows into the list of the analysis' unit; returns how many did something.

    :raises Conflict: the analysis is not in force, or the list refuses a row, which is named; then nothing is taken.
    """
    if not may_analyse(actor, analysis.file_id):
        raise NotPermitted
    if analysis.status not in COUNTING:
        raise Conflict(_("审核通过并生效后才能转入风险清单。"))
    if not rows:
        raise Invalid(fields={"rows": _("请至少选择一行。")})
    done = 0
    with transaction.atomic():
        hold(analysis.unit.object_id)
        known = {one.row.pk: one for one in proposals_of(analysis)}
        for pk in rows:
            one = known.get(pk)
            if one is None or one.kind == "same":
                continue
            try:
                event = _take(actor, analysis, one, now)
            except DomainError as refused:
                reason = next(iter(refused.fields.values()), refused.message)
                words = {"name": one.wanted["name"][:60], "reason": reason}
                raise Conflict(_("“%(name)s”没有转入：%(reason)s") % words) from refused
            AnalysisRow.objects.filter(pk=pk).update(event=event, taken=dict(one.wanted))
            done += 1
        note(actor, "risk.analysis.take_over", analysis.file_id, analysis, now, {"rows": done})
    return done


def _take(actor: Actor, analysis: Analysis, one: Proposal, now: datetime) -> RiskEvent:
    wanted, event = one.wanted, one.event
    changed = {name for name, _old, _new in one.differences}
    if event is None:
        known = {name: wanted[name] for name in ("name", "accident", "consequence")}
        event = risks.enter_event(actor=actor, unit=analysis.unit, known=known, now=now)
        changed = {"factors", "layer"}
    if "factors" in changed:
        whole = analysis.rating in ("LS", "LS4")
        values = _values(wanted["factors"], whole=whole)
        assessing.assess(
            actor=actor, event=event, stage="residual", method=analysis.rating, values=values, facts={},
            assessed_by=analysis.team[:200], day=analysis.analysed_date, text=str(analysis)[:500], now=now,
        )  # fmt: skip
    fields: dict[str, Any] = {name: wanted[name] for name in changed - {"factors"} if wanted[name]}
    if fields:
        event.refresh_from_db()
        risks.change_event(actor=actor, row=event, version=event.version, changes=fields, now=now)
    for subcategory, text in one.adds:
        said = {
            "mode": "2", "text": text, "category": subcategory[0], "subcategory": subcategory, "own_class": "",
            "check_text": wanted["check"] or f"现场核实：{text}"[:1000],
        }  # fmt: skip
        risks.enter_measure(actor=actor, event=event, known=said, now=now)
    for measure in one.ends:
        risks.end_measure(actor=actor, row=measure, reason=f"{analysis.code}不再列出", now=now)
    return event


def _values(factors: Mapping[str, str], *, whole: bool) -> dict[str, object]:
    """Factors that were kept as text, as the method takes them."""
    return {code: int(Decimal(text)) if whole else Decimal(text) for code, text in factors.items()}
