"""Keeping points of isolation (隔离点): planned, applied, shown to be without energy, looked at, lifted, removed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.loops.permit import BEGUN, RUNNING
from quancheng.domains.permits.loops.sanction import OPEN_SANCTIONS
from quancheng.domains.permits.models import IsolationLink, IsolationPoint, LinkRole, Permit
from quancheng.domains.permits.queries.isolations import (
    hanging,
    operation_of,
    permits_of,
    relying_now,
    review_days,
    taking_out,
)
from quancheng.domains.permits.queries.permits import SIGN_UNIT, VIEW, WORK
from quancheng.domains.permits.services.checking import (
    faults_of_place,
    locked,
    note,
    one_at_a_time,
    require_own,
    require_stopping_office,
)
from quancheng.domains.permits.services.drawings import take_off_strayed
from quancheng.domains.permits.services.lifting import lift
from quancheng.domains.permits.services.sanctions import require_test_over, restore_point
from quancheng.domains.permits.services.working import CLOCK, stop
from quancheng.domains.registry.models import Enterprise, Facility, Unit
from quancheng.domains.registry.points import point_fault
from quancheng.domains.training.models import Person
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once, once
from quancheng.standards.gb30871 import isolation

_WORDS = {"tag": 40, "place": 200, "owner": 60, "equipment": 120, "lock_no": 40, "key_holder": 60, "drawing": 80,
          "material": 60, "medium": 60}  # fmt: skip
_FIGURES: Mapping[str, tuple[Decimal, Decimal]] = {
    "diameter_mm": (Decimal(1), Decimal(5000)), "rated_mpa": (Decimal("0.01"), Decimal(500)),
    "medium_c": (Decimal(-273), Decimal(2000)), "medium_mpa": (Decimal("-0.1"), Decimal(500)),
}  # fmt: skip
#: What only a blind plate has; 7.1 and 7.4 ask for the drawing and the plate's own number.
_OF_PLATES = ("plate_form", "diameter_mm", "rated_mpa", "material", "medium", "medium_c", "medium_mpa", "drawing")
_ASKED_OF_PLATES = ("plate_form", "diameter_mm", "rated_mpa", "material", "medium", "drawing", "equipment")
#: Before it is presented a permit may let a point go; afterwards points are only added.
UNLINKED = ("DRAFT", "REQUESTED", "PREPARING")
LINKED = (*UNLINKED, "APPROVING", *RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A point as it is planned: codes of ``standards.gb30871.isolation``, degrees CGCS2000, mm, MPa, ℃.

    :ivar stood_since: of what stood before the register was kept: since when.
    """

    tag: str
    device: str
    energy: str
    place: str
    owner: str
    equipment: str = ""
    unit: Unit | None = None
    facility: Facility | None = None
    lon: Decimal | None = None
    lat: Decimal | None = None
    needs_blind: bool | None = None
    lock_no: str = ""
    key_holder: str = ""
    drawing: str = ""
    plate_form: str = ""
    diameter_mm: int | None = None
    rated_mpa: Decimal | None = None
    material: str = ""
    medium: str = ""
    medium_c: Decimal | None = None
    medium_mpa: Decimal | None = None
    stood_since: date | None = None


def plan_point(
    *, actor: Actor, file: Enterprise, planned: Planned, now: datetime, permit: Permit | None = None,
    role: str = LinkRole.RELIES, client_id: uuid.UUID | None = None,
) -> IsolationPoint:  # fmt: skip
    """Enter a point in the register, for a permit that needs it where one is named.

    :raises Invalid: by field. :raises Conflict: another open point bears the tag, or the permit takes no point.
    """
    require_own(actor, file, WORK)
    told = _checked(planned, file, now)
    row = IsolationPoint(**file.row_scope(), file=file, planned_by=actor.name, planned_at=now, **told)
    facts = {"tag": row.tag, "device": row.device, "energy": row.energy, "place": row.place}

    def make() -> uuid.UUID:
        try:
            with transaction.atomic():
                enter(actor=actor, row=row, now=now, facts=facts)
        except IntegrityError as twice:
            raise Conflict(_("该编号的隔离点已在台账中，尚未解除。")) from twice
        if permit is not None:
            _link(actor, permit, row, role, now)
        return row.pk

    body = {**told, "unit": row.unit_id, "facility": row.facility_id, "permit": permit.pk if permit else None,
            "role": str(role)}  # fmt: skip
    with transaction.atomic():
        one_at_a_time()
        pk, _made = once(actor=actor, client_id=client_id, act="permits.isolation.plan", body=body, now=now, make=make)
    return IsolationPoint.objects.get(pk=pk)


