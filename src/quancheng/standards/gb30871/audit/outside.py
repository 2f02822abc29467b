"""The audit over a permit of which only the ticket record is known (外部作业票审计), as another house's system told it.

Source: AQ 3064.2-2025, table A.1: the record holds kind, level, window, times of issue and acceptance, and nothing of
analysis, signatures or measures. Rules that need more are not asked: what the record leaves out is not known [D].
"""

from __future__ import annotations

from collections.abc import Iterable

from quancheng.standards.gb30871.audit.registry import AuditRule, Verdict, audit, rules
from quancheng.standards.gb30871.audit.shapes import AuditedPermit
from quancheng.standards.gb30871.upgrades import PLAIN, Surroundings

#: Predicates that a ticket record tells enough for.
TOLD = frozenset({
    "started_before_approval", "too_long", "closed_late", "accepted_too_soon", "told_late", "power_too_long",
})  # fmt: skip


def audit_outside(
    permit: AuditedPermit, around: Surroundings = PLAIN, own: Iterable[AuditRule] | None = None
) -> tuple[Verdict, ...]:
    """What every rule says of a permit of which only the record is known; NO_DATA where the record does not tell.

    :param own: rules of one's own; None: those shipped.
    """
    known = tuple(rules() if own is None else own)
    told = {one.code for one in known if one.predicate in TOLD}
    return tuple(
        one if one.code in told or one.outcome == "NA" else one._replace(outcome="NO_DATA", points=0, alarm="")
        for one in audit(permit, "INTAKE", around, known)
    )
