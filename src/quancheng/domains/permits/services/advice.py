"""Confirming an analysis that began as a draft (辅助提示): a person decides, the draft approves nothing."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import Permit, PermitAnalysis
from quancheng.domains.permits.queries.advice import draft_for, is_on, plain
from quancheng.domains.permits.queries.permits import STEP_PARTS, WORK, analysis_of
from quancheng.domains.permits.services.checking import note, require_own
from quancheng.domains.permits.services.preparing import analyse
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid
from quancheng.kernel.once import once


def confirm_draft(
    *, actor: Actor, permit: Permit, steps: Sequence[Mapping[str, str]], participants: Collection[str],
    is_checked: bool, now: datetime, client_id: uuid.UUID | None = None,
) -> PermitAnalysis:  # fmt: skip
    """Confirm the analysis that a person made of a draft; the journal keeps what was suggested, on what it rests, and
    how much of it was left out or written anew.

    :param is_checked: whether he says that he looked at each row.
    :raises Invalid: by field; also where the draft came back as it was and nobody says that he looked at it.
    :raises Conflict: the enterprise did not switch advice on, or there is an analysis already.
    """
    require_own(actor, permit.file, WORK)
    given = [{name: one.get(name, "") for name in STEP_PARTS} for one in steps]

    def make() -> uuid.UUID:
        held = Permit.objects.select_for_update(of=("self",), no_key=True).get(pk=permit.pk)
        if not is_on(held, now):
            raise Conflict(_("本企业没有启用辅助提示。"))
        if analysis_of(held) is not None:
            raise Conflict(_("该作业票已有作业危害分析，草稿不再适用。"))
        offered = draft_for(held)
        known = [plain({"step": one.step, "hazard": one.hazard, "measure": one.measure}) for one in offered]
        kept = [plain(one) for one in given]
        if kept == known and not is_checked:
            words = _("草稿未作任何修改：请逐条核对后勾选“已逐条核对”，或修改、删除不适用的步骤。")
            raise Invalid(fields={"is_checked": words})
        made = analyse(actor=actor, permit=permit, steps=given, participants=participants, now=now)
        facts = {
            "analysis": made.pk, "offered": [asdict(one) for one in offered], "is_checked": is_checked,
            "left_out": len(set(known) - set(kept)), "own": len(set(kept) - set(known)),
        }  # fmt: skip
        note(actor, "permits.advice.draft", permit, now, facts)
        return made.pk

    body = {"permit": str(permit.pk), "steps": given, "participants": sorted(participants), "is_checked": is_checked}
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="permits.advice.draft", body=body, now=now, make=make)
    return PermitAnalysis.objects.get(pk=pk)
