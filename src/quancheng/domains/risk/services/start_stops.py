"""Start-ups and shut-downs (开停车): written, confirmed, approved by another, told, received, monitored, ended."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import StartStop, StartStopPart, StartStopWatch
from quancheng.domains.risk.services.analyses import may_analyse
from quancheng.domains.risk.services.keeping import note
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import act_once, once
from quancheng.kernel.pages.times import time_text
from quancheng.standards.risk import start_stop as standard

FIELDS = (
    "kind", "title", "units", "facilities", "planned_from", "planned_to", "actual_from", "leader", "analysis", "risks",
    "measures",
)  # fmt: skip
_LENGTHS = {"title": 200, "leader": 60, "risks": 2000, "measures": 2000}
ANSWERS = ("yes", "na", "no")
#: Working days within which the office receives a notice. [D]
RECEIVE_DAYS = 1


def enter_start_stop(
    *, actor: Actor, file: Enterprise, known: Mapping[str, Any], evidence: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> StartStop:  # fmt: skip
    """Begin a notice for one's own enterprise.

    :param known: of :data:`FIELDS`; rows for units, facilities and analysis, aware times. :raises Invalid: by field.
    """
    if not may_analyse(actor, file.pk):
        raise NotPermitted

    def make() -> uuid.UUID:
        given, units, facilities = _given(file.pk, known, now)
        row = StartStop(
            **file.row_scope(), code=next_code(StartStop, "KT", now=now), file=file, supervisor_id=file.supervisor_id,
            unmet=_unmet(given["kind"], {}), created_at=now, **given,
        )  # fmt: skip
        made = enter(actor=actor, row=row, now=now, facts={"kind": row.kind, "from": row.planned_from})
        _put_parts(made, units, facilities)
        if evidence:
            attach_files(actor=actor, row=made, file_ids=list(evidence), now=now)
        return made.pk

    body = {"file": file.pk, "title": clean(known.get("title") or "")}
    body |= {name: known.get(name) for name in ("kind", "planned_from", "actual_from")}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="risk.start_stop.enter", body=body, now=now, make=make)
    return StartStop.objects.get(pk=pk)


def change_start_stop(
    *, actor: Actor, row: StartStop, known: Mapping[str, Any], evidence: Sequence[uuid.UUID], now: datetime
) -> StartStop:
    """Change a draft; of another kind other conditions are confirmed. :raises StaleState: it is no draft."""
    if not may_analyse(actor, row.file_id):
        raise NotPermitted
    given, units, facilities = _given(row.file_id, known, now)
    kept = row.conditions if given["kind"] == row.kind else {}
    with transaction.atomic():
        won = StartStop.objects.filter(pk=row.pk, status="DRAFT", updated_at=row.updated_at)
        changes = {**given, "conditions": kept, "unmet": _unmet(given["kind"], kept), "updated_at": now}
        if not won.update(**changes):
            raise StaleState(_("只有编制中的可以修改，请刷新后核对。"))
        StartStopPart.objects.filter(notice=row).delete()
        _put_parts(row, units, facilities)
        if evidence:
            attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        note(actor, "risk.start_stop.change", row.file_id, row, now, {"kind": given["kind"], "title": given["title"]})
    row.refresh_from_db()
    return row


def confirm_conditions(
    *, actor: Actor, row: StartStop, answers: Mapping[str, str], texts: Mapping[str, str], now: datetime
) -> StartStop:
    """Confirm what must hold before, one by one; who confirmed what on which day is kept.

    :param answers: by code ``yes``, ``na`` (with a reason), ``no``, or empty for not yet.
    :raises Invalid: at ``answer_<code>`` or ``text_<code>``. :raises StaleState: it is no draft.
    """
    if not may_analyse(actor, row.file_id):
        raise NotPermitted
    asked = {one.code for one in standard.conditions(row.kind)}
    wrong: dict[str, Text] = {}
    today = Calendar().local_date(now).isoformat()
    kept: dict[str, Any] = {}
    for code, answer in answers.items():
        text = clean(texts.get(code, ""))
        if code not in asked or answer not in ("", *ANSWERS):
            wrong[f"answer_{code}"] = _("没有这个选项。")
        elif answer in ("na", "no") and not text:
            wrong[f"text_{code}"] = _("请写明不适用的理由，或不满足的情况。")
        elif len(text) > 300:
            wrong[f"text_{code}"] = _("最多%(count)s个字。") % {"count": 300}
        elif answer:
            was = row.conditions.get(code, {})
            same = (was.get("answer"), was.get("text")) == (answer, text)
            kept[code] = was if same else {"answer": answer, "text": text, "who": actor.name, "day": today}
    if wrong:
        raise Invalid(fields=wrong)
    merged = {**row.conditions, **kept}
    for code, answer in answers.items():
        if not answer:
            merged.pop(code, None)
    with transaction.atomic():
        won = StartStop.objects.filter(pk=row.pk, status="DRAFT", updated_at=row.updated_at)
        if not won.update(conditions=merged, unmet=_unmet(row.kind, merged), updated_at=now):
            raise StaleState(_("只有编制中的可以修改，请刷新后核对。"))
        told = {code: one["answer"] for code, one in merged.items()}
        note(actor, "risk.start_stop.confirm", row.file_id, row, now, {"conditions": told})
    row.refresh_from_db()
    return row


def submit_start_stop(*, actor: Actor, row: StartStop, now: datetime, client_id: uuid.UUID | None = None) -> StartStop:
    """Hand a notice to the responsible person. :raises Conflict: analysis, measures or confirmations are missing."""

    def act() -> None:
        if not row.measures:
            raise Conflict(_("请先填写控制措施。"))
        if row.analysis_id is None and not files_of_many(StartStop, [row.pk]).get(row.pk):
            raise Conflict(_("请先选择有效的风险分析，或上传风险分析材料。"))
        if row.unmet:
            raise Conflict(_("还有%(count)s项开停车条件没有确认。") % {"count": row.unmet})
        move(actor=actor, row=row, name="submit", now=now, facts={"kind": row.kind})

    return _act(actor=actor, row=row, name="submit", body={}, now=now, client_id=client_id, act=act)


def report_emergency(*, actor: Actor, row: StartStop, now: datetime, client_id: uuid.UUID | None = None) -> StartStop:
    """Tell the office of an emergency shut-down that has begun."""
    move(
        actor=actor, row=row, name="report", now=now, changes={**_told(now), "watch_due_at": _next_watch(now)},
        facts={"kind": row.kind}, client_id=client_id,
    )  # fmt: skip
    return row


def approve_start_stop(
    *, actor: Actor, row: StartStop, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> StartStop:
    """The responsible person approves it, and the office is told.

    :raises NotPermitted: who submitted it. :raises StaleState: its analysis is in force no more.
    """
    changes = {**_told(now), "approved_by": actor.name, "approved_at": now}
    given = {"text": clean(text)[:500]}

    def act() -> None:
        move(actor=actor, row=row, name="approve", now=now, given=given, changes=changes)

    return _act(actor=actor, row=row, name="approve", body=given, now=now, client_id=client_id, act=act)


def receive_start_stop(*, actor: Actor, row: StartStop, now: datetime, client_id: uuid.UUID | None = None) -> StartStop:
    """The office has received the notice, whatever has happened of it since."""

    def act() -> None:
        name = "receive_over" if row.actual_to else "receive_running" if row.actual_from else "receive"
        changes: dict[str, Any] = {"received_by": actor.name, "received_at": now}
        if name == "receive_over":
            changes["closed_at"] = now
        move(actor=actor, row=row, name=name, now=now, changes=changes)

    return _act(actor=actor, row=row, name="receive", body={}, now=now, client_id=client_id, act=act)


def start_start_stop(
    *, actor: Actor, row: StartStop, at: datetime | None, now: datetime, client_id: uuid.UUID | None = None
) -> StartStop:
    """It began at a time, or now. :raises Invalid: at ``at``, it lies ahead, or before the approval."""

    def act() -> None:
        began = at or now
        wrong = _("不能晚于现在。") if began > now else None
        if row.approved_at is not None and began < row.approved_at:
            wrong = _("不能早于审批时间%(time)s。") % {"time": time_text(row.approved_at)}
        if wrong:
            raise Invalid(fields={"at": wrong})
        changes = {"actual_from": began, "watch_due_at": _next_watch(began)}
        name = "start_early" if row.status == "NOTICED" else "start"
        move(actor=actor, row=row, name=name, now=now, given={"at": began.isoformat()}, changes=changes)

    return _act(actor=actor, row=row, name="start", body={"at": at}, now=now, client_id=client_id, act=act)


def watch_start_stop(
    *, actor: Actor, row: StartStop, at: datetime | None, step: str, is_normal: bool, text: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> StartStop:  # fmt: skip
    """Record what was seen while it runs, at a time or now; the next record is owed ``WATCH_HOURS`` after it.

    :raises Invalid: by field; what is not normal is not told.
    """
    said: dict[str, Any] = {"step": clean(step)[:200], "normal": is_normal, "text": clean(text)[:1000]}

    def act() -> None:
        seen = at or now
        wrong: dict[str, Text] = {}
        if seen > now:
            wrong["at"] = _("不能晚于现在。")
        elif row.actual_from is not None and seen < row.actual_from:
            wrong["at"] = _("不能早于实际开始时间%(time)s。") % {"time": time_text(row.actual_from)}
        if not said["step"]:
            wrong["step"] = _("请填写此项。")
        if not is_normal and not said["text"]:
            wrong["text"] = _("请写明异常情况和处置。")
        if wrong:
            raise Invalid(fields=wrong)
        last = max([seen, *row.watches.values_list("at", flat=True)])
        changes = {"watch_due_at": _next_watch(last), "abnormal": row.abnormal + (not is_normal)}
        name = "watch_early" if row.status == "NOTICED" else "watch"
        move(actor=actor, row=row, name=name, now=now, given={"at": seen.isoformat(), **said}, changes=changes)
        StartStopWatch.objects.create(
            notice=row, at=seen, step=said["step"], is_normal=is_normal, text=said["text"], by_name=actor.name[:130],
            entered_at=now,
        )  # fmt: skip

    return _act(actor=actor, row=row, name="record", body={"at": at, **said}, now=now, client_id=client_id, act=act)


def finish_start_stop(
    *, actor: Actor, row: StartStop, at: datetime | None, is_reached: bool, text: str, evidence: Sequence[uuid.UUID],
    now: datetime, client_id: uuid.UUID | None = None,
) -> StartStop:  # fmt: skip
    """It ended at a time, or now, with or without having reached what it was for. :raises Invalid: by field."""
    said: dict[str, Any] = {"reached": is_reached, "text": clean(text)[:1000]}

    def act() -> None:
        ended = at or now
        wrong: dict[str, Text] = {}
        if ended > now:
            wrong["at"] = _("不能晚于现在。")
        elif row.actual_from is not None and ended < row.actual_from:
            wrong["at"] = _("不能早于实际开始时间%(time)s。") % {"time": time_text(row.actual_from)}
        if not said["text"]:
            wrong["text"] = _("请写明结束情况。")
        if wrong:
            raise Invalid(fields=wrong)
        if evidence:
            attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        name = "finish_early" if row.status == "NOTICED" else "finish"
        changes = {"actual_to": ended, "is_reached": is_reached, "outcome": said["text"]}
        if name == "finish":
            changes["closed_at"] = now
        given = {"at": ended.isoformat(), "reached": is_reached, "text": said["text"][:500]}
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes)

    return _act(actor=actor, row=row, name="finish", body={"at": at, **said}, now=now, client_id=client_id, act=act)


def answer_start_stop(
    *, actor: Actor, row: StartStop, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> StartStop:
    """``return`` (the approver), ``send_back`` (the office), ``revise``, ``cancel``. :raises Invalid: no reason."""
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    changes: dict[str, Any] = {"closed_at": now} if name == "cancel" else {}
    if name in ("send_back", "revise"):
        # What was approved is another plan.
        changes |= {"approved_by": "", "approved_at": None, "received_by": "", "received_at": None}
    with transaction.atomic():
        _lock(row)
        move(
            actor=actor, row=row, name=name, now=now, given={"reason": clean(reason)[:500]}, changes=changes,
            client_id=client_id,
        )  # fmt: skip
    return row


def _act(
    *, actor: Actor, row: StartStop, name: str, body: Mapping[str, Any], now: datetime,
    client_id: uuid.UUID | None, act: Callable[[], None],
) -> StartStop:  # fmt: skip
    act_once(actor=actor, row=row, act=f"risk.start_stop.{name}", body=body, now=now, client_id=client_id, do=act)
    return row


def _lock(row: StartStop) -> None:
    """What a move depends on is read under a lock: in one state several things may be recorded at once."""
    StartStop.objects.select_for_update(no_key=True).filter(pk=row.pk).values_list("pk").get()
    row.refresh_from_db()


def _told(now: datetime) -> dict[str, Any]:
    calendar = Calendar()
    day = calendar.add_working_days(calendar.local_date(now), RECEIVE_DAYS)
    return {"receive_by_at": calendar.end_of(day)}


def _next_watch(at: datetime) -> datetime:
    return at + timedelta(hours=standard.WATCH_HOURS)


def _unmet(kind: str, answers: Mapping[str, Any]) -> int:
    return sum(answers.get(one.code, {}).get("answer") not in ("yes", "na") for one in standard.conditions(kind))


def _given(
    file_id: uuid.UUID, known: Mapping[str, Any], now: datetime
) -> tuple[dict[str, Any], Sequence[Any], Sequence[Any]]:
    wrong: dict[str, Text] = {}
    given: dict[str, Any] = {name: known.get(name) for name in FIELDS}
    for name, most in _LENGTHS.items():
        given[name] = clean(given[name] or "")
        if len(given[name]) > most:
            wrong[name] = _("最多%(count)s个字。") % {"count": most}
    kind = standard.KINDS.get(given["kind"] or "")
    if kind is None:
        raise Invalid(fields={"kind": _("请选择开停车类别。")})
    for name in ("title", "leader", "risks"):
        if not given[name]:
            wrong[name] = _("请填写此项。")
    units, facilities = list(given.pop("units") or []), list(given.pop("facilities") or [])
    if not units and not facilities:
        wrong["units"] = _("请选择开停车的单元或设施。")
    if any(one.object.file_id != file_id for one in units):
        wrong["units"] = _("风险分析单元不属于该企业。")
    if any(one.unit.file_id != file_id for one in facilities):
        wrong["facilities"] = _("登记设施不属于该企业。")
    analysis = given["analysis"]
    if analysis is not None and (analysis.file_id != file_id or analysis.status != "IN_FORCE"):
        wrong["analysis"] = _("请选择该企业有效的风险分析。")
    _times(given, kind, wrong, now)
    if wrong:
        raise Invalid(fields=wrong)
    return given, units, facilities


def _times(given: dict[str, Any], kind: standard.Kind, wrong: dict[str, Text], now: datetime) -> None:
    begins, ends, began = given["planned_from"], given["planned_to"], given["actual_from"]
    if kind.is_planned:
        if began is not None:
            wrong["actual_from"] = _("只有紧急停车在登记时填写实际开始时间。")
        if begins is None:
            wrong["planned_from"] = _("请填写时间。")
        elif begins < now:
            wrong["planned_from"] = _("计划开始时间不能早于现在，应事先通知。")
        given["due_at"] = begins
    else:
        if began is None:
            wrong["actual_from"] = _("请填写紧急停车的实际开始时间。")
        elif began > now:
            wrong["actual_from"] = _("不能晚于现在。")
        else:
            begins = given["planned_from"] = began
            given["due_at"] = began + timedelta(hours=standard.TELL_HOURS)
    if ends is None:
        wrong["planned_to"] = _("请填写时间。")
    elif begins is not None and ends <= begins:
        wrong["planned_to"] = _("计划结束时间应晚于开始时间。")


def _put_parts(row: StartStop, units: Sequence[Any], facilities: Sequence[Any]) -> None:
    parts = [
        StartStopPart(notice=row, unit=one, plant=one.facility.unit if one.facility else one.object.place)
        for one in units
    ]
    parts += [StartStopPart(notice=row, facility=one, plant=one.unit) for one in facilities]
    StartStopPart.objects.bulk_create(parts)
