"""HJ 212: published frames, streams cut anywhere, packets, answers."""

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.standards.signals import hj212
from quancheng.standards.signals.hj212 import BadFrame, Frame, Joiner, Noise, Reassembler

#: Of the standard's annex (1), of an open-source test (6), the others computed.
VECTORS = tuple(
    f"{line}\r\n".encode()
    for line in (
        "##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
        "CP=&&RtdInterval=30&&1C80",
        "##0169QN=20260615093000001;ST=31;CN=2011;PW=123456;MN=320100XGJYZ0000000000001;Flag=5;"
        "CP=&&DataTime=20260615093000;a24088-Rtd=3.2150,a24088-Flag=N;LEL01-Rtd=2.0,LEL01-Flag=N&&D941",
        "##0087QN=20260615093000001;ST=91;CN=9014;PW=123456;MN=320100XGJYZ0000000000001;Flag=4;CP=&&&&7080",
        "##0166QN=20260615094500123;ST=31;CN=2011;PW=123456;MN=320100XGJYZ0000000000001;Flag=5;"
        "CP=&&DataTime=20260615094500;LEL01-Rtd=26.5,LEL01-Flag=T;TKL01-Rtd=2412,TKL01-Flag=N&&7F80",
        "##0169QN=20260615100000456;ST=31;CN=2061;PW=123456;MN=320100XGJYZ0000000000001;Flag=5;"
        "CP=&&DataTime=20260615090000;a24088-Min=2.9,a24088-Avg=3.4,a24088-Max=5.1,a24088-Flag=N&&B681",
        "##0178ST=32;CN=2011;PW=123456;MN=0873HHMZWSLH02;CP=&&DataTime=20160103133030;060-Rtd=3.0943,060-Flag=N;"
        "011-Rtd=18.0412,011-Flag=N;001-Rtd=8.2137,001-Flag=N;B01-Rtd=10.9890,B01-Flag=N&&A9C1",
    )
)
BAD = {
    "LENGTH": b"##01x1abc",
    "CRC": VECTORS[0].replace(b"1C80", b"0759"),
    "TAIL": VECTORS[0][:-2] + b"\n\r",
    "CUT": VECTORS[0][:-1],
    "NOISE": VECTORS[0] + b"#",
}


@pytest.mark.parametrize("frame", VECTORS)
def test_published_frames_go_there_and_back(frame):
    data = hj212.decode_frame(frame)
    assert hj212.encode_frame(data) == frame
    assert hj212.decode_frame(frame[:-6] + frame[-6:].lower()) == data


def test_the_checksum_is_not_that_of_modbus():
    assert hj212.crc(hj212.decode_frame(VECTORS[0])) == 0x1C80
    with pytest.raises(BadFrame, match="CRC"):
        hj212.decode_frame(BAD["CRC"])


@pytest.mark.parametrize("code", BAD)
def test_what_is_no_frame_says_why(code):
    with pytest.raises(BadFrame) as refused:
        hj212.decode_frame(BAD[code])
    assert refused.value.code == code
    assert refused.value.text.zh


def test_the_length_counts_bytes_and_chinese_is_read():
    frame = hj212.encode_frame("QN=1;ST=31;CN=2011;MN=1;Flag=4;CP=&&Info=非甲烷总烃&&".encode("gbk"))
    assert int(frame[2:6]) == len(frame) - 12
    assert hj212.parse_segment(hj212.decode_frame(frame)).cp == "Info=非甲烷总烃"
    with pytest.raises(BadFrame, match="TOO_LONG"):
        hj212.encode_frame(b"x" * 10000)
    assert hj212.decode_frame(hj212.encode_frame(b"QN=" + b"x" * 9996)) == b"QN=" + b"x" * 9996


