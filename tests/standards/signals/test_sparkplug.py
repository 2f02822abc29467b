"""Sparkplug B: the binary vector, every data type, arbitrary bytes, topics."""

import contextlib
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.signals import sparkplug
from quancheng.standards.signals.sparkplug import BadPayload, DataType, Metric, Payload, Topic, metric_of

VECTOR = bytes.fromhex("08c0b399c7ec331214100318c0b399c7ec33200a690000000000803a401807")
AT = 1781487000000
WHOLE = {
    DataType.INT8: (-(2**7), 2**7 - 1),
    DataType.INT16: (-(2**15), 2**15 - 1),
    DataType.INT32: (-(2**31), 2**31 - 1),
    DataType.INT64: (-(2**63), 2**63 - 1),
    DataType.UINT8: (0, 2**8 - 1),
    DataType.UINT16: (0, 2**16 - 1),
    DataType.UINT32: (0, 2**32 - 1),
    DataType.UINT64: (0, 2**64 - 1),
    DataType.DATETIME: (0, 2**64 - 1),
}
VALUES = st.one_of(
    *(st.tuples(st.integers(low, high), st.just(kind)) for kind, (low, high) in WHOLE.items()),
    st.tuples(st.floats(width=32, allow_nan=False), st.just(DataType.FLOAT)),
    st.tuples(st.floats(allow_nan=False), st.just(DataType.DOUBLE)),
    st.tuples(st.booleans(), st.just(DataType.BOOLEAN)),
    st.tuples(st.text(), st.sampled_from([DataType.STRING, DataType.TEXT, DataType.UUID])),
    st.tuples(st.binary(), st.sampled_from([DataType.BYTES, DataType.FILE, DataType.DATASET, DataType.TEMPLATE])),
    st.tuples(st.none(), st.sampled_from(DataType)),
)
U64 = st.none() | st.integers(0, 2**64 - 1)


@st.composite
def metrics(draw):
    value, kind = draw(VALUES)
    return metric_of(
        value,
        kind,
        name=draw(st.none() | st.text()),
        alias=draw(U64),
        timestamp=draw(U64),
        is_historical=draw(st.booleans()),
        quality=draw(st.none() | st.sampled_from([0, 192, 500])),
    )


PAYLOADS = st.builds(Payload, U64, st.lists(metrics(), max_size=4).map(tuple), U64, st.none() | st.text(),
                     st.none() | st.binary())  # fmt: skip


def test_the_vector_goes_there_and_back():
    payload = Payload(AT, (metric_of(26.5, DataType.DOUBLE, alias=3, timestamp=AT),), 7)
    assert len(VECTOR) == 31
    assert sparkplug.decode(VECTOR) == payload
    assert sparkplug.encode(payload) == VECTOR
    assert sparkplug.decode(VECTOR).metrics[0].value() == 26.5


@given(PAYLOADS)
def test_every_payload_goes_there_and_back(payload):
    assert sparkplug.decode(sparkplug.encode(payload)) == payload


@given(VALUES)
def test_a_value_travels_in_the_field_of_its_type(told):
    value, kind = told
    metric = sparkplug.decode(sparkplug.encode(Payload(metrics=(metric_of(value, kind),)))).metrics[0]
    assert metric.value() == value
    assert Metric(field=metric.field, raw=metric.raw, is_null=metric.is_null).value(kind) == value


@pytest.mark.parametrize("kind", WHOLE)
def test_a_number_beyond_its_type_is_refused(kind):
    low, high = WHOLE[kind]
    for value in (low - 1, high + 1):
        with pytest.raises(BadPayload, match="RANGE"):
            metric_of(value, kind)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [(DataType.INT8, 0xFF, -1), (DataType.INT8, 0xFFFFFFFF, -1), (DataType.INT8, 0x80, -128),
     (DataType.INT16, 0xFFFF8000, -32768), (DataType.INT32, 0xFFFFFFFE, -2), (DataType.INT64, 2**64 - 1, -1)],
)  # fmt: skip
def test_negative_numbers_are_twos_complement_however_wide(kind, raw, value):
    field = 11 if kind is DataType.INT64 else 10
    assert Metric(datatype=kind, field=field, raw=raw).value() == value


@pytest.mark.parametrize(
    ("kind", "field", "raw", "code"),
    [(DataType.INT8, 10, 300, "RANGE"), (DataType.UINT8, 10, 256, "RANGE"), (DataType.DOUBLE, 10, 1, "WIRE"),
     (DataType.BOOLEAN, 15, "true", "WIRE"), (99, 10, 1, "WIRE")],
)  # fmt: skip
def test_a_value_that_is_not_of_its_type_is_refused(kind, field, raw, code):
    with pytest.raises(BadPayload, match=code):
        Metric(datatype=kind, field=field, raw=raw).value()


