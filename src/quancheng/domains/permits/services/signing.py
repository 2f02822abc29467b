"""Signing in order (会签审批): each signature is checked as it is given, the approver's issues the permit."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import Part, Permit, PermitPerson, PermitSignature
from quancheng.domains.permits.queries.blocks import Wanted, approval_row, level_of_permit, next_signature
from quancheng.domains.permits.queries.facts import bound_elsewhere, load_rows, user_code
from quancheng.domains.permits.queries.permits import SIGN, SIGN_DEPARTMENT, SIGN_LEADER, SIGN_UNIT, WORK
from quancheng.domains.permits.services.checking import locked, require_own, require_pass, require_state, said
from quancheng.domains.training.models import Person
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.loops.services import move
from quancheng.kernel.names import clean
from quancheng.standards.gb30871 import roles
from quancheng.standards.gb30871.facts import Signature

#: Which duty signs in which role. Those not named here have no account of their own: they sign on the spot, before
#: somebody with ``permits.work``.
DUTIES = {
    "LOCAL_UNIT": SIGN_UNIT, "SHIFT_LEADER": SIGN_UNIT, "POWER_USER": SIGN_UNIT, "ACCEPTOR": SIGN_UNIT,
    "SAFETY_DEPT": SIGN_DEPARTMENT, "SPECIALIST_DEPT": SIGN_DEPARTMENT, "REVIEW_DEPT": SIGN_DEPARTMENT,
    "POWER_UNIT": SIGN_DEPARTMENT, "COUNTERSIGNER": SIGN_DEPARTMENT, "FIRE_DEPT": SIGN_DEPARTMENT,
    "RESP_LEADER": SIGN_LEADER, "PLANT_DIRECTOR": SIGN_LEADER, "CHIEF_ON_DUTY": SIGN_LEADER,
}  # fmt: skip
#: Whose signature on the spot each of these steps is.
ON_THE_SPOT = {"GUARDIAN": Part.GUARDIAN, "WORK_LEADER": Part.LEADER, "LIFT_COMMANDER": Part.LEADER}


def duty_of(wanted: Wanted) -> str:
    """The duty that one must hold to give or record a signature."""
    return WORK if wanted.step in ON_THE_SPOT else DUTIES[wanted.role]


def sign_permit(
    *, actor: Actor, permit: Permit, now: datetime, opinion: str = "", person: PermitPerson | None = None,
    client_id: uuid.UUID | None = None,
) -> Permit:  # fmt: skip
    """Give the next signature in order. With the last, which is the approver's, the permit is issued; after that the
    shift leader checks a permit of hot work before fire.

    :param person: who signs on the spot, for steps of the guardian, the leader of the work and the lifting commander.
    :raises NotPermitted: the role is another's. :raises Refused: a check fails: every one of them is told.
    :raises Conflict: the approver asked for it himself, or everything is signed.
    """
    require_own(actor, permit.file, SIGN)
    require_state(permit, "APPROVING", "ISSUED")
    rows = load_rows(permit)
    level = level_of_permit(rows, now)
    wanted = next_signature(rows, level)
    if wanted is None:
        raise Conflict(_("作业票已签完。"))
    actor.require(duty_of(wanted))
    if wanted.step in ON_THE_SPOT:
        part = ON_THE_SPOT[wanted.step]
        if person is None or person.permit_id != permit.pk or person.part != part:
            raise Invalid(fields={"person": _("请选择在现场签字的%(part)s。") % {"part": part.label}})
        code, name = person.code, person.person.name
    else:
        person, name = None, actor.name
        code = user_code(rows, actor.user_id, name)
    approving = wanted.step == approval_row(permit, level).approving_step
    given = Signature(step=wanted.step, role=wanted.role, person=code, signed_at=now)
    act = "verify" if permit.status == "ISSUED" else "issue" if approving else "sign"
    phase = {"verify": "sign", "sign": "sign", "issue": "issue"}[act]
    require_pass(actor, rows, phase, act, now, more=(given,), department=wanted.department)
    changes = {"issued_at": now} if act == "issue" else {}
    with transaction.atomic():
        locked(permit, "APPROVING", "ISSUED")
        if act == "issue":
            _bind(permit)
        try:
            with transaction.atomic():
                PermitSignature.objects.create(
                    permit=permit, step=wanted.step, role=wanted.role, department=wanted.department,
                    user_id=actor.user_id, person=person, name=name, opinion=clean(opinion)[:500] or _("同意"),
                    seal=permit.seal, signed_at=now,
                )  # fmt: skip
        except IntegrityError as twice:
            raise StaleState from twice
        return move(
            actor=actor, row=permit, name=act, now=now, client_id=client_id,
            given={"opinion": clean(opinion)[:500]}, changes=changes,
            facts={"step": wanted.step, "role": wanted.role, "department": wanted.department},
        )  # fmt: skip


def _bind(permit: Permit) -> None:
    """Of two permits that bind the same person and are issued at once the second is refused.

    :raises StaleState: he was bound since the checks were run.
    """
    people = PermitPerson.objects.filter(permit=permit).exclude(part=Part.LEADER).values("person")
    list(Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=people).order_by("pk"))
    if bound_elsewhere(permit):
        raise StaleState(_("作业人或监护人刚被另一张作业票占用，请重新核对。"))


def reject_permit(
    *, actor: Actor, permit: Permit, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Permit:
    """A signer does not agree: what is prepared opens again, and signatures given to it count no longer.

    :raises NotPermitted: who signs next is somebody else. :raises Invalid: no reason.
    """
    require_own(actor, permit.file, SIGN)
    require_state(permit, "APPROVING")
    rows = load_rows(permit)
    wanted = next_signature(rows, level_of_permit(rows, now))
    if wanted is None or not actor.has(duty_of(wanted)):
        raise NotPermitted
    with transaction.atomic():
        signed = PermitSignature.objects.filter(permit=permit, withdrawn_at__isnull=True)
        signed.exclude(step__in=("BRIEFER", "BRIEFED")).update(withdrawn_at=now)
        return move(
            actor=actor, row=permit, name="reject", now=now, given={"reason": clean(reason)[:500]},
            changes={"seal": ""}, client_id=client_id,
        )  # fmt: skip


def step_name(wanted: Wanted) -> str:
    """What a signature is called, with the department of a countersignature."""
    name = said(roles.roles()[wanted.step].name)
    if wanted.department:
        return f"{name} · {said(roles.DEPARTMENTS[wanted.department])}"
    return name if wanted.role == wanted.step else f"{name} · {said(roles.roles()[wanted.role].name)}"
