"""What is told of permits and alarms to an upper platform: the items of AQ 3064.2-2025, tables A.1 and A.3.

Of several gas tests the newest is told, and before its event a planned time stands for the real one [D].
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from quancheng.domains.hazards.queries.exchange_facts import Subject
from quancheng.domains.permits.models import Part, Permit, PermitPerson, WorkAlarm
from quancheng.domains.permits.queries.facts import STATES
from quancheng.domains.permits.queries.loading import Loaded, load_many
from quancheng.domains.permits.queries.papers import certificates_for
from quancheng.domains.registry.models import Contact, Enterprise
from quancheng.domains.training.queries.certificates import whole_number
from quancheng.kernel.vault import services as vault
from quancheng.standards.aq3064 import exchanged, status_of, ticket_type
from quancheng.standards.gb30871.gas import QUANTITIES
from quancheng.standards.gb30871.gases import gas_named

#: Ends by which a permit was changed: its work goes on under a new one (4.16, 4.17).
_CHANGED = ("WORK_CHANGED", "CONDITIONS_CHANGED")


def subjects_of(table: str, keys: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Subject]:
    """Permits or alarms by our keys; absent ones are left out. Numbers of telephones and certificates are opened for
    this alone, none is kept in the queue."""
    return _tickets(keys) if table == "ticket" else _alarms(keys)


def keys_of_file(file: Enterprise, table: str) -> Iterable[uuid.UUID]:
    """Our keys of all that a file has: what was asked for and is open, or ended; and their alarms."""
    if table == "ticket":
        rows: Any = Permit.objects.filter(file=file).exclude(number="")
    else:
        rows = WorkAlarm.objects.filter(permit__file=file).exclude(permit__number="")
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _tickets(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, Subject]:
    rows = Permit.objects.filter(pk__in=keys).select_related(
        "file__enterprise", "file__area", "area", "unit", "facility"
    )
    loaded = load_many(list(rows))
    phones = _phones({one.permit.file_id for one in loaded.values()})
    return {pk: _ticket(one, phones) for pk, one in loaded.items()}


def _phones(files: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Sealed numbers of those who answer for the enterprises, for leaders who told none."""
    rows = Contact.objects.filter(file__in=files).exclude(phone="").order_by("-role", "-pk")
    return {one.file_id: one.phone for one in rows}


def _ticket(rows: Loaded, phones: Mapping[uuid.UUID, str]) -> Subject:
    permit, file = rows.permit, rows.permit.file
    # Whoever handed over worked on it too (items 17 and 18 are lists).
    crew = {part: [one for one in rows.people if one.part == part] for part in Part.values}
    leader = next((one.person for one in rows.crew if one.part == Part.LEADER), None)
    sealed = (leader.phone if leader is not None else "") or phones.get(file.pk, "")
    held = [row for one in crew[Part.WORKER] for row in certificates_for(rows, one)]
    where = f"{permit.facility or permit.unit or ''} {permit.place}".strip()
    facts: dict[str, Any] = {
        "COMPANY_NAME": file.enterprise.name if file.enterprise else None,
        "COMPANY_CODE": file.registration_code or None,
        "TICKET_TYPE": ticket_type(permit.kind, permit.effective or permit.level), "ISSUE_TIME": permit.issued_at,
        "START_TIME": permit.started_at or permit.window_start, "END_TIME": permit.finished_at or permit.window_end,
        "TICKET_POSITION": where, "TICKET_CONTENT": permit.content, "CHECKED_TIME": permit.accepted_at,
        "LONGITUDE": permit.lon, "LATITUDE": permit.lat, "TICKET_STATUS": status_of(STATES[permit.status]),
        "SUPERVISOR_NAME": _names(crew[Part.GUARDIAN]) or None,
        "WORKER_NAME": _names(crew[Part.WORKER]) or None,
        "WORKER_CERTI_NAME": ",".join(row.kind.name for row in held) or None,
        "WORKER_CERTI_NUM": ",".join(whole_number(row) for row in held) or None, "WORK_DEPARTMENT": permit.work_unit,
        "IS_CONTRACTOR_WORK": "1" if permit.work.get("is_contractor") is True else "0",
        "TICKET_RESPONS_NAME": leader.name if leader is not None else None,
        "MAJOR_PERSON_MOBILE": vault.reveal(vault.PHONE, sealed) if sealed else None,
        **_gas(rows), **_ended(permit),
    }  # fmt: skip
    subject = Subject(permit.pk, file, permit.title, permit.created_at, facts)
    # Without a number it was never asked for: a draft, or one that ended as a draft.
    subject.is_told = permit.number != "" and facts["TICKET_STATUS"] is not None and not _is_lost(permit)
    subject.gap = _gap(facts)
    return subject


def _names(people: Iterable[PermitPerson]) -> str:
    return ",".join({one.person_id: one.person.name for one in people}.values())


def _gas(rows: Loaded) -> dict[str, Any]:
    if not rows.gas:
        return {}
    newest = rows.gas[0]
    known = gas_named(newest.gas) if newest.gas else None
    name = known.name.zh if known is not None else QUANTITIES[newest.quantity].zh
    return {"GAS_NAME": name, "GAS_TIME": newest.sampled_at, "GAS_VALUE": newest.value}


def _ended(permit: Permit) -> dict[str, Any]:
    changed, cancelled = permit.end_event in _CHANGED, permit.status == "CANCELLED"
    return {
        "IS_CHANGED": "1" if changed else "0", "CHANGED_CAUSE": permit.end_reason or None if changed else None,
        "IS_CANCELLED": "1" if cancelled else "0", "CANCELLED_CAUSE": permit.end_reason or None if cancelled else None,
    }  # fmt: skip


def _is_lost(permit: Permit) -> bool:
    """Whether it ended before anybody issued it and without a place, which nobody tells any more: it never goes, and
    nothing of it waits."""
    return permit.lon is None and permit.issued_at is None and permit.ended_at is not None


def _gap(facts: Mapping[str, Any]) -> str:
    """What is still missing here before a permit can go."""
    if not facts["COMPANY_CODE"]:
        return _("企业档案中没有化学品登记企业编码")
    if facts["LONGITUDE"] is None:
        return _("还没有登记作业点位置")
    if not facts["MAJOR_PERSON_MOBILE"]:
        return _("作业负责人和企业责任人员都没有登记手机号码")
    return ""


def _alarms(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, Subject]:
    rows = WorkAlarm.objects.filter(pk__in=keys).select_related("permit__file__enterprise")
    found: dict[uuid.UUID, Subject] = {}
    for row in rows:
        file = row.permit.file
        facts = {
            "TICKET_ID": str(row.permit_id), "ALARM_START_TIME": row.began_at, "ALARM_TYPE": row.code,
            "ALARM_END_TIME": row.ended_at, "ALARM_RESULT": _result(row) or None,
        }  # fmt: skip
        subject = Subject(row.pk, file, row.title, row.began_at, facts, keys={"TICKET_ID": ("ticket", row.permit_id)})
        subject.is_told = exchanged(row.code) and row.permit.number != "" and not _is_lost(row.permit)
        if not file.registration_code:
            subject.gap = _("企业档案中没有化学品登记企业编码")
        found[row.pk] = subject
    return found


def _result(row: WorkAlarm) -> str:
    return f"误报：{row.result}" if row.status == "FALSE" else row.result
