"""JSON payloads: both forms of our batch, ThingsBoard, and what becomes of odd values."""

import contextlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.signals import payloads
from quancheng.standards.signals.payloads import BadPayload, read_batch, read_device_telemetry, read_gateway_telemetry

AT = 1781487000000
LONG = (
    b'{"v":1,"gw":"GW-JYZ001-01","bid":"01JXYZ","seq":10452,"ts":1781487000000,"hist":false,"d":['
    b'{"t":"JYZ001.TANK1.LT101.PV","ts":1781486998000,"v":1843.2,"q":192},'
    b'{"t":"JYZ001.GDS.AT201.PV","ts":1781486998000,"v":2.0,"q":192}]}'
)


def batch(**sample):
    return json.dumps({"d": [{"t": "A", "ts": AT, "v": 1.5} | sample, {"t": "B", "ts": AT, "v": 2}]}).encode()


@pytest.fixture
def no_careful_way(monkeypatch):
    def refused(*args, **kwargs):
        raise AssertionError("read one by one")

    monkeypatch.setattr(payloads.json, "loads", refused)


@pytest.mark.usefixtures("no_careful_way")
def test_the_long_form_becomes_columns():
    found = read_batch(LONG)
    assert (found.gateway, found.batch_id, found.seq, found.sent_ms, found.is_historical) == (
        "GW-JYZ001-01", "01JXYZ", 10452, AT, False)  # fmt: skip
    columns = found.columns
    assert columns.keys == ["JYZ001.TANK1.LT101.PV", "JYZ001.GDS.AT201.PV"]
    assert (columns.times_ms, columns.values, columns.qualities) == ([AT - 2000] * 2, [1843.2, 2.0], [192, 192])
    assert (columns.units, len(columns), found.rejected) == (None, 2, ())


@pytest.mark.usefixtures("no_careful_way")
def test_the_compact_form_becomes_the_same():
    sent = {"gw": "G", "hist": True, "t": ["A", "B"], "s": [[AT, 1, 2.5, 80], [AT + 1, 0, True], [AT + 2, 1, 7, 0]]}
    found = read_batch(json.dumps(sent).encode())
    assert (found.gateway, found.is_historical) == ("G", True)
    assert found.columns == payloads.Columns(["B", "A", "B"], [AT, AT + 1, AT + 2], [2.5, 1.0, 7.0], [80, 192, 0])


@pytest.mark.usefixtures("no_careful_way")
def test_a_truth_value_is_one_or_nought_and_a_unit_is_told():
    found = read_batch(batch(v=True, u="m"))
    assert (found.columns.values, found.columns.units) == ([1.0, 2.0], ["m", ""])
    assert type(found.columns.values[0]) is float


@pytest.mark.usefixtures("no_careful_way")
@pytest.mark.parametrize("sent", [b'{"d":[]}', b'{"t":[],"s":[]}'])
def test_a_batch_may_be_empty(sent):
    assert len(read_batch(sent).columns) == 0


@pytest.mark.parametrize(
    ("sample", "code", "raw"),
    [
        ({"t": ""}, "KEY", 1.5),
        ({"t": None}, "KEY", 1.5),
        ({"t": "x" * 201}, "KEY", 1.5),
        ({"ts": None}, "TIME_MISSING", None),
        ({"ts": "1781487000000"}, "TIME_TEXT", "1781487000000"),
        ({"ts": 1.5}, "TIME", 1.5),
        ({"ts": -1}, "TIME", -1),
        ({"ts": 10**17}, "TIME", 10**17),
        ({"ts": True}, "TIME", True),
        ({"v": None}, "VALUE_MISSING", None),
        ({"v": "26.5"}, "VALUE_TEXT", "26.5"),
        ({"v": math.inf}, "NOT_FINITE", math.inf),
        ({"v": -math.inf}, "NOT_FINITE", -math.inf),
        ({"v": [1]}, "VALUE", [1]),
        ({"v": 10**400}, "NOT_FINITE", math.inf),
        ({"q": -1}, "QUALITY", -1),
        ({"q": 65536}, "QUALITY", 65536),
        ({"q": "GOOD"}, "QUALITY", "GOOD"),
        ({"q": None}, "QUALITY", None),
        ({"u": 5}, "UNIT", 5),
        ({"u": "x" * 41}, "UNIT", "x" * 41),
    ],
)
def test_an_odd_reading_comes_back_with_its_reason_and_the_others_are_taken(sample, code, raw):
    found = read_batch(batch(**sample))
    assert [(one.index, one.code, one.raw) for one in found.rejected] == [(0, code, raw)]
    assert found.rejected[0].text.zh
    assert (found.columns.keys, found.columns.values) == (["B"], [2.0])


