"""Payloads and topics of Sparkplug B: protobuf read and written by a reader of its own, without a library.

Field numbers and data types after ``sparkplug_b.proto`` of the project Tahu [V]. Metadata, data sets and templates are
kept as bytes and not read; of properties ``Quality`` alone is. Whether metrics were announced is for
:mod:`~quancheng.standards.signals.sparkplug_node`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from quancheng.standards.signals.basis import Refused
from quancheng.standards.wording import Text

#: A payload longer than this, or with more metrics, is refused before anything of it is kept [D].
MOST_BYTES, MOST_METRICS = 1 << 20, 20_000
NAMESPACE = "spBv1.0"
#: What an edge node or a device says; commands go the other way.
BIRTHS_AND_DATA = ("NBIRTH", "NDEATH", "NDATA", "DBIRTH", "DDEATH", "DDATA")
_TYPES = frozenset((*BIRTHS_AND_DATA, "NCMD", "DCMD"))
REBIRTH = "Node Control/Rebirth"

_CODES: dict[str, Text] = {
    "TOO_LONG": Text("报文过大", "the payload is too long"),
    "TOO_MANY": Text("指标过多", "too many metrics"),
    "TRUNCATED": Text("报文被截断", "the payload ends too early"),
    "VARINT": Text("变长整数错误", "a number is too long"),
    "WIRE": Text("字段类型错误", "a field has the wrong form"),
    "UTF8": Text("文本不是UTF-8", "a text is not UTF-8"),
    "RANGE": Text("数值超出数据类型范围", "a value is beyond its data type"),
    "TOPIC": Text("主题格式错误", "the topic has no such form"),
}


class BadPayload(Refused):
    """Bytes that are no payload, or a topic that is none."""

    def __init__(self, code: str) -> None:
        super().__init__(code, _CODES[code])


class DataType(IntEnum):
    """Data types of metrics."""

    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATETIME = 13
    TEXT = 14
    UUID = 15
    DATASET = 16
    BYTES = 17
    FILE = 18
    TEMPLATE = 19


#: Fields of a metric that hold its value, and the types that travel in each.
_INT, _LONG, _FLOAT, _DOUBLE, _BOOL, _STRING, _BYTES, _DATASET, _TEMPLATE = range(10, 19)
_FIELD_OF = {
    **dict.fromkeys((1, 2, 3, 5, 6, 7), _INT),
    **dict.fromkeys((4, 8, 13), _LONG),
    9: _FLOAT,
    10: _DOUBLE,
    11: _BOOL,
    **dict.fromkeys((12, 14, 15), _STRING),
    **dict.fromkeys((17, 18), _BYTES),
    16: _DATASET,
    19: _TEMPLATE,
}
_SIGNED_BITS = {1: 8, 2: 16, 3: 32, 4: 64}
_UNSIGNED_BITS = {5: 8, 6: 16, 7: 32, 8: 64, 13: 64}

Raw = int | float | bool | str | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric. ``raw`` is its value as it travelled in ``field`` (10 to 18), integers unsigned; see :meth:`value`.

    ``quality`` is the property of that name, where there is one.
    """

    name: str | None = None
    alias: int | None = None
    timestamp: int | None = None
    datatype: int | None = None
    is_historical: bool = False
    is_transient: bool = False
    is_null: bool = False
    metadata: bytes | None = None
    quality: int | None = None
    field: int | None = None
    raw: Raw | None = None

    def value(self, datatype: int | None = None) -> Raw | None:
        """The value by its own data type, or by the given one that its birth told. None where it is null or absent.

        :raises BadPayload: ``WIRE`` where the value travelled in the field of another type, ``RANGE``.
        """
        if self.is_null or self.raw is None:
            return None
        kind = self.datatype or datatype or 0
        if kind and _FIELD_OF.get(kind) != self.field:
            raise BadPayload("WIRE")
        if not isinstance(self.raw, int) or isinstance(self.raw, bool):
            return self.raw
        if bits := _SIGNED_BITS.get(kind):
            return _signed(self.raw, bits, wide=64 if bits == 64 else 32)
        if self.raw >> _UNSIGNED_BITS.get(kind, 64):
            raise BadPayload("RANGE")
        return self.raw


def metric_of(
    value: Raw | None,
    datatype: DataType,
    *,
    name: str | None = None,
    alias: int | None = None,
    timestamp: int | None = None,
    is_historical: bool = False,
    quality: int | None = None,
) -> Metric:
    """A metric ready to be sent.

    :raises BadPayload: ``RANGE`` for a number that its type cannot hold, ``WIRE`` for a value of another kind.
    """
    field, raw = _FIELD_OF[datatype], value
    if field in (_INT, _LONG) and value is not None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadPayload("WIRE")
        bits = _SIGNED_BITS.get(datatype, 0)
        low, high = (-(1 << bits - 1), 1 << bits - 1) if bits else (0, 1 << _UNSIGNED_BITS[datatype])
        if not low <= value < high:
            raise BadPayload("RANGE")
        raw = value & (0xFFFFFFFF if field == _INT else 0xFFFFFFFFFFFFFFFF)
    elif value is not None and not isinstance(value, _KINDS[field]):
        raise BadPayload("WIRE")
    return Metric(name=name, alias=alias, timestamp=timestamp, datatype=int(datatype), is_historical=is_historical,
                  is_null=value is None, quality=quality, field=None if value is None else field, raw=raw)  # fmt: skip


