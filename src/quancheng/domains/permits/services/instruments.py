"""Gas analysis from an instrument's own message (仪器读数取样): nobody types what it read, nor when."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import DetectorPairing, GasTest, Permit
from quancheng.domains.permits.queries.instruments import Instrument, absent, doubtful, instrument_named
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.services.checking import locked, require_own, said
from quancheng.domains.permits.services.preparing import ON_SITE, Sample, judged, keep_gas
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import plain
from quancheng.kernel.errors import Conflict, Invalid, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.standards.gb30871.gas import GasSample, calibration_problem
from quancheng.standards.gb30871.gases import gas_named


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Where and when in the work a sample was drawn, and by whom: what no message tells.

    :ivar distance_m: from the work point, of a sample outside. :ivar gas: what may be in the air there, of a portable
        detector of combustible gas; empty: what its register tells, else the gas of its calibration.
    """

    analyst: str
    point: str
    position: str = "OUTSIDE"
    phase: str = "PRE"
    distance_m: Decimal | None = None
    gas: str = ""


def take_reading(
    *, actor: Actor, permit: Permit, instrument: str, drawn: Drawn, now: datetime, client_id: uuid.UUID | None = None
) -> GasTest:
    """Take the newest reading of an instrument as the analysis of a permit. One that fails while work runs suspends it
    at once (4.8, 6.5), as a typed one does; so does one of doubtful quality or of an instrument out of calibration.
    One that passes counts where nothing speaks against it alone; an instrument that hangs somewhere tells of the
    outside alone, with its distance.

    :param instrument: its code in the register of the room that reads it.
    :raises Invalid: no instrument of this enterprise, none of this place, no usable reading, calibration past or not
        known; each with its clause. :raises InstrumentsAway: readings cannot be looked up now.
    """
    require_own(actor, permit.file, WORK)
    one = instrument_named(actor=actor, permit=permit, code=clean(instrument))
    failure: list[Exception | None] = []

    def make() -> uuid.UUID:
        held = locked(permit, *ON_SITE)
        if one is None:
            # As absent as another enterprise's: the answer must not tell which.
            raise Invalid(fields={"instrument": _(
                "本单位没有这台气体检测仪器，他处的读数不能代表本作业点（GB 30871-2022，5.3.1、6.4）。"
            )})  # fmt: skip
        if one.is_portable and (elsewhere := goes_with(one, held)) is not None:
            raise Invalid(fields={"instrument": _(
                "检测仪正在与作业票“%(permit)s”配对，其读数不能代表本作业点，请换一台或先解除配对"
                "（GB 30871-2022，5.3.1、6.4）。"
            ) % {"permit": elsewhere}})  # fmt: skip
        sample, evidence = sample_of(one, held, drawn, now)
        verdict, unjudged = verdict_of_reading(held, sample)
        if verdict != "FAIL" and (wrong := doubts_of(one, held, sample, unjudged)):
            raise Invalid(fields=wrong)
        if GasTest.objects.filter(permit=held, reading=evidence["reading"]).exists():
            raise Conflict(_("这条读数已经用于本作业票，请等仪器有新的读数后再取样。"))
        made, failed = keep_gas(actor=actor, held=held, sample=sample, verdict=verdict, now=now, evidence=evidence)
        failure.append(failed)
        return made.pk

    body = plain({"permit": permit.pk, "instrument": instrument, **asdict(drawn)})
    with transaction.atomic():
        pk, _new = once(
            actor=actor, client_id=client_id, act="permits.gas.take", body=body, now=now, make=make
        )
    permit.refresh_from_db()
    if failure and failure[0] is not None:
        raise failure[0]
    return GasTest.objects.get(pk=pk)


def goes_with(one: Instrument, permit: Permit) -> Permit | None:
    """The permit of another job with which a portable one goes, so that it is there; None where it is free. Permits of
    one job are at one place."""
    rows = DetectorPairing.objects.filter(file=permit.file_id, instrument=one.code, ended_at__isnull=True)
    rows = rows.filter(permit__status__in=ON_SITE).exclude(permit=permit).exclude(permit__related=permit)
    row = rows.select_related("permit").first()
    return row.permit if row is not None else None


