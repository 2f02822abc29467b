"""Simultaneous work kept and coordinated (交叉作业), and operations told to it (作业活动通报)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import AlarmSource, OperationNotice, Permit, SimopsConflict
from quancheng.domains.permits.notices import MET
from quancheng.domains.permits.queries.permits import SIGN_UNIT, WORK
from quancheng.domains.permits.queries.simops import Met, all_met, met_by
from quancheng.domains.permits.services.alarms import raise_alarm, settle_parted
from quancheng.domains.permits.services.checking import faults_of_place, note, require_own
from quancheng.domains.permits.services.positions import TIES
from quancheng.domains.permits.services.telling import tell
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.registry.points import point_fault
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotFound, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.standards.gb30871.simops import ACTIVITIES

#: An operation is told for so long at most: what runs for longer is no operation beside permits.
LONGEST = timedelta(days=7)


def record_conflicts(
    *, now: datetime, met: Mapping[uuid.UUID, Sequence[Met]] | None = None
) -> tuple[int, int]:
    """Keep what meets now, and mark what meets no longer; who has a new one that is forbidden is told. Returns how many
    of each. Whoever coordinated it stays with it.

    :param met: what meets now, by permit; found here where it is not told.
    """
    found = all_met(now=now) if met is None else met
    wanted: dict[tuple[Any, ...], tuple[uuid.UUID, Met]] = {
        (permit, one.side, one.rule): (permit, one) for permit, rows in found.items()
        for one in rows
    }  # fmt: skip
    standing = {
        (row.permit_id, row.other_id or row.operation_id or row.outside_id, row.rule): row
        for row in SimopsConflict.objects.filter(gone_at__isnull=True)
    }  # fmt: skip
    new = [one for key, one in wanted.items() if key not in standing]
    gone = [row.pk for key, row in standing.items() if key not in wanted]
    with transaction.atomic():
        SimopsConflict.objects.filter(pk__in=gone).update(gone_at=now)
        SimopsConflict.objects.bulk_create(
            [_row(permit, one, now) for permit, one in new], update_conflicts=True,
            unique_fields=["permit", "other", "operation", "outside", "rule"],
            update_fields=["result", "distance_m", "starts_at", "ends_at", "found_at", "gone_at"],
        )  # fmt: skip
        forbidden = {permit for permit, one in new if one.result == "FORBID"}
        for row in Permit.objects.filter(pk__in=forbidden).select_related("file").order_by("pk"):
            tell(MET, row, now, duty=WORK)
            raise_alarm(permit=row, code="SIM", source=AlarmSource.SIMOPS, now=now, is_told=True)
        settle_parted(standing={permit for permit, one in wanted.values() if one.result == "FORBID"}, now=now)
    return len(new), len(gone)


def _row(permit: uuid.UUID, one: Met, now: datetime) -> SimopsConflict:
    return SimopsConflict(
        permit_id=permit, other_id=one.other, operation_id=one.operation, outside_id=one.outside, rule=one.rule,
        result=one.result, distance_m=Decimal(str(one.distance_m)), starts_at=one.overlap.start,
        ends_at=one.overlap.end, found_at=now,
    )  # fmt: skip


def coordinate(
    *, actor: Actor, permit: Permit, other: uuid.UUID, rule: str, coordinator: str, measures: str, now: datetime
) -> SimopsConflict:
    """Name who coordinates a permit with other work, and what both sides found and do (4.7). It counts for permits of
    this enterprise on both sides; a neighbour decides for its own.

    :raises NotFound: they do not meet under that rule. :raises Conflict: it is forbidden: part them in time or space.
    :raises Invalid: no coordinator, no measures.
    """
    require_own(actor, permit.file, SIGN_UNIT)
    words = {"coordinator": clean(coordinator)[:60], "measures": clean(measures)[:1000]}
    if empty := [name for name, value in words.items() if not value]:
        raise Invalid(fields={name: _("请填写此项。") for name in empty})
    found = next((one for one in met_by(permit) if one.rule == rule and other == one.side), None)
    if found is None:
        raise NotFound
    if found.result == "FORBID":
        raise Conflict(_("该交叉作业禁止同时进行，请错开时间或保持距离。"))
    decided = {**words, "decided_by": actor.name, "decided_at": now}
    sides = [(permit.pk, found)]
    if found.other is not None and Permit.objects.filter(pk=found.other, file=permit.file_id).exists():
        sides.append((found.other, _turned(found, permit.pk)))
    with transaction.atomic():
        kept = []
        for key, one in sides:
            identity = {
                "permit_id": key, "other_id": one.other, "operation_id": one.operation, "outside_id": one.outside,
                "rule": one.rule,
            }  # fmt: skip
            fresh = _row(key, one, now)
            names = ("result", "distance_m", "starts_at", "ends_at", "found_at")
            known = {name: getattr(fresh, name) for name in names}
            row, _new = SimopsConflict.objects.update_or_create(
                **identity, defaults=decided, create_defaults={**known, **decided}
            )
            kept.append(row)
        facts = {"rule": rule, "other": str(other), "coordinator": words["coordinator"]}
        note(actor, "permits.simops.coordinate", permit, now, facts)
    return kept[0]


def _turned(one: Met, permit: uuid.UUID) -> Met:
    return Met(
        rule=one.rule, result=one.result, distance_m=one.distance_m, overlap=one.overlap, text=one.text,
        clause=one.clause, other=permit, operation=None, state="",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation as it is told; degrees CGCS2000, aware times."""

    activity: str
    place: str
    lon: Decimal
    lat: Decimal
    radius_m: Decimal | None = None
    unit: Unit | None = None
    starts_at: datetime
    ends_at: datetime
    contact: str
    ties: Mapping[str, str] | None = None


