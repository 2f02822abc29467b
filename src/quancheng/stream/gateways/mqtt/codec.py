"""From bytes to packets of MQTT 3.1.1, strictly, and without any input or output of its own."""

from __future__ import annotations

from quancheng.stream.gateways.mqtt.packets import (
    Connack,
    Connect,
    Disconnect,
    Packet,
    Pingreq,
    Pingresp,
    ProtocolError,
    Puback,
    Publish,
    Suback,
    Subscribe,
    Unsuback,
    Unsubscribe,
    Violation,
    Will,
)

#: Topics of one connection whose text was checked; a device has few, and one with many costs no memory.
_REMEMBERED = 256


def _fault(first: int) -> Violation | None:
    """What is wrong with the first byte of a packet (2.2.1, 2.2.2)."""
    kind, bits = first >> 4, first & 0x0F
    match kind:
        case 0 | 15:
            return Violation.UNKNOWN_TYPE
        case 5 | 6 | 7:
            return Violation.QOS_2
        case 3:
            qos = bits >> 1 & 3
            if qos == 2:
                return Violation.QOS_2
            return Violation.QOS if qos == 3 or (bits & 0x08 and not qos) else None
        case 8 | 10:
            return None if bits == 2 else Violation.RESERVED_BITS
        case _:
            return Violation.RESERVED_BITS if bits else None


_FAULTS = tuple(_fault(first) for first in range(256))


class Decoder:
    """Turns bytes into packets, however they are split.

    A packet of QoS 2 (PUBLISH at QoS 2, PUBREC, PUBREL, PUBCOMP) is a violation here: 3.1.1 has no answer by which a
    server could refuse it, so closing the connection is the only way to say no.

    :param limit: largest remaining length that is taken; a longer packet is refused by its first bytes, before any of
        it is kept. It may be changed between two feeds.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._waiting: list[bytes] = []
        self._have = 0
        #: No packet can be whole before so many bytes are here.
        self._need = 2
        self._topics: dict[bytes, str] = {}

    def feed(self, data: bytes) -> list[Packet]:
        """The packets that are whole now, in their order.

        :raises ProtocolError: a rule was broken; what stood before it is in ``packets``. Feed no more after it.
        """
        if self._have:
            self._waiting.append(data)
            self._have += len(data)
            if self._have < self._need:
                return []
            data = b"".join(self._waiting)
            self._waiting.clear()
            self._have = 0
        packets: list[Packet] = []
        start, end = 0, len(data)
        self._need = 2
        try:
            while end - start >= 2:
                first = data[start]
                fault = _FAULTS[first]
                if fault is not None:
                    raise ProtocolError(fault)
                # 2.2.3: seven bits a byte, the lowest first.
                length = data[start + 1]
                body = start + 2
                if length > 0x7F:
                    length &= 0x7F
                    shift = 7
                    while True:
                        if shift > 21:
                            raise ProtocolError(Violation.LONG_LENGTH)
                        if body == end:
                            length = -1
                            break
                        byte = data[body]
                        body += 1
                        length |= (byte & 0x7F) << shift
                        if byte < 0x80:
                            break
                        shift += 7
                    if length < 0:
                        self._need = body - start + 1
                        break
                if length > self.limit:
                    raise ProtocolError(Violation.TOO_LARGE)
                stop = body + length
                if stop > end:
                    self._need = stop - start
                    break
                if first & 0xF0 == 0x30:
                    packets.append(self._publish(first, data, body, stop))
                else:
                    packets.append(_other(first, data[body:stop]))
                start = stop
        except ProtocolError as trouble:
            trouble.packets = packets
            raise
        if start < end:
            self._waiting.append(data[start:] if start else data)
            self._have = end - start
        return packets

    def _publish(self, first: int, data: bytes, at: int, stop: int) -> Publish:
        """3.3"""
        qos = first >> 1 & 1
        body = at + 2 + (data[at] << 8 | data[at + 1]) if at + 2 <= stop else stop + 1
        if body > stop:
            raise ProtocolError(Violation.TRUNCATED)
        raw = data[at + 2 : body]
        topic = self._topics.get(raw)
        if topic is None:
            topic = _topic(_utf8(raw))
            if len(self._topics) >= _REMEMBERED:
                self._topics.clear()
            self._topics[raw] = topic
        if not qos:
            return Publish(topic, data[body:stop], 0, 0, bool(first & 1), False)
        if body + 2 > stop:
            raise ProtocolError(Violation.TRUNCATED)
        number = data[body] << 8 | data[body + 1]
        if not number:
            raise ProtocolError(Violation.PACKET_ID)
        return Publish(topic, data[body + 2 : stop], qos, number, bool(first & 1), bool(first & 0x08))


class _Fields:
    """Reads the fields of one packet from its front."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._content)

    def take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._content):
            raise ProtocolError(Violation.TRUNCATED)
        taken = self._content[self._at : end]
        self._at = end
        return taken

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def packet_id(self) -> int:
        number = self.number()
        if not number:
            raise ProtocolError(Violation.PACKET_ID)
        return number

    def binary(self) -> bytes:
        return self.take(self.number())

    def text(self) -> str:
        return _utf8(self.binary())

    def end(self) -> None:
        if self:
            raise ProtocolError(Violation.TRAILING)


