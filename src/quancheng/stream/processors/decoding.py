"""Messages become readings (报文解码): parsed, found among the tags, brought to units, judged by time and range.

What cannot be read is put aside with its reason, whole or reading by reading; nothing is dropped in silence (3.8).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from quancheng.standards.signals import hj212, payloads, sparkplug
from quancheng.standards.signals.basis import Refused
from quancheng.standards.signals.quality import Quality, of_range
from quancheng.standards.signals.sparkplug_node import EdgeNode
from quancheng.standards.wording import Text
from quancheng.stream.envelope import Received
from quancheng.stream.processors.batch import Floats, Longs
from quancheng.stream.processors.book import Book
from quancheng.stream.store.schema import CLOCK_BAD, HISTORY, LATE

log = logging.getLogger(__name__)

#: A time farther in the past or in the future is a clock gone wrong: the time of arrival is taken (1.5).
OLDEST_MS, NEWEST_MS = 30 * 86_400_000, 120_000
#: Later than this it is history alone; later than that it is called late (3.8).
HISTORY_MS, LATE_MS = 15 * 60_000, 60_000
#: The last millisecond of the year 9999; and refused readings that are told of one message.
LAST_MS, MOST_REFUSED = 253_402_300_799_999, 20
#: Edge nodes of one source that are remembered [D].
MOST_NODES = 64


@dataclass(frozen=True, slots=True)
class Aside:
    """What could not be read: the message it came in, why, and of a single reading which."""

    message: Received
    reason: str
    key: str = ""
    detail: str = ""
    #: The message itself is kept with this one; other readings of it say only what was wrong with them.
    is_first: bool = True


@dataclass(frozen=True, slots=True)
class Rebirth:
    """An edge node is to be asked to tell anew what it measures, at a time in ms."""

    source: int
    topic: str
    at_ms: int
    reason: str


@dataclass(slots=True)
class Readings:
    """Readings of known tags, as columns: place in the book, time and arrival in ms, value in the tag's unit."""

    place: Longs
    at: Longs
    value: Floats
    quality: Longs
    flags: Longs
    arrived: Longs

    def only(self, which: NDArray[np.bool_]) -> Readings:
        """Those of a mask."""
        return Readings(*(getattr(self, name)[which] for name in Readings.__slots__))

    def joined(self, others: Readings) -> Readings:
        """These, then the others."""
        return Readings(*(np.append(getattr(self, name), getattr(others, name)) for name in Readings.__slots__))


@dataclass(slots=True)
class Decoded:
    """What a batch of messages brought. ``unknown``: names that no tag has, with how often, by source."""

    readings: Readings
    asides: list[Aside] = field(default_factory=list)
    unknown: dict[int, dict[str, int]] = field(default_factory=dict)
    rebirths: list[Rebirth] = field(default_factory=list)


@dataclass(slots=True)
class _Columns:
    place: list[int] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    quality: list[int] = field(default_factory=list)
    #: Of the readings of a message: how many, when it arrived, whether it says itself that it is history.
    counts: list[int] = field(default_factory=list)
    arrived: list[int] = field(default_factory=list)
    #: When they came to be judged: later than they arrived, where they were put into the stream again.
    judged: list[int] = field(default_factory=list)
    is_history: list[bool] = field(default_factory=list)

    def mark(self) -> tuple[int, int]:
        return len(self.place), len(self.counts)

    def back_to(self, mark: tuple[int, int]) -> None:
        """Take back what a message brought that turned out to be unreadable."""
        rows, messages = mark
        for column in (self.place, self.at, self.value, self.quality):
            del column[rows:]
        for told in (self.counts, self.arrived, self.judged, self.is_history):
            del told[messages:]

    def add(
        self, known: Mapping[str, int], keys: Sequence[str], at: Sequence[int], value: Sequence[float],
        quality: Sequence[int], message: Received, is_history: bool,
    ) -> list[str]:  # fmt: skip
        """Take the readings of one message; answers the names that no tag has."""
        places = [known.get(key, -1) for key in keys]
        missing: list[str] = []
        if -1 in places:
            kept = [number for number, place in enumerate(places) if place >= 0]
            missing = [key for key, place in zip(keys, places, strict=True) if place < 0]
            places = [places[number] for number in kept]
            at, value = [at[number] for number in kept], [value[number] for number in kept]
            quality = [quality[number] for number in kept]
        self.place += places
        # What is no time of ours is one that is wrong: it is judged so below.
        self.at += [one if 0 < one <= LAST_MS else 0 for one in at]
        self.value += value
        self.quality += quality
        self.counts.append(len(places))
        self.arrived.append(message.arrived_ms)
        self.judged.append(max(message.arrived_ms, message.replayed_ms))
        self.is_history.append(is_history)
        return missing


