"""Asking the registry of checks before a move, and refusing with every failing check; refusals are journaled."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import Permit, PermitSignature, PermitWarning
from quancheng.domains.permits.queries.blocks import answers_of, found_of, to_confirm
from quancheng.domains.permits.queries.loading import Loaded
from quancheng.domains.permits.queries.orders import ORDER
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.permits.services.alarms import raise_refused
from quancheng.domains.registry.models import Enterprise, Facility, Unit
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once
from quancheng.standards.gb30871.basis import BadInput
from quancheng.standards.gb30871.checks.model import Answer
from quancheng.standards.gb30871.facts import Signature
from quancheng.standards.wording import Text

#: One at a time is issued, started or ordered to stop: what forbids each other must see each other. A number of ours.
_LOCK = 30871


class Refused(Conflict):
    """The standard refuses the move (409). ``facts["answers"]`` holds each failing check, ``entry`` what the journal
    keeps of it."""

    code = "permit_refused"

    def __init__(self, found: Sequence[Answer], *, move: str, phase: str) -> None:
        super().__init__(
            "\n".join(sentence(one) for one in found), facts={"answers": [plain_answer(one) for one in found]}
        )
        self.entry: dict[str, Any] = {
            "move": move, "phase": phase, "checks": [one.code for one in found],
            "clauses": [one.clause for one in found],
        }  # fmt: skip


def act_on(
    *, actor: Actor, permit: Permit, name: str, body: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None,
    do: Callable[[], object], alone: bool = False,
) -> Permit:  # fmt: skip
    """The one way of a move that is checked: ``do`` finds the permit locked and read anew, so that what it loads, what
    the checks say of it and what it writes are one. All that hangs on a permit is written behind the same lock. The
    same request again does nothing. What a refusal leaves in the journal is written after its roll-back.

    :param body: what the person gave, by which the same request is known.
    :param do: asks the checks by :func:`require_pass` and moves, without the client's identifier.
    :param alone: one at a time, of all permits; see :func:`one_at_a_time`.
    """
    act = f"{permit.loop_code}.{name}"
    try:
        with transaction.atomic():
            if alone:
                one_at_a_time()
            act_once(actor=actor, row=permit, act=act, body=body, now=now, client_id=client_id, do=do)
    except Refused as refusal:
        with transaction.atomic():
            note(actor, "permits.permit.refuse", permit, now, refusal.entry)
            raise_refused(permit=permit, answers=refusal.facts["answers"], refused=name, now=now)
        raise
    return permit


def one_at_a_time() -> None:
    """In the caller's transaction, before any row is locked: of two that are issued, started or ordered to stop at once
    the second sees the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def said(text: Text) -> str:
    """A text of the standard in the reader's language."""
    return text.in_language("en" if (get_language() or "").startswith("en") else "zh")


def sentence(one: Answer) -> str:
    """One failing check as people read it: code, what is wrong, value against limit, clause, remedy."""
    words = {
        "code": one.code, "text": said(one.text), "clause": one.clause, "remedy": said(one.remedy),
        "value": said(one.value), "limit": said(one.limit),
    }  # fmt: skip
    if words["value"] and words["limit"]:
        found = _("%(code)s %(text)s（%(value)s，要求%(limit)s；%(clause)s）：%(remedy)s")
    elif words["value"]:
        found = _("%(code)s %(text)s（%(value)s；%(clause)s）：%(remedy)s")
    else:
        found = _("%(code)s %(text)s（%(clause)s）：%(remedy)s")
    return found % words


def plain_answer(one: Answer) -> dict[str, Any]:
    """For machines and the journal; people stand in it by their number on the permit alone."""
    return {
        "code": one.code, "outcome": one.outcome, "clause": one.clause, "alarm": one.alarm, "fact": one.fact,
        "value": said(one.value), "limit": said(one.limit), "text": said(one.text), "remedy": said(one.remedy),
    }  # fmt: skip


def require_pass(
    rows: Loaded, phase: str, move: str, now: datetime, *, actor: Actor, confirmed: Mapping[str, str] | None = None,
    more: Sequence[Signature] = (), department: str = "", skew_s: Decimal = Decimal(0), only: Collection[str] = (),
) -> None:  # fmt: skip
    """Inside :func:`act_on` alone, which locks and journals.

    :param confirmed: reasons by the code of the check, for what only warns.
    :param only: codes of the checks that are asked; empty: all of the phase.
    :raises Refused: checks of the phase fail; all of them are told.
    :raises Invalid: a check warns, and who moves gave no reason; by ``warn_`` and its code.
    """
    answers = answers_of(rows, phase, now, more=more, department=department, skew_s=skew_s)
    found = [one for one in answers if one.verdict == "BLOCK" and (not only or one.code in only)]
    if found:
        raise Refused(found, move=move, phase=phase)
    if not only:
        _confirm(rows, to_confirm(rows, answers), move, now, actor, confirmed or {})


