"""The facts of one permit as the standard asks for them, built from its rows and the files of its people.

What no row tells stays unknown, and a check that needs it refuses. Nothing is guessed but this: the clock of who acts
here is the server's own.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from quancheng.domains.hazards.queries.checks import periods_within
from quancheng.domains.permits.models import IsolationPoint, OutsidePermit, Part, Permit, PermitPerson, PermitSignature
from quancheng.domains.permits.queries.booking import days_ahead
from quancheng.domains.permits.queries.figures import parameters_of
from quancheng.domains.permits.queries.health import contraindicated
from quancheng.domains.permits.queries.impairments import impaired
from quancheng.domains.permits.queries.loading import Loaded
from quancheng.domains.permits.queries.pairings import is_streaming
from quancheng.domains.permits.queries.rescue import as_fact
from quancheng.domains.permits.queries.simops import counts_at
from quancheng.domains.permits.queries.talks import talk_counts
from quancheng.domains.permits.queries.weather import warned
from quancheng.domains.training.queries.certificates import holder_matches
from quancheng.kernel.calendar import Calendar
from quancheng.standards.gb30871 import facts as shapes
from quancheng.standards.gb30871.basis import BadInput, Slot
from quancheng.standards.gb30871.checks.gas_and_time import scene_of, setting_of
from quancheng.standards.gb30871.checks.model import Case
from quancheng.standards.gb30871.gas import QUANTITIES, GasSample
from quancheng.standards.gb30871.guardians import GuardianCertificate
from quancheng.standards.gb30871.isolation import as_type
from quancheng.standards.gb30871.kinds import kinds
from quancheng.standards.gb30871.parameters import Parameters
from quancheng.standards.gb30871.reading import load, read
from quancheng.standards.gb30871.related import RelatedPermit
from quancheng.standards.gb30871.upgrades import SpecialPeriod, Surroundings
from quancheng.standards.wording import Text

#: Keys of the facts that the draft tells.
WORK_KEYS = frozenset({
    "hot_work", "methods", "height", "lifting", "hazard_place", "high_voltage", "outdoor", "needs_plan", "plates",
    "operations", "depth_m", "dangerous_lines", "space_measures", "special_reason", "people_inside", "stay_class",
    "other_gases", "large", "in_vessel", "outer_wall", "oxygen_service", "toxic_place", "sections",
    "breathing_apparatus", "stay_min", "circumstances", "isolations", "departments_concerned", "contractor",
    "is_contractor", "questions", "site", "filing_needed", "is_filed", "licence_valid",
})  # fmt: skip
#: Keys that a check of the place tells, and those of ours beside them.
FOUND_KEYS = frozenset({
    "weather", "zone", "site", "conflicts", "coordinator", "joint_analysis", "other_on_line", "leader_on_site",
    "oxygen_reason", "oxygen_confirmed",
})  # fmt: skip
OWN_FOUND = frozenset({"identified", "isolations_verified", "reconfirmed"})
#: What was found at the place says nothing of weather, zone, devices and people at a start after so long [D].
FRESH = timedelta(minutes=60)
_MOMENTARY = ("start", "resume", "work")
#: Facts of the place that change from hour to hour. What the draft told of them counts for the approval; for a start
#: and while work runs they count as they were found at the place.
_CHANGING = frozenset({
    "welder_distance_m", "acetylene_upright", "cylinders_apart_m", "cylinders_fire_m", "under_pressure", "unit_stable",
    "oxygen_ventilation", "work_below", "protection_layers", "generator_fed_in", "cable_joints", "fire_lane",
})  # fmt: skip
#: Our states as those of the standard, for permits related to another.
STATES = {
    "DRAFT": "BOOKING_DRAFT", "REQUESTED": "APPLIED", "PREPARING": "APPLIED", "APPROVING": "SIGNING",
    "ISSUED": "ISSUED", "WORKING": "WORKING", "SUSPENDED": "SUSPENDED", "FINISHED": "FINISHED",
    "ACCEPTED": "ACCEPTED", "CLOSED": "ARCHIVED", "CANCELLED": "CANCELLED", "VOID": "VOID", "EXPIRED": "VOID",
}  # fmt: skip
#: Codes of the catalogue of certificates as the standard's map knows them; others by :func:`standard_code`.
_CODES = {"SO-1-01": "SO-1.HIGH", "SO-1-02": "SO-1.LOW", "SO-1-03": "SO-1.EX"}
#: Training by the enterprise counts for the kind for which it was given.
_OWN_TRAINING = {"HW": "OW-TOOLS", "LF": "OW-SLING"}
GUARDIAN = "OW-GUARD"


class HouseCalendar:
    """The district's calendar as the standard asks it. A weekend day off counts as rest day, holiday or not: both
    upgrade alike, and the calendar keeps no reason for them."""

    def __init__(self) -> None:
        self._days = Calendar()

    def kind_of(self, day: date) -> str:
        if self._days.is_working_day(day):
            return "WORK"
        return "REST" if day.weekday() >= 5 else "HOLIDAY"

    def knows(self, year: int) -> bool:
        return self._days.knows(year)


class Around:
    """Surroundings of many permits: calendar and special periods are read once, an enterprise's by its file."""

    def __init__(self) -> None:
        self._calendar = HouseCalendar()
        self._parameters: dict[tuple[uuid.UUID, date], Parameters] = {}
        self._periods: dict[tuple[uuid.UUID, date, date], tuple[SpecialPeriod, ...]] = {}

    def of(self, permit: Permit | OutsidePermit, now: datetime) -> Surroundings:
        """Calendar, special periods that were switched on for the enterprise, figures and way of upgrading."""
        days = Calendar()
        first = min(days.local_date(permit.window_start), days.local_date(now))
        last = max(days.local_date(permit.window_end), days.local_date(now))
        key = (permit.file_id, first, last)
        if key not in self._periods:
            self._periods[key] = tuple(
                SpecialPeriod(
                    one.name, Slot(days.start_of(one.first_date), days.start_of(one.last_date + timedelta(days=1)))
                )
                for one in periods_within(first, last, file=permit.file)
            )  # fmt: skip
        return Surroundings(
            calendar=self._calendar, special_periods=self._periods[key],
            parameters=self.figures_of(permit.file_id, now),
        )  # fmt: skip

    def figures_of(self, file: uuid.UUID, now: datetime) -> Parameters:
        """Figures of an enterprise alone."""
        key = (file, Calendar().local_date(now))
        if key not in self._parameters:
            self._parameters[key] = parameters_of(*key)
        return self._parameters[key]


