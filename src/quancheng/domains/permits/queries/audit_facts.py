"""One permit as the audit sees it, built from its rows, its moves and the files of its people.

What no row of this house tells yet stays not known: devices of signers, video, absences of guardians, where measures
were confirmed and people briefed, what lies upstream.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from quancheng.domains.hazards.models import ExchangeRow, Reconciliation
from quancheng.domains.hazards.models.exchange import SendState
from quancheng.domains.permits.loops.isolation import STANDING
from quancheng.domains.permits.models import (
    GasTest,
    GuardianCheck,
    Part,
    Permit,
    PermitAcceptance,
    PermitAnalysis,
    PermitSignature,
    SpaceEntry,
    StopOrder,
)
from quancheng.domains.permits.queries.booking import Share, emergency_share
from quancheng.domains.permits.queries.facts import STATES, facts_of, storable, surroundings
from quancheng.domains.permits.queries.filings import (
    EMERGENCY,
    class_of_permit,
    filing_due,
    filing_of,
    needs_filing,
)
from quancheng.domains.permits.queries.isolations import operation_of, plate_of, review_days
from quancheng.domains.permits.queries.loading import Loaded
from quancheng.domains.permits.queries.orders import is_for
from quancheng.kernel.loops.models import MoveRecord
from quancheng.standards.gb30871.audit import shapes
from quancheng.standards.gb30871.audit.papers import likeness
from quancheng.standards.gb30871.basis import Slot
from quancheng.standards.gb30871.endings import STOP_REASONS, Weather
from quancheng.standards.gb30871.reading import load, read
from quancheng.standards.gb30871.related import RelatedPermit
from quancheng.standards.gb30871.upgrades import Surroundings

#: Moves that begin and end a stretch of work.
_BEGIN, _END = frozenset({"start", "resume"}), frozenset({"suspend", "stop", "finish", "void"})
#: An analysis is compared with those of other places of so many days, at most so many.
_ALIKE_DAYS, _ALIKE_MOST, _ALIKE = 90, 200, 0.95
#: The approver's other signatures within this time are looked at.
_NEAR = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Course:
    """How work went, as the moves tell: stretches, breaks, when it was asked for."""

    applied_at: datetime | None
    stretches: tuple[Slot, ...]
    breaks: tuple[shapes.Break, ...]


def course_of(permit: Permit, now: datetime) -> Course:
    """From the records of the loop. One query."""
    moves = MoveRecord.objects.filter(subject_type=Permit.row_type(), subject_id=permit.pk).order_by("at", "pk")
    applied, since, stopped, reason = None, None, None, ""
    stretches: list[Slot] = []
    breaks: list[shapes.Break] = []
    for one in moves:
        if one.move == "submit" and applied is None:
            applied = one.at
        elif one.move in _BEGIN:
            if stopped is not None and one.at > stopped:
                known = reason if reason in STOP_REASONS else "BREAK"
                breaks.append(shapes.Break(stopped_at=stopped, resumed_at=one.at, reason=known))
            since, stopped = one.at, None
        elif one.move in _END and since is not None:
            if one.at > since:
                stretches.append(Slot(since, one.at))
            since, stopped, reason = None, one.at, str(one.given.get("stop_reason", ""))
    if since is not None and now > since:
        stretches.append(Slot(since, now))
    return Course(applied, tuple(stretches), tuple(breaks))


def audited(rows: Loaded, now: datetime) -> shapes.AuditedPermit:
    """The permit as of a moment."""
    permit = rows.permit
    course = course_of(permit, now)
    started = permit.started_at
    facts = facts_of(rows, "work" if started else "issue", now)
    facts = replace(facts, started_at=started, stopped_at=None, stop_reason="", related=_related(rows))
    code = class_of_permit(permit)
    filing = filing_of(permit)
    # An emergency is told when it begins: what ended before was none.
    is_idle = code == EMERGENCY and started is None and permit.is_closed
    facts = replace(facts, filing_needed=needs_filing(code) and not is_idle)
    share = _share(permit)
    continuous = tuple(sorted(one.sampled_at for one in rows.gas if one.phase == "CONTINUOUS"))
    return shapes.AuditedPermit(
        facts=facts,
        state=STATES[permit.status],
        now=now,
        applied_at=course.applied_at,
        issued_at=permit.issued_at,
        finished_at=permit.finished_at,
        accepted_at=permit.accepted_at,
        signatures=_signatures(facts.signatures or (), rows.standing),
        elsewhere=_elsewhere(rows),
        measures=_measures(rows),
        hazards=_text(rows.analysis) if rows.analysis else None,
        alike_elsewhere=_alike(permit, rows.analysis, now) if rows.analysis else None,
        sides=_sides(rows),
        stretches=course.stretches,
        breaks=course.breaks,
        upsets=_upsets(rows, now),
        weathers=_weathers(rows),
        # What is signed cannot change: the seal tells.
        changed=False,
        # By the permit itself: what was filed under another class or time moves no limit.
        filing_due=filing_due(permit, code, filing.submitted_at if filing else None),
        filed_at=filing.submitted_at if filing else None,
        phone_due=started if code == EMERGENCY else None,
        phoned_at=filing.phoned_at if filing else None,
        emergency_percent=share.percent,
        bookings=share.bookings,
        ticket_kept=True,
        downgraded=_is_lowered(facts),
        limits_used=(),
        gas_without_unit=0,
        continuous=continuous or None,
        reconfirmations=tuple(one.checked_at for one in rows.site_checks if one.found.get("reconfirmed")),
        # The work is accepted when the line is gone and the road open again.
        removed_at=permit.accepted_at,
        reopened_at=permit.accepted_at,
        sketch=True if rows.has_plan else None,
        **_told_upwards(permit),
        **_watched(permit),
        **_plate(permit, now),
    )


def _share(permit: Permit) -> Share:
    """Of the bookings of its enterprise when it was named an emergency; nothing is asked of other permits. At most one
    query."""
    at = permit.emergency_at if permit.is_emergency else None
    return Share(0, None) if at is None else emergency_share(permit.file_id, at)


def surroundings_of(permit: Permit, now: datetime) -> Surroundings:
    """Calendar and special periods of the days of the permit, and of the moment where work still runs."""
    return surroundings(permit, min(now, permit.ended_at or now))


def _related(rows: Loaded) -> tuple[RelatedPermit, ...]:
    """Related permits by how they stand; what ended since was valid while it ran."""
    return tuple(
        RelatedPermit(
            kind=one.kind, number=one.number, state=STATES[one.status], is_linked=True,
            window=Slot(one.window_start, one.window_end),
        )
        for one in rows.related
    )  # fmt: skip


def _signatures(told: Iterable[Any], rows: Iterable[PermitSignature]) -> tuple[shapes.Signed, ...]:
    """Signatures as the facts tell them, with the digest of the picture of the name; devices are not told."""
    names = ("step", "role", "person", "signed_at", "distance_m", "position_age_s", "accuracy_m")
    return tuple(
        shapes.Signed(**{name: getattr(one, name) for name in names}, image=row.image)
        for one, row in zip(told, rows, strict=True)
    )


def _told_upwards(permit: Permit) -> dict[str, Any]:
    """When the upper platform had the newest change, and whether its last comparison lacked the permit; nothing where
    no way up is switched on. One to two queries."""
    row = ExchangeRow.objects.filter(table="ticket", subject_id=permit.pk, adapter__is_on=True).first()
    if row is None:
        return {}
    # What waits only because it was sent again was there before.
    is_again = row.accepted_at is not None and row.changed_at < row.waiting_since and row.changed_at <= row.accepted_at
    is_there = row.state == SendState.ACCEPTED or is_again
    event_at = row.changed_at if is_there else row.waiting_since
    found: dict[str, Any] = {
        "uploads": (shapes.Upload(event_at=event_at, uploaded_at=row.accepted_at if is_there else None),)
    }
    compared = Reconciliation.objects.filter(adapter=row.adapter_id).order_by("-at", "-pk").first()
    last = max((at for at in (row.accepted_at, row.sent_at) if at is not None), default=None)
    if compared is not None and row.accepted_at is not None and last is not None and compared.at > last:
        lacking = {one["key"] for one in compared.differences if one["kind"] == "lacking"}
        found["missing_upstream"] = str(row.external_id) in lacking
    return found


def _watched(permit: Permit) -> dict[str, Any]:
    """What guardians saw, and of a confined space who was inside. One to two queries."""
    if permit.started_at is None:
        return {}
    looks = GuardianCheck.objects.filter(permit=permit).order_by("checked_at")
    found: dict[str, Any] = {"rounds": tuple(looks.values_list("checked_at", flat=True))}
    if permit.kind != "CS":
        return found
    entries = list(SpaceEntry.objects.filter(permit=permit).select_related("person").order_by("entered_at", "pk"))
    if not entries:
        return found
    inside = [
        sum(1 for other in entries if other.entered_at <= one.entered_at and
            (other.left_at is None or other.left_at > one.entered_at))
        for one in entries
    ]  # fmt: skip
    return found | {
        "counts": shapes.Counts(
            people_in=len(entries), people_out=sum(one.left_at is not None for one in entries),
            tools_in=sum(one.tools_in for one in entries), tools_out=sum(one.tools_out or 0 for one in entries),
        ),
        "most_inside": max(inside), "guardian_inside": any(one.person.part == Part.GUARDIAN for one in entries),
    }  # fmt: skip


#: How a plate stands in the register once its work is done.
_DONE = {"INSERT": (*STANDING, "LIFTED", "REMOVED"), "REMOVE": ("REMOVED",)}


def _plate(permit: Permit, now: datetime) -> dict[str, Any]:
    """Of blinding: which plate stands how, by the register where the permit names it there, else as it was accepted; of
    one that was put in, since how many days it stands without anybody having looked. One to two queries."""
    if permit.kind != "BL":
        return {}
    plate = plate_of(permit)
    if plate is None:
        found = PermitAcceptance.objects.filter(permit=permit).first() if permit.accepted_at is not None else None
        return {"plate_registered": bool(found.plate_no), "plate_updated": bool(found.plate_state)} if found else {}
    done = _DONE.get(operation_of(permit), ())
    told: dict[str, Any] = {"plate_registered": True, "plate_updated": plate.status in done}
    if plate.applied_at is not None and plate.looked_at is not None:
        stood, unseen = ((plate.removed_at or now) - at for at in (plate.applied_at, plate.looked_at))
        told |= {"blind_days": stood.days, "blind_checked": unseen.days <= review_days(plate.file_id, now)}
    return told


def _elsewhere(rows: Loaded) -> tuple[shapes.SignedElsewhere, ...] | None:
    """What who issued signed elsewhere at about the same time: nothing, or not known, since no place is told yet."""
    issued = rows.permit.issued_at
    own = [one for one in rows.standing if issued is not None and one.signed_at == issued and one.user_id is not None]
    if not own:
        return ()
    near = PermitSignature.objects.filter(
        user=own[0].user_id, signed_at__gte=own[0].signed_at - _NEAR, signed_at__lte=own[0].signed_at + _NEAR
    )
    return None if near.exclude(permit=rows.permit.pk).exists() else ()


def _measures(rows: Loaded) -> tuple[shapes.Confirmed, ...]:
    return tuple(
        shapes.Confirmed(
            code=one.code, applies=one.applies, confirmed_by=one.confirmed_name, confirmed_at=one.confirmed_at,
            filled=frozenset(name for name, value in one.filled.items() if str(value).strip()),
        )
        for one in rows.measures
    )  # fmt: skip


def _text(analysis: PermitAnalysis) -> str:
    return " ".join(f"{one.get('step', '')} {one.get('hazard', '')} {one.get('measure', '')}" for one in analysis.steps)


def _alike(permit: Permit, analysis: PermitAnalysis, now: datetime) -> int:
    """How many analyses of other places of the enterprise read like this one. One query."""
    rows = PermitAnalysis.objects.filter(
        permit__file=permit.file_id, permit__kind=permit.kind, confirmed_at__gte=now - timedelta(days=_ALIKE_DAYS)
    ).exclude(permit=permit.pk).exclude(permit__place=permit.place)  # fmt: skip
    own, alike = _text(analysis), set()
    for other in rows.order_by("-confirmed_at", "-pk")[:_ALIKE_MOST]:
        if other.permit_id not in alike and likeness(own, _text(other)) >= _ALIKE:
            alike.add(other.permit_id)
    return len(alike)


def _sides(rows: Loaded) -> frozenset[str] | None:
    """Which sides took part in the analysis, as far as names tell: people on the permit are the working unit's, who
    signs for a unit or department is the local one's. A name that is neither leaves a side that is missing open."""
    if rows.analysis is None:
        return None
    working = {one.person.name for one in rows.people if one.part != Part.GUARDIAN}
    local = {one.name for one in rows.standing if one.user_id is not None and one.person_id is None}
    names = [str(one).strip() for one in rows.analysis.participants]
    found = {"WORK_UNIT"} if working & set(names) else set()
    found |= {"LOCAL_UNIT"} if local & set(names) else set()
    is_told = len(found) == 2 or all(one in working | local for one in names)
    return frozenset(found) if is_told else None