def tell_operation(
    *, actor: Actor, file: Enterprise, told: Operation, now: datetime, client_id: uuid.UUID | None = None
) -> OperationNotice:
    """Tell an operation beside permits: from now on they are refused or stopped where they may not meet it.

    :raises Invalid: by field.
    """
    require_own(actor, file, WORK)
    wrong: dict[str, Text] = {}
    words = {"place": clean(told.place)[:200], "contact": clean(told.contact)[:60]}
    wrong |= {name: _("请填写此项。") for name, value in words.items() if not value}
    if told.activity not in ACTIVITIES:
        wrong["activity"] = _("没有这个选项。")
    if told.ends_at <= told.starts_at:
        wrong["ends_at"] = _("结束时间应晚于开始时间。")
    elif told.ends_at - told.starts_at > LONGEST:
        wrong["ends_at"] = _("一次通报最长%(days)s天。") % {"days": LONGEST.days}
    elif told.ends_at <= now:
        wrong["ends_at"] = _("结束时间已过。")
    if (fault := point_fault(told.lon, told.lat)) is not None:
        wrong["lon"] = fault
    if told.radius_m is not None and not 0 <= told.radius_m <= 500:
        wrong["radius_m"] = _("应在%(least)s到%(most)s之间。") % {"least": 0, "most": 500}
    wrong |= faults_of_place(file, told.unit)
    ties = {name: clean(value)[:60] for name, value in (told.ties or {}).items() if clean(value)}
    if set(ties) - set(TIES):
        wrong["ties"] = _("没有这个选项。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        made = OperationNotice.objects.create(
            **file.row_scope(), file=file, unit=told.unit, activity=told.activity, lon=told.lon, lat=told.lat,
            radius_m=told.radius_m, ties=ties, starts_at=told.starts_at, ends_at=told.ends_at, told_by=actor.name,
            told_at=now, **words,
        )  # fmt: skip
        _note(actor, "permits.operation.tell", made, now)
        return made.pk

    body = {"activity": told.activity, "from": told.starts_at, "to": told.ends_at, "ties": ties, **words}
    with transaction.atomic():
        pk, _new = once(
            actor=actor, client_id=client_id, act="permits.operation.tell", body=body, now=now, make=make
        )
    return OperationNotice.objects.get(pk=pk)


def end_operation(*, actor: Actor, operation: OperationNotice, now: datetime) -> OperationNotice:
    """It is over, or was called off: permits are free of it. :raises Conflict: it is over already."""
    require_own(actor, operation.file, WORK)
    with transaction.atomic():
        rows = OperationNotice.objects.filter(pk=operation.pk, ends_at__gt=now)
        at = max(now, operation.starts_at)
        if rows.update(ends_at=at) != 1:
            raise Conflict(_("该作业活动已结束。"))
        _note(actor, "permits.operation.end", operation, now)
    operation.refresh_from_db()
    return operation


def _note(actor: Actor, act: str, row: OperationNotice, now: datetime) -> None:
    journal.record(
        actor=actor, act=act, subject_type=OperationNotice.row_type(), subject_id=row.pk, org_id=row.file_id,
        facts={"activity": row.activity, "place": row.place, "starts": row.starts_at, "ends": row.ends_at}, now=now,
    )  # fmt: skip
