"""What paired detectors tell while work runs (配对检测仪读数), recorded each minute as periodic tests."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import DetectorPairing, GasTest, Permit
from quancheng.domains.permits.notices import DETECTOR
from quancheng.domains.permits.queries.facts import read_facts, surroundings
from quancheng.domains.permits.queries.instruments import (
    Instrument,
    InstrumentsAway,
    instrument_named,
    instruments_for,
    silent_for,
)
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.services.checking import held, note
from quancheng.domains.permits.services.instruments import Drawn, doubts_of, sample_of, verdict_of_reading
from quancheng.domains.permits.services.preparing import ON_SITE, keep_gas
from quancheng.domains.permits.services.telling import tell
from quancheng.domains.permits.services.working import CLOCK
from quancheng.kernel.errors import Invalid
from quancheng.standards.gb30871 import gas_times
from quancheng.standards.gb30871.basis import BadInput
from quancheng.standards.gb30871.checks.gas_and_time import scene_of
from quancheng.standards.gb30871.checks.model import Case

log = logging.getLogger(__name__)
#: A record is made so long before it is due, so that one doubtful message makes none overdue [D].
AHEAD = timedelta(minutes=5)


def keep_pairings(*, now: datetime) -> int:
    """See what every paired detector tells, and record it where work runs: at the interval that the kind asks, and at
    once where it fails, which suspends the work. Returns how many tests were recorded. A store that does not answer is
    no silence of a detector."""
    rows = DetectorPairing.objects.filter(ended_at__isnull=True).select_related("permit__file").order_by("file", "pk")
    made = 0
    seen: dict[uuid.UUID, dict[str, Instrument] | None] = {}
    for row in rows:
        if row.file_id not in seen:
            seen[row.file_id] = _instruments(row.permit)
        known = seen[row.file_id]
        if known is None:
            continue
        try:
            made += _watch(row.pk, known.get(row.instrument), now)
        except Exception:
            log.exception("the clock could not watch the paired detector %s", row.pk)
    return made


def watch_detector(code: str, *, now: datetime) -> int:
    """The same for one detector at once, whose alarm a room above heard."""
    made = 0
    rows = DetectorPairing.objects.filter(ended_at__isnull=True, instrument=code).select_related("permit__file")
    for row in rows:
        made += _watch(row.pk, instrument_named(actor=CLOCK, permit=row.permit, code=code), now)
    return made


def _instruments(permit: Permit) -> dict[str, Instrument] | None:
    try:
        return {one.code: one for one in instruments_for(actor=CLOCK, permit=permit)}
    except InstrumentsAway as away:
        log.warning("paired detectors could not be read: %s", away)
        return None


def _watch(pk: uuid.UUID, one: Instrument | None, now: datetime) -> int:
    """One pairing, behind the lock of its permit. Returns how many tests were recorded."""
    failure: Exception | None = None
    with transaction.atomic():
        row = DetectorPairing.objects.get(pk=pk)
        permit = held(row.permit_id)
        row = DetectorPairing.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
        if row.ended_at is not None:
            return 0
        if permit.status not in ON_SITE:
            DetectorPairing.objects.filter(pk=pk).update(ended_at=max(now, row.paired_at), ended_by=CLOCK.name[:130])
            return 0
        is_silent = one is None or not one.is_portable or silent_for(one, now)
        if one is not None and not is_silent and one.reading is not None:
            DetectorPairing.objects.filter(pk=pk).update(heard_at=min(one.reading.at, now), fresh_s=one.fresh_s)
        if permit.status != "WORKING":
            return 0
        if one is None or is_silent:
            _trouble(row, permit, _("检测仪没有上传读数"), now)
            return 0
        made, failure = _record(row, permit, one, now)
    if failure is not None:
        log.error("a failing value of %s could not stop permit %s", pk, row.permit_id, exc_info=failure)
    return made


def _record(
    row: DetectorPairing, permit: Permit, one: Instrument, now: datetime
) -> tuple[int, Exception | None]:  # fmt: skip
    drawn = Drawn(
        analyst=row.analyst, point=row.point, position=row.position, phase="PERIODIC", distance_m=row.distance_m,
        gas=row.gas,
    )  # fmt: skip
    try:
        sample, evidence = sample_of(one, permit, drawn, now)
        verdict, unjudged = verdict_of_reading(permit, sample)
    except Invalid as wrong:
        _trouble(row, permit, _first(wrong.fields) or str(wrong), now)
        return 0, None
    if verdict != "FAIL" and (doubts := doubts_of(one, permit, sample, unjudged)):
        _trouble(row, permit, _first(doubts), now)
        return 0, None
    if row.trouble:
        DetectorPairing.objects.filter(pk=row.pk).update(trouble="", told_at=None)
    told = GasTest.objects.filter(permit=permit, instrument=one.code[:60]).exclude(reading="")
    if told.filter(reading=evidence["reading"]).exists():
        return 0, None
    last = told.aggregate(last=Max("sampled_at"))["last"]
    if verdict != "FAIL" and last is not None and now - last < _every(permit, now):
        return 0, None
    kept = {**evidence, "message": {**evidence["message"], "pairing": str(row.pk)}}
    _made, failure = keep_gas(actor=CLOCK, held=permit, sample=sample, verdict=verdict, now=now, evidence=kept)
    return 1, failure


def _first(wrong: object) -> str:
    found = next(iter(wrong.values()), "") if isinstance(wrong, dict) else ""
    return str(found)


def _every(permit: Permit, now: datetime) -> timedelta:
    """How often a value is recorded: as the standard asks of the job (6.5), else as the enterprise set it, a little
    before it is due."""
    around = surroundings(permit, now)
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
    """Nothing counts as a test; the enterprise is told once."""
    if row.told_at is not None:
        return
    DetectorPairing.objects.filter(pk=row.pk).update(trouble=why[:300], told_at=now)
    note(CLOCK, "permits.detector.silent", permit, now, {"instrument": row.instrument, "why": why[:300]})
    tell(DETECTOR, permit, now, duty=WORK, instrument=row.instrument, reason=why[:200])
