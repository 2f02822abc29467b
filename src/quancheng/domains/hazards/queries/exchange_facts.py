"""What is told of a record to an upper platform: its facts under the names of the exchange spec."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from quancheng.domains.hazards.loops.finding import NO_DANGER, NOT_COUNTED, OFFICIAL
from quancheng.domains.hazards.models import CheckRecord, CheckTask, Finding, ReceivedRow, UnitStop
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Measure, RiskEvent, RiskObject, RiskUnit
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.files.models import FileLink, StoredFile
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.store import store
from quancheng.kernel.vault import services as vault
from quancheng.standards.dual_prevention_exchange.tables import MOST_PICTURE
from quancheng.standards.hidden_dangers.kinds import upload_of
from quancheng.standards.risk.check_cycles import DAYS, UNITS

#: How the vault knows the identifier of a device (``services.check_records``).
_DEVICE = "device"
#: What a record of each table is read with.
RELATED: dict[str, tuple[str, ...]] = {
    "unit": ("object__file__enterprise",), "event": ("unit__object__file__enterprise",),
    "measure": ("event__unit__object__file__enterprise",), "task": ("file__enterprise",),
    "stop": ("file__enterprise", "unit__object"), "record": ("file__enterprise", "task", "person"),
    "danger": ("file__enterprise", "object", "unit__object", "rectifier", "accepted_by", "check_record__task"),
}  # fmt: skip
MODELS: dict[str, Any] = {
    "unit": RiskUnit, "event": RiskEvent, "measure": Measure, "task": CheckTask, "stop": UnitStop,
    "record": CheckRecord, "danger": Finding,
}  # fmt: skip
_FORMATS = frozenset({"image/jpeg", "image/png"})
#: Fields of pictures, by which role of a danger's files holds them.
_PICTURES = {"dangerImg": "before", "dangerAcceptImg": "after"}


@dataclass(slots=True)
class Subject:
    """A record as it can be told.

    :ivar facts: without the common fields but ``companyCode``, which the queue knows.
    :ivar keys: the records it hangs on, as (table, our key) by field; they must have been taken before it.
    :ivar is_told: False for what nobody outside hears of, e.g. a draft.
    :ivar gap: what is still missing here before it can go, as a sentence.
    """

    pk: uuid.UUID
    file: Enterprise
    title: str
    created_at: datetime
    facts: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, tuple[str, uuid.UUID]] = field(default_factory=dict)
    is_deleted: bool = False
    is_told: bool = True
    gap: str = ""


def subjects_of(table: str, keys: Collection[uuid.UUID]) -> dict[uuid.UUID, Subject]:
    """Records of a table by our keys, with the outside keys of what they hang on; absent ones are left out.

    Without their pictures: see :func:`pictures_of`.
    """
    rows = MODELS[table].objects.filter(pk__in=keys).select_related(*RELATED[table])
    made = [subject_of_row(table, row) for row in rows]
    outside = external_keys({pair for one in made for pair in one.keys.values()})
    for one in made:
        one.facts |= {name: str(outside[pair]) for name, pair in one.keys.items()}
        one.facts["companyCode"] = one.file.registration_code or None
        one.facts["tyshxydm"] = one.file.enterprise.credit_code if one.file.enterprise else None
        if not one.file.registration_code and not one.gap:
            one.gap = _("企业档案中没有化学品登记企业编码")
    return {one.pk: one for one in made}


def subject_of_row(table: str, row: Any) -> Subject:
    """One record that was read with :data:`RELATED`; the keys of its parents are ours."""
    makers: Mapping[str, Callable[[Any], Subject]] = {
        "unit": _unit, "event": _event, "measure": _measure, "task": _task, "stop": _stop, "record": _record,
        "danger": _danger,
    }  # fmt: skip
    subject = makers[table](row)
    subject.facts |= {name: str(pair[1]) for name, pair in subject.keys.items()}
    return subject


def external_keys(pairs: Collection[tuple[str, uuid.UUID]]) -> dict[tuple[str, uuid.UUID], uuid.UUID]:
    """The key under which a record is known outside: that of the system it came from, else our own."""
    found = {pair: pair[1] for pair in pairs}
    rows = ReceivedRow.objects.filter(subject_id__in={pk for _table, pk in pairs})
    for table, pk, key in rows.order_by("received_at", "pk").values_list("table", "subject_id", "external_id"):
        if pk is not None and (table, pk) in found:
            found[table, pk] = key
    return found


def keys_of_file(file: Enterprise, table: str) -> list[uuid.UUID]:
    """Our keys of everything that a file has in a table, what ended left out: to fill a new queue."""
    live = {"ended_date__isnull": True}
    rows: Any = {
        "unit": RiskUnit.objects.filter(object__file=file, object__ended_date__isnull=True, **live),
        "event": RiskEvent.objects.filter(unit__object__file=file, unit__ended_date__isnull=True, **live),
        "measure": Measure.objects.filter(event__unit__object__file=file, event__ended_date__isnull=True, **live),
        "task": CheckTask.objects.filter(file=file, measure__isnull=False, **live),
        "stop": UnitStop.objects.filter(file=file),
        "record": CheckRecord.objects.filter(file=file, task__measure__isnull=False),
        "danger": Finding.objects.filter(file=file).exclude(status__in=NOT_COUNTED),
    }.get(table)
    return [] if rows is None else list(rows.order_by("pk").values_list("pk", flat=True))


def units_of(row: RiskObject) -> list[tuple[str, uuid.UUID]]:
    """The units of an object that stand: their rows tell its facts."""
    units = RiskUnit.objects.filter(object=row, ended_date__isnull=True)
    return [("unit", pk) for pk in units.values_list("pk", flat=True)]


def below(row: RiskObject | RiskUnit | RiskEvent) -> list[tuple[str, uuid.UUID]]:
    """What hangs on a part of the risk list: units, events and measures that stood with it."""
    asked = {RiskObject: "unit__object", RiskUnit: "unit", RiskEvent: ""}[type(row)]
    found = units_of(row) if isinstance(row, RiskObject) else []
    if asked:
        events = RiskEvent.objects.filter(ended_date__isnull=True, **{asked: row})
        found += [("event", pk) for pk in events.values_list("pk", flat=True)]
    name = f"event__{asked}" if asked else "event"
    measures = Measure.objects.filter(ended_date__isnull=True, **{name: row})
    return found + [("measure", pk) for pk in measures.values_list("pk", flat=True)]


def _unit(row: RiskUnit) -> Subject:
    parent = row.object
    major = parent.kind == "hazard"
    facts = {
        "hazardCode": parent.code if major else None, "hazardCode1": None if major else parent.code,
        "hazardDep": parent.department, "hazardLiablePerson": parent.head, "riskUnitName": row.name,
        "riskLevel": str(row.static_level - 1) if row.static_level else None,
    }  # fmt: skip
    return Subject(row.pk, parent.file, row.name, row.created_at, facts, is_deleted=_has_ended(row, parent))


def _event(row: RiskEvent) -> Subject:
    gone = _has_ended(row, row.unit, row.unit.object)
    subject = Subject(
        row.pk, row.unit.object.file, row.name, row.created_at, {"riskEventName": row.name}, is_deleted=gone
    )
    return _hang(subject, "riskUnitId", "unit", row.unit_id)


def _measure(row: Measure) -> Subject:
    facts = {
        "dataSrc": row.mode, "riskMeasureDesc": row.text, "classify1": row.category, "classify2": row.subcategory,
        "classify3": row.own_class or None, "troubleshootContent": row.check_text,
    }  # fmt: skip
    gone = _has_ended(row, row.event, row.event.unit, row.event.unit.object)
    subject = Subject(row.pk, row.event.unit.object.file, row.text, row.created_at, facts, is_deleted=gone)
    return _hang(subject, "riskEventId", "event", row.event_id)


def _has_ended(*rows: Any) -> bool:
    return any(row.ended_date is not None for row in rows)


def _task(row: CheckTask) -> Subject:
    facts = {
        "troubleshootContent": row.content, "checkCycle": row.every, "checkCycleUnit": UNITS[row.cycle_unit].zh,
        "taskStartTime": row.starts_at, "workStartTime": row.window_start, "workEndTime": row.window_end,
        "workDayType": str(list(DAYS).index(row.days)), "workType": str(row.work_type),
        "taskNum": str(row.task_number) if row.task_number else None,
    }  # fmt: skip
    subject = Subject(row.pk, row.file, row.content, row.created_at, facts, is_deleted=_has_ended(row))
    if row.measure_id is None:
        subject.gap = _("任务没有关联管控措施，交换规范不收")
    return _hang(subject, "riskMeasureId", "measure", row.measure_id)


def _stop(row: UnitStop) -> Subject:
    facts = {
        "hazardCode": row.unit.object.code, "stopStartTime": row.begins_at, "stopEndTime": row.ends_at,
        "stopReason": row.reason,
    }  # fmt: skip
    subject = Subject(row.pk, row.file, row.reason, row.created_at, facts)
    if row.ends_at is None:
        subject.gap = _("停用尚未写明结束时间")
    return _hang(subject, "riskUnitId", "unit", row.unit_id)


def _record(row: CheckRecord) -> Subject:
    """Telephone numbers and device are opened for this alone; neither is kept in the queue."""
    phone = vault.reveal(vault.PHONE, row.person.phone) if row.person.phone else None
    facts = {
        "checkTime": row.at, "checkStatus": str(row.status), "isDefend": "1" if row.work_type else "0",
        "mobileMe": vault.reveal(_DEVICE, row.device) if row.device else None, "createByMobile": phone,
        "updateByMobile": phone,
    }  # fmt: skip
    subject = Subject(row.pk, row.file, row.content, row.received_at, facts)
    subject.is_told = row.task is not None and row.task.measure_id is not None
    if not facts["mobileMe"] or not phone:
        subject.gap = _("没有移动设备标识，或排查人没有登记手机号码")
    return _hang(subject, "checkTaskId", "task", row.task_id)


def _hang(subject: Subject, field_name: str, table: str, pk: uuid.UUID | None) -> Subject:
    """Let a record hang on another, which must have been taken before it."""
    if pk is not None:
        subject.keys[field_name] = (table, pk)
    return subject


def _danger(row: Finding) -> Subject:
    state = OFFICIAL[row.status]
    parent = row.object or (row.unit.object if row.unit else None)
    calendar = Calendar()
    names = _names(row)
    facts: dict[str, Any] = {
        "hazardCode": parent.code if parent else None, "dangerName": row.name,
        "dangerLevel": "1" if row.is_major else "0", "registTime": row.found_at, "registrant": row.finder_name,
        "dangerSrc": str(upload_of("source", row.source)),
        "dangerManageType": str(upload_of("manage", row.manage or "in_term")),
        "hazardDangerType": str(upload_of("type", row.type)),
        "hazardCategory": str(upload_of("category", row.category)), "dangerDesc": row.description or row.name,
        "dangerReason": row.cause or None, "controlMeasures": str(row.plan.get("measures") or "")[:1000] or None,
        "cost": format((row.cost_yuan / Decimal(10_000)).normalize(), "f") if row.cost_yuan is not None else None,
        "liablePerson": names[0],
        "dangerManageDeadline": calendar.end_of(row.deadline) if row.deadline else None,
        "dangerState": None if state is None else str(state),
        "managementClassification": _upload("classification", row.classification),
        "occurrenceLink": _upload("link", row.link),
    }  # fmt: skip
    if state == 9:
        facts |= {"checkAcceptPerson": names[1], "checkAcceptTime": row.accepted_at,
                  "checkAcceptComment": row.comment or None}  # fmt: skip
    gone = row.status in NO_DANGER
    subject = Subject(row.pk, row.file, row.name, row.created_at, facts, is_deleted=gone)
    _hang(subject, "riskMeasureId", "measure", row.measure_id)
    record = row.check_record
    if record is not None and record.task is not None and record.task.measure_id is not None:
        _hang(subject, "checkRecordId", "record", record.pk)
    subject.is_told = row.status != "DRAFT"
    if subject.is_deleted:
        facts["dangerState"] = "0"
    elif parent is None:
        subject.gap = _("隐患没有关联风险分析对象")
    elif row.deadline is None or not names[0]:
        subject.gap = _("尚未核实定级，还没有整改责任人和期限")
    return subject


def _names(row: Finding) -> tuple[str | None, str | None]:
    """Who rectifies and who accepted: of a danger from another system, the names that it told."""
    rectifier = row.rectifier.name if row.rectifier else str(row.plan.get("person") or "")
    accepter = row.accepted_by.name if row.accepted_by else str(row.plan.get("accepted_by") or "")
    return rectifier or None, accepter or None


def _upload(name: str, code: str) -> str | None:
    return str(upload_of(name, code)) if code else None


def pictures_of(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, bytes | None]]:
    """The pictures of dangers by field, for rows that go: megabytes each, so they are read for no row that stays."""
    links = files_of_many(Finding, keys)
    return {
        pk: {name: _picture(links.get(pk, ()), role) for name, role in _PICTURES.items()} for pk in keys
    }  # fmt: skip


def _picture(links: Iterable[FileLink], role: str) -> bytes | None:
    """The first picture of before or after that a receiver takes."""
    for link in links:
        if link.role == role and link.file.media_type in _FORMATS and link.file.size <= MOST_PICTURE:
            return _content(link.file)
    return None


def _content(file: StoredFile) -> bytes | None:
    """The picture as it is shown: encoded anew, without what the camera wrote of place and owner."""
    try:
        with store().open(file.digest) as opened:
            content = opened.read(MOST_PICTURE + 1)
    except FileNotFoundError:
        return None
    return content if len(content) <= MOST_PICTURE else None
