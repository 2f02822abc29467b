"""Frames of HJ 212-2017 (污染物在线监控数据传输), which vapour recovery and VOC monitors speak too.

``##``, four digits of length in bytes, the data segment, four hex digits of a checksum, CR LF. Framing is verified by
published frames [V], lists of codes are general knowledge [G]. The standard's limit of 1024 bytes a segment is not
enforced: devices exceed it, and 9999 bounds a frame anyway [D]. Whether an MN is known or a password right is *not*
checked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import IntEnum

from quancheng.standards.signals import quality
from quancheng.standards.signals.basis import Refused
from quancheng.standards.wording import Text

LONGEST = 9999
#: Packets of one message are joined within so many seconds; a device that wants an answer gets one within so many.
JOIN_S, ANSWER_S = 60, 10
#: So many bytes of noise are handed back at once, and so many unfinished messages are kept.
NOISE_BYTES, MOST_UNFINISHED = 4096, 1000
#: So many wrong checksums of one connection are worked out [D]: each costs up to 9999 bytes of work for a few sent.
MOST_WRONG_SUMS = 64
#: Systems (系统编码) and commands (命令编码) in use [G].
SYSTEMS: dict[str, Text] = {
    "21": Text("地表水质量监测", "Surface water"),
    "22": Text("空气质量监测", "Ambient air"),
    "27": Text("挥发性有机物监测", "Volatile organic compounds"),
    "31": Text("大气环境污染源", "Air pollution source"),
    "32": Text("地表水体环境污染源", "Water pollution source"),
    "39": Text("工地扬尘污染源", "Construction dust"),
    "91": Text("系统交互", "Interaction of systems"),
}
COMMANDS: dict[str, Text] = {
    "1011": Text("提取现场机时间", "Get time"),
    "1012": Text("设置现场机时间", "Set time"),
    "1013": Text("现场机时间校准请求", "Request to set the time"),
    "1061": Text("提取实时数据间隔", "Get interval of real-time data"),
    "1062": Text("设置实时数据间隔", "Set interval of real-time data"),
    "2011": Text("实时数据", "Real-time data"),
    "2012": Text("停止察看实时数据", "Stop real-time data"),
    "2021": Text("设备运行状态", "Status of equipment"),
    "2031": Text("日数据", "Daily data"),
    "2051": Text("分钟数据", "Minute data"),
    "2061": Text("小时数据", "Hour data"),
    "9011": Text("请求应答", "Answer to a request"),
    "9012": Text("执行结果", "Result of a command"),
    "9013": Text("通知应答", "Answer to a notice"),
    "9014": Text("数据应答", "Answer to data"),
}
#: Commands that bring readings.
DATA_COMMANDS = frozenset({"2011", "2021", "2031", "2051", "2061"})

_START, _END = b"##", b"\r\n"
_HEAD, _TAIL = 6, 6
#: How a segment begins: with a field, as ``QN=`` or ``ST=``; within so many bytes.
_FIELD, _FIELD_BYTES = re.compile(rb"[A-Za-z]{2,8}="), 9
_BEIJING = timezone(timedelta(hours=8))
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_HEX = frozenset(b"0123456789abcdefABCDEF")
REASONS: dict[str, Text] = {
    "NOISE": Text("不是数据帧", "no frame"),
    "LENGTH": Text("长度不是四位数字", "the length is not four digits"),
    "CRC": Text("校验码不符", "the checksum is another"),
    "TAIL": Text("缺少回车换行", "carriage return and line feed are missing"),
    "CUT": Text("数据帧不完整", "the frame is incomplete"),
    "ENCODING": Text("不是GBK编码", "not GBK"),
    "SEGMENT": Text("数据段格式错误", "the data segment has no such form"),
    "PACKET": Text("分包编号错误", "wrong numbers of packets"),
    "TOO_LONG": Text("数据段过长", "the data segment is too long"),
    "COMMAND": Text("不接收的命令编码", "a command that is not taken"),
}


class BadFrame(Refused):
    """Bytes that are no frame or no data segment."""

    def __init__(self, code: str) -> None:
        super().__init__(code, REASONS[code])


# Frames -------------------------------------------------------------------------------------------------------------


def _after(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ 0xA001 if byte & 1 else byte >> 1
    return byte


_AFTER = tuple(_after(byte) for byte in range(256))


def crc(data: bytes) -> int:
    """The checksum over a data segment. Each byte takes the place of the register's low half, which is dropped: it is
    not the sum of Modbus.
    """
    register = 0xFFFF
    for byte in data:
        register = _AFTER[(register >> 8) ^ byte]
    return register


def encode_frame(data: bytes) -> bytes:
    """A data segment as a frame.

    :raises BadFrame: ``TOO_LONG`` above 9999 bytes.
    """
    if len(data) > LONGEST:
        raise BadFrame("TOO_LONG")
    return b"##%04d%b%04X\r\n" % (len(data), data, crc(data))


def decode_frame(frame: bytes) -> bytes:
    """The data segment of exactly one frame.

    :raises BadFrame: it is none; the code says what is wrong.
    """
    found = _length_at(frame, 0)
    if isinstance(found, str):
        raise BadFrame(found)
    if found is None or _HEAD + found + _TAIL != len(frame):
        raise BadFrame("CUT" if found is None else "NOISE")
    return frame[_HEAD : _HEAD + found]


def _length_at(buffer: bytes | bytearray, at: int) -> int | str | None:
    """Length of the segment of the frame that starts here; why none does; None where too little has come to tell."""
    head = bytes(buffer[at : at + _HEAD])
    if head[:2] != _START[: len(head)]:
        return "NOISE"
    if len(head) < _HEAD:
        return None
    if not head[2:].isdigit():
        return "LENGTH"
    length = int(head[2:])
    begin, end = at + _HEAD, at + _HEAD + length
    field_end = min(end, begin + _FIELD_BYTES)
    if len(buffer) < field_end:
        return None
    if not _FIELD.match(buffer[begin:field_end]):
        return "SEGMENT"
    if len(buffer) < end + _TAIL:
        return None
    if buffer[end + 4 : end + _TAIL] != _END:
        return "TAIL"
    digits = bytes(buffer[end : end + 4])
    if not _HEX.issuperset(digits) or int(digits, 16) != crc(bytes(buffer[at + _HEAD : end])):
        return "CRC"
    return length


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as received, and its data segment."""

    raw: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Noise:
    """Bytes between frames, and why the first of them that looked like a frame is none."""

    raw: bytes
    code: str

    @property
    def text(self) -> Text:
        return REASONS[self.code]


