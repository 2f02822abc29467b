"""Packets of MQTT 3.1.1 and how they are written. Section numbers are those of the OASIS text of 29 October 2014."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

#: Remaining length in at most four bytes (2.2.3).
MOST_REMAINING: Final = 268_435_455


class Violation(StrEnum):
    """What may be wrong with bytes from the other side. Each ends the connection (4.8)."""

    UNKNOWN_TYPE = "unknown_type"  # 2.2.1: types 0 and 15
    RESERVED_BITS = "reserved_bits"  # 2.2.2, 3.1.2.3, 3.8.3
    LONG_LENGTH = "long_length"  # 2.2.3: more than four bytes
    TOO_LARGE = "too_large"  # more than we take of this connection
    TRUNCATED = "truncated"  # a field reaches past the end of its packet
    TRAILING = "trailing"  # bytes after the last field
    BAD_TEXT = "bad_text"  # 1.5.3: ill-formed UTF-8 or U+0000
    BAD_TOPIC = "bad_topic"  # 3.3.2.1, 4.7.3: empty, or with a wildcard
    BAD_FILTER = "bad_filter"  # 4.7.1: empty, or a wildcard in the wrong place
    NO_FILTER = "no_filter"  # 3.8.3, 3.10.3: a list without entries
    PACKET_ID = "packet_id"  # 2.3.1: zero
    QOS = "qos"  # 3.3.1.2: both bits, or DUP at QoS 0
    QOS_2 = "qos_2"  # see Decoder
    CONNECT_FLAGS = "connect_flags"  # 3.1.2.4 to 3.1.2.9
    PROTOCOL = "protocol"  # 3.1.2.1, 3.1.2.2: another name or level
    ORDER = "order"  # 3.1: CONNECT first and once; or a packet that only a server sends


class ProtocolError(ValueError):
    """The other side broke a rule; nothing of the connection can be trusted any more.

    ``packets`` are those that stood whole before the violation in the same bytes.
    """

    def __init__(self, violation: Violation) -> None:
        super().__init__(violation.value)
        self.violation = violation
        self.packets: list[Packet] = []


class Will(msgspec.Struct, frozen=True):
    """What the server publishes when the connection is lost (3.1.2.5)."""

    topic: str
    body: bytes
    qos: int = 0
    retain: bool = False


class Connect(msgspec.Struct, frozen=True):
    """3.1"""

    client_id: str
    clean: bool = True
    #: Seconds; zero: none (3.1.2.10).
    keep_alive: int = 0
    user: str | None = None
    password: bytes | None = None
    will: Will | None = None


class Connack(msgspec.Struct, frozen=True):
    """3.2"""

    code: int
    session_present: bool = False


class Publish(msgspec.Struct, frozen=True, gc=False):
    """3.3; ``packet_id`` is zero at QoS 0."""

    topic: str
    body: bytes
    qos: int = 0
    packet_id: int = 0
    retain: bool = False
    dup: bool = False


class Puback(msgspec.Struct, frozen=True, gc=False):
    """3.4"""

    packet_id: int


class Subscribe(msgspec.Struct, frozen=True):
    """3.8; pairs of filter and wanted QoS."""

    packet_id: int
    wishes: tuple[tuple[str, int], ...]


class Suback(msgspec.Struct, frozen=True):
    """3.9; QoS granted to each wish, or :data:`REFUSED`."""

    packet_id: int
    codes: tuple[int, ...]


class Unsubscribe(msgspec.Struct, frozen=True):
    """3.10"""

    packet_id: int
    filters: tuple[str, ...]


class Unsuback(msgspec.Struct, frozen=True):
    """3.11"""

    packet_id: int


class Pingreq(msgspec.Struct, frozen=True):
    """3.12"""


class Pingresp(msgspec.Struct, frozen=True):
    """3.13"""


class Disconnect(msgspec.Struct, frozen=True):
    """3.14"""


Packet: TypeAlias = (
    Connect | Connack | Publish | Puback | Subscribe | Suback | Unsubscribe | Unsuback | Pingreq | Pingresp | Disconnect
)

#: SUBACK of a wish that is not granted (3.9.3).
REFUSED: Final = 0x80

# Return codes of CONNACK (3.2.2.3).
ACCEPTED: Final = 0
WRONG_PROTOCOL: Final = 1
WRONG_CLIENT_ID: Final = 2
UNAVAILABLE: Final = 3
BAD_CREDENTIALS: Final = 4
NOT_AUTHORISED: Final = 5


def puback(packet_id: int) -> bytes:
    """The four bytes that answer a message."""
    return b"\x40\x02%c%c" % (packet_id >> 8, packet_id & 0xFF)


def encode(packet: Packet) -> bytes:
    """The bytes of a packet.

    :raises ValueError: a text is longer than 65535 bytes, or the packet than 2.2.3 allows. Other rules are the
        business of whoever makes a packet.
    """
    match packet:
        case Publish():
            first = 0x30 | packet.dup << 3 | packet.qos << 1 | packet.retain
            number = packet.packet_id.to_bytes(2, "big") if packet.qos else b""
            return _framed(first, _text(packet.topic) + number + packet.body)
        case Puback():
            return puback(packet.packet_id)
        case Connect():
            return _framed(0x10, _connect(packet))
        case Connack():
            return bytes((0x20, 2, packet.session_present, packet.code))
        case Subscribe():
            wishes = b"".join(_text(topic) + bytes((qos,)) for topic, qos in packet.wishes)
            return _framed(0x82, packet.packet_id.to_bytes(2, "big") + wishes)
        case Suback():
            return _framed(0x90, packet.packet_id.to_bytes(2, "big") + bytes(packet.codes))
        case Unsubscribe():
            return _framed(0xA2, packet.packet_id.to_bytes(2, "big") + b"".join(map(_text, packet.filters)))
        case Unsuback():
            return b"\xb0\x02" + packet.packet_id.to_bytes(2, "big")
        case Pingreq():
            return b"\xc0\x00"
        case Pingresp():
            return b"\xd0\x00"
        case Disconnect():
            return b"\xe0\x00"


def _connect(packet: Connect) -> bytes:
    will = packet.will
    flags = packet.clean << 1
    fields = [_text(packet.client_id)]
    if will is not None:
        flags |= 0x04 | will.qos << 3 | will.retain << 5
        fields += [_text(will.topic), _binary(will.body)]
    if packet.user is not None:
        flags |= 0x80
        fields.append(_text(packet.user))
    if packet.password is not None:
        flags |= 0x40
        fields.append(_binary(packet.password))
    return b"\x00\x04MQTT\x04" + bytes((flags,)) + packet.keep_alive.to_bytes(2, "big") + b"".join(fields)


def _text(text: str) -> bytes:
    return _binary(text.encode())


def _binary(content: bytes) -> bytes:
    if len(content) > 0xFFFF:
        raise ValueError("longer than 65535 bytes")
    return len(content).to_bytes(2, "big") + content


def _framed(first: int, content: bytes) -> bytes:
    rest = len(content)
    if rest > MOST_REMAINING:
        raise ValueError("longer than a packet may be")
    head = bytearray((first,))
    while rest > 0x7F:
        head.append(rest & 0x7F | 0x80)
        rest >>= 7
    head.append(rest)
    return bytes(head) + content
