"""What a phone brings home from the place (现场记录): judged by when it happened, kept whatever becomes of it.

An act counts where the page would have taken it then and it still says nothing that changed since. Otherwise it is kept
with the reason and changes nothing. What speaks against the work always counts: a failing gas value, a bad look, a
stop, somebody inside. What helps it counts from the earliest time that it may have been, and not at all where the
device's clock contradicts itself. Approvals, signatures, start and resumption are never made here.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models import FieldKind, FieldRecord, Permit, PermitMeasure, PermitPerson, SpaceEntry
from quancheng.domains.permits.notices import STOPPED, STOPPED_INSIDE
from quancheng.domains.permits.queries.advice import hints_for
from quancheng.domains.permits.queries.facts import surroundings
from quancheng.domains.permits.queries.field import presented_since, state_at, was_silent
from quancheng.domains.permits.queries.guardian_items import item_changes, items_of, items_told
from quancheng.domains.permits.queries.permits import SIGN_LEADER, VIEW, WORK
from quancheng.domains.permits.queries.sanctions import tests_of
from quancheng.domains.permits.services import guarding, preparing, working
from quancheng.domains.permits.services.checking import held, note, require_own
from quancheng.domains.permits.services.positions import Position
from quancheng.domains.permits.services.sanctions import tell_entered
from quancheng.domains.permits.services.telling import tell
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import plain
from quancheng.kernel.errors import Invalid, NotFound, Text
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.phone.services import DeviceTime
from quancheng.standards.gb30871.endings import RETEST_AFTER, STOP_REASONS
from quancheng.standards.gb30871.parameters import STANDARD

#: What is older when it comes in is a late record: a shift of twelve hours, and the way home. [D]
SHIFT = timedelta(hours=16)
#: What comes in later than this is told as late (C-50).
PROMPT = timedelta(minutes=float(STANDARD.late_upload_min))
#: What the device's clock may differ before it is told (C-49).
SKEW = timedelta(seconds=float(STANDARD.clock_skew_s))
#: A failing value whose stop failed: asked again with the act.
NO_STOP = {"zh": "停止作业没有执行成功，须立即在作业票页面暂停", "en": "the stop was not made; suspend it on its page"}
#: Why an act was kept and did not count, and what to do, by code.
REASONS: dict[str, Text] = {
    "NOT_PREPARING": _("作业票不在作业前准备阶段，措施没有改动。须改动的，请退回准备后在现场重新确认。"),
    "PRESENTED": _("记录之后作业票已提交会签，措施不能再改。须改动的，请退回准备后在现场重新确认。"),
    "NEWER": _("记录之后已有人重新确认，以较新的为准。"),
    "NOT_WORKING": _("记录时作业没有进行，不计入监护检查。请核对作业票现在的状态。"),
    "NOT_ON_SITE": _("作业票已不在现场作业阶段，不再计入。"),
    "TOO_OLD": _("记录距送达太久，不能作为依据。请在现场重新检查、取样。"),
    "STANDS": _("作业当时已经停止，无须再停。"),
    "NOT_BEGUN": _("作业票还在准备或已结束，没有可停的作业，已通知本单位。请核对现场。"),
    "CLOCK": _("设备时钟前后矛盾，发生时间不明，不能作为依据。请核对时钟后在现场重新检查、取样。"),
    "NOT_GUARDIAN": _("检查人当时已不是监护人，不计入。请由现任监护人检查。"),
    "INSIDE": _("该人员当时已登记在空间内，没有重复登记。请核对人数。"),
    "NOT_INSIDE": _("该人员当时没有登记在空间内，没有登记离开。请核对人数。"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How an act came off a phone.

    :ivar device: which device, and ``number`` the running number that it gave the act. :ivar accuracy_m: metres.
    :ivar photos: files that were uploaded before.
    """

    time: DeviceTime
    device: uuid.UUID | None = None
    number: int | None = None
    lon: Decimal | None = None
    lat: Decimal | None = None
    accuracy_m: Decimal | None = None
    photos: Sequence[uuid.UUID] = ()

    def at(self, now: datetime) -> datetime:
        """When it happened by our clock; never after now. Ages of gas turn on minutes: any difference is put right."""
        return min(self.time.made_at + self.time.difference, now)

    def earliest(self, now: datetime) -> datetime:
        """The earlier of what the device wrote and what that is by our clock: one that was set back in between makes
        nothing fresh."""
        return min(self.time.made_at, self.at(now))

    def is_set_back(self, now: datetime) -> bool:
        """Whether the device's clock was turned back between the act and its sending."""
        return self.time.made_at - (now - self.time.difference) > SKEW

    def contradicts(self, now: datetime) -> bool:
        """Whether the clock was turned between the act and its sending, or between it and others of the device: it
        counts its acts, so one with a lower number was made before."""
        if self.is_set_back(now):
            return True
        if self.device is None or self.number is None:
            return False
        others = FieldRecord.objects.filter(device=self.device, received_at__gte=now - SHIFT)
        made = self.time.made_at
        before = Q(number__lt=self.number, device_at__gt=made + SKEW)
        return others.filter(before | Q(number__gt=self.number, device_at__lt=made - SKEW)).exists()