@dataclass(slots=True)
class Reassembler:
    """Frames out of the bytes of one TCP connection, however they were cut.

    After a broken start it goes on one byte further. What is not of a frame comes back as :class:`Noise`, in order and
    in pieces of at most ``NOISE_BYTES``. It never keeps more than one frame and one piece. A start with a long length
    holds up what follows until so many bytes have come: call :meth:`flush` when a connection is idle or closed.
    """

    _buffer: bytearray = field(default_factory=bytearray)
    _noise: bytearray = field(default_factory=bytearray)
    _why: str = "NOISE"
    _wrong_sums: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether so many checksums were wrong that all that comes is noise: the connection is to be closed."""
        return self._wrong_sums >= MOST_WRONG_SUMS

    def feed(self, received: bytes) -> list[Frame | Noise]:
        """What is complete now."""
        self._buffer += received
        return list(self._take(is_end=False))

    def flush(self) -> list[Frame | Noise]:
        """Everything that waits; a frame that is not complete is noise."""
        return [*self._take(is_end=True), *self._end_of_noise()]

    def _take(self, *, is_end: bool) -> Iterator[Frame | Noise]:
        at = 0
        while at < len(self._buffer):
            start = -1 if self.is_spent else self._buffer.find(_START[:1], at)
            if start != at:
                yield from self._skip(at, len(self._buffer) if start < 0 else start, "NOISE")
                at = len(self._buffer) if start < 0 else start
                continue
            found = _length_at(self._buffer, at)
            if isinstance(found, int):
                yield from self._end_of_noise()
                end = at + _HEAD + found + _TAIL
                raw = bytes(self._buffer[at:end])
                yield Frame(raw, raw[_HEAD:-_TAIL])
                at = end
            elif found is None and not is_end:
                break
            else:
                self._wrong_sums += found == "CRC"
                yield from self._skip(at, at + 1, found or "CUT")
                at += 1
        del self._buffer[:at]

    def _skip(self, start: int, end: int, why: str) -> Iterator[Noise]:
        while start < end:
            if self._why == "NOISE":
                self._why = why
            taken = min(end - start, NOISE_BYTES - len(self._noise))
            self._noise += self._buffer[start : start + taken]
            start += taken
            if len(self._noise) == NOISE_BYTES:
                yield from self._end_of_noise()

    def _end_of_noise(self) -> Iterator[Noise]:
        if self._noise:
            yield Noise(bytes(self._noise), self._why)
            self._noise.clear()
        self._why = "NOISE"


# Data segments ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Segment:
    """A data segment: its fields as written (empty: left out), and what stands between the marks of CP.

    ``flag`` and the numbers of packets are None where they were left out, as older devices do.
    """

    qn: str
    st: str
    cn: str
    pw: str
    mn: str
    flag: int | None
    packets: int | None
    packet: int | None
    cp: str

    @property
    def wants_answer(self) -> bool:
        return self.flag is not None and bool(self.flag & 1)

    @property
    def is_part(self) -> bool:
        """One of several packets of a message."""
        return self.flag is not None and bool(self.flag & 2) and (self.packets or 0) > 1

    @property
    def version(self) -> int:
        """Of the protocol, by the flag: 0 for the edition of 2005, 1 for 2017."""
        return (self.flag or 0) >> 2

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes a message one: device, request, command."""
        return self.mn, self.qn, self.cn


