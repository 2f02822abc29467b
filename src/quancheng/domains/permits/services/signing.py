"""Signing in order (会签审批): each signature is checked as it is given, the approver's issues the permit."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import CrewClearance, Part, Permit, PermitPerson, PermitSignature
from quancheng.domains.permits.queries.blocks import Wanted, level_of_permit, next_signature, steps_of
from quancheng.domains.permits.queries.facts import user_code
from quancheng.domains.permits.queries.loading import bound_elsewhere, load_rows
from quancheng.domains.permits.queries.permits import SIGN, SIGN_DEPARTMENT, SIGN_LEADER, SIGN_UNIT, SIGNATURE, WORK
from quancheng.domains.permits.queries.sealing import image_seal
from quancheng.domains.permits.services.checking import (
    act_on,
    require_own,
    require_pass,
    require_state,
    said,
    withdraw_signatures,
)
from quancheng.domains.permits.services.positions import Position
from quancheng.domains.training.models import Person
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.files.models import StoredFile
from quancheng.kernel.files.services import attach_files, receive_file
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


@dataclass(frozen=True, slots=True)
class Shown:
    """Which signature the signer's page asked for, and what he read: the seal of what was presented."""

    step: str
    department: str
    seal: str


def sign_permit(
    *, actor: Actor, permit: Permit, now: datetime, opinion: str = "", person: PermitPerson | None = None,
    shown: Shown | None = None, confirmed: Mapping[str, str] | None = None, position: Position | None = None,
    image: bytes = b"", client_id: uuid.UUID | None = None,
) -> Permit:  # fmt: skip
    """Give the next signature in order. With the last, which is the approver's, the permit is issued; after that the
    shift leader checks a permit of hot work before fire.

    :param person: who signs on the spot, for steps of the guardian, the leader of the work and the lifting commander.
    :param confirmed: reasons for what only warns, by the code of its check.
    :param position: where the device is; without one the standard refuses (C-14).
    :param image: the picture of the name as it was written by finger, PNG; kept with the permit, and never used twice.
    :param shown: what the page asked for; None: whatever is next, for who asked that a moment ago.
    :raises StaleState: another signature is next by now, or something else was presented since.
    :raises NotPermitted: the role is another's. :raises Refused: a check fails: every one of them is told.
    :raises Conflict: the approver asked for it himself, or everything is signed.
    """
    require_own(actor, permit.file, SIGN)
    words = clean(opinion)[:500]
    reasons = dict(confirmed or {})
    body = {
        "shown": asdict(shown) if shown else None, "person": str(person.pk) if person else None, "opinion": words,
        "confirmed": reasons, "image": hashlib.sha256(image).hexdigest() if image else "",
    }  # fmt: skip
    # Looking into a picture is slow: it is stored before anything is locked.
    drawn = drawn_name(actor, image, now) if image else None
    return act_on(
        actor=actor, permit=permit, name="sign", body=body, now=now, client_id=client_id,
        do=lambda: _sign(actor, permit, words, person, shown, reasons, position, drawn, now), alone=True,
    )  # fmt: skip


def _sign(
    actor: Actor, permit: Permit, opinion: str, person: PermitPerson | None, shown: Shown | None,
    reasons: Mapping[str, str], position: Position | None, drawn: StoredFile | None, now: datetime,
) -> None:  # fmt: skip
    require_state(permit, "APPROVING", "ISSUED")
    rows = load_rows(permit)
    level = level_of_permit(rows, now)
    wanted = next_signature(rows, level)
    if shown is not None and shown != (wanted and Shown(wanted.step, wanted.department, permit.seal)):
        raise StaleState(_("轮到的签字或提交会签的内容已变化，请刷新后重新核对。"))
    if wanted is None:
        raise Conflict(_("作业票已签完。"))
    actor.require(duty_of(wanted))
    if wanted.step in ON_THE_SPOT:
        part = ON_THE_SPOT[wanted.step]
        # Whoever handed over signs no more.
        if person is None or person.pk not in {one.pk for one in rows.crew if one.part == part}:
            raise Invalid(fields={"person": _("请选择在现场签字的%(part)s。") % {"part": part.label}})
        code, name = person.code, person.person.name
    else:
        person, name = None, actor.name
        code = user_code(rows, actor.user_id, name)
    approving = wanted.step == steps_of(permit, level)[-1]
    stood = where(permit, position)
    given = Signature(step=wanted.step, role=wanted.role, person=code, signed_at=now, **figures_of(stood))
    act = "verify" if permit.status == "ISSUED" else "issue" if approving else "sign"
    phase = {"verify": "sign", "sign": "sign", "issue": "issue"}[act]
    require_pass(
        rows, phase, act, now, actor=actor, confirmed=reasons, more=(given,), department=wanted.department,
        skew_s=position.skew_s(now) if position else Decimal(0),
    )  # fmt: skip
    if act == "issue":
        _bind(permit, now)
    try:
        with transaction.atomic():
            PermitSignature.objects.create(
                permit=permit, step=wanted.step, role=wanted.role, department=wanted.department,
                user_id=actor.user_id, person=person, name=name, opinion=opinion or _("同意"), seal=permit.seal,
                signed_at=now, **stood, **_picture(drawn, permit, wanted.step),
            )  # fmt: skip
    except IntegrityError as twice:
        raise StaleState from twice
    if drawn is not None:
        attach_files(actor=actor, row=permit, file_ids=[drawn.pk], now=now, role=SIGNATURE)
    move(
        actor=actor, row=permit, name=act, now=now, given={"opinion": opinion},
        changes={"issued_at": now} if act == "issue" else {},
        facts={"step": wanted.step, "role": wanted.role, "department": wanted.department},
    )  # fmt: skip