class _Kept(Exception):
    """It does not count; the reason's code."""


@dataclass(slots=True)
class _Act:
    """One act on its way: the permit locked and read anew, when it happened, and what is to be said of it."""

    actor: Actor
    permit: Permit
    told: Told
    at: datetime
    now: datetime
    state: str
    doubts: list[dict[str, str]]
    #: From when it counts where it helps the work.
    earliest: datetime
    #: The device's clock contradicts itself: nobody knows when it was.
    is_unsure: bool
    #: What kept a stop from being made once a failing value was kept.
    failure: Exception | None = None
    #: It speaks against the work: nothing beside it keeps it from counting.
    is_against: bool = False
    #: Why some of it does not count; empty where all of it does.
    partly: str = ""

    @property
    def device_at(self) -> datetime:
        return self.told.time.made_at

    def doubt(self, zh: str, en: str) -> None:
        self.doubts.append({"zh": zh, "en": en})

    def not_older(self, most: timedelta = SHIFT) -> None:
        """Asked of what helps the work alone."""
        if self.is_unsure:
            raise _Kept("CLOCK")
        if self.now - self.earliest > most:
            raise _Kept("TOO_OLD")


@dataclass(frozen=True, slots=True)
class MeasureTold:
    """One row of the form as it was decided: ``time`` by the device's clock, the act's where none is told."""

    code: str
    applies: bool
    filled: Mapping[str, str]
    made_at: datetime | None = None


def tell_measures(
    *, actor: Actor, permit: Permit, rows: Sequence[MeasureTold], told: Told, now: datetime, client_id: uuid.UUID | None
) -> FieldRecord:
    """Measures confirmed at the place. They count while the permit is prepared, each unless somebody decided it later.

    :raises Invalid: none, a figure that a row asks for is missing. :raises NotFound: the form has no such row.
    """
    if not rows:
        raise Invalid(fields={"rows": _("请选择安全措施。")})
    body = {"rows": [{"code": one.code, "applies": one.applies, "filled": dict(one.filled)} for one in rows]}

    def do(act: _Act) -> None:
        if act.state != "PREPARING":
            raise _Kept("NOT_PREPARING")
        # What was signed since was read by signers: an older word does not undo it, though it may have come back.
        if act.permit.status != "PREPARING" or presented_since(act.permit, act.earliest):
            raise _Kept("PRESENTED")
        act.not_older()
        left: list[str] = []
        hints = hints_for(act.permit, now)
        for one, shown in zip(rows, body["rows"], strict=True):
            # Each row has a time of its own; the act's says only when the last of them was sent off.
            at = act.earliest
            if one.made_at is not None:
                at = min(at, replace(told, time=replace(told.time, made_at=one.made_at)).earliest(now))
            if why := _left_out(act.permit, one.code, at, now):
                left.append(why)
                shown["kept"] = why
                continue
            preparing.confirm_measure(
                actor=actor, permit=act.permit, code=one.code, applies=one.applies, filled=one.filled, now=now, at=at,
                hints=hints,
            )  # fmt: skip
        if len(left) == len(rows):
            raise _Kept(left[0])
        act.partly = left[0] if left else ""

    return _receive(actor, permit, FieldKind.MEASURE, body, told, now, client_id, do)