def parse_segment(data: bytes) -> Segment:
    """Take a data segment apart.

    :raises BadFrame: ``ENCODING``, ``SEGMENT`` without ST, CN, MN or CP or with a broken flag, ``PACKET`` where packets
        are announced without numbers or with impossible ones.
    """
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        raise BadFrame("ENCODING") from None
    head, mark, rest = text.partition("CP=&&")
    cp, closing, after = rest.rpartition("&&")
    if not mark or not closing or after.strip("; \r\n"):
        raise BadFrame("SEGMENT")
    fields = {name.strip().upper(): value.strip() for name, value in _pairs(head, ";")}
    if any(not fields.get(name) for name in ("ST", "CN", "MN")):
        raise BadFrame("SEGMENT")
    flag, packets, packet = (_count(fields.get(name, ""), code) for name, code in _COUNTS)
    if flag is not None and flag & 2 and not 1 <= (packet or 0) <= (packets or 0):
        raise BadFrame("PACKET")
    return Segment(fields.get("QN", ""), fields["ST"], fields["CN"], fields.get("PW", ""), fields["MN"],
                   flag, packets, packet, cp)  # fmt: skip


_COUNTS = (("FLAG", "SEGMENT"), ("PNUM", "PACKET"), ("PNO", "PACKET"))


def _count(text: str, code: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise BadFrame(code)
    return int(text)


def _pairs(text: str, mark: str) -> Iterator[tuple[str, str]]:
    for part in text.split(mark):
        name, equals, value = part.partition("=")
        if equals:
            yield name, value


def time_ms(text: str) -> int | None:
    """``yyyyMMddHHmmss``, with milliseconds or without, in Beijing time, as milliseconds UTC; None for another text."""
    if not (text.isascii() and text.isdigit() and len(text) in (14, 17)):
        return None
    try:
        at = datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=_BEIJING)
    except ValueError:
        return None
    return round(at.timestamp()) * 1000 + int(text[14:] or 0)


@dataclass(frozen=True, slots=True)
class Reading:
    """A value of one factor: ``statistic`` is Rtd, Avg, Min, Max, Cou or a ZsRtd and the like; ``value`` None where
    it is no finite number.
    """

    factor: str
    statistic: str
    at_ms: int | None
    value: float | None
    quality: int
    is_over_limit: bool


@dataclass(frozen=True, slots=True)
class Parameters:
    """What stands in CP: groups by factor (``a24088``: ``{"Rtd": "3.2"}``), and items without a factor."""

    plain: Mapping[str, str]
    factors: Mapping[str, Mapping[str, str]]

    @property
    def data_time(self) -> str:
        return self.plain.get("DataTime", "")

    def readings(self) -> list[Reading]:
        """Every number of every factor with the quality of its flag; what is no number is a configuration error."""
        at_ms = time_ms(self.data_time)
        found = []
        for factor, items in self.factors.items():
            of_flag, over = quality.from_hj212(items.get("Flag", ""))
            for statistic, text in items.items():
                if statistic in _NOT_NUMBERS:
                    continue
                value = _number(text)
                is_usable = value is not None or not quality.counts_as_data(of_flag)
                code = of_flag if is_usable else quality.Quality.CONFIG_ERROR
                found.append(Reading(factor, statistic, at_ms, value, int(code), over))
        return found


_NOT_NUMBERS = frozenset({"Flag", "EFlag", "SampleTime", "Info"})


def parse_cp(cp: str) -> Parameters:
    """Groups parted by ``;``, items of a factor by ``,``. Items without ``=`` are passed over."""
    plain: dict[str, str] = {}
    factors: dict[str, dict[str, str]] = {}
    for group in cp.split(";"):
        for name, value in _pairs(group, ","):
            factor, dash, statistic = name.strip().rpartition("-")
            if dash and factor:
                factors.setdefault(factor, {})[statistic] = value.strip()
            else:
                plain[name.strip()] = value.strip()
    return Parameters(plain, factors)


def _number(text: str) -> float | None:
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


# Messages in several packets, answers ---------------------------------------------------------------------------------


@dataclass(slots=True)
class _Unfinished:
    first_at_s: float
    packets: int
    parts: dict[int, Segment] = field(default_factory=dict)

    def whole(self) -> Segment:
        """What came, as one segment: CP joined by ``;`` in the order of the packets."""
        one = next(iter(self.parts.values()))
        cp = ";".join(self.parts[number].cp.strip(";") for number in sorted(self.parts))
        return Segment(one.qn, one.st, one.cn, one.pw, one.mn, one.flag, None, None, cp)


