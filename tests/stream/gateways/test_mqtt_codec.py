"""Packets of MQTT 3.1.1: round trips, any bytes, any split, and each rule that can be broken."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.stream.gateways.mqtt.codec import Decoder
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
    encode,
)

LIMIT = 100_000

numbers = st.integers(1, 65535)
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
topics = st.text(st.characters(exclude_characters="\0+#", exclude_categories=["Cs"]), min_size=1, max_size=20)
filters = st.sampled_from(["a", "a/b", "#", "+", "a/+/c", "a/#", "/", "+/+/#", "中/+"])
bodies = st.binary(max_size=300)
wills = st.builds(Will, topics, bodies, st.integers(0, 2), st.booleans())
connects = st.one_of(
    st.builds(Connect, texts, st.booleans(), st.integers(0, 65535), st.none(), st.none(), st.none() | wills),
    st.builds(Connect, texts, st.booleans(), st.integers(0, 65535), texts, st.none() | bodies, st.none() | wills),
)
publishes = st.one_of(
    st.builds(Publish, topics, bodies, st.just(0), st.just(0), st.booleans(), st.just(False)),
    st.builds(Publish, topics, bodies, st.just(1), numbers, st.booleans(), st.booleans()),
)
packets: st.SearchStrategy[Packet] = st.one_of(
    connects,
    publishes,
    st.builds(Connack, st.integers(0, 5)),
    st.just(Connack(0, True)),
    st.builds(Puback, numbers),
    st.builds(Subscribe, numbers, st.lists(st.tuples(filters, st.integers(0, 2)), min_size=1, max_size=4).map(tuple)),
    st.builds(Suback, numbers, st.lists(st.sampled_from([0, 1, 2, 128]), min_size=1, max_size=4).map(tuple)),
    st.builds(Unsubscribe, numbers, st.lists(filters, min_size=1, max_size=4).map(tuple)),
    st.builds(Unsuback, numbers),
    st.sampled_from([Pingreq(), Pingresp(), Disconnect()]),
)


def split(content: bytes, places: list[int]) -> list[bytes]:
    cuts = sorted({place % (len(content) + 1) for place in places})
    return [content[a:b] for a, b in zip([0, *cuts], [*cuts, len(content)], strict=True)]


def read(parts: list[bytes], limit: int = LIMIT) -> tuple[list[Packet], Violation | None]:
    """What comes out of bytes in these parts, and by what they break off."""
    decoder, found = Decoder(limit), []
    for part in parts:
        try:
            found += decoder.feed(part)
        except ProtocolError as trouble:
            return [*found, *trouble.packets], trouble.violation
    return found, None


@given(st.lists(packets, max_size=8), st.lists(st.integers(0, 10_000), max_size=12))
def test_what_is_written_is_read_however_it_is_split(sent: list[Packet], places: list[int]) -> None:
    assert read(split(b"".join(map(encode, sent)), places)) == (sent, None)


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=20))
def test_any_bytes_give_packets_or_a_named_violation_and_the_same_however_split(
    content: bytes, places: list[int]
) -> None:
    assert read(split(content, places)) == read([content])


@given(packets, st.integers(0, 400), st.integers(0, 255), st.lists(st.integers(0, 400), max_size=5))
def test_a_changed_byte_gives_packets_or_a_named_violation(
    packet: Packet, place: int, byte: int, places: list[int]
) -> None:
    content = bytearray(encode(packet) + encode(Pingreq()))
    content[place % len(content)] = byte
    assert read(split(bytes(content), places)) == read([bytes(content)])


@given(st.lists(packets, min_size=1, max_size=3))
def test_byte_by_byte_is_the_same(sent: list[Packet]) -> None:
    content = b"".join(map(encode, sent))
    assert read([content[at : at + 1] for at in range(len(content))]) == (sent, None)


CONNECT = "00044d51545404"

VIOLATIONS = {
    "0000": Violation.UNKNOWN_TYPE,
    "f000": Violation.UNKNOWN_TYPE,
    "c100": Violation.RESERVED_BITS,
    "41020001": Violation.RESERVED_BITS,
    "800600010001610" + "0": Violation.RESERVED_BITS,  # SUBSCRIBE without its 0010
    "8206000100016103": Violation.RESERVED_BITS,  # QoS 3 wanted
    "c080808080": Violation.LONG_LENGTH,
    "30ffffffff": Violation.LONG_LENGTH,
    "30ffffff7f": Violation.TOO_LARGE,
    "3001" + "00": Violation.TRUNCATED,
    "300400036162": Violation.TRUNCATED,
    "3204000161" + "01": Violation.TRUNCATED,  # half a packet identifier
    "4001" + "01": Violation.TRUNCATED,
    "c00100": Violation.TRAILING,
    "4003000100": Violation.TRAILING,
    "3004000200" + "61": Violation.BAD_TEXT,
    "30040002c328": Violation.BAD_TEXT,
    "30050003eda080": Violation.BAD_TEXT,  # a surrogate
    "30020000": Violation.BAD_TOPIC,
    "300300012b": Violation.BAD_TOPIC,
    "3005000361" + "2f23": Violation.BAD_TOPIC,
    "820700010002612300": Violation.BAD_FILTER,
    "8208000100032361" + "6100": Violation.BAD_FILTER,
    "820800010003232f6100": Violation.BAD_FILTER,
    "8205000100000" + "0": Violation.BAD_FILTER,
    "82020001": Violation.NO_FILTER,
    "a2020001": Violation.NO_FILTER,
    "40020000": Violation.PACKET_ID,
    "32050001610000": Violation.PACKET_ID,
    "8206000000016100": Violation.PACKET_ID,
    "380300016" + "1": Violation.QOS,  # DUP at QoS 0
    "36050001610001": Violation.QOS,
    "34050001610001": Violation.QOS_2,
    "62020001": Violation.QOS_2,
    "100c" + CONNECT + "03000a0000": Violation.RESERVED_BITS,
    "100c" + CONNECT + "0a000a0000": Violation.CONNECT_FLAGS,  # QoS of a will that is not there
    "100c" + CONNECT + "22000a0000": Violation.CONNECT_FLAGS,
    "100c" + CONNECT + "1e000a0000": Violation.CONNECT_FLAGS,
    "100c" + CONNECT + "42000a0000": Violation.CONNECT_FLAGS,  # password without user
    "100c00044d5154540502000a0000": Violation.PROTOCOL,
    "100e00064d51497364700302000a0000": Violation.PROTOCOL,
    "100d" + CONNECT + "02000a000000": Violation.TRAILING,
    "100c" + CONNECT + "82000a0000": Violation.TRUNCATED,
    "20020200": Violation.RESERVED_BITS,
    "20020105": Violation.RESERVED_BITS,
    "9003000103": Violation.RESERVED_BITS,
}


@pytest.mark.parametrize("content", VIOLATIONS)
def test_each_broken_rule_has_its_name(content: str) -> None:
    before = encode(Puback(7))
    assert read([before + bytes.fromhex(content)]) == ([Puback(7)], VIOLATIONS[content])


def test_every_violation_that_bytes_can_show_is_tried() -> None:
    assert set(VIOLATIONS.values()) == set(Violation) - {Violation.ORDER}


def test_the_size_is_refused_before_anything_is_kept() -> None:
    content = encode(Publish("a", b"x" * 1000))
    whole = len(content) - 3
    assert read([content], limit=whole) == ([Publish("a", b"x" * 1000)], None)
    assert read([content[:3]], limit=whole - 1) == ([], Violation.TOO_LARGE)


def test_a_text_that_is_too_long_is_not_written() -> None:
    with pytest.raises(ValueError, match="65535"):
        encode(Publish("a" * 65536, b""))


@given(st.binary(max_size=60))
def test_many_different_topics_are_all_checked(content: bytes) -> None:
    decoder = Decoder(LIMIT)
    for number in range(300):
        assert decoder.feed(encode(Publish(f"t/{number}", content))) == [Publish(f"t/{number}", content)]
    with contextlib.suppress(ProtocolError):
        decoder.feed(b"\x30\x03\x00\x01#")
        raise AssertionError("a wildcard was let pass")