def test_real_time_data_become_readings():
    segment = hj212.parse_segment(hj212.decode_frame(VECTORS[1]))
    assert (segment.mn, segment.cn, segment.flag, segment.version, segment.wants_answer, segment.is_part) == (
        "320100XGJYZ0000000000001", "2011", 5, 1, True, False)  # fmt: skip
    first, second = hj212.parse_cp(segment.cp).readings()
    assert (first.factor, first.statistic, first.value, first.quality) == ("a24088", "Rtd", 3.215, 192)
    assert (second.factor, second.value, second.at_ms) == ("LEL01", 2.0, 1781487000000)


def test_a_value_over_its_limit_is_good_and_marked():
    first, second = hj212.parse_cp(hj212.parse_segment(hj212.decode_frame(VECTORS[3])).cp).readings()
    assert (first.value, first.quality, first.is_over_limit) == (26.5, 192, True)
    assert (second.value, second.is_over_limit) == (2412, False)


def test_an_hour_has_its_statistics_and_an_old_device_no_number():
    hour = hj212.parse_cp(hj212.parse_segment(hj212.decode_frame(VECTORS[4])).cp).readings()
    assert [(one.statistic, one.value) for one in hour] == [("Min", 2.9), ("Avg", 3.4), ("Max", 5.1)]
    old = hj212.parse_segment(hj212.decode_frame(VECTORS[5]))
    assert (old.qn, old.flag, old.wants_answer, old.version) == ("", None, False, 0)
    assert [one.factor for one in hj212.parse_cp(old.cp).readings()] == ["060", "011", "001", "B01"]


@pytest.mark.parametrize("text", ["NaN", "inf", "-", "", "1e999", "３", "1_0", "0x1"])
def test_what_is_no_number_is_told_and_not_read(text):
    (reading,) = hj212.parse_cp(f"DataTime=x;a-Rtd={text},a-Flag=N").readings()
    assert (reading.value, reading.quality, reading.at_ms) == (None, 4, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("20260615093000", 1781487000000), ("20260615093000123", 1781487000123), ("20260231000000", None), ("2026", None),
     ("2026061509300x", None)],
)  # fmt: skip
def test_times_are_of_beijing(text, expected):
    assert hj212.time_ms(text) == expected


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "SEGMENT"),
        (b"ST=31;CN=2011;MN=1;CP=&&a", "SEGMENT"),
        (b"ST=31;CN=2011;MN=1;CP=&&a&&b", "SEGMENT"),
        (b"ST=31;CN=2011;CP=&&&&", "SEGMENT"),
        (b"ST=31;CN=2011;MN=1;Flag=x;CP=&&&&", "SEGMENT"),
        (b"ST=31;CN=2011;MN=1;Flag=7;CP=&&&&", "PACKET"),
        (b"ST=31;CN=2011;MN=1;Flag=7;PNUM=2;PNO=3;CP=&&&&", "PACKET"),
        (b"ST=31;CN=2011;MN=1;Flag=7;PNUM=2;PNO=0;CP=&&&&", "PACKET"),
        (b"ST=31;CN=2011;MN=1;Flag=7;PNUM=99999;PNO=1;CP=&&&&", "PACKET"),
        (b"ST=31;CN=2011;MN=1;CP=&&\xff&&", "ENCODING"),
    ],
)
def test_what_is_no_segment_says_why(data, code):
    with pytest.raises(BadFrame) as refused:
        hj212.parse_segment(data)
    assert refused.value.code == code


@given(st.binary(max_size=300))
def test_any_bytes_give_a_segment_or_a_reason(data):
    for bad in (data, b"ST=1;CN=2;MN=3;Flag=7;PNUM=2;PNO=1;CP=&&" + data + b"&&"):
        with contextlib.suppress(BadFrame):
            assert isinstance(hj212.parse_cp(hj212.parse_segment(bad).cp).readings(), list)


# Streams ------------------------------------------------------------------------------------------------------------

PIECES = st.one_of(
    st.sampled_from(VECTORS),
    st.sampled_from(list(BAD.values())),
    st.sampled_from([b"#", b"##", b"###", b"##9999", b"##0000", b"\r\n", b"##00"]),
    st.binary(max_size=40),
)