def _utf8(raw: bytes) -> str:
    """1.5.3: well-formed (which excludes surrogates) and without U+0000; other control characters are let pass."""
    if b"\0" in raw:
        raise ProtocolError(Violation.BAD_TEXT)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise ProtocolError(Violation.BAD_TEXT) from None


def _topic(text: str) -> str:
    """3.3.2.1, 4.7.3"""
    if not text or "+" in text or "#" in text:
        raise ProtocolError(Violation.BAD_TOPIC)
    return text


def _filter(text: str) -> str:
    """4.7.1: a wildcard fills its level, and ``#`` is the last."""
    levels = text.split("/")
    wild = any(("+" in level or "#" in level) and len(level) > 1 for level in levels)
    if not text or wild or "#" in levels[:-1]:
        raise ProtocolError(Violation.BAD_FILTER)
    return text


def _other(first: int, content: bytes) -> Packet:
    """Every packet but PUBLISH."""
    fields = _Fields(content)
    packet: Packet
    match first >> 4:
        case 1:
            packet = _connect(fields)
        case 2:
            packet = _connack(fields)
        case 4:
            packet = Puback(fields.packet_id())
        case 8:
            packet = _subscribe(fields)
        case 9:
            packet = _suback(fields)
        case 10:
            packet = _unsubscribe(fields)
        case 11:
            packet = Unsuback(fields.packet_id())
        case 12:
            packet = Pingreq()
        case 13:
            packet = Pingresp()
        case _:
            packet = Disconnect()
    fields.end()
    return packet


def _connect(fields: _Fields) -> Connect:
    """3.1.2, 3.1.3"""
    name, level = fields.binary(), fields.byte()
    if name != b"MQTT" or level != 4:
        raise ProtocolError(Violation.PROTOCOL)
    flags, keep_alive = fields.byte(), fields.number()
    if flags & 1:
        raise ProtocolError(Violation.RESERVED_BITS)
    has_will, will_qos, will_retain = flags & 0x04, flags >> 3 & 3, flags & 0x20
    if will_qos == 3 or (not has_will and (will_qos or will_retain)) or flags & 0xC0 == 0x40:
        raise ProtocolError(Violation.CONNECT_FLAGS)
    client_id = fields.text()
    will = Will(_topic(fields.text()), fields.binary(), will_qos, bool(will_retain)) if has_will else None
    user = fields.text() if flags & 0x80 else None
    password = fields.binary() if flags & 0x40 else None
    return Connect(client_id, bool(flags & 0x02), keep_alive, user, password, will)


def _connack(fields: _Fields) -> Connack:
    """3.2.2"""
    flags, code = fields.byte(), fields.byte()
    # The session is present only where the connection was taken.
    if flags > 1 or (flags and code):
        raise ProtocolError(Violation.RESERVED_BITS)
    return Connack(code, bool(flags))


def _subscribe(fields: _Fields) -> Subscribe:
    """3.8.3"""
    packet_id = fields.packet_id()
    wishes = []
    while fields:
        text, qos = _filter(fields.text()), fields.byte()
        if qos > 2:
            raise ProtocolError(Violation.RESERVED_BITS)
        wishes.append((text, qos))
    if not wishes:
        raise ProtocolError(Violation.NO_FILTER)
    return Subscribe(packet_id, tuple(wishes))


def _suback(fields: _Fields) -> Suback:
    """3.9.3"""
    packet_id = fields.packet_id()
    codes = []
    while fields:
        code = fields.byte()
        if code not in (0, 1, 2, 0x80):
            raise ProtocolError(Violation.RESERVED_BITS)
        codes.append(code)
    return Suback(packet_id, tuple(codes))


def _unsubscribe(fields: _Fields) -> Unsubscribe:
    """3.10.3"""
    packet_id = fields.packet_id()
    filters = []
    while fields:
        filters.append(_filter(fields.text()))
    if not filters:
        raise ProtocolError(Violation.NO_FILTER)
    return Unsubscribe(packet_id, tuple(filters))