def test_a_sign_spread_over_64_bits_is_read():
    sent = bytes.fromhex("120d" + "2003" + "50" + "feffffffffffffffff01")
    assert sparkplug.decode(sent).metrics[0].value() == -2


@pytest.mark.parametrize(
    ("value", "kind", "code"),
    [(1.5, DataType.INT32, "WIRE"), (True, DataType.INT32, "WIRE"), ("x", DataType.DOUBLE, "WIRE"),
     (1, DataType.BOOLEAN, "WIRE"), (1e300, DataType.FLOAT, "RANGE")],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused(value, kind, code):
    with pytest.raises(BadPayload, match=code):
        sparkplug.encode(Payload(metrics=(metric_of(value, kind),)))


def test_a_float_that_is_not_finite_is_read_as_it_is():
    sent = sparkplug.encode(Payload(metrics=(metric_of(math.nan, DataType.DOUBLE),)))
    assert math.isnan(sparkplug.decode(sent).metrics[0].value())


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("0a", "TRUNCATED"),
        ("08", "TRUNCATED"),
        ("08ffffffffffffffffffff01", "VARINT"),
        ("08ffffffffffffffffff7f", "VARINT"),
        ("12ffffffff0f", "TRUNCATED"),
        ("0b", "WIRE"),
        ("0001", "WIRE"),
        ("0a0141", "WIRE"),
        ("120169", "TRUNCATED"),
        ("12030a01ff", "UTF8"),
        ("1202" + "6801", "WIRE"),
    ],
)
def test_broken_bytes_say_what_is_wrong(sent, code):
    with pytest.raises(BadPayload) as refused:
        sparkplug.decode(bytes.fromhex(sent))
    assert refused.value.code == code
    assert refused.value.text.zh


@given(st.binary(max_size=400), st.sampled_from([b"", b"\x12\x7f", VECTOR]))
def test_arbitrary_bytes_give_a_payload_or_a_reason(data, head):
    with contextlib.suppress(BadPayload):
        assert isinstance(sparkplug.decode(head + data), Payload)


@given(st.integers(0, len(VECTOR) - 1), st.integers(0, 255))
def test_one_byte_wrong_is_read_or_refused(at, byte):
    with contextlib.suppress(BadPayload):
        for metric in sparkplug.decode(VECTOR[:at] + bytes([byte]) + VECTOR[at + 1 :]).metrics:
            metric.value()


def test_huge_payloads_are_refused_before_they_cost_anything():
    began = time.perf_counter()
    with pytest.raises(BadPayload, match="TOO_LONG"):
        sparkplug.decode(bytes(sparkplug.MOST_BYTES + 1))
    with pytest.raises(BadPayload, match="TOO_MANY"):
        sparkplug.decode(b"\x12\x00" * (sparkplug.MOST_METRICS + 1))
    assert time.perf_counter() - began < 5


def test_unknown_fields_are_passed_over_and_the_later_of_two_stands():
    assert sparkplug.decode(bytes.fromhex("f80101") + VECTOR + bytes.fromhex("1808")).seq == 8


def test_the_request_for_a_birth():
    metric = sparkplug.decode(sparkplug.rebirth_command(AT)).metric("Node Control/Rebirth")
    assert metric.value() is True


@pytest.mark.parametrize(
    ("text", "topic"),
    [("spBv1.0/G/NBIRTH/E1", Topic("G", "NBIRTH", "E1")), ("spBv1.0/G/DDATA/E1/D1", Topic("G", "DDATA", "E1", "D1"))],
)
def test_topics_go_there_and_back(text, topic):
    assert sparkplug.parse_topic(text) == topic
    assert str(topic) == text


@pytest.mark.parametrize(
    "text",
    ["", "spBv1.0", "spBv1.0/G/NDATA", "spAv1.0/G/NDATA/E", "spBv1.0/G/NDATA/E/D", "spBv1.0/G/DDATA/E",
     "spBv1.0/STATE/host", "spBv1.0/G/XDATA/E", "spBv1.0//NDATA/E", "spBv1.0/G/NDATA/+", "spBv1.0/G/DDATA/E/D/X"],
)  # fmt: skip
def test_other_topics_are_refused(text):
    with pytest.raises(BadPayload, match="TOPIC"):
        sparkplug.parse_topic(text)