def taken(pieces):
    stream = Reassembler()
    found = [one for piece in pieces for one in stream.feed(piece)]
    return found + stream.flush()


@given(st.lists(PIECES, max_size=12).map(b"".join), st.data())
def test_however_a_stream_is_cut_the_same_comes_out_and_nothing_is_lost(stream, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    whole = taken([stream])
    assert taken(pieces) == whole
    assert taken([bytes([one]) for one in stream]) == whole
    assert b"".join(one.raw for one in whole) == stream


@given(st.lists(st.tuples(st.sampled_from(VECTORS), st.binary(max_size=30).filter(lambda noise: b"#" not in noise))))
def test_noise_between_frames_costs_no_frame(parts):
    found = taken([noise + frame for frame, noise in parts])
    assert [one.raw for one in found if isinstance(one, Frame)] == [frame for frame, _ in parts]
    assert [one.raw for one in found if isinstance(one, Noise)] == [noise for _, noise in parts if noise]


@pytest.mark.parametrize(("code", "bad"), [(code, bad) for code, bad in BAD.items() if code not in ("NOISE", "CUT")])
def test_after_a_broken_frame_the_next_one_is_found(code, bad):
    noise, frame = taken([bad + VECTORS[1]])
    assert (noise.raw, noise.code, noise.text.zh != "") == (bad, code, True)
    assert frame == Frame(VECTORS[1], VECTORS[1][6:-6])


def test_hostile_starts_cost_few_checksums(monkeypatch):
    sums = []
    monkeypatch.setattr(hj212, "crc", lambda data: sums.append(len(data)) or -1)
    for start in (b"##9000", b"##9000QN="):
        stream = Reassembler()
        found = stream.feed(start * 500 + b"0000\r\n" * 3000) + stream.flush()
        assert all(isinstance(one, Noise) for one in found)
        assert len(sums) <= hj212.MOST_WRONG_SUMS
    assert stream.is_spent is (len(sums) == hj212.MOST_WRONG_SUMS)


def test_a_frame_that_never_ends_is_noise_when_the_line_is_idle():
    stream = Reassembler()
    assert stream.feed(b"##9999QN=" + VECTORS[0]) == []
    noise, frame = stream.flush()
    assert (noise.raw, noise.code) == (b"##9999QN=", "CUT")
    assert frame.raw == VECTORS[0]
    assert stream.flush() == []


def test_endless_noise_comes_back_in_pieces():
    stream = Reassembler()
    pieces = stream.feed(b"x" * 10000)
    assert [len(one.raw) for one in pieces] == [4096, 4096]
    assert [len(one.raw) for one in stream.flush()] == [10000 - 8192]


# Packets and answers ------------------------------------------------------------------------------------------------


def packet(number, of=3, *, qn="20260615093000001", cp=None):
    text = f"QN={qn};ST=31;CN=2011;PW=1;MN=M1;Flag=7;PNUM={of};PNO={number};CP=&&{cp or f'p{number}-Rtd={number}'}&&"
    return hj212.parse_segment(text.encode())


@given(st.permutations([1, 2, 3]), st.lists(st.sampled_from([1, 2]), max_size=3))
def test_packets_are_joined_in_whatever_order_they_come(order, again):
    joiner = Joiner()
    numbers = [*order[:1], *[one for one in again if one == order[0]], *order[1:]]
    found = [whole for at, number in enumerate(numbers) if (whole := joiner.add(packet(number), at))]
    assert [one.cp for one in found] == ["p1-Rtd=1;p2-Rtd=2;p3-Rtd=3"]
    assert found[0].is_part is False
    assert joiner.expire(1e9) == []


def test_packets_that_come_too_late_are_of_no_message():
    joiner = Joiner()
    assert joiner.add(packet(1, of=2), 0) is None
    assert joiner.expire(60) == []
    (late,) = joiner.expire(60.1)
    assert (late.key, late.cp) == (("M1", "20260615093000001", "2011"), "p1-Rtd=1")
    assert joiner.add(packet(1, of=2), 100) is None
    assert joiner.add(packet(2, of=2), 161) is None
    assert joiner.add(packet(1, of=2), 162) is not None


def test_packets_that_disagree_are_refused_and_single_ones_pass():
    joiner = Joiner()
    joiner.add(packet(1, of=2), 0)
    with pytest.raises(BadFrame, match="PACKET"):
        joiner.add(packet(1, of=3), 1)
    whole = hj212.parse_segment(hj212.decode_frame(VECTORS[1]))
    assert joiner.add(whole, 1) is whole
    assert joiner.add(packet(1, of=1), 1) is not None


def test_the_oldest_of_too_many_unfinished_messages_is_given_up():
    joiner = Joiner()
    for number in range(hj212.MOST_UNFINISHED + 1):
        assert joiner.add(packet(1, of=2, qn=f"Q{number}"), number / 1000) is None
    assert joiner.add(packet(2, of=2, qn="Q0"), 2) is None
    assert joiner.add(packet(2, of=2, qn=f"Q{hj212.MOST_UNFINISHED}"), 2) is not None


def test_data_are_acknowledged_as_the_standard_has_it():
    segment = hj212.parse_segment(hj212.decode_frame(VECTORS[1]))
    assert hj212.answer_to_data(segment) == VECTORS[2]
    assert hj212.answer_to_data(replace(segment, flag=4)) is None
    assert hj212.answer_to_data(replace(segment, flag=None)) is None
    assert hj212.answer_to_data(replace(segment, qn="")) is None


def test_a_fault_keeps_its_own_quality_also_without_a_number():
    (reading,) = hj212.parse_cp("a-Rtd=,a-Flag=D").readings()
    assert (reading.value, reading.quality) == (None, 12)


def test_a_segment_is_kept_without_its_password_and_says_the_same():
    for frame in VECTORS:
        told = hj212.parse_segment(hj212.decode_frame(frame))
        kept = hj212.encode_segment(told)
        assert b"PW" not in kept
        assert hj212.parse_segment(kept) == replace(told, pw="", packets=None, packet=None)


def test_readings_of_an_hour_and_of_a_day_have_names_of_their_own():
    segment = hj212.parse_segment(hj212.decode_frame(VECTORS[1]))
    first = hj212.parse_cp(segment.cp).readings()[0]
    assert hj212.names(segment, first) == ("a24088-Rtd", "a24088")
    hour = hj212.parse_segment(hj212.decode_frame(VECTORS[4]))
    told = [hj212.names(hour, one)[0] for one in hj212.parse_cp(hour.cp).readings()]
    assert told == ["a24088-Min@2061", "a24088-Avg@2061", "a24088-Max@2061"]
    minute = replace(hour, cn="2051")
    assert hj212.names(minute, hj212.parse_cp(minute.cp).readings()[1]) == ("a24088-Avg",)


def test_notices_requests_and_the_clock_are_answered():
    asked = replace(hj212.parse_segment(hj212.decode_frame(VECTORS[1])), cn="1013")
    notice = hj212.parse_segment(hj212.decode_frame(hj212.answer_to_notice(asked)))
    assert (notice.cn, notice.qn, notice.st, notice.flag) == ("9013", asked.qn, "91", 4)
    refused = hj212.parse_segment(hj212.decode_frame(hj212.answer_to_request(asked, hj212.Returned.REFUSED)))
    assert (refused.cn, refused.cp) == ("9011", "QnRtn=2")
    clock = hj212.parse_segment(hj212.decode_frame(hj212.set_time(asked, 1781487000123)))
    assert (clock.cn, clock.qn, clock.cp) == ("1012", "20260615093000123", "SystemTime=20260615093000")
    assert clock.wants_answer