def _left_out(permit: Permit, code: str, at: datetime, now: datetime) -> str:
    """Why a row that was decided at a time does not count; empty where it does."""
    if state_at(permit, at) != "PREPARING":
        return "NOT_PREPARING"
    if now - at > SHIFT:
        return "TOO_OLD"
    newer = PermitMeasure.objects.filter(permit=permit, code=code, confirmed_at__gt=at).exists()
    return "NEWER" if newer or presented_since(permit, at) else ""


def tell_gas(
    *, actor: Actor, permit: Permit, sample: preparing.Sample, told: Told, now: datetime, client_id: uuid.UUID | None
) -> FieldRecord:
    """A gas value that was read at the place: it counts from its sampling. One that fails counts whenever it comes in,
    and stops work at once.

    :raises Invalid: what cannot be a reading, no instrument or analyst.
    """
    wrong: dict[str, Text] = {
        name: _("请填写此项。") for name in ("instrument", "analyst", "point") if not clean(getattr(sample, name))
    }
    if wrong:
        raise Invalid(fields=wrong)
    body = {name: getattr(sample, name) for name in sample.__slots__ if name != "sampled_at"}

    def do(act: _Act) -> None:
        # One that fails counts when it came in at the latest: nobody takes it for older than a good one before it.
        read = replace(sample, sampled_at=act.at)
        verdict = preparing.verdict_of(act.permit, read)
        act.is_against = verdict == "FAIL"
        if not act.is_against:
            if act.permit.status not in preparing.ON_SITE or act.state not in preparing.ON_SITE:
                raise _Kept("NOT_ON_SITE")
            act.not_older(preparing.LATE)
            read = replace(sample, sampled_at=act.earliest)
        _row, act.failure = preparing.keep_gas(
            actor=actor, held=act.permit, sample=read, verdict=verdict, now=now, device_at=act.device_at
        )

    return _receive(actor, permit, FieldKind.GAS, body, told, now, client_id, do)


def tell_look(
    *, actor: Actor, permit: Permit, guardian: PermitPerson, items: Mapping[str, bool | None], remark: str, told: Told,
    now: datetime, client_id: uuid.UUID | None,
) -> FieldRecord:  # fmt: skip
    """A guardian's look at the place: it counts at its time where work ran then. A bad one stops work that runs.

    Where the clock of permits stopped the work for want of a record alone, the place knew nothing of it and he went on
    looking: that counts too, and the stop stays until somebody resumes.

    A list that was in force since the permit was made counts: a phone knows nothing of what changed before the start.

    :raises Invalid: as ``services.guarding.look``; a bad one for nothing but somebody who was never guardian of it.
    """
    body = {"guardian": guardian.pk, "items": dict(items), "remark": clean(remark)}
    is_bad = any(value is False for value in items.values())

    def do(act: _Act) -> None:
        act.is_against = is_bad
        has_left = guardian.ended_at is not None and guardian.ended_at < act.at
        at = act.at if is_bad else act.earliest
        is_silent = act.state != "WORKING" and was_silent(act.permit, act.at)
        if not (is_bad and act.permit.status == "WORKING"):
            if act.state != "WORKING" and not is_silent:
                raise _Kept("NOT_WORKING")
            if act.permit.status not in guarding.LOOKED_AT:
                raise _Kept("NOT_ON_SITE")
        if not is_bad:
            if has_left:
                raise _Kept("NOT_GUARDIAN")
            act.not_older()
        if is_silent:
            act.doubt(
                "检查时系统已因收不到记录暂停作业；检查计入，恢复作业须在作业票页面办理",
                "the system had stopped the work for want of a record; this counts, and work is resumed on its page",
            )
        if has_left:
            act.doubt("检查人当时已不是监护人", "who looked was guardian no longer")
        changes = item_changes()
        asked = items_told(act.permit, items, now, changes)
        own = {one.key for one in items_of(act.permit, now, changes)}
        if {one.key for one in asked} | set(items) != own:
            act.doubt("检查项与作业开始时的清单不一致", "looked at other items than the list with which the work began")
        guarding.look(
            actor=actor, permit=act.permit, guardian=guardian, items=items, remark=remark, now=now, at=at,
            device_at=act.device_at, is_heard=is_bad, asked=asked,
        )  # fmt: skip

    return _receive(actor, permit, FieldKind.LOOK, body, told, now, client_id, do)


