"""What is prepared at the place before a permit is signed (作业前准备): analysis, measures, gas, briefing, checks."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import (
    GasTest,
    IsolationLink,
    Permit,
    PermitAnalysis,
    PermitBriefing,
    PermitMeasure,
    PermitPerson,
    PermitSignature,
    PermitSiteCheck,
)
from quancheng.domains.permits.queries.advice import MeasureHint, hints_for
from quancheng.domains.permits.queries.approval_risk import kept, reckon
from quancheng.domains.permits.queries.blocks import approval_row, level_of_permit
from quancheng.domains.permits.queries.facts import (
    FOUND_KEYS,
    OWN_FOUND,
    check_told,
    setting_at,
    storable,
    surroundings,
)
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.queries.permits import ANALYSED_IN, MOST_STEPS, STEP_PARTS, WORK
from quancheng.domains.permits.queries.sealing import seal_of
from quancheng.domains.permits.services.checking import (
    act_on,
    invalid,
    locked,
    note,
    require_own,
    require_pass,
    require_state,
)
from quancheng.domains.permits.services.upward import tell_ticket
from quancheng.domains.permits.services.working import require_plate_named, stop_for_gas
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotFound, Text
from quancheng.kernel.loops.services import move
from quancheng.kernel.names import clean
from quancheng.standards.gb30871 import gas as gas_rules
from quancheng.standards.gb30871 import tickets
from quancheng.standards.gb30871.basis import BadInput

#: States in which gas is tested and the place is looked at.
ON_SITE = ("PREPARING", "APPROVING", "ISSUED", "WORKING", "SUSPENDED")
#: What is written later than this after its sampling is a new story: sample again.
LATE = timedelta(hours=12)


def analyse(
    *, actor: Actor, permit: Permit, steps: Sequence[Mapping[str, str]], participants: Collection[str], now: datetime
) -> PermitAnalysis:
    """Enter or confirm the analysis of hazards (JSA): each step with hazard and measure, and who took part.

    :raises Invalid: no step, a step without hazard or measure, nobody who took part.
    """
    require_own(actor, permit.file, WORK)
    kept = [{name: clean(one.get(name, ""))[:300] for name in STEP_PARTS} for one in steps]
    kept = [one for one in kept if any(one.values())]
    people = sorted({clean(one)[:60] for one in participants} - {""})
    wrong: dict[str, Text] = {}
    if not kept or len(kept) > MOST_STEPS or any(not value for one in kept for value in one.values()):
        wrong["steps"] = _("每个步骤都要写明步骤、危害和措施，至多%(count)s步。") % {"count": MOST_STEPS}
    if not people:
        wrong["participants"] = _("请写明参加分析的人员。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        locked(permit, *ANALYSED_IN)
        made = PermitAnalysis.objects.create(
            permit=permit, steps=kept, participants=people, confirmed_at=now, by_user_id=actor.user_id
        )
        note(actor, "permits.analysis.confirm", permit, now, {"steps": len(kept), "participants": len(people)})
    return made


def confirm_measure(
    *, actor: Actor, permit: Permit, code: str, applies: bool, now: datetime,
    filled: Mapping[str, str] | None = None, at: datetime | None = None,
    hints: Mapping[str, MeasureHint] | None = None,
) -> PermitMeasure:  # fmt: skip
    """Decide one row of the form on the spot: it applies and is in place, or it does not apply. Where advice hinted
    that like jobs needed it, the journal keeps the hint beside what was decided; a hint forbids nothing.

    :param at: when it was decided, where a phone tells it later.
    :param hints: what is hinted of the permit, where several rows are decided at once; else it is read here.
    :raises NotFound: the form has no such row. :raises Invalid: a figure that the row asks for is missing.
    """
    require_own(actor, permit.file, WORK)
    row = next((one for one in tickets.measures(permit.kind) if one.code == code), None)
    if row is None:
        raise NotFound
    given = {name: clean(str((filled or {}).get(name, "")))[:80] for name in row.parameters} if applies else {}
    if empty := [name for name in given if not given[name]]:
        raise Invalid(fields={name: _("请填写此项。") for name in empty})
    with transaction.atomic():
        held = locked(permit, "PREPARING")
        hint = (hints_for(held, now) if hints is None else hints).get(code)
        made, _new = PermitMeasure.objects.update_or_create(
            permit=permit, code=code,
            defaults={
                "applies": applies, "filled": given, "confirmed_by_id": actor.user_id, "confirmed_name": actor.name,
                "confirmed_at": at or now,
            },
        )  # fmt: skip
        facts: dict[str, Any] = {"measure": code, "applies": applies, "filled": given}
        if hint is not None:
            facts["hinted"] = asdict(hint)
        note(actor, "permits.measure.confirm", permit, now, facts)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One value at one point as it was read from the instrument."""

    quantity: str
    value: Decimal
    unit: str
    sampled_at: datetime
    instrument: str
    calibration_due: date | None
    analyst: str
    gas: str = ""
    position: str = "OUTSIDE"
    point: str = ""
    phase: str = "PRE"
    distance_m: Decimal | None = None
    calibrated_with: str = ""
    correction: Decimal | None = None


