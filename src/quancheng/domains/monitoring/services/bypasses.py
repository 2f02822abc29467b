"""Interlocks and detectors that are bypassed for a time (联锁旁路): asked for, approved by two people, put back."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import Bypass, Tag, TagStatus
from quancheng.domains.monitoring.notices import BYPASS_ENDS, BYPASS_OVERDUE, BYPASS_STANDS
from quancheng.domains.monitoring.queries.alarm_terms import terms_at
from quancheng.domains.monitoring.queries.bypasses import impairment_of
from quancheng.domains.monitoring.services.one_by_one import each
from quancheng.domains.monitoring.services.silence import HOUSE
from quancheng.domains.permits.services.impairments import tell_near
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.notices.services import notify, people_for
from quancheng.kernel.once import once

ASK, CONFIRM, WATCH = "monitoring.hold", "monitoring.confirm", "monitoring.watch"
#: What is told of a bypass, each once: its end is near, it is over and nothing was put back, and stays so.
STEPS = {1: BYPASS_ENDS, 2: BYPASS_OVERDUE, 3: BYPASS_STANDS}
#: The clause of every refusal here: no law says it, this system does.
CLAUSE = "本系统要求 F-16"


@dataclass(frozen=True, slots=True, kw_only=True)
class BypassSpec:
    """What is asked for: of a tag, or of an interlock by its number and name."""

    tag: Tag | None = None
    what: str = ""
    unit: Unit | None = None
    reason: str
    measure: str
    until: datetime
    ticket: str = ""


def ask_bypass(
    *, actor: Actor, file: Enterprise, spec: BypassSpec, now: datetime, client_id: uuid.UUID | None = None
) -> Bypass:
    """Ask that an interlock or a detector be bypassed until a time. It is so once two others have approved.

    :raises NotPermitted: not the enterprise. :raises Invalid: by field; longer than the district allows.
    :raises Conflict: it is bypassed, or asked for, already.
    """
    actor.require(ASK)
    if actor.organisation_id != file.owner_org_id:
        raise NotPermitted
    hours = terms_at(now).longest_bypass_hours
    tag, what = spec.tag, clean(spec.what)
    wrong: dict[str, Text] = {}
    if tag is not None and (tag.file_id != file.pk or tag.status not in (TagStatus.LIVE, TagStatus.SERVICE)):
        wrong["tag"] = _("请选择本企业启用的点位。")
    if tag is None and not what:
        wrong["what"] = _("请选择点位，或填写联锁的位号和名称。")
    wrong |= _place_faults(spec, file)
    for name in ("reason", "measure"):
        if not clean(getattr(spec, name)):
            wrong[name] = _("旁路须写明原因和补偿措施（%(clause)s）。") % {"clause": CLAUSE}
    if spec.until <= now:
        wrong["until"] = _("应恢复时间已过。")
    elif spec.until > now + timedelta(hours=hours, seconds=59):
        # A minute of grace: forms tell minutes, and the clock has gone on since.
        wrong["until"] = _("旁路最长%(hours)s小时，到期须恢复（%(clause)s）。") % {"hours": hours, "clause": CLAUSE}
    if wrong:
        raise Invalid(fields=wrong)
    name = (f"{tag.code} {tag.name}" if tag is not None else what)[:160]
    unit = spec.unit or _unit_of(tag)
    given = {
        "what": name, "reason": clean(spec.reason)[:500], "measure": clean(spec.measure)[:1000],
        "ticket": clean(spec.ticket)[:60],
    }  # fmt: skip

    def make() -> uuid.UUID:
        row = Bypass(
            **file.row_scope(), file=file, tag=tag, unit=unit, title=_("%(what)s旁路") % {"what": name},
            asked_by_id=actor.user_id, asked_at=now, until=spec.until, **given,
        )  # fmt: skip
        try:
            with transaction.atomic():
                enter(actor=actor, row=row, now=now, facts={**given, "until": spec.until})
        except IntegrityError:
            raise Conflict(_("该联锁或探测器已旁路或正在申请；延期须先恢复，再重新申请。")) from None
        return row.pk

    body = {
        "file": file.pk, "tag": tag.pk if tag is not None else None, "unit": unit.pk if unit is not None else None,
        "until": spec.until.isoformat(), **given,
    }  # fmt: skip
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="monitoring.bypass.ask", body=body, now=now, make=make)
    return Bypass.objects.get(pk=pk)


def _unit_of(tag: Tag | None) -> Unit | None:
    if tag is None:
        return None
    return tag.unit_place or (tag.facility.unit if tag.facility is not None else None)


def _place_faults(spec: BypassSpec, file: Enterprise) -> dict[str, Text]:
    """Work near by is warned by the unit: of a tag it is none but its own."""
    own = _unit_of(spec.tag)
    if spec.unit is not None and spec.unit.file_id != file.pk:
        return {"unit": _("不是该企业的单元。")}
    if spec.unit is not None and own is not None and spec.unit.pk != own.pk:
        words = {"unit": own, "clause": CLAUSE}
        return {"unit": _("该点位登记在“%(unit)s”，请选择该单元或不填（%(clause)s）。") % words}
    return {}


def agree_bypass(*, actor: Actor, row: Bypass, now: datetime, client_id: uuid.UUID | None = None) -> Bypass:
    """The first of two approves. :raises NotPermitted: it is the one who asked. :raises Conflict: its time is over."""
    _refuse_approval(actor, row, now)
    changes = {"agreed_by_id": actor.user_id}
    return move(actor=actor, row=row, name="agree", changes=changes, now=now, client_id=client_id)


def allow_bypass(*, actor: Actor, row: Bypass, now: datetime, client_id: uuid.UUID | None = None) -> Bypass:
    """The second approves, and it is bypassed; whoever works near by is told.

    :raises NotPermitted: who asked, or who approved first. :raises Conflict: its time is over.
    """
    _refuse_approval(actor, row, now)
    changes = {"allowed_by_id": actor.user_id, "since_at": now}
    with transaction.atomic():
        was = row.status
        done = move(actor=actor, row=row, name="allow", changes=changes, now=now, client_id=client_id)
        if was != "STANDING":
            tell_near(file=row.file_id, one=impairment_of(row, now), now=now)
    return done


def _refuse_approval(actor: Actor, row: Bypass, now: datetime) -> None:
    if actor.user_id is not None and actor.user_id in (row.asked_by_id, row.agreed_by_id):
        raise NotPermitted(_("您办理过前一环节，按规定须由另一人核验。"), code="four_eyes")
    if row.until <= now:
        raise Conflict(_("申请的应恢复时间已过。"))


def refuse_bypass(
    *, actor: Actor, row: Bypass, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Bypass:
    """It stays in use. :raises Invalid: without a reason."""
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明理由。")})
    given = {"reason": clean(reason)[:500]}
    changes = {"ended_at": now}
    return move(actor=actor, row=row, name="refuse", given=given, changes=changes, now=now, client_id=client_id)


def withdraw_bypass(*, actor: Actor, row: Bypass, now: datetime, client_id: uuid.UUID | None = None) -> Bypass:
    """Who asked needs it no more."""
    return move(actor=actor, row=row, name="withdraw", changes={"ended_at": now}, now=now, client_id=client_id)


def restore_bypass(
    *, actor: Actor, row: Bypass, note: str, now: datetime, client_id: uuid.UUID | None = None
) -> Bypass:
    """It is in use again. :raises Invalid: without what was tested."""
    words = clean(note)[:1000]
    if not words:
        raise Invalid(fields={"note": _("请写明恢复和试验情况（%(clause)s）。") % {"clause": CLAUSE}})
    changes = {"ended_at": now, "restore_note": words}
    return move(
        actor=actor, row=row, name="restore", given={"note": words[:500]}, changes=changes, now=now,
        client_id=client_id,
    )  # fmt: skip


# The clock ------------------------------------------------------------------------------------------------------------


def watch_bypasses(*, now: datetime) -> int:
    """Let lapse what nobody approved in time, and tell of each that stands what is due, once: that its end is near, to
    those who put it back; that it is over, to the head; that it stays so, to the office that supervises. Returns how
    many were told of or lapsed."""
    late = Bypass.objects.filter(status__in=("ASKED", "AGREED"), until__lte=now)
    done = each(late, lambda row: _lapse(row, now=now), what="lapsing a bypass")
    terms = terms_at(now)
    soon = now + timedelta(minutes=terms.bypass_notice_minutes)
    office = now - timedelta(hours=terms.bypass_office_hours)
    ends = {1: soon, 2: now, 3: office}
    due = Q()
    for step, until in ends.items():
        due |= Q(until__lte=until, told_step__lt=step)
    rows = Bypass.objects.filter(due, status="STANDING").select_related("file")
    return done + each(rows, lambda row: _tell(row, office=office, now=now), what="telling of a bypass")


def _lapse(row: Bypass, *, now: datetime) -> bool:
    move(actor=HOUSE, row=row, name="lapse", changes={"ended_at": now}, now=now)
    return True


def _tell(row: Bypass, *, office: datetime, now: datetime) -> bool:
    step = 3 if row.until <= office else 2 if row.until <= now else 1
    before = row.told_step
    if not Bypass.objects.filter(pk=row.pk, status="STANDING", told_step=before).update(told_step=step, updated_at=now):
        return False
    for one in range(before + 1, step + 1):
        if one == 1 and step > 1:
            # That it is over says more.
            continue
        minutes = max(0, round(abs((now - row.until).total_seconds()) / 60))
        notify(
            users=_hearers(row, one), kind=STEPS[one], data={"title": row.title, "minutes": minutes}, now=now,
            subject_type=Bypass.row_type(), subject_id=row.pk,
        )  # fmt: skip
    return True


def _hearers(row: Bypass, step: int) -> Collection[uuid.UUID]:
    if step == 3:
        supervisor = row.file.supervisor_id
        return people_for(organisation_id=supervisor, duty=WATCH) if supervisor is not None else ()
    return people_for(organisation_id=row.owner_org_id, duty=ASK if step == 1 else CONFIRM)
