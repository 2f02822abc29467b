"""Quality of a reading (数据质量): sixteen bits after the classic layout of OPC DA, and where foreign ones lead.

The two high bits of the low byte are the class; the two low bits (limit bits) and the high byte (the maker's) are
ignored. Which codes count as data is our design [D]; numbers of OPC UA are general knowledge [G].
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from quancheng.standards.wording import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

GOOD_CLASS, UNCERTAIN_CLASS, BAD_CLASS = 0xC0, 0x40, 0x00
_CLASS_BITS, _OWN_BITS = 0xC0, 0xFC
#: Beyond its span by up to this share of it a value still counts, farther the sensor has failed [D].
SPAN_MARGIN = 0.03


class Quality(IntEnum):
    """The codes in use. ``BAD`` and ``UNCERTAIN`` are those of a source that tells no more than the class."""

    GOOD = 192
    LOCAL_OVERRIDE = 216
    UNCERTAIN = 64
    LAST_USABLE = 68
    SENSOR_NOT_ACCURATE = 80
    EU_EXCEEDED = 84
    SUB_NORMAL = 88
    BAD = 0
    CONFIG_ERROR = 4
    NOT_CONNECTED = 8
    DEVICE_FAILURE = 12
    SENSOR_FAILURE = 16
    LAST_KNOWN = 20
    COMM_FAILURE = 24
    OUT_OF_SERVICE = 28

    @property
    def text(self) -> Text:
        """Its name in words."""
        return _MEANINGS[self].name

    @property
    def weight(self) -> float:
        """How much a value of it weighs in an index: 0 where it does not count as data."""
        return _MEANINGS[self].weight


#: What says that the instrument itself is at fault.
FAULTS = (Quality.DEVICE_FAILURE, Quality.SENSOR_FAILURE)


@dataclass(frozen=True, slots=True)
class _Meaning:
    name: Text
    weight: float


_MEANINGS: dict[Quality, _Meaning] = {
    Quality.GOOD: _Meaning(Text("正常", "Good"), 1.0),
    Quality.LOCAL_OVERRIDE: _Meaning(Text("人工置数", "Forced by an operator"), 1.0),
    Quality.UNCERTAIN: _Meaning(Text("可疑", "Uncertain"), 0.5),
    Quality.LAST_USABLE: _Meaning(Text("中断期间保持值", "Last value held during an outage"), 0.0),
    Quality.SENSOR_NOT_ACCURATE: _Meaning(Text("校验过期或疑似漂移", "Calibration overdue or drift suspected"), 0.5),
    Quality.EU_EXCEEDED: _Meaning(Text("略超量程", "Slightly beyond the span"), 1.0),
    Quality.SUB_NORMAL: _Meaning(Text("备用或降级来源", "Fewer sources than normal"), 1.0),
    Quality.BAD: _Meaning(Text("无效", "Bad"), 0.0),
    Quality.CONFIG_ERROR: _Meaning(Text("配置错误", "Configuration error"), 0.0),
    Quality.NOT_CONNECTED: _Meaning(Text("网关离线", "Gateway offline"), 0.0),
    Quality.DEVICE_FAILURE: _Meaning(Text("设备故障", "Device failure"), 0.0),
    Quality.SENSOR_FAILURE: _Meaning(Text("传感器故障", "Sensor failure"), 0.0),
    Quality.LAST_KNOWN: _Meaning(Text("数据陈旧", "Stale"), 0.0),
    Quality.COMM_FAILURE: _Meaning(Text("通讯故障", "Communication failure"), 0.0),
    Quality.OUT_OF_SERVICE: _Meaning(Text("停用", "Out of service"), 0.0),
}


def class_of(quality: int) -> int:
    """192, 64 or 0. The pattern 10 of the class bits is not in use and reads as bad."""
    found = quality & _CLASS_BITS
    return found if found in (GOOD_CLASS, UNCERTAIN_CLASS) else BAD_CLASS


def known(quality: int) -> Quality:
    """The code in use that a quality means; where there is none, that of its class alone."""
    try:
        return Quality(quality & _OWN_BITS)
    except ValueError:
        return Quality(class_of(quality))


def counts_as_data(quality: int) -> bool:
    """Whether a value of it may raise an alarm and enter a mean: good and uncertain ones but held last values."""
    return class_of(quality) != BAD_CLASS and quality & _OWN_BITS != Quality.LAST_USABLE


def weight(quality: int) -> float:
    """What a value of it weighs in an index, 0 to 1."""
    return known(quality).weight


def counting(qualities: NDArray[np.integer]) -> NDArray[np.bool_]:
    """:func:`counts_as_data` for a column."""
    classes = qualities & _CLASS_BITS
    is_class = (classes == GOOD_CLASS) | (classes == UNCERTAIN_CLASS)
    return is_class & ((qualities & _OWN_BITS) != Quality.LAST_USABLE)


def capped(quality: int, cap: Quality) -> int:
    """No better than ``cap``: an overdue calibration makes good ones ``SENSOR_NOT_ACCURATE``."""
    return int(cap) if class_of(quality) > class_of(cap) else quality


# Where a value lies ------------------------------------------------------------------------------------------------


def of_range(
    values: Floats, low: float | Floats, high: float | Floats, *, margin: float = SPAN_MARGIN
) -> NDArray[np.int64]:
    """Quality of each value by the span of its instrument, of one or of each: inside good, slightly beyond
    ``EU_EXCEEDED``, farther or not finite ``SENSOR_FAILURE``.
    """
    beyond = np.maximum(low - values, values - high)
    found = np.full(values.shape, int(Quality.SENSOR_FAILURE), dtype=np.int64)
    found[beyond <= margin * (high - low)] = Quality.EU_EXCEEDED
    found[beyond <= 0] = Quality.GOOD
    return found


def of_current(milliampere: float) -> Quality:
    """Quality of a 4–20 mA signal by NAMUR NE 43 [G]: below 3.6 or above 21 a failure, outside 3.8–20.5 saturated."""
    if not math.isfinite(milliampere) or milliampere < 3.6 or milliampere > 21:
        return Quality.DEVICE_FAILURE
    return Quality.GOOD if 3.8 <= milliampere <= 20.5 else Quality.EU_EXCEEDED


def of_scaled_current(milliampere: float, low: float, high: float) -> tuple[float, Quality]:
    """The value that a 4–20 mA signal means on a scale, with its quality."""
    return low + (high - low) * (milliampere - 4) / 16, of_current(milliampere)


# Foreign qualities -------------------------------------------------------------------------------------------------

_SPARKPLUG = {192: Quality.GOOD, 0: Quality.NOT_CONNECTED, 500: Quality.LAST_KNOWN}
#: Sub-codes of OPC UA (high word of the status) that have a code of ours [G].
_OPC_UA = {
    0x0096: Quality.LOCAL_OVERRIDE,
    0x4090: Quality.LAST_USABLE,
    0x4093: Quality.SENSOR_NOT_ACCURATE,
    0x4094: Quality.EU_EXCEEDED,
    0x4095: Quality.SUB_NORMAL,
    0x8005: Quality.COMM_FAILURE,
    0x8031: Quality.COMM_FAILURE,
    0x8089: Quality.CONFIG_ERROR,
    0x808A: Quality.NOT_CONNECTED,
    0x808B: Quality.DEVICE_FAILURE,
    0x808C: Quality.SENSOR_FAILURE,
    0x808D: Quality.OUT_OF_SERVICE,
}
_HJ212 = {
    "N": Quality.GOOD,
    "T": Quality.GOOD,
    "D": Quality.DEVICE_FAILURE,
    "B": Quality.COMM_FAILURE,
    "M": Quality.OUT_OF_SERVICE,
    "C": Quality.OUT_OF_SERVICE,
    "F": Quality.OUT_OF_SERVICE,
    "S": Quality.LOCAL_OVERRIDE,
}


def from_sparkplug(value: int) -> Quality:
    """The property ``Quality`` of Sparkplug B: 192, 0, 500. Another one is a misconfigured node's."""
    return _SPARKPLUG.get(value, Quality.CONFIG_ERROR)


def from_opc_ua(status: int) -> Quality:
    """A status code of OPC UA (32 bits): its severity decides the class, a known sub-code more than that [G]."""
    if found := _OPC_UA.get((status >> 16) & 0xFFFF):
        return found
    return (Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.BAD)[(status >> 30) & 3]


def from_hj212(flag: str) -> tuple[Quality, bool]:
    """A data flag of HJ 212, and whether it says that the value is over its limit.

    An unknown flag is a configuration error. No flag at all is taken as normal: a device may leave it out [D].
    """
    mark = flag.strip().upper() or "N"
    return _HJ212.get(mark, Quality.CONFIG_ERROR), mark == "T"