def _confirm(
    rows: Loaded, warned: Sequence[Answer], move: str, now: datetime, actor: Actor, reasons: Mapping[str, str]
) -> None:
    """Keep and journal with what reason a warning was passed."""
    given = {one.code: clean(reasons.get(one.code, ""))[:500] for one in warned}
    if missing := [one for one in warned if not given[one.code]]:
        raise Invalid(fields={f"warn_{one.code}": f"{sentence(one)} {_('请写明仍可继续的原因。')}" for one in missing})
    for one in warned:
        PermitWarning.objects.create(
            permit=rows.permit, code=one.code, found=found_of(one), move=move, version=rows.permit.version,
            reason=given[one.code], by_user_id=actor.user_id, by_name=actor.name, confirmed_at=now,
        )  # fmt: skip
        facts = {"check": one.code, "found": found_of(one), "move": move, "reason": given[one.code]}
        note(actor, "permits.warning.confirm", rows.permit, now, facts)


def require_own(actor: Actor, file: Enterprise, duty: str) -> None:
    """:raises NotPermitted: not the enterprise itself. :raises Conflict: its file was merged into another."""
    actor.require(duty)
    if file.merged_into_id is not None:
        raise Conflict
    if actor.organisation_id != file.pk:
        raise NotPermitted


def require_stopping_office(actor: Actor) -> None:
    """:raises NotPermitted: no office that may stop work of others."""
    actor.require(VIEW)
    actor.require(ORDER)
    if not actor.supervises:
        raise NotPermitted


def faults_of_place(file: Enterprise, unit: Unit | None, facility: Facility | None = None) -> dict[str, str]:
    """What is wrong with where something lies, by field: another enterprise's, or a facility of another unit."""
    wrong: dict[str, str] = {}
    if unit is not None and unit.file_id != file.pk:
        wrong["unit"] = _("请选择本单位的单元。")
    if facility is not None and facility.unit.file_id != file.pk:
        wrong["facility"] = _("请选择本单位的设施。")
    elif facility is not None and unit is not None and facility.unit_id != unit.pk:
        wrong["facility"] = _("该设施不在所选单元内。")
    return wrong


def require_state(permit: Permit, *states: str) -> None:
    """:raises StaleState: it stands elsewhere now."""
    if permit.status not in states:
        raise StaleState(_("作业票现为“%(state)s”，不能执行该操作。") % {"state": permit.status_label})


def held(permit_id: uuid.UUID) -> Permit:
    """The row itself, locked in the caller's transaction: what is written beside it must not overtake a move."""
    return Permit.objects.select_for_update(of=("self",), no_key=True).select_related("file").get(pk=permit_id)


def locked(permit: Permit, *states: str) -> Permit:
    """As :func:`held`, of a permit that stands where it should.

    :raises StaleState: it stands elsewhere now.
    """
    row = held(permit.pk)
    require_state(row, *states)
    return row


def withdraw_signatures(permit: Permit, now: datetime) -> None:
    """What was signed counts no longer, but for the briefing: that was given before anything was presented. The permit
    is locked by the caller."""
    signed = PermitSignature.objects.filter(permit=permit, withdrawn_at__isnull=True)
    signed.exclude(step__in=("BRIEFER", "BRIEFED")).update(withdrawn_at=now)


def invalid(bad: BadInput) -> Invalid:
    """What the standard could not read, by the field that asks for its place."""
    said_so = said(bad.reason)
    if not bad.place:
        return Invalid(said_so)
    return Invalid(f"{bad.place}: {said_so}", fields={field_of(bad.place): said_so})


_FAR_YEARS = 10
#: Places that no single field asks for, with the field that people fill in for them.
_FIELDS = {
    "isolations": "blinds", "site.cranes.load_t": "crane_load_t", "site.cranes.capacity_t": "crane_capacity_t",
    "site.cranes": "crane_load_t", "conflicts": "other_work", "zone.locked_by": "zone_state",
}  # fmt: skip


def field_of(place: str) -> str:
    """The field of a form for a place among the standard's facts, e.g. ``lifting__mass_t`` for ``lifting.mass_t``."""
    plain = re.sub(r"\[\d+\]", "", place)
    for known, field in _FIELDS.items():
        if plain == known or (plain.startswith(f"{known}.") and known in ("isolations", "conflicts")):
            return field
    return plain.replace(".", "__")


def note(actor: Actor, act: str, permit: Permit, now: datetime, facts: dict[str, Any]) -> None:
    """The journal's entry of an act on a permit, in the enterprise's own chain. No personal data in plain."""
    journal.record(
        actor=actor, act=act, subject_type=Permit.row_type(), subject_id=permit.pk, org_id=permit.file_id, facts=facts,
        now=now,
    )  # fmt: skip


def is_far(moment: datetime, now: datetime) -> bool:
    """Whether a time lies years away: a slip of the hand, with which no clock reckons."""
    return abs(moment.year - now.year) > _FAR_YEARS