def tell_entry(
    *, actor: Actor, permit: Permit, person: PermitPerson, tools: int, told: Told, now: datetime,
    client_id: uuid.UUID | None,
) -> FieldRecord:  # fmt: skip
    """Somebody went into a confined space. He is inside, whether he might or not: where work stood, or the space was
    full, the record says so and the enterprise is told.

    :raises Invalid: nobody of this permit's crew.
    """
    body = {"person": person.pk, "tools": tools}

    def do(act: _Act) -> None:
        act.is_against = True
        if act.permit.status not in guarding.INSIDE_OF:
            raise _Kept("NOT_ON_SITE")
        rows = SpaceEntry.objects.filter(permit=act.permit)
        mine = rows.filter(person=person)
        is_in = Q(left_at__isnull=True) | Q(entered_at__lte=act.at, left_at__gt=act.at)
        if mine.filter(is_in).exists():
            raise _Kept("INSIDE")
        if mine.filter(entered_at__gt=act.at).exists():
            # He went in and out again since by what others told: only the newest may be open.
            raise _Kept("NEWER")
        entry = guarding.enter_space(actor=actor, permit=act.permit, person=person, tools=tools, now=now, at=act.at)
        if person.ended_at is not None and person.ended_at < act.at:
            act.doubt("该人员当时已不在作业票上", "he was on the permit no longer")
        _come_out(act, entry)
        inside, most = rows.filter(left_at__isnull=True).count(), act.permit.work.get("people_inside")
        if inside and (act.state != "WORKING" or act.permit.status != "WORKING"):
            act.doubt("登记进入时或送达时作业没有进行", "work did not run when he went in, or does not by now")
            for duty in (WORK, SIGN_LEADER):
                tell(STOPPED_INSIDE, act.permit, now, duty=duty, count=str(inside))
        for test in tests_of(act.permit):
            act.doubt("所依靠的隔离为试运临时解除，尚未恢复并验证", "isolation on which it relies is open for a test")
            if inside:
                tell_entered(test, act.permit, inside, now)
        if most is not None and inside > most:
            act.doubt(f"空间内{inside}人，超过票面{most}人", f"{inside} people inside, {most} by the permit")

    return _receive(actor, permit, FieldKind.ENTER, body, told, now, client_id, do)


def _come_out(act: _Act, entry: SpaceEntry) -> None:
    """His way out may have come home before his way in: told by another phone, or by one with a better line."""
    early = FieldRecord.objects.filter(
        permit=act.permit, kind=FieldKind.LEAVE, outcome=FieldRecord.Outcome.KEPT, reason="NOT_INSIDE",
        body__person=str(entry.person_id), happened_at__gte=entry.entered_at,
    ).order_by("happened_at", "pk").first()  # fmt: skip
    if early is None:
        return
    guarding.leave_space(
        actor=act.actor, permit=act.permit, entry=entry, tools=int(early.body["tools"]), now=act.now,
        at=early.happened_at,
    )  # fmt: skip
    FieldRecord.objects.filter(pk=early.pk).update(outcome=FieldRecord.Outcome.COUNTED, reason="")
    note(act.actor, "permits.field.count", act.permit, act.now, {"record": early.pk, "kind": str(early.kind)})


def tell_exit(
    *, actor: Actor, permit: Permit, person: PermitPerson, tools: int, told: Told, now: datetime,
    client_id: uuid.UUID | None,
) -> FieldRecord:  # fmt: skip
    """Somebody came out of a confined space, with so many tools."""
    body = {"person": person.pk, "tools": tools}

    def do(act: _Act) -> None:
        if act.permit.status not in guarding.INSIDE_OF:
            raise _Kept("NOT_ON_SITE")
        rows = SpaceEntry.objects.filter(permit=act.permit, person=person, left_at__isnull=True, entered_at__lte=act.at)
        entry = rows.select_related("person").first()
        if entry is None:
            raise _Kept("NOT_INSIDE")
        guarding.leave_space(actor=actor, permit=act.permit, entry=entry, tools=tools, now=now, at=act.at)

    return _receive(actor, permit, FieldKind.LEAVE, body, told, now, client_id, do)