def where(permit: Permit, position: Position | None) -> dict[str, Any]:
    """Where somebody stood, as it is kept with his signature."""
    if position is None:
        return {}
    return {
        "lon": position.lon, "lat": position.lat, "accuracy_m": position.accuracy_m, "source": position.source,
        "position_age_s": position.age_s, "distance_m": position.distance_m(permit),
    }  # fmt: skip


def figures_of(stood: Mapping[str, Any]) -> dict[str, Any]:
    """What the standard asks of it."""
    return {name: stood[name] for name in ("distance_m", "position_age_s", "accuracy_m") if name in stood}


def drawn_name(actor: Actor, image: bytes, now: datetime) -> StoredFile:
    """The picture of a name, stored and held by nothing yet."""
    return receive_file(actor=actor, content=BytesIO(image), name="signature.png", now=now)


def _picture(drawn: StoredFile | None, permit: Permit, step: str) -> dict[str, str]:
    """The picture of a name as it is kept with a signature.

    :raises Conflict: the same picture stands on a permit already: it was copied, for nobody draws twice alike.
    """
    if drawn is None:
        return {}
    require_drawn_anew(drawn)
    return {"image": drawn.original_digest, "image_seal": image_seal(drawn.original_digest, permit.seal, step)}


def require_drawn_anew(drawn: StoredFile) -> None:
    """:raises Conflict: the same picture signs something already."""
    same = {"image": drawn.original_digest}
    if PermitSignature.objects.filter(**same).exists() or CrewClearance.objects.filter(**same).exists():
        raise Conflict(_("该签名图像已用于另一处签字，疑似复制签名，请本人重新手写。"), code="signature_copied")


def _bind(permit: Permit, now: datetime) -> None:
    """Of two permits that bind the same person and are issued at once the second is refused.

    :raises StaleState: he was bound since the checks were run.
    """
    people = PermitPerson.objects.filter(permit=permit).exclude(part=Part.LEADER).values("person")
    list(Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=people).order_by("pk"))
    if bound_elsewhere(permit, now):
        raise StaleState(_("作业人或监护人刚被另一张作业票占用，请重新核对。"))


def reject_permit(
    *, actor: Actor, permit: Permit, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Permit:
    """A signer does not agree: what is prepared opens again, and signatures given to it count no longer.

    :raises NotPermitted: who signs next is somebody else. :raises Invalid: no reason.
    """
    require_own(actor, permit.file, SIGN)
    words = clean(reason)[:500]

    def do() -> None:
        require_state(permit, "APPROVING")
        rows = load_rows(permit)
        wanted = next_signature(rows, level_of_permit(rows, now))
        if wanted is None or not actor.has(duty_of(wanted)):
            raise NotPermitted
        withdraw_signatures(permit, now)
        move(actor=actor, row=permit, name="reject", now=now, given={"reason": words}, changes={"seal": ""})

    return act_on(
        actor=actor, permit=permit, name="reject", body={"reason": words}, now=now, client_id=client_id, do=do
    )


def step_name(wanted: Wanted) -> str:
    """What a signature is called, with the department of a countersignature."""
    name = said(roles.roles()[wanted.step].name)
    if wanted.department:
        return f"{name} · {said(roles.DEPARTMENTS[wanted.department])}"
    return name if wanted.role == wanted.step else f"{name} · {said(roles.roles()[wanted.role].name)}"
