"""Filing work with the regulator (作业报备): from a permit in one act, by hand, and what becomes of it."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import FilingClassCode, FilingLead, Kind, Permit, WorkFiling
from quancheng.domains.permits.queries import filings as queries
from quancheng.domains.permits.queries.audits import RULES
from quancheng.domains.permits.queries.filings import EMERGENCY, SHUTDOWN
from quancheng.domains.permits.queries.permits import REQUEST
from quancheng.domains.permits.services.auditing import HOUSE
from quancheng.domains.permits.services.checking import is_far, require_own
from quancheng.domains.permits.services.setting import set_once
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, DomainError, Invalid, NotPermitted, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.standards.gb30871.audit.filing import doubts, due_at
from quancheng.standards.gb30871.kinds import levels

log = logging.getLogger(__name__)
_LONGEST = timedelta(days=180)
#: What of a filing a person gave: the same again is the same request.
_GIVEN = (
    "file_id", "permit_id", "code", "kind", "level", "apply_unit", "work_unit", "is_contractor", "place", "content",
    "starts_at", "ends_at", "people_count", "leader", "cameras", "phoned_at", "phoned_to",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an enterprise tells of a job that it files by hand."""

    code: str
    kind: str = ""
    level: str = ""
    apply_unit: str
    work_unit: str
    is_contractor: bool = False
    place: str
    content: str
    starts_at: datetime
    ends_at: datetime
    people_count: int | None = None
    leader: str
    cameras: str = ""
    phoned_at: datetime | None = None
    phoned_to: str = ""
    files: Sequence[uuid.UUID] = ()


def file_permit(
    *, actor: Actor, permit: Permit, cameras: str = "", phoned_at: datetime | None = None, phoned_to: str = "",
    now: datetime, client_id: uuid.UUID | None = None,
) -> WorkFiling:  # fmt: skip
    """File a permit in one act: all that is told stands on it, but of an emergency when it was phoned to whom.

    :raises Invalid: by field. :raises Conflict: it is filed already, or has ended. :raises NotPermitted: another's.
    """
    require_own(actor, permit.file, REQUEST)
    if not queries.may_file(permit):
        raise Conflict(_("作业票提交申请后、结束前才能报备。"))
    code = queries.class_of_permit(permit)
    if wrong := _phone(code, phoned_at, phoned_to, now):
        raise Invalid(fields=wrong)
    row = WorkFiling(
        **_scope(permit.file), file=permit.file, permit=permit, code=code, kind=permit.kind,
        level=permit.effective or permit.level, apply_unit=permit.apply_unit, work_unit=permit.work_unit,
        is_contractor=permit.work.get("is_contractor") is True, place=permit.place, content=permit.content,
        starts_at=permit.window_start, ends_at=permit.window_end, people_count=queries.people_on(permit),
        leader=queries.leader_of(permit), cameras=clean(cameras)[:200], due_at=queries.filing_due(permit, code),
        submitted_at=now,
        phoned_at=phoned_at if code == EMERGENCY else None,
        phoned_to=clean(phoned_to)[:120] if code == EMERGENCY else "",
    )  # fmt: skip
    return _submit(actor, row, (), now, client_id)


def file_by_hand(
    *, actor: Actor, file: Enterprise, told: Told, now: datetime, client_id: uuid.UUID | None = None
) -> WorkFiling:
    """File a shutdown, an emergency repair or any job without a permit yet. :raises Invalid: by field."""
    require_own(actor, file, REQUEST)
    if wrong := _wrong(told, now):
        raise Invalid(fields=wrong)
    lead = queries.leads()[told.code]
    row = WorkFiling(
        **_scope(file), file=file, code=told.code, kind=told.kind, level=told.level,
        apply_unit=clean(told.apply_unit)[:80], work_unit=clean(told.work_unit)[:80],
        is_contractor=told.is_contractor, place=clean(told.place)[:200], content=clean(told.content)[:1000],
        starts_at=told.starts_at, ends_at=told.ends_at, people_count=told.people_count,
        leader=clean(told.leader)[:60], cameras=clean(told.cameras)[:200], phoned_at=told.phoned_at,
        phoned_to=clean(told.phoned_to)[:120], due_at=due_at(told.code, told.starts_at, lead), submitted_at=now,
    )  # fmt: skip
    return _submit(actor, row, told.files, now, client_id)