def sample_of(one: Instrument, permit: Permit, drawn: Drawn, now: datetime) -> tuple[Sample, Mapping[str, Any]]:
    """The reading as a sample, and what is kept of the message.

    :raises Invalid: there is no such reading, or it is none of this work.
    """
    wrong = {name: _("请填写此项。") for name in ("analyst", "point") if not clean(getattr(drawn, name))}
    if refused := absent(one, permit, now):
        wrong["instrument"] = refused
    told = one.reading
    if wrong or told is None or told.value is None:
        raise Invalid(fields=wrong)
    gas, calibrated_with, correction = _gas_of(one, drawn)
    sample = Sample(
        quantity=one.quantity, value=told.value, unit=one.unit, sampled_at=min(told.at, now), instrument=one.code[:60],
        calibration_due=one.calibration_due, analyst=clean(drawn.analyst)[:60], gas=gas[:40],
        position=drawn.position, point=clean(drawn.point)[:60], phase=drawn.phase, distance_m=drawn.distance_m,
        calibrated_with=calibrated_with, correction=correction,
    )  # fmt: skip
    message = {
        "name": one.name, "place": one.place, "value": str(told.value), "unit": one.unit, "quality": told.quality,
        "at": told.at.isoformat(),
    }  # fmt: skip
    return sample, {"reading": told.key, "message": message}


def _gas_of(one: Instrument, drawn: Drawn) -> tuple[str, str, Decimal | None]:
    """Which gas was read, with which the instrument is calibrated, and its maker's factor from one to the other."""
    wanted = clean(drawn.gas) if one.is_portable and one.quantity == "COMBUSTIBLE" else ""
    named = wanted or one.gas or (one.calibrated_with if one.is_portable else "")
    known = gas_named(named) if named else None
    gas = known.code if known is not None else named
    # Only what is told in shares of the explosive limit depends on the gas of the calibration.
    if one.quantity != "COMBUSTIBLE" or one.unit != "%LEL" or not one.calibrated_with:
        return gas, "", None
    other = gas_named(one.calibrated_with)
    calibrated = other.code if other is not None else one.calibrated_with
    if calibrated == gas:
        return gas, calibrated, None
    factors = {key: one.corrections.get(key) for key in (named, known.cas if known is not None else "") if key}
    return gas, calibrated, next((factor for factor in factors.values() if factor is not None), None)


def verdict_of_reading(permit: Permit, sample: Sample) -> tuple[str, str]:
    """What the standard says of a reading; no verdict, and why, where it cannot be judged. Where the gas, its maker's
    factor or the gas of the calibration of a detector of %LEL is not told it fails where it would if it were the
    medium, the gas of the calibration or methane, as is usual."""
    found = judged(permit, sample)
    if found.value is not None:
        return found.verdict, ""
    if sample.quantity == "COMBUSTIBLE" and sample.unit == "%LEL":
        tries = [replace(sample, gas="methane", calibrated_with="", correction=None)]
        for name in (sample.gas, sample.calibrated_with):
            known = gas_named(name) if name else None
            if known is not None and known.lel is not None:
                tries.append(replace(sample, gas=known.code, calibrated_with=known.code, correction=None))
        if any(judged(permit, each).verdict == "FAIL" for each in tries):
            return "FAIL", ""
    words = {"problem": said(found.why.text), "clause": found.why.clause}
    return "", _("%(problem)s，读数不能作为分析依据（%(clause)s）。") % words


def doubts_of(one: Instrument, permit: Permit, sample: Sample, unjudged: str) -> dict[str, Text]:
    """Why a reading that does not fail is not believed, by field; what fails is believed all the same. A portable one
    tells of where it was held, a fixed one of the outside alone."""
    wrong: dict[str, Text] = {}
    if doubt := doubtful(one, permit) or unjudged or _doubt(one, sample):
        wrong["instrument"] = doubt
    if not one.is_portable and sample.position != "OUTSIDE":
        wrong["position"] = _("固定安装的仪器只能代表作业点外部，其他部位须现场取样（GB 30871-2022，5.3.1、6.4）。")
    elif not one.is_portable and sample.distance_m is None:
        wrong["distance_m"] = _("请填写此项。")
    return wrong


def _doubt(one: Instrument, sample: Sample) -> str:
    """What speaks against the instrument's calibration or the quality of its reading."""
    if one.reading is None:
        return ""
    read = GasSample(
        quantity=sample.quantity, value=sample.value, unit=sample.unit, sampled_at=sample.sampled_at, gas=sample.gas,
        calibration_due=sample.calibration_due, instrument=sample.instrument,
    )  # fmt: skip
    if (problem := calibration_problem(read)) is not None:
        return _("%(problem)s，读数不能作为分析依据（%(clause)s）。") % {
            "problem": said(problem.text), "clause": problem.clause
        }  # fmt: skip
    if not one.reading.is_good:
        return _("仪器读数质量为“%(quality)s”，不能作为分析依据（GB 30871-2022，4.12）。") % {
            "quality": said(one.reading.quality_text)
        }
    return ""
