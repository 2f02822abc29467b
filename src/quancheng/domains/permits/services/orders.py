"""Stopping work in one act (停工指令、区域紧急停工): by an office, by the enterprise, by a gas alarm nearby."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.loops.permit import RUNNING
from quancheng.domains.permits.models import DetectorPairing, Permit, StopOrder
from quancheng.domains.permits.queries.orders import ORDER, is_for, is_within
from quancheng.domains.permits.services.checking import note, one_at_a_time
from quancheng.domains.permits.services.musters import muster_for
from quancheng.domains.permits.services.working import CLOCK, stop, stop_for_gas
from quancheng.domains.registry.geometry import around
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.registry.points import point_fault
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted, Text
from quancheng.kernel.ids import uuid7
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.services import take_number
from quancheng.kernel.once import once
from quancheng.kernel.people.models import Organisation
from quancheng.standards.gb30871.endings import STOP_REASONS

#: Causes of an order; of an office beside them its own word.
CAUSES = ("EVACUATION", "GAS_ALARM", "UNIT_UPSET", "WEATHER", "VIOLATION", "SIMOPS", "INSPECTOR_ORDER")
GAS = "GAS_ALARM"
NUMBER = "permits.stop_order"
#: The farthest that a circle may reach, m.
WIDEST_M = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What an order is for: one permit, a unit, a whole enterprise, or a circle in degrees (CGCS2000) and metres."""

    permit: Permit | None = None
    file: Enterprise | None = None
    unit: Unit | None = None
    lon: Decimal | None = None
    lat: Decimal | None = None
    radius_m: int | None = None


def order_stop(
    *, actor: Actor, target: Target, cause: str, reason: str, now: datetime, with_muster: bool = False,
    client_id: uuid.UUID | None = None,
) -> StopOrder:  # fmt: skip
    """Stop everything that the target covers, at once and in one act; none of it starts or goes on until the order is
    released. The target is one that a query gave to the actor.

    :param with_muster: whether the roll is called in the same act at every enterprise whose work it reaches.
    :raises NotPermitted: a circle by an enterprise, or another enterprise's work. :raises Invalid: by field.
    """
    actor.require(ORDER)
    file = target.permit.file if target.permit is not None else target.file
    if actor.organisation_id is None:
        raise NotPermitted
    if not actor.supervises and (file is None or file.pk != actor.organisation_id):
        raise NotPermitted
    words, wrong = clean(reason)[:500], _faults(target, file, cause)
    if not words:
        wrong["reason"] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)
    organisation = Organisation.objects.get(pk=actor.organisation_id)
    scope = (
        {"area": None, "links": [], "reach": "public", "owner_org": organisation}
        if file is None else file.row_scope(owner=organisation.pk)
    )  # fmt: skip
    circle = {"lon": target.lon, "lat": target.lat, "radius_m": target.radius_m}
    row = StopOrder(
        **scope, pk=uuid7(), file=file, unit=target.unit, permit=target.permit, cause=cause, reason=words,
        issued_by=actor.name, issued_at=now, **circle,
    )  # fmt: skip
    def make() -> uuid.UUID:
        row.number = take_number(
            actor=actor, organisation=organisation, kind=NUMBER, subject_type=StopOrder.row_type(), subject_id=row.pk,
            now=now,
        ).text  # fmt: skip
        enter(actor=actor, row=row, now=now, facts={"number": row.number, "cause": cause, "reason": words})
        count = _stop_all(lambda one: is_for(row, one), cause, f"{row.number}：{words}", now)
        StopOrder.objects.filter(pk=row.pk).update(stopped_count=count)
        if with_muster:
            muster_for(row, actor=actor, files=_reached(row), now=now)
        return row.pk

    body = {
        "permit": row.permit_id, "file": row.file_id, "unit": row.unit_id, "cause": cause, "reason": words,
        **({"with_muster": True} if with_muster else {}),
        **{name: str(value) for name, value in circle.items()},
    }  # fmt: skip
    with transaction.atomic():
        one_at_a_time()
        pk, _made = once(
            actor=actor, client_id=client_id, act="permits.stop_order.enter", body=body, now=now, make=make
        )
    return StopOrder.objects.get(pk=pk)