def surroundings(permit: Permit, now: datetime) -> Surroundings:
    """What surrounds one permit: see :class:`Around`."""
    return Around().of(permit, now)


def setting_at(permit: Permit, around: Surroundings) -> str:
    """Where samples of a job are drawn, as ``standards.gb30871.gas.SETTINGS`` has it: it decides what oxygen may be.
    Deep pits are judged as confined spaces, and work at height without apparatus."""
    try:
        facts = read_facts(permit.kind, permit.effective or permit.level, permit.work)
    except BadInput:
        # The desk says what cannot be read; until then the stricter holds.
        return "CONFINED_SPACE"
    return setting_of(facts, scene_of(facts, Case("work", around, None, {})))


def storable(value: Any) -> Any:
    """Facts as JSON that gives the same facts again: decimals as numbers, sets as lists."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {str(key): storable(one) for key, one in value.items() if one is not None}
    if isinstance(value, frozenset | set):
        return sorted(storable(one) for one in value)
    if isinstance(value, list | tuple):
        return [storable(one) for one in value]
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return value


def read_facts(kind: str, level: str, told: Mapping[str, Any]) -> shapes.PermitFacts:
    """The standard's own reading of what was told. :raises BadInput: by place."""
    body = {**told, "kind": kind, "level": level}
    found: shapes.PermitFacts = read(shapes.PermitFacts, load(json.dumps(body).encode()))
    return found


def check_told(kind: str, level: str, told: Mapping[str, Any], keys: frozenset[str]) -> None:
    """:raises BadInput: a key that is not to be told here, or a value that cannot be one."""
    for key in told:
        if key not in keys:
            raise BadInput(key, Text("没有这一项", "there is no such key"))
    read_facts(kind, level, told)