def change_point(
    *, actor: Actor, point: IsolationPoint, planned: Planned, now: datetime, seen: datetime | None = None,
    client_id: uuid.UUID | None = None,
) -> IsolationPoint:  # fmt: skip
    """Write a planned point anew; what stands at the place is never written over, nor what a permit that was presented
    names. A blinding permit that fits its plate keeps it a plate.

    :param seen: when the point that was read had been changed; None: as the caller has it.
    :raises Invalid: by field. :raises StaleState: it is not planned any more, or was changed since it was read.
    :raises Conflict: the tag is taken, or a permit was presented with it.
    """
    require_own(actor, point.file, WORK)
    told = _checked(planned, point.file, now)
    as_read = seen or point.updated_at

    def do() -> None:
        if _is_fitted(point) and told["device"] != "BLIND":
            raise Invalid(fields={"device": _("盲板抽堵作业票关联的须是盲板。")})
        if _is_fitted(point) and told["stood_since"] is not None:
            raise Invalid(fields={"stood_since": _("由盲板抽堵作业票装设的盲板，不能登记为建账前已在位。")})
        presented = Permit.objects.filter(isolation_links__point=point).exclude(status__in=UNLINKED).order_by("pk")
        if named := list(presented[:10]):
            raise Conflict(
                _("以下作业票已提交签字，隔离点不能再修改：%(permits)s") % {"permits": _("、").join(map(str, named))}
            )
        rows = IsolationPoint.objects.visible_to(actor).filter(
            pk=point.pk, status="PLANNED", updated_at=as_read
        )
        try:
            with transaction.atomic():
                changed = rows.update(**told, updated_at=now)
        except IntegrityError as twice:
            raise Conflict(_("该编号的隔离点已在台账中，尚未解除。")) from twice
        if changed != 1:
            raise StaleState(_("隔离点已不是“计划”状态，或已被他人修改，不能保存。"))
        unit = told["unit"]
        take_off_strayed(actor=actor, point=point, unit_id=unit and unit.pk, now=now)
        journal.record(
            actor=actor, act="permits.isolation.change", subject_type=IsolationPoint.row_type(), subject_id=point.pk,
            org_id=point.file_id, facts={name: told[name] for name in ("tag", "device", "energy", "place")}, now=now,
        )  # fmt: skip

    units = {name: told[name] and told[name].pk for name in ("unit", "facility")}
    return _once(actor, point, "change", {**told, **units}, now, client_id, do)


def _once(
    actor: Actor, point: IsolationPoint, name: str, body: Mapping[str, Any], now: datetime,
    client_id: uuid.UUID | None, do: Callable[[], object],
) -> IsolationPoint:  # fmt: skip
    """``do`` finds the point locked and read anew, one at a time of all permits; the same request again does nothing
    and is not refused for what the first one changed."""
    with transaction.atomic():
        one_at_a_time()
        act_once(
            actor=actor, row=point, act=f"permits.isolation.{name}", body=body, now=now,
            client_id=client_id, do=do,
        )  # fmt: skip
    return point