def test_what_is_not_a_number_is_told_also_where_json_has_no_word_for_it():
    found = read_batch(batch().replace(b"1.5", b"NaN"))
    assert [(one.key, one.code) for one in found.rejected] == [("A", "NOT_FINITE")]
    found = read_batch(batch().replace(b"1.5", b"1e999"))
    assert [one.code for one in found.rejected] == ["NOT_FINITE"]


def test_a_whole_time_may_be_written_with_a_point():
    assert read_batch(batch(ts=float(AT))).columns.times_ms == [AT, AT]


def test_a_missing_time_or_value_is_told():
    sent = json.dumps({"d": [{"t": "A", "v": 1}, {"t": "B", "ts": AT}, 7]}).encode()
    assert [(one.index, one.code) for one in read_batch(sent).rejected] == [
        (0, "TIME_MISSING"), (1, "VALUE_MISSING"), (2, "SHAPE")]  # fmt: skip


def test_rows_that_point_nowhere_or_have_another_length_are_told():
    rows = [[AT, 2, 1.0], [AT, -1, 1.0], [AT, True, 1.0], [AT, 0], [AT, 0, 1, 2, 3], [AT, 0, 5]]
    found = read_batch(json.dumps({"t": ["A", "B"], "s": rows}).encode())
    assert [(one.index, one.code) for one in found.rejected] == [
        (0, "INDEX"), (1, "INDEX"), (2, "INDEX"), (3, "SHAPE"), (4, "SHAPE")]  # fmt: skip
    assert (found.columns.keys, found.columns.values) == (["A"], [5.0])


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", "MALFORMED"),
        (b"{", "MALFORMED"),
        (b"\xff\xfe", "MALFORMED"),
        (b"[" * 200_000, "MALFORMED"),
        (b'{"a":' * 50_000, "MALFORMED"),
        (b" " * (1024 * 1024 + 1), "TOO_LARGE"),
        (b"[]", "SHAPE"),
        (b"{}", "SHAPE"),
        (b'{"d":[],"s":[],"t":[]}', "SHAPE"),
        (b'{"d":5}', "SHAPE"),
        (b'{"s":[]}', "SHAPE"),
        (b'{"t":5,"s":[]}', "SHAPE"),
        (b'{"d":[],"gw":5}', "SHAPE"),
        (b'{"d":[],"seq":"x"}', "SHAPE"),
    ],
)
def test_what_cannot_be_read_as_a_whole_is_refused(sent, code):
    with pytest.raises(BadPayload) as refused:
        read_batch(sent)
    assert refused.value.code == code
    assert refused.value.text.en


@pytest.mark.parametrize("odd", [b"1", b'"x"'])
def test_more_readings_than_agreed_are_refused_either_way(odd):
    row = b"[1,0,%b]" % odd
    read_batch(b'{"t":["A"],"s":[' + b",".join([row] * 5000) + b"]}")
    with pytest.raises(BadPayload, match="TOO_MANY"):
        read_batch(b'{"t":["A"],"s":[' + b",".join([row] * 5001) + b"]}")
    values = {f"k{number}": json.loads(odd) for number in range(5001)}
    for read in (read_device_telemetry, read_gateway_telemetry):
        body = {"ts": 1, "values": values}
        sent = [body] if read is read_device_telemetry else {"D": [body]}
        with pytest.raises(BadPayload, match="TOO_MANY"):
            read(json.dumps(sent).encode(), now_ms=AT)


NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53) | st.booleans()
SAMPLES = st.lists(
    st.fixed_dictionaries(
        {"t": st.text(min_size=1, max_size=20), "ts": st.integers(1, payloads.LAST_MS), "v": NUMBERS},
        optional={"q": st.integers(0, 65535), "u": st.text(max_size=5)},
    ),
    max_size=10,
)