def facts_of(rows: Loaded, phase: str, now: datetime) -> shapes.PermitFacts:
    """The facts as they stand at a moment."""
    permit = rows.permit
    told = dict(permit.work)
    own = _found(rows, phase, now, told)
    _meetings(rows, phase, now, told)
    if (house := rows.registered.contractor_of(rows.crew, permit)) is not None:
        told["is_contractor"], told["contractor"] = True, house
    if rows.orders:
        told["zone"] = {**told.get("zone", {}), "locked_by": rows.orders[0].cause}
    if rows.is_line_taken:
        # The register knows of it, whatever was stated at the place.
        told["other_on_line"] = True
    facts = read_facts(permit.kind, permit.level, told)
    window = Slot(permit.window_start, permit.window_end)
    # Who works on the permit and analyses as well is one person, by whatever he was written down.
    analysts = {one.person.name: one.code for one in rows.people}
    # What ended gives no electricity its hours.
    living = [
        one for one in rows.related
        if one.kind in ("HW", "CS") and not one.is_closed and one.status not in ("FINISHED", "ACCEPTED")
    ]  # fmt: skip
    linked = next(iter(living), None) if permit.kind == "TE" else None
    return replace(
        facts,
        is_upgraded=permit.is_upgraded,
        raised_approver=permit.risk_approver,
        window=window,
        slots=tuple(Slot(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in permit.slots),
        now=now,
        requester=user_code(rows, permit.requester_id, permit.requester.name if permit.requester else ""),
        work_leader=next((one.code for one in rows.crew if one.part == Part.LEADER), ""),
        workers=_workers(rows, own, now),
        guardians=tuple(_guardian(rows, one, now) for one in rows.crew if one.part == Part.GUARDIAN),
        measures=tuple(
            shapes.MeasureRow(
                code=one.code, applies=one.applies, confirmed_by=one.confirmed_name,
                filled=frozenset(name for name, value in one.filled.items() if str(value).strip()),
            )
            for one in rows.measures
        ),
        gas=tuple(_sample(one, analysts) for one in rows.gas),
        warnings=warned(rows.weather, rows.weather_rules, permit.kind, now),
        impairments=tuple(impaired(one, permit) for one in rows.impairments),
        **_paired(rows, now),
        analysis=rows.analysis and shapes.Analysis(
            confirmed_at=rows.analysis.confirmed_at, steps=len(rows.analysis.steps),
            participants=tuple(rows.analysis.participants),
        ),
        briefed_at=rows.briefing and rows.briefing.briefed_at,
        isolations=_isolations(rows, facts, own.get("isolations_verified")),
        under_test=rows.under_test,
        rescue=as_fact(rows.rescue),
        signatures=tuple(_signature(rows, one) for one in rows.standing),
        countersigned=frozenset(one.department for one in rows.standing if one.department),
        is_unaltered=rows.is_unaltered,
        plan_attached=rows.has_plan,
        related=tuple(_related(one) for one in rows.related),
        linked=None if linked is None else Slot(linked.window_start, linked.window_end),
        stopped_at=permit.stopped_at if permit.status == "SUSPENDED" else None,
        stop_reason=permit.stop_reason if permit.status == "SUSPENDED" else "",
        started_at=permit.started_at,
        booked_at=permit.booked_at,
        booking_days=days_ahead(rows.booking, permit.booked_at or now),
        is_emergency=permit.is_emergency,
        emergency_reason=permit.emergency_reason,
        shifts=rows.daily.shifts.of_permit(permit, now),
        issued_at=permit.issued_at,
        revalidated_at=rows.daily.revalidated_at,
        revalidated_since=rows.daily.asked_since(now),
        talk_missing=_missed_talk(rows, now),
        cards_open=rows.daily.cards_open,
        records=_records(rows),
        reconfirmed_at=own.get("reconfirmed_at"),
        clock_skew_s=Decimal(0),
    )  # fmt: skip


def _paired(rows: Loaded, now: datetime) -> dict[str, Any]:
    """What paired detectors measure and tell, and what they would. One that is silent beside another of the same that
    tells was replaced."""
    tells = frozenset(one.quantity for one in rows.pairings if is_streaming(one, now))
    silent = [one for one in rows.pairings if one.quantity not in tells]
    # A store that does not answer is no silence: what the clock found to tell nothing counts alone.
    since = min((one.heard_at or one.paired_at for one in silent if one.trouble), default=now)
    return {
        "paired": tells, "paired_silent": frozenset(one.quantity for one in silent),
        "paired_silent_min": Decimal(f"{max(0, (now - since).total_seconds() / 60):.1f}"),
    }  # fmt: skip


def _records(rows: Loaded) -> tuple[datetime, ...]:
    """Times of the records of the continuous test. What the house wrote down of paired detectors is one where they
    measure all that it asks; then the one recorded least counts. Of a part of it alone people record the rest."""
    permit, found = rows.permit, []
    of_pairs: dict[str, list[datetime]] = {}
    for one in rows.gas:
        if one.phase not in ("PERIODIC", "CONTINUOUS") and not (
            permit.started_at and one.sampled_at >= permit.started_at
        ):
            continue
        if "pairing" in one.message:
            of_pairs.setdefault(one.quantity, []).append(one.sampled_at)
        else:
            found.append(one.sampled_at)
    if of_pairs.keys() >= QUANTITIES.keys():
        found += min(of_pairs.values(), key=max)
    return tuple(sorted(found))


def _missed_talk(rows: Loaded, now: datetime) -> tuple[str, ...] | None:
    """Who of workers and guardians passed no toolbox talk of the day; None where talks were not read."""
    if rows.daily.passed is None:
        return None
    passed = {person for person, began in rows.daily.passed if talk_counts(began, now)}
    return tuple(one.code for one in rows.crew if one.part != Part.LEADER and one.pk not in passed)


def denied_at_place(rows: Loaded, phase: str, now: datetime) -> bool:
    """Whether the newest look at the place that counts in a phase says that its points are not all verified."""
    return _found(rows, phase, now, {}).get("isolations_verified") is False


def _found(rows: Loaded, phase: str, now: datetime, told: dict[str, Any]) -> dict[str, Any]:
    """Lay what was found at the place over what was told, the newest last; answers our own keys of it."""
    own: dict[str, Any] = {}
    if phase in _MOMENTARY and "site" in told:
        told["site"] = {name: value for name, value in told["site"].items() if name not in _CHANGING}
    stopped = rows.permit.stopped_at if rows.permit.status == "SUSPENDED" else None
    for check in reversed(rows.site_checks):
        is_old = phase in _MOMENTARY and (
            now - check.checked_at > FRESH or (stopped is not None and check.checked_at < stopped)
        )
        if check.checked_at > now or (is_old and phase != "work"):
            continue
        for key, value in check.found.items():
            if key in OWN_FOUND:
                own[key] = value
                if key == "reconfirmed" and value:
                    own["reconfirmed_at"] = check.checked_at
            elif isinstance(value, dict):
                told[key] = {**told.get(key, {}), **value}
            else:
                told[key] = value
    return own


def _meetings(rows: Loaded, phase: str, now: datetime, told: dict[str, Any]) -> None:
    """Lay what the house found of other work beside what was stated on the spot. A coordinator counts where each
    meeting that needs one has its own; one that was stated on the spot is not coordinated by another's."""
    met = [one for one in rows.met if counts_at(one, phase, now)]
    if not met:
        return
    found = [{"rule": one.rule, "result": one.result, "other": str(one.other or "")[-8:]} for one in met]
    stated = list(told.get("conflicts", ()))
    told["conflicts"] = [*stated, *found]
    open_ones = [one for one in met if one.result == "CONDITIONAL"]
    if any(one.decision is None for one in open_ones):
        told["coordinator"], told["joint_analysis"] = "", False
    elif open_ones and not told.get("coordinator") and not any(one.get("result") == "CONDITIONAL" for one in stated):
        told["coordinator"] = open_ones[0].decision.coordinator if open_ones[0].decision else ""
        told["joint_analysis"] = True


#: Kinds of which C-34 asks the whole list.
_ISOLATED = ("HW", "CS")
#: What ended after it had begun was begun with every point of it verified: what became of them since is another matter.
_OVER = ("FINISHED", "ACCEPTED", "CLOSED", "VOID")


def _isolations(
    rows: Loaded, facts: shapes.PermitFacts, stated: bool | None
) -> tuple[shapes.Isolation, ...] | None:  # fmt: skip
    """Points as the register has them where the permit names them there, all others as they were stated.

    :param stated: whether somebody at the place found every point verified. His "no" holds against the register.
    """
    linked = {one.tag: one for one in rows.relied_on}
    # One point in the register does not tell that there are no others: of the kinds whose isolation the standard asks,
    # the draft says so.
    if facts.isolations is None and (not linked or rows.permit.kind in _ISOLATED):
        return None
    was = rows.permit.started_at is not None and rows.permit.status in _OVER
    out = rows.coming_out
    found = []
    for one in facts.isolations or ():
        point = linked.pop(one.tag, None)
        if point is None:
            found.append(replace(one, is_verified=stated))
        else:
            found.append(_registered(point, out, is_over=was, stated=stated, needed=one.blind_needed))
    return (*found, *(_registered(one, out, is_over=was, stated=stated) for one in linked.values()))


def _registered(
    point: IsolationPoint, out: Collection[uuid.UUID], *, is_over: bool, stated: bool | None,
    needed: bool | None = None,
) -> shapes.Isolation:  # fmt: skip
    told = (needed, point.needs_blind)
    return shapes.Isolation(
        tag=point.tag, type=as_type(point.device),
        is_verified=is_over or (point.status == "VERIFIED" and point.pk not in out and stated is not False),
        blind_needed=True if True in told else None if told == (None, None) else False,
    )  # fmt: skip


# People --------------------------------------------------------------------------------------------------------------


def standard_code(code: str, kind: str) -> str:
    """A code of the catalogue as the standard's map of tasks knows it; empty where it means nothing there."""
    if code.startswith("OW-"):
        return "COMPANY_TRAINING" if code == _OWN_TRAINING.get(kind) else ""
    if code in _CODES:
        return _CODES[code]
    if code.startswith("SO-"):
        _so, group, number = code.split("-")
        return f"SO-{group}.{int(number)}"
    return code


def _workers(rows: Loaded, own: Mapping[str, Any], now: datetime) -> tuple[shapes.Worker, ...]:
    """Who works. Of temporary electricity its leader is one of them, since he must be an electrician as well."""
    found = [_worker(rows, one, own, now, one.tasks) for one in rows.crew if one.part == Part.WORKER]
    if rows.permit.kind == "TE":
        working = {one.code for one in found}
        leaders = [one for one in rows.crew if one.part == Part.LEADER and one.code not in working]
        found += [_worker(rows, one, own, now, ("WORK_LEADER",)) for one in leaders]
    return tuple(found)


def _is_briefed(rows: Loaded, one: PermitPerson) -> bool:
    """In the newest briefing, or briefed at his hand-over."""
    return one.joined_at is not None or (rows.briefing is not None and one.pk in rows.briefing.attended_keys)


def days_of(rows: Loaded, now: datetime) -> tuple[date, date]:
    """The days for which people are judged: from the later of the window's first and today, to its last."""
    days = Calendar()
    first = max(days.local_date(rows.permit.window_start), days.local_date(now))
    return first, max(first, days.local_date(rows.permit.window_end))


def barred_guardians(rows: Loaded, now: datetime) -> list[str]:
    """Guardians whom health keeps from guarding; the standard asks it of workers alone."""
    first, last = days_of(rows, now)
    return [
        one.code for one in rows.crew
        if one.part == Part.GUARDIAN
        and contraindicated(one, rows.permit.kind, (), rows.limits[one.person_id], rows.bars, first, last)
    ]  # fmt: skip


def barred_people(rows: Loaded, now: datetime, *, workers: bool) -> list[tuple[PermitPerson, bool]]:
    """Who of the crew is black-listed, or has left; with whether it is the latter.

    :param workers: with those whom the standard asks as workers; else guardians and leaders alone.
    """
    first, _last = days_of(rows, now)
    asked = {Part.WORKER, Part.LEADER} if rows.permit.kind == "TE" else {Part.WORKER}
    return [
        (one, one.person.left_date is not None) for one in rows.crew
        if (workers or one.part not in asked)
        and (one.person.left_date is not None or rows.barring.bars(one.person, first))
    ]  # fmt: skip


def _worker(
    rows: Loaded, one: PermitPerson, own: Mapping[str, Any], now: datetime, tasks: Sequence[str]
) -> shapes.Worker:
    person, day = one.person, Calendar().local_date(rows.permit.window_start)
    held = []
    for row in rows.certificates.get(one.person_id, ()):
        code = standard_code(row.kind.code, rows.permit.kind)
        # One that nobody verified does not count; past its end it does, and is told as such.
        if code and row.verified_at is not None and row.valid_from <= day:
            last = row.valid_to or (date.max if not row.kind.valid_years else None)
            recheck = row.recheck_due or last
            held.append(shapes.Certificate(code=code, number=str(row.pk), valid_to=last, recheck_due=recheck,
                                           holder_matches=holder_matches(person, row)))  # fmt: skip
    briefed = _is_briefed(rows, one)
    first, last = days_of(rows, now)
    known = rows.registered.educated.get(one.person_id)
    learned = one.educated_on if known is None else known.done
    return shapes.Worker(
        code=one.code,
        tasks=tuple(tasks),
        certificates=tuple(held),
        is_briefed=briefed,
        age=person.age_on(first),
        contraindicated=contraindicated(
            one, rows.permit.kind, tasks, rows.limits[one.person_id], rows.bars, first, last
        ),
        medical_on=one.medical_on,
        # Who left works here no longer, whatever he once learned.
        entry_education_on=learned if person.left_date is None else None,
        is_educated=None if known is None else known.done is not None,
        educated_to=None if known is None else known.until,
        is_blacklisted=rows.barring.bars(person, first),
        is_elsewhere=one.person_id in rows.elsewhere(now),
        is_identified=own.get("identified"),
    )


def _guardian(rows: Loaded, one: PermitPerson, now: datetime) -> shapes.Guardian:
    day = Calendar().local_date(rows.permit.window_start)
    found = [
        row for row in rows.certificates.get(one.person_id, ())
        if row.kind.code == GUARDIAN and row.verified_at is not None and row.valid_from <= day
    ]  # fmt: skip
    best = max(found, key=lambda row: row.valid_to or date.max, default=None)
    briefed = _is_briefed(rows, one)
    certificate = None
    if best is not None and one.person.left_date is None:
        certificate = GuardianCertificate(
            number=str(best.pk), kinds=_trained_for(best.limited_to), valid_to=best.valid_to,
            exam_score=one.exam_score, experience_years=one.experience_years,
        )  # fmt: skip
    return shapes.Guardian(
        code=one.code, certificate=certificate, is_elsewhere=one.person_id in rows.elsewhere(now), is_briefed=briefed
    )


def _trained_for(limited_to: str) -> frozenset[str]:
    """Kinds that a guardian's certificate names, or all but those that it leaves out (不含); all where it is empty,
    none where it names none."""
    told, _mark, without = re.sub("不包括|不包含|不含|除", "!", limited_to).partition("!")
    named, out = _kinds_in(told), _kinds_in(without)
    if not told.strip() and (out or not without.strip()):
        return frozenset(kinds()) - out
    return named - out


def _kinds_in(words: str) -> frozenset[str]:
    found = words.replace("、", " ").replace("，", " ").split()
    return frozenset(code for code, kind in kinds().items() if code in found or kind.name.zh[:2] in words)


def user_code(rows: Loaded, user_id: uuid.UUID | None, name: str) -> str:
    """By what an account is known on this permit: one whose name is that of somebody on it is taken for him, since
    accounts and files of persons are not linked yet."""
    if user_id is None:
        return ""
    same = next((one.code for one in rows.people if one.person.name == name), "")
    return same or f"U-{str(user_id)[-8:]}"


def _signature(rows: Loaded, one: PermitSignature) -> shapes.Signature:
    person = one.person.code if one.person is not None else user_code(rows, one.user_id, one.name)
    return shapes.Signature(
        step=one.step, role=one.role, person=person, signed_at=one.signed_at, distance_m=one.distance_m,
        position_age_s=one.position_age_s, accuracy_m=one.accuracy_m,
    )  # fmt: skip


def _sample(one: Any, analysts: Mapping[str, str]) -> GasSample:
    return GasSample(
        quantity=one.quantity, gas=one.gas, value=one.value, unit=one.unit, position=one.position, point=one.point,
        phase=one.phase, distance_m=one.distance_m, calibrated_with=one.calibrated_with, correction=one.correction,
        instrument=one.instrument, calibration_due=one.calibration_due, is_manual=one.is_manual,
        analyst=analysts.get(one.analyst.strip(), one.analyst),
        sampled_at=one.sampled_at,
    )  # fmt: skip


def _related(one: Permit) -> RelatedPermit:
    return RelatedPermit(
        kind=one.kind, state=STATES[one.status], window=Slot(one.window_start, one.window_end), is_linked=True
    )
