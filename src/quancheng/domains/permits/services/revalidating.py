"""Revalidation of a permit in a new shift (每班复核): looked at again, and signed for the local unit."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from quancheng.domains.permits.models import Permit, Revalidation
from quancheng.domains.permits.queries.blocks import answers_of
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.queries.permits import SIGN_UNIT
from quancheng.domains.permits.services.checking import Refused, act_on, note, require_own, require_state
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid
from quancheng.kernel.ids import uuid7
from quancheng.kernel.names import clean

#: What is asked of the shift itself and of the day is asked when work begins or goes on.
_ASKED_LATER = frozenset({"C-60", "C-61", "C-62"})


def revalidate(
    *, actor: Actor, permit: Permit, opinion: str, now: datetime, client_id: uuid.UUID | None = None
) -> Revalidation:
    """Say that a permit still holds in the shift that has begun: somebody looked at the place in it, gas was tested
    where the kind asks it, and no check of a start or resumption refuses. Work that stands goes on by its resumption.

    :raises Refused: with every failing check. :raises Conflict: the enterprise names no shifts, nobody looked at the
        place in this one, or who signs is on the permit himself. :raises Invalid: no opinion.
    """
    require_own(actor, permit.file, SIGN_UNIT)
    words = clean(opinion)[:500]
    if not words:
        raise Invalid(fields={"opinion": _("请填写此项。")})

    # The same request again makes none and finds what it made: many say the same words in each shift.
    key = uuid.uuid5(client_id, f"revalidation {actor.user_id}") if client_id is not None else uuid7()

    def do() -> None:
        require_state(permit, "ISSUED", "WORKING", "SUSPENDED")
        rows = load_rows(permit)
        turns = rows.daily.shifts.of_permit(permit, now)
        if not turns:
            raise Conflict(_("本单位没有已经开始的班次，现在不需要每班复核（本系统要求 F-08 每班复核）。"))
        turn = max(turns, key=lambda one: one.began_at)
        looked = next((one for one in rows.site_checks if turn.began_at <= one.checked_at <= now), None)
        if looked is None:
            raise Conflict(_("本班还没有现场核查（本系统要求 F-08 每班复核）：请先重新核查现场。"))
        # By name, as accounts are known on permits: who leads and works stands on it twice.
        if any(one.person.name == actor.name for one in rows.crew):
            raise Conflict(
                _("作业票上的人员不能复核自己的作业（本系统要求 F-08 每班复核）：请由所在单位的其他人复核。")
            )
        phase = "resume" if permit.status == "SUSPENDED" else "start"
        found = [
            one for one in answers_of(rows, phase, now) if one.verdict == "BLOCK" and one.code not in _ASKED_LATER
        ]
        if found:
            raise Refused(found, move="revalidate", phase=phase)
        made = Revalidation.objects.create(
            pk=key, permit=permit, site_check=looked, shift=turn.name[:40], shift_began_at=turn.began_at, note=words,
            seal=permit.seal, by_user_id=actor.user_id, by_name=actor.name[:130], signed_at=now,
        )  # fmt: skip
        facts = {"revalidation": made.pk, "shift": turn.name, "began_at": turn.began_at}
        note(actor, "permits.permit.revalidate", permit, now, facts)

    act_on(actor=actor, permit=permit, name="revalidate", body={"opinion": words}, now=now, client_id=client_id, do=do)
    return Revalidation.objects.get(pk=key)