def _weathers(rows: Loaded) -> tuple[shapes.WeatherAt, ...]:
    told = [one for one in rows.site_checks if isinstance(one.found.get("weather"), dict)]
    return tuple(
        shapes.WeatherAt(
            at=one.checked_at, weather=read(Weather, load(json.dumps(storable(one.found["weather"])).encode()))
        )
        for one in told
    )


def _upsets(rows: Loaded, now: datetime) -> tuple[shapes.Upset, ...] | None:
    """When work had to stand: while an order to stop was in force, and from a gas test that failed to the next of its
    kind and point that did not. A value read at work is known when it is read, that of a laboratory when it is entered.

    None where neither was: of alarms and evacuations of the plant nobody tells the house. One query."""
    permit = rows.permit
    if permit.started_at is None:
        return None
    orders = StopOrder.objects.filter(issued_at__lt=permit.finished_at or now)
    orders = orders.exclude(released_at__lte=permit.started_at)
    asked = orders.filter(Q(permit=permit.pk) | Q(permit__isnull=True, file=permit.file_id) | Q(lon__isnull=False))
    told = [(one.issued_at, one.released_at, one.cause) for one in asked.order_by("pk") if is_for(one, permit)]
    for one in rows.gas:
        if one.verdict == "FAIL":
            known = one.sampled_at if one.phase == "CONTINUOUS" else one.entered_at
            told.append((known, _good_again(rows.gas, one), "GAS_ALARM"))
    found = [
        shapes.Upset(slot=Slot(since, min(until or now, now)), reason=reason)
        for since, until, reason in told if since < min(until or now, now)
    ]  # fmt: skip
    return tuple(found) or None


def _good_again(tests: Iterable[GasTest], bad: GasTest) -> datetime | None:
    """When the next test of a quantity, gas and point passed."""
    same = [
        one.sampled_at for one in tests
        if one.verdict == "PASS" and one.sampled_at > bad.sampled_at
        and (one.quantity, one.gas, one.position, one.point) == (bad.quantity, bad.gas, bad.position, bad.point)
    ]  # fmt: skip
    return min(same, default=None)


def _is_lowered(facts: Any) -> bool:
    """Whether the paper claims that level I is managed as II (5.1.4)."""
    hot = facts.hot_work
    return facts.kind == "HW" and facts.level == "II" and hot is not None and bool(hot.downgrade_approved_by)
