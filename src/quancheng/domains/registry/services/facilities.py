"""Units and facilities entered, changed and taken out of service."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import FacilityKind, UnitKind
from quancheng.domains.registry.models import Enterprise, Facility, Holding, StorageFinding, Unit
from quancheng.domains.registry.models.storage import StorageKind
from quancheng.domains.registry.services.assessing import assessing
from quancheng.domains.registry.services.enterprises import note, require_keeper
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.pages.words import listed
from quancheng.standards.lists.processes import key_processes

#: What may be said of a unit, and of a facility.
UNIT_FIELDS = (
    "code", "name", "kind", "boundary", "boundary_note", "exclusion", "exclusion_reason", "video", "gas_detection",
    "shut_off", "platform",
)  # fmt: skip
FACILITY_FIELDS = (
    "code", "name", "kind", "volume_m3", "max_fill", "pressure_mpa", "temp_c", "near_explosive_range",
    "commissioned_date", "design", "design_body", "processes", "dcs", "esd", "sis", "alarm", "shut_off", "earthing",
    "inerting", "fire_limit_t", "seepage", "seepage_date", "pipe_count", "flange_count",
)  # fmt: skip
#: Said where a process is none of the eighteen, which is something else than nobody having said.
NO_PROCESS = "none"
#: What the columns of a facility's figures keep at least.
_SMALLEST = Decimal("0.001")


def enter_unit(
    *, actor: Actor, file: Enterprise, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> Unit:
    """Enter a production or storage unit of an enterprise.

    :param known: of :data:`UNIT_FIELDS`. :raises Invalid: by field. :raises Conflict: its code is taken.
    """
    require_keeper(actor, file)
    given = _unit_fields(known, None)

    def make() -> uuid.UUID:
        unit = _once(lambda: Unit.objects.create(file=file, created_at=now, **given))
        note(actor, "registry.unit.enter", file, now, {"unit": unit.pk, **given})
        return unit.pk

    with transaction.atomic():
        body = {"file": file.pk, **given}
        pk, _made = once(actor=actor, client_id=client_id, act="registry.unit.enter", body=body, now=now, make=make)
    return Unit.objects.get(pk=pk)


def change_unit(*, actor: Actor, unit: Unit, changes: Mapping[str, Any], now: datetime) -> Unit:
    """Change what stands of a unit; its grade follows in the same transaction. :raises Invalid: by field.

    :raises Conflict: its kind, while more lies in a workshop than may.
    """
    require_keeper(actor, unit.file)
    given = _unit_fields(changes, unit)
    changed = {name: value for name, value in given.items() if getattr(unit, name) != value}
    if not changed:
        return unit
    if "kind" in changed and StorageFinding.objects.filter(
        unit=unit, kind=StorageKind.OVER_TEMPORARY, gone_at__isnull=True
    ).exists():
        raise Conflict(_("该车间超过暂存限量，整改前不能改为其他单元类别。"))
    with assessing(actor=actor, now=now, because="registry.unit.change") as pending:
        before = {name: getattr(unit, name) for name in changed}
        _once(lambda: Unit.objects.filter(pk=unit.pk).update(**changed))
        note(actor, "registry.unit.change", unit.file, now, {"unit": unit.pk, "before": before, "after": changed})
        pending.add(unit.pk)
    unit.refresh_from_db()
    return unit


def enter_facility(
    *, actor: Actor, unit: Unit, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> Facility:
    """Enter a facility in a unit.

    :param known: of :data:`FACILITY_FIELDS`. :raises Invalid: by field. :raises Conflict: its code is taken.
    """
    require_keeper(actor, unit.file)
    given = _facility_fields(known, None, now)

    def make() -> uuid.UUID:
        facility = _once(lambda: Facility.objects.create(unit=unit, created_at=now, **given))
        note(actor, "registry.facility.enter", unit.file, now, {"facility": facility.pk, "unit": unit.pk, **given})
        return facility.pk

    with transaction.atomic():
        body = {"unit": unit.pk, **given}
        pk, _made = once(actor=actor, client_id=client_id, act="registry.facility.enter", body=body, now=now, make=make)
    return Facility.objects.select_related("unit", "unit__file").get(pk=pk)


def change_facility(*, actor: Actor, facility: Facility, changes: Mapping[str, Any], now: datetime) -> Facility:
    """Change what stands of a facility; the grade of its unit follows. :raises Invalid: by field."""
    file = facility.unit.file
    require_keeper(actor, file)
    given = _facility_fields(changes, facility, now)
    changed = {name: value for name, value in given.items() if getattr(facility, name) != value}
    if not changed:
        return facility
    with assessing(actor=actor, now=now, because="registry.facility.change") as pending:
        before = {name: getattr(facility, name) for name in changed}
        _once(lambda: Facility.objects.filter(pk=facility.pk).update(**changed))
        facts = {"facility": facility.pk, "before": before, "after": changed}
        note(actor, "registry.facility.change", file, now, facts)
        pending.add(facility.unit_id)
    facility.refresh_from_db()
    return facility


def decommission(*, actor: Actor, facility: Facility, on: date, record: str, now: datetime) -> Facility:
    """Take a facility out of service for good: disconnected, blinded, cleaned, with the record that says so.

    Only this lets the legal grade of its unit fall (GB 18218-2018, 4.1.2).

    :raises Invalid: no record, a day in the future, or stock is left in it. :raises StaleState: it is out already.
    """
    file = facility.unit.file
    require_keeper(actor, file)
    wrong: dict[str, Text] = {}
    if not clean(record):
        wrong["record"] = _("请写明退役记录（编号、断开和盲板、清洗置换情况）。")
    if on > Calendar().local_date(now):
        wrong["on"] = _("退役日期不能晚于今天。")
    if Holding.objects.filter(facility=facility, ended_date__isnull=True, present_t__gt=0).exists():
        wrong["on"] = _("该设施仍有存量，请先登记出库或盘点为零。")
    if wrong:
        raise Invalid(fields=wrong)
    with assessing(actor=actor, now=now, because="registry.facility.decommission", may_fall=True) as pending:
        won = Facility.objects.filter(pk=facility.pk, decommissioned_date__isnull=True).update(
            decommissioned_date=on, decommission_record=clean(record)[:300]
        )
        if not won:
            raise StaleState(_("该设施已退役。"))
        facts = {"facility": facility.pk, "on": on, "record": clean(record)[:300]}
        note(actor, "registry.facility.decommission", file, now, facts)
        pending.add(facility.unit_id)
    facility.refresh_from_db()
    return facility


def _once(write: Any) -> Any:
    try:
        with transaction.atomic():
            return write()
    except IntegrityError as twice:
        sentence = _("该编号已有，请换一个编号。")
        raise Conflict(sentence, fields={"code": sentence}) from twice


def _unit_fields(known: Mapping[str, Any], before: Unit | None) -> dict[str, Any]:
    given = {name: known[name] for name in UNIT_FIELDS if name in known}
    wrong = _named(given, before)
    if given.get("kind", getattr(before, "kind", "")) not in UnitKind.values:
        wrong["kind"] = _("请选择单元类别。")
    exclusion = given.get("exclusion", getattr(before, "exclusion", ""))
    if exclusion and not clean(given.get("exclusion_reason", getattr(before, "exclusion_reason", ""))):
        wrong["exclusion_reason"] = _("请写明不适用的理由。")
    if wrong:
        raise Invalid(fields=wrong)
    return given


def _facility_fields(known: Mapping[str, Any], before: Facility | None, now: datetime) -> dict[str, Any]:
    given = {name: known[name] for name in FACILITY_FIELDS if name in known}
    wrong = _named(given, before)
    if given.get("kind", getattr(before, "kind", "")) not in FacilityKind.values:
        wrong["kind"] = _("请选择设施类别。")
    if (volume := given.get("volume_m3")) is not None and volume < _SMALLEST:
        wrong["volume_m3"] = _("容积应大于0。")
    if (most := given.get("fire_limit_t")) is not None and most < _SMALLEST:
        wrong["fire_limit_t"] = _("消防核定储存量应大于0。")
    if (fill := given.get("max_fill")) is not None and not _SMALLEST <= fill <= 1:
        wrong["max_fill"] = _("充装系数应大于0、不大于1，例如 0.85。")
    if (commissioned := given.get("commissioned_date")) is not None and commissioned > Calendar().local_date(now):
        wrong["commissioned_date"] = _("投用日期不能晚于今天。")
    unknown = set(given.get("processes") or ()) - set(key_processes()) - {NO_PROCESS}
    if unknown:
        wrong["processes"] = _("没有这个重点监管工艺：%(codes)s。") % {"codes": listed(sorted(unknown))}
    if wrong:
        raise Invalid(fields=wrong)
    return given


def _named(given: dict[str, Any], before: Any) -> dict[str, Text]:
    """Code and name, cleaned in place; what is wrong with them."""
    wrong: dict[str, Text] = {}
    for name, limit in (("code", 20 if "exclusion" in given else 30), ("name", 80)):
        if name not in given:
            if before is None:
                wrong[name] = _("请填写此项。")
            continue
        given[name] = clean(given[name])
        if not given[name]:
            wrong[name] = _("请填写此项。")
        elif len(given[name]) > limit:
            wrong[name] = _("不超过%(limit)s个字。") % {"limit": limit}
    return wrong
