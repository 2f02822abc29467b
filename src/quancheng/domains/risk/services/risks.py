"""The risk list entered and changed: objects, units, events, measures (风险分级管控清单)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.kinds import Category, Layer, Mode, ObjectKind, Subcategory
from quancheng.domains.risk.models import Measure, RiskEvent, RiskObject, RiskUnit
from quancheng.domains.risk.services.keeping import (
    change_row,
    end_row,
    enter_row,
    require_keeper,
)
from quancheng.domains.risk.services.recolouring import (
    hold,
    recolour_events,
    recolour_objects,
    recolour_units,
)
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean
from quancheng.standards.risk.colours import Colour, is_high_enough
from quancheng.standards.risk.rows import accident_types

OBJECT_FIELDS = ("code", "name", "kind", "place", "department", "head")
UNIT_FIELDS = ("code", "name", "facility", "post", "lon", "lat")
EVENT_FIELDS = ("name", "accident", "consequence", "layer")
MEASURE_FIELDS = ("mode", "text", "category", "subcategory", "own_class", "check_text")
_LENGTHS = {
    "code": 36, "name": 200, "department": 200, "head": 60, "consequence": 500, "text": 4000, "own_class": 100,
    "check_text": 1000,
}  # fmt: skip


def enter_object(
    *, actor: Actor, file: Enterprise, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> RiskObject:
    """Enter a risk analysis object of an enterprise.

    :param known: of :data:`OBJECT_FIELDS`. :raises Invalid: by field. :raises Conflict: its code is taken, or its
        unit is another object's.
    """
    require_keeper(actor, file)
    given = _object_fields(file, known, None)
    body = {name: getattr(value, "pk", value) for name, value in given.items()}
    with transaction.atomic():
        pk = enter_row(
            actor=actor, act="risk.object.enter", file=file, body=body, now=now, client_id=client_id,
            twice=_taken(given.get("place")),
            make=lambda: RiskObject.objects.create(
                file=file, **file.row_scope(), created_at=now, updated_at=now, **given
            ),
        )  # fmt: skip
    return RiskObject.objects.select_related("file__enterprise").get(pk=pk)


def change_object(
    *, actor: Actor, row: RiskObject, version: int, changes: Mapping[str, Any], now: datetime
) -> RiskObject:
    """Change what stands of an object. :raises Invalid: by field. :raises StaleState: somebody saved meanwhile."""
    require_keeper(actor, row.file)
    given = _object_fields(row.file, changes, row)
    with transaction.atomic():
        change_row(actor=actor, act="risk.object.change", file_id=row.file_id, row=row, version=version, changes=given,
                   now=now, twice=_taken(given.get("place")), updated_at=now)  # fmt: skip
    return row


def end_object(*, actor: Actor, row: RiskObject, reason: str, now: datetime) -> None:
    """Take an object out of the list; units, events and measures go with it and stay to be read.

    :raises Invalid: no reason, or its unit is still graded as a major hazard.
    """
    require_keeper(actor, row.file)
    _need_reason(reason)
    _need_sound(event__unit__object=row)
    if row.place is not None and row.place.legal_grade is not None and row.place.ended_date is None:
        raise Invalid(_("该单元仍是重大危险源，其风险分析对象不能撤销。"))
    with transaction.atomic():
        hold(row.pk)
        _end(actor, "risk.object.end", row, row.file_id, reason, now)
        recolour_objects(actor=actor, ids=[row.pk], because="risk.object.end", now=now)


def enter_unit(
    *, actor: Actor, parent: RiskObject, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> RiskUnit:
    """Enter a unit of an object. :param known: of :data:`UNIT_FIELDS`. :raises Invalid: by field."""
    require_keeper(actor, parent.file)
    _need_live(parent)
    given = _unit_fields(parent, known, None)
    body = {"object": parent.pk, **{name: getattr(value, "pk", value) for name, value in given.items()}}
    with transaction.atomic():
        pk = enter_row(
            actor=actor, act="risk.unit.enter", file=parent.file, body=body, now=now, client_id=client_id,
            twice=_taken(None), make=lambda: RiskUnit.objects.create(object=parent, created_at=now, **given),
        )  # fmt: skip
    return RiskUnit.objects.select_related("object__file").get(pk=pk)


def change_unit(*, actor: Actor, row: RiskUnit, version: int, changes: Mapping[str, Any], now: datetime) -> RiskUnit:
    """Change what stands of a unit. :raises Invalid: by field. :raises StaleState: somebody saved meanwhile."""
    file = row.object.file
    require_keeper(actor, file)
    given = _unit_fields(row.object, changes, row)
    with transaction.atomic():
        change_row(actor=actor, act="risk.unit.change", file_id=file.pk, row=row, version=version, changes=given,
                   now=now, twice=_taken(None))  # fmt: skip
    return row


def end_unit(*, actor: Actor, row: RiskUnit, reason: str, now: datetime) -> None:
    """Take a unit out of the list. :raises Invalid: no reason."""
    require_keeper(actor, row.object.file)
    _need_reason(reason)
    _need_sound(event__unit=row)
    with transaction.atomic():
        hold(row.object_id)
        _end(actor, "risk.unit.end", row, row.object.file_id, reason, now)
        recolour_objects(actor=actor, ids=[row.object_id], because="risk.unit.end", now=now)


def enter_event(
    *, actor: Actor, unit: RiskUnit, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> RiskEvent:
    """Enter a risk event of a unit. :param known: of :data:`EVENT_FIELDS`. :raises Invalid: by field."""
    file = unit.object.file
    require_keeper(actor, file)
    _need_live(unit, unit.object)
    given = _event_fields(known, None)
    with transaction.atomic():
        pk = enter_row(
            actor=actor, act="risk.event.enter", file=file, body={"unit": unit.pk, **given}, now=now,
            client_id=client_id, twice=("name", _("该单元已有这个风险事件。")),
            make=lambda: RiskEvent.objects.create(unit=unit, created_at=now, **given),
        )  # fmt: skip
    return RiskEvent.objects.select_related("unit__object__file").get(pk=pk)


def change_event(*, actor: Actor, row: RiskEvent, version: int, changes: Mapping[str, Any], now: datetime) -> RiskEvent:
    """Change what stands of an event. :raises Invalid: by field. :raises StaleState: somebody saved meanwhile."""
    file = row.unit.object.file
    require_keeper(actor, file)
    given = _event_fields(changes, row)
    with transaction.atomic():
        change_row(actor=actor, act="risk.event.change", file_id=file.pk, row=row, version=version, changes=given,
                   now=now, twice=("name", _("该单元已有这个风险事件。")))  # fmt: skip
    return row


def end_event(*, actor: Actor, row: RiskEvent, reason: str, now: datetime) -> None:
    """Take an event out of the list. :raises Invalid: no reason."""
    require_keeper(actor, row.unit.object.file)
    _need_reason(reason)
    _need_sound(event=row)
    with transaction.atomic():
        hold(row.unit.object_id)
        _end(actor, "risk.event.end", row, row.unit.object.file_id, reason, now)
        recolour_units(actor=actor, ids=[row.unit_id], because="risk.event.end", now=now)


def enter_measure(
    *, actor: Actor, event: RiskEvent, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> Measure:
    """Enter a control measure against an event. :param known: of :data:`MEASURE_FIELDS`. :raises Invalid: by field."""
    file = event.unit.object.file
    require_keeper(actor, file)
    _need_live(event, event.unit, event.unit.object)
    given = _measure_fields(known, None)
    with transaction.atomic():
        pk = enter_row(
            actor=actor, act="risk.measure.enter", file=file, body={"event": event.pk, **given}, now=now,
            client_id=client_id, twice=("text", _("该风险事件已有这条措施。")),
            make=lambda: Measure.objects.create(event=event, created_at=now, **given),
        )  # fmt: skip
    return Measure.objects.select_related("event__unit__object__file").get(pk=pk)


def change_measure(*, actor: Actor, row: Measure, version: int, changes: Mapping[str, Any], now: datetime) -> Measure:
    """Change what stands of a measure. :raises Invalid: by field. :raises StaleState: somebody saved meanwhile."""
    file = row.event.unit.object.file
    require_keeper(actor, file)
    given = _measure_fields(changes, row)
    with transaction.atomic():
        change_row(actor=actor, act="risk.measure.change", file_id=file.pk, row=row, version=version, changes=given,
                   now=now, twice=("text", _("该风险事件已有这条措施。")))  # fmt: skip
    return row


def end_measure(*, actor: Actor, row: Measure, reason: str, now: datetime) -> None:
    """Take a measure out of the list; one that failed must be verified first, or its event would turn better by it.

    :raises Invalid: no reason, or it is known not to work.
    """
    require_keeper(actor, row.event.unit.object.file)
    _need_reason(reason)
    if row.failed_at is not None:
        raise Invalid(_("该措施已失效且尚未验收，不能撤销，请先整改。"))
    with transaction.atomic():
        _end(actor, "risk.measure.end", row, row.event.unit.object.file_id, reason, now)


def mark_failed(*, actor: Actor, row: Measure, because: str, now: datetime) -> None:
    """A measure is known not to work: its event stands higher until :func:`mark_verified`. Called by the finding that
    says so, in its transaction; the caller asked for the duty. A measure that failed already stays as it is."""
    with transaction.atomic():
        hold(row.event.unit.object_id)
        won = Measure.objects.filter(pk=row.pk, failed_at__isnull=True).update(
            failed_at=now, failed_because=clean(because)[:300]
        )
        if won:
            recolour_events(actor=actor, ids=[row.event_id], because="risk.measure.failed", now=now)


def mark_verified(*, actor: Actor, row: Measure, now: datetime) -> None:
    """A measure that had failed was verified to work again: its event falls back to its static level."""
    with transaction.atomic():
        hold(row.event.unit.object_id)
        if Measure.objects.filter(pk=row.pk, failed_at__isnull=False).update(failed_at=None, failed_because=""):
            recolour_events(actor=actor, ids=[row.event_id], because="risk.measure.verified", now=now)


def _end(actor: Actor, act: str, row: Any, file_id: uuid.UUID, reason: str, now: datetime) -> None:
    day = Calendar().local_date(now)
    end_row(actor=actor, act=act, file_id=file_id, row=row, now=now, day=day, reason=clean(reason)[:300])


def _taken(place: Any) -> tuple[str, str]:
    if place is not None:
        return "code", _("该编码已有，或登记单元已是另一个风险分析对象。")
    return "code", _("该编码已有，请换一个编码。")


def _need_reason(reason: str) -> None:
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明撤销的理由。")})


def _need_live(*rows: Any) -> None:
    """Nothing is added below what ended, however far above."""
    if any(row.ended_date is not None for row in rows):
        raise Invalid(_("此项或它所属的上级已撤销，不能再增加内容。"))


def _need_sound(**below: Any) -> None:
    """What holds a measure that failed stays until it is verified, or a colour would turn better by it."""
    if Measure.objects.filter(failed_at__isnull=False, ended_date__isnull=True, **below).exists():
        raise Invalid(_("其中有已失效且尚未验收的管控措施，不能撤销，请先整改。"))


def _texts(known: Mapping[str, Any], names: tuple[str, ...], needed: tuple[str, ...], before: Any) -> Any:
    """What was given, cleaned; and what is wrong with it by field."""
    given = {name: known[name] for name in names if name in known}
    wrong: dict[str, Text] = {}
    for name, value in given.items():
        if isinstance(value, str):
            given[name] = clean(value)
            most = _LENGTHS["consequence"] if names is EVENT_FIELDS and name == "name" else _LENGTHS.get(name, 100)
            if len(given[name]) > most:
                wrong[name] = _("最多%(count)s个字。") % {"count": most}
    for name in needed:
        if (name in given and not given[name]) or (name not in given and before is None):
            wrong[name] = _("请填写此项。")
    return given, wrong


def _object_fields(file: Enterprise, known: Mapping[str, Any], before: RiskObject | None) -> dict[str, Any]:
    given, wrong = _texts(known, OBJECT_FIELDS, ("code", "name", "department", "head"), before)
    kind = given.get("kind", getattr(before, "kind", ""))
    place = given["place"] if "place" in given else getattr(before, "place", None)
    if kind not in ObjectKind.values:
        wrong["kind"] = _("请选择对象类别。")
    if place is not None and place.file_id != file.pk:
        wrong["place"] = _("登记单元不属于该企业。")
    elif kind == ObjectKind.MAJOR_HAZARD and place is None:
        wrong["place"] = _("重大危险源须选择其登记单元。")
    if wrong:
        raise Invalid(fields=wrong)
    return dict(given)


def _unit_fields(parent: RiskObject, known: Mapping[str, Any], before: RiskUnit | None) -> dict[str, Any]:
    given, wrong = _texts(known, UNIT_FIELDS, ("code", "name"), before)
    facility, post = given.get("facility"), given.get("post")
    if facility is not None and facility.unit.file_id != parent.file_id:
        wrong["facility"] = _("登记设施不属于该企业。")
    if post is not None and post.file_id != parent.file_id:
        wrong["post"] = _("岗位不属于该企业。")
    lon = given.get("lon", getattr(before, "lon", None))
    lat = given.get("lat", getattr(before, "lat", None))
    if (lon is not None and abs(lon) > 180) or (lat is not None and abs(lat) > 90):
        wrong["lon"] = _("经纬度超出范围。")
    elif (lon is None) != (lat is None):
        wrong["lon" if lon is None else "lat"] = _("经度和纬度须同时填写。")
    if wrong:
        raise Invalid(fields=wrong)
    return dict(given)


def _event_fields(known: Mapping[str, Any], before: RiskEvent | None) -> dict[str, Any]:
    given, wrong = _texts(known, EVENT_FIELDS, ("name",), before)
    layer, level = given.get("layer", ""), getattr(before, "static_level", None)
    if layer not in ("", *Layer.values):
        wrong["layer"] = _("请选择管控层级。")
    elif layer and level is not None and not is_high_enough(Colour(level), layer):
        wrong["layer"] = _("该风险等级须由更高层级管控。")
    if given.get("accident") and given["accident"] not in accident_types():
        wrong["accident"] = _("没有这个事故类型。")
    if wrong:
        raise Invalid(fields=wrong)
    return dict(given)


def _measure_fields(known: Mapping[str, Any], before: Measure | None) -> dict[str, Any]:
    given, wrong = _texts(known, MEASURE_FIELDS, ("text", "check_text"), before)
    category = given.get("category", getattr(before, "category", ""))
    subcategory = given.get("subcategory", getattr(before, "subcategory", ""))
    if given.get("mode", getattr(before, "mode", "")) not in Mode.values:
        wrong["mode"] = _("请选择管控方式。")
    if category not in Category.values:
        wrong["category"] = _("请选择措施类别。")
    elif subcategory not in Subcategory.values or not subcategory.startswith(category):
        wrong["subcategory"] = _("请选择属于该类别的小类。")
    if wrong:
        raise Invalid(fields=wrong)
    return dict(given)