def _reached(order: StopOrder) -> list[Enterprise]:
    """The enterprise of an order; of a circle those whose work it reaches, and those that stand in it."""
    if order.file is not None:
        return [order.file]
    at_work = Permit.objects.filter(status__in=RUNNING).select_related("file")
    found = {one.file_id: one.file for one in at_work if is_for(order, one)}
    if order.lon is not None and order.lat is not None and order.radius_m is not None:
        middle = (float(order.lon), float(order.lat))
        west, south, east, north = around([middle], order.radius_m)
        near = Enterprise.objects.filter(merged_into__isnull=True, lon__range=(west, east), lat__range=(south, north))
        for file in near:
            if is_within(middle, order.radius_m, (float(file.lon or 0), float(file.lat or 0)), 0):
                found[file.pk] = file
    return sorted(found.values(), key=lambda one: str(one.pk))


def _faults(target: Target, file: Enterprise | None, cause: str) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    if cause not in CAUSES:
        wrong["cause"] = _("请选择停工原因。")
    if file is None:
        if target.unit is not None:
            wrong["unit"] = _("按单元停工的，请同时选择该单元所在的企业。")
        if target.lon is None or target.lat is None:
            wrong["lon"] = _("请选择企业，或填写圆心经纬度和半径。")
        elif (fault := point_fault(target.lon, target.lat)) is not None:
            wrong["lon"] = fault
        if not target.radius_m or not 1 <= target.radius_m <= WIDEST_M:
            wrong["radius_m"] = _("应在%(least)s到%(most)s之间。") % {"least": 1, "most": WIDEST_M}
        return wrong
    if any(one is not None for one in (target.lon, target.lat, target.radius_m)):
        wrong["lon"] = _("按企业停工的，不再划定圆形区域：两者请只选一种。")
    if target.unit is not None and target.unit.file_id != file.pk:
        wrong["unit"] = _("请选择该企业的单元。")
    return wrong


def release_order(
    *, actor: Actor, order: StopOrder, note: str, now: datetime, client_id: uuid.UUID | None = None
) -> StopOrder:
    """Who gave an order releases it once what it was for is put right (T27). Work goes on by its own checks.

    :raises NotPermitted: another authority's. :raises Invalid: no word on what was put right.
    """
    words = clean(note)[:500]
    changes = {"released_at": now, "release_note": words}
    return move(
        actor=actor, row=order, name="release", now=now, given={"note": words}, changes=changes, client_id=client_id
    )


def suspend_at(*, file: uuid.UUID, unit: uuid.UUID, reason: str, words: str, now: datetime) -> int:
    """Stop all work at a unit of an enterprise (4.8, 6.5); of which nobody told the unit may be there. For rooms above.
    By a gas alarm what is issued goes back to be prepared, and what stands needs a new test.

    :param reason: a code of ``standards.gb30871.endings.STOP_REASONS``. Returns how many were stopped.
    """
    return _stop_all(lambda one: one.file_id == file and one.unit_id in (unit, None), reason, words, now)


def suspend_paired(*, file: uuid.UUID, instrument: str, words: str, now: datetime) -> int:
    """The same for the work alone with which a portable detector goes. Returns how many were stopped."""
    rows = DetectorPairing.objects.filter(file=file, instrument=instrument, ended_at__isnull=True)
    keys = set(rows.values_list("permit_id", flat=True))
    return _stop_all(lambda one: one.pk in keys, GAS, words, now) if keys else 0


def _stop_all(is_meant: Callable[[Permit], bool], reason: str, words: str, now: datetime) -> int:
    if reason not in STOP_REASONS:
        raise ValueError(f"no stop reason {reason}")
    # After gas in the air nothing that was tested before it counts, in work or not.
    states = ("WORKING", "SUSPENDED", "ISSUED") if reason == GAS else ("WORKING",)
    with transaction.atomic():
        one_at_a_time()
        running = Permit.objects.filter(status__in=states).select_related("file__enterprise").order_by("pk")
        keys = [one.pk for one in running if is_meant(one)]
        held = Permit.objects.select_for_update(of=("self",), no_key=True).select_related("file__enterprise")
        rows = list(held.filter(pk__in=keys, status__in=states).order_by("pk"))
        working = [one.pk for one in rows if one.status == "WORKING"]
        for one in rows:
            if one.status == "WORKING":
                stop(one, reason, now, words)
            elif one.status == "ISSUED":
                stop_for_gas(one, now, words)
            else:
                _stand_for_gas(one, now)
            note(CLOCK, "permits.permit.ordered", one, now, {"reason": reason, "words": words})
    return len(working)


def _stand_for_gas(permit: Permit, now: datetime) -> None:
    """Of work that stands: it goes on only after a new test, as if it had been stopped now. What stands past its window
    never goes on."""
    if permit.window_end >= now:
        Permit.objects.filter(pk=permit.pk).update(stopped_at=now, stop_reason=GAS)