_KINDS: dict[int, type | tuple[type, ...]] = {
    _FLOAT: (float, int),
    _DOUBLE: (float, int),
    _BOOL: bool,
    _STRING: str,
    _BYTES: bytes,
    _DATASET: bytes,
    _TEMPLATE: bytes,
}


def _signed(raw: int, bits: int, *, wide: int) -> int:
    """Two's complement of so many bits, whether the sender spread the sign over the whole field or not."""
    top = 1 << bits
    spread = (1 << wide) - (top >> 1)
    if raw >> wide or (raw >= top and raw < spread):
        raise BadPayload("RANGE")
    low = raw & (top - 1)
    return low - top if low >= top >> 1 else low


@dataclass(frozen=True, slots=True)
class Payload:
    """A message. ``seq`` is None in a death."""

    timestamp: int | None = None
    metrics: tuple[Metric, ...] = ()
    seq: int | None = None
    uuid: str | None = None
    body: bytes | None = None

    def metric(self, name: str) -> Metric | None:
        """The metric of a name."""
        return next((one for one in self.metrics if one.name == name), None)


# Reading ------------------------------------------------------------------------------------------------------------


def decode(data: bytes) -> Payload:
    """Read a payload. Unknown fields are passed over; of a field that comes twice the later one stands.

    :raises BadPayload: any other bytes, with the code of what is wrong.
    """
    if len(data) > MOST_BYTES:
        raise BadPayload("TOO_LONG")
    timestamp = seq = uuid = body = None
    metrics: list[Metric] = []
    for number, wire, value in _fields(data):
        if number == 1:
            timestamp = _whole(wire, value)
        elif number == 2:
            if len(metrics) == MOST_METRICS:
                raise BadPayload("TOO_MANY")
            metrics.append(_metric(_block(wire, value)))
        elif number == 3:
            seq = _whole(wire, value)
        elif number == 4:
            uuid = _text(wire, value)
        elif number == 5:
            body = _block(wire, value)
    return Payload(timestamp, tuple(metrics), seq, uuid, body)


def _metric(data: bytes) -> Metric:
    found: dict[str, object] = {}
    for number, wire, value in _fields(data):
        if number in _NUMBERS:
            found[_NUMBERS[number]] = _whole(wire, value)
        elif number in _TRUTHS:
            found[_TRUTHS[number]] = bool(_whole(wire, value))
        elif number == 1:
            found["name"] = _text(wire, value)
        elif number == 8:
            found["metadata"] = _block(wire, value)
        elif number == 9:
            found["quality"] = _quality(_block(wire, value))
        elif _INT <= number <= _TEMPLATE:
            found["field"], found["raw"] = number, _raw(number, wire, value)
    return Metric(**found)  # type: ignore[arg-type]


_NUMBERS = {2: "alias", 3: "timestamp", 4: "datatype"}
_TRUTHS = {5: "is_historical", 6: "is_transient", 7: "is_null"}


def _raw(number: int, wire: int, value: int | bytes) -> Raw:
    if number in (_INT, _LONG):
        # Some senders spread the sign of a 32-bit number over 64 bits; protobuf reads the low half.
        return _whole(wire, value) & (0xFFFFFFFF if number == _INT else 0xFFFFFFFFFFFFFFFF)
    if number == _BOOL:
        return bool(_whole(wire, value))
    if number in (_FLOAT, _DOUBLE):
        form, expected = ("<f", 5) if number == _FLOAT else ("<d", 1)
        if wire != expected or isinstance(value, int):
            raise BadPayload("WIRE")
        return float(struct.unpack(form, value)[0])
    return _text(wire, value) if number == _STRING else _block(wire, value)


def _quality(data: bytes) -> int | None:
    """The property ``Quality`` of a property set: keys and values stand in two lists."""
    keys: list[str] = []
    values: list[bytes] = []
    for number, wire, value in _fields(data):
        if number == 1:
            keys.append(_text(wire, value))
        elif number == 2:
            values.append(_block(wire, value))
    for key, held in zip(keys, values, strict=False):
        if key == "Quality":
            for number, wire, value in _fields(held):
                if number in (3, 4):
                    return _whole(wire, value)
    return None