def tell_site(
    *, actor: Actor, permit: Permit, found: Mapping[str, Any], told: Told, now: datetime, client_id: uuid.UUID | None
) -> FieldRecord:
    """What was found at the place; it counts from then. :raises Invalid: as ``services.preparing.check_site``."""

    def do(act: _Act) -> None:
        if act.permit.status not in preparing.ON_SITE or act.state not in preparing.ON_SITE:
            raise _Kept("NOT_ON_SITE")
        act.not_older()
        preparing.check_site(actor=actor, permit=act.permit, found=found, now=now, at=act.earliest)

    return _receive(actor, permit, FieldKind.SITE, {"found": dict(found)}, told, now, client_id, do)


def tell_stop(
    *, actor: Actor, permit: Permit, stop_reason: str, remark: str, told: Told, now: datetime,
    client_id: uuid.UUID | None,
) -> FieldRecord:  # fmt: skip
    """Work was stopped on the spot. It stands since then; where it went on meanwhile it stops again, now. Where it
    rests for less, the graver reason holds from here on; what has not begun goes back to be prepared.

    :raises Invalid: no such reason.
    """
    if stop_reason not in working.SUSPENDED_BY:
        raise Invalid(fields={"stop_reason": _("请选择暂停原因。")})
    body = {"stop_reason": stop_reason, "remark": clean(remark)[:500]}

    def do(act: _Act) -> None:
        act.is_against = True
        status = act.permit.status
        if status == "SUSPENDED" and _is_graver(act.permit, stop_reason, act.at):
            working.stop_graver(
                actor=actor, permit=act.permit, stop_reason=stop_reason, note=remark, now=now, at=act.at
            )
            return
        if status in ("ISSUED", "APPROVING") and stop_reason != "BREAK":
            working.send_back(permit=act.permit, stop_reason=stop_reason, note=remark, now=now, device_at=act.device_at)
            return
        if status != "WORKING":
            if status == "SUSPENDED" or stop_reason == "BREAK":
                raise _Kept("STANDS")
            tell(STOPPED, act.permit, now, duty=WORK, reason=STOP_REASONS[stop_reason].zh)
            raise _Kept("NOT_BEGUN")
        since = act.at
        if since < act.permit.status_at:
            act.doubt("叫停早于本次开工，按送达时间再次暂停", "stopped before this run began; stopped again on arrival")
            since = now
        working.suspend_work(
            actor=actor, permit=act.permit, stop_reason=stop_reason, note=remark, now=now, at=since,
            device_at=act.device_at,
        )  # fmt: skip

    return _receive(actor, permit, FieldKind.STOP, body, told, now, client_id, do, duty=VIEW)


def _is_graver(permit: Permit, stop_reason: str, at: datetime) -> bool:
    """Whether a stop of resting work asks for gas that the one that stands does not ask for, or for newer gas."""
    if stop_reason not in RETEST_AFTER:
        return False
    return permit.stop_reason not in RETEST_AFTER or permit.stopped_at is None or at > permit.stopped_at


def _receive(
    actor: Actor, permit: Permit, kind: FieldKind, body: dict[str, Any], told: Told, now: datetime,
    client_id: uuid.UUID | None, do: Callable[[_Act], None], *, duty: str = WORK,
) -> FieldRecord:  # fmt: skip
    """Take an act in, once: do what it says where it counts, and keep it with what became of it."""
    require_own(actor, permit.file, duty)
    failures: list[Exception] = []
    against: list[bool] = []

    def make() -> uuid.UUID:
        row = held(permit.pk)
        at = told.at(now)
        act = _Act(actor, row, told, at, now, state_at(row, at), [], told.earliest(now), told.contradicts(now))
        distance = _doubts(act)
        outcome, reason = FieldRecord.Outcome.COUNTED, ""
        try:
            with transaction.atomic():
                do(act)
            if act.partly:
                outcome, reason = FieldRecord.Outcome.PARTLY, act.partly
        except _Kept as kept:
            outcome, reason = FieldRecord.Outcome.KEPT, str(kept)
        against.append(act.is_against)
        if act.failure is not None:
            failures.append(act.failure)
            act.doubts.append(dict(NO_STOP))
        made = FieldRecord.objects.create(
            permit=row, kind=kind, body=plain(body), outcome=outcome, reason=reason, by_user_id=actor.user_id,
            by_name=actor.name[:130], happened_at=at, device_at=told.time.made_at, received_at=now, lon=told.lon,
            lat=told.lat, accuracy_m=told.accuracy_m, distance_m=distance, device=told.device, number=told.number,
            doubts=act.doubts,
        )  # fmt: skip
        note(actor, "permits.field.record", row, now, {
            "kind": str(kind), "outcome": str(outcome), "reason": reason, "happened": at,
            "device": told.time.made_at, "doubts": len(act.doubts),
        })  # fmt: skip
        return made.pk

    asked = {"permit": permit.pk, "made_at": told.time.made_at, **body}
    with transaction.atomic():
        act_name = f"permits.field.{kind.lower()}"
        pk, is_fresh = once(actor=actor, client_id=client_id, act=act_name, body=asked, now=now, make=make)
        row = FieldRecord.objects.get(pk=pk)
        if not is_fresh and (failure := _stop_again(row, now)) is not None:
            failures.append(failure)
        # What is urgent comes first without its photos, and once more with them: the same act.
        _attach(actor, row, told.photos, now, is_needed=not any(against))
    permit.refresh_from_db()
    if failures:
        # The value is kept; what kept it from stopping the work is a bug of ours, or of the loop.
        raise failures[0]
    return FieldRecord.objects.select_related("permit").get(pk=pk)