def _scope(file: Enterprise) -> dict[str, object]:
    return file.row_scope(owner=file.supervisor_id)


def _wrong(told: Told, now: datetime) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    if told.code not in FilingClassCode.values:
        wrong["code"] = _("没有这个选项。")
    for name in ("apply_unit", "work_unit", "place", "content", "leader"):
        if not clean(getattr(told, name)):
            wrong[name] = _("请填写此项。")
    for name in ("starts_at", "ends_at"):
        if (at := getattr(told, name)) is not None and is_far(at, now):
            wrong[name] = _("时间超出范围。")
    if {"starts_at", "ends_at"} & set(wrong):
        return wrong
    if told.ends_at <= told.starts_at:
        wrong["ends_at"] = _("结束时间应晚于开始时间。")
    elif told.ends_at - told.starts_at > _LONGEST:
        wrong["ends_at"] = _("作业时间过长。")
    if told.kind and told.kind not in Kind.values:
        wrong["kind"] = _("没有这个选项。")
    elif told.level and (not told.kind or told.level not in levels(told.kind)):
        wrong["level"] = _("该类作业没有这个级别。")
    return wrong | _phone(told.code, told.phoned_at, told.phoned_to, now)


def _phone(code: str, at: datetime | None, to: str, now: datetime) -> dict[str, Text]:
    """What is wrong with how an emergency repair was told by telephone. One that was told late is taken: it is late."""
    wrong: dict[str, Text] = {}
    if code == EMERGENCY and at is None:
        wrong["phoned_at"] = _("抢修须先电话报告，请填写电话报告时间。")
    elif at is not None and is_far(at, now):
        wrong["phoned_at"] = _("时间超出范围。")
    elif at is not None and at > now:
        wrong["phoned_at"] = _("时间不能晚于现在。")
    if code == EMERGENCY and not clean(to):
        wrong["phoned_to"] = _("抢修须先电话报告，请填写接报单位和接报人。")
    return wrong


def _submit(
    actor: Actor, row: WorkFiling, files: Sequence[uuid.UUID], now: datetime, client_id: uuid.UUID | None
) -> WorkFiling:
    row.doubts = _late(row)

    def make() -> uuid.UUID:
        try:
            with transaction.atomic():
                facts = {"code": row.code, "permit": row.permit_id, "starts_at": row.starts_at}
                made = enter(actor=actor, row=row, now=now, facts=facts)
                if files:
                    attach_files(actor=actor, row=made, file_ids=files, now=now)
        except IntegrityError as twice:
            raise Conflict(_("这张作业票已经报备。")) from twice
        return made.pk

    body = {name: str(getattr(row, name)) for name in _GIVEN}
    pk, _new = once(actor=actor, client_id=client_id, act=f"{row.loop_code}.enter", body=body, now=now, make=make)
    return WorkFiling.objects.get(pk=pk)


def act_on_filing(
    *, actor: Actor, row: WorkFiling, name: str, now: datetime, text: str = "", client_id: uuid.UUID | None = None
) -> WorkFiling:
    """One step of a filing. The move asks who may and what must be given."""
    said = clean(text)
    given = {"answer": {"text": said[:1000]}}.get(name, {"reason": said[:500]} if name in _ASKS else {})
    changes: dict[str, object] = {}
    if name in ("return", "question"):
        changes = {"question": said[:500]}
    elif name == "answer":
        changes = {"answer": said[:1000]}
    elif name in ("withdraw", "close"):
        changes = {"ended_at": now}
    return move(actor=actor, row=row, name=name, now=now, given=given, changes=changes, client_id=client_id)