def _fields(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """Number, wire type and content of each field; a varint as number, everything else as bytes."""
    at, size = 0, len(data)
    while at < size:
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        value: int | bytes
        if not number:
            raise BadPayload("WIRE")
        if wire == 0:
            value, at = _varint(data, at)
        else:
            if wire == 2:
                length, at = _varint(data, at)
            elif wire in (1, 5):
                length = 8 if wire == 1 else 4
            else:
                raise BadPayload("WIRE")
            if length > size - at:
                raise BadPayload("TRUNCATED")
            value, at = data[at : at + length], at + length
        yield number, wire, value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    found = shift = 0
    for byte in data[at : at + 10]:
        found |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            if found >> 64:
                raise BadPayload("VARINT")
            return found, at + shift // 7
    raise BadPayload("VARINT" if shift == 70 else "TRUNCATED")


def _whole(wire: int, value: int | bytes) -> int:
    if wire != 0 or isinstance(value, bytes):
        raise BadPayload("WIRE")
    return value


def _block(wire: int, value: int | bytes) -> bytes:
    if wire != 2 or isinstance(value, int):
        raise BadPayload("WIRE")
    return value


def _text(wire: int, value: int | bytes) -> str:
    try:
        return _block(wire, value).decode()
    except UnicodeDecodeError:
        raise BadPayload("UTF8") from None


# Writing ------------------------------------------------------------------------------------------------------------


def encode(payload: Payload) -> bytes:
    """Write a payload, fields in the order of their numbers."""
    out = bytearray()
    _put_number(out, 1, payload.timestamp)
    for metric in payload.metrics:
        _put_block(out, 2, _encoded(metric))
    _put_number(out, 3, payload.seq)
    _put_block(out, 4, None if payload.uuid is None else payload.uuid.encode())
    _put_block(out, 5, payload.body)
    return bytes(out)


def rebirth_command(at_ms: int) -> bytes:
    """What is published as NCMD to a node that has to be born again."""
    return encode(Payload(at_ms, (metric_of(value=True, datatype=DataType.BOOLEAN, name=REBIRTH),)))


def _encoded(metric: Metric) -> bytes:
    out = bytearray()
    _put_block(out, 1, None if metric.name is None else metric.name.encode())
    _put_number(out, 2, metric.alias)
    _put_number(out, 3, metric.timestamp)
    _put_number(out, 4, metric.datatype)
    for number, is_so in ((5, metric.is_historical), (6, metric.is_transient), (7, metric.is_null)):
        _put_number(out, number, 1 if is_so else None)
    _put_block(out, 8, metric.metadata)
    if metric.quality is not None:
        _put_block(out, 9, _property("Quality", metric.quality))
    if metric.field is not None and metric.raw is not None:
        _put_raw(out, metric.field, metric.raw)
    return bytes(out)


def _put_raw(out: bytearray, number: int, raw: Raw) -> None:
    if isinstance(raw, str):
        _put_block(out, number, raw.encode())
    elif isinstance(raw, bytes):
        _put_block(out, number, raw)
    elif number in (_FLOAT, _DOUBLE):
        form, wire = ("<f", 5) if number == _FLOAT else ("<d", 1)
        try:
            out += _varint_of(number << 3 | wire) + struct.pack(form, raw)
        except OverflowError:
            raise BadPayload("RANGE") from None
    else:
        _put_number(out, number, int(raw))


def _property(name: str, value: int) -> bytes:
    held, out = bytearray(), bytearray()
    _put_number(held, 1, DataType.INT32)
    _put_number(held, 3, value)
    _put_block(out, 1, name.encode())
    _put_block(out, 2, bytes(held))
    return bytes(out)


def _put_number(out: bytearray, number: int, value: int | None) -> None:
    if value is not None:
        out += _varint_of(number << 3) + _varint_of(value)


def _put_block(out: bytearray, number: int, value: bytes | None) -> None:
    if value is not None:
        out += _varint_of(number << 3 | 2) + _varint_of(len(value)) + value


def _varint_of(value: int) -> bytes:
    if not 0 <= value < 1 << 64:
        raise BadPayload("RANGE")
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


# Topics -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Topic:
    """``spBv1.0/group/type/node[/device]``; ``device`` is empty for what the node says of itself."""

    group: str
    kind: str
    node: str
    device: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (NAMESPACE, self.group, self.kind, self.node, self.device) if part)


def parse_topic(topic: str) -> Topic:
    """Read a topic of a node or device. The state of a host application (``STATE``) is none of these.

    :raises BadPayload: ``TOPIC``.
    """
    space, *parts = topic.split("/")
    if space != NAMESPACE or not 3 <= len(parts) <= 4 or parts[1] not in _TYPES or not all(parts):
        raise BadPayload("TOPIC")
    if (parts[1][0] == "D") is not (len(parts) == 4) or any(mark in topic for mark in "+#"):
        raise BadPayload("TOPIC")
    return Topic(*parts)