def _stop_again(row: FieldRecord, now: datetime) -> Exception | None:
    """A failing value was kept and its stop failed: the phone asks again, and so is the stop."""
    if NO_STOP not in row.doubts:
        return None
    permit, failure = held(row.permit_id), None
    # Who stopped and resumed it since knew of the value.
    if permit.status != "WORKING" or permit.status_at <= row.received_at:
        failure = preparing.stop_failing(permit, now, row.device_at)
    if failure is None:
        FieldRecord.objects.filter(pk=row.pk).update(doubts=[one for one in row.doubts if one != NO_STOP])
    return failure


def _attach(actor: Actor, row: FieldRecord, photos: Sequence[uuid.UUID], now: datetime, *, is_needed: bool) -> None:
    """Let the record hold its photos, those alone that it does not hold yet.

    :param is_needed: else one that cannot be held takes nothing from the act: that is a doubt.
    :raises NotFound, Invalid: as ``attach_files``; the phone has the files still, and brings them anew.
    """
    known = set(files_of(row).values_list("file_id", flat=True)) if photos else set()
    wanted = [pk for pk in dict.fromkeys(photos) if pk not in known]
    if not wanted:
        return
    try:
        with transaction.atomic():
            attach_files(actor=actor, row=row, file_ids=wanted, now=now)
    except (Invalid, NotFound):
        if is_needed:
            raise
        doubt = {"zh": f"{len(wanted)}个附件没有送达", "en": f"{len(wanted)} files did not arrive"}
        FieldRecord.objects.filter(pk=row.pk).update(doubts=[*row.doubts, doubt])


def _doubts(act: _Act) -> Decimal | None:
    """Note what is odd about time and place; answers the distance in metres to the edge of the place of work."""
    told, now = act.told, act.now
    if told.is_set_back(now):
        act.doubt("记录后设备时钟被往回拨，发生时间不明", "the device's clock was set back since; time unknown")
    elif abs(told.time.difference) > SKEW:
        off = round(told.time.difference.total_seconds() / 60, 1)
        act.doubts.extend(told.time.doubts())
        if not told.time.is_wrong:
            zh, en = ("慢", "slow") if off > 0 else ("快", "fast")
            act.doubt(f"设备时钟{zh}{abs(off)}分钟，已校正", f"the device's clock was {abs(off)} min {en}; corrected")
    if now - act.at > PROMPT:
        minutes = int((now - act.at).total_seconds() // 60)
        act.doubt(f"发生{minutes}分钟后送达", f"came in {minutes} minutes after it happened")
    if act.is_unsure and not told.is_set_back(now):
        act.doubt("设备记录的编号与时间前后矛盾，时钟可能被调整", "numbers and times of the device's acts contradict")
    if told.lon is None or told.lat is None:
        return None
    here = Position(lon=told.lon, lat=told.lat, accuracy_m=told.accuracy_m or Decimal(0), age_s=Decimal(0))
    distance = here.distance_m(act.permit)
    most = surroundings(act.permit, now).parameters.guard_radius_m + (told.accuracy_m or Decimal(0))
    if distance is not None and distance > most:
        act.doubt(f"记录时距作业点{distance:.0f}米", f"recorded {distance:.0f} m away from the place of work")
    return distance
