"""Tags (监测点位) entered, changed, taken out of service and back, confirmed, ended."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Model
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import Alarm, AlarmHold, HoldKind, Source, Tag, TagStatus, UnknownKey
from quancheng.domains.monitoring.services.sources import may_keep
from quancheng.domains.monitoring.services.tag_pairs import hold_pair, refuse_compared
from quancheng.domains.monitoring.services.tag_values import CODE, FIELDS, LIMIT_FIELDS, Checked, checked
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

#: A repair or calibration is expected to end within so many days [D].
LONGEST_SERVICE_DAYS = 90
_JUDGED = (TagStatus.LIVE, TagStatus.SERVICE)


def code_faults(code: str) -> dict[str, Text]:
    """What is wrong with the code of a new tag."""
    if CODE.match(code):
        return {}
    return {"code": _("点位编码为2至64个字母、数字或 _ . - ，以字母或数字开头。")}


def enter_tag(
    *, actor: Actor, file: Enterprise, code: str, known: Mapping[str, Any], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Tag:  # fmt: skip
    """Enter a tag of an enterprise, in use from now on.

    :param code: of one tag in the whole house. :param known: of ``tag_values.FIELDS``.
    :raises Invalid: by field; a limit that the standard forbids with its clause.
    :raises Conflict: the code, or the name at the source, is taken.
    """
    if not may_keep(actor, file):
        raise NotPermitted
    result = checked(file, known, None, today=Calendar().local_date(now))
    _refuse(code_faults(code) | result.wrong)

    def make() -> uuid.UUID:
        hold_pair(result.given, file=file, row=None)
        row = Tag.objects.create(**file.row_scope(), file=file, code=code, created_at=now, **_columns(result))
        _settle_key(row)
        note_tag(actor, "monitoring.tag.enter", row, now, {"code": code, **_told(result.given)})
        return row.pk

    body = {"file": file.pk, "code": code, **_told(known)}
    try:
        with transaction.atomic():
            pk, _made = once(
                actor=actor, client_id=client_id, act="monitoring.tag.enter", body=body, now=now, make=make
            )
    except IntegrityError as twice:
        raise _taken(twice) from twice
    return Tag.objects.get(pk=pk)


def change_tag(
    *, actor: Actor, row: Tag, version: int, known: Mapping[str, Any], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Tag:  # fmt: skip
    """Change what a tag is, all but its code; what ``known`` leaves out stands.

    :raises Invalid: by field. :raises StaleState: ended, not confirmed yet, or somebody saved meanwhile.
    """
    return _write(actor, row, version, known, now, client_id, act="change", allowed=_JUDGED)


def set_limits(
    *, actor: Actor, row: Tag, version: int, known: Mapping[str, Any], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Tag:  # fmt: skip
    """Set when a tag is an alarm. :param known: of ``tag_values.LIMIT_FIELDS`` and ``unit``; None clears a limit."""
    strange = sorted(set(known) - {*LIMIT_FIELDS, "unit"})
    if strange:
        raise Invalid(fields={strange[0]: _("不是限值。")})
    return _write(actor, row, version, known, now, client_id, act="limits", allowed=_JUDGED)


def find_tag(*, actor: Actor, source: Source, key: str, now: datetime) -> Tag:
    """Keep what a source tells under a name from now on, though nobody said yet what it is.

    :raises Conflict: there is a tag already under this name.
    """
    if not may_keep(actor, source.file):
        raise NotPermitted
    name = clean(key)[:100]
    code = re.sub(r"[^A-Za-z0-9_.\-]+", "-", f"{source.code}.{key}").strip("-.")[:64]
    try:
        with transaction.atomic():
            row = Tag.objects.create(
                **source.file.row_scope(), file=source.file, code=code, name=name, source=source, key=key,
                status=TagStatus.FOUND, created_at=now,
            )  # fmt: skip
            _settle_key(row)
            note_tag(actor, "monitoring.tag.find", row, now, {"code": code, "key": key})
    except IntegrityError as twice:
        raise _taken(twice) from twice
    return Tag.objects.get(pk=row.pk)


def confirm_tag(
    *, actor: Actor, row: Tag, version: int, known: Mapping[str, Any], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Tag:  # fmt: skip
    """Say what a found tag is; it is judged from now on. :raises StaleState: it is none, or somebody was faster."""
    return _write(actor, row, version, known, now, client_id, act="confirm", allowed=(TagStatus.FOUND,))


def put_into_service(*, actor: Actor, row: Tag, reason: str, until: datetime, now: datetime) -> None:
    """Put a tag under repair or calibration: its readings count as out of service.

    :raises Invalid: no reason, or an end that has passed or lies more than ``LONGEST_SERVICE_DAYS`` ahead.
    :raises StaleState: it is not in use.
    """
    _may_keep(actor, row)
    out = AlarmHold.objects.filter(tag=row, kind=HoldKind.OOS, type="", status="STANDING")
    if row.is_critical and not out.exists():
        # Under repair nothing of it is judged: for what is safety critical two persons, a ticket and a measure.
        raise Conflict(_("安全关键点位须先按“报警停用”办理（全部报警，第二人批准），再转入检维修。"))
    wrong: dict[str, Text] = {}
    if not clean(reason):
        wrong["reason"] = _("请写明原因。")
    if not now < until <= now + timedelta(days=LONGEST_SERVICE_DAYS):
        wrong["until"] = _("预计结束时间须在%(days)s天内。") % {"days": LONGEST_SERVICE_DAYS}
    _refuse(wrong)
    changes = {"status": TagStatus.SERVICE, "service_reason": clean(reason)[:300], "service_until": until}
    _move(actor, row, (TagStatus.LIVE,), "service", changes, {"reason": changes["service_reason"], "until": until}, now)


def return_to_service(*, actor: Actor, row: Tag, now: datetime) -> None:
    """Repair or calibration is over. :raises StaleState: it was under none."""
    _may_keep(actor, row)
    changes = {"status": TagStatus.LIVE, "service_reason": "", "service_until": None}
    _move(actor, row, (TagStatus.SERVICE,), "return", changes, {"reason": row.service_reason}, now)


def end_tag(*, actor: Actor, row: Tag, reason: str, now: datetime) -> None:
    """End a tag for good; its readings stay.

    :raises Invalid: no reason. :raises Conflict: others are compared with it. :raises StaleState: it has ended.
    """
    _may_keep(actor, row)
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    changes = {
        "status": TagStatus.ENDED, "ended_date": Calendar().local_date(now), "ended_reason": clean(reason)[:300],
    }  # fmt: skip
    going = (TagStatus.FOUND, TagStatus.LIVE, TagStatus.SERVICE)
    with transaction.atomic():
        refuse_compared(row)
        _move(actor, row, going, "end", changes, {"reason": changes["ended_reason"]}, now)


def withdraw_tag(*, actor: Actor, row: Tag, now: datetime) -> None:
    """Take back a tag that was just entered by mistake. :raises Conflict: it was changed or exempted since."""
    _may_keep(actor, row)
    with transaction.atomic():
        refuse_compared(row)
        mine = Tag.objects.visible_to(actor).filter(pk=row.pk, version=1, exemptions__isnull=True)
        if not mine.exists():
            raise Conflict(_("该点位已修改过或有豁免，不能撤销登记，请改为停用。"))
        note_tag(actor, "monitoring.tag.withdraw", row, now, {"code": row.code})
        Tag.objects.filter(pk=row.pk).delete()


def note_tag(actor: Actor, act: str, row: Tag, now: datetime, facts: Mapping[str, Any]) -> None:
    """Write an act on a tag into the journal of its enterprise."""
    journal.record(
        actor=actor, act=act, subject_type=Tag.row_type(), subject_id=row.pk, org_id=row.file_id, facts=facts, now=now
    )


def _write(
    actor: Actor, row: Tag, version: int, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None, *,
    act: str, allowed: tuple[TagStatus, ...],
) -> Tag:  # fmt: skip
    _may_keep(actor, row)
    result = checked(row.file, known, row, today=Calendar().local_date(now))
    if act == "limits" and result.given["unit"] != row.unit:
        result.wrong.setdefault("unit", _("限值须以该点位的量纲填写。"))
    if (result.given["source"], result.given["key"]) != (row.source, row.key) and _alarms_unheld(row):
        words = _("该点位有未恢复的报警，须待报警恢复，或先办理停用（检修、校验），再更换数据来源。")
        result.wrong.setdefault("source" if result.given["source"] != row.source else "key", words)
    _refuse(result.wrong)
    before = {name: value for name, value in _told(_standing(row)).items() if _told(result.given)[name] != value}
    columns = _columns(result)
    if act == "confirm":
        columns["status"] = TagStatus.LIVE

    def do() -> uuid.UUID:
        hold_pair(result.given, file=row.file, row=row)
        mine = Tag.objects.visible_to(actor).filter(pk=row.pk, version=version, status__in=allowed)
        if not mine.update(**columns, version=version + 1):
            raise StaleState(_("他人刚刚修改了此项，或它已停用，请刷新后核对再改。"))
        after = {name: _told(result.given)[name] for name in before}
        row.refresh_from_db()
        _settle_key(row)
        note_tag(actor, f"monitoring.tag.{act}", row, now, {"before": before, "after": after})
        return row.pk

    body = {"row": row.pk, "version": version, **_told(known)}
    try:
        with transaction.atomic():
            once(actor=actor, client_id=client_id, act=f"monitoring.tag.{act}", body=body, now=now, make=do)
    except IntegrityError as twice:
        raise _taken(twice) from twice
    row.refresh_from_db()
    return row


def _move(
    actor: Actor, row: Tag, allowed: tuple[TagStatus, ...], act: str, changes: Mapping[str, Any],
    facts: Mapping[str, Any], now: datetime,
) -> None:  # fmt: skip
    with transaction.atomic():
        mine = Tag.objects.visible_to(actor).filter(pk=row.pk, status__in=allowed)
        if not mine.update(**changes, version=F("version") + 1):
            raise StaleState(_("该点位的状态已改变，请刷新后核对。"))
        note_tag(actor, f"monitoring.tag.{act}", row, now, facts)
    row.refresh_from_db()


def _may_keep(actor: Actor, row: Tag) -> None:
    if not may_keep(actor, row.file):
        raise NotPermitted


def _refuse(wrong: Mapping[str, Text]) -> None:
    if wrong:
        raise Invalid(fields=wrong)


def _alarms_unheld(row: Tag) -> bool:
    """Whether an alarm stands that a change of the source would silence, and nobody allowed that it be put aside."""
    held = AlarmHold.objects.filter(tag=row, kind=HoldKind.OOS, status="STANDING").exists()
    return not held and Alarm.objects.filter(tag=row, cleared_at__isnull=True).exists()


def _columns(result: Checked) -> dict[str, Any]:
    return {**result.given, "is_loosened": result.is_loosened}


def _standing(row: Tag) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS}


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as journal and digest take them: rows by their words."""
    return {name: str(value) if isinstance(value, Model) else value for name, value in values.items()}


def _settle_key(row: Tag) -> None:
    """One name of a source means one tag; it is unknown no longer."""
    if row.source_id is None:
        return
    named = row.key or row.code
    others = Tag.objects.filter(source=row.source_id).exclude(pk=row.pk).exclude(status=TagStatus.ENDED)
    if others.filter(key=named).exists() or (row.key and others.filter(key="", code=named).exists()):
        sentence = _("该接入源已有点位使用此名称。")
        raise Conflict(sentence, fields={"key": sentence})
    UnknownKey.objects.filter(source=row.source_id, key=named).delete()


def _taken(twice: IntegrityError) -> Conflict:
    if "tag_key_once" in str(twice):
        sentence = _("该接入源已有点位使用此名称。")
        return Conflict(sentence, fields={"key": sentence})
    sentence = _("已有点位使用该编码。")
    return Conflict(sentence, fields={"code": sentence})
