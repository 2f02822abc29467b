"""What analyses recommend (建议措施): finished, verified by another person, closed or rejected."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from quancheng.domains.risk.models import Recommendation
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import move
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once


def finish_recommendation(
    *, actor: Actor, row: Recommendation, text: str, evidence: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Recommendation:  # fmt: skip
    """Say that a recommendation was carried out, with evidence. :raises Invalid: nothing was said."""
    if not clean(text):
        raise Invalid(fields={"evidence": _("请写明完成情况。")})
    changes = {"result": clean(text)[:2000]}

    def do() -> None:
        move(
            actor=actor, row=row, name="finish", now=now, given={"evidence": clean(text)[:500]}, changes=changes
        )  # fmt: skip
        if evidence:
            attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)

    act_once(actor=actor, row=row, act="risk.recommendation.finish", body=changes, now=now, client_id=client_id, do=do)
    return row


def answer_recommendation(
    *, actor: Actor, row: Recommendation, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Recommendation:
    """``close`` after verification by another person, ``return`` or ``reject`` with a reason.

    :raises Invalid: no reason. :raises NotPermitted: who finished it verifies it.
    """
    if name != "close" and not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    changes: dict[str, Any] = {"closed_at": now} if name in ("close", "reject") else {}
    move(
        actor=actor, row=row, name=name, now=now, given={"reason": clean(reason)[:500]}, changes=changes,
        client_id=client_id,
    )  # fmt: skip
    return row