class Decoder:
    """Reads messages in the order of the stream; of edge nodes it remembers what they announced."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._nodes: dict[tuple[int, str], EdgeNode] = {}

    def decode(self, messages: Sequence[Received], *, now_ms: int) -> Decoded:
        """All readings of these messages. :param now_ms: our own time: a gateway's clock may be wrong too."""
        columns, found = _Columns(), Decoded(no_readings())
        for message in messages:
            begun = columns.mark()
            try:
                missing = self._read(message, columns, found)
            except Refused as refused:
                columns.back_to(begun)
                found.asides.append(Aside(message, refused.code))
                continue
            except Exception:
                # Ours to mend; until then it must not hold up what others send.
                log.exception("a message of source %s cannot be read", message.source)
                columns.back_to(begun)
                found.asides.append(Aside(message, "INTERNAL"))
                continue
            if missing:
                unknown = found.unknown.setdefault(message.source, {})
                for key in missing:
                    unknown[key] = unknown.get(key, 0) + 1
        found.readings = self._finished(columns, now_ms)
        return found

    def pack(self) -> list[tuple[int, str, EdgeNode]]:
        """What edge nodes announced, to go on with after a restart."""
        return [(source, name, node) for (source, name), node in self._nodes.items()]

    def unpack(self, nodes: Sequence[tuple[int, str, EdgeNode]]) -> None:
        """Go on with what was packed."""
        self._nodes = {(source, name): node for source, name, node in nodes}

    def _read(self, message: Received, columns: _Columns, found: Decoded) -> list[str]:
        known = self.book.by_source.get(message.source, {})
        if message.form == "sparkplug":
            return self._read_sparkplug(message, columns, found, known)
        if message.form == "hj212":
            return self._read_hj212(message, columns, known)
        if message.form == "json":
            batch = payloads.read_batch(message.body)
        elif message.form == "thingsboard":
            batch = payloads.read_gateway_telemetry(message.body, now_ms=message.arrived_ms)
        elif message.form == "thingsboard-device":
            batch = payloads.read_device_telemetry(message.body, now_ms=message.arrived_ms)
        else:
            raise Refused("FORM", Text("不认识的报文格式", "an unknown form"))
        found.asides += [
            Aside(message, one.code, one.key, repr(one.raw)[:200], is_first=not number)
            for number, one in enumerate(batch.rejected[:MOST_REFUSED])
        ]
        told = batch.columns
        return columns.add(known, told.keys, told.times_ms, told.values, told.qualities, message, batch.is_historical)

    def _read_sparkplug(
        self, message: Received, columns: _Columns, found: Decoded, known: Mapping[str, int]
    ) -> list[str]:
        topic = sparkplug.parse_topic(message.topic)
        told = sparkplug.decode(message.body)
        outcome = self._node(message.source, f"{topic.group}/{topic.node}").receive(topic, told, message.arrived_ms)
        if outcome.reason and not outcome.readings:
            found.asides.append(Aside(message, outcome.reason))
        if outcome.rebirth_at_ms is not None:
            where = f"spBv1.0/{topic.group}/NCMD/{topic.node}"
            found.rebirths.append(Rebirth(message.source, where, outcome.rebirth_at_ms, outcome.reason))
        missing: list[str] = []
        for is_history in (False, True):
            rows = [one for one in outcome.readings if one.is_historical is is_history]
            values = [_number(one.value) for one in rows]
            missing += columns.add(
                known, [_name(one.device, one.name) for one in rows], [one.at_ms for one in rows], values,
                [one.quality if value == value else int(Quality.CONFIG_ERROR)
                 for one, value in zip(rows, values, strict=True)],
                message, is_history,
            )  # fmt: skip
        lost = [_name(one.device, one.name) for one in outcome.lost]
        columns.add(
            known, lost, [message.arrived_ms] * len(lost), [float("nan")] * len(lost),
            [int(outcome.lost_quality)] * len(lost), message, False,
        )  # fmt: skip
        return missing

    def _node(self, source: int, name: str) -> EdgeNode:
        node = self._nodes.get((source, name))
        if node is None:
            if sum(of == source for of, _name in self._nodes) >= MOST_NODES:
                raise Refused("NODES", Text("该接入源的边缘节点过多", "too many edge nodes of the source"))
            node = self._nodes[source, name] = EdgeNode()
        return node

    def _read_hj212(self, message: Received, columns: _Columns, known: Mapping[str, int]) -> list[str]:
        segment = hj212.parse_segment(message.body)
        told = hj212.parse_cp(segment.cp).readings()
        every = [hj212.names(segment, one) for one in told]
        return columns.add(
            known, [next((name for name in names if name in known), names[0]) for names in every],
            [message.arrived_ms if one.at_ms is None else one.at_ms for one in told],
            [float("nan") if one.value is None else one.value for one in told],
            [one.quality for one in told], message, False,
        )  # fmt: skip

    def _finished(self, columns: _Columns, now_ms: int) -> Readings:
        """Columns as arrays, with units, ranges and times judged."""
        if not columns.place:
            return no_readings()
        book = self.book
        place = np.array(columns.place, np.int64)
        counts = np.array(columns.counts, np.int64)
        told = np.repeat(np.array(columns.arrived, np.int64), counts)
        arrived = np.where(told > now_ms + NEWEST_MS, now_ms, told)
        at = np.array(columns.at, np.int64)
        value = np.array(columns.value, float) * book.scale[place] + book.shift[place]
        quality = _capped(np.array(columns.quality, np.int64), book.cap[place])
        quality = _in_range(value, quality, book.range_lo[place], book.range_hi[place])
        flags = np.where(np.repeat(np.array(columns.is_history, bool), counts), HISTORY, 0)
        wrong = (at < arrived - OLDEST_MS) | (at > arrived + NEWEST_MS) | (told != arrived)
        at = np.where(wrong, arrived, at)
        age = np.maximum(arrived, np.repeat(np.array(columns.judged, np.int64), counts)) - at
        flags |= (
            np.where(wrong, CLOCK_BAD, 0) | np.where(age > LATE_MS, LATE, 0) | np.where(age > HISTORY_MS, HISTORY, 0)
        )
        return Readings(place, at, value, quality, flags, arrived)


def no_readings() -> Readings:
    """Columns without a row."""
    none = np.empty(0, np.int64)
    return Readings(none, none, np.empty(0), none, none, none)


def _capped(quality: Longs, cap: Longs) -> Longs:
    """The low byte, of which no class is unknown (that of 0x80 is bad), and no better than the cap of each tag."""
    quality = quality & 0xFF
    quality = np.where(quality & 0xC0 == 0x80, quality & 0x3F, quality)
    return np.where((quality & 0xC0) > (cap & 0xC0), cap, quality)


def _in_range(value: Floats, quality: Longs, low: Floats, high: Floats) -> Longs:
    """A value beyond its instrument's span is no better than that says; one that is no number is a failure."""
    spanned = np.where(np.isnan(low) | np.isnan(high), np.where(np.isfinite(value), 0.0, np.nan), value)
    told = of_range(spanned, np.nan_to_num(low, nan=-1.0), np.nan_to_num(high, nan=1.0))
    return np.where((quality & 0xC0) > (told & 0xC0), told, quality)


def _number(value: object) -> float:
    return float(value) if isinstance(value, (bool, int, float)) else float("nan")


def _name(device: str, name: str) -> str:
    return f"{device}/{name}" if device else name