def enter_gas(*, actor: Actor, permit: Permit, sample: Sample, now: datetime) -> GasTest:
    """Enter one value; nothing is ever changed, a wrong one is followed by a better. One that fails while work runs
    suspends it at once (4.8, 6.5).

    :raises Invalid: what cannot be a reading, a time to come, one that is long past, no instrument or analyst.
    """
    require_own(actor, permit.file, WORK)
    require_state(permit, *ON_SITE)
    wrong: dict[str, Text] = {}
    if sample.sampled_at > now:
        wrong["sampled_at"] = _("取样时间不能晚于现在。")
    elif now - sample.sampled_at > LATE:
        wrong["sampled_at"] = _("取样已过去太久，请重新取样。")
    for name in ("instrument", "analyst"):
        if not clean(getattr(sample, name)):
            wrong[name] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)
    verdict = verdict_of(permit, sample)
    with transaction.atomic():
        held = locked(permit, *ON_SITE)
        made, failure = keep_gas(actor=actor, held=held, sample=sample, verdict=verdict, now=now)
    permit.refresh_from_db()
    if failure is not None:
        raise failure
    return made


def keep_gas(
    *, actor: Actor, held: Permit, sample: Sample, verdict: str, now: datetime, device_at: datetime | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> tuple[GasTest, Exception | None]:  # fmt: skip
    """Keep a value that was judged, and stop what a failing one stops; with what kept that from being done. The permit
    is locked by the caller.

    :param device_at: of a value that a phone brings later, when it was read by its clock.
    :param evidence: ``reading`` and ``message`` of a value that an instrument told itself; none of a typed one.
    """
    values = {name: getattr(sample, name) for name in sample.__slots__}
    told = evidence or {}
    made = GasTest.objects.create(permit=held, verdict=verdict, entered_at=now, **values, **told)
    note(actor, "permits.gas.enter", held, now, {
        "quantity": sample.quantity, "gas": sample.gas, "value": sample.value, "unit": sample.unit,
        "phase": sample.phase, "verdict": verdict, **({"reading": told["reading"]} if told else {}),
    })  # fmt: skip
    tell_ticket(permit=held, by=actor.name, now=now)
    return made, stop_failing(held, now, device_at) if verdict == "FAIL" else None


def stop_failing(held: Permit, now: datetime, device_at: datetime | None) -> Exception | None:
    """Stop what a failing value stops; what keeps that from being done is told, for the value is kept all the same. The
    permit is locked by the caller."""
    try:
        with transaction.atomic():
            stop_for_gas(held, now, device_at=device_at)
    except Exception as failure:  # noqa: BLE001 - a bug of ours as well: the caller raises it once the value is kept
        return failure
    return None


def verdict_of(permit: Permit, sample: Sample) -> str:
    """PASS, CONDITIONAL or FAIL, as :func:`judged` finds. :raises Invalid: as there."""
    return judged(permit, sample).verdict


def judged(permit: Permit, sample: Sample) -> gas_rules.Judged:
    """What the standard says of a value at this job, by the enterprise's figures, which are as strict or stricter.

    :raises Invalid: what cannot be a reading, by field.
    """
    values = {name: getattr(sample, name) for name in sample.__slots__}
    others = tuple(permit.work.get("other_gases", ()))
    try:
        read = gas_rules.GasSample(**values, is_manual=True)
        around = surroundings(permit, sample.sampled_at)
        setting = setting_at(permit, around)
        return gas_rules.judge(read, around.parameters, setting=setting, others=others)
    except BadInput as bad:
        raise invalid(bad) from bad


def brief(
    *, actor: Actor, permit: Permit, briefer: str, place: str, content: str, attended: Collection[uuid.UUID],
    now: datetime,
) -> PermitBriefing:  # fmt: skip
    """Brief the people on the permit: who briefed and who was briefed sign at once, before the account that records it.

    :raises Invalid: nobody, somebody who is not on the permit, no words.
    """
    require_own(actor, permit.file, WORK)
    words = {"briefer": clean(briefer)[:60], "place": clean(place)[:120], "content": clean(content)[:4000]}
    wrong: dict[str, Text] = {name: _("请填写此项。") for name, value in words.items() if not value}
    people = list(PermitPerson.objects.filter(permit=permit, pk__in=list(attended)).select_related("person"))
    if not people or len(people) != len(set(attended)):
        wrong["attended"] = _("请选择接受交底的人员。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        locked(permit, "PREPARING")
        made = PermitBriefing.objects.create(permit=permit, briefed_at=now, **words)
        made.attended.set(people)
        signed = PermitSignature.objects.filter(
            permit=permit, step__in=("BRIEFER", "BRIEFED"), withdrawn_at__isnull=True
        )
        signed.update(withdrawn_at=now)
        own = next((one for one in permit.people.select_related("person") if one.person.name == words["briefer"]), None)
        PermitSignature.objects.create(
            permit=permit, step="BRIEFER", role="BRIEFER", user_id=actor.user_id, person=own, name=words["briefer"],
            signed_at=now,
        )  # fmt: skip
        for one in {each.person_id: each for each in people}.values():
            PermitSignature.objects.create(
                permit=permit, step="BRIEFED", role="BRIEFED", user_id=actor.user_id, person=one, name=one.person.name,
                signed_at=now,
            )  # fmt: skip
        note(actor, "permits.briefing.give", permit, now, {"attended": len(people)})
    return made


def check_site(
    *, actor: Actor, permit: Permit, found: Mapping[str, Any], now: datetime, at: datetime | None = None
) -> PermitSiteCheck:
    """Enter what was found at the place now: weather, zone, other work, devices, whether everybody was identified.

    :param at: when it was found, where a phone tells it later.
    :raises Invalid: nothing found, or what cannot be a fact, by its place.
    """
    require_own(actor, permit.file, WORK)
    kept = storable(found)
    if not kept:
        raise Invalid(_("请填写现场核查情况。"))
    try:
        check_told(permit.kind, permit.level, {k: v for k, v in kept.items() if k not in OWN_FOUND}, FOUND_KEYS)
    except BadInput as bad:
        raise invalid(bad) from bad
    for name in OWN_FOUND & set(kept):
        if not isinstance(kept[name], bool):
            raise Invalid(fields={name: _("没有这个选项。")})
    with transaction.atomic():
        locked(permit, *ON_SITE)
        made = PermitSiteCheck.objects.create(
            permit=permit, found=kept, by_user_id=actor.user_id, by_name=actor.name, checked_at=at or now
        )
        note(actor, "permits.site.check", permit, now, {"found": sorted(kept)})
    return made


def present_permit(
    *, actor: Actor, permit: Permit, now: datetime, confirmed: Mapping[str, str] | None = None,
    client_id: uuid.UUID | None = None,
) -> Permit:  # fmt: skip
    """Present what is prepared for signing; from here on it is sealed.

    :param confirmed: reasons for what only warns, by the code of its check.
    :raises Refused: a step is missing or wrong: every failing check is told.
    """
    require_own(actor, permit.file, WORK)
    reasons = dict(confirmed or {})

    def do() -> None:
        require_state(permit, "PREPARING")
        if permit.lon is None:
            raise Conflict(_("还没有登记作业点位置，签字人无法核对是否在现场（4.11），请先登记作业位置。"))
        require_plate_named(permit)
        rows = load_rows(permit)
        # Whoever came by a hand-over before is presented, sealed and briefed like the rest.
        for one in rows.crew:
            one.joined_at = None
        require_pass(rows, "sign", "present", now, actor=actor, confirmed=reasons)
        # Each presentation is an edition of its own: no signature that was given to one fits the next.
        permit.version += 1
        for one in rows.people:
            one.sealed_name, one.sealed_identity = one.person.name, one.person.id_index
        PermitPerson.objects.bulk_update(rows.people, ["sealed_name", "sealed_identity", "joined_at"])
        for link in rows.isolations:
            link.is_sealed = True
        IsolationLink.objects.bulk_update(rows.isolations, ["is_sealed"])
        level = level_of_permit(rows, now)
        raised = reckon(rows, level, approval_row(permit, level).approver, now)
        permit.approval_risk = kept(raised)
        seal = seal_of(permit, rows.people, rows.measures, rows.analysis, rows.briefing, rows.isolations)
        move(
            actor=actor, row=permit, name="present", now=now,
            changes={"seal": seal, "version": permit.version, "approval_risk": permit.approval_risk},
            facts={"seal": seal, **({"approval_risk": permit.approval_risk} if raised is not None else {})},
        )  # fmt: skip

    return act_on(actor=actor, permit=permit, name="present", body=reasons, now=now, client_id=client_id, do=do)
