"""What paired detectors tell while work runs (配对检测仪读数), recorded each minute as periodic tests."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import DetectorPairing, GasTest, Permit
from quancheng.domains.permits.notices import DETECTOR
from quancheng.domains.permits.queries.facts import Around, read_facts
from quancheng.domains.permits.queries.instruments import (
    Instrument,
    InstrumentsAway,
    instrument_named,
    instruments_for,
)
from quancheng.domains.permits.queries.pairings import fresh_for, is_silent
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.services.checking import held, note
from quancheng.domains.permits.services.instruments import Drawn, doubts_of, sample_of, verdict_of_reading
from quancheng.domains.permits.services.preparing import ON_SITE, Sample, keep_gas
from quancheng.domains.permits.services.telling import tell
from quancheng.domains.permits.services.working import CLOCK
from quancheng.kernel.errors import Invalid
from quancheng.standards.gb30871 import gas_times
from quancheng.standards.gb30871.basis import BadInput
from quancheng.standards.gb30871.checks.gas_and_time import scene_of
from quancheng.standards.gb30871.checks.model import Case
from quancheng.standards.gb30871.upgrades import Surroundings

log = logging.getLogger(__name__)
#: A record is made so long before it is due, so that one doubtful message makes none overdue [D].
AHEAD = timedelta(minutes=5)
#: States in which a failing value changes something though nobody works: what was signed was signed to another air.
_STANDS = ("APPROVING", "ISSUED", "SUSPENDED")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the newest message of a paired detector says of its work: ``trouble`` why it counts as no test."""

    trouble: str
    verdict: str = ""
    sample: Sample | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)


def keep_pairings(*, now: datetime) -> int:
    """See what every paired detector tells, and record it where work runs: at the interval that the kind asks, and at
    once where it fails, which suspends the work, and before work sends the permit back. Returns how many tests were
    recorded. A store that does not answer is no silence of a detector."""
    rows = DetectorPairing.objects.filter(ended_at__isnull=True).select_related("permit__file").order_by("file", "pk")
    made, around = 0, Around()
    seen: dict[uuid.UUID, dict[str, Instrument] | None] = {}
    for row in rows:
        if row.file_id not in seen:
            seen[row.file_id] = _instruments(row.permit)
        known = seen[row.file_id]
        if known is None:
            continue
        try:
            made += _watch(row.pk, known.get(row.instrument), now, around)
        except Exception:
            log.exception("the clock could not watch the paired detector %s", row.pk)
    return made


def watch_detector(*, file: uuid.UUID, code: str, now: datetime) -> int:
    """The same for one detector at once, whose alarm a room above heard."""
    made = 0
    rows = DetectorPairing.objects.filter(file=file, ended_at__isnull=True, instrument=code)
    for row in rows.select_related("permit__file"):
        try:
            one = instrument_named(actor=CLOCK, permit=row.permit, code=code)
        except InstrumentsAway as away:
            log.warning("paired detectors could not be read: %s", away)
            continue
        made += _watch(row.pk, one, now, Around())
    return made


def _instruments(permit: Permit) -> dict[str, Instrument] | None:
    try:
        return {one.code: one for one in instruments_for(actor=CLOCK, permit=permit)}
    except InstrumentsAway as away:
        log.warning("paired detectors could not be read: %s", away)
    except Exception:
        # What is wrong with one enterprise's detectors keeps nobody else's from being seen.
        log.exception("the detectors of permit %s could not be read", permit.pk)
    return None


def _watch(pk: uuid.UUID, one: Instrument | None, now: datetime, around: Around) -> int:
    """One pairing, behind the lock of its permit. Returns how many tests were recorded."""
    failure: Exception | None = None
    made = 0
    with transaction.atomic():
        row = DetectorPairing.objects.get(pk=pk)
        permit = held(row.permit_id)
        row = DetectorPairing.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
        if row.ended_at is not None:
            return 0
        if permit.status not in ON_SITE:
            DetectorPairing.objects.filter(pk=pk).update(ended_at=max(now, row.paired_at), ended_by=CLOCK.name[:130])
            return 0
        surrounds = around.of(permit, now)
        fresh_s = fresh_for(one, surrounds) if one is not None else row.fresh_s
        seen = _look(row, permit, one, fresh_s, now)
        if seen.trouble:
            _trouble(row, permit, seen.trouble, now)
        else:
            # Only what counts was heard: whatever else it sends is no test of the air.
            heard = {"heard_at": seen.sample.sampled_at} if seen.sample is not None else {}
            told = {"trouble": "", "told_at": None, "fresh_s": fresh_s, **heard}
            DetectorPairing.objects.filter(pk=pk).update(**told)
        if seen.sample is not None and _is_due(permit, seen, surrounds, now):
            kept = {**seen.evidence, "message": {**seen.evidence["message"], "pairing": str(pk)}}
            _made, failure = keep_gas(
                actor=CLOCK, held=permit, sample=seen.sample, verdict=seen.verdict, now=now, evidence=kept
            )
            made = 1
    if failure is not None:
        log.error("a failing value of %s could not stop permit %s", pk, row.permit_id, exc_info=failure)
    return made


