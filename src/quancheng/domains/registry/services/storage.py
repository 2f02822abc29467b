"""Storage findings follow what is entered: one row and one work item a thing, ended when its cause is gone."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import Basis
from quancheng.domains.registry.models import Enterprise, Holding, LimitSetting, StorageFinding, Unit
from quancheng.domains.registry.queries import storage as queries
from quancheng.domains.registry.queries.storage import Fault
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.errors import Invalid, NotPermitted, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean

LIMITS = "registry.storage.limits"
HOUSE = system_actor("registry", "registry.files.keep")
#: Units looked at in one go of the nightly round.
BATCH = 200
_MOST_M3 = Decimal(1_000_000)


def look_at_storage(*, unit: Unit, holdings: Sequence[Holding], now: datetime) -> None:
    """Hold a locked unit against the rules: what is new is a finding, what is gone ends. In the caller's transaction.

    :param unit: with its file. :param holdings: those that stand, with facility and chemical.
    """
    file, known = unit.file, queries.limits()
    stocks = [queries.stock_of(one) for one in holdings]
    faults = queries.judge(stocks, enterprise_kind=file.kind, set_limits=known).faults
    faults += queries.judge_workshop(unit, stocks, queries.workshop_limit(unit))
    here = Q(facility__unit=unit) | Q(unit=unit)
    _settle(file, StorageFinding.objects.filter(here, gone_at__isnull=True), faults, now)
    if whole := queries.whole_limits(file.kind, known):
        # Two units of one enterprise at once take turns.
        Enterprise.objects.select_for_update(of=("self",), no_key=True).get(pk=file.pk)
        rows = queries.facilities_with_cas(file.pk)
        found = [
            one for limit in whole
            for one in queries.judge_whole(rows, enterprise_kind=file.kind, limit=limit).faults
        ]  # fmt: skip
        standing = StorageFinding.objects.filter(
            file=file, facility__isnull=True, unit__isnull=True, gone_at__isnull=True
        )
        _settle(file, standing, found, now)


def look_at_all(*, now: datetime) -> int:
    """The nightly round: limits, chemicals and rules may have changed since a unit was last touched. Returns how many
    units were looked at.
    """
    held = Holding.objects.filter(facility__unit=OuterRef("pk"), ended_date__isnull=True)
    standing = StorageFinding.objects.filter(gone_at__isnull=True)
    found = Exists(standing.filter(facility__unit=OuterRef("pk"))) | Exists(standing.filter(unit=OuterRef("pk")))
    wanted = Unit.objects.filter(Exists(held) | found).order_by("pk")
    last, count = uuid.UUID(int=0), 0
    while pks := list(wanted.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        for pk in pks:
            look_at_unit(pk, now=now)
        last, count = pks[-1], count + len(pks)
    return count


def look_at_unit(pk: uuid.UUID, *, now: datetime) -> None:
    """Lock a unit and hold what lies there against the rules."""
    with transaction.atomic():
        unit = Unit.objects.select_for_update(of=("self",), no_key=True).select_related("file").get(pk=pk)
        holdings = list(
            Holding.objects.filter(facility__unit=unit, ended_date__isnull=True)
            .select_related("facility", "chemical")
            .order_by("facility__code", "chemical__name", "pk")
        )
        look_at_storage(unit=unit, holdings=holdings, now=now)


def _settle(file: Enterprise, standing: Iterable[StorageFinding], faults: Sequence[Fault], now: datetime) -> None:
    before = {one.key: one for one in standing}
    after = {one.key: one for one in faults}
    for key, row in before.items():
        fault = after.get(key)
        if fault is None or _is_worse_than_accepted(row, fault):
            _end(row, now)
        else:
            _follow(row, fault, now)
            del after[key]
    for fault in after.values():
        _raise(file, fault, now)


def _is_worse_than_accepted(row: StorageFinding, fault: Fault) -> bool:
    """What the office let stand was this much, or these goods, there or by design; more is another matter."""
    if row.status != "ACCEPTED":
        return False
    if row.basis == Basis.LEGAL and fault.basis == Basis.PRESENT:
        return True
    if row.figure is not None and fault.figure is not None:
        return fault.figure > row.figure
    if not row.goods:
        # Let stand before goods were kept by name.
        return not set(fault.chemicals) <= set(row.chemicals)
    return not (fault.present <= set(row.goods["present"]) and fault.goods <= set(row.goods["all"]))


def _follow(row: StorageFinding, fault: Fault, now: datetime) -> None:
    """The same thing with other figures or goods; what was accepted keeps those that it was accepted with."""
    changes = _columns(fault)
    if row.status == "ACCEPTED" or all(getattr(row, name) == value for name, value in changes.items()):
        return
    StorageFinding.objects.filter(pk=row.pk).update(**changes, updated_at=now)


def _end(row: StorageFinding, now: datetime) -> None:
    if row.is_closed:
        StorageFinding.objects.filter(pk=row.pk, gone_at__isnull=True).update(gone_at=now, updated_at=now)
    else:
        move(actor=HOUSE, row=row, name="clear", now=now, changes={"gone_at": now})


def _raise(file: Enterprise, fault: Fault, now: datetime) -> None:
    row = StorageFinding(
        **file.row_scope(),
        file=file, facility=fault.facility, unit=fault.unit, supervisor_id=file.supervisor_id, key=fault.key,
        kind=fault.kind, rule=fault.rule, found_at=now, created_at=now, **_columns(fault),
    )  # fmt: skip
    facts = {"file": file.pk, "facility": fault.facility and fault.facility.pk, "kind": fault.kind, "rule": fault.rule}
    enter(actor=HOUSE, row=row, now=now, facts={**facts, "figure": fault.figure, "limit": fault.limit})


def _columns(fault: Fault) -> dict[str, Any]:
    return {
        "basis": fault.basis, "chemicals": list(fault.chemicals), "figure": fault.figure, "limit": fault.limit,
        "measure": fault.measure, "reason": fault.reason._asdict(), "clause": fault.clause._asdict(),
        "mark": fault.mark,
        "goods": {"present": sorted(fault.present), "all": sorted(fault.goods)} if fault.goods else {},
    }  # fmt: skip


# What people do --------------------------------------------------------------------------------------------------


def answer_finding(
    *, actor: Actor, finding: StorageFinding, name: str, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> StorageFinding:
    """The enterprise says how the goods really lie (``explain``); the office lets it stand or not (``accept``,
    ``reject``).

    :raises NotPermitted: an office judging its own. :raises StaleState: what is against licence or design.
    """
    field = "reason" if name == "reject" else "text"
    if not text.strip():
        raise Invalid(fields={field: _("请填写此项。")})
    if name in ("accept", "reject") and finding.enterprise_id == actor.organisation_id:
        raise NotPermitted(_("不能核验本单位的档案。"))
    said = text.strip()[:2000]
    changes = {"text": said} if name == "explain" else {}
    move(actor=actor, row=finding, name=name, now=now, given={field: said}, changes=changes, client_id=client_id)
    return finding


def set_limit(
    *, actor: Actor, code: str, limit_m3: Decimal, is_on: bool, source: str, now: datetime
) -> LimitSetting:  # fmt: skip
    """Set a limit of fire protection for the district; what it finds follows in the night.

    :raises Invalid: no such limit, not positive, impossible, or without a source; by field.
    """
    actor.require(LIMITS)
    wrong: dict[str, Text] = {}
    if code not in queries.limits():
        wrong["code"] = _("没有这种限量。")
    if not 0 < limit_m3 <= _MOST_M3:
        wrong["limit_m3"] = _("限量应大于0、不大于一百万立方米。")
    if not clean(source):
        wrong["source"] = _("请写明依据文件。")
    if wrong:
        raise Invalid(fields=wrong)
    given = {"limit_m3": limit_m3, "is_on": is_on, "source": clean(source)[:200]}
    with transaction.atomic():
        row, _new = LimitSetting.objects.update_or_create(
            code=code, defaults={**given, "by_name": actor.name[:60], "updated_at": now}
        )
        journal.record(
            actor=actor, act="registry.storage.limit", subject_type="registry.limitsetting", subject_id=None, now=now,
            org_id=actor.organisation_id, facts={"code": code, **given},
        )  # fmt: skip
    return row
