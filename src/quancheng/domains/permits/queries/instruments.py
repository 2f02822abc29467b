"""What instruments tell of gas (检测仪器读数). Rooms above register what they know; a permit reads its enterprise's."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from quancheng.domains.permits.models import Permit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError
from quancheng.standards.gb30871.parameters import STANDARD
from quancheng.standards.wording import Text

#: What an instrument's clock may be ahead of ours: within it its reading is one of now (C-49).
AHEAD = timedelta(seconds=float(STANDARD.clock_skew_s))


class InstrumentsAway(DomainError):
    """Readings cannot be looked up just now; what is typed is taken all the same."""

    status = 503
    code = "instruments_away"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value as its message told it.

    :ivar key: by which the message is found again. :ivar value: in the instrument's unit; None where it is no number.
    :ivar quality: code as received, ``quality_text`` in words. :ivar is_good: the instrument vouches for it;
        ``counts``: it may raise an alarm at least.
    """

    key: str
    at: datetime
    value: Decimal | None
    quality: int
    quality_text: Text
    is_good: bool
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A detector of gas that sends by itself, portable or fixed, and its newest reading.

    :ivar quantity: a code of ``standards.gb30871.gas.QUANTITIES``. :ivar gas: code, CAS number or name; empty where
        nobody registered it. :ivar unit: one of ``standards.gb30871.gases.UNITS``. :ivar unit_id: unit of the site
        where it hangs; None where that is not known. :ivar is_portable: its room declares that it is carried to where
        the sample is drawn; else it hangs somewhere. :ivar calibration_due: last day on which it counts; None: not
        known. :ivar fresh_s: a reading older than so many seconds is none of now. :ivar is_in_service: False under
        repair. :ivar calibrated_with: the gas of its calibration, ``corrections`` its maker's factors for others, both
        by CAS number; empty: nobody told.
    """

    code: str
    name: str
    place: str
    unit_id: uuid.UUID | None
    quantity: str
    gas: str
    unit: str
    calibration_due: date | None
    fresh_s: int
    is_in_service: bool
    reading: Reading | None
    is_portable: bool = False
    calibrated_with: str = ""
    corrections: Mapping[str, Decimal] = field(default_factory=dict)


#: For an actor and an enterprise: every instrument of it with its newest reading, or the one of a code alone where one
#: is told. :raises InstrumentsAway:
Provider = Callable[[Actor, uuid.UUID, str], Sequence[Instrument]]
_providers: dict[str, Provider] = {}


def register_instruments(name: str, provider: Provider) -> None:
    """Let a room tell instruments; called from an app's ``ready``."""
    _providers[name] = provider


def instruments_for(*, actor: Actor, permit: Permit, code: str = "") -> list[Instrument]:
    """Instruments of the permit's enterprise, those of its unit first.

    :param code: of the one that is wanted alone.
    :raises InstrumentsAway: their readings cannot be looked up now.
    """
    found = [one for provider in _providers.values() for one in provider(actor, permit.file_id, code)]
    return sorted(found, key=lambda one: (is_of_another_unit(one, permit), one.unit_id is None, one.code))


def instrument_named(*, actor: Actor, permit: Permit, code: str) -> Instrument | None:
    """One of them by its code; None where the enterprise has none such."""
    return next((one for one in instruments_for(actor=actor, permit=permit, code=code) if one.code == code), None)


def is_of_another_unit(one: Instrument, permit: Permit) -> bool:
    """Whether it hangs in another unit than the one in which the work is, as far as both are told. What is carried is
    where its people are."""
    if one.is_portable or one.unit_id is None or permit.unit_id is None:
        return False
    return one.unit_id != permit.unit_id


def silent_for(one: Instrument, now: datetime) -> bool:
    """Whether its newest reading is none of now: too old, or of a time to come."""
    told = one.reading
    return told is None or not -AHEAD <= now - told.at <= timedelta(seconds=one.fresh_s)


def unusable(one: Instrument, permit: Permit, now: datetime) -> str:
    """Why its newest reading cannot let work go on, as a sentence with the clause; empty where it may."""
    return absent(one, permit, now) or doubtful(one, permit)


def absent(one: Instrument, permit: Permit, now: datetime) -> str:
    """Why it told nothing of this work, be it good or bad: it hangs in another unit, or has no number of now.

    Source: GB 30871-2022, 4.12 (instruments), 5.3.1 and 6.4 (representative points). How old is too old is the tag's
    own setting [D].
    """
    if is_of_another_unit(one, permit):
        return _("仪器不在作业所在单元，读数不能代表本作业点（GB 30871-2022，5.3.1、6.4）。")
    if one.reading is None or one.reading.value is None:
        return _("仪器没有有效读数，不能作为分析依据（GB 30871-2022，4.12）。")
    if silent_for(one, now):
        return _("仪器最近%(n)s秒没有新的读数，须重新取样（GB 30871-2022，5.3、6.4）。") % {"n": one.fresh_s}
    return ""


def doubtful(one: Instrument, permit: Permit) -> str:
    """Why what it told lets nothing go on; what fails counts all the same.

    Source: GB 30871-2022, 4.12 (instruments), 5.3.1 and 6.4 (representative points), 5.3.2 (the gas must be known).
    """
    if not one.is_in_service:
        return _("仪器正在检维修，读数不能作为分析依据（GB 30871-2022，4.12）。")
    if one.reading is not None and not one.reading.counts:
        return _("仪器没有有效读数，不能作为分析依据（GB 30871-2022，4.12）。")
    if not one.is_portable and (one.unit_id is None or permit.unit_id is None):
        return _("作业票或监测点位没有登记单元，不能确认读数代表本作业点（GB 30871-2022，5.3.1、6.4）。")
    if one.unit == "%LEL" and not one.gas and not one.is_portable:
        return _("点位没有登记被测气体，%LEL读数无法换算，须先在监测点位登记介质（GB 30871-2022，5.3.2）。")
    return ""
