"""Calling the roll (紧急集合点名): who is at work or in is listed at once, marked one by one, and looked for."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from quancheng.domains.permits.loops.permit import BEGUN
from quancheng.domains.permits.models import (
    Muster,
    Part,
    Permit,
    PermitPerson,
    RollEntry,
    RollState,
    SpaceEntry,
    StopOrder,
)
from quancheng.domains.permits.notices import MISSING
from quancheng.domains.permits.queries.musters import missing_in
from quancheng.domains.permits.queries.orders import ORDER
from quancheng.domains.permits.queries.permits import SIGN_LEADER, WORK
from quancheng.domains.permits.services.checking import require_own
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.training.queries.entries import on_site_of
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, StaleState, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.journal import services as journal
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.notices.services import notify, people_for
from quancheng.kernel.once import act_once, once

#: So long after the call it is told who is missing [D].
MISSING_AFTER = timedelta(minutes=5)


def call_muster(
    *, actor: Actor, file: Enterprise, reason: str, now: datetime, unit: Unit | None = None, point: str = "",
    is_drill: bool = False, client_id: uuid.UUID | None = None,
) -> Muster:  # fmt: skip
    """An enterprise calls the roll of all who are at work under permits, at a unit or everywhere, and of all from
    outside who are in. Where one is called already, that one goes on, with whoever is new.

    :raises NotPermitted: another enterprise's, or no duty to stop work. :raises Invalid: by field.
    """
    require_own(actor, file, ORDER)
    words, at = clean(reason)[:500], clean(point)[:120]
    wrong: dict[str, Text] = {}
    if not words:
        wrong["reason"] = _("请填写此项。")
    if unit is not None and unit.file_id != file.pk:
        wrong["unit"] = _("请选择该企业的单元。")
    if wrong:
        raise Invalid(fields=wrong)
    told = {"point": at, "is_drill": is_drill}
    body = {"file": file.pk, "unit": unit.pk if unit else None, "reason": words, **told}
    with transaction.atomic():
        pk, _made = once(
            actor=actor, client_id=client_id, act="permits.muster.enter", body=body, now=now,
            make=lambda: _call(actor, file, unit, words, now, point=at, is_drill=is_drill),
        )  # fmt: skip
    return Muster.objects.get(pk=pk)


def muster_for(order: StopOrder, *, actor: Actor, files: Iterable[Enterprise], now: datetime) -> None:
    """Call the roll at every enterprise that a stop order reaches, in its transaction; of an order for one permit at
    the unit of that."""
    unit = order.permit.unit if order.permit is not None else order.unit
    for file in files:
        _call(actor, file, unit, f"{order.number}：{order.reason}"[:500], now, order=order)


def _call(
    actor: Actor, file: Enterprise, unit: Unit | None, reason: str, now: datetime, *, point: str = "",
    is_drill: bool = False, order: StopOrder | None = None,
) -> uuid.UUID:  # fmt: skip
    # Two callers of one enterprise wait for each other.
    Enterprise.objects.select_for_update(of=("self",), no_key=True).get(pk=file.pk)
    row = Muster.objects.filter(file=file, status="CALLED").first()
    if row is None:
        row = Muster(
            **file.row_scope(), file=file, unit=unit, order=order, point=point, reason=reason, is_drill=is_drill,
            called_by=actor.name[:130], called_at=now,
        )  # fmt: skip
        enter(actor=actor, row=row, now=now, facts={"reason": reason, "is_drill": is_drill})
    elif unit is None or unit.pk != row.unit_id or order is not None or (row.is_drill and not is_drill):
        # What is wider, ordered, or meant in earnest takes the place of what was called before, and who is missing is
        # told anew.
        unit = row.unit if unit is not None and unit.pk == row.unit_id else None
        changes: dict[str, object] = {"unit": unit, "is_drill": row.is_drill and is_drill, "told_at": None}
        if order is not None or (row.is_drill and not is_drill):
            changes |= {"order": order, "reason": reason}
        Muster.objects.filter(pk=row.pk).update(**changes)
        _tell(actor, row, "permits.muster.widen", now, {"reason": reason, "is_drill": row.is_drill and is_drill})
    _list(row, file, unit, now)
    return row.pk


def _list(row: Muster, file: Enterprise, unit: Unit | None, now: datetime) -> None:
    """Put on the roll who is not on it: everybody on a permit at work, or issued for this time, and of whom the gate
    says that he is in: where in the works he is nobody knows."""
    known = set(RollEntry.objects.filter(muster=row, person__isnull=False).values_list("person", flat=True))
    due = Q(status__in=BEGUN) | Q(status="ISSUED", window_start__lte=now, window_end__gte=now)
    # Somebody may be in a space under a permit that ended meanwhile.
    open_entries = SpaceEntry.objects.filter(permit__file=file, left_at__isnull=True)
    inside = set(open_entries.values_list("person__person", flat=True))
    people = PermitPerson.objects.filter(permit__file=file).select_related("person", "permit").filter(
        Q(permit__in=Permit.objects.filter(due, file=file), ended_at__isnull=True)
        | Q(pk__in=open_entries.values("person"))
    )  # fmt: skip
    if unit is not None:
        people = people.filter(Q(permit__unit=unit) | Q(permit__unit__isnull=True))
    made: dict[uuid.UUID, RollEntry] = {}
    # Where somebody works or guards, before where he leads from elsewhere.
    for one in sorted(people, key=lambda one: (one.part == Part.LEADER, one.permit.window_start, str(one.pk))):
        if one.person_id not in known and one.person_id not in made:
            made[one.person_id] = RollEntry(
                muster=row, person_id=one.person_id, name=one.person.name[:60], firm=one.permit.work_unit[:120],
                permit=one.permit, is_inside=one.person_id in inside,
            )  # fmt: skip
    for person in on_site_of(file.pk):
        if person.pk not in known and person.pk not in made:
            made[person.pk] = RollEntry(
                muster=row, person=person, name=person.name[:60],
                firm=(person.employer_name or str(person.get_employment_display()))[:120],
            )  # fmt: skip
    RollEntry.objects.bulk_create(made.values())


def mark(*, actor: Actor, entry: RollEntry, state: str, now: datetime) -> RollEntry:
    """Say where somebody on the roll is. The same again changes nothing.

    :raises NotPermitted: another enterprise's. :raises StaleState: the muster has ended.
    """
    require_own(actor, entry.muster.file, WORK)
    if state not in RollState.values:
        raise Invalid(_("没有这个选项。"))
    with transaction.atomic():
        muster = _running(entry.muster)
        held = RollEntry.objects.select_for_update(no_key=True).get(pk=entry.pk)
        if held.state != state:
            held.state, held.marked_at, held.marked_by = state, now, actor.name[:130]
            held.save(update_fields=["state", "marked_at", "marked_by"])
            _tell(actor, muster, "permits.muster.mark", now, {"entry": held.pk, "state": state})
    return held


def add_to_roll(
    *, actor: Actor, muster: Muster, name: str, firm: str, now: datetime, client_id: uuid.UUID | None = None
) -> RollEntry:
    """Somebody who is at the place of assembly and on no list. :raises Invalid: no name."""
    require_own(actor, muster.file, WORK)
    words, of = clean(name)[:60], clean(firm)[:120]
    if not words:
        raise Invalid(fields={"name": _("请填写此项。")})

    def make() -> uuid.UUID:
        held = _running(muster)
        row = RollEntry.objects.create(
            muster=held, name=words, firm=of, state=RollState.HERE, marked_at=now, marked_by=actor.name[:130]
        )
        _tell(actor, held, "permits.muster.add", now, {"entry": row.pk})
        return row.pk

    with transaction.atomic():
        pk, _made = once(
            actor=actor, client_id=client_id, act="permits.muster.add", now=now, make=make,
            body={"muster": muster.pk, "name": words, "firm": of},
        )  # fmt: skip
    return RollEntry.objects.get(pk=pk)


def end_muster(
    *, actor: Actor, muster: Muster, note: str, now: datetime, client_id: uuid.UUID | None = None
) -> Muster:
    """It ends when nobody is missing; with somebody missing only who may stop work ends it, and says why.

    :raises Invalid: somebody is missing, and no reason was told.
    """
    words = clean(note)[:500]

    def do() -> None:
        missing = missing_in(muster.pk)
        if missing:
            actor.require(ORDER)
            if not words:
                raise Invalid(
                    fields={"note": _("还有%(count)s人未到，结束点名须写明理由。") % {"count": missing}}
                )
        move(
            actor=actor, row=muster, name="end", now=now, given={"note": words, "missing": missing},
            changes={"ended_at": now, "ended_by": actor.name[:130], "end_note": words},
        )  # fmt: skip

    require_own(actor, muster.file, WORK)
    act_once(
        actor=actor, row=muster, act="permits.muster.end", body={"note": words}, now=now, client_id=client_id, do=do
    )
    return muster


def tell_missing(*, now: datetime) -> int:
    """Five minutes after the call: tell the enterprise, its head and who ordered the stop how many are missing."""
    late = Muster.objects.filter(status="CALLED", told_at__isnull=True, called_at__lte=now - MISSING_AFTER)
    count = 0
    for one in late.select_related("enterprise", "order").order_by("called_at", "pk"):
        with transaction.atomic():
            held = Muster.objects.select_for_update(of=("self",), no_key=True).get(pk=one.pk)
            missing = missing_in(one.pk)
            if held.status != "CALLED" or held.told_at is not None or not missing:
                continue
            users = {user for duty in (WORK, SIGN_LEADER)
                     for user in people_for(organisation_id=one.file_id, duty=duty)}  # fmt: skip
            if one.order is not None and one.order.owner_org_id not in (None, one.file_id):
                users.update(people_for(organisation_id=one.order.owner_org_id, duty=ORDER))
            notify(
                users=users, kind=MISSING, now=now, subject_type=Muster.row_type(), subject_id=one.pk,
                data={"count": str(missing), "enterprise": one.enterprise.name if one.enterprise else ""},
            )  # fmt: skip
            Muster.objects.filter(pk=one.pk).update(told_at=now)
            count += 1
    return count


def _running(muster: Muster) -> Muster:
    held = Muster.objects.select_for_update(of=("self",), no_key=True).get(pk=muster.pk)
    if held.status != "CALLED":
        raise StaleState(_("点名已经结束。"))
    return held


def _tell(actor: Actor, muster: Muster, act: str, now: datetime, facts: dict[str, object]) -> None:
    """The journal's entry, and the event by which open pages draw themselves anew. No names."""
    journal.record(
        actor=actor, act=act, subject_type=Muster.row_type(), subject_id=muster.pk, org_id=muster.file_id,
        facts=facts, now=now,
    )  # fmt: skip
    publish("permits.muster.changed", muster, actor=actor, now=now)
