"""Readings in JSON: our own batch in both forms, and the telemetry of ThingsBoard devices and gateways.

Bytes in, columns out. A payload that is right as a whole is read without a loop over its readings; only where something
is wrong is it read again, one by one, and what is wrong comes back with its reason. Whether a key is a known tag, and
whether a time is near the present, is *not* checked.

What becomes of odd values [D]: a truth value is 1 or 0; text is never read as a number, so a reading in words and a
number in quotes come back as ``VALUE_TEXT``; NaN and infinity, which JSON does not have but devices write, are
``NOT_FINITE``; times are whole milliseconds, not text. Of our own batch a reading without a time is refused, for the
batch's time is that of sending; ThingsBoard says that it means the time of arrival.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from quancheng.standards.signals.basis import Refused
from quancheng.standards.signals.quality import Quality
from quancheng.standards.wording import Text

#: As much as any source may be allowed to send at once.
MOST_BYTES, MOST_SAMPLES = 1024 * 1024, 5000
#: Longest key and unit that are taken, and the last millisecond, of the year 9999.
LONGEST_KEY, LONGEST_UNIT, LAST_MS = 200, 40, 253_402_300_799_999
_GOOD = int(Quality.GOOD)

REASONS: dict[str, Text] = {
    "TOO_LARGE": Text("报文过大", "the payload is too large"),
    "TOO_MANY": Text("测点数据过多", "too many readings"),
    "MALFORMED": Text("不是JSON", "not JSON"),
    "SHAPE": Text("结构不符", "another structure"),
    "KEY": Text("点位编码缺失或过长", "the key is missing or too long"),
    "INDEX": Text("点位序号不存在", "there is no key of this index"),
    "TIME_MISSING": Text("缺少时间", "the time is missing"),
    "TIME_TEXT": Text("时间是文本", "the time is text"),
    "TIME": Text("时间不是毫秒数", "the time is no number of milliseconds"),
    "VALUE_MISSING": Text("缺少数值", "the value is missing"),
    "VALUE_TEXT": Text("数值是文本", "the value is text"),
    "NOT_FINITE": Text("数值不是有限数", "the value is not finite"),
    "VALUE": Text("数值不是数", "the value is no number"),
    "QUALITY": Text("质量码超出范围", "the quality is out of range"),
    "UNIT": Text("单位不是文本", "the unit is no text"),
}


class BadPayload(Refused):
    """A payload that is refused as a whole: ``TOO_LARGE``, ``TOO_MANY``, ``MALFORMED``, ``SHAPE``."""

    def __init__(self, code: str) -> None:
        super().__init__(code, REASONS[code])


@dataclass(frozen=True, slots=True)
class Rejected:
    """One reading that is refused: its place in the payload, its key as far as told, why, and the value as it came."""

    index: int
    key: str
    code: str
    raw: object

    @property
    def text(self) -> Text:
        return REASONS[self.code]


@dataclass(slots=True)
class Columns:
    """Readings as columns of one length. ``units`` is None where no reading tells one, and ``""`` in it means none."""

    keys: list[str] = field(default_factory=list)
    times_ms: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    qualities: list[int] = field(default_factory=list)
    units: list[str] | None = None

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class Batch:
    """What a payload brought. Gateway, batch and number are empty or None where they are left out."""

    columns: Columns
    rejected: tuple[Rejected, ...] = ()
    gateway: str = ""
    batch_id: str = ""
    seq: int | None = None
    sent_ms: int | None = None
    is_historical: bool = False


# Shapes of what is right ----------------------------------------------------------------------------------------------


class _Sample(msgspec.Struct, gc=False):
    t: str
    ts: int
    v: float | bool
    q: int = _GOOD
    u: str = ""


class _Row(msgspec.Struct, array_like=True, gc=False):
    ts: int
    i: int
    v: float | bool
    q: int = _GOOD


class _Head(msgspec.Struct):
    gw: str = ""
    bid: str = ""
    seq: int | None = None
    ts: int | None = None
    hist: bool = False


class _Told(_Head):
    d: list[_Sample] | UnsetType = UNSET
    t: list[str] | UnsetType = UNSET
    s: list[_Row] | UnsetType = UNSET


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    values: dict[str, float | bool]
    ts: int


_told = msgspec.json.Decoder(_Told)
_gateway = msgspec.json.Decoder(dict[str, list[_Entry]])
_device = msgspec.json.Decoder(list[_Entry])
_SAMPLE = tuple(map(attrgetter, ("t", "ts", "v", "q", "u")))
_ROW = tuple(map(attrgetter, ("ts", "i", "v", "q")))


# Our own batch ------------------------------------------------------------------------------------------------------


def read_batch(payload: bytes) -> Batch:
    """A batch of ours: a reading each in ``d``, or keys in ``t`` and rows of time, index, value, quality in ``s``.

    :raises BadPayload: it cannot be read as a whole.
    """
    return _read(payload, _batch, _batch_one_by_one)


def _batch(payload: bytes) -> Batch:
    told = _told.decode(payload)
    if told.d is not UNSET and told.s is UNSET:
        _bounded(len(told.d))
        keys, times, values, qualities, units = (list(map(column, told.d)) for column in _SAMPLE)
        columns = _checked(keys, times, values, qualities, units if any(units) else None)
    elif told.s is not UNSET and told.d is UNSET and told.t is not UNSET:
        _bounded(len(told.s))
        times, places, values, qualities = (list(map(column, told.s)) for column in _ROW)
        if places and not 0 <= min(places) <= max(places) < len(told.t):
            raise msgspec.ValidationError
        columns = _checked(list(map(told.t.__getitem__, places)), times, values, qualities)
    else:
        raise BadPayload("SHAPE")
    return Batch(columns, (), told.gw, told.bid, told.seq, told.ts, told.hist)


def _batch_one_by_one(told: Any) -> Batch:
    if not isinstance(told, dict) or ("d" in told) is ("s" in told):
        raise BadPayload("SHAPE")
    samples, keys = (told["d"], None) if "d" in told else (told["s"], told.get("t"))
    if not isinstance(samples, list) or not (keys is None or isinstance(keys, list)) or ("s" in told and keys is None):
        raise BadPayload("SHAPE")
    _bounded(len(samples))
    sieve = _Sieve()
    for sample in samples:
        if keys is None and isinstance(sample, dict):
            sieve.add(sample.get("t"), sample.get("ts"), sample.get("v"), sample.get("q", _GOOD), sample.get("u", ""))
        elif keys is not None and isinstance(sample, list) and 3 <= len(sample) <= 4:
            place = sample[1]
            if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < len(keys):
                sieve.refuse("", "INDEX", sample)
            else:
                sieve.add(keys[place], sample[0], sample[2], *sample[3:])
        else:
            sieve.refuse("", "SHAPE", sample)
    try:
        head = msgspec.convert({name: told[name] for name in _Head.__struct_fields__ if name in told}, _Head)
    except msgspec.ValidationError:
        raise BadPayload("SHAPE") from None
    return Batch(sieve.columns(), tuple(sieve.rejected), head.gw, head.bid, head.seq, head.ts, head.hist)


# ThingsBoard --------------------------------------------------------------------------------------------------------


def read_gateway_telemetry(payload: bytes, *, now_ms: int) -> Batch:
    """Telemetry of a ThingsBoard gateway: devices with entries of time and values; keys are ``device.key``.

    :param now_ms: time of arrival, which an entry without a time means.
    :raises BadPayload: it cannot be read as a whole.
    """

    def whole(payload: bytes) -> Batch:
        told = _gateway.decode(payload)
        return _of_entries([(f"{device}.", entry) for device, entries in told.items() for entry in entries])

    def one_by_one(told: Any) -> Batch:
        if not isinstance(told, dict):
            raise BadPayload("SHAPE")
        sieve = _Sieve()
        for device, entries in told.items():
            sieve.add_entries(f"{device}.", entries if isinstance(entries, list) else [entries], now_ms)
        return Batch(sieve.columns(), tuple(sieve.rejected))

    return _read(payload, whole, one_by_one)


def read_device_telemetry(payload: bytes, *, now_ms: int) -> Batch:
    """Telemetry of one ThingsBoard device: values alone, an entry of time and values, or a list of either.

    :param now_ms: time of arrival, which an entry without a time means.
    :raises BadPayload: it cannot be read as a whole.
    """

    def whole(payload: bytes) -> Batch:
        return _of_entries([("", entry) for entry in _device.decode(payload)])

    def one_by_one(told: Any) -> Batch:
        sieve = _Sieve()
        sieve.add_entries("", told if isinstance(told, list) else [told], now_ms)
        return Batch(sieve.columns(), tuple(sieve.rejected))

    return _read(payload, whole, one_by_one)


def _of_entries(entries: Sequence[tuple[str, _Entry]]) -> Batch:
    keys: list[str] = []
    times: list[int] = []
    values: list[float | bool] = []
    for prefix, entry in entries:
        if "" in entry.values:
            raise msgspec.ValidationError
        keys.extend(map(prefix.__add__, entry.values))
        times.extend(repeat(entry.ts, len(entry.values)))
        values.extend(entry.values.values())
    _bounded(len(keys))
    return Batch(_checked(keys, times, values, [_GOOD] * len(keys)))


# The quick way and the careful one ----------------------------------------------------------------------------------


def _read(payload: bytes, whole: Callable[[bytes], Batch], one_by_one: Callable[[Any], Batch]) -> Batch:
    if len(payload) > MOST_BYTES:
        raise BadPayload("TOO_LARGE")
    try:
        return whole(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        pass
    except RecursionError:
        raise BadPayload("MALFORMED") from None
    try:
        # Unlike msgspec it reads what JSON does not have: NaN, infinity and numbers beyond a double.
        told = json.loads(payload, parse_int=_whole_number)
        if not payload.isascii() or b"\\u" in payload or b"\0" in payload:
            told = _paired(told)
    except (ValueError, RecursionError):
        raise BadPayload("MALFORMED") from None
    return one_by_one(told)


def _paired(told: Any) -> Any:
    """The same with U+FFFD for each half of a surrogate pair, which no UTF-8 can hold and no answer repeat."""
    if isinstance(told, str):
        return told.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(told, list):
        return [_paired(one) for one in told]
    if isinstance(told, dict):
        return {_paired(name): _paired(one) for name, one in told.items()}
    return told


def _whole_number(text: str) -> int | float:
    # A number of thousands of digits would cost more than the whole payload.
    return int(text) if len(text) <= 20 else float(text)


def _bounded(count: int) -> None:
    if count > MOST_SAMPLES:
        raise BadPayload("TOO_MANY")


def _checked(
    keys: list[str],
    times: list[int],
    values: list[float | bool],
    qualities: list[int],
    units: list[str] | None = None,
) -> Columns:
    """Columns of which every reading is right; ValidationError where one is not, so that they are looked at singly."""
    if keys:
        lengths = set(map(len, keys))
        is_right = (
            1 <= min(lengths) <= max(lengths) <= LONGEST_KEY
            and 0 < min(times) <= max(times) <= LAST_MS
            and 0 <= min(qualities) <= max(qualities) <= 0xFFFF
            and (units is None or max(map(len, units)) <= LONGEST_UNIT)
        )
        if not is_right:
            raise msgspec.ValidationError
    return Columns(keys, times, list(map(float, values)), qualities, units)


@dataclass(slots=True)
class _Sieve:
    """Readings one by one: right ones into columns, others with their reasons."""

    taken: list[tuple[str, int, float, int, str]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def add(self, key: object, at: object, value: object, quality: object = _GOOD, unit: object = "") -> None:
        if not isinstance(key, str) or not 1 <= len(key) <= LONGEST_KEY:
            self.refuse(key if isinstance(key, str) else "", "KEY", value)
        elif code := _wrong_time(at) or _wrong_value(value) or _wrong_quality(quality):
            self.refuse(key, code, at if code.startswith("TIME") else quality if code == "QUALITY" else value)
        elif not isinstance(unit, str) or len(unit) > LONGEST_UNIT:
            self.refuse(key, "UNIT", unit)
        else:
            self.taken.append((key, int(at), float(value), quality, unit))  # type: ignore[call-overload, arg-type]

    def add_entries(self, prefix: str, entries: list[Any], now_ms: int) -> None:
        for entry in entries:
            is_dict = isinstance(entry, dict)
            values = entry["values"] if is_dict and isinstance(entry.get("values"), dict) else entry
            if not is_dict:
                self.refuse(prefix.removesuffix("."), "SHAPE", entry)
                continue
            at = entry.get("ts", now_ms) if values is not entry else now_ms
            for key, value in values.items():
                _bounded(len(self.taken) + len(self.rejected) + 1)
                self.add(prefix + key if key else "", at, value)

    def refuse(self, key: str, code: str, raw: object) -> None:
        self.rejected.append(Rejected(len(self.taken) + len(self.rejected), key[:LONGEST_KEY], code, raw))

    def columns(self) -> Columns:
        if not self.taken:
            return Columns()
        keys, times, values, qualities, units = map(list, zip(*self.taken, strict=True))
        return Columns(keys, times, values, qualities, units if any(units) else None)


def _wrong_time(at: object) -> str:
    if at is None:
        return "TIME_MISSING"
    if isinstance(at, str):
        return "TIME_TEXT"
    is_number = isinstance(at, (int, float)) and not isinstance(at, bool)
    return "" if is_number and 0 < at <= LAST_MS and at == int(at) else "TIME"  # type: ignore[operator, call-overload]


def _wrong_value(value: object) -> str:
    if value is None:
        return "VALUE_MISSING"
    if isinstance(value, str):
        return "VALUE_TEXT"
    if not isinstance(value, (int, float)):
        return "VALUE"
    return "" if math.isfinite(value) else "NOT_FINITE"


def _wrong_quality(quality: object) -> str:
    is_whole = isinstance(quality, int) and not isinstance(quality, bool)
    return "" if is_whole and 0 <= quality <= 0xFFFF else "QUALITY"  # type: ignore[operator]