@given(SAMPLES)
def test_the_quick_way_and_the_careful_one_agree(samples):
    sent = {"gw": "G", "d": samples}
    quick = read_batch(json.dumps(sent).encode())
    careful = read_batch(json.dumps({**sent, "d": [*samples, 0]}).encode())
    assert quick.rejected == ()
    assert [one.code for one in careful.rejected] == ["SHAPE"]
    assert careful.columns == quick.columns
    assert len(quick.columns) == len(samples)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["d", "s", "t", "ts", "v", "q", "u", "values", "gw", "seq"]), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@given(JSON | st.fixed_dictionaries({"d": st.lists(JSON, max_size=3)}), st.binary(max_size=20))
def test_any_json_and_any_bytes_are_read_or_refused(told, tail):
    for sent in (json.dumps(told).encode(), json.dumps(told).encode() + tail, tail):
        for read in (
            read_batch,
            lambda payload: read_gateway_telemetry(payload, now_ms=AT),
            lambda payload: read_device_telemetry(payload, now_ms=AT),
        ):
            with contextlib.suppress(BadPayload):
                columns = read(sent).columns
                assert all(map(math.isfinite, columns.values))
                assert len(columns.keys) == len(columns.times_ms) == len(columns.values) == len(columns.qualities)


# ThingsBoard --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_careful_way")
def test_telemetry_of_a_gateway():
    sent = b'{"JYZ001-TANK1":[{"ts":1781487000000,"values":{"LT101":1843.2,"TT101":17.4}}]}'
    assert read_gateway_telemetry(sent, now_ms=1).columns == payloads.Columns(
        ["JYZ001-TANK1.LT101", "JYZ001-TANK1.TT101"], [AT, AT], [1843.2, 17.4], [192, 192]
    )
    listed = b'[{"ts":1781487000000,"values":{"LT101":1}}]'
    assert read_device_telemetry(listed, now_ms=1).columns.keys == ["LT101"]


def test_without_a_time_it_is_that_of_arrival():
    for sent in (b'{"A":1,"B":true}', b'{"values":{"A":1,"B":true}}', b'[{"A":1},{"B":true}]'):
        assert read_device_telemetry(sent, now_ms=AT).columns == payloads.Columns(
            ["A", "B"], [AT, AT], [1.0, 1.0], [192, 192]
        )
    found = read_gateway_telemetry(b'{"D":[{"A":1}],"E":{"ts":5,"values":{"B":2}}}', now_ms=AT)
    assert (found.columns.keys, found.columns.times_ms) == (["D.A", "E.B"], [AT, 5])


def test_odd_values_of_thingsboard_come_back_with_their_reasons():
    sent = b'{"D":[{"ts":"x","values":{"A":1}},{"ts":5,"values":{"B":"on","":1,"C":3}},7],"E":8}'
    found = read_gateway_telemetry(sent, now_ms=AT)
    assert [(one.key, one.code) for one in found.rejected] == [
        ("D.A", "TIME_TEXT"), ("D.B", "VALUE_TEXT"), ("", "KEY"), ("D", "SHAPE"), ("E", "SHAPE")]  # fmt: skip
    assert found.columns.keys == ["D.C"]
    found = read_gateway_telemetry(b'{"D":[{"ts":5,"values":{"":1,"A":2}}]}', now_ms=AT)
    assert ([one.code for one in found.rejected], found.columns.keys) == (["KEY"], ["D.A"])
    with pytest.raises(BadPayload, match="SHAPE"):
        read_gateway_telemetry(b"[]", now_ms=AT)


@pytest.mark.parametrize("half", [b"\\ud800", b"\xed\xa0\x80"])
def test_halves_of_surrogate_pairs_are_replaced(half):
    batch = payloads.read_batch(b'{"bid":"b' + half + b'","d":[{"t":"k' + half + b'","ts":1,"v":null}]}')
    assert batch.batch_id.startswith("b\ufffd")
    assert batch.rejected[0].key.startswith("k\ufffd")
    (batch.batch_id + batch.rejected[0].key).encode()