def _checked(planned: Planned, file: Enterprise, now: datetime) -> dict[str, Any]:
    told: dict[str, Any] = {one.name: getattr(planned, one.name) for one in fields(planned)}
    wrong: dict[str, Text] = {}
    for name, limit in _WORDS.items():
        told[name] = clean(told[name])[:limit]
    is_plate = told["device"] == "BLIND"
    if not is_plate:
        told |= {name: "" if isinstance(told[name], str) else None for name in _OF_PLATES}
    asked = ["tag", "place", "owner", *(_ASKED_OF_PLATES if is_plate else ())]
    if told["device"] in isolation.LOCKED:
        asked += ["lock_no", "key_holder"]
    else:
        told |= {"lock_no": "", "key_holder": ""}
    wrong |= {name: _("请填写此项。") for name in asked if told[name] in ("", None)}
    if told["device"] not in isolation.DEVICES:
        wrong["device"] = _("没有这个选项。")
    elif not isolation.fits(told["device"], told["energy"]):
        wrong["energy"] = _("该隔离方式不能隔离这类能量。")
    if is_plate and told["plate_form"] and told["plate_form"] not in isolation.PLATE_FORMS:
        wrong["plate_form"] = _("没有这个选项。")
    for name, (least, most) in _FIGURES.items():
        if told[name] is not None and not least <= told[name] <= most:
            wrong[name] = _("应在%(least)s到%(most)s之间。") % {"least": least, "most": most}
    if is_plate and None not in (told["rated_mpa"], told["medium_mpa"]) and told["rated_mpa"] < told["medium_mpa"]:
        wrong["rated_mpa"] = _("盲板压力等级不能低于介质压力。")
    if (told["lon"] is None) != (told["lat"] is None):
        wrong["lon"] = _("经度、纬度须一并填写。")
    elif told["lon"] is not None and (fault := point_fault(told["lon"], told["lat"])) is not None:
        wrong["lon"] = fault
    wrong |= faults_of_place(file, planned.unit, planned.facility)
    if planned.stood_since is not None and planned.stood_since >= Calendar().local_date(now):
        wrong["stood_since"] = _("建账前已装设的，日期应早于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    if planned.facility is not None:
        told["unit"] = planned.facility.unit
    # Where no line is concerned there is nothing to be blinded.
    told["needs_blind"] = told["needs_blind"] if told["device"] in isolation.ON_LINES else None
    if is_plate and told["needs_blind"] is None:
        told["needs_blind"] = True
    return told


# Permits --------------------------------------------------------------------------------------------------------------


def link_point(
    *, actor: Actor, permit: Permit, point: IsolationPoint, now: datetime, role: str = LinkRole.RELIES,
    client_id: uuid.UUID | None = None,
) -> IsolationLink:  # fmt: skip
    """Let a permit rely on a point, or say that its work fits or takes out that plate: that only before it is
    presented. What is signed already takes none that is not verified.

    :raises Conflict: the permit or the point takes no link so. :raises StaleState: the permit ended.
    """
    require_own(actor, permit.file, WORK)
    body = {"permit": permit.pk, "point": point.pk, "role": str(role)}
    with transaction.atomic():
        one_at_a_time()
        pk, _made = once(
            actor=actor, client_id=client_id, act="permits.isolation.link", body=body, now=now,
            make=lambda: _link(actor, permit, point, role, now).pk,
        )  # fmt: skip
    found = IsolationLink.objects.filter(pk=pk).first()
    if found is None:
        raise StaleState
    return found


def _link(actor: Actor, permit: Permit, point: IsolationPoint, role: str, now: datetime) -> IsolationLink:
    held = locked(permit, *LINKED)
    point = _held(point)
    if point.file_id != held.file_id:
        raise NotPermitted
    if point.is_closed:
        raise Conflict(_("该隔离点已解除或取消。"))
    if role == LinkRole.FITS:
        # Who signs signs which plate, and the start asks what relies on it.
        if held.status not in UNLINKED:
            raise Conflict(_("作业票已提交签字，不能再关联或更换要装设、抽出的盲板。"))
        _require_plate(held, point)
    elif role != LinkRole.RELIES:
        raise Invalid(fields={"role": _("没有这个选项。")})
    elif taking_out().filter(point=point).exclude(permit=held).exists():
        raise Conflict(_("该盲板正在由盲板抽堵作业抽出，不能作为隔离依靠。"))
    elif held.status in RUNNING and point.sanctions.filter(status__in=OPEN_SANCTIONS).exists():
        raise Conflict(_("该隔离点已申请试运或正在试运，试运结束并恢复验证后再关联。"))
    elif held.status in RUNNING and point.status != "VERIFIED":
        raise Conflict(_("作业票已签发，只能关联已验证的隔离点。"))
    try:
        with transaction.atomic():
            made = IsolationLink.objects.create(
                permit=held, point=point, role=role, linked_by=actor.name, linked_at=now
            )
    except IntegrityError as twice:
        raise Conflict(_("已关联该隔离点，或本票已有盲板：一张票只抽堵一块盲板（7.11）。")) from twice
    note(actor, "permits.isolation.link", held, now, {"point": point.pk, "tag": point.tag, "role": str(role)})
    return made


def _require_plate(permit: Permit, point: IsolationPoint) -> None:
    if permit.kind != "BL" or point.device != "BLIND":
        raise Conflict(_("只有盲板抽堵作业票可以装设、抽出盲板。"))
    fitting = {"INSERT": ("PLANNED", "LIFTED"), "REMOVE": ("APPLIED", "VERIFIED", "LIFTED")}
    wanted = fitting.get(operation_of(permit), ())
    if point.status == "PLANNED" and point.stood_since is not None:
        raise Conflict(_("该盲板登记为建账前已在位，不能由本票装设；请先登记在位，或改正登记。"))
    if point.status not in wanted:
        raise Conflict(
            _("盲板现为“%(state)s”，与作业票的作业类别（堵、抽）不符。") % {"state": point.status_label}
        )


def unlink_point(
    *, actor: Actor, permit: Permit, point: IsolationPoint, now: datetime, client_id: uuid.UUID | None = None
) -> None:
    """Let a point go from a permit that was not presented yet. :raises StaleState: it was."""
    require_own(actor, permit.file, WORK)

    def do() -> None:
        held = locked(permit, *UNLINKED)
        if IsolationLink.objects.filter(permit=held, point=point).delete()[0] == 0:
            raise Conflict(_("该隔离点已不在此作业票上。"))
        note(actor, "permits.isolation.unlink", held, now, {"point": point.pk, "tag": point.tag})

    act_once(
        actor=actor, row=permit, act="permits.isolation.unlink", body={"point": point.pk}, now=now,
        client_id=client_id, do=do, lock=False,
    )  # fmt: skip


def _held(point: IsolationPoint) -> IsolationPoint:
    """The row itself, locked in the caller's transaction."""
    return IsolationPoint.objects.select_for_update(of=("self",), no_key=True).get(pk=point.pk)


# The point's own course -----------------------------------------------------------------------------------------------


def apply_point(
    *, actor: Actor, point: IsolationPoint, person: Person, now: datetime, words: str = "",
    photos: Sequence[uuid.UUID] = (), client_id: uuid.UUID | None = None,
) -> IsolationPoint:  # fmt: skip
    """It stands now at the place; ``person`` put it there. A plate is put in under its blinding permit alone (7.11),
    unless it stood before the register was kept: that the head of the local unit says, with his reason.

    :raises Invalid: nobody of the enterprise; no reason. :raises Conflict: a plate without its permit in work.
    :raises NotPermitted: of a plate that stood before, not the duty of the local unit.
    """
    require_own(actor, point.file, WORK)
    _require_person(person, point)
    said = clean(words)[:500]
    given = {"person": str(person.pk), "note": said}

    def do() -> None:
        require_test_over(point)
        changes = {
            "applied_person_id": person.pk, "applied_by_id": actor.user_id, "applied_at": _since(point, now),
            "looked_at": now, "verified_person_id": None, "verified_at": None, "proof": "", "proof_said": "",
        }  # fmt: skip
        if point.device == "BLIND" and not _stood(point):
            _require_at_work(point, "INSERT")
        elif point.device == "BLIND":
            actor.require(SIGN_UNIT)
            if not said:
                raise Invalid(fields={"words": _("建账前已在位的盲板，须写明依据（何时、凭哪张作业票装设）。")})
        moved = move(actor=actor, row=point, name="apply", now=now, given=given, changes=changes)
        if photos:
            attach_files(actor=actor, row=moved, file_ids=list(photos), now=now)

    return _once(actor, point, "apply", given, now, client_id, do)


def _since(point: IsolationPoint, now: datetime) -> datetime:
    if point.stood_since is not None and point.applied_at is None:
        return Calendar().start_of(point.stood_since)
    return now


def _stood(point: IsolationPoint) -> bool:
    """Whether a plate may be entered as one that stood already: no permit was ever to put it in or take it out."""
    return point.status == "PLANNED" and point.stood_since is not None and not _is_fitted(point)


def _is_fitted(point: IsolationPoint) -> bool:
    return IsolationLink.objects.filter(point=point, role=LinkRole.FITS).exists()


def _require_at_work(point: IsolationPoint, operation: str) -> None:
    """:raises Conflict: no blinding permit that names the plate is in work for that."""
    running = permits_of(point, LinkRole.FITS).filter(kind="BL", status__in=BEGUN)
    if not any(operation_of(one) == operation for one in running):
        raise Conflict(
            _("装设盲板须有作业中的堵盲板作业票，并关联该盲板（GB 30871-2022，7.11）。") if operation == "INSERT" else
            _("抽出盲板须有作业中的抽盲板作业票，并关联该盲板（GB 30871-2022，7.11）。")
        )  # fmt: skip


def verify_point(
    *, actor: Actor, point: IsolationPoint, person: Person, proof: str, result: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> IsolationPoint:  # fmt: skip
    """A second person shows at the place that no energy is left (4.2): by bleeding, a start that fails, a voltage test.

    :param person: another than who applied it; the account is another as well.
    :raises Invalid: by field, e.g. a way of trying that tells nothing of the device.
    :raises NotPermitted: the account that told of its application.
    """
    require_own(actor, point.file, WORK)
    _require_person(person, point)
    words = clean(result)[:300]
    given = {"person": str(person.pk), "proof": proof, "result": words}
    with transaction.atomic():
        # Anew: since it was read it may have been applied by the very account that verifies.
        held = IsolationPoint.objects.select_related("applied_person").select_for_update(of=("self",), no_key=True)
        _require_second(actor, held.get(pk=point.pk), person, proof, words)
        changes = {
            "verified_person_id": person.pk, "verified_at": now, "proof": proof, "proof_said": words,
            **_looked(point, now),
        }  # fmt: skip
        moved = move(actor=actor, row=point, name="verify", now=now, given=given, changes=changes, client_id=client_id)
        restore_point(moved, now)
        return moved


def _require_second(actor: Actor, held: IsolationPoint, person: Person, proof: str, words: str) -> None:
    if held.status != "APPLIED":
        # The move says so.
        return
    if actor.user_id is not None and held.applied_by_id == actor.user_id:
        raise NotPermitted(_("您登记了该点的隔离，按规定须由另一人验证。"), code="four_eyes")
    wrong: dict[str, Text] = {}
    applied = held.applied_person
    if person.pk == held.applied_person_id or (applied is not None and applied.name == actor.name):
        wrong["person"] = _("验证人与隔离实施人不能是同一人。")
    if not isolation.proves(proof, held.device):
        wrong["proof"] = _("该方法不能验证这种隔离。")
    if not words:
        wrong["result"] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)


def _looked(point: IsolationPoint, now: datetime) -> dict[str, datetime]:
    return {"looked_at": now, "review_at": now + timedelta(days=review_days(point.file_id, now))}


def fail_point(
    *, actor: Actor, point: IsolationPoint, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> IsolationPoint:
    """The trial found energy: it is to be applied anew. What relies on it stands (it never was verified)."""
    require_own(actor, point.file, WORK)
    return _lift(actor, point, "fail", reason, now, client_id)


def check_point(
    *, actor: Actor, point: IsolationPoint, result: str, now: datetime, client_id: uuid.UUID | None = None
) -> IsolationPoint:
    """Who answers for it looked at the place and found it whole (7.4); the time of the next look begins anew."""
    require_own(actor, point.file, WORK)
    given = {"result": clean(result)[:500]}
    changes = _looked(point, now)
    return move(actor=actor, row=point, name="check", now=now, given=given, changes=changes, client_id=client_id)


def lift_point(
    *, actor: Actor, point: IsolationPoint, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> IsolationPoint:
    """Somebody found it open, or its lock gone: whoever of the enterprise sees it, or an office that stops work. Work
    that relies on it stops in the same act, and nothing of it starts until it is verified anew.

    :raises NotPermitted: neither.
    """
    require_reports(actor, point)
    return _lift(actor, point, "lift", reason, now, client_id)


def require_reports(actor: Actor, point: IsolationPoint) -> None:
    """:raises NotPermitted: neither the enterprise nor an office that stops work."""
    actor.require(VIEW)
    if actor.organisation_id != point.file_id:
        require_stopping_office(actor)


def _lift(
    actor: Actor, point: IsolationPoint, name: str, reason: str, now: datetime, client_id: uuid.UUID | None
) -> IsolationPoint:
    words = clean(reason)[:500]

    def do() -> None:
        lift(actor=actor, point=point, words=words, now=now, name=name)
        keys = list(relying_now(point).filter(status="WORKING").values_list("pk", flat=True))
        held = Permit.objects.select_for_update(of=("self",), no_key=True).select_related("file__enterprise")
        for one in held.filter(pk__in=keys, status="WORKING").order_by("pk"):
            stop(one, "VIOLATION", now, f"隔离点{point.tag}失效：{words}")
            note(CLOCK, "permits.permit.unisolated", one, now, {"point": point.pk, "tag": point.tag})

    return _once(actor, point, name, {"reason": words}, now, client_id, do)


def remove_point(
    *, actor: Actor, point: IsolationPoint, person: Person, now: datetime, reason: str = "",
    client_id: uuid.UUID | None = None,
) -> IsolationPoint:  # fmt: skip
    """Take it away: who applied it does, or somebody whom the head of the local unit lets, with a reason. A plate is
    taken out under its own blinding permit, which is that leave (7.11).

    :raises Conflict: permits in force rely on it, or personal locks hang there; both are named. A plate without its
        permit in work. :raises NotPermitted: another than who applied it, without the duty of the local unit.
    """
    require_own(actor, point.file, WORK)
    _require_person(person, point)
    words = clean(reason)[:500]
    given = {"person": str(person.pk), "reason": words}
    changes = {"removed_person_id": person.pk, "removed_at": now, "remove_reason": words, "review_at": None}

    def do() -> None:
        is_plate = point.device == "BLIND"
        if not is_plate and person.pk != point.applied_person_id:
            actor.require(SIGN_UNIT)
            if not words:
                raise Invalid(fields={"reason": _("解除人不是隔离实施人，须写明授权解除的原因。")})
        require_test_over(point)
        require_free(point)
        if is_plate:
            _require_at_work(point, "REMOVE")
        move(actor=actor, row=point, name="remove", now=now, given=given, changes=changes)
        restore_point(point, now)

    return _once(actor, point, "remove", given, now, client_id, do)


def require_free(point: IsolationPoint) -> None:
    """:raises Conflict: permits in force rely on a point, or locks hang there; which ones."""
    relying = list(relying_now(point)[:10])
    if relying:
        raise Conflict(
            _("以下作业票仍依靠该隔离点，不能解除：%(permits)s") % {"permits": _("、").join(map(str, relying))}
        )
    locks = list(hanging(point=point)[:10])
    if locks:
        raise Conflict(
            _("个人锁未取下，不能解除：%(locks)s")
            % {"locks": _("、").join(f"{one.lock_no} {one.person.name}" for one in locks)}
        )


def cancel_point(
    *, actor: Actor, point: IsolationPoint, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> IsolationPoint:
    """It is not needed. :raises Conflict: permits that were not finished name it."""
    require_own(actor, point.file, WORK)
    words = clean(reason)[:500]
    with transaction.atomic():
        one_at_a_time()
        naming = Permit.objects.filter(isolation_links__point=point, status__in=LINKED).order_by("pk")
        if open_ones := list(naming[:10]):
            names = _("、").join(map(str, open_ones))
            raise Conflict(_("以下作业票关联了该隔离点，不能取消：%(permits)s") % {"permits": names})
        return move(actor=actor, row=point, name="cancel", now=now, given={"reason": words}, client_id=client_id)


def _require_person(person: Person, point: IsolationPoint) -> None:
    if person.file_id != point.file_id or person.left_date is not None:
        raise Invalid(fields={"person": _("请选择本单位在岗人员。")})