_ASKS = ("return", "question", "withdraw")


def link_permit(*, actor: Actor, row: WorkFiling, permit: Permit, now: datetime) -> WorkFiling:
    """Name the permit of a job that was filed by hand. :raises Conflict: it has one, or the permit is filed already."""
    require_own(actor, row.file, REQUEST)
    if permit.file_id != row.file_id:
        raise NotPermitted
    if row.code == SHUTDOWN:
        raise Conflict(_("停车检修、开车报备包含多项作业，每项作业另行报备。"))
    if row.is_closed or row.permit_id is not None or (row.kind and row.kind != permit.kind):
        raise Conflict(_("该报备已结束、已有作业票，或作业类别不同。"))
    try:
        with transaction.atomic():
            if not WorkFiling.objects.filter(pk=row.pk, permit__isnull=True).update(permit=permit):
                raise Conflict(_("该报备已结束、已有作业票，或作业类别不同。"))
            journal.record(
                actor=actor, act="permits.filing.link", subject_type=row.row_type(), subject_id=row.pk,
                org_id=row.file_id, facts={"permit": permit.pk}, now=now,
            )  # fmt: skip
    except IntegrityError as twice:
        raise Conflict(_("这张作业票已经报备。")) from twice
    row.refresh_from_db()
    return row


def set_lead(
    *, actor: Actor, code: str, lead_h: int, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> FilingLead:
    """Set the lead of a class from now on. :raises Invalid: no such class, or hours beyond reason."""
    actor.require(RULES)
    if code not in FilingClassCode.values or not -72 <= lead_h <= 720:
        raise Invalid(fields={"lead_h": _("请填写-72到720之间的小时数。")})
    told = {"code": code, "lead_h": lead_h, "reason": clean(reason)[:300]}
    return set_once(
        FilingLead, actor=actor, act="permits.filing.lead", given={**told, "entered_by_id": actor.user_id},
        facts={"code": code, "lead_h": lead_h}, body=told, now=now, client_id=client_id,
    )  # fmt: skip


def keep_filings(*, now: datetime) -> int:
    """What the clock does: tracks what began, closes what ended, and tells what differs from its permit. Returns how
    many changed; one that cannot holds up no other."""
    done = 0
    for row in queries.open_filings():
        try:
            done += _keep(row, now)
        except DomainError:
            log.exception("filing %s could not be kept", row.pk)
    return done


def _keep(row: WorkFiling, now: datetime) -> int:
    found = _doubts(row, now)
    changed = 0
    if found != row.doubts:
        changed = WorkFiling.objects.filter(pk=row.pk).update(doubts=found)
        row.doubts = found
    if row.status not in ("ACCEPTED", "TRACKED"):
        return changed
    permit = row.permit
    began = permit.started_at is not None if permit else now >= row.starts_at
    over = permit.is_closed or permit.status == "ACCEPTED" if permit else now >= row.ends_at
    if over:
        move(actor=HOUSE, row=row, name="end", now=now, changes={"ended_at": now})
        return 1
    if began and row.status == "ACCEPTED":
        move(actor=HOUSE, row=row, name="track", now=now)
        return 1
    return changed


def _late(row: WorkFiling) -> list[str]:
    return [code for code, holds in (("LATE", row.is_filed_late), ("PHONE", row.is_phoned_late)) if holds]


def _doubts(row: WorkFiling, now: datetime) -> list[str]:
    found = _late(row)
    permit = row.permit
    if permit is None:
        # A shutdown is many jobs, each with its permit.
        if row.code not in (SHUTDOWN, EMERGENCY) and now >= row.starts_at:
            found.append("NO_PERMIT")
        return found
    told = doubts(
        kind=permit.kind, filed_level=row.level, filed_people=row.people_count,
        level=permit.effective or permit.level, people=queries.people_on(permit), filed_class=row.code,
        permit_class=queries.class_of_permit(permit), filed_start=row.starts_at, start=permit.window_start,
    )  # fmt: skip
    return [*found, *told]