def _look(row: DetectorPairing, permit: Permit, one: Instrument | None, fresh_s: int, now: datetime) -> _Seen:
    """What fails counts whatever its quality; all else only of an instrument that can be relied on."""
    if one is None or not one.is_portable or is_silent(one, fresh_s, now):
        return _Seen(_("检测仪没有上传读数"))
    drawn = Drawn(
        analyst=row.analyst, point=row.point, position=row.position, phase="PERIODIC", distance_m=row.distance_m,
        gas=row.gas,
    )  # fmt: skip
    try:
        sample, evidence = sample_of(one, permit, drawn, now)
        verdict, unjudged = verdict_of_reading(permit, sample)
    except Invalid as wrong:
        return _Seen(_first(wrong.fields) or str(wrong))
    doubt = _first(doubts_of(one, permit, sample, unjudged))
    if doubt and verdict != "FAIL":
        return _Seen(doubt)
    return _Seen(doubt, verdict, sample, evidence)


def _is_due(permit: Permit, seen: _Seen, around: Surroundings, now: datetime) -> bool:
    """Whether a value is written down: one that fails at once, where work runs or stands signed; one that passes where
    work runs, so often as is asked."""
    sample, is_failing = seen.sample, seen.verdict == "FAIL"
    if sample is None or not (permit.status == "WORKING" or (is_failing and permit.status in _STANDS)):
        return False
    told = GasTest.objects.filter(permit=permit, instrument=sample.instrument).exclude(reading="")
    if told.filter(reading=seen.evidence["reading"]).exists():
        return False
    if is_failing:
        if permit.status != "SUSPENDED":
            return True
        # Of work that stands it is known once, and again where somebody tested the point meanwhile.
        newest = GasTest.objects.filter(
            permit=permit, quantity=sample.quantity, gas=sample.gas, position=sample.position, point=sample.point
        ).order_by("-sampled_at", "-entered_at").first()  # fmt: skip
        return newest is None or newest.verdict != "FAIL"
    last = told.aggregate(last=Max("sampled_at"))["last"]
    return last is None or now - last >= _every(permit, around)


def _first(wrong: object) -> str:
    found = next(iter(wrong.values()), "") if isinstance(wrong, dict) else ""
    return str(found)


def _every(permit: Permit, around: Surroundings) -> timedelta:
    """How often a value is recorded: as the standard asks of the job (6.5), else as the enterprise set it, a little
    before it is due."""
    minutes = around.parameters.paired_log_min
    try:
        facts = read_facts(permit.kind, permit.effective or permit.level, permit.work)
        found = gas_times.cadence(scene_of(facts, Case("work", around, None, {})), around.parameters)
        minutes = minutes if found.record_min is None else found.record_min
    except BadInput:
        # The desk says what cannot be read; until then the shorter of both holds.
        minutes = min(minutes, around.parameters.cs_log_min)
    every = timedelta(minutes=float(minutes))
    return max(every - AHEAD, every / 2)


def _trouble(row: DetectorPairing, permit: Permit, why: str, now: datetime) -> None:
    """Nothing counts as a test. The enterprise is told once, while work runs."""
    told = {"trouble": why[:300]}
    if permit.status != "WORKING" or row.told_at is not None:
        DetectorPairing.objects.filter(pk=row.pk).update(**told)
        return
    DetectorPairing.objects.filter(pk=row.pk).update(**told, told_at=now)
    note(CLOCK, "permits.detector.silent", permit, now, {"instrument": row.instrument, "why": why[:300]})
    tell(DETECTOR, permit, now, duty=WORK, instrument=row.instrument, reason=why[:200])
