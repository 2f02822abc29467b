"""Deciding of a day's jobs (作业计划会), and sealing the minutes."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import Permit, PlanChoice, PlanDecision, WorkPlan
from quancheng.domains.permits.queries import plans as queries
from quancheng.domains.permits.queries.permits import SIGN_LEADER
from quancheng.domains.permits.queries.plan_decisions import content_digest
from quancheng.domains.permits.queries.quotas import OPEN, Full, full_for
from quancheng.domains.permits.services.checking import note, one_at_a_time, require_own, require_state, said
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import Conflict, Invalid, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.standards.gb30871.checks.planning import UNIT
from quancheng.standards.gb30871.parameters import bounds

#: What asks for it.
CLAUSE = "本系统要求 F-13"
#: A plan further ahead is a slip of the hand [D].
MOST_D = 60


def decide_job(
    *, actor: Actor, permit: Permit, day: date, choice: str, now: datetime, reason: str = "",
    put_off_to: date | None = None, client_id: uuid.UUID | None = None,
) -> PlanDecision:  # fmt: skip
    """Decide of one job for a day: agreed, put off or refused; the newest decision of a day counts for it. What is put
    off or refused is not issued on that day (C-70). After the minutes were sealed a decision stands beside them.

    :raises Invalid: by field; a day on which the job is not planned; agreed beyond a quota of its unit on any day of
        its window, or without a unit where there is one.
    :raises StaleState: it is issued already, or ended.
    """
    require_own(actor, permit.file, SIGN_LEADER)
    words = clean(reason)[:300]
    wrong: dict[str, Text] = {}
    if choice not in PlanChoice.values:
        wrong["choice"] = _("没有这个选项。")
    if choice != PlanChoice.AGREED and not words:
        wrong["reason"] = _("改期或不同意的须写明理由。")
    if choice == PlanChoice.PUT_OFF and (put_off_to is None or put_off_to <= day):
        wrong["put_off_to"] = _("请填写晚于计划日期的改期日期。")
    elif choice != PlanChoice.PUT_OFF and put_off_to is not None:
        wrong["put_off_to"] = _("只有改期的填写此项。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        # What takes the last place of a quota must be seen by the next.
        one_at_a_time()
        held = Permit.objects.select_for_update(of=("self",), no_key=True).select_related("file").get(pk=permit.pk)
        require_state(held, *OPEN)
        if not queries.is_on(held, day):
            raise Invalid(fields={"choice": _("该作业不在这一天的计划内。")})
        plan = _plan(held.file, day, now)
        if choice == PlanChoice.AGREED and (full := full_for(held, now, reserved=True)) is not None:
            raise Invalid(fields={"choice": _said_full(full)})
        made = PlanDecision.objects.create(
            plan=plan, permit=held, choice=choice, reason=words, put_off_to=put_off_to,
            content=content_digest(held), is_later=plan.sealed_at is not None, by_name=actor.name[:130], decided_at=now,
        )  # fmt: skip
        facts = {"day": day.isoformat(), "choice": choice, "reason": words}
        note(actor, "permits.plan.decide", held, now, facts)
        return made.pk

    body = {
        "permit": str(permit.pk), "day": day.isoformat(), "choice": choice, "reason": words,
        "put_off_to": put_off_to.isoformat() if put_off_to else "",
    }  # fmt: skip
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="permits.plan.decide", body=body, now=now, make=make)
    return PlanDecision.objects.select_related("plan").get(pk=pk)


def _plan(file: Enterprise, day: date, now: datetime) -> WorkPlan:
    made, _new = WorkPlan.objects.get_or_create(file=file, day=day, defaults={**file.row_scope(), "made_at": now})
    return made


def _said_full(full: Full) -> str:
    """Why a meeting cannot agree, and what would make it right."""
    bound = bounds()[full.name] if full.name != UNIT else None
    if bound is None:
        return _("该作业未写单元，无法核对作业配额（%(clause)s）：请退回修改，写明单元。") % {"clause": CLAUSE}
    words = {
        "name": said(bound.text), "limit": full.limit, "number": full.count, "clause": bound.clause,
        "day": f"{full.day:%Y-%m-%d}",
    }  # fmt: skip
    return _(
        "超出配额：%(name)s为%(limit)s，同意后%(day)s同时有%(number)s项（%(clause)s）。可改期，或由主管领导调整配额。"
    ) % words


def seal_plan(
    *, actor: Actor, file: Enterprise, day: date, minutes: str, participants: Collection[str], now: datetime,
    client_id: uuid.UUID | None = None,
) -> WorkPlan:  # fmt: skip
    """Seal the minutes of a day's meeting with every job and what was decided of it.

    :raises Invalid: no minutes, nobody was there, a job that is not decided. :raises Conflict: they are sealed already.
    """
    require_own(actor, file, SIGN_LEADER)
    text, people = clean(minutes)[:4000], sorted({clean(one)[:60] for one in participants} - {""})
    wrong: dict[str, Text] = {}
    if not text:
        wrong["minutes"] = _("请填写此项。")
    if not people:
        wrong["participants"] = _("请写明参会人员。")
    today = Calendar().local_date(now)
    if not -MOST_D <= (day - today).days <= MOST_D:
        wrong["minutes"] = _("时间超出范围。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        one_at_a_time()
        plan = WorkPlan.objects.select_for_update().get(pk=_plan(file, day, now).pk)
        if plan.sealed_at is not None:
            raise Conflict(_("会议纪要已封存，不能再改；补充的决定另行记录。"))
        jobs = queries.planned_of(file, list(queries.jobs_on(file, day)), day)
        missing = [
            one.permit for one in jobs if one.is_open
            and (one.told is None or one.told.is_carried or one.outdated is not None)
        ]  # fmt: skip
        if missing:
            words = {"count": len(missing), "first": str(missing[0])}
            raise Invalid(fields={"minutes": _("还有%(count)s项作业未作决定，例如%(first)s。") % words})
        plan.minutes, plan.participants, plan.sealed_by = text, people, actor.name[:130]
        # As the database gives it back, so that the digest is the same.
        plan.sealed_at = now.astimezone(UTC)
        plan.jobs = [_told(one) for one in jobs]
        plan.seal = digest_of(queries.sealed_content(plan))
        plan.save(update_fields=["minutes", "participants", "sealed_by", "sealed_at", "jobs", "seal"])
        journal.record(
            actor=actor, act="permits.plan.seal", subject_type=WorkPlan.row_type(), subject_id=plan.pk,
            org_id=file.pk, now=now, facts={"day": day.isoformat(), "jobs": len(plan.jobs), "seal": plan.seal},
        )  # fmt: skip
        return plan.pk

    body = {"file": str(file.pk), "day": day.isoformat(), "minutes": text, "participants": people}
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="permits.plan.seal", body=body, now=now, make=make)
    return WorkPlan.objects.get(pk=pk)


def _told(job: queries.PlannedJob) -> dict[str, Any]:
    """A job as the minutes keep it, whatever becomes of the permit."""
    one = job.permit
    return {
        "permit": str(one.pk), "number": one.number, "kind": one.kind, "level": one.effective or one.level,
        "content": one.content, "place": one.place, "unit": str(one.unit or ""),
        "starts": one.window_start.isoformat(), "ends": one.window_end.isoformat(), "status": one.status,
        "met": sorted({(each.text.zh, each.text.en) for each in job.met}),
        # What was decided of it last, and whether the job was written anew since.
        **queries.told_fields(job.outdated or job.decision), "is_outdated": job.outdated is not None,
    }  # fmt: skip