@dataclass(slots=True)
class Joiner:
    """Joins the packets of messages (分包) by device, request and command within :data:`JOIN_S` of the first one.

    Of a packet that comes twice the later one stands. Above :data:`MOST_UNFINISHED` messages the oldest is given up.
    """

    _waiting: dict[tuple[str, str, str], _Unfinished] = field(default_factory=dict)

    def add(self, segment: Segment, at_s: float) -> Segment | None:
        """The whole message where this packet completes it or is all of it; its CP are joined by ``;`` in order.

        :raises BadFrame: ``PACKET`` where it announces another number of packets than those before it.
        """
        if not segment.is_part or segment.packets is None or segment.packet is None:
            return segment
        waiting = self._waiting.get(segment.key)
        if waiting is None or at_s - waiting.first_at_s > JOIN_S:
            self._waiting.pop(segment.key, None)
            while len(self._waiting) >= MOST_UNFINISHED:
                del self._waiting[next(iter(self._waiting))]
            waiting = self._waiting[segment.key] = _Unfinished(at_s, segment.packets)
        elif waiting.packets != segment.packets:
            raise BadFrame("PACKET")
        waiting.parts[segment.packet] = segment
        if len(waiting.parts) < waiting.packets:
            return None
        del self._waiting[segment.key]
        return waiting.whole()

    def expire(self, at_s: float, after_s: float = JOIN_S) -> list[Segment]:
        """Give up the messages whose packets did not all come within ``after_s``; each with what came of it."""
        late = [key for key, one in self._waiting.items() if at_s - one.first_at_s > after_s]
        return [self._waiting.pop(key).whole() for key in late]


def encode_segment(segment: Segment) -> bytes:
    """A segment as it is kept: without its password, and whole, whatever packets it came in."""
    fields = (("QN", segment.qn), ("ST", segment.st), ("CN", segment.cn), ("MN", segment.mn))
    told = [f"{name}={value}" for name, value in fields if value]
    if segment.flag is not None:
        told.append(f"Flag={segment.flag & ~2}")
    return f"{';'.join(told)};CP=&&{segment.cp}&&".encode("gb18030")


def names(segment: Segment, reading: Reading) -> tuple[str, ...]:
    """What a source calls a reading, the most exact first: ``a24088-Rtd`` or ``a24088`` for real-time data,
    ``a24088-Avg`` for those of a minute, ``a24088-Avg@2061`` of an hour, ``@2031`` of a day, ``SB1-RS`` for status.

    Values of an hour and of a day are named apart [D]: they carry the time at which their span begins, where a minute's
    value may stand as well.
    """
    name = f"{reading.factor}-{reading.statistic}"
    if segment.cn in ("2061", "2031"):
        return (f"{name}@{segment.cn}",)
    return (name, reading.factor) if reading.statistic == "Rtd" else (name,)


class Returned(IntEnum):
    """What becomes of a request (请求返回), in an answer 9011 [G]."""

    ACCEPTED = 1
    REFUSED = 2
    WRONG_COMMAND = 8


def answer_to_data(segment: Segment) -> bytes | None:
    """The frame 9014 that acknowledges data, due within :data:`ANSWER_S`; None where none is wanted or none possible.

    It repeats QN, PW and MN and the version of the request, and wants no answer itself.
    """
    return _answer(segment, "9014", "")


def answer_to_notice(segment: Segment) -> bytes | None:
    """The frame 9013 that acknowledges a notice."""
    return _answer(segment, "9013", "")


def answer_to_request(segment: Segment, returned: Returned) -> bytes | None:
    """The frame 9011 that says whether a request is taken on."""
    return _answer(segment, "9011", f"QnRtn={returned.value}")


def _answer(segment: Segment, cn: str, cp: str) -> bytes | None:
    if not segment.wants_answer or not segment.qn or segment.flag is None:
        return None
    text = f"QN={segment.qn};ST=91;CN={cn};PW={segment.pw};MN={segment.mn};Flag={segment.flag & ~3};CP=&&{cp}&&"
    return encode_frame(text.encode("gb18030"))


def set_time(segment: Segment, now_ms: int) -> bytes:
    """The request 1012 that sets the clock of a device which asked for it (1013)."""
    at = datetime.fromtimestamp(now_ms / 1000, _BEIJING)
    told = f"QN={at:%Y%m%d%H%M%S}{now_ms % 1000:03};ST={segment.st};CN=1012;PW={segment.pw};MN={segment.mn};"
    return encode_frame(f"{told}Flag={((segment.flag or 4) & ~3) | 1};CP=&&SystemTime={at:%Y%m%d%H%M%S}&&".encode())
