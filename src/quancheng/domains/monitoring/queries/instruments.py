"""Detectors of gas as permits of special work take their readings (气体检测仪器)."""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import Tag, TagStatus
from quancheng.domains.monitoring.queries import readings
from quancheng.domains.monitoring.queries.tags import list_tags, unit_of
from quancheng.domains.permits.queries.instruments import Instrument, InstrumentsAway, Reading
from quancheng.kernel.access.actor import Actor
from quancheng.standards.signals import quality

#: What permits call the kinds of detectors and their units.
QUANTITIES = {"flammable": "COMBUSTIBLE", "toxic": "TOXIC", "oxygen": "OXYGEN"}
_UNITS = {"%LEL": "%LEL", "mg/m3": "mg/m3", "%vol": "%VOL"}
_SIX = Decimal("0.000001")
#: What a broken message tells (a float with its bytes in the wrong order) is beyond.
_MOST = 1_000_000
#: What somebody set by hand is good data and no word of the instrument.
_BY_HAND = quality.Quality.LOCAL_OVERRIDE


def gas_instruments(actor: Actor, file: uuid.UUID, code: str) -> Sequence[Instrument]:
    """Detectors of gas of an enterprise that the actor may see, each with its newest reading; open paths, which tell no
    concentration at a point, are none.

    :param code: of the one that is wanted alone; empty: all.
    :raises InstrumentsAway: the store does not answer.
    """
    rows = list_tags(actor=actor).filter(
        file=file, kind__in=QUANTITIES, unit__in=_UNITS, status__in=(TagStatus.LIVE, TagStatus.SERVICE)
    )
    tags = list(rows.filter(code=code) if code else rows)
    try:
        last = readings.last_of(tags)
    except readings.StoreAway as away:
        raise InstrumentsAway(_("仪器读数暂时读不到。请稍后再试，或改为录入气体分析。")) from away
    return [_instrument(tag, last.get(tag.number)) for tag in tags]


def _instrument(tag: Tag, last: readings.Last | None) -> Instrument:
    return Instrument(
        code=tag.code, name=tag.name, place=tag.place or str(tag.facility or tag.unit_place or ""),
        unit_id=unit_of(tag), quantity=QUANTITIES[tag.kind],
        gas="oxygen" if tag.kind == "oxygen" else tag.medium, unit=_UNITS[tag.unit],
        calibration_due=tag.calibrated_until, fresh_s=tag.stale_after_s,
        is_in_service=tag.status == TagStatus.LIVE, reading=None if last is None else _reading(tag, last),
        is_portable=tag.is_portable, calibrated_with=tag.calibration_gas,
        corrections={gas: Decimal(repr(factor)) for gas, factor in tag.corrections.items()},
    )  # fmt: skip


def _reading(tag: Tag, last: readings.Last) -> Reading:
    known = quality.known(last.quality)
    # Such a number is none of an instrument, and no column of a permit holds it.
    is_number = math.isfinite(last.value) and abs(last.value) < _MOST
    value = Decimal(f"{last.value:.9g}").quantize(_SIX).normalize() if is_number else None
    return Reading(
        # Number of the tag and milliseconds: by these the store keeps one reading.
        key=f"{tag.number}.{readings.ms_of(last.at)}", at=last.at, value=value, quality=last.quality,
        quality_text=known.text, counts=quality.counts_as_data(last.quality),
        is_good=quality.class_of(last.quality) == quality.GOOD_CLASS and known != _BY_HAND,
    )  # fmt: skip
